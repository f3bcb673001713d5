"""Who may use which drive now: one queue per physical drive.

Two copies at once keep an SSD busy; on a hard disk they make the head jump and both become slower,
so it gets one. What cannot be known (network, memory, a restricted system) gets one too. Roots and
sources on one drive share its queue; work that touches several drives (a copy between two, a path
on LVM or md) needs a place on each.

Promises: places are given in the order of asking, so nothing starves; all places of one piece of
work are given together or not at all, so two pieces can never wait for each other; and waiting ends
at once when the work is cancelled. Whoever holds a place must not ask for a second one.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from model_library.errors import CancelledError, InvalidValueError
from model_library.io.platform.drives import Drive
from model_library.io.platform.drives import drives_of as physical_drives_of

SSD_AT_ONCE: Final = 2
"""Pieces of work. One reads and hashes while the other waits for its last bytes to be durable."""

OTHERS_AT_ONCE: Final = 1
"""Pieces of work on a hard disk, and on a drive of which nothing is known."""

CANCEL_INTERVAL: Final = 0.02
"""Seconds between two looks at `cancelled` while waiting: at once for a person, no load."""

DRIVES_KNOWN_FOR: Final = 10.0
"""Seconds that the drives of a filesystem are remembered. Asking costs about a millisecond, too
much for each of thousands of small files; a drive may be unplugged and its number given anew."""


@dataclass(frozen=True, slots=True)
class DriveState:
    """One drive at one moment, in pieces of work."""

    key: str
    limit: int
    busy: int
    waiting: int


@dataclass(eq=False, slots=True)
class _Turn:
    """One piece of work on its way through the queues; guarded by the lock of its `DriveQueues`."""

    limits: Mapping[str, int]
    """By the key of every drive it needs."""
    wake: threading.Event = field(default_factory=threading.Event)
    """Set when it may go: it then counts as busy on each of them."""


class DriveQueues:
    """The queues of all drives of this machine, for any number of threads."""

    def __init__(
        self,
        limits: Mapping[str, int] | None = None,
        *,
        drives_of: Callable[[Path], frozenset[Drive]] | None = None,
    ) -> None:
        """`limits` are the user's numbers by the key of a drive; `drives_of` describes another
        machine than this one. Raises InvalidValueError for a limit below 1."""
        self._overrides = dict(limits or {})
        for key, limit in self._overrides.items():
            if limit < 1:
                raise InvalidValueError(
                    f"{limit} at once on the drive {key} would wait for ever",
                    hint="Give a number of at least 1.",
                )
        self._drives_of = drives_of or RememberedDrives(physical_drives_of)
        self._lock = threading.Lock()
        self._busy: dict[str, int] = {}
        self._waiting: list[_Turn] = []
        self._limits: dict[str, int] = {}

    def limit_of(self, drive: Drive) -> int:
        """How many pieces of work may use the drive at once."""
        usual = SSD_AT_ONCE if drive.rotational is False else OTHERS_AT_ONCE
        return self._overrides.get(drive.key, usual)

    @contextmanager
    def slot(self, *paths: Path, cancelled: Callable[[], bool] | None = None) -> Iterator[None]:
        """Hold a place on every drive beneath `paths`; they need not exist yet.

        Raises CancelledError, holding nothing, when `cancelled` answers True before the turn comes.
        """
        drives = {drive for path in paths for drive in self._drives_of(path)}
        turn = _Turn({drive.key: self.limit_of(drive) for drive in drives})
        try:
            self._enter(turn)
            _wait(turn.wake, cancelled)
            yield
        finally:
            self._leave(turn)

    def snapshot(self) -> tuple[DriveState, ...]:
        """Every drive that was used so far, by its key."""
        with self._lock:
            waiting = Counter(key for turn in self._waiting for key in turn.limits)
            return tuple(
                DriveState(key, limit, self._busy[key], waiting[key])
                for key, limit in sorted(self._limits.items())
            )

    def _enter(self, turn: _Turn) -> None:
        with self._lock:
            for key, limit in turn.limits.items():
                self._limits[key] = limit
                self._busy.setdefault(key, 0)
            self._waiting.append(turn)
            self._admit()

    def _leave(self, turn: _Turn) -> None:
        with self._lock:
            if turn.wake.is_set():
                for key in turn.limits:
                    self._busy[key] -= 1
            elif turn in self._waiting:
                self._waiting.remove(turn)
            self._admit()

    def _admit(self) -> None:
        """Let in whoever can go without taking a place that an earlier one waits for.

        The lock is held.
        """
        still_waiting: list[_Turn] = []
        taken = dict(self._busy)
        for turn in self._waiting:
            if all(taken[key] < limit for key, limit in turn.limits.items()):
                for key in turn.limits:
                    self._busy[key] += 1
                turn.wake.set()
            else:
                still_waiting.append(turn)
            for key in turn.limits:
                taken[key] += 1
        self._waiting = still_waiting


def _wait(wake: threading.Event, cancelled: Callable[[], bool] | None) -> None:
    if cancelled is None:
        wake.wait()
        return
    while not cancelled():
        if wake.wait(CANCEL_INTERVAL):
            return
    raise CancelledError("stopped while waiting for a drive")


class RememberedDrives:
    """Asks for the drives of a path once per filesystem, and again after `DRIVES_KNOWN_FOR`."""

    def __init__(
        self,
        ask: Callable[[Path], frozenset[Drive]],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._known: dict[int, tuple[float, frozenset[Drive]]] = {}

    def __call__(self, path: Path) -> frozenset[Drive]:
        number = _device_number(path)
        now = self._clock()
        until, drives = self._known.get(number, (now, frozenset()))
        if until <= now:
            drives = self._ask(path)
            self._known[number] = (now + DRIVES_KNOWN_FOR, drives)
        return drives


def _device_number(path: Path) -> int:
    """`st_dev` of the path or, where it is still to be made, of its nearest existing parent."""
    try:
        return os.stat(path).st_dev  # noqa: PTH116  half the cost of Path.stat
    except OSError:
        for parent in path.absolute().parents:  # a record may name a path with thousands of parts
            with suppress(OSError):
                return parent.stat().st_dev
        return 0
