"""The hashes of files, from the bytes that are there and in one pass over them."""

from __future__ import annotations

import hashlib
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from blake3 import blake3

from model_library.io.streaming import Chunk, Consumer, DriveDone, Progress, SourceFile, stream

SAMPLE_BLOCKS = 8
SAMPLE_BLOCK_SIZE = 64 * 1024
"""Bytes. 8 blocks of 64 KiB: a few milliseconds on an SSD, 8 seeks on a hard disk."""


@dataclass(frozen=True, slots=True)
class FileDigests:
    """Size (bytes) and hashes (64 lower-case hex digits) of the content of one file."""

    size: int
    sha256: str
    blake3: str | None
    """None when the bytes were not read: then the SHA-256 is what the store that holds them names them by."""
    autov3: str | None
    """SHA-256 of what follows the safetensors header; Civitai shows its first 12 digits (model-facts
    2.1). None when not asked for, and when nothing follows: the hash of nothing says nothing."""


class Digester:
    """The hashes of one file in the making; `autov3_from` is the offset in bytes of what follows
    its header."""

    def __init__(self, autov3_from: int | None = None) -> None:
        self._sha256 = hashlib.sha256()
        self._blake3 = blake3()
        self._autov3 = hashlib.sha256()
        self._autov3_from = autov3_from

    def consumers(self) -> list[Consumer]:
        """One for each hash. All must see the whole file; none needs the others."""
        consumers: list[Consumer] = [self._update_sha256, self._update_blake3]
        if self._autov3_from is not None:
            consumers.append(self._update_autov3)
        return consumers

    def _update_sha256(self, chunk: Chunk) -> None:
        self._sha256.update(chunk.data)

    def _update_blake3(self, chunk: Chunk) -> None:
        self._blake3.update(chunk.data)

    def _update_autov3(self, chunk: Chunk) -> None:
        self._autov3.update(chunk.data[max(0, (self._autov3_from or 0) - chunk.offset) :])

    def update(self, chunk: Chunk) -> None:
        """All hashes, one after the other."""
        for consume in self.consumers():
            consume(chunk)

    def digests(self, size: int) -> FileDigests:
        has_autov3 = self._autov3_from is not None and self._autov3_from < size
        return FileDigests(
            size=size,
            sha256=self._sha256.hexdigest(),
            blake3=self._blake3.hexdigest(),
            autov3=self._autov3.hexdigest() if has_autov3 else None,
        )


def hash_file(
    path: Path,
    *,
    autov3_from: int | None = None,
    progress: Progress | None = None,
    drive_done: DriveDone | None = None,
) -> FileDigests:
    """Hash a file's content; `drive_done` may be called before the end.

    Raises SourceNotFoundError, SourceUnreadableError, SourceChangedError (it was written to while
    being read), or what `progress` raises.
    """
    digester = Digester(autov3_from)
    with closing(SourceFile(path)) as source, source.whole() as chunk:
        if chunk is None:
            stream(source, digester.consumers(), progress)
        else:
            source.check_unchanged()
            hash_whole(digester, chunk, progress, drive_done)
        return digester.digests(source.size)


def hash_whole(
    digester: Digester, chunk: Chunk, progress: Progress | None, drive_done: DriveDone | None
) -> None:
    """Hash a file that is in memory. Raises what `progress` raises."""
    if drive_done is not None:
        drive_done()
    if progress is not None:
        progress(len(chunk.data))
    digester.update(chunk)


def sample_hash(path: Path) -> str:
    """A fingerprint of the size and a few blocks of a file, from its beginning to its end.

    A hint, never a proof: different files differ here almost always, and files that agree here may
    still differ. Files up to 512 KiB are read whole. Raises as hash_file does.
    """
    with closing(SourceFile(path)) as source:
        digest = blake3(source.size.to_bytes(8, "little"))
        for offset, length in _sample_of(source.size):
            block = bytearray(length)
            source.read_into(memoryview(block), offset)
            digest.update(block)
        source.check_unchanged()
        return digest.hexdigest()


def _sample_of(size: int) -> list[tuple[int, int]]:
    """(offset, length) of the blocks that stand for a file of `size` bytes, evenly spread."""
    if size <= SAMPLE_BLOCKS * SAMPLE_BLOCK_SIZE:
        return [(0, size)]
    last = size - SAMPLE_BLOCK_SIZE
    offsets = (number * last // (SAMPLE_BLOCKS - 1) for number in range(SAMPLE_BLOCKS))
    return [(offset, SAMPLE_BLOCK_SIZE) for offset in offsets]
