"""`delete`: take models out of the library."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from model_library.api.shapes import DeletedJson
from model_library.cli.options import JsonOption, LibraryOption
from model_library.cli.output import Output, size_text
from model_library.cli.session import opened
from model_library.cli.several import each
from model_library.display_names import number_of
from model_library.errors import UsageError

if TYPE_CHECKING:
    from model_library.api.core import Library


def delete(
    model_ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID...", help="Model ids or unambiguous beginnings of them."),
    ] = None,
    purge: Annotated[
        bool, typer.Option("--purge", help="Free the space at once; this cannot be undone.")
    ] = False,
    from_trash: Annotated[
        bool, typer.Option("--from-trash", help="Free the space of the copy in the trash only.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="With --from-trash: empty the trash.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask before the trash is emptied.")
    ] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Move models to the trash, from where `restore` brings them back."""
    out = Output(as_json=as_json)
    _check(model_ids or [], from_trash, everything)
    with opened(out, library) as lib:
        if everything:
            return _empty_trash(out, lib, yes)
        return each(
            out,
            model_ids or [],
            lambda model_id: lib.delete(model_id, purge=purge, from_trash=from_trash),
            "deleted",
            lambda done: _show(out, done),
        )


def _check(model_ids: list[str], from_trash: bool, everything: bool) -> None:
    if everything and (model_ids or not from_trash):
        raise UsageError(
            "--all goes with --from-trash and without ids",
            hint="`delete --from-trash --all` empties the trash; models are deleted by their ids.",
        )
    if not everything and not model_ids:
        raise UsageError("No model is named", hint="`model-library list` shows the ids.")


def _empty_trash(out: Output, lib: Library, yes: bool) -> int:
    models = lib.trash()
    size = size_text(sum(model["frees"] for model in models))
    what = f"{number_of(len(models), 'model')} in the trash ({size})"
    if models and not yes:
        if not sys.stdin.isatty() or out.as_json:
            raise UsageError(f"{what} would be gone for good", hint="Add --yes to do it.")
        if not typer.confirm(f"Delete {what} for good?", err=True):
            return 1
    gone = lib.empty_trash()
    if out.as_json:
        out.json({"deleted": gone, "failed": []})
    else:
        freed = size_text(sum(one["freed"] for one in gone))
        out.line(f"deleted {number_of(len(gone), 'model')} from the trash, {freed} freed")
    return 0


def _show(out: Output, done: DeletedJson) -> None:
    if done["trash"] is None and not done["freed"]:
        out.line(f"forgot {done['model_id']}: none of its files were there")
    elif done["trash"] is None:
        out.line(f"deleted {done['model_id']}, {size_text(done['freed'])} freed")
    else:
        out.line(f"moved {done['model_id']} to the trash")
        out.line(f"`model-library restore {done['model_id']}` brings it back", "dim")
