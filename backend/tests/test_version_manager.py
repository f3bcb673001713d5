"""Applications are known by their files, added without being touched, fetched whole and removed cleanly."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from model_library.config import Settings
from model_library.errors import (
    AppConflictError,
    InvalidValueError,
    LinkError,
    ModelLibraryError,
    NotAnInstallationError,
    ProfileError,
    SourceUnreadableError,
    TargetReadOnlyError,
)
from model_library.events import ignore
from model_library.library import Catalog
from model_library.samples.comfyui import write_installation
from model_library.taxonomy import RootMode
from model_library.version_manager import (
    add_app,
    prepare_app,
    refreshed_app,
    relocate_app,
    remove_app,
)
from tests.apps import linked
from tests.factory import tree
from tests.io.mounts import needs_mount, run_on

needs_permissions = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read and write everything"
)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with_library = Catalog.open(tmp_path / "library", Settings(lock_timeout=1), ignore)
    yield with_library
    with_library.close()


@pytest.fixture
def comfyui(tmp_path: Path) -> Path:
    return write_installation(tmp_path / "ComfyUI", "0.6.0")


def refused(catalog: Catalog, kind: str, path: Path, error: type[ModelLibraryError]) -> str:
    """The message of the one error that adding a directory gives; nothing was changed."""
    with pytest.raises(error) as caught:
        add_app(catalog, kind, path)
    assert catalog.links.apps() == []
    return f"{caught.value} {caught.value.hint}"


# --- adding --------------------------------------------------------------------------------------


def test_an_application_is_known_with_its_version(catalog: Catalog, comfyui: Path) -> None:
    before = tree(comfyui)
    added = add_app(catalog, "comfyui", comfyui)
    assert added.recognised.version == "0.6.0"
    assert "main.py" in added.recognised.evidence
    (app,) = catalog.links.apps()
    assert replace(app, added="") == added.app
    assert (app.app_id, app.kind, app.path, app.version) == ("comfyui", "comfyui", comfyui, "0.6.0")
    assert not app.installed
    assert tree(comfyui) == before


@pytest.mark.parametrize("kind", ["ComfyUI", " comfyui ", "COMFYUI"])
def test_the_kind_may_be_written_as_people_do(catalog: Catalog, comfyui: Path, kind: str) -> None:
    assert add_app(catalog, kind, comfyui).app.kind == "comfyui"


def test_a_symlink_to_an_application_is_the_application(
    catalog: Catalog, comfyui: Path, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(comfyui)
    assert add_app(catalog, "comfyui", tmp_path / "link").app.path == comfyui
    with pytest.raises(AppConflictError, match="added already, as comfyui"):
        add_app(catalog, "comfyui", comfyui)


def test_several_versions_live_side_by_side(catalog: Catalog, tmp_path: Path) -> None:
    versions = ["0.5.0", "0.6.0", "0.6.0", "0.6.0"]
    ids = [
        add_app(catalog, "comfyui", write_installation(tmp_path / str(number), version)).app.app_id
        for number, version in enumerate(versions)
    ]
    assert ids == ["comfyui", "comfyui-0-6-0", "comfyui-0-6-0-2", "comfyui-0-6-0-3"]
    assert catalog.links.app("comfyui").version == "0.5.0"


def test_a_version_given_counts_where_none_is_stated(catalog: Catalog, comfyui: Path) -> None:
    assert prepare_app(catalog, "comfyui", comfyui, version="9").app.version == "0.6.0"
    (comfyui / "comfyui_version.py").unlink()
    (comfyui / "pyproject.toml").unlink()
    assert prepare_app(catalog, "comfyui", comfyui).app.version is None
    assert prepare_app(catalog, "comfyui", comfyui, version="v9").app.version == "9"
    with pytest.raises(InvalidValueError, match="is no version"):
        prepare_app(catalog, "comfyui", comfyui, version="newest")


def test_preparing_changes_nothing(catalog: Catalog, comfyui: Path) -> None:
    prepare_app(catalog, "comfyui", comfyui)
    assert catalog.links.apps() == []


def test_an_unknown_kind_or_variant_is_answered_with_those_that_are(
    catalog: Catalog, comfyui: Path
) -> None:
    assert "comfyui" in refused(catalog, "comfy", comfyui, ProfileError)
    with pytest.raises(ProfileError, match="no variant 'sdxl'"):
        add_app(catalog, "comfyui", comfyui, variant="sdxl")
    assert add_app(catalog, "comfyui", comfyui, variant="sdxl-only").app.variant == "sdxl-only"


def test_what_is_no_installation_is_said(catalog: Catalog, tmp_path: Path) -> None:
    (tmp_path / "main.py").touch()
    message = refused(catalog, "comfyui", tmp_path, NotAnInstallationError)
    assert "folder_paths.py" in message
    assert "is missing" in message


def test_another_application_is_recognised_as_what_it_is(catalog: Catalog, comfyui: Path) -> None:
    assert "It looks like ComfyUI" in refused(catalog, "a1111", comfyui, NotAnInstallationError)


def test_the_directory_around_an_application_is_not_it(catalog: Catalog, comfyui: Path) -> None:
    message = refused(catalog, "comfyui", comfyui.parent, NotAnInstallationError)
    assert f"Did you mean {comfyui}?" in message


def test_paths_that_are_no_directory(catalog: Catalog, tmp_path: Path, comfyui: Path) -> None:
    (tmp_path / "one").symlink_to(tmp_path / "two")
    (tmp_path / "two").symlink_to(tmp_path / "one")
    for path, message in (
        (tmp_path / "nowhere", "no such directory"),
        (comfyui / "main.py", "Not a directory"),
        (comfyui / "main.py" / "x", "Not a directory"),
        (tmp_path / "one", "loop of symlinks"),
        (tmp_path / "a\0b", "no such directory"),
    ):
        assert message in refused(catalog, "comfyui", path, NotAnInstallationError)


@needs_permissions
def test_a_directory_that_may_not_be_read_or_written(catalog: Catalog, comfyui: Path) -> None:
    comfyui.chmod(0o555)
    refused(catalog, "comfyui", comfyui, TargetReadOnlyError)
    comfyui.chmod(0)
    refused(catalog, "comfyui", comfyui, SourceUnreadableError)
    comfyui.chmod(0o755)


def test_library_and_application_never_lie_in_each_other(catalog: Catalog, tmp_path: Path) -> None:
    for place in (
        tmp_path,
        catalog.directory,
        catalog.directory / "comfy",
        catalog.directory / "apps",
        catalog.directory / "apps" / ".trash" / "x",
        catalog.roots.home.path / "checkpoint" / "ComfyUI",
    ):
        write_installation(place)
        assert "library" in refused(catalog, "comfyui", place, AppConflictError)


def test_below_apps_an_application_may_be_inside_the_library(catalog: Catalog) -> None:
    app = add_app(catalog, "comfyui", write_installation(catalog.directory / "apps" / "mine")).app
    assert not app.installed
    (row,) = catalog.registry.rows("SELECT path FROM apps")
    assert row == ("apps/mine",)


@pytest.mark.parametrize("mode", RootMode)
def test_roots_and_applications_never_lie_in_each_other(
    catalog: Catalog, comfyui: Path, tmp_path: Path, mode: RootMode
) -> None:
    catalog.roots.add(comfyui / "models", mode, with_marker=False)
    assert "holds the root" in refused(catalog, "comfyui", comfyui, AppConflictError)
    (root,) = (root for root in catalog.roots if not root.home)
    catalog.roots.remove(root.root_id)
    catalog.roots.add(tmp_path / "ComfyUI", mode, with_marker=False)
    assert "inside the root" in refused(catalog, "comfyui", comfyui, AppConflictError)


# --- moving --------------------------------------------------------------------------------------


def test_a_moved_application_keeps_its_id_and_its_links(catalog: Catalog, comfyui: Path) -> None:
    app = add_app(catalog, "comfyui", comfyui, variant="sdxl-only").app
    linked(catalog, app)
    moved = comfyui.rename(comfyui.with_name("elsewhere"))
    added = add_app(catalog, "comfyui", moved)
    assert added.was == comfyui
    assert [one.path for one in catalog.links.apps()] == [moved]
    assert (added.app.app_id, added.app.variant) == (app.app_id, "sdxl-only")
    assert catalog.links.count(app.app_id) == 1


def test_a_copy_is_another_application(catalog: Catalog, comfyui: Path) -> None:
    linked(catalog, add_app(catalog, "comfyui", comfyui).app)
    copy = Path(shutil.copytree(comfyui, comfyui.with_name("copy"), symlinks=True))
    assert add_app(catalog, "comfyui", copy).was is None
    assert len(catalog.links.apps()) == 2


def test_the_inode_alone_is_no_proof(catalog: Catalog, comfyui: Path) -> None:
    """It is only unique on one filesystem: a drive that is away keeps its application."""
    app = add_app(catalog, "comfyui", comfyui).app
    linked(catalog, app).unlink()
    moved = comfyui.rename(comfyui.with_name("elsewhere"))
    assert add_app(catalog, "comfyui", moved).was is None


def test_an_application_is_told_where_it_is(
    catalog: Catalog, comfyui: Path, tmp_path: Path
) -> None:
    app = add_app(catalog, "comfyui", comfyui).app
    other = add_app(catalog, "comfyui", write_installation(tmp_path / "other")).app
    new = write_installation(tmp_path / "new", "0.7.0")
    with pytest.raises(NotAnInstallationError):
        relocate_app(catalog, app, tmp_path)
    with pytest.raises(AppConflictError, match=other.app_id):
        relocate_app(catalog, app, other.path)
    moved = relocate_app(catalog, app, new)
    assert (moved.app_id, moved.path, moved.version) == (app.app_id, new, "0.7.0")
    assert replace(catalog.links.app("comfyui"), added="") == replace(moved, added="")


def test_an_update_of_the_application_is_noticed(catalog: Catalog, comfyui: Path) -> None:
    app = add_app(catalog, "comfyui", comfyui).app
    assert refreshed_app(catalog, app) == app
    write_installation(comfyui, "0.7.0")
    assert refreshed_app(catalog, app).version == "0.7.0"
    assert catalog.links.app("comfyui").version == "0.7.0"
    shutil.rmtree(comfyui)
    assert refreshed_app(catalog, catalog.links.app("comfyui")).version == "0.7.0"


# --- removing ------------------------------------------------------------------------------------


def test_removing_takes_our_links_and_nothing_else(catalog: Catalog, comfyui: Path) -> None:
    before = tree(comfyui)
    app = add_app(catalog, "comfyui", comfyui).app
    link = linked(catalog, app)
    assert link.is_symlink()
    done = remove_app(catalog, app)
    assert [one.target for one in done.removed] == ["models/vae/a.safetensors"]
    assert (done.left, done.trash) == ((), None)
    assert not os.path.lexists(link)
    assert tree(comfyui) == before
    assert catalog.links.apps() == []
    assert add_app(catalog, "comfyui", comfyui).app.app_id == "comfyui"


def test_what_is_not_ours_any_more_stays_and_is_said(catalog: Catalog, comfyui: Path) -> None:
    app = add_app(catalog, "comfyui", comfyui).app
    link = linked(catalog, app)
    link.unlink()
    link.write_bytes(b"mine")
    done = remove_app(catalog, app)
    assert link.read_bytes() == b"mine"
    assert [(one.target, why) for one, why in done.left] == [
        ("models/vae/a.safetensors", "something else is there")
    ]


def test_a_directory_that_became_a_symlink_is_not_followed(
    catalog: Catalog, comfyui: Path, tmp_path: Path
) -> None:
    app = add_app(catalog, "comfyui", comfyui).app
    linked(catalog, app)
    (comfyui / "models").rename(tmp_path / "elsewhere")
    (comfyui / "models").symlink_to(tmp_path / "elsewhere")
    done = remove_app(catalog, app)
    assert len(done.left) == 1
    assert (tmp_path / "elsewhere" / "vae" / "a.safetensors").is_symlink()
    assert catalog.links.apps() == []


READ_ONLY = """
import subprocess, tempfile
from tests.test_version_manager import *

