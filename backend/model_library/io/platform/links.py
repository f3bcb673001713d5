"""Other names for the same bytes: shared blocks, hard links, symbolic links."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

from model_library.errors import FileError, UnsupportedFilesystemError
from model_library.io.platform.os_errors import NOT_SUPPORTED, translate_os_error, two_path_error
from model_library.io.platform.page_cache import DIRECT_IO_ALIGNMENT
from model_library.io.platform.syscalls import call_c, not_here

if sys.platform == "linux":
    import fcntl

    _FICLONE = 0x40049409  # linux/fs.h: _IOW(0x94, 9, int)

    def _clone(source: Path, destination: Path) -> None:
        reader = os.open(source, os.O_RDONLY)
        try:
            writer = os.open(destination, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
            try:
                fcntl.ioctl(writer, _FICLONE, reader)
            except OSError:
                destination.unlink()
                raise
            finally:
                os.close(writer)
        finally:
            os.close(reader)

elif sys.platform == "darwin":

    def _clone(source: Path, destination: Path) -> None:
        call_c("clonefile", os.fsencode(source), os.fsencode(destination), 0)

else:
    _clone = not_here

_CANNOT_CLONE = NOT_SUPPORTED | {errno.EXDEV, errno.EINVAL, errno.EPERM}
_CANNOT_LINK = NOT_SUPPORTED | {errno.EXDEV, errno.EMLINK, errno.EPERM}
_CANNOT_SYMLINK = NOT_SUPPORTED | {errno.EPERM, errno.EINVAL}  # EINVAL: no right to, on Windows


def reflink(source: Path, destination: Path) -> bool:
    """Make `destination`, which must not exist, share the blocks of `source`.

    False, with nothing left behind, where the filesystems cannot. Raises a FileError.
    """
    try:
        _clone(source, destination)
    except OSError as error:
        if error.errno in _CANNOT_CLONE:
            return False
        raise two_path_error(error, source, destination) from error
    return True


def can_reflink(directory: Path) -> bool:
    """Whether files inside this directory can share blocks, by trying it. Raises a FileError."""
    import tempfile  # here, because it costs start-up time

    try:
        with tempfile.TemporaryDirectory(prefix=".reflink-", dir=directory) as probe:
            original = Path(probe, "original")
            original.write_bytes(bytes(DIRECT_IO_ALIGNMENT))
            return reflink(original, Path(probe, "clone"))
    except OSError as error:
        raise translate_os_error(error, path=directory, writing=True) from error


def hard_link(source: Path, destination: Path) -> None:
    """Give a file a second name. A symlink is linked itself, never what it points to.

    Raises TargetExistsError, SourceNotFoundError, or UnsupportedFilesystemError (another
    filesystem, no hard links there, or too many on this file already).
    """
    try:
        os.link(source, destination, follow_symlinks=sys.platform == "win32")
    except OSError as error:
        if error.errno in _CANNOT_LINK:
            raise _cannot_link("hard link", error, destination) from error
        raise two_path_error(error, source, destination) from error


def may_hard_link(path: Path, status: os.stat_result) -> bool:
    """Whether this user may give a file a second name, as far as it can be told beforehand.

    Linux refuses it for a file of somebody else that the user may not write to (proc_sys_fs(5), `protected_hardlinks`).
    """
    if sys.platform != "linux" or status.st_uid == os.geteuid():
        return True
    return os.access(path, os.R_OK | os.W_OK)


def symlink_relative(target: Path, link: Path) -> None:
    """Make `link` point to `target` by a path that survives moving their common parent.

    The path is computed between the real directories, so that symlinked parents do not mislead it.
    Raises TargetExistsError, UnsupportedFilesystemError or what translate_os_error finds.
    """
    real_target = target.parent.resolve() / target.name
    _symlink(os.path.relpath(real_target, link.parent.resolve()), target, link)


def symlink_absolute(target: Path, link: Path) -> None:
    """Make `link` point to the absolute path of `target`. Raises as symlink_relative does."""
    _symlink(str(target.absolute()), target, link)


def _symlink(text: str, target: Path, link: Path) -> None:
    try:
        link.symlink_to(text, target_is_directory=target.is_dir())
    except OSError as error:
        if error.errno in _CANNOT_SYMLINK:
            raise _cannot_link("symbolic link", error, link) from error
        raise translate_os_error(error, path=link, writing=True) from error


def _cannot_link(what: str, error: OSError, path: Path) -> FileError:
    message = f"Cannot make a {what} here: {error.strerror}"
    hint = f"Use another way of linking, or a filesystem that has a {what}."
    return UnsupportedFilesystemError(message, path=path, hint=hint)
