"""A job in the hands of this process: it reports, waits while paused, stops when asked, and ends in one state.

A small thread looks every `TICK` seconds at what other processes ask for and writes down how far the work
is. Neither can fail the work or hold it up: what cannot be written now is written at the next look.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

from model_library.errors import CancelledError, ModelLibraryError
from model_library.events import Advanced, Event, Listener, Waiting
from model_library.job_progress import Bandwidth, JobProgress, ProgressMeter
from model_library.job_store import Job, JobStore
from model_library.taxonomy import JobKind, JobRequest, JobState

TICK: Final = 0.3
"""Seconds between two looks at what is asked for."""
WRITE_EVERY: Final = 2
"""Looks between two writings of the progress."""
SAME_WAIT: Final = 2.0
"""Seconds between the ends of two waits that are one."""
UNEXPECTED_HINT: Final = "This is a fault of the program. Please report it."
RESUMABLE: Final = frozenset({JobKind.DOWNLOAD, JobKind.IMPORT, JobKind.INSTALL})
"""What a person still wants when its process is stopped; anything else is as well begun anew."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a job ended, as it is written down."""

    state: JobState
    progress: JobProgress
    result: Mapping[str, Any] | None = None
    error: Mapping[str, str] | None = None


def ending(
    kind: JobKind, raised: BaseException | None, *, asked: bool
) -> tuple[JobState, Mapping[str, str] | None]:
    """End state and error of a job whose body ended so; `asked`: a person had it cancelled."""
    if raised is None:
        return JobState.DONE, None
    if isinstance(raised, CancelledError) or not isinstance(raised, Exception):
        stays = kind in RESUMABLE and not asked
        return (JobState.INTERRUPTED if stays else JobState.CANCELLED), None
    if isinstance(raised, ModelLibraryError):
        return JobState.FAILED, raised.to_json()
    message = f"{type(raised).__name__}: {raised}"
    return JobState.FAILED, {"code": "unexpected", "message": message, "hint": UNEXPECTED_HINT}


class RunningJob:
    """Use it as a context manager around the work. It is a `providers.Transfer`, and `listen` is a Listener.

    Leaving the body ends the job: `done` with `result`, or `failed`, `cancelled`, `interrupted` by what was
    raised, which goes on. `store` and `ended` are None for work that is not kept (a library that may only be
    read): then it reports and stops as any other.
    """

    def __init__(
        self,
        job: Job,
        listener: Listener,
        cancelled: threading.Event,
        *,
        bandwidth: Bandwidth,
        store: JobStore | None,
        limit: Callable[[], int | None],
        ended: Callable[[Ending], None],
    ) -> None:
        self.job = job
        self.cancelled = cancelled
        """Set to stop the work; only a request of a person makes the job `cancelled`."""
        self.result: Mapping[str, Any] | None = None
        """What the body found out, small; kept with the job when it is done."""
        self._listener = listener
        self._bandwidth = bandwidth
        self._store = store
        self._limit = limit
        self._ended = ended
        self._meter = ProgressMeter()
        self._paused = threading.Event()
        self._standing = False
        """A thread of the work stands at a checkpoint."""
        self._told = False
        """The row says that the job is paused."""
        self._asked_to_stop = False
        self._failure: ModelLibraryError | None = None
        self._over = threading.Event()
        self._guard = threading.Lock()
        self._waits_until = -math.inf
        self._watcher: threading.Thread | None = None

    @property
    def job_id(self) -> str:
        return self.job.job_id

    @property
    def parameters(self) -> Mapping[str, Any]:
        return self.job.parameters

    @property
    def is_given_up(self) -> bool:
        """Whether a person has cancelled the job: nobody goes on with it."""
        return self._asked_to_stop

    def __enter__(self) -> Self:
        if self._store is not None:
            name = f"job {self.job_id}"
            self._watcher = threading.Thread(target=self._watch, args=[self._store], name=name)
            self._watcher.daemon = (
                True  # a body that was left without its end must not hold the program
            )
            self._watcher.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._over.set()
        if self._watcher is not None:
            self._watcher.join()
        raised = self._failure if error is None else error
        state, told = ending(self.job.kind, raised, asked=self._asked_to_stop)
        result = self.result if error is None else None
        self._ended(Ending(state, self._meter.rest(), result, told))

    # --- what the work calls -----------------------------------------------------------------------

    def tell(self, event: Event) -> None:
        """Count an event and pass it on."""
        self._meter.hear(event)
        self._listener(event)

    def listen(self, event: Event) -> None:
        """The same, and a checkpoint where work advanced. Not for those who hold a lock."""
        self.tell(event)
        if isinstance(event, Advanced):
            self.checkpoint()

    def fail(self, error: ModelLibraryError) -> None:
        """The body will return what it has, and the job counts as failed."""
        self._failure = error

    def advance(self, count: int) -> None:
        """Bytes that arrived (negative: that have to be fetched again). Waits while paused or over the
        bandwidth limit; raises CancelledError."""
        self.listen(Advanced(self.job.kind, count))
        self._bandwidth.take(count, self.cancelled)

    def skip(self, count: int) -> None:
        """Bytes that are there already: progress that takes no bandwidth. Waits while paused; raises
        CancelledError."""
        self.listen(Advanced(self.job.kind, count, is_skipped=True))

    def waits(self, seconds: float) -> None:
        """The provider asks for so much patience; several threads that meet the same wait say it once."""
        with self._guard:
            until = time.monotonic() + seconds
            if until <= self._waits_until + SAME_WAIT:
                return
            self._waits_until = until
        self.tell(Waiting(seconds, "the Hub asks for it"))

    def checkpoint(self) -> None:
        """Wait while the job is paused. Raises CancelledError once it is to stop."""
        while self._paused.is_set() and not self.cancelled.is_set():
            self._standing = True
            self.cancelled.wait(TICK)
        self.stop_point()

    def stop_point(self) -> None:
        """Raises CancelledError once the job is to stop."""
        if self.cancelled.is_set():
            raise CancelledError(f"The {self.job.kind} was stopped; nothing half-done was left")

    # --- the thread --------------------------------------------------------------------------------

    def _watch(self, store: JobStore) -> None:
        looks = 0
        written = JobProgress()
        while not self._over.wait(TICK):
            looks += 1
            try:
                self._obey(store)
                self._bandwidth.limit(self._limit())
                if looks % WRITE_EVERY == 0:
                    progress = self._meter.rest() if self._told else self._meter.look()
                    if progress != written:
                        store.put_progress(self.job_id, progress)
                        written = progress
            except ModelLibraryError:  # busy or full: the next look writes what is true then
                continue

    def _obey(self, store: JobStore) -> None:
        request = store.request(self.job_id)
        if request is JobRequest.CANCEL:
            self._asked_to_stop = True
            self.cancelled.set()
        elif request is JobRequest.PAUSE:
            self._paused.set()
            if self._standing:  # until then it runs, and the row says so
                self._told = store.answer(self.job_id, request, JobState.PAUSED)
        elif not self._told:
            self._go_on()  # asked to pause and, before it stood still, not to
        elif request is JobRequest.RESUME and store.answer(self.job_id, request, JobState.RUNNING):
            self._go_on()

    def _go_on(self) -> None:
        self._told = self._standing = False
        self._paused.clear()
