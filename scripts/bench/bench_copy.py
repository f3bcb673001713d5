"""Copying and hashing, against `openssl dgst -sha256` of the same files.

One large file, in the page cache and not in it, with and without the third hash of a safetensors
file; many small ones by a pool; the memory that it takes; and what people use today.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from blake3 import blake3

from model_library.io.copying import copy_file
from model_library.io.hashing import hash_file
from model_library.io.platform.page_cache import sync_filesystem
from scripts.bench.measure import Measurement, in_turns

UNIT = "x openssl dgst -sha256"
MIB = 1024**2
HEADER = 100_008
"""Bytes of an ordinary safetensors header: AutoV3 hashes what follows."""
SMALL_SIZE = 1_000_000
POOL = 8
"""Small files that wait for the drive at the same time."""

PEAK_OF_A_COPY = """
import resource, sys
from pathlib import Path
from model_library.io.copying import copy_file
copy_file(Path(sys.argv[1]), Path(sys.argv[2]), autov3_from=8)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def run(workspace: Path, *, full: bool) -> Iterator[Measurement]:
    source = workspace / "source"
    size = write_random(source, 4096 * MIB if full else 512 * MIB)
    yield from large_file(source, workspace / "copy", full=full)
    yield from cold_file(source, workspace / "copy", full=full)
    yield peak_memory(source, workspace / "copy", size)
    source.unlink()
    yield from small_files(workspace, count=2000 if full else 400, full=full)


def large_file(source: Path, copy: Path, *, full: bool) -> Iterator[Measurement]:
    names = ["copy", "copy with AutoV3", "hash", "hash with AutoV3", "cp and sync", "obvious loop"]
    targets = [1.0, None, 0.9, None, None, None]
    unit, *times = in_turns_with_cleaning(
        lambda: remove(copy),
        [
            lambda: openssl([source]),
            lambda: copy_file(source, copy),
            lambda: copy_file(source, copy, autov3_from=HEADER),
            lambda: hash_file(source),
            lambda: hash_file(source, autov3_from=HEADER),
            lambda: cp_and_sync(source, copy),
            lambda: obvious_loop(source, copy),
        ],
    )
    for name, seconds, target in zip(names, times, targets, strict=True):
        yield ratio(f"{name}, hot", seconds, unit, target if full else None)


def cold_file(source: Path, copy: Path, *, full: bool) -> Iterator[Measurement]:
    unit, seconds = in_turns_with_cleaning(
        lambda: remove(copy),
        [
            lambda: openssl([not_in_memory(source)]),
            lambda: copy_file(not_in_memory(source), copy),
        ],
    )
    yield ratio("copy, cold", seconds, unit, 1.35 if full else None)


def small_files(workspace: Path, *, count: int, full: bool) -> Iterator[Measurement]:
    source, copy = workspace / "many", workspace / "copies"
    source.mkdir()
    for number in range(count):
        write_random(source / str(number), SMALL_SIZE)
    sources = sorted(source.iterdir())

    def copy_all(*, durable: bool, autov3_from: int | None = None) -> None:
        copy.mkdir()

        def copy_one(path: Path) -> object:
            target = copy / path.name
            return copy_file(path, target, autov3_from=autov3_from, durable=durable)

        with ThreadPoolExecutor(POOL) as pool:
            list(pool.map(copy_one, sources))
        sync_filesystem(copy)

    unit, each, together, with_autov3 = in_turns_with_cleaning(
        lambda: remove(copy),
        [
            lambda: openssl(sources),
            lambda: copy_all(durable=True),
            lambda: copy_all(durable=False),
            lambda: copy_all(durable=False, autov3_from=8),
        ],
    )
    name = f"{count} x 1 MB by {POOL}"
    yield ratio(f"{name}, each flushed", each, unit, 1.6 if full else None)
    yield ratio(f"{name}, one flush", together, unit, 1.6 if full else None)
    yield ratio(f"{name}, one flush, with AutoV3", with_autov3, unit, None)


def peak_memory(source: Path, copy: Path, size: int) -> Measurement:
    """Of a process that does nothing but one copy."""
    remove(copy)
    process = [sys.executable, "-c", PEAK_OF_A_COPY, str(source), str(copy)]
    done = subprocess.run(process, check=True, capture_output=True, text=True)
    copy.unlink()
    kibibytes = int(done.stdout) / (1024 if sys.platform == "darwin" else 1)
    return Measurement("peak memory", kibibytes / 1024, "MiB", 120, f"copy of {size / MIB:.0f} MiB")


def in_turns_with_cleaning(
    clean: Callable[[], object], calls: Sequence[Callable[[], object]]
) -> list[float]:
    """As in_turns, and `clean` runs before each call without counting: a filesystem is still busy
    for seconds with the blocks of a large file that was just removed."""
    steps = [step for call in calls for step in (clean, call)]
    return in_turns(steps)[1::2]


def ratio(name: str, seconds: float, unit: float, target: float | None) -> Measurement:
    return Measurement(name, seconds / unit, UNIT, target, f"{seconds:.2f} s, openssl {unit:.2f} s")


def write_random(path: Path, size: int) -> int:
    """A durable file whose blocks all differ, so that nothing on the way can share them."""
    block = bytearray(os.urandom(min(size, 8 * MIB)))
    with path.open("wb") as file:
        for number in range(-(-size // len(block))):
            block[:8] = number.to_bytes(8, "little")
            file.write(block)
        file.truncate(size)
        file.flush()
        os.fsync(file.fileno())
    return size


def remove(path: Path) -> None:
    """Remove what the last call left, and wait until the filesystem is done with it."""
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    sync_filesystem(path.parent)


def not_in_memory(path: Path) -> Path:
    if sys.platform == "linux":
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return path


def openssl(paths: list[Path]) -> None:
    subprocess.run(["openssl", "dgst", "-sha256", *paths], check=True, stdout=subprocess.DEVNULL)


def cp_and_sync(source: Path, copy: Path) -> None:
    subprocess.run(["cp", "--sparse=never", source, copy], check=True)
    subprocess.run(["sync", copy], check=True)


def obvious_loop(source: Path, copy: Path) -> None:
    sha256, other = hashlib.sha256(), blake3()
    with source.open("rb") as reader, copy.open("xb") as writer:
        while block := reader.read(8192):
            sha256.update(block)
            other.update(block)
            writer.write(block)
        writer.flush()
        os.fsync(writer.fileno())
