"""What a person types or pastes where a path is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from model_library.api.typed_path import typed_path
from model_library.errors import InvalidValueError


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/models", "/models"),
        ("  /models\n", "/models"),
        ("'/my models'", "/my models"),
        ('"/my models"', "/my models"),
        ("~", "{home}"),
        ("~/models", "{home}/models"),
        ("file:///my%20models/a%23b", "/my models/a#b"),
        ("file://localhost/models", "/models"),
        ("FILE:///models", "/models"),
        ("file:/models", "/models"),
    ],
)
def test_a_path_is_read_as_it_is_meant(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, path: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert typed_path(text) == Path(path.format(home=tmp_path))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("models", "no absolute path"),
        ("", "no absolute path"),
        ("'", "no absolute path"),
        ("file:", "no absolute path"),
        ("file://nas/models", "another computer"),
        ("file://[nas/models", "cannot be read"),
        ("file:///a%00b", "cannot be read"),
        ("~nobody-of-this-name/x", "Nobody has that home"),
    ],
)
def test_what_leads_nowhere_is_one_clear_error(text: str, problem: str) -> None:
    with pytest.raises(InvalidValueError, match=problem):
        typed_path(text)
