"""A path in metadata.json never leaves the directory that it belongs to."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_library.errors import InvalidValueError, MetadataError
from model_library.metadata import dump_metadata, parse_family, parse_metadata
from tests.models import described

PIECES = ["a", "model.safetensors", "..", ".", "", "/", "\\", "C:", "c", ":", "\0", "\n", " ", "é"]


def is_taken(path: str) -> bool:
    odd = described().model_copy(update={"preview": path})
    try:
        parse_metadata(dump_metadata(odd), "metadata.json")
    except MetadataError:
        return False
    return True


@given(st.lists(st.sampled_from(PIECES), max_size=5).map("".join) | st.text(max_size=8))
def test_what_is_taken_stays_inside_on_every_system(path: str) -> None:
    if not is_taken(path):
        return
    for kind in (PurePosixPath, PureWindowsPath):
        parsed = kind(path)
        assert parsed.parts
        assert ".." not in parsed.parts
        assert not parsed.is_absolute()
        assert not parsed.drive


@pytest.mark.parametrize(
    "path",
    [
        "model.safetensors",
        "unet/diffusion_model.safetensors",
        "a b",
        "_x",
        "é.gguf",
        ".hidden",
        "a..b",
    ],
)
def test_ordinary_names_are_taken(path: str) -> None:
    assert is_taken(path)


@pytest.mark.parametrize(
    "path", ["", ".", "..", "../a", "a/../b", "/a", "a\\b", "C:a", "c:", "a\0"]
)
def test_others_are_not(path: str) -> None:
    assert not is_taken(path)


def test_a_family_is_stored_in_lower_case_however_it_is_typed() -> None:
    assert parse_family("Zephyr-Gigantica") == parse_family("zephyr-gigantica")
    with pytest.raises(InvalidValueError, match="'no such'"):
        parse_family("no such")
