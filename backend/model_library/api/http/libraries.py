"""Open libraries for the threads of the server: each is used by one of them at a time. There may be none yet.

One that comes back is kept for the next, the last first, so that a single user meets one library with warm
connections. Before it is used again it looks at what was done to the roots elsewhere.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from model_library.api.core import Library
from model_library.config import Settings
from model_library.errors import NoLibraryError
from model_library.events import Listener

_KEPT: Final = 6
"""Idle libraries that stay open."""
_STALE: Final = 1.0
"""Seconds after which other processes may have changed the roots."""


@dataclass(slots=True)
class _Open:
    """One open library; `looked` and `changes`: when it last looked at the roots."""

    library: Library
    looked: float
    changes: int


class Libraries:
    """All of one directory, once `use` said which; until then everything raises NoLibraryError."""

    def __init__(self, settings: Settings, listener: Listener) -> None:
        self._directory: Path | None = None
        self._settings = settings
        self._listener = listener
        self._guard = threading.Lock()
        self._idle: list[_Open] = []
        self._changes = 0
        self._closed = False

    def use(self, directory: Path) -> None:
        """Open the library in a directory, and begin it where there is none. Raises what `Library.open` does."""
        library = Library.open(directory, settings=self._settings, listener=self._listener)
        with self._guard:
            self._directory = directory
            self._idle.append(_Open(library, time.monotonic(), self._changes))

    @property
    def has_library(self) -> bool:
        return self._directory is not None

    @property
    def directory(self) -> Path:
        """Raises NoLibraryError."""
        if self._directory is None:
            raise NoLibraryError("There is no library yet")
        return self._directory

    @contextmanager
    def borrow(self) -> Iterator[Library]:
        """A library for one operation of this thread."""
        taken = self._take()
        try:
            yield taken.library
        finally:
            self._give_back(taken)

    def changed(self) -> None:
        """Roots may be different now: every library looks again before its next use."""
        with self._guard:
            self._changes += 1

    def close(self) -> None:
        """Close what is idle now, and what is borrowed when it comes back."""
        with self._guard:
            self._closed = True
            idle, self._idle = self._idle, []
        for one in idle:
            one.library.close()

    def _take(self) -> _Open:
        with self._guard:
            found = self._idle.pop() if self._idle else None
            changes = self._changes
        now = time.monotonic()
        if found is None:
            library = Library.open(self.directory, settings=self._settings, listener=self._listener)
            return _Open(library, now, changes)
        if found.changes != changes or now - found.looked > _STALE:
            found.library.look_again()
            found.looked, found.changes = now, changes
        return found

    def _give_back(self, taken: _Open) -> None:
        with self._guard:
            keep = not self._closed and len(self._idle) < _KEPT
            if keep:
                self._idle.append(taken)
        if not keep:
            taken.library.close()
