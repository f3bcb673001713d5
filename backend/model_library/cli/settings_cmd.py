"""`settings`: what is set once, and the token for the Hub."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from model_library.api.shapes_settings import SettingsJson
from model_library.cli.exits import exiting
from model_library.cli.options import JsonOption, LibraryOption
from model_library.cli.output import Output
from model_library.cli.session import opened
from model_library.taxonomy import Placement

app = typer.Typer(
    help="What is set once: how imports place files, the network, the token.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)


@app.command()
@exiting
def show(library: LibraryOption = None, as_json: JsonOption = False) -> int:
    """Show what is set. The token itself is never shown."""
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        settings = lib.settings()
    _shown(out, settings)
    return 0


@app.command("set")
@exiting
def set_(
    place: Annotated[
        Placement | None, typer.Option(help="What an import does with the files.")
    ] = None,
    offline: Annotated[
        bool | None, typer.Option("--offline/--online", help="Whether no provider is asked.")
    ] = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Change what is given."""
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        settings = lib.set_settings(place=place, offline=offline)
    _shown(out, settings)
    return 0


@app.command()
@exiting
def token(
    forget: Annotated[bool, typer.Option("--forget", help="Remove it from the keyring.")] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Keep a token for the Hub in the keyring of the system; it is asked for, or read from stdin."""
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        settings = lib.forget_token() if forget else lib.set_token(_asked())
    _shown(out, settings)
    return 0


def _asked() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline()
    from getpass import getpass

    return getpass("Token: ")


def _shown(out: Output, settings: SettingsJson) -> None:
    if out.as_json:
        out.json(settings)
        return
    offline, token = settings["offline"], settings["token"]
    because = f" ({offline['variable']})" if offline["variable"] else ""
    where = f" ({token['where']})" if token["where"] else ""
    out.fields(
        {
            "library": settings["library"],
            "imports": settings["place"],
            "network": f"off{because}" if offline["on"] else "on",
            "hub": settings["endpoint"],
            "token": token["problem"] or f"{token['source']}{where}",
            "keyring": token["keyring"] or "none",
        }
    )
