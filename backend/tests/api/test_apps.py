"""Applications through the API: what is added is linked, what cannot be used is not added."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from model_library import Library
from model_library.errors import (
    AppNotFoundError,
    AppOfflineError,
    InvalidValueError,
    NotAnInstallationError,
    RootConflictError,
)
from model_library.events import Event, Notice
from model_library.samples.comfyui import listed, write_installation
from model_library.taxonomy import Placement, RootMode
from tests.factory import lora, tree
from tests.io.mounts import needs_mount, run_on
from tests.linked import add_drive, import_loras
from tests.repositories import comfyui_repository


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library") as opened:
        opened.import_models([lora(tmp_path / "in" / "pixel-art.safetensors")])
        yield opened


@pytest.fixture
def comfyui(tmp_path: Path) -> Path:
    return write_installation(tmp_path / "ComfyUI", "0.6.0")


def test_what_is_added_is_linked(library: Library, comfyui: Path) -> None:
    added = library.app_add("comfyui", comfyui)
    assert listed(comfyui)["loras"] == ["pixel-art.safetensors"]
    (one,) = library.app_list()
    assert added["app"] == one
    assert (one["app_id"], one["name"], one["version"]) == ("comfyui", "ComfyUI", "0.6.0")
    assert (one["links"], one["state"], one["installed"]) == (1, "online", False)
    assert one["added"]
    assert added["sync"] is not None
    made = [link["target"] for link in added["sync"]["made"]]
    assert made == [link["target"] for link in added["preview"]["create"]]
    assert "main.py" in added["evidence"]
    assert (added["was"], added["dry_run"]) == (None, False)


def test_a_dry_run_shows_the_same_and_changes_nothing(library: Library, comfyui: Path) -> None:
    before = tree(comfyui)
    shown = library.app_add("comfyui", comfyui, dry_run=True)
    assert (library.app_list(), tree(comfyui)) == ([], before)
    assert (shown["dry_run"], shown["sync"]) == (True, None)
    done = library.app_add("comfyui", comfyui)
    assert done["preview"] == shown["preview"]


def test_an_empty_directory_is_refused_with_what_to_do_about_it(
    library: Library, tmp_path: Path
) -> None:
    place = tmp_path / "for-llama"
    place.mkdir()
    with pytest.raises(NotAnInstallationError, match="empty") as raised:
        library.app_add("llama_cpp", place)
    assert "put any file into it" in raised.value.hint
    assert (list(library.app_list()), list(place.iterdir())) == ([], [])
    (place / "README").write_text("models")
    assert library.app_add("llama_cpp", place)["app"]["state"] == "online"


def test_the_advice_for_an_application_that_moved_names_what_follows_it(
    library: Library, comfyui: Path, tmp_path: Path
) -> None:
    library.app_add("comfyui", comfyui)
    comfyui.rename(tmp_path / "moved")
    with pytest.raises(AppOfflineError) as raised:
        library.link_sync("comfyui")
    assert "health --fix" in raised.value.hint
    library.health(fix=True)
    assert library.link_sync("comfyui")["kept"] == 1


def test_an_application_may_be_added_without_links(library: Library, comfyui: Path) -> None:
    before = tree(comfyui)
    added = library.app_add("comfyui", comfyui, sync=False)
    assert added["sync"] is None
    assert len(added["preview"]["create"]) == 1
    assert tree(comfyui) == before
    assert library.app_list()[0]["links"] == 0


def _codes(library: Library) -> list[str]:
    found = library.health(fix=True)["findings"]
    return [one["code"] for one in found if one["code"] != "sandbox"]


def test_an_application_without_links_stays_so_until_it_is_synced(
    library: Library, comfyui: Path, tmp_path: Path
) -> None:
    library.app_add("comfyui", comfyui, sync=False)
    before = tree(comfyui)
    imported = library.import_models([lora(tmp_path / "in" / "second.safetensors", seed=2)])
    library.edit(imported["imported"][0]["model_id"], ["tags=mine"])
    assert _codes(library) == ["links-off"]
    assert tree(comfyui) == before
    library.link_sync("comfyui")
    assert listed(comfyui)["loras"] == ["pixel-art.safetensors", "second.safetensors"]
    assert _codes(library) == ["links-work"]
    library.link_clean("comfyui")
    library.import_models([lora(tmp_path / "in" / "third.safetensors", seed=3)])
    assert _codes(library) == ["links-off"]
    assert tree(comfyui) == before
    library.link_sync("comfyui", only=[imported["imported"][0]["model_id"]])
    assert listed(comfyui)["loras"] == ["second.safetensors"]
    assert "links-off" in _codes(library)
    library.app_remove("comfyui")
    library.app_add("comfyui", comfyui)
    assert len(listed(comfyui)["loras"]) == 3


def test_health_names_restrictions_that_cannot_be_understood(
    library: Library, comfyui: Path
) -> None:
    library.app_add("comfyui", comfyui)
    path = next((library.path / "models").rglob("metadata.json")).with_name("overrides.json")
    path.write_text('{"version_range": {}}')
    (finding,) = [one for one in library.health()["findings"] if one["path"] == str(path)]
    assert (finding["code"], finding["severity"]) == ("metadata-invalid", "warning")
    assert "linked nowhere" in finding["action"]


@pytest.mark.parametrize("version", ["xx yy", "9" * 5000])
def test_a_version_that_is_none_is_refused_whatever_the_installation_states(
    library: Library, comfyui: Path, version: str
) -> None:
    with pytest.raises(InvalidValueError, match="no version"):
        library.app_add("comfyui", comfyui, version=version)
    assert library.app_list() == []


def test_an_error_about_a_clone_does_not_name_what_was_cleared(
    library: Library, tmp_path: Path
) -> None:
    source = str(comfyui_repository(tmp_path / "upstream"))
    with pytest.raises(NotAnInstallationError) as raised:
        library.app_install("sdnext", version="v0.5.0", source=source)
    assert raised.value.path is None
    assert ".staging" not in str(raised.value.hint)


def test_the_links_that_a_removed_root_leaves_are_counted(comfyui: Path, tmp_path: Path) -> None:
    said: list[Event] = []
    with Library.open(tmp_path / "library", listener=said.append) as library:
        root = add_drive(library, tmp_path / "drive")
        import_loras(library, tmp_path / "in", range(2), root["root_id"])
        library.app_add("comfyui", comfyui)
        library.remove_root(root["root_id"])
    notices = {one.code: one.message for one in said if isinstance(one, Notice)}
    assert "2 links into it stay" in notices["links-left"]


def test_what_is_refused_is_not_added(library: Library, tmp_path: Path) -> None:
    with pytest.raises(NotAnInstallationError):
        library.app_add("comfyui", tmp_path / "in")
    assert library.app_list() == []


def test_an_application_that_is_away_is_shown_as_such(library: Library, comfyui: Path) -> None:
    library.app_add("comfyui", comfyui)
    shutil.rmtree(comfyui)
    (one,) = library.app_list()
    assert (one["state"], one["links"], one["version"]) == ("offline", 1, "0.6.0")


def test_the_list_shows_the_version_after_an_update(library: Library, comfyui: Path) -> None:
    library.app_add("comfyui", comfyui)
    write_installation(comfyui, "0.7.0")
    assert library.app_list()[0]["version"] == "0.7.0"


def test_a_profile_that_is_gone_leaves_the_name_of_the_kind(
    library: Library, comfyui: Path
) -> None:
    own = library.path / "profiles" / "mine.toml"
    own.parent.mkdir(exist_ok=True)
    own.write_text(
        'schema = 1\napp = "mine"\ndisplay = "My own"\n'
        '[[rule]]\ntarget = "models/loras"\nkinds = ["adapter"]\n'
    )
    assert library.app_add("mine", comfyui)["app"]["name"] == "My own"
    own.unlink()
    assert library.app_list()[0]["name"] == "mine"


def test_an_installed_version_is_linked_and_goes_to_the_trash(
    library: Library, tmp_path: Path
) -> None:
    source = str(comfyui_repository(tmp_path / "upstream"))
    added = library.app_install("comfyui", version="v0.6.0", source=source)
    place = library.path / "apps" / "comfyui" / "v0.6.0"
    assert added["app"]["path"] == str(place)
    assert listed(place)["loras"] == ["pixel-art.safetensors"]
    removed = library.app_remove("comfyui-0-6", trash=True)
    assert (removed["removed"], removed["left"], removed["replaced"]) == (1, [], [])
    assert removed["trash"] is not None
    assert Path(removed["trash"], "main.py").is_file()
    assert not place.exists()


def test_removing_says_what_stays(library: Library, comfyui: Path) -> None:
    lora(comfyui / "models" / "loras" / "pixel-art.safetensors", seed=9)
    library.app_add("comfyui", comfyui)
    library.link_sync("comfyui", on_conflict="rename")
    (comfyui / "models" / "loras" / "pixel-art.safetensors").unlink()
    (comfyui / "models" / "loras" / "pixel-art.safetensors").write_bytes(b"mine")
    removed = library.app_remove("comfyui")
    assert [left["target"] for left in removed["left"]] == ["models/loras/pixel-art.safetensors"]
    assert [one["kept"] for one in removed["replaced"]] == [
        "models/loras/pixel-art.safetensors.old"
    ]
    with pytest.raises(AppNotFoundError):
        library.app_remove("comfyui")


@pytest.mark.parametrize("mode", RootMode)
def test_a_root_never_comes_to_lie_in_an_application(
    library: Library, comfyui: Path, mode: RootMode
) -> None:
    library.app_add("comfyui", comfyui)
    for path in (comfyui, comfyui / "models" / "loras"):
        with pytest.raises(RootConflictError, match="Overlaps the application comfyui"):
            library.add_root(path, mode=mode, marker=False)
    assert [root["home"] for root in library.roots()] == [True]


@pytest.mark.parametrize("given", ["models/loras/own.safetensors", "models/loras", "."])
def test_an_import_by_reference_makes_no_root_of_an_application(
    library: Library, comfyui: Path, given: str
) -> None:
    library.app_add("comfyui", comfyui)
    lora(comfyui / "models" / "loras" / "own.safetensors", seed=9)
    before = tree(comfyui)
    with pytest.raises(RootConflictError, match="Overlaps the application comfyui") as raised:
        library.import_models([comfyui / given], place=Placement.REFERENCE)
    assert "--place copy" in raised.value.hint
    assert [root["home"] for root in library.roots()] == [True]
    assert (library.status()["models"], tree(comfyui)) == (1, before)


def test_a_root_is_not_relocated_into_an_application(
    library: Library, comfyui: Path, tmp_path: Path
) -> None:
    (tmp_path / "drive").mkdir()
    root = library.add_root(tmp_path / "drive")
    library.app_add("comfyui", comfyui)
    (tmp_path / "drive").rename(comfyui / "models" / "drive")
    with pytest.raises(RootConflictError, match="Overlaps the application comfyui"):
        library.relocate_root(root["root_id"], comfyui / "models" / "drive")


def test_a_library_that_is_moved_takes_its_applications_along(
    library: Library, tmp_path: Path
) -> None:
    source = str(comfyui_repository(tmp_path / "upstream"))
    library.app_install("comfyui", version="v0.6.0", source=source)
    library.close()
    moved = library.path.rename(tmp_path / "elsewhere")
    with Library.open(moved) as opened:
        (one,) = opened.app_list()
        assert (one["state"], one["links"]) == ("online", 1)
        assert one["path"] == str(moved / "apps" / "comfyui" / "v0.6.0")
        assert Path(one["path"], "models", "loras", "pixel-art.safetensors").is_file()
        assert opened.link_preview("comfyui")["create"] == []


FULL_DRIVE = """
import tempfile
from model_library import Library
from model_library.errors import ModelLibraryError
from model_library.events import Event, Notice
from model_library.samples.comfyui import write_installation
from tests.factory import lora, tree

