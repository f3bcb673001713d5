"""The program: verbs, global options, exit codes.

0: everything done; 1: at least one item failed; 2: wrong usage; 3: another process holds what is needed;
130: interrupted.
"""

from __future__ import annotations

import gc
import signal
import sys
from pathlib import PurePath
from types import FrameType
from typing import Annotated, Final, NoReturn

import typer

from model_library.cli.streams import error_of_system, mend_streams
from model_library.cli.verbs import HELP, Verbs
from model_library.errors import ModelLibraryError, UsageError

PROGRAMS: Final = ("model-library", "mlib")

app = typer.Typer(
    name="model-library",
    cls=Verbs,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help is there in half the time
    context_settings=HELP,
)


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
    try:
        run(sys.argv[1:])
    finally:
        gc.freeze()  # the end would look for cycles among all modules, which go with the process


def run(arguments: list[str]) -> NoReturn:
    """Run one command and end with its exit code."""
    mend_streams()
    signal.signal(signal.SIGTERM, _interrupt)
    as_json = "--json" in arguments
    try:
        _run(arguments, as_json=as_json)
    except ModelLibraryError as error:
        _end_with(error, as_json=as_json)
    except BrokenPipeError:  # nobody reads any more: `| head`
        sys.exit(1)
    except OSError as error:
        _end_with(error_of_system(error), as_json=as_json)
    sys.exit(0)


def _run(arguments: list[str], *, as_json: bool) -> None:
    try:
        app(arguments, prog_name=_program_name())
    except SystemExit as end:
        if end.code == UsageError.exit_code and as_json:
            _usage_as_json()
        sys.stdout.flush()  # at the end of Python nobody hears of an error
        raise


def _end_with(error: ModelLibraryError, *, as_json: bool) -> NoReturn:
    from model_library.cli.output import Output

    Output(as_json=as_json).error(error)
    sys.exit(error.exit_code)


def _usage_as_json() -> None:
    """What is wrong is on stderr already; a script gets its one document all the same."""
    from model_library.cli.output import Output

    error = UsageError("The command line is wrong; stderr says how", hint="Try --help.")
    Output(as_json=True).json({"error": dict(error.to_json()) | {"path": None}})


def _program_name() -> str:
    """The name that was typed: completion asks under it. `python -m model_library` has none."""
    typed = PurePath(sys.argv[0]).stem
    return typed if typed in PROGRAMS else PROGRAMS[0]


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    del number, frame
    raise KeyboardInterrupt
