"""`import`: bring model files and folders into the library."""

from __future__ import annotations

import shlex
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from model_library.api.shapes import ImportJson, LossJson
from model_library.cli.options import JsonOption, LibraryOption, PathsArgument
from model_library.cli.output import Output, size_text
from model_library.cli.rendering import family_text, kind_text
from model_library.cli.session import working
from model_library.taxonomy import Placement

_FEW = 5  # files that are named one by one


def import_(
    paths: PathsArgument,
    place: Annotated[
        Placement | None,
        typer.Option(
            help="auto: share space where the drive can, else copy; reference: leave in place; move: --dry-run"
            " says which programs lose them. Default: what `settings` says, at first auto.",
            show_default=False,
        ),
    ] = None,
    root: Annotated[
        str | None,
        typer.Option("--root", help="Id of the root to place the files in.", metavar="ID"),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option("--kind", help="Say what the models are.", metavar="K"),
    ] = None,
    family: Annotated[
        str | None,
        typer.Option("--family", help="Say which family they belong to.", metavar="F"),
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Do not look anything up.")] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Read everything, say what would happen and change nothing."
        ),
    ] = False,
    accept_pickle: Annotated[
        bool,
        typer.Option("--accept-pickle", help="Also take pickles that could run code when loaded."),
    ] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Bring model files and folders into the library.

    Each file is stored once, hashed and identified. The source is only ever removed by `--place move`, and
    then after the new place is durable.
    """
    out = Output(as_json=as_json)
    with working(out, library, "Importing") as lib:
        result = lib.import_models(
            paths,
            place=place,
            root=root,
            kind=kind,
            family=family,
            accept_pickle=accept_pickle,
            dry_run=dry_run,
            offline=offline,
        )
        if place is None and result.get("losses"):
            place = Placement(lib.settings()["place"])
    if as_json:
        out.json(result)
    else:
        show_import(out, result, place)
    return 1 if result["failed"] else 0


def show_import(out: Output, result: ImportJson, place: Placement | None) -> None:
    """What became of everything that was to come in."""
    for model in result["imported"] or result.get("would_import", []):
        what = f"{kind_text(model)}, {family_text(model)}, {model.get('precision') or '-'}"
        verb = "would import" if result["dry_run"] else "imported"
        if model.get("repaired"):
            verb = "repaired"
        elif model.get("completed") or model.get("completes"):
            verb = "would complete" if result["dry_run"] else "completed"
        out.line(f"{verb}  {model['model_id']}  ({what}, {size_text(model['size'])})")
        for warning in model.get("warnings", []):
            out.note(f"{model['model_id']}: {warning}")
        for left in model.get("left", []):
            out.note(f"left in place: {left}")
    kept = " (left where it is)" if place is Placement.MOVE else ""
    for duplicate in result["duplicates"]:
        out.line(f"duplicate of {duplicate['model_id']}: {duplicate['path']}{kept}")
    _show_skipped(out, result)
    if place is Placement.MOVE:
        for loss in result.get("losses", []):
            _show_loss(out, loss)
    for failed in result["failed"]:
        out.problem(failed["error"]["message"], failed["path"], failed["error"]["hint"])
    _summary(out, result)


def _show_loss(out: Output, loss: LossJson) -> None:
    """What a move would take away from a program, and what to do instead."""
    program, count = loss["program"], len(loss["files"])
    these = "this file" if count == 1 else f"these {count} files"
    gone = [path for path in loss["files"] if path not in loss["linked"]]
    if loss["app"] and not gone:
        out.note(f"{program} is an app of this library: links take the place of {these}.")
        return
    lost = gone if loss["app"] else loss["files"]
    if len(lost) < count:
        these = f"{len(lost)} of {these}"
    hint = "Copy instead: --place copy."
    if loss["linked"] and not loss["app"]:
        place = shlex.quote(loss["folder"])
        them = "them" if not gone else f"{len(loss['linked'])} of them"
        add = f"`model-library app add {loss['kind']} {place}`"
        hint = f"Copy instead (--place copy), or add {program} first ({add}): then links take the place of {them}."
    names = ", ".join(Path(path).name for path in lost[:_FEW])
    more = f" and {len(lost) - _FEW} more" if len(lost) > _FEW else ""
    out.note(f"{program} will no longer find {these} in {loss['folder']}: {names}{more}", hint)


def _show_skipped(out: Output, result: ImportJson) -> None:
    """Each file that was passed over when they are few, else how many for which reason."""
    skipped = result["skipped"]
    if len(skipped) <= _FEW:
        for one in skipped:
            out.line(f"skipped  {one['path']}  ({one['reason']})", "dim")
        return
    reasons = Counter(one["reason"].partition(":")[0] for one in skipped)
    for reason, count in reasons.most_common(_FEW):
        out.line(f"skipped  {count} x {reason}", "dim")


def _summary(out: Output, result: ImportJson) -> None:
    imported = result["imported"] or result.get("would_import", [])
    total = size_text(sum(model["size"] for model in imported))
    parts = [f"{len(imported)} {'to import' if result['dry_run'] else 'imported'} ({total})"]
    for name, noun in (("duplicates", "duplicate"), ("failed", "failed"), ("skipped", "skipped")):
        count = len(result[name])  # type: ignore[literal-required] # the three lists of ImportJson
        if count:
            parts.append(f"{count} {noun}{'s' if noun == 'duplicate' and count > 1 else ''}")
    if not (imported or result["duplicates"] or result["failed"]):
        out.line("No model was found there.")
    out.line(", ".join(parts) + f" in {result['took_ms'] / 1000:.1f} s", "bold")
