"""`restore`: bring models back from the trash."""

from __future__ import annotations

from model_library.api.shapes import ModelJson
from model_library.cli.options import IdsArgument, JsonOption, LibraryOption
from model_library.cli.output import Output, shown
from model_library.cli.session import opened
from model_library.cli.several import each


def restore(
    model_ids: IdsArgument, library: LibraryOption = None, as_json: JsonOption = False
) -> int:
    """Bring models back from the trash; `list --trash` shows what is there."""
    out = Output(as_json=as_json)

    def show(model: ModelJson) -> None:
        out.line(f"restored {model['model_id']}: {shown(str(model['path']))}")

    with opened(out, library) as lib:
        return each(out, model_ids, lib.restore, "restored", show)
