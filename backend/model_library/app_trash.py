"""Versions of applications that were installed by us and removed: what lies in `<library>/apps/.trash`.

A directory there is named by its kind and version, and goes back by one rename. A purge is in the journal
before it begins, so that one that was cut short is finished at the next start.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from model_library.errors import AppNotFoundError, TargetExistsError
from model_library.io.platform.os_errors import translate_os_error
from model_library.io.platform.page_cache import fsync_directory
from model_library.io.platform.renaming import rename_noreplace
from model_library.library import APPS_DIRECTORY, Catalog
from model_library.link_registry import App
from model_library.publishing import EXCLUSIVE_JOB, remove_tree
from model_library.store import TRASH

PURGE_APP: Final = "purge-app"
"""Action in the journal."""


@dataclass(frozen=True, slots=True)
class TrashedApp:
    """One directory in the trash of the applications."""

    name: str
    """`2026-01-31/comfyui-v0.6.0`: the day on which it was removed, UTC, its kind and its version; what is
    the second of a day ends in `~2`."""
    kind: str
    version: str
    """The tag that it was installed by."""
    directory: Path

    @property
    def deleted(self) -> str:
        """The day on which it was removed, UTC."""
        return self.directory.parent.name


def apps_directory(catalog: Catalog) -> Path:
    """Where applications are inside the library, which may be a symlink to a larger drive."""
    return Path(os.path.realpath(catalog.directory / APPS_DIRECTORY))


def make_directory(path: Path) -> None:
    """With all above it. Raises FileError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise translate_os_error(error, path=path, writing=True) from error


def move_to_trash(catalog: Catalog, app: App) -> Path:
    """Move the directory of an installed application into the trash; where it is now. Raises FileError."""
    day = apps_directory(catalog) / TRASH / datetime.now(UTC).strftime("%Y-%m-%d")
    make_directory(day)
    name = f"{app.kind}-{app.path.name}"
    names = itertools.chain([name], (f"{name}~{number}" for number in itertools.count(2)))
    place = next(day / one for one in names if not os.path.lexists(day / one))
    rename_noreplace(app.path, place)
    fsync_directory(day)
    fsync_directory(app.path.parent)
    return place


def trashed_apps(catalog: Catalog) -> list[TrashedApp]:
    """What was removed, newest first."""
    found = []
    trash = apps_directory(catalog) / TRASH
    for place in sorted(trash.glob("*/*"), reverse=True):
        kind, dash, rest = place.name.partition("-")
        linked = (
            place.is_symlink() or place.parent.is_symlink()
        )  # then it is not ours, wherever it leads
        if dash and place.is_dir() and not linked:
            name = place.relative_to(trash).as_posix()
            found.append(TrashedApp(name, kind, rest.partition("~")[0], place))
    return found


def find_trashed_app(catalog: Catalog, name: str) -> TrashedApp:
    """The one of a name, or the newest whose name without its day it is: a beginning of a name may be that of
    another version. Raises AppNotFoundError."""
    wanted = name.strip()
    for one in trashed_apps(catalog):
        if wanted in (one.name, one.directory.name, f"{one.kind}-{one.version}"):
            return one
    raise AppNotFoundError(
        f"No application in the trash is named {name!r}",
        hint="`model-library app list --trash` shows what was removed.",
    )


def restore_app(catalog: Catalog, trashed: TrashedApp) -> Path:
    """Bring a version back to the place where it was installed. Callers add it again.

    Raises TargetExistsError (that version was installed again), FileError.
    """
    place = apps_directory(catalog) / trashed.kind / trashed.version
    with catalog.exclusive():
        make_directory(place.parent)
        try:
            rename_noreplace(trashed.directory, place)
        except TargetExistsError as error:
            raise TargetExistsError(
                f"{trashed.kind} {trashed.version} is installed again",
                path=place,
                hint=f"Remove that one first, or `app purge {trashed.name}` frees the space of this.",
            ) from error
        fsync_directory(place.parent)
        _remove_empty_days(catalog)
    return place


def purge_app(catalog: Catalog, trashed: TrashedApp) -> int:
    """Free the space of a version; returns its bytes. There is no way back from here. Raises FileError."""
    freed = size_of(trashed.directory)
    payload = {"doomed": trashed.name}
    with catalog.exclusive():
        entries = catalog.registry.begin(EXCLUSIVE_JOB, [(PURGE_APP, payload)])
        finish_purging_app(catalog, payload)
        catalog.registry.finish(entries)
    return freed


def finish_purging_app(catalog: Catalog, payload: Mapping[str, Any]) -> None:
    """Do what is left to do of a purge. Raises FileError."""
    remove_tree(apps_directory(catalog) / TRASH / str(payload["doomed"]))
    _remove_empty_days(catalog)


def size_of(directory: Path) -> int:
    """Bytes of all files in a directory; what cannot be looked at counts as nothing."""
    return sum(_sizes([str(directory)]))


def _sizes(waiting: list[str]) -> Iterator[int]:
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        yield entry.stat(follow_symlinks=False).st_size
        except OSError:  # it went away, or may not be read
            continue


def _remove_empty_days(catalog: Catalog) -> None:
    trash = apps_directory(catalog) / TRASH
    for place in (*sorted(trash.glob("*")), trash):
        if not _is_empty(place):
            continue
        place.rmdir()


def _is_empty(place: Path) -> bool:
    return place.is_dir() and not place.is_symlink() and not any(place.iterdir())
