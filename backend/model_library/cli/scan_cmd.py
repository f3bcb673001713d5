"""`scan`: make the index say what is on disk."""

from __future__ import annotations

from typing import Annotated

import typer

from model_library.api.shapes import ScanJson
from model_library.cli.options import JsonOption, LibraryOption
from model_library.cli.output import Output
from model_library.cli.rendering import number_of
from model_library.cli.session import working

_LISTS = ("added", "updated", "removed", "missing", "modified", "metadata_restored")


def scan(
    deep: Annotated[
        bool, typer.Option("--deep", help="Rebuild the index from every metadata.json.")
    ] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Look at what changed on disk. No model file and nothing set by hand is changed."""
    out = Output(as_json=as_json)
    with working(out, library, "Scanning") as lib:
        result = lib.scan(deep=deep)
    if as_json:
        out.json(result)
    else:
        _show(out, result)
    return 1 if result["problems"] else 0


def _show(out: Output, result: ScanJson) -> None:
    for name in _LISTS:
        for model_id in result[name]:  # type: ignore[literal-required] # names of ScanJson above
            out.line(f"{name.replace('_', ' '):<18} {model_id}")
    for root_id in result["offline_roots"]:
        out.line(f"{'offline root':<18} {root_id}", "dim")
    for problem in result["problems"]:
        out.problem(problem["message"], problem["path"], problem["hint"])
    counts = [f"{len(result[n])} {n.replace('_', ' ')}" for n in _LISTS if result[n]]  # type: ignore[literal-required] # names of ScanJson above
    summary = ", ".join([number_of(result["models"], "model"), *counts])
    out.line(f"{summary} in {result['took_ms'] / 1000:.2f} s", "bold")
