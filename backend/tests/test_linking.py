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
from model_library.giving_way import APP_TRASH, purge_replaced, put_back, replace_with_link
from model_library.io.inside import Inside, Seen
from model_library.library import Catalog
from model_library.link_registry import App, Link, NewLink
from model_library.linking import Ownership, make_links, ownership
from model_library.samples.comfyui import write_installation
from model_library.settling import settle
from model_library.taxonomy import LinkMethod, LinkState, OnConflict
from model_library.unlinking import remove_links
from tests.factory import lora, tree
from tests.linked import app_at

TARGET = "models/loras/style.safetensors"


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App("comfyui", "comfyui", app_at(tmp_path / "app").path)


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


def test_of_many_links_each_tells_what_became_of_itself(catalog: Catalog, app: App) -> None:
    new, folders = wanted(catalog, app), ("models/loras", "models/vae", "models/new/deeper")
    targets = [f"{folders[number % 3]}/{number}.safetensors" for number in range(300)]
    (app.path / "models" / "vae").symlink_to(app.path / "models" / "loras")
    (app.path / targets[30]).write_text("the user's")
    outcomes = make_links(catalog, app, [replace(new, target=target) for target in targets])
    good = {one for one in targets if not one.startswith("models/vae/")} - {targets[30]}
    assert {link.target for link in outcomes.made} == good
    assert all((app.path / one).samefile(source_of(catalog)) for one in good)
    codes = {failure.target: failure.error.code for failure in outcomes.failed}
    assert codes.pop(targets[30]) == "target-exists"
    assert codes == {one: "target-replaced" for one in targets if one.startswith("models/vae/")}
    known = catalog.links.links(app.app_id)
    assert [link.target for link in known] == [one for one in targets if one in good]
    assert {link.state for link in known} == {LinkState.MADE}
    assert len(list((app.path / "models" / "loras").iterdir())) == 100


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


def test_what_changed_where_it_is_kept_is_never_purged(catalog: Catalog, app: App) -> None:
    """A program that had the adopted file open goes on writing into it."""
    shutil.copy(source_of(catalog), app.path / TARGET)
    with (app.path / TARGET).open("ab") as training:
        replace_with_link(catalog, app, wanted(catalog, app), seen(app), OnConflict.ADOPT)
        training.write(b"newer weights")
    (replaced,) = catalog.links.replaced(app.app_id)
    with pytest.raises(LinkConflictError):
        purge_replaced(catalog, app, replaced)
    assert (app.path / replaced.kept).read_bytes().endswith(b"newer weights")


def test_another_file_where_one_was_kept_is_never_purged(catalog: Catalog, app: App) -> None:
    (app.path / TARGET).write_text("overwritten")
    replace_with_link(catalog, app, wanted(catalog, app), seen(app), OnConflict.OVERWRITE)
    (replaced,) = catalog.links.replaced(app.app_id)
    (app.path / replaced.kept).unlink()
    (app.path / replaced.kept).write_text("overwritteN")
    with pytest.raises(LinkConflictError):
        purge_replaced(catalog, app, replaced)
    assert (app.path / replaced.kept).read_text() == "overwritteN"


def test_a_directory_that_gave_way_is_the_users_to_delete(catalog: Catalog, app: App) -> None:
    (app.path / TARGET).mkdir()
    replace_with_link(catalog, app, wanted(catalog, app), seen(app), OnConflict.OVERWRITE)
    (replaced,) = catalog.links.replaced(app.app_id)
    with pytest.raises(LinkConflictError):
        purge_replaced(catalog, app, replaced)
    assert (app.path / replaced.kept).is_dir()


@pytest.mark.parametrize("choice", [OnConflict.RENAME, OnConflict.OVERWRITE, OnConflict.ADOPT])
def test_the_librarys_own_file_never_gives_way_to_a_link_to_itself(
    catalog: Catalog, app: App, choice: OnConflict
) -> None:
    """A referenced root whose files are links into the application."""
    source = source_of(catalog)
    source.rename(app.path / TARGET)
    source.symlink_to(app.path / TARGET)
    before = tree(app.path)
    with pytest.raises(LinkConflictError):
        replace_with_link(catalog, app, wanted(catalog, app), seen(app), choice)
    assert tree(app.path) == before


def test_a_pipe_in_the_place_of_a_model_keeps_nobody_waiting(catalog: Catalog, app: App) -> None:
    shutil.copy(source_of(catalog), app.path / TARGET)
    found = seen(app)
    source_of(catalog).unlink()
    os.mkfifo(source_of(catalog))
    with pytest.raises(LinkConflictError):
        replace_with_link(catalog, app, wanted(catalog, app), found, OnConflict.ADOPT)


