"""Copies that are hashed while they are written, durable when the call returns, and gone when it fails.

Large files are written past the page cache (O_DIRECT): filling it with fresh pages costs more than
both hashes, and would push everything else out of memory. Holes of sparse files stay holes.
"""

from __future__ import annotations

import errno
import os
from contextlib import ExitStack, closing
from io import FileIO
from pathlib import Path

from model_library.io.files import remove_unfinished, write_all
from model_library.io.hashing import Digester, FileDigests, hash_file, hash_whole
from model_library.io.platform.links import reflink
from model_library.io.platform.os_errors import translate_os_error
from model_library.io.platform.page_cache import (
    DIRECT_IO_ALIGNMENT,
    SYNCS_FILESYSTEMS,
    fsync_file,
    set_direct_io,
    write_behind,
)
from model_library.io.streaming import Chunk, DriveDone, Progress, SourceFile, stream


def copy_file(
    source: Path,
    destination: Path,
    *,
    autov3_from: int | None = None,
    progress: Progress | None = None,
    durable: bool = True,
    drive_done: DriveDone | None = None,
) -> FileDigests:
    """Copy a file to a path where nothing is yet, and hash what was written.

    The copy has the content and the modification time of the source, and the mode of a new file.
    Its bytes are on the drive afterwards (with `durable` False only after sync_filesystem, which the
    caller then owes); making its name durable is left to the caller, who may place many. On any
    failure, and when `progress` raises, no copy is left. `drive_done` may be called before the end.
    Raises TargetExistsError, TargetFullError and the other FileErrors of writing,
    SourceNotFoundError, SourceUnreadableError, SourceChangedError.
    """
    digester = Digester(autov3_from)
    flush = durable or not SYNCS_FILESYSTEMS
    with closing(SourceFile(source)) as reader, ExitStack() as cleanup:
        with closing(_Writer(destination)) as writer, reader.whole() as chunk:
            cleanup.callback(remove_unfinished, destination)
            if chunk is None:
                stream(reader, [writer.write, *digester.consumers()], progress)
                writer.complete(reader.status, flush=flush)
            else:
                writer.write(chunk)
                writer.complete(reader.status, flush=flush)
                reader.check_unchanged()
                hash_whole(digester, chunk, progress, drive_done)
        cleanup.pop_all()
        return digester.digests(reader.size)


def clone_file(
    source: Path,
    destination: Path,
    *,
    autov3_from: int | None = None,
    progress: Progress | None = None,
) -> FileDigests | None:
    """As copy_file, but sharing the source's blocks: no new space, only the hashing takes time.

    None, and nothing made, where the filesystems cannot share blocks.
    """
    with closing(SourceFile(source)) as reader, ExitStack() as cleanup:
        if not reflink(source, destination):
            return None
        cleanup.callback(remove_unfinished, destination)
        _keep_times(destination, reader.status)
        digests = hash_file(destination, autov3_from=autov3_from, progress=progress)
        reader.check_unchanged()
        _make_durable(destination)
        cleanup.pop_all()
        return digests


def _keep_times(destination: Path, status: os.stat_result) -> None:
    try:
        os.utime(destination, ns=(status.st_atime_ns, status.st_mtime_ns))
    except OSError as error:
        raise translate_os_error(error, path=destination, writing=True) from error


def _make_durable(destination: Path) -> None:
    try:
        with destination.open("rb+", buffering=0) as file:
            fsync_file(file.fileno())
    except OSError as error:
        raise translate_os_error(error, path=destination, writing=True) from error


class _Writer:
    """A new file that takes chunks in order; those that are holes are left out."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = FileIO(path, "x")
        except OSError as error:
            raise translate_os_error(error, path=path, writing=True) from error
        self._is_direct = set_direct_io(self._file.fileno(), enabled=True)

    def write(self, chunk: Chunk) -> None:
        if chunk.is_hole:
            return
        try:
            done = self._write_direct(chunk) if self._is_direct else 0
            if done < len(chunk.data):
                self._write_cached(chunk.offset + done, chunk.data[done:])
        except OSError as error:
            raise translate_os_error(error, path=self._path, writing=True) from error

    def _write_direct(self, chunk: Chunk) -> int:
        """Write the whole blocks of a chunk; the bytes that were. What follows them, of a file its last
        bytes, goes through the page cache: a block filled up with zeros, which is cut off again,
        has to be read for that.

        None are where this filesystem wants another alignment or is nearly full.
        """
        blocks = len(chunk.data) - len(chunk.data) % DIRECT_IO_ALIGNMENT
        if not blocks:
            return 0
        self._file.seek(chunk.offset)
        try:
            return blocks if self._file.write(chunk.data[:blocks]) == blocks else 0
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
        return 0

    def _write_cached(self, offset: int, data: memoryview) -> None:
        if self._is_direct:
            self._is_direct = False
            set_direct_io(self._file.fileno(), enabled=False)
        self._file.seek(offset)
        write_all(self._file, data)
        if len(data) >= DIRECT_IO_ALIGNMENT:
            write_behind(self._file.fileno(), offset, len(data))

    def complete(self, status: os.stat_result, *, flush: bool) -> None:
        """Give the file the size and times of its source; `flush` puts it on the drive."""
        try:
            if self._file.seek(0, os.SEEK_END) != status.st_size:
                self._file.truncate(status.st_size)
            _keep_times(self._path, status)
            if flush:
                fsync_file(self._file.fileno())
        except OSError as error:
            raise translate_os_error(error, path=self._path, writing=True) from error

    def close(self) -> None:
        self._file.close()
