"""A screen of its own (Xvfb) with a window manager, and hands on its mouse and keys (xdotool)."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

WIDTH: Final = 1000
HEIGHT: Final = 700
PROGRAMS: Final = ("Xvfb", "openbox", "xdotool")
MISSING: Final = [name for name in PROGRAMS if shutil.which(name) is None]
_PATIENCE: Final = 60.0

Environment = Mapping[str, str]
T = TypeVar("T")


@contextmanager
def screen() -> Iterator[str]:
    """Its name for DISPLAY."""
    reading, writing = os.pipe()
    size = f"{WIDTH}x{HEIGHT}x24"
    words = ["Xvfb", "-displayfd", str(writing), "-screen", "0", size, "-nolisten", "tcp"]
    with started(words, os.environ, pass_fds=[writing]):
        os.close(writing)
        with os.fdopen(reading) as said:
            display = f":{said.readline().strip()}"
        with started(["openbox"], dict(os.environ) | {"DISPLAY": display}):
            yield display


@contextmanager
def started(
    words: Sequence[str], environment: Environment, pass_fds: Sequence[int] = ()
) -> Iterator[subprocess.Popen[str]]:
    """A program while the body runs."""
    with subprocess.Popen(
        words,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        bufsize=1,
        pass_fds=pass_fds,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def until(look: Callable[[], T], seconds: float = _PATIENCE) -> T:
    """What `look` gives once it is something."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, f"it did not happen: {found!r}"
        time.sleep(0.05)
    return found


def line_of(process: subprocess.Popen[str]) -> str:
    """What a program says next; a program that says nothing fails the test."""
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], _PATIENCE)
    assert ready, "the program says nothing"
    return process.stdout.readline().strip()


class Hands:
    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def do(self, *words: str | float) -> str:
        done = subprocess.run(
            ["xdotool", *map(str, words)],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE,
        )
        return done.stdout.strip()

    def windows(self, title: str) -> list[str]:
        return self.do("search", "--onlyvisible", "--name", title).split()

    def place_of(self, window: str) -> dict[str, int]:
        """X, Y, WIDTH and HEIGHT of the inside of a window."""
        said = self.do("getwindowgeometry", "--shell", window)
        pairs = (line.split("=", 1) for line in said.splitlines())
        return {name: int(value) for name, value in pairs if name in {"X", "Y", "WIDTH", "HEIGHT"}}

    def drag(self, x: int, y: int) -> None:
        """From the corner, where the source is, to a place, as slowly as programs can follow."""
        self.do("mousemove", 10, 10, "mousedown", 1, "sleep", 0.2)
        for step in range(1, 7):
            self.do(
                "mousemove", 10 + (x - 10) * step // 6, 10 + (y - 10) * step // 6, "sleep", 0.05
            )
        self.do("sleep", 0.2, "mouseup", 1)


class Page:
    """The page in the window of a driven program."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def value(self, script: str) -> Any:
        """What an expression is. Its own errors are answered as null."""
        assert self._process.stdin is not None
        one_line = " ".join(script.split())
        self._process.stdin.write(f"JSON.stringify(({one_line}) ?? null)\n")
        said = json.loads(line_of(self._process))
        return json.loads(said) if said else None

    def result(self, promise: str) -> Any:
        """What a promise comes to."""
        self.value(
            f"(window.__came = null, {promise}.then((came) => {{ window.__came = [came]; }}), 1)"
        )
        return until(lambda: self.value("window.__came"))[0]


def opened_in_browser(top: Path) -> list[str]:
    """The addresses that a program had the browser open."""
    log = top / "browser.log"
    return log.read_text().splitlines() if log.exists() else []


def environment(top: Path, display: str, **more: str) -> dict[str, str]:
    """What a user's session has, with homes of its own; Qt's browser as root has no sandbox."""
    homes = {f"XDG_{name}_HOME": str(top / name) for name in ("CONFIG", "STATE", "DATA", "CACHE")}
    made = dict(os.environ) | homes | {"HOME": str(top / "home"), "DISPLAY": display} | more
    (top / "home").mkdir(exist_ok=True)
    browser = top / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >> "{top}/browser.log"\n')
    browser.chmod(0o755)
    made["BROWSER"] = str(browser)
    for name in ("WAYLAND_DISPLAY", "MODEL_LIBRARY_OFFLINE", "QT_QPA_PLATFORM"):
        made.pop(name, None)
    if os.geteuid() == 0:
        made["QTWEBENGINE_DISABLE_SANDBOX"] = "1"
    return made


def program(module: str, *words: str) -> list[str]:
    return [sys.executable, "-m", module, *words]
