"""Writing small files so that a crash at any instruction leaves the old content or the new one."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from io import FileIO
from pathlib import Path

from model_library.io.platform.os_errors import translate_os_error
from model_library.io.platform.page_cache import fsync_directory, fsync_file

TEMPORARY_PREFIX = ".model-library-tmp-"
"""Begins the name of every file that is being written; one that outlived its process is garbage."""


def real_path(path: Path) -> Path:
    """A path without links, also where nothing is yet. `Path.resolve` raises what callers do not expect.

    Raises SourceUnreadableError for a link that may not be read, as some below /proc.
    """
    try:
        return Path(os.path.realpath(path))
    except OSError as error:
        raise translate_os_error(error, path=path, writing=False) from error


def write_durably(path: Path, data: bytes) -> None:
    """Make `data` the whole content of `path`, creating or replacing it in one step.

    Temporary file in the same directory, fsync, rename, fsync of the directory. Raises a FileError
    (TargetFullError, TargetReadOnlyError, WriteError, ...): the content is then the old one and no
    temporary file is left.
    """
    temporary = path.with_name(TEMPORARY_PREFIX + os.urandom(8).hex())
    try:
        with contextlib.ExitStack() as cleanup:
            with temporary.open("xb", buffering=0) as file:
                cleanup.callback(remove_unfinished, temporary)
                write_all(file, data)
                fsync_file(file.fileno())
            temporary.replace(path)
            cleanup.pop_all()
    except OSError as error:
        raise translate_os_error(error, path=path, writing=True) from error
    fsync_directory(path.parent)


def make_directory(path: Path) -> None:
    """A directory with all above it, or what is there already. Raises FileError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise translate_os_error(error, path=path, writing=True) from error


def open_regular(path: Path, flags: int, mode: int = 0o600) -> int:
    """The descriptor of the regular file that itself has this name: no symlink is followed and no pipe is
    waited for. Raises OSError."""
    if not hasattr(os, "O_NOFOLLOW") and path.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    extra = ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY")
    for name in extra:
        flags |= getattr(os, name, 0)
    descriptor = os.open(path, flags, mode)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "It is not a regular file")
    return descriptor


def read_regular(path: Path, most: int) -> bytes:
    """Up to `most` bytes of a small file of ours, opened as `open_regular` does. Raises OSError."""
    with FileIO(open_regular(path, os.O_RDONLY)) as file:
        return file.read(most)


def set_aside(path: Path) -> Path:
    """Keep what lies at a path of ours and is not ours, or damaged, under the first free name
    `<name>.damaged-<number>`; returns that. Raises FileError."""
    number = 1
    while os.path.lexists(kept := path.with_name(f"{path.name}.damaged-{number}")):
        number += 1
    try:
        path.rename(kept)
    except OSError as error:
        raise translate_os_error(error, path=path, writing=True) from error
    fsync_directory(path.parent)
    return kept


def write_all(file: FileIO, data: bytes | memoryview) -> None:
    """Write every byte: an unbuffered file may take fewer than it was given. Raises OSError."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


def remove_unfinished(path: Path) -> None:
    """Remove a file of ours that did not get finished. Failing to (the drive may be gone) must not
    hide the error that ended it; what stays is recognised as garbage later."""
    with contextlib.suppress(OSError):
        path.unlink()


def remove_leftovers(directory: Path) -> None:
    """Remove what `write_durably` left in a directory when its process was killed. Only for directories
    in which nobody else can be writing now."""
    for path in directory.glob(f"{TEMPORARY_PREFIX}*"):
        remove_unfinished(path)
