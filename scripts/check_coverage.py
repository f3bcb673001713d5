"""Fails unless every single file of the package is covered to at least 80 %, not on average.

Reads the `.coverage` that `make test` has just written. A file that no test ever imported counts
as 0 %, a file without statements as 100 %.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import coverage
from coverage.exceptions import CoverageException

TOP = Path(__file__).resolve().parent.parent
PACKAGE = TOP / "backend" / "model_library"
FLOOR = 80.0  # percent of lines and branches together, for each file


def main() -> int:
    try:
        measured = percent_by_file(TOP / ".coverage")
    except CoverageException as error:
        sys.stderr.write(f"coverage: {error}\n")
        return 1
    covered = {path: measured.get(path, unmeasured(path)) for path in PACKAGE.rglob("*.py")}
    poor = sorted((percent, path) for path, percent in covered.items() if percent < FLOOR)
    for percent, path in poor:
        sys.stderr.write(f"coverage: {percent:5.1f} %  {path.relative_to(TOP)}\n")
    if poor:
        sys.stderr.write(f"coverage: {len(poor)} files below {FLOOR:.0f} %, see above\n")
        return 1
    lowest, where = min((percent, path) for path, percent in covered.items())
    sys.stdout.write(
        f"coverage: all {len(covered)} files have at least {FLOOR:.0f} %; "
        f"the lowest {lowest:.1f} % in {where.relative_to(TOP)}\n"
    )
    return 0


def percent_by_file(data: Path) -> dict[Path, float]:
    """Percent covered of each measured file. Raises CoverageException when there is no data."""
    run = coverage.Coverage(data_file=str(data))
    run.load()
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch, "coverage.json")
        run.json_report(outfile=str(report))
        files = json.loads(report.read_text(encoding="utf-8"))["files"]
    return {
        Path(TOP, name).resolve(): entry["summary"]["percent_covered"]
        for name, entry in files.items()
    }


def unmeasured(path: Path) -> float:
    """A file absent from the data was never imported; that matters only if it holds code."""
    return 0.0 if path.read_text(encoding="utf-8").strip() else 100.0


if __name__ == "__main__":
    sys.exit(main())