def test_a_file_that_is_not_kept_any_more_costs_no_link(catalog: Catalog, app: App) -> None:
    (app.path / TARGET).write_text("the user's")
    replace_with_link(catalog, app, wanted(catalog, app), seen(app), OnConflict.OVERWRITE)
    (replaced,) = catalog.links.replaced(app.app_id)
    shutil.rmtree(app.path / APP_TRASH)
    with pytest.raises(LinkConflictError):
        put_back(catalog, app, replaced)
    assert (app.path / TARGET).samefile(source_of(catalog))
    assert len(catalog.links.links()) == 1


def test_a_directory_of_the_application_stays_whatever_it_is_called(
    catalog: Catalog, app: App
) -> None:
    """The files of a referenced root lie in a folder of the same name."""
    source = source_of(catalog)
    loras = source.parent.with_name("loras")
    source.parent.rename(loras)
    new = wanted(catalog, app)
    there = loras.relative_to(catalog.roots.home.path).as_posix()
    make_links(catalog, app, [replace(new, source=f"{there}/style.safetensors")])
    remove_links(catalog, catalog.links.links())
    assert (app.path / "models" / "loras").is_dir()


def test_links_that_lead_into_the_original_of_a_copied_library_are_left(
    catalog: Catalog, app: App, tmp_path: Path
) -> None:
    link = made(catalog, app, LinkMethod.ABSOLUTE_SYMLINK)
    shutil.copytree(tmp_path / "library", tmp_path / "copy")
    with Library.open(tmp_path / "copy") as copy:
        copy.delete("style", purge=True)
    assert (app.path / TARGET).samefile(source_of(catalog))
    assert owner(catalog, app, link) is Ownership.OURS


def test_another_directory_at_the_mount_point_is_not_the_application(
    catalog: Catalog, app: App
) -> None:
    known = replace(app, inode=app.path.stat().st_ino)
    catalog.links.put_app(known)
    link = made(catalog, known)
    app.path.rename(app.path.with_name("unmounted"))
    app.path.mkdir()
    (app.path / "kept-for-mounting").touch()
    with pytest.raises(AppOfflineError):
        make_links(catalog, known, [wanted(catalog, app)])
    assert [left for left, _ in remove_links(catalog, [link]).left] == [link]
    assert [path.name for path in app.path.iterdir()] == ["kept-for-mounting"]


def test_an_installation_that_was_made_anew_is_the_application(catalog: Catalog, app: App) -> None:
    known = replace(app, inode=app.path.stat().st_ino)
    app.path.rename(app.path.with_name("before"))
    write_installation(app.path)
    assert not make_links(catalog, known, [wanted(catalog, app)]).failed


def test_a_directory_of_the_library_mounted_into_the_application_gets_no_links(
    catalog: Catalog, app: App
) -> None:
    """As containers do; here the root says that it is where the application's directory is."""
    root = catalog.roots.home
    new = wanted(catalog, app)
    for name in ("main.py", "folder_paths.py", "comfyui_version.py"):
        (root.path.parent / name).touch()
    inside_it = App("inside", "comfyui", root.path.parent)
    catalog.links.put_app(inside_it)
    target = f"{root.path.name}/style.safetensors"
    outcomes = make_links(catalog, inside_it, [replace(new, app_id="inside", target=target)])
    assert [failure.error.code for failure in outcomes.failed] == ["target-replaced"]
    assert not os.path.lexists(root.path / "style.safetensors")


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
    (link,) = catalog.links.begin_making([wanted(catalog, app)])
    catalog.links.note_replaced(app.app_id, TARGET, kept, "overwrite", 10, None, 1, 1, link.link_id)
    if was_renamed:
        (app.path / kept).parent.mkdir(parents=True)
        target.rename(app.path / kept)
    settle(catalog, lambda _: None)
    assert target.read_text() == "the user's"
    assert (catalog.links.links(), catalog.links.replaced(app.app_id)) == ([], [])


def test_settling_can_be_interrupted_too(catalog: Catalog, app: App) -> None:
    """The row of the link is the last to go: while it is there the file is still owed to the user."""
    target, kept = app.path / TARGET, f"{APP_TRASH}/2026-01-01/{TARGET}"
    (link,) = catalog.links.begin_making([wanted(catalog, app)])
    catalog.links.note_replaced(app.app_id, TARGET, kept, "overwrite", 10, None, 1, 1, link.link_id)
    (app.path / kept).parent.mkdir(parents=True)
    (app.path / kept).write_text("the user's")
    loras, away = target.parent, app.path / "away"
    loras.rename(away)
    loras.symlink_to(away)  # nothing can be put there now
    heard: list[Event] = []
    settle(catalog, heard.append)
    assert catalog.links.has_unsettled()
    assert [getattr(event, "code", "") for event in heard] == ["target-replaced"]
    loras.unlink()
    away.rename(loras)
    settle(catalog, heard.append)
    assert target.read_text() == "the user's"
    assert not catalog.links.has_unsettled()


def test_an_application_that_is_away_waits(catalog: Catalog, app: App) -> None:
    catalog.links.begin_making([wanted(catalog, app)])
    app.path.rename(app.path.with_name("away"))
    settle(catalog, lambda _: None)
    assert catalog.links.has_unsettled()
