"""`link versions`: which versions of applications a model may be linked into."""

from __future__ import annotations

from typing import Annotated

import typer

from model_library.cli.exits import exiting
from model_library.cli.options import JsonOption, LibraryOption
from model_library.cli.output import Output
from model_library.cli.session import opened
from model_library.errors import UsageError


@exiting
def versions(
    model: Annotated[str, typer.Argument(metavar="ID", help="Id of a model or its beginning.")],
    ranges: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="APP=RANGE", help='"comfyui=>=0.5,<0.7"; comfyui= for any.'),
    ] = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Show or say which versions of applications a model may be linked into."""
    asked = {}
    for word in ranges or ():
        app, separator, text = word.partition("=")
        if not separator:
            raise UsageError(f"{word!r} is not of the form APP=RANGE")
        asked[app.strip()] = text
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        found = lib.set_version_ranges(model, asked) if asked else lib.version_ranges(model)
    if as_json:
        out.json(found)
        return 0
    out.line(found["model_id"], "bold")
    for app, text in found["ranges"].items():
        out.line(f"{app}: {text}")
    if found["error"] is not None:
        out.line(found["error"]["message"], "red")
    elif not found["ranges"]:
        out.line("It may be linked into any version of every application.")
    if found["apps"]:
        out.table(
            ("Application", "Version", "Linked", "Why not"),
            [
                (
                    one["app_id"],
                    one["version"] or "unknown",
                    "yes" if one["allowed"] else "no",
                    one["reason"],
                )
                for one in found["apps"]
            ],
        )
    return 0
