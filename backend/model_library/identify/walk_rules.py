"""What a walk leaves out, and how it says what is wrong with a path. No state, no decisions about
whole trees: those are in `walk`."""

# ruff: noqa: PTH115, PTH118, PTH120 - paths stay strings, as in `walk`

from __future__ import annotations

import errno
import os
import re
import stat

from model_library.errors import (
    ModelLibraryError,
    PathTooLongError,
    SourceNotFoundError,
    SourceUnreadableError,
    UnsafeNameError,
)

_SKIPPED_NAMES = {
    ".staging": "staging area of a library",
    ".trash": "trash of a library",
    ".git": "version control",
    "__pycache__": "compiled Python",
    "node_modules": "packages of a program",
}
_UNFINISHED = (".part", ".incomplete", ".crdownload", ".tmp")
_UNSAFE_NAME = re.compile(r"\\|^[A-Za-z]:|^[ .]+$")
"""Legal here, and a separator, a drive or a parent folder elsewhere (`naming` refuses the same)."""

_MAX_LINK_HOPS = 64
"""More than any system follows (Linux stops at 40)."""


def reason_to_skip(name: str, *, is_folder: bool) -> str | None:
    if name in _SKIPPED_NAMES:
        return _SKIPPED_NAMES[name]
    if name.startswith("."):
        return "hidden"
    if not is_folder and name.lower().endswith(_UNFINISHED):
        return "unfinished download or temporary file"
    return None


def is_safe_name(name: str) -> bool:
    """Whether a file name is text, and no path, drive or parent folder on another system."""
    return is_utf8(name) and "\0" not in name and _UNSAFE_NAME.search(name) is None


def is_utf8(name: str) -> bool:
    if name.isascii():
        return True
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def printable(path: str) -> str:
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def kind_of_special_file(status: os.stat_result) -> str:
    if stat.S_ISFIFO(status.st_mode):
        return "named pipe"
    if stat.S_ISSOCK(status.st_mode):
        return "socket"
    return "device or other special file"


def cycle_of(path: str) -> str:
    """One name for a loop of links, the same from wherever it is entered."""
    seen: list[str] = []
    while path not in seen and len(seen) < _MAX_LINK_HOPS:
        seen.append(path)
        try:
            target = os.readlink(path)
        except OSError:
            return path  # the loop is in a folder on the way
        path = os.path.normpath(os.path.join(os.path.dirname(path), target))
    return min(seen[seen.index(path) :]) if path in seen else min(seen)


def link_loop(path: str, how: str) -> ModelLibraryError:
    return SourceUnreadableError(f"symbolic link loop: {how}", path=path, hint="Remove the link.")


def unsafe_name_problem(path: str) -> ModelLibraryError:
    if is_utf8(path) and "\0" not in path:
        message = "the name would be a path, a drive or a parent folder on another system"
    else:
        message = "the name is not valid UTF-8 text"
    return UnsafeNameError(message, path=printable(path).replace("\0", "\\0"))


def os_problem(path: str, error: OSError, what: str) -> ModelLibraryError:
    if error.errno == errno.ENAMETOOLONG:
        return PathTooLongError(
            "the path is longer than the system allows",
            path=path,
            hint="Give a folder nearer to the files, or shorten the names.",
        )
    if error.errno not in (errno.ENOENT, errno.ENOTDIR):
        return SourceUnreadableError(f"{what}: {error.strerror}", path=path)
    try:
        target = printable(os.readlink(path))
    except OSError:  # no link, so the path itself is what is not there
        return SourceNotFoundError("there is no such file or folder", path=path)
    return SourceNotFoundError(
        f"broken symbolic link: {target} does not exist",
        path=path,
        hint="Bring back what the link pointed to, or remove the link.",
    )
