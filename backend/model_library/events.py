"""What long work tells whoever listens: frozen events, handed to one callable.

Core code never prints. The command line draws a progress bar from these events, the server will send
them on; with no listener nothing changes but the silence.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Planned:
    """How much there is to do. May come again when more is found."""

    stage: str
    models: int
    """0: nobody knows yet, as of a download, whose files are grouped when they are here. Of the stage `link`
    links are counted, of those of `io.git` objects and files."""
    bytes: int


@dataclass(frozen=True, slots=True)
class Advanced:
    """Bytes done since the last event of this kind, and models that get no event of their own."""

    stage: str
    bytes: int
    models: int = 0
    is_skipped: bool = False
    """They were there already: progress, and no sign of how fast it goes."""


@dataclass(frozen=True, slots=True)
class ModelDone:
    """One model reached its end; `outcome` is the word of the result list it went to."""

    stage: str
    name: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should know that is not an error of the request, e.g. a rebuilt index."""

    code: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The work stands still because somebody asks for it."""

    seconds: float
    reason: str
    """In words for a person."""

    @property
    def text(self) -> str:
        return f"waiting {math.ceil(self.seconds)} s: {self.reason}"


Event = Planned | Advanced | ModelDone | Notice | Waiting
Listener = Callable[[Event], None]


def ignore(event: Event) -> None:
    """The listener for when nobody listens."""
    del event


def counted(items: Iterable[T], stage: str, listener: Listener, step: int) -> Iterator[T]:
    """The same; the listener hears, every so many and at the end, how many have been worked on."""
    count = 0
    for item in items:
        yield item
        count += 1
        if count == step:
            listener(Advanced(stage, 0, count))
            count = 0
    listener(Advanced(stage, 0, count))
