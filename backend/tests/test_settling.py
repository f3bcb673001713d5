"""What a process that was killed left half made is settled before another one, which has the library open,
works on its links."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from model_library import Library
from model_library.samples.comfyui import write_installation
from tests.factory import lora

NAMES = ("one", "two")


@pytest.fixture
def app(tmp_path: Path) -> Path:
    return write_installation(tmp_path / "ComfyUI")


@pytest.fixture
def library(tmp_path: Path, app: Path) -> Iterator[Library]:
    """Two LoRAs, and links that were made by a process that died before it could say so."""
    for seed, name in enumerate(NAMES):
        lora(tmp_path / "in" / f"{name}.safetensors", seed=seed)
    with Library.open(tmp_path / "library") as opened:
        opened.import_models([tmp_path / "in"])
        opened.app_add("comfyui", app)
        with closing(sqlite3.connect(tmp_path / "library" / "registry.db")) as registry, registry:
            registry.execute(
                "UPDATE links SET state = 'pending', link_text = NULL, device = NULL, inode = NULL"
            )
        yield opened


def states(tmp_path: Path) -> list[str]:
    with closing(sqlite3.connect(tmp_path / "library" / "registry.db")) as registry:
        return [state for (state,) in registry.execute("SELECT state FROM links")]


def names(app: Path) -> list[str]:
    return sorted(path.stem for path in (app / "models" / "loras").glob("*.safetensors"))


@pytest.mark.parametrize("purge", [True, False])
def test_a_deletion_takes_the_links_of_the_dead(
    library: Library, app: Path, tmp_path: Path, *, purge: bool
) -> None:
    library.delete("one", purge=purge)
    assert names(app) == ["two"]
    assert states(tmp_path) == ["made"]


def test_removing_the_application_takes_them(library: Library, app: Path) -> None:
    removed = library.app_remove("comfyui")
    assert (removed["removed"], removed["left"]) == (2, [])
    assert names(app) == []


def test_cleaning_takes_them(library: Library, app: Path) -> None:
    assert len(library.link_clean("comfyui")["removed"]) == 2
    assert names(app) == []


@pytest.mark.parametrize(
    "act",
    [
        lambda library: library.link_sync("comfyui"),
        lambda library: library.link_put_back("comfyui", []),
        lambda library: library.link_purge("comfyui", []),
    ],
)
def test_others_finish_them(
    library: Library, app: Path, tmp_path: Path, act: Callable[[Library], object]
) -> None:
    act(library)
    assert states(tmp_path) == ["made", "made"]
    assert names(app) == list(NAMES)
