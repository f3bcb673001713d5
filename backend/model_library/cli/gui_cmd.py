"""`gui`: the pages in a window of their own."""

from __future__ import annotations

import os
import sys
import threading
import time
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated, Final

import typer

from model_library.cli.options import JsonOption, LibraryOption
from model_library.cli.output import Output
from model_library.cli.serve_cmd import serve
from model_library.errors import UnsafeNameError, WindowUnavailableError
from model_library.io.session import has_display
from model_library.location import Location, locate

NAME: Final = "model-library"
_GRACE: Final = 3.0
"""Seconds that threads have to end after the window."""


def gui(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH...]", help="Files and folders to offer for import."),
    ] = None,
    install_shortcut: Annotated[
        bool, typer.Option("--install-shortcut", help="Add it to the menu of the desktop.")
    ] = False,
    remove_shortcut: Annotated[
        bool, typer.Option("--remove-shortcut", help="Take it out of that menu.")
    ] = False,
    or_serve: Annotated[
        bool,
        typer.Option(
            "--or-serve", help="Where no window can be opened: serve the pages to a browser."
        ),
    ] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Open the window. When it is open already, bring it to the front."""
    out = Output(as_json=as_json)
    if install_shortcut or remove_shortcut:
        return _shortcut(out, library, install=install_shortcut)
    given = [_as_text(path.absolute()) for path in paths or ()]
    try:
        shown = _show(locate(library, os.environ), given)
    except WindowUnavailableError as error:
        if not or_serve:
            raise
        out.note(error.message, error.hint)
        browser = has_display(os.environ)
        return serve(library=library, as_json=as_json, open_browser=browser)
    if as_json:
        out.json({"window": "closed" if shown else "shown"})
    elif not shown:
        out.line("The window is open already.")
    _leave(0)
    return 0


def _as_text(path: Path) -> str:
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        raise UnsafeNameError("The name is not text in UTF-8", path=path) from error
    return str(path)


def _show(location: Location, paths: list[str]) -> bool:
    from platformdirs import user_config_path, user_state_path

    from model_library.desktop.window import Places, show

    with as_file(files("model_library") / "web" / "icon.svg") as icon:
        places = Places(
            state=user_state_path(NAME, appauthor=False),
            config=user_config_path(NAME, appauthor=False),
            icon=icon if icon.is_file() else None,
        )
        return show(location, places, paths)


def _shortcut(out: Output, library: str | None, *, install: bool) -> int:
    from platformdirs import user_data_path

    from model_library.desktop import shortcut

    data = user_data_path(NAME, appauthor=False).parent
    if install:
        chosen = [] if library is None else ["--library", str(Path(library).absolute())]
        entry = shortcut.install(data, chosen)
        told, done = f"Model Library is in the menu: {entry}", True
    else:
        entry, done = shortcut.entry_file(data), shortcut.remove(data)
        told = "It is out of the menu." if done else "It was not in the menu."
    if out.as_json:
        out.json({"shortcut": str(entry), "installed": install, "changed": done})
    else:
        out.line(told)
    return 0


def _leave(code: int) -> None:
    """End the process also when a call of the page that is gone still waits for it."""
    main = threading.main_thread()
    others = [one for one in threading.enumerate() if one is not main and not one.daemon]
    end = time.monotonic() + _GRACE
    for one in others:
        one.join(max(end - time.monotonic(), 0))
    if any(one.is_alive() for one in others):
        sys.stdout.flush()
        os._exit(code)
