"""`lookup`: ask a provider what models are, and fill in their metadata."""

from __future__ import annotations

from typing import Annotated

import typer

from model_library.api.shapes_hub import LookedUpJson, LookupJson
from model_library.cli.options import AgainOption, JsonOption, LibraryOption
from model_library.cli.output import Output, size_text
from model_library.cli.session import working
from model_library.display_names import number_of

_WELL = frozenset({"matched", "modified", "uncertain", "none"})
"""Outcomes that the provider has answered."""


def lookup(
    model_ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID...]", help="Models; without any, those that wait for it."),
    ] = None,
    repo: Annotated[
        str | None,
        typer.Option(
            "--repo", help="Say which repository the model is from.", metavar="OWNER/NAME"
        ),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Look up every model again.")] = False,
    again: AgainOption = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Find out where models come from: name, licence, tags and source.

    A model is recognised by the hash of its weights, else by name. What you set by hand is never overwritten.
    """
    out = Output(as_json=as_json)
    with working(out, library, "Looking up") as lib:
        if again:
            lib.ask_again()
        found = lib.look_up(model_ids or (), repo=repo, everything=everything)
    if as_json:
        out.json(found)
    else:
        _show(out, found)
    return 0 if all(model["outcome"] in _WELL for model in found["models"]) else 1


def _show(out: Output, found: LookupJson) -> None:
    rows = [_row(model) for model in found["models"]]
    if rows:
        out.table(("ID", "Outcome", ">Sure", "Repository", "Filled in"), rows)
    problems = {str(error["message"]): error for m in found["models"] if (error := m["error"])}
    for error in problems.values():
        out.problem(error["message"], None, error["hint"])
    for model in found["models"]:
        for file in model["missing"]:
            repo, size = model["repo"], size_text(file["size"])
            out.note(
                f"{model['model_id']} lacks {file['path']} ({size})",
                f"`download {repo} {file['path']}` completes it",
            )
    waiting = f", {found['pending']} waiting" if found["pending"] else ""
    took = f"{found['took_ms'] / 1000:.1f} s"
    looked = number_of(len(rows), "model")
    out.line(f"{looked}, {number_of(found['calls'], 'request')} in {took}{waiting}", "dim")


def _row(model: LookedUpJson) -> tuple[str, ...]:
    sure = f"{model['confidence']:.0%}" if model["repo"] else "-"
    return (
        model["model_id"],
        model["outcome"],
        sure,
        model["repo"] or "-",
        ", ".join(model["changed"]) or "-",
    )
