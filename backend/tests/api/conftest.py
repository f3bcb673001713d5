"""A library of its own for every test that does not say otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from model_library import Library
from tests.factory import lora


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.fixture
def library(directory: Path) -> Iterator[Library]:
    with Library.open(directory) as opened:
        yield opened


@pytest.fixture
def drive(library: Library, tmp_path: Path) -> tuple[Path, str]:
    """A second root with one model: its path and the model's id."""
    path = tmp_path / "mnt" / "usb" / "models"
    path.mkdir(parents=True)
    root = library.add_root(path)
    source = lora(tmp_path / "one" / "on-usb.safetensors", seed=9)
    (model,) = library.import_models([source], root=root["root_id"])["imported"]
    return path, model["model_id"]
