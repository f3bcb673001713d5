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
        list[str] | None,
        typer.Option(
            "--set",
            metavar="FIELD=VALUE",
            help="e.g. kind=lora, family=sdxl, official_name=Name, tags=anime,line-art, notes=text.",
        ),
    ] = None,
    unset: Annotated[
        list[str] | None,
        typer.Option(
            "--unset",
            metavar="FIELD",
            help="Take back what was set by hand; what was found automatically counts again.",
        ),
    ] = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Set fields of a model by hand. No scan or lookup overwrites them afterwards.

    Several fields: repeat the option, or separate the names of --unset by commas.
    """
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        names = [name.strip() for part in unset or () for name in part.split(",")]
        model = lib.edit(model_id, assignments or (), unset=names)
    if as_json:
        out.json(model)
    else:
        show_model(out, model)
    return 0
