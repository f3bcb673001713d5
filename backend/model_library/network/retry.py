"""Trying again what may be tried again, for as long as a call may take.

Only idempotent methods, and only failures that pass: no connection, no answer in time, a broken
connection, and the statuses of `TRANSIENT_STATUSES`. Waits grow, with jitter (`stamina` counts and
computes); what a host asks for in `Retry-After` or `RateLimit` is granted when the caller's patience
reaches so far, else its answer goes up as it is. A host whose circuit opened meanwhile is not asked again.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

import httpx2

from model_library.network.budget import BUDGET, Budget
from model_library.network.circuit_breaker import CircuitBreaker
from model_library.network.guard import NotSentError, RequestCancelledError, requested_origin
from model_library.network.headers import wait_asked_for
from model_library.network.status import CircuitState
from model_library.network.translate import is_tls_failure

IDEMPOTENT_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
TRANSIENT_STATUSES: Final = frozenset({408, 429, 500, 502, 503, 504})
FIRST_WAIT: Final = 0.25
LONGEST_WAIT: Final = 4.0
JITTER: Final = 0.25
"""Seconds between tries: the first, the longest, and what chance adds."""
NOTICEABLE: Final = 1.5
"""Seconds from which a wait is told."""
_SLICE: Final = 0.1  # seconds after which a wait looks whether it is still wanted

logging.getLogger("stamina").addHandler(logging.NullHandler())  # else it writes to standard error


@dataclass(frozen=True, slots=True)
class Caller:
    """Who waits: how many seconds for a host that asks for patience, what ends all waiting, and who is told
    how many seconds a wait will take."""

    patience: float
    cancelled: threading.Event | None = None
    on_wait: Callable[[float], None] | None = None

    def tell(self, seconds: float) -> None:
        """Say that it will take so long, when a person would notice."""
        if self.on_wait is not None and seconds >= NOTICEABLE:
            self.on_wait(seconds)


caller: ContextVar[Caller | None] = ContextVar("caller", default=None)
"""Of the requests of this thread, if not the manager's own."""


@contextmanager
def calling(
    patience: float,
    cancelled: threading.Event | None,
    on_wait: Callable[[float], None] | None = None,
) -> Iterator[None]:
    """Requests of this thread wait as told while this runs."""
    token = caller.set(Caller(patience, cancelled, on_wait))
    try:
        yield
    finally:
        caller.reset(token)


class Pauses:
    """Waiting that ends at once when nobody wants it any more."""

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        closing: threading.Event,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._closing = closing

    def check(self) -> None:
        """Raises RequestCancelledError when the caller or the whole network is done."""
        now = caller.get()
        if now is not None and now.cancelled is not None and now.cancelled.is_set():
            raise RequestCancelledError("The request was cancelled")
        if self._closing.is_set():
            raise RequestCancelledError("The network was closed")

    def wait(self, seconds: float) -> None:
        """Let that much time pass. Raises RequestCancelledError."""
        end = self._clock() + seconds
        self.check()
        while (left := end - self._clock()) > 0:
            self._sleep(min(left, _SLICE))
            self.check()


class _TransientAnswerError(Exception):
    """An answer that may be another one in a moment."""

    def __init__(self, response: httpx2.Response) -> None:
        super().__init__(f"HTTP {response.status_code}")
        self.response = response


