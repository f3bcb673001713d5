"""Building the index from nothing, and several processes at work on it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from model_library.errors import IndexDamagedError, LibraryBusyError
from model_library.search import build
from model_library.search.build import write_lock
from model_library.search.fts5 import IndexRecord, ModelIndex, rebuild
from model_library.search.query import parse_query
from tests.search.library import filled, found, model

BACKEND = Path(__file__).parents[2]


def leftovers(path: Path) -> list[str]:
    known = {path.name, f"{path.name}.lock", f"{path.name}-wal", f"{path.name}-shm"}
    return sorted({entry.name for entry in path.parent.iterdir()} - known)


def test_a_missing_index_is_made(tmp_path: Path) -> None:
    path = tmp_path / "models.db"
    rows = [model(f"Model {i}", tags=["t"]) for i in range(1500)]
    assert rebuild(path, iter(rows)) == 1500
    assert leftovers(path) == []
    index = ModelIndex.open(path)
    assert index.count() == index.search(parse_query("model"), limit=1).total == 1500
    assert list(index.records()) == rows
    index.put([model("Later")])
    assert index.count() == 1501
    index.close()


def test_a_directory_in_the_place_of_the_index_is_kept_aside(tmp_path: Path) -> None:
    path = tmp_path / "models.db"
    for number in (1, 2):
        path.mkdir()
        (path / "theirs").write_text(f"{number}")
        with pytest.raises(IndexDamagedError):
            ModelIndex.open(path)
        assert rebuild(path, [model("New")]) == 1
        assert (tmp_path / f"models.db.damaged-{number}" / "theirs").read_text() == f"{number}"
        path.unlink()


def test_a_rebuilt_index_replaces_all_of_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "models.db"
    index = filled(path, *[model(f"Old {i}") for i in range(300)])
    assert rebuild(path, [model("New")]) == 1
    assert found(index, "") == found(index, "new") == ["New"]
    assert found(index, "old") == []
    index.put([model("Another")])
    index.close()
    again = ModelIndex.open(path)
    assert sorted(found(again, "")) == ["Another", "New"]
    again.close()


def test_of_one_model_twice_the_first_counts(tmp_path: Path) -> None:
    first = model("First")
    assert rebuild(tmp_path / "models.db", [first, replace(first, location="copy")]) == 1
    index = ModelIndex.open(tmp_path / "models.db")
    assert index.get(first.model_id) == first
    index.close()


@pytest.mark.parametrize("exists", [True, False])
def test_when_reading_fails_the_index_is_as_it_was(tmp_path: Path, exists: bool) -> None:
    path = tmp_path / "models.db"
    if exists:
        filled(path, model("Old")).close()

    def records() -> Iterator[IndexRecord]:
        yield from [model(f"M{i}") for i in range(1500)]
        raise OSError("the drive is gone")

    with pytest.raises(OSError, match="the drive is gone"):
        rebuild(path, records())
    assert leftovers(path) == []
    assert path.exists() is exists
    if exists:
        index = ModelIndex.open(path)
        assert found(index, "") == ["Old"]
        index.close()


def test_a_rebuild_that_was_killed_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    path = tmp_path / "models.db"
    path.with_name("models.db.new").write_bytes(b"half an index")
    path.with_name("models.db-wal").write_bytes(b"log of an index that is gone")
    assert rebuild(path, [model("A")]) == 1
    index = ModelIndex.open(path)
    assert found(index, "a") == ["A"]
    index.close()


def test_readers_see_the_old_index_until_the_new_one_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "models.db"
    index = filled(path, model("Old"))
    entries = index.entries()
    next(entries)
    seen: list[list[str]] = []

    def records() -> Iterator[IndexRecord]:
        for i in range(3):
            seen.append(found(index, ""))
            yield model(f"New {i}")

    rebuild(path, records())
    assert seen == [["Old"]] * 3
    assert list(entries) == []
    assert len(found(index, "new")) == 3
    index.close()


def test_a_reader_of_an_older_state_is_not_disturbed(tmp_path: Path) -> None:
    path = tmp_path / "models.db"
    index = filled(path, *[model(f"Old {i}") for i in range(600)])
    entries = index.entries()
    first = next(entries)
    index.put([model("Meanwhile")])  # stays in the log as long as the older state is read
    inode = path.stat().st_ino
    rebuild(path, [model("New")])
    assert path.stat().st_ino == inode
    assert found(index, "") == ["New"]
    assert len([first, *entries]) == 600
    index.check()
    index.close()


def test_where_open_files_cannot_be_replaced_the_index_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "models.db"
    index = filled(path, model("Old"))

    def refuse(new: Path, _: Path) -> None:
        raise PermissionError(f"{new} is open")

    monkeypatch.setattr(build, "_rename", refuse)
    rebuild(path, [model("New")])
    assert found(index, "") == ["New"]
    index.check()
    index.close()


def test_a_replaced_file_is_noticed(tmp_path: Path) -> None:
    path, other = tmp_path / "models.db", tmp_path / "other.db"
    index = filled(path, model("Old"))
    rebuild(other, [model("New")])
    path.with_name("models.db-wal").unlink(missing_ok=True)
    path.with_name("models.db-shm").unlink(missing_ok=True)
    other.replace(path)
    assert found(index, "") == ["New"]
    index.put([model("More")])
    assert sorted(found(index, "")) == ["More", "New"]
    index.close()


def test_who_puts_while_a_rebuild_reads_is_in_the_new_index(tmp_path: Path) -> None:
    path = tmp_path / "models.db"
    index = filled(path, model("Old"))
    reading, putting = threading.Event(), threading.Event()

    def put() -> None:
        reading.wait()
        putting.set()
        index.put([model("Put meanwhile")])

    def records() -> Iterator[IndexRecord]:
        yield model("Found by the scan")
        reading.set()
        putting.wait()

    thread = threading.Thread(target=put)
    thread.start()
    rebuild(path, records())
    thread.join()
    assert sorted(found(index, "")) == ["Found by the scan", "Put meanwhile"]
    index.close()


def test_a_rebuild_gives_up_when_another_program_never_lets_it_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "models.db"
    filled(path, model("Old")).close()
    monkeypatch.setattr(build, "_renamed", lambda *_: False)
    foreign = sqlite3.connect(path, isolation_level=None)
    foreign.execute("BEGIN IMMEDIATE")
    with pytest.raises(LibraryBusyError):
        rebuild(path, [model("New")], timeout=0.1)
    foreign.execute("ROLLBACK")
    foreign.close()
    assert leftovers(path) == []
    index = ModelIndex.open(path)
    assert found(index, "") == ["Old"]
    index.close()


def test_the_lock_is_free_again_after_use(tmp_path: Path) -> None:
    path = tmp_path / "models.db"
    for _ in range(3):
        with write_lock(path, 0.1):
            pass


WRITER = """
    import sys
    from pathlib import Path
    from model_library.search.fts5 import ModelIndex
    from tests.search.library import model
    path, name = Path(sys.argv[1]), sys.argv[2]
    index = ModelIndex.open(path)
    for step in range(25):
        index.put([model(f"{name} {step}", tags=[f"{name}{step}"]), model(f"{name} last")])
        if step % 5 == 4:
            index.remove([model(f"{name} {step}").model_id])
    index.close()
