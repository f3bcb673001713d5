"""One window for each library: a second start shows the first window and hands over what it was given.

The first start holds a lock, which the system frees when it dies, and listens on loopback. Where and under
which token is in a file beside the lock that only this user can read.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout
from pydantic import BaseModel

from model_library.errors import LibraryBusyError
from model_library.io.files import make_directory, open_regular, read_regular, write_all
from model_library.io.platform.os_errors import translate_os_error

Show = Callable[[list[str]], None]
"""Shows the window, with paths that it was given."""

PATIENCE: Final = 30.0
"""Seconds in which the other start has to be ready, or over."""
_PAUSE: Final = 0.1
_ANSWER: Final = 5.0
"""Seconds for one exchange on loopback."""
_MOST: Final = 4 * 1024**2
"""Bytes of a message; the paths that a command line can hold are fewer."""


class _Message(BaseModel):
    """What a further start says."""

    token: str
    paths: list[str]


class Instance:
    """This process has the window of the library."""

    def __init__(self, address_file: Path) -> None:
        self._address_file = address_file
        self._token = secrets.token_urlsafe(32)

    @contextmanager
    def listening(self, show: Show) -> Iterator[None]:
        """Answer further starts while the body runs."""
        with ExitStack() as cleanup:
            listening = cleanup.enter_context(socket.create_server(("127.0.0.1", 0)))
            thread = threading.Thread(
                target=self._answer_all, args=[listening, show], name="starts"
            )
            address = {"port": listening.getsockname()[1], "token": self._token}
            _write_for_user(self._address_file, json.dumps(address).encode())
            cleanup.callback(self._address_file.unlink, missing_ok=True)
            thread.start()
            try:
                yield
            finally:
                with suppress(OSError):  # wakes the thread on every system
                    listening.shutdown(socket.SHUT_RDWR)
                listening.close()
                thread.join()

    def _answer_all(self, listening: socket.socket, show: Show) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return  # closed
            with connection, suppress(OSError, ValueError):
                connection.settimeout(_ANSWER)
                show(self._asked(_received(connection)))
                connection.sendall(b"shown\n")

    def _asked(self, line: bytes) -> list[str]:
        """The paths of a message. Raises ValueError when it is none of ours."""
        message = _Message.model_validate_json(line)
        if not hmac.compare_digest(message.token.encode(), self._token.encode()):
            raise ValueError("the token is not ours")
        return message.paths


@contextmanager
def claimed(
    directory: Path, library: Path, paths: Sequence[str], patience: float = PATIENCE
) -> Iterator[Instance | None]:
    """The window of a library for this process, or None when another process has it and was told to show it.
    `directory`: where this user keeps the state of programs.

    Raises LibraryBusyError when the other process does not answer, FileError.
    """
    make_directory(directory)
    name = hashlib.sha256(os.fsencode(os.path.realpath(library))).hexdigest()[:16]
    address_file = directory / f"window-{name}.json"
    lock = FileLock(directory / f"window-{name}.lock")
    end = time.monotonic() + patience
    while True:
        if _taken(lock):
            try:
                yield Instance(address_file)
            finally:
                lock.release()
            return
        if _passed_on(address_file, paths):
            yield None
            return
        if time.monotonic() > end:
            raise LibraryBusyError(
                "Another process has the window of this library and does not answer",
                path=library,
                hint="End it, or use another library with --library.",
            )
        time.sleep(_PAUSE)


def _write_for_user(file: Path, data: bytes) -> None:
    """Nobody else may read it. Who reads half of it tries again. Raises FileError."""
    try:
        file.unlink(missing_ok=True)
        with FileIO(open_regular(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as made:
            write_all(made, data)
    except OSError as error:
        raise translate_os_error(error, path=file, writing=True) from error


def _taken(lock: FileLock) -> bool:
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return False
    return True


def _passed_on(address_file: Path, paths: Sequence[str]) -> bool:
    """Whether the first start heard. It may be about to listen, or about to end."""
    try:
        said: Any = json.loads(read_regular(address_file, _MOST))
        port, token = int(said["port"]), str(said["token"])
        with socket.create_connection(("127.0.0.1", port), timeout=_ANSWER) as connection:
            message = {"token": token, "paths": list(paths)}
            connection.sendall(json.dumps(message).encode() + b"\n")
            return _received(connection) == b"shown"
    except (OSError, ValueError, TypeError, KeyError):
        return False


def _received(connection: socket.socket) -> bytes:
    """One line. Raises OSError, ValueError."""
    with connection.makefile("rb") as stream:
        line = stream.readline(_MOST)
    if not line.endswith(b"\n"):
        raise ValueError("no whole line")
    return line[:-1]
