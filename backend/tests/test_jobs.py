"""What the queue promises: one owner a job, also of several processes; nothing is forgotten when one dies."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from model_library.errors import (
    CancelledError,
    InvalidValueError,
    JobNotFoundError,
    JobStateError,
    TargetFullError,
)
from model_library.events import Advanced, Event, ModelDone, Notice, Planned
from model_library.jobs import KEPT, Jobs
from model_library.registry import Registry
from model_library.running_job import RunningJob
from model_library.taxonomy import JobKind, JobRequest, JobState

TIMEOUT = 10.0
WORK = {"paths": ["/a", "/b"]}

OWNER = """
import sys, threading, time
from pathlib import Path
from model_library.errors import CancelledError
from model_library.events import Advanced, Planned
from model_library.jobs import Jobs
from model_library.registry import Registry
from model_library.taxonomy import JobKind

place, wanted = Path(sys.argv[1]), sys.argv[2]
jobs = Jobs(Registry.open(place / "registry.db", 10), place / "locks")
try:
    if wanted == "new":
        job = jobs.running(JobKind(sys.argv[3]), "long", {"paths": ["/a", "/b"]})
    else:
        job = jobs.claim(None if wanted == "next" else wanted)
        if job is None:
            sys.exit(4)
except Exception as error:
    print(type(error).__name__, flush=True)
    sys.exit(3)
try:
    with job:
        print(job.job_id, flush=True)
        job.listen(Planned("work", 2, 1_000_000))
        if sys.argv[-1] == "short":
            time.sleep(0.3)
        else:
            for _ in range(6000):
                job.advance(100)
                time.sleep(0.01)
        job.result = {"models": 2}
except CancelledError:
    sys.exit(130)
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def registry(place: Path) -> Iterator[Registry]:
    opened = Registry.open(place / "registry.db", TIMEOUT)
    yield opened
    opened.close()


@pytest.fixture
def jobs(registry: Registry, place: Path) -> Jobs:
    return Jobs(registry, place / "locks")


