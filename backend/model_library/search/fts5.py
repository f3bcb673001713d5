"""`models.db`: a disposable index of all metadata documents, for finding and listing models.

A `ModelIndex` may be used by any number of threads and processes at once. Readers see one state of
the index and never wait for writers; writers wait for one another, for at most `timeout` seconds.
Everything is derived from the records that are put in, so whenever the file is missing, damaged or
of another version (IndexDamagedError), `rebuild` makes it anew and nothing is lost.

What only writing needs is imported by what writes: a search from the command line starts faster.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from model_library.errors import IndexDamagedError, LibraryBusyError
from model_library.search.finder import find
from model_library.search.order import Sort
from model_library.search.pool import ConnectionPool
from model_library.search.query import Query
from model_library.search.records import (
    ROOT,
    STATE,
    IndexedFile,
    IndexEntry,
    IndexRecord,
    decoded,
    encoded,
    record_checksum,
)
from model_library.search.schema import LOCK_TIMEOUT, single, total, truncate_log
from model_library.search.text import storable

if TYPE_CHECKING:
    from model_library.search.usage import Usage

_ROWS_AT_ONCE = 256
_SELECT = (
    "SELECT m.id, m.model_id, m.root, m.location, m.metadata_mtime_ns, m.metadata_size, m.state,"
    " m.record_crc, d.document FROM models AS m JOIN documents AS d ON d.id = m.id"
)


def rebuild(path: Path, records: Iterable[IndexRecord], *, timeout: float = LOCK_TIMEOUT) -> int:
    """Make `path` an index of exactly these records; see `build.rebuild`."""
    from model_library.search import build

    return build.rebuild(path, records, timeout=timeout)


class SearchPage(NamedTuple):
    """One page of a result. `total` is a lower bound unless `total_is_exact`; so are the counts of
    `facets` (by field, then by value) of results with more than `finder.FACET_CAP` models."""

    total: int
    total_is_exact: bool
    took_ms: float
    rows: tuple[IndexRecord, ...]
    facets: Mapping[str, Mapping[str, int]]


class Statistics(NamedTuple):
    """How many models there are, their bytes, and how many are of which kind and state."""

    models: int
    bytes: int
    kinds: Mapping[str, int]
    states: Mapping[str, int]


class ModelIndex:
    """The open index. Every method raises IndexDamagedError or LibraryBusyError."""

    def __init__(self, path: Path, timeout: float) -> None:
        self._path = path
        self._timeout = timeout
        self._pool = ConnectionPool(path, timeout=timeout)
        self._wrote = False

    @classmethod
    def open(cls, path: Path, *, timeout: float = LOCK_TIMEOUT) -> Self:
        """Open an existing index; costs the same however many models it holds."""
        index = cls(path, timeout)
        with index._pool.borrow():
            return index

    @classmethod
    def create(cls, path: Path, *, timeout: float = LOCK_TIMEOUT) -> Self:
        """Make a new empty index, in the place of whatever is there."""
        rebuild(path, (), timeout=timeout)
        return cls.open(path, timeout=timeout)

    def close(self) -> None:
        if self._wrote:
            self._tidy()
        self._pool.close()

    # --- writing -------------------------------------------------------------------------------

    def put(self, records: Iterable[IndexRecord]) -> None:
        """Insert the models or replace what is known of them, all or none."""
        from model_library.search.writer import put_records

        some = list(records)
        if some:
            with self._writing() as connection:
                put_records(connection, some)

    def remove(self, model_ids: Iterable[str]) -> None:
        """Forget the models, all or none; unknown ids are passed over."""
        from model_library.search.writer import remove_models

        some = list(model_ids)
        if some:
            with self._writing() as connection:
                remove_models(connection, some)

    def remove_root(self, root_id: str) -> None:
        """Forget all models of a root."""
        from model_library.search.writer import remove_models

        with self._writing() as connection:
            rows = connection.execute(
                "SELECT m.model_id FROM models AS m JOIN facets AS r ON r.id = m.root"
                " WHERE r.field = 'root' AND r.value = ?",
                (root_id,),
            )
            remove_models(connection, [model_id for (model_id,) in rows])

    def set_state(self, model_id: str, state: str) -> None:
        self.set_states({model_id: state})

    def set_states(self, states: Mapping[str, str]) -> None:
        """New states by model id; unknown ids are passed over."""
        from model_library.search.writer import set_states

        with self._writing() as connection:
            set_states(connection, states)

    # --- looking up ----------------------------------------------------------------------------

    def get(self, model_id: str) -> IndexRecord | None:
        where, wanted = "m.model_id = ? COLLATE NOCASE AND m.model_id = ?", storable(model_id)
        return next(iter(self._select(where, (wanted, wanted))), None)

    def find_ids(self, prefix: str, limit: int) -> list[str]:
        """Model ids that begin with the prefix in any case, sorted."""
        prefix = storable(prefix)
        with self._pool.reading() as connection:
            rows = connection.execute(
                "SELECT model_id FROM models WHERE model_id COLLATE NOCASE >= ?"
                " AND model_id COLLATE NOCASE < ? ORDER BY model_id COLLATE NOCASE LIMIT ?",
                (prefix, f"{prefix}\U0010ffff", limit),
            )
            return [model_id for (model_id,) in rows]

    def ids_at(self, root_id: str, location: str) -> list[str]:
        """Models whose metadata.json is in this directory; more than one is a fault in the index."""
        with self._pool.reading() as connection:
            rows = connection.execute(
                "SELECT m.model_id FROM models AS m JOIN facets AS r ON r.id = m.root"
                " WHERE m.location = ? AND r.value = ?",
                (encoded(location), root_id),
            )
            return [model_id for (model_id,) in rows]

    def by_content_digest(self, digest: str) -> str | None:
        """The model with this content, if one is known."""
        from model_library.search.derive import content_digest, hash_key

        for record in self._select("m.digest = ?", (hash_key(digest),)):
            if content_digest(record) == digest.lower():
                return record.model_id
        return None

    def files_with_size(self, size: int) -> list[IndexedFile]:
        from model_library.search.derive import indexed_files

        where = "m.id IN (SELECT model FROM files WHERE size = ?)"
        found = self._select(where, (size,))
        return [file for record in found for file in indexed_files(record) if file.size == size]

    def files_with_sha256(self, sha256: str) -> list[IndexedFile]:
        from model_library.search.derive import hash_key, indexed_files

        where = "m.id IN (SELECT model FROM files WHERE sha256 = ?)"
        found = self._select(where, (hash_key(sha256),))
        wanted = sha256.lower()
        return [file for row in found for file in indexed_files(row) if file.sha256 == wanted]

    # --- everything ----------------------------------------------------------------------------

    def entries(self, root_id: str | None = None) -> Iterator[IndexEntry]:
        """All models of a root, or of all roots, as they are at the first step."""
        with self._pool.reading() as connection:
            cursor = connection.execute(
                "SELECT m.model_id, r.value, m.location, m.metadata_mtime_ns, m.metadata_size,"
                " m.state, coalesce(h.files, '') FROM models AS m JOIN facets AS r ON r.id = m.root"
                " LEFT JOIN held AS h ON h.id = m.id"
                " WHERE ?1 IS NULL OR r.value = ?1",
                (root_id,),
            )
            while rows := cursor.fetchmany(_ROWS_AT_ONCE):
                for model_id, root, location, *rest in rows:
                    yield IndexEntry(model_id, root, decoded(location), *rest)

    def outline(self) -> list[tuple[str, str, str, int, str]]:
        """Model id, root id, location, checksum of the record and state of every model: what the index
        holds is the same as long as this is."""
        with self._pool.reading() as connection:
            rows = connection.execute(
                "SELECT m.model_id, r.value, m.location, m.record_crc, m.state"
                " FROM models AS m JOIN facets AS r ON r.id = m.root ORDER BY m.id"
            )
            return [
                (model_id, root, decoded(location), checksum, state)
                for model_id, root, location, checksum, state in rows
            ]

    def records(self, root_id: str | None = None) -> Iterator[IndexRecord]:
        """All records of a root, or of all roots, as they are at the first step."""
        with self._pool.reading() as connection:
            roots = _roots(connection)
            numbers = [number for number, known in roots.items() if root_id in (None, known)]
            where = f" WHERE m.root IN ({', '.join(map(str, numbers))})" if root_id else ""
            cursor = connection.execute(_SELECT + where)
            while rows := cursor.fetchmany(_ROWS_AT_ONCE):
                yield from [self._record(row, roots) for row in rows]

    def ids_with(self, field: str, value: str) -> list[str]:
        """Ids of the models that have this value of a facet, the latest first."""
        from model_library.search.facets import word_of  # a search does not need it

        with self._pool.reading() as connection:
            word = word_of(connection, field, value)
            if word is None:
                return []
            sql = "SELECT model_id FROM models WHERE instr(facets, ?) ORDER BY id DESC"
            return [row[0] for row in connection.execute(sql, (f" {word} ",))]

    def count(self) -> int:
        """How many models there are."""
        return self._total("models")

    def total_bytes(self) -> int:
        """Bytes of all files of all models."""
        return self._total("bytes")

    def statistics(self) -> Statistics:
        with self._pool.reading() as connection:
            sql = "SELECT value, models FROM facets WHERE field = ? AND models > 0 ORDER BY value"
            kinds = dict(connection.execute(sql, ("kind",)).fetchall())
            states = dict(connection.execute(sql, (STATE,)).fetchall())
            models, size = total(connection, "models"), total(connection, "bytes")
        return Statistics(models, size, kinds, states)

    def usage(self) -> list[Usage]:
        """How much there is of every sort of models in every root."""
        from model_library.search.usage import usage

        with self._pool.reading() as connection:
            return usage(connection)

    def check(self) -> None:
        """Read all of the index and compare its tables: seconds for 100,000 models.

        Raises IndexDamagedError when anything is not as it was written. What is answered without
        this check is right or an error except where single pages were overwritten on disk.
        """
        checked = sum(1 for _ in self.records())
        if checked != self.count():
            raise IndexDamagedError("The index has lost models", path=self._path)
        with self._writing() as connection:
            problem = single(connection, "PRAGMA integrity_check(1)")
            if problem != "ok":
                raise IndexDamagedError(f"The index is damaged: {problem}", path=self._path)
            connection.execute("INSERT INTO words (words) VALUES ('integrity-check')")

    # --- searching -----------------------------------------------------------------------------

    def search(
        self,
        query: Query,
        *,
        limit: int,
        offset: int = 0,
        sort: Sort = Sort.RELEVANCE,
        facets: bool = False,
    ) -> SearchPage:
        """The models that match, one page of them; see `query` for the language, `match` for the
        order, and `finder` for what is bounded."""
        started = time.perf_counter()
        with self._pool.reading() as connection:
            found = find(
                connection, query, limit=limit, offset=offset, sort=sort, with_facets=facets
            )
            rows = tuple(self._rows(connection, found.numbers))
        took_ms = (time.perf_counter() - started) * 1000
        return SearchPage(found.total, found.total_is_exact, took_ms, rows, found.facets)

    # --- helpers -------------------------------------------------------------------------------

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        from model_library.search.build import write_lock

        with write_lock(self._path, self._timeout), self._pool.writing() as connection:
            self._wrote = True
            yield connection

    def _tidy(self) -> None:
        """Empty the write-ahead log, unless somebody else is writing or the index is gone."""
        from model_library.search.build import write_lock

        self._wrote = False
        with (
            suppress(LibraryBusyError, IndexDamagedError),
            write_lock(self._path, 0.0),
            self._pool.borrow() as connection,
        ):
            truncate_log(connection)

    def _select(self, where: str, parameters: Sequence[object]) -> list[IndexRecord]:
        with self._pool.reading() as connection:
            rows = connection.execute(f"{_SELECT} WHERE {where}", parameters).fetchall()
            roots = _roots(connection) if rows else {}
            return [self._record(row, roots) for row in rows]

    def _rows(self, connection: sqlite3.Connection, numbers: Sequence[int]) -> list[IndexRecord]:
        found: dict[int, IndexRecord] = {}
        roots = _roots(connection)
        for start in range(0, len(numbers), _ROWS_AT_ONCE):
            some = numbers[start : start + _ROWS_AT_ONCE]
            marks = ", ".join("?" * len(some))
            for row in connection.execute(f"{_SELECT} WHERE m.id IN ({marks})", some):
                found[row[0]] = self._record(row, roots)
        if len(found) < len(numbers):
            raise IndexDamagedError("The index finds models that it does not hold", path=self._path)
        return [found[number] for number in numbers]

    def _record(self, row: Sequence[Any], roots: Mapping[int, str]) -> IndexRecord:
        _, model_id, root, location, mtime_ns, size, state, checksum, document = row
        if isinstance(location, bytes) and isinstance(document, bytes) and root in roots:
            place, text = decoded(location), decoded(document)
            record = IndexRecord(model_id, roots[root], place, mtime_ns, size, text, state)
            if record_checksum(record, document) == checksum:
                return record
        raise IndexDamagedError(f"The record of {model_id} is damaged", path=self._path)

    def _total(self, name: str) -> int:
        with self._pool.reading() as connection:
            return total(connection, name)


def _roots(connection: sqlite3.Connection) -> dict[int, str]:
    """Root ids by the number that the rows of models have instead."""
    return dict(connection.execute("SELECT id, value FROM facets WHERE field = ?", (ROOT,)))


__all__ = [
    "IndexEntry",
    "IndexRecord",
    "IndexedFile",
    "ModelIndex",
    "SearchPage",
    "Sort",
    "Statistics",
    "rebuild",
]
