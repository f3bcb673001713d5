"""A library that was copied has the ids of the original, whose links it leaves alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from model_library import Library
from model_library.link_registry import App
from model_library.samples.comfyui import write_installation
from model_library.taxonomy import LinkMethod
from tests.linked import catalog_at, import_loras, link_models, opened_once
from tests.test_health import MODELS, at, found, health


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.fixture
def app(tmp_path: Path) -> App:
    path = write_installation(tmp_path / "ComfyUI")
    return App("comfyui", "comfyui", path, "0.6.0", inode=path.stat().st_ino)


def test_a_copy_of_the_library_takes_no_links_by_itself(
    home: Path, app: App, tmp_path: Path
) -> None:
    with Library.open(home) as library:
        import_loras(library, tmp_path / "in", range(MODELS))
    with catalog_at(home) as catalog:
        links = link_models(catalog, app, LinkMethod.ABSOLUTE_SYMLINK)
    copy = tmp_path / "copy"
    shutil.copytree(home, copy)
    (notice,) = opened_once(copy)
    assert "made to follow" not in notice.message
    assert f"not leading to their files: {MODELS}" in notice.message
    assert all(at(app, link).resolve().is_relative_to(home) for link in links)
    finding, *more = found(health(copy), "link-elsewhere")
    assert (len(more), finding["fixable"]) == (MODELS - 1, False)
    assert str(home / "models") in finding["message"]
    assert "link repair" in finding["action"]
    fixed = health(copy, fix=True)
    assert (fixed["repair"]["repaired"], fixed["status"]) == ([], "warnings")
    assert all(at(app, link).resolve().is_relative_to(home) for link in links)
    assert health(home)["status"] == "healthy"
    with Library.open(copy) as library:
        assert len(library.link_repair(dry_run=True)["repaired"]) == MODELS
        assert len(library.link_repair()["repaired"]) == MODELS
    assert health(copy)["status"] == "healthy"
    assert all(at(app, link).resolve().is_relative_to(copy) for link in links)
    assert len(found(health(home), "foreign-link")) == MODELS


def test_a_copy_that_lacks_a_model_leaves_its_link_to_the_original(
    home: Path, app: App, tmp_path: Path
) -> None:
    with Library.open(home) as library:
        import_loras(library, tmp_path / "in", range(MODELS))
    with catalog_at(home) as catalog:
        first, *_ = link_models(catalog, app, LinkMethod.ABSOLUTE_SYMLINK)
    copy = tmp_path / "copy"
    shutil.copytree(home, copy)
    (copy / "models" / first.source).unlink()
    report = health(copy, fix=True)
    assert found(report, "broken-link") == []
    assert at(app, first).resolve().is_relative_to(home)
