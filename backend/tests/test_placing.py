"""Placing one file: what it promises about the source, on one filesystem and across two."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from model_library import Library
from model_library.errors import CancelledError, SourceChangedError, SourceNotFoundError
from model_library.identify.values import FoundFile
from model_library.placing import check_unchanged, place_file
from model_library.publishing import remove_moved
from model_library.taxonomy import PlacedBy, Placement
from tests.factory import lora, padded


@pytest.fixture
def other_drive(tmp_path: Path) -> Iterator[Path]:
    """A directory on another filesystem than `tmp_path`: Linux has one in memory."""
    shared = Path("/dev/shm")  # noqa: S108 - a filesystem of its own is what is wanted
    if not shared.is_dir() or shared.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("this system has no second filesystem that a test may write to")
    with tempfile.TemporaryDirectory(dir=shared) as directory:
        yield Path(directory)


def found(path: Path) -> FoundFile:
    status = path.stat()
    return FoundFile(path, status.st_size, status.st_mtime_ns, status.st_dev, status.st_ino)


def nothing(count: int) -> None:
    del count


def test_a_move_across_filesystems_copies_reads_back_and_then_takes_away(
    tmp_path: Path, other_drive: Path
) -> None:
    path = lora(other_drive / "a.safetensors")
    content = path.read_bytes()
    with Library.open(tmp_path / "library") as library:
        (model,) = library.import_models([path], place=Placement.MOVE)["imported"]
    assert not path.exists()
    assert Path(model["path"]).read_bytes() == content
    assert model["placement"] == "copy"


def test_a_cancelled_move_across_filesystems_leaves_the_source(
    tmp_path: Path, other_drive: Path
) -> None:
    path = padded(other_drive / "a.safetensors", 8)

    def cancel(count: int) -> None:
        if count:
            raise CancelledError("stopped")

    for source in (path, padded(tmp_path / "b.safetensors", 8)):
        before = source.read_bytes()
        with pytest.raises(CancelledError):
            place_file(
                found(source),
                tmp_path / "target",
                Placement.MOVE,
                held="target",
                autov3_from=None,
                progress=cancel,
            )
        assert source.read_bytes() == before
        assert not (tmp_path / "target").exists()


def test_a_source_that_is_not_what_was_found_is_refused(tmp_path: Path) -> None:
    path = lora(tmp_path / "a.safetensors")
    seen = found(path)
    os.utime(path, ns=(1, 1))
    with pytest.raises(SourceChangedError):
        check_unchanged(seen)
    path.unlink()
    with pytest.raises(SourceNotFoundError):
        check_unchanged(seen)


def test_a_moved_source_that_changed_meanwhile_stays_and_is_named(tmp_path: Path) -> None:
    path = lora(tmp_path / "a.safetensors")
    published = tmp_path / "published"
    published.mkdir()
    placed = place_file(
        found(path),
        published / "a.safetensors",
        Placement.MOVE,
        held="a.safetensors",
        autov3_from=None,
        progress=nothing,
        link=True,
    )
    assert placed.by is PlacedBy.MOVE
    assert placed.moved is not None
    path.unlink()
    path.write_bytes(b"something new under the old name")
    assert remove_moved(published, [placed.moved]) == (str(path),)
    assert path.exists()
    (published / "a.safetensors").unlink()
    assert remove_moved(published, [placed.moved]) == (str(path),)


def test_a_move_into_a_library_on_another_drive_keeps_companions_together(
    tmp_path: Path, other_drive: Path
) -> None:
    lora(tmp_path / "in" / "a.safetensors")
    (tmp_path / "in" / "a.preview.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with Library.open(other_drive / "library") as library:
        (model,) = library.import_models([tmp_path / "in"], place=Placement.MOVE)["imported"]
        assert library.verify()["intact"] == [model["model_id"]]
    assert list((tmp_path / "in").iterdir()) == []
    assert {f["path"] for f in model["files"]} == {"a.safetensors", "a.preview.png"}


def test_a_moved_file_shares_nothing_with_its_other_names(tmp_path: Path) -> None:
    path = lora(tmp_path / "in" / "a.safetensors")
    (tmp_path / "other.safetensors").hardlink_to(path)
    with Library.open(tmp_path / "library") as library:
        (model,) = library.import_models([path], place=Placement.MOVE)["imported"]
        assert not path.exists()
        (tmp_path / "other.safetensors").write_bytes(b"edited in place")
        assert library.verify()["intact"] == [model["model_id"]]


def test_files_of_a_referenced_root_are_never_shared(tmp_path: Path) -> None:
    theirs = lora(tmp_path / "theirs" / "a.safetensors")
    shutil.copytree(theirs.parent, tmp_path / "set")
    (tmp_path / "set" / "a.safetensors").rename(tmp_path / "set" / "b-00001-of-00002.safetensors")
    lora(tmp_path / "set" / "b-00002-of-00002.safetensors", seed=5)
    with Library.open(tmp_path / "library") as library:
        library.import_models([theirs], place=Placement.REFERENCE)
        library.import_models([tmp_path / "set"], place=Placement.COPY)
    assert theirs.stat().st_nlink == 1


def test_a_source_edited_with_its_time_set_back_is_not_taken_away(tmp_path: Path) -> None:
    path = lora(tmp_path / "a.safetensors")
    published = tmp_path / "published"
    published.mkdir()
    target = published / "a.safetensors"
    placed = place_file(
        found(path), target, Placement.MOVE, held=target.name, autov3_from=None, progress=nothing
    )
    assert placed.moved is not None
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    with path.open("rb+") as file:
        file.write(b"edited")
    os.utime(path, ns=times)
    assert remove_moved(published, [placed.moved]) == (str(path),)
