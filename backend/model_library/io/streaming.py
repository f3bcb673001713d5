"""Reading a file once, from beginning to end, for several consumers at the same time.

The calling thread reads into a few reused buffers and every consumer (a hash, a writer) sees all of
them, in order, in a thread of its own: the whole is as fast as the slowest of them, and memory
stays the same however large the file is. What was read is only believed when the file is still the
same afterwards.
"""

# ruff: noqa: PTH116 - Path.stat takes twice as long, and thousands of small files are read

from __future__ import annotations

import itertools
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from model_library.errors import SourceChangedError, SourceUnreadableError
from model_library.io.platform.os_errors import translate_os_error
from model_library.io.platform.page_cache import aligned_memory, read_ahead
from model_library.io.platform.sparse_files import data_regions

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

BUFFER_SIZE = 4 * 1024 * 1024
"""Bytes. Smaller ones keep a drive waiting between two writes; larger ones only take memory."""

BUFFER_COUNT = 6
"""How many buffers one consumer may fall behind: 24 MiB even out the pauses of a drive."""

SMALL_FILE = 16 * 1024 * 1024
"""Bytes. Up to here threads of its own make a file no faster, and several files that are read at
the same time slower."""

_BLOCK = 512
"""Bytes of one of `st_blocks` on every system that has them."""

SPARE_BUFFERS = 8
"""How many buffers of small files are kept for the next ones."""

DriveDone = Callable[[], object]
"""Called once as soon as the drives of a small file are no longer needed: it is hashed from memory,
and meanwhile another file may be read."""

Progress = Callable[[int], None]
"""Called with the number of bytes newly read, in the thread of the caller. What it raises
(CancelledError) ends the work at once, undoes it, and reaches the caller."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of a file; its memory is reused once the consumer returns."""

    offset: int
    data: memoryview
    is_hole: bool
    """A hole of a sparse file: `data` is zeros that take no space on the drive."""


Consumer = Callable[[Chunk], object]


