"""Profiles of the user: read, tried, changed without losing a word, and taken away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from model_library import Library
from model_library.errors import (
    InvalidValueError,
    LibraryBusyError,
    ProfileChangedError,
    ProfileError,
)
from model_library.samples.comfyui import listed, write_installation
from tests.factory import lora, tree

LORAS = "models/loras"


@pytest.fixture
def comfyui(tmp_path: Path) -> Path:
    return write_installation(tmp_path / "ComfyUI", "0.6.0")


@pytest.fixture
def library(tmp_path: Path, comfyui: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library") as opened:
        opened.import_models([lora(tmp_path / "in" / "pixel-art.safetensors")])
        opened.app_add("comfyui", comfyui)
        yield opened


def own(library: Library, name: str = "comfyui") -> Path:
    return library.path / "profiles" / f"{name}.toml"


def test_a_profile_shows_its_rules_and_what_one_of_ones_own_begins_with(library: Library) -> None:
    shown = library.profile_show("comfyui")
    (vae,) = [rule for rule in shown["rules"] if rule["target"] == "models/vae"]
    assert (vae["kinds"], vae["own"], vae["off"]) == (["vae"], False, False)
    assert (shown["own"], shown["built_in"], shown["revision"]) == (False, True, "")
    assert 'extends = "comfyui"' in shown["text"]
    assert library.profile_show("comfyui+size-limited")["inherited"] == [{"max_size": "8000000000"}]
    with pytest.raises(ProfileError):
        library.profile_show("spaceship")


def test_a_trial_shows_what_a_sync_would_do_and_writes_nothing(
    library: Library, comfyui: Path
) -> None:
    before = tree(library.path / "profiles") if own(library).parent.exists() else {}
    tried = library.profile_edit("comfyui", off=[LORAS], app="comfyui", dry_run=True)
    assert tried["preview"] is not None
    assert [one["why"] for one in tried["preview"]["remove"]] == ["unwanted"]
    (left_out,) = tried["preview"]["excluded"]
    assert left_out["reason"] == "rule-off"
    assert LORAS in left_out["detail"]
    assert tried["saved"] is False
    assert (tree(own(library).parent) if own(library).parent.exists() else {}) == before
    assert listed(comfyui)["loras"] == ["pixel-art.safetensors"]


def test_a_rule_is_switched_off_and_on(library: Library, comfyui: Path) -> None:
    saved = library.profile_edit("comfyui", off=[LORAS.upper()])
    rules = {rule["target"]: rule for rule in saved["profile"]["rules"]}
    assert (rules[LORAS]["off"], rules[LORAS]["off_here"]) == (True, True)
    library.link_sync("comfyui", prune=True)
    assert listed(comfyui)["loras"] == []
    library.profile_edit("comfyui", on=[LORAS])
    library.link_sync("comfyui")
    assert listed(comfyui)["loras"] == ["pixel-art.safetensors"]
    with pytest.raises(InvalidValueError):
        library.profile_edit("comfyui", on=[LORAS])


def test_a_switched_off_directory_is_not_offered_as_a_discovery(library: Library) -> None:
    library.profile_edit("comfyui", off=[LORAS])
    assert LORAS not in [one["directory"] for one in library.link_preview("comfyui")["discovered"]]


def test_filters_and_rules_are_changed_and_taken_back(library: Library) -> None:
    saved = library.profile_edit(
        "comfyui",
        conditions={"max_size": "8GB", "exclude_tags": "nsfw, anime"},
        rules=["models/mine=vae,checkpoint"],
    )["profile"]
    assert saved["conditions"] == {"max_size": "8GB", "exclude_tags": "nsfw, anime"}
    mine = [rule for rule in saved["rules"] if rule["own"]]
    assert [(rule["target"], rule["kinds"]) for rule in mine] == [
        ("models/mine", ["checkpoint", "vae"])
    ]
    saved = library.profile_edit(
        "comfyui", conditions={"max_size": "", "exclude_tags": ""}, drop=["models/mine"]
    )["profile"]
    assert saved["conditions"] == {}
    assert not any(rule["own"] for rule in saved["rules"])


WRITTEN = b"""# my own words, on a line of \xe2\x80\xa8 its own\r
schema = 1 # always\r
app = "comfyui"\r
extends = "comfyui"\r
off = [\r
  "models/gligen", # never used\r
  "models/vae",\r
]\r
\r
# what is too big\r
[filter] # of all\r
max_size = "20GB"   # the card has 24\r
\r
# for the nodes\r
[[rule]]\r
target = "models/unet_gguf"\r
kinds = ["diffusion_model"]\r
extensions = [".gguf"]\r
\r
# the last word\r
[discover]\r
ignore = ["old"]\r
"""


def test_what_a_person_wrote_stays_as_it_is_around_a_change(library: Library) -> None:
    own(library).parent.mkdir(exist_ok=True)
    own(library).write_bytes(WRITTEN)
    library.profile_edit("comfyui", on=["models/vae"], conditions={"max_size": "8GB"})
    now = own(library).read_bytes()
    assert now == WRITTEN.replace(
        b'off = [\r\n  "models/gligen", # never used\r\n  "models/vae",\r\n]',
        b'off = ["models/gligen"]',
    ).replace(b'max_size = "20GB"   # the card has 24', b'max_size = "8GB"')
    library.profile_edit("comfyui", drop=["models/unet_gguf"], on=["models/gligen"])
    now = own(library).read_bytes()
    assert b"unet_gguf" not in now
    assert b"off =" not in now
    assert b'# the last word\r\n[discover]\r\nignore = ["old"]\r\n' in now
    kept = sorted((own(library).parent / ".history").iterdir())
    assert kept[0].read_bytes() == WRITTEN


@pytest.mark.parametrize(
    "text",
    [
        'filter = {max_size = "20GB"}\nschema = 1\napp = "comfyui"\nextends = "comfyui"\n',
        'schema = 1\napp = "comfyui"\nextends = "comfyui"\nfilter.max_size = "20GB"\n',
    ],
)
def test_what_cannot_be_changed_safely_is_left_and_said(library: Library, text: str) -> None:
    own(library).parent.mkdir(exist_ok=True)
    own(library).write_text(text)
    with pytest.raises(ProfileError, match="cannot be changed from here"):
        library.profile_edit("comfyui", conditions={"max_size": "8GB"})
    assert own(library).read_text() == text
    assert library.profile_edit("comfyui", text=text.replace("20", "8"))["saved"] is True
    assert "8GB" in own(library).read_text()


@pytest.mark.parametrize(
    "change",
    [
        {"off": ["models/nothing"]},
        {"conditions": {"max_size": "huge"}},
        {"conditions": {"kinds": "spaceship"}},
        {"conditions": {"target": "x"}},
        {"rules": ["models/x=spaceship"]},
        {"rules": ["../outside=vae"]},
        {"rules": ["models/x"]},
        {"drop": ["models/loras"]},
        {"text": "schema = 2"},
        {"text": "no toml ["},
        {"text": "# \udcff"},
        {"conditions": {"tags_any": "\udcff"}},
    ],
)
def test_what_would_be_no_profile_changes_nothing(
    library: Library, change: dict[str, object]
) -> None:
    library.profile_edit("comfyui", off=[LORAS])
    before = tree(own(library).parent)
    for dry_run in (True, False):
        with pytest.raises((ProfileError, InvalidValueError)):
            library.profile_edit("comfyui", dry_run=dry_run, **change)  # type: ignore[arg-type] # of several kinds
    assert tree(own(library).parent) == before


def test_of_two_who_edit_the_later_is_told(library: Library) -> None:
    first = library.profile_show("comfyui")["revision"]
    saved = library.profile_edit("comfyui", off=[LORAS], revision=first)["profile"]
    with pytest.raises(ProfileChangedError):
        library.profile_edit("comfyui", off=["models/vae"], revision=first)
    assert "models/vae" not in own(library).read_text()
    library.profile_edit("comfyui", off=["models/vae"], revision=saved["revision"])


def test_a_profile_that_is_not_valid_is_shown_with_its_error_and_mended(library: Library) -> None:
    own(library).parent.mkdir(exist_ok=True)
    own(library).write_text('schema = 1\napp = "comfyui"\nextnds = "comfyui"\n')
    shown = library.profile_show("comfyui")
    assert shown["error"] is not None
    assert "extnds" in shown["error"]["message"]
    mended = shown["text"].replace("extnds", "extends")
    done = library.profile_edit("comfyui", text=mended, revision=shown["revision"])
    assert done["profile"]["error"] is None


def test_a_variant_of_ones_own_is_made_used_and_taken_away(library: Library, comfyui: Path) -> None:
    library.profile_edit("comfyui+laptop", conditions={"max_size": "1KB"})
    assert library.app_edit("comfyui", variant="laptop")["variant"] == "laptop"
    library.link_sync("comfyui", prune=True)
    assert listed(comfyui)["loras"] == []
    with pytest.raises(ProfileError, match="comfyui has the variant"):
        library.profile_remove("comfyui+laptop")
    with pytest.raises(ProfileError):
        library.app_edit("comfyui", variant="spaceship")
    library.app_edit("comfyui", variant="")
    assert library.profile_remove("comfyui+laptop") is None
    library.link_sync("comfyui")
    assert listed(comfyui)["loras"] == ["pixel-art.safetensors"]


def test_taking_ones_own_profile_away_brings_the_built_in_one_back(library: Library) -> None:
    library.profile_edit("comfyui", off=[LORAS])
    text = own(library).read_text()
    shown = library.profile_remove("comfyui")
    assert shown is not None
    assert (shown["own"], any(rule["off"] for rule in shown["rules"])) == (False, False)
    (kept,) = (own(library).parent / ".history").iterdir()
    assert kept.read_text() == text
    with pytest.raises(ProfileError):
        library.profile_remove("comfyui")


def test_only_some_earlier_versions_are_kept(library: Library) -> None:
    for number in range(25):
        library.profile_edit("comfyui", conditions={"max_size": f"{number + 1}GB"})
    library.profile_edit("comfyui+size-limited", off=[LORAS])
    assert len(list((own(library).parent / ".history").iterdir())) == 20


def test_nothing_is_written_while_another_process_has_the_library(
    library: Library, tmp_path: Path
) -> None:
    from model_library.config import Settings

    with (
        Library.open(library.path, settings=Settings(lock_timeout=0.05)) as other,
        library._catalog.exclusive(),
    ):
        with pytest.raises(LibraryBusyError):
            other.profile_edit("comfyui", off=[LORAS])
        with pytest.raises(LibraryBusyError):
            other.set_version_ranges("pixel-art", {"comfyui": ">=1"})
