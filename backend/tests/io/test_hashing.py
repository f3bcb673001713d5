"""Hashes are those of the bytes that are there; a file in motion is refused."""

from __future__ import annotations

import itertools
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from blake3 import blake3
from hypothesis import given, settings
from hypothesis import strategies as st

from model_library.errors import (
    CancelledError,
    SourceChangedError,
    SourceNotFoundError,
    SourceUnreadableError,
)
from model_library.io.hashing import SAMPLE_BLOCK_SIZE, SAMPLE_BLOCKS, hash_file, sample_hash
from model_library.io.streaming import BUFFER_SIZE, SMALL_FILE
from tests.io.sources import CHANGES, content, expected, file_with_read_error, sizes

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads files of Linux")


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hashing") / "file"


@settings(max_examples=30)
@given(size=sizes | st.integers(0, 3 * BUFFER_SIZE), data=st.data())
def test_hashes_are_those_of_the_content(scratch: Path, size: int, data: st.DataObject) -> None:
    near = st.integers(-1, 1).map(lambda step: max(0, size + step))
    autov3_from = data.draw(st.none() | st.integers(0, size) | near, "autov3_from")
    whole = content(size)
    scratch.write_bytes(whole)
    seen: list[int] = []
    assert hash_file(scratch, autov3_from=autov3_from, progress=seen.append) == expected(
        whole, autov3_from
    )
    assert sum(seen) == size


def test_the_empty_file_has_the_hashes_of_nothing_and_no_autov3(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    found = hash_file(tmp_path / "empty", autov3_from=0)
    assert found == expected(b"")
    assert found.sha256.startswith("e3b0c44298fc")
    assert found.autov3 is None


def test_holes_are_hashed_as_the_zeros_they_read_as(tmp_path: Path) -> None:
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.seek(3 * BUFFER_SIZE + 4096)
        file.write(b"island")
        file.truncate(5 * BUFFER_SIZE + 7)
    assert hash_file(path, autov3_from=4097) == expected(path.read_bytes(), 4097)


def test_a_symlink_is_hashed_as_the_file_behind_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to("file")
    assert hash_file(tmp_path / "link") == expected(b"content")


@pytest.mark.parametrize("read", [hash_file, sample_hash])
def test_what_is_no_readable_file_is_refused(
    tmp_path: Path, read: Callable[[Path], object]
) -> None:
    with pytest.raises(SourceNotFoundError):
        read(tmp_path / "missing")
    (tmp_path / "circle").symlink_to("circle")
    with pytest.raises(SourceNotFoundError):
        read(tmp_path / "circle")
    with pytest.raises(SourceUnreadableError, match="not a regular file"):
        read(tmp_path)
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(SourceUnreadableError, match="not a regular file"):
        read(tmp_path / "fifo")


def test_a_read_error_is_told() -> None:
    path = file_with_read_error()
    with pytest.raises(SourceUnreadableError, match="Input/output error") as caught:
        hash_file(path)
    assert caught.value.path == str(path)
    with pytest.raises(SourceUnreadableError):
        sample_hash(path)


@linux_only
def test_a_file_that_ends_before_its_size_is_unreadable() -> None:
    """Files of sysfs claim a page and hold a line."""
    with pytest.raises(SourceUnreadableError, match="ends before its size"):
        hash_file(Path("/sys/kernel/mm/transparent_hugepage/enabled"))


# --- files in motion -----------------------------------------------------------------------------


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("size", [SMALL_FILE // 2, SMALL_FILE + 2 * BUFFER_SIZE])
def test_a_file_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, size: int, change: Callable[[Path], None]
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content(size))
    changes = [change]

    def progress(_count: int) -> None:
        if changes:
            changes.pop()(path)

    with pytest.raises(SourceChangedError) as caught:
        hash_file(path, progress=progress)
    assert caught.value.path == str(path)


def test_new_names_and_modes_are_no_change_of_content(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")

    def progress(_count: int) -> None:
        path.chmod(0o600)
        os.link(path, tmp_path / "second")

    assert hash_file(path, progress=progress) == expected(b"content")


@pytest.mark.parametrize("size", [1000, 20 * BUFFER_SIZE])
def test_cancelling_reaches_the_caller_at_once(tmp_path: Path, size: int) -> None:
    path = tmp_path / "file"
    with path.open("wb") as file:
        file.truncate(size)
    seen: list[int] = []

    def progress(count: int) -> None:
        seen.append(count)
        raise CancelledError("enough")

    before = threading.active_count()
    with pytest.raises(CancelledError, match="enough"):
        hash_file(path, autov3_from=8, progress=progress)
    assert len(seen) == 1
    assert threading.active_count() == before


def test_a_thread_that_cannot_be_started_leaves_no_other_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    with path.open("wb") as file:
        file.truncate(SMALL_FILE + 1)
    submit, asked = ThreadPoolExecutor.submit, itertools.count(1)

    def submit_once(pool: ThreadPoolExecutor, work: Callable[[], None]) -> Future[None]:
        if next(asked) > 1:  # as at the limit of threads, and while the interpreter ends
            raise RuntimeError("can't start new thread")
        return submit(pool, work)

    monkeypatch.setattr(ThreadPoolExecutor, "submit", submit_once)
    before = threading.active_count()
    with pytest.raises(RuntimeError, match="new thread"):
        hash_file(path)
    assert threading.active_count() == before


# --- samples -------------------------------------------------------------------------------------

LARGE = 100 * SAMPLE_BLOCK_SIZE


def test_a_sample_depends_on_content_and_size_and_not_on_the_name(tmp_path: Path) -> None:
    whole = content(LARGE)
    (tmp_path / "one").write_bytes(whole)
    (tmp_path / "two").write_bytes(whole)
    (tmp_path / "longer").write_bytes(whole + b"x")
    one, two, longer = (sample_hash(tmp_path / name) for name in ("one", "two", "longer"))
    assert one == two
    assert one != longer
    assert len(one) == 64


@pytest.mark.parametrize("offset", [0, SAMPLE_BLOCK_SIZE - 1, LARGE - SAMPLE_BLOCK_SIZE, LARGE - 1])
def test_a_sample_sees_the_beginning_and_the_end(tmp_path: Path, offset: int) -> None:
    whole = bytearray(content(LARGE))
    path = tmp_path / "file"
    path.write_bytes(whole)
    before = sample_hash(path)
    whole[offset] ^= 1
    path.write_bytes(whole)
    assert sample_hash(path) != before


@given(size=st.integers(0, SAMPLE_BLOCKS * SAMPLE_BLOCK_SIZE), data=st.data())
@settings(max_examples=15)
def test_a_sample_of_a_small_file_sees_every_byte(
    scratch: Path, size: int, data: st.DataObject
) -> None:
    whole = bytearray(content(size))
    scratch.write_bytes(whole)
    before = sample_hash(scratch)
    if size:
        whole[data.draw(st.integers(0, size - 1))] ^= 1
        scratch.write_bytes(whole)
        assert sample_hash(scratch) != before
    else:
        assert before == blake3(bytes(8)).hexdigest()


def test_a_sample_reads_a_few_blocks_only(tmp_path: Path) -> None:
    path = tmp_path / "huge"
    with path.open("wb") as file:
        file.truncate(1 << 42)
    assert len(sample_hash(path)) == 64
