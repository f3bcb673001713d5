"""What the registry promises: durable rows, named migrations, and an honest answer when damaged."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from model_library import registry as registry_module
from model_library.errors import (
    LibraryBusyError,
    LibraryTooNewError,
    RegistryDamagedError,
    TargetFullError,
)
from model_library.job_store import JobStore
from model_library.registry import Registry, RootRow
from model_library.taxonomy import JobKind, RootMode
from tests.io.mounts import needs_mount, run_on

TIMEOUT = 5.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "registry.db"


def test_a_root_is_known_again_after_reopening(path: Path) -> None:
    root = RootRow("id-1", RootMode.REFERENCED, Path("/mnt/usb"), marker=True, inode=7)
    registry = Registry.open(path, TIMEOUT)
    registry.put_root(root)
    registry.put_root(root)
    registry.close()
    again = Registry.open(path, TIMEOUT)
    assert again.roots() == [root]
    again.remove_root("id-1")
    assert again.roots() == []
    again.close()


def test_journal_entries_stay_until_they_are_finished(path: Path) -> None:
    registry = Registry.open(path, TIMEOUT)
    first, second = registry.begin("job-1", [("publish", {"a": 1}), ("publish", {"a": 2})])
    registry.finish([first])
    registry.close()
    again = Registry.open(path, TIMEOUT)
    (entry,) = again.unfinished()
    assert (entry.entry_id, entry.job, entry.action, entry.payload) == (
        second,
        "job-1",
        "publish",
        {"a": 2},
    )
    again.close()


def test_the_last_verification_counts(path: Path) -> None:
    registry = Registry.open(path, TIMEOUT)
    registry.record_verifications([("m", False, "bad bytes"), ("n", True, "")])
    assert registry.damaged_models() == {"m"}
    registry.record_verifications([("m", True, "")])
    assert registry.damaged_models() == frozenset()
    checked = registry.verification("m")
    assert checked is not None
    assert checked.intact
    registry.forget_verification("m")
    assert registry.verification("m") is None
    registry.close()


def test_settings_are_kept(path: Path) -> None:
    registry = Registry.open(path, TIMEOUT)
    assert registry.setting("theme") is None
    registry.set_setting("theme", "dark")
    registry.set_setting("theme", "light")
    assert registry.setting("theme") == "light"
    registry.close()


@pytest.mark.parametrize(
    "content", [b"not a database at all, surely" * 100, b"SQLite format 3\0junk"]
)
def test_a_file_that_is_no_database_is_damaged(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(RegistryDamagedError):
        Registry.open(path, TIMEOUT)
    assert path.read_bytes() == content


def test_a_database_of_another_program_is_not_touched(path: Path) -> None:
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE theirs (x)")
    other.commit()
    other.close()
    before = path.read_bytes()
    with pytest.raises(RegistryDamagedError):
        Registry.open(path, TIMEOUT)
    assert path.read_bytes() == before


def test_migrations_of_a_newer_program_are_refused(path: Path) -> None:
    Registry.open(path, TIMEOUT).close()
    newer = sqlite3.connect(path)
    newer.execute("INSERT INTO migrations (name) VALUES ('9999-from-the-future')")
    newer.commit()
    newer.close()
    with pytest.raises(LibraryTooNewError, match="9999-from-the-future"):
        Registry.open(path, TIMEOUT)


def test_a_lock_held_for_too_long_is_said_to_be_one(path: Path) -> None:
    registry = Registry.open(path, 0.1)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LibraryBusyError):
        registry.set_setting("a", "b")
    other.execute("ROLLBACK")
    other.close()
    registry.set_setting("a", "b")
    registry.close()


def test_threads_write_one_after_another(path: Path) -> None:
    registry = Registry.open(path, TIMEOUT)

    def work(number: int) -> None:
        for step in range(20):
            registry.begin(f"job-{number}", [("act", {"step": step})])

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(registry.unfinished()) == 80
    registry.close()


def test_a_drive_that_cannot_be_written_is_no_damage(path: Path) -> None:
    """A full or read-only drive must never cost the registry, which nothing can rebuild."""
    registry = Registry.open(path, TIMEOUT)
    registry.put_root(RootRow("id-1", RootMode.MANAGED, Path("/mnt"), marker=True, inode=1))
    registry.rows("PRAGMA max_page_count = 1")
    with pytest.raises(TargetFullError):
        registry.set_setting("large", "x" * 10_000_000)
    registry.close()
    again = Registry.open(path, TIMEOUT)
    assert [root.root_id for root in again.roots()] == ["id-1"]
    again.close()


def test_many_that_open_it_in_the_same_moment_damage_nothing(path: Path) -> None:
    crowded = sqlite3.OperationalError("locking protocol")
    crowded.sqlite_errorcode = sqlite3.SQLITE_PROTOCOL
    registry = Registry.open(path, timeout=1)
    with pytest.raises(LibraryBusyError), registry.transaction():
        raise crowded
    registry.close()


def test_jobs_of_an_older_library_are_kept_when_new_kinds_come(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = [one for one in registry_module._MIGRATIONS if one[0] < "0007"]
    with monkeypatch.context() as patch:
        patch.setattr(registry_module, "_MIGRATIONS", tuple(older))
        before = Registry.open(path, TIMEOUT)
        with before.transaction() as connection:
            JobStore(before).add(connection, JobKind.VERIFY, "all models", {"ids": []}, 3)
        old = JobStore(before).jobs(None, None)
        before.close()
    after = Registry.open(path, TIMEOUT)
    assert JobStore(after).jobs(None, None) == old
    with after.transaction() as connection:
        JobStore(after).add(connection, JobKind.INSTALL, "ComfyUI", {}, 0)
    kinds = {job.kind for job in JobStore(after).jobs(None, None)}
    assert kinds == {JobKind.VERIFY, JobKind.INSTALL}
    after.close()


FULL = """
import os
from model_library.errors import TargetFullError
from model_library.registry import Registry

Registry.open(place / "registry.db", timeout=1).close()
before = (place / "registry.db").read_bytes()
try:
    with (place / "fill").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
except OSError:
    os.truncate(place / "fill", (place / "fill").stat().st_size - {free})
try:
    Registry.open(place / "registry.db", timeout=1)
except TargetFullError as error:
    print(error.code)
assert (place / "registry.db").read_bytes() == before
"""


@needs_mount
@pytest.mark.parametrize("free", [0, 4096, 8192, 32768])
def test_a_full_drive_is_called_full_and_kills_nobody(tmp_path: Path, free: int) -> None:
    assert run_on("tmpfs -o size=1m", tmp_path, FULL.format(free=free)) == "target-full"
