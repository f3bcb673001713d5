"""`link repair`: make links lead to their files again."""

from __future__ import annotations

from typing import Annotated

import typer

from model_library.api.shapes_health import RepairJson
from model_library.cli.exits import exiting
from model_library.cli.options import JsonOption, LibraryOption
from model_library.cli.output import Output, shown
from model_library.cli.session import opened


@exiting
def repair(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be done.")
    ] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Make links lead to their files again, by the drive or by content; what is not ours stays.

    In a copy of a library this also takes over the links that lead into the original; `health --fix` does not.
    """
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        done = lib.link_repair(dry_run=dry_run)
    if as_json:
        out.json(done)
    else:
        show_repair(out, done)
    return 1 if done["left"] else 0


def show_repair(out: Output, done: RepairJson) -> None:
    word = "would repair" if done["dry_run"] else "repaired"
    for app in done["moved_apps"]:
        out.line(f"{app['app']} moved from {shown(app['old_path'])} to {shown(app['path'])}")
    if done["repaired"]:
        rows = [(one["path"], one["was"], one["means"]) for one in done["repaired"]]
        out.table((word.capitalize(), "What was the matter", "Found by"), rows)
    for left in done["left"]:
        out.line(f"left  {shown(left['path'])}: {shown(left['reason'])}", "yellow")
    out.line(f"{word}: {len(done['repaired'])}, left: {len(done['left'])}", "bold")
