"""Where the user's library is, and what is remembered of that."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from model_library import Library
from model_library.errors import LibraryPathError
from model_library.location import Chosen, Location, default_path, locate, remember


@pytest.fixture(autouse=True)
def own_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config" / "model-library" / "location.json"


def test_an_option_goes_before_the_environment_and_both_before_what_is_remembered(
    tmp_path: Path,
) -> None:
    assert locate(None, {}) == Location(default_path(), Chosen.DEFAULT)
    remember(tmp_path / "kept")
    named = {"MODEL_LIBRARY": str(tmp_path / "named")}
    assert locate(None, {}) == Location(tmp_path / "kept", Chosen.REMEMBERED)
    assert locate(None, named) == Location(tmp_path / "named", Chosen.ENVIRONMENT)
    assert locate(str(tmp_path / "x"), named) == Location(tmp_path / "x", Chosen.OPTION)


def test_a_library_that_was_chosen_and_is_away_is_not_begun_anew(tmp_path: Path) -> None:
    remember(tmp_path / "drive" / "library")
    with pytest.raises(LibraryPathError, match="not there"):
        Library.open()
    assert not (tmp_path / "drive").exists()


def test_a_library_that_was_chosen_is_opened_without_being_named(tmp_path: Path) -> None:
    Library.open(tmp_path / "library").close()
    remember(tmp_path / "library")
    with Library.open() as library:
        assert library.path == tmp_path / "library"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"library": 3}',
        '{"library": "relative"}',
        "{",
        pytest.param("[" * 60_000, id="deep"),
    ],
)
def test_a_damaged_note_is_an_error_that_names_it(own_configuration: Path, content: str) -> None:
    own_configuration.parent.mkdir(parents=True)
    own_configuration.write_text(content)
    with pytest.raises(LibraryPathError) as raised:
        locate(None, {})
    assert raised.value.path == str(own_configuration)


def test_a_place_that_no_system_takes_has_no_library(own_configuration: Path) -> None:
    own_configuration.parent.mkdir(parents=True)
    own_configuration.write_text(json.dumps({"library": "/" + "a" * 5000}))
    with pytest.raises(LibraryPathError, match="not there"):
        locate(None, {}).require_there()
