"""The page cache flushed, gone around and written out."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from model_library.errors import WriteError
from model_library.io.platform.page_cache import (
    WRITE_BEHIND_WINDOW,
    fsync_descriptor,
    fsync_directory,
    set_direct_io,
    sync_filesystem,
    write_behind,
)

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads what only Linux has")


def test_directories_and_filesystems_are_flushed_or_the_failure_is_told(tmp_path: Path) -> None:
    fsync_directory(tmp_path)
    sync_filesystem(tmp_path)
    for act in (fsync_directory, sync_filesystem):
        with pytest.raises(WriteError):
            act(tmp_path / "not there")


def test_an_open_directory_is_flushed_or_the_failure_names_it(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    fsync_descriptor(descriptor, tmp_path)
    os.close(descriptor)
    with pytest.raises(WriteError) as caught:
        fsync_descriptor(descriptor, tmp_path)
    assert caught.value.path == str(tmp_path)


@linux_only
def test_what_no_drive_stands_behind_needs_no_flush() -> None:
    fsync_directory(Path("/proc"))
    reader, writer = os.pipe()
    fsync_descriptor(writer, Path("a pipe"))
    os.close(reader)
    os.close(writer)


@linux_only
def test_direct_writing_is_switched_on_and_off_and_refused_where_impossible(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb", buffering=0) as file:
        if set_direct_io(file.fileno(), enabled=True):
            assert os.get_blocking(file.fileno())
            with pytest.raises(OSError, match="Invalid argument"):
                file.write(b"not aligned")
            assert set_direct_io(file.fileno(), enabled=False)
        file.write(b"not aligned")
    reader, writer = os.pipe()
    os.close(reader)
    os.close(writer)
    assert not set_direct_io(writer, enabled=True)


def test_writing_behind_never_changes_content_and_never_fails_a_pipe(tmp_path: Path) -> None:
    content, step = os.urandom(WRITE_BEHIND_WINDOW + (4 << 20)), 2 << 20
    with (tmp_path / "file").open("wb", buffering=0) as file:
        for offset in range(0, len(content), step):
            file.write(content[offset : offset + step])
            write_behind(file.fileno(), offset, step)
    assert (tmp_path / "file").read_bytes() == content
    reader, writer = os.pipe()
    write_behind(writer, 0, 4096)
    os.close(reader)
    with pytest.raises(OSError, match="Bad file descriptor"):
        write_behind(reader, 0, 4096)
    os.close(writer)
