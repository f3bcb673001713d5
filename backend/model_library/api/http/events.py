"""What happens in the library, as server-sent events that a page can go on with after a cut.

Events are numbered and kept in a ring. A reader is only a place in it: one that is slow costs nothing, and one
that fell behind, or comes back after the server was started anew, is told to `reset` and loads everything
again. Event names and data:

    job       a job is new, or its state or progress is another one: the job
    progress  how far a job of this process is, with what it finished since (ProgressEvent)
    changed   something may be different: {"areas": [...]}, the words of `operations`
    working   what is being done that a page waits for: {"running": [WorkingJson]}; told to everyone who
              begins to listen while there is some, so that a page that was closed knows it again
    network   the state of the hosts is another one: as `network_status` answers
    notice    something a person should know: {"code", "message", "hint"}
    reset     events were missed: load everything again
"""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from typing_extensions import TypedDict

from model_library.api.http.problems import dumped
from model_library.events import Advanced, Event, Notice, Planned

KEPT: Final = 4096
"""Events; a job makes about four a second."""
HEARTBEAT: Final = 15.0
"""Seconds of silence after which a comment shows that the connection lives."""
TELL_EVERY: Final = 0.25
"""Seconds between two words about how far operations are."""
_TOLD_OTHERWISE: Final = frozenset({"jobs-interrupted", "app-cloning"})
"""Notices of what the events of jobs say."""
RECONNECT: Final = 1000
"""Milliseconds after which a browser tries again."""


class FinishedJson(TypedDict):
    """One model or file that a job finished; `outcome` is the word of the list it went to."""

    stage: str
    name: str
    outcome: str


class WorkingJson(TypedDict):
    """An operation of the table that is not over; `app`: the application, as it was asked for. `done` of
    `total` things were worked on, links of a sync say; None: nobody knows how many there are."""

    operation: str
    app: str | None
    done: int
    total: int | None


class EventLog:
    """The ring. Anyone may publish, from any thread; readers live in an event loop."""

    def __init__(self, kept: int = KEPT) -> None:
        self._start = secrets.token_hex(4)
        """Numbers of an earlier start mean nothing here."""
        self._guard = threading.Lock()
        self._events: deque[tuple[int, bytes]] = deque(maxlen=kept)
        self._next = 1
        self._closed = False
        self._working: list[WorkingJson] = []
        self._mine = threading.local()
        """`working`: what the thread that asks is working on."""
        self._told = -TELL_EVERY
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    def publish(self, name: str, data: Any) -> None:
        with self._guard:
            number, self._next = self._next, self._next + 1
            self._events.append((number, self._encoded(name, data, number)))
            self._wake()

    def changed(self, areas: Iterable[str]) -> None:
        """Something in these areas may be different now."""
        if areas := sorted(areas):
            self.publish("changed", {"areas": areas})

    @contextmanager
    def working(self, operation: str, app: str | None) -> Iterator[None]:
        """Tell everyone that something is being done, until the body ends."""
        one = WorkingJson(operation=operation, app=app, done=0, total=None)
        with self._guard:
            self._working.append(one)
        self._mine.working = one
        self._tell_working()
        try:
            yield
        finally:
            self._mine.working = None
            with self._guard:
                self._working = [other for other in self._working if other is not one]
            self._tell_working()

    def _tell_working(self) -> None:
        with self._guard:
            running = [WorkingJson(**one) for one in self._working]
        self.publish("working", {"running": running})

    def hear(self, event: Event) -> None:
        """The listener of libraries: what a person should know goes to the pages, and how far the work of this
        thread is, a few times a second. That jobs were interrupted the events of jobs say."""
        if isinstance(event, Notice) and event.code not in _TOLD_OTHERWISE:
            data = {"code": event.code, "message": event.message, "hint": event.hint}
            self.publish("notice", data)
        elif isinstance(event, (Planned, Advanced)):
            self._count(event)

    def _count(self, event: Planned | Advanced) -> None:
        one: WorkingJson | None = getattr(self._mine, "working", None)
        if one is None:
            return
        now = time.monotonic()
        with self._guard:
            if isinstance(event, Planned):
                one["done"], one["total"] = 0, event.models or None
            else:
                one["done"] += event.models
            is_due = now - self._told >= TELL_EVERY
            self._told = now if is_due else self._told
        if is_due:
            self._tell_working()

    def close(self) -> None:
        """End every stream; what is published from now on reaches nobody."""
        with self._guard:
            self._closed = True
            self._wake()

    async def stream(self, last_id: str | None) -> AsyncIterator[bytes]:
        """The events after `last_id`, then new ones as they come, until the log is closed."""
        woken = asyncio.Event()
        waiter = (asyncio.get_running_loop(), woken)
        with self._guard:
            self._waiting.add(waiter)
            place, missed = self._place_of(last_id)
            running = [WorkingJson(**one) for one in self._working]
        try:
            yield b"retry: %d\n: connected\n\n" % RECONNECT
            if running:
                yield b"event: working\ndata: " + dumped({"running": running}) + b"\n\n"
            while True:
                woken.clear()
                with self._guard:
                    chunk, place, missed = self._after(place, missed)
                    closed = self._closed
                if chunk:
                    yield chunk
                elif closed:
                    return
                elif not await _happens(woken, HEARTBEAT):
                    yield b": heartbeat\n\n"
        finally:
            with self._guard:
                self._waiting.discard(waiter)

    # --- inside, with the guard held ----------------------------------------------------------------

    def _wake(self) -> None:
        for loop, woken in self._waiting:
            if not loop.is_closed():
                loop.call_soon_threadsafe(woken.set)

    def _place_of(self, last_id: str | None) -> tuple[int, bool]:
        """The number after which to go on, and whether events are missing before it."""
        if not last_id:
            return self._next - 1, False
        start, _, number = last_id.partition("-")
        known = start == self._start and number.isascii() and number.isdecimal()
        if not known or len(number) > len(str(self._next)) or int(number) >= self._next:
            return self._next - 1, True
        return int(number), False

    def _after(self, place: int, missed: bool) -> tuple[bytes, int, bool]:
        oldest = self._events[0][0] if self._events else self._next
        if missed or place + 1 < oldest:
            now = self._next - 1
            return self._encoded("reset", {}, now), now, False
        fresh = [event for number, event in self._events if number > place]
        return b"".join(fresh), self._next - 1, False

    def _encoded(self, name: str, data: Any, number: int) -> bytes:
        head = f"id: {self._start}-{number}\nevent: {name}\ndata: ".encode()
        return head + dumped(data) + b"\n\n"


async def _happens(event: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True
