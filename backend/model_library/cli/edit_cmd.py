"""`edit`: say what models are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from model_library.cli.options import IdsArgument, JsonOption, LibraryOption
from model_library.cli.output import Output
from model_library.cli.rendering import show_model, show_models
from model_library.cli.session import opened
from model_library.display_names import number_of

if TYPE_CHECKING:
    from model_library.api.shapes import EditedJson


def edit(
    model_ids: IdsArgument,
    assignments: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="FIELD=VALUE",
            help="e.g. kind=lora, family=sdxl, official_name=Name, tags=anime,line-art, notes=text.",
        ),
    ] = None,
    add_tags: Annotated[
        list[str] | None,
        typer.Option("--add-tag", metavar="TAG", help="Add tags to those that each model has."),
    ] = None,
    remove_tags: Annotated[
        list[str] | None,
        typer.Option("--remove-tag", metavar="TAG", help="Remove tags and keep the others."),
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
    """Set fields of models by hand. No scan or lookup overwrites them afterwards.

    Several fields or tags: repeat the option, or separate tags and the names of --unset by commas.
    """
    out = Output(as_json=as_json)
    words: dict[str, Sequence[str]] = {
        "assignments": assignments or (),
        "unset": [name.strip() for part in unset or () for name in part.split(",")],
        "add_tags": add_tags or (),
        "remove_tags": remove_tags or (),
    }
    with opened(out, library) as lib:
        if len(model_ids) > 1:
            return _show_several(out, lib.edit_models(model_ids, **words))
        model = lib.edit(model_ids[0], **words)
    if as_json:
        out.json(model)
    else:
        show_model(out, model)
    return 0


def _show_several(out: Output, done: EditedJson) -> int:
    if out.as_json:
        out.json(done)
        return 1 if done["failed"] else 0
    for one in done["failed"]:
        error = one["error"]
        out.problem(f"{one['model_id']}: {error['message']}", error.get("path"), error["hint"])
    if done["edited"]:
        show_models(out, done["edited"])
    out.line(f"{number_of(len(done['edited']), 'model')} edited", "dim")
    return 1 if done["failed"] else 0
