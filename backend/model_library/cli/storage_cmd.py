"""`storage`: what takes the space, and what lies outside a second time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from model_library.api.shapes_storage import CopiesJson, CopyJson, StorageJson
from model_library.cli.options import JsonOption, LibraryOption
from model_library.cli.output import Output, shown, size_text
from model_library.cli.session import opened, working
from model_library.display_names import number_of


def storage(
    copies: Annotated[
        bool,
        typer.Option("--copies", help="Files of other programs that the library holds too."),
    ] = False,
    compare: Annotated[
        Path | None,
        typer.Option(
            "--compare", metavar="FILE", help="Read a file and say whether the library holds it."
        ),
    ] = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Show what takes the space, by kind, family and root. Nothing is changed."""
    out = Output(as_json=as_json)
    if compare is not None:
        with working(out, library, "Comparing") as lib:
            compared = lib.compare_copy(compare)
        text = f"the same as {compared['model_id']}" if compared["same"] else "not in the library"
        out.json(compared) if as_json else out.line(text)
        return 0
    with opened(out, library) as lib:
        if copies:
            found = lib.outside_copies()
            out.json(found) if as_json else _copies(out, found)
        else:
            usage = lib.storage()
            out.json(usage) if as_json else _usage(out, usage)
    return 0


def _usage(out: Output, usage: StorageJson) -> None:
    roots = usage["roots"]
    rows = [
        (
            one["adapter_type"] or one["kind"],
            one["family"] or "-",
            str(one["models"]),
            size_text(one["bytes"]),
            roots.get(one["root_id"], one["root_id"]),
        )
        for one in usage["groups"]
    ]
    out.table(("Kind", "Family", ">Models", ">Size", "Root"), rows)
    out.line(f"{number_of(usage['models'], 'model')}, {size_text(usage['bytes'])}", "bold")
    for volume in usage["volumes"]:
        free, total = size_text(volume["free"]), size_text(volume["total"])
        out.line(f"{volume['mount_point']} ({volume['filesystem']}): {free} of {total} free")


def _copies(out: Output, found: CopiesJson) -> None:
    for copy in found["copies"]:
        out.line(
            f"{size_text(copy['size'])}  {shown(copy['path'])}  {copy['model_id']} ({_certainty(copy)})"
        )
    linkable = [one for one in found["copies"] if one["target"] and one["compared"] is not False]
    out.line(
        f"{'1 copy' if len(found['copies']) == 1 else str(len(found['copies'])) + ' copies'}; linking {len(linkable)} of them would free {size_text(found['bytes'])}",
        "bold",
    )
    for app in sorted({str(one["app_id"]) for one in linkable}):
        out.line(f"`model-library link sync {app} --on-conflict adopt` links in their place")
    out.line(f"Files below {size_text(found['smallest'])} were not looked at")


def _certainty(copy: CopyJson) -> str:
    if copy["compared"] is not None:
        return "compared" if copy["compared"] else "differs"
    return "by hash" if copy["certain"] else "by size and a sample"
