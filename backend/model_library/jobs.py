"""Long work that survives its process: a queue in `registry.db` that every process of a library sees.

A job is in the hands of at most one process, which holds `locks/run-<job id>.lock` while it works; the
system frees it when the process dies, and whoever looks next finds the job `interrupted`. Other processes
ask for a pause or an end in the row, and the owner does it at its next look (`running_job`). Locks are
taken, tried and removed only inside a transaction of the registry, so no two processes ever disagree.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from model_library.errors import InvalidValueError, JobStateError, ModelLibraryError
from model_library.events import Listener, Notice, ignore
from model_library.io.platform.os_errors import translate_os_error
from model_library.job_progress import Bandwidth, JobProgress
from model_library.job_store import FINISHED, Job, JobStore, asked
from model_library.registry import Registry
from model_library.running_job import Ending, RunningJob
from model_library.taxonomy import JobKind, JobRequest, JobState

if TYPE_CHECKING:
    from filelock import FileLock

RUN_PREFIX: Final = "run-"
"""Begins the name of a lock file here. Not `library.JOB_PREFIX`: what has that is recovered by others."""
KEPT: Final = 500
"""Finished jobs that are remembered."""
DOWNLOADS_AT_ONCE: Final = 2
_SETTINGS: Final = "jobs:"
"""Begins the names of the settings below."""
_AT_ONCE: Final = "downloads-at-once"
_BANDWIDTH: Final = "bandwidth"
MOST_AT_ONCE: Final = 16
MOST_PRIORITY: Final = 1000
LEAST_BANDWIDTH: Final = 1024
"""Bytes a second; less would be taken for a connection that died."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What downloads may take, kept with the library."""

    at_once: int = DOWNLOADS_AT_ONCE
    bandwidth: int | None = None
    """Bytes a second for all downloads of a process together; None: no limit."""


