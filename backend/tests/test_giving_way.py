"""What gives way to a link is never lost: not to an interrupt, a failing drive or a busy application."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from model_library import Library
from model_library.errors import LinkConflictError, ModelLibraryError
from model_library.giving_way import APP_TRASH, purge_replaced, put_back, replace_with_link
from model_library.io.inside import Inside, Seen
from model_library.io.platform.renaming import rename_noreplace_at
from model_library.library import Catalog
from model_library.link_registry import App, NewLink
from model_library.settling import settle
from model_library.taxonomy import LinkMethod, OnConflict
from model_library.unlinking import remove_links
from tests.factory import lora
from tests.linked import app_at, catalog_at

TARGET = "models/loras/style.safetensors"
TEXT = "the user's"


@pytest.fixture
def app(tmp_path: Path) -> App:
    return app_at(tmp_path / "app")


@pytest.fixture
def catalog(tmp_path: Path, app: App) -> Iterator[Catalog]:
    """A library with one LoRA, and an application with a file that has its name."""
    source = lora(tmp_path / "in" / "style.safetensors")
    with Library.open(tmp_path / "library") as library:
        library.import_models([source])
    (app.path / TARGET).write_text(TEXT)
    with catalog_at(tmp_path / "library") as opened:
        opened.links.put_app(app)
        yield opened


def wanted(catalog: Catalog, method: LinkMethod = LinkMethod.RELATIVE_SYMLINK) -> NewLink:
    (row,) = catalog.index.records()
    source = f"{row.location}/style.safetensors"
    return NewLink(
        "comfyui", row.model_id, "style.safetensors", row.root_id, source, TARGET, method, False
    )


def seen(app: App) -> Seen:
    with Inside.open(app.path) as inside:
        found = inside.look(TARGET)
    assert found is not None
    return found


def overwrite(catalog: Catalog, app: App, choice: OnConflict = OnConflict.OVERWRITE) -> None:
    replace_with_link(catalog, app, wanted(catalog), seen(app), choice)


def texts_in(app: App) -> list[str]:
    """What the user's files in the application say, wherever they are."""
    files = [path for path in app.path.rglob("*.safetensors*") if path.is_file()]
    return [path.read_text() for path in files if not path.is_symlink()]


def is_of(app: App, directory: int) -> bool:
    """Whether an open directory is the one that the application lists its models from."""
    return os.path.samestat(os.fstat(directory), (app.path / TARGET).parent.stat())


Rename = Callable[[int, str, int, str], None]


@pytest.fixture
def renames(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Rename], Rename]], None]:
    """Put something around every rename inside an application."""

    def wrap(around: Callable[[Rename], Rename]) -> None:
        wrapped = around(rename_noreplace_at)
        monkeypatch.setattr("model_library.io.inside.rename_noreplace_at", wrapped)

    return wrap


Wrap = Callable[[Callable[[Rename], Rename]], None]


@pytest.mark.parametrize("choice", [OnConflict.RENAME, OnConflict.OVERWRITE])
def test_an_interrupt_right_after_the_rename_brings_the_file_back(
    catalog: Catalog, app: App, renames: Wrap, choice: OnConflict
) -> None:
    def interrupted(rename: Rename) -> Rename:
        calls = 0

        def act(source: int, old: str, destination: int, new: str) -> None:
            nonlocal calls
            rename(source, old, destination, new)
            calls += 1
            if calls == 1:
                raise KeyboardInterrupt

        return act

    renames(interrupted)
    with pytest.raises(KeyboardInterrupt):
        overwrite(catalog, app, choice)
    assert (app.path / TARGET).read_text() == TEXT
    assert (catalog.links.links(), catalog.links.replaced("comfyui")) == ([], [])
    assert not (app.path / APP_TRASH).exists()


