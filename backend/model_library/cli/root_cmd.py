"""`root`: the directory trees that hold model files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from model_library.api.shapes import RootJson
from model_library.api.shapes_health import RelocationJson
from model_library.cli.exits import exiting
from model_library.cli.options import JsonOption, LibraryOption
from model_library.cli.output import Output, shown, size_text
from model_library.cli.session import opened, working
from model_library.display_names import number_of
from model_library.taxonomy import RootMode

app = typer.Typer(
    help="Directories and drives that hold model files.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

RootArgument = Annotated[str, typer.Argument(metavar="ROOT", help="Root id or its beginning.")]


@app.command("list")
@exiting
def list_(library: LibraryOption = None, as_json: JsonOption = False) -> int:
    """Show the roots, whether they are online and how much space they have."""
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        roots = lib.roots()
    if as_json:
        out.json({"roots": roots})
    else:
        _table(out, roots)
    return 0


@app.command()
@exiting
def add(
    path: Annotated[Path, typer.Argument(help="An existing directory.")],
    mode: Annotated[
        RootMode, typer.Option(help="managed: place files there; referenced: only read.")
    ] = RootMode.MANAGED,
    marker: Annotated[
        bool,
        typer.Option(
            "--marker/--no-marker", help="Write .root.json, by which a moved drive is known again."
        ),
    ] = True,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Add a directory as a root; what it holds of another library is found by its metadata."""
    out = Output(as_json=as_json)
    with working(out, library, "Scanning", counts=True) as lib:
        root = lib.add_root(path, mode=mode, marker=marker)
    _shown(out, root, "added")
    return 0


@app.command()
@exiting
def remove(root: RootArgument, library: LibraryOption = None, as_json: JsonOption = False) -> int:
    """Forget a root. Its files and their metadata stay where they are."""
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        removed = lib.remove_root(root)
    _shown(out, removed, "removed")
    return 0


@app.command()
@exiting
def relocate(
    old: Annotated[
        str, typer.Argument(metavar="OLD", help="Root id or its beginning, or its old path.")
    ],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="Where the root is now.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be changed.")
    ] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Say where a root is now; every stored path resolves again, and the links into it follow."""
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        moved = lib.relocate_root(old, new, dry_run=dry_run)
    if as_json:
        out.json(moved)
    else:
        _show_relocation(out, moved)
    return 0


@app.command()
@exiting
def drives(
    limit: Annotated[
        str | None,
        typer.Option("--limit", metavar="DRIVE=N", help="Work on N files of a drive at once."),
    ] = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Show the drives beneath the roots, and how many files are read or written on each at once."""
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        if limit is None:
            found = lib.drives()
        else:
            key, _, number = limit.partition("=")
            found = lib.set_drive_limit(key, int(number) if number.isdecimal() else 0)
    if as_json:
        out.json({"drives": found})
    else:
        kinds = {True: "hard disk", False: "SSD", None: "unknown"}
        rows = [
            (one["key"], kinds[one["rotational"]], str(one["at_once"]), ", ".join(one["roots"]))
            for one in found
        ]
        out.table(("Drive", "Kind", ">At once", "Roots"), rows)
    return 0


def _shown(out: Output, root: RootJson, word: str) -> None:
    if out.as_json:
        out.json(root)
    else:
        out.line(f"{word} root {root['root_id']} at {root['path']}")


def _show_relocation(out: Output, moved: RelocationJson) -> None:
    dry = moved["dry_run"]
    out.line(f"{'would relocate' if dry else 'relocated'} root {moved['root_id']}", "bold")
    out.fields(
        {
            "from": moved["old_path"],
            "to": moved["path"],
            "models": str(moved["models"]),
            "links to rewrite" if dry else "rewritten links": str(len(moved["rewritten"])),
        }
    )
    if moved["rewritten"]:
        out.line()
        out.table(
            ("App", "Link", "Led to", "Leads to"),
            [(r["app"], r["path"], r["old_text"], r["new_text"]) for r in moved["rewritten"]],
        )
    for left in moved["left"]:
        out.line(f"left  {shown(left['path'])}: {shown(left['reason'])}", "yellow")
    if moved["absent"]:
        out.note(
            f"Of {moved['absent']} of {number_of(moved['models'], 'model')} the files are not there: it may be an old copy",
            f"Compare it with {moved['old_path']} before you delete anything there.",
        )


def _table(out: Output, roots: Sequence[RootJson]) -> None:
    out.table(
        ("ID", "Mode", "State", ">Free", "Path"),
        [
            (
                root["root_id"],
                f"{root['mode']}{' (home)' if root['home'] else ''}",
                "online" if root["online"] else f"offline: {root['problem']}",
                size_text(root["free"]),
                root["path"],
            )
            for root in roots
        ],
    )
