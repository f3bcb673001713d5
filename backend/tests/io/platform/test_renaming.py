"""Renaming replaces nothing, even where the filesystem has no such call."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from model_library.errors import FileError, SourceNotFoundError, TargetExistsError, WriteError
from model_library.io.platform import renaming, syscalls
from model_library.io.platform.renaming import rename_noreplace, rename_noreplace_at
from tests.io.mounts import needs_mount, run_on

Rename = Callable[[Path, Path], None]


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_rename_moves_a_file_and_a_directory_to_a_free_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content")
    (tmp_path / "directory").mkdir()
    (tmp_path / "directory" / "inner").write_text("inner")
    rename_noreplace(tmp_path / "file", tmp_path / "new file")
    rename_noreplace(tmp_path / "directory", tmp_path / "new directory")
    assert (tmp_path / "new file").read_text() == "content"
    assert (tmp_path / "new directory" / "inner").read_text() == "inner"
    assert names(tmp_path) == ["new directory", "new file"]


@pytest.mark.parametrize("existing", ["file", "directory", "dangling symlink"])
def test_rename_replaces_nothing_whatever_it_is(tmp_path: Path, existing: str) -> None:
    target = tmp_path / "target"
    if existing == "file":
        target.write_text("old")
    elif existing == "directory":
        target.mkdir()
    else:
        target.symlink_to("nowhere")
    before = target.lstat().st_ino
    for name in ("file", "folder"):
        source = tmp_path / name
        source.write_text("new") if name == "file" else source.mkdir()
        with pytest.raises(TargetExistsError) as caught:
            rename_noreplace(source, target)
        assert caught.value.path == str(target)
        assert source.exists()
    assert target.lstat().st_ino == before


def test_rename_says_which_of_the_two_is_missing(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("")
    with pytest.raises(SourceNotFoundError) as caught:
        rename_noreplace(tmp_path / "not there", tmp_path / "new")
    assert caught.value.path == str(tmp_path / "not there")
    with pytest.raises(WriteError) as failed:
        rename_noreplace(tmp_path / "there", tmp_path / "no directory" / "new")
    assert failed.value.path == str(tmp_path / "no directory" / "new")
    assert (tmp_path / "there").exists()


def test_a_directory_cannot_go_into_itself(tmp_path: Path) -> None:
    directory = tmp_path / "directory"
    directory.mkdir()
    with pytest.raises(WriteError):
        rename_noreplace(directory, directory / "inside")
    assert names(directory) == []


@needs_mount
def test_rename_to_another_filesystem_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mount").mkdir()
    (tmp_path / "file").write_text("content")
    code = """
from model_library.io.platform.links import hard_link
from model_library.io.platform.renaming import rename_noreplace, rename_noreplace_at
from model_library.errors import UnsupportedFilesystemError
for act in rename_noreplace, hard_link:
    try:
        act(place.parent / "file", place / "file")
    except UnsupportedFilesystemError:
        print("refused", list(place.iterdir()))
"""
    assert run_on("tmpfs", tmp_path / "mount", code) == "refused []\nrefused []"
    assert (tmp_path / "file").read_text() == "content"


def race(rename: Rename, sources: list[Path], target: Path) -> list[Exception | None]:
    """Rename all sources to one target at the same moment; what each thread got."""
    start = threading.Barrier(len(sources))
    outcomes: list[Exception | None] = [None] * len(sources)

    def run(number: int) -> None:
        start.wait()
        try:
            rename(sources[number], target)
        except (FileError, OSError) as error:
            outcomes[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(sources))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.parametrize("kind", ["file", "directory"])
@pytest.mark.parametrize("rename", [rename_noreplace, renaming._claim_and_rename])
def test_of_two_racing_renames_one_wins_and_nothing_is_lost(
    tmp_path: Path, rename: Rename, kind: str
) -> None:
    for turn in range(40):
        target = tmp_path / f"target {turn}"
        sources = [tmp_path / f"{turn} {name}" for name in "ab"]
        for source in sources:
            if kind == "directory":
                source.mkdir()
                (source / "inner").write_text(source.name)
            else:
                source.write_text(source.name)
        outcomes = race(rename, sources, target)
        (winner,) = [
            source for source, outcome in zip(sources, outcomes, strict=True) if not outcome
        ]
        (loser,) = [source for source in sources if source != winner]
        content = target / "inner" if kind == "directory" else target
        left = loser / "inner" if kind == "directory" else loser
        assert content.read_text() == winner.name
        assert left.read_text() == loser.name
        failure = outcomes[sources.index(loser)]
        assert isinstance(failure, TargetExistsError | FileExistsError)


def test_the_fallback_gives_the_name_free_again_when_renaming_fails(tmp_path: Path) -> None:
    directory = tmp_path / "directory"
    directory.mkdir()
    with pytest.raises(OSError, match="Invalid argument"):
        renaming._claim_and_rename(directory, directory / "inside")
    assert names(directory) == []


@pytest.mark.parametrize("directory", [True, False])
def test_renaming_where_the_filesystem_has_no_such_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, directory: bool
) -> None:
    """Some FUSE drivers refuse the exclusive rename; then the name is claimed first."""
    monkeypatch.setattr(renaming, "_rename_exclusively_at", syscalls.not_here)
    old = tmp_path / "old"
    if directory:
        old.mkdir()
    else:
        old.write_text("content")
    (tmp_path / "taken").write_text("other")
    descriptor = os.open(tmp_path, os.O_RDONLY)
    try:
        with pytest.raises(FileExistsError):
            rename_noreplace_at(descriptor, "old", descriptor, "taken")
        rename_noreplace_at(descriptor, "old", descriptor, "new")
        with pytest.raises(FileNotFoundError):
            rename_noreplace_at(descriptor, "old", descriptor, "newer")
    finally:
        os.close(descriptor)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "taken"]


def test_the_fallback_between_open_directories_gives_the_name_free_again_too(
    tmp_path: Path,
) -> None:
    (tmp_path / "directory").mkdir()
    descriptor = os.open(tmp_path, os.O_RDONLY)
    try:
        with pytest.raises(OSError, match="Invalid argument"):
            renaming._claim_and_rename_at(descriptor, "directory", descriptor, "directory/inside")
    finally:
        os.close(descriptor)
    assert names(tmp_path / "directory") == []
