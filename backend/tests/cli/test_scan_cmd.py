"""`scan` names what it found: each model by its id, and what became of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.program import as_json, mlib
from tests.factory import lora


@pytest.fixture
def home(tmp_path: Path) -> Path:
    lora(tmp_path / "in" / "pixel-art.safetensors")
    lora(tmp_path / "in" / "night-sky.safetensors", seed=2)
    home = tmp_path / "library"
    as_json(home, "import", str(tmp_path / "in"))
    return home


def directory_of(home: Path, name: str) -> Path:
    return Path(as_json(home, "show", name)["path"]).parent


def test_a_model_whose_folder_was_deleted_by_hand_is_named(home: Path) -> None:
    directory = directory_of(home, "pixel-art")
    shutil.rmtree(directory)
    done = mlib(home, "scan")
    assert done.returncode == 0
    assert "removed            pixel-art-" in done.stdout
    assert f"pixel-art is not at {directory} any more" in done.stdout
    assert "1 model, 1 removed in" in done.stdout
    assert "1 model gone from where the library had put them" in done.stderr
    assert "model-library health" in done.stderr


def test_a_model_that_lost_its_file_is_missing(home: Path) -> None:
    (directory_of(home, "pixel-art") / "pixel-art.safetensors").unlink()
    done = mlib(home, "scan")
    assert "missing            pixel-art-" in done.stdout
    assert "2 models, 1 updated, 1 missing in" in done.stdout


def test_a_record_that_cannot_be_read_and_a_drive_that_is_away_are_named(
    home: Path, tmp_path: Path
) -> None:
    (tmp_path / "drive").mkdir()
    root = as_json(home, "root", "add", str(tmp_path / "drive"))
    (tmp_path / "drive").rename(tmp_path / "unplugged")
    (tmp_path / "unplugged" / ".root.json").unlink()
    record = directory_of(home, "night-sky") / "metadata.json"
    record.write_text("{", encoding="utf-8")
    done = mlib(home, "scan", "--deep")
    assert done.returncode == 1
    assert f"offline root       {root['root_id']}" in done.stdout
    assert str(record) in done.stderr
    assert record.read_text(encoding="utf-8") == "{"
