"""How far a job is, how fast it goes and how much it may take: pure arithmetic on a clock that is passed in.

Whatever the clock does, a rate is never negative or endless: a stretch that took no time, or so long that
the machine must have slept, says nothing about the speed.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from model_library.errors import CancelledError
from model_library.events import Advanced, Event, ModelDone, Planned, Waiting

SMOOTHING: Final = 5.0
"""Seconds after which a change of the speed shows to about two thirds."""
LONGEST_STRETCH: Final = 30.0
"""Seconds between two looks after which the machine was asleep and not slow."""
BURST: Final = 0.25
"""Seconds of bandwidth that may come at once after a silence."""
_SLICE: Final = 0.25
"""Seconds of waiting after which a changed limit is noticed."""
_MOST_SECONDS: Final = 10.0 * 365 * 24 * 3600
"""More than any job lasts; a larger number only says that nothing moves."""

Clock = Callable[[], float]
"""Seconds that only grow, from any beginning."""


@dataclass(frozen=True, slots=True)
class JobProgress:
    """What a job says of itself. Counts are of the present stage."""

    stage: str = ""
    bytes_done: int = 0
    bytes_total: int | None = None
    models_done: int = 0
    models_total: int | None = None
    rate: float | None = None
    """Bytes a second, smoothed."""
    seconds_left: float | None = None
    detail: str = ""
    """The last thing that was finished, or what is waited for, in words."""

    @property
    def fraction(self) -> float | None:
        """0 to 1, None while nobody knows how much there is."""
        for done, total in (
            (self.bytes_done, self.bytes_total),
            (self.models_done, self.models_total),
        ):
            if total:
                return min(max(done / total, 0.0), 1.0)
        return None


def smoothed(rate: float | None, count: int, seconds: float) -> float | None:
    """The rate after `count` more bytes in `seconds`."""
    if not 0 < seconds <= LONGEST_STRETCH:
        return rate
    now = max(count, 0) / seconds
    if rate is None:
        return now or None  # what has not begun has no speed yet
    return rate + (1 - math.exp(-seconds / SMOOTHING)) * (now - rate)


def seconds_left(progress: JobProgress, rate: float | None) -> float | None:
    """From bytes and rate; None where one of them is unknown or nothing moves."""
    if progress.bytes_total is None or not rate:
        return None
    left = max(progress.bytes_total - progress.bytes_done, 0) / rate
    return left if left < _MOST_SECONDS else None


class ProgressMeter:
    """Counts events, which may come from several threads, and says how far the work is."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._guard = threading.Lock()
        self._plan: Planned | None = None
        self._bytes = self._models = 0
        self._detail = ""
        self._waits, self._waits_until = "", clock()
        self._rate: float | None = None
        self._looked, self._bytes_then = clock(), 0

    def hear(self, event: Event) -> None:
        """Take an event in. A stage that is planned anew replaces the plan; another stage begins at 0."""
        with self._guard:
            if isinstance(event, Advanced):
                self._bytes = max(self._bytes + event.bytes, 0)
                self._bytes_then += event.bytes if event.is_skipped else 0
                self._models += event.models
            elif isinstance(event, ModelDone):
                self._models += 1
                self._detail = f"{event.outcome}: {event.name}"
            elif isinstance(event, Waiting):
                self._waits, self._waits_until = event.text, self._clock() + event.seconds
            elif isinstance(event, Planned):
                if self._plan is not None and event.stage != self._plan.stage:
                    self._bytes = self._models = self._bytes_then = 0
                self._plan = event

    def look(self) -> JobProgress:
        """How far it is now. The speed is that between two looks, so look at a steady pace."""
        with self._guard:
            now = self._clock()
            moved = self._bytes - self._bytes_then
            self._rate = smoothed(self._rate, moved, now - self._looked)
            self._looked, self._bytes_then = now, self._bytes
            counts = self._counts()
            return replace(counts, rate=self._rate, seconds_left=seconds_left(counts, self._rate))

    def rest(self) -> JobProgress:
        """How far it is while it stands still: without a speed."""
        with self._guard:
            self._looked, self._bytes_then = self._clock(), self._bytes
            self._rate = None
            return self._counts()

    def _counts(self) -> JobProgress:
        plan = self._plan
        return JobProgress(
            stage="" if plan is None else plan.stage,
            bytes_done=self._bytes,
            bytes_total=None if plan is None else plan.bytes,
            models_done=self._models,
            models_total=None if plan is None else plan.models or None,
            detail=self._waits if self._clock() < self._waits_until else self._detail,
        )


class Bandwidth:
    """A bucket of bytes that fills at a steady rate; all who take from one share it."""

    def __init__(self, rate: int | None = None, clock: Clock = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._guard = threading.Lock()
        self._free_at = self._last = clock()

    @property
    def rate(self) -> int | None:
        """Bytes a second; None: no limit."""
        return self._rate

    def limit(self, rate: int | None) -> None:
        """Set the rate; also those who wait go by it."""
        with self._guard:
            if rate != self._rate:
                self._rate, self._free_at = rate, self._clock()

    def reserve(self, count: int) -> float:
        """Take `count` bytes; returns after how many seconds they are due."""
        with self._guard:
            if self._rate is None or count <= 0:
                return 0.0
            now = self._clock()
            if now < self._last:
                self._free_at = now
            self._last = now
            self._free_at = max(self._free_at, now - BURST) + count / self._rate
            return max(self._free_at - now, 0.0)

    def take(self, count: int, cancelled: threading.Event) -> None:
        """Take `count` bytes and wait until they are due. Raises CancelledError."""
        rate = self._rate
        wait = self.reserve(count)
        while wait > 0 and rate == self._rate:
            if cancelled.wait(min(wait, _SLICE)):
                raise CancelledError("The transfer was stopped")
            wait -= _SLICE
