"""The first start: where the library is to live, and what this machine holds already.

Here is what can be asked before there is a library. `init` of the command line and the server call it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from model_library.api.shapes_first import FoundFolderJson, PlaceJson
from model_library.api.typed_path import typed_path
from model_library.errors import InvalidValueError, ModelLibraryError
from model_library.events import Listener, Notice
from model_library.io.platform.filesystems import filesystem_of, free_bytes
from model_library.io.platform.os_errors import translate_os_error
from model_library.io.validator import Caution, check_lasting, check_library_directory
from model_library.library import require_place
from model_library.location import default_path, remember
from model_library.store import LIBRARY_FILE, read_library_file

if TYPE_CHECKING:
    from model_library.elsewhere import Weight


def begin_library(path: str, listener: Listener) -> Path:
    """Begin a library in a directory, or take the one that is there, and remember it as the user's.

    Raises LibraryPathError and what `Library.open` raises; then nothing is remembered.
    """
    from model_library.api.core import Library

    directory = _checked(path)
    for caution in _cautions(directory):
        listener(Notice(caution.code, caution.message, caution.hint))
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
        _checked(str(directory))
        warning = " ".join(f"{one.message}. {one.hint}" for one in _cautions(directory))
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


def found_folders(is_held: Callable[[Weight], bool] = lambda _: False) -> list[FoundFolderJson]:
    """The folders of other programs that hold models, the fullest first. `is_held`: see `contents`."""
    from model_library.elsewhere import contents, stores
    from model_library.surveying import USER_PROFILES

    found = []
    for store in stores(os.environ, Path.home(), default_path() / USER_PROFILES):
        held = contents(store.path, is_held=is_held)
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
    except OSError as error:
        raise translate_os_error(error, path=directory, writing=False) from error
    return directory


def _absolute(path: str) -> Path:
    """Raises InvalidValueError."""
    directory = typed_path(path)
    if not _is_text(str(directory)):
        raise InvalidValueError("This path has characters that cannot be shown", path=path)
    return Path(os.path.normpath(directory))


def _cautions(directory: Path) -> list[Caution]:
    """What is to be known of a place before it is chosen."""
    from model_library.profiles.finding import installation_around
    from model_library.surveying import USER_PROFILES

    found = [check_library_directory(directory), check_lasting(directory)]
    app = installation_around(directory, default_path() / USER_PROFILES)
    if app is not None:
        message = f"This is inside of {app.display}, which models could not be linked into then"
        hint = "An update or removal of it could take the library with it: keep them apart."
        found.append(Caution("library-in-app", message, hint, app.path))
    return [caution for caution in found if caution is not None]


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return path.isprintable()
