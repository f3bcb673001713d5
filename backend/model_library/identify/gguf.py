"""Reads GGUF headers, versions 2 and 3, both byte orders, without trusting one number in them.

Promises: every length is compared with what is left of the file before it is used, arrays are walked
over and never kept (a vocabulary costs time, not memory), and offsets and sizes are computed with
unbounded integers against the real length of the file.
Source: `docs/gguf.md` of `ggml-org/ggml`, the checks of `gguf.cpp`, the limits of huggingface.js.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NoReturn

from model_library.errors import (
    BrokenModelError,
    HeaderLimitError,
    NotAModelError,
    TruncatedModelError,
)
from model_library.identify import limits
from model_library.identify.describe import refusal, shown
from model_library.identify.ggml_types import GGML_TYPES
from model_library.identify.source import Source, open_source
from model_library.identify.values import Header, MetadataValue, Security, Tensor
from model_library.taxonomy import Container, SecurityTier

MAGIC = b"GGUF"
_CHUNK = 1 << 18
"""Bytes read at once: most headers without a vocabulary fit."""

_DEFAULT_ALIGNMENT = 32
_NEWEST_VERSION = 3
_GGML_NAME_BYTES = 63
_GGML_DIMENSIONS = 4

_BOOL, _STRING, _ARRAY = 7, 8, 9
_SCALARS = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "B",
    10: "Q",
    11: "q",
    12: "d",
}
"""Value type number to its struct code."""


def looks_like_gguf(head: bytes) -> bool:
    return head.startswith(MAGIC)


def read_gguf(path: Path) -> Header:
    """Read the header of one GGUF file.

    `metadata` keeps the scalar keys; strings are shortened to `limits.MAX_TEXT` characters, arrays
    are left out. A tensor's dtype is its ggml type name, or `GGML_TYPE_<number>` for a new one.
    Raises NotAModelError, TruncatedModelError, HeaderLimitError, BrokenModelError, and the errors
    of `open_source`.
    """
    with open_source(path) as source:
        return parse_gguf(source)


def parse_gguf(source: Source) -> Header:
    """`read_gguf` of a file that is open already."""
    if not looks_like_gguf(source.head):
        raise refusal(source, "a GGUF file")
    return _Reader(source).read()


class _Cursor:
    """Walks forward through the header in chunks. `order` is the byte order for struct."""

    def __init__(self, source: Source, start: int) -> None:
        self.source = source
        self.order: Literal["<", ">"] = "<"
        self._chunk = b""
        self._chunk_start = start
        self._index = 0

    @property
    def position(self) -> int:
        return self._chunk_start + self._index

    def need(self, count: int) -> None:
        """Make the next `count` bytes present in the chunk."""
        if len(self._chunk) - self._index >= count:
            return
        start = self.position
        left = self.source.size - start
        if count > left:
            raise TruncatedModelError(
                f"the file ends at byte {self.source.size:,}, in the middle of its header",
                path=self.source.path,
            )
        if start > limits.GGUF_MAX_HEADER:
            raise HeaderLimitError("the header is longer than any real one", path=self.source.path)
        self._chunk = self.source.read_at(start, min(left, max(count, _CHUNK)))
        self._chunk_start = start
        self._index = 0

    def take(self, count: int) -> bytes:
        self.need(count)
        begin = self._index
        self._index += count
        return self._chunk[begin : self._index]

    def number(self, code: str) -> int:
        form = self.order + code
        size = struct.calcsize(form)
        self.need(size)
        value: int = struct.unpack_from(form, self._chunk, self._index)[0]
        self._index += size
        return value

    def skip(self, count: int) -> None:
        """Pass over bytes without reading them; they must be there."""
        if self.position + count > self.source.size:
            raise TruncatedModelError(
                f"the header needs {count:,} bytes at byte {self.position:,}, but the file has "
                f"{self.source.size:,}",
                path=self.source.path,
            )
        self._index += count
        if self._index > len(self._chunk):
            self._chunk_start, self._index, self._chunk = self.position, 0, b""

    def skip_strings(self, count: int) -> None:
        """Pass over `count` strings; the lengths are read in one tight loop a chunk."""
        length_of = struct.Struct(self.order + "Q").unpack_from
        while count:
            self.need(8)
            chunk, index, last = self._chunk, self._index, len(self._chunk) - 8
            while count and index <= last:
                length = length_of(chunk, index)[0]
                if length > limits.GGUF_MAX_STRING:
                    raise HeaderLimitError(
                        f"a string in an array claims {length:,} bytes", path=self.source.path
                    )
                index += 8 + length
                count -= 1
            passed = index - self._index
            self.skip(passed)


@dataclass(frozen=True, slots=True)
class _Info:
    tensor: Tensor
    offset: int
    size: int | None
    """Bytes, or None for a type whose layout is not known."""


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.cursor = _Cursor(source, len(MAGIC))
        self.elements = 0
        self.keys: set[str] = set()
        self.metadata: dict[str, MetadataValue] = {}
        self.alignment = _DEFAULT_ALIGNMENT
        self.warnings: dict[str, None] = {}

    def broken(self, message: str) -> NoReturn:
        raise BrokenModelError(message, path=self.source.path)

    def limit(self, message: str) -> NoReturn:
        raise HeaderLimitError(message, path=self.source.path)

    def read(self) -> Header:
        self._version()
        tensor_count = self.cursor.number("Q")
        key_count = self.cursor.number("Q")
        if tensor_count > limits.MAX_TENSORS:
            self.limit(f"the header claims {tensor_count:,} tensors")
        if key_count > limits.GGUF_MAX_KEYS:
            self.limit(f"the header claims {key_count:,} keys")
        if not tensor_count and not key_count:
            raise NotAModelError("a GGUF file without tensors and keys", path=self.source.path)
        for _ in range(key_count):
            self._key_and_value()
        infos: dict[str, _Info] = {}
        for _ in range(tensor_count):
            info = self._tensor_info()
            if infos.setdefault(info.tensor.name, info) is not info:
                self.broken(f"tensor {shown(info.tensor.name)} is there twice")
        self._check_layout(list(infos.values()))
        return Header(
            container=Container.GGUF,
            size=self.source.size,
            tensors={name: info.tensor for name, info in infos.items()},
            metadata=self.metadata,
            security=Security(SecurityTier.SAFE_FORMAT),
            warnings=tuple(self.warnings),
        )

    def _version(self) -> None:
        version = self.cursor.number("I")
        if version and version & 0xFFFF == 0:  # written on a machine of the other byte order
            self.cursor.order = ">"
            version = int.from_bytes(version.to_bytes(4, "little"), "big")
        if version == 1:
            raise BrokenModelError(
                "GGUF version 1 is obsolete and read by no current program",
                path=self.source.path,
                hint="Download a newer conversion of this model.",
            )
        if not 1 < version <= _NEWEST_VERSION:
            raise BrokenModelError(
                f"GGUF version {version} is not known",
                path=self.source.path,
                hint="Update model-library, or download the file again if it may be damaged.",
            )

    # --- keys and values ---

    def _key_and_value(self) -> None:
        key = self._name("a key", limits.GGUF_MAX_KEY_BYTES)
        if key in self.keys:
            self.broken(f"the key {shown(key)} is there twice")
        self.keys.add(key)
        kind = self.cursor.number("I")
        if kind == _ARRAY:
            self._skip_array(1)
            return
        value = self._scalar(key, kind)
        self.metadata[key] = value
        if key == "general.alignment":
            self._set_alignment(value)

    def _scalar(self, key: str, kind: int) -> MetadataValue:
        if kind == _STRING:
            return self._text(key)
        code = _SCALARS.get(kind)
        if code is None:
            self.broken(f"the key {shown(key)} has the unknown value type {kind}")
        value = self.cursor.number(code)
        if kind == _BOOL:
            return bool(value)
        # JSON has no infinity and no NaN
        return value if math.isfinite(value) else str(value)

    def _set_alignment(self, value: MetadataValue) -> None:
        if type(value) is not int or value <= 0 or value & (value - 1):
            self.broken(f"general.alignment is {value!r}, not a power of two")
        self.alignment = value

    def _string_length(self, most: int, what: str) -> int:
        length = self.cursor.number("Q")
        if length > self.source.size - self.cursor.position:
            raise TruncatedModelError(
                f"{what} claims {length:,} bytes, more than the rest of the file",
                path=self.source.path,
            )
        if length > most:
            self.limit(f"{what} claims {length:,} bytes")
        return length

    def _name(self, what: str, most: int) -> str:
        raw = self.cursor.take(self._string_length(most, what))
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            self.broken(f"{what} is not valid UTF-8: {raw[:40]!r}")

    def _text(self, key: str) -> str:
        length = self._string_length(limits.GGUF_MAX_STRING, f"the value of {shown(key)}")
        raw = self.cursor.take(min(length, 4 * limits.MAX_TEXT))
        self.cursor.skip(length - len(raw))
        text = raw.decode("utf-8", errors="replace")
        if "\ufffd" in text[: limits.MAX_TEXT]:
            self.warnings[f"the value of {shown(key)} is not valid UTF-8"] = None
        return text[: limits.MAX_TEXT]

    def _skip_array(self, depth: int) -> None:
        kind = self.cursor.number("I")
        count = self.cursor.number("Q")
        code = _SCALARS.get(kind)
        if code is not None:
            self.cursor.skip(count * struct.calcsize(code))
            return
        if kind not in (_STRING, _ARRAY):
            self.broken(f"an array has the unknown value type {kind}")
        self.elements += count
        if count > limits.GGUF_MAX_ARRAY or self.elements > limits.GGUF_MAX_ELEMENTS:
            self.limit(f"an array claims {count:,} elements")
        if kind == _STRING:
            self.cursor.skip_strings(count)
            return
        if depth >= limits.GGUF_MAX_NESTING:
            self.limit("arrays are nested deeper than in any real file")
        for _ in range(count):
            self._skip_array(depth + 1)

    # --- tensors ---

    def _tensor_info(self) -> _Info:
        name = self._name("a tensor name", limits.GGUF_MAX_NAME)
        if len(name.encode()) > _GGML_NAME_BYTES:
            self.warnings["tensor names are longer than 63 bytes, which llama.cpp refuses"] = None
        rank = self.cursor.number("I")
        if rank > limits.GGUF_MAX_DIMENSIONS:
            self.limit(f"tensor {shown(name)} claims {rank:,} dimensions")
        if rank > _GGML_DIMENSIONS:
            self.warnings["tensors have more than 4 dimensions, which llama.cpp refuses"] = None
        lengths = [self.cursor.number("Q") for _ in range(rank)]
        number = self.cursor.number("I")
        offset = self.cursor.number("Q")
        kind = GGML_TYPES.get(number)
        dtype = f"GGML_TYPE_{number}" if kind is None else kind.name
        tensor = Tensor(name, dtype, tuple(reversed(lengths)))
        if tensor.parameters > 8 * self.source.size:
            self.broken(f"tensor {shown(name)} has more elements than the file has bits")
        if kind is None or not kind.block_bytes:
            self.warnings[f"the size of tensors of type {dtype} ({number}) was not checked"] = None
            return _Info(tensor, offset, None)
        row = lengths[0] if lengths else 1
        if row % kind.block:
            self.broken(
                f"rows of {row:,} elements in tensor {shown(name)} do not fill blocks of "
                f"{kind.block} ({dtype})"
            )
        return _Info(tensor, offset, tensor.parameters // kind.block * kind.block_bytes)

    def _check_layout(self, infos: list[_Info]) -> None:
        position = self.cursor.position
        data_start = position + -position % self.alignment
        expected = end = 0
        exact = True
        for info in infos:
            if info.offset % self.alignment:
                self.broken(
                    f"tensor {shown(info.tensor.name)} does not begin at a multiple of "
                    f"{self.alignment} bytes"
                )
            if info.offset != expected and (exact or info.offset < expected):
                self.broken(
                    f"tensor {shown(info.tensor.name)} begins at data byte {info.offset:,} instead "
                    f"of {expected:,}"
                )
            exact = info.size is not None
            end = info.offset + (info.size or 0)
            expected = end + -end % self.alignment
        if infos and data_start + end > self.source.size:
            raise TruncatedModelError(
                f"the tensors need {data_start + end:,} bytes, but the file has "
                f"{self.source.size:,}",
                path=self.source.path,
            )
        if not infos:
            self.warnings["the file holds no tensors, only keys"] = None
        elif self.source.size > data_start + expected and exact:
            extra = self.source.size - data_start - expected
            self.warnings[f"{extra:,} bytes follow the last tensor"] = None
