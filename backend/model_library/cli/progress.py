"""Progress bars of long work: bytes, rate and time left, drawn on stderr when that is a terminal."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from model_library.cli.output import Output, shown
from model_library.events import Advanced, Event, Listener, ModelDone, Notice, Planned

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


@contextmanager
def progress(out: Output, title: str) -> Iterator[Listener]:
    """A listener that draws; silent with --json or when stderr is no terminal."""
    if out.as_json or not sys.stderr.isatty():
        yield out.notice
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(binary_units=True),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[models]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None, models="")
        yield _Drawing(bar, task).listen


class _Drawing:
    """Draws events, which come from several threads."""

    def __init__(self, bar: Progress, task: TaskID) -> None:
        self._bar, self._task = bar, task
        self._lock = threading.Lock()
        self._done = self._models = 0

    def listen(self, event: Event) -> None:
        with self._lock:
            if isinstance(event, Planned):
                self._models = event.models
                self._bar.update(self._task, total=event.bytes, models=f"0/{event.models}")
            elif isinstance(event, Advanced):
                self._bar.advance(self._task, event.bytes)
            elif isinstance(event, ModelDone):
                self._done += 1
                self._bar.update(self._task, models=f"{self._done}/{self._models}")
            elif isinstance(event, Notice):
                self._bar.console.print(f"note: {shown(event.message)}", markup=False)
                if event.hint:
                    self._bar.console.print(f"      {shown(event.hint)}", markup=False)
