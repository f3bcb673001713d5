"""`samples`: small models in true formats, to look around with."""

from __future__ import annotations

from model_library.cli.import_cmd import show_import
from model_library.cli.options import JsonOption, LibraryOption
from model_library.cli.output import Output
from model_library.cli.session import working
from model_library.taxonomy import Placement


def samples(library: LibraryOption = None, as_json: JsonOption = False) -> int:
    """Add small sample models to look around with; `search tag:sample` finds them again."""
    out = Output(as_json=as_json)
    with working(out, library, "Making samples") as lib:
        result = lib.add_samples()
    if as_json:
        out.json(result)
    else:
        show_import(out, result, Placement.COPY)
    return 1 if result["failed"] else 0
