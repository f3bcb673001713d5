"""A file on its way in: `<target>.part`, and `<target>.part.json` that says which of its bytes are proven
to be on the drive.

A range is written down only after a flush of its bytes, so what a kill or a power failure leaves is always
less than what is there, never more. Nothing here is believed in the end: the file takes its name when the
hash over all its bytes is the right one.

The JSON: `{"version": 1, "identity": "<hash or etag>", "size": 123 or null, "validator": "<etag of the storage>",
"ranges": [[start, end], ...]}`; a state that is not exactly this, or of another file, is no state.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from model_library.errors import DownloadMismatchError, FileError, TargetFullError
from model_library.hf.ranges import Ranges, parse_ranges
from model_library.io.files import open_regular, read_regular, write_all
from model_library.io.platform.filesystems import free_bytes
from model_library.io.platform.os_errors import translate_os_error
from model_library.io.platform.page_cache import (
    DIRECT_IO_ALIGNMENT,
    fsync_directory,
    fsync_file,
    set_direct_io,
    write_behind,
)
from model_library.io.platform.renaming import rename_noreplace

STATE_VERSION = 1

CHECKPOINT_BYTES = 64 * 1024 * 1024
CHECKPOINT_SECONDS = 5.0
CHECKPOINT_PAUSE = 1.0
"""Seconds: the state is written after so many new bytes, or so long after any; and not more often than this,
because each time waits for three flushes of the drive."""

MAX_STATE = 1024 * 1024
"""Bytes. Real ones have a few hundred."""

LEFT_FREE = 1024**3
"""Bytes that a file which tells no size leaves of the drive; one hundredth of what was free, when that is less."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Which bytes a part is made of; of two that differ neither is of use for the other."""

    name: str
    """Hash of the content, else the ETag; without either ('') a part is never resumed."""
    size: int | None


@dataclass(frozen=True, slots=True)
class _State:
    validator: str | None
    finished: Ranges


def part_path(target: Path) -> Path:
    return target.with_name(target.name + ".part")


def state_path(target: Path) -> Path:
    return target.with_name(target.name + ".part.json")


def lock_path(target: Path) -> Path:
    return target.with_name(target.name + ".part.lock")


def _new_state_path(target: Path) -> Path:
    return target.with_name(target.name + ".part.json.new")


def remove_part(target: Path) -> None:
    """The state first: a part without one is worthless, a state without its part would lie. Raises FileError."""
    for path in (state_path(target), _new_state_path(target), part_path(target)):
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise translate_os_error(error, path=path, writing=True) from error


def _read_state(target: Path, identity: Identity | None) -> _State | None:
    """What an earlier process wrote down; None when it is not whole, or of another file than `identity`."""
    try:
        match json.loads(read_regular(state_path(target), MAX_STATE)):
            case {
                "version": 1,
                "identity": str(name),
                "size": int() | None as size,
                "validator": str() | None as validator,
                "ranges": list(ranges),
            } if name and (identity is None or identity == Identity(name, size)):
                return _State(validator, parse_ranges(ranges))
    except (OSError, ValueError, RecursionError):
        return None  # not there, no file of ours, no JSON, no UTF-8, no ranges
    return None


def _write_state(target: Path, data: bytes) -> None:
    """As `files.write_durably`, by way of one known name: after a kill the next try finds it and removes it,
    so that nothing foreign stays between the files of a model."""
    path, new = state_path(target), _new_state_path(target)
    try:
        new.unlink(missing_ok=True)
        with FileIO(_new_file(new), "w") as file:
            write_all(file, data)
            fsync_file(file.fileno())
        new.replace(path)
    except OSError as error:
        raise translate_os_error(error, path=path, writing=True) from error
    fsync_directory(path.parent)


def _new_file(path: Path) -> int:
    return open_regular(path, os.O_RDWR | os.O_CREAT | os.O_EXCL)


def _is_ours_alone(status: os.stat_result) -> bool:
    """A regular file with one name: through another one somebody else could read or write it."""
    return stat.S_ISREG(status.st_mode) and status.st_nlink <= 1  # some filesystems count none


