"""Links are made, proven, removed and settled; nothing that is not ours is ever touched."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from model_library import Library
from model_library.config import Settings
from model_library.errors import AppOfflineError, LinkConflictError, ModelLibraryError
from model_library.events import Event
from model_library.io.inside import Inside, Seen
from model_library.library import Catalog
from model_library.link_registry import App, Link, NewLink
from model_library.linking import (
    APP_TRASH,
    Ownership,
    make_links,
    ownership,
    purge_replaced,
    put_back,
    remove_links,
    replace_with_link,
    settle,
)
from model_library.taxonomy import LinkMethod, LinkState, OnConflict
from tests.factory import lora, tree

TARGET = "models/loras/style.safetensors"


@pytest.fixture
def app(tmp_path: Path) -> App:
    path = tmp_path / "app"
    (path / "models" / "loras").mkdir(parents=True)
    return App("comfyui", "comfyui", path)


@pytest.fixture
def catalog(tmp_path: Path, app: App) -> Iterator[Catalog]:
    """A library with one LoRA, and the application in its registry."""
    source = lora(tmp_path / "in" / "style.safetensors")
    with Library.open(tmp_path / "library") as library:
        library.import_models([source])
    catalog = Catalog.open(tmp_path / "library", Settings(), lambda _: None)
    catalog.links.put_app(app)
    yield catalog
    catalog.close()


def wanted(catalog: Catalog, app: App, method: LinkMethod = LinkMethod.RELATIVE_SYMLINK) -> NewLink:
    (row,) = catalog.index.records()
    return NewLink(
        app.app_id,
        row.model_id,
        "style.safetensors",
        row.root_id,
        f"{row.location}/style.safetensors",
        TARGET,
        method,
        False,
    )


def made(catalog: Catalog, app: App, method: LinkMethod = LinkMethod.RELATIVE_SYMLINK) -> Link:
    outcomes = make_links(catalog, app, [wanted(catalog, app, method)])
    assert not outcomes.failed
    (link,) = catalog.links.links(app.app_id)
    assert link.state is LinkState.MADE
    return link


def owner(catalog: Catalog, app: App, link: Link) -> Ownership:
    with Inside.open(app.path) as inside:
        return ownership(catalog, inside, link)


def seen(app: App) -> Seen:
    with Inside.open(app.path) as inside:
        found = inside.look(TARGET)
    assert found is not None
    return found


def source_of(catalog: Catalog) -> Path:
    (row,) = catalog.index.records()
    return catalog.roots.home.path / row.location / "style.safetensors"


@pytest.mark.parametrize("method", list(LinkMethod))
def test_a_link_leads_to_the_model_and_goes_again(
    catalog: Catalog, app: App, method: LinkMethod
) -> None:
    link = made(catalog, app, method)
    target, source = app.path / TARGET, source_of(catalog)
    assert target.samefile(source)
    text = str(target.readlink()) if target.is_symlink() else None
    assert text == link.link_text
    assert (text is None or text.startswith("..")) == (method is not LinkMethod.ABSOLUTE_SYMLINK)
    assert owner(catalog, app, link) is Ownership.OURS
    assert remove_links(catalog, [link]).removed == [link]
    assert not os.path.lexists(target)
    assert source.is_file()
    assert catalog.links.links() == []


def test_what_has_the_name_of_a_link_is_never_touched(catalog: Catalog, app: App) -> None:
    (app.path / TARGET).write_text("the user's")
    outcomes = make_links(catalog, app, [wanted(catalog, app)])
    assert [failure.error.code for failure in outcomes.failed] == ["target-exists"]
    assert (app.path / TARGET).read_text() == "the user's"
    assert catalog.links.links() == []


@pytest.mark.parametrize("method", list(LinkMethod))
@pytest.mark.parametrize("by", ["file", "link", "directory"])
def test_a_link_that_somebody_replaced_is_left_and_forgotten(
    catalog: Catalog, app: App, method: LinkMethod, by: str
) -> None:
    link = made(catalog, app, method)
    target = app.path / TARGET
    target.unlink()
    if by == "file":
        target.write_text("the user's")
    elif by == "link":
        target.symlink_to("elsewhere")
    else:
        target.mkdir()
    assert owner(catalog, app, link) is Ownership.FOREIGN
    outcomes = remove_links(catalog, [link])
    assert (outcomes.removed, [why for _, why in outcomes.left]) == ([], [Ownership.FOREIGN.value])
    assert os.path.lexists(target)
    assert catalog.links.links() == []


@pytest.mark.parametrize("method", [LinkMethod.RELATIVE_SYMLINK, LinkMethod.ABSOLUTE_SYMLINK])
def test_a_symlink_whose_source_is_gone_is_broken_and_still_ours(
    catalog: Catalog, app: App, method: LinkMethod
) -> None:
    link = made(catalog, app, method)
    source_of(catalog).unlink()
    assert owner(catalog, app, link) is Ownership.BROKEN
    assert remove_links(catalog, [link]).removed == [link]


def test_a_hard_link_that_is_the_last_name_of_its_bytes_stays(catalog: Catalog, app: App) -> None:
    link = made(catalog, app, LinkMethod.HARD_LINK)
    content = source_of(catalog).read_bytes()
    source_of(catalog).unlink()
    assert owner(catalog, app, link) is Ownership.ONLY_COPY
    outcomes = remove_links(catalog, [link])
    assert [why for _, why in outcomes.left] == [Ownership.ONLY_COPY.value]
    assert (app.path / TARGET).read_bytes() == content


def test_a_link_that_is_gone_is_forgotten(catalog: Catalog, app: App) -> None:
    link = made(catalog, app)
    (app.path / TARGET).unlink()
    assert owner(catalog, app, link) is Ownership.GONE
    assert remove_links(catalog, [link]).removed == [link]
    assert catalog.links.links() == []


def test_links_of_an_application_that_is_away_are_kept(catalog: Catalog, app: App) -> None:
    link = made(catalog, app)
    app.path.rename(app.path.with_name("away"))
    outcomes = remove_links(catalog, [link])
    assert [left for left, _ in outcomes.left] == [link]
    assert catalog.links.links() == [link]
    with pytest.raises(AppOfflineError):
        make_links(catalog, app, [wanted(catalog, app)])


def test_an_empty_mount_point_is_not_the_application(catalog: Catalog, app: App) -> None:
    app.path.rename(app.path.with_name("unmounted"))
    app.path.mkdir()
    with pytest.raises(AppOfflineError):
        make_links(catalog, app, [wanted(catalog, app)])
    assert not list(app.path.iterdir())


def test_a_directory_replaced_by_a_symlink_is_not_followed(
    catalog: Catalog, app: App, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (app.path / "models" / "loras").rmdir()
    (app.path / "models" / "loras").symlink_to(outside)
    outcomes = make_links(catalog, app, [wanted(catalog, app)])
    assert [failure.error.code for failure in outcomes.failed] == ["target-replaced"]
    assert not list(outside.iterdir())


def test_a_link_behind_a_directory_that_became_a_symlink_is_kept(
    catalog: Catalog, app: App, tmp_path: Path
) -> None:
    link = made(catalog, app)
    outside = tmp_path / "outside"
    (app.path / "models" / "loras").rename(outside)
    (app.path / "models" / "loras").symlink_to(outside)
    outcomes = remove_links(catalog, [link])
    assert [left for left, _ in outcomes.left] == [link]
    assert catalog.links.links() == [link]
    assert os.path.lexists(outside / "style.safetensors")


def test_a_folder_made_for_one_model_goes_with_its_links(catalog: Catalog, app: App) -> None:
    new = wanted(catalog, app)
    folder = Path(new.source).parent.name
    make_links(catalog, app, [replace(new, target=f"models/loras/{folder}/style.safetensors")])
    assert (app.path / "models" / "loras" / folder / "style.safetensors").is_file()
    remove_links(catalog, catalog.links.links())
    assert not list((app.path / "models" / "loras").iterdir())


# --- what gives way ------------------------------------------------------------------------------


def test_an_existing_file_is_renamed_and_never_over_another(catalog: Catalog, app: App) -> None:
    target = app.path / TARGET
    target.write_text("the user's")
    target.with_name(f"{target.name}.old").write_text("older")
    replace_with_link(catalog, app, wanted(catalog, app), seen(app), OnConflict.RENAME)
    assert target.samefile(source_of(catalog))
    assert target.with_name(f"{target.name}.old").read_text() == "older"
    assert target.with_name(f"{target.name}.old2").read_text() == "the user's"
    with pytest.raises(LinkConflictError):
        purge_replaced(catalog, app, catalog.links.replaced(app.app_id)[0])


def test_an_overwritten_file_is_kept_and_can_be_put_back(catalog: Catalog, app: App) -> None:
    target = app.path / TARGET
    target.write_text("the user's")
    before = tree(app.path)
    replace_with_link(catalog, app, wanted(catalog, app), seen(app), OnConflict.OVERWRITE)
    assert target.samefile(source_of(catalog))
    (replaced,) = catalog.links.replaced(app.app_id)
    assert (app.path / replaced.kept).read_text() == "the user's"
    put_back(catalog, app, replaced)
    assert tree(app.path) == before
    assert not (app.path / APP_TRASH).exists()
    assert (catalog.links.links(), catalog.links.replaced(app.app_id)) == ([], [])


def test_what_was_overwritten_twice_is_kept_twice(catalog: Catalog, app: App) -> None:
    target = app.path / TARGET
    for text in ("first", "second"):
        target.write_text(text)
        link = replace_with_link(
            catalog, app, wanted(catalog, app), seen(app), OnConflict.OVERWRITE
        )
        remove_links(catalog, catalog.links.links())
        assert link.target == TARGET
    kept = [(app.path / one.kept).read_text() for one in catalog.links.replaced(app.app_id)]
    assert kept == ["first", "second"]


def test_the_same_content_is_adopted_and_purged(catalog: Catalog, app: App) -> None:
    shutil.copy(source_of(catalog), app.path / TARGET)
    replace_with_link(catalog, app, wanted(catalog, app), seen(app), OnConflict.ADOPT)
    (replaced,) = catalog.links.replaced(app.app_id)
    assert replaced.sha256 is not None
    assert purge_replaced(catalog, app, replaced) == source_of(catalog).stat().st_size
    assert not (app.path / APP_TRASH).exists()
    assert (app.path / TARGET).samefile(source_of(catalog))


def test_an_adopted_file_is_not_purged_when_the_model_is_gone(catalog: Catalog, app: App) -> None:
    shutil.copy(source_of(catalog), app.path / TARGET)
    replace_with_link(catalog, app, wanted(catalog, app), seen(app), OnConflict.ADOPT)
    source_of(catalog).unlink()
    (replaced,) = catalog.links.replaced(app.app_id)
    with pytest.raises(LinkConflictError):
        purge_replaced(catalog, app, replaced)
    assert (app.path / replaced.kept).is_file()


@pytest.mark.parametrize("same_size", [True, False])
def test_other_content_is_never_adopted(catalog: Catalog, app: App, *, same_size: bool) -> None:
    content = bytearray(source_of(catalog).read_bytes())
    content[-1] ^= 1
    (app.path / TARGET).write_bytes(content if same_size else b"short")
    before = tree(app.path)
    with pytest.raises(LinkConflictError):
        replace_with_link(catalog, app, wanted(catalog, app), seen(app), OnConflict.ADOPT)
    assert tree(app.path) == before
    assert (catalog.links.links(), catalog.links.replaced(app.app_id)) == ([], [])


@pytest.mark.parametrize("choice", [OnConflict.RENAME, OnConflict.OVERWRITE, OnConflict.ADOPT])
def test_what_changed_since_the_preview_is_left(
    catalog: Catalog, app: App, choice: OnConflict
) -> None:
    shutil.copy(source_of(catalog), app.path / TARGET)
    before = seen(app)
    (app.path / TARGET).write_text("changed")
    with pytest.raises(LinkConflictError):
        replace_with_link(catalog, app, wanted(catalog, app), before, choice)
    assert (app.path / TARGET).read_text() == "changed"
    assert not (app.path / APP_TRASH).exists()


def test_skipping_replaces_nothing(catalog: Catalog, app: App) -> None:
    (app.path / TARGET).write_text("the user's")
    with pytest.raises(LinkConflictError):
        replace_with_link(catalog, app, wanted(catalog, app), seen(app), OnConflict.SKIP)


def test_a_link_that_cannot_be_made_gives_the_name_back(catalog: Catalog, app: App) -> None:
    (app.path / TARGET).write_text("the user's")
    new = replace(wanted(catalog, app, LinkMethod.HARD_LINK), source="nothing/there")
    with pytest.raises(ModelLibraryError):
        replace_with_link(catalog, app, new, seen(app), OnConflict.OVERWRITE)
    assert (app.path / TARGET).read_text() == "the user's"
    assert (catalog.links.links(), catalog.links.replaced(app.app_id)) == ([], [])


def test_a_file_is_not_put_back_over_something_else(catalog: Catalog, app: App) -> None:
    (app.path / TARGET).write_text("the user's")
    replace_with_link(catalog, app, wanted(catalog, app), seen(app), OnConflict.OVERWRITE)
    (app.path / TARGET).unlink()
    (app.path / TARGET).write_text("newer")
    (replaced,) = catalog.links.replaced(app.app_id)
    with pytest.raises(LinkConflictError):
        put_back(catalog, app, replaced)
    assert (app.path / TARGET).read_text() == "newer"
    assert (app.path / replaced.kept).read_text() == "the user's"


# --- after a crash -------------------------------------------------------------------------------


@pytest.mark.parametrize("method", list(LinkMethod))
@pytest.mark.parametrize("was_made", [True, False])
def test_a_registered_link_is_finished_or_undone(
    catalog: Catalog, app: App, method: LinkMethod, *, was_made: bool
) -> None:
    heard: list[Event] = []
    new = wanted(catalog, app, method)
    if was_made:
        link = made(catalog, app, method)
        catalog.links.forget([link.link_id])
    catalog.links.begin_making([new])
    settle(catalog, heard.append)
    states = [link.state for link in catalog.links.links()]
    assert states == ([LinkState.MADE] if was_made else [])
    assert os.path.lexists(app.path / TARGET) == was_made
    assert not catalog.links.has_unsettled()
    assert len(heard) == 1


def test_what_somebody_put_in_the_place_of_a_pending_link_is_not_ours(
    catalog: Catalog, app: App
) -> None:
    catalog.links.begin_making([wanted(catalog, app)])
    (app.path / TARGET).symlink_to("elsewhere")
    settle(catalog, lambda _: None)
    assert str((app.path / TARGET).readlink()) == "elsewhere"
    assert catalog.links.links() == []


@pytest.mark.parametrize("is_there", [True, False])
def test_a_begun_removal_is_finished(catalog: Catalog, app: App, *, is_there: bool) -> None:
    link = made(catalog, app)
    catalog.links.begin_removing([link.link_id])
    if not is_there:
        (app.path / TARGET).unlink()
    settle(catalog, lambda _: None)
    assert not os.path.lexists(app.path / TARGET)
    assert catalog.links.links() == []


@pytest.mark.parametrize("was_renamed", [True, False])
def test_a_file_that_gave_way_to_no_link_returns(
    catalog: Catalog, app: App, *, was_renamed: bool
) -> None:
    target, kept = app.path / TARGET, f"{APP_TRASH}/2026-01-01/{TARGET}"
    target.write_text("the user's")
    catalog.links.begin_making([wanted(catalog, app)])
    catalog.links.note_replaced(app.app_id, TARGET, kept, "overwrite", 10, None)
    if was_renamed:
        (app.path / kept).parent.mkdir(parents=True)
        target.rename(app.path / kept)
    settle(catalog, lambda _: None)
    assert target.read_text() == "the user's"
    assert (catalog.links.links(), catalog.links.replaced(app.app_id)) == ([], [])


def test_an_application_that_is_away_waits(catalog: Catalog, app: App) -> None:
    catalog.links.begin_making([wanted(catalog, app)])
    app.path.rename(app.path.with_name("away"))
    settle(catalog, lambda _: None)
    assert catalog.links.has_unsettled()
