"""`health`: what is broken, missing, away or not ours, and what to do."""

from __future__ import annotations

from itertools import groupby
from typing import Annotated, Final

import typer

from model_library.api.shapes_health import FindingJson, HealthJson
from model_library.cli.link_repair import show_repair
from model_library.cli.options import JsonOption, LibraryOption
from model_library.cli.output import Output, shown
from model_library.cli.session import opened

_STYLES: Final = {"error": "red", "warning": "yellow", "info": "green"}
_STATUS: Final = {"healthy": "green", "warnings": "yellow", "errors": "red"}
_SHOWN: Final = 5
"""Findings of one sort that are shown; `--json` has all of them."""


def health(
    findings: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FINDING...]",
            help="With --fix: only these findings, by the ids before what can be fixed, or all of one sort, e.g."
            " missing-link.",
        ),
    ] = None,
    fix: Annotated[
        bool,
        typer.Option(
            "--fix",
            help="First make links lead to their files again, and those that wait. Applications that were left without links"
            " and links that work in another copy of the library stay as they are.",
        ),
    ] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Check models, links, applications and drives, and say what to do about each finding."""
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        found = lib.health(fix=fix, findings=findings or [])
    if as_json:
        out.json(found)
    else:
        _show(out, found)
    return 1 if found["status"] == "errors" else 0


def _show(out: Output, found: HealthJson) -> None:
    if "repair" in found:
        show_repair(out, found["repair"])
    for one in found.get("caught_up", ()):
        out.line(
            f"{one['app']}: {one['made']} made, {one['removed']} removed, {one['failed']} failed",
            "bold",
        )
    for _, same in groupby(found["findings"], key=_sort_of):
        _show_same(out, list(same))
    out.line(
        f"{found['status']}  (working links: {found['working']} of {found['links']}, applications:"
        f" {found['apps']}, models: {found['models']}; {found['took_ms'] / 1000:.2f} s)",
        f"bold {_STATUS[found['status']]}",
    )


def _sort_of(finding: FindingJson) -> tuple[str | None, ...]:
    """Links in the same trouble are told together: their messages differ in the names of the models."""
    of_link = finding["app"] is not None and finding["model_id"] is not None
    message = None if of_link else finding["message"]
    return finding["code"], finding["app"], message, finding["action"]


def _show_same(out: Output, findings: list[FindingJson]) -> None:
    """Findings that say the same of several things."""
    first = findings[0]
    more = len(findings) - 1
    alike = (
        f" ({len(findings)})"
        if first["message"] == findings[-1]["message"]
        else f", and {more} more like it"
    )
    many = alike if more else ""
    style = _STYLES[first["severity"]]
    message = shown(first["message"])
    out.line(f"{first['severity']:<8} {first['code']:<20} {message}{many}", style)
    for finding in findings[:_SHOWN]:
        path = finding["path"] or ""
        if finding["fixable"] or (path and path not in first["message"]):
            name = finding["finding_id"] if finding["fixable"] else ""
            out.line(f"{'':<8} {name:<20} {shown(path)}")
    if len(findings) > _SHOWN:
        out.line(f"{'':<29} and {len(findings) - _SHOWN} more; --json names all of them")
    if first["action"]:
        out.line(f"{'':<29} {shown(first['action'])}", "dim")
