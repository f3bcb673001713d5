"""What is known of the hosts outside, as values for people, pages and `status --json`.

Pure, and without the HTTP library: a command that works on local files may ask for it and stays fast.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from model_library.errors import InvalidValueError

DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class CircuitState(StrEnum):
    """Whether a host is asked."""

    CLOSED = "closed"
    """Yes."""
    OPEN = "open"
    """No: it did not answer a moment ago."""
    HALF_OPEN = "half-open"
    """One request finds out whether it is back."""


class Served(StrEnum):
    """Where the last answer in a host's name came from."""

    LIVE = "live"
    CACHE = "cache"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Quota:
    """What is left of one bucket of a host's rate limit."""

    bucket: str
    remaining: int
    """Requests."""
    limit: int | None
    """Requests a window, when the host said so."""
    resets_at: float
    """Seconds since 1970."""
    window: int | None = None
    """Seconds."""


@dataclass(frozen=True, slots=True)
class HostStatus:
    """One host, now. Times are seconds since 1970."""

    host: str
    """The origin, `scheme://host:port`; the port only where it is not the scheme's own."""
    state: CircuitState
    since: float | None
    """When the circuit opened; None while it is closed."""
    failures: int
    """In a row, until now."""
    last_error: str | None
    last_answer: float | None
    quotas: tuple[Quota, ...]
    served: Served


def origin_of(url: str) -> str:
    """Scheme, host and port of an address, in one spelling. Raises InvalidValueError for what has none."""
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme.lower(), parts.hostname, parts.port
    except ValueError as error:
        raise InvalidValueError("An address of a host cannot be read") from error
    if scheme not in DEFAULT_PORTS or not host:
        raise InvalidValueError(
            f"{without_query(url)!r} is no address of a host", hint="Give https://HOST."
        )
    name = f"[{host}]" if ":" in host else host
    return f"{scheme}://{name}" + ("" if port in {None, DEFAULT_PORTS[scheme]} else f":{port}")


def without_query(url: str) -> str:
    """An address that may be shown: without its query (signed addresses have their signature there),
    fragment, and user and password."""
    bare = url.split("?", 1)[0].split("#", 1)[0]
    scheme, separator, rest = bare.partition("://")
    if not separator:
        return bare
    authority, slash, path = rest.partition("/")
    return f"{scheme}://{authority.rpartition('@')[2]}{slash}{path}"
