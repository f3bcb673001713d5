"""Pieces of an index, made apart from one another and put together by copying pages.

A piece is a small index file of some thousand models. Making one is nearly all of the work of building an
index, above all FTS5's sorting of words, and needs nothing of the other pieces but the words of facets;
so several processes can do it. `Assembly` copies the rows of pieces into the new index. The pages of FTS5
are copied as they are under other numbers, and merged by FTS5 itself at the end, which also reads all of
them.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from itertools import count, islice
from pathlib import Path

from model_library.errors import ParallelScanError
from model_library.search.facets import FacetWriter
from model_library.search.records import IndexRecord
from model_library.search.schema import begin_new, compact_words, continue_new, finish_new, single
from model_library.search.segments import (
    AVERAGES_ROW,
    MOST_SEGMENTS,
    SEGMENT_SHIFT,
    STRUCTURE_ROW,
    Segment,
    joined_numbers,
    read_structure,
    split_numbers,
    structure_of,
)
from model_library.search.tally import Tally
from model_library.search.writer import Row, insert_rows, make_rows

ROWS_A_PIECE = 1000  # some 5 MB: worth a file, and few enough to go round where models are 10,000
_HASH_BYTES = 64 * 2**20  # words that FTS5 holds before it writes a segment: those of a whole piece


def write_piece(path: Path, rows: Sequence[Row]) -> None:
    """Write rows, whose numbers ascend, into a new file."""
    with closing(begin_new(path)) as connection:
        connection.execute("INSERT INTO words (words, rank) VALUES ('hashsize', ?)", (_HASH_BYTES,))
        connection.execute("BEGIN")
        insert_rows(connection, rows)
        connection.execute("COMMIT")


def assemble(new: Path, fill: Callable[[Assembly], None]) -> int:
    """Make `new` an index of the pieces that `fill` adds; returns how many models it holds."""
    assembly = Assembly(new)
    try:
        fill(assembly)
        return assembly.finish()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_ERROR:  # this SQLite guards the tables of FTS5
            raise ParallelScanError(f"SQLite does not take pieces: {error}", path=new) from error
        raise
    finally:
        assembly.close()


def remove_pieces(new: Path) -> None:
    """Remove the pieces for this new index, also those that a killed process left."""
    for directory in new.parent.glob(f"{new.name}-*"):
        shutil.rmtree(directory, ignore_errors=True)  # the next rebuild tries again


class Assembly:
    """A new index that grows piece by piece. `words_for` may be called by any thread."""

    def __init__(self, new: Path) -> None:
        self._new = new
        self._directory = Path(tempfile.mkdtemp(prefix=f"{new.name}-", dir=new.parent))
        begin_new(new).close()
        self._connection = continue_new(new)
        self._facets = FacetWriter(self._connection, fresh=True)
        self._guard = threading.Lock()
        self._tally = Tally()
        self._segments: list[Segment] = []
        self._averages = [0, 0]
        self._last = 0

    def piece_path(self, name: str) -> Path:
        """Where a piece with this name is to be written."""
        return self._directory / name

    def words_for(self, facets: Iterable[tuple[str, str]], turn: int) -> list[str]:
        """The words of these facets in a piece. Of several ways to write one value, that of the piece
        with the lowest turn is shown to people."""
        with self._guard:
            return [
                self._facets.word_in_turn(pair, (turn, place)) for place, pair in enumerate(facets)
            ]

    def add(self, piece: Path, tally: Tally, facet_counts: Mapping[str, int], last: int) -> None:
        """Take over a piece and remove its file. `last` is the highest number that it may hold."""
        if len(self._segments) >= MOST_SEGMENTS:
            self._merge()
        self._connection.execute("ATTACH ? AS piece", (str(piece),))
        self._connection.execute("BEGIN")
        self._copy_rows()
        self._connection.execute("COMMIT")
        self._connection.execute("DETACH piece")
        piece.unlink()
        with self._guard:
            self._facets.count(facet_counts)
        self._tally.merge(tally)
        self._last = max(self._last, last)

    def add_records(self, records: Iterable[tuple[int, IndexRecord]]) -> None:
        """Take over records under their ascending numbers, as pieces that are made here."""
        numbered = iter(records)
        while some := list(islice(numbered, ROWS_A_PIECE)):
            with self._guard:
                rows = make_rows(some, self._facets)
            tally = Tally()
            tally.add(rows)
            piece = self.piece_path(f"{some[0][0]}.own")
            write_piece(piece, rows)
            self.add(piece, tally, {}, some[-1][0])

    def finish(self) -> int:
        """Make it an index that can be used; returns how many models it holds."""
        self._merge()
        connection = self._connection
        connection.execute("BEGIN")
        self._facets.flush()
        self._tally.store(connection, last_id=self._last)
        connection.execute("COMMIT")
        finish_new(connection)
        return self._tally.models

    def close(self) -> None:
        self._connection.close()

    def _copy_rows(self) -> None:
        connection = self._connection
        for table in ("models", "documents", "held", "files"):
            rows = (
                f"INSERT INTO {table} SELECT * FROM piece.{table}"  # noqa: S608 - names of our own
            )
            connection.execute(rows)
        segments, _ = read_structure(_block(connection, "piece", STRUCTURE_ROW))
        for segment in segments:
            self._copy_segment(segment)
        averages = split_numbers(_block(connection, "piece", AVERAGES_ROW))
        if averages:
            self._averages = [sum(pair) for pair in zip(self._averages, averages, strict=True)]

    def _copy_segment(self, segment: Segment) -> None:
        taken = {known.number for known in self._segments}
        number = next(free for free in count(1) if free not in taken)
        lowest = segment.number << SEGMENT_SHIFT
        self._connection.execute(
            "INSERT INTO words_data SELECT id + ?, block FROM piece.words_data"
            " WHERE id BETWEEN ? AND ?",
            (
                (number - segment.number) << SEGMENT_SHIFT,
                lowest,
                lowest + (1 << SEGMENT_SHIFT) - 1,
            ),
        )
        self._connection.execute(
            "INSERT INTO words_idx SELECT ?, term, pgno FROM piece.words_idx WHERE segid = ?",
            (number, segment.number),
        )
        self._segments.append(segment._replace(number=number))

    def _merge(self) -> None:
        """Tell FTS5 of the segments and have it make one of them, on a connection of its own: on this
        one it never reads anything, so that it keeps nothing in memory that is older than the tables.
        """
        _, cookie = read_structure(_block(self._connection, "main", STRUCTURE_ROW))
        blocks = (
            (structure_of(self._segments, cookie), STRUCTURE_ROW),
            (joined_numbers(self._averages), AVERAGES_ROW),
        )
        self._connection.executemany("UPDATE words_data SET block = ? WHERE id = ?", blocks)
        with closing(continue_new(self._new)) as connection:
            connection.execute("BEGIN")
            compact_words(connection)
            connection.execute("COMMIT")
        self._segments, _ = read_structure(_block(self._connection, "main", STRUCTURE_ROW))


def _block(connection: sqlite3.Connection, database: str, number: int) -> bytes:
    sql = f"SELECT block FROM {database}.words_data WHERE id = ?"  # noqa: S608 - a name of our own
    return bytes(single(connection, sql, number))