class Jobs:
    """The queue of one library. All that it opens share one bandwidth; close nothing, it holds nothing."""

    def __init__(
        self,
        registry: Registry,
        locks: Path,
        *,
        default_bandwidth: int | None = None,
        holding: Callable[[Sequence[Job]], Collection[str]] = lambda _: (),
    ) -> None:
        """`locks` is the directory of the lock files; `default_bandwidth` counts until `set_limits`. `holding`
        tells which of some failed downloads have something on the disk that a next try goes on with: their ids.
        """
        self._registry = registry
        self._store = JobStore(registry)
        self._locks = locks
        self._default_bandwidth = default_bandwidth
        self._holding = holding
        self._bandwidth = Bandwidth()

    # --- looking -----------------------------------------------------------------------------------

    def get(self, job_id: str) -> Job:
        """One job by its id or an unambiguous beginning. Raises JobNotFoundError."""
        self._settle()
        return self._store.find(job_id)

    def list(
        self, states: Iterable[JobState] | None = None, limit: int | None = None
    ) -> tuple[Job, ...]:
        """What runs, the queue in its order, then what is over, newest first."""
        if not self._store.there:
            return ()
        self._settle()
        return self._store.jobs(states, limit)

    def counts(self) -> dict[JobState, int]:
        """How many jobs there are in each state that any is in."""
        if not self._store.there:
            return {}
        self._settle()
        return self._store.counts()

    # --- asking ------------------------------------------------------------------------------------

    def submit(
        self,
        kind: JobKind,
        title: str,
        parameters: Mapping[str, Any],
        *,
        priority: int = 0,
    ) -> Job:
        """Put work at the end of the queue of its priority; it is durable when this returns."""
        with self._registry.transaction() as connection:
            self._forget(connection, KEPT)
            job_id = self._store.add(connection, kind, title, parameters, priority)
            return self._store.find(job_id)

    def pause(self, job_id: str) -> Job:
        """Let a job stand still, keeping what it has. A running one does so within about half a second.

        Raises JobNotFoundError, JobStateError; so do `resume` and `cancel`.
        """
        return self._ask(job_id, JobRequest.PAUSE)

    def resume(self, job_id: str) -> Job:
        """Let a paused job go on; one that nobody has, also an interrupted or failed one, is queued."""
        return self._ask(job_id, JobRequest.RESUME)

    def cancel(self, job_id: str) -> Job:
        """End a job for good."""
        return self._ask(job_id, JobRequest.CANCEL)

    def set_priority(self, job_id: str, priority: int) -> Job:
        """Jobs with a higher priority are started first. Raises JobNotFoundError, InvalidValueError."""
        if abs(priority) > MOST_PRIORITY:
            raise InvalidValueError(
                f"A priority is a number from -{MOST_PRIORITY} to {MOST_PRIORITY}"
            )
        job = self.get(job_id)
        self._store.set_priority(job.job_id, priority)
        return self._store.find(job.job_id)

    def forget_finished(self, keep: int = 0) -> int:
        """Forget finished jobs but for the newest `keep`, and for failed downloads of which something is on the
        disk; returns how many went."""
        with self._registry.transaction() as connection:
            return self._forget(connection, keep)

    def _forget(self, connection: sqlite3.Connection, keep: int) -> int:
        if sum(count for state, count in self._store.counts().items() if state in FINISHED) <= keep:
            return 0
        failed = self._store.jobs([JobState.FAILED])
        spared = self._holding([job for job in failed if job.kind is JobKind.DOWNLOAD])
        return self._store.forget_finished(connection, keep, spared)

    def _ask(self, job_id: str, request: JobRequest) -> Job:
        with self._registry.transaction() as connection:
            self._find_dead(connection)
            job = self._store.find(job_id)
            state, open_request = asked(job, request)
            self._store.set_asked(connection, job.job_id, state, open_request)
            return self._store.find(job.job_id)

    # --- working -----------------------------------------------------------------------------------

    def running(
        self,
        kind: JobKind,
        title: str,
        parameters: Mapping[str, Any],
        listener: Listener = ignore,
        *,
        cancelled: threading.Event | None = None,
    ) -> RunningJob:
        """Work that begins now, to be used as a context manager; see RunningJob.

        The same work that was interrupted or failed before goes on as the same job, with its id. In a library
        that may only be read the work is done and no job is kept.
        """
        if self._registry.read_only:
            return self._unkept(kind, title, parameters, listener, cancelled)
        with self._registry.transaction() as connection:
            self._find_dead(connection)
            self._forget(connection, KEPT)
            job_id = self._store.same_work(kind, parameters)
            if job_id is None:
                job_id = self._store.add(connection, kind, title, parameters, 0)
            lock = self._take(connection, job_id)
            job = self._store.find(job_id)
        return self._handed(job, lock, listener, cancelled)

    def claim(
        self,
        job_id: str | None = None,
        listener: Listener = ignore,
        *,
        cancelled: threading.Event | None = None,
    ) -> RunningJob | None:
        """Take a queued or interrupted job, to be used as a context manager; or the next of the queue.

        None when no queued job may begin now: there is none, or as many downloads run as may. A job of the
        queue whose row is damaged fails. Raises JobNotFoundError, JobStateError (another process has it, or it
        is over).
        """
        with self._registry.transaction() as connection:
            self._find_dead(connection)
            job = self._next(connection) if job_id is None else self._named(job_id)
            if job is None:
                return None
            lock = self._take(connection, job.job_id)
            job = self._store.find(job.job_id)
        return self._handed(job, lock, listener, cancelled)

    def _named(self, job_id: str) -> Job:
        job = self._store.find(job_id)
        if job.owner is not None:
            raise JobStateError(f"Job {job.job_id} is being worked on by process {job.owner}")
        if job.state not in (JobState.QUEUED, JobState.INTERRUPTED):
            raise JobStateError(f"Job {job.job_id} is {job.state}; it cannot be started")
        if not job.readable:
            raise JobStateError(f"{(job.error or {}).get('message')}", hint="Cancel it.")
        return job

    def _next(self, connection: sqlite3.Connection) -> Job | None:
        running = self._store.jobs([JobState.RUNNING])
        downloads = sum(1 for job in running if job.kind is JobKind.DOWNLOAD)
        full = downloads >= self.limits().at_once
        for job in self._store.jobs([JobState.QUEUED]):
            if not job.readable:
                self._store.end(connection, job.job_id, JobState.FAILED, error=job.error)
            elif not (full and job.kind is JobKind.DOWNLOAD):
                return job
        return None

    def _take(self, connection: sqlite3.Connection, job_id: str) -> FileLock:
        lock = self._try_lock(job_id)
        if lock is None:
            raise JobStateError(f"Job {job_id} is being worked on by another process")
        try:
            self._store.take(connection, job_id, os.getpid())
        except BaseException:  # catches-all: the lock is freed, and it is raised again
            lock.release()
            raise
        return lock

    def _handed(
        self, job: Job, lock: FileLock, listener: Listener, cancelled: threading.Event | None
    ) -> RunningJob:
        self._bandwidth.limit(self.limits().bandwidth)
        return RunningJob(
            job,
            listener,
            threading.Event() if cancelled is None else cancelled,
            bandwidth=self._bandwidth,
            store=self._store,
            limit=lambda: self.limits().bandwidth,
            ended=partial(self._end, job.job_id, lock, listener),
        )

    def _unkept(
        self,
        kind: JobKind,
        title: str,
        parameters: Mapping[str, Any],
        listener: Listener,
        cancelled: threading.Event | None,
    ) -> RunningJob:
        job = Job(
            job_id="",
            kind=kind,
            title=title,
            state=JobState.RUNNING,
            request=None,
            owner=os.getpid(),
            priority=0,
            parameters=parameters,
            progress=JobProgress(),
            result=None,
            error=None,
            created="",
            started=None,
            ended=None,
        )
        return RunningJob(
            job,
            listener,
            threading.Event() if cancelled is None else cancelled,
            bandwidth=self._bandwidth,
            store=None,
            limit=lambda: None,
            ended=lambda _: None,
        )

    def _end(self, job_id: str, lock: FileLock, listener: Listener, how: Ending) -> None:
        """Write down how a job ended. The work is done or undone whether or not this can be written: if
        not, the job is found interrupted."""
        try:
            with self._registry.transaction() as connection:
                self._store.end(
                    connection,
                    job_id,
                    how.state,
                    progress=how.progress,
                    result=how.result,
                    error=how.error,
                )
                self._free(job_id, lock)
        except ModelLibraryError as error:
            message = f"How job {job_id} ended ({how.state}) could not be written down: {error}"
            listener(Notice(error.code, message, error.hint))
        finally:
            lock.release(force=True)

    # --- locks -------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Let the jobs of dead processes be interrupted. Costs one query when no process has any."""
        if not self._registry.read_only and self._store.owned():
            with self._registry.transaction() as connection:
                self._find_dead(connection)

    def _find_dead(self, connection: sqlite3.Connection) -> None:
        owned = self._store.owned()
        for job_id in owned:
            lock = self._try_lock(job_id)
            if lock is not None:
                self._store.end(connection, job_id, JobState.INTERRUPTED)
                self._free(job_id, lock)
        for path in self._locks.glob(f"{RUN_PREFIX}*.lock"):
            if path.stem.removeprefix(RUN_PREFIX) not in owned:
                _sweep(path)  # its process died before the job was its own

    def _path(self, job_id: str) -> Path:
        return self._locks / f"{RUN_PREFIX}{job_id}.lock"

    def _try_lock(self, job_id: str) -> FileLock | None:
        """The lock of a job, held by us, unless another has it. Raises FileError."""
        from filelock import FileLock, Timeout  # looking at an idle queue does not need it

        path = self._path(job_id)
        lock = FileLock(path, timeout=0, thread_local=False)
        try:
            path.parent.mkdir(exist_ok=True)
            lock.acquire()
        except Timeout:
            return None
        except OSError as error:
            raise translate_os_error(error, path=path, writing=True) from error
        return lock

    def _free(self, job_id: str, lock: FileLock) -> None:
        lock.release()
        _sweep(self._path(job_id))

    # --- limits ------------------------------------------------------------------------------------

    def limits(self) -> Limits:
        """What downloads may take now. A setting that is no number counts as not set."""
        stored = self._registry.settings(_SETTINGS)
        at_once, bandwidth = stored.get(_AT_ONCE, ""), stored.get(_BANDWIDTH, "")
        return Limits(
            at_once=max(int(at_once), 1) if at_once.isdecimal() else DOWNLOADS_AT_ONCE,
            bandwidth=(
                int(bandwidth) or None if bandwidth.isdecimal() else self._default_bandwidth
            ),
        )

    def set_limits(self, *, at_once: int | None = None, bandwidth: int | None = None) -> Limits:
        """Change limits; None leaves one as it is, and a bandwidth of 0 takes the limit away.

        Running downloads of all processes follow within a second. Raises InvalidValueError.
        """
        if at_once is not None and not 1 <= at_once <= MOST_AT_ONCE:
            raise InvalidValueError(f"Downloads at once: a number from 1 to {MOST_AT_ONCE}")
        if bandwidth and bandwidth < LEAST_BANDWIDTH:
            raise InvalidValueError(f"A bandwidth is at least {LEAST_BANDWIDTH} bytes a second")
        for name, value in ((_AT_ONCE, at_once), (_BANDWIDTH, bandwidth)):
            if value is not None:
                self._registry.set_setting(_SETTINGS + name, str(value))
        return self.limits()


def _sweep(lock_file: Path) -> None:
    """Remove a lock file that nobody needs; one that cannot be removed is found by the next look at dead jobs."""
    with suppress(OSError):
        lock_file.unlink(missing_ok=True)
