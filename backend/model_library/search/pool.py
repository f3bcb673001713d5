"""Connections to one index for any number of threads.

An operation borrows a connection and nobody else uses it meanwhile; as many are opened as there
are operations at the same time. Before it is used again, the file is looked at: when another
process has put a new one in its place, connections to the old file are closed.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from model_library.errors import IndexMissingError
from model_library.search.schema import connect, translated

_Identity = tuple[int, int]  # device and inode


class ConnectionPool:
    def __init__(self, path: Path, *, timeout: float) -> None:
        self._path = path
        self._timeout = timeout
        self._idle: list[tuple[_Identity, sqlite3.Connection]] = []
        self._guard = threading.Lock()
        self._closed = False

    @contextmanager
    def borrow(self) -> Iterator[sqlite3.Connection]:
        """A connection outside a transaction. Raises IndexDamagedError, LibraryBusyError."""
        identity, connection = self._take()
        healthy = False
        try:
            with translated(self._path):
                yield connection
            healthy = not connection.in_transaction
        finally:
            with self._guard:
                if healthy and not self._closed:
                    self._idle.append((identity, connection))
                else:
                    connection.close()  # rolls an open transaction back

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one state of the index, whatever others write meanwhile."""
        with self.borrow() as connection:
            connection.execute("BEGIN")
            yield connection
            connection.execute("COMMIT")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection in a write transaction: all of it is done at the end, or nothing."""
        with self.borrow() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")

    def close(self) -> None:
        """Close what is idle now, and everything that is still borrowed when it comes back."""
        with self._guard:
            self._closed = True
            while self._idle:
                self._idle.pop()[1].close()

    def _take(self) -> tuple[_Identity, sqlite3.Connection]:
        identity = self._identity()
        with self._guard:
            if self._closed:
                raise sqlite3.ProgrammingError("The index was closed")
            while self._idle:
                known, connection = self._idle.pop()
                if known == identity:
                    return identity, connection
                connection.close()
        while True:
            connection = connect(self._path, timeout=self._timeout)
            found = self._identity()
            if found == identity:  # else it was replaced while it was being opened
                return identity, connection
            connection.close()
            identity = found

    def _identity(self) -> _Identity:
        try:
            status = self._path.stat()
        except FileNotFoundError as error:
            raise IndexMissingError("There is no index any more", path=self._path) from error
        return status.st_dev, status.st_ino
