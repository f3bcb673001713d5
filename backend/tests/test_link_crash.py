"""`kill -9` in the middle of linking: every application is correct after the next start.

After the next command nothing is half done, no link leads to a model that is gone, and nothing of the user is lost.
After one more sync everything is as if nothing had happened.
"""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from model_library import Library
from model_library.samples.comfyui import listed, write_installation
from model_library.unlinking import GOING
from tests.factory import lora
from tests.killed import Workers

MODELS = 4
TEXT = "the user's own"
MOMENTS = 12
"""How many of the calls of an act are tried in one test."""


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    started = Workers()
    yield started
    started.close()


def prepare(base: Path, action: str) -> tuple[Path, Path]:
    """A library and an application as they are just before the act."""
    sources = [
        lora(base / "in" / f"lora-{number}.safetensors", seed=number) for number in range(MODELS)
    ]
    directory, app = base / "library", write_installation(base / "ComfyUI")
    loras = app / "models" / "loras"
    with Library.open(directory) as library:
        library.import_models(sources)
        library.app_add("comfyui", app, sync=action not in ("skip", "rename", "overwrite", "adopt"))
        if action in ("rename", "overwrite", "skip", "put-back"):
            (loras / "lora-1.safetensors").unlink(missing_ok=True)
            (loras / "lora-1.safetensors").write_text(TEXT)
        if action == "adopt":
            shutil.copy(sources[1], loras / "lora-1.safetensors")
        if action == "put-back":
            library.link_sync("comfyui", on_conflict="overwrite")
        if action == "restore":
            library.delete("lora-2")
        if action == "repair":
            for number in range(MODELS - 1):
                (loras / f"lora-{number}.safetensors").unlink()
    return directory, app


def source_of(action: str, base: Path) -> Path:
    return Path("models/loras/lora-1.safetensors") if action == "put-back" else base / "in"


def users_text(app: Path) -> list[str]:
    """What the user wrote himself, wherever in the application it is."""
    files = [Path(top, name) for top, _, names in os.walk(app) for name in names]
    real = [path for path in files if not path.is_symlink() and path.suffix != ".py"]
    return [path.read_text() for path in real if 0 < path.stat().st_size < len(TEXT) + 1]


def check(directory: Path, app: Path, action: str) -> None:
    with Library.open(directory) as library:
        models = {model["model_id"] for model in library.list(limit=100)["models"]}
        links = library.link_list("comfyui")
        assert library.status()["unfinished"] == 0
        assert unsettled(directory) == 0
        assert {link["model_id"] for link in links} <= models
        for path in app.rglob("*.safetensors"):
            assert path.exists(), f"{path} leads nowhere"
        assert not list(app.rglob(f"{GOING}*")), "nothing keeps the name of a removal"
        if action in ("rename", "overwrite", "skip", "put-back"):
            assert users_text(app).count(TEXT) == 1
        if action in ("delete", "edit", "restore"):
            assert settled(library, app), "a change of models brings the links along by itself"
        library.link_sync("comfyui")
        assert settled(library, app)
        report = library.health()
        assert report["status"] != "errors", report
    assert list((directory / "locks").glob("job-*")) == []


def unsettled(directory: Path) -> int:
    """How many links are half made or half removed."""
    with closing(sqlite3.connect(directory / "registry.db")) as registry:
        (count,) = registry.execute("SELECT count(*) FROM links WHERE state <> 'made'").fetchone()
    return int(count)


def settled(library: Library, app: Path) -> bool:
    """Whether every model is linked where its kind is listed, except where the user's file is."""
    shown = listed(app)
    expected: dict[str, list[str]] = {"loras": [], "vae": []}
    for model in library.list(limit=100)["models"]:
        folder = "vae" if model["kind"] == "vae" else "loras"
        expected[folder].append(model["files"][0]["path"])
    return all(set(names) <= set(shown[folder]) for folder, names in expected.items())


ACTIONS = (
    "skip",
    "rename",
    "overwrite",
    "adopt",
    "clean",
    "put-back",
    "delete",
    "restore",
    "edit",
    "repair",
)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_killed_act_leaves_the_application_correct(
    workers: Workers, tmp_path: Path, action: str
) -> None:
    directory, _ = prepare(tmp_path / "rehearsal", action)
    source = source_of(action, tmp_path / "rehearsal")
    calls = workers.work(action, directory, source, kill_at=10**9)
    assert calls > 1
    chance = random.Random(action)  # noqa: S311 - which moments is no secret
    for kill_at in sorted(chance.sample(range(1, calls + 1), min(MOMENTS, calls))):
        base = tmp_path / f"killed-{kill_at}"
        directory, app = prepare(base, action)
        workers.work(action, directory, source_of(action, base), kill_at=kill_at)
        check(directory, app, action)
        shutil.rmtree(base)


@pytest.mark.parametrize("action", ["overwrite", "delete", "repair"])
def test_a_killed_act_at_random_moments(workers: Workers, tmp_path: Path, action: str) -> None:
    chance = random.Random(f"{action} moments")  # noqa: S311 - which moments is no secret
    for number in range(6):
        base = tmp_path / f"killed-{number}"
        directory, app = prepare(base, action)
        moment = chance.uniform(0.001, 0.06)
        workers.work(action, directory, source_of(action, base), after=moment)
        check(directory, app, action)
        shutil.rmtree(base)
