"""A copy is whole, durable and hashed, or it is not there."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_library.errors import (
    CancelledError,
    FileError,
    SourceChangedError,
    SourceNotFoundError,
    SourceUnreadableError,
    TargetExistsError,
    WriteError,
)
from model_library.io.copying import clone_file, copy_file
from model_library.io.hashing import FileDigests, hash_file
from model_library.io.streaming import BUFFER_COUNT, BUFFER_SIZE, SMALL_FILE
from tests.io.mounts import TOP, needs_mount, run_on, uncounted
from tests.io.sources import CHANGES, content, expected, file_with_read_error, sizes

LARGE = max(SMALL_FILE, BUFFER_COUNT * BUFFER_SIZE) + BUFFER_SIZE + 777
"""Bytes: read with threads, more than all buffers hold, and no multiple of anything."""


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def make(path: Path, size: int) -> Path:
    path.write_bytes(content(size))
    os.utime(path, ns=(1_700_000_000_000_000_000, 1_600_000_000_123_456_789))
    return path


def make_sparse(path: Path) -> Path:
    """80 MiB with three islands of data, one of them across the end of a buffer."""
    with path.open("wb") as file:
        for offset in (0, 5 * BUFFER_SIZE - 10, 12 * BUFFER_SIZE + 4096):
            file.seek(offset)
            file.write(content(5000))
        file.truncate(20 * BUFFER_SIZE + 13)
    return path


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("copying")


@settings(max_examples=30)
@given(size=sizes | st.integers(0, 3 * BUFFER_SIZE), autov3_from=st.none() | st.integers(0, 5000))
def test_a_copy_has_the_content_and_the_hashes_tell_it(
    scratch: Path, size: int, autov3_from: int | None
) -> None:
    source, copy = make(scratch / "source", size), scratch / "copy"
    copy.unlink(missing_ok=True)
    seen: list[int] = []
    digests = copy_file(source, copy, autov3_from=autov3_from, progress=seen.append)
    assert copy.read_bytes() == content(size)
    assert digests == expected(content(size), autov3_from)
    assert sum(seen) == size


def test_a_small_file_is_written_before_its_drives_are_given_back(tmp_path: Path) -> None:
    source, copy = make(tmp_path / "source", BUFFER_SIZE - 5), tmp_path / "copy"
    found: list[bytes] = []
    digests = copy_file(source, copy, drive_done=lambda: found.append(copy.read_bytes()))
    assert found == [content(BUFFER_SIZE - 5)]
    assert digests == expected(found[0], None)


def test_what_does_not_fit_into_memory_needs_its_drives_until_the_end(tmp_path: Path) -> None:
    calls: list[bool] = []
    for source in (make(tmp_path / "larger", BUFFER_SIZE + 1), make_sparse(tmp_path / "sparse")):
        copy_file(source, tmp_path / "copy", drive_done=lambda: calls.append(True))
        (tmp_path / "copy").unlink()
    assert calls == []


def test_a_small_copy_that_is_cancelled_while_it_is_hashed_is_gone(tmp_path: Path) -> None:
    source = make(tmp_path / "source", 5000)

    def cancel(_: int) -> None:
        raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        copy_file(source, tmp_path / "copy", progress=cancel)
    assert names(tmp_path) == ["source"]


@pytest.mark.parametrize("size", [1000, LARGE])
def test_a_copy_keeps_the_time_and_not_the_mode(tmp_path: Path, size: int) -> None:
    source = make(tmp_path / "source", size)
    source.chmod(0o4755)
    before = os.umask(0o022)
    try:
        copy_file(source, tmp_path / "copy")
    finally:
        os.umask(before)
    status = (tmp_path / "copy").stat()
    assert status.st_mtime_ns == source.stat().st_mtime_ns
    assert stat.S_IMODE(status.st_mode) == 0o644


def test_holes_stay_holes(tmp_path: Path) -> None:
    source = make_sparse(tmp_path / "source")
    if source.stat().st_blocks * 512 > 1 << 20:
        pytest.skip("this filesystem makes no holes")
    digests = copy_file(source, tmp_path / "copy", autov3_from=100)
    assert digests == hash_file(source, autov3_from=100)
    assert hash_file(tmp_path / "copy", autov3_from=100) == digests
    assert (tmp_path / "copy").stat().st_blocks * 512 <= 1 << 20
    assert (tmp_path / "copy").stat().st_size == source.stat().st_size


def test_a_file_of_nothing_but_a_hole_takes_no_space(tmp_path: Path) -> None:
    with (tmp_path / "source").open("wb") as file:
        file.truncate(LARGE)
    assert copy_file(tmp_path / "source", tmp_path / "copy") == expected(bytes(LARGE))
    assert (tmp_path / "copy").stat().st_size == LARGE
    assert (tmp_path / "copy").stat().st_blocks * 512 <= 1 << 16


def test_a_copy_may_leave_the_flush_to_its_batch(tmp_path: Path) -> None:
    source = make(tmp_path / "source", 10_000)
    assert copy_file(source, tmp_path / "copy", durable=False) == expected(content(10_000))
    assert (tmp_path / "copy").read_bytes() == content(10_000)


# --- failures leave nothing ----------------------------------------------------------------------


@pytest.mark.parametrize("size", [1000, LARGE])
@pytest.mark.parametrize("after", [1, 3])
def test_cancelling_leaves_no_copy_and_no_thread(tmp_path: Path, size: int, after: int) -> None:
    source = make(tmp_path / "source", size)
    seen: list[int] = []

    def progress(count: int) -> None:
        seen.append(count)
        if len(seen) == after or sum(seen) == size:
            raise CancelledError("enough")

    threads = threading.active_count()
    with pytest.raises(CancelledError, match="enough"):
        copy_file(source, tmp_path / "copy", progress=progress)
    assert len(seen) <= after
    assert names(tmp_path) == ["source"]
    assert threading.active_count() == threads
    assert source.read_bytes() == content(size)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("size", [SMALL_FILE // 2, LARGE])
def test_a_source_that_changes_meanwhile_gives_no_copy(
    tmp_path: Path, size: int, change: Callable[[Path], None]
) -> None:
    source = make(tmp_path / "source", size)
    changes = [change]

    def progress(_count: int) -> None:
        if changes:
            changes.pop()(source)

    with pytest.raises(SourceChangedError):
        copy_file(source, tmp_path / "copy", progress=progress)
    assert not (tmp_path / "copy").exists()


def test_what_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    source = make(tmp_path / "source", 1000)
    (tmp_path / "copy").write_text("old")
    (tmp_path / "link").symlink_to("nowhere")
    for act in (copy_file, clone_file):
        for name in ("copy", "link"):
            with pytest.raises(TargetExistsError) as caught:
                act(source, tmp_path / name)
            assert caught.value.path == str(tmp_path / name)
    assert (tmp_path / "copy").read_text() == "old"
    assert (tmp_path / "link").is_symlink()


def test_a_missing_source_or_directory_makes_nothing(tmp_path: Path) -> None:
    for act in (copy_file, clone_file):
        with pytest.raises(SourceNotFoundError):
            act(tmp_path / "missing", tmp_path / "copy")
        with pytest.raises(SourceUnreadableError):
            act(tmp_path, tmp_path / "copy")
    with pytest.raises(WriteError):
        copy_file(make(tmp_path / "source", 10), tmp_path / "missing" / "copy")
    assert names(tmp_path) == ["source"]


def test_a_source_with_a_read_error_gives_no_copy(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadableError, match="Input/output error"):
        copy_file(file_with_read_error(), tmp_path / "copy")
    assert names(tmp_path) == []


FULL = """
import os
from model_library.errors import TargetFullError
from model_library.io.copying import copy_file
for size in (900_000, 1_000_000, 40_000_000):
    source = place.parent / "source"
    source.write_bytes(bytes([1]) * size)
    try:
        copy_file(source, place / "copy")
    except TargetFullError as error:
        print(size, error.path == str(place / "copy"), os.listdir(place))
