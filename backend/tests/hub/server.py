"""The Hub on two ports of loopback, in a thread of its own.

`with running_hub(repos) as hub:` has an address when it begins and has let go of every socket and thread when
it ends. An exception inside the server is raised there, so that no test passes on an answer of 500.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import tempfile
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeAlias

from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.asyncio.worker_context import WorkerContext
from hypercorn.config import Config

from tests.hub.access import HubUser
from tests.hub.app import Connection, app_for
from tests.hub.faults import Faults
from tests.hub.messages import Origin, Seen
from tests.hub.quota import Quota, RateLimits
from tests.hub.repos import HubRepo
from tests.hub.routes import Holdings

HOST: Final = "127.0.0.1"
PATIENCE: Final = 60.0
"""Seconds for the server's thread to do what it is told."""
BACKLOG: Final = 100
"""Connections that the system holds until they are accepted, as many as asyncio's own servers ask for."""

Serving: TypeAlias = Callable[
    [asyncio.StreamReader, asyncio.StreamWriter, asyncio.Event], Awaitable[None]
]
"""Serves one connection, whose end the event tells."""


class _Spoken(asyncio.StreamReaderProtocol):
    """Tells when its connection has ended.

    `StreamWriter.wait_closed` cannot tell: it waits for a future that all who wait share, and an answer that is
    cancelled in the middle of closing cancels it for everybody.
    """

    def __init__(self, serve: Serving, loop: asyncio.AbstractEventLoop) -> None:
        self._ended = asyncio.Event()
        super().__init__(
            asyncio.StreamReader(loop=loop),
            lambda reader, writer: serve(reader, writer, self._ended),
            loop=loop,
        )

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._ended.set()


class _Port:
    """A port of loopback that stays ours while nobody listens: a client is refused, no one else gets it.

    It accepts by itself. `asyncio.Server` loses what it has accepted and not begun to serve when it is closed:
    the socket stays open until it is collected, in the middle of another test.
    """

    def __init__(self) -> None:
        self._held = self._bound(0)
        self.number: int = self._held.getsockname()[1]
        self._loop: asyncio.AbstractEventLoop | None = None
        self._beginning: set[asyncio.Task[None]] = set()

    @staticmethod
    def _bound(port: int) -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.setblocking(False)
        made.bind((HOST, port))
        return made

    def listen(self, serve: Serving, tls: ssl.SSLContext | None) -> None:
        if self._loop is None:
            self._held.listen(BACKLOG)
            self._loop = asyncio.get_running_loop()
            self._loop.add_reader(self._held, self._accept, self._loop, serve, tls)

    def _accept(
        self, loop: asyncio.AbstractEventLoop, serve: Serving, tls: ssl.SSLContext | None
    ) -> None:
        with suppress(BlockingIOError, ConnectionError):  # it went away again
            accepted, _ = self._held.accept()
            accepted.setblocking(False)
            task = loop.create_task(self._begin(loop, accepted, serve, tls))
            self._beginning.add(task)
            task.add_done_callback(self._beginning.discard)

    @staticmethod
    async def _begin(
        loop: asyncio.AbstractEventLoop,
        accepted: socket.socket,
        serve: Serving,
        tls: ssl.SSLContext | None,
    ) -> None:
        with suppress(OSError):  # it went away, or does not trust us
            await loop.connect_accepted_socket(lambda: _Spoken(serve, loop), accepted, ssl=tls)

    def refuse(self) -> None:
        """From the loop's own thread, while the loop runs."""
        if self._loop is not None:
            self._loop.remove_reader(self._held)
            self._loop = None
            self._held.close()
            self._held = self._bound(self.number)

    def close(self) -> None:
        self._held.close()


