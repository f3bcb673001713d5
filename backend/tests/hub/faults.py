"""What can go wrong between a client and the Hub, switched on and off while it runs.

    rule = hub.faults.add(Reset(after=5000), "*model.gguf", times=1)

A fault strikes only where it makes a difference (one that spoils bodies leaves redirects, errors and HEAD alone),
and only those strikes are counted for `times` and `after`.
"""

# ruff: noqa: ARG002 - every hook gets the request; few need it
from __future__ import annotations

import gzip
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any, Final
from urllib.parse import unquote

from tests.hub.messages import (
    Body,
    Ending,
    Origin,
    Reply,
    Request,
    Served,
    Slice,
    json_reply,
)

LONG: Final = 3600.0
"""Seconds; no test waits as long."""


class Fault:
    """Changes a request, the answer to it, or both. What returns its argument has not struck."""

    def on_request(self, request: Request) -> Request:
        return request

    def instead(self, request: Request) -> Reply | None:
        """The answer without asking the Hub."""
        return None

    def on_file(self, request: Request, served: Served) -> Served:
        return served

    def on_reply(self, request: Request, reply: Reply) -> Reply:
        return reply


class BodyFault(Fault):
    """Spoils the body of a good answer."""

    def on_reply(self, request: Request, reply: Reply) -> Reply:
        if request.method == "HEAD" or reply.status not in {200, 206} or not reply.body.size:
            return reply
        return self.spoiled(reply)

    def spoiled(self, reply: Reply) -> Reply:
        raise NotImplementedError


# -- how an answer arrives ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hang(Fault):
    """Nothing comes for so many seconds."""

    seconds: float = LONG

    def on_reply(self, request: Request, reply: Reply) -> Reply:
        return replace(reply, delivery=replace(reply.delivery, wait=self.seconds))


@dataclass(frozen=True, slots=True)
class Drip(BodyFault):
    """A few bytes, a pause, a few bytes."""

    chunk: int = 1
    pause: float = 0.05

    def spoiled(self, reply: Reply) -> Reply:
        slow = replace(reply.delivery, chunk=self.chunk, pause=self.pause)
        return replace(reply, delivery=slow)


def _stopped(reply: Reply, after: int, ending: Ending) -> Reply:
    return replace(reply, delivery=replace(reply.delivery, stop_after=after, ending=ending))


@dataclass(frozen=True, slots=True)
class Reset(BodyFault):
    """A TCP reset after so many bytes of the body."""

    after: int = 0

    def spoiled(self, reply: Reply) -> Reply:
        return _stopped(reply, self.after, Ending.RESET) if self.after < reply.body.size else reply


@dataclass(frozen=True, slots=True)
class Stall(BodyFault):
    """So many bytes of the body, then nothing, on a connection that stays open."""

    after: int = 0

    def spoiled(self, reply: Reply) -> Reply:
        whole = min(self.after, reply.body.size)
        return replace(
            reply, delivery=replace(reply.delivery, stop_after=whole, ending=Ending.STALLED)
        )


@dataclass(frozen=True, slots=True)
class ShortBody(BodyFault):
    """Fewer bytes than Content-Length says, and an orderly end."""

    after: int = 0

    def spoiled(self, reply: Reply) -> Reply:
        return _stopped(reply, self.after, Ending.CLOSED) if self.after < reply.body.size else reply


@dataclass(frozen=True, slots=True)
class Disconnect(Fault):
    """The connection ends without an answer."""

    reset: bool = False

    def on_reply(self, request: Request, reply: Reply) -> Reply:
        return _stopped(reply, -1, Ending.RESET if self.reset else Ending.CLOSED)


# -- what the bytes are ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WrongBytes(Fault):
    """One byte of the file is another; length and ETag are as before."""

    at: int = 0

    def on_file(self, request: Request, served: Served) -> Served:
        if served.location or request.method == "HEAD" or self.at >= served.body.size:
            return served
        before, one = served.body.cut(0, self.at), served.body.cut(self.at, 1).read()
        flipped = Body.of(bytes([one[0] ^ 0xFF]))
        return replace(served, body=before + flipped + served.body.cut(self.at + 1, 1 << 62))


@dataclass(frozen=True, slots=True)
class Changed(Fault):
    """Another file under the same name: with another ETag when `announced`, else with the old one."""

    content: bytes
    announced: bool = True

    def on_file(self, request: Request, served: Served) -> Served:
        etag = served.etag[::-1] if self.announced else served.etag
        return replace(served, body=Body.of(self.content), etag=etag)


@dataclass(frozen=True, slots=True)
class WrongLength(BodyFault):
    """Content-Length is off by so many bytes. Too much: the end comes early; too little: bytes are cut off."""

    delta: int = 7

    def spoiled(self, reply: Reply) -> Reply:
        size = max(0, reply.body.size + self.delta)
        told = reply.having(content_length=str(size))
        cut = replace(told, body=told.body.cut(0, size))
        return _stopped(cut, cut.body.size, Ending.CLOSED) if self.delta > 0 else cut


@dataclass(frozen=True, slots=True)
class Gzipped(BodyFault):
    """Compressed although nobody asked for it."""

    def spoiled(self, reply: Reply) -> Reply:
        packed = Body.of(gzip.compress(reply.body.read()))
        made = reply.having(content_encoding="gzip", content_length=str(packed.size))
        return replace(made, body=packed)


