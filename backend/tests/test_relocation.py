"""A root is somewhere else: one step makes every stored path and every link of ours right again."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from model_library import Library
from model_library.errors import RootConflictError, RootNotFoundError
from model_library.events import Event, Notice
from model_library.link_registry import App
from model_library.samples.comfyui import write_installation
from model_library.taxonomy import LinkMethod, Placement, RootMode
from tests.factory import lora, tree
from tests.linked import FOLDER, add_drive, app_at, catalog_at, import_loras, leads, link_models


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.fixture
def drive(home: Path, tmp_path: Path) -> Path:
    """A root with three models beside the library, which has one of its own."""
    path = tmp_path / "mnt" / "drive"
    with Library.open(home) as library:
        root = add_drive(library, path)
        import_loras(library, tmp_path / "in", range(3), root["root_id"])
        import_loras(library, tmp_path / "in", range(3, 4))
    return path


def linked(home: Path, app: App, method: LinkMethod) -> None:
    with catalog_at(home) as catalog:
        link_models(catalog, app, method)
    assert leads(app) == dict.fromkeys(leads(app), True)


def texts_in(app: App) -> dict[str, Path]:
    return {path.name: path.readlink() for path in (app.path / FOLDER).iterdir()}


def moved_away(drive: Path, tmp_path: Path) -> Path:
    """The drive at a place where nobody would look for it."""
    new = tmp_path / "somewhere" / "quite" / "else"
    new.parent.mkdir(parents=True)
    drive.rename(new)
    return new


@pytest.mark.parametrize("method", [LinkMethod.ABSOLUTE_SYMLINK, LinkMethod.RELATIVE_SYMLINK])
def test_the_links_into_a_root_follow_it(
    home: Path, drive: Path, tmp_path: Path, method: LinkMethod
) -> None:
    app = app_at(tmp_path / "app")
    linked(home, app, method)
    new = moved_away(drive, tmp_path)
    assert sum(leads(app).values()) == 1
    with Library.open(home) as library:
        planned = library.relocate_root(str(drive), new, dry_run=True)
        assert sum(leads(app).values()) == 1
        assert (planned["models"], len(planned["rewritten"]), planned["left"]) == (3, 3, [])
        done = library.relocate_root(str(drive), new)
        changing = {"dry_run": False, "free": done["free"]}
        assert done == {**planned, **changing}
        assert (done["old_path"], done["path"], done["online"]) == (str(drive), str(new), True)
        assert library.status()["states"] == {"online": 4}
    assert leads(app) == dict.fromkeys(leads(app), True)
    for rewritten in done["rewritten"]:
        assert str(drive) in rewritten["old_text"] or not rewritten["old_text"].startswith("/")
        assert str(Path(rewritten["path"]).readlink()) == rewritten["new_text"]
    with catalog_at(home) as catalog:
        for link in catalog.links.links():
            status = (app.path / link.target).lstat()
            assert str((app.path / link.target).readlink()) == link.link_text
            assert (status.st_dev, status.st_ino) == (link.device, link.inode)
        assert catalog.registry.unfinished() == []


def test_relative_links_that_moved_along_stay(home: Path, drive: Path, tmp_path: Path) -> None:
    app = app_at(drive.parent / "app")
    linked(home, app, LinkMethod.RELATIVE_SYMLINK)
    texts = texts_in(app)
    moved = tmp_path / "other"
    drive.parent.rename(moved)
    there = App(app.app_id, app.kind, moved / "app")
    with catalog_at(home) as catalog:
        catalog.links.put_app(there)
    with Library.open(home) as library:
        done = library.relocate_root(str(drive), moved / "drive")
    assert done["rewritten"] == []
    assert texts_in(there) == texts


def test_what_is_not_ours_any_more_stays_and_is_named(
    home: Path, drive: Path, tmp_path: Path
) -> None:
    app = app_at(tmp_path / "app")
    linked(home, app, LinkMethod.ABSOLUTE_SYMLINK)
    first, second, third = sorted(
        path for path in (app.path / FOLDER).iterdir() if path.readlink().is_relative_to(drive)
    )
    first.unlink()
    first.write_text("the user's own")
    second.unlink()
    second.symlink_to(third.name)
    third.unlink()
    new = moved_away(drive, tmp_path)
    before = {path.name: path.lstat().st_ino for path in (app.path / FOLDER).iterdir()}
    with Library.open(home) as library:
        done = library.relocate_root(str(drive), new)
    assert done["rewritten"] == []
    assert {left["path"]: left["reason"] for left in done["left"]} == {
        str(first): "something else is there",
        str(second): "something else is there",
        str(third): "nothing is there",
    }
    assert first.read_text() == "the user's own"
    assert {path.name: path.lstat().st_ino for path in (app.path / FOLDER).iterdir()} == before


def test_the_links_of_an_application_that_is_away_are_named(
    home: Path, drive: Path, tmp_path: Path
) -> None:
    app = app_at(tmp_path / "app")
    linked(home, app, LinkMethod.ABSOLUTE_SYMLINK)
    shutil.move(app.path, tmp_path / "taken away")
    new = moved_away(drive, tmp_path)
    with Library.open(home) as library:
        done = library.relocate_root(str(drive), new)
    assert {left["reason"] for left in done["left"]} == {"The directory of comfyui is not there"}
    assert len(done["left"]) == 3


def test_a_copied_drive_takes_its_links_along(home: Path, drive: Path, tmp_path: Path) -> None:
    """The links still work, through the old drive: they are to say the new one all the same."""
    app = app_at(tmp_path / "app")
    linked(home, app, LinkMethod.ABSOLUTE_SYMLINK)
    shutil.copytree(drive, tmp_path / "bigger")
    before = tree(drive)
    with Library.open(home) as library:
        assert len(library.relocate_root(str(drive), tmp_path / "bigger")["rewritten"]) == 3
    places = [(app.path / FOLDER / name).resolve() for name in texts_in(app)]
    assert sum(place.is_relative_to(tmp_path / "bigger") for place in places) == 3
    assert tree(drive) == before


def test_an_old_copy_of_a_drive_gets_no_links_that_would_lead_nowhere(
    home: Path, drive: Path, tmp_path: Path
) -> None:
    app = app_at(tmp_path / "app")
    linked(home, app, LinkMethod.ABSOLUTE_SYMLINK)
    with catalog_at(home) as catalog:
        own = catalog.roots.home.root_id
        links = [link for link in catalog.links.links() if link.root_id != own]
    copied = tmp_path / "copied"
    shutil.copytree(drive, copied)
    (copied / links[0].source).unlink()
    with Library.open(home) as library:
        planned = library.relocate_root(str(drive), copied, dry_run=True)
        done = library.relocate_root(str(drive), copied)
    assert (planned["absent"], done["absent"]) == (1, 1)
    assert planned["left"] == done["left"]
    (left,) = done["left"]
    assert left["path"] == str(app.path / links[0].target)
    assert "it works" in left["reason"]
    assert len(done["rewritten"]) == len(links) - 1
    assert set(leads(app).values()) == {True}
    assert (app.path / links[0].target).resolve().is_relative_to(drive)


def test_hard_links_stay(home: Path, drive: Path, tmp_path: Path) -> None:
    app = app_at(tmp_path / "app")
    linked(home, app, LinkMethod.HARD_LINK)
    new = moved_away(drive, tmp_path)
    with Library.open(home) as library:
        done = library.relocate_root(str(drive), new)
    assert (done["rewritten"], done["left"]) == ([], [])
    assert leads(app) == dict.fromkeys(leads(app), True)


def test_a_root_found_at_its_new_place_is_still_known_by_the_old_one(
    home: Path, drive: Path, tmp_path: Path
) -> None:
    app = app_at(tmp_path / "app")
    linked(home, app, LinkMethod.ABSOLUTE_SYMLINK)
    with Library.open(home):
        pass
    new = drive.parent.parent / drive.name  # an ending of its path, where it is looked for
    drive.rename(new)
    with Library.open(home) as library:
        assert all(root["online"] for root in library.roots())
        library.relocate_root(str(drive), new)
    assert leads(app) == dict.fromkeys(leads(app), True)


def test_an_unknown_root_is_named_before_anything_else(home: Path, tmp_path: Path) -> None:
    with Library.open(home) as library:
        library.app_add("comfyui", write_installation(tmp_path / "ComfyUI"))
        for place in (tmp_path / "nowhere", tmp_path / "ComfyUI"):
            with pytest.raises(RootNotFoundError, match="bla"):
                library.relocate_root("bla", place)


def test_a_wrong_place_changes_nothing(home: Path, drive: Path, tmp_path: Path) -> None:
    app = app_at(tmp_path / "app")
    linked(home, app, LinkMethod.ABSOLUTE_SYMLINK)
    other = tmp_path / "other"
    other.mkdir()
    texts = texts_in(app)
    with Library.open(home) as library:
        (root,) = [root for root in library.roots() if not root["home"]]
        wrong: list[tuple[str, Path, type[Exception]]] = [
            (root["root_id"], other, RootConflictError),
            (root["root_id"], tmp_path / "missing", RootConflictError),
            (root["root_id"], home, RootConflictError),
            (root["root_id"], home / "models", RootConflictError),
            (library.roots()[0]["root_id"], other, RootConflictError),
            ("no such root", drive, RootNotFoundError),
            (str(other), drive, RootNotFoundError),
        ]
        for old, new, error in wrong:
            for dry_run in (True, False):
                with pytest.raises(error):
                    library.relocate_root(old, new, dry_run=dry_run)
        assert [one["path"] for one in library.roots()][1] == str(drive)
    assert texts_in(app) == texts


def test_a_root_without_marker_is_believed_by_its_files(home: Path, tmp_path: Path) -> None:
    old, new, other = tmp_path / "a" / "old", tmp_path / "b" / "new", tmp_path / "other"
    lora(old / "style.safetensors")
    with Library.open(home) as library:
        root = library.add_root(old, mode=RootMode.REFERENCED, marker=False)
        library.import_models([old], place=Placement.REFERENCE)
        assert library.list()["total"] == 1
        new.parent.mkdir()
        old.rename(new)
        other.mkdir()
        lora(other / "another.safetensors", seed=9)
        with pytest.raises(RootConflictError, match="none of the files"):
            library.relocate_root(root["root_id"], other)
        assert library.relocate_root(root["root_id"], new)["models"] == 1
        assert library.status()["states"] == {"online": 1}


KILLED = """
import os, signal, sys
from model_library import Library

