"""Putting models into the index, getting them back, and what is known of all of them."""

from __future__ import annotations

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from model_library.errors import IndexDamagedError, InvalidValueError, LibraryBusyError
from model_library.search.build import write_lock
from model_library.search.derive import derive
from model_library.search.fts5 import IndexedFile, IndexRecord, ModelIndex, rebuild
from model_library.search.query import parse_query
from tests.search.library import OTHER_ROOT, ROOT, document, filled, found, model, record

SHA = "a1" * 32
BLAKE = "b2" * 32


def with_files(name: str, *files: dict[str, object], **fields: object) -> IndexRecord:
    return record(document(name, files=list(files), **fields))


def test_a_record_comes_back_as_it_was_put(tmp_path: Path) -> None:
    row = model("Café", description="half a \ud83d pair", tags=["\0", "é"])
    odd = replace(row, model_id="odd-0a1b2c3d", location="dir/\udcff/x", document="not { json")
    index = filled(tmp_path / "models.db", row, odd)
    assert index.get(row.model_id) == row
    assert index.get(odd.model_id) == odd
    assert index.get("unknown") is None
    assert index.get(row.model_id.upper()) is None
    assert sorted(index.records(), key=lambda r: r.model_id) == [row, odd]


def test_putting_again_replaces(tmp_path: Path) -> None:
    old = model("Old", tags=["before"], kind="vae", size=5)
    old = replace(old, model_id="m-0a1b2c3d")
    new = replace(model("New", tags=["after"], kind="llm", size=7), model_id=old.model_id)
    index = filled(tmp_path / "models.db", old, model("Other"), old)
    index.put([new, replace(new, state="missing"), new])
    assert found(index, "old") == found(index, "tag:before") == found(index, "kind:vae") == []
    assert found(index, "new") == found(index, "tag:after") == ["New"]
    assert found(index, "") == ["Other", "New"]
    assert index.count() == 2
    assert index.statistics().kinds == {"checkpoint": 1, "llm": 1}
    assert index.statistics().states == {"online": 2}
    assert index.total_bytes() == 1007


def test_the_outline_is_the_same_until_something_changes(tmp_path: Path) -> None:
    row = model("One")
    index = filled(tmp_path / "models.db", row, model("Two"))
    before = index.outline()
    assert before[0][:3] == (row.model_id, row.root_id, row.location)
    index.put([row])
    assert sorted(index.outline()) == sorted(before)
    index.set_state(row.model_id, "missing")
    changed = index.outline()
    assert sorted(changed) != sorted(before)
    index.put([replace(row, document=row.document.replace("One", "Uno"), state="missing")])
    assert sorted(index.outline()) != sorted(changed)


def test_removed_models_are_gone(tmp_path: Path) -> None:
    kept, gone = model("Kept", size=3), with_files("Gone", {"path": "x", "size": 9, "sha256": SHA})
    index = filled(tmp_path / "models.db", kept, gone)
    index.remove([gone.model_id, "unknown"])
    index.remove([])
    index.put([])
    assert index.get(gone.model_id) is None
    assert found(index, "gone") == []
    assert index.files_with_size(9) == index.files_with_sha256(SHA) == []
    assert (index.count(), index.total_bytes()) == (1, 3)


def test_nothing_is_put_when_one_record_cannot_be(tmp_path: Path) -> None:
    index = filled(tmp_path / "models.db", model("First"))
    with pytest.raises(InvalidValueError):
        index.put([model("Second"), replace(model("Third"), model_id="\ud800")])
    assert found(index, "") == ["First"]
    assert index.count() == 1


def test_ids_are_found_by_their_beginning(tmp_path: Path) -> None:
    index = filled(tmp_path / "models.db", *map(model, ("sdxl vae", "SDXL base", "flux")))
    assert index.find_ids("sdxl", 10) == ["sdxl-base-0a1b2c3d", "sdxl-vae-0a1b2c3d"]
    assert index.find_ids("SDXL-V", 10) == ["sdxl-vae-0a1b2c3d"]
    assert index.find_ids("", 2) == ["flux-0a1b2c3d", "sdxl-base-0a1b2c3d"]
    assert index.find_ids("x%_*", 10) == []


def test_ids_that_differ_in_case_are_different_models(tmp_path: Path) -> None:
    one, two = model("same"), model("same")
    two = replace(two, model_id=one.model_id.upper())
    index = filled(tmp_path / "models.db", one, two)
    assert index.find_ids("same", 5) == index.find_ids("SAME", 5)
    assert len(index.find_ids("same", 5)) == 2
    index.remove([one.model_id])
    index.set_state(one.model_id, "missing")
    assert index.get(two.model_id) == two


