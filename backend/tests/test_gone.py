"""A model whose directory was deleted by hand is missed by name, until it is back or forgotten."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from model_library import Library
from model_library.api.shapes import GoneJson
from model_library.api.shapes_health import FindingJson
from model_library.errors import AmbiguousModelIdError, LinkConflictError, ModelNotFoundError
from model_library.link_registry import App
from model_library.samples.comfyui import write_installation
from model_library.taxonomy import LinkMethod, Placement, RootMode
from tests.factory import lora, tree
from tests.linked import FOLDER, add_drive, catalog_at, import_loras, link_models


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.fixture
def models(home: Path, tmp_path: Path) -> dict[str, Path]:
    """Two models of a library: their directories by their ids."""
    with Library.open(home) as library:
        import_loras(library, tmp_path / "in", range(2))
        return {model["model_id"]: Path(model["path"]).parent for model in library.list()["models"]}


def findings(home: Path) -> list[FindingJson]:
    with Library.open(home) as library:
        return [one for one in library.health()["findings"] if one["code"].startswith("model-gone")]


def scanned(home: Path, *, deep: bool = False) -> list[GoneJson]:
    with Library.open(home) as library:
        return library.scan(deep=deep)["gone"]


@pytest.mark.parametrize("deep", [False, True])
def test_it_is_named_before_a_scan_by_the_scan_and_after_it(
    home: Path, models: dict[str, Path], *, deep: bool
) -> None:
    model_id, directory = next(iter(models.items()))
    size = sum(path.stat().st_size for path in directory.glob("*.safetensors"))
    shutil.rmtree(directory)
    (before,) = findings(home)
    assert (before["code"], before["model_id"]) == ("model-gone", model_id)
    assert (before["severity"], before["fixable"]) == ("warning", False)
    assert "lora-0" in before["message"]
    assert before["path"] == str(directory)
    assert f"delete {model_id}" in before["action"]
    assert scanned(home, deep=deep) == [
        {
            "model_id": model_id,
            "official_name": "lora-0",
            "path": str(directory),
            "size": size,
            "restorable": False,
        }
    ]
    assert findings(home) == [before]
    assert scanned(home, deep=deep) == []
    assert findings(home) == [before]


def test_nothing_is_missed_of_a_model_that_was_moved_by_hand(
    home: Path, models: dict[str, Path]
) -> None:
    directory = next(iter(models.values()))
    directory.rename(directory.with_name("elsewhere"))
    assert scanned(home) == []
    directory.with_name("elsewhere").rename(directory)
    assert scanned(home, deep=True) == []
    directory.rename(directory.with_name("elsewhere"))
    assert scanned(home, deep=True) == []
    assert findings(home) == []


def test_nothing_is_missed_of_a_drive_that_is_away(home: Path, tmp_path: Path) -> None:
    drive = tmp_path / "mnt" / "drive"
    with Library.open(home) as library:
        root = add_drive(library, drive)
        import_loras(library, tmp_path / "in", range(1), root["root_id"])
    drive.rename(tmp_path / "unplugged")
    assert scanned(home) == []
    assert scanned(home, deep=True) == []
    assert findings(home) == []


def test_what_is_deleted_by_the_library_is_not_missed(home: Path, models: dict[str, Path]) -> None:
    with Library.open(home) as library:
        library.delete(next(iter(models)))
        assert library.scan()["removed"] == []
    assert findings(home) == []


@pytest.mark.parametrize("scan", [False, True])
def test_a_copy_in_the_trash_is_offered_and_comes_back(
    home: Path, models: dict[str, Path], tmp_path: Path, *, scan: bool
) -> None:
    """It was deleted, imported again, and that was deleted by hand."""
    model_id, directory = next(iter(models.items()))
    with Library.open(home) as library:
        library.delete(model_id)
        library.import_models([tmp_path / "in" / "lora-0.safetensors"])
        shutil.rmtree(directory)
        if scan:
            assert [one["restorable"] for one in library.scan()["gone"]] == [True]
        (finding,) = library.health()["findings"]
        assert (finding["code"], finding["severity"]) == ("model-gone-restorable", "info")
        assert f"restore {model_id}" in finding["action"]
        assert library.restore(model_id)["state"] == "online"
    assert findings(home) == []


def test_a_copy_of_another_name_takes_the_place_of_what_is_gone(
    home: Path, models: dict[str, Path], tmp_path: Path
) -> None:
    model_id = next(iter(models))
    with Library.open(home) as library:
        library.delete(model_id)
        other = lora(tmp_path / "named anew.safetensors", seed=0)
        (again,) = library.import_models([other])["imported"]
        shutil.rmtree(Path(again["path"]).parent)
        library.restore(model_id)
        assert sorted(one["model_id"] for one in library.list()["models"]) == sorted(models)
    assert findings(home) == []


def test_it_is_forgotten_when_a_person_says_so(home: Path, models: dict[str, Path]) -> None:
    first, second = models
    for directory in models.values():
        shutil.rmtree(directory)
    with Library.open(home) as library:
        before = tree(home / "models")
        done = library.delete(first)  # the index knows it still
        assert done == {"model_id": first, "trash": None, "freed": 0}
        library.scan()
        assert [one["model_id"] for one in library.health()["findings"]] == [second]
        library.delete(second[:-2])
        assert tree(home / "models") == before
        with pytest.raises(ModelNotFoundError):
            library.delete(second)
    assert findings(home) == []


def test_a_beginning_that_two_have_is_refused(home: Path, models: dict[str, Path]) -> None:
    for directory in models.values():
        shutil.rmtree(directory)
    with Library.open(home) as library:
        library.scan()
        with pytest.raises(AmbiguousModelIdError):
            library.delete("lora")


@pytest.mark.parametrize("scan", [False, True])
def test_importing_it_again_brings_it_back_whole(
    home: Path, models: dict[str, Path], tmp_path: Path, *, scan: bool
) -> None:
    model_id, directory = next(iter(models.items()))
    shutil.rmtree(directory)
    with Library.open(home) as library:
        if scan:
            library.scan()
        report = library.import_models([tmp_path / "in" / "lora-0.safetensors"])
        assert [one["model_id"] for one in report["imported"]] == [model_id]
        assert library.show(model_id)["state"] == "online"
        assert library.verify([model_id])["intact"] == [model_id]
    assert (directory / "metadata.json").is_file()
    assert findings(home) == []


def test_a_referenced_model_whose_record_is_gone(home: Path, tmp_path: Path) -> None:
    place = tmp_path / "theirs"
    file = lora(place / "mine.safetensors", seed=5)
    with Library.open(home) as library:
        library.add_root(place, mode=RootMode.REFERENCED, marker=False)
        (model,) = library.import_models([file], place=Placement.REFERENCE)["imported"]
        (record,) = [path.parent for path in (home / "references").glob("*/*/metadata.json")]
        (record / "metadata.json").unlink()
        assert library.scan()["metadata_restored"] == [model["model_id"]]
        shutil.rmtree(record)
        assert [one["model_id"] for one in library.scan()["gone"]] == [model["model_id"]]
        library.import_models([file], place=Placement.REFERENCE)
        assert library.health()["findings"] == []


def link_into(home: Path, path: Path, method: LinkMethod) -> App:
    app = App("comfyui", "comfyui", write_installation(path), "0.6.0")
    with catalog_at(home) as catalog:
        link_models(catalog, app, method)
    return app


def test_links_to_what_is_forgotten_go_with_it(
    home: Path, models: dict[str, Path], tmp_path: Path
) -> None:
    app = link_into(home, tmp_path / "ComfyUI", LinkMethod.ABSOLUTE_SYMLINK)
    first, second = models
    shutil.rmtree(models[first])
    with Library.open(home) as library:
        library.delete(first)
    assert [path.name for path in (app.path / FOLDER).glob("lora*")] == [f"{second}.safetensors"]


@pytest.mark.parametrize("scan", [False, True])
def test_the_last_copy_in_an_application_is_never_forgotten(
    home: Path, models: dict[str, Path], tmp_path: Path, *, scan: bool
) -> None:
    app = link_into(home, tmp_path / "ComfyUI", LinkMethod.HARD_LINK)
    model_id = next(iter(models))
    shutil.rmtree(models[model_id])
    kept = app.path / FOLDER / f"{model_id}.safetensors"
    with Library.open(home) as library:
        if scan:
            library.scan()
        with pytest.raises(LinkConflictError) as refused:
            library.delete(model_id)
        assert refused.value.path == str(kept)
        assert len(library.import_models([kept])["imported"]) == 1
    assert findings(home) == []


KILLED = """
import os, signal, sys
from model_library import Library

home, kill_at = sys.argv[1], int(sys.argv[2])
left = kill_at

def hook(event, arguments):
    global left
    if event in ("sqlite3.connect", "os.rename", "os.remove", "open"):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

with Library.open(home) as library:
    sys.addaudithook(hook)
    library.scan(deep=True)
"""


@pytest.mark.parametrize("kill_at", [1, 4, 8, 12, 16, 20])
def test_it_is_still_named_after_a_scan_was_killed(
    home: Path, models: dict[str, Path], kill_at: int
) -> None:
    model_id = next(iter(models))
    shutil.rmtree(models[model_id])
    arguments = [sys.executable, "-c", KILLED, str(home), str(kill_at)]
    done = subprocess.run(arguments, check=False, timeout=60, env=dict(os.environ))
    assert done.returncode in (0, -signal.SIGKILL)
    assert [one["model_id"] for one in findings(home)] == [model_id]
    scanned(home)
    assert [one["model_id"] for one in findings(home)] == [model_id]
