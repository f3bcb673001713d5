"""A verb returns its exit code; this is how the program ends with it."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Final, NoReturn, ParamSpec

import typer

from model_library.errors import CancelledError

P = ParamSpec("P")

AFTER: Final = {
    "download": "what had arrived is kept, and the same command or `jobs resume` goes on with it"
}
"""What is to be said of an interrupted verb, by its name."""


def exiting(verb: Callable[P, int]) -> Callable[P, NoReturn]:
    """The verb as a command that ends the program with the code it returns."""

    @functools.wraps(verb)
    def command(*args: P.args, **kwargs: P.kwargs) -> NoReturn:
        try:
            code = verb(*args, **kwargs)
        except (KeyboardInterrupt, CancelledError):
            after = AFTER.get(verb.__name__, "nothing half-done was left")
            sys.stderr.write(f"Interrupted. What was finished stays; {after}.\n")
            code = CancelledError.exit_code
        raise typer.Exit(code)

    return command