def test_files_are_found_by_size_and_hash(tmp_path: Path) -> None:
    row = with_files(
        "Sharded",
        {"path": "a-00001.safetensors", "size": 10, "sha256": SHA, "blake3": BLAKE},
        {"path": "a-00002.safetensors", "size": 20, "sha256": SHA[:20] + "0" * 44},
        {"path": "config.json", "size": 10, "sha256": "no hash"},
        {"path": "odd", "size": "10", "sha256": None},
    )
    index = filled(tmp_path / "models.db", row, with_files("None"))
    first = IndexedFile(row.model_id, ROOT, row.location, "a-00001.safetensors", 10, SHA, BLAKE)
    assert index.files_with_sha256(SHA) == index.files_with_sha256(SHA.upper()) == [first]
    assert [file.path for file in index.files_with_size(10)] == [
        "a-00001.safetensors",
        "config.json",
    ]
    assert [file.path for file in index.files_with_sha256("NO hash")] == ["config.json"]
    assert index.files_with_size(30) == []


def test_models_are_found_by_their_content(tmp_path: Path) -> None:
    same_key = SHA[:40] + "0" * 24
    rows = (model("One", content_digest=SHA), model("Two", content_digest=same_key))
    index = filled(tmp_path / "models.db", *rows, model("None"))
    assert index.by_content_digest(SHA) == rows[0].model_id
    assert index.by_content_digest(same_key.upper()) == rows[1].model_id
    assert index.by_content_digest(BLAKE) is None
    assert index.by_content_digest("") is None


def test_entries_and_records_of_one_root(tmp_path: Path) -> None:
    here, there = model("here"), replace(model("there"), root_id=OTHER_ROOT, location="x/y")
    index = filled(tmp_path / "models.db", here, there)
    (entry,) = index.entries(OTHER_ROOT)
    assert entry.location == "x/y"
    assert entry.model_id == there.model_id
    assert (entry.metadata_mtime_ns, entry.metadata_size) == (1_700_000_000_000_000_000, 2000)
    assert {one.model_id for one in index.entries(None)} == {here.model_id, there.model_id}
    assert list(index.records(ROOT)) == [here]
    assert index.ids_at(OTHER_ROOT, "x/y") == [there.model_id]
    assert index.ids_at(ROOT, "x/y") == []
    index.remove_root(OTHER_ROOT)
    assert list(index.records()) == [here]


def test_iterating_sees_one_state_while_others_write(tmp_path: Path) -> None:
    index = filled(tmp_path / "models.db", *[model(f"M{i}") for i in range(600)])
    entries = index.entries()
    first = next(entries)
    index.remove([entry.model_id for entry in index.entries()])
    assert index.count() == 0
    assert len([first, *entries]) == 600


def test_an_iteration_may_be_abandoned(tmp_path: Path) -> None:
    index = filled(tmp_path / "models.db", *[model(f"M{i}") for i in range(600)])
    records = index.records()
    next(records)
    del records
    index.put([model("More")])
    assert index.count() == 601


def test_many_records_at_once(tmp_path: Path) -> None:
    rows = [model(f"Model {i}", tags=[f"tag {i}"]) for i in range(1203)]
    index = filled(tmp_path / "models.db", *rows)
    index.put([replace(row, state="missing") for row in rows])
    assert index.statistics().states == {"missing": 1203}
    assert found(index, "tag:tag-1202 model") == ["Model 1202"]
    index.remove([row.model_id for row in rows[1:]])
    assert list(index.records()) == [replace(rows[0], state="missing")]


def test_states_change_alone(tmp_path: Path) -> None:
    index = filled(tmp_path / "models.db", model("A"), model("B"))
    index.set_states({"a-0a1b2c3d": "offline", "unknown": "missing"})
    assert index.statistics().states == {"offline": 1, "online": 1}
    assert found(index, "state:offline") == ["A"]


def test_many_threads_use_one_index(tmp_path: Path) -> None:
    index = filled(tmp_path / "models.db", *[model(f"Base {i}") for i in range(20)])

    def work(number: int) -> None:
        for step in range(5):
            index.put([model(f"Thread {number} {step}")])
            assert len(found(index, "base")) == 20
            assert f"Thread {number} {step}" in found(index, f"thread {number}")

    with ThreadPoolExecutor(6) as threads:
        for done in [threads.submit(work, number) for number in range(6)]:
            done.result()
    assert index.count() == 50
    index.close()


