"""`health`, `link repair` and `root relocate` as scripts and people use them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from model_library import Library
from model_library.cli.health_cmd import health
from model_library.cli.link_repair import repair
from model_library.link_registry import App
from model_library.samples.comfyui import write_installation
from model_library.taxonomy import LinkMethod
from tests.cli.program import as_json, mlib
from tests.linked import FOLDER, add_drive, catalog_at, import_loras, link_models

MODELS = 7


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.fixture
def app(home: Path, tmp_path: Path) -> App:
    """An application with a link to each model of a drive."""
    path = write_installation(tmp_path / "ComfyUI")
    app = App("comfyui", "comfyui", path, "0.6.0", inode=path.stat().st_ino)
    with Library.open(home) as library:
        root = add_drive(library, tmp_path / "mnt" / "drive")
        import_loras(library, tmp_path / "in", range(MODELS), root["root_id"])
    with catalog_at(home) as catalog:
        link_models(catalog, app, LinkMethod.ABSOLUTE_SYMLINK)
    return app


def run(verb: Any, *arguments: str, code: int) -> str:
    """One verb in this process: its table or document."""
    program = typer.Typer()
    program.command()(verb)
    result = CliRunner().invoke(program, arguments)
    assert result.exit_code == code, result.output
    return result.stdout


def test_health_is_one_document_with_an_exit_code(home: Path, app: App) -> None:
    report = as_json(home, "health")
    assert (report["status"], report["working"]) == ("healthy", MODELS)
    assert (
        "healthy  (working links: 7 of 7, applications: 1, models: 7; "
        in mlib(home, "health").stdout
    )
    (app.path / FOLDER).joinpath("mine").symlink_to(home / "models")
    assert as_json(home, "health", code=0)["status"] == "warnings"
    for path in (home.parent / "mnt").rglob("*.safetensors"):
        path.unlink()
    broken = as_json(home, "health", "--fix", code=1)
    assert (broken["status"], len(broken["repair"]["left"])) == ("errors", MODELS)


def test_what_health_finds_can_be_read(home: Path, app: App) -> None:
    from model_library.cli.exits import exiting

    for path in (app.path / FOLDER).glob("*.safetensors"):
        path.unlink()
    seen = run(exiting(health), "--library", str(home), code=0)
    assert "missing-link" in seen
    assert "The link to lora-" in seen
    assert f"that was made in ComfyUI is not there, and {MODELS - 1} more like it" in seen
    assert "and 2 more; --json names all of them" in seen
    assert "`model-library health --fix` makes it again." in seen
    fixed = run(exiting(health), "--library", str(home), "--fix", code=0)
    assert f"repaired: {MODELS}, left: 0" in fixed
    assert "healthy" in fixed


def test_one_finding_is_fixed_by_its_id(home: Path, app: App) -> None:
    from model_library.cli.exits import exiting

    first, second, *_ = sorted((app.path / FOLDER).glob("*.safetensors"))
    first.unlink()
    second.unlink()
    seen = run(exiting(health), "--library", str(home), code=0)
    (line,) = [line for line in seen.splitlines() if line.endswith(first.name)]
    name = line.split()[0]
    fixed = as_json(home, "health", "--fix", name)
    assert [one["path"] for one in fixed["repair"]["repaired"]] == [str(first)]
    assert (first.is_symlink(), second.is_symlink()) == (True, False)
    refused = as_json(home, "health", "--fix", name, code=2)
    assert name in refused["error"]["message"]
    assert as_json(home, "health", "--fix", "missing-link")["status"] == "healthy"


def test_repair_shows_what_it_would_do_and_does_it(home: Path, app: App) -> None:
    first, second, *_ = sorted((app.path / FOLDER).glob("*.safetensors"))
    first.unlink()
    moved = app.path.with_name("moved")
    app.path.rename(moved)
    planned = json.loads(run(repair, "--library", str(home), "--dry-run", "--json", code=0))
    assert (len(planned["repaired"]), planned["dry_run"]) == (1, True)
    assert not (moved / FOLDER / first.name).exists()
    seen = run(repair, "--library", str(home), "--dry-run", code=0)
    assert "would repair: 1, left: 0" in seen
    assert f"comfyui moved from {app.path} to {moved}" in seen
    (moved / FOLDER / second.name).resolve().unlink()
    seen = run(repair, "--library", str(home), code=1)
    assert "repaired: 1, left: 1" in seen
    assert "no file in the library has its content" in seen


def test_relocating_a_root_is_shown_beforehand(home: Path, app: App, tmp_path: Path) -> None:
    old, new = tmp_path / "mnt" / "drive", tmp_path / "quite" / "elsewhere"
    new.parent.mkdir()
    old.rename(new)
    planned = mlib(home, "root", "relocate", str(old), str(new), "--dry-run").stdout
    assert f"links to rewrite  {MODELS}" in planned
    done = as_json(home, "root", "relocate", str(old), str(new))
    assert (done["models"], len(done["rewritten"]), done["left"]) == (MODELS, MODELS, [])
    assert as_json(home, "health")["status"] == "healthy"
    new.rename(old)
    (app.path / FOLDER / Path(done["rewritten"][0]["path"]).name).unlink()
    again = mlib(home, "root", "relocate", done["root_id"], str(old)).stdout
    assert "relocated root" in again
    assert "nothing is there" in again
