"""A damaged or foreign index is told from a good one and never answers wrongly."""

from __future__ import annotations

import os
import random
import sqlite3
from contextlib import suppress
from pathlib import Path

import pytest

from model_library.errors import IndexDamagedError, IndexMissingError, LibraryError
from model_library.search import schema
from model_library.search.fts5 import IndexRecord, ModelIndex, rebuild
from model_library.search.query import parse_query
from tests.search.library import found, model

ROWS = [
    model(
        f"Model {i} {'abcdefgh'[i % 8] * 3}", tags=[f"tag {i % 7}"], description=f"text {i} " * 20
    )
    for i in range(400)
]

QUERIES = ("", "model", "tag", "te", "aaa", "model 39", "tag:tag-3", "-aaa", "size:>1", "name:bbb")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    rebuild(tmp_path / "models.db", ROWS)
    return tmp_path / "models.db"


def change(path: Path, sql: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(sql)
    connection.commit()
    connection.close()


def test_no_file_is_a_missing_index(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError):
        ModelIndex.open(tmp_path / "models.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [b"", b"\0", b"\0" * 8192, b"SQLite format 3\0" + b"x" * 5000, b"hello" * 1000, None],
    ids=["empty", "one byte", "zeros", "header only", "text", "random"],
)
def test_other_bytes_are_a_damaged_index(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "models.db"
    path.write_bytes(os.urandom(20_000) if content is None else content)
    with pytest.raises(IndexDamagedError) as caught:
        ModelIndex.open(path)
    assert not isinstance(caught.value, IndexMissingError)
    rebuild(path, ROWS[:3])
    index = ModelIndex.open(path)
    assert index.count() == 3
    index.close()


def test_a_directory_is_no_index(tmp_path: Path) -> None:
    (tmp_path / "models.db").mkdir()
    with pytest.raises(LibraryError):
        ModelIndex.open(tmp_path / "models.db")


@pytest.mark.parametrize(
    "pragma",
    [
        "application_id = 1",
        "application_id = 0",
        f"user_version = {schema.SCHEMA_VERSION + 1}",
        f"user_version = {schema.SCHEMA_VERSION - 1}",
    ],
)
def test_an_index_of_another_program_or_version_is_not_used(path: Path, pragma: str) -> None:
    change(path, f"PRAGMA {pragma}")
    with pytest.raises(IndexDamagedError):
        ModelIndex.open(path)


@pytest.mark.parametrize("table", ["totals", "models", "documents", "facets", "words", "files"])
def test_a_table_that_is_gone_is_noticed(path: Path, table: str) -> None:
    change(path, f"DROP TABLE {table}")
    with pytest.raises(IndexDamagedError):
        use_all(path, ROWS)


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM models WHERE id % 2",
        "DELETE FROM documents WHERE id % 2",
        "UPDATE documents SET document = replace(document, 'Model', 'Nodel')",
        "UPDATE models SET metadata_size = 'x'",
        "UPDATE models SET location = x'ff'",
        "UPDATE models SET model_id = x'ff00'",
        "DELETE FROM totals",
        "UPDATE models SET root = 999",
    ],
)
def test_tables_that_disagree_are_noticed(path: Path, sql: str) -> None:
    change(path, sql)
    with pytest.raises(IndexDamagedError):
        use_all(path, ROWS)


@pytest.mark.parametrize("part", [0.1, 0.3, 0.6, 0.9])
def test_a_truncated_index_is_noticed(path: Path, part: float) -> None:
    os.truncate(path, int(path.stat().st_size * part))
    with pytest.raises(IndexDamagedError):
        use_all(path, ROWS)


@pytest.mark.parametrize("seed", range(25))
def test_random_bytes_in_the_middle_are_noticed_or_do_not_matter(path: Path, seed: int) -> None:
    """Records are right or an error always; a search is, too, where `check` finds nothing."""
    right = answers(path)
    overwrite(path, seed)
    with suppress(IndexDamagedError):
        use_all(path, ROWS)
    rebuild(path, ROWS)
    overwrite(path, seed)
    try:
        index = ModelIndex.open(path)
        index.check()
        index.close()
    except IndexDamagedError:
        return
    assert answers(path) == right


def test_an_index_that_was_damaged_can_be_rebuilt_in_its_place(path: Path) -> None:
    for seed in range(8):
        overwrite(path, seed)
        rebuild(path, ROWS[: 5 + seed])
        index = ModelIndex.open(path)
        assert len(found(index, "model")) == index.count() == 5 + seed
        index.put(ROWS[:20])
        index.check()
        index.close()


def test_a_good_index_passes_the_check(path: Path) -> None:
    index = ModelIndex.open(path)
    index.check()
    index.remove([row.model_id for row in ROWS[::3]])
    index.put(ROWS[:50])
    index.set_state(ROWS[1].model_id, "missing")
    index.check()
    index.close()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE totals SET value = value + 1",
        "UPDATE documents SET document = x'00' WHERE id = 7",
        "DELETE FROM documents WHERE id = 7",
        "DELETE FROM words_data WHERE id > 1000 AND id % 3 = 0",
    ],
)
def test_the_check_finds_what_no_search_might(path: Path, sql: str) -> None:
    change(path, sql)
    index = ModelIndex.open(path)
    with pytest.raises(IndexDamagedError):
        index.check()
    index.close()


def overwrite(path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    size = path.stat().st_size
    with path.open("r+b") as file:
        for _ in range(chance.choice((1, 3, 40))):
            file.seek(chance.randrange(100, size - 5000))
            file.write(chance.randbytes(chance.choice((64, 1000, 4096))))


def answers(path: Path) -> list[tuple[int, list[str]]]:
    index = ModelIndex.open(path)
    pages = [index.search(parse_query(text), limit=1000) for text in QUERIES]
    index.close()
    return [(page.total, [row.model_id for row in page.rows]) for page in pages]


def use_all(path: Path, rows: list[IndexRecord]) -> None:
    """Use the index in every way; what it answers must be what it was given."""
    index = ModelIndex.open(path)
    known = {row.model_id: row for row in rows}
    try:
        for row in rows[::20]:
            assert index.get(row.model_id) in (row, None)
        for text in QUERIES:
            page = index.search(parse_query(text), limit=1000, facets=True)
            for found_row in page.rows:
                assert known[found_row.model_id] == found_row
        assert {row.model_id for row in index.records()} <= known.keys()
        assert {entry.model_id for entry in index.entries()} <= known.keys()
        index.statistics()
        index.files_with_size(1000)
        index.set_state(rows[0].model_id, "missing")
        index.put(rows[:3])
        index.remove([rows[5].model_id])
    finally:
        index.close()