@dataclass(frozen=True, slots=True)
class NoLength(BodyFault):
    """No Content-Length: chunked."""

    def spoiled(self, reply: Reply) -> Reply:
        return reply.having(content_length=None)


@dataclass(frozen=True, slots=True)
class NotJson(BodyFault):
    """Good status, bad text: the page of a hotel's network."""

    text: bytes = b"<html>Please accept our conditions</html>"

    def spoiled(self, reply: Reply) -> Reply:
        made = reply.having(content_length=str(len(self.text)), content_type="text/html")
        return replace(made, body=Body.of(self.text))


@dataclass(frozen=True, slots=True)
class HugeJson(BodyFault):
    """Valid JSON (a list of zeros) of about so many bytes, made while it is sent."""

    size: int = 256 << 20

    def spoiled(self, reply: Reply) -> Reply:
        block = b"0," * (1 << 19)
        parts = [Slice(b"[", 0, 1), *[Slice(block, 0, len(block))] * (self.size // len(block))]
        body = Body((*parts, Slice(b"0]", 0, 2)))
        return replace(reply.having(content_length=str(body.size)), body=body)


# -- ranges ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class IgnoreRange(Fault):
    """200 and the whole file for a request of a range."""

    def on_request(self, request: Request) -> Request:
        return request.without("range") if "range" in request.headers else request


@dataclass(frozen=True, slots=True)
class IgnoreIfRange(Fault):
    """206 although the file is not the one that If-Range names."""

    def on_request(self, request: Request) -> Request:
        return request.without("if-range") if "if-range" in request.headers else request


@dataclass(frozen=True, slots=True)
class WrongRange(Fault):
    """206 with another range than was asked for, and said so: so many bytes later."""

    shift: int = 1

    def on_request(self, request: Request) -> Request:
        first, dash, last = request.headers.get("range", "").removeprefix("bytes=").partition("-")
        if not first or not dash:
            return request
        end = str(int(last) + self.shift) if last else ""
        moved = f"bytes={int(first) + self.shift}-{end}"
        return replace(request, headers={**request.headers, "range": moved})


# -- other answers -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Status(Fault):
    """Any status, with these headers; `value` is its JSON, None is no body at all."""

    code: int
    headers: Mapping[str, str] = field(default_factory=dict)
    value: Any = None

    def instead(self, request: Request) -> Reply:
        bare = Reply(self.code, {"content-length": "0"})
        reply = bare if self.value is None else json_reply(self.code, self.value)
        return reply.having(**{name.lower(): text for name, text in self.headers.items()})


@dataclass(frozen=True, slots=True)
class RedirectTo(Fault):
    """To another address, with a commit and size as a redirect of the Hub has them."""

    url: str
    code: int = 302

    def instead(self, request: Request) -> Reply:
        return Reply(self.code, {"location": self.url, "content-length": "0"})


@dataclass(frozen=True, slots=True)
class RedirectLoop(Fault):
    """To itself, for ever."""

    def instead(self, request: Request) -> Reply:
        return Reply(302, {"location": f"{request.base}{request.path}", "content-length": "0"})


@dataclass(frozen=True, slots=True)
class Headers(Fault):
    """These headers too; None takes one away."""

    headers: Mapping[str, str | None]

    def on_reply(self, request: Request, reply: Reply) -> Reply:
        return reply.having(**{name.lower(): text for name, text in self.headers.items()})


# -- the switchboard ---------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class Rule:
    """One fault and where it strikes."""

    fault: Fault
    path: str
    method: str | None
    origin: Origin | None
    times: int | None
    after: int
    strikes: int = 0
    """How often it struck."""
    spared: int = 0
    """How often it could have, within `after`."""
    on: bool = True

    def off(self) -> None:
        self.on = False

    def concerns(self, request: Request) -> bool:
        return (
            self.on
            and (self.times is None or self.strikes < self.times)
            and self.method in {None, request.method}
            and self.origin in {None, request.origin}
            and fnmatchcase(unquote(request.path), self.path)
        )


class Chance:
    """One rule at one request: it strikes in all of its hooks or in none."""

    def __init__(self, rule: Rule) -> None:
        self.fault = rule.fault
        self._rule = rule
        self._strikes: bool | None = None

    def strikes(self) -> bool:
        """To be asked when it would make a difference."""
        if self._strikes is None:
            self._strikes = self._rule.spared >= self._rule.after
            self._rule.strikes += self._strikes
            self._rule.spared += not self._strikes
        return self._strikes


class Faults:
    """The rules in force, in the order in which they were made."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._lock = threading.Lock()

    def add(
        self,
        fault: Fault,
        path: str = "*",
        *,
        method: str | None = None,
        origin: Origin | None = None,
        times: int | None = None,
        after: int = 0,
    ) -> Rule:
        """`path`: a glob over the decoded path without its query. It strikes `times` times (None: always),
        sparing the first `after`."""
        rule = Rule(fault, path, method, origin, times, after)
        with self._lock:
            self._rules.append(rule)
        return rule

    def clear(self) -> None:
        with self._lock:
            self._rules.clear()

    def chances(self, request: Request) -> list[Chance]:
        with self._lock:
            return [Chance(rule) for rule in self._rules if rule.concerns(request)]
