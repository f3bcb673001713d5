"""A few threads that share out the queue of a library until it is empty or they are stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from typing import TYPE_CHECKING, Final

from model_library.errors import CancelledError, ModelLibraryError
from model_library.events import Event, Listener, Notice, Planned
from model_library.running_job import UNEXPECTED_HINT
from model_library.taxonomy import JobState

if TYPE_CHECKING:
    from model_library.jobs import Jobs
    from model_library.running_job import RunningJob

_LOOK: Final = 0.3
"""Seconds between two looks at the queue, and at whether to stop."""


class JobRunner:
    """One run. `performing` is entered by each thread and gives what does a job there."""

    def __init__(
        self,
        jobs: Jobs,
        performing: Callable[[], AbstractContextManager[Callable[[RunningJob], object]]],
        listener: Listener,
        stop: threading.Event,
    ) -> None:
        self._jobs = jobs
        self._performing = performing
        self._listener = listener
        self._stop = stop
        self._guard = threading.Lock()
        self._live: dict[str, RunningJob] = {}
        self._plans: dict[tuple[object, str], Planned] = {}
        self._done: list[str] = []

    def run(self, at_once: int) -> list[str]:
        """Do all that is queued; returns the ids of what was done, in the order of its ends.

        A job that fails says so in a Notice and stops no other. Raises CancelledError when `stop` was set.
        """
        if not self._queued():
            return []
        with ThreadPoolExecutor(at_once, "jobs") as pool:
            threads = [pool.submit(self._work) for _ in range(at_once)]
            with ExitStack() as cleanup:
                cleanup.callback(self._stop_all)
                self._watch(threads)
                cleanup.pop_all()
        for thread in threads:
            thread.result()
        return self._done

    def _watch(self, threads: list[Future[None]]) -> None:
        while wait(threads, timeout=_LOOK).not_done:
            if self._stop.is_set():
                raise CancelledError("The queue was stopped; `jobs run` goes on with it")

    def _stop_all(self) -> None:
        with self._guard:
            self._stop.set()
            for work in self._live.values():
                work.cancelled.set()

    def _queued(self) -> bool:
        return bool(self._jobs.list([JobState.QUEUED], 1))

    def _work(self) -> None:
        with self._performing() as perform:
            while (work := self._next()) is not None:
                try:
                    perform(work)
                except CancelledError:
                    pass  # by a person; a stop of all ends the loop
                except ModelLibraryError as error:
                    message = f"Job {work.job_id} ({work.job.title}) failed: {error}"
                    self._listener(Notice(error.code, message, error.hint))
                except Exception as error:  # noqa: BLE001 # catches-all: others go on
                    message = f"Job {work.job_id} ({work.job.title}) failed: {type(error).__name__}"
                    self._listener(Notice("unexpected", message, UNEXPECTED_HINT))
                with self._guard:
                    del self._live[work.job_id]
                    self._done.append(work.job_id)

    def _next(self) -> RunningJob | None:
        """The next job. Waits while all that is queued are downloads and as many run as may."""
        while not self._stop.is_set():
            work = self._jobs.claim(None, partial(self._together, object()))
            if work is not None:
                with self._guard:
                    self._live[work.job_id] = work
                    if self._stop.is_set():
                        work.cancelled.set()
                return work
            if not self._queued():
                return None
            self._stop.wait(_LOOK)
        return None

    def _together(self, job: object, event: Event) -> None:
        """Events of all jobs as those of one: their plans are added up."""
        if not isinstance(event, Planned):
            self._listener(event)
            return
        with self._guard:
            self._plans[job, event.stage] = event
            models = sum(plan.models for plan in self._plans.values())
            total = sum(plan.bytes for plan in self._plans.values())
        self._listener(Planned("jobs", models, total))