class PartFile:
    """The part of one target, resumed when it is of this identity, else begun anew.

    Used by one downloading process at a time (the caller holds the lock); its threads each take a `writer`.
    All methods raise FileError (TargetFullError, ...).
    """

    def __init__(self, target: Path, identity: Identity) -> None:
        self._target = target
        self._identity = identity
        self._lock = threading.Lock()
        self._writers: list[PartWriter] = []
        self._on_growth: Callable[[Ranges], None] = _ignore
        self._least_free = min(LEFT_FREE, free_bytes(target.parent) // 100)
        try:
            state = _read_state(target, identity)
            self._file = self._open(resume=state is not None)
            held = self._set_size()
        except OSError as error:
            raise translate_os_error(error, path=self.path, writing=True) from error
        self.finished = state.finished.within(held) if state else Ranges()
        self.validator = state.validator if state and self.finished.total else None
        self._saved = self.finished.total
        self._saved_at = time.monotonic()
        self._stamp = (0, 0)

    @property
    def path(self) -> Path:
        return part_path(self._target)

    def _open(self, *, resume: bool) -> FileIO:
        """Never through a symlink, and never what another name shares; nobody else may read or write it."""
        if resume:
            with contextlib.suppress(OSError):  # gone, or no file: begun anew
                descriptor = open_regular(self.path, os.O_RDWR)
                if _is_ours_alone(os.fstat(descriptor)):
                    return FileIO(descriptor, "r+")
                os.close(descriptor)
        remove_part(self._target)
        return FileIO(_new_file(self.path), "r+")

    def _set_size(self) -> int:
        """Make it as long as the whole file will be, sparse; how long it was."""
        try:
            held = self._file.seek(0, os.SEEK_END)
            if self._identity.size is not None:
                self._file.truncate(self._identity.size)
        except OSError:
            self._file.close()
            raise
        return held

    def on_growth(self, listener: Callable[[Ranges], None]) -> None:
        """Call `listener` with what is finished, now and whenever it grows."""
        with self._lock:
            self._on_growth = listener
            listener(self.finished)

    def writer(self) -> PartWriter:
        """One for each thread that writes."""
        writer = PartWriter(self)
        with self._lock:
            self._writers.append(writer)
        return writer

    def grew(self, start: int, end: int) -> None:
        """These bytes are written (not flushed yet)."""
        with self._lock:
            self.finished = self.finished.add(start, end)
            self._on_growth(self.finished)

    def agree_on(self, validator: str | None) -> bool:
        """Whether this ETag is that of the bytes which are there; the first one decides."""
        with self._lock:
            if self.validator is None:
                self.validator = validator
            return validator is None or validator == self.validator

    def checkpoint(self, *, force: bool = False) -> None:
        """Flush, then write down what was finished before; only when it is due, or `force`d."""
        endless = self._identity.size is None and not force
        if endless and free_bytes(self._target.parent) < self._least_free:
            raise TargetFullError("A file that tells no size fills the drive", path=self.path)
        finished, waited = self.finished, time.monotonic() - self._saved_at
        fresh = finished.total - self._saved
        due = waited >= CHECKPOINT_PAUSE and (
            fresh >= CHECKPOINT_BYTES or (fresh and waited >= CHECKPOINT_SECONDS)
        )
        if not self._identity.name or not (due or (force and fresh)):
            return
        self.flush()
        state = {
            "version": STATE_VERSION,
            "identity": self._identity.name,
            "size": self._identity.size,
            "validator": self.validator,
            "ranges": finished.spans,
        }
        _write_state(self._target, json.dumps(state).encode())
        self._saved, self._saved_at = finished.total, time.monotonic()

    def flush(self) -> None:
        try:
            fsync_file(self._file.fileno())
        except OSError as error:
            raise translate_os_error(error, path=self.path, writing=True) from error

    @property
    def can_be_resumed(self) -> bool:
        return bool(self._identity.name) and self._identity.size is not None

    def keep(self) -> None:
        """Close; what is finished can be resumed, and what never can be is removed. On a full drive an older
        state stays, which is true too."""
        if not self.can_be_resumed:
            self.discard()
            return
        if not self._file.closed:
            with contextlib.suppress(FileError):
                self.checkpoint(force=True)
        self.close()

    def discard(self) -> None:
        """Close and remove: these bytes are of no use."""
        self.close()
        remove_part(self._target)

    def settle(self) -> None:
        """Flush, and remember how the last byte of ours left the file."""
        self.flush()
        self._stamp = self._stamp_now()

    def is_as_settled(self) -> bool:
        """Whether nobody has written to the file since. Raises DownloadMismatchError when it is not even
        the file any more that was written, or has got another name."""
        try:
            ours, there = os.fstat(self._file.fileno()), self.path.lstat()
        except OSError as error:
            raise translate_os_error(error, path=self.path, writing=False) from error
        if not os.path.samestat(ours, there) or not _is_ours_alone(there):
            raise DownloadMismatchError(
                "Another program replaced or linked what was fetched", path=self.path
            )
        return self._stamp == self._stamp_now()

    def _stamp_now(self) -> tuple[int, int]:
        status = os.fstat(self._file.fileno())
        return status.st_mtime_ns, status.st_size

    def publish(self) -> None:
        """Give the whole and proven file its name and an ordinary file's permissions, durably, replacing
        nothing.

        Raises TargetExistsError too; the part is kept then.
        """
        self._be_ordinary()
        self.flush()
        self.close()
        rename_noreplace(self.path, self._target)
        fsync_directory(self._target.parent)
        remove_part(self._target)

    def _be_ordinary(self) -> None:
        """The permissions that a new file gets here, by this user's umask and the directory's defaults."""
        probe = _new_state_path(self._target)
        try:
            probe.unlink(missing_ok=True)
            with FileIO(open_regular(probe, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)) as file:
                mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            probe.unlink()
            if mode != stat.S_IMODE(os.fstat(self._file.fileno()).st_mode):
                by_descriptor = os.chmod in os.supports_fd
                os.chmod(self._file.fileno() if by_descriptor else self.path, mode)  # noqa: PTH101
        except OSError as error:
            raise translate_os_error(error, path=self.path, writing=True) from error

    def close(self) -> None:
        """No byte is written after this, by whatever thread."""
        for writer in self._writers:
            writer.close()
        self._file.close()


def _ignore(_finished: Ranges) -> None:
    return


class PartWriter:
    """Writes ranges of a part: past the page cache where offset and length allow it (fresh pages cost more
    than the hashes), else through it."""

    def __init__(self, part: PartFile) -> None:
        self._part = part
        self._lock = threading.Lock()
        try:
            self._file = FileIO(open_regular(part.path, os.O_RDWR), "r+")
            self._direct: FileIO | None = FileIO(open_regular(part.path, os.O_RDWR), "r+")
        except OSError as error:
            raise translate_os_error(error, path=part.path, writing=True) from error
        if not set_direct_io(self._direct.fileno(), enabled=True):
            self._close_direct()

    def write(self, offset: int, data: memoryview) -> bool:
        """False when the part is closed. It counts as finished when `PartFile.grew` is told. Raises FileError."""
        with self._lock:
            if self._file.closed:
                return False
            try:
                if not self._write_direct(offset, data):
                    self._file.seek(offset)
                    write_all(self._file, data)
                    write_behind(self._file.fileno(), offset, len(data))
            except OSError as error:
                raise translate_os_error(error, path=self._part.path, writing=True) from error
            return True

    def _write_direct(self, offset: int, data: memoryview) -> bool:
        """False when this stretch, or this filesystem from now on, has to go through the page cache.

        The memory of `data` begins at a page when `offset` does: buffers are filled from their beginning.
        """
        aligned = offset % DIRECT_IO_ALIGNMENT == 0 and len(data) % DIRECT_IO_ALIGNMENT == 0
        if self._direct is None or not aligned:
            return False
        self._direct.seek(offset)
        try:
            if self._direct.write(data) == len(data):
                return True
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
        self._close_direct()
        return False

    def _close_direct(self) -> None:
        if self._direct is not None:
            self._direct.close()
            self._direct = None

    def close(self) -> None:
        with self._lock:
            self._close_direct()
            self._file.close()
