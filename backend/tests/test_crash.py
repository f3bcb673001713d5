"""`kill -9` in the middle of everything: nothing is lost, half visible or left behind.

A child process works on a library and is killed, either after a random time or right at one of its own
filesystem calls (an audit hook counts them). Then any command is run, and the promises are checked.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from model_library import Library
from tests.factory import lora, padded, shards
from tests.killed import Workers

PLACES = ("auto", "copy", "move", "reference")


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    started = Workers()
    yield started
    started.close()


def make_source(folder: Path) -> dict[str, str]:
    """Several models; returns the SHA-256 of every weight file by its path."""
    for number in range(4):
        lora(folder / f"lora-{number}.safetensors", seed=number)
    padded(folder / "big.safetensors", 4)
    shards(folder / "llm", 2, seed=50)
    return {str(path): digest(path) for path in folder.rglob("*.safetensors")}


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def check(directory: Path, source: dict[str, str]) -> None:
    """The promises, after the next command: every byte is somewhere, no half model, no leftovers."""
    with Library.open(directory) as library:
        models = library.list(limit=100)["models"]
        assert {model["state"] for model in models} <= {"online"}
        report = library.verify()
        assert report["damaged"] == []
        scanned = library.scan()
        assert (scanned["problems"], scanned["added"], scanned["removed"]) == ([], [], [])
        held = {file["sha256"] for model in models for file in model["files"]}
    for path, expected in source.items():
        file = Path(path)
        if file.exists():
            assert digest(file) == expected
        else:
            assert expected in held, f"{path} is neither at its place nor in the library"
    leftovers = [*directory.glob("*/.staging/*"), *directory.glob("references/*/.staging/*")]
    assert leftovers == []
    assert list((directory / "locks").glob("job-*")) == []
    assert list(directory.glob("models/.trash/rescued-*")) == []


@pytest.mark.parametrize("place", PLACES)
def test_a_killed_import_loses_nothing_at_any_filesystem_call(
    workers: Workers, tmp_path: Path, place: str
) -> None:
    make_source(tmp_path / "rehearsal")
    calls = workers.work(
        place, tmp_path / "rehearsal library", tmp_path / "rehearsal", kill_at=10**9
    )
    assert calls > 10
    chosen = random.Random(place).sample(range(1, calls + 1), min(14, calls))  # noqa: S311
    for kill_at in sorted(chosen):
        source, directory = tmp_path / f"in-{kill_at}", tmp_path / f"library-{kill_at}"
        expected = make_source(source)
        workers.work(place, directory, source, kill_at=kill_at)
        check(directory, expected)
        workers.work(place, directory, source)
        check(directory, expected)
        with Library.open(directory) as library:
            assert library.list()["total"] == 6


@pytest.mark.parametrize("place", PLACES)
def test_a_killed_import_loses_nothing_at_random_moments(
    workers: Workers, tmp_path: Path, place: str
) -> None:
    chance = random.Random(f"{place} moments")  # noqa: S311
    for number in range(6):
        source, directory = tmp_path / f"in-{number}", tmp_path / f"library-{number}"
        expected = make_source(source)
        workers.work(place, directory, source, after=chance.uniform(0.001, 0.25))
        check(directory, expected)


@pytest.mark.parametrize("action", ["delete", "edit", "edit many", "scan"])
def test_other_acts_are_finished_or_undone(workers: Workers, tmp_path: Path, action: str) -> None:
    source, directory = tmp_path / "in", tmp_path / "library"
    for number in range(3):
        lora(source / f"lora-{number}.safetensors", seed=number)
    with Library.open(tmp_path / "rehearsal") as library:
        library.import_models([source])
    calls = workers.work(action, tmp_path / "rehearsal", source, kill_at=10**9)
    for kill_at in range(1, calls + 1, max(1, calls // 10)):
        directory = tmp_path / f"library-{kill_at}"
        with Library.open(directory) as library:
            library.import_models([source])
        workers.work(action, directory, source, kill_at=kill_at)
        check(directory, {})
        with Library.open(directory) as library:
            there = {model["model_id"][:6] for model in library.list()["models"]}
            trashed = {model["model_id"][:6] for model in library.trash()}
        assert there | trashed >= ({"lora-0", "lora-2"} if action == "delete" else there)
        if action != "delete":
            assert there == {"lora-0", "lora-1", "lora-2"}
        assert not list(directory.glob("models/.trash/*/*.purging"))
