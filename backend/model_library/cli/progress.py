"""Progress bars of long work: bytes, rate and time left, drawn on stderr when that is a terminal."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from model_library.cli.output import Output, shown
from model_library.events import Advanced, Event, Listener, ModelDone, Notice, Planned, Waiting

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


@contextmanager
def progress(out: Output, title: str, *, counts: bool = False) -> Iterator[Listener]:
    """A listener that draws; silent with --json or when stderr is no terminal. `counts`: of work that is told
    by numbers of things instead of bytes."""
    if out.as_json or not sys.stderr.isatty():
        yield out.notice
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns: tuple[ProgressColumn, ...] = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(binary_units=True),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[models]}"),
    )
    if counts:
        text = TextColumn("{task.description}"), BarColumn()
        columns = (*text, MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None, models="")
        yield (_Counting if counts else _Drawing)(bar, task, title).listen


class _Drawing:
    """Draws events, which come from several threads."""

    def __init__(self, bar: Progress, task: TaskID, title: str) -> None:
        self._bar, self._task, self._title = bar, task, title
        self._lock = threading.Lock()
        self._bytes = self._done = self._models = 0

    def listen(self, event: Event) -> None:
        with self._lock:
            if isinstance(event, Planned):
                self._plan(event)
            elif isinstance(event, Advanced):
                self._bytes += event.bytes
                if event.is_skipped:
                    self._bar.reset(self._task, completed=self._bytes)  # which forgets the speed
                else:
                    self._bar.advance(self._task, event.bytes)
                self._count(event.models)
            elif isinstance(event, ModelDone):
                self._count(1)
            elif isinstance(event, Waiting):
                self._bar.console.print(f"note: {shown(event.text)}", markup=False)
            elif isinstance(event, Notice):
                self._bar.console.print(f"note: {shown(event.message)}", markup=False)
                if event.hint:
                    self._bar.console.print(f"      {shown(event.hint)}", markup=False)

    def _plan(self, event: Planned) -> None:
        self._models = event.models
        total = event.bytes or None  # a bar without an end where bytes do not tell
        self._bar.update(self._task, total=total, models=self._models_text())

    def _count(self, models: int) -> None:
        if models:
            self._done += models
            self._bar.update(self._task, models=self._models_text())

    def _models_text(self) -> str:
        return f"{self._done}/{self._models}" if self._models else f"{self._done}"


class _Counting(_Drawing):
    """Draws what is told by numbers of things; every stage begins at none."""

    _stage = ""

    def _plan(self, event: Planned) -> None:
        if event.stage != self._stage:
            self._stage = event.stage
            self._bar.reset(self._task)
        title = _STAGES.get(event.stage, self._title)
        self._bar.update(self._task, total=event.models or None, description=title)

    def _count(self, models: int) -> None:
        self._bar.advance(self._task, models)


_STAGES: Final = {
    "link": "Linking",
    "objects": "Receiving",
    "deltas": "Resolving",
    "files": "Unpacking",
}
"""What is done in the stages that have no name by their command."""
