"""Long work over HTTP: begun at once, seen while it runs, stopped, and gone on with at the next start."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from model_library import Library
from model_library.api.server import Server, in_thread, opened
from model_library.config import NetworkSettings, Settings
from tests.api.http.conftest import client_of
from tests.api.http.reading import listening
from tests.api.http.sides import ended
from tests.factory import lora, padded
from tests.hub.sample import sample_repos
from tests.hub.server import Hub, running_hub
from tests.io.mounts import needs_mount, run_on

GGUF = {"repo": "sample/TinyLlama-1.1B-Chat-GGUF", "quant": "q4_k_m"}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with running_hub(sample_repos(tmp_path_factory.mktemp("hub"))) as running:
        yield running


@contextmanager
def started(directory: Path, hub: Hub) -> Iterator[tuple[Server, httpx2.Client]]:
    settings = Settings(network=NetworkSettings(endpoint=hub.endpoint))
    with (
        opened(directory, settings=settings, port=0) as server,
        in_thread(server),
        client_of(server) as client,
    ):
        yield server, client


def running(client: httpx2.Client, job_id: str) -> bool:
    """Wait until a job has begun to move bytes."""
    for _ in range(400):
        job = client.get(f"/api/v1/jobs/{job_id}").json()
        if job["state"] != "queued" and job["owner"]:
            return True
        time.sleep(0.02)
    return False


def test_an_import_is_seen_from_its_beginning_to_its_end(
    server: Server, client: httpx2.Client, tmp_path: Path
) -> None:
    for number, name in enumerate("abc"):
        lora(tmp_path / "in" / f"{name}.safetensors", seed=number)
    with listening(server) as reader:
        job = client.post(
            "/api/v1/imports", json={"paths": [str(tmp_path / "in")], "offline": True}
        )
        assert (job.status_code, job.json()["state"]) == (202, "queued")
        job_id = job.json()["job_id"]
        reader.wait(lambda: [d for d in reader.named("job") if d["state"] == "done"])
        reader.wait(lambda: reader.named("changed"))
    states = [data["state"] for data in reader.named("job") if data["job_id"] == job_id]
    assert states[-1] == "done"
    assert "running" in states
    finished = [one for data in reader.named("progress") for one in data["finished"]]
    assert sorted((one["name"], one["outcome"]) for one in finished) == [
        ("a", "imported"),
        ("b", "imported"),
        ("c", "imported"),
    ]
    document = client.get(f"/api/v1/jobs/{job_id}/result").json()
    assert (document["kind"], len(document["document"]["imported"])) == ("import", 3)


def test_two_imports_go_on_at_once(client: httpx2.Client, tmp_path: Path) -> None:
    jobs = []
    for number in range(2):
        source = padded(tmp_path / f"{number}" / f"m{number}.safetensors", 2, seed=number)
        asked = {"paths": [str(source)], "offline": True}
        jobs.append(client.post("/api/v1/imports", json=asked).json()["job_id"])
    assert [ended(client, job_id)["state"] for job_id in jobs] == ["done", "done"]
    assert client.get("/api/v1/models").json()["total"] == 2


def test_a_job_that_fails_says_why_and_the_server_goes_on(
    client: httpx2.Client, tmp_path: Path
) -> None:
    (tmp_path / "a.safetensors").write_bytes(b"x")
    asked = {"paths": [str(tmp_path / "a.safetensors")], "root": "no-such-root"}
    job = ended(client, client.post("/api/v1/imports", json=asked).json()["job_id"])
    assert (job["state"], job["error"]["code"]) == ("failed", "root-not-found")
    answer = client.get(f"/api/v1/jobs/{job['job_id']}/result")
    assert (answer.status_code, answer.json()["code"]) == (404, "job-not-found")
    again = client.post(f"/api/v1/jobs/{job['job_id']}/resume")
    assert again.status_code == 202
    assert ended(client, job["job_id"])["state"] == "failed"


def test_what_the_closing_server_stops_goes_on_at_the_next_start(tmp_path: Path, hub: Hub) -> None:
    with started(tmp_path / "library", hub) as (_, client):
        client.patch("/api/v1/queue/limits", json={"bandwidth": 1024})
        job_id = client.post("/api/v1/downloads", json=GGUF).json()["job_id"]
        assert running(client, job_id)
    with Library.open(tmp_path / "library") as library:
        assert library.job(job_id)["state"] == "interrupted"
        library.set_job_limits(bandwidth=0)
    with started(tmp_path / "library", hub) as (_, client):
        assert ended(client, job_id)["state"] == "done"
        assert client.get("/api/v1/models").json()["total"] == 1


def test_a_running_job_is_paused_and_cancelled(tmp_path: Path, hub: Hub) -> None:
    with started(tmp_path / "library", hub) as (_, client):
        client.patch("/api/v1/queue/limits", json={"bandwidth": 1024})
        job_id = client.post("/api/v1/downloads", json=GGUF).json()["job_id"]
        assert running(client, job_id)
        client.post(f"/api/v1/jobs/{job_id}/pause")
        client.post(f"/api/v1/jobs/{job_id}/cancel")
        assert ended(client, job_id, 5)["state"] == "cancelled"
        assert client.post(f"/api/v1/jobs/{job_id}/resume").status_code == 409


def test_an_import_does_not_wait_for_downloads(tmp_path: Path, hub: Hub) -> None:
    with started(tmp_path / "library", hub) as (_, client):
        client.patch("/api/v1/queue/limits", json={"bandwidth": 1024, "at_once": 1})
        downloads = [
            client.post("/api/v1/downloads", json=GGUF | {"quant": quant}).json()["job_id"]
            for quant in ("q4_k_m", "q8_0")
        ]
        assert running(client, downloads[0])
        source = lora(tmp_path / "in" / "a.safetensors")
        asked = {"paths": [str(source)], "offline": True}
        done = ended(client, client.post("/api/v1/imports", json=asked).json()["job_id"])
        assert done["state"] == "done"
        assert client.get(f"/api/v1/jobs/{downloads[1]}").json()["state"] == "queued"


def test_the_queue_of_the_command_line_is_done_too(server: Server, client: httpx2.Client) -> None:
    with Library.open(server.context.libraries.directory) as library:
        job = library.queue_scan()
    assert ended(client, job["job_id"])["state"] == "done"


READ_ONLY = """
import subprocess, time
from model_library import Library
from model_library.api.server import in_thread, opened
from tests.api.http.conftest import client_of

with Library.open(place / "library") as library:
    library.queue_scan()
subprocess.run(["mount", "-o", "remount,ro", place], check=True)
with opened(place / "library", port=0) as server, in_thread(server), client_of(server) as client:
    assert client.get("/api/v1/models").json()["total"] == 0
    refused = client.post("/api/v1/scans", json={})
    assert (refused.status_code, refused.json()["code"]) == (403, "library-read-only")
    time.sleep(0.6)
    assert [job["state"] for job in client.get("/api/v1/jobs").json()["jobs"]] == ["queued"]
"""


@needs_mount
def test_a_library_that_may_only_be_read_is_served(tmp_path: Path) -> None:
    run_on("tmpfs", tmp_path, READ_ONLY)
