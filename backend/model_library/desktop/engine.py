"""What draws the window: Qt from the package index, else the system's own (GTK on Linux).

pywebview hides most of the differences between them; the rest is here. An engine that lacks a library of the
system would end the process, so that is looked at before.
"""

from __future__ import annotations

import logging
import os
import webbrowser
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Literal

from model_library.desktop.geometry import Area, Geometry
from model_library.errors import WindowUnavailableError
from model_library.io.session import has_display, is_administrator, why_not_loadable

ENTRY: Final = "model-library"
"""The name under which desktops know the window: that of its menu entry."""
NO_SANDBOX: Final = "QTWEBENGINE_DISABLE_SANDBOX"
_IN_BROWSER: Final = WindowUnavailableError.default_hint
_LOOK: Final = 500
"""Milliseconds between two looks at whether a signal came."""
_INSTALL: Final = (
    f'pip install "model-library[desktop]" installs what draws the window. {_IN_BROWSER}'
)
_LIBRARIES: Final = (
    "On Debian and Ubuntu: sudo apt install libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1"
    f" libxkbcommon-x11-0 libegl1 libgl1 libnss3 libasound2. {_IN_BROWSER}"
)


@dataclass(frozen=True, slots=True)
class Engine:
    """A loaded engine: its name for pywebview, and its module there."""

    name: Literal["qt", "gtk"]
    gui: Any
    application: Any = None
    """Kept as long as the window is there."""

    @property
    def is_qt(self) -> bool:
        return self.name == "qt"

    def screens(self) -> list[Area]:
        return [Area(one.x, one.y, one.width, one.height) for one in self.gui.get_screens()]

    def keep_pages_in(self, directory: Path) -> None:
        """Where the browser of the window keeps what pages remember. pywebview reads it when it is imported."""
        if self.is_qt:
            self.gui._profile_storage_path = str(directory)  # noqa: SLF001 # it has no other way

    def keep_to(self, address: str) -> None:
        """Show nothing but what is below this address: another page would have the functions of the window.
        Links to other places are opened in the user's browser. (GTK: the pages open those in new windows, which
        pywebview gives to the browser.)"""
        if not self.is_qt:
            return

        def accept(page: Any, url: Any, kind: Any, is_main_frame: bool) -> bool:
            del page, kind, is_main_frame
            wanted = str(url.toString())
            if wanted.startswith(address):
                return True
            if wanted.startswith(("https://", "http://")):
                webbrowser.open(wanted)
            return False

        self.gui.BrowserView.WebPage.acceptNavigationRequest = accept

    def raise_window(self, window: Any) -> None:
        """In front of the others, as big as it was. Done by the thread of the window, soon."""
        if self.is_qt:
            window.native.create_window_trigger.emit(lambda: _raise_qt(window.native))
        else:
            _glib().idle_add(window.native.present)

    def let_signals_through(self) -> None:
        """GTK waits outside of Python, where handlers of signals are not called; Qt's part of pywebview sees to
        it itself."""
        if not self.is_qt:
            _glib().timeout_add(_LOOK, lambda: True)

    def geometry(self, window: Any, last: Geometry) -> Geometry:
        """Where it is now; asked by the thread of the window. The size that a maximized one goes back to is the
        `last` known."""
        native = window.native
        if self.is_qt:
            large = native.isMaximized() or native.isFullScreen()
            place = (native.width(), native.height(), native.x(), native.y())
        else:
            large = native.is_maximized()
            place = (*native.get_size(), *native.get_position())
        if large:
            return Geometry(last.width, last.height, last.x, last.y, maximized=True)
        return Geometry(*place)


def load(environment: Mapping[str, str]) -> Engine:
    """The engine of this machine. Raises WindowUnavailableError."""
    if not has_display(environment):
        raise WindowUnavailableError("There is no screen here", hint=_IN_BROWSER)
    if find_spec("webview") is None:
        raise WindowUnavailableError("What draws the window is not installed", hint=_INSTALL)
    logging.getLogger("pywebview").setLevel(logging.CRITICAL)  # what it tries in vain is no news
    complaint, hint = _complaint_about_qt(environment)
    if not complaint:
        os.environ.setdefault("QT_API", "pyside6")
        return _initialized("qt")
    if find_spec("gi") is not None:
        return _initialized("gtk")
    raise WindowUnavailableError(complaint, hint=hint)


def _complaint_about_qt(environment: Mapping[str, str]) -> tuple[str, str]:
    """Why Qt cannot draw a window here, and what to do; empty when it can."""
    if find_spec("PySide6") is None or find_spec("qtpy") is None:
        return "What draws the window is not installed", _INSTALL
    if is_administrator() and not environment.get(NO_SANDBOX):
        hint = f"Start it as yourself, without sudo. {_IN_BROWSER}"
        return "The window is not opened for the administrator (root)", hint
    try:
        from PySide6 import QtWebEngineWidgets
    except ImportError as error:
        return f"Qt lacks a library of the system: {error}", _LIBRARIES
    if not environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"):
        return "", ""
    plugin = (
        Path(str(QtWebEngineWidgets.__file__)).parent
        / "Qt"
        / "plugins"
        / "platforms"
        / "libqxcb.so"
    )
    missing = why_not_loadable(plugin) if plugin.exists() else None
    return (f"Qt lacks a library of the system: {missing}", _LIBRARIES) if missing else ("", "")


def _initialized(name: Literal["qt", "gtk"]) -> Engine:
    from webview.errors import WebViewException
    from webview.guilib import initialize

    try:
        application = _qt_application() if name == "qt" else None
        return Engine(name, initialize(name), application)
    except WebViewException as error:
        message = f"The window cannot be drawn: {error}"
        raise WindowUnavailableError(message, hint=_INSTALL) from error


def _qt_application() -> Any:
    """The application that pywebview then takes. Qt makes folders of its name among the user's data, and the name
    that it takes by itself, that of the program, is the folder where the library lives."""
    from PySide6.QtGui import QGuiApplication
    from PySide6.QtWidgets import QApplication

    os.environ.setdefault("RESOURCE_NAME", ENTRY)
    QGuiApplication.setDesktopFileName(ENTRY)
    return QApplication.instance() or QApplication([f"{ENTRY}-window"])


def _raise_qt(native: Any) -> None:
    if native.isMinimized():
        native.setWindowState(native.windowState() & ~_minimized())
    native.show()
    native.raise_()
    native.activateWindow()


def _glib() -> Any:
    from gi.repository import GLib  # type: ignore[import-not-found] # the system's

    return GLib


def _minimized() -> Any:
    from PySide6.QtCore import Qt

    return Qt.WindowState.WindowMinimized
