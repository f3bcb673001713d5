"""What goes over the wire, as values: requests, replies, and bodies that stay on disk until they are sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

CHUNK: Final = 1 << 20
"""Bytes that are read and sent at once: large enough for 2 GB/s, small enough for flat memory."""


class Origin(StrEnum):
    """The two ports of the Hub: where the API is, and where the bytes of large files are."""

    HUB = "hub"
    CDN = "cdn"


@dataclass(frozen=True, slots=True)
class Slice:
    """A run of bytes in memory or in a file."""

    source: bytes | Path
    start: int
    length: int

    def chunks(self, size: int) -> Iterator[bytes]:
        if isinstance(self.source, bytes):
            for at in range(self.start, self.start + self.length, size):
                yield self.source[at : min(at + size, self.start + self.length)]
            return
        left = self.length
        with self.source.open("rb", buffering=0) as file:
            file.seek(self.start)
            while left and (block := file.read(min(size, left))):
                left -= len(block)
                yield block


@dataclass(frozen=True, slots=True)
class Body:
    """Slices one after the other."""

    parts: tuple[Slice, ...] = ()

    @classmethod
    def of(cls, source: bytes | Path) -> Body:
        size = len(source) if isinstance(source, bytes) else source.stat().st_size
        return cls((Slice(source, 0, size),))

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(part.length for part in self.parts)

    def cut(self, start: int, length: int) -> Body:
        """The bytes from `start`, at most `length` of them."""
        found, at = [], 0
        for part in self.parts:
            begin, end = max(start, at), min(start + length, at + part.length)
            if begin < end:
                found.append(Slice(part.source, part.start + begin - at, end - begin))
            at += part.length
        return Body(tuple(found))

    def __add__(self, other: Body) -> Body:
        return Body(self.parts + other.parts)

    def chunks(self, size: int = CHUNK) -> Iterator[bytes]:
        for part in self.parts:
            yield from part.chunks(size)

    def read(self) -> bytes:
        return b"".join(self.chunks())


@dataclass(frozen=True, slots=True)
class Request:
    """One request, parsed. Header names are in lower case."""

    origin: Origin
    method: str
    path: str
    """As sent: percent-encoded, without the query."""
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    base: str
    """Scheme and authority that the client used, for links."""
    body: bytes = b""

    @property
    def segments(self) -> tuple[str, ...]:
        return tuple(unquote(part) for part in self.path.split("/")[1:])

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.query if key in {name, f"{name}[]"}]

    def value(self, name: str) -> str | None:
        return next(iter(self.values(name)), None)

    def flag(self, name: str) -> bool:
        return (self.value(name) or "").lower() in {"true", "1"}

    def without(self, header: str) -> Request:
        return replace(self, headers={k: v for k, v in self.headers.items() if k != header})

    def form(self) -> tuple[tuple[str, str], ...]:
        """The fields of a JSON or form-encoded body; a list is several fields of one name."""
        if "json" not in self.headers.get("content-type", ""):
            return tuple(parse_qsl(self.body.decode(), keep_blank_values=True))
        fields: list[tuple[str, str]] = []
        for key, value in json.loads(self.body).items():
            fields += [(key, str(one)) for one in (value if isinstance(value, list) else [value])]
        return tuple(fields)


@dataclass(slots=True)
class Seen:
    """A request in the log."""

    origin: Origin
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    http_version: str
    connection: int
    """Number of the connection, counted over both origins since the start."""
    at: float
    """`time.monotonic()` when it arrived."""
    status: int | None = None
    """Of the answer; None while there is none."""
    sent: int = 0
    """Bytes of the body handed to the connection."""


class Ending(StrEnum):
    """How an answer ends."""

    WHOLE = "whole"
    CLOSED = "closed"
    """The connection is closed (HTTP/2: the stream ends) as if all had been sent."""
    RESET = "reset"
    """A TCP reset."""
    STALLED = "stalled"
    """Nothing more, until the client goes."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a reply goes out."""

    wait: float = 0.0
    """Seconds before the first byte."""
    chunk: int = CHUNK
    pause: float = 0.0
    """Seconds after each chunk."""
    stop_after: int | None = None
    """Bytes of the body; None is all of it. -1: not even a status line."""
    ending: Ending = Ending.WHOLE


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, ready to be sent."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    body: Body = Body()
    delivery: Delivery = Delivery()

    def having(self, **headers: str | None) -> Reply:
        """With these headers (`_` is `-`); None takes one away."""
        merged: dict[str, str | None] = {**self.headers}
        merged.update((name.replace("_", "-"), value) for name, value in headers.items())
        return replace(self, headers={k: v for k, v in merged.items() if v is not None})


@dataclass(frozen=True, slots=True)
class Served:
    """A file that is about to be answered with; ranges are cut out of it last."""

    body: Body
    etag: str
    """Without quotes."""
    headers: Mapping[str, str]
    linked: bool = False
    """Stored elsewhere: answered with a redirect and the X-Linked headers."""
    location: str | None = None


def json_reply(status: int, value: Any, **headers: str) -> Reply:
    """JSON with its length and a weak ETag."""
    text = json.dumps(value, ensure_ascii=False).encode()
    tag = hashlib.sha1(text, usedforsecurity=False).hexdigest()
    made = Reply(
        status,
        {
            "content-type": "application/json; charset=utf-8",
            "content-length": str(len(text)),
            "etag": f'W/"{tag}"',
        },
        Body.of(text),
    )
    return made.having(**headers)


def error_reply(status: int, message: str, code: str | None = None) -> Reply:
    """An error as the Hub says it: in the body, and in X-Error-Code and X-Error-Message."""
    return json_reply(status, {"error": message}).having(x_error_message=message, x_error_code=code)
