"""Hashing a file while its ranges arrive in any order, and the few buffers that this takes.

A thread hashes the file from its beginning on. What arrives soon enough is hashed from the buffer that it was
received in; what is there from an earlier process, or arrived too far ahead, is read back. Memory is the
buffers of the pool, however large the file is.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from io import FileIO
from pathlib import Path

from model_library.hf.ranges import Ranges
from model_library.io.hashing import Digester, FileDigests
from model_library.io.platform.os_errors import translate_os_error
from model_library.io.platform.page_cache import aligned_memory
from model_library.io.streaming import Chunk

BUFFER_SIZE = 2 * 1024 * 1024
"""Bytes; offsets that are multiples of it begin a buffer."""

BUFFER_COUNT = 28
"""56 MiB: what four connections receive of pieces of 16 MiB while the first of them is hashed."""

_LENGTH_FIELD = 8
"""Bytes of the length that begins a safetensors file (little endian); its JSON header follows."""


def autov3_from(file: FileIO) -> int | None:
    """The offset of what follows the header of a safetensors file that is at its beginning, as its first
    bytes claim it. Raises OSError."""
    field = file.read(_LENGTH_FIELD)
    return _LENGTH_FIELD + int.from_bytes(field, "little") if len(field) == _LENGTH_FIELD else None


class PrefixHasher:
    """The hashes of the part at `path`. With `safetensors` also AutoV3."""

    def __init__(self, path: Path, *, safetensors: bool) -> None:
        self._path = path
        self._safetensors = safetensors
        self._memory = aligned_memory(BUFFER_COUNT * BUFFER_SIZE)
        self._changed = threading.Condition()
        self._free = [self._memory[at : at + BUFFER_SIZE] for at in _starts(len(self._memory))]
        self._kept: dict[int, tuple[memoryview, int]] = {}
        self._prefix = 0
        self._position = 0
        self._from_memory = False
        self._end: int | None = None
        self._stopped = False
        self._pool = ThreadPoolExecutor(4, "hash")
        self._outcome: Future[FileDigests | None] = self._pool.submit(self._run)

    def grow(self, finished: Ranges) -> None:
        """More of the file is there."""
        with self._changed:
            self._prefix = finished.prefix
            self._changed.notify_all()

    def take(self) -> memoryview:
        """A buffer to receive into. Waits while buffers are being hashed; takes one back that would have to
        wait itself."""
        with self._changed:
            while not self._free and self._is_busy():
                self._changed.wait()
            if self._free:
                return self._free.pop()
            return self._kept.pop(max(self._kept))[0]

    def _is_busy(self) -> bool:
        return self._from_memory or self._position in self._kept or not self._kept

    def give_back(self, buffer: memoryview) -> None:
        with self._changed:
            self._free.append(buffer)
            self._changed.notify_all()

    def keep(self, offset: int, buffer: memoryview, length: int) -> None:
        """Hash what the buffer holds when its turn comes, then free it. Those bytes are written already, and
        `grow` has not been told yet."""
        with self._changed:
            if offset < self._position or self._stopped:
                self._free.append(buffer)
            else:
                self._kept[offset] = (buffer, length)
            self._changed.notify_all()

    def finish(self, size: int) -> FileDigests:
        """Hash to the end. Raises FileError when a part could not be read back."""
        with self._changed:
            self._end = size
            self._changed.notify_all()
        digests = self._outcome.result()
        if digests is None:
            raise AssertionError("finish after stop")
        return digests

    def stop(self) -> None:
        """End at once; no thread is left."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._pool.shutdown()

    def _run(self) -> FileDigests | None:
        try:
            with FileIO(self._path) as file:
                return self._hash(file, aligned_memory(BUFFER_SIZE))
        except OSError as error:
            raise translate_os_error(error, path=self._path, writing=False) from error
        finally:
            with self._changed:  # whoever waits for a buffer that this thread would have freed
                self._stopped = True
                self._free.extend(buffer for buffer, _ in self._kept.values())
                self._kept.clear()
                self._from_memory = False
                self._changed.notify_all()

    def _hash(self, file: FileIO, spare: memoryview) -> FileDigests | None:
        digester = Digester(self._autov3_from(file))
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._can_go_on(1))
                if self._stopped:
                    return None
                if self._position == self._end:
                    return digester.digests(self._position)
                kept = self._kept.pop(self._position, None)
                self._from_memory = kept is not None
                limit = min([self._prefix, *(at for at in self._kept if at > self._position)])
            if kept is None:
                length = self._read_back(file, spare, limit)
                self._update(digester, spare, length)
            else:
                self._update(digester, *kept)
                self.give_back(kept[0])

    def _can_go_on(self, least: int) -> bool:
        """`least` bytes more are there, or there will be no more."""
        ended = self._end is not None and self._prefix >= self._end
        return self._stopped or self._prefix - self._position >= least or ended

    def _autov3_from(self, file: FileIO) -> int | None:
        """Where the header of a safetensors file ends."""
        if not self._safetensors:
            return None
        with self._changed:
            self._changed.wait_for(lambda: self._can_go_on(_LENGTH_FIELD))
        return None if self._stopped else autov3_from(file)

    def _read_back(self, file: FileIO, spare: memoryview, limit: int) -> int:
        length = min(BUFFER_SIZE - self._position % BUFFER_SIZE, limit - self._position)
        file.seek(self._position)
        rest = spare[:length]
        while rest:
            count = file.readinto(rest)
            if not count:
                raise OSError("the part became shorter")
            rest = rest[count:]
        return length

    def _update(self, digester: Digester, buffer: memoryview, length: int) -> None:
        chunk = Chunk(self._position, buffer[:length], is_hole=False)
        first, *others = digester.consumers()
        futures = [self._pool.submit(consume, chunk) for consume in others]
        first(chunk)
        wait(futures)
        with self._changed:
            self._position += length
            self._from_memory = False
            self._changed.notify_all()


def _starts(length: int) -> range:
    return range(0, length, BUFFER_SIZE)
