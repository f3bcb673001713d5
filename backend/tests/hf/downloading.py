"""A download from the server of this folder, and what is said of it."""

from __future__ import annotations

import json
import random
import threading
from pathlib import Path

import httpx2

from model_library.errors import CancelledError
from model_library.hf.file_download import DownloadSource, Patience, ProvenDigests, fetch
from tests.hf.file_server import FileServer

SIZE = 3 * 1024 * 1024 + 12345
CONTENT = random.Random(4).randbytes(SIZE)  # noqa: S311 - any bytes
IMPATIENT = Patience(stalled_after=1.0, slow_after=0.5, slow_rate=100_000, tries=3, backoff=0.01)


class Recorder:
    """A transfer that counts, and may be cancelled after so many bytes."""

    def __init__(self, cancel_after: int | None = None) -> None:
        self.cancelled = threading.Event()
        self.count = 0
        self.skipped = 0
        self._cancel_after = cancel_after
        self._lock = threading.Lock()

    def advance(self, count: int) -> None:
        with self._lock:
            self.count += count
            if self._cancel_after is not None and self.count >= self._cancel_after:
                self.cancelled.set()
        if self.cancelled.is_set():
            raise CancelledError("enough")

    def skip(self, count: int) -> None:
        self.skipped += count

    def waits(self, seconds: float) -> None:
        pass


class Fetching:
    """A download that can be repeated."""

    def __init__(self, client: httpx2.Client, server: FileServer, target: Path) -> None:
        self.client, self.server, self.target = client, server, target
        self.transfer = Recorder()
        self.patience = IMPATIENT
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
            patience=self.patience,
        )

    def is_right(self) -> bool:
        """The file has its name, and nothing else is left."""
        whole = self.target.read_bytes() == self.server.content
        return whole and [one.name for one in self.target.parent.iterdir()] == [self.target.name]

    def held(self) -> int:
        """Bytes of the part that its state names."""
        state = json.loads(self.target.with_name(self.target.name + ".part.json").read_text())
        return sum(end - start for start, end in state["ranges"])

    def left(self) -> set[str]:
        return {one.name.removeprefix(self.target.name) for one in self.target.parent.iterdir()}
