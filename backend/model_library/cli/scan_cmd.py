"""`scan`: make the index say what is on disk."""

from __future__ import annotations

from typing import Annotated

import typer

from model_library.api.shapes import ScanJson
from model_library.cli.options import JsonOption, LibraryOption
from model_library.cli.output import Output, shown
from model_library.cli.session import working
from model_library.display_names import number_of

_LISTS = ("added", "updated", "missing", "modified", "metadata_restored")


def scan(
    deep: Annotated[
        bool, typer.Option("--deep", help="Rebuild the index from every metadata.json.")
    ] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Look at what changed on disk. No model file and nothing set by hand is changed."""
    out = Output(as_json=as_json)
    with working(out, library, "Scanning", counts=True) as lib:
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
    gone = {one["model_id"]: one for one in result["gone"]}
    for model_id in result["removed"]:
        out.line(f"{'removed':<18} {model_id}")
        if (one := gone.get(model_id)) is not None:
            where = shown(one["path"] or "its root")
            out.line(f"{'':<18} {shown(one['official_name'])} is not at {where} any more", "yellow")
    for root_id in result["offline_roots"]:
        out.line(f"{'offline root':<18} {root_id}", "dim")
    for problem in result["problems"]:
        out.problem(problem["message"], problem["path"], problem["hint"])
    if gone:
        what = f"{number_of(len(gone), 'model')} gone from where the library had put them"
        out.note(what, "`model-library health` says what can be done about each.")
    counts = [f"{len(result[n])} {n.replace('_', ' ')}" for n in (*_LISTS, "removed") if result[n]]  # type: ignore[literal-required] # names of ScanJson above
    summary = ", ".join([number_of(result["models"], "model"), *counts])
    out.line(f"{summary} in {result['took_ms'] / 1000:.2f} s", "bold")
