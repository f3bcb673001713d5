"""Import, verify and scan as jobs: seen, paused and ended by others, and done again after a crash."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from model_library import Library
from model_library.config import NetworkSettings, Settings
from model_library.errors import CancelledError, InvalidValueError, JobStateError, TargetFullError
from model_library.events import Advanced, Event, Notice, Planned
from model_library.io.hashing import hash_file
from model_library.taxonomy import JobKind, Placement
from tests.factory import lora, tree

SLOW = """
import sys, time
from model_library import Library
from model_library.events import ModelDone
from model_library.config import Settings

def slowly(event):
    if isinstance(event, ModelDone):
        time.sleep(0.05)

with Library.open(sys.argv[1], settings=Settings(batch_models=1, workers=1), listener=slowly) as mine:
    print("open", flush=True)
    if sys.argv[2] == "import":
        mine.import_models([sys.argv[3]], offline=True)
    else:
        mine.verify()
"""
MODELS = 120


@pytest.fixture
def many(tmp_path: Path) -> Path:
    for number in range(MODELS):
        lora(tmp_path / "in" / f"{number:03}.safetensors", seed=number)
    return tmp_path / "in"


@pytest.fixture
def elsewhere(library: Library, many: Path) -> Iterator[Callable[[str], subprocess.Popen[bytes]]]:
    """Starts slow work on the library in another process."""
    children: list[subprocess.Popen[bytes]] = []

    def start(what: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", SLOW, str(library.path), what, str(many)]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        children.append(child)
        return child

    yield start
    for child in children:
        child.kill()
        child.communicate()


def until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never became true"
        time.sleep(0.05)


def the_job(library: Library) -> str:
    until(lambda: bool(library.jobs()["jobs"]))
    return library.jobs()["jobs"][0]["job_id"]


def held(library: Library) -> int:
    return library.list(limit=0)["total"]


def test_work_leaves_a_job_with_what_it_found(library: Library, tmp_path: Path) -> None:
    path = lora(tmp_path / "a.safetensors")
    library.import_models([path], offline=True)
    library.verify()
    library.scan()
    library.scan(deep=True)
    jobs = library.jobs(everything=True)
    assert [(job["kind"], job["title"], job["state"]) for job in jobs["jobs"]] == [
        ("scan", "everything anew", "done"),
        ("scan", "what changed", "done"),
        ("verify", "all models", "done"),
        ("import", "a.safetensors", "done"),
    ]
    assert jobs["counts"] == {"done": 4}
    done = jobs["jobs"][3]
    assert done["result"] == {"imported": 1, "duplicates": 0, "skipped": 0, "failed": 0}
    assert done["parameters"]["paths"] == [str(path)]
    assert done["progress"]["bytes_done"] == path.stat().st_size
    assert done["progress"]["fraction"] == 1
    assert library.jobs()["jobs"] == []
    assert library.status()["jobs"] == {"done": 4}
    assert library.forget_jobs() == 4
    assert list((library.path / "locks").glob("run-*")) == []


def test_a_rehearsal_and_wrong_usage_leave_none(library: Library, tmp_path: Path) -> None:
    path = lora(tmp_path / "a.safetensors")
    library.import_models([path], dry_run=True)
    with pytest.raises(InvalidValueError):
        library.import_models([path], kind="nonsense")
    assert library.jobs(everything=True)["jobs"] == []


def test_an_import_elsewhere_is_seen_paused_resumed_and_cancelled(
    library: Library, elsewhere: Callable[[str], subprocess.Popen[bytes]], many: Path
) -> None:
    before = tree(many)
    child = elsewhere("import")
    job_id = the_job(library)
    until(lambda: library.job(job_id)["progress"]["models_done"] > 3)
    assert library.job(job_id)["owner"] == child.pid
    assert library.job(job_id)["progress"]["models_total"] == MODELS
    library.pause_job(job_id)
    until(lambda: library.job(job_id)["state"] == "paused")
    time.sleep(0.5)
    standing = held(library)
    time.sleep(0.7)
    assert held(library) == standing < MODELS
    library.resume_job(job_id)
    until(lambda: held(library) > standing)
    library.cancel_job(job_id)
    assert child.wait(120) != 0
    assert library.job(job_id)["state"] == "cancelled"
    assert standing < held(library) < MODELS
    assert tree(many) == before
    with pytest.raises(JobStateError):
        library.resume_job(job_id)


def test_an_import_whose_process_was_killed_is_resumed(
    library: Library, elsewhere: Callable[[str], subprocess.Popen[bytes]]
) -> None:
    child = elsewhere("import")
    job_id = the_job(library)
    until(lambda: library.job(job_id)["progress"]["models_done"] > 3)
    child.send_signal(signal.SIGKILL)
    child.wait()
    heard: list[Event] = []
    with Library.open(library.path, listener=heard.append) as again:
        assert again.status()["jobs"] == {"interrupted": 1}
        notices = [event for event in heard if isinstance(event, Notice)]
        assert [notice.code for notice in notices].count("jobs-interrupted") == 1
        was = held(again)
        assert was < MODELS
        job = again.resume_job(job_id[:6])
        assert (job["job_id"], job["state"]) == (job_id, "done")
        assert job["result"] is not None
        assert job["result"]["imported"] + job["result"]["duplicates"] == MODELS
        assert held(again) == MODELS
        assert again.verify()["damaged"] == []


def test_an_interrupted_import_is_the_same_job_when_it_is_typed_again(
    library: Library, many: Path
) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(CancelledError):
        library.import_models([many], offline=True, cancelled=stop)
    (job,) = library.jobs()["jobs"]
    assert job["state"] == "interrupted"
    library.import_models([many], offline=True)
    assert library.job(job["job_id"])["state"] == "done"
    assert library.jobs(everything=True)["counts"] == {"done": 1}


def test_verify_elsewhere_can_be_ended(
    library: Library, elsewhere: Callable[[str], subprocess.Popen[bytes]], many: Path
) -> None:
    library.import_models([many], offline=True)
    child = elsewhere("verify")
    job_id = the_job(library)
    library.cancel_job(job_id)
    child.wait(120)
    assert library.job(job_id)["state"] in {"cancelled", "done"}
    assert len(library.verify()["intact"]) == MODELS


def test_an_import_that_fails_is_a_failed_job(library: Library, tmp_path: Path) -> None:
    lora(tmp_path / "a.safetensors")
    with pytest.raises(Exception, match="root"):
        library.import_models([tmp_path / "a.safetensors"], root="nonsense")
    (job,) = library.jobs(everything=True)["jobs"]
    assert job["state"] == "failed"
    assert job["error"] is not None
    assert job["error"]["code"] == "root-not-found"


def test_the_queue_is_done_and_a_failure_stops_no_other(library: Library, tmp_path: Path) -> None:
    heard: list[Event] = []
    good = lora(tmp_path / "good.safetensors")
    with Library.open(library.path, listener=heard.append) as mine:
        jobs = mine._jobs
        parameters = {"paths": [str(good)], "place": "copy", "offline": True}
        jobs.submit(JobKind.IMPORT, "good", parameters)
        jobs.submit(JobKind.IMPORT, "bad", {"paths": "no list", "place": "copy"}, priority=5)
        jobs.submit(JobKind.IMPORT, "odd", {"paths": [], "place": "nowhere"})
        jobs.submit(JobKind.VERIFY, "all", {"ids": []}, priority=-1)
        jobs.submit(JobKind.SCAN, "scan", {"deep": True})
        done = mine.run_jobs()
        assert {job["title"]: job["state"] for job in done["jobs"]} == {
            "good": "done",
            "bad": "failed",
            "odd": "failed",
            "all": "done",
            "scan": "done",
        }
        assert mine.run_jobs()["jobs"] == []
        assert mine.list()["total"] == 1
    assert sum(isinstance(event, Notice) and "failed" in event.message for event in heard) == 2
    plans = [event for event in heard if isinstance(event, Planned)]
    assert {plan.stage for plan in plans} == {"jobs"}


class _Passed(threading.Event):
    """Also says when the queue hands the stop on to its jobs: it sets it once more."""

    def __init__(self) -> None:
        super().__init__()
        self.passed_on = threading.Event()

    def set(self) -> None:
        if self.is_set() and threading.current_thread() is threading.main_thread():
            self.passed_on.set()
        super().set()


def test_a_queue_that_is_stopped_goes_on_later(library: Library, many: Path) -> None:
    stop = _Passed()

    def stopping(event: Event) -> None:
        if isinstance(event, Advanced):
            stop.set()
            assert stop.passed_on.wait(60), "else the import could be done before it hears of it"

    with Library.open(library.path, listener=stopping) as mine:
        parameters = {"paths": [str(many)], "place": "copy", "offline": True}
        job = mine._jobs.submit(JobKind.IMPORT, "many", parameters)
        later = mine._jobs.submit(JobKind.SCAN, "later", {"deep": False}, priority=-1)
        mine._jobs.set_limits(at_once=1)
        with pytest.raises(CancelledError):
            mine.run_jobs(cancelled=stop)
    assert library.job(job.job_id)["state"] == "interrupted"
    assert library.job(later.job_id)["state"] == "queued"
    assert library.resume_job(job.job_id)["state"] == "done"
    assert [done["job_id"] for done in library.run_jobs()["jobs"]] == [later.job_id]


def test_a_scan_tells_how_far_it_is_and_can_be_stopped(library: Library, many: Path) -> None:
    library.import_models([many], offline=True)
    heard: list[Event] = []
    with Library.open(library.path, listener=heard.append) as mine:
        mine.scan()
        assert Planned("scan", MODELS, 0) in heard
        assert sum(event.models for event in heard if isinstance(event, Advanced)) == MODELS
        stop = threading.Event()
        stop.set()
        for deep in (False, True):
            with pytest.raises(CancelledError):
                mine.scan(deep=deep, cancelled=stop)
        assert held(mine) == MODELS
        assert mine.scan(deep=True)["models"] == MODELS


def test_priorities_and_limits(library: Library) -> None:
    job = library._jobs.submit(JobKind.SCAN, "scan", {})
    assert library.prioritize_job(job.job_id, 7)["priority"] == 7
    assert library.job_limits() == {"at_once": 2, "bandwidth": None}
    assert library.set_job_limits(at_once=4, bandwidth=50_000) == {
        "at_once": 4,
        "bandwidth": 50_000,
    }
    assert library.pause_job(job.job_id)["state"] == "paused"
    assert library.resume_job(job.job_id)["state"] == "queued"
    assert library.cancel_job(job.job_id)["state"] == "cancelled"


def test_a_bandwidth_of_the_settings_counts_until_the_library_has_one(tmp_path: Path) -> None:
    settings = Settings(network=NetworkSettings(bandwidth=9000))
    with Library.open(tmp_path / "library", settings=settings) as library:
        assert library.job_limits()["bandwidth"] == 9000
        assert library.set_job_limits(bandwidth=0)["bandwidth"] is None


def test_a_resumed_move_takes_every_source_once(library: Library, many: Path) -> None:
    digests = {hash_file(path).sha256 for path in many.iterdir()}
    stop = threading.Event()

    def stopping(event: Event) -> None:
        if isinstance(event, Advanced):
            stop.set()

    with Library.open(library.path, listener=stopping) as mine, pytest.raises(CancelledError):
        mine.import_models([many], place=Placement.MOVE, offline=True, cancelled=stop)
    (job,) = library.jobs()["jobs"]
    assert library.resume_job(job["job_id"])["state"] == "done"
    models = library.list(limit=MODELS)["models"]
    assert {file["sha256"] for model in models for file in model["files"]} == digests
    assert list(many.iterdir()) == []


def test_an_error_of_the_work_leaves_resume(library: Library, tmp_path: Path) -> None:
    job = library._jobs.submit(JobKind.IMPORT, "x", {"paths": [str(tmp_path)], "place": "copy"})
    work = library._jobs.claim(job.job_id)
    assert work is not None
    with pytest.raises(TargetFullError), work:
        raise TargetFullError("full")
    assert library.resume_job(job.job_id)["state"] == "done"
