"""HTTP/2 that many threads share.

The connections of `httpcore2` 2.16 are written for one thread or for tasks that take turns. With threads, two
requests get the same stream number, headers are compressed in one order and sent in another, frames get lost
between two instructions, and OpenSSL is asked to read and to write one connection at the same time, which it
forbids. Measured with 20 threads that switch often: a third of 300 requests failed.

Here every step of the protocol is one thread's at a time, a number is given and used in one turn, and the
encrypted connection is read when there is something to read, without blocking who writes.
"""

from __future__ import annotations

import selectors
import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import httpcore2

from model_library.network.deadlines import in_time

T = TypeVar("T")

_TURN: Final = 1.0
"""Seconds after which a turn is taken from a thread that did not use it (an error came between)."""


class SharedProtocol(h2.connection.H2Connection):
    """The state of an HTTP/2 connection, one step at a time. What a server does wrong is an error of the HTTP
    library, which lets those of h2 through."""

    def __init__(self, config: h2.config.H2Configuration) -> None:
        super().__init__(config=config)
        self._step = threading.RLock()
        self._turn = threading.Lock()

    def get_next_available_stream_id(self) -> int:
        """The number of the next stream. The turn ends when its headers are sent."""
        self._turn.acquire(timeout=_TURN)
        try:
            with self._step:
                return super().get_next_available_stream_id()
        except BaseException:  # catches-all: raised again
            self._end_turn()
            raise

    def send_headers(self, stream_id: int, *args: Any, **options: Any) -> None:
        try:
            with self._step:
                super().send_headers(stream_id, *args, **options)
        except h2.exceptions.ProtocolError as error:
            if self.state_machine.state is not h2.connection.ConnectionState.CLOSED:
                raise
            raise httpcore2.RemoteProtocolError("Server disconnected") from error
        finally:
            self._end_turn()

    def _end_turn(self) -> None:
        if self._turn.locked():
            self._turn.release()

    def send_data(self, *args: Any, **options: Any) -> None:
        with self._step:
            super().send_data(*args, **options)

    def end_stream(self, stream_id: int) -> None:
        with self._step:
            super().end_stream(stream_id)

    def increment_flow_control_window(self, increment: int, stream_id: int | None = None) -> None:
        with self._step:
            super().increment_flow_control_window(increment, stream_id)

    def acknowledge_received_data(self, acknowledged_size: int, stream_id: int) -> None:
        with self._step:
            super().acknowledge_received_data(acknowledged_size, stream_id)

    def receive_data(self, data: Any) -> list[h2.events.Event]:
        try:
            with self._step:
                return super().receive_data(data)
        except h2.exceptions.InvalidBodyLengthError as error:
            raise httpcore2.RemoteProtocolError(f"peer closed the body early: {error}") from error
        except h2.exceptions.ProtocolError as error:
            raise httpcore2.RemoteProtocolError(str(error)) from error

    def data_to_send(self, amount: int | None = None) -> bytes:
        with self._step:
            return super().data_to_send(amount)

    def close_connection(self, *args: Any, **options: Any) -> None:
        with self._step:
            super().close_connection(*args, **options)

    def local_flow_control_window(self, stream_id: int) -> int:
        with self._step:
            return super().local_flow_control_window(stream_id)


class SharedConnection(httpcore2.HTTPConnection):
    """A connection that becomes HTTP/2 for many threads when the host speaks it."""

    def handle_request(self, request: httpcore2.Request) -> httpcore2.Response:
        with self._request_lock:
            if self._connection is None:
                self._connection = self._made(request)
        return self._connection.handle_request(request)

    def _made(self, request: httpcore2.Request) -> httpcore2.ConnectionInterface:
        try:
            stream = self._connect(request)
        except BaseException:  # catches-all: raised again
            self._connect_failed = True
            raise
        encrypted = stream.get_extra_info("ssl_object")
        origin, keep = self._origin, self._keepalive_expiry
        if encrypted is None or encrypted.selected_alpn_protocol() != "h2":
            return httpcore2.HTTP11Connection(origin, stream, keep)
        connection = httpcore2.HTTP2Connection(origin, SharedTls(stream), keep)
        connection._h2_state = SharedProtocol(connection.CONFIG)  # noqa: SLF001 - not a parameter
        return connection


class SharedPool(httpcore2.ConnectionPool):
    """Connections that many threads share."""

    def create_connection(self, origin: httpcore2.Origin) -> httpcore2.ConnectionInterface:
        return SharedConnection(
            origin=origin,
            ssl_context=self._ssl_context,
            keepalive_expiry=self._keepalive_expiry,
            http1=self._http1,
            http2=self._http2,
            network_backend=self._network_backend,
        )


class SharedTls(httpcore2.NetworkStream):
    """An encrypted connection that one thread reads while another writes.

    OpenSSL does one thing at a time; waiting for the network happens between, in neither.
    """

    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream
        self._socket: ssl.SSLSocket = stream.get_extra_info("socket")
        self._socket.setblocking(False)
        self._one = threading.Lock()

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._done(
            lambda: self._socket.recv(max_bytes),
            in_time(timeout, httpcore2.ReadTimeout),
            httpcore2.ReadTimeout,
            httpcore2.ReadError,
        )

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        view = memoryview(buffer)
        while view:
            rest = view
            sent = self._done(
                lambda rest=rest: self._socket.send(rest),  # type: ignore[misc]
                in_time(timeout, httpcore2.WriteTimeout),
                httpcore2.WriteTimeout,
                httpcore2.WriteError,
            )
            view = view[sent:]

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def _done(
        self,
        step: Callable[[], T],
        timeout: float | None,
        late: type[Exception],
        failed: type[Exception],
    ) -> T:
        """What `step` returns when the network allows it."""
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            try:
                with self._one:
                    return step()
            except ssl.SSLWantReadError:
                wanted = selectors.EVENT_READ
            except ssl.SSLWantWriteError:
                wanted = selectors.EVENT_WRITE
            except OSError as error:
                raise failed(str(error)) from error
            left = None if end is None else end - time.monotonic()
            if (left is not None and left <= 0) or not _ready(self._socket, wanted, left):
                raise late("timed out")


def _ready(which: socket.socket, wanted: int, timeout: float | None) -> bool:
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(which, wanted)
            return bool(selector.select(timeout))
    except (OSError, ValueError) as error:  # closed by another thread meanwhile
        raise httpcore2.ReadError("the connection was closed") from error
