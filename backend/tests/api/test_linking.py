"""The JSON of linking, through the one door that command line, HTTP and window share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from model_library import Library
from model_library.errors import (
    AppNotFoundError,
    InvalidValueError,
    ModelNotFoundError,
    RootNotFoundError,
)
from model_library.link_registry import App
from model_library.samples.comfyui import write_installation
from tests.factory import lora
from tests.linked import catalog_at


@pytest.fixture
def app(tmp_path: Path) -> Path:
    return write_installation(tmp_path / "ComfyUI").resolve()


@pytest.fixture
def library(app: Path, tmp_path: Path) -> Iterator[Library]:
    """Two LoRAs, and one installation `comfyui-main`."""
    for seed, name in enumerate(("one", "two")):
        lora(tmp_path / "in" / f"{name}.safetensors", seed=seed)
    with Library.open(tmp_path / "library") as opened:
        opened.import_models([tmp_path / "in"])
    with catalog_at(tmp_path / "library") as catalog:
        catalog.links.put_app(App("comfyui-main", "comfyui", app, "0.6.0"))
    with Library.open(tmp_path / "library") as opened:
        yield opened


def test_a_preview_has_the_promised_lists(library: Library, app: Path) -> None:
    preview = library.link_preview("comfyui")
    promised = ("create", "keep", "conflicts", "remove", "excluded", "warnings")
    assert all(isinstance(preview[name], list) for name in promised)  # type: ignore[literal-required]
    first = preview["create"][0]
    assert first["path"] == str(app / "models" / "loras" / "one.safetensors")
    assert first["source"] is not None
    assert Path(first["source"]).is_file()
    assert (first["target"], first["size"]) == (
        "models/loras/one.safetensors",
        Path(first["source"]).stat().st_size,
    )
    assert (preview["app"], preview["profile"]) == ("comfyui-main", "comfyui")


def test_a_sync_makes_what_the_preview_said_and_the_list_shows_it(library: Library) -> None:
    done = library.link_sync("comfyui-main")
    assert (len(done["made"]), done["kept"], done["failed"]) == (2, 0, [])
    assert library.link_sync("comfyui-main")["kept"] == 2
    links = library.link_list()
    assert [one["target"] for one in links] == [
        "models/loras/one.safetensors",
        "models/loras/two.safetensors",
    ]
    assert [one["model_id"] for one in library.link_list("comfyui", "one")] == [
        links[0]["model_id"]
    ]
    assert len(library.link_clean("comfyui-main")["removed"]) == 2
    assert library.link_list() == []


def test_single_models_and_single_targets_can_be_chosen(library: Library, app: Path) -> None:
    theirs = app / "models" / "loras" / "one.safetensors"
    theirs.write_text("theirs")
    done = library.link_sync(
        "comfyui",
        only=["one"],
        choices={"models/loras/one.safetensors": "skip"},
        on_conflict="rename",
    )
    assert [one["reason"] for one in done["conflicts"]] == ["other-file"]
    assert done["conflicts"][0]["existing"] == {"kind": "file", "link_text": None, "size": 6}
    done = library.link_sync("comfyui", choices={"models/loras/one.safetensors": "overwrite"})
    assert done["resolved"] == [{"target": "models/loras/one.safetensors", "choice": "overwrite"}]
    assert done["conflicts"] == []


def test_what_gave_way_is_listed_comes_back_or_is_purged(library: Library, app: Path) -> None:
    for name in ("one", "two"):
        (app / "models" / "loras" / f"{name}.safetensors").write_text(name)
    library.link_sync("comfyui", on_conflict="overwrite")
    kept = library.link_replaced("comfyui")
    assert [(one["target"], one["reason"], one["size"]) for one in kept] == [
        ("models/loras/one.safetensors", "overwrite", 3),
        ("models/loras/two.safetensors", "overwrite", 3),
    ]
    assert Path(kept[0]["kept"]).read_text() == "one"
    back = library.link_put_back("comfyui", ["models/loras/one.safetensors"])
    assert (back["done"], back["failed"]) == (["models/loras/one.safetensors"], [])
    assert (app / "models" / "loras" / "one.safetensors").read_text() == "one"
    with pytest.raises(InvalidValueError, match="gave way"):
        library.link_put_back("comfyui", ["models/loras/one.safetensors"])
    assert library.link_purge("comfyui", [])["freed"] == 3
    assert library.link_replaced("comfyui") == []


def test_of_two_files_of_one_name_the_very_one_is_meant(library: Library, app: Path) -> None:
    theirs = app / "models" / "loras" / "one.safetensors"
    for text in ("first", "second"):
        theirs.unlink(missing_ok=True)
        theirs.write_text(text)
        library.link_sync("comfyui", on_conflict="overwrite")
    first, second = library.link_replaced("comfyui")
    assert first["target"] == second["target"]
    assert library.link_purge("comfyui", [first["kept"]])["freed"] == len("first")
    assert library.link_replaced("comfyui") == [second]
    assert library.link_put_back("comfyui", [second["kept"]])["failed"] == []
    assert theirs.read_text() == "second"


def test_what_cannot_come_back_is_said(library: Library, app: Path) -> None:
    theirs = app / "models" / "loras" / "one.safetensors"
    theirs.write_text("theirs")
    library.link_sync("comfyui", on_conflict="rename")
    theirs.unlink()
    theirs.write_text("new")
    failed = library.link_put_back("comfyui", [])["failed"]
    assert [one["error"]["code"] for one in failed] == ["link-conflict"]
    assert library.link_purge("comfyui", [])["done"] == []
    renamed = library.link_purge("comfyui", ["models/loras/one.safetensors"])
    assert [one["error"]["code"] for one in renamed["failed"]] == ["link-conflict"]


def test_what_is_not_there_or_makes_no_sense_is_refused(library: Library) -> None:
    with pytest.raises(AppNotFoundError):
        library.link_preview("forge")
    with pytest.raises(ModelNotFoundError):
        library.link_sync("comfyui", only=["nothing"])
    with pytest.raises(InvalidValueError, match="destroy"):
        library.link_sync("comfyui", on_conflict="destroy")


def test_all_profiles_are_told_with_what_is_wrong(library: Library, tmp_path: Path) -> None:
    own = tmp_path / "library" / "profiles"
    own.mkdir()
    (own / "mine.toml").write_text("oops = 1")
    profiles = {one["name"]: one for one in library.profiles()}
    assert "models/loras" in profiles["comfyui"]["directories"]
    assert profiles["comfyui+sdxl-only"]["variant"] == "sdxl-only"
    repository = "https://github.com/Comfy-Org/ComfyUI"
    assert {profiles[name]["repository"] for name in ("comfyui", "comfyui+sdxl-only")} == {
        repository
    }
    error = profiles["mine"]["error"]
    assert error is not None
    assert error["code"] == "profile-invalid"


def test_a_link_of_a_root_that_was_removed_has_no_source(library: Library, tmp_path: Path) -> None:
    drive = tmp_path / "drive"
    drive.mkdir()
    root = library.add_root(drive)["root_id"]
    library.import_models([lora(tmp_path / "more" / "four.safetensors", seed=4)], root=root)
    library.link_sync("comfyui")
    library.remove_root(root)
    with pytest.raises(RootNotFoundError):
        library._catalog.roots.get(root)
    removed = library.link_preview("comfyui")["remove"]
    assert [(one["source"], one["why"]) for one in removed] == [(None, "deleted")]


def test_an_update_of_the_application_counts_at_once(library: Library, app: Path) -> None:
    """Its version is read anew for every preview and sync, and decides about version ranges."""
    (model,) = library.search("one")["models"]
    overrides = Path(model["path"]).with_name("overrides.json")
    overrides.write_text('{"version_ranges": {"comfyui": "<0.7"}}')
    assert len(library.link_sync("comfyui-main")["made"]) == 2
    (app / "comfyui_version.py").write_text('__version__ = "0.7.1"\n')
    assert [one["model_id"] for one in library.link_preview("comfyui-main")["remove"]] == [
        model["model_id"]
    ]
    assert len(library.link_sync("comfyui-main")["removed"]) == 1
