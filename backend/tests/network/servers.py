"""Servers on loopback that answer as told, or misbehave, and a time that passes when it is told to."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from model_library.config import NetworkSettings
from model_library.network.manager import NetworkManager


class FakeTime:
    """Monotonic and wall time that only pass when somebody sleeps."""

    def __init__(self) -> None:
        self.monotonic = 1000.0
        self.epoch = 1_700_000_000.0
        self.slept = 0.0

    def clock(self) -> float:
        return self.monotonic

    def wall(self) -> float:
        return self.epoch

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.passes(seconds)

    def passes(self, seconds: float) -> None:
        self.monotonic += seconds
        self.epoch += seconds


@dataclass(frozen=True)
class Asked:
    """A request as the server saw it."""

    method: str
    path: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Say:
    """An answer."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"{}"


@dataclass
class Server:
    """A server that answers; `answers` may be changed while it runs."""

    url: str
    answers: Callable[[Asked], Say]
    asked: list[Asked] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.asked)


class _Listening(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are what these tests are about."""


@contextlib.contextmanager
def serving(
    answers: Callable[[Asked], Say] = lambda _: Say(), *, tls: ssl.SSLContext | None = None
) -> Iterator[Server]:
    """An HTTP/1.1 server that answers every request as told."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def answer(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            self.rfile.read(length)
            lowered = {name.lower(): value for name, value in self.headers.items()}
            one = Asked(self.command, self.path, lowered)
            server.asked.append(one)
            say = server.answers(one)
            self.send_response(say.status)
            for name, value in say.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(say.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(say.body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Quiet."""

    for method in ("GET", "HEAD", "POST"):
        setattr(Handler, f"do_{method}", Handler.answer)
    listening = _Listening(("127.0.0.1", 0), Handler)
    if tls is not None:
        listening.socket = tls.wrap_socket(listening.socket, server_side=True)
    scheme = "http" if tls is None else "https"
    server = Server(f"{scheme}://127.0.0.1:{listening.server_address[1]}", answers)
    thread = threading.Thread(target=listening.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()


Behaviour = Callable[[socket.socket, threading.Event], None]


@dataclass
class RawServer:
    url: str
    connections: int = 0


@contextlib.contextmanager
def misbehaving(behave: Behaviour) -> Iterator[RawServer]:
    """A server that does with each connection as told; it is to stop when the event is set."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(0.02)
    server = RawServer(f"http://127.0.0.1:{listening.getsockname()[1]}")
    stop, threads = threading.Event(), []

    def handle(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            behave(connection, stop)

    def accept() -> None:
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                connection, _ = listening.accept()
                server.connections += 1
                connection.settimeout(5)
                threads.append(threading.Thread(target=handle, args=(connection,)))
                threads[-1].start()

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield server
    finally:
        stop.set()
        thread.join()
        for one in threads:
            one.join()
        listening.close()


def says_nothing(_connection: socket.socket, stop: threading.Event) -> None:
    stop.wait(10)


def drips_headers(connection: socket.socket, stop: threading.Event) -> None:
    """One byte of an endless header now and then: never too late for a timeout between bytes."""
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while not stop.wait(0.05):
        connection.sendall(b"x")


def drips_body(connection: socket.socket, stop: threading.Event) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not stop.wait(0.05):
        connection.sendall(b"x")


def resets(connection: socket.socket, _stop: threading.Event) -> None:
    connection.recv(65536)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def resets_in_the_body(connection: socket.socket, stop: threading.Event) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nbeginning")
    stop.wait(0.1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hangs_up(connection: socket.socket, _stop: threading.Event) -> None:
    connection.recv(65536)


def speaks_no_http(connection: socket.socket, _stop: threading.Event) -> None:
    connection.recv(65536)
    connection.sendall(b"220 mail.example ESMTP ready\r\n\r\n")


def refused_url() -> str:
    """An address of loopback where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


@contextlib.contextmanager
def network(settings: NetworkSettings, **options: Any) -> Iterator[NetworkManager]:
    """A manager that is closed at the end."""
    manager = NetworkManager(settings, **options)
    try:
        yield manager
    finally:
        manager.close()


@contextlib.contextmanager
def fake_network(
    settings: NetworkSettings, time: FakeTime, **options: Any
) -> Iterator[NetworkManager]:
    """A manager for which time passes as told."""
    with network(
        settings, clock=time.clock, wall=time.wall, sleep=time.sleep, **options
    ) as manager:
        yield manager
