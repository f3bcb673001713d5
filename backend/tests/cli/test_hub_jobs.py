"""Downloads as jobs: queued, paused, resumed and cancelled from another terminal, killed, met by a second one."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.at_the_hub import (
    FRIEND,
    GGUF,
    QUANT,
    Terminal,
    hurried,
    is_one_clear_message,
    tiny_repos,
)
from tests.cli.program import document
from tests.factory import lora, padded
from tests.hub import HubFile, Origin, hub_repo, running_hub
from tests.hub.faults import Drip, Status

BIG = "org/big"
NAME = "big.safetensors"
SMALL_STEPS = """
import sys
from model_library.cli.main import run
from model_library.hf import part_file, range_fetching
range_fetching.PIECE, range_fetching.PARALLEL_FROM = 256 * 1024, 1024
part_file.CHECKPOINT_PAUSE = part_file.CHECKPOINT_BYTES = 0
run(sys.argv[1:])
"""
"""Large files are fetched in many ranges, which are written down at once."""
SLOWLY = Drip(chunk=32 * 1024, pause=0.1)


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> HubFile:
    path = padded(tmp_path_factory.mktemp("big") / NAME, 6)
    return HubFile.of(NAME, path)


@pytest.fixture
def terminal(tmp_path: Path, big: HubFile) -> Iterator[Terminal]:
    repos = [*tiny_repos(tmp_path / "made"), hub_repo(BIG, {NAME: big})]
    with running_hub(repos, users=[FRIEND]) as hub, hurried():
        made = Terminal(tmp_path / "library", hub)
        yield made
        made.end()


def until(terminal: Terminal, wanted: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """The newest job as soon as it is as wanted."""
    end, jobs = time.monotonic() + 120, []
    while time.monotonic() < end:
        if (terminal.home / "registry.db").exists():
            jobs = terminal.json_here("jobs", "list", "--all")["jobs"]
            if jobs and wanted(jobs[0]):
                return dict(jobs[0])
        time.sleep(0.2)
    raise AssertionError(f"it never did: {jobs}")


def has_begun(job: dict[str, Any]) -> bool:
    return bool(job["progress"]["bytes_done"] > 1_500_000)


def stored_bytes(terminal: Terminal) -> int:
    return sum(one.sent for one in terminal.hub.seen("/stored/", origin=Origin.CDN))


def test_a_killed_download_goes_on_with_the_same_command(terminal: Terminal, big: HubFile) -> None:
    rule = terminal.hub.faults.add(SLOWLY, "/stored/*")
    child = terminal.start("download", BIG, script=SMALL_STEPS)
    job = until(terminal, has_begun)
    child.kill()
    child.communicate()
    rule.off()
    assert until(terminal, lambda job: job["state"] == "interrupted")["job_id"] == job["job_id"]
    assert terminal.models() == []
    assert terminal.parts() == [f"{NAME}.part"]
    sent = stored_bytes(terminal)
    done = terminal.json("download", BIG)
    assert done["job"] == job["job_id"]
    assert stored_bytes(terminal) - sent < big.size
    ended = terminal.json_here("jobs", "show", job["job_id"])
    assert (ended["state"], ended["progress"]["fraction"]) == ("done", 1.0)
    assert ended["progress"]["bytes_done"] == big.size
    assert terminal.staged() == []
    terminal.check_every_file()


def test_a_killed_download_goes_on_as_its_job(terminal: Terminal, big: HubFile) -> None:
    rule = terminal.hub.faults.add(SLOWLY, "/stored/*")
    child = terminal.start("download", BIG, script=SMALL_STEPS)
    job = until(terminal, has_begun)
    child.kill()
    child.communicate()
    rule.off()
    resumed = terminal.json_here("jobs", "resume", job["job_id"])["jobs"][0]
    assert (resumed["state"], resumed["progress"]["bytes_done"]) == ("done", big.size)
    assert len(terminal.models()) == 1
    assert terminal.staged() == []
    terminal.check_every_file()


def test_ctrl_c_keeps_what_arrived(terminal: Terminal, big: HubFile) -> None:
    rule = terminal.hub.faults.add(SLOWLY, "/stored/*")
    child = terminal.start("download", BIG, script=SMALL_STEPS)
    until(terminal, has_begun)
    child.send_signal(signal.SIGINT)
    _, said = child.communicate(timeout=120)
    assert (child.returncode, "Traceback" in said) == (130, False)
    rule.off()
    sent = stored_bytes(terminal)
    assert len(terminal.json_here("download", BIG)["imported"]) == 1
    assert stored_bytes(terminal) - sent < big.size
    terminal.check_every_file()


def test_a_lookup_says_what_it_waits_for_and_is_stopped_at_once(
    terminal: Terminal, tmp_path: Path
) -> None:
    terminal.here("import", str(lora(tmp_path / "in" / "pixel-art.safetensors")), "--offline")
    terminal.hub.faults.add(Status(429, {"retry-after": "200"}), "/api/*")
    child = terminal.start("lookup")
    waits = until(terminal, lambda job: job["kind"] == "lookup" and job["progress"]["detail"])
    assert waits["progress"]["detail"].startswith("waiting 20")
    assert "the Hub asks for it" in terminal.here("jobs", "list").stdout
    asked_at = time.monotonic()
    terminal.json_here("jobs", "cancel", waits["job_id"])
    _, said = child.communicate(timeout=120)
    assert time.monotonic() - asked_at < 5
    assert said.count("s: the Hub asks for it") == 1
    assert (child.returncode, "Traceback" in said) == (130, False)


def test_the_queue_is_done_by_jobs_run(terminal: Terminal) -> None:
    queued = terminal.json_here("download", GGUF, "--quant", "Q8_0", "--queue")
    assert (queued["state"], terminal.models()) == ("queued", [])
    terminal.here("download", BIG, "--queue")
    terminal.here("download", "org/nothing-there", "--queue")
    ran = terminal.here("jobs", "run", "--json")
    states = {job["title"]: job["state"] for job in document(ran, 1)["jobs"]}
    assert states == {f"{GGUF} Q8_0": "done", BIG: "done", "org/nothing-there": "failed"}
    assert len(terminal.models()) == 2
    assert terminal.staged() == []
    terminal.check_every_file()


def test_another_terminal_pauses_resumes_and_cancels(terminal: Terminal, big: HubFile) -> None:
    terminal.hub.faults.add(SLOWLY, "/stored/*")
    child = terminal.start("download", BIG, script=SMALL_STEPS)
    job_id = until(terminal, has_begun)["job_id"]
    terminal.json_here("jobs", "pause", job_id)
    until(terminal, lambda job: job["state"] == "paused")
    time.sleep(0.7)  # each connection ends what it has in hand
    paused = until(terminal, lambda job: job["state"] == "paused")
    time.sleep(0.7)
    still = until(terminal, lambda job: job["state"] == "paused")
    assert still["progress"]["bytes_done"] == paused["progress"]["bytes_done"]
    terminal.json_here("jobs", "resume", job_id)
    until(terminal, lambda job: job["state"] == "running")
    terminal.json_here("jobs", "cancel", job_id)
    assert child.wait(120) == 130
    child.communicate()
    assert until(terminal, lambda job: job["state"] == "cancelled")["job_id"] == job_id
    assert (terminal.staged(), terminal.models()) == ([], [])
    terminal.hub.faults.clear()
    assert len(terminal.json_here("download", BIG)["imported"]) == 1
    terminal.check_every_file()


def test_what_was_fetched_goes_with_a_cancelled_job(terminal: Terminal) -> None:
    terminal.hub.faults.add(SLOWLY, "/stored/*")
    child = terminal.start("download", BIG, script=SMALL_STEPS)
    job_id = until(terminal, has_begun)["job_id"]
    child.kill()
    child.communicate()
    assert terminal.parts() == [f"{NAME}.part"]
    terminal.json_here("jobs", "cancel", job_id)
    assert terminal.staged() == []


def test_two_at_once_fetch_it_once(terminal: Terminal) -> None:
    rule = terminal.hub.faults.add(SLOWLY, "/stored/*")
    first = terminal.start("download", BIG, script=SMALL_STEPS)
    until(terminal, has_begun)
    second = terminal.here("download", BIG, "--json")
    rule.off()
    assert second.returncode in {1, 3}
    is_one_clear_message(second)
    assert "another process" in second.stderr
    out, _ = first.communicate(timeout=60)
    assert (first.returncode, "downloaded" in out) == (0, True)
    assert len(terminal.json_here("download", BIG)["duplicates"]) == 1
    assert len(terminal.models()) == 1
    assert terminal.staged() == []
    terminal.check_every_file()


def test_a_bandwidth_holds(terminal: Terminal, big: HubFile) -> None:
    terminal.json_here("jobs", "limits", "--bandwidth", "4MB")
    began = time.monotonic()
    assert len(terminal.json_here("download", BIG)["imported"]) == 1
    assert time.monotonic() - began > big.size / 4_000_000 - 0.6
    terminal.json_here("jobs", "limits", "--bandwidth", "none")


def test_the_address_of_a_file_fetches_that_file(terminal: Terminal) -> None:
    address = f"{terminal.hub.endpoint}/{GGUF}/blob/main/{QUANT}"
    assert terminal.json_here("download", address, "--dry-run")["files"][0]["path"] == QUANT
    (model,) = terminal.json_here("download", address)["imported"]
    assert model["sources"][0]["file"] == QUANT
    assert not terminal.hub.seen("Q8_0", method="GET")
    terminal.check_every_file()
