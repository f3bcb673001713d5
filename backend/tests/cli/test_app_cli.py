"""`app` on the command line: tables for people, one document for scripts, codes for both."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from model_library.samples.comfyui import listed, write_installation
from tests.cli.program import as_json, mlib
from tests.factory import lora
from tests.repositories import comfyui_repository


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "library"
    lora(tmp_path / "in" / "pixel-art.safetensors")
    as_json(home, "import", str(tmp_path / "in"))
    return home


@pytest.fixture
def comfyui(tmp_path: Path) -> Path:
    return write_installation(tmp_path / "ComfyUI", "0.6.0")


def test_a_script_adds_lists_and_removes(home: Path, comfyui: Path) -> None:
    assert as_json(home, "app", "list") == {"apps": []}
    assert as_json(home, "app", "add", "comfyui", str(comfyui), "--dry-run")["dry_run"] is True
    added = as_json(home, "app", "add", "comfyui", str(comfyui), "--variant", "sdxl-only")
    assert (added["app"]["version"], added["app"]["variant"]) == ("0.6.0", "sdxl-only")
    assert added["sync"]["made"] == []
    assert as_json(home, "app", "list")["apps"] == [added["app"]]
    assert as_json(home, "app", "remove", "comf")["removed"] == 0
    names = {one["name"] for one in as_json(home, "app", "profiles")["profiles"]}
    assert {"comfyui", "comfyui+sdxl-only", "a1111", "llama_cpp"} <= names


def test_installations_are_looked_for(home: Path, comfyui: Path, tmp_path: Path) -> None:
    (found,) = as_json(home, "app", "find", str(tmp_path))["installations"]
    assert (found["kind"], found["path"]) == ("comfyui", str(comfyui.resolve()))
    assert str(comfyui.resolve()) in mlib(home, "app", "find", str(tmp_path)).stdout
    assert "None was found" in mlib(home, "app", "find", str(comfyui / "models")).stdout


def test_a_person_sees_what_was_found_and_what_is_done(home: Path, comfyui: Path) -> None:
    assert "No application was added yet" in mlib(home, "app", "list").stdout
    shown = mlib(home, "app", "add", "comfyui", str(comfyui), "--dry-run").stdout
    assert "would add comfyui: ComfyUI 0.6.0" in shown
    assert "+ pixel-art.safetensors" in shown
    assert listed(comfyui)["loras"] == []
    done = mlib(home, "app", "add", "comfyui", str(comfyui)).stdout
    assert "added comfyui: ComfyUI 0.6.0" in done
    assert "comfyui: 1 made" in done
    assert listed(comfyui)["loras"] == ["pixel-art.safetensors"]
    table = mlib(home, "app", "list").stdout
    assert all(text in table for text in ("comfyui", "0.6.0", "online", str(comfyui)))
    assert "removed comfyui with 1 link\n" in mlib(home, "app", "remove", "comfyui").stdout
    assert listed(comfyui)["loras"] == []
    assert "built-in" in mlib(home, "app", "profiles").stdout


def test_a_person_sees_what_was_not_done(home: Path, comfyui: Path) -> None:
    lora(comfyui / "models" / "loras" / "pixel-art.safetensors", seed=9)
    done = mlib(home, "app", "add", "comfyui", str(comfyui))
    assert done.returncode == 0
    assert "0 made, 0 kept, 0 removed, 1 conflict" in done.stdout
    assert "Nothing that has the name of a link was touched" in done.stderr
    assert "--on-conflict" in done.stderr
    mlib(home, "link", "sync", "comfyui", "--on-conflict", "rename")
    removed = mlib(home, "app", "remove", "comfyui").stdout
    assert "models/loras/pixel-art.safetensors.old" in removed
    added = mlib(home, "app", "add", "comfyui", str(comfyui), "--no-sync").stdout
    assert "`model-library link sync comfyui` makes the links" in added


def test_a_version_is_installed_and_thrown_away(home: Path, tmp_path: Path) -> None:
    source = str(comfyui_repository(tmp_path / "upstream"))
    install = ("app", "install", "comfyui", "--version", "v0.5.0", "--from", source)
    installed = as_json(home, *install)["app"]
    assert installed["app_id"] == "comfyui-0-5-0"
    assert listed(Path(installed["path"]))["loras"] == ["pixel-art.safetensors"]
    assert as_json(home, *install, code=2)["error"]["code"] == "app-conflict"
    assert (
        f"The directory stays: {installed['path']}" in mlib(home, "app", "remove", "comfy").stdout
    )
    as_json(home, *install)
    gone = mlib(home, "app", "remove", "comfyui", "--trash").stdout
    assert "The directory is in the trash: " in gone
    assert not Path(installed["path"]).exists()


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (["add", "comfyui", "nowhere"], 2, "not-an-installation"),
        (["add", "nothing", "."], 2, "profile-invalid"),
        (["remove", "comfyui"], 1, "app-not-found"),
        (["add", "comfyui", ""], 2, "invalid-value"),
        (["install", "comfyui", "--version", "v1", "--from", "-x"], 2, "invalid-value"),
        (["install", "comfyui", "--version", "v1", "--from", "nowhere"], 1, "source-not-found"),
        (["install", "comfyui"], 2, "usage"),
    ],
)
def test_what_is_wrong_has_a_code(
    tmp_path: Path, arguments: list[str], code: int, error: str
) -> None:
    done = mlib(tmp_path / "library", "app", *arguments, "--json")
    assert done.returncode == code
    assert json.loads(done.stdout)["error"]["code"] == error


def test_a_profile_is_tried_changed_and_taken_away(home: Path, comfyui: Path) -> None:
    as_json(home, "app", "add", "comfyui", str(comfyui))
    assert "models/loras" in mlib(home, "app", "profile", "comfyui").stdout
    off = ["app", "profile", "comfyui", "--off", "models/loras", "--filter", "max_size=8GB"]
    assert "1 to remove" in mlib(home, *off, "--try", "comfyui").stdout
    assert not (home / "profiles" / "comfyui.toml").exists()
    assert "written" in mlib(home, *off).stdout
    shown = mlib(home, "app", "profile", "comfyui").stdout
    assert "max_size 8GB" in shown
    assert as_json(home, "app", "profile", "comfyui", "--rule", "models/x=vae")["saved"] is True
    done = mlib(home, "app", "profile", "comfyui", "--remove").stdout
    assert "the built-in one counts again" in done
    for wrong in (["--remove", "--off", "x"], ["--filter", "max_size"]):
        assert mlib(home, "app", "profile", "comfyui", *wrong).returncode == 2


def test_an_application_gets_a_variant_of_ones_own(home: Path, comfyui: Path) -> None:
    as_json(home, "app", "add", "comfyui", str(comfyui))
    as_json(home, "app", "profile", "comfyui+laptop", "--filter", "max_size=1KB")
    assert "variant laptop" in mlib(home, "app", "edit", "comfyui", "--variant", "laptop").stdout
    assert as_json(home, "app", "edit", "comfyui", "--variant", "")["variant"] == ""
    assert as_json(home, "app", "profile", "comfyui+laptop", "--remove") == {"profile": None}


def test_versions_of_a_model_are_said_and_shown(home: Path, comfyui: Path) -> None:
    as_json(home, "app", "add", "comfyui", str(comfyui))
    assert "any version" in mlib(home, "link", "versions", "pixel-art").stdout
    said = mlib(home, "link", "versions", "pixel-art", "--set", "comfyui=>=0.7").stdout
    assert "comfyui: >=0.7" in said
    assert listed(comfyui)["loras"] == []
    assert as_json(home, "link", "versions", "pixel-art", "--set", "comfyui=")["ranges"] == {}
    assert mlib(home, "link", "versions", "pixel-art", "--set", "comfyui").returncode == 2
