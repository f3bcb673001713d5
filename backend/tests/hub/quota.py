"""The Hub's rate limits: fixed windows, counted per token or address, told in headers.

Format: `RateLimit: "api";r=<remaining>;t=<seconds>` and
`RateLimit-Policy: "fixed window";"api";q=<quota>;w=<window>` (IETF draft-ietf-httpapi-ratelimit-headers-09).
"""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass
from typing import Final

from tests.hub.access import token_of
from tests.hub.messages import Reply, Request, json_reply

API: Final = "api"
RESOLVERS: Final = "resolvers"


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Requests in a window. The defaults are those of an anonymous address."""

    api: int = 500
    resolvers: int = 3000
    window: float = 300.0
    """Seconds."""
    headers: bool = True
    """Whether answers carry the two headers."""
    refuse: bool = True
    """Whether an overdrawn bucket is answered with 429."""


def bucket_of(request: Request) -> str:
    return RESOLVERS if "/resolve/" in request.path or "/resolve-cache/" in request.path else API


class Quota:
    """Counts requests. `limits` may be replaced at any time; counting goes on."""

    def __init__(self, limits: RateLimits) -> None:
        self.limits = limits
        self.overdrawn = 0
        """Requests that came when their bucket was empty."""
        self._lock = threading.Lock()
        self._windows: dict[tuple[str, str], tuple[float, int]] = {}

    def reset(self) -> None:
        """All buckets are full again."""
        with self._lock:
            self._windows.clear()
            self.overdrawn = 0

    def take(self, request: Request) -> tuple[Reply | None, dict[str, str]]:
        """Count one request: the refusal, if its bucket is empty, and the headers for any answer."""
        bucket, limits = bucket_of(request), self.limits
        quota = limits.resolvers if bucket == RESOLVERS else limits.api
        key = (token_of(request) or "", bucket)
        now = time.monotonic()
        with self._lock:
            start, used = self._windows.get(key, (now, 0))
            if now - start >= limits.window:
                start, used = now, 0
            empty = used >= quota
            self._windows[key] = (start, used + (not empty))
            self.overdrawn += empty
        left = max(0, quota - used - 1)
        wait = max(0, math.ceil(limits.window - (now - start)))
        headers = {
            "ratelimit": f'"{bucket}";r={left};t={wait}',
            "ratelimit-policy": f'"fixed window";"{bucket}";q={quota};w={math.ceil(limits.window)}',
        }
        refused = empty and limits.refuse
        reply = json_reply(429, {"error": "We had to rate limit you."}) if refused else None
        return reply, headers if limits.headers else {}
