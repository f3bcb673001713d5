"""A page that listens to events."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2

from model_library.api.server import Server


@dataclass(frozen=True)
class Heard:
    id: str
    event: str
    data: Any


class Reader:
    """What arrived until now."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.comments: list[str] = []
        self.connected = threading.Event()

    def read(self, lines: Iterator[str]) -> None:
        fields: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(": ")
            if line.startswith(":"):
                self.comments.append(line)
                self.connected.set()
            elif line:
                fields[name] = value
            elif "data" in fields:
                self.heard.append(Heard(fields["id"], fields["event"], json.loads(fields["data"])))
                fields = {}

    def named(self, event: str) -> list[Any]:
        return [one.data for one in self.heard if one.event == event]

    def wait(self, there: Callable[[], object], seconds: float = 20) -> None:
        end = time.monotonic() + seconds
        while not there():
            assert time.monotonic() < end, f"heard only {self.heard}"
            time.sleep(0.02)


@contextmanager
def listening(server: Server, last_id: str | None = None) -> Iterator[Reader]:
    """A reader that is connected. It ends with the body, or when the server ends."""
    access = server.context.access
    headers = {"Authorization": f"Bearer {access.token}"}
    headers |= {} if last_id is None else {"Last-Event-ID": last_id}
    reader = Reader()
    with (
        httpx2.Client(base_url=access.url, headers=headers, timeout=30) as client,
        client.stream("GET", "/api/v1/events") as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        thread = threading.Thread(target=_until_closed, args=[reader, answer])
        thread.start()
        assert reader.connected.wait(10)
        try:
            yield reader
        finally:
            stream: Any = answer.extensions["network_stream"]
            raw = stream.get_extra_info("socket")
            raw.shutdown(2)
            thread.join()


def _until_closed(reader: Reader, answer: httpx2.Response) -> None:
    try:
        reader.read(answer.iter_lines())
    except (httpx2.TransportError, httpx2.StreamError):
        return
