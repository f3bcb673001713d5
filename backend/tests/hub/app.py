"""The Hub as a plain ASGI application: reads a request, lets the faults have their way, sends the answer."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import Awaitable, Callable
from typing import Final, Protocol
from urllib.parse import parse_qsl

from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.protocol.h2 import H2Protocol
from hypercorn.typing import (
    ASGIReceiveCallable,
    ASGISendCallable,
    HTTPResponseBodyEvent,
    HTTPScope,
    Scope,
)

from tests.hub.faults import LONG, Chance, Faults
from tests.hub.files import answered
from tests.hub.messages import Ending, Origin, Reply, Request, Seen, Served
from tests.hub.quota import Quota
from tests.hub.routes import Holdings, route

RESET_AT_ONCE: Final = struct.pack("ii", 1, 0)
"""SO_LINGER of no seconds: closing sends RST."""


class State(Protocol):
    """What the application needs of the Hub that it serves."""

    faults: Faults
    quota: Quota
    requests: list[Seen]

    def holdings(self) -> Holdings: ...


class Connection:
    """One client connection, numbered, which faults can end in ways that HTTP has no words for."""

    def __init__(self, number: int, origin: Origin, writer: asyncio.StreamWriter) -> None:
        self.number = number
        self.origin = origin
        self.server: TCPServer | None = None
        """hypercorn's side of it."""
        self._writer = writer

    async def close(self) -> None:
        """Orderly, after what was written."""
        self._writer.close()

    async def reset(self) -> None:
        """By RST, after what was written has left this process."""
        transport = self._writer.transport
        spoken = self.server.protocol.protocol if self.server else None
        if isinstance(spoken, H2Protocol):  # holds data back for its windows
            for buffer in tuple(spoken.stream_buffers.values()):
                await buffer.drain()
        while transport.get_write_buffer_size() and not transport.is_closing():
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.02)
        sock = self._writer.get_extra_info("socket")
        if sock is not None:  # else another stream of the connection was quicker
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_ONCE)
        transport.abort()

    def abort(self) -> None:
        self._writer.transport.abort()


def app_for(state: State, connection: Connection) -> Callable[..., Awaitable[None]]:
    """The application as one connection sees it."""

    async def app(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] != "http":
            return
        request = await _request(scope, receive, connection.origin)
        seen = Seen(
            request.origin,
            request.method,
            request.path,
            scope["query_string"].decode(),
            request.headers,
            scope["http_version"],
            connection.number,
            time.monotonic(),
        )
        state.requests.append(seen)
        reply = decide(request, state)
        await _Sending(connection, receive, send, seen).send(request, reply)

    return app


async def _request(scope: HTTPScope, receive: ASGIReceiveCallable, origin: Origin) -> Request:
    headers = {name.decode().lower(): text.decode("latin-1") for name, text in scope["headers"]}
    body = bytearray()
    while True:
        event = await receive()
        if event["type"] != "http.request":
            break
        body += event["body"]
        if not event["more_body"]:
            break
    return Request(
        origin,
        scope["method"],
        scope["raw_path"].decode("ascii"),
        tuple(parse_qsl(scope["query_string"].decode(), keep_blank_values=True)),
        headers,
        f"{scope['scheme']}://{headers.get('host', '')}",
        bytes(body),
    )


def decide(request: Request, state: State) -> Reply:
    """The answer to a request, after the faults that concern it."""
    chances = state.faults.chances(request)
    for chance in chances:
        changed = chance.fault.on_request(request)
        if changed is not request and chance.strikes():
            request = changed
    reply = _instead(request, chances) or _answer(request, state, chances)
    for chance in chances:
        spoiled = chance.fault.on_reply(request, reply)
        if spoiled is not reply and chance.strikes():
            reply = spoiled
    return reply


def _instead(request: Request, chances: list[Chance]) -> Reply | None:
    for chance in chances:
        reply = chance.fault.instead(request)
        if reply is not None and chance.strikes():
            return reply
    return None


def _answer(request: Request, state: State, chances: list[Chance]) -> Reply:
    told: dict[str, str] = {}
    if request.origin is Origin.HUB:
        refused, told = state.quota.take(request)
        if refused is not None:
            return refused.having(**told)
    found = route(request, state.holdings())
    if isinstance(found, Served):
        for chance in chances:
            changed = chance.fault.on_file(request, found)
            if changed is not found and chance.strikes():
                found = changed
        found = answered(found, request)
    if found.headers.get("etag") == request.headers.get("if-none-match", ""):
        found = Reply(304, {"etag": found.headers["etag"]})
    return found.having(**told)


class _Sending:
    """Sends one reply."""

    def __init__(
        self,
        connection: Connection,
        receive: ASGIReceiveCallable,
        send: ASGISendCallable,
        seen: Seen,
    ) -> None:
        self._connection = connection
        self._receive = receive
        self._send = send
        self._seen = seen

    async def send(self, request: Request, reply: Reply) -> None:
        """Until all is sent or the client is gone, whom hypercorn would wait for to read the rest."""
        gone = asyncio.ensure_future(
            self._receive()
        )  # the request has been read: the next is its end
        answering = asyncio.ensure_future(self._answer(request, reply))
        try:
            await asyncio.wait({gone, answering}, return_when=asyncio.FIRST_COMPLETED)
            if answering.done():
                answering.result()
        finally:
            gone.cancel()
            answering.cancel()

    async def _answer(self, request: Request, reply: Reply) -> None:
        delivery = reply.delivery
        await asyncio.sleep(delivery.wait)
        if delivery.stop_after == -1:
            await self._end(delivery.ending)
            return
        self._seen.status = reply.status
        await self._send(
            {
                "type": "http.response.start",
                "status": reply.status,
                "headers": [(k.encode(), v.encode()) for k, v in reply.headers.items()],
                "trailers": False,
            }
        )
        body = reply.body
        if delivery.stop_after is not None:
            body = body.cut(0, delivery.stop_after)
        if request.method != "HEAD":
            for chunk in body.chunks(delivery.chunk):
                await self._send(_part(chunk, more=True))
                self._seen.sent += len(chunk)
                await asyncio.sleep(delivery.pause)
        await self._end(delivery.ending)

    async def _end(self, ending: Ending) -> None:
        started = self._seen.status is not None
        over_http2 = self._seen.http_version == "2"
        if ending is Ending.WHOLE or (ending is Ending.CLOSED and started and over_http2):
            await self._send(_part(b"", more=False))
            return
        if ending is Ending.CLOSED:
            await self._connection.close()
        elif ending is Ending.RESET:
            await self._connection.reset()
        await asyncio.sleep(LONG)


def _part(body: bytes, *, more: bool) -> HTTPResponseBodyEvent:
    return {"type": "http.response.body", "body": body, "more_body": more}
