"""The tables of `models.db`, and how a connection to it is opened.

    models      one row a model: where it is, what it is sorted by, checksums. `id` grows with every
                new model, so that descending ids are the static order: latest first.
    documents   the metadata document of each model, apart, so that `models` stays small
    held        the files of each model as a scan compares them with the disk, apart as well
    words       FTS5: the searchable text (see `records`) and the facets of each model
    facets      every value of every facet field, and how many models have it
    files       size and hash key of each file, to find duplicates
    frequent    the most frequent words and about how many models have them, as of the last rebuild;
                it only helps to choose the faster of two ways
    totals      models, bytes, the highest id

`words` is contentless: what was indexed is derived again from the document when it must go, and
`models.searchable_crc` proves that the same text was derived. A facet is one word of `words`, a
single private character made from the facet's id, so that filters are answered by FTS5 together
with the text and cost it no prefix entries.

Opening reads three pages and never scans. A file that is missing, empty, of another application or
another version, or damaged raises IndexDamagedError; the caller then rebuilds it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from model_library.errors import (
    IndexDamagedError,
    IndexMissingError,
    LibraryBusyError,
    ModelLibraryError,
    TargetFullError,
    TargetReadOnlyError,
)
from model_library.io.databases import connect_read_only
from model_library.search.records import MARKERS

APPLICATION_ID = 0x4D4C6978  # "MLix": tells our index from any other SQLite file
SCHEMA_VERSION = 6  # also changes when `records.derive` or `text` give other words
PAGE_BYTES = 8192  # three documents of 2 KB fit into a page; into one of 4096 only one
WAL_LIMIT_BYTES = 64 * 2**20  # to which a WAL that grew in a big write is cut back afterwards
LOCK_TIMEOUT = 60.0  # seconds; a rebuild of 100,000 models by somebody else takes a few
CACHE_KIB = 16 * 1024  # page cache of one connection

# `words`: beginnings of marked words with up to five letters have entries of their own. Text comes here
# already folded (see `text`), so that the tokenizer only has to cut it at spaces.
_TABLES = f"""
CREATE TABLE models (
    id INTEGER PRIMARY KEY,
    model_id TEXT NOT NULL,
    root INTEGER NOT NULL,
    location BLOB NOT NULL,
    metadata_mtime_ns INTEGER NOT NULL,
    metadata_size INTEGER NOT NULL,
    state TEXT NOT NULL,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    added INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    digest INTEGER,
    facets TEXT NOT NULL,
    file_words TEXT NOT NULL,
    record_crc INTEGER NOT NULL,
    searchable_crc INTEGER NOT NULL
);
CREATE TABLE documents (id INTEGER PRIMARY KEY, document BLOB NOT NULL);
CREATE TABLE facets (
    id INTEGER PRIMARY KEY,
    field TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    models INTEGER NOT NULL,
    UNIQUE (field, key)
);
CREATE TABLE held (id INTEGER PRIMARY KEY, files TEXT NOT NULL);
CREATE TABLE files (model INTEGER NOT NULL, size INTEGER NOT NULL, sha256 INTEGER);
CREATE TABLE frequent (word TEXT PRIMARY KEY, models INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE totals (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO totals VALUES ('models', 0), ('bytes', 0), ('last_id', 0);
CREATE VIRTUAL TABLE words USING fts5 (
    text, content = '', columnsize = 0, prefix = '2 3 4 5 6',
    tokenize = "ascii tokenchars '{MARKERS}'"
);
"""  # noqa: S608 - only our own constant

_INDEXES = """
CREATE INDEX models_by_model_id ON models (model_id COLLATE NOCASE);
CREATE INDEX models_by_name ON models (name);
CREATE INDEX models_by_size ON models (size);
CREATE INDEX models_by_added ON models (added);
CREATE INDEX models_by_updated ON models (updated);
CREATE INDEX models_by_digest ON models (digest) WHERE digest IS NOT NULL;
CREATE INDEX models_not_online ON models (state) WHERE state <> 'online';
CREATE INDEX files_by_model ON files (model);
CREATE INDEX files_by_size ON files (size);
CREATE INDEX files_by_sha256 ON files (sha256) WHERE sha256 IS NOT NULL;
"""

_WORDS_AT_FIRST = {"automerge": 0, "crisismerge": 1999, "hashsize": 8 * 2**20}  # merged at the end
_WORDS_LATER = {"automerge": 4, "crisismerge": 16, "hashsize": 2**20}  # FTS5's own values; bytes

_PRAGMAS = (
    "synchronous = NORMAL",  # a commit lost with the power is found by the next scan
    f"cache_size = -{CACHE_KIB}",
    "temp_store = MEMORY",
    "secure_delete = OFF",  # some systems switch it on; nothing here is secret
    f"journal_size_limit = {WAL_LIMIT_BYTES}",
    "cell_size_check = ON",
)


def connect(path: Path, *, timeout: float) -> sqlite3.Connection:
    """A checked connection to an existing index. `timeout`: seconds to wait for locks of others.

    Raises IndexMissingError, IndexDamagedError, LibraryBusyError.
    """
    if path.is_dir():
        message = "models.db is a directory; it is kept as models.db.damaged-<number>"
        raise IndexDamagedError(message, path=path)
    if not path.is_file():
        raise IndexMissingError("There is no index yet", path=path)
    with translated(path):
        connection = sqlite3.connect(
            f"file:{quote(str(path))}?mode=rw",  # never creates a file
            uri=True,
            timeout=timeout,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            return _set_up(connection, path)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in (
                sqlite3.SQLITE_CANTOPEN,
                sqlite3.SQLITE_READONLY,
            ):
                raise
        return _set_up(connect_read_only(path, timeout=timeout), path)


def _set_up(connection: sqlite3.Connection, path: Path) -> sqlite3.Connection:
    """Checked, or closed when that fails."""
    try:
        _check(connection, path)
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:  # catches-all: raised again when the connection is closed
        connection.close()
        raise
    return connection


def begin_new(path: Path) -> sqlite3.Connection:
    """A connection to a new file for writing a whole index at once: fast, and of no use to anybody
    before `finish_new`."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    _write_fast(connection)
    connection.executescript(_TABLES)
    for name, value in _WORDS_AT_FIRST.items():
        connection.execute("INSERT INTO words (words, rank) VALUES (?, ?)", (name, value))
    return connection


def continue_new(path: Path) -> sqlite3.Connection:
    """Another connection to a file that `begin_new` began: FTS5 has read nothing of it yet."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    _write_fast(connection)
    return connection


def _write_fast(connection: sqlite3.Connection) -> None:
    for pragma in (
        "journal_mode = OFF",
        "synchronous = OFF",
        f"cache_size = -{8 * CACHE_KIB}",
        "secure_delete = OFF",
        "temp_store = MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def compact_words(connection: sqlite3.Connection) -> None:
    """Put everything that was added to `words` in a new file into one piece: faster to search."""
    connection.execute("INSERT INTO words (words) VALUES ('optimize')")
    for name, value in _WORDS_LATER.items():
        connection.execute("INSERT INTO words (words, rank) VALUES (?, ?)", (name, value))


def finish_new(connection: sqlite3.Connection) -> None:
    """Add what is faster to make at the end, and the marks by which `connect` knows the file."""
    connection.executescript(_INDEXES)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute("PRAGMA journal_mode = WAL")


def truncate_log(connection: sqlite3.Connection) -> None:
    """Move the write-ahead log into the database and empty it, unless somebody still reads it."""
    connection.execute("PRAGMA busy_timeout = 0")
    with suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Errors of SQLite as our own. Mistakes of the program stay what they are."""
    try:
        yield
    except sqlite3.ProgrammingError:
        raise
    except sqlite3.DatabaseError as error:
        raise _translation(error, path) from error
    except UnicodeDecodeError as error:  # text of a damaged file
        raise IndexDamagedError(f"The index is damaged: {error}", path=path) from error


def single(connection: sqlite3.Connection, sql: str, *parameters: object) -> Any:
    """The one value that a query must give. Raises IndexDamagedError when it gives none."""
    row = connection.execute(sql, parameters).fetchone()
    if row is None:
        raise IndexDamagedError("The tables of the index do not fit together")
    return row[0]


def total(connection: sqlite3.Connection, name: str) -> int:
    """One of the totals: `models`, `bytes` or `last_id`."""
    return int(single(connection, "SELECT value FROM totals WHERE name = ?", name))


def _translation(error: sqlite3.DatabaseError, path: Path) -> ModelLibraryError:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    primary = code & 0xFF
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return LibraryBusyError("Another process is writing to the index", path=path)
    if code == sqlite3.SQLITE_READONLY_DBMOVED:
        return LibraryBusyError("Another process has just replaced the index", path=path)
    if primary == sqlite3.SQLITE_FULL:
        return TargetFullError("The disk of the index is full", path=path)
    if primary in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return TargetReadOnlyError("The index cannot be written to", path=path)
    return IndexDamagedError(f"The index is damaged: {error}", path=path)


def _check(connection: sqlite3.Connection, path: Path) -> None:
    if single(connection, "PRAGMA application_id") != APPLICATION_ID:
        raise IndexDamagedError("The file is no index of Model Library", path=path)
    version = single(connection, "PRAGMA user_version")
    if version != SCHEMA_VERSION:
        raise IndexDamagedError(
            f"The index has version {version}, this program uses {SCHEMA_VERSION}", path=path
        )
    total(connection, "models")
