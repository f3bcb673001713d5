"""A tree of somebody else is worked on without leaving it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from model_library.errors import (
    SourceNotFoundError,
    TargetExistsError,
    TargetReplacedError,
    UnsafeNameError,
)
from model_library.io.inside import Inside


@pytest.fixture
def top(tmp_path: Path) -> Path:
    path = tmp_path / "app"
    (path / "models" / "loras").mkdir(parents=True)
    return path


@pytest.fixture
def inside(top: Path) -> Iterator[Inside]:
    with Inside.open(top) as opened:
        yield opened


def test_a_symlink_is_made_with_exactly_its_text(inside: Inside, top: Path) -> None:
    seen = inside.symlink("../../somewhere", "models/loras/a.safetensors")
    assert str((top / "models/loras/a.safetensors").readlink()) == "../../somewhere"
    assert (seen.kind, seen.link_text) == ("symlink", "../../somewhere")
    assert seen.inode == (top / "models" / "loras" / "a.safetensors").lstat().st_ino


def test_a_hard_link_is_the_same_file(inside: Inside, top: Path, tmp_path: Path) -> None:
    source = tmp_path / "weights"
    source.write_bytes(b"bytes")
    seen = inside.hard_link(source, "models/a")
    assert (seen.kind, seen.inode, seen.links) == ("file", source.stat().st_ino, 2)
    assert (top / "models" / "a").samefile(source)


def test_nothing_that_has_the_name_is_replaced(inside: Inside, top: Path, tmp_path: Path) -> None:
    (top / "models" / "a").write_text("the user's")
    (tmp_path / "b").write_text("ours")
    with pytest.raises(TargetExistsError):
        inside.symlink("x", "models/a")
    with pytest.raises(TargetExistsError):
        inside.hard_link(tmp_path / "b", "models/a")
    with pytest.raises(TargetExistsError):
        inside.rename_noreplace("models/loras", "models/a")
    assert (top / "models" / "a").read_text() == "the user's"


def test_a_directory_that_is_a_symlink_is_refused(
    inside: Inside, top: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("not ours")
    (top / "models" / "vae").symlink_to(outside)
    for act in (
        lambda: inside.symlink("x", "models/vae/link"),
        lambda: inside.unlink("models/vae/file"),
        lambda: inside.look("models/vae/file"),
        lambda: inside.scan("models/vae"),
        lambda: inside.make_directories("models/vae/deeper"),
    ):
        with pytest.raises(TargetReplacedError):
            act()
    assert [path.name for path in outside.iterdir()] == ["file"]


def test_a_directory_that_becomes_a_symlink_while_it_is_open_is_refused(
    inside: Inside, top: Path, tmp_path: Path
) -> None:
    inside.symlink("x", "models/loras/before")
    outside = tmp_path / "outside"
    outside.mkdir()
    (top / "models" / "loras").rename(top / "models" / "moved")
    (top / "models" / "loras").symlink_to(outside)
    with pytest.raises(TargetReplacedError):
        inside.symlink("x", "models/loras/after")
    assert not list(outside.iterdir())


def test_a_file_in_the_place_of_a_directory_is_refused(inside: Inside, top: Path) -> None:
    (top / "models" / "vae").write_text("")
    with pytest.raises(TargetReplacedError):
        inside.make_directories("models/vae")


def test_of_many_symlinks_one_that_cannot_be_made_stops_no_other(inside: Inside, top: Path) -> None:
    (top / "models" / "loras" / "b").write_text("the user's")
    wanted = [
        ("a", "to-a"),
        ("b", "to-b"),
        ("../c", "out"),
        ("d/e", "deep"),
        ("f\0", ""),
        ("g", "to-g"),
    ]
    outcomes = inside.symlinks_into("models/loras", wanted)
    assert [getattr(one, "code", None) for one in outcomes] == [
        None,
        "target-exists",
        *["unsafe-name"] * 3,
        None,
    ]
    assert inside.symlinks("models/loras") == {"a": "to-a", "b": None, "g": "to-g"}
    assert (top / "models" / "loras" / "b").read_text() == "the user's"
    assert inside.symlinks("models") == {"loras": None}


def test_none_of_many_symlinks_is_made_behind_a_link(inside: Inside, top: Path) -> None:
    (top / "models" / "loras").rename(top / "elsewhere")
    (top / "models" / "loras").symlink_to(top / "elsewhere")
    with pytest.raises(TargetReplacedError):
        inside.symlinks_into("models/loras", [("a", "x"), ("b", "y")])
    assert list((top / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/etc/x", "", "a//b", ".", "a/.", "a\0b"])
def test_a_path_that_leaves_the_tree_is_refused(inside: Inside, path: str) -> None:
    with pytest.raises(UnsafeNameError):
        inside.look(path)


def test_what_is_not_there_is_none_and_can_be_removed_twice(inside: Inside) -> None:
    assert inside.look("models/nothing") is None
    assert inside.look("nowhere/nothing") is None
    assert inside.scan("nowhere") == {}
    assert inside.symlinks("nowhere") == {}
    inside.unlink("models/nothing")
    inside.unlink("nowhere/nothing")
    inside.sync("nowhere")
    with pytest.raises(SourceNotFoundError):
        inside.symlink("x", "nowhere/link")


def test_directories_are_made_and_removed_only_when_empty(inside: Inside, top: Path) -> None:
    inside.make_directories("models/a/b")
    inside.make_directories("models/a/b")
    inside.symlink("x", "models/a/b/link")
    assert not inside.remove_empty("models/a/b")
    inside.unlink("models/a/b/link")
    assert inside.remove_empty("models/a/b")
    assert inside.remove_empty("models/a/b")
    assert inside.remove_empty("nowhere/a")
    assert (top / "models" / "a").is_dir()


def test_what_a_directory_holds_is_told_by_kind(inside: Inside, top: Path) -> None:
    (top / "models" / "file").write_text("12345")
    (top / "models" / "link").symlink_to("nowhere")
    os.mkfifo(top / "models" / "pipe")
    found = inside.scan("models")
    assert {name: seen.kind for name, seen in found.items()} == {
        "loras": "directory",
        "file": "file",
        "link": "symlink",
        "pipe": "other",
    }
    assert found["file"].size == 5
    assert inside.symlinks("models") == {
        "loras": None,
        "file": None,
        "link": "nowhere",
        "pipe": None,
    }


def test_renaming_inside_the_tree(inside: Inside, top: Path) -> None:
    (top / "models" / "a").write_text("a")
    inside.rename_noreplace("models/a", "models/loras/a.old")
    assert (top / "models" / "loras" / "a.old").read_text() == "a"
    with pytest.raises(SourceNotFoundError):
        inside.rename_noreplace("models/a", "models/b")


def test_more_directories_than_are_kept_open(inside: Inside, top: Path) -> None:
    for number in range(150):
        inside.make_directories(f"models/d{number}/e")
        inside.symlink("x", f"models/d{number}/e/link")
    for number in range(150):
        inside.rename_noreplace(f"models/d{number}/e/link", f"models/d{149 - number}/e/other")
    assert all((top / f"models/d{number}/e/other").is_symlink() for number in range(150))


def test_a_file_is_opened_but_never_through_a_symlink(inside: Inside, top: Path) -> None:
    (top / "models" / "file").write_text("text")
    (top / "models" / "link").symlink_to("file")
    with os.fdopen(inside.open_file("models/file")) as file:
        assert file.read() == "text"
    with pytest.raises(SourceNotFoundError):
        inside.open_file("models/link")


def test_a_top_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFoundError):
        Inside.open(tmp_path / "nothing")
