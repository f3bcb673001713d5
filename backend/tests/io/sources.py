"""Files to be read by the tests of hashing and copying, and what can happen to them meanwhile."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from blake3 import blake3
from hypothesis import strategies as st

from model_library.io.hashing import FileDigests
from model_library.io.streaming import BUFFER_SIZE, SMALL_FILE

PATTERN = os.urandom(1 << 20)


def content(size: int) -> bytes:
    """Bytes without a period that a buffer could hide."""
    blocks = (bytes([number & 255]) + PATTERN for number in range(size // len(PATTERN) + 1))
    return b"".join(blocks)[:size]


def expected(data: bytes, autov3_from: int | None = None) -> FileDigests:
    autov3 = None
    if autov3_from is not None and autov3_from < len(data):
        autov3 = hashlib.sha256(data[autov3_from:]).hexdigest()
    sha256 = hashlib.sha256(data).hexdigest()
    return FileDigests(len(data), sha256, blake3(data).hexdigest(), autov3)


edges = st.sampled_from([0, BUFFER_SIZE, 2 * BUFFER_SIZE, SMALL_FILE, SMALL_FILE + BUFFER_SIZE])
sizes = st.tuples(edges, st.integers(-1, 1)).map(lambda edge: max(0, sum(edge)))


def file_with_read_error() -> Path:
    """A regular file of the kernel that may be opened, has a size, and answers EIO to reading."""
    for path in Path("/sys/devices").rglob("power/autosuspend_delay_ms"):
        try:
            path.read_bytes()
        except OSError as error:
            if error.errno == errno.EIO:
                return path
    pytest.skip("this system has no file that fails to be read")


def truncate(path: Path) -> None:
    os.truncate(path, 100)


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def overwrite(path: Path) -> None:
    with path.open("rb+") as file:
        file.write(b"other")


def replace(path: Path) -> None:
    new = path.with_name("new")
    new.write_bytes(path.read_bytes())
    os.utime(new, ns=(0, path.stat().st_mtime_ns))
    new.replace(path)


CHANGES: list[Callable[[Path], None]] = [truncate, append, overwrite, replace, Path.unlink]
