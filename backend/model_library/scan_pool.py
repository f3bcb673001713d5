"""Processes that help with a deep scan, and talking with them.

They are started with this interpreter and end with the scan: their input is closed then, as the system
does it when this process is killed. Starting them is safe in a program with threads.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self, cast

from model_library.errors import ParallelScanError
from model_library.io.platform.processes import NO_WINDOW
from model_library.scan_worker import Done, Job

MOST_PROCESSES: Final = 6
"""Processes. This one puts together what about so many make; each needs some 100 MB."""
_PATIENCE: Final = 10.0
"""Seconds that a process may take to end when its input did."""
_PACKAGE: Final = Path(__file__).parent

_AskForWords = Callable[[Sequence[tuple[str, str]]], list[str]]


class ScanPool:
    """So many processes, as a context manager. `run` may be called by as many threads at once."""

    def __init__(self, processes: int, damaged: Collection[str]) -> None:
        self._free: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        self._workers: list[_Worker] = []
        try:
            for _ in range(min(processes, MOST_PROCESSES)):
                self._workers.append(_Worker(damaged))
                self._free.put(self._workers[-1])
        except ParallelScanError:
            self.kill()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            for worker in self._workers:
                worker.end()
        else:
            self.kill()

    def no_more(self) -> None:
        """Let them end while this process does the rest; nothing can be run any more."""
        for worker in self._workers:
            worker.no_more()

    def kill(self) -> None:
        """End all of them at once, whatever they do."""
        for worker in self._workers:
            worker.kill()

    def run(self, job: Job, words_for: _AskForWords) -> Done:
        """Have a job done by a free process; `words_for` gives facets their words.

        Raises ParallelScanError when the process ended."""
        worker = self._free.get()
        try:
            return worker.run(job, words_for)
        finally:
            self._free.put(worker)  # of one that ended everybody is told the same


class _Worker:
    def __init__(self, damaged: Collection[str]) -> None:
        if not sys.executable or getattr(sys, "frozen", False):
            raise ParallelScanError("There is no interpreter that could be started")
        # Of our own places, not of the working directory (-P), where anybody's modules may lie.
        places = [str(_PACKAGE.parent), *filter(None, sys.path)]
        command = [sys.executable, "-P", "-m", "model_library.scan_worker"]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # what goes wrong there goes wrong here again, and is told
                env=os.environ | {"PYTHONPATH": os.pathsep.join(places)},
                creationflags=NO_WINDOW,
            )
        except OSError as error:
            raise ParallelScanError(f"No process can be started: {error.strerror}") from error
        self._asked = cast("IO[bytes]", self._process.stdin)
        self._answers = cast("IO[bytes]", self._process.stdout)
        self._say(sorted(damaged))

    def run(self, job: Job, words_for: _AskForWords) -> Done:
        self._say(job.to_json())
        self._say(words_for([(field, value) for field, value in self._hear()]))
        return Done.from_json(self._hear())

    def no_more(self) -> None:
        with suppress(OSError):  # what was not written any more
            self._asked.close()

    def end(self) -> None:
        """Let it end by itself."""
        self._close()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        self._process.kill()
        self._close()
        self._process.wait()

    def _close(self) -> None:
        self.no_more()
        self._answers.close()

    def _say(self, value: object) -> None:
        try:
            self._asked.write(json.dumps(value).encode() + b"\n")
            self._asked.flush()
        except (OSError, ValueError) as error:  # ValueError: it was closed
            raise ParallelScanError("A process of the scan has ended") from error

    def _hear(self) -> Any:
        try:
            line = self._answers.readline()
            return json.loads(line)
        except (OSError, ValueError) as error:
            raise ParallelScanError("A process of the scan has ended") from error
