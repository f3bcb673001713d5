"""Deep scan, quick scan and opening, against reading the metadata files and against bare Python."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

from model_library.api.core import Library
from model_library.metadata import dump_metadata, parse_fields
from scripts.bench.measure import Measurement, in_turns, seconds

STYLES = ("anime", "landscape", "portrait", "robot")


def run(workspace: Path, *, full: bool) -> Iterator[Measurement]:
    """Libraries of 100,000 (10,000) models whose metadata is real and whose weights are empty."""
    count = 100_000 if full else 10_000
    library = workspace / "library"
    Library.open(library).close()
    paths = make_models(library, count)
    reading = min(seconds(lambda: [path.read_bytes() for path in paths]) for _ in range(3))
    with Library.open(library) as lib:
        deep = min(seconds(lambda: lib.scan(deep=True)) for _ in range(2))
        quick = min(seconds(lib.scan) for _ in range(2))
    size = f"{count} models"
    unit = "x reading the files"
    yield Measurement("deep scan", deep / reading, unit, 2.5 if full else None, size)
    yield Measurement("quick scan, nothing changed", quick / reading, unit, None, size)
    yield from _starts(library, size, promised=full)


def _starts(library: Path, size: str, *, promised: bool) -> Iterator[Measurement]:
    python = [sys.executable, "-c", "pass"]
    sqlite = [sys.executable, "-c", "import sqlite3"]
    opening = f"from model_library import Library; Library.open({str(library)!r}).close()"
    program = [sys.executable, "-m", "model_library"]
    where = ["--library", str(library)]
    commands = {
        "search x": [*program, "search", "x", *where],
        "list": [*program, "list", *where],
        "show": [*program, "show", "model-00000000", *where],
        "--help": [*program, "--help"],
        "--version": [*program, "--version"],
    }
    runs = [python, sqlite, [sys.executable, "-c", opening], *commands.values()]
    bare, with_sqlite, opened, *times = in_turns([_runner(r) for r in runs], rounds=7)
    target = 3.0 if promised else None
    yield Measurement("opening", opened / with_sqlite, "x python -c 'import sqlite3'", target, size)
    for name, took in zip(commands, times, strict=True):
        limit = 9.0 if name.startswith("--") else 12.0
        yield Measurement(name, took / bare, "x python -c pass", limit if promised else None, size)


def _runner(command: list[str]) -> Callable[[], None]:
    def call() -> None:
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    return call


def make_models(library: Path, count: int) -> list[Path]:
    """Write `count` models with metadata of about 2 KB; returns the metadata files."""
    paths = []
    for number in range(count):
        digest = uuid.uuid5(uuid.NAMESPACE_OID, str(number)).hex * 2
        name = f"Model {number:08d} {STYLES[number % 4]}"
        slug = f"model-{number:08d}"
        fields = {
            "model_id": f"{slug}-{digest[:8]}",
            "official_name": name,
            "slug": slug,
            "form": "single-file",
            "kind": ("checkpoint", "adapter", "vae", "llm")[number % 4],
            "family": ("sd1", "sdxl", "flux1", "llama")[number % 4],
            "container": "safetensors",
            "precision": "F16",
            "files": [
                {
                    "path": f"{slug}.safetensors",
                    "size": 0,
                    "sha256": digest,
                    "blake3": digest,
                    "original_name": f"{slug}.safetensors",
                    "role": "weight",
                }
            ],
            "content_digest": digest,
            "size": 0,
            "security": {
                "tier": "safe-format",
                "scanner": "model-library-1",
                "date": "2026-11-22T00:00:00Z",
            },
            "description": "A model for pictures of many kinds. " * 20,
            "tags": ["style", "detail", f"tag{number % 100}"],
            "added": "2026-11-22T00:00:00Z",
            "updated": "2026-11-22T00:00:00Z",
            "placement": "copy",
        }
        metadata = parse_fields(fields, library)
        directory = library / "models" / metadata.kind / metadata.family / slug
        directory.mkdir(parents=True)
        (directory / "metadata.json").write_bytes(dump_metadata(metadata))
        (directory / f"{slug}.safetensors").touch()
        paths.append(directory / "metadata.json")
    return paths
