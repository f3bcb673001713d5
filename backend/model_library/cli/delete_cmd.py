"""`delete`: take a model out of the library."""

from __future__ import annotations

from typing import Annotated

import typer

from model_library.cli.options import IdArgument, JsonOption, LibraryOption
from model_library.cli.output import Output, size_text
from model_library.cli.session import opened


def delete(
    model_id: IdArgument,
    purge: Annotated[
        bool, typer.Option("--purge", help="Free the space at once; this cannot be undone.")
    ] = False,
    from_trash: Annotated[
        bool, typer.Option("--from-trash", help="Free the space of the copy in the trash only.")
    ] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Move a model to the trash, from where `restore` brings it back."""
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        done = lib.delete(model_id, purge=purge, from_trash=from_trash)
    if as_json:
        out.json(done)
    elif done["trash"] is None:
        out.line(f"deleted {done['model_id']}, {size_text(done['freed'])} freed")
    else:
        out.line(f"moved {done['model_id']} to the trash")
        out.line(f"`model-library restore {done['model_id']}` brings it back", "dim")
    return 0
