"""How FTS5 keeps an index in its tables `<name>_data` and `<name>_idx`, as far as pieces are put together.

A segment is a sorted piece of the index on pages of its own, which are rows of `_data`; the upper bits of
a row's id are the number of the segment. Row 10 is the structure: which segments there are, by level.
Row 1 holds how many rows and words were put in. Source: the comments at the head of SQLite's
ext/fts5/fts5_index.c, and fts5_storage.c; the form is part of SQLite's file format and does not change.

Anything unexpected raises ParallelScanError: whoever asked then lets FTS5 do all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from model_library.errors import ParallelScanError

STRUCTURE_ROW, AVERAGES_ROW = 10, 1
SEGMENT_SHIFT = 37  # bits of a row's id below the number of its segment
MOST_SEGMENTS = 1_900  # FTS5 allows 2,000, and merging needs numbers too
_UNEXPECTED = "The structure of a piece of the index is not as expected"
_COOKIE_BYTES = 4
_MORE, _LOW_BITS = 0x80, 0x7F
_LONGEST = 8  # bytes of a number with seven bits each; none here needs the ninth, which has eight


class Segment(NamedTuple):
    """The number of a segment, and its first and last page."""

    number: int
    first: int
    last: int


def read_structure(structure: bytes) -> tuple[list[Segment], bytes]:
    """The segments of an index in which no merge is under way, and the cookie of its settings."""
    cookie, numbers = structure[:_COOKIE_BYTES], _numbers(structure[_COOKIE_BYTES:])
    segments: list[Segment] = []
    try:
        levels, expected, _writes = next(numbers), next(numbers), next(numbers)
        for _ in range(levels):
            merging, count = next(numbers), next(numbers)
            if merging:
                raise ParallelScanError(_UNEXPECTED)
            segments += [Segment(next(numbers), next(numbers), next(numbers)) for _ in range(count)]
    except StopIteration:
        raise ParallelScanError(_UNEXPECTED) from None
    if len(segments) != expected or list(numbers):
        raise ParallelScanError(_UNEXPECTED)
    return segments, cookie


def structure_of(segments: Sequence[Segment], cookie: bytes) -> bytes:
    """The structure of an index with these segments, all of one level."""
    numbers = [1, len(segments), 0, 0, len(segments)]
    for segment in segments:
        numbers += segment
    return cookie + joined_numbers(numbers)


def joined_numbers(numbers: Iterable[int]) -> bytes:
    """Numbers below 2**56 as SQLite's varints, one behind the other."""
    found = bytearray()
    for number in numbers:
        digits = [number & _LOW_BITS]
        while number := number >> 7:
            digits.append(_MORE | number & _LOW_BITS)
        found += bytes(reversed(digits))
    return bytes(found)


def split_numbers(data: bytes) -> list[int]:
    """The varints that the bytes hold."""
    return list(_numbers(data))


def _numbers(data: bytes) -> Iterator[int]:
    value = length = 0
    for byte in data:
        length += 1
        if length > _LONGEST:
            raise ParallelScanError(_UNEXPECTED)
        value = value << 7 | byte & _LOW_BITS
        if not byte & _MORE:
            yield value
            value = length = 0
    if length:
        raise ParallelScanError(_UNEXPECTED)
