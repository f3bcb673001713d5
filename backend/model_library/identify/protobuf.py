"""Walks the fields of a protobuf message in a file, without a schema and without loading payloads.

Only the wire format is known here; what the field numbers mean is the caller's. Source: the encoding
page of the protobuf documentation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, NoReturn

from model_library.errors import BrokenModelError, HeaderLimitError, TruncatedModelError
from model_library.identify.source import Source

VARINT, FIXED_64, BYTES, FIXED_32 = 0, 1, 2, 5

_WINDOW = 1 << 14
"""Bytes read at once: many small fields, and little waste where a payload is skipped."""

_LONGEST_VARINT = 10
_MORE = 0x80
"""The bit of a byte that says that the number goes on."""

_FIXED_BYTES = {FIXED_64: 8, FIXED_32: 4}
_UNSIGNED_64 = 1 << 64


class Span(NamedTuple):
    """A range of bytes in the file."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start


class Field(NamedTuple):
    """One field: `value` of a varint (unsigned), `span` of the payload of every other wire type."""

    number: int
    wire: int
    value: int
    start: int
    end: int

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


class ProtobufFile:
    """A file that holds protobuf messages, and how many fields and bytes of text may be read."""

    def __init__(self, source: Source, *, most_fields: int, most_text: int) -> None:
        self.source = source
        self.fields_left = most_fields
        self.text_left = most_text
        self._window = b""
        self._window_start = 0

    def broken(self, message: str) -> NoReturn:
        raise BrokenModelError(message, path=self.source.path)

    def fields(self, span: Span) -> Iterator[Field]:
        """The fields of the message in `span`, in order.

        Raises TruncatedModelError, BrokenModelError and HeaderLimitError.
        """
        position = span.start
        while position < span.end:
            self.fields_left -= 1
            if self.fields_left < 0:
                raise HeaderLimitError("the file has endless parts", path=self.source.path)
            tag, position = self._varint(position, span.end)
            number, wire = tag >> 3, tag & 7
            if number == 0:
                self.broken(f"a protobuf field has no number (near byte {position:,})")
            value = 0
            start = position
            if wire == VARINT:
                value, position = self._varint(position, span.end)
            elif wire == BYTES:
                length, start = self._varint(position, span.end)
                position = start + length
            elif wire in _FIXED_BYTES:
                position += _FIXED_BYTES[wire]
            else:
                self.broken(f"a protobuf field has an unknown form (near byte {position:,})")
            if position > span.end:
                raise self._overlong(position, span)
            yield Field(number, wire, value, start, position)

    def read(self, span: Span, most: int, what: str) -> bytes:
        """The payload of a field. Raises HeaderLimitError if it has more than `most` bytes."""
        self.text_left -= span.length
        if span.length > most or self.text_left < 0:
            raise HeaderLimitError(f"{what} has {span.length:,} bytes", path=self.source.path)
        self._load(span.start, span.length)
        begin = span.start - self._window_start
        return self._window[begin : begin + span.length]

    def varints(self, span: Span) -> Iterator[int]:
        """The numbers of a packed field."""
        position = span.start
        while position < span.end:
            value, position = self._varint(position, span.end)
            yield value

    def _varint(self, position: int, end: int) -> tuple[int, int]:
        """The number at `position` and the position after it."""
        inside = position - self._window_start
        if 0 <= inside < len(self._window) and position < end:
            byte = self._window[inside]
            if byte < _MORE:  # most numbers are of one byte
                return byte, position + 1
        room = min(_LONGEST_VARINT, end - position)
        self._load(position, room)
        index = position - self._window_start
        value = 0
        for count, byte in enumerate(self._window[index : index + room]):
            value |= (byte & 0x7F) << 7 * count
            if not byte & _MORE:
                return value % _UNSIGNED_64, position + count + 1
        if end == self.source.size and room < _LONGEST_VARINT:
            raise TruncatedModelError("the file ends inside of a field", path=self.source.path)
        raise BrokenModelError(
            f"a protobuf number has no end (near byte {position:,})", path=self.source.path
        )

    def _overlong(self, position: int, span: Span) -> BrokenModelError:
        if span.end == self.source.size:
            return TruncatedModelError(
                f"a part of the file reaches to byte {position:,}, but the file has "
                f"{self.source.size:,}",
                path=self.source.path,
            )
        return BrokenModelError(
            f"a protobuf field is longer than its message (near byte {span.start:,})",
            path=self.source.path,
        )

    def _load(self, position: int, count: int) -> None:
        """Make `count` bytes from `position` present in the window."""
        inside = position - self._window_start
        if inside >= 0 and inside + count <= len(self._window):
            return
        length = min(max(count, _WINDOW), self.source.size - position)
        self._window = self.source.read_at(position, length)
        self._window_start = position
