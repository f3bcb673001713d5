"""A database is read where nobody may write, with everything that was committed to it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from model_library.io.databases import connect_read_only


def written(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE t (x)")
    connection.execute("INSERT INTO t VALUES (1)")
    return connection


@pytest.mark.parametrize("closed", [True, False])
def test_all_that_was_committed_is_read_and_nothing_is_written(
    tmp_path: Path, closed: bool
) -> None:
    path = tmp_path / "a #?%.db"
    writer = written(path)
    if closed:
        writer.close()
    before = {entry.name for entry in tmp_path.iterdir()}
    reader = connect_read_only(path, timeout=1)
    assert reader.execute("SELECT x FROM t").fetchall() == [(1,)]
    with pytest.raises(sqlite3.OperationalError):
        reader.execute("INSERT INTO t VALUES (2)")
    reader.close()
    assert {entry.name for entry in tmp_path.iterdir()} == before
    writer.close()


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        connect_read_only(tmp_path / "none.db", timeout=1).execute("SELECT 1 FROM sqlite_master")
    assert list(tmp_path.iterdir()) == []
