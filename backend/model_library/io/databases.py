"""Opening an SQLite database where nothing can be written: a read-only mount, or another user's directory."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from urllib.parse import quote


def connect_read_only(path: Path, *, timeout: float) -> sqlite3.Connection:
    """A connection that only reads an existing database, also one in WAL mode. Raises sqlite3.Error.

    SQLite reads such a database through two files beside it (https://www.sqlite.org/wal.html#read_only_databases).
    Where a writer left none, and none can be made, all there is is in the database itself, which then is opened
    as immutable.
    """
    log, shared = (path.with_name(path.name + suffix) for suffix in ("-wal", "-shm"))
    settled = not shared.exists() and (not log.exists() or log.stat().st_size == 0)
    return sqlite3.connect(
        f"file:{quote(str(path))}?mode=ro{'&immutable=1' if settled else ''}",
        uri=True,
        timeout=timeout,
        isolation_level=None,
        check_same_thread=False,
    )
