"""Runs every benchmark of this directory, or those named, and prints one table for each.

`python -m scripts.bench [topic ...]`; sizes are small unless BENCH_FULL=1. It ends with 1 when
something is over its target, which says "look", not "broken": the machine may have been busy.
"""

from __future__ import annotations

import argparse
import importlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from scripts.bench.measure import Measurement, print_table

HERE = Path(__file__).parent
SCRATCH = HERE.parent.parent / ".bench"
PREFIX = "bench_"


def main() -> int:
    topics = sorted(path.stem.removeprefix(PREFIX) for path in HERE.glob(f"{PREFIX}*.py"))
    options = argparse.ArgumentParser(prog="python -m scripts.bench", description=__doc__)
    options.add_argument("topics", nargs="*", metavar="topic", help=", ".join(topics))
    chosen: list[str] = options.parse_args().topics
    unknown = sorted(set(chosen) - set(topics))
    if unknown:
        options.error(f"no such topic: {', '.join(unknown)} (there are: {', '.join(topics)})")
    full = os.environ.get("BENCH_FULL", "") not in {"", "0"}
    # A program that may not keep its bytecode compiles itself anew at every start.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    console = Console()
    over = [row for topic in chosen or topics for row in run_topic(topic, full, console)]
    return 1 if over else 0


def run_topic(topic: str, full: bool, console: Console) -> Iterable[Measurement]:
    """Run and print one benchmark; what it returns is over its target."""
    benchmark = importlib.import_module(f"scripts.bench.{PREFIX}{topic}")
    rows: list[Measurement] = []
    with workspace(topic) as place, console.status(f"{topic} ...") as status:
        for row in benchmark.run(place, full=full):
            rows.append(row)
            status.update(f"{topic}: {row.name} {row.value:.2f} {row.unit}")
    size = "full sizes" if full else "small sizes, BENCH_FULL=1 for the promised ones"
    print_table(rows, title=f"{topic} ({size})", console=console)
    return [row for row in rows if not row.met]


@contextmanager
def workspace(topic: str) -> Iterator[Path]:
    """An empty directory beside the checkout's files, removed at the end whatever happens."""
    SCRATCH.mkdir(exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix=f"{topic}-", dir=SCRATCH))
    try:
        yield place
    finally:
        shutil.rmtree(place)


if __name__ == "__main__":
    sys.exit(main())
