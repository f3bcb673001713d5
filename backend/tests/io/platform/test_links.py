"""Shared blocks, hard links and symbolic links."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from model_library.errors import (
    SourceNotFoundError,
    SourceUnreadableError,
    TargetExistsError,
    TargetReadOnlyError,
    UnsupportedFilesystemError,
    WriteError,
)
from model_library.io.platform.links import (
    can_reflink,
    hard_link,
    may_hard_link,
    reflink,
    symlink_absolute,
    symlink_relative,
)

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads what only Linux has")


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_reflink_does_what_can_reflink_promises(tmp_path: Path) -> None:
    source, clone = tmp_path / "source", tmp_path / "clone"
    source.write_bytes(os.urandom(10_000))
    promised = can_reflink(tmp_path)
    assert names(tmp_path) == ["source"]
    assert reflink(source, clone) == promised
    assert clone.exists() == promised
    if promised:
        assert clone.read_bytes() == source.read_bytes()


def test_reflink_replaces_nothing_and_names_a_missing_source(tmp_path: Path) -> None:
    (tmp_path / "source").write_text("new")
    (tmp_path / "there").write_text("old")
    with pytest.raises(TargetExistsError):
        reflink(tmp_path / "source", tmp_path / "there")
    assert (tmp_path / "there").read_text() == "old"
    with pytest.raises(SourceNotFoundError):
        reflink(tmp_path / "missing", tmp_path / "new")
    with pytest.raises(WriteError):
        can_reflink(tmp_path / "missing")
    assert not (tmp_path / "new").exists()


@contextmanager
def ordinary_user() -> Iterator[None]:
    """Permissions mean nothing to root: be somebody else for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@linux_only
def test_permissions_are_told_apart_by_reading_and_writing() -> None:
    with tempfile.TemporaryDirectory() as name:  # tmp_path lies in a directory closed to others
        top = Path(name)
        top.chmod(0o755)
        source, closed, opened = top / "source", top / "closed", top / "open"
        source.write_text("x")
        source.chmod(0)
        closed.mkdir(mode=0o555)
        opened.mkdir()
        opened.chmod(0o777)
        with ordinary_user():
            with pytest.raises(SourceUnreadableError):
                reflink(source, opened / "clone")
            with pytest.raises(TargetReadOnlyError):
                symlink_absolute(source, closed / "link")
            with pytest.raises(TargetReadOnlyError):
                can_reflink(closed)
        assert names(opened) == names(closed) == []


def test_hard_link_is_a_second_name_of_the_same_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content")
    hard_link(tmp_path / "file", tmp_path / "second")
    assert (tmp_path / "second").samefile(tmp_path / "file")
    with pytest.raises(TargetExistsError):
        hard_link(tmp_path / "file", tmp_path / "second")
    with pytest.raises(SourceNotFoundError):
        hard_link(tmp_path / "missing", tmp_path / "third")


def test_hard_link_does_not_follow_a_symlink(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content")
    (tmp_path / "link").symlink_to("file")
    hard_link(tmp_path / "link", tmp_path / "second")
    assert (tmp_path / "second").is_symlink()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux protects hard links")
def test_a_file_of_somebody_else_gets_a_second_name_only_from_who_may_write_to_it(
    tmp_path: Path,
) -> None:
    mine = tmp_path / "file"
    mine.write_bytes(b"x")
    status = mine.stat()
    assert may_hard_link(mine, status)
    fields = list(status)
    fields[4] = status.st_uid + 1  # the owner
    theirs = os.stat_result(fields)
    assert may_hard_link(mine, theirs)
    assert not may_hard_link(tmp_path / "not for us", theirs)


def test_a_directory_has_no_hard_links(tmp_path: Path) -> None:
    (tmp_path / "directory").mkdir()
    with pytest.raises(UnsupportedFilesystemError) as caught:
        hard_link(tmp_path / "directory", tmp_path / "second")
    assert "hard link" in caught.value.message
    assert caught.value.hint


def test_a_relative_symlink_survives_moving_the_common_parent(tmp_path: Path) -> None:
    (tmp_path / "here" / "models" / "deep").mkdir(parents=True)
    (tmp_path / "here" / "app").mkdir()
    target = tmp_path / "here" / "models" / "deep" / "file"
    target.write_text("content")
    symlink_relative(target, tmp_path / "here" / "app" / "link")
    assert str((tmp_path / "here" / "app" / "link").readlink()) == "../models/deep/file"
    (tmp_path / "here").rename(tmp_path / "there")
    assert (tmp_path / "there" / "app" / "link").read_text() == "content"


def test_a_relative_symlink_is_right_below_symlinked_directories(tmp_path: Path) -> None:
    (tmp_path / "real" / "app").mkdir(parents=True)
    (tmp_path / "elsewhere" / "models").mkdir(parents=True)
    (tmp_path / "elsewhere" / "models" / "file").write_text("content")
    (tmp_path / "models").symlink_to(tmp_path / "elsewhere" / "models")
    (tmp_path / "app").symlink_to(tmp_path / "real" / "app")
    symlink_relative(tmp_path / "models" / "file", tmp_path / "app" / "link")
    assert (tmp_path / "app" / "link").read_text() == "content"


def test_an_absolute_symlink_keeps_the_path_it_was_given(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content")
    (tmp_path / "alias").symlink_to("file")
    symlink_absolute(tmp_path / "alias", tmp_path / "link")
    assert str((tmp_path / "link").readlink()) == str(tmp_path / "alias")
    for act in (symlink_absolute, symlink_relative):
        with pytest.raises(TargetExistsError):
            act(tmp_path / "file", tmp_path / "link")
    assert (tmp_path / "link").read_text() == "content"
