"""A verb returns its exit code; this is how the program ends with it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NoReturn, ParamSpec

import typer

P = ParamSpec("P")


def exiting(verb: Callable[P, int]) -> Callable[P, NoReturn]:
    """The verb as a command that ends the program with the code it returns."""

    @functools.wraps(verb)
    def command(*args: P.args, **kwargs: P.kwargs) -> NoReturn:
        raise typer.Exit(verb(*args, **kwargs))

    return command