def mounted(how):
    subprocess.run(["mount", "-o", f"remount,{how}", str(place)], check=True)

write_installation(place)
with tempfile.TemporaryDirectory() as temporary:
    catalog = Catalog.open(Path(temporary, "library"), Settings(), ignore)
    mounted("ro")
    refused(catalog, "comfyui", place, TargetReadOnlyError)
    mounted("rw")
    app = add_app(catalog, "comfyui", place).app
    linked(catalog, app)
    mounted("ro")
    try:
        remove_app(catalog, app)
    except LinkError:
        print("kept", len(catalog.links.apps()), catalog.links.count(app.app_id))
    mounted("rw")
    print("removed", len(remove_app(catalog, app).removed))
"""


@needs_mount
def test_a_drive_that_became_read_only_keeps_its_application(tmp_path: Path) -> None:
    place = tmp_path / "drive"
    place.mkdir()
    said = run_on("tmpfs", place, READ_ONLY)
    assert said.splitlines() == ["kept 1 1", "removed 1"]


@needs_permissions
def test_links_that_cannot_be_removed_now_keep_the_application(
    catalog: Catalog, comfyui: Path
) -> None:
    app = add_app(catalog, "comfyui", comfyui).app
    linked(catalog, app)
    (comfyui / "models" / "vae").chmod(0o555)
    with pytest.raises(LinkError, match="cannot be removed now"):
        remove_app(catalog, app)
    (comfyui / "models" / "vae").chmod(0o755)
    assert len(remove_app(catalog, app).removed) == 1


@pytest.mark.parametrize("mount_point", [False, True])
def test_an_application_that_is_away_is_forgotten(
    catalog: Catalog, comfyui: Path, mount_point: bool
) -> None:
    app = add_app(catalog, "comfyui", comfyui).app
    linked(catalog, app)
    shutil.rmtree(comfyui)
    if mount_point:
        comfyui.mkdir()
    done = remove_app(catalog, app)
    assert len(done.left) == 1
    assert catalog.links.apps() == []
    assert catalog.links.links() == []
