"""Paces requests to the Hub, so that a batch of any length never meets a 429.

The Hub counts requests in fixed windows (5 minutes), for each token or address, in three buckets: `api`,
`resolvers` (/resolve/) and `pages`. Every answer says what is left:

    RateLimit: "api";r=489;t=137                     remaining requests, seconds to the reset
    RateLimit-Policy: "fixed window";"api";q=500;w=300

(https://huggingface.co/docs/hub/rate-limits, draft-ietf-httpapi-ratelimit-headers-09.) While more than a third of
a window is left nothing waits; then the rest is spread over the time that is left; with nothing left, requests
wait for the reset. Requests on their way count as spent, and so does what other processes spend: the server
tells. A server that sends no such headers is not paced. A wait longer than the caller's patience is not begun:
the caller gets a 429 of our own making, with the seconds in `Retry-After`.
"""

from __future__ import annotations

import math
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import httpx2

from model_library.errors import CancelledError

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
_MAX_RESET: Final = 24 * 3600.0
"""Seconds. No window is longer; a header that says so is wrong."""


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
class Quota:
    """What a server says is left: requests, seconds to the reset, and requests of a whole window."""

    remaining: int | None = None
    """None: it did not say."""
    reset_in: float = 0.0
    limit: int | None = None
    blocked_for: float = 0.0
    """Seconds in which it wants no request at all: it answered 429."""


_REMAINING = re.compile(r"\br\s*=\s*(\d{1,9})\b")
_RESET = re.compile(r"\bt\s*=\s*(\d{1,9})\b")
_LIMIT = re.compile(r"\bq\s*=\s*(\d{1,9})\b")
_DIGITS = re.compile(r"\d{1,9}")


def quota_of(status: int, headers: Mapping[str, str]) -> Quota:
    """What the status and the headers of an answer say of the rate limit."""
    said = headers.get("ratelimit", "")
    remaining, reset = _REMAINING.search(said), _RESET.search(said)
    limit = _LIMIT.search(headers.get("ratelimit-policy", ""))
    told = Quota()
    if remaining is not None and reset is not None:
        told = Quota(
            int(remaining.group(1)),
            min(float(reset.group(1)), _MAX_RESET),
            int(limit.group(1)) if limit else None,
        )
    if status != httpx2.codes.TOO_MANY_REQUESTS:
        return told
    return replace(told, blocked_for=_blocked_for(told, headers.get("retry-after", "").strip()))


def _blocked_for(told: Quota, retry_after: str) -> float:
    if _DIGITS.fullmatch(retry_after):
        return min(float(retry_after), _MAX_RESET)
    return told.reset_in + _SLACK if told.remaining == 0 else _UNEXPLAINED


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

    def answered(self, now: float, quota: Quota) -> Window:
        """After the headers of one answer or, with an empty quota, a failure: the server may have counted it."""
        window = self.at(now)
        window = replace(window, known=True, in_flight=max(0, window.in_flight - 1))
        if quota.remaining is None and window.remaining is not None:
            window = replace(window, remaining=max(0, window.remaining - 1))
        return window.told(now, quota)

    def told(self, now: float, quota: Quota) -> Window:
        """With what the server said just now. Answers overtake one another: in one window the least counts."""
        window = self.at(now)
        if quota.blocked_for > 0:
            blocked_until = max(window.blocked_until, now + quota.blocked_for)
            window = replace(window, blocked_until=blocked_until)
        if quota.remaining is None:
            return window
        resets_at = now + quota.reset_in + _SLACK
        begun = window.remaining is None or math.isinf(window.resets_at)
        if not begun and resets_at < window.resets_at - 2 * _SLACK:
            return window  # said before the window began that we know of
        if begun or resets_at > window.resets_at + 2 * _SLACK:
            remaining = quota.remaining
        else:
            remaining = min(window.remaining or 0, quota.remaining)
            resets_at = max(window.resets_at, resets_at)
        limit = window.limit if quota.limit is None else quota.limit
        return replace(window, known=True, remaining=remaining, limit=limit, resets_at=resets_at)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a caller waits for a place in the window (seconds), and what makes him stop waiting."""

    seconds: float = INTERACTIVE_PATIENCE
    stop: threading.Event | None = None

    def check(self) -> None:
        """Raises CancelledError."""
        if self.stop is not None and self.stop.is_set():
            raise CancelledError("Stopped while waiting for the Hub's rate limit")


_INTERACTIVE: Final = Patience()
_PATIENCE: ContextVar[Patience] = ContextVar("hub patience", default=_INTERACTIVE)


@contextmanager
def patient(seconds: float = math.inf, stop: threading.Event | None = None) -> Iterator[None]:
    """Requests of this thread inside the block wait so long for the rate limit; a batch waits without end."""
    before = _PATIENCE.set(Patience(seconds, stop))
    try:
        yield
    finally:
        _PATIENCE.reset(before)


class Throttle(httpx2.BaseTransport):
    """The transport that paces requests to `origin` (`https://host[:port]`); others pass."""

    def __init__(
        self,
        inner: httpx2.BaseTransport,
        origin: str,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        url = httpx2.URL(origin)
        self._inner = inner
        self._origin = (url.scheme, url.host, url.port)
        self._clock = clock
        self._changed = threading.Condition()
        self._windows = {bucket: Window() for bucket in Bucket}
        self._closed = False

    def seed(self, bucket: Bucket, quota: Quota) -> None:
        """What another process or an earlier one learnt; `reset_in` is from now on."""
        with self._changed:
            self._windows[bucket] = self._windows[bucket].told(self._clock(), quota)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url
        if (url.scheme, url.host, url.port) != self._origin:
            return self._inner.handle_request(request)
        bucket = bucket_of(url.path)
        refused = self._take_place(bucket, _PATIENCE.get())
        if refused is not None:
            return _refusal(bucket, refused)
        quota = Quota()
        try:
            response = self._inner.handle_request(request)
            quota = quota_of(response.status_code, response.headers)
        finally:
            with self._changed:
                window = self._windows[bucket]
                self._windows[bucket] = window.answered(self._clock(), quota)
                self._changed.notify_all()
        return response

    def _take_place(self, bucket: Bucket, patience: Patience) -> float | None:
        """Wait for a place and count it as spent. Seconds to wait when that is more than the patience.

        Raises CancelledError.
        """
        give_up_at = self._clock() + patience.seconds
        with self._changed:
            while True:
                patience.check()
                if self._closed:
                    raise CancelledError("Closed while waiting for the Hub's rate limit")
                now = self._clock()
                delay = self._windows[bucket].delay(now)
                if delay <= 0:
                    self._windows[bucket] = self._windows[bucket].sent(now)
                    return None
                if now + delay > give_up_at:
                    return delay
                self._changed.wait(min(delay, _LOOK_AGAIN))

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._inner.close()


def _refusal(bucket: Bucket, delay: float) -> httpx2.Response:
    seconds = max(1, math.ceil(delay))
    return httpx2.Response(
        httpx2.codes.TOO_MANY_REQUESTS,
        headers={"Retry-After": str(seconds), "RateLimit": f'"{bucket}";r=0;t={seconds}'},
        json={"error": "Not sent: the rate limit of the Hub is spent."},
    )
