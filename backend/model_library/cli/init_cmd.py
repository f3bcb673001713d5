"""`init`: choose where the library lives."""

from __future__ import annotations

from typing import Annotated

import typer

from model_library.cli.options import JsonOption
from model_library.cli.output import Output


def init(
    path: Annotated[
        str | None,
        typer.Argument(
            metavar="DIR",
            help="A new or empty directory, or that of a library. Default: the platform's data directory.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Begin a library in a directory, or take the one that is there; later commands find it by themselves."""
    from model_library.api.first_run import begin_library
    from model_library.location import default_path, locate

    out = Output(as_json=as_json)
    if path is None:
        place = str(default_path())
    else:  # an address is for whoever reads typed paths; a shell's relative path is not
        place = path if path[:5].lower() == "file:" else str(locate(path, {}).path)
    directory = begin_library(place, out.notice)
    if as_json:
        out.json({"library": str(directory)})
    else:
        out.line(f"Your library is {directory}")
    return 0