class RetryTransport(httpx2.BaseTransport):
    """Sends a request until it has an answer worth having, or the tries or the time are used up."""

    def __init__(
        self,
        inner: httpx2.BaseTransport,
        breaker: CircuitBreaker,
        pauses: Pauses,
        *,
        tries: int,
        call_budget: float,
        is_api: bool,
        patience: float,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """`call_budget`: seconds that all tries of a request may wait for the host."""
        self._inner = inner
        self._breaker = breaker
        self._pauses = pauses
        self._tries = tries
        self._call_budget = call_budget
        self._is_api = is_api
        self._patience = patience
        self._clock = clock
        self._wall = wall

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        budget = self._budget(request)
        call = _Call(self._breaker, requested_origin(request), self._granted(), budget, self._wall)
        try:
            return self._sent(request, call)
        except _TransientAnswerError as error:
            return error.response
        except httpx2.TransportError as error:
            request.extensions.pop(BUDGET, None)  # over; who sends it once more has time again
            if budget.is_strict and call.is_out_of_time and _is_late(error):
                self._breaker.used_up(call.origin, error)
            raise

    def _sent(self, request: httpx2.Request, call: _Call) -> httpx2.Response:
        import stamina

        attempts = self._tries if request.method in IDEMPOTENT_METHODS else 1
        for attempt in stamina.retry_context(
            on=call.wait_before_next,
            attempts=attempts,
            timeout=None,
            wait_initial=FIRST_WAIT,
            wait_max=LONGEST_WAIT,
            wait_jitter=0.0,
        ):
            with attempt:
                call.begin(self._pauses, attempt.next_wait)
                response = self._inner.handle_request(request)
                if response.status_code in TRANSIENT_STATUSES:
                    raise _TransientAnswerError(response)
                return response
        raise AssertionError("stamina raises what the last attempt raised")

    def _budget(self, request: httpx2.Request) -> Budget:
        """Of the call that the request belongs to; a redirect brings that of the first request."""
        kept = request.extensions.get(BUDGET)
        if isinstance(kept, Budget):
            return kept
        made = Budget(self._call_budget, self._clock, is_strict=self._is_api)
        request.extensions[BUDGET] = made
        return made

    def _granted(self) -> float:
        now = caller.get()
        return self._patience if now is None else now.patience


class _Call:
    """One request with all its tries."""

    def __init__(
        self,
        breaker: CircuitBreaker,
        origin: str,
        patience: float,
        budget: Budget,
        wall: Callable[[], float],
    ) -> None:
        self.origin = origin
        self._breaker = breaker
        self._patience = patience
        self._budget = budget
        self._wall = wall
        self.is_out_of_time = False
        self._pause = 0.0
        self._asked_for = False
        self._backoff = 0.0
        self._answer: httpx2.Response | None = None

    def begin(self, pauses: Pauses, backoff: float) -> None:
        """Wait until it is time for the next try."""
        self._backoff = backoff
        if self._answer is not None:
            self._answer.close()
            self._answer = None
        if self._asked_for:
            if (now := caller.get()) is not None:
                now.tell(self._pause)
            pauses.wait(self._pause)
        else:
            with self._budget.spending():
                pauses.wait(self._pause)

    def wait_before_next(self, error: Exception) -> float | bool:
        """`stamina` asks this after each try: False when it was the last. We wait ourselves (`begin`),
        since its own waiting cannot be interrupted; so it is told to wait for no time at all."""
        pause = self._pause_after(error)
        if pause is None or self._breaker.state(self.origin) is CircuitState.OPEN:
            return False
        self._pause = pause
        return 0.0

    def _pause_after(self, error: Exception) -> float | None:
        """Seconds; None when the same would come of it, or too late."""
        self._asked_for = False
        if isinstance(error, _TransientAnswerError):
            self._answer = error.response
            asked = wait_asked_for(error.response.headers, self._wall())
            if asked is not None:
                self._asked_for = True
                return asked + _chance() if asked <= self._patience else None
        elif not is_transient(error):
            return None
        pause = self._backoff + _chance()
        if self._budget.remaining <= pause:
            self.is_out_of_time = True
            return None
        return pause


def is_transient(error: Exception) -> bool:
    """Whether the same request may fare better in a moment."""
    if isinstance(error, NotSentError | RequestCancelledError | httpx2.LocalProtocolError):
        return False
    if is_tls_failure(error):
        return False
    return isinstance(
        error, httpx2.TimeoutException | httpx2.NetworkError | httpx2.RemoteProtocolError
    )


def _is_late(error: httpx2.TransportError) -> bool:
    """Whether the host was waited for in vain."""
    return isinstance(error, httpx2.TimeoutException) and not isinstance(error, httpx2.PoolTimeout)


def _chance() -> float:
    return random.uniform(0, JITTER)  # noqa: S311 - spreads requests, guards nothing
