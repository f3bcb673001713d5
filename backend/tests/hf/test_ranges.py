"""Which bytes of a file are there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_library.hf.ranges import (
    ContentRange,
    Ranges,
    parse_content_range,
    parse_ranges,
    pieces,
)

SIZE = 60
SPANS = st.lists(st.tuples(st.integers(0, SIZE), st.integers(0, SIZE)), max_size=12)


def _as_set(spans: tuple[tuple[int, int], ...]) -> set[int]:
    return {byte for start, end in spans for byte in range(start, end)}


def _added(spans: list[tuple[int, int]]) -> Ranges:
    ranges = Ranges()
    for start, end in spans:
        ranges = ranges.add(start, end)
    return ranges


@given(SPANS)
def test_ranges_hold_exactly_the_bytes_that_were_added(spans: list[tuple[int, int]]) -> None:
    ranges = _added(spans)
    held = _as_set(tuple(spans))
    assert _as_set(ranges.spans) == held
    assert ranges.total == len(held)
    assert all(
        one[1] < other[0] for one, other in zip(ranges.spans, ranges.spans[1:], strict=False)
    )
    assert ranges.prefix == next(byte for byte in range(SIZE + 1) if byte not in held)


@given(SPANS, st.integers(0, SIZE), st.integers(1, 20))
def test_what_is_missing_is_the_rest_and_its_pieces_are_all_of_it(
    spans: list[tuple[int, int]], size: int, length: int
) -> None:
    ranges = _added(spans)
    gaps = ranges.missing(size)
    assert _as_set(gaps) == set(range(size)) - _as_set(ranges.spans)
    cut = tuple(pieces(gaps, length))
    assert sum(end - start for start, end in cut) == len(_as_set(gaps))
    assert _as_set(cut) == _as_set(gaps)
    assert all(start // length == (end - 1) // length for start, end in cut)


@given(SPANS)
def test_ranges_come_back_from_their_own_json(spans: list[tuple[int, int]]) -> None:
    ranges = _added(spans)
    assert parse_ranges([list(span) for span in ranges.spans]) == ranges


@pytest.mark.parametrize(
    "value", [None, {}, [1], [[1]], [[2, 1]], [[-1, 3]], [["0", "1"]], [[0, 1, 2]]]
)
def test_what_is_no_list_of_ranges_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="range"):
        parse_ranges(value)


def test_content_range_says_which_bytes_of_how_many() -> None:
    assert parse_content_range("bytes 0-9/10") == ContentRange(0, 10, 10)
    assert parse_content_range("Bytes 5-9/*") == ContentRange(5, 10, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bytes 9-0/10",
        "bytes 0-10/10",
        "bytes */10",
        "bytes 0-9",
        "items 0-9/10",
        "bytes \u0660-\u0669/10",
    ],
)
def test_an_impossible_content_range_is_none(text: str) -> None:
    assert parse_content_range(text) is None
