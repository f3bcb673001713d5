"""The entry in the menu of the desktop, with its icon; see the freedesktop.org Desktop Entry Specification 1.5."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final

from model_library.errors import DesktopError, TargetExistsError
from model_library.io.files import make_directory, read_regular, write_durably
from model_library.io.platform.os_errors import translate_os_error
from model_library.io.session import has_desktop_entries

NAME: Final = "model-library"
_OURS: Final = "X-Model-Library=entry"
_MOST: Final = 64 * 1024
_RESERVED: Final = frozenset(" \t\n\"'\\><~|&;$*?#()`")


def entry_file(data: Path) -> Path:
    """`data`: where the user keeps data of programs, `~/.local/share`."""
    return data / "applications" / f"{NAME}.desktop"


def icon_file(data: Path) -> Path:
    return data / "icons" / "hicolor" / "scalable" / "apps" / f"{NAME}.svg"


def icon() -> bytes:
    """The icon of the pages; empty when they were not built."""
    built = files("model_library") / "web" / "icon.svg"
    return built.read_bytes() if built.is_file() else b""


def install(data: Path, arguments: Sequence[str] = ()) -> Path:
    """Make or renew the entry; it starts `gui` with these arguments. Returns its file.

    Raises DesktopError, TargetExistsError when a file of another program has its name, FileError.
    """
    entry = entry_file(data)
    _require_ours(entry)
    if drawn := icon():
        make_directory(icon_file(data).parent)
        write_durably(icon_file(data), drawn)
    make_directory(entry.parent)
    write_durably(entry, _text([sys.executable, "-m", "model_library", "gui", *arguments]).encode())
    return entry


def remove(data: Path) -> bool:
    """Take the entry away; False when there is none.

    Raises DesktopError, TargetExistsError when it is not ours, FileError.
    """
    entry = entry_file(data)
    _require_ours(entry)
    there = entry.exists()
    for path in (entry, icon_file(data)) if there else ():
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise translate_os_error(error, path=path, writing=True) from error
    return there


def _require_ours(entry: Path) -> None:
    if not has_desktop_entries():
        raise DesktopError(
            "Menu entries are made on Linux only", hint="Make a shortcut to `model-library gui`."
        )
    try:
        text = read_regular(entry, _MOST)
    except FileNotFoundError:
        return
    except OSError as error:
        raise translate_os_error(error, path=entry, writing=False) from error
    if _OURS.encode() not in text:
        raise TargetExistsError(
            "This menu entry is not ours", path=entry, hint="Move it away first."
        )


def _text(command: Sequence[str]) -> str:
    lines = [
        "[Desktop Entry]",
        "Type=Application",
        "Version=1.5",
        "Name=Model Library",
        "GenericName=AI model manager",
        "Comment=Keeps every AI model file once and proves it is intact",
        f"Exec={' '.join(map(quoted, command))} %F",
        f"Icon={NAME}",
        "Terminal=false",
        "Categories=Utility;",
        f"StartupWMClass={NAME}",
        _OURS,
    ]
    return "\n".join(lines) + "\n"


def quoted(argument: str) -> str:
    """An argument as the value of Exec has it: quoted for the command, then for the file."""
    text = argument.replace("%", "%%")
    if _RESERVED.isdisjoint(text) and text:
        return text
    for sign in ("\\", '"', "`", "$"):
        text = text.replace(sign, f"\\{sign}")
    text = f'"{text}"'
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
