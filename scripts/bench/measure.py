"""The contract between the benchmarks and their runner, and the few helpers they share.

A benchmark is a module `scripts/bench/bench_<topic>.py` with one function

    def run(workspace: Path, *, full: bool) -> Iterator[Measurement]

`workspace` is an empty directory on the checkout's own filesystem that the runner makes and
removes. `full` is true under `BENCH_FULL=1`: the sizes that the targets name; otherwise smaller
ones, the whole benchmark in about a minute. A measurement is yielded as soon as it is known.

Speed is given as a ratio to something everybody has, measured in the same run on the same files
and in turns with it, because absolute times of a shared machine mean little.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Measurement:
    """One row of the table; lower is better.

    `unit` says what one unit of `value` is: for a ratio what 1.00 stands for (`x openssl dgst
    -sha256`), otherwise a plain unit (`ms`, `MB`). `target` is the highest value that is good, in
    the same unit; None where nothing is promised (a peer, a smaller size than the promise names).
    `detail` is free text: sizes, absolute times, why a target does not apply.
    """

    name: str
    value: float
    unit: str
    target: float | None = None
    detail: str = ""

    @property
    def met(self) -> bool:
        return self.target is None or self.value <= self.target


def seconds(call: Callable[[], object]) -> float:
    """Wall-clock seconds of one call."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def in_turns(calls: Sequence[Callable[[], object]], *, rounds: int = 3) -> list[float]:
    """Median seconds of each call, all measured round after round so that noise hits all alike.

    Whatever a call must undo (remove its copy, drop a database) belongs in the call before it
    or in a cheap first step of its own.
    """
    times = [[seconds(call) for call in calls] for _ in range(rounds)]
    return [statistics.median(column) for column in zip(*times, strict=True)]


def percentile(samples: Sequence[float], percent: float) -> float:
    """The smallest sample that at least `percent` % of the samples do not exceed."""
    ordered = sorted(samples)
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(0, int(rank) - 1)]


def print_table(measurements: Sequence[Measurement], *, title: str, console: Console) -> None:
    """One table of measurements, with a verdict where there is a target."""
    table = Table(title=title, title_justify="left")
    table.add_column("what")
    table.add_column("value", justify="right")
    table.add_column("unit")
    table.add_column("target", justify="right")
    table.add_column("", justify="center")
    table.add_column("detail", style="dim")
    for row in measurements:
        target = "" if row.target is None else f"{row.target:g}"
        verdict = "" if row.target is None else "ok" if row.met else "[bold red]over[/]"
        table.add_row(row.name, f"{row.value:.2f}", row.unit, target, verdict, row.detail)
    console.print(table)
