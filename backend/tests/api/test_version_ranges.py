"""Which versions of applications a model may be linked into, said by a person."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from model_library import Library
from model_library.errors import InvalidValueError, MetadataError, RootOfflineError
from model_library.samples.comfyui import listed, write_installation
from model_library.taxonomy import Placement
from tests.factory import lora
from tests.linked import add_drive


@pytest.fixture
def comfyui(tmp_path: Path) -> Path:
    return write_installation(tmp_path / "ComfyUI", "0.6.0")


@pytest.fixture
def library(tmp_path: Path, comfyui: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library") as opened:
        opened.import_models([lora(tmp_path / "in" / "pixel-art.safetensors")])
        opened.app_add("comfyui", comfyui)
        yield opened


def overrides(library: Library) -> Path:
    return Path(library.version_ranges("pixel-art")["path"])


def test_a_model_without_a_range_may_go_anywhere(library: Library) -> None:
    shown = library.version_ranges("pixel-art")
    assert (shown["ranges"], shown["error"]) == ({}, None)
    assert [(one["app_id"], one["allowed"]) for one in shown["apps"]] == [("comfyui", True)]


def test_a_range_takes_the_link_away_and_its_end_brings_it_back(
    library: Library, comfyui: Path
) -> None:
    shown = library.set_version_ranges("pixel-art", {"comfyui": ">=0.7", "forge": "<3"})
    assert shown["ranges"] == {"comfyui": ">=0.7", "forge": "<3"}
    assert "this is 0.6.0" in shown["apps"][0]["reason"]
    assert listed(comfyui)["loras"] == []
    shown = library.set_version_ranges("pixel-art", {"ComfyUI": ">=0.5,<0.7"})
    assert shown["ranges"] == {"ComfyUI": ">=0.5,<0.7", "forge": "<3"}
    assert listed(comfyui)["loras"] == ["pixel-art.safetensors"]
    library.set_version_ranges("pixel-art", {"comfyui": "", "forge": " "})
    assert not overrides(library).exists()


@pytest.mark.parametrize(
    "ranges", [{"comfyui": "newer"}, {"com fy": ">=1"}, {"comfyui": "=" * 2000}]
)
def test_what_is_no_range_changes_nothing(library: Library, ranges: dict[str, str]) -> None:
    library.set_version_ranges("pixel-art", {"comfyui": ">=0.5"})
    before = overrides(library).read_bytes()
    with pytest.raises(InvalidValueError):
        library.set_version_ranges("pixel-art", ranges)
    assert overrides(library).read_bytes() == before


def test_a_file_that_cannot_be_understood_is_shown_and_never_overwritten(library: Library) -> None:
    path = overrides(library)
    path.write_text('{"version_rages": {}}')
    shown = library.version_ranges("pixel-art")
    assert shown["error"] is not None
    assert shown["apps"][0]["allowed"] is False
    with pytest.raises(MetadataError):
        library.set_version_ranges("pixel-art", {"comfyui": ">=1"})
    assert path.read_text() == '{"version_rages": {}}'


def test_a_model_that_is_left_in_place_has_its_range_in_the_library(
    library: Library, comfyui: Path, tmp_path: Path
) -> None:
    theirs = lora(tmp_path / "drive" / "theirs.safetensors", seed=3).parent
    library.import_models([theirs], place=Placement.REFERENCE)
    library.set_version_ranges("theirs", {"comfyui": ">=9"})
    assert json.loads(Path(library.version_ranges("theirs")["path"]).read_bytes()) == {
        "version_ranges": {"comfyui": ">=9"}
    }
    assert [path.name for path in theirs.iterdir() if not path.name.startswith(".")] == [
        "theirs.safetensors"
    ]
    assert listed(comfyui)["loras"] == ["pixel-art.safetensors"]


def test_a_model_whose_drive_is_away_is_left_as_it_is(library: Library, tmp_path: Path) -> None:
    root = add_drive(library, tmp_path / "drive")
    library.import_models(
        [lora(tmp_path / "more" / "far.safetensors", seed=4)], root=root["root_id"]
    )
    (tmp_path / "drive").rename(tmp_path / "away")
    library.look_again()
    with pytest.raises(RootOfflineError):
        library.set_version_ranges("far", {"comfyui": ">=1"})
