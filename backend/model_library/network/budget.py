"""How long one call may wait: the time it has, and the transport that holds every try to it.

A budget is spent by waiting for the host only, not by waiting for our turn (throttle, `Retry-After`). It
goes with a request through its tries and redirects.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import httpx2

from model_library.network.deadlines import deadline

BUDGET: Final = "model_library.budget"
"""Key of a `Budget` in the extensions of a request."""
SLOWEST_BODY: Final = 16 * 1024
"""Bytes a second below which the body of an API answer counts as not coming."""
_SHORTEST: Final = 0.05
"""Seconds; with less a request is not worth sending."""


class Budget:
    """Seconds that a request may wait for its host to begin an answer.

    A strict one is that of an API call: its body has to keep coming, too, and a host that lets it pass
    without a word counts as away.
    """

    def __init__(
        self,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
        *,
        is_strict: bool = True,
    ) -> None:
        self.seconds = seconds
        self.is_strict = is_strict
        self._clock = clock
        self._spent = 0.0
        self._since: float | None = None

    @property
    def remaining(self) -> float:
        running = 0.0 if self._since is None else self._clock() - self._since
        return self.seconds - self._spent - running

    @property
    def is_used_up(self) -> bool:
        return self.remaining <= _SHORTEST

    @contextmanager
    def spending(self) -> Iterator[None]:
        """While this runs, time is spent."""
        self._since = self._clock()
        try:
            yield
        finally:
            self._spent += self._clock() - self._since
            self._since = None


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait, by default, for each step of a request."""

    connect: float
    read: float

    def timeouts(
        self, wanted: Mapping[str, float | None], most: float | None
    ) -> dict[str, float | None]:
        """The request's own timeouts; endless ones become these, and none is longer than `most`."""
        ours = {"connect": self.connect, "read": self.read, "write": self.read, "pool": self.read}
        chosen: dict[str, float | None] = {}
        for step, seconds in ours.items():
            own = wanted.get(step)
            allowed = seconds if own is None else own
            chosen[step] = allowed if most is None else max(_SHORTEST, min(allowed, most))
        return chosen


class BudgetTransport(httpx2.BaseTransport):
    """Sends with timeouts that are never endless and never outlast the budget of the call."""

    def __init__(self, inner: httpx2.BaseTransport, patience: Patience) -> None:
        self._inner = inner
        self._patience = patience

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        budget: Budget = request.extensions[BUDGET]  # put there by RetryTransport
        if budget.is_used_up:
            raise httpx2.ReadTimeout(f"no answer within {budget.seconds:g} s")
        token = deadline.set(lambda: budget.remaining)
        try:
            with _timeouts(request, self._patience, budget.remaining), budget.spending():
                response = self._inner.handle_request(request)
        finally:
            deadline.reset(token)
        if budget.is_strict and isinstance(response.stream, httpx2.SyncByteStream):
            response.stream = PacedStream(response.stream, budget.seconds)
        return response


@contextmanager
def _timeouts(request: httpx2.Request, patience: Patience, most: float | None) -> Iterator[None]:
    """The request's timeouts for one try. Those of the body are the request's own again, but not endless."""
    wanted = request.extensions.get("timeout", {})
    request.extensions["timeout"] = patience.timeouts(wanted, most)
    try:
        yield
    finally:
        request.extensions["timeout"] = patience.timeouts(wanted, None)


class PacedStream(httpx2.SyncByteStream):
    """The body of an API answer, which has to keep coming: one that drips is given up."""

    def __init__(
        self,
        stream: httpx2.SyncByteStream,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream
        self._seconds = seconds
        self._clock = clock

    def __iter__(self) -> Iterator[bytes]:
        began, received = self._clock(), 0
        for chunk in self._stream:
            received += len(chunk)
            if self._clock() - began > self._seconds + received / SLOWEST_BODY:
                raise httpx2.ReadTimeout("the answer comes too slowly")
            yield chunk

    def close(self) -> None:
        self._stream.close()
