"""What applications should have and have not is found, and made by a fix."""

from __future__ import annotations

from pathlib import Path

import pytest

from model_library import Library
from model_library.api.shapes_health import FindingJson, HealthJson
from model_library.link_registry import App
from model_library.samples.comfyui import write_installation
from tests.linked import FOLDER, add_drive, catalog_at, import_loras

MODELS = 3


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A library with models on a drive beside it."""
    path = tmp_path / "library"
    with Library.open(path) as library:
        root = add_drive(library, tmp_path / "mnt" / "drive")
        import_loras(library, tmp_path / "in", range(MODELS), root["root_id"])
    return path


@pytest.fixture
def app(tmp_path: Path) -> App:
    path = write_installation(tmp_path / "ComfyUI")
    return App("comfyui", "comfyui", path, "0.6.0", inode=path.stat().st_ino)


def health(home: Path, *, fix: bool = False) -> HealthJson:
    with Library.open(home) as library:
        return library.health(fix=fix)


def waiting(report: HealthJson) -> list[FindingJson]:
    return [finding for finding in report["findings"] if finding["code"] == "links-waiting"]


def test_models_that_were_never_linked_wait_and_a_fix_links_them(home: Path, app: App) -> None:
    with catalog_at(home) as catalog:
        catalog.links.put_app(app)
    (taken,) = (app.path / FOLDER / "lora-0.safetensors",)
    taken.write_bytes(b"the user's")
    free, conflict = waiting(health(home))
    assert free["message"] == f"{MODELS - 1} models wait to be linked into ComfyUI"
    assert "link sync comfyui" in free["action"]
    assert (free["severity"], free["fixable"], conflict["fixable"]) == ("warning", True, False)
    fixed = health(home, fix=True)
    assert fixed["caught_up"] == [{"app": "comfyui", "made": MODELS - 1, "removed": 0, "failed": 0}]
    assert [one["message"] for one in waiting(fixed)] == [conflict["message"]]
    assert taken.read_bytes() == b"the user's"


def test_a_fix_takes_the_links_of_a_model_that_was_deleted_while_the_application_was_away(
    home: Path, app: App, tmp_path: Path
) -> None:
    with Library.open(home) as library:
        library.app_add("comfyui", app.path)
        app.path.rename(tmp_path / "away")
        library.delete("lora-0")
        assert not waiting(library.health())
    (tmp_path / "away").rename(app.path)
    assert health(home, fix=True)["caught_up"][0]["removed"] == 1
    assert not (app.path / FOLDER / "lora-0.safetensors").is_symlink()
    assert health(home)["status"] == "healthy"
