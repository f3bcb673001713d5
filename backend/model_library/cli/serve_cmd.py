"""`serve`: the pages and the HTTP API."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from model_library.cli.options import JsonOption, LibraryOption
from model_library.cli.output import Output

if TYPE_CHECKING:
    from model_library.api.server import Server


def serve(
    host: Annotated[
        str, typer.Option("--host", help="Address to listen at.", metavar="HOST")
    ] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            help="Port to listen at; 0 takes a free one. Default: 7654, or a free one when that is taken.",
            min=0,
            max=65535,
            metavar="N",
            show_default=False,
        ),
    ] = None,
    name: Annotated[
        list[str] | None,
        typer.Option(
            "--name",
            help="A name under which other machines reach this one; may be given several times.",
            metavar="NAME",
        ),
    ] = None,
    open_browser: Annotated[
        bool, typer.Option("--open", help="Open the pages in the browser.")
    ] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Serve the pages and the HTTP API until interrupted, and do the queue meanwhile.

    The printed address holds a token that is made anew at every start; whoever has it may do everything.
    """
    from model_library.api.server import DEFAULT_PORT, opened

    out = Output(as_json=as_json)

    def ready(server: Server) -> None:
        _announce(out, server)
        if port is None and server.context.access.port != DEFAULT_PORT:
            out.note(
                f"The usual port {DEFAULT_PORT} is taken, maybe by a server that was started before",
                "Two servers of one library are safe; a page sees what was done through the other when it is loaded again.",
            )
        if open_browser:
            import webbrowser

            webbrowser.open(server.context.access.opening_url)

    names = frozenset(one.lower() for one in name or ())
    with opened(library, host=host, port=port, names=names, ready=ready) as server:
        if not server.context.access.loopback:
            out.note(
                f"{host} can be reached from other machines",
                "What is sent is not encrypted: whoever can read along has the token. Prefer a tunnel (ssh -L).",
            )
        with suppress(KeyboardInterrupt):  # how a server ends
            server.run_here()
    return 0


def _announce(out: Output, server: Server) -> None:
    access, libraries = server.context.access, server.context.libraries
    directory = str(libraries.directory) if libraries.has_library else None
    if out.as_json:
        out.json(
            {
                "url": access.url,
                "token": access.token,
                "opening_url": access.opening_url,
                "library": directory,
            }
        )
    else:
        out.line(f"Serving {directory}" if directory else "There is no library yet: the page asks.")
        out.line(access.opening_url, "bold")
        out.line("Ctrl-C ends it; what is running then goes on at the next start.")
    sys.stdout.flush()  # a program that waits for the address reads a pipe
