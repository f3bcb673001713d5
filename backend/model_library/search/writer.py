"""Writing rows of the index, within a transaction that the caller began.

The rows of many models go into a table with one statement: SQLite then works for milliseconds
without Python's lock, so that a rebuild reads and derives in another thread meanwhile.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple
from zlib import crc32

from model_library.errors import IndexDamagedError, InvalidValueError
from model_library.search.derive import Derived, derive
from model_library.search.facets import FacetCounter, FacetWriter, facet_number
from model_library.search.records import (
    ROOT,
    IndexRecord,
    decoded,
    encoded,
    record_checksum,
)
from model_library.search.schema import total
from model_library.search.text import storable

_ROWS_A_STATEMENT = 2000  # 16 values each: 32,000 of the 32,766 that SQLite allows
_IDS_A_STATEMENT = 500
_KNOWN = (
    "SELECT m.id, m.model_id, r.value, m.state, m.size, m.facets, m.searchable_crc, d.document"
    " FROM models AS m JOIN documents AS d USING (id) JOIN facets AS r ON r.id = m.root"
    " WHERE m.model_id COLLATE NOCASE IN"
)


class Row(NamedTuple):
    """One model as it goes into the tables."""

    model: tuple[object, ...]
    document: tuple[int, bytes]
    words: tuple[int, str]
    files: list[tuple[int, int, int | None]]
    held: tuple[int, str]
    size: int


def make_row(number: int, record: IndexRecord, derived: Derived, facets: FacetCounter) -> Row:
    """What is stored of a record, and what was derived of it, under this number; counts its facets."""
    document = encoded(record.document)
    facet_words = facets.words(derived.facets)
    facets.count_state(record.state, 1)
    for text in (record.model_id, record.root_id, record.state):
        if storable(text) != text:
            raise InvalidValueError(f"{text!r} cannot be an id or a state")
    model = (
        number,
        record.model_id,
        facet_number(facets.word((ROOT, record.root_id))),
        encoded(record.location),
        record.metadata_mtime_ns,
        record.metadata_size,
        record.state,
        derived.name,
        derived.size,
        derived.added,
        derived.updated,
        derived.digest,
        facet_words,
        derived.file_words,
        record_checksum(record, document),
        crc32(derived.searchable.encode()),
    )
    files = [(number, *file) for file in derived.files]
    words = (number, derived.searchable + facet_words)
    held = (number, derived.held)
    return Row(model, (number, document), words, files, held, derived.size)


def make_rows(records: Iterable[tuple[int, IndexRecord]], facets: FacetCounter) -> list[Row]:
    """The rows of numbered records; counts their facets.

    All are gathered (which may read them from disk), then all derived, then all made into rows: taking
    turns for each record would cost a fifth more, because no step's code stays in the processor's cache.
    """
    numbered = list(records)
    derived = [derive(record) for _, record in numbered]
    return [
        make_row(number, record, known, facets)
        for (number, record), known in zip(numbered, derived, strict=True)
    ]


def insert_rows(connection: sqlite3.Connection, rows: Sequence[Row]) -> None:
    """Insert rows whose numbers ascend and are not in the tables."""
    _insert(connection, "models", [row.model for row in rows])
    _insert(connection, "documents", [row.document for row in rows])
    _insert(connection, "held", [row.held for row in rows])
    _insert(connection, "files", [file for row in rows for file in row.files])
    _insert(connection, "words (rowid, text)", [row.words for row in rows])


def put_records(connection: sqlite3.Connection, records: Iterable[IndexRecord]) -> None:
    """Insert the records; a model that is there already keeps its number. The last of several
    records of one model counts."""
    latest = {record.model_id: record for record in records}
    facets = FacetWriter(connection)
    known = _take_out(connection, latest, facets)
    last = total(connection, "last_id")
    numbers: list[tuple[int, IndexRecord]] = []
    for model_id, record in latest.items():
        if model_id not in known:
            last += 1
        numbers.append((known.get(model_id, last), record))
    rows = make_rows(sorted(numbers, key=_number), facets)
    insert_rows(connection, rows)
    facets.flush()
    add_to_totals(connection, {"models": len(rows), "bytes": sum(row.size for row in rows)})
    connection.execute("UPDATE totals SET value = ? WHERE name = 'last_id'", (last,))


def remove_models(connection: sqlite3.Connection, model_ids: Iterable[str]) -> None:
    """Remove these models; ids that are not there are passed over."""
    facets = FacetWriter(connection)
    _take_out(connection, dict.fromkeys(model_ids), facets)
    facets.flush()


def set_states(connection: sqlite3.Connection, states: Mapping[str, str]) -> None:
    facets = FacetWriter(connection)
    for model_id, state in states.items():
        for number, known in connection.execute(
            "SELECT id, state FROM models WHERE model_id = ? COLLATE NOCASE AND model_id = ?",
            (storable(model_id), storable(model_id)),
        ).fetchall():
            facets.count_state(known, -1)
            facets.count_state(state, 1)
            connection.execute("UPDATE models SET state = ? WHERE id = ?", (state, number))
    facets.flush()


def add_to_totals(connection: sqlite3.Connection, changes: Mapping[str, int]) -> None:
    connection.executemany(
        "UPDATE totals SET value = value + ? WHERE name = ?",
        [(change, name) for name, change in changes.items()],
    )


def _number(pair: tuple[int, IndexRecord]) -> int:
    return pair[0]


def _take_out(
    connection: sqlite3.Connection, model_ids: Mapping[str, object], facets: FacetWriter
) -> dict[str, int]:
    """Remove what the tables hold of these models. Returns the numbers that they had."""
    ids = list(model_ids)
    found: dict[str, int] = {}
    for start in range(0, len(ids), _IDS_A_STATEMENT):
        some = ids[start : start + _IDS_A_STATEMENT]
        found |= _take_out_some(connection, some, facets)
    return found


def _take_out_some(
    connection: sqlite3.Connection, model_ids: Sequence[str], facets: FacetWriter
) -> dict[str, int]:
    wanted = set(model_ids)
    some = f"({_marks(len(model_ids))})"
    ids = [storable(model_id) for model_id in model_ids]
    rows = connection.execute(f"{_KNOWN} {some} ORDER BY m.id", ids).fetchall()
    rows = [row for row in rows if row[1] in wanted]
    for number, model_id, root, state, _, facet_words, checksum, document in rows:
        record = IndexRecord(model_id, root, "", 0, 0, decoded(document), state)
        searchable = derive(record).searchable
        if crc32(searchable.encode()) != checksum:
            raise IndexDamagedError(f"The index holds other words for {model_id} than expected")
        connection.execute(
            "INSERT INTO words (words, rowid, text) VALUES ('delete', ?, ?)",
            (number, searchable + facet_words),
        )
        facets.forget(facet_words)
        facets.count_state(state, -1)
    numbers = [(row[0],) for row in rows]
    for sql in (
        "DELETE FROM models WHERE id = ?",
        "DELETE FROM documents WHERE id = ?",
        "DELETE FROM held WHERE id = ?",
        "DELETE FROM files WHERE model = ?",
    ):
        connection.executemany(sql, numbers)
    add_to_totals(connection, {"models": -len(rows), "bytes": -sum(row[4] for row in rows)})
    return {row[1]: row[0] for row in rows}


def _insert(connection: sqlite3.Connection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    """`table` is one of our own names, with its columns where they are not all."""
    for start in range(0, len(rows), _ROWS_A_STATEMENT):
        some = rows[start : start + _ROWS_A_STATEMENT]
        connection.execute(
            _insertion(table, len(some[0]), len(some)), list(chain.from_iterable(some))
        )


@lru_cache(maxsize=32)
def _insertion(table: str, columns: int, rows: int) -> str:
    values = ", ".join([f"({_marks(columns)})"] * rows)
    return f"INSERT INTO {table} VALUES {values}"  # noqa: S608 - names of our own and `?` only


def _marks(count: int) -> str:
    return ", ".join("?" * count)
