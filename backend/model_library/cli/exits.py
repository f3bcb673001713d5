"""A verb returns its exit code; this is how the program ends with it."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import NoReturn, ParamSpec

import typer

from model_library.errors import CancelledError

P = ParamSpec("P")


def exiting(verb: Callable[P, int]) -> Callable[P, NoReturn]:
    """The verb as a command that ends the program with the code it returns."""

    @functools.wraps(verb)
    def command(*args: P.args, **kwargs: P.kwargs) -> NoReturn:
        try:
            code = verb(*args, **kwargs)
        except (KeyboardInterrupt, CancelledError):
            sys.stderr.write("Interrupted. What was finished stays; nothing half-done was left.\n")
            code = CancelledError.exit_code
        raise typer.Exit(code)

    return command
