"""`init` and `samples`: the first minutes at the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from model_library.cli.main import app
from model_library.errors import LibraryPathError


@pytest.fixture(autouse=True)
def own_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def test_what_was_chosen_once_is_found_by_every_later_command(tmp_path: Path) -> None:
    runner = CliRunner()
    place = tmp_path / "my models"
    assert runner.invoke(app, ["init", str(place)]).exit_code == 0
    told = json.loads(runner.invoke(app, ["status", "--json"]).stdout)
    assert told["library"] == str(place)


def test_a_place_that_cannot_be_is_refused_with_its_reason(tmp_path: Path) -> None:
    refused = CliRunner().invoke(app, ["init", "/proc/nope"])
    assert isinstance(refused.exception, LibraryPathError)
    assert "part of the system itself" in refused.exception.message
    assert not (tmp_path / "config" / "model-library" / "location.json").exists()


def test_samples_come_in_with_their_tag(tmp_path: Path) -> None:
    library = str(tmp_path / "library")
    runner = CliRunner()
    first = runner.invoke(app, ["samples", "--library", library, "--json"])
    assert len(json.loads(first.stdout)["imported"]) == 7
    found = runner.invoke(app, ["search", "tag:sample", "--library", library, "--json"])
    assert json.loads(found.stdout)["total"] == 7
    assert list((tmp_path / "library" / "uploads").iterdir()) == []
