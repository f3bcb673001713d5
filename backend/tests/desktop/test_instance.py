"""One window for each library: who comes second hands over and is told that it was heard."""

from __future__ import annotations

import json
import socket
import stat
import threading
from pathlib import Path

import pytest

from model_library.desktop.instance import claimed
from model_library.errors import LibraryBusyError


def test_the_second_start_hands_over_its_paths(tmp_path: Path) -> None:
    shown: list[list[str]] = []
    library, state = tmp_path / "library", tmp_path / "state"
    with claimed(state, library, ["/a"]) as first:
        assert first is not None
        with first.listening(shown.append):
            with claimed(state, library, ["/b c", "/ü"]) as second:
                assert second is None
            with claimed(state, library, []) as third:
                assert third is None
    assert shown == [["/b c", "/ü"], []]
    with claimed(state, library, []) as later:
        assert later is not None


def test_another_library_has_a_window_of_its_own(tmp_path: Path) -> None:
    with (
        claimed(tmp_path, tmp_path / "a", []) as one,
        claimed(tmp_path, tmp_path / "b", []) as other,
    ):
        assert one is not None
        assert other is not None


def test_a_link_to_a_library_is_that_library(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "a")
    with (
        claimed(tmp_path, tmp_path / "a", []),
        pytest.raises(LibraryBusyError, match="does not answer"),
        claimed(tmp_path, tmp_path / "link", [], patience=0),
    ):
        raise AssertionError


def test_the_second_waits_for_one_that_is_about_to_end(tmp_path: Path) -> None:
    begun, over = threading.Event(), threading.Event()

    def first() -> None:
        with claimed(tmp_path, tmp_path / "a", []):
            begun.set()
            over.wait(10)

    thread = threading.Thread(target=first)
    thread.start()
    assert begun.wait(10)
    threading.Timer(0.3, over.set).start()
    with claimed(tmp_path, tmp_path / "a", [], patience=10) as second:
        assert second is not None
    thread.join()


@pytest.mark.parametrize(
    "message",
    [b"", b"\n", b"{}\n", b"no json\n", b'{"token": "wrong", "paths": []}\n', b'{"token": 3}\n'],
)
def test_who_does_not_know_the_token_is_not_heard(tmp_path: Path, message: bytes) -> None:
    shown: list[list[str]] = []
    with claimed(tmp_path, tmp_path / "a", []) as first:
        assert first is not None
        with first.listening(shown.append):
            (file,) = tmp_path.glob("window-*.json")
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
            said = json.loads(file.read_bytes())
            with socket.create_connection(("127.0.0.1", said["port"]), timeout=10) as connection:
                connection.sendall(message)
                connection.shutdown(socket.SHUT_WR)
                assert connection.recv(10) == b""
            assert claimed_by_another(tmp_path)
    assert shown == [[]]
    assert not list(tmp_path.glob("window-*.json"))


def claimed_by_another(state: Path) -> bool:
    with claimed(state, state / "a", []) as second:
        return second is None


def test_an_address_that_is_stale_or_nonsense_does_no_harm(tmp_path: Path) -> None:
    with claimed(tmp_path, tmp_path / "a", []):
        (lock,) = tmp_path.glob("window-*.lock")
        for content in (b"{}", b"[]", b'{"port": 1, "token": "t"}', b"\xff", b'{"port": null}'):
            lock.with_suffix(".json").write_bytes(content)
            with (
                pytest.raises(LibraryBusyError),
                claimed(tmp_path, tmp_path / "a", [], patience=0),
            ):
                raise AssertionError
