"""What the engines differ in: where their windows say that they are, as each of them says it."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from model_library.desktop import engine
from model_library.desktop.engine import Engine
from model_library.desktop.geometry import Area, Geometry
from model_library.errors import WindowUnavailableError

LAST = Geometry(800, 600, 10, 20)


def gtk(*, maximized: bool) -> Any:
    native = SimpleNamespace(
        is_maximized=lambda: maximized,
        get_size=lambda: (900, 700),
        get_position=lambda: (30, 40),
    )
    return SimpleNamespace(native=native)


def qt(*, maximized: bool) -> Any:
    native = SimpleNamespace(
        isMaximized=lambda: maximized,
        isFullScreen=lambda: False,
        width=lambda: 900,
        height=lambda: 700,
        x=lambda: 30,
        y=lambda: 40,
    )
    return SimpleNamespace(native=native)


@pytest.mark.parametrize(("name", "window"), [("qt", qt), ("gtk", gtk)])
def test_a_window_says_where_it_is(name: Any, window: Any) -> None:
    drawing = Engine(name, None)
    assert drawing.geometry(window(maximized=False), LAST) == Geometry(900, 700, 30, 40)
    large = drawing.geometry(window(maximized=True), LAST)
    assert large == Geometry(800, 600, 10, 20, maximized=True)


def test_screens_are_areas_of_one_desktop() -> None:
    screens = [
        SimpleNamespace(x=0, y=0, width=10, height=20),
        SimpleNamespace(x=10, y=0, width=5, height=5),
    ]
    found = Engine("gtk", SimpleNamespace(get_screens=lambda: screens)).screens()
    assert found == [Area(0, 0, 10, 20), Area(10, 0, 5, 5)]


def test_gtk_is_taken_where_qt_is_not_and_says_when_it_cannot(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The system's GTK is not in this environment, and Qt is hidden: pywebview finds neither."""
    monkeypatch.setattr(engine, "find_spec", lambda name: None if name == "PySide6" else name)
    for name in ("gi", "PySide6", "qtpy", "webview.platforms.qt", "webview.platforms.gtk"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(WindowUnavailableError, match="cannot be drawn") as error:
        engine.load({"DISPLAY": ":987"})
    assert "model-library[desktop]" in error.value.hint
