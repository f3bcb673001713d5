"""`app profile`: the rules of a profile, and small changes to one of the user."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from model_library.api.shapes_profiles import ProfileDetailJson, RuleJson
from model_library.cli.exits import exiting
from model_library.cli.options import JsonOption, LibraryOption
from model_library.cli.output import Output
from model_library.cli.session import opened
from model_library.errors import UsageError


@exiting
def profile(
    name: Annotated[
        str, typer.Argument(metavar="PROFILE", help="comfyui, comfyui+sdxl-only, comfyui@0.6.0 ...")
    ],
    off: Annotated[
        list[str] | None,
        typer.Option("--off", metavar="DIR", help="Switch the rules of a directory off."),
    ] = None,
    on: Annotated[
        list[str] | None, typer.Option("--on", metavar="DIR", help="Switch them on again.")
    ] = None,
    conditions: Annotated[
        list[str] | None,
        typer.Option("--filter", metavar="KEY=VALUE", help="max_size=8GB, exclude_tags=a,b ..."),
    ] = None,
    rules: Annotated[
        list[str] | None,
        typer.Option(
            "--rule", metavar="DIR=KIND,...", help="One more directory, and what it gets."
        ),
    ] = None,
    drop: Annotated[
        list[str] | None,
        typer.Option("--drop", metavar="DIR", help="Take your own rules of a directory away."),
    ] = None,
    trial: Annotated[
        str | None,
        typer.Option("--try", metavar="APP", help="Only show what a sync of APP would do."),
    ] = None,
    remove: Annotated[
        bool, typer.Option("--remove", help="Take your profile away; its text is kept.")
    ] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Show the rules of a profile, or change your own one of that name."""
    out = Output(as_json=as_json)
    is_change = any((off, on, conditions, rules, drop)) or trial is not None
    if remove and is_change:
        raise UsageError("--remove takes nothing else")
    with opened(out, library) as lib:
        if remove:
            left = lib.profile_remove(name)
            _show_left(out, name, left)
            return 0
        if not is_change:
            _show(out, lib.profile_show(name))
            return 0
        done = lib.profile_edit(
            name,
            off=off or (),
            on=on or (),
            conditions=_pairs(conditions or ()),
            rules=rules or (),
            drop=drop or (),
            app=trial,
            dry_run=trial is not None,
        )
    if as_json:
        out.json(done)
        return 0
    if done["preview"] is not None:
        from model_library.cli.link_cmd import show_preview

        show_preview(out, done["preview"])
    else:
        out.line(f"written {done['profile']['path']}")
        out.line("`model-library link sync APP --prune` does what it says now", "dim")
    return 0


def _pairs(words: Sequence[str]) -> dict[str, str]:
    found = {}
    for word in words:
        key, separator, value = word.partition("=")
        if not separator:
            raise UsageError(f"{word!r} is not of the form KEY=VALUE")
        found[key.strip()] = value
    return found


def _show_left(out: Output, name: str, left: ProfileDetailJson | None) -> None:
    if out.as_json:
        out.json({"profile": left})
    elif left is None:
        out.line(f"removed {name}")
    else:
        out.line(f"removed your {name}; the built-in one counts again")


def _show(out: Output, found: ProfileDetailJson) -> None:
    if out.as_json:
        out.json(found)
        return
    out.line(f"{found['name']}: {found['display']}", "bold")
    out.line(found["path"], "dim")
    if found["error"] is not None:
        out.line(found["error"]["message"], "red")
        return
    for asked in [*found["inherited"], found["conditions"]]:
        if asked:
            out.line(f"of every model: {_asks(asked)}")
    rows = [
        (rule["target"], ", ".join(rule["kinds"]), _asks(rule["asks"]), _standing(rule))
        for rule in found["rules"]
    ]
    out.table(("Directory", "Kinds", "Asks", "Rule"), rows)


def _asks(asked: dict[str, str]) -> str:
    return "; ".join(f"{key} {value}" for key, value in asked.items())


def _standing(rule: RuleJson) -> str:
    return "off" if rule["off"] else "yours" if rule["own"] else ""
