"""What a host says about how often it may be asked. Pure; what cannot be read counts as not said.

`RateLimit: "api";r=0;t=17` and `RateLimit-Policy: "fixed window";"api";q=500;w=300` are the fields of
https://www.ietf.org/archive/id/draft-ietf-httpapi-ratelimit-headers-09.html in the Hub's spelling
(https://huggingface.co/docs/hub/rate-limits); `Retry-After` is RFC 9110, section 10.2.3.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_MAX_CHARACTERS: Final = 2000
_MAX_BUCKETS: Final = 20
_NAME = re.compile(r'"([^"\\]{1,64})"')
_PARAMETER = re.compile(r";\s*([a-z]+)\s*=\s*(\d{1,9})(?!\d)")
_SECONDS = re.compile(r"\d{1,9}")
_OUTSIDE_QUOTES = re.compile(r',(?=(?:[^"]*"[^"]*")*[^"]*$)')


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What one answer said of one bucket."""

    bucket: str
    remaining: int
    """Requests."""
    reset: int
    """Seconds until it is full again."""
    limit: int | None = None
    """Requests a window."""
    window: int | None = None
    """Seconds."""


def rate_limits(headers: Mapping[str, str]) -> tuple[RateLimit, ...]:
    """The buckets that the headers of an answer speak of; the keys of `headers` ignore case."""
    policies = {
        name: values for name, values in _items(headers.get("ratelimit-policy")) if "q" in values
    }
    found = []
    for name, values in _items(headers.get("ratelimit")):
        if "r" in values and "t" in values:
            policy = policies.get(name, {})
            limit, window = policy.get("q"), policy.get("w")
            found.append(RateLimit(name, values["r"], values["t"], limit, window))
    return tuple(found)


def _items(text: str | None) -> list[tuple[str, dict[str, int]]]:
    """Bucket and parameters of each item; of several names (the Hub's policy) the last is the bucket."""
    items = []
    for item in _OUTSIDE_QUOTES.split((text or "")[:_MAX_CHARACTERS])[:_MAX_BUCKETS]:
        if names := _NAME.findall(item):
            values = _PARAMETER.findall(_NAME.sub("", item))
            items.append((names[-1], {key: int(value) for key, value in values}))
    return items


def wait_asked_for(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that the host wants to be left alone, or None when it names none.

    `now` is seconds since 1970. The later of `Retry-After` and of the buckets that are empty counts.
    """
    waits = [float(one.reset) for one in rate_limits(headers) if one.remaining == 0]
    if (after := retry_after(headers.get("retry-after"), now)) is not None:
        waits.append(after)
    return max(waits, default=None)


def retry_after(text: str | None, now: float) -> float | None:
    """Seconds of a `Retry-After`, which is a number of seconds or a date; never negative."""
    text = (text or "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(text[:64]).timestamp() - now)
    except (ValueError, OverflowError):
        return None
