"""Opening the library for one command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from model_library.cli.output import Output
from model_library.cli.progress import progress
from model_library.events import Listener

if TYPE_CHECKING:
    from model_library.api.core import Library


@contextmanager
def opened(out: Output, path: str | None, listener: Listener | None = None) -> Iterator[Library]:
    """The library that the options choose; notices go to stderr unless a listener takes them."""
    from model_library.api.core import Library  # here, so that help and usage errors come at once

    with Library.open(path, listener=listener or out.notice) as library:
        yield library


@contextmanager
def working(
    out: Output, path: str | None, title: str, *, counts: bool = False
) -> Iterator[Library]:
    """The same with a progress bar for long work, which tells of bytes or `counts` things."""
    with progress(out, title, counts=counts) as listener, opened(out, path, listener) as library:
        yield library
