"""Linking many models into one application, against bare loops over the same directory entries."""

from __future__ import annotations

import os
import shutil
import statistics
from collections.abc import Iterator
from pathlib import Path

from model_library.api.core import Library
from model_library.samples.comfyui import write_installation
from scripts.bench.bench_scan import make_models
from scripts.bench.measure import Measurement, in_turns, seconds

LINKED_KINDS = ("checkpoints", "loras", "vae")
_ROUNDS = 3
"""Full syncs, each beside a bare loop."""
SMALLEST, LARGEST = 100, 100_000
"""Models in the libraries that one model is synced in."""


def run(workspace: Path, *, full: bool) -> Iterator[Measurement]:
    """10,000 links (1,000), and one more model in libraries of growing size."""
    count = 10_000 if full else 1_000
    library = workspace / "library"
    Library.open(library).close()
    make_models(
        library, count * 4 // 3
    )  # of each four one is a language model, which is not linked
    with Library.open(library) as lib:
        lib.scan(deep=True)
        yield from _syncs(lib, workspace, promised=full)
    shutil.rmtree(workspace)
    workspace.mkdir()
    yield from _one_more(workspace, full=full)


def _syncs(lib: Library, workspace: Path, *, promised: bool) -> Iterator[Measurement]:
    """Each round has directories of its own: where thousands of names were removed a moment ago, ext4 looks
    through all their inodes for every new one, and makes twenty times fewer links in a second."""
    took, loops, apps = [], [], []
    for number in range(_ROUNDS):
        app = write_installation(workspace / f"ComfyUI-{number}")
        name = lib.app_add("comfyui", app, sync=False)["app"]["app_id"]
        took.append(seconds(lambda name=name: lib.link_sync(name)))  # type: ignore[misc] # bound now
        apps.append(name)
        made = sorted(_links(app))
        bare = workspace / f"bare-{number}"
        loops.append(seconds(lambda bare=bare, made=made: _make(bare, made)))  # type: ignore[misc] # bound now
    for earlier in apps[:-1]:
        lib.app_remove(earlier)
    detail = f"{len(made)} links"
    sync, loop = min(took), min(loops)
    target = 1.5 if promised else None
    yield Measurement("full sync", sync / loop, "x os.symlink in a loop", target, detail)
    nothing, reading, health = in_turns(
        [lambda: lib.link_sync(apps[-1]), lambda: list(_links(app)), lib.health], rounds=3
    )
    target = 8.0 if promised else None
    unit = "x scandir + readlink in a loop"
    yield Measurement("sync, nothing to do", nothing / reading, unit, target, detail)
    yield Measurement("the same", nothing, "s", 0.25 if promised else None, detail)
    yield Measurement("health", health / reading, unit, None, detail)


def _links(app: Path) -> Iterator[tuple[str, str]]:
    for folder in LINKED_KINDS:
        with os.scandir(app / "models" / folder) as entries:
            for entry in entries:
                if entry.is_symlink():
                    text = os.readlink(entry.path)  # noqa: PTH115 - the bare loop
                    yield f"{folder}/{entry.name}", text


def _make(directory: Path, links: list[tuple[str, str]]) -> None:
    for folder in LINKED_KINDS:
        (directory / folder).mkdir(parents=True)
    top = str(directory)
    for name, text in links:
        os.symlink(text, f"{top}/{name}")  # noqa: PTH211 - the bare loop


def _one_more(workspace: Path, *, full: bool) -> Iterator[Measurement]:
    """The sync of one model whose kind was changed, by the size of the library."""
    times: dict[int, float] = {}
    for count in (SMALLEST, 10_000, LARGEST) if full else (SMALLEST, 1_000):
        library, app = workspace / f"library-{count}", workspace / f"app-{count}"
        Library.open(library).close()
        make_models(library, count)
        write_installation(app)
        with Library.open(library) as lib:
            lib.scan(deep=True)
            lib.app_add("comfyui", app, sync=False)
            model = f"model-{0:08d}"
            lib.link_sync("comfyui", only=[model])
            times[count] = _median_sync(lib, app, model)
        shutil.rmtree(library)
        shutil.rmtree(app)
        if count > SMALLEST:
            ratio = times[count] / times[SMALLEST]
            unit = f"x the same among {SMALLEST}"
            detail = f"{times[count] * 1000:.1f} ms"
            target = 1.5 if full and count == LARGEST else None
            yield Measurement(f"one model among {count}", ratio, unit, target, detail)


def _median_sync(lib: Library, app: Path, model: str) -> float:
    rounds = []
    for _ in range(7):
        (app / "models" / "checkpoints" / f"{model}.safetensors").unlink()
        rounds.append(seconds(lambda: lib.link_sync("comfyui", only=[model])))
    return statistics.median(rounds)
