"""One opened model file, read by position: the only way the readers touch the disk.

Promises: directories and special files are refused without being opened, no read reaches past the end
that the file had when it was opened, and every failure of the system leaves as an error of ours.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from model_library.errors import (
    EmptyFileError,
    NotAModelError,
    SourceChangedError,
    SourceNotFoundError,
    TruncatedModelError,
)
from model_library.io.platform.os_errors import translate_os_error

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

HEAD_BYTES = 4096
"""Bytes kept of the beginning: enough to tell every kind of file apart."""

_SPECIAL = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a character device"),
    (stat.S_ISBLK, "a block device"),
)


class Source:
    """A regular file open for reading. `size` is in bytes, `head` its first bytes."""

    def __init__(self, path: Path, file: io.FileIO, size: int) -> None:
        self.path = path
        self.size = size
        self._file = file
        self.head = self.read_at(0, min(HEAD_BYTES, size))

    def read_at(self, offset: int, length: int) -> bytes:
        """Exactly `length` bytes from `offset`.

        Raises TruncatedModelError if the file is not that long, SourceChangedError if it was that
        long when it was opened, and SourceUnreadableError for a failure of the drive.
        """
        if offset + length > self.size:
            raise TruncatedModelError(
                f"the file ends at byte {self.size:,}, but its header needs {offset + length:,}",
                path=self.path,
            )
        parts = []
        missing = length
        try:
            self._file.seek(offset)
            while missing > 0:
                part = self._file.read(missing)
                if not part:
                    raise SourceChangedError(
                        "the file became shorter while it was read", path=self.path
                    )
                parts.append(part)
                missing -= len(part)
        except OSError as error:
            raise translate_os_error(error, path=self.path, writing=False) from error
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def slice(self, start: int, length: int) -> io.RawIOBase:
        """An unbuffered binary file over `length` bytes from `start`; it ends there."""
        return _Slice(self, start, length)


class _Slice(io.RawIOBase):
    def __init__(self, source: Source, start: int, length: int) -> None:
        super().__init__()
        self._source = source
        self._start = start
        self._length = length
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._length}[whence]
        self._position = base + offset
        return self._position

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        count = max(0, min(len(view), self._length - self._position))
        view[:count] = self._source.read_at(self._start + self._position, count)
        self._position += count
        return count


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """Open a regular file for the readers; symlinks are followed.

    Raises SourceNotFoundError, SourceUnreadableError, EmptyFileError, and NotAModelError for
    anything that is not a regular file (which is never opened, so a pipe cannot block).
    """
    try:
        _refuse_special(path, path.stat().st_mode)
        file = io.FileIO(path)
    except OSError as error:
        raise translate_os_error(error, path=path, writing=False) from error
    except ValueError as error:  # a NUL in the path
        raise SourceNotFoundError(f"no file can have this name: {error}", path=path) from error
    with file:
        try:
            status = os.fstat(file.fileno())
        except OSError as error:
            raise translate_os_error(error, path=path, writing=False) from error
        _refuse_special(path, status.st_mode)
        if status.st_size == 0:
            raise EmptyFileError("the file is empty", path=path)
        yield Source(path, file, status.st_size)


def _refuse_special(path: Path, mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    what = next((name for test, name in _SPECIAL if test(mode)), "not a regular file")
    raise NotAModelError(f"this is {what}, not a model file", path=path, hint="Give a file.")
