"""An index that is put together from pieces is the one that is built in one go."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from model_library.errors import ParallelScanError
from model_library.search import pieces, segments
from model_library.search.build import rebuild, rebuild_from_pieces
from model_library.search.fts5 import IndexRecord, ModelIndex
from model_library.search.pieces import Assembly
from model_library.search.segments import Segment, read_structure, structure_of
from tests.search.library import found, model

TABLES = ("models", "documents", "held", "files", "facets", "totals")
MODELS = [
    model(
        f"Model {number} Juggernaut_v{number % 7}",
        tags=[f"tag{number % 5}", "style"],
        description="words that many have " * (number % 3),
        precision=("Q4_K_M", "q4-k-m", "F16")[number % 3],
    )
    for number in range(60)
]


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "ROWS_A_PIECE", 7)


def all_of(records: list[IndexRecord]) -> Callable[[Assembly], None]:
    return lambda assembly: assembly.add_records(enumerate(records, start=1))


def contents(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """The rows of every table, and every place of every word."""
    connection = sqlite3.connect(path)
    sql = "CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab('main', 'words', 'instance')"
    connection.execute(sql)
    tables = {}
    for name in (*TABLES, "vocabulary"):
        rows = f"SELECT * FROM {name} ORDER BY 1, 2"  # noqa: S608 - names of our own
        tables[name] = connection.execute(rows).fetchall()
    connection.close()
    return tables


@pytest.mark.parametrize("most", [segments.MOST_SEGMENTS, 3])
def test_it_holds_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(pieces, "MOST_SEGMENTS", most)
    whole, joined = tmp_path / "whole.db", tmp_path / "joined.db"
    assert rebuild(whole, MODELS) == rebuild_from_pieces(joined, all_of(MODELS)) == len(MODELS)
    assert contents(joined) == contents(whole)
    assert sorted(each.name for each in tmp_path.glob("joined*")) == ["joined.db", "joined.db.lock"]


def test_it_lives_on_like_any_other(tmp_path: Path) -> None:
    path = tmp_path / "models.db"
    rebuild_from_pieces(path, all_of(MODELS))
    index = ModelIndex.open(path)
    index.remove([one.model_id for one in MODELS[:50]])
    index.put([MODELS[3], model("Later")])
    index.check()
    assert found(index, "juggernaut v3") == [
        "Model 3 Juggernaut_v3",
        "Model 59 Juggernaut_v3",
        "Model 52 Juggernaut_v3",
    ]
    assert index.count() == 12
    index.close()


def test_an_empty_one_is_possible(tmp_path: Path) -> None:
    assert rebuild_from_pieces(tmp_path / "models.db", lambda _: None) == 0
    index = ModelIndex.open(tmp_path / "models.db")
    index.put(MODELS)
    index.check()
    assert len(found(index, "juggernaut")) == len(MODELS)
    index.close()


def test_a_facet_is_written_as_in_the_first_piece_that_has_it(tmp_path: Path) -> None:
    """Whichever of them was faster."""

    def fill(assembly: Assembly) -> None:
        assembly.add_records([(1, model("First", variant="in-painting"))])
        later = assembly.words_for([("precision", "q4-k-m"), ("variant", "In Painting")], turn=9)
        earlier = assembly.words_for([("precision", "Q4_K_M")], turn=5)
        last = assembly.words_for([("precision", "Q4 K M")], turn=7)
        assert earlier == last == later[:1]

    rebuild_from_pieces(tmp_path / "models.db", fill)
    values = {
        (field, value) for _, field, _, value, _ in contents(tmp_path / "models.db")["facets"]
    }
    assert {("precision", "Q4_K_M"), ("variant", "in-painting")} < values
    assert (
        not {("precision", "q4-k-m"), ("precision", "Q4 K M"), ("variant", "In Painting")} & values
    )


def test_what_fails_in_between_leaves_the_index_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "models.db"
    rebuild(path, MODELS[:1])

    def failing(assembly: Assembly) -> None:
        all_of(MODELS)(assembly)
        raise ParallelScanError("A process ended")

    with pytest.raises(ParallelScanError):
        rebuild_from_pieces(path, failing)
    index = ModelIndex.open(path)
    assert list(index.records()) == MODELS[:1]
    index.close()
    assert list(tmp_path.glob("models.db.new*")) == []


def test_pieces_that_a_killed_process_left_are_removed(tmp_path: Path) -> None:
    left = tmp_path / "models.db.new-x1y2"
    left.mkdir()
    (left / "1.db").write_bytes(b"half")
    rebuild(tmp_path / "models.db", MODELS[:1])
    assert not left.exists()


def test_a_sqlite_that_guards_the_tables_of_fts5_is_no_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some systems switch that on for every program."""

    def guarded(self: Assembly) -> None:
        connection = sqlite3.connect(":memory:")
        connection.execute("PRAGMA query_only = ON")
        connection.execute("SELECT * FROM no_such_table")

    monkeypatch.setattr(Assembly, "_copy_rows", guarded)
    with pytest.raises(ParallelScanError, match="SQLite does not take pieces"):
        rebuild_from_pieces(tmp_path / "models.db", all_of(MODELS))


def test_structures_are_read_as_they_are_written() -> None:
    some = [Segment(1, 1, 474), Segment(7, 1, 2**31 - 1), Segment(1900, 3, 128)]
    assert read_structure(structure_of(some, b"\0\0\0\7")) == (some, b"\0\0\0\7")
    assert read_structure(bytes.fromhex("00000003000000")) == ([], b"\0\0\0\3")


@pytest.mark.parametrize(
    "structure",
    [
        "",  # nothing at all
        "0000000001",  # ends in the middle
        "00000000010101",
        "000000000101010101010103",  # a merge is under way
        "000000000102010001010103",  # another number of segments than said
        "00000000010100000101010305",  # more than expected
        "0000000081",  # half a number
        "00000000ffffffffffffffffff",  # a number of nine bytes
    ],
)
def test_an_unexpected_structure_is_never_guessed_at(structure: str) -> None:
    with pytest.raises(ParallelScanError):
        read_structure(bytes.fromhex(structure))
