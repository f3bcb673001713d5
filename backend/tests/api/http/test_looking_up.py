"""The server asks again for what had no answer: when the network is back, and not while it is away."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from model_library import Library
from model_library.api.http import looking_up
from model_library.api.http.looking_up import LONGEST, SHORTEST, pause_after
from model_library.api.server import in_thread, opened
from model_library.config import NetworkSettings, Settings
from tests.api.http.conftest import client_of
from tests.api.http.sides import until
from tests.factory import lora
from tests.hub import Hub, hub_repo, running_hub
from tests.hub.faults import Status

NAMES = ("dream-painter", "night-sky", "old-paper")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    files = [lora(tmp_path / "in" / f"{name}.safetensors", seed=n) for n, name in enumerate(NAMES)]
    with running_hub([hub_repo(f"me/{file.stem}", {file.name: file}) for file in files]) as running:
        yield running


@pytest.fixture
def home(tmp_path: Path, hub: Hub) -> Path:
    """A library whose models wait for a lookup."""
    with Library.open(tmp_path / "library") as library:
        library.import_models([tmp_path / "in"], offline=True)
    return tmp_path / "library"


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in {"FIRST": 0.1, "LOOK": 0.1, "SHORTEST": 0.3}.items():
        monkeypatch.setattr(looking_up, name, seconds)


@contextmanager
def serving(home: Path, hub: Hub, *, offline: bool = False) -> Iterator[httpx2.Client]:
    network = NetworkSettings(endpoint=hub.endpoint, offline=offline, open_for=0.2, tries=1)
    with (
        opened(home, settings=Settings(network=network), port=0) as server,
        in_thread(server),
        client_of(server) as client,
    ):
        yield client


def pending(client: httpx2.Client) -> int:
    return int(client.get("/api/v1/status").json()["lookups_pending"])


def jobs(client: httpx2.Client) -> list[str]:
    found = client.get("/api/v1/jobs", params={"everything": True}).json()["jobs"]
    return [job["kind"] for job in found if job["kind"] == "lookup"]


def test_what_waits_is_looked_up_one_first_and_the_others_as_a_job(home: Path, hub: Hub) -> None:
    with serving(home, hub) as client:
        until(lambda: pending(client) == 0)
        assert jobs(client) == ["lookup"]


def test_while_nobody_answers_there_is_no_job_and_the_tries_have_an_end(
    home: Path, hub: Hub
) -> None:
    rule = hub.faults.add(Status(503), "/api/*")
    with serving(home, hub) as client:
        until(lambda: len(hub.seen("/api/models")) >= 2)
        assert (pending(client), jobs(client)) == (3, [])
        assert len(hub.seen("/api/models")) < 20
        rule.off()
        until(lambda: pending(client) == 0)


def test_with_the_network_switched_off_nobody_is_asked(home: Path, hub: Hub) -> None:
    with serving(home, hub, offline=True) as client:
        time.sleep(0.6)
        assert (pending(client), jobs(client), hub.requests) == (3, [], [])


def test_tries_become_rare_and_an_answer_makes_them_frequent_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(looking_up, "SHORTEST", SHORTEST)
    pauses = [looking_up.FIRST]
    for _ in range(10):
        pauses.append(pause_after(pauses[-1], answered=False))
    assert pauses[1:] == sorted(pauses[1:])
    assert (pauses[1], pauses[-1]) == (SHORTEST, LONGEST)
    assert pause_after(LONGEST, answered=True) == SHORTEST