"""


@needs_mount
def test_a_full_target_is_told_and_gets_its_space_back(tmp_path: Path) -> None:
    (tmp_path / "mount").mkdir()
    expected_lines = ["900000 True []", "1000000 True []", "40000000 True []"]
    assert run_on("tmpfs -o size=800k", tmp_path / "mount", FULL).splitlines() == expected_lines


LIMITED = """
import resource, sys
from pathlib import Path
from model_library.errors import FileError
from model_library.io.copying import copy_file
resource.setrlimit(resource.RLIMIT_FSIZE, (5_000_000, 5_000_000))
try:
    copy_file(Path(sys.argv[1]), Path(sys.argv[2]))
except FileError as error:
    print(error.code)
"""


def test_a_target_that_takes_no_such_large_file_keeps_nothing(tmp_path: Path) -> None:
    """As FAT32 does from 4 GiB on."""
    source = make(tmp_path / "source", LARGE)
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(source), str(tmp_path / "copy")],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(TOP)},
    )
    assert done.stdout == "filesystem-unsupported\n"
    assert names(tmp_path) == ["source"]


NO_DIRECT_IO = """
import os
from model_library.io.copying import copy_file
from model_library.io.hashing import hash_file
source = place.parent / "source"
copied = copy_file(source, place / "copy", autov3_from=1000)
with (place / "copy").open("rb+") as file:
    from model_library.io.platform.page_cache import set_direct_io
    print(set_direct_io(file.fileno(), True))
