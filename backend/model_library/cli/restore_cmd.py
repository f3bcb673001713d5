"""`restore`: bring a model back from the trash."""

from __future__ import annotations

from model_library.cli.options import IdArgument, JsonOption, LibraryOption
from model_library.cli.output import Output
from model_library.cli.session import opened


def restore(
    model_id: IdArgument, library: LibraryOption = None, as_json: JsonOption = False
) -> int:
    """Bring a model back from the trash; `list --trash` shows what is there."""
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        model = lib.restore(model_id)
    if as_json:
        out.json(model)
    else:
        out.line(f"restored {model['model_id']}: {model['path']}")
    return 0
