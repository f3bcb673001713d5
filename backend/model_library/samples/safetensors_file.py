"""Writes safetensors files as the format asks: length, JSON header padded to 8, tensor bytes.

Source: the format section of the safetensors README (`huggingface/safetensors`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from math import prod
from pathlib import Path

from model_library.samples.body import write_with_body

TensorSpec = tuple[str, str, tuple[int, ...]]
"""Name, dtype as the format spells it, shape (outermost dimension first)."""

DTYPE_BITS: Mapping[str, int] = {
    "BOOL": 8,
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
    "U8": 8,
    "I8": 8,
    "F8_E5M2": 8,
    "F8_E4M3": 8,
    "F8_E8M0": 8,
    "I16": 16,
    "U16": 16,
    "F16": 16,
    "BF16": 16,
    "I32": 32,
    "U32": 32,
    "F32": 32,
    "C64": 64,
    "F64": 64,
    "I64": 64,
    "U64": 64,
}


def write_safetensors(
    path: Path,
    tensors: Iterable[TensorSpec],
    metadata: Mapping[str, str] | None = None,
    *,
    sparse: bool = True,
    seed: int | None = None,
) -> None:
    """Write a file that every safetensors reader accepts.

    The body is a hole unless `sparse` is False; a `seed` writes a few bytes at its beginning so
    that files with equal headers differ. Raises KeyError for a dtype the format does not know.
    """
    entries: dict[str, object] = {}
    if metadata:
        entries["__metadata__"] = dict(metadata)
    offset = 0
    for name, dtype, shape in tensors:
        end = offset + prod(shape) * DTYPE_BITS[dtype] // 8
        entries[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [offset, end]}
        offset = end
    header = json.dumps(entries, separators=(",", ":"), ensure_ascii=False).encode()
    header += b" " * (-len(header) % 8)
    write_with_body(
        path, len(header).to_bytes(8, "little") + header, offset, sparse=sparse, seed=seed
    )
