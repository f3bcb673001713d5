"""Where the window was, and where it fits now: screens come and go."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from model_library.io.files import make_directory, read_regular, write_durably

LEAST: Final = (480, 360)
"""Width and height below which the pages are of no use."""
_LARGEST: Final = 100_000
_MOST: Final = 4096
"""Bytes of the file."""


@dataclass(frozen=True, slots=True)
class Area:
    """A screen, in pixels of the desktop that all screens are part of."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Geometry:
    """A window. Without a place the system chooses one; of a maximized one it is the size that it goes back to."""

    width: int = 1280
    height: int = 820
    x: int | None = None
    y: int | None = None
    maximized: bool = False


def fitted(wanted: Geometry, screens: Sequence[Area]) -> Geometry:
    """The same window, whole on the screen that it is on most, or on the first when it is on none."""
    if not screens:
        return wanted
    if wanted.x is None or wanted.y is None:
        width, height = _sized(wanted, screens[0])
        return Geometry(width, height, maximized=wanted.maximized)
    left, top = wanted.x, wanted.y
    screen = max(screens, key=lambda one: _overlap(one, left, top, wanted))
    width, height = _sized(wanted, screen)
    x = min(max(left, screen.x), screen.x + screen.width - width)
    y = min(max(top, screen.y), screen.y + screen.height - height)
    return Geometry(width, height, x, y, wanted.maximized)


def _sized(wanted: Geometry, screen: Area) -> tuple[int, int]:
    return (
        min(max(wanted.width, LEAST[0]), screen.width),
        min(max(wanted.height, LEAST[1]), screen.height),
    )


def _overlap(screen: Area, left: int, top: int, window: Geometry) -> int:
    """Pixels that both have."""
    across = min(left + window.width, screen.x + screen.width) - max(left, screen.x)
    down = min(top + window.height, screen.y + screen.height) - max(top, screen.y)
    return max(across, 0) * max(down, 0)


def load(file: Path) -> Geometry:
    """What was remembered; the usual one when there is nothing, or nothing that makes sense."""
    with suppress(OSError, ValueError, TypeError, RecursionError):
        return parsed(read_regular(file, _MOST))
    return Geometry()


def parsed(data: bytes) -> Geometry:
    """Raises ValueError, TypeError."""
    found = Geometry(**json.loads(data))
    whole: list[Any] = [found.width, found.height]
    place: list[Any] = [one for one in (found.x, found.y) if one is not None]
    sane = all(type(one) is int and abs(one) <= _LARGEST for one in whole + place)
    if not sane or min(whole) < 1 or len(place) == 1 or type(found.maximized) is not bool:
        raise ValueError("no geometry of a window")
    return found


def save(file: Path, geometry: Geometry) -> None:
    """Raises FileError."""
    make_directory(file.parent)
    write_durably(file, json.dumps(asdict(geometry)).encode())
