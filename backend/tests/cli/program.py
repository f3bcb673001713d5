"""The command line as tests call it: in this process, which is quick, or as a program of its own."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from model_library.cli import main

Result = subprocess.CompletedProcess[str]


def program(home: Path, *arguments: str) -> Result:
    """A command in a process of its own: what a shell sees, start-up and exit code."""
    return subprocess.run(
        [sys.executable, "-m", "model_library", *arguments],
        env=os.environ | {"MODEL_LIBRARY": str(home), "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def mlib(home: Path, *arguments: str) -> Result:
    """The same command in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MODEL_LIBRARY", str(home))
        patch.setenv("COLUMNS", "200")
        return run_here(*arguments)


def as_json(home: Path, *arguments: str, code: int = 0) -> Any:
    """The one JSON document of a command, in this process."""
    return document(mlib(home, *arguments, "--json"), code)


def document(done: Result, code: int = 0) -> Any:
    """The one JSON document on stdout of a command that ended with `code`."""
    assert done.returncode == code, (done.stdout, done.stderr)
    return json.loads(done.stdout)


def run_here(*arguments: str) -> Result:
    """A command in this process, with the environment as it is."""
    said, complained = io.StringIO(), io.StringIO()
    with redirect_stdout(said), redirect_stderr(complained), _interruptible():
        code = _exit_code(list(arguments))
    return Result(arguments, code, said.getvalue(), complained.getvalue())


def _exit_code(arguments: list[str]) -> int:
    try:
        main.run(arguments)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1


@contextmanager
def _interruptible() -> Iterator[None]:
    """The program has a handler of its own for a signal; afterwards the old one counts again."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
