"""Importing through the command line: what a person waits for, against reading and hashing alone.

Offline, because otherwise an import ends with lookups, which wait for the network and not for us: a second where
nobody answers.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from model_library.io.platform.page_cache import sync_filesystem
from model_library.samples.formats import write_gguf, write_safetensors
from scripts.bench.measure import Measurement, seconds

MIB = 1024**2
UNIT = "x openssl dgst -sha256"
_MEMORY = (
    "import resource, sys\n"
    "from model_library.cli.main import run\n"
    "try:\n"
    "    run(sys.argv[1:])\n"
    "finally:\n"
    "    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
    "    sys.stderr.write(f'peak {peak}\\n')\n"
)


def run(workspace: Path, *, full: bool) -> Iterator[Measurement]:
    """One large file in every way of placing, and many small ones."""
    large = 4096 if full else 1024
    gguf = workspace / "source" / "large.gguf"
    safetensors = workspace / "source" / "large.safetensors"
    gguf.parent.mkdir()
    _write_large(gguf, safetensors, large)
    size = f"{large / 1024:.0f} GiB, source in the page cache"
    for path, target in ((gguf, 1.00), (safetensors, None)):
        note = size if target else f"{size}; AutoV3 is a third hash over all of it"
        hashing = _openssl(path)
        took, peak = _import(workspace, path, "copy")
        promised = target if full else None
        yield Measurement(f"import by copy, {path.suffix}", took / hashing, UNIT, promised, note)
        yield Measurement("peak memory of that import", peak, "MB", 120.0)
    hashing = _openssl(gguf)
    took, _ = _import(workspace, gguf, "move")
    yield Measurement("import by move", took / hashing, UNIT, 0.85 if full else None, size)
    shutil.rmtree(workspace / "source")
    yield from _many(workspace, 2000 if full else 400, promised=full)


def _write_large(gguf: Path, safetensors: Path, mebibytes: int) -> None:
    """Real bytes, not holes: what is measured is reading, hashing and writing them."""
    rows = mebibytes * MIB // (2 * 4096)
    write_gguf(gguf, {"general.architecture": "llama"}, [("a.weight", "F16", (rows, 4096))])
    write_safetensors(safetensors, [("a.weight", "F16", (rows, 4096))])
    for path in (gguf, safetensors):
        with path.open("rb+") as file:
            file.seek(MIB)
            block = os.urandom(4 * MIB)
            for _ in range(mebibytes // 4 - 1):
                file.write(block)


def _openssl(*paths: Path) -> float:
    def hash_all() -> None:
        for start in range(0, len(paths), 500):
            command = ["openssl", "dgst", "-sha256", *map(str, paths[start : start + 500])]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    hash_all()
    return min(seconds(hash_all) for _ in range(2))


def _import(workspace: Path, path: Path, place: str) -> tuple[float, float]:
    """Seconds and peak MB of one import into a new library, the best of two."""
    best, peak = float("inf"), 0.0
    library = workspace / "library"
    for _ in range(2):
        shutil.rmtree(library, ignore_errors=True)
        sync_filesystem(workspace)  # it is busy for seconds with the blocks that became free
        command = [
            sys.executable,
            "-c",
            _MEMORY,
            "import",
            str(path),
            "--place",
            place,
            "--offline",
        ]
        done: list[subprocess.CompletedProcess[str]] = []
        took = seconds(
            lambda command=command, done=done: done.append(  # type: ignore[misc] # bound now
                subprocess.run(
                    [*command, "--library", str(library), "--json"],
                    check=True,
                    capture_output=True,
                    text=True,
                )
            )
        )
        best = min(best, took)
        if place == "move":
            next((library / "models").glob(f"*/*/*/{path.name}")).rename(path)
        peak = int(done[0].stderr.split()[-1]) / 1024
    shutil.rmtree(library)
    return best, peak


def _many(workspace: Path, count: int, *, promised: bool) -> Iterator[Measurement]:
    folder = workspace / "many"
    folder.mkdir()
    for number in range(count):
        path = folder / f"lora-{number:04d}.safetensors"
        write_safetensors(path, [("w", "F16", (MIB // 2,))], sparse=False, seed=number)
    hashing = _openssl(*sorted(folder.iterdir()))
    took, _ = _import(workspace, folder, "copy")
    target = 1.6 if promised else None
    yield Measurement(f"import {count} files of 1 MB", took / hashing, UNIT, target)
