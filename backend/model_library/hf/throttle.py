"""Paces requests to the Hub, so that a batch of any length never meets a 429.

The Hub counts requests in fixed windows (5 minutes), for each token or address, in three buckets: `api`,
`resolvers` (/resolve/) and `pages`. Every answer says what is left:

    RateLimit: "api";r=489;t=137                     remaining requests, seconds to the reset
    RateLimit-Policy: "fixed window";"api";q=500;w=300

(https://huggingface.co/docs/hub/rate-limits, draft-ietf-httpapi-ratelimit-headers-09.) While more than a third of
a window is left nothing waits; then the rest is spread over the time that is left; with nothing left, requests
wait for the reset. Requests on their way count as spent, and so does what other processes spend: the server
tells. A server that sends no such headers is not paced. A wait longer than the caller's patience
(`NetworkManager.calling`) is not begun: the caller gets a 429 of our own making, with the seconds in
`Retry-After`.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import httpx2

from model_library.network.guard import RequestCancelledError, requested_origin
from model_library.network.headers import rate_limits, wait_asked_for
from model_library.network.retry import Caller, caller
from model_library.network.status import origin_of

INTERACTIVE_PATIENCE: Final = 10.0
"""Seconds that a person may be kept waiting for a place in the window."""

_FREE_SHARE: Final = 3
"""Nothing waits while more than one part in so many of the window is left."""
_FREE_UNKNOWN: Final = 100
"""... or this many requests, from a server that names no quota."""
_RESERVE_SHARE: Final = 100
"""One request in so many is kept for other processes, whose requests on their way we cannot see."""
_UNEXPLAINED: Final = 2.0
"""Seconds without requests after a 429 that gives neither a time nor an empty window."""
_SLACK: Final = 1.0
"""Seconds added to a reset, which the server gives in whole seconds."""
_LOOK_AGAIN: Final = 0.25
"""Seconds after which someone who waits looks whether he was cancelled."""
_MAX_RESET: Final = 3600.0
"""Seconds. A server that says more is not believed."""


class Bucket(StrEnum):
    """What the Hub counts together."""

    API = "api"
    RESOLVERS = "resolvers"
    PAGES = "pages"


def bucket_of(path: str) -> Bucket:
    """The bucket that a request for that path of the Hub spends."""
    if "/resolve/" in path or path.startswith("/api/resolve-cache/"):
        return Bucket.RESOLVERS
    return Bucket.API if path.startswith("/api/") else Bucket.PAGES


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a server says is left: requests, seconds to the reset, and requests of a whole window."""

    remaining: int | None = None
    """None: it did not say."""
    reset_in: float = 0.0
    limit: int | None = None
    blocked_for: float = 0.0
    """Seconds in which it wants no request at all: it answered 429."""


def allowance_of(bucket: Bucket, status: int, headers: Mapping[str, str], wall: float) -> Allowance:
    """What an answer says of a bucket. `wall` is now, in seconds since 1970."""
    told = Allowance()
    for one in rate_limits(headers):
        if one.bucket == bucket:
            told = Allowance(one.remaining, min(float(one.reset), _MAX_RESET), one.limit)
    if status != httpx2.codes.TOO_MANY_REQUESTS:
        return told
    asked_for = wait_asked_for(headers, wall)
    blocked_for = _UNEXPLAINED if asked_for is None else min(asked_for, _MAX_RESET) + _SLACK
    return replace(told, blocked_for=blocked_for)


