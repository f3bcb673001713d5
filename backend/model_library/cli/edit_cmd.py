"""`edit`: say what a model is."""

from __future__ import annotations

from typing import Annotated

import typer

from model_library.cli.options import IdArgument, JsonOption, LibraryOption
from model_library.cli.output import Output
from model_library.cli.rendering import show_model
from model_library.cli.session import opened


def edit(
    model_id: IdArgument,
    assignments: Annotated[
        list[str],
        typer.Option(
            "--set",
            metavar="FIELD=VALUE",
            help="e.g. kind=lora, family=sdxl, official_name=Name, tags=anime,line-art, notes=text.",
        ),
    ],
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Set fields of a model by hand. No scan or lookup overwrites them afterwards."""
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        model = lib.edit(model_id, assignments)
    if as_json:
        out.json(model)
    else:
        show_model(out, model)
    return 0
