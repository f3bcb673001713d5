"""Building a whole index from nothing, and putting it in the place of the one before.

The new index is written to a file beside the old one and renamed over it. SQLite would apply the
old write-ahead log to whatever has the name, so the log goes first; and because somebody may open
the old index in that moment, all of the log is in the old database by then. Who has the old index
open reads on in it undisturbed, and turns to the new one with the next operation (see `pool`).

Where the log cannot be emptied because somebody reads an older state for long, and on systems
that do not rename over open files, the new index is copied into the old one in one transaction
(SQLite's backup), which takes some ten times as long.

All of this happens under the lock `<index>.lock`, as does every other write and every checkpoint:
whoever puts a model while a rebuild is reading waits, and puts it into the new index.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

from model_library.errors import IndexDamagedError, LibraryBusyError
from model_library.search.facets import FacetWriter
from model_library.search.pieces import Assembly, assemble, remove_pieces
from model_library.search.records import IndexRecord
from model_library.search.schema import (
    LOCK_TIMEOUT,
    PAGE_BYTES,
    begin_new,
    compact_words,
    connect,
    finish_new,
    translated,
    truncate_log,
)
from model_library.search.tally import Tally
from model_library.search.writer import Row, insert_rows, make_rows

_CHUNK = 2000  # rows that go to the writing thread at once: some 8 MB
_CHUNKS_AHEAD = 2


@contextmanager
def write_lock(path: Path, timeout: float) -> Iterator[None]:
    """Be the only process that writes to this index. Raises LibraryBusyError."""
    from filelock import FileLock, Timeout  # only writers pay for its import

    lock = FileLock(f"{path}.lock", timeout=timeout, poll_interval=0.01)
    try:
        lock.acquire()
    except Timeout as error:
        raise LibraryBusyError("Another process is writing to the index", path=path) from error
    except OSError as error:
        from model_library.io.platform.os_errors import translate_os_error

        raise translate_os_error(error, path=path, writing=True) from error
    try:
        yield
    finally:
        lock.release()


def rebuild(path: Path, records: Iterable[IndexRecord], *, timeout: float = LOCK_TIMEOUT) -> int:
    """Make `path` an index of exactly these records; returns how many models it holds.

    Of several records of one model the first counts. When anything fails, including `records`, the
    index is as it was. `records` must not write to this index. Raises LibraryBusyError.
    """
    return _replace(path, lambda new: _build(new, records), timeout)


def rebuild_from_pieces(
    path: Path, fill: Callable[[Assembly], None], *, timeout: float = LOCK_TIMEOUT
) -> int:
    """The same of pieces that `fill` adds, which other processes may have made; see `pieces`.

    Raises ParallelScanError besides when that does not work here; nothing has changed then.
    """
    return _replace(path, lambda new: assemble(new, fill), timeout)


def _replace(path: Path, build: Callable[[Path], int], timeout: float) -> int:
    with write_lock(path, timeout), translated(path):
        new = path.with_name(f"{path.name}.new")
        _remove_unfinished(new)
        try:
            count = build(new)
            with new.open("rb+") as file:
                os.fsync(file.fileno())
            _put_in_place(new, path, timeout)
        finally:
            _remove_unfinished(new)
    return count


def _build(new: Path, records: Iterable[IndexRecord]) -> int:
    from concurrent.futures import Future, ThreadPoolExecutor

    connection = begin_new(new)
    try:
        connection.execute("BEGIN")
        facets = FacetWriter(connection, fresh=True)
        pending: deque[Future[None]] = deque()
        tally = Tally()
        with ThreadPoolExecutor(1) as writer:
            for chunk in _chunks(records, facets):
                pending.append(writer.submit(insert_rows, connection, chunk))
                if len(pending) > _CHUNKS_AHEAD:
                    pending.popleft().result()
                tally.add(chunk)
            while pending:
                pending.popleft().result()
        compact_words(connection)
        facets.flush()
        tally.store(connection, last_id=tally.models)
        connection.execute("COMMIT")
        finish_new(connection)
    finally:
        connection.close()
    return tally.models


def _chunks(records: Iterable[IndexRecord], facets: FacetWriter) -> Iterator[list[Row]]:
    numbered = enumerate(_without_repetition(records), start=1)
    while chunk := make_rows(islice(numbered, _CHUNK), facets):
        yield chunk


def _without_repetition(records: Iterable[IndexRecord]) -> Iterator[IndexRecord]:
    seen: set[str] = set()
    for record in records:
        if record.model_id not in seen:
            seen.add(record.model_id)
            yield record


def _put_in_place(new: Path, path: Path, timeout: float) -> None:
    old = _usable(path, timeout)
    if old is None:
        _rename(new, path)
        return
    try:
        if not (_is_settled(old) and _renamed(new, path)):
            _copy(new, old, path, timeout)
    finally:
        old.close()


def _renamed(new: Path, path: Path) -> bool:
    """Rename; False on a system that does not do that to files that are open."""
    try:
        _rename(new, path)
    except PermissionError:
        return False
    return True


def _rename(new: Path, path: Path) -> None:
    from model_library.io.files import set_aside
    from model_library.io.platform.page_cache import fsync_directory

    for suffix in ("-wal", "-shm"):
        _remove(path.with_name(path.name + suffix))
    if path.is_dir():
        set_aside(path)
    new.replace(path)
    fsync_directory(path.parent)


def _is_settled(old: sqlite3.Connection) -> bool:
    """Move all of the log into the database; False when somebody reads an older state."""
    busy, pages, moved = old.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return not busy and pages == moved


def _copy(new: Path, old: sqlite3.Connection, path: Path, timeout: float) -> None:
    deadline = time.monotonic() + timeout

    def give_up(status: int, _remaining: int, _total: int) -> None:
        if status != sqlite3.SQLITE_DONE and time.monotonic() > deadline:
            raise LibraryBusyError("Another process is writing to the index", path=path)

    source = sqlite3.connect(new)
    try:
        source.backup(old, progress=give_up, sleep=0.01)
    finally:
        source.close()
    truncate_log(old)


def _usable(path: Path, timeout: float) -> sqlite3.Connection | None:
    """A connection to the index that is there, when a new one can be copied into it."""
    try:
        connection = connect(path, timeout=timeout)
    except IndexDamagedError:
        return None
    [(page_bytes,)] = connection.execute("PRAGMA page_size")
    if page_bytes == PAGE_BYTES:  # with a log, a database cannot change its page size
        return connection
    connection.close()
    return None


def _remove_unfinished(new: Path) -> None:
    _remove(new)
    remove_pieces(new)


def _remove(path: Path) -> None:
    with suppress(FileNotFoundError):
        path.unlink()
