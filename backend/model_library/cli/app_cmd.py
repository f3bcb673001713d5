"""`app`: the applications that models are linked into."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from model_library.api.shapes_apps import (
    AppAddedJson,
    AppJson,
    AppRemovedJson,
    TrashedAppJson,
)
from model_library.cli.app_profile import profile
from model_library.cli.exits import exiting
from model_library.cli.link_cmd import show_preview, show_sync
from model_library.cli.options import JsonOption, LibraryOption
from model_library.cli.output import Output, size_text
from model_library.cli.session import opened, working
from model_library.errors import UsageError

app = typer.Typer(
    help="Applications that use the models: ComfyUI, A1111, Forge, llama.cpp ...",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

KindArgument = Annotated[
    str, typer.Argument(metavar="KIND", help="What it is, e.g. comfyui; `app profiles` shows all.")
]
AppArgument = Annotated[str, typer.Argument(metavar="APP", help="Application id or its beginning.")]
TrashedArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="As `app list --trash` shows it.")
]
VariantOption = Annotated[
    str, typer.Option("--variant", metavar="V", help="Variant of its profile, e.g. sdxl-only.")
]
NoSyncOption = Annotated[
    bool,
    typer.Option("--no-sync", help="Make no links, also later, until `link sync` is asked for."),
]


@app.command()
@exiting
def add(
    kind: KindArgument,
    path: Annotated[str, typer.Argument(metavar="PATH", help="The directory of the application.")],
    variant: VariantOption = "",
    version: Annotated[
        str | None,
        typer.Option("--version", metavar="N", help="Its version, where it states none itself."),
    ] = None,
    no_sync: NoSyncOption = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be linked and change nothing.")
    ] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Add an installed application and link the models that it can use into it."""
    out = Output(as_json=as_json)
    with working(out, library, "Linking", counts=True) as lib:
        added = lib.app_add(
            kind, path, version=version, variant=variant, sync=not no_sync, dry_run=dry_run
        )
    return _show_added(out, added)


