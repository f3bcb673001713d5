"""A server of one file on loopback that can be told to answer wrongly."""

from __future__ import annotations

import contextlib
import hashlib
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Seen:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]

    @property
    def start(self) -> int | None:
        """Where the range begins that was asked for."""
        match = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("range", ""))
        return int(match[1]) if match else None


class Handler(BaseHTTPRequestHandler):
    """What a fault can do: `answer` as it should be with some of it changed, or anything else."""

    protocol_version = "HTTP/1.1"
    server: _Http

    def log_message(self, *_args: object) -> None:
        pass

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):
            super().handle()

    def do_GET(self) -> None:
        self._handle()

    def do_HEAD(self) -> None:
        self._handle()

    def _handle(self) -> None:
        files = self.server.files
        seen = Seen(self.command, self.path, {k.lower(): v for k, v in self.headers.items()})
        with files.lock:
            files.seen.append(seen)
            number = sum(one.method == seen.method for one in files.seen)
        try:
            if not (files.fault is not None and files.fault(self, seen, number)):
                self.answer(seen)
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def answer(
        self,
        seen: Seen,
        *,
        status: int | None = None,
        headers: dict[str, str | None] | None = None,
        body: bytes | None = None,
        cut: int | None = None,
        ranges: bool = True,
    ) -> None:
        """The file, or the range of it; `cut`: only so many bytes of it, then the connection is closed."""
        files = self.server.files
        content, etag = files.content, files.etag
        said: dict[str, str | None] = {"ETag": f'"{etag}"'}
        match = re.fullmatch(r"bytes=(\d+)-(\d+)", seen.headers.get("range", ""))
        if match and ranges and seen.headers.get("if-range", f'"{etag}"') == f'"{etag}"':
            start, end = int(match[1]), min(int(match[2]) + 1, len(content))
            said["Content-Range"] = f"bytes {start}-{end - 1}/{len(content)}"
            data, code = content[start:end], 206
        else:
            data, code = content, 200
        data = data if body is None else body
        said["Content-Length"] = str(len(data))
        said |= headers or {}
        self.send_response(status or code)
        for name, value in said.items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()
        if seen.method == "GET":
            self.wfile.write(data[:cut])
        if cut is not None:
            self.close_connection = True

    def refuse(self, status: int, headers: dict[str, str] | None = None) -> bool:
        self.send_response(status)
        for name, value in {"Content-Length": "0", **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        return True


Fault = Callable[[Handler, Seen, int], bool]
"""Called with the request and how many of its method there were; True when it has answered."""


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    files: FileServer


@dataclass
class FileServer:
    """The file, how to reach it, what was asked."""

    content: bytes
    etag: str = "one"
    fault: Fault | None = None
    seen: list[Seen] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/repo/resolve/main/file.bin"

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    def gets(self) -> list[Seen]:
        return [one for one in self.seen if one.method == "GET"]


@contextmanager
def serving(content: bytes) -> Iterator[FileServer]:
    files = FileServer(content)
    server = _Http(("127.0.0.1", 0), Handler)
    server.files, files.port = files, server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield files
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
