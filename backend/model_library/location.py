"""Where the user's library is: named by an option or MODEL_LIBRARY, remembered, else the platform's own place.

What was chosen at the first start is remembered in one small file of the user's configuration, so that every
later command finds the library wherever it lies:

    <user's configuration>/model-library/location.json      {"library": "/absolute/path"}
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from model_library.errors import LibraryPathError
from model_library.io.files import make_directory, write_durably
from model_library.store import LIBRARY_FILE

LIBRARY_VARIABLE: Final = "MODEL_LIBRARY"
_FILE: Final = "location.json"
_MOST: Final = 64 * 1024
"""Bytes; a path is much shorter."""


class Chosen(StrEnum):
    """Who said where the library is."""

    OPTION = "option"
    ENVIRONMENT = "environment"
    REMEMBERED = "remembered"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Location:
    path: Path
    chosen: Chosen

    @property
    def has_library(self) -> bool:
        try:
            return (self.path / LIBRARY_FILE).is_file()
        except OSError:  # a drive that may not be looked into, a path that no system takes
            return False

    @property
    def named(self) -> Path | None:
        """Its path when it was named for this start: then a library is begun there when there is none."""
        return self.path if self.chosen in {Chosen.OPTION, Chosen.ENVIRONMENT} else None

    def require_there(self) -> Path:
        """Its path. Raises LibraryPathError when the library was there once and is not now: another one is
        not begun at the mount point of a drive that is not connected."""
        if self.chosen is Chosen.REMEMBERED and not self.has_library:
            raise LibraryPathError(
                "Your library is not there",
                path=self.path,
                hint="Connect its drive; or choose another place with `model-library init DIR`.",
            )
        return self.path


def locate(option: str | None, environment: Mapping[str, str]) -> Location:
    """Where the library is. Raises LibraryPathError when what was remembered cannot be read."""
    if option:
        return Location(_absolute(option), Chosen.OPTION)
    if named := environment.get(LIBRARY_VARIABLE):
        return Location(_absolute(named), Chosen.ENVIRONMENT)
    kept = remembered()
    if kept is not None:
        return Location(kept, Chosen.REMEMBERED)
    return Location(default_path(), Chosen.DEFAULT)


def default_path() -> Path:
    """The platform's directory for data of this user."""
    from platformdirs import user_data_path  # costs start-up time only when it is needed

    return user_data_path("model-library", appauthor=False)


def remembered() -> Path | None:
    """What was chosen at the first start. Raises LibraryPathError."""
    file = _file()
    try:
        with file.open("rb") as stream:
            said = json.loads(stream.read(_MOST))
        path = Path(said["library"])
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _unreadable(file) from error
    if not path.is_absolute():
        raise _unreadable(file)
    return path


def remember(path: Path) -> None:
    """Have every later start use this library. Raises FileError."""
    file = _file()
    make_directory(file.parent)
    write_durably(file, json.dumps({"library": str(path)}).encode())


def _file() -> Path:
    from platformdirs import user_config_path

    return user_config_path("model-library", appauthor=False) / _FILE


def _unreadable(file: Path) -> LibraryPathError:
    return LibraryPathError(
        "The file that says where your library is cannot be read",
        path=file,
        hint="Name the library with --library, or remove the file and choose again.",
    )


def _absolute(text: str) -> Path:
    """Raises LibraryPathError when it names the home of a user that is not there."""
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError as error:
        raise LibraryPathError("Nobody has that home directory", path=text) from error
