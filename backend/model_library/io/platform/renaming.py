"""Renaming in one step that never replaces anything, on every filesystem."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

from model_library.io.platform.os_errors import NOT_SUPPORTED, two_path_error
from model_library.io.platform.syscalls import call_c, not_here

if sys.platform == "linux":
    _AT_FDCWD = -100  # linux/fcntl.h
    _RENAME_NOREPLACE = 1  # linux/fs.h

    def _rename_exclusively(source: Path, destination: Path) -> None:
        _rename_exclusively_at(_AT_FDCWD, str(source), _AT_FDCWD, str(destination))

    def _rename_exclusively_at(source: int, old: str, destination: int, new: str) -> None:
        names = os.fsencode(old), os.fsencode(new)
        call_c("renameat2", source, names[0], destination, names[1], _RENAME_NOREPLACE)

elif sys.platform == "darwin":
    _RENAME_EXCL = 4  # sys/stdio.h

    def _rename_exclusively(source: Path, destination: Path) -> None:
        call_c("renamex_np", os.fsencode(source), os.fsencode(destination), _RENAME_EXCL)

    def _rename_exclusively_at(source: int, old: str, destination: int, new: str) -> None:
        names = os.fsencode(old), os.fsencode(new)
        call_c("renameatx_np", source, names[0], destination, names[1], _RENAME_EXCL)

else:

    def _rename_exclusively(source: Path, destination: Path) -> None:
        source.rename(destination)  # Windows refuses an existing destination

    _rename_exclusively_at = not_here


def rename_noreplace(source: Path, destination: Path) -> None:
    """Rename a file or directory in one step that never replaces anything.

    Raises TargetExistsError (nothing changed), SourceNotFoundError, UnsupportedFilesystemError
    (another filesystem) or what translate_os_error finds.
    """
    try:
        try:
            _rename_exclusively(source, destination)
        except OSError as error:
            if error.errno != errno.EINVAL and error.errno not in NOT_SUPPORTED:
                raise
            _claim_and_rename(source, destination)
    except OSError as error:
        raise two_path_error(error, source, destination) from error


def _claim_and_rename(source: Path, destination: Path) -> None:
    """For filesystems without such a rename: take the name exclusively, then rename over the claim.

    A crash in between leaves an empty file or directory under the new name and the source whole.
    """
    if stat.S_ISDIR(source.lstat().st_mode):
        destination.mkdir()
        release: Callable[[], None] = destination.rmdir
    else:
        destination.touch(exist_ok=False)
        release = destination.unlink
    try:
        source.rename(destination)
    except OSError:
        release()
        raise


def rename_noreplace_at(source: int, old: str, destination: int, new: str) -> None:
    """The same with names relative to open directories. Raises OSError: FileExistsError where the
    new name is taken, FileNotFoundError where the old one is not there."""
    try:
        _rename_exclusively_at(source, old, destination, new)
    except OSError as error:
        if error.errno != errno.EINVAL and error.errno not in NOT_SUPPORTED:
            raise
        _claim_and_rename_at(source, old, destination, new)


def _claim_and_rename_at(source: int, old: str, destination: int, new: str) -> None:
    """As `_claim_and_rename`."""
    is_directory = stat.S_ISDIR(os.stat(old, dir_fd=source, follow_symlinks=False).st_mode)
    if is_directory:
        os.mkdir(new, dir_fd=destination)
    else:
        os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, dir_fd=destination))
    try:
        os.rename(old, new, src_dir_fd=source, dst_dir_fd=destination)
    except OSError:
        release = os.rmdir if is_directory else os.unlink
        release(new, dir_fd=destination)
        raise
