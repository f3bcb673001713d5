"""`answers.db`: answers of the Hub, kept on disk and disposable.

    answers(key, asked, used, size, headers, body)      key: what was asked, by whom (hashed)
                                                        body: zlib; asked, used: seconds since 1970

Nothing here may fail a request: a damaged file is made anew, one that cannot be written is replaced by memory, a
busy or full one is skipped. Two processes share it; the answers used longest ago go when it is full.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

T = TypeVar("T")

FILE_NAME: Final = "answers.db"
VERSION: Final = 1
MAX_ANSWER: Final = 8 * 1024**2
"""Bytes of one body, not compressed. A listing of 10,000 files has about 3 MiB."""

_BUSY_TIMEOUT: Final = 0.25
"""Seconds. To ask the Hub again costs hardly more."""
_TOUCH_EVERY: Final = 3600.0
"""Seconds between writes that only say that an answer was used."""
_KEEP_SHARE: Final = 0.9
"""Of the limit, is kept when it is reached, so that not every new answer makes room."""

_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR})
_SKIPPED: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL})

_TABLES: Final = """
    CREATE TABLE answers (
        key TEXT PRIMARY KEY,
        asked REAL NOT NULL,
        used REAL NOT NULL,
        size INTEGER NOT NULL,
        headers TEXT NOT NULL,
        body BLOB NOT NULL
    ) STRICT;
    CREATE INDEX answers_by_use ON answers (used, size);
"""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """One answer, and when the Hub gave it (seconds since 1970)."""

    asked: float
    headers: Mapping[str, str]
    body: bytes


class AnswerStore:
    """The answers of one library. Thread-safe; `limit` is bytes of compressed bodies."""

    def __init__(self, directory: Path | None, limit: int) -> None:
        self._path = None if directory is None else directory / FILE_NAME
        self._limit = limit
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None
        self._closed = False

    def get(self, key: str, now: float) -> StoredAnswer | None:
        """The answer that is kept under that key."""

        def read(database: sqlite3.Connection) -> StoredAnswer | None:
            query = "SELECT asked, used, headers, body FROM answers WHERE key = ?"
            row = database.execute(query, (key,)).fetchone()
            if row is None:
                return None
            answer = _unpacked(row[0], row[2], row[3])
            if answer is None:
                database.execute("DELETE FROM answers WHERE key = ?", (key,))
            elif not now - _TOUCH_EVERY < row[1] <= now:
                database.execute("UPDATE answers SET used = ? WHERE key = ?", (now, key))
            return answer

        return self._use(read)

    def put(self, key: str, answer: StoredAnswer) -> None:
        """Keep an answer instead of what was kept; one that is too large is not."""
        body = zlib.compress(answer.body, 3)
        if len(answer.body) > MAX_ANSWER or len(body) > self._limit:
            return

        def write(database: sqlite3.Connection) -> None:
            database.execute(
                "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?)",
                (
                    key,
                    answer.asked,
                    answer.asked,
                    len(body),
                    json.dumps(dict(answer.headers)),
                    body,
                ),
            )
            self._make_room(database, key)

        self._use(write)

    def remove(self, key: str) -> None:
        """Forget an answer."""
        self._use(lambda database: database.execute("DELETE FROM answers WHERE key = ?", (key,)))

    def close(self) -> None:
        """Whoever still asks afterwards finds nothing."""
        with self._lock:
            self._closed = True
            self._drop_connection()

    def _make_room(self, database: sqlite3.Connection, newest: str) -> None:
        held = database.execute("SELECT total(size) FROM answers").fetchone()[0]
        if held <= self._limit:
            return
        for key, size in database.execute("SELECT key, size FROM answers ORDER BY used").fetchall():
            if held <= self._limit * _KEEP_SHARE:
                return
            if key != newest:
                database.execute("DELETE FROM answers WHERE key = ?", (key,))
                held -= size

    def _use(self, act: Callable[[sqlite3.Connection], T]) -> T | None:
        """One transaction. What the disk refuses costs an answer, never the request."""
        with self._lock:
            for _ in range(3):  # the file; made anew; memory
                if self._closed:
                    return None
                try:
                    with self._connection() as database:
                        return act(database)
                except sqlite3.Error as error:
                    if self._is_skipped(error):
                        return None
            return None

    def _is_skipped(self, error: sqlite3.Error) -> bool:
        """False when it is worth another try, because the database is another one now."""
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        _log.debug("answers.db: %s", error)
        if code in _SKIPPED:
            return True
        self._drop_connection()
        if self._path is None:
            return True
        if code not in _DAMAGED or not _removed(self._path):
            self._path = None
        return False

    def _connection(self) -> sqlite3.Connection:
        if self._database is None:
            self._database = _opened(self._path)
        return self._database

    def _drop_connection(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None


def _opened(path: Path | None) -> sqlite3.Connection:
    if path is not None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            _log.debug("no directory for answers.db: %s", error)
    database = sqlite3.connect(
        ":memory:" if path is None else path, timeout=_BUSY_TIMEOUT, check_same_thread=False
    )
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute(
            "PRAGMA synchronous = OFF"
        )  # after a power cut it is made anew, if need be
        if not _is_current(database):
            with database:
                database.execute("BEGIN IMMEDIATE")
                if not _is_current(database):  # another process may have been first
                    _make_tables(database)
    except sqlite3.Error:
        database.close()
        raise
    return database


def _is_current(database: sqlite3.Connection) -> bool:
    return bool(database.execute("PRAGMA user_version").fetchone()[0] == VERSION)


def _make_tables(database: sqlite3.Connection) -> None:
    database.execute("DROP TABLE IF EXISTS answers")
    for statement in filter(str.strip, _TABLES.split(";")):
        database.execute(statement)
    database.execute(f"PRAGMA user_version = {VERSION}")


def _removed(path: Path) -> bool:
    """Whether the damaged files are gone. They are ours, and nothing in them is needed."""
    try:
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
    except OSError as error:
        _log.debug("a damaged answers.db stays: %s", error)
        return False
    return True


def _unpacked(asked: float, headers: str, body: bytes) -> StoredAnswer | None:
    """None for a row that is damaged."""
    try:
        known = json.loads(headers)
        expander = zlib.decompressobj()
        content = expander.decompress(body, MAX_ANSWER)
    except (ValueError, zlib.error):
        return None
    whole = expander.eof and isinstance(known, dict)
    return StoredAnswer(asked, known, content) if whole else None