class SourceFile:
    """A regular file that is open to be read once; `path` may be a symlink to it.

    Raises SourceNotFoundError or SourceUnreadableError.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            if not stat.S_ISREG(os.stat(path).st_mode):  # opening a FIFO would wait for ever
                raise SourceUnreadableError("This is not a regular file", path=path)
            self._file = FileIO(path)
            self.status = os.fstat(self._file.fileno())
        except OSError as error:
            raise translate_os_error(error, path=path, writing=False) from error
        self.size = self.status.st_size

    def close(self) -> None:
        self._file.close()

    @contextmanager
    def whole(self) -> Iterator[Chunk | None]:
        """All of the file, read at once, in memory that belongs to it until the end; None when it is
        larger than one buffer or has holes. Raises as `chunks` does."""
        blocks: int | None = getattr(self.status, "st_blocks", None)  # Windows does not say
        is_sparse = blocks is not None and blocks * _BLOCK < self.size
        if self.size > BUFFER_SIZE or is_sparse:
            yield None
            return
        with _spare_buffer() as buffer:
            data = buffer[: self.size]
            self.read_into(data, 0)
            yield Chunk(0, data, is_hole=False)

    def chunks(self, buffers: Iterator[memoryview]) -> Iterator[Chunk]:
        """The whole file, each chunk in the next of `buffers`; ends early when these do.

        Raises SourceUnreadableError, or SourceChangedError when the file became shorter.
        """
        zeros = aligned_memory(BUFFER_SIZE)
        self._read_ahead()
        for start, end, is_data in data_regions(self._file.fileno(), self.size):
            offset = start
            while offset < end:
                buffer = next(buffers, None)
                if buffer is None:
                    return
                buffer = buffer if is_data else zeros
                data = buffer[: end - offset]
                if is_data:
                    self.read_into(data, offset)
                yield Chunk(offset, data, not is_data)
                offset += len(data)

    def _read_ahead(self) -> None:
        try:
            read_ahead(self._file.fileno())
        except OSError as error:
            raise translate_os_error(error, path=self.path, writing=False) from error

    def read_into(self, data: memoryview, offset: int) -> None:
        """Fill `data` with what begins at `offset` (bytes). Raises as `chunks` does."""
        try:
            self._file.seek(offset)
            while data and (count := self._file.readinto(data)):
                data = data[count:]
        except OSError as error:
            raise translate_os_error(error, path=self.path, writing=False) from error
        if data:
            self.check_unchanged()
            raise SourceUnreadableError("The file ends before its size", path=self.path)

    def check_unchanged(self) -> None:
        """SourceChangedError unless path, inode, size and time are those of when it was opened.

        Not the ctime: linking to a file or changing its mode does not change its content.
        """
        before = self.status
        try:
            after = os.stat(self.path)
        except OSError as error:
            raise SourceChangedError("The file disappeared while read", path=self.path) from error
        if (before.st_dev, before.st_ino, before.st_size, before.st_mtime_ns) != (
            after.st_dev,
            after.st_ino,
            after.st_size,
            after.st_mtime_ns,
        ):
            raise SourceChangedError("The file was changed while it was read", path=self.path)


def stream(source: SourceFile, consumers: Sequence[Consumer], progress: Progress | None) -> None:
    """Give every chunk of the file to every consumer, in order, then check that it is unchanged.

    Raises what the source, a consumer or `progress` raises; no thread runs on after that.
    """
    if source.size <= SMALL_FILE:
        _stream_in_this_thread(source, consumers, progress)
    else:
        _stream_in_threads(source, consumers, progress)
    source.check_unchanged()


def _stream_in_this_thread(
    source: SourceFile, consumers: Sequence[Consumer], progress: Progress | None
) -> None:
    with _spare_buffer() as buffer:
        for chunk in source.chunks(itertools.repeat(buffer)):
            for consume in consumers:
                consume(chunk)
            if progress is not None:
                progress(len(chunk.data))


_spare_buffers: list[memoryview] = []


@contextmanager
def _spare_buffer() -> Iterator[memoryview]:
    """One that an earlier file used, if there is one: fresh memory costs half as much as hashing."""
    try:
        buffer = _spare_buffers.pop()
    except IndexError:
        buffer = aligned_memory(BUFFER_SIZE)
    try:
        yield buffer
    finally:
        if len(_spare_buffers) < SPARE_BUFFERS:
            _spare_buffers.append(buffer)


def _stream_in_threads(
    source: SourceFile, consumers: Sequence[Consumer], progress: Progress | None
) -> None:
    from concurrent.futures import ThreadPoolExecutor  # here, because it costs start-up time

    with ThreadPoolExecutor(len(consumers), "stream") as pool, ExitStack() as cleanup:
        workers = [_Worker(consumer) for consumer in consumers]
        for worker in workers:  # before any runs: an interrupt may come while they are started
            cleanup.callback(worker.stop)
        for worker in workers:
            worker.start(pool)
        for chunk in source.chunks(_free_buffers(workers)):
            for worker in workers:
                worker.give(chunk)
            if progress is not None:
                progress(len(chunk.data))
        for worker in workers:
            worker.finish()


class _Worker:
    """One consumer in a thread of the pool, at most BUFFER_COUNT chunks behind the reader."""

    def __init__(self, consume: Consumer) -> None:
        self._consume = consume
        self._chunks: SimpleQueue[Chunk | None] = SimpleQueue()
        self._room: SimpleQueue[bool] = SimpleQueue()
        for _ in range(BUFFER_COUNT):
            self._room.put(True)
        self._stopped = False
        self._outcome: Future[None]

    def start(self, pool: Executor) -> None:
        self._outcome = pool.submit(self._run)

    def _run(self) -> None:
        try:
            while (chunk := self._chunks.get()) is not None and not self._stopped:
                self._consume(chunk)
                self._room.put(True)
        finally:
            self._room.put(False)

    def wait_for_room(self) -> bool:
        """Until it has finished with the oldest buffer; False when it failed."""
        return self._room.get()

    def give(self, chunk: Chunk) -> None:
        self._chunks.put(chunk)

    def finish(self) -> None:
        """Wait for the last chunk to be done with. Raises what the consumer raised."""
        self._chunks.put(None)
        self._outcome.result()

    def stop(self) -> None:
        """End after the chunk in hand."""
        self._stopped = True
        self._chunks.put(None)


def _free_buffers(workers: Sequence[_Worker]) -> Iterator[memoryview]:
    """The buffers in turn, each when no worker needs it any more; none after one has failed."""
    memory = aligned_memory(BUFFER_COUNT * BUFFER_SIZE)
    for start in itertools.cycle(range(0, len(memory), BUFFER_SIZE)):
        if not all(worker.wait_for_room() for worker in workers):
            return
        yield memory[start : start + BUFFER_SIZE]
