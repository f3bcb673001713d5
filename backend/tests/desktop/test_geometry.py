"""The window comes back where it was, and always onto a screen that is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_library.desktop.geometry import LEAST, Area, Geometry, fitted, load, save

DESK = Area(0, 0, 1920, 1080)
BESIDE = Area(1920, 200, 1280, 1024)


@pytest.mark.parametrize(
    ("wanted", "screens", "found"),
    [
        (Geometry(800, 600, 10, 20), [DESK], Geometry(800, 600, 10, 20)),
        (Geometry(1000, 700, 2000, 300), [DESK, BESIDE], Geometry(1000, 700, 2000, 300)),
        (Geometry(1000, 700, 2000, 300), [DESK], Geometry(1000, 700, 920, 300)),
        (Geometry(3000, 2000, 0, 0), [DESK], Geometry(1920, 1080, 0, 0)),
        (Geometry(800, 600, -700, -500), [DESK], Geometry(800, 600, 0, 0)),
        (Geometry(1, 1, 5, 5), [DESK], Geometry(*LEAST, 5, 5)),
        (Geometry(3000, 900), [DESK], Geometry(1920, 900)),
        (Geometry(800, 600, 10, 20, True), [Area(0, 0, 640, 480)], Geometry(640, 480, 0, 0, True)),
        (Geometry(800, 600, 10, 20), [], Geometry(800, 600, 10, 20)),
    ],
)
def test_a_window_is_put_whole_onto_a_screen(
    wanted: Geometry, screens: list[Area], found: Geometry
) -> None:
    assert fitted(wanted, screens) == found


numbers = st.integers(-10_000, 10_000)


@given(st.builds(Geometry, st.integers(1, 9000), st.integers(1, 9000), numbers, numbers))
def test_no_window_is_out_of_reach(wanted: Geometry) -> None:
    found = fitted(wanted, [DESK, BESIDE])
    assert found.x is not None
    assert found.y is not None
    assert any(
        screen.x <= found.x
        and screen.y <= found.y
        and found.x + found.width <= screen.x + screen.width
        and found.y + found.height <= screen.y + screen.height
        for screen in (DESK, BESIDE)
    )


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    file = tmp_path / "config" / "window.json"
    save(file, Geometry(900, 700, -5, 6, maximized=True))
    assert load(file) == Geometry(900, 700, -5, 6, maximized=True)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b'{"width": 0}',
        b'{"width": "wide"}',
        b'{"width": 1e9, "height": 5}',
        b'{"width": 100000000}',
        b'{"x": 5}',
        b'{"maximized": 1}',
        b'{"colour": "red"}',
        b"[" * 4000,
    ],
)
def test_what_makes_no_sense_is_the_usual_window(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "window.json"
    file.write_bytes(content)
    assert load(file) == Geometry()


def test_before_the_first_start_there_is_nothing(tmp_path: Path) -> None:
    assert load(tmp_path / "window.json") == Geometry()
