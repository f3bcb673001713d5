"""Writes the part of a sample file that holds no facts: the tensor bytes.

A sample promises the exact length and layout of the real file. Its body is a hole by default, so a
4 GB checkpoint costs one block on disk; a seed makes two files with equal headers different.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

SEED_BYTES = 64
"""Bytes written at the beginning of a sparse body when a seed is given: enough to tell files apart."""

CHUNK_BYTES = 1 << 20


def seeded_bytes(seed: int, length: int) -> bytes:
    """`length` bytes that depend on `seed` only, the same on every machine."""
    return hashlib.shake_256(f"model-library sample {seed}".encode()).digest(length)


def write_with_body(
    path: Path, head: bytes, body_length: int, *, sparse: bool, seed: int | None
) -> None:
    """Write `head`, then a body of `body_length` bytes; parent directories are created.

    A sparse body is a hole whose first bytes come from the seed, if there is one. A full body is
    written byte by byte from the seed (0 without one).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(head)
        if sparse:
            if seed is not None:
                file.write(seeded_bytes(seed, min(SEED_BYTES, body_length)))
            file.truncate(len(head) + body_length)
            return
        for chunk in _chunks(0 if seed is None else seed, body_length):
            file.write(chunk)


def _chunks(seed: int, length: int) -> Iterator[bytes]:
    block = seeded_bytes(seed, min(CHUNK_BYTES, length))
    while length > 0:
        yield block[:length]
        length -= len(block)
