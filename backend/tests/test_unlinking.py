"""Links go and what is not ours stays, also what comes to the name of a link at the moment it goes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from model_library import Library
from model_library.errors import LinkConflictError
from model_library.events import Event
from model_library.giving_way import put_back
from model_library.io.platform.renaming import rename_noreplace_at
from model_library.library import Catalog
from model_library.link_registry import App, Link
from model_library.linking import Ownership
from model_library.repointing import repoint
from model_library.settling import settle
from model_library.taxonomy import LinkMethod
from model_library.unlinking import GOING, remove_links
from tests.linked import FOLDER, app_at, catalog_at, import_loras, link_models

TEXT = "saved by the application"


@pytest.fixture
def app(tmp_path: Path) -> App:
    return app_at(tmp_path / "app")


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    """A library with one LoRA."""
    with Library.open(tmp_path / "library") as library:
        import_loras(library, tmp_path / "in", range(1))
    with catalog_at(tmp_path / "library") as opened:
        yield opened


Save = Callable[[], None]


def saver(target: Path) -> Save:
    """Save as careful programs do: write beside it, then rename over it."""

    def save() -> None:
        temporary = target.with_name("saving")
        temporary.write_text(TEXT)
        temporary.replace(target)

    return save


def at_moment(monkeypatch: pytest.MonkeyPatch, moment: str, act: Save) -> None:
    """Let something happen once, right before or after a rename in the application, or before a removal."""
    unlink, done = os.unlink, False

    def once() -> None:
        nonlocal done
        if not done:
            done = True
            act()

    def renamed(source: int, old: str, destination: int, new: str) -> None:
        if moment == "before the rename":
            once()
        rename_noreplace_at(source, old, destination, new)
        if moment == "after the rename":
            once()

    def removed(path: str, *, dir_fd: int | None = None) -> None:
        if moment == "before the removal":
            once()
        unlink(path, dir_fd=dir_fd)

    monkeypatch.setattr("model_library.io.inside.rename_noreplace_at", renamed)
    monkeypatch.setattr(os, "unlink", removed)


MOMENTS = ("before the rename", "after the rename", "before the removal")


@pytest.mark.parametrize("method", list(LinkMethod))
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_file_that_replaces_a_link_as_it_goes_stays(
    catalog: Catalog, app: App, monkeypatch: pytest.MonkeyPatch, moment: str, method: LinkMethod
) -> None:
    (link,) = link_models(catalog, app, method)
    target = app.path / link.target
    at_moment(monkeypatch, moment, saver(target))
    outcomes = remove_links(catalog, [link])
    monkeypatch.undo()
    assert target.read_text() == TEXT
    assert [path.name for path in target.parent.iterdir()] == [target.name]
    assert catalog.links.links() == []
    if moment == "before the rename":
        assert [why for _, why in outcomes.left] == [Ownership.FOREIGN.value]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_file_that_replaces_a_link_as_it_is_made_anew_stays(
    catalog: Catalog, app: App, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    (link,) = link_models(catalog, app, LinkMethod.RELATIVE_SYMLINK)
    target = app.path / link.target
    at_moment(monkeypatch, moment, saver(target))
    with catalog.exclusive():
        done = repoint(catalog, [replace(link, method=LinkMethod.ABSOLUTE_SYMLINK)])
    monkeypatch.undo()
    assert target.read_text() == TEXT
    assert [one.link_id for one, _ in done.left] == [link.link_id]
    assert [path.name for path in target.parent.iterdir()] == [target.name]


def test_of_two_files_that_come_at_once_both_stay(
    catalog: Catalog, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    (link,) = link_models(catalog, app, LinkMethod.RELATIVE_SYMLINK)
    target = app.path / link.target
    calls = 0

    def busy(source: int, old: str, destination: int, new: str) -> None:
        nonlocal calls
        calls += 1
        if calls <= 2:
            target.with_name("saving").write_text(f"{TEXT} {calls}")
            target.with_name("saving").replace(target)
        rename_noreplace_at(source, old, destination, new)

    monkeypatch.setattr("model_library.io.inside.rename_noreplace_at", busy)
    ((_, why),) = remove_links(catalog, [link]).left
    monkeypatch.undo()
    assert "Two files" in why
    assert target.read_text() == f"{TEXT} 2"
    (note,) = catalog.links.replaced(app.app_id)
    assert (app.path / note.kept).read_text() == f"{TEXT} 1"
    with pytest.raises(LinkConflictError):
        put_back(catalog, app, note)
    target.unlink()
    put_back(catalog, app, note)
    assert target.read_text() == f"{TEXT} 1"
    assert [path.name for path in target.parent.iterdir()] == [target.name]


def interrupted(
    catalog: Catalog, app: App, monkeypatch: pytest.MonkeyPatch, method: LinkMethod, act: Save
) -> Link:
    """A removal that ended after the rename, before which the application did something."""
    (link,) = link_models(catalog, app, method)

    def ends(source: int, old: str, destination: int, new: str) -> None:
        act()
        rename_noreplace_at(source, old, destination, new)
        raise KeyboardInterrupt

    monkeypatch.setattr("model_library.io.inside.rename_noreplace_at", ends)
    with pytest.raises(KeyboardInterrupt):
        remove_links(catalog, [link])
    monkeypatch.undo()
    assert os.path.lexists(app.path / FOLDER / f"{GOING}{link.link_id}")
    return link


@pytest.mark.parametrize("method", list(LinkMethod))
def test_a_removal_that_ended_half_way_is_finished(
    catalog: Catalog, app: App, monkeypatch: pytest.MonkeyPatch, method: LinkMethod
) -> None:
    interrupted(catalog, app, monkeypatch, method, lambda: None)
    settle(catalog, lambda _: None)
    assert not list((app.path / FOLDER).iterdir())
    assert catalog.links.links() == []


@pytest.mark.parametrize("again", [True, False])
def test_a_file_that_was_caught_half_way_gets_its_name_back(
    catalog: Catalog, app: App, monkeypatch: pytest.MonkeyPatch, *, again: bool
) -> None:
    """Or, where the application saved it again meanwhile, a name beside it."""
    (row,) = catalog.index.records()
    target = app.path / FOLDER / f"{row.model_id}.safetensors"
    interrupted(catalog, app, monkeypatch, LinkMethod.RELATIVE_SYMLINK, saver(target))
    if again:
        target.write_text("saved again")
    heard: list[Event] = []
    settle(catalog, heard.append)
    settle(catalog, heard.append)
    assert target.read_text() == ("saved again" if again else TEXT)
    notes = catalog.links.replaced(app.app_id)
    assert [(app.path / note.kept).read_text() for note in notes] == ([TEXT] if again else [])
    assert catalog.links.links() == []
    assert not list((app.path / FOLDER).glob(f"{GOING}*"))