def test_a_closed_index_leaves_an_empty_log_and_cannot_be_used(tmp_path: Path) -> None:
    path = tmp_path / "models.db"
    index = filled(path, *[model(f"M{i}") for i in range(50)])
    other = ModelIndex.open(path)
    assert other.count() == 50
    index.close()
    log = path.with_name("models.db-wal")
    assert not log.exists() or log.stat().st_size == 0
    with pytest.raises(sqlite3.ProgrammingError):
        index.count()
    assert other.count() == 50
    other.close()
    index.close()


def test_a_log_that_grew_is_cut_back(tmp_path: Path) -> None:
    path = tmp_path / "models.db"
    index = filled(path)
    for start in range(0, 400, 20):
        index.put([model(f"M{i}", notes="x" * 20_000) for i in range(start, start + 20)])
    log = path.with_name("models.db-wal")
    assert log.stat().st_size < 16 * 2**20  # 8 MB of documents alone went through it
    index.close()


def test_a_writer_waits_for_the_lock_and_then_gives_up(tmp_path: Path) -> None:
    path = tmp_path / "models.db"
    filled(path, model("A")).close()
    index = ModelIndex.open(path, timeout=0.05)
    with write_lock(path, 1.0):
        with pytest.raises(LibraryBusyError):
            index.put([model("B")])
        with pytest.raises(LibraryBusyError):
            rebuild(path, [], timeout=0.05)
        assert found(index, "") == ["A"]
    foreign = sqlite3.connect(path, isolation_level=None)
    foreign.execute("BEGIN IMMEDIATE")
    with pytest.raises(LibraryBusyError):
        index.set_state("a-0a1b2c3d", "missing")
    assert index.search(parse_query("a"), limit=1).total == 1
    foreign.execute("ROLLBACK")
    foreign.close()
    index.set_state("a-0a1b2c3d", "missing")
    index.close()


def test_a_changed_derivation_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = filled(tmp_path / "models.db", model("A"))
    changed = derive(model("B"))
    monkeypatch.setattr("model_library.search.writer.derive", lambda _: changed)
    with pytest.raises(IndexDamagedError):
        index.remove(["a-0a1b2c3d"])


ODD_DOCUMENTS = [
    "",
    "null",
    "[1, 2]",
    '{"official_name": 5, "slug": [], "tags": "one tag", "files": {"path": "x"}}',
    '{"tags": [1, null, {"a": 1}, "fine"], "files": [1, {"path": 7, "size": -1, "sha256": 9}]}',
    '{"size": 1e300, "added": "yesterday", "updated": 12, "security": "high", "sources": [0]}',
    '{"size": 99999999999999999999999, "added": "2026-13-45T00:00:00Z", "kind": ""}',
    '{"files": [{"role": [], "path": "a/b"}], "added": "0001-01-01T00:00:00+14:00"}',
    '{"added": "0001-01-01T00:00:00", "updated": "9999-12-31T23:59:59+00:00", "size": true}',
    '{"files": [{"size": 9223372036854775807}, {"size": 9223372036854775807}], "notes": ["x"]}',
    '{"official_name": "\\ud800\\u0000 \\ue000", "description": "\\udc00", "tags": ["\\ud800"]}',
    '{"sources": [{"repo": "author/"}, {"repo": "/x"}], "content_digest": "short", "tasks": "t"}',
    "[" * 100_000,
    '{"a":' * 50_000,
    "9" * 10_000,
]


@pytest.mark.parametrize("text", ODD_DOCUMENTS, ids=range(len(ODD_DOCUMENTS)))
def test_odd_documents_are_indexed_as_far_as_they_go(tmp_path: Path, text: str) -> None:
    row = replace(model("odd"), document=text)
    index = filled(tmp_path / "models.db", row)
    assert index.get(row.model_id) == row
    assert [r.model_id for r in index.search(parse_query("odd-0a1b2c3d"), limit=5).rows]
    index.put([row])
    index.remove([row.model_id])
    assert index.count() == index.total_bytes() == 0


def test_lists_without_end_are_cut(tmp_path: Path) -> None:
    fields = document("Big", tags=[f"t{i}" for i in range(5000)], description="word " * 100_000)
    fields["files"] = [{"path": f"{i}.bin", "size": 1, "role": "weight"} for i in range(5000)]
    index = filled(tmp_path / "models.db", record(fields))
    assert found(index, "word tag:t1 file:7.bin") == ["Big"]
    assert len(index.files_with_size(1)) <= 1024
    assert json.loads(next(index.records()).document) == fields
