"""The operations on jobs; `Library` has them from here.

A new kind of job is a body that takes a RunningJob, and its line in `_bodies`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

from model_library.api.library_part import LibraryPart
from model_library.api.shapes import ErrorJson, ImportJson, ScanJson, VerifyJson
from model_library.api.shapes_apps import AppAddedJson
from model_library.api.shapes_hub import DownloadJson, LookupJson
from model_library.api.shapes_jobs import JobJson, JobProgressJson, JobsJson, LimitsJson
from model_library.api.shapes_storage import ComparedJson
from model_library.errors import JobStateError
from model_library.events import Listener, Notice
from model_library.library import LOCKS
from model_library.taxonomy import JobKind, JobState

if TYPE_CHECKING:
    from model_library.job_store import Job
    from model_library.jobs import Jobs
    from model_library.running_job import RunningJob


class JobOperations(LibraryPart):
    """What `Library` inherits."""

    _queue: Jobs | None = None

    if TYPE_CHECKING:

        def _import(self, work: RunningJob) -> ImportJson: ...

        def _verify(self, work: RunningJob) -> VerifyJson: ...

        def _scan(self, work: RunningJob) -> ScanJson: ...

        def _download_job(self, work: RunningJob) -> DownloadJson: ...

        def _lookup_job(self, work: RunningJob) -> LookupJson: ...

        def _install_job(self, work: RunningJob) -> AppAddedJson: ...

        def _compare_job(self, work: RunningJob) -> ComparedJson: ...

        @classmethod
        def open(cls, path: Any, *, settings: Any, listener: Listener) -> Self: ...

        def __enter__(self) -> Self: ...

        def __exit__(
            self,
            kind: type[BaseException] | None,
            error: BaseException | None,
            traceback: TracebackType | None,
        ) -> None: ...

    @property
    def _jobs(self) -> Jobs:
        if self._queue is None:
            from model_library.jobs import Jobs  # finding models does not need it

            network = self._catalog.settings.network
            self._queue = Jobs(
                self._catalog.registry,
                self._catalog.directory / LOCKS,
                default_bandwidth=None if network is None else network.bandwidth,
                holding=self._holding,
            )
        return self._queue

    def _bodies(self) -> Mapping[JobKind, Callable[[RunningJob], object]]:
        """What each kind of job does when it is started from the queue or resumed."""
        return {
            JobKind.IMPORT: self._import,
            JobKind.VERIFY: self._verify,
            JobKind.SCAN: self._scan,
            JobKind.DOWNLOAD: self._download_job,
            JobKind.LOOKUP: self._lookup_job,
            JobKind.INSTALL: self._install_job,
            JobKind.COMPARE: self._compare_job,
        }

    # --- looking -----------------------------------------------------------------------------------

    def jobs(self, *, everything: bool = False, limit: int | None = None) -> JobsJson:
        """What runs, what waits, and with `everything` also what is over, newest first."""
        from model_library.job_store import UNENDED

        found = self._jobs.list(None if everything else UNENDED, limit)
        return JobsJson(jobs=[job_json(job) for job in found], counts=self._job_counts())

    def job(self, job_id: str) -> JobJson:
        """One job by its id or an unambiguous beginning. Raises JobNotFoundError."""
        return job_json(self._jobs.get(job_id))

    def _job_counts(self) -> dict[str, int]:
        """How many jobs are in each state; says once when some were interrupted."""
        counts = self._jobs.counts()
        interrupted = counts.get(JobState.INTERRUPTED, 0)
        if interrupted:
            what = "1 job was" if interrupted == 1 else f"{interrupted} jobs were"
            hint = "`model-library jobs resume ID` lets one go on, `jobs cancel ID` gives it up."
            self._listener(Notice("jobs-interrupted", f"{what} interrupted", hint))
        return {state.value: count for state, count in counts.items()}

    # --- asking ------------------------------------------------------------------------------------

    def pause_job(self, job_id: str) -> JobJson:
        """Let a job stand still; a running one does so within a second or so, where it can.

        Raises JobNotFoundError, JobStateError, LibraryReadOnlyError; so do the next three.
        """
        self._catalog.require_writable()
        return job_json(self._jobs.pause(job_id))

    def cancel_job(self, job_id: str) -> JobJson:
        """End a job for good; what a download had fetched goes with it."""
        self._catalog.require_writable()
        job = self._jobs.cancel(job_id)
        self._sweep_downloads()
        return job_json(job)

    def prioritize_job(self, job_id: str, priority: int) -> JobJson:
        """Jobs with a higher priority are started first."""
        self._catalog.require_writable()
        return job_json(self._jobs.set_priority(job_id, priority))

    def resume_job(self, job_id: str, *, cancelled: threading.Event | None = None) -> JobJson:
        """Let a paused job go on, in its process or in the queue; do an interrupted or failed one here and
        now. Raises also what its work raises."""
        self._catalog.require_writable()
        before = self._jobs.get(job_id)
        job = self._jobs.resume(before.job_id)
        if before.state in (JobState.INTERRUPTED, JobState.FAILED):
            work = self._jobs.claim(job.job_id, self._listener, cancelled=cancelled)
            if work is not None:
                self._perform(work)
        return job_json(self._jobs.get(job.job_id))

    def forget_jobs(self) -> int:
        """Forget the jobs that are over; returns how many. A failed download of which something is on the disk
        stays, and a Notice says so: it can go on, or be cancelled."""
        self._catalog.require_writable()
        forgotten = self._jobs.forget_finished()
        self._sweep_downloads()
        kept = len(self._jobs.list([JobState.FAILED]))
        if kept:
            what = "1 failed download was" if kept == 1 else f"{kept} failed downloads were"
            message = f"{what} kept: what has arrived is on the disk"
            hint = "`model-library jobs resume ID` goes on with it, `jobs cancel ID` removes it."
            self._listener(Notice("downloads-kept", message, hint))
        return forgotten

    def _holding(self, failed: Sequence[Job]) -> set[str]:
        """Which of these downloads have, or may have on a root that is away, something on the disk."""
        if not failed:
            return set()
        from model_library.arrivals import jobs_with_bytes

        here, roots = jobs_with_bytes(self._catalog), self._catalog.roots
        away = [root.root_id for root in roots if not root.online]
        return {
            job.job_id
            for job in failed
            if job.job_id in here or (job.parameters.get("root_id") or roots.home.root_id) in away
        }

    def _sweep_downloads(self, given_up: str | None = None) -> None:
        """Remove what was fetched for jobs that nobody can go on with any more, and for the one that is
        about to be cancelled."""
        from model_library.arrivals import sweep
        from model_library.job_store import REPEATABLE, UNENDED

        wanted = {job.job_id for job in self._jobs.list(UNENDED | REPEATABLE)} - {given_up}
        sweep(self._catalog, wanted, self._listener)

    def job_limits(self) -> LimitsJson:
        """What downloads may take."""
        limits = self._jobs.limits()
        return LimitsJson(at_once=limits.at_once, bandwidth=limits.bandwidth)

    def set_job_limits(
        self, *, at_once: int | None = None, bandwidth: int | None = None
    ) -> LimitsJson:
        """Change limits; None leaves one as it is, and a bandwidth of 0 takes the limit away.

        Raises InvalidValueError.
        """
        self._catalog.require_writable()
        self._jobs.set_limits(at_once=at_once, bandwidth=bandwidth)
        return self.job_limits()

    # --- working -----------------------------------------------------------------------------------

    def run_jobs(self, *, cancelled: threading.Event | None = None) -> JobsJson:
        """Do all that is queued, as much at once as downloads may; returns what was done.

        What fails is in its job, and the others go on. Raises CancelledError when it was stopped.
        """
        from model_library.api.job_runner import JobRunner

        self._catalog.require_writable()
        stop = threading.Event() if cancelled is None else cancelled
        runner = JobRunner(self._jobs, self._performing, self._listener, stop)
        done = runner.run(self._jobs.limits().at_once)
        return JobsJson(
            jobs=[job_json(self._jobs.get(job_id)) for job_id in done], counts=self._job_counts()
        )

    @contextmanager
    def _performing(self) -> Iterator[Callable[[RunningJob], object]]:
        """For one of several threads: the library opened once more, because a deep scan in one replaces the
        index that it has open."""
        library = type(self).open(
            self._catalog.directory, settings=self._catalog.settings, listener=self._listener
        )
        with library:
            yield library._perform  # noqa: SLF001 # of this very class

    def _perform(self, work: RunningJob) -> object:
        """Do a job that was claimed; returns its document. Raises what its body raises."""
        body = self._bodies().get(work.job.kind)
        with work:
            if body is None:
                raise JobStateError(
                    f"A {work.job.kind} is not done from the queue",
                    hint="Give its command again; it goes on as the same job.",
                )
            return body(work)


def job_json(job: Job) -> JobJson:
    """A job as the outside sees it."""
    progress: dict[str, Any] = asdict(job.progress) | {"fraction": job.progress.fraction}
    if job.state is JobState.DONE and job.progress.fraction is not None:
        progress["fraction"] = 1.0  # also when the library had the bytes already
    return JobJson(
        job_id=job.job_id,
        kind=job.kind.value,
        title=job.title,
        state=job.state.value,
        request=None if job.request is None else job.request.value,
        owner=job.owner,
        priority=job.priority,
        parameters=dict(job.parameters),
        progress=cast("JobProgressJson", progress),
        result=None if job.result is None else dict(job.result),
        error=None if job.error is None else cast("ErrorJson", dict(job.error)),
        created=job.created,
        started=job.started,
        ended=job.ended,
    )
