"""The graphical session of the user: whether there is a screen to draw on, and the file manager on it.

Beside `platform/`, which knows the differences between systems that concern files, the one place for them.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from model_library.errors import DesktopError, SourceNotFoundError

_HAS_ITS_SCREEN: Final = frozenset({"darwin", "win32"})
_PATIENCE: Final = 10.0
"""Seconds that a file manager has to say that it heard."""


def has_display(environment: Mapping[str, str], system: str = sys.platform) -> bool:
    """Whether a window could be shown."""
    said = ("DISPLAY", "WAYLAND_DISPLAY")
    return system in _HAS_ITS_SCREEN or any(environment.get(name) for name in said)


def has_desktop_entries(system: str = sys.platform) -> bool:
    """Whether programs are found by files of the freedesktop.org Desktop Entry Specification."""
    return system not in _HAS_ITS_SCREEN


def is_administrator() -> bool:
    """Chromium refuses to protect this user with its sandbox."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def why_not_loadable(library: Path) -> str | None:
    """What the system says when it cannot load a shared library, as a rule which other one is missing."""
    try:
        ctypes.CDLL(str(library))
    except OSError as error:
        return str(error)
    return None


def show_in_file_manager(path: Path) -> None:
    """Show a file or folder where it is, selected where the file manager can do that. Nothing is opened but
    folders.

    Raises SourceNotFoundError, DesktopError.
    """
    if not os.path.lexists(path):
        raise SourceNotFoundError("It is not there any more", path=path)
    if not any(_succeeds(command) for command in showing_commands(path)):
        raise DesktopError(
            "No file manager could be asked to show it",
            path=path,
            hint="On Debian and Ubuntu: sudo apt install dbus xdg-utils.",
        )


def showing_commands(path: Path, system: str = sys.platform) -> list[list[str]]:
    """What asks the file manager, the best first.

    The D-Bus method is `ShowItems` of https://www.freedesktop.org/wiki/Specifications/file-manager-interface/.
    """
    if system == "darwin":
        return [["open", "-R", str(path)]]
    if system == "win32":
        return [["explorer", f"/select,{path}"]]
    name, method = "org.freedesktop.FileManager1", "org.freedesktop.FileManager1.ShowItems"
    place, uri = "/org/freedesktop/FileManager1", path.absolute().as_uri()
    dbus_send = ["dbus-send", "--session", "--print-reply", f"--dest={name}", "--type=method_call"]
    return [
        [*dbus_send, place, method, f"array:string:{uri}", "string:"],
        ["gdbus", "call", "--session", "-d", name, "-o", place, "-m", method, f"['{uri}']", ""],
        ["xdg-open", str(path if path.is_dir() else path.parent)],
    ]


def _succeeds(command: Sequence[str]) -> bool:
    program = shutil.which(command[0])
    if program is None:
        return False
    try:
        done = subprocess.run(
            [program, *command[1:]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 or command[0] == "explorer"  # which ends with 1 when all is well