def test_a_second_interrupt_leaves_what_settling_needs(
    catalog: Catalog, app: App, renames: Wrap, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(rename: Rename) -> Rename:
        def act(source: int, old: str, destination: int, new: str) -> None:
            if is_of(app, source):
                rename(source, old, destination, new)
            raise KeyboardInterrupt

        return act

    renames(interrupted)
    with pytest.raises(KeyboardInterrupt):
        overwrite(catalog, app)
    assert not (app.path / TARGET).exists()
    monkeypatch.undo()
    (note,) = catalog.links.replaced("comfyui")
    assert (app.path / note.kept).read_text() == TEXT
    settle(catalog, lambda _: None)
    assert (app.path / TARGET).read_text() == TEXT
    assert (catalog.links.links(), catalog.links.replaced("comfyui")) == ([], [])


def test_a_file_that_comes_in_between_stays_and_the_first_one_is_kept(
    catalog: Catalog, app: App, renames: Wrap
) -> None:
    """The application saves its file again while it gives way."""

    def busy(rename: Rename) -> Rename:
        def act(source: int, old: str, destination: int, new: str) -> None:
            rename(source, old, destination, new)
            (app.path / TARGET).write_text("saved again")

        return act

    renames(busy)
    with pytest.raises(LinkConflictError) as caught:
        overwrite(catalog, app)
    assert (app.path / TARGET).read_text() == "saved again"
    (note,) = catalog.links.replaced("comfyui")
    assert (app.path / note.kept).read_text() == TEXT
    assert caught.value.path == str(app.path / note.kept)
    assert "put-back" in caught.value.hint
    assert catalog.links.links() == []


def test_a_file_that_cannot_go_back_is_named_and_goes_back_later(
    catalog: Catalog, app: App, renames: Wrap, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    def once(rename: Rename) -> Rename:
        def act(source: int, old: str, destination: int, new: str) -> None:
            if not is_of(app, source):
                fails()
            rename(source, old, destination, new)

        return act

    renames(once)
    monkeypatch.setattr(os, "symlink", fails)
    with pytest.raises(LinkConflictError) as caught:
        overwrite(catalog, app)
    monkeypatch.undo()
    (note,) = catalog.links.replaced("comfyui")
    assert (app.path / note.kept).read_text() == TEXT
    assert caught.value.path == str(app.path / note.kept)
    settle(catalog, lambda _: None)
    assert (app.path / TARGET).read_text() == TEXT
    assert catalog.links.replaced("comfyui") == []


@pytest.mark.parametrize("end", ["made", "given up"])
def test_a_file_that_gave_way_earlier_does_not_come_back_with_a_later_link(
    catalog: Catalog, app: App, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    """Its link is gone, and another one of the same name and number died half made."""
    if end == "made":
        overwrite(catalog, app)
        remove_links(catalog, catalog.links.links())
    else:
        exists = Path.exists
        monkeypatch.setattr(Path, "exists", lambda path: saved_again(path) and exists(path))
        with pytest.raises(LinkConflictError):
            overwrite(catalog, app)
        monkeypatch.undo()
        (app.path / TARGET).unlink()
    (note,) = catalog.links.replaced("comfyui")
    catalog.links.begin_making([wanted(catalog)])
    settle(catalog, lambda _: None)
    assert not (app.path / TARGET).exists()
    assert (app.path / note.kept).read_text() == TEXT
    assert catalog.links.replaced("comfyui") == [note]
    put_back(catalog, app, note)
    assert (app.path / TARGET).read_text() == TEXT


def saved_again(path: Path) -> bool:
    if path.is_symlink():
        path.unlink()
        path.write_text("saved again")
        return False
    return True


def test_what_replaced_our_link_is_not_taken_for_it_when_all_is_undone(
    catalog: Catalog, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    exists = Path.exists

    def replaced(path: Path, **_: object) -> bool:
        if path == app.path / TARGET and path.is_symlink():
            path.unlink()
            path.write_text("saved again")
            return False
        return exists(path)

    monkeypatch.setattr(Path, "exists", replaced)
    with pytest.raises(LinkConflictError):
        overwrite(catalog, app)
    monkeypatch.undo()
    assert sorted(texts_in(app)) == ["saved again", TEXT]
    (note,) = catalog.links.replaced("comfyui")
    (app.path / TARGET).unlink()
    put_back(catalog, app, note)
    assert texts_in(app) == [TEXT]


# --- in the application's trash ------------------------------------------------------------------


def git(app: App, *arguments: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@t", "-c", "init.defaultBranch=main")
    subprocess.run(
        ["git", "-C", str(app.path), *identity, *arguments], check=True, capture_output=True
    )


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_cleaning_the_checkout_of_an_application_leaves_what_gave_way(
    catalog: Catalog, app: App
) -> None:
    (app.path / ".gitignore").write_text("/models/\n")
    git(app, "init")
    git(app, "add", ".")
    git(app, "commit", "-m", "the application")
    (app.path / "untracked").mkdir()
    (app.path / "untracked" / "file").touch()
    overwrite(catalog, app)
    git(app, "clean", "-fd")
    assert not (app.path / "untracked").exists()
    (note,) = catalog.links.replaced("comfyui")
    assert (app.path / note.kept).read_text() == TEXT
    put_back(catalog, app, note)
    assert not (app.path / APP_TRASH).exists()


def test_the_trash_goes_with_the_last_file_and_with_nothing_of_the_user(
    catalog: Catalog, app: App
) -> None:
    ignore = app.path / APP_TRASH / ".gitignore"
    overwrite(catalog, app)
    assert ignore.read_text() == "*\n"
    ignore.write_text("the user's own rule\n")
    (note,) = catalog.links.replaced("comfyui")
    assert purge_replaced(catalog, app, note) == len(TEXT)
    assert ignore.read_text() == "the user's own rule\n"
    assert [path.name for path in ignore.parent.iterdir()] == [".gitignore"]


def test_an_ignore_file_that_a_crash_left_empty_is_filled(catalog: Catalog, app: App) -> None:
    (app.path / APP_TRASH).mkdir()
    (app.path / APP_TRASH / ".gitignore").touch()
    overwrite(catalog, app)
    assert (app.path / APP_TRASH / ".gitignore").read_text() == "*\n"


def test_an_ignore_file_that_is_a_link_is_not_written_through(
    catalog: Catalog, app: App, tmp_path: Path
) -> None:
    (app.path / APP_TRASH).mkdir()
    (app.path / APP_TRASH / ".gitignore").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ModelLibraryError):
        overwrite(catalog, app)
    assert (app.path / TARGET).read_text() == TEXT
    assert not (tmp_path / "elsewhere").exists()
    assert catalog.links.links() == []
