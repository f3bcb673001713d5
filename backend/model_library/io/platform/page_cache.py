"""The page cache, which stands between files and drives: flushed, gone around, written out and read ahead."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

from model_library.io.platform.os_errors import NOT_SUPPORTED, translate_os_error
from model_library.io.platform.syscalls import call_c, not_here, nothing_to_do

DIRECT_IO_ALIGNMENT = 4096
"""Bytes: offset, length and memory of a direct write are multiples of it. The largest logical
sector of drives in use."""

WRITE_BEHIND_WINDOW = 16 * 1024 * 1024
"""Bytes that write_behind leaves on their way to the drive: enough to keep it busy."""

SYNCS_FILESYSTEMS = os.name != "nt"
"""Whether sync_filesystem does anything; where not, each file has to be flushed by itself."""

if sys.platform != "win32":
    import fcntl

if sys.platform == "linux":
    _SYNC_FILE_RANGE_WRITE = 2  # linux/fs.h
    _SYNC_FILE_RANGE_WAIT = 1 | 4  # linux/fs.h: before and after

    _flush = os.fsync

    def _flush_filesystem(descriptor: int) -> None:
        call_c("syncfs", descriptor)

    def _bypass_page_cache(descriptor: int, enabled: bool) -> None:
        flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
        flags = flags | os.O_DIRECT if enabled else flags & ~os.O_DIRECT
        fcntl.fcntl(descriptor, fcntl.F_SETFL, flags)

    def _read_ahead(descriptor: int) -> None:
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_SEQUENTIAL)

    def _write_out(descriptor: int, offset: int, length: int) -> None:
        import ctypes  # here, because it costs start-up time

        def sync(start: int, flags: int) -> None:
            at, count = ctypes.c_int64(start), ctypes.c_int64(length)
            call_c("sync_file_range", descriptor, at, count, flags)

        sync(offset, _SYNC_FILE_RANGE_WRITE)
        if (earlier := offset - WRITE_BEHIND_WINDOW) >= 0:
            sync(earlier, _SYNC_FILE_RANGE_WAIT | _SYNC_FILE_RANGE_WRITE)
            os.posix_fadvise(descriptor, earlier, length, os.POSIX_FADV_DONTNEED)

elif sys.platform == "darwin":

    def _flush(descriptor: int) -> None:
        try:
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
        except OSError:  # network filesystems know only the weaker one
            os.fsync(descriptor)

    def _flush_filesystem(_descriptor: int) -> None:
        os.sync()

    def _bypass_page_cache(descriptor: int, enabled: bool) -> None:
        fcntl.fcntl(descriptor, fcntl.F_NOCACHE, int(enabled))

    _write_out = _read_ahead = nothing_to_do

else:
    _flush = os.fsync
    _bypass_page_cache = not_here
    _write_out = _read_ahead = _flush_filesystem = nothing_to_do


def fsync_file(descriptor: int) -> None:
    """Return when the file's bytes are on the drive itself. Raises OSError."""
    _flush(descriptor)


def fsync_directory(path: Path) -> None:
    """Make the names in a directory durable, where the system can do that. Raises a FileError."""
    try:
        _flush_through(path, _flush)
    except OSError as error:
        if error.errno != errno.EINVAL and error.errno not in NOT_SUPPORTED:
            raise translate_os_error(error, path=path, writing=True) from error


def fsync_descriptor(descriptor: int, path: Path) -> None:
    """The same for a directory that is open; `path` is only named in the error."""
    try:
        _flush(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL and error.errno not in NOT_SUPPORTED:
            raise translate_os_error(error, path=path, writing=True) from error


def sync_filesystem(directory: Path) -> None:
    """Make everything written to the filesystem of a directory durable, with one flush.

    Only where SYNCS_FILESYSTEMS; macOS flushes all of them, and less firmly. Raises a FileError.
    """
    try:
        _flush_through(directory, _flush_filesystem)
    except OSError as error:
        raise translate_os_error(error, path=directory, writing=True) from error


def _flush_through(directory: Path, flush: Callable[[int], None]) -> None:
    if os.name == "nt":
        return  # NTFS journals names; a directory cannot be opened
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        flush(descriptor)
    finally:
        os.close(descriptor)


def aligned_memory(size: int) -> memoryview:
    """So many bytes of zeros that begin at a page, as direct writes want it, and that are of this process alone:
    without the flag a process that is forked would read its files into the same memory."""
    import mmap  # here, because it costs start-up time

    if sys.platform == "win32":
        return memoryview(mmap.mmap(-1, size))
    return memoryview(mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))


def set_direct_io(descriptor: int, enabled: bool) -> bool:
    """Switch writing past the page cache on or off; False where the filesystem cannot.

    Done on the open file, because opening with O_DIRECT where it is refused leaves an empty file.
    """
    try:
        _bypass_page_cache(descriptor, enabled)
    except OSError:
        return False
    return True


def read_ahead(descriptor: int) -> None:
    """Tell the system that a file will be read once, from its beginning to its end: from a drive
    it then comes up to 1.4 times as fast. Raises OSError."""
    _read_ahead(descriptor)


def write_behind(descriptor: int, offset: int, length: int) -> None:
    """Start writing out these bytes; wait for and forget those WRITE_BEHIND_WINDOW before them.

    A long buffered copy in steps of `length` then neither piles up unwritten pages nor pushes
    everything else out of memory. A filesystem that has no such thing does without.
    """
    try:
        _write_out(descriptor, offset, length)
    except OSError as error:
        if error.errno not in (errno.ESPIPE, errno.EINVAL, *NOT_SUPPORTED):
            raise
