"""The first start: where the library is to live, and what this machine holds already.

Here is what can be asked before there is a library. `init` of the command line and the server call it.
"""

from __future__ import annotations

import os
from pathlib import Path

from model_library.api.shapes_first import FoundFolderJson, PlaceJson
from model_library.api.typed_path import typed_path
from model_library.errors import InvalidValueError, LibraryPathError, ModelLibraryError
from model_library.events import Listener
from model_library.io.platform import filesystem_of, free_bytes, translate_os_error
from model_library.io.validator import check_library_directory
from model_library.library import require_place
from model_library.location import default_path, remember
from model_library.store import LIBRARY_FILE, read_library_file


def begin_library(path: str, listener: Listener) -> Path:
    """Begin a library in a directory, or take the one that is there, and remember it as the user's.

    Raises LibraryPathError and what `Library.open` raises; then nothing is remembered.
    """
    from model_library.api.core import Library

    directory = _checked(path)
    with Library.open(directory, listener=listener) as library:
        remember(library.path)
    return directory


def look_at_place(path: str = "") -> PlaceJson:
    """What a directory would be as the place of a library; without a path the one that is proposed."""
    problem: ModelLibraryError | None = None
    free: int | None = None
    warning = filesystem = ""
    directory = default_path()
    try:
        directory = _absolute(path) if path.strip() else directory
        free, filesystem = free_bytes(directory), filesystem_of(directory).kind
        caution = check_library_directory(directory)
        warning = "" if caution is None else f"{caution.message}. {caution.hint}"
        _checked(str(directory))
    except ModelLibraryError as error:
        problem = error
    there = problem is None and (directory / LIBRARY_FILE).is_file()
    state = PlaceJson(
        path=str(directory) if problem is None or Path(path).is_absolute() else path,
        state="library" if there else "new",
        problem="",
        warning=warning,
        free=free,
        filesystem=filesystem,
    )
    if problem is not None:
        state |= {"state": "refused", "problem": problem.message}
    return state


def found_folders() -> list[FoundFolderJson]:
    """The folders of other programs that hold models, the fullest first."""
    from model_library.elsewhere import contents, stores
    from model_library.surveying import USER_PROFILES

    found = []
    for store in stores(os.environ, Path.home(), default_path() / USER_PROFILES):
        held = contents(store.path)
        if held.files and _is_text(str(store.path)):
            one = FoundFolderJson(
                program=store.program,
                path=str(store.path),
                files=held.files,
                bytes=held.bytes,
                complete=held.complete,
            )
            found.append(one)
    return sorted(found, key=lambda one: -one["bytes"])


def _checked(path: str) -> Path:
    """A directory that holds a library or could hold one. Raises InvalidValueError, LibraryPathError,
    LibraryFormatError, LibraryTooNewError."""
    directory = _absolute(path)
    try:
        if not directory.is_dir() or read_library_file(directory / LIBRARY_FILE) is None:
            require_place(directory)
            _require_writable(directory)
    except OSError as error:
        raise translate_os_error(error, path=directory, writing=False) from error
    return directory


def _absolute(path: str) -> Path:
    """Raises InvalidValueError."""
    directory = typed_path(path)
    if not _is_text(str(directory)):
        raise InvalidValueError("This path has characters that cannot be shown", path=path)
    return Path(os.path.normpath(directory))


def _require_writable(directory: Path) -> None:
    above = next(one for one in (directory, *directory.parents) if one.exists())
    if not above.is_dir() or not os.access(above, os.W_OK):
        raise LibraryPathError(
            "Nothing can be written there", path=directory, hint="Choose a folder of your own."
        )


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return path.isprintable()
