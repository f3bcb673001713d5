"""Lookups that had no answer are asked again by the server, so that nobody has to think of them.

One model is the probe: while the provider does not answer it, the next try is later each time, and no job is
made. Once it answers, the others are put into the queue, so many at a time. An answer that anything else gets
meanwhile ends the waiting. With the network switched off nothing is done.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Final

from model_library.api.core import Library
from model_library.api.http.events import EventLog
from model_library.api.http.libraries import Libraries
from model_library.errors import LibraryReadOnlyError, ModelLibraryError
from model_library.taxonomy import JobKind, JobState

FIRST: Final = 5.0
"""Seconds after the start of the server."""
SHORTEST, LONGEST = 60.0, 3600.0
"""Seconds between two tries."""
LOOK: Final = 5.0
"""Seconds between two looks at whether the network has answered somebody else."""
_BUSY: Final = frozenset({JobKind.LOOKUP, JobKind.IMPORT})
"""Jobs that ask the provider themselves, while they are ..."""
_AT_WORK: Final = frozenset({JobState.QUEUED, JobState.RUNNING})


def pause_after(pause: float, *, answered: bool) -> float:
    """Seconds until the next try."""
    return SHORTEST if answered else min(max(pause * 2, SHORTEST), LONGEST)


class PendingLookups:
    """Start it once."""

    def __init__(self, libraries: Libraries, events: EventLog) -> None:
        self._libraries = libraries
        self._events = events
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="looking up")

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        pause = left = FIRST
        heard: object = None
        while not self._stop.wait(min(left, LOOK)):
            left -= LOOK
            with suppress(ModelLibraryError), self._libraries.borrow() as library:
                if _is_switched_off(library):
                    return
                if left > 0 and (heard is None or _answers(library) == heard):
                    continue
                answered = self._try(library)
                pause = left = pause_after(pause, answered=answered)
                heard = None if answered else _answers(library)

    def _try(self, library: Library) -> bool:
        """Whether nothing keeps from asking."""
        if any(job["kind"] in _BUSY and job["state"] in _AT_WORK for job in library.jobs()["jobs"]):
            return True
        try:
            asked, answered = library.probe_lookups(self._stop)
        except LibraryReadOnlyError:
            self._stop.set()
            return True
        if asked and answered:
            self._events.changed(("jobs", "models", "status"))
        return answered


def _is_switched_off(library: Library) -> bool:
    return library.network_status()["offline"]


def _answers(library: Library) -> object:
    """What changes when a host answers."""
    return [(host["host"], host["last_answer"]) for host in library.network_status()["hosts"]]
