"""`verify`: prove that the files are what they were."""

from __future__ import annotations

from typing import Annotated

import typer

from model_library.cli.options import JsonOption, LibraryOption
from model_library.cli.output import Output, size_text
from model_library.cli.session import working


def verify(
    model_ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID...]", help="Models to verify; all of them when none is named."),
    ] = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Hash model files again and compare them with what was imported."""
    out = Output(as_json=as_json)
    with working(out, library, "Verifying") as lib:
        result = lib.verify(model_ids or [])
    if as_json:
        out.json(result)
    else:
        for damaged in result["damaged"]:
            out.line(f"damaged  {damaged['model_id']}", "red")
            for problem in damaged["problems"]:
                out.problem(problem["message"], problem["path"], problem["hint"])
        for model_id in result["offline"]:
            out.line(f"offline  {model_id}", "dim")
        out.line(
            f"{len(result['intact'])} intact, {len(result['damaged'])} damaged,"
            f" {len(result['offline'])} offline; {size_text(result['bytes'])}"
            f" in {result['took_ms'] / 1000:.1f} s",
            "bold",
        )
    return 1 if result["damaged"] else 0
