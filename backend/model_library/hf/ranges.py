"""Which bytes of a file are there: pure values, no file and no network.

Every range is half open, in bytes: `(start, end)` without the byte at `end`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Ranges:
    """Bytes of a file as ranges in order that are not empty and neither overlap nor touch."""

    spans: tuple[Range, ...] = ()

    @property
    def total(self) -> int:
        return sum(end - start for start, end in self.spans)

    @property
    def prefix(self) -> int:
        """How many bytes from the beginning of the file have no gap."""
        return self.spans[0][1] if self.spans and self.spans[0][0] == 0 else 0

    def add(self, start: int, end: int) -> Ranges:
        """With these bytes too; some may be there already."""
        if start >= end:
            return self
        before = tuple(span for span in self.spans if span[1] < start)
        after = tuple(span for span in self.spans if span[0] > end)
        touched = self.spans[len(before) : len(self.spans) - len(after)]
        if touched:
            start, end = min(start, touched[0][0]), max(end, touched[-1][1])
        return Ranges((*before, (start, end), *after))

    def within(self, size: int) -> Ranges:
        """Without what lies behind `size`."""
        cut = ((start, min(end, size)) for start, end in self.spans)
        return Ranges(tuple(span for span in cut if span[0] < span[1]))

    def missing(self, size: int) -> tuple[Range, ...]:
        """What a file of that size lacks."""
        edges = [0, *(edge for span in self.within(size).spans for edge in span), size]
        gaps = zip(edges[::2], edges[1::2], strict=True)
        return tuple(gap for gap in gaps if gap[0] < gap[1])


def parse_ranges(value: object) -> Ranges:
    """From JSON, a list of `[start, end]`. Raises ValueError for anything else."""
    ranges = Ranges()
    if not isinstance(value, list):
        raise ValueError("no list of ranges")  # noqa: TRY004 - one error for all that is wrong
    for span in value:
        match span:
            case [int(start), int(end)] if 0 <= start < end:
                ranges = ranges.add(start, end)
            case _:
                raise ValueError(f"no range: {span!r}")
    return ranges


def pieces(gaps: tuple[Range, ...], length: int) -> Iterator[Range]:
    """The gaps in order, cut at the multiples of `length` (bytes)."""
    for start, end in gaps:
        edges = [start, *range((start // length + 1) * length, end, length), end]
        yield from itertools.pairwise(edges)


@dataclass(frozen=True, slots=True)
class ContentRange:
    """What a server says that it sends; `total` is None when it does not say the size of the file."""

    start: int
    end: int
    total: int | None


_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", re.ASCII | re.IGNORECASE)


def parse_content_range(text: str) -> ContentRange | None:
    """The header `Content-Range` of a 206 (RFC 9110 section 14.4); None when it is no possible one."""
    match = _CONTENT_RANGE.fullmatch(text.strip())
    if match is None:
        return None
    start, end = int(match[1]), int(match[2]) + 1
    total = None if match[3] == "*" else int(match[3])
    if start >= end or (total is not None and end > total):
        return None
    return ContentRange(start, end, total)
