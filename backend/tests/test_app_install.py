"""A version of an application is fetched whole or not at all, and thrown away so that it can come back."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from model_library import Library
from model_library.app_trash import apps_directory
from model_library.config import Settings
from model_library.errors import (
    AppConflictError,
    InstallError,
    InvalidValueError,
    ModelLibraryError,
    NotAnInstallationError,
    SourceNotFoundError,
)
from model_library.events import Event, Notice, ignore
from model_library.library import Catalog
from model_library.link_registry import App
from model_library.publishing import job
from model_library.samples.comfyui import write_installation
from model_library.version_manager import add_app, install_app, remove_app
from tests.apps import linked
from tests.factory import tree
from tests.io.mounts import TOP
from tests.repositories import comfyui_repository, git


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    opened = Catalog.open(tmp_path / "library", Settings(lock_timeout=1), ignore)
    yield opened
    opened.close()


@pytest.fixture
def comfyui(tmp_path: Path) -> Path:
    return write_installation(tmp_path / "ComfyUI", "0.6.0")


@pytest.fixture
def source(tmp_path: Path) -> str:
    return str(comfyui_repository(tmp_path / "upstream"))


def fetch(catalog: Catalog, version: str, source: str) -> App:
    return install_app(catalog, "comfyui", version, source, listener=ignore).app


def test_versions_are_fetched_side_by_side(catalog: Catalog, source: str) -> None:
    old, new = fetch(catalog, "v0.5.0", source), fetch(catalog, "0.6.0", source)
    apps = apps_directory(catalog)
    assert (old.app_id, old.path) == ("comfyui-0-5-0", apps / "comfyui" / "v0.5.0")
    assert (new.app_id, new.path) == ("comfyui-0-6-0", apps / "comfyui" / "0.6.0")
    assert (old.version, new.version) == ("0.5.0", "0.6.0")
    assert old.installed
    assert list(apps.iterdir()) == [apps / "comfyui"]
    assert not catalog.has_unfinished_work()


@pytest.mark.parametrize("again", ["v0.5.0", "0.5.0"])
def test_a_version_is_fetched_once(catalog: Catalog, source: str, again: str) -> None:
    fetch(catalog, "v0.5.0", source)
    with pytest.raises(AppConflictError, match="comfyui-0-5-0"):
        fetch(catalog, again, source)


@pytest.mark.parametrize(
    ("version", "place", "error"),
    [
        ("v7", None, InstallError),
        ("../../x", None, InvalidValueError),
        ("--upload-pack=x", None, InvalidValueError),
        ("v0.5.0", "ext::sh -c id", InvalidValueError),
        ("v0.5.0", "--config=x", InvalidValueError),
        ("v0.5.0", "/nowhere", SourceNotFoundError),
    ],
)
def test_what_cannot_be_fetched_leaves_nothing(
    catalog: Catalog,
    source: str,
    version: str,
    place: str | None,
    error: type[ModelLibraryError],
) -> None:
    with pytest.raises(error):
        fetch(catalog, version, place or source)
    assert not apps_directory(catalog).exists()
    assert catalog.links.apps() == []
    assert not catalog.has_unfinished_work()


def test_a_tag_that_is_no_installation_leaves_nothing(catalog: Catalog, source: str) -> None:
    git(Path(source), "rm", "--quiet", "main.py")
    git(Path(source), "commit", "--quiet", "--message", "broken")
    git(Path(source), "tag", "v0.7.0")
    with pytest.raises(NotAnInstallationError):
        fetch(catalog, "v0.7.0", source)
    assert not apps_directory(catalog).exists() or not any(apps_directory(catalog).iterdir())


def test_the_tag_is_the_version_of_what_states_none(catalog: Catalog, source: str) -> None:
    git(Path(source), "rm", "--quiet", "comfyui_version.py", "pyproject.toml")
    git(Path(source), "commit", "--quiet", "--message", "without")
    for tag in ("v0.7.0", "nightly-7"):
        git(Path(source), "tag", tag)
    assert fetch(catalog, "v0.7.0", source).version == "0.7.0"


def test_a_clone_that_was_complete_is_not_fetched_again(catalog: Catalog, source: str) -> None:
    """A process may die between the rename that shows it and the row that knows it."""
    write_installation(apps_directory(catalog) / "comfyui" / "v0.5.0", "0.5.0")
    said: list[Event] = []
    app = install_app(catalog, "comfyui", "v0.5.0", source, listener=said.append).app
    assert app.installed
    assert [event.code for event in said if isinstance(event, Notice)] == ["app-there"]


def test_something_else_in_its_place_is_not_taken(catalog: Catalog, source: str) -> None:
    place = apps_directory(catalog) / "comfyui" / "v0.5.0"
    place.mkdir(parents=True)
    (place / "mine.txt").write_text("mine")
    with pytest.raises(NotAnInstallationError):
        fetch(catalog, "v0.5.0", source)
    assert tree(place) == {"mine.txt": b"mine"}


def test_what_a_dead_clone_left_is_cleared_at_the_next_start(catalog: Catalog) -> None:
    with job(catalog, ignore) as work:
        name = work.name
    leftover = apps_directory(catalog) / ".staging" / name / ".git"
    leftover.mkdir(parents=True)
    catalog.lock_path(name).touch()
    with Library.open(catalog.directory):
        assert not leftover.parent.parent.exists()
    assert not catalog.lock_path(name).exists()


SLOW_GIT = """#!/bin/sh
case "$*" in *" clone "*) ;; *) exec {git} "$@" ;; esac
for last; do :; done
mkdir -p "$last/.git"
while kill -0 $PPID 2>/dev/null; do sleep 0.02; done
"""
INSTALL = """
import sys
from tests.test_app_install import *
catalog = Catalog.open(Path(sys.argv[1]), Settings(), ignore)
fetch(catalog, "v0.5.0", sys.argv[2])
"""


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
def test_a_killed_installation_leaves_nothing_after_the_next_start(
    catalog: Catalog, source: str, tmp_path: Path
) -> None:
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text(SLOW_GIT.format(git=shutil.which("git")))
    slow.chmod(0o755)
    installing = subprocess.Popen(
        [sys.executable, "-c", INSTALL, str(catalog.directory), source],
        env=os.environ | {"PYTHONPATH": str(TOP), "PATH": f"{slow.parent}:{os.environ['PATH']}"},
    )
    staging = apps_directory(catalog) / ".staging"
    while not list(staging.glob("*/.git")):
        assert installing.poll() is None
        time.sleep(0.02)
    installing.kill()
    installing.wait()
    with Library.open(catalog.directory):
        assert not staging.exists()
    assert catalog.links.apps() == []
    assert fetch(catalog, "v0.5.0", source).version == "0.5.0"


def test_what_was_still_being_written_then_is_cleared_by_the_next_clone(
    catalog: Catalog, source: str
) -> None:
    staging = apps_directory(catalog) / ".staging"
    (staging / "job-dead").mkdir(parents=True)
    (staging / "job-alive").mkdir()
    catalog.lock_path("job-alive").touch()
    fetch(catalog, "v0.5.0", source)
    assert [path.name for path in staging.iterdir()] == ["job-alive"]


# --- throwing away -------------------------------------------------------------------------------


def test_only_what_we_installed_goes_to_the_trash(
    catalog: Catalog, comfyui: Path, source: str
) -> None:
    app = add_app(catalog, "comfyui", comfyui).app
    with pytest.raises(InvalidValueError, match="not installed by us"):
        remove_app(catalog, app, trash=True)
    assert catalog.links.apps()
    installed = fetch(catalog, "v0.5.0", source)
    linked(catalog, installed)
    before = tree(installed.path)
    done = remove_app(catalog, installed, trash=True)
    assert done.trash is not None
    assert not installed.path.exists()
    del before["models/vae/a.safetensors"]
    assert tree(done.trash) == before
    done.trash.rename(installed.path)
    assert fetch(catalog, "v0.5.0", source).app_id == "comfyui-0-5-0"


def test_the_trash_replaces_nothing(catalog: Catalog, source: str) -> None:
    places = [
        remove_app(catalog, fetch(catalog, "v0.5.0", source), trash=True).trash for _ in range(2)
    ]
    assert [place.name for place in places if place] == ["comfyui-v0.5.0", "comfyui-v0.5.0~2"]


def test_an_installed_application_outside_of_apps_is_no_longer_ours_to_delete(
    catalog: Catalog, source: str, tmp_path: Path
) -> None:
    app = fetch(catalog, "v0.5.0", source)
    app.path.rename(tmp_path / "mine now")
    moved = add_app(catalog, "comfyui", tmp_path / "mine now")
    assert moved.was == app.path
    assert not moved.app.installed
