"""`registry.db`: what cannot be rebuilt from the files: known roots, unfinished work, jobs, settings.

Every commit is on disk before it returns (`synchronous=FULL`), but for those that say otherwise. The schema
grows by named migrations, each recorded in the database together with its change.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from model_library.errors import (
    FileError,
    LibraryBusyError,
    LibraryTooNewError,
    ModelLibraryError,
    RegistryDamagedError,
    TargetFullError,
    TargetReadOnlyError,
    WriteError,
)
from model_library.io.databases import connect_read_only
from model_library.io.platform.filesystems import free_bytes
from model_library.taxonomy import RootMode

APPLICATION_ID: Final = 0x4D4C5247  # "MLRG": tells our file from any other SQLite database

_ROOM_TO_OPEN: Final = 2 * 32 * 1024
"""Bytes of the files that SQLite makes beside the registry and the index, in WAL mode, when it opens them. They are
mapped into memory: where a drive has no room for them, the process is killed by a bus error."""
_OF_THE_DRIVE: Final = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN})

_MIGRATIONS: Final[tuple[tuple[str, str], ...]] = (
    (
        "0001-roots-journal-verifications-settings",
        """
        CREATE TABLE roots (
            root_id TEXT PRIMARY KEY,
            mode TEXT NOT NULL CHECK (mode IN ('managed', 'referenced')),
            path TEXT NOT NULL,
            marker INTEGER NOT NULL,
            inode INTEGER,
            added TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
        ) STRICT;
        CREATE TABLE journal (
            entry_id INTEGER PRIMARY KEY AUTOINCREMENT,
            job TEXT NOT NULL,
            action TEXT NOT NULL,
            payload TEXT NOT NULL,
            begun TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
        ) STRICT;
        CREATE TABLE verifications (
            model_id TEXT PRIMARY KEY,
            intact INTEGER NOT NULL,
            detail TEXT NOT NULL,
            verified TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
        ) STRICT;
        CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
        """,
    ),
    (
        "0002-apps-links-replaced",
        """
        CREATE TABLE apps (
            app_id TEXT PRIMARY KEY,
            kind TEXT NOT NULL,
            path TEXT NOT NULL UNIQUE,
            version TEXT,
            variant TEXT NOT NULL,
            installed INTEGER NOT NULL,
            inode INTEGER,
            added TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
        ) STRICT;
        CREATE TABLE links (
            link_id INTEGER PRIMARY KEY,
            app_id TEXT NOT NULL REFERENCES apps (app_id) ON DELETE RESTRICT,
            model_id TEXT NOT NULL,
            file TEXT NOT NULL,
            root_id TEXT NOT NULL,
            source TEXT NOT NULL,
            target TEXT NOT NULL,
            method TEXT NOT NULL
                CHECK (method IN ('relative-symlink', 'absolute-symlink', 'hard-link')),
            link_text TEXT,
            device INTEGER,
            inode INTEGER,
            external INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('pending', 'made', 'removing')),
            created TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
            UNIQUE (app_id, target)
        ) STRICT;
        CREATE INDEX links_by_model ON links (model_id);
        CREATE INDEX links_by_root ON links (root_id);
        CREATE INDEX links_unsettled ON links (state) WHERE state <> 'made';
        CREATE TABLE replaced (
            replaced_id INTEGER PRIMARY KEY,
            app_id TEXT NOT NULL REFERENCES apps (app_id) ON DELETE RESTRICT,
            target TEXT NOT NULL,
            kept TEXT NOT NULL,
            reason TEXT NOT NULL,
            size INTEGER NOT NULL,
            sha256 TEXT,
            replaced TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
        ) STRICT;
        """,
    ),
    (
        "0003-replaced-identity",
        """
        ALTER TABLE replaced ADD COLUMN inode INTEGER;
        ALTER TABLE replaced ADD COLUMN mtime_ns INTEGER;
        """,
    ),
    (
        "0004-jobs",
        """
        CREATE TABLE jobs (
            number INTEGER PRIMARY KEY,
            job_id TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL
                CHECK (kind IN ('import', 'download', 'verify', 'scan', 'lookup', 'sync')),
            title TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'paused', 'interrupted',
                'done', 'failed', 'cancelled')),
            request TEXT CHECK (request IN ('pause', 'resume', 'cancel')),
            owner INTEGER,
            priority INTEGER NOT NULL DEFAULT 0,
            parameters TEXT NOT NULL,
            progress TEXT NOT NULL DEFAULT '{}',
            result TEXT,
            error TEXT,
            created TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
            started TEXT,
            ended TEXT
        ) STRICT;
        CREATE INDEX jobs_by_state ON jobs (state, priority);
        """,
    ),
    (
        "0005-replaced-by-link",
        """
        ALTER TABLE replaced ADD COLUMN link_id INTEGER;
        """,
    ),
    (
        "0006-gone-models",
        """
        CREATE TABLE gone_models (
            model_id TEXT PRIMARY KEY,
            official_name TEXT NOT NULL,
            root_id TEXT NOT NULL,
            location TEXT NOT NULL,
            content_digest TEXT NOT NULL,
            size INTEGER NOT NULL,
            noticed TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
        ) STRICT;
        """,
    ),
    (
        "0007-jobs-of-any-kind",  # `taxonomy.JobKind` says which there are
        """
        CREATE TABLE jobs_of_any_kind (
            number INTEGER PRIMARY KEY,
            job_id TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL,
            title TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'paused', 'interrupted',
                'done', 'failed', 'cancelled')),
            request TEXT CHECK (request IN ('pause', 'resume', 'cancel')),
            owner INTEGER,
            priority INTEGER NOT NULL DEFAULT 0,
            parameters TEXT NOT NULL,
            progress TEXT NOT NULL DEFAULT '{}',
            result TEXT,
            error TEXT,
            created TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
            started TEXT,
            ended TEXT
        ) STRICT;
        INSERT INTO jobs_of_any_kind SELECT * FROM jobs;
        DROP TABLE jobs;
        ALTER TABLE jobs_of_any_kind RENAME TO jobs;
        CREATE INDEX jobs_by_state ON jobs (state, priority);
        """,
    ),
    (
        "0008-replaced-before",
        """
        CREATE TABLE replaced_before (
            path TEXT NOT NULL,
            directory INTEGER,
            target TEXT NOT NULL,
            kept TEXT NOT NULL,
            reason TEXT NOT NULL,
            size INTEGER NOT NULL,
            sha256 TEXT,
            replaced TEXT NOT NULL,
            inode INTEGER,
            mtime_ns INTEGER
        ) STRICT;
        """,
    ),
)


@dataclass(frozen=True, slots=True)
class RootRow:
    """A root as it was last known. `inode` is the directory's own, for roots without a marker."""

    root_id: str
    mode: RootMode
    path: Path
    marker: bool
    inode: int | None


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One act that was begun: what to finish or undo when its job is no longer alive."""

    entry_id: int
    job: str
    action: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Verification:
    """The last full re-hash of a model."""

    model_id: str
    intact: bool
    detail: str
    verified: str


class Registry:
    """The open database. One connection, usable from several threads one after another."""

    def __init__(
        self, connection: sqlite3.Connection, path: Path, *, read_only: bool = False
    ) -> None:
        self._connection = connection
        self._path = path
        self.read_only = read_only
        self._lock = threading.RLock()

    @classmethod
    def open(cls, path: Path, timeout: float, *, read_only: bool = False) -> Registry:
        """Open or create, and migrate; with `read_only` an existing one is opened as it is.

        Raises RegistryDamagedError (not a registry, or damaged), LibraryTooNewError (migrations that this
        program does not know), LibraryBusyError (locked for more than `timeout` seconds), TargetFullError.
        """
        if path.is_dir():
            raise RegistryDamagedError("registry.db is a directory", path=path)
        if not read_only:
            _require_room(path)
        connection: sqlite3.Connection | None = None
        try:
            if read_only:
                connection = connect_read_only(path, timeout=timeout)
                _check(connection, path)
            else:
                connection = sqlite3.connect(
                    path, timeout=timeout, isolation_level=None, check_same_thread=False
                )
                _prepare(connection, path)
        except sqlite3.Error as error:
            if connection is not None:
                connection.close()
            raise _translated(error, path) from error
        except (RegistryDamagedError, LibraryTooNewError):
            if connection is not None:
                connection.close()
            raise
        return cls(connection, path, read_only=read_only)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def require_room(self) -> None:
        """Raises TargetFullError."""
        _require_room(self._path)

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """A transaction, rolled back when the body fails. SQLite's errors leave as ours.

        One that is not `durable` survives the end of the process at once, and a power failure only with the
        next one that is: enough for what is written often and can be missed.
        """
        with self._lock:
            try:
                if not durable:
                    self._connection.execute("PRAGMA synchronous = NORMAL")
                with self._connection:  # commits, or rolls back when the body fails
                    self._connection.execute("BEGIN IMMEDIATE")
                    yield self._connection
            except sqlite3.Error as error:
                raise _translated(error, self._path) from error
            finally:
                if not durable:
                    self._connection.execute("PRAGMA synchronous = FULL")

    def rows(self, sql: str, *values: object) -> list[Any]:
        """What a query gives. Raises as `transaction` does."""
        with self._lock:
            try:
                return self._connection.execute(sql, values).fetchall()
            except sqlite3.Error as error:
                raise _translated(error, self._path) from error

    # --- roots -----------------------------------------------------------------------------------

    def roots(self) -> list[RootRow]:
        rows = self.rows("SELECT root_id, mode, path, marker, inode FROM roots ORDER BY rowid")
        return [
            RootRow(root_id, RootMode(mode), Path(path), bool(marker), inode)
            for root_id, mode, path, marker, inode in rows
        ]

    def put_root(self, root: RootRow) -> None:
        with self.transaction() as connection:
            connection.execute(
                "INSERT INTO roots (root_id, mode, path, marker, inode) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (root_id) DO UPDATE SET mode = excluded.mode, path = excluded.path,"
                " marker = excluded.marker, inode = excluded.inode",
                (root.root_id, root.mode.value, str(root.path), root.marker, root.inode),
            )

    def remove_root(self, root_id: str) -> None:
        with self.transaction() as connection:
            connection.execute("DELETE FROM roots WHERE root_id = ?", (root_id,))

    # --- journal ---------------------------------------------------------------------------------

    def begin(self, job: str, acts: Iterable[tuple[str, Mapping[str, Any]]]) -> list[int]:
        """Write down acts before they are done; returns their entry ids in order."""
        with self.transaction() as connection:
            return [
                int(
                    connection.execute(
                        "INSERT INTO journal (job, action, payload) VALUES (?, ?, ?)",
                        (job, action, json.dumps(payload)),
                    ).lastrowid
                    or 0
                )
                for action, payload in acts
            ]

    def finish(self, entry_ids: Iterable[int]) -> None:
        """Forget acts that are done or undone."""
        with self.transaction() as connection:
            connection.executemany(
                "DELETE FROM journal WHERE entry_id = ?", [(entry,) for entry in entry_ids]
            )

    def unfinished(self) -> list[JournalEntry]:
        rows = self.rows("SELECT entry_id, job, action, payload FROM journal ORDER BY entry_id")
        return [JournalEntry(i, job, action, json.loads(text)) for i, job, action, text in rows]

    # --- verifications ---------------------------------------------------------------------------

    def record_verifications(self, results: Iterable[tuple[str, bool, str]]) -> None:
        """Remember (model_id, intact, detail) of re-hashed models."""
        with self.transaction() as connection:
            connection.executemany(
                "INSERT INTO verifications (model_id, intact, detail) VALUES (?, ?, ?)"
                " ON CONFLICT (model_id) DO UPDATE SET intact = excluded.intact, detail ="
                " excluded.detail, verified = strftime('%Y-%m-%dT%H:%M:%SZ', 'now')",
                list(results),
            )

    def forget_verification(self, model_id: str) -> None:
        with self.transaction() as connection:
            connection.execute("DELETE FROM verifications WHERE model_id = ?", (model_id,))

    def damaged_models(self) -> frozenset[str]:
        """Ids of the models whose last re-hash did not match."""
        return frozenset(
            row[0] for row in self.rows("SELECT model_id FROM verifications WHERE intact = 0")
        )

    def verification(self, model_id: str) -> Verification | None:
        rows = self.rows(
            "SELECT model_id, intact, detail, verified FROM verifications WHERE model_id = ?",
            model_id,
        )
        return Verification(rows[0][0], bool(rows[0][1]), rows[0][2], rows[0][3]) if rows else None

    # --- settings --------------------------------------------------------------------------------

    def setting(self, name: str) -> str | None:
        rows = self.rows("SELECT value FROM settings WHERE name = ?", name)
        return str(rows[0][0]) if rows else None

    def settings(self, prefix: str) -> dict[str, str]:
        """All settings whose name begins so, without the prefix."""
        sql = (
            "SELECT substr(name, ?), value FROM settings WHERE substr(name, 1, ?) = ? ORDER BY name"
        )
        return dict(self.rows(sql, len(prefix) + 1, len(prefix), prefix))

    def set_setting(self, name: str, value: str) -> None:
        with self.transaction() as connection:
            connection.execute(
                "INSERT INTO settings (name, value) VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, value),
            )


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    tables = _check(connection, path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    if _is_current(connection, tables):
        return
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, applied TEXT NOT NULL"
        " DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))) STRICT"
    )
    applied = {row[0] for row in connection.execute("SELECT name FROM migrations")}
    unknown = applied - {name for name, _ in _MIGRATIONS}
    if unknown:
        connection.execute("ROLLBACK")
        raise LibraryTooNewError(
            f"registry.db was changed by a newer version ({min(unknown)})", path=path
        )
    for name, script in _MIGRATIONS:
        if name not in applied:
            for statement in script.split(";"):
                connection.execute(statement)
            connection.execute("INSERT INTO migrations (name) VALUES (?)", (name,))
    connection.execute("COMMIT")


def _check(connection: sqlite3.Connection, path: Path) -> int:
    """How many tables it has. Raises RegistryDamagedError when it is a database of another program."""
    application_id = connection.execute("PRAGMA application_id").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if tables and application_id != APPLICATION_ID:
        raise RegistryDamagedError("registry.db is a database of another program", path=path)
    return int(tables)


def _is_current(connection: sqlite3.Connection, tables: int) -> bool:
    if not tables:
        return False
    applied = [row[0] for row in connection.execute("SELECT name FROM migrations ORDER BY name")]
    return applied == sorted(name for name, _ in _MIGRATIONS)


def _translated(error: sqlite3.Error, path: Path) -> ModelLibraryError:
    """Only what SQLite calls damage is damage: a full or read-only drive leaves the file as it is."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # without the details
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL):
        return LibraryBusyError("Another process keeps registry.db locked", path=path)
    if code == sqlite3.SQLITE_FULL or (code in _OF_THE_DRIVE and _is_full(path)):
        return TargetFullError("registry.db cannot be written: the drive is full", path=path)
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return TargetReadOnlyError(f"registry.db cannot be opened for writing: {error}", path=path)
    if code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT):
        hint = "Look at the free space and the health of the drive; the file was left as it is."
        return WriteError(f"registry.db cannot be used now: {error}", path=path, hint=hint)
    return RegistryDamagedError(f"registry.db cannot be used: {error}", path=path)


def _require_room(path: Path) -> None:
    if _is_full(path):
        raise TargetFullError("The drive of the library is full", path=path)


def _is_full(path: Path) -> bool:
    """SQLite itself calls it an I/O error, or a file that it cannot open, when it can say it."""
    try:
        return free_bytes(path.parent) < _ROOM_TO_OPEN
    except (OSError, FileError):
        return False
