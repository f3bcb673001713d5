"""The moment at which the call of this thread has to have its answer, for all who wait on its behalf."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

import httpcore2

deadline: ContextVar[Callable[[], float] | None] = ContextVar("deadline", default=None)
"""Seconds that the call of this thread still has."""


def in_time(timeout: float | None, late: type[httpcore2.TimeoutException]) -> float | None:
    """A timeout in seconds that does not outlast the call. Raises `late` when nothing is left of it."""
    remaining = deadline.get()
    if remaining is None:
        return timeout
    left = remaining()
    if left <= 0:
        raise late("no answer within the time of the call")
    return left if timeout is None else min(timeout, left)
