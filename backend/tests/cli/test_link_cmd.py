"""`link` as people and scripts use it."""

from __future__ import annotations

from pathlib import Path

import pytest

from model_library import Library
from model_library.link_registry import App
from model_library.samples.comfyui import write_installation
from tests.cli.program import as_json, mlib
from tests.factory import lora
from tests.linked import catalog_at


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A library with fourteen LoRAs and one installation."""
    for seed in range(14):
        lora(tmp_path / "in" / f"style-{seed:02d}.safetensors", seed=seed)
    with Library.open(tmp_path / "library") as library:
        library.import_models([tmp_path / "in"])
    with catalog_at(tmp_path / "library") as catalog:
        app = write_installation(tmp_path / "ComfyUI").resolve()
        catalog.links.put_app(App("comfyui", "comfyui", app, "0.6.0"))
    return tmp_path / "library"


@pytest.fixture
def loras(home: Path) -> Path:
    return home.parent / "ComfyUI" / "models" / "loras"


def test_people_preview_sync_and_clean(home: Path, loras: Path) -> None:
    (loras / "style-03.safetensors").write_text("mine")
    (loras.parent / "mystery").mkdir()
    preview = mlib(home, "link", "preview", "comfyui").stdout
    assert "models/loras  (1 conflict, 13 create)" in preview
    assert "+ style-00.safetensors" in preview
    assert "! style-03.safetensors  (other-file)" in preview
    assert "... 2 more (--full)" in preview
    assert "13 to create, 0 to keep, 1 conflict, 0 to remove" in preview
    assert "models/mystery" in preview
    assert "style-13" in mlib(home, "link", "preview", "comfyui", "--full").stdout
    done = mlib(home, "link", "sync", "comfyui")
    assert "13 made, 0 kept, 0 removed, 1 conflict" in done.stdout
    assert "--on-conflict" in done.stderr
    chosen = mlib(
        home, "link", "sync", "comfyui", "--choose", "models/loras/style-03.safetensors=overwrite"
    )
    assert "1 made, 13 kept" in chosen.stdout
    assert "overwrite" in mlib(home, "link", "replaced", "comfyui").stdout
    assert "1 put back" in mlib(home, "link", "put-back", "comfyui").stdout
    assert (loras / "style-03.safetensors").read_text() == "mine"
    assert "style-05" in mlib(home, "link", "list", "comfyui", "--model", "style-05").stdout
    assert "13 links removed" in mlib(home, "link", "clean", "comfyui").stdout
    assert mlib(home, "link", "list").stdout == "No links.\n"
    assert "gave way" in mlib(home, "link", "replaced", "comfyui").stdout


def test_scripts_get_one_document(home: Path, loras: Path) -> None:
    preview = as_json(home, "link", "preview", "comfyui")
    promised = {"create", "keep", "conflicts", "remove", "excluded", "warnings"}
    assert promised <= set(preview)
    assert len(preview["create"]) == 14
    assert len(as_json(home, "link", "sync", "comfyui", "--only", "style-00")["made"]) == 1
    assert as_json(home, "link", "sync", "comfyui")["kept"] == 1
    assert len(as_json(home, "link", "list")["links"]) == 14
    (loras / "style-00.safetensors").unlink()
    (loras / "style-00.safetensors").write_text("mine")
    failed = as_json(home, "link", "sync", "comfyui", "--on-conflict", "adopt", code=1)
    assert [one["error"]["code"] for one in failed["failed"]] == ["link-conflict"]
    as_json(home, "link", "sync", "comfyui", "--on-conflict", "overwrite")
    assert len(as_json(home, "link", "replaced", "comfyui")["replaced"]) == 1
    assert as_json(home, "link", "purge", "comfyui")["freed"] == 4
    assert len(as_json(home, "link", "clean", "comfyui")["removed"]) == 14


def test_an_accepted_directory_is_told(home: Path, loras: Path) -> None:
    (loras.parent / "instantid").mkdir()
    done = mlib(home, "link", "sync", "comfyui", "--accept", "all")
    assert "accepted models/instantid" in done.stdout
    assert (home / "profiles" / "comfyui.toml").is_file()


def test_what_fails_is_said_and_ends_with_1(home: Path, loras: Path) -> None:
    (loras / "style-00.safetensors").write_text("mine")
    failed = mlib(home, "link", "sync", "comfyui", "--on-conflict", "adopt")
    assert failed.returncode == 1
    assert "another content" in failed.stderr
    assert "adopt decides" not in failed.stderr
    mlib(home, "link", "sync", "comfyui", "--on-conflict", "rename")
    (loras / "style-00.safetensors").unlink()
    (loras / "style-00.safetensors").write_text("new")
    back = mlib(home, "link", "put-back", "comfyui")
    assert back.returncode == 1
    assert "name is taken" in back.stderr
    assert "Move away what has the name" in back.stderr
    assert mlib(home, "link", "preview", "forge").returncode == 1


def test_clean_says_that_replaced_files_can_be_put_back(home: Path, loras: Path) -> None:
    (loras / "style-03.safetensors").write_text("mine")
    mlib(home, "link", "sync", "comfyui", "--on-conflict", "overwrite")
    done = mlib(home, "link", "clean", "comfyui")
    assert "1 file that gave way" in done.stderr
    assert "link put-back comfyui" in done.stderr
    mlib(home, "link", "put-back", "comfyui")
    assert "put-back" not in mlib(home, "link", "clean", "comfyui").stderr
