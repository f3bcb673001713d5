"""Reads safetensors headers: what the reference library refuses is refused here, with a reason.

Beyond the reference, duplicate keys are refused (parsers disagree on which one counts). Dtypes from
the future are kept with a warning. The tensor bytes are never read.
Source: the format section of the safetensors README and the checks of `safetensors` 0.8.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from math import prod
from pathlib import Path
from typing import NoReturn, TypeGuard

from model_library.errors import (
    BrokenModelError,
    HeaderLimitError,
    NotAModelError,
    TruncatedModelError,
)
from model_library.identify import limits
from model_library.identify.describe import is_text, refusal, shown
from model_library.identify.source import Source, open_source
from model_library.identify.values import Header, Security, Tensor
from model_library.taxonomy import Container, SecurityTier

DTYPE_BITS: Mapping[str, int] = {
    **dict.fromkeys(("BOOL", "U8", "I8"), 8),
    **dict.fromkeys(("F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8),
    **dict.fromkeys(("I16", "U16", "F16", "BF16"), 16),
    **dict.fromkeys(("I32", "U32", "F32"), 32),
    **dict.fromkeys(("I64", "U64", "F64", "C64"), 64),
    **dict.fromkeys(("F6_E2M3", "F6_E3M2"), 6),
    "F4": 4,
}

_LENGTH_BYTES = 8
_OBJECT = re.compile(rb"\{\s*[\"}]")
_JSON_SPACE = b" \t\r\n"
_LARGEST_COUNT = (1 << 64) - 1
"""The reference counts elements and bytes in 64 bits and refuses what overflows."""

_METADATA = "__metadata__"


def looks_like_safetensors(head: bytes) -> bool:
    """Whether the first bytes are a header length and the beginning of a JSON object.

    A length above the cap still counts if it cannot be text, so that the reader can say what is
    wrong with it.
    """
    if len(head) < _LENGTH_BYTES:
        return False
    length = int.from_bytes(head[:_LENGTH_BYTES], "little")
    plausible = 0 < length <= limits.SAFETENSORS_MAX_HEADER
    rest = head[_LENGTH_BYTES:].lstrip(_JSON_SPACE)
    if not rest:
        return plausible
    if plausible:
        return rest.startswith(b"{")
    return _OBJECT.match(rest) is not None and not is_text(head[:_LENGTH_BYTES])


def read_safetensors(path: Path) -> Header:
    """Read the header of one safetensors file.

    Raises NotAModelError (another kind of file, or one without tensors), TruncatedModelError,
    HeaderLimitError, BrokenModelError, and the errors of `open_source`.
    """
    with open_source(path) as source:
        return parse_safetensors(source)


def parse_safetensors(source: Source) -> Header:
    """`read_safetensors` of a file that is open already."""
    if not looks_like_safetensors(source.head):
        raise refusal(source, "a safetensors file")
    return _Reader(source).read()


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.warnings: list[str] = []
        self.unknown_dtypes: set[str] = set()

    def broken(self, message: str) -> NoReturn:
        raise BrokenModelError(message, path=self.source.path)

    def read(self) -> Header:
        length = int.from_bytes(self.source.head[:_LENGTH_BYTES], "little")
        raw = self._header_bytes(length)
        entries = self._parse(raw)
        metadata = self._metadata(entries.pop(_METADATA, None))
        if len(entries) > limits.MAX_TENSORS:
            raise HeaderLimitError(f"{len(entries):,} tensors in one file", path=self.source.path)
        data_start = _LENGTH_BYTES + length
        spans: list[tuple[int, int, str]] = []
        tensors = {}
        for name, entry in entries.items():
            tensors[name], begin, end = self._tensor(name, entry)
            spans.append((begin, end, name))
        if b"\\u" in raw:
            self._check_unicode([*tensors, *metadata, *metadata.values(), *self.unknown_dtypes])
        self._check_layout(spans, data_start)
        if self.unknown_dtypes:
            names = ", ".join(shown(dtype) for dtype in sorted(self.unknown_dtypes)[:8])
            self.warnings.append(f"unknown dtypes, their sizes were not checked: {names}")
        if not tensors:
            raise NotAModelError("a safetensors file without any tensor", path=self.source.path)
        return Header(
            container=Container.SAFETENSORS,
            size=self.source.size,
            tensors=tensors,
            metadata=metadata,
            security=Security(SecurityTier.SAFE_FORMAT),
            data_start=data_start,
            warnings=tuple(self.warnings),
        )

    def _header_bytes(self, length: int) -> bytes:
        if length > limits.SAFETENSORS_MAX_HEADER:
            raise HeaderLimitError(
                f"the header claims {length:,} bytes; no reader accepts more than "
                f"{limits.SAFETENSORS_MAX_HEADER:,}",
                path=self.source.path,
            )
        if length > self.source.size - _LENGTH_BYTES:
            raise TruncatedModelError(
                f"the header has {length:,} bytes, but the file ends after {self.source.size:,}",
                path=self.source.path,
            )
        raw = self.source.read_at(_LENGTH_BYTES, length)
        if raw[:1] != b"{":
            self.warnings.append("the header begins with white space, which the format forbids")
        claims = (
            (b"{", limits.SAFETENSORS_MAX_OBJECTS),
            (b"[", limits.SAFETENSORS_MAX_ARRAYS),
            (b",", limits.SAFETENSORS_MAX_COMMAS),
        )
        if any(raw.count(mark) > most for mark, most in claims):
            raise HeaderLimitError(
                "the header holds more entries than any model", path=self.source.path
            )
        return raw

    def _parse(self, raw: bytes) -> dict[str, object]:
        try:
            entries = json.loads(
                raw.decode("utf-8"), object_pairs_hook=self._unique, parse_constant=self._constant
            )
        except UnicodeDecodeError as error:
            self.broken(f"the header is not valid UTF-8 at byte {_LENGTH_BYTES + error.start:,}")
        except RecursionError as error:
            raise HeaderLimitError(
                "the header is nested deeper than any real one", path=self.source.path
            ) from error
        except ValueError as error:  # also a number of thousands of digits
            self.broken(f"the header is not valid JSON: {error}")
        if not isinstance(entries, dict):
            self.broken("the header is not a JSON object")
        return entries

    def _unique(self, pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
        entries = dict(pairs)
        if len(entries) != len(pairs):
            twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
            self.broken(f"the header has the key {shown(twice)} twice")
        return entries

    def _constant(self, name: str) -> NoReturn:
        self.broken(f"the header is not valid JSON: {name} is not a JSON number")

    def _metadata(self, raw: object) -> dict[str, str]:
        if raw is None:
            return {}
        if not isinstance(raw, dict):
            self.broken("damaged metadata: __metadata__ is not a JSON object")
        for key, value in raw.items():
            if not isinstance(value, str):
                self.broken(f"damaged metadata: the value of {shown(key)} is not a string")
        return raw

    def _check_unicode(self, texts: Sequence[str]) -> None:
        try:
            "".join(texts).encode()
        except UnicodeEncodeError:
            self.broken("the header has half of a surrogate pair, which is not valid Unicode")

    def _tensor(self, name: str, entry: object) -> tuple[Tensor, int, int]:
        if type(entry) is not dict:
            self.broken(f"the entry of tensor {shown(name)} is not a JSON object")
        dtype, shape, offsets = entry.get("dtype"), entry.get("shape"), entry.get("data_offsets")
        if not isinstance(dtype, str):
            self.broken(f"tensor {shown(name)} has no dtype")
        if not _are_counts(shape):
            self.broken(f"the shape of tensor {shown(name)} is not a list of whole numbers")
        if not _are_counts(offsets) or len(offsets) != len(("begin", "end")):
            self.broken(f"the data_offsets of tensor {shown(name)} are not a begin and an end")
        begin, end = offsets
        if begin > end:
            self.broken(f"tensor {shown(name)} ends before it begins")
        if end > _LARGEST_COUNT:
            self.broken(f"tensor {shown(name)} ends beyond any file")
        self._check_size(name, dtype, shape, end - begin)
        return Tensor(name, dtype, tuple(shape)), begin, end

    def _check_size(self, name: str, dtype: str, shape: list[int], size: int) -> None:
        count = _elements(shape)
        if count > _LARGEST_COUNT:
            self.broken(f"the shape of tensor {shown(name)} is larger than any memory")
        bits = DTYPE_BITS.get(dtype)
        if bits is None:
            self.unknown_dtypes.add(dtype)
        elif count * bits % 8:
            self.broken(
                f"the {count} elements of {dtype} in tensor {shown(name)} fill no whole bytes"
            )
        elif count * bits // 8 != size:
            self.broken(
                f"tensor {shown(name)} has {size:,} bytes, but its shape and dtype need "
                f"{count * bits // 8:,}"
            )

    def _check_layout(self, spans: list[tuple[int, int, str]], data_start: int) -> None:
        expected = 0
        for begin, end, name in sorted(spans):
            if begin != expected:
                fault = "overlaps another tensor" if begin < expected else "leaves a hole before it"
                self.broken(f"tensor {shown(name)} {fault} (at data byte {begin:,})")
            expected = end
        found = self.source.size - data_start
        if found < expected:
            raise TruncatedModelError(
                f"the tensors need {expected:,} bytes, but only {found:,} are there",
                path=self.source.path,
            )
        if found > expected:
            self.broken(f"{found - expected:,} bytes follow the last tensor")


def _are_counts(value: object) -> TypeGuard[list[int]]:
    # type, not isinstance: true and false are no numbers here
    return type(value) is list and (
        not value or (set(map(type, value)) == {int} and min(value) >= 0)
    )


def _elements(shape: list[int]) -> int:
    """The number of elements, or something above `_LARGEST_COUNT` where 64 bits would overflow on the
    way, as the reference counts (a later 0 does not help)."""
    if len(shape) <= limits.MAX_DIMENSIONS:
        count = prod(shape)
        if count:
            return count
    count = 1
    for dimension in shape:
        count *= dimension
        if count > _LARGEST_COUNT:
            break
    return count
