"""One file over the network: what arrives whole, what goes on, what is refused."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from model_library.errors import (
    CancelledError,
    DownloadMismatchError,
)
from model_library.hf import range_fetching
from model_library.hf.file_download import (
    DownloadSource,
    Patience,
    Proof,
    ProvenDigests,
    already_fetched,
    fetch,
)
from model_library.io.hashing import hash_file
from tests.hf.file_server import FileServer, Handler, Seen, serving

SIZE = 3 * 1024 * 1024 + 12345
CONTENT = random.Random(4).randbytes(SIZE)  # noqa: S311 - any bytes
IMPATIENT = Patience(stalled_after=0.5, slow_after=0.5, slow_rate=100_000, tries=3, backoff=0.01)


class Recorder:
    """A transfer that counts, and may be cancelled after so many bytes."""

    def __init__(self, cancel_after: int | None = None) -> None:
        self.cancelled = threading.Event()
        self.count = 0
        self._cancel_after = cancel_after
        self._lock = threading.Lock()

    def advance(self, count: int) -> None:
        with self._lock:
            self.count += count
            if self._cancel_after is not None and self.count >= self._cancel_after:
                self.cancelled.set()
        if self.cancelled.is_set():
            raise CancelledError("enough")


@pytest.fixture
def client() -> Iterator[httpx2.Client]:
    with httpx2.Client(timeout=5) as made:
        yield made


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serving(CONTENT) as files:
        yield files


@pytest.fixture
def in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small files are fetched as large ones are."""
    monkeypatch.setattr(range_fetching, "PIECE", 256 * 1024)
    monkeypatch.setattr(range_fetching, "PARALLEL_FROM", 1024)


class Fetching:
    """A download that can be repeated."""

    def __init__(self, client: httpx2.Client, server: FileServer, target: Path) -> None:
        self.client, self.server, self.target = client, server, target
        self.transfer = Recorder()
        self.source = DownloadSource(
            server.url, size=len(server.content), sha256=server.sha256, name="file.bin"
        )

    def run(self, *, connections: int = 4) -> ProvenDigests:
        return fetch(
            self.client,
            self.source,
            self.target,
            self.transfer,
            connections=connections,
            patience=IMPATIENT,
        )

    def is_right(self) -> bool:
        """The file has its name, and nothing else is left."""
        whole = self.target.read_bytes() == self.server.content
        return whole and [one.name for one in self.target.parent.iterdir()] == [self.target.name]

    def left(self) -> set[str]:
        return {one.name.removeprefix(self.target.name) for one in self.target.parent.iterdir()}


@pytest.fixture
def fetching(client: httpx2.Client, server: FileServer, tmp_path: Path) -> Fetching:
    return Fetching(client, server, tmp_path / "file.bin")


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
    held = already_fetched(fetching.target)
    assert held > SIZE // 4

    fetching.transfer = Recorder()
    fetching.run()
    assert fetching.is_right()
    assert fetching.transfer.count == SIZE - held


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
