"""One file over the network: what arrives whole, what goes on, what is refused."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from model_library.errors import (
    CancelledError,
    DownloadMismatchError,
    LibraryBusyError,
    TargetExistsError,
)
from model_library.hf import prefix_hashing, receiving
from model_library.hf.file_download import Proof
from model_library.io.hashing import hash_file
from tests.hf.downloading import CONTENT, SIZE, Fetching, Recorder
from tests.hf.file_server import Handler, Seen


def test_a_small_file_comes_in_one_answer_with_its_hashes(fetching: Fetching) -> None:
    proven = fetching.run()
    assert fetching.is_right()
    assert fetching.transfer.count == SIZE
    assert proven.proof is Proof.SHA256
    held = hash_file(fetching.target)
    assert (proven.size, proven.sha256, proven.blake3) == (SIZE, held.sha256, held.blake3)
    assert [one.headers.get("range") for one in fetching.server.gets()] == [None]
    assert fetching.server.gets()[0].headers["accept-encoding"] == "identity"


@pytest.mark.usefixtures("in_pieces")
def test_a_large_file_comes_in_ranges(fetching: Fetching) -> None:
    fetching.run()
    assert fetching.is_right()
    assert fetching.transfer.count == SIZE
    starts = sorted(one.start or 0 for one in fetching.server.gets())
    assert starts == list(range(0, SIZE, 256 * 1024))


@pytest.mark.usefixtures("in_pieces")
def test_what_was_fetched_before_a_cancel_is_not_fetched_again(fetching: Fetching) -> None:
    fetching.transfer = Recorder(cancel_after=SIZE // 2)
    with pytest.raises(CancelledError):
        fetching.run()
    assert fetching.left() == {".part", ".part.json"}
    held = fetching.held()
    assert held > SIZE // 4

    fetching.transfer = Recorder()
    fetching.run()
    assert fetching.is_right()
    assert (fetching.transfer.count, fetching.transfer.skipped) == (SIZE - held, held)


@pytest.mark.usefixtures("in_pieces")
def test_hashing_reads_back_what_arrived_too_far_ahead_of_it(
    fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (prefix_hashing, receiving):
        monkeypatch.setattr(module, "BUFFER_SIZE", 64 * 1024)
    monkeypatch.setattr(prefix_hashing, "BUFFER_COUNT", 6)
    rest_is_there = threading.Event()

    def first_comes_last(_handler: Handler, seen: Seen, number: int) -> bool:
        if number == SIZE // (256 * 1024):
            rest_is_there.set()
        return seen.start == 0 and not rest_is_there.wait(0.9)

    fetching.server.fault = first_comes_last
    proven = fetching.run()
    assert fetching.is_right()
    assert proven.blake3 == hash_file(fetching.target).blake3


@pytest.mark.usefixtures("in_pieces")
def test_wrong_bytes_are_fetched_anew_once(fetching: Fetching) -> None:
    def alter(handler: Handler, seen: Seen, number: int) -> bool:
        if seen.method == "GET" and number == 3:
            body = bytes(256 * 1024)
            handler.answer(seen, body=body)
            return True
        return False

    fetching.server.fault = alter
    fetching.run()
    assert fetching.is_right()
    assert fetching.transfer.count == SIZE


def test_wrong_bytes_twice_are_refused_and_gone(fetching: Fetching) -> None:
    fetching.source = replace(fetching.source, sha256="0" * 64)
    with pytest.raises(DownloadMismatchError):
        fetching.run()
    assert fetching.left() == set()
    assert fetching.transfer.count == 0


# -- what an earlier try left ------------------------------------------------------------------------


def _half_fetched(fetching: Fetching) -> int:
    fetching.transfer = Recorder(cancel_after=SIZE // 2)
    with pytest.raises(CancelledError):
        fetching.run()
    fetching.transfer = Recorder()
    return fetching.held()


def _part(fetching: Fetching) -> Path:
    return fetching.target.with_name("file.bin.part")


def _state(fetching: Fetching) -> Path:
    return fetching.target.with_name("file.bin.part.json")


@pytest.mark.usefixtures("in_pieces")
@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"version": 2}',
        b'{"version": 1, "identity": "x", "size": 3, "validator": null, "ranges": [[0, 3]]}',
    ],
)
def test_a_state_that_cannot_be_used_means_from_the_beginning(
    fetching: Fetching, damage: bytes
) -> None:
    _half_fetched(fetching)
    _state(fetching).write_bytes(damage)
    fetching.run()
    assert fetching.is_right()
    assert fetching.transfer.count == SIZE


@pytest.mark.usefixtures("in_pieces")
def test_a_part_without_its_state_is_not_believed(fetching: Fetching) -> None:
    _part(fetching).write_bytes(CONTENT)
    fetching.run()
    assert fetching.is_right()
    assert fetching.transfer.count == SIZE


@pytest.mark.usefixtures("in_pieces")
def test_a_part_that_was_cut_is_believed_up_to_the_cut(fetching: Fetching) -> None:
    _half_fetched(fetching)
    with _part(fetching).open("r+b") as file:
        file.truncate(300_000)
    fetching.run()
    assert fetching.is_right()
    held = fetching.transfer.skipped
    assert 0 < held <= 300_000
    assert (fetching.transfer.count, fetching.transfer.skipped) == (SIZE - held, held)


@pytest.mark.usefixtures("in_pieces")
def test_a_part_whose_bytes_were_altered_is_fetched_anew(fetching: Fetching) -> None:
    _half_fetched(fetching)
    with _part(fetching).open("r+b") as file:
        file.write(b"not what came")
    fetching.run()
    assert fetching.is_right()


@pytest.mark.usefixtures("in_pieces")
def test_a_part_of_another_version_of_the_file_is_not_used(fetching: Fetching) -> None:
    _half_fetched(fetching)
    fetching.server.content = CONTENT[::-1]
    fetching.source = replace(fetching.source, sha256=fetching.server.sha256)
    fetching.run()
    assert fetching.is_right()
    assert fetching.transfer.count == SIZE


@pytest.mark.usefixtures("in_pieces")
def test_a_part_is_never_written_through_a_symlink(fetching: Fetching, tmp_path: Path) -> None:
    _half_fetched(fetching)
    precious = tmp_path / "precious"
    precious.write_bytes(bytes(SIZE))
    _part(fetching).unlink()
    _part(fetching).symlink_to(precious)
    fetching.run()
    assert fetching.target.read_bytes() == CONTENT
    assert not fetching.target.is_symlink()
    assert precious.read_bytes() == bytes(SIZE)


@pytest.mark.usefixtures("in_pieces")
def test_the_state_names_no_address(fetching: Fetching) -> None:
    _half_fetched(fetching)
    state = json.loads(_state(fetching).read_bytes())
    assert sorted(state) == ["identity", "ranges", "size", "validator", "version"]
    assert "127.0.0.1" not in _state(fetching).read_text()


# -- what is at the target ---------------------------------------------------------------------------


def test_a_file_that_is_there_is_hashed_and_taken(fetching: Fetching) -> None:
    fetching.target.write_bytes(CONTENT)
    _part(fetching).write_bytes(b"left")
    assert fetching.run().sha256 == fetching.server.sha256
    assert fetching.transfer.skipped == SIZE
    assert fetching.is_right()
    assert fetching.server.seen == []


def test_a_file_that_is_there_and_has_no_hash_is_taken_for_its_size(fetching: Fetching) -> None:
    fetching.target.write_bytes(CONTENT)
    fetching.source = replace(fetching.source, sha256=None, size=None)
    assert fetching.run().proof is Proof.SIZE


@pytest.mark.parametrize("there", [b"other", bytes(SIZE)])
def test_another_file_that_is_there_is_left_alone(fetching: Fetching, there: bytes) -> None:
    fetching.target.write_bytes(there)
    with pytest.raises(TargetExistsError):
        fetching.run()
    assert fetching.target.read_bytes() == there


def test_a_file_that_appears_meanwhile_is_left_alone(fetching: Fetching) -> None:
    def appear(_handler: Handler, _seen: Seen, _number: int) -> bool:
        fetching.target.write_bytes(b"mine")
        return False

    fetching.server.fault = appear
    with pytest.raises(TargetExistsError):
        fetching.run()
    assert fetching.target.read_bytes() == b"mine"


def test_a_cancel_while_the_file_that_is_there_is_hashed(fetching: Fetching) -> None:
    fetching.target.write_bytes(CONTENT)
    fetching.transfer.cancelled.set()
    with pytest.raises(CancelledError):
        fetching.run()
    assert fetching.target.read_bytes() == CONTENT


def test_a_second_process_is_told_that_the_file_is_being_fetched(fetching: Fetching) -> None:
    with FileLock(fetching.target.with_name("file.bin.part.lock")):
        with pytest.raises(LibraryBusyError) as caught:
            fetching.run()
        assert caught.value.exit_code == 3
    fetching.run()
    assert fetching.is_right()


# -- kinds of files ----------------------------------------------------------------------------------


@pytest.mark.usefixtures("in_pieces")
def test_a_safetensors_file_has_autov3(fetching: Fetching) -> None:
    header = b"{}".ljust(64)
    content = len(header).to_bytes(8, "little") + header + CONTENT
    fetching.server.content = content
    fetching.source = replace(
        fetching.source,
        size=len(content),
        sha256=fetching.server.sha256,
        name="model.safetensors",
    )
    assert fetching.run().autov3 == hashlib.sha256(CONTENT).hexdigest()


@pytest.mark.parametrize("content", [b"", b"x", b"1234567"])
def test_the_smallest_files(fetching: Fetching, content: bytes) -> None:
    fetching.server.content = content
    fetching.source = replace(
        fetching.source,
        size=len(content),
        sha256=fetching.server.sha256,
        name="model.safetensors",
    )
    assert fetching.run().autov3 is None
    assert fetching.is_right()


def test_a_small_file_is_proven_by_its_name_in_git(fetching: Fetching) -> None:
    name = hashlib.sha1(b"blob %d\0" % SIZE + CONTENT, usedforsecurity=False).hexdigest()
    fetching.source = replace(fetching.source, sha256=None, git_sha1=name)
    assert fetching.run().proof is Proof.GIT
    fetching.target.unlink()
    fetching.source = replace(fetching.source, git_sha1="0" * 40)
    with pytest.raises(DownloadMismatchError):
        fetching.run()
    assert fetching.left() == set()
