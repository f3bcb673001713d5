"""The server: the operations over HTTP, with the pages, for this machine.

It listens on loopback unless told otherwise. FastAPI and uvicorn are imported here and in `http/` only.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from model_library.api.http.app import make_app
from model_library.api.http.context import Context
from model_library.api.http.events import EventLog
from model_library.api.http.libraries import Libraries
from model_library.api.http.security import Access
from model_library.api.http.uploads import Uploads
from model_library.api.http.working import Work
from model_library.config import Settings
from model_library.errors import AddressError
from model_library.location import locate

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 7654
_GRACE: Final = 5
"""Seconds that open answers have to end when the server closes."""
_MOST_WAITING: Final = 128
"""Connections that wait to be accepted."""


class _Quiet(H11Protocol):
    """HTTP without a log of addresses, whatever the process logs otherwise: they can hold the token."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.access_log = False


class Server(uvicorn.Server):
    """uvicorn, whose streams of events end before it waits for open answers."""

    def __init__(
        self,
        context: Context,
        listening: socket.socket,
        ready: Callable[[Server], None] = lambda _: None,
    ) -> None:
        config = uvicorn.Config(
            make_app(context),
            http=_Quiet,
            log_config=None,
            server_header=False,
            lifespan="on",
            timeout_graceful_shutdown=_GRACE,
            ws="none",
            proxy_headers=False,
        )
        super().__init__(config)
        self.context = context
        self._listening = listening
        self._ready = ready

    def run_here(self) -> None:
        """Serve until `stop` or a signal."""
        self.run(sockets=[self._listening])

    def stop(self) -> None:
        """From any thread."""
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready(self)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.context.events.close()
        await super().shutdown(sockets)


def listen(host: str, port: int | None) -> socket.socket:
    """A socket that listens. Without a port the default one, or any when that is taken.

    Raises AddressError.
    """
    wanted = [DEFAULT_PORT, 0] if port is None else [port]
    while True:
        try:
            return _bound(host, wanted.pop(0))
        except OSError as error:
            if not wanted:
                where = f"{host}:{port}" if port else host
                raise AddressError(f"{where} cannot be listened at: {error.strerror}") from error


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listening = socket.socket(family, kind, protocol)
    with ExitStack() as cleanup:
        cleanup.callback(listening.close)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_MOST_WAITING)
        cleanup.pop_all()
    return listening


@contextmanager
def opened(
    path: Path | str | None = None,
    *,
    settings: Settings | None = None,
    host: str = DEFAULT_HOST,
    port: int | None = None,
    names: frozenset[str] = frozenset(),
    ready: Callable[[Server], None] = lambda _: None,
) -> Iterator[Server]:
    """A server that listens and has its library open; it answers once it is run, and calls `ready` then.

    Where no path is given and there is no library yet, a person is asked first (`http/routes_first_run.py`).
    Raises AddressError and what `Library.open` raises.
    """
    events = EventLog()
    location = locate(None if path is None else os.fspath(path), os.environ)
    with ExitStack() as cleanup:
        libraries = Libraries(settings or Settings(), events.hear)
        cleanup.callback(libraries.close)
        listening = cleanup.enter_context(listen(host, port))
        access = Access(host, listening.getsockname()[1], names=names)
        uploads = Uploads()
        work = Work(libraries, events, uploads)
        context = Context(access, libraries, events, work, uploads)
        if location.named or location.has_library:
            context.use(location.path)
        yield Server(context, listening, ready)


@contextmanager
def in_thread(server: Server) -> Iterator[None]:
    """The server answers while the body runs: for the window and for tests."""
    thread = threading.Thread(target=server.run_here, name="server")
    thread.start()
    try:
        _wait(lambda: server.started or not thread.is_alive())
        yield
    finally:
        server.stop()
        thread.join()


def _wait(there: Callable[[], bool]) -> None:
    pause = threading.Event()
    while not there():
        pause.wait(0.01)