write_installation(place)
with tempfile.TemporaryDirectory() as temporary:
    with Library.open(Path(temporary, "library")) as library:
        library.import_models([lora(Path(temporary, "a" * 200 + ".safetensors"))])
        number = 0
        try:
            while True:
                (place / f"filler-{number}").symlink_to("x" * 200)
                number += 1
        except OSError:
            before = tree(place)
        try:
            library.app_add("comfyui", place)
        except ModelLibraryError as error:
            print(error.code, library.app_list(), tree(place) == before)
"""


@needs_mount
def test_a_full_drive_is_one_error_and_adds_nothing(tmp_path: Path) -> None:
    place = tmp_path / "drive"
    place.mkdir()
    assert run_on("tmpfs -o nr_inodes=200", place, FULL_DRIVE) == "target-full [] True"


def test_installations_are_found_in_the_usual_places(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    assert library.app_find() == []
    first = write_installation(home / "ComfyUI", "0.6.0").resolve()
    second = write_installation(home / "AI" / "ComfyUI-old", "0.5.1").resolve()
    (home / "AI" / "alias").symlink_to(first)
    (home / "AI" / "notes").mkdir()
    library.app_add("comfyui", first, sync=False)
    found = {one["path"]: one for one in library.app_find()}
    assert set(found) == {str(first), str(second)}
    assert (found[str(first)]["app_id"], found[str(first)]["version"]) == ("comfyui", "0.6.0")
    assert (found[str(second)]["app_id"], found[str(second)]["name"]) == (None, "ComfyUI")


def test_installations_are_found_in_a_folder_and_beside_what_is_known(
    library: Library, comfyui: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    shown = [one["path"] for one in library.app_find(tmp_path)]
    assert shown == [str(comfyui.resolve())]
    assert [one["path"] for one in library.app_find(comfyui)] == shown
    library.app_add("comfyui", comfyui)
    other = write_installation(tmp_path / "ComfyUI-nightly").resolve()
    assert str(other) in [one["path"] for one in library.app_find()]
    with pytest.raises(NotAnInstallationError):
        library.app_find(tmp_path / "nothing")


def test_an_application_says_that_it_was_left_without_links(
    library: Library, comfyui: Path
) -> None:
    assert library.app_add("comfyui", comfyui, sync=False)["app"]["links_off"] is True
    library.link_sync("comfyui")
    assert library.app_list()[0]["links_off"] is False
    library.link_clean("comfyui")
    assert library.app_list()[0]["links_off"] is True
