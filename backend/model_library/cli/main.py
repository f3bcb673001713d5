"""The program: verbs, global options, exit codes.

0: everything done; 1: at least one item failed; 2: wrong usage; 3: another process holds what is needed;
130: interrupted.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import PurePath
from types import FrameType
from typing import Annotated, Any, Final, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from model_library.cli.exits import exiting
from model_library.errors import ModelLibraryError, UsageError

PROGRAMS: Final = ("model-library", "mlib")
VERBS: Final[Mapping[str, str]] = {
    "init": "init_cmd:init",
    "import": "import_cmd:import_",
    "samples": "samples_cmd:samples",
    "inspect": "inspect_cmd:inspect",
    "list": "list_cmd:list_",
    "search": "search_cmd:search",
    "show": "show_cmd:show",
    "edit": "edit_cmd:edit",
    "delete": "delete_cmd:delete",
    "restore": "restore_cmd:restore",
    "verify": "verify_cmd:verify",
    "scan": "scan_cmd:scan",
    "find": "find_cmd:find",
    "lookup": "lookup_cmd:lookup",
    "download": "download_cmd:download",
    "jobs": "jobs_cmd:app",
    "root": "root_cmd:app",
    "settings": "settings_cmd:app",
    "storage": "storage_cmd:storage",
    "app": "app_cmd:app",
    "link": "link_cmd:app",
    "status": "status_cmd:status",
    "health": "health_cmd:health",
    "doctor": "doctor_cmd:doctor",
    "serve": "serve_cmd:serve",
    "gui": "gui_cmd:gui",
}
"""Each verb and where it is; only the one that is called is imported, so that it starts fast."""


class Verbs(TyperGroup):
    """The verbs as a group that looks each one up when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        del ctx
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | TyperGroup | None:
        del ctx
        if cmd_name not in VERBS:
            return None
        module, name = VERBS[cmd_name].split(":")
        verb = getattr(import_module(f"model_library.cli.{module}"), name)
        if isinstance(verb, typer.Typer):
            group: Any = typer.main.get_command(verb)
            group.name = cmd_name
            return group  # type: ignore[no-any-return] # a TyperGroup
        alone = typer.Typer(add_completion=False, context_settings=_HELP, rich_markup_mode=None)
        alone.command(cmd_name)(exiting(verb))
        return typer.main.get_command(alone)  # type: ignore[return-value] # one command: no group


_HELP: Final = {"help_option_names": ["-h", "--help"]}

app = typer.Typer(
    name="model-library",
    cls=Verbs,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help is there in half the time
    context_settings=_HELP,
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
    run(sys.argv[1:])


def run(arguments: list[str]) -> NoReturn:
    """Run one command and end with its exit code."""
    signal.signal(signal.SIGTERM, _interrupt)
    as_json = "--json" in arguments
    try:
        app(arguments, prog_name=_program_name())
    except ModelLibraryError as error:
        from model_library.cli.output import Output

        Output(as_json=as_json).error(error)
        sys.exit(error.exit_code)
    except SystemExit as end:
        if end.code == UsageError.exit_code and as_json:
            _usage_as_json()
        raise
    sys.exit(0)


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
