"""Small files are written so that a crash leaves the old content or the new one."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from model_library.errors import PathTooLongError, TargetExistsError, WriteError
from model_library.io.files import TEMPORARY_PREFIX, write_durably
from tests.io.mounts import TOP, needs_mount, run_on


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_a_file_is_created_and_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "metadata.json"
    write_durably(path, b"a longer first content")
    assert path.read_bytes() == b"a longer first content"
    write_durably(path, b"second")
    assert path.read_bytes() == b"second"
    write_durably(path, b"")
    assert path.read_bytes() == b""
    assert names(tmp_path) == ["metadata.json"]


def test_a_new_file_has_the_mode_that_the_user_asks_for(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_durably(tmp_path / "file", b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640


def test_a_reader_keeps_the_file_that_it_opened(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_durably(path, b"old")
    with path.open("rb") as reader:
        write_durably(path, b"new")
        assert reader.read() == b"old"


def test_a_name_may_be_as_long_as_the_filesystem_allows(tmp_path: Path) -> None:
    write_durably(tmp_path / ("n" * 255), b"x")
    assert names(tmp_path) == ["n" * 255]
    with pytest.raises(PathTooLongError):
        write_durably(tmp_path / ("n" * 256), b"x")
    assert names(tmp_path) == ["n" * 255]


def test_failing_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    with pytest.raises(WriteError) as caught:
        write_durably(tmp_path / "no directory" / "file", b"x")
    assert caught.value.path == str(tmp_path / "no directory" / "file")
    (tmp_path / "directory").mkdir()
    (tmp_path / "directory" / "inner").touch()
    with pytest.raises((WriteError, TargetExistsError)):
        write_durably(tmp_path / "directory", b"x")
    assert names(tmp_path) == ["directory"]
    assert names(tmp_path / "directory") == ["inner"]


@needs_mount
def test_a_full_filesystem_keeps_the_old_content(tmp_path: Path) -> None:
    code = """
from model_library.errors import TargetFullError
from model_library.io.files import write_durably
path = place / "file"
write_durably(path, b"old")
try:
    write_durably(path, bytes(2 << 20))
except TargetFullError as error:
    print(error.path == str(path), path.read_bytes(), [found.name for found in place.iterdir()])
"""
    assert run_on("tmpfs -o size=1m", tmp_path, code) == "True b'old' ['file']"


@needs_mount
def test_a_read_only_filesystem_is_told(tmp_path: Path) -> None:
    code = """
from model_library.errors import TargetReadOnlyError
from model_library.io.files import write_durably
try:
    write_durably(place / "file", b"new")
except TargetReadOnlyError as error:
    print(error.hint != "", list(place.iterdir()))
"""
    assert run_on("tmpfs -o ro", tmp_path, code) == "True []"


WRITER = """
import sys
from pathlib import Path
from model_library.io.files import write_durably
path = Path(sys.argv[1])
contents = [bytes([number]) * (1 << 20) for number in range(256)]
print("ready", flush=True)
while True:
    for content in contents:
        write_durably(path, content)
"""


def test_a_kill_at_any_moment_leaves_one_whole_content(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for turn in range(6):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(TOP)},
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            while not path.exists():
                time.sleep(0.001)
            time.sleep(0.013 * turn)
            process.send_signal(signal.SIGKILL)
        content = path.read_bytes()
        assert len(content) == 1 << 20
        assert content == content[:1] * (1 << 20)
        left = [name for name in names(tmp_path) if name != "file"]
        assert len(left) <= 1
        for name in left:
            assert name.startswith(TEMPORARY_PREFIX)
            (tmp_path / name).unlink()