print(copied == hash_file(source, autov3_from=1000) == hash_file(place / "copy", autov3_from=1000))
print((place / "copy").stat().st_size == source.stat().st_size)
"""


@needs_mount
@pytest.mark.parametrize("make_source", [make_sparse, lambda path: make(path, LARGE)])
def test_a_filesystem_without_direct_writing_gets_the_same_copy(
    tmp_path: Path, make_source: Callable[[Path], Path]
) -> None:
    (tmp_path / "mount").mkdir()
    make_source(tmp_path / "source")
    assert run_on("ramfs", tmp_path / "mount", NO_DIRECT_IO).split() == ["False", "True", "True"]


# --- many at once, and clones --------------------------------------------------------------------


FORKED = """
import os, sys
from pathlib import Path
from model_library.io.copying import copy_file

before, mine, theirs = map(Path, sys.argv[1:])
copy_file(before, before.with_suffix(".copy"))
(go, start), (ended, end) = os.pipe(), os.pipe()
if os.fork() == 0:
    os.read(go, 1)
    copy_file(theirs, theirs.with_suffix(".copy"))
    os._exit(0)
os.close(end)

def after_reading(count):
    os.write(start, b"!")
    os.read(ended, 1)  # until the other process is gone

print(copy_file(mine, mine.with_suffix(".copy"), progress=after_reading).sha256)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_does_not_read_into_the_memory_of_another(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("before", "mine", "theirs")]
    for number, path in enumerate(files):
        path.write_bytes(bytes([number]) * 1_000_000)
    done = subprocess.run(
        [sys.executable, "-c", FORKED, *map(str, files)],
        env=uncounted(),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert [path.with_suffix(".copy").read_bytes() for path in files] == [
        path.read_bytes() for path in files
    ]
    assert done.stdout.strip() == expected(files[1].read_bytes()).sha256


def test_copies_run_side_by_side(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    lengths = [number * 40_000 for number in range(24)] + [LARGE, LARGE + 1]
    sources = [make(tmp_path / "in" / str(length), length) for length in lengths]

    def copy(source: Path) -> FileDigests:
        return copy_file(source, tmp_path / "out" / source.name, autov3_from=3)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(copy, sources)) == [expected(content(size), 3) for size in lengths]
    for source in sources:
        assert (tmp_path / "out" / source.name).read_bytes() == source.read_bytes()


def test_of_two_copies_to_one_name_one_wins(tmp_path: Path) -> None:
    sources = [make(tmp_path / name, LARGE + number) for number, name in enumerate("ab")]

    def copy(source: Path) -> FileDigests | FileError:
        try:
            return copy_file(source, tmp_path / "copy")
        except FileError as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(copy, sources)
    won, lost = (one, two) if isinstance(one, FileDigests) else (two, one)
    assert isinstance(won, FileDigests)
    assert isinstance(lost, TargetExistsError)
    assert hash_file(tmp_path / "copy") == won


def test_memory_stays_the_same_however_large_the_file_is(tmp_path: Path) -> None:
    code = """
import resource, sys
from pathlib import Path
from model_library.io.copying import copy_file
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
copy_file(Path(sys.argv[1]), Path(sys.argv[3]), autov3_from=8)
small = peak()
copy_file(Path(sys.argv[2]), Path(sys.argv[4]), autov3_from=8)
print(peak() - small)
"""
    paths = [tmp_path / name for name in ("small", "large", "one", "two")]
    make(paths[0], SMALL_FILE + BUFFER_SIZE)
    with paths[1].open("wb") as file:
        for _ in range(10):
            file.write(content(16 * 1024 * 1024))
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, paths)],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(TOP)},
    )
    assert int(done.stdout) < 8 * 1024  # KiB


