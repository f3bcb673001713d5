"""Servers for the browser: in a thread of the test, or as the program that a person starts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from model_library import Library
from model_library.api.http.pages import INDEX, pages
from model_library.api.server import in_thread, opened
from model_library.config import NetworkSettings, Settings
from model_library.samples.collection import write_collection

MOST_BYTES = 50 * 1024**2
"""Of a sample that a test takes in."""
OFFLINE = Settings(network=NetworkSettings(offline=True))


@dataclass(frozen=True)
class Site:
    """A server that runs, and what a test wants to know of it."""

    url: str
    opening_url: str
    home: Path
    """The directory of its library."""
    _client: httpx2.Client

    def get(self, path: str, **parameters: Any) -> Any:
        """The document at an address below /api/v1."""
        return self.ask("GET", path, params=parameters)

    def ask(self, verb: str, path: str, **more: Any) -> Any:
        answer = self._client.request(verb, f"/api/v1{path}", **more)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def named(self, name: str) -> dict[str, Any]:
        """The only model whose name holds these words."""
        models: list[dict[str, Any]] = self.get("/search", query=name)["models"]
        assert len(models) == 1, [one["official_name"] for one in models]
        return models[0]


def require_pages() -> None:
    """What the browser shows is built by `make pages`."""
    assert b"/assets/" in pages()[INDEX].data, "The pages are not built: run `make pages`."


@contextmanager
def serving(home: Path, settings: Settings = OFFLINE) -> Iterator[Site]:
    """A server in a thread. It ends with the body."""
    with opened(home, settings=settings, port=0) as server, in_thread(server):
        access = server.context.access
        with _client(access.url, access.token) as client:
            yield Site(access.url, access.opening_url, home, client)


def _client(url: str, token: str) -> httpx2.Client:
    return httpx2.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60)


class Program:
    """`model-library serve` in a process of its own, which can be killed and started again."""

    def __init__(self, home: Path, variables: Mapping[str, str] | None = None) -> None:
        self.home = home
        self._variables = dict(variables or {})
        self._port = 0
        self._process: subprocess.Popen[str] | None = None
        self._told: dict[str, Any] = {}

    def start(self) -> None:
        """At the same address as before."""
        command = [sys.executable, "-m", "model_library", "serve", "--json"]
        command += ["--library", str(self.home), "--port", str(self._port)]
        environment = os.environ | self._variables
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=environment
        )
        assert self._process.stdout is not None
        self._told = json.loads(self._process.stdout.readline())
        self._port = int(self._told["url"].rstrip("/").rpartition(":")[2])

    def kill(self) -> None:
        """Without any good-bye."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        with self._process as process:
            process.send_signal(number)
            process.wait(120)
        self._process = None

    @contextmanager
    def site(self) -> Iterator[Site]:
        """The server as it runs now."""
        with _client(self._told["url"], self._told["token"]) as client:
            yield Site(self._told["url"], self._told["opening_url"], self.home, client)


@contextmanager
def program(home: Path, variables: Mapping[str, str] | None = None) -> Iterator[Program]:
    made = Program(home, variables)
    made.start()
    try:
        yield made
    finally:
        made.stop()


def with_models(home: Path, paths: Sequence[Path]) -> Path:
    """A library that has taken these in."""
    with Library.open(home, settings=OFFLINE) as library:
        report = library.import_models(paths, accept_pickle=True)
    assert not report["failed"], report["failed"]
    return home


def sample_library(place: Path, *, whole: bool = False) -> Path:
    """A library below `place` with the sample models, made from `place/files`; `whole`: also with the large ones,
    which take seconds to hash."""
    write_collection(place / "files")
    for path in (place / "files").rglob("*.*"):
        if not whole and path.stat().st_size > MOST_BYTES:
            path.unlink()
    return with_models(place / "library", [place / "files"])