@app.command()
@exiting
def install(
    kind: KindArgument,
    version: Annotated[str, typer.Option("--version", metavar="TAG", help="Tag of the version.")],
    source: Annotated[
        str, typer.Option("--from", metavar="SOURCE", help="Git URL or path to clone from.")
    ],
    variant: VariantOption = "",
    no_sync: NoSyncOption = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Clone a version into the library's own apps directory, add it and link the models into it."""
    out = Output(as_json=as_json)
    with working(out, library, "Installing", counts=True) as lib:
        added = lib.app_install(
            kind, version=version, source=source, variant=variant, sync=not no_sync
        )
    return _show_added(out, added)


@app.command("list")
@exiting
def list_(
    trash: Annotated[
        bool, typer.Option("--trash", help="Show the installed versions that were removed instead.")
    ] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Show the applications, their versions and how many links each has."""
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        if trash:
            return _show_trash(out, lib.app_trash())
        apps = lib.app_list()
    if as_json:
        out.json({"apps": apps})
    elif apps:
        _table(out, apps)
    else:
        out.line("No application was added yet: `model-library app add KIND PATH`.")
    return 0


app.command()(profile)


@app.command()
@exiting
def edit(
    app_id: AppArgument,
    variant: Annotated[
        str, typer.Option("--variant", metavar="V", help='Variant of its profile, "" for none.')
    ],
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Give an application another variant of its profile; `link sync` does what that means."""
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        changed = lib.app_edit(app_id, variant=variant)
    if as_json:
        out.json(changed)
    else:
        out.line(f"{changed['app_id']} has the variant {changed['variant'] or 'of no name'} now")
        out.line(
            f"`model-library link sync {changed['app_id']}` brings its links up to date", "dim"
        )
    return 0


@app.command()
@exiting
def find(
    path: Annotated[
        str | None,
        typer.Argument(metavar="[PATH]", help="Look there instead of in the usual places."),
    ] = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Look for installations that could be added."""
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        found = lib.app_find(path)
    if as_json:
        out.json({"installations": found})
    elif found:
        out.table(
            ("Kind", "Version", "ID", "Path"),
            [
                (one["kind"], one["version"] or "unknown", one["app_id"] or "-", one["path"])
                for one in found
            ],
        )
    else:
        out.line("None was found: `model-library app add KIND PATH` takes any directory.")
    return 0


@app.command()
@exiting
def profiles(library: LibraryOption = None, as_json: JsonOption = False) -> int:
    """Show which applications are known and the variants of their profiles."""
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        found = lib.profiles()
    if as_json:
        out.json({"profiles": found})
    else:
        rows = [
            (
                one["name"],
                one["display"],
                "built-in" if one["built_in"] else "yours",
                one["path"] if one["error"] is None else one["error"]["message"],
            )
            for one in found
            if not one["hidden"]
        ]
        out.table(("Profile", "Application", "Origin", "Path, or what is wrong with it"), rows)
    return 0


@app.command()
@exiting
def remove(
    app_id: AppArgument,
    trash: Annotated[
        bool,
        typer.Option("--trash", help="Move the directory to the trash too, if it was installed."),
    ] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Take our links out of an application and forget it. Nothing else in it is touched."""
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        removed = lib.app_remove(app_id, trash=trash)
    if as_json:
        out.json(removed)
    else:
        _show_removed(out, removed)
    return 0


@app.command()
@exiting
def restore(
    name: TrashedArgument,
    no_sync: NoSyncOption = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Bring an installed version back from the trash, add it and link the models into it."""
    out = Output(as_json=as_json)
    with working(out, library, "Linking", counts=True) as lib:
        added = lib.app_restore(name, sync=not no_sync)
    return _show_added(out, added)


@app.command()
@exiting
def purge(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME...", help="As `app list --trash` shows them."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Everything in this trash.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before.")] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Free the space of installed versions that were removed; this cannot be undone."""
    out = Output(as_json=as_json)
    if bool(names) == everything:
        raise UsageError("Say which, or --all", hint="`model-library app list --trash` shows them.")
    with opened(out, library) as lib:
        known = lib.app_trash()
        what = ", ".join(names) if names else f"all {len(known)}"
        if known and not yes:
            if not sys.stdin.isatty() or as_json:
                raise UsageError(f"{what} would be gone for good", hint="Add --yes to do it.")
            if not typer.confirm(f"Delete {what} for good?", err=True):
                return 1
        done = lib.app_purge(names or [])
    if as_json:
        out.json(done)
    else:
        for one in done["purged"]:
            out.line(f"purged {one}")
        out.line(f"{size_text(done['freed'])} freed", "bold")
    return 0


def _show_trash(out: Output, trashed: Sequence[TrashedAppJson]) -> int:
    if out.as_json:
        out.json({"apps": trashed})
    elif trashed:
        out.table(
            ("Name", "Application", "Version", ">Size"),
            [
                (one["name"], one["display"], one["version"], size_text(one["size"]))
                for one in trashed
            ],
        )
        out.line("`app restore NAME` brings one back, `app purge NAME` frees its space.", "dim")
    else:
        out.line("No installed version was removed with --trash.")
    return 0


def _show_added(out: Output, added: AppAddedJson) -> int:
    synced = added["sync"]
    code = 1 if synced is not None and synced["failed"] else 0
    if out.as_json:
        out.json(added)
        return code
    one = added["app"]
    word = "would add" if added["dry_run"] else "added" if added["was"] is None else "found again"
    out.line(f"{word} {one['app_id']}: {one['name']} {one['version'] or 'of unknown version'}")
    known_by = f", known by {', '.join(added['evidence'])}" if added["evidence"] else ""
    out.line(f"at {one['path']}{known_by}", "dim")
    show_preview(out, added["preview"])
    if synced is not None:
        show_sync(out, synced, previewed=True)
    elif not added["dry_run"]:
        out.line(f"`model-library link sync {one['app_id']}` makes the links", "dim")
    if added["preview"]["conflicts"]:
        hint = f"`link sync {one['app_id']} --on-conflict rename, overwrite or adopt` decides."
        out.note("Nothing that has the name of a link was touched", hint)
    return code


def _show_removed(out: Output, removed: AppRemovedJson) -> None:
    links = removed["removed"]
    out.line(f"removed {removed['app_id']} with {links} link{'' if links == 1 else 's'}")
    for left in removed["left"]:
        out.line(f"left    {left['target']}: {left['reason']}")
    for kept in removed["replaced"]:
        place = f"{removed['trash'] or removed['path']}/{kept['kept']}"
        out.line(f"yours   {place} ({size_text(kept['size'])}), was {kept['target']}")
    if removed["replaced"]:
        out.line("`link put-back` knows them again when the directory is added again.", "dim")
    if removed["trash"] is not None:
        out.line(f"The directory is in the trash: {removed['trash']}", "dim")
        name = "/".join(Path(removed["trash"]).parts[-2:])
        out.line(f"`model-library app restore {name}` brings it back.", "dim")
    elif removed["installed"]:
        out.line(f"The directory stays: {removed['path']}", "dim")
        out.line("Delete it when you do not need it; --trash moves it to the trash instead.", "dim")


def _table(out: Output, apps: Sequence[AppJson]) -> None:
    out.table(
        ("ID", "Kind", "Version", "Variant", ">Links", "State", "Path"),
        [
            (
                one["app_id"],
                one["kind"],
                one["version"] or "unknown",
                one["variant"] or "-",
                str(one["links"]),
                f"{one['state']}{', installed' if one['installed'] else ''}",
                one["path"],
            )
            for one in apps
        ],
    )