@pytest.fixture
def start(place: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a process that works on a job: a `new` one of a kind, the `next`, or one by its id."""
    children: list[subprocess.Popen[str]] = []

    def begin(wanted: str, *more: str) -> subprocess.Popen[str]:
        child = subprocess.Popen(
            [sys.executable, "-c", OWNER, str(place), wanted, *more],
            stdout=subprocess.PIPE,
            text=True,
        )
        children.append(child)
        return child

    yield begin
    for child in children:
        child.kill()
        child.communicate()


def said(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    return child.stdout.readline().strip()


def until(true: Callable[[], bool], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never became true"
        time.sleep(0.02)


def locks(place: Path) -> list[str]:
    return sorted(path.name for path in (place / "locks").glob("*"))


# --- the queue ---------------------------------------------------------------------------------------


def test_a_job_is_there_for_the_next_process(jobs: Jobs, registry: Registry, place: Path) -> None:
    job = jobs.submit(JobKind.DOWNLOAD, "owner/name", {"repo": "owner/name"}, priority=3)
    again = Jobs(Registry.open(place / "registry.db", TIMEOUT), place / "locks")
    found = again.get(job.job_id[:5])
    assert found == job
    assert (found.state, found.priority, found.parameters) == (
        JobState.QUEUED,
        3,
        {"repo": "owner/name"},
    )
    again._registry.close()


def test_the_next_job_is_that_of_the_highest_priority_then_the_oldest(jobs: Jobs) -> None:
    first = jobs.submit(JobKind.VERIFY, "first", {})
    second = jobs.submit(JobKind.VERIFY, "second", {})
    urgent = jobs.submit(JobKind.VERIFY, "urgent", {}, priority=1)
    jobs.set_priority(second.job_id, -1)
    jobs.pause(jobs.submit(JobKind.VERIFY, "paused", {}, priority=9).job_id)
    taken = []
    while (job := jobs.claim()) is not None:
        with job:
            taken.append(job.job_id)
    assert taken == [urgent.job_id, first.job_id, second.job_id]
    assert jobs.counts() == {JobState.DONE: 3, JobState.PAUSED: 1}


def test_only_so_many_downloads_begin_at_once(jobs: Jobs) -> None:
    for number in range(3):
        jobs.submit(JobKind.DOWNLOAD, f"repository {number}", {"repo": str(number)})
    jobs.submit(JobKind.VERIFY, "other work", {}, priority=-1)
    one, two, other = jobs.claim(), jobs.claim(), jobs.claim()
    assert one is not None
    assert two is not None
    assert other is not None
    assert other.job.kind is JobKind.VERIFY
    with two, other:
        with one:
            assert jobs.claim() is None
        third = jobs.claim()
        assert third is not None
        with third:
            assert third.job.title == "repository 2"


def test_finished_jobs_are_remembered_up_to_a_bound(jobs: Jobs, registry: Registry) -> None:
    with registry.transaction() as connection:
        connection.executemany(
            "INSERT INTO jobs (job_id, kind, title, state, parameters)"
            " VALUES (?, 'scan', 'old', 'done', '{}')",
            [(f"{number:08x}",) for number in range(KEPT + 50)],
        )
    with jobs.running(JobKind.SCAN, "new", {}):
        assert jobs.counts() == {JobState.DONE: KEPT, JobState.RUNNING: 1}
    kept = jobs.list(limit=1)
    assert [job.title for job in kept] == ["new"]
    with pytest.raises(JobNotFoundError):
        jobs.get("00000000")
    queued = jobs.submit(JobKind.SCAN, "waits", {})
    assert jobs.forget_finished(keep=1) == KEPT - 1
    assert jobs.forget_finished() == 1
    assert [job.job_id for job in jobs.list()] == [queued.job_id]


def test_a_failed_download_with_bytes_on_the_disk_is_remembered(
    place: Path, registry: Registry
) -> None:
    jobs = Jobs(registry, place / "locks", holding=lambda failed: [failed[0].job_id])
    with registry.transaction() as connection:
        connection.executemany(
            "INSERT INTO jobs (job_id, kind, title, state, parameters) VALUES (?, ?, 'old', ?, '{}')",
            [("a1", "scan", "failed"), ("a2", "download", "failed"), ("a3", "scan", "done")]
            + [(f"b{number:07x}", "scan", "done") for number in range(KEPT)],
        )
    jobs.submit(JobKind.SCAN, "new", {})
    assert jobs.counts() == {JobState.DONE: KEPT, JobState.FAILED: 1, JobState.QUEUED: 1}
    assert jobs.forget_finished() == KEPT
    assert [job.job_id for job in jobs.list([JobState.FAILED])] == ["a2"]


@pytest.mark.parametrize("wrong", ["", "zz", "all"])
def test_an_id_that_is_none_is_said_to_be(jobs: Jobs, wrong: str) -> None:
    jobs.submit(JobKind.SCAN, "scan", {})
    with pytest.raises(JobNotFoundError):
        jobs.get(wrong)


def test_a_beginning_that_several_jobs_share_is_refused(jobs: Jobs, registry: Registry) -> None:
    with registry.transaction() as connection:
        connection.executemany(
            "INSERT INTO jobs (job_id, kind, title, state, parameters)"
            " VALUES (?, 'scan', 'a', 'queued', '{}')",
            [("abcd0000",), ("abcd1111",)],
        )
    assert jobs.get("abcd1").job_id == "abcd1111"
    with pytest.raises(JobNotFoundError, match="several"):
        jobs.pause("abcd")


def test_names_in_no_known_encoding_are_kept(jobs: Jobs) -> None:
    odd = os.fsdecode(b"/models/\xff\xfe.safetensors")
    job = jobs.submit(JobKind.IMPORT, odd, {"paths": [odd]})
    assert jobs.get(job.job_id).parameters == {"paths": [odd]}
    assert "/models/" in job.title


# --- how a job ends ----------------------------------------------------------------------------------


def test_work_that_is_done_leaves_its_result_and_no_lock(jobs: Jobs, place: Path) -> None:
    heard: list[Event] = []
    with jobs.running(JobKind.IMPORT, "import", WORK, heard.append) as job:
        assert locks(place) == [f"run-{job.job_id}.lock"]
        assert jobs.get(job.job_id).owner == os.getpid()
        job.listen(Planned("import", 2, 20))
        job.listen(Advanced("import", 20))
        job.listen(ModelDone("import", "a", "imported"))
        job.result = {"imported": 1}
    done = jobs.get(job.job_id)
    assert (done.state, done.owner, done.result) == (JobState.DONE, None, {"imported": 1})
    assert (done.progress.bytes_done, done.progress.models_done) == (20, 1)
    assert done.progress.detail == "imported: a"
    assert done.started is not None
    assert done.ended is not None
    assert [type(event) for event in heard] == [Planned, Advanced, ModelDone]
    assert locks(place) == []


@pytest.mark.parametrize(
    ("kind", "raised", "state", "code"),
    [
        (JobKind.IMPORT, TargetFullError("full"), JobState.FAILED, "target-full"),
        (JobKind.IMPORT, ZeroDivisionError("oops"), JobState.FAILED, "unexpected"),
        (JobKind.IMPORT, KeyboardInterrupt(), JobState.INTERRUPTED, None),
        (JobKind.DOWNLOAD, CancelledError("stop"), JobState.INTERRUPTED, None),
        (JobKind.VERIFY, CancelledError("stop"), JobState.CANCELLED, None),
        (JobKind.SCAN, KeyboardInterrupt(), JobState.CANCELLED, None),
    ],
)
def test_work_ends_by_what_was_raised(
    jobs: Jobs, place: Path, kind: JobKind, raised: BaseException, state: JobState, code: str | None
) -> None:
    work = jobs.running(kind, "work", WORK)
    with pytest.raises(type(raised)), work:
        raise raised
    job = jobs.get(work.job_id)
    assert job.state is state
    assert (job.error or {}).get("code") == code
    assert job.result is None
    assert locks(place) == []


def test_the_same_work_goes_on_as_the_same_job(jobs: Jobs) -> None:
    first = jobs.running(JobKind.IMPORT, "import", WORK)
    with pytest.raises(KeyboardInterrupt), first:
        raise KeyboardInterrupt
    with jobs.running(JobKind.IMPORT, "import", {"paths": ["/c"]}) as other:
        assert other.job_id != first.job_id
    with jobs.running(JobKind.IMPORT, "import", WORK) as again:
        assert again.job_id == first.job_id
    assert jobs.counts() == {JobState.DONE: 2}
    with jobs.running(JobKind.IMPORT, "import", WORK) as new:
        assert new.job_id != first.job_id


def test_an_end_that_cannot_be_written_fails_nothing(jobs: Jobs, registry: Registry) -> None:
    """The drive is full at the end: the work is done all the same, and the job is found interrupted."""
    heard: list[Event] = []
    (pages,) = registry.rows("PRAGMA page_count")[0]
    with jobs.running(JobKind.IMPORT, "import", WORK, heard.append) as job:
        registry.rows(f"PRAGMA max_page_count = {pages}")
        job.result = {"large": "x" * 1_000_000}
    registry.rows("PRAGMA max_page_count = 1000000")
    assert [event.code for event in heard if isinstance(event, Notice)] == ["target-full"]
    assert jobs.get(job.job_id).state is JobState.INTERRUPTED


def test_a_library_that_is_only_read_has_work_and_no_jobs(place: Path) -> None:
    Registry.open(place / "registry.db", TIMEOUT).close()
    registry = Registry.open(place / "registry.db", TIMEOUT, read_only=True)
    jobs = Jobs(registry, place / "locks")
    heard: list[Event] = []
    with jobs.running(JobKind.VERIFY, "verify", {}, heard.append) as job:
        job.advance(5)
    assert heard == [Advanced("verify", 5)]
    assert jobs.list() == ()
    assert jobs.counts() == {}
    assert not (place / "locks").exists()
    registry.close()


def test_a_registry_from_before_has_a_queue_after_the_next_start(place: Path) -> None:
    Registry.open(place / "registry.db", TIMEOUT).close()
    older = sqlite3.connect(place / "registry.db")
    older.execute("DROP TABLE jobs")
    older.execute("DELETE FROM migrations WHERE name = '0004-jobs'")
    older.execute("INSERT INTO settings (name, value) VALUES ('kept', 'yes')")
    older.commit()
    older.close()
    registry = Registry.open(place / "registry.db", TIMEOUT)
    assert Jobs(registry, place / "locks").submit(JobKind.SCAN, "scan", {}).state is JobState.QUEUED
    assert registry.setting("kept") == "yes"
    registry.close()


def test_an_older_registry_that_is_only_read_has_no_jobs(place: Path) -> None:
    Registry.open(place / "registry.db", TIMEOUT).close()
    older = sqlite3.connect(place / "registry.db")
    older.execute("DROP TABLE jobs")
    older.commit()
    older.close()
    registry = Registry.open(place / "registry.db", TIMEOUT, read_only=True)
    assert Jobs(registry, place / "locks").list() == ()
    assert Jobs(registry, place / "locks").counts() == {}
    registry.close()


# --- several processes -------------------------------------------------------------------------------


def test_a_job_of_another_process_is_seen_with_its_progress(
    jobs: Jobs, start: Callable[..., subprocess.Popen[str]]
) -> None:
    child = start("new", "import")
    job_id = said(child)
    until(lambda: (jobs.get(job_id).progress.rate or 0) > 0)
    job = jobs.get(job_id)
    assert (job.state, job.owner) == (JobState.RUNNING, child.pid)
    assert job.progress.bytes_total == 1_000_000
    assert (job.progress.seconds_left or 0) > 1
    with pytest.raises(JobStateError, match=str(child.pid)):
        jobs.claim(job_id)


def test_a_killed_owner_leaves_an_interrupted_job(
    jobs: Jobs, place: Path, start: Callable[..., subprocess.Popen[str]]
) -> None:
    child = start("new", "verify")
    job_id = said(child)
    until(lambda: jobs.get(job_id).progress.bytes_done > 0)
    child.send_signal(signal.SIGKILL)
    child.wait()
    job = jobs.get(job_id)
    assert (job.state, job.owner) == (JobState.INTERRUPTED, None)
    assert job.progress.bytes_done > 0
    assert locks(place) == []
    again = jobs.claim(job_id)
    assert again is not None
    with again:
        assert jobs.get(job_id).progress.bytes_done == 0
    assert jobs.get(job_id).state is JobState.DONE


def test_pause_resume_and_cancel_reach_the_owner(
    jobs: Jobs, start: Callable[..., subprocess.Popen[str]]
) -> None:
    child = start("new", "import")
    job_id = said(child)
    assert jobs.pause(job_id).request is JobRequest.PAUSE
    until(lambda: jobs.get(job_id).state is JobState.PAUSED)
    until(lambda: jobs.get(job_id).progress.bytes_done > 0)
    before = jobs.get(job_id).progress
    time.sleep(0.8)
    assert jobs.get(job_id).progress == before
    assert before.rate is None
    jobs.resume(job_id)
    until(lambda: jobs.get(job_id).progress.bytes_done > before.bytes_done)
    assert jobs.get(job_id).state is JobState.RUNNING
    jobs.pause(job_id)
    until(lambda: jobs.get(job_id).state is JobState.PAUSED)
    jobs.cancel(job_id)
    with pytest.raises(JobStateError, match="being cancelled"):
        jobs.resume(job_id)
    assert child.wait(120) == 130
    assert jobs.get(job_id).state is JobState.CANCELLED


def test_of_two_that_want_one_job_one_gets_it(
    jobs: Jobs, start: Callable[..., subprocess.Popen[str]]
) -> None:
    for _ in range(3):
        job = jobs.submit(JobKind.VERIFY, "wanted", {})
        children = [start(job.job_id, "short") for _ in range(3)]
        answers = sorted(said(child) for child in children)
        assert answers == sorted([job.job_id, "JobStateError", "JobStateError"])
        assert sorted(child.wait(120) for child in children) == [0, 3, 3]
        assert jobs.get(job.job_id).result == {"models": 2}


def test_threads_share_out_the_queue(jobs: Jobs) -> None:
    for number in range(12):
        jobs.submit(JobKind.VERIFY, str(number), {})
    taken: list[str] = []

    def work() -> None:
        while (job := jobs.claim()) is not None:
            with job:
                taken.append(job.job_id)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 12
    assert jobs.counts() == {JobState.DONE: 12}


def test_a_lock_without_a_job_is_cleared_away(jobs: Jobs, place: Path) -> None:
    (place / "locks").mkdir()
    (place / "locks" / "run-00000000.lock").touch()
    (place / "locks" / "job-000000000000.lock").touch()
    with jobs.running(JobKind.SCAN, "scan", {}):
        pass
    assert locks(place) == ["job-000000000000.lock"]


# --- stopping in this process ------------------------------------------------------------------------


def test_an_interrupt_reaches_work_that_is_paused(jobs: Jobs) -> None:
    cancelled = threading.Event()
    job = jobs.running(JobKind.IMPORT, "import", WORK, cancelled=cancelled)

    def interrupt() -> None:
        jobs.pause(job.job_id)
        until(lambda: jobs.get(job.job_id).state is JobState.PAUSED)
        cancelled.set()

    other = threading.Thread(target=interrupt)
    other.start()
    with pytest.raises(CancelledError), job:
        work_until_it_is_stopped(job)
    other.join()
    assert jobs.get(job.job_id).state is JobState.INTERRUPTED


def work_until_it_is_stopped(job: RunningJob) -> None:
    for _ in range(100_000):
        job.advance(1)
        time.sleep(0.001)


def test_a_busy_registry_does_not_hold_up_the_work(place: Path) -> None:
    registry = Registry.open(place / "registry.db", 0.1)
    jobs = Jobs(registry, place / "locks")
    other = sqlite3.connect(place / "registry.db", isolation_level=None)
    with jobs.running(JobKind.VERIFY, "verify", {}) as job:
        other.execute("BEGIN IMMEDIATE")
        job.advance(7)
        time.sleep(1.2)
        other.execute("ROLLBACK")
        until(lambda: jobs.get(job.job_id).progress.bytes_done == 7)
    assert jobs.get(job.job_id).state is JobState.DONE
    other.close()
    registry.close()


# --- limits ------------------------------------------------------------------------------------------


def test_limits_are_kept_with_the_library(registry: Registry, place: Path) -> None:
    jobs = Jobs(registry, place / "locks", default_bandwidth=5000)
    assert (jobs.limits().at_once, jobs.limits().bandwidth) == (2, 5000)
    jobs.set_limits(at_once=3, bandwidth=10_000)
    assert (jobs.limits().at_once, jobs.limits().bandwidth) == (3, 10_000)
    jobs.set_limits(bandwidth=0)
    assert (jobs.limits().at_once, jobs.limits().bandwidth) == (3, None)
    registry.set_setting("jobs:downloads-at-once", "many")
    assert jobs.limits().at_once == 2


@pytest.mark.parametrize("wrong", [{"at_once": 0}, {"at_once": 99}, {"bandwidth": 5}])
def test_a_limit_that_makes_no_sense_is_refused(jobs: Jobs, wrong: dict[str, int]) -> None:
    with pytest.raises(InvalidValueError):
        jobs.set_limits(**wrong)
    job = jobs.submit(JobKind.SCAN, "scan", {})
    with pytest.raises(InvalidValueError):
        jobs.set_priority(job.job_id, 5000)


def test_downloads_share_the_bandwidth_and_follow_a_new_limit(jobs: Jobs) -> None:
    jobs.set_limits(bandwidth=100_000)
    started = time.monotonic()
    with (
        jobs.running(JobKind.DOWNLOAD, "one", {"repo": "1"}) as one,
        jobs.running(JobKind.DOWNLOAD, "two", {"repo": "2"}) as two,
    ):
        threads = [
            threading.Thread(target=lambda job=job: [job.advance(10_000) for _ in range(4)])
            for job in (one, two)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert 0.5 < time.monotonic() - started < 5
        slow = threading.Thread(target=one.advance, args=[100_000_000])
        slow.start()
        jobs.set_limits(bandwidth=0)
        slow.join(5)
        assert not slow.is_alive()


# --- damage ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["parameters", "progress", "result", "error"])
@pytest.mark.parametrize("text", ["{not json", "[1]", '"text"', "[" * 100_000])
def test_a_damaged_row_is_an_error_of_that_row_only(
    jobs: Jobs, registry: Registry, column: str, text: str
) -> None:
    damaged = jobs.submit(JobKind.VERIFY, "damaged", {}, priority=9)
    whole = jobs.submit(JobKind.VERIFY, "whole", {})
    with registry.transaction() as connection:
        connection.execute(
            f"UPDATE jobs SET {column} = ? WHERE job_id = ?",  # noqa: S608
            (text, damaged.job_id),
        )
    seen = {job.job_id: job for job in jobs.list()}
    assert seen[whole.job_id] == whole
    error = seen[damaged.job_id].error
    assert error is not None
    assert error["code"] == "registry-damaged"
    assert column in error["message"]
    with pytest.raises(JobStateError, match=column):
        jobs.claim(damaged.job_id)
    taken = jobs.claim()
    assert taken is not None
    with taken:
        assert taken.job_id == whole.job_id
    assert jobs.get(damaged.job_id).state is JobState.FAILED


@pytest.mark.parametrize(
    "progress", ['{"bytes_done": "x"}', '{"rate": []}', '{"stage": 5}', '{"bytes_total": "9"}']
)
def test_progress_of_wrong_types_is_damage_too(
    jobs: Jobs, registry: Registry, progress: str
) -> None:
    job = jobs.submit(JobKind.VERIFY, "damaged", {})
    with registry.transaction() as connection:
        connection.execute("UPDATE jobs SET progress = ?", (progress,))
    assert not jobs.get(job.job_id).readable
    assert jobs.cancel(job.job_id).state is JobState.CANCELLED