home, old, new, kill_at = sys.argv[1:]
left = int(kill_at)

def hook(event, arguments):
    global left
    if event in ("os.symlink", "os.remove"):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

with Library.open(home) as library:
    sys.addaudithook(hook)
    library.relocate_root(old, new)
"""


@pytest.mark.parametrize("kill_at", range(1, 7))
def test_a_killed_relocation_is_finished_at_the_next_start(
    home: Path, drive: Path, tmp_path: Path, kill_at: int
) -> None:
    app = app_at(tmp_path / "app")
    linked(home, app, LinkMethod.ABSOLUTE_SYMLINK)
    new = moved_away(drive, tmp_path)
    arguments = [str(home), str(drive), str(new), str(kill_at)]
    killed = subprocess.run([sys.executable, "-c", KILLED, *arguments], check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert not all(leads(app).values()) or len(leads(app)) < 4
    said: list[Event] = []
    with Library.open(home, listener=said.append) as library:
        assert library.status()["states"] == {"online": 4}
        assert library.status()["unfinished"] == 0
    assert [event.code for event in said if isinstance(event, Notice)] == ["finished"]
    assert list(leads(app).values()) == [True] * 4


def test_a_killed_relocation_to_a_place_that_is_gone_again_is_given_up(
    home: Path, drive: Path, tmp_path: Path
) -> None:
    app = app_at(tmp_path / "app")
    linked(home, app, LinkMethod.ABSOLUTE_SYMLINK)
    new = moved_away(drive, tmp_path)
    arguments = [str(home), str(drive), str(new), "4"]
    subprocess.run([sys.executable, "-c", KILLED, *arguments], check=False, timeout=60)
    drive.parent.mkdir(exist_ok=True)
    new.rename(drive)
    said: list[Event] = []
    with Library.open(home, listener=said.append) as library:
        assert library.status()["unfinished"] == 0
        (root,) = [root for root in library.roots() if not root["home"]]
        library.relocate_root(root["root_id"], drive)
    codes = [event.code for event in said if isinstance(event, Notice)]
    assert codes == ["root-conflict", "finished"]
    assert list(leads(app).values()) == [True] * 4