@dataclass(frozen=True, slots=True)
class Window:
    """What is known of one bucket. Times are those of one monotonic clock, in seconds."""

    known: bool = False
    """Whether the server has answered since we began; until then one request goes ahead alone."""
    remaining: int | None = None
    """None: not limited, as far as we know."""
    limit: int | None = None
    resets_at: float = math.inf
    blocked_until: float = -math.inf
    in_flight: int = 0
    last_sent: float = -math.inf

    def delay(self, now: float) -> float:
        """Seconds until the next request may go; 0 is now."""
        if not self.known:
            return _LOOK_AGAIN if self.in_flight else 0.0
        return max(0.0, self.blocked_until - now, self._pace(now))

    def _pace(self, now: float) -> float:
        window = self.at(now)
        if window.remaining is None:
            return 0.0
        free_above = _FREE_UNKNOWN if window.limit is None else window.limit // _FREE_SHARE
        left = window.remaining - window.in_flight
        if left > free_above:
            return 0.0
        reserve = 0 if window.limit is None else window.limit // _RESERVE_SHARE
        if math.isinf(window.resets_at):  # the window has just begun; its first answer tells more
            return 0.0 if left > reserve else _LOOK_AGAIN
        to_reset = window.resets_at - now
        if left <= reserve:
            return to_reset
        return min(to_reset, window.last_sent + to_reset / (left - reserve) - now)

    def at(self, now: float) -> Window:
        """After a reset the whole window is there again."""
        if now < self.resets_at:
            return self
        return replace(self, remaining=self.limit, resets_at=math.inf)

    def sent(self, now: float) -> Window:
        window = self.at(now)
        return replace(window, in_flight=window.in_flight + 1, last_sent=now)

    def answered(self, now: float, said: Allowance) -> Window:
        """After the headers of one answer or, with an empty allowance, a failure: it may have been counted."""
        window = self.at(now)
        window = replace(window, known=True, in_flight=max(0, window.in_flight - 1))
        if said.remaining is None and window.remaining is not None:
            window = replace(window, remaining=max(0, window.remaining - 1))
        return window.told(now, said)

    def told(self, now: float, said: Allowance) -> Window:
        """With what the server said just now. Answers overtake one another: in one window the least counts."""
        window = self.at(now)
        if said.blocked_for > 0:
            blocked_until = max(window.blocked_until, now + said.blocked_for)
            window = replace(window, blocked_until=blocked_until)
        if said.remaining is None:
            return window
        resets_at = now + said.reset_in + _SLACK
        begins = window.remaining is None or math.isinf(window.resets_at)
        if not begins and resets_at < window.resets_at - 2 * _SLACK:
            return window  # said before the window began that we know of
        remaining = said.remaining
        if not begins and resets_at <= window.resets_at + 2 * _SLACK:
            remaining = min(window.remaining or 0, remaining)
            resets_at = max(window.resets_at, resets_at)
        limit = window.limit if said.limit is None else said.limit
        return replace(window, known=True, remaining=remaining, limit=limit, resets_at=resets_at)


class Pacer:
    """What this process knows of the rate limits of `endpoint`, shared by all its stacks. Thread-safe.

    `patience` (seconds) is that of callers who say none. `clock` is monotonic.
    """

    def __init__(
        self,
        endpoint: str,
        *,
        patience: float = INTERACTIVE_PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.origin = origin_of(endpoint)
        self._caller = Caller(patience)
        self._clock = clock
        self._changed = threading.Condition()
        self._windows = {bucket: Window() for bucket in Bucket}
        self._closed = False

    def seed(self, bucket: Bucket, known: Allowance) -> None:
        """What another process or an earlier one learnt; `reset_in` is from now on."""
        believed = replace(known, reset_in=min(max(known.reset_in, 0.0), _MAX_RESET))
        with self._changed:
            self._windows[bucket] = self._windows[bucket].told(self._clock(), believed)

    def take_place(self, bucket: Bucket) -> float | None:
        """Wait for a place and count it as spent. Seconds to wait when that is more than the patience.

        Raises RequestCancelledError.
        """
        who = caller.get() or self._caller
        give_up_at = self._clock() + who.patience
        told_until = -math.inf
        with self._changed:
            while True:
                cancelled = who.cancelled is not None and who.cancelled.is_set()
                if cancelled or self._closed:
                    raise RequestCancelledError("Stopped while waiting for the Hub's rate limit")
                now = self._clock()
                delay = self._windows[bucket].delay(now)
                if delay <= 0:
                    self._windows[bucket] = self._windows[bucket].sent(now)
                    return None
                if now + delay > give_up_at:
                    return delay
                if now + delay > told_until + _SLACK:
                    told_until = now + delay
                    who.tell(delay)
                self._changed.wait(min(delay, _LOOK_AGAIN))

    def give_back(self, bucket: Bucket, said: Allowance) -> None:
        """The request of a place was answered or, with an empty allowance, failed."""
        with self._changed:
            self._windows[bucket] = self._windows[bucket].answered(self._clock(), said)
            self._changed.notify_all()

    def close(self) -> None:
        """Whoever waits is sent away."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


class Throttle(httpx2.BaseTransport):
    """The transport that lets requests wait for their place. `wall` counts seconds since 1970."""

    def __init__(
        self,
        inner: httpx2.BaseTransport,
        pacer: Pacer,
        *,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._inner = inner
        self._pacer = pacer
        self._wall = wall

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if requested_origin(request) != self._pacer.origin:
            return self._inner.handle_request(request)
        bucket = bucket_of(request.url.path)
        refused = self._pacer.take_place(bucket)
        if refused is not None:
            return _refusal(bucket, refused)
        said = Allowance()
        try:
            response = self._inner.handle_request(request)
            said = allowance_of(bucket, response.status_code, response.headers, self._wall())
        finally:
            self._pacer.give_back(bucket, said)
        return response

    def close(self) -> None:
        self._inner.close()


def _refusal(bucket: Bucket, delay: float) -> httpx2.Response:
    seconds = max(1, math.ceil(delay))
    return httpx2.Response(
        httpx2.codes.TOO_MANY_REQUESTS,
        headers={"Retry-After": str(seconds), "RateLimit": f'"{bucket}";r=0;t={seconds}'},
        json={"error": "Not sent: the rate limit of the Hub is spent."},
    )
