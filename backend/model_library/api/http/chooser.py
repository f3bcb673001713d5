"""Choosing files and folders of this machine in a page that has no dialog of its own.

Over loopback it is the user's own machine, and what the user may read can be chosen. From another machine only
the home directory, the roots and the library are shown. Places are shown by their real paths: no `..` and no
link leads out of what is allowed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Literal

from typing_extensions import TypedDict

from model_library.api.typed_path import typed_path
from model_library.errors import SourceUnreadableError
from model_library.identify.file_roles import weight_extension
from model_library.io.files import real_path
from model_library.io.platform.filesystems import mount_points
from model_library.io.platform.os_errors import translate_os_error

MOST_ENTRIES: Final = 10_000
"""Of one folder."""


class EntryJson(TypedDict):
    """A file or folder. `model`: its name is that of a model file; `size` in bytes, None of a folder."""

    name: str
    path: str
    kind: Literal["folder", "file"]
    size: int | None
    model: bool


class FolderJson(TypedDict):
    """What a folder holds, folders first. `parent` is None where nothing above may be shown; `omitted` counts
    what has a name that cannot be sent, or is more than fits; `places` are where to begin. `file`: the path of
    the file in it that was asked for, else None; `unfound`: the last name of what was asked for when nothing in
    the folder has it, as while somebody types it, else empty."""

    path: str
    file: str | None
    unfound: str
    parent: str | None
    entries: list[EntryJson]
    omitted: int
    places: list[str]


def folder(
    path: str, allowed: Sequence[Path] | None, roots: Sequence[Path], *, hidden: bool
) -> FolderJson:
    """What is in a folder; of an empty path in the home directory, of a file or of what is not there in the folder
    around it. `allowed` are the trees that may be shown, None for all.

    Raises InvalidValueError, SourceUnreadableError, SourceNotFoundError.
    """
    typed = typed_path(path) if path else Path.home()
    asked = require_shown(typed, allowed)
    place, inside = _nearest_folder(asked)
    if inside is not None:
        require_shown(place, allowed)
    try:
        found = list(_entries(place, hidden=hidden))
        is_file = inside is not None and asked.is_file()
    except OSError as error:
        raise translate_os_error(error, path=place, writing=False) from error
    sendable = [one for one in found if one["name"].isprintable() and _is_text(one["name"])]
    sendable.sort(key=lambda one: (one["kind"] == "file", one["name"].casefold(), one["name"]))
    parent = place.parent
    above = parent != place and (allowed is None or _is_in(parent, allowed))
    return FolderJson(
        path=str(place),
        file=str(asked) if is_file else None,
        unfound="" if inside is None or is_file else inside,
        parent=str(parent) if above else None,
        entries=sendable[:MOST_ENTRIES],
        omitted=len(found) - len(sendable[:MOST_ENTRIES]),
        places=_places(allowed, roots),
    )


def _nearest_folder(asked: Path) -> tuple[Path, str | None]:
    """What was asked for when it is a folder; else the folder around it, and its name in there."""
    try:
        is_folder = stat.S_ISDIR(asked.stat().st_mode)
    except FileNotFoundError:
        is_folder = False
    except OSError as error:
        raise translate_os_error(error, path=asked, writing=False) from error
    return (asked, None) if is_folder else (asked.parent, asked.name)


def require_shown(asked: Path, allowed: Sequence[Path] | None) -> Path:
    """A path without links, if it is in one of the trees. Raises SourceUnreadableError, which does not tell where a
    link leads."""
    place = real_path(asked)
    if allowed is not None and not _is_in(place, allowed):
        raise SourceUnreadableError(
            "This folder is not shown to other machines",
            path=asked,
            hint="The home directory and the roots of the library are.",
        )
    return place


def _is_in(place: Path, allowed: Sequence[Path]) -> bool:
    return any(place.is_relative_to(Path(os.path.realpath(one))) for one in allowed)


def _entries(place: Path, *, hidden: bool) -> Iterator[EntryJson]:
    with os.scandir(place) as entries:
        for entry in entries:
            if entry.name.startswith(".") and not hidden:
                continue
            try:
                status = entry.stat()
            except OSError:  # a link that leads nowhere, or gone meanwhile
                continue
            is_folder = stat.S_ISDIR(status.st_mode)
            if not is_folder and not stat.S_ISREG(status.st_mode):
                continue
            yield EntryJson(
                name=entry.name,
                path=str(place / entry.name),
                kind="folder" if is_folder else "file",
                size=None if is_folder else status.st_size,
                model=not is_folder and weight_extension(entry.name) is not None,
            )


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _places(allowed: Sequence[Path] | None, roots: Sequence[Path]) -> list[str]:
    """Where to begin: the home directory, the roots, and the drives where all may be shown."""
    drives = mount_points() if allowed is None else []
    found = [Path.home(), *roots, *sorted(drives)]
    return list(dict.fromkeys(str(one) for one in found if one.is_dir() and _is_text(str(one))))