def test_a_clone_is_a_copy_or_nothing(tmp_path: Path) -> None:
    source = make(tmp_path / "source", LARGE)
    digests = clone_file(source, tmp_path / "clone", autov3_from=9)
    if digests is None:
        assert names(tmp_path) == ["source"]
    else:
        assert digests == expected(content(LARGE), 9)
        assert (tmp_path / "clone").stat().st_mtime_ns == source.stat().st_mtime_ns


CLONE = """
import os
from model_library.errors import CancelledError, SourceChangedError
from model_library.io.copying import clone_file
from model_library.io.hashing import hash_file
from model_library.io.platform.links import can_reflink
source = place / "source"
source.write_bytes(os.urandom(5_000_000))
free = os.statvfs(place).f_bavail
found = clone_file(source, place / "clone", autov3_from=9)
print(can_reflink(place), found == hash_file(source, autov3_from=9))
print((place / "clone").stat().st_mtime_ns == source.stat().st_mtime_ns)
print((free - os.statvfs(place).f_bavail) * os.statvfs(place).f_frsize < 1_000_000)
def cancel(count):
    raise CancelledError("enough")
def change(count):
    with source.open("ab") as file:
        file.write(b"more")
for progress in cancel, change:
    try:
        clone_file(source, place / "second", progress=progress)
    except (CancelledError, SourceChangedError) as error:
        print(error.code, (place / "second").exists())
"""


@pytest.mark.parametrize(("maker", "size"), [("mkfs.xfs", 320 << 20), ("mkfs.btrfs", 128 << 20)])
def test_a_clone_shares_its_blocks_with_the_source(tmp_path: Path, maker: str, size: int) -> None:
    make_filesystem = shutil.which(maker, path="/usr/sbin:/sbin:/usr/bin")
    if os.geteuid() != 0 or make_filesystem is None:
        pytest.skip(f"needs {maker} and the right to mount an image")
    image, place = tmp_path / "image", tmp_path / "mount"
    place.mkdir()
    with image.open("wb") as file:
        file.truncate(size)
    subprocess.run([make_filesystem, "-q", str(image)], check=True, capture_output=True)
    kind = maker.removeprefix("mkfs.")
    lines = run_on(f"{kind} -o loop", place, CLONE, device=image).splitlines()
    assert lines == ["True True", "True", "True", "cancelled False", "source-changed False"]
