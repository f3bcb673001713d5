"""`network.db`: what the last command learned about hosts, for the next one.

Disposable. Damaged, it is made anew; where it cannot be written, what is known stays in memory; while
another process has it, a write is skipped. Nothing here ever fails a command.

    hosts    origin, failures in a row, when its circuit opened, last error and answer (seconds since 1970)
    quotas   origin, bucket, requests left, requests and seconds of a window, when it is full again
"""

from __future__ import annotations

import contextlib
import logging
import math
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from model_library.network.status import Quota

FILE_NAME: Final = "network.db"
_VERSION: Final = 1
_PATIENCE: Final = 0.05  # seconds for another process that is writing; then the write is skipped
_SCHEMA: Final = f"""
BEGIN;
CREATE TABLE hosts (origin TEXT PRIMARY KEY, failures INTEGER, opened_at REAL,
                    last_error TEXT, last_error_at REAL, last_answer REAL);
CREATE TABLE quotas (origin TEXT, bucket TEXT, remaining INTEGER, quota INTEGER, seconds INTEGER,
                     resets_at REAL, PRIMARY KEY (origin, bucket));
PRAGMA user_version = {_VERSION};
COMMIT;
"""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HostRecord:
    """One host as it is kept. Times are seconds since 1970."""

    origin: str
    failures: int = 0
    opened_at: float | None = None
    last_error: str | None = None
    last_error_at: float | None = None
    last_answer: float | None = None
    quotas: tuple[Quota, ...] = field(default=())


class StateFile:
    """The file in `directory`, opened for each reading and writing only."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / FILE_NAME

    def load(self) -> dict[str, HostRecord]:
        """All that can be read; nothing where nothing can."""
        if not self._path.is_file():
            return {}
        try:
            with contextlib.closing(self._connect("ro")) as connection:
                return _read(connection) if _version(connection) == _VERSION else {}
        except sqlite3.Error as error:
            _log.debug("%s was not read: %s", FILE_NAME, error)
            return {}

    def save(self, records: Iterable[HostRecord]) -> None:
        """Keep these records, and leave those of other hosts as they are."""
        rows = list(records)
        try:
            self._path.parent.mkdir(exist_ok=True)
            try:
                self._write(rows)
            except (
                sqlite3.OperationalError
            ):  # busy, read-only, full: nothing is the matter with the file
                raise
            except sqlite3.DatabaseError:
                self._remove()
                self._write(rows)
        except (sqlite3.Error, OSError) as error:
            _log.debug("%s was not written: %s", FILE_NAME, error)

    def _write(self, rows: list[HostRecord]) -> None:
        with contextlib.closing(self._connect("rwc")) as connection:
            connection.execute("PRAGMA synchronous = OFF")
            version = _version(connection)
            if version not in {0, _VERSION}:
                raise sqlite3.DatabaseError(f"version {version}")
            if version == 0:
                connection.executescript(_SCHEMA)
            connection.execute("BEGIN IMMEDIATE")
            for record in rows:
                _put(connection, record)
            connection.execute("COMMIT")

    def _connect(self, mode: str) -> sqlite3.Connection:
        return sqlite3.connect(
            f"{self._path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=_PATIENCE,
            isolation_level=None,
        )

    def _remove(self) -> None:
        for suffix in ("", "-journal", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _put(connection: sqlite3.Connection, record: HostRecord) -> None:
    host = (
        record.origin,
        record.failures,
        record.opened_at,
        record.last_error,
        record.last_error_at,
        record.last_answer,
    )
    connection.execute("INSERT OR REPLACE INTO hosts VALUES (?, ?, ?, ?, ?, ?)", host)
    connection.execute("DELETE FROM quotas WHERE origin = ?", (record.origin,))
    connection.executemany(
        "INSERT INTO quotas VALUES (?, ?, ?, ?, ?, ?)",
        [
            (record.origin, one.bucket, one.remaining, one.limit, one.window, one.resets_at)
            for one in record.quotas
        ],
    )


def _read(connection: sqlite3.Connection) -> dict[str, HostRecord]:
    quotas: dict[str, list[Quota]] = {}
    for origin, bucket, remaining, limit, window, resets_at in connection.execute(
        "SELECT origin, bucket, remaining, quota, seconds, resets_at FROM quotas ORDER BY bucket"
    ):
        when = _time(resets_at)
        if isinstance(bucket, str) and isinstance(remaining, int) and when is not None:
            quota = Quota(bucket, remaining, _count(limit), when, _count(window))
            quotas.setdefault(str(origin), []).append(quota)
    found = {}
    for origin, failures, opened_at, error, error_at, answer in connection.execute(
        "SELECT origin, failures, opened_at, last_error, last_error_at, last_answer FROM hosts"
    ):
        name = str(origin)
        found[name] = HostRecord(
            origin=name,
            failures=_count(failures) or 0,
            opened_at=_time(opened_at),
            last_error=error if isinstance(error, str) else None,
            last_error_at=_time(error_at),
            last_answer=_time(answer),
            quotas=tuple(quotas.get(name, ())),
        )
    return found


def _time(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and value >= 0 else None
