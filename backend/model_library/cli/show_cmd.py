"""`show`: everything about one model."""

from __future__ import annotations

from model_library.cli.options import IdArgument, JsonOption, LibraryOption
from model_library.cli.output import Output
from model_library.cli.rendering import show_model
from model_library.cli.session import opened


def show(model_id: IdArgument, library: LibraryOption = None, as_json: JsonOption = False) -> int:
    """Show one model: what it is and why we think so, its files and their hashes."""
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        model = lib.show(model_id)
    if as_json:
        out.json(model)
    else:
        show_model(out, model)
    return 0
