"""What another program puts, or does, where a file arrives: it reaches no other file, and is never believed."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from model_library.errors import (
    CancelledError,
    ConnectionFailedError,
    DownloadMismatchError,
    TargetExistsError,
    TargetFullError,
    UnsafeNameError,
)
from model_library.hf import part_file
from model_library.hf.part_file import Identity, PartFile, lock_path, part_path, state_path
from model_library.providers import remote_path
from tests.hf.downloading import CONTENT, SIZE, Fetching, Recorder
from tests.hf.file_server import Handler, Seen

pytestmark = pytest.mark.skipif(os.name == "nt", reason="symlinks, pipes and permissions of Unix")


def half_fetched(fetching: Fetching) -> None:
    fetching.transfer = Recorder(cancel_after=SIZE // 2)
    with pytest.raises(CancelledError):
        fetching.run()
    fetching.transfer = Recorder()


def beside(fetching: Fetching, ending: str) -> Path:
    return fetching.target.with_name(fetching.target.name + ending)


def linked(path: Path, victim: Path) -> None:
    path.unlink(missing_ok=True)
    path.hardlink_to(victim)


def symlinked(path: Path, victim: Path) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to(victim)


def replaced(path: Path, other: Path) -> None:
    other.replace(path)


@pytest.mark.usefixtures("in_pieces")
@pytest.mark.parametrize("plant", [linked, symlinked])
@pytest.mark.parametrize("ending", [".part", ".part.json", ".part.json.new"])
def test_nothing_is_written_to_a_file_that_has_another_place(
    fetching: Fetching, tmp_path: Path, ending: str, plant: Callable[[Path, Path], None]
) -> None:
    half_fetched(fetching)
    precious = tmp_path / "precious"
    precious.write_bytes(bytes(SIZE))
    plant(beside(fetching, ending), precious)
    fetching.run()
    assert fetching.target.read_bytes() == CONTENT
    assert not fetching.target.is_symlink()
    assert precious.read_bytes() == bytes(SIZE)
    assert precious.stat().st_nlink == 1


@pytest.mark.usefixtures("in_pieces")
@pytest.mark.parametrize("ending", [".part", ".part.json", ".part.json.new"])
def test_a_pipe_is_not_waited_for(fetching: Fetching, ending: str) -> None:
    half_fetched(fetching)
    beside(fetching, ending).unlink(missing_ok=True)
    os.mkfifo(beside(fetching, ending))
    fetching.run()
    assert fetching.is_right()


@pytest.mark.parametrize("plant", [linked, symlinked])
def test_the_right_file_with_another_place_is_not_taken(
    fetching: Fetching, tmp_path: Path, plant: Callable[[Path, Path], None]
) -> None:
    owned = tmp_path / "owned"
    owned.write_bytes(CONTENT)
    plant(fetching.target, owned)
    with pytest.raises(TargetExistsError):
        fetching.run()
    assert owned.read_bytes() == CONTENT


@pytest.mark.usefixtures("in_pieces")
def test_nobody_else_reads_or_writes_a_part_and_the_file_is_an_ordinary_one(
    fetching: Fetching, tmp_path: Path
) -> None:
    half_fetched(fetching)
    for ending in (".part", ".part.json"):
        assert stat.S_IMODE(beside(fetching, ending).stat().st_mode) == 0o600
    fetching.run()
    (tmp_path / "ordinary").touch()
    assert fetching.target.stat().st_mode == (tmp_path / "ordinary").stat().st_mode


def test_bytes_that_are_altered_after_they_were_hashed_are_fetched_anew(
    fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle, times = PartFile.settle, []

    def altered(part: PartFile) -> None:
        settle(part)
        times.append(part.path)
        if len(times) == 1:
            with part.path.open("r+b") as file:
                file.write(b"evil")
            os.utime(part.path, ns=(1, 1))

    monkeypatch.setattr(PartFile, "settle", altered)
    fetching.run()
    assert fetching.is_right()
    assert len(times) == 2


@pytest.mark.parametrize("plant", [linked, symlinked, replaced])
def test_a_part_that_is_exchanged_is_no_longer_the_one(
    tmp_path: Path, plant: Callable[[Path, Path], None]
) -> None:
    part = PartFile(tmp_path / "file.bin", Identity("x", 4))
    part.settle()
    assert part.is_as_settled()
    other = tmp_path / "other"
    other.write_bytes(bytes(4))
    plant(part.path, other)
    with pytest.raises(DownloadMismatchError):
        part.is_as_settled()
    part.discard()


def without_size(handler: Handler, seen: Seen, _number: int) -> bool:
    said: dict[str, str | None] = {"Content-Length": None, "Transfer-Encoding": "chunked"}
    handler.answer(seen, headers=said, body=b"")
    if seen.method == "GET":
        for _ in range(10_000):
            handler.wfile.write(b"%x\r\n" % 65536 + bytes(65536) + b"\r\n")
            time.sleep(0.001)
    return True


def endless(fetching: Fetching) -> None:
    fetching.server.fault = without_size
    fetching.source = replace(fetching.source, size=None, sha256=None)


def test_a_file_without_end_does_not_fill_the_drive(
    fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = iter([100 * 1024**3, 2 * 1024**3])
    monkeypatch.setattr(part_file, "free_bytes", lambda _: next(free, 1024**3 - 1))
    endless(fetching)
    with pytest.raises(TargetFullError):
        fetching.run()
    assert fetching.left() == set()


def test_what_can_never_be_resumed_does_not_stay(fetching: Fetching) -> None:
    endless(fetching)
    fetching.transfer = Recorder(cancel_after=SIZE)
    with pytest.raises(CancelledError):
        fetching.run()
    assert fetching.left() == set()


def test_no_listing_has_the_names_of_what_lies_beside_a_file(fetching: Fetching) -> None:
    beside_it = [
        part_path(fetching.target),
        state_path(fetching.target),
        lock_path(fetching.target),
    ]
    for path in (*beside_it, beside(fetching, ".part.json.new")):
        for name in (path.name, path.name.upper(), f"{path.name}/model.gguf"):
            with pytest.raises(UnsafeNameError):
                remote_path(name)
    assert remote_path("uv.lock") == "uv.lock"


def test_a_server_of_a_few_bytes_a_connection_is_given_up(fetching: Fetching) -> None:
    def crumbs(handler: Handler, seen: Seen, _number: int) -> bool:
        if seen.method == "GET":
            handler.answer(seen, cut=64)
        return seen.method == "GET"

    fetching.server.fault = crumbs
    with pytest.raises(ConnectionFailedError):
        fetching.run()
    assert len(fetching.server.gets()) < 20
