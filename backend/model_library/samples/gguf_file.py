"""Writes GGUF files (versions 2 and 3, both byte orders) with typed keys and real tensor infos.

Source: `docs/gguf.md` of `ggml-org/ggml`. Shapes are given in the order of PyTorch and written
reversed, as the format wants them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Literal

from model_library.samples.body import write_with_body
from model_library.samples.safetensors_file import TensorSpec

GgufScalar = bool | int | float | str
GgufValue = GgufScalar | Sequence["GgufValue"]

GGML_LAYOUT: Mapping[str, tuple[int, int, int]] = {
    "F32": (0, 1, 4),
    "F16": (1, 1, 2),
    "Q4_0": (2, 32, 18),
    "Q5_0": (6, 32, 22),
    "Q8_0": (8, 32, 34),
    "Q2_K": (10, 256, 84),
    "Q3_K": (11, 256, 110),
    "Q4_K": (12, 256, 144),
    "Q5_K": (13, 256, 176),
    "Q6_K": (14, 256, 210),
    "IQ4_XS": (23, 256, 136),
    "BF16": (30, 1, 2),
}
"""Type number, elements per block, bytes per block of the types that samples use."""

DEFAULT_ALIGNMENT = 32
"""Bytes; the format's value where a file names none."""

_UINT32, _INT32, _FLOAT32, _BOOL, _STRING, _ARRAY, _UINT64, _INT64 = 4, 5, 6, 7, 8, 9, 10, 11


class _Packer:
    def __init__(self, order: Literal["<", ">"]) -> None:
        self.order = order

    def number(self, code: str, value: float) -> bytes:
        return struct.pack(self.order + code, value)

    def text(self, value: str) -> bytes:
        raw = value.encode()
        return self.number("Q", len(raw)) + raw

    def value(self, kind: int, value: GgufValue) -> bytes:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Sequence):
            element = _kind(value[0], in_array=True) if value else _INT32
            items = b"".join(self.value(element, item) for item in value)
            return self.number("I", element) + self.number("Q", len(value)) + items
        codes = {_UINT32: "I", _INT32: "i", _FLOAT32: "f", _BOOL: "?", _UINT64: "Q", _INT64: "q"}
        return self.number(codes[kind], value)


def _kind(value: GgufValue, *, in_array: bool = False) -> int:
    if isinstance(value, bool):
        return _BOOL
    if isinstance(value, int):
        if value >= 1 << 32:
            return _UINT64
        if value < -(1 << 31):
            return _INT64
        return _INT32 if value < 0 or in_array else _UINT32
    if isinstance(value, float):
        return _FLOAT32
    return _STRING if isinstance(value, str) else _ARRAY


def write_gguf(
    path: Path,
    metadata: Mapping[str, GgufValue],
    tensors: Iterable[TensorSpec],
    *,
    version: int = 3,
    alignment: int = DEFAULT_ALIGNMENT,
    byte_order: Literal["little", "big"] = "little",
    sparse: bool = True,
    seed: int | None = None,
) -> None:
    """Write a GGUF file whose offsets and sizes agree.

    Python types choose the key types: bool, int (u32, wider or signed when needed; i32 in arrays),
    float (f32), str, sequences (arrays of their first element's type). A tensor's dtype is a ggml
    type name. `general.alignment` is written when `alignment` is not the default of 32 bytes.
    Raises KeyError for a ggml type that samples do not use.
    """
    pack = _Packer("<" if byte_order == "little" else ">")
    keys = dict(metadata)
    if alignment != DEFAULT_ALIGNMENT:
        keys["general.alignment"] = alignment
    infos = bytearray()
    count = offset = 0
    for name, dtype, shape in tensors:
        number, block, block_bytes = GGML_LAYOUT[dtype]
        infos += pack.text(name) + pack.number("I", len(shape))
        infos += b"".join(pack.number("Q", dimension) for dimension in reversed(shape))
        infos += pack.number("I", number) + pack.number("Q", offset)
        size = prod(shape) // block * block_bytes
        offset += size + -size % alignment
        count += 1
    head = bytearray(b"GGUF" + pack.number("I", version) + pack.number("Q", count))
    head += pack.number("Q", len(keys))
    for key, value in keys.items():
        kind = _kind(value)
        head += pack.text(key) + pack.number("I", kind) + pack.value(kind, value)
    head += infos
    head += bytes(-len(head) % alignment)
    write_with_body(path, bytes(head), offset, sparse=sparse, seed=seed)