"""
READER = """
    import sys, time
    from pathlib import Path
    from model_library.search.fts5 import ModelIndex
    from model_library.search.query import parse_query
    index = ModelIndex.open(Path(sys.argv[1]))
    before, end = 0, time.monotonic() + 60
    while before < 40 and time.monotonic() < end:
        page = index.search(parse_query("writer"), limit=100, facets=True)
        total = page.total
        assert total == len(page.rows) == sum(page.facets["kind"].values()), page
        assert total >= before - 2, (before, total)
        before = total
    assert before >= 40, before
    index.close()
"""


def run(script: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", textwrap.dedent(script), *arguments]
    return subprocess.Popen(command, cwd=BACKEND, stderr=subprocess.PIPE, text=True)


def test_processes_write_and_read_at_the_same_time(tmp_path: Path) -> None:
    """Two writers put 26 models each, of which they remove 5; readers never see half of a write."""
    path = tmp_path / "models.db"
    index = filled(path, model("Base"))
    running = [
        run(READER, str(path)),
        run(WRITER, str(path), "writer one"),
        run(WRITER, str(path), "writer two"),
    ]
    assert [(process.communicate()[1], process.returncode) for process in running] == [("", 0)] * 3
    assert len(found(index, "writer")) == 42
    assert index.count() == 43
    assert index.statistics().kinds == {"checkpoint": 43}
    index.close()


def test_processes_search_while_another_rebuilds(tmp_path: Path) -> None:
    path = tmp_path / "models.db"
    rows = [model(f"Same {i}") for i in range(50)]
    rebuild(path, rows)
    reader = """
        import sys
        from pathlib import Path
        from model_library.search.fts5 import ModelIndex
        from model_library.search.query import parse_query
        index = ModelIndex.open(Path(sys.argv[1]))
        for _ in range(150):
            assert index.search(parse_query("same"), limit=5).total == 50
        index.close()
    """
    running = [run(reader, str(path)) for _ in range(2)]
    while any(process.poll() is None for process in running):
        rebuild(path, rows)
    assert [(process.communicate()[1], process.returncode) for process in running] == [("", 0)] * 2
    index = ModelIndex.open(path)
    index.check()
    index.close()


def test_a_writer_that_is_killed_leaves_a_whole_index(tmp_path: Path) -> None:
    path = tmp_path / "models.db"
    index = filled(path, model("Base"))
    script = """
        import sys
        from pathlib import Path
        from model_library.search.fts5 import ModelIndex
        from tests.search.library import model
        index = ModelIndex.open(Path(sys.argv[1]))
        step = 0
        while True:
            step += 1
            index.put([model(f"Left {step}"), model(f"Right {step}")])
            print(step, flush=True)
    """
    command = [sys.executable, "-c", textwrap.dedent(script), str(path)]
    for _ in range(3):
        with subprocess.Popen(command, cwd=BACKEND, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for _ in range(5):
                process.stdout.readline()
            process.kill()
        assert len(found(index, "left")) == len(found(index, "right")) >= 5
        assert index.count() == 1 + 2 * len(found(index, "left"))
    index.close()
