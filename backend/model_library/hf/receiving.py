"""From the chunks of a connection to the bytes of a part: gathered in buffers, written, then hashed."""

from __future__ import annotations

from model_library.errors import FileError
from model_library.hf.part_file import PartFile
from model_library.hf.prefix_hashing import BUFFER_SIZE, PrefixHasher


class ClosedError(Exception):
    """Internal: the part was closed while this connection was still receiving."""


class Sink:
    """Takes the bytes of one thread in order, wherever `begin` puts them."""

    def __init__(self, part: PartFile, hasher: PrefixHasher) -> None:
        self._part = part
        self._hasher = hasher
        self._writer = part.writer()
        self._buffer: memoryview | None = None
        self._start = 0
        self.position = 0
        """Where the next byte goes."""

    def begin(self, position: int) -> None:
        """Go on at another place. Raises FileError."""
        self.flush()
        self._start = self.position = position

    def put(self, data: bytes) -> None:
        """Raises FileError."""
        rest = memoryview(data)
        while rest:
            if self._buffer is None:
                self._buffer = self._hasher.take()
            room = BUFFER_SIZE - self.position % BUFFER_SIZE
            part, rest = rest[:room], rest[room:]
            filled = self.position - self._start
            self._buffer[filled : filled + len(part)] = part
            self.position += len(part)
            if len(part) == room:
                self.flush()

    def flush(self) -> None:
        """Write what was gathered. Raises FileError; then it is as if that had never come."""
        buffer, start, length = self._buffer, self._start, self.position - self._start
        self._buffer = None
        if buffer is None:
            return
        try:
            written = self._writer.write(start, buffer[:length])
        except FileError:
            self.position = start
            self._hasher.give_back(buffer)
            raise
        if not written:
            self._hasher.give_back(buffer)
            raise ClosedError
        self._hasher.keep(start, buffer, length)
        self._part.grew(start, self.position)
        self._start = self.position
