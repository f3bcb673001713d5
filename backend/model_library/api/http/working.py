"""The work of the server: its queue, done in threads of its own, and what there is to tell about it.

At the start, what was interrupted is queued again. One thread hands jobs out: as many downloads as may run at
once, and `BESIDE` others, so that an import never waits for a download. When the server closes, running work
stops at its next step and is found interrupted. A second thread tells how far jobs are, also those of other
processes, and notices what other processes change.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from contextlib import ExitStack, suppress
from dataclasses import asdict
from typing import Any, Final

from model_library.api.core import Library
from model_library.api.http.events import EventLog, FinishedJson
from model_library.api.http.libraries import Libraries
from model_library.api.http.looking_up import PendingLookups
from model_library.api.http.uploads import Uploads
from model_library.api.http.watching import Watch
from model_library.errors import LibraryReadOnlyError, ModelLibraryError
from model_library.events import Event, Listener, ModelDone, Notice
from model_library.job_progress import JobProgress, ProgressMeter
from model_library.running_job import RunningJob
from model_library.taxonomy import JobKind, JobState

BESIDE: Final = 2
"""Jobs at once besides downloads. The drives decide how much of them is done at the same time."""
MOST_THREADS: Final = 32
"""Paused jobs keep theirs."""
RESULTS: Final = 50
"""Documents of finished jobs that are kept; their counts are with the jobs."""
_LOOK: Final = 0.25
"""Seconds between two looks."""
_SLOW_LOOK: Final = 4
"""Looks between two at what other processes do."""
_SWEEP_LOOK: Final = 3600 * 4
"""Looks between two at what was sent and given up."""
_MOST_FINISHED: Final = 200
"""Names in one event; of more only the last are told."""
_PATIENCE: Final = 20.0
"""Seconds that closing waits for work to stop."""


class _Live:
    """A job that is being done here."""

    def __init__(self, pass_on: Listener) -> None:
        self.work: RunningJob | None = None
        self.thread: threading.Thread | None = None
        self.over = threading.Event()
        self._pass_on = pass_on
        self._meter = ProgressMeter()
        self._guard = threading.Lock()
        self._finished: list[FinishedJson] = []
        self._told: JobProgress | None = None

    def hear(self, event: Event) -> None:
        self._meter.hear(event)
        if isinstance(event, ModelDone):
            one = FinishedJson(stage=event.stage, name=event.name, outcome=event.outcome)
            with self._guard:
                self._finished.append(one)
        elif isinstance(event, Notice):
            self._pass_on(event)

    def news(self) -> dict[str, Any] | None:
        """What is to be told since the last time, None when nothing moved."""
        progress = self._meter.look()
        with self._guard:
            finished, self._finished = self._finished, []
        if self.work is None or (progress == self._told and not finished):
            return None
        self._told = progress
        shown = asdict(progress) | {"fraction": progress.fraction}
        return {
            "job_id": self.work.job_id,
            "kind": self.work.job.kind.value,
            "progress": shown,
            "finished": finished[-_MOST_FINISHED:],
        }


class Work:
    """Start it once; `close` ends everything that it began."""

    def __init__(self, libraries: Libraries, events: EventLog, uploads: Uploads) -> None:
        self._libraries = libraries
        self._uploads = uploads
        self._events = events
        self.watching = threading.Event()
        """Set once changes that other processes make are noticed."""
        self._stop = threading.Event()
        self._woken = threading.Event()
        self._guard = threading.Lock()
        self._live: dict[str, _Live] = {}
        self._results: OrderedDict[str, Any] = OrderedDict()
        self._lookups = PendingLookups(libraries, events)
        self._threads = [
            threading.Thread(target=self._hand_out, name="queue"),
            threading.Thread(target=self._tell, name="telling"),
        ]

    def start(self) -> None:
        """Raises what opening the library raises."""
        with self._libraries.borrow() as library:
            _requeue(library, self._events.hear)
            self._sweep(library)
        for thread in self._threads:
            thread.start()
        self._lookups.start()

    def wake(self) -> None:
        """Look at the queue at once: something was put into it."""
        self._woken.set()

    def result(self, job_id: str) -> Any | None:
        """The document of a job that is over and was done here, while it is kept. A job is over in the
        registry a moment before its document is here."""
        with self._guard:
            live = self._live.get(job_id)
        if live is not None:
            live.over.wait(_PATIENCE)
        with self._guard:
            return self._results.get(job_id)

    def doing(self) -> list[str]:
        """What the jobs that are being done here are called."""
        with self._guard:
            return [one.work.job.title for one in self._live.values() if one.work is not None]

    def close(self) -> None:
        self._stop.set()
        self._woken.set()
        self._lookups.close()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()
        with self._guard:
            live = list(self._live.values())
        for one in live:
            if one.work is not None:
                one.work.cancelled.set()
        for one in live:
            if one.thread is not None:
                one.thread.join(_PATIENCE)

    # --- handing out -------------------------------------------------------------------------------

    def _hand_out(self) -> None:
        said = ""
        while not self._stop.is_set():
            self._woken.clear()
            try:
                while not self._stop.is_set() and self._begin_next():
                    said = ""
            except LibraryReadOnlyError:
                return  # it can be looked at, and there is nothing to be done
            except ModelLibraryError as error:  # busy or full: the next look tries again
                if str(error) != said:
                    said = str(error)
                    self._events.hear(Notice(error.code, f"The queue waits: {said}", error.hint))
            self._woken.wait(_LOOK)

    def _begin_next(self) -> bool:
        """Begin the next job of the queue; False when none may begin now. The library that claims a job is
        kept for it until it ends."""
        with ExitStack() as kept:
            library = kept.enter_context(self._libraries.borrow())
            if not self._may_begin(library):
                return False
            live = _Live(self._events.hear)
            work = library.claim_job(live.hear)
            if work is None:
                return False
            live.work = work
            live.thread = threading.Thread(
                target=self._do, args=[live, work, library, kept.pop_all()], name="working"
            )
            with self._guard:
                self._live[work.job_id] = live
            live.thread.start()
        return True

    def _may_begin(self, library: Library) -> bool:
        """Whether something is queued and there is room for it. Paused jobs take none."""
        jobs = library.jobs()["jobs"]
        if not any(job["state"] == JobState.QUEUED for job in jobs):
            return False
        with self._guard:
            live = set(self._live)
        resting = {job["job_id"] for job in jobs if job["state"] == JobState.PAUSED} & live
        most = library.job_limits()["at_once"] + BESIDE + len(resting)
        return len(live) < min(most, MOST_THREADS)

    def _do(self, live: _Live, work: RunningJob, library: Library, kept: ExitStack) -> None:
        document: object = None
        with kept:
            self._events.publish("job", library.job(work.job_id))
            try:
                with suppress(ModelLibraryError):  # failed or stopped: its row says which, and why
                    document = library.perform_job(work)
            finally:
                self._ended(live, work, document)

    def _ended(self, live: _Live, work: RunningJob, document: object) -> None:
        self._clear_received(work, document)
        with self._guard:
            if document is not None:
                self._results[work.job_id] = document
                while len(self._results) > RESULTS:
                    self._results.popitem(last=False)
            self._live.pop(work.job_id, None)
        live.over.set()
        self._libraries.changed()  # an import may have added a root
        if (news := live.news()) is not None:
            self._events.publish("progress", news)
        self._tell_job(work.job_id)
        self._events.changed(("jobs", "models", "links", "roots", "status"))
        self.wake()

    def _clear_received(self, work: RunningJob, document: Any) -> None:
        """What a browser sent and was imported is not needed any more; what failed is, to try again."""
        if work.job.kind is not JobKind.IMPORT or document is None or document["failed"]:
            return
        for path in work.parameters["paths"]:
            if (batch := self._uploads.batch_of(path)) is not None:
                self._uploads.remove(batch)

    def _sweep(self, library: Library) -> None:
        paths = [
            path for job in library.jobs()["jobs"] for path in job["parameters"].get("paths", ())
        ]
        self._uploads.sweep({batch for path in paths if (batch := self._uploads.batch_of(path))})

    def _tell_job(self, job_id: str) -> None:
        with suppress(ModelLibraryError), self._libraries.borrow() as library:
            self._events.publish("job", library.job(job_id))

    # --- telling -----------------------------------------------------------------------------------

    def _tell(self) -> None:
        watch = Watch(self._libraries.directory)
        looks = 0
        while not self._stop.wait(_LOOK):
            looks += 1
            with self._guard:
                live = list(self._live.values())
            for one in live:
                if (news := one.news()) is not None:
                    self._events.publish("progress", news)
            if looks % _SLOW_LOOK == 0:
                with suppress(ModelLibraryError), self._libraries.borrow() as library:
                    watch.look(library, self._events)
                    if looks % _SWEEP_LOOK == 0:
                        self._sweep(library)
                    self.watching.set()


def _requeue(library: Library, listener: Listener) -> None:
    """Let interrupted jobs go on."""
    for job in library.jobs()["jobs"]:
        if job["state"] == JobState.INTERRUPTED:
            try:
                library.requeue_job(job["job_id"])
            except ModelLibraryError as error:
                listener(Notice(error.code, str(error), error.hint))