class Hub:
    """A running Hub. Its state may be changed from any thread."""

    def __init__(
        self,
        repos: Iterable[HubRepo],
        users: Iterable[HubUser],
        limits: RateLimits,
        *,
        tls: ssl.SSLContext | None,
        ca_file: Path | None,
    ) -> None:
        self.faults = Faults()
        self.quota = Quota(limits)
        self.requests: list[Seen] = []
        """Every request since the start, of both origins, in the order of arrival."""
        self.ca_file = ca_file
        """PEM of the authority that signed the certificate; None without TLS."""
        self._repos = {repo.repo_id: repo for repo in repos}
        self._users = {user.token: user for user in users}
        self._tls = tls
        self._ports = {origin: _Port() for origin in Origin}
        self._connections: dict[Connection, asyncio.Task[Any]] = {}
        self._connected = 0
        self._problems: list[str] = []
        self._config = _configured(self._problems)
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="test-hub")

    @property
    def endpoint(self) -> str:
        """What HF_ENDPOINT is set to."""
        return self._address(Origin.HUB)

    @property
    def cdn(self) -> str:
        """The other origin, where large files are."""
        return self._address(Origin.CDN)

    def _address(self, origin: Origin) -> str:
        return f"{'https' if self._tls else 'http'}://{HOST}:{self._ports[origin].number}"

    def holdings(self) -> Holdings:
        return Holdings(dict(self._repos), dict(self._users), self.cdn)

    def publish(self, repo: HubRepo) -> None:
        """Add a repository, or replace the one of that name."""
        self._repos[repo.repo_id] = repo

    def withdraw(self, repo_id: str) -> None:
        del self._repos[repo_id]

    def admit(self, user: HubUser) -> None:
        """Add a user, or replace the one with that token."""
        self._users[user.token] = user

    def seen(
        self, containing: str = "", *, method: str | None = None, origin: Origin | None = None
    ) -> Sequence[Seen]:
        """Requests of the log whose path contains that text."""
        return [
            one
            for one in tuple(self.requests)
            if containing in one.path
            and method in {None, one.method}
            and origin in {None, one.origin}
        ]

    def stop(self) -> None:
        """Connections end by reset and new ones are refused, until `restart`."""
        self._told(self._stop_listening())

    def restart(self) -> None:
        """Listen again, at the same addresses."""
        self._told(self._listen())

    # -- the thread ----------------------------------------------------------------------------------

    def open(self) -> None:
        self._thread.start()
        if not self._ready.wait(PATIENCE):
            raise RuntimeError("The test Hub did not start.")

    def close(self) -> None:
        """Raises RuntimeError with what went wrong inside."""
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join(PATIENCE)
        for port in self._ports.values():
            port.close()
        if self._thread.is_alive():
            self._problems.append("Its thread does not end.")
        if self._problems:
            raise RuntimeError("The test Hub failed:\n" + "\n".join(self._problems))

    def _told(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    def _run(self) -> None:
        with asyncio.Runner() as runner:
            runner.run(self._serve_until_closed())

    async def _serve_until_closed(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(self._note)
        self._closing = asyncio.Event()
        self._serving = asyncio.current_task()
        await self._listen()
        self._ready.set()
        await self._closing.wait()
        await self._stop_listening()

    def _note(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Errors of the loop, except those that a client causes by going away or distrusting us."""
        error = context.get("exception")
        if not isinstance(error, ssl.SSLError | ConnectionError):
            self._problems.append(f"{context.get('message')}: {error!r}")

    async def _listen(self) -> None:
        self._context = WorkerContext(None)
        for origin, port in self._ports.items():
            port.listen(self._accepting(origin), self._tls)

    async def _stop_listening(self) -> None:
        """Also ends what was accepted and is not served yet: its task begins in one of the next rounds."""
        for port in self._ports.values():
            port.refuse()
        await self._context.terminated.set()  # hypercorn's idle connections wait for it
        staying = {self._serving, asyncio.current_task()}
        end = self._loop.time() + PATIENCE / 2
        while ending := asyncio.all_tasks() - staying:
            for connection in self._connections:
                connection.abort()
            if self._loop.time() > end:
                self._problems += [f"A connection does not end: {task!r}" for task in ending]
                return
            await asyncio.wait(ending, timeout=0.05)
        await asyncio.sleep(0.01)  # what was aborted is closed in the next rounds of the loop

    def _accepting(self, origin: Origin) -> Serving:
        async def serve(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ended: asyncio.Event
        ) -> None:
            self._connected += 1
            connection = Connection(self._connected, origin, writer)
            task = asyncio.current_task()
            if task is not None:
                self._connections[connection] = task
            app = ASGIWrapper(app_for(self, connection))
            connection.server = TCPServer(
                app, self._loop, self._config, self._context, {}, reader, writer
            )
            try:
                await connection.server
            finally:
                writer.close()
                await ended.wait()  # a body that nobody reads ends by `abort`
                del self._connections[connection]

        return serve


class _Noting(logging.Handler):
    def __init__(self, problems: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._problems = problems

    def emit(self, record: logging.LogRecord) -> None:
        self._problems.append(self.format(record))


def _configured(problems: list[str]) -> Config:
    """hypercorn's settings: errors come to us, idle connections stay open for as long as a test takes."""
    log = logging.Logger("tests.hub")  # noqa: LOG001 - of this Hub alone
    log.addHandler(_Noting(problems))
    config = Config()
    config.errorlog = log
    config.accesslog = None
    config.include_server_header = False
    config.keep_alive_timeout = 300
    return config


def _certified(folder: Path, http2: bool) -> tuple[ssl.SSLContext, Path]:
    """A certificate for loopback, and the file of the authority that signed it."""
    import trustme

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST, "localhost").configure_cert(context)
    context.set_alpn_protocols(["h2", "http/1.1"] if http2 else ["http/1.1"])
    ca_file = folder / "hub-ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    return context, ca_file


@contextmanager
def running_hub(
    repos: Iterable[HubRepo] = (),
    *,
    users: Iterable[HubUser] = (),
    limits: RateLimits = RateLimits(),  # noqa: B008 - a frozen value
    tls: bool = False,
    http2: bool = False,
) -> Iterator[Hub]:
    """A Hub with these repositories. `http2` needs `tls`, as with every browser and server."""
    with tempfile.TemporaryDirectory(prefix="test-hub-") as folder:
        context, ca_file = _certified(Path(folder), http2) if tls or http2 else (None, None)
        hub = Hub(repos, users, limits, tls=context, ca_file=ca_file)
        hub.open()
        try:
            yield hub
        finally:
            hub.close()
