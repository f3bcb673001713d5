"""The program: verbs, global options, exit codes.

0: everything done; 1: at least one item failed; 2: wrong usage; 3: another process holds what is needed;
130: interrupted.
"""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import Annotated, NoReturn

import typer

from model_library.cli import (
    delete_cmd,
    doctor_cmd,
    edit_cmd,
    import_cmd,
    inspect_cmd,
    list_cmd,
    restore_cmd,
    root_cmd,
    scan_cmd,
    search_cmd,
    show_cmd,
    status_cmd,
    verify_cmd,
)
from model_library.cli.exits import exiting
from model_library.cli.output import Output
from model_library.errors import CancelledError, ModelLibraryError

app = typer.Typer(
    name="model-library",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("import")(exiting(import_cmd.import_))
app.command("inspect")(exiting(inspect_cmd.inspect))
app.command("list")(exiting(list_cmd.list_))
app.command("search")(exiting(search_cmd.search))
app.command("show")(exiting(show_cmd.show))
app.command("edit")(exiting(edit_cmd.edit))
app.command("delete")(exiting(delete_cmd.delete))
app.command("restore")(exiting(restore_cmd.restore))
app.command("verify")(exiting(verify_cmd.verify))
app.command("scan")(exiting(scan_cmd.scan))
app.add_typer(root_cmd.app, name="root")
app.command("status")(exiting(status_cmd.status))
app.command("doctor")(exiting(doctor_cmd.doctor))


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        sys.stdout.write(f"model-library {version('model-library')}\n")
        raise typer.Exit


@app.callback()
def program(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Keeps every AI model file once, knows what it is, finds it at once, proves it is intact."""
    del version


def main() -> NoReturn:
    """Entry point of `model-library` and `mlib`."""
    run(sys.argv[1:])


def run(arguments: list[str]) -> NoReturn:
    """Run one command and end with its exit code."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        app(arguments)
    except CancelledError as error:
        sys.stderr.write("Interrupted.\n")
        sys.exit(error.exit_code)
    except ModelLibraryError as error:
        Output(as_json="--json" in arguments).error(error)
        sys.exit(error.exit_code)
    sys.exit(0)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    del number, frame
    raise KeyboardInterrupt
