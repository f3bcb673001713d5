"""The ranges that a part lacks, fetched over several connections at once.

Each range goes on where it stopped: after a reset, a stall or a server's failure, a few times in a row without
any new byte. What shows that the file is another one, or that the server sends no ranges, ends the attempt.
"""

from __future__ import annotations

import contextlib
import functools
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass

import httpx2

from model_library.errors import (
    BadAnswerError,
    CancelledError,
    ConnectionFailedError,
    NetworkError,
    RateLimitedError,
    ServerFailedError,
    TimedOutError,
)
from model_library.hf.locating import (
    MAX_REDIRECTS,
    REDIRECTS,
    STALLED_AFTER,
    DownloadSource,
    Remote,
    asked,
    encoding,
    failing,
    locate,
    next_hop,
    origin,
    refusal,
    whole_length,
)
from model_library.hf.part_file import PartFile
from model_library.hf.prefix_hashing import PrefixHasher
from model_library.hf.ranges import Range, parse_content_range, pieces
from model_library.hf.receiving import Sink
from model_library.network.manager import BATCH_PATIENCE
from model_library.network.retry import calling
from model_library.providers import Transfer

PIECE = 16 * 1024 * 1024
"""Bytes of one request: small, so that hashing can follow closely; large enough to hide its round trip."""

PARALLEL_FROM = 32 * 1024 * 1024
"""Bytes; up to here one connection is as fast."""

EXPIRED = frozenset({401, 403, 410})
"""What a storage says to a signed address that is too old."""

_POLL = 0.2
"""Seconds between two looks at whether the download was cancelled or its state is due."""

_FAREWELL = 2.0
"""Seconds for the threads to write what they have. One that still waits for a server then ends by itself
later; it can write nothing any more."""


@dataclass(frozen=True, slots=True)
class Patience:
    """When a connection is given up, and how often. Seconds."""

    stalled_after: float = STALLED_AFTER
    """Without a byte."""
    slow_after: float = 60.0
    """Of waiting, in which fewer than `slow_rate` bytes a second came."""
    slow_rate: int = 1000
    tries: int = 5
    """In a row that brought nothing, or less than `slow_rate`."""
    backoff: float = 0.5
    """Before the second try; doubles with each."""


def may_pass(error: NetworkError) -> bool:
    """Whether the rest may come with another try. Over HTTP/2 a broken answer breaks those beside it."""
    transient = ConnectionFailedError | TimedOutError | ServerFailedError | RateLimitedError
    return isinstance(error, transient) or isinstance(error.__cause__, httpx2.ProtocolError)


class FileChangedError(Exception):
    """Internal: the server has another file than the one that was begun, or says so. A text says what it said
    without proof: that is a wrong answer when it stays."""


class NoRangesError(Exception):
    """Internal: the server sends the whole file whatever part of it is asked for."""


class RangeFetcher:
    """One attempt at what `part` lacks of the file at `remote`.

    `run` raises the errors above, CancelledError, FileError, NetworkError or ProviderError; all that came is
    in the part then.
    """

    def __init__(
        self,
        client: httpx2.Client,
        source: DownloadSource,
        remote: Remote,
        part: PartFile,
        hasher: PrefixHasher,
        transfer: Transfer,
        patience: Patience,
    ) -> None:
        self._client = client
        self._source = source
        self._remote = remote
        self._url = remote.url
        self._part = part
        self._hasher = hasher
        self._transfer = transfer
        self._patience = patience
        self._locating = threading.Lock()
        self._stopping = threading.Event()
        self._sockets: dict[int, socket.socket] = {}

    def run_ranges(self, size: int, connections: int) -> None:
        """Fetch what is missing of a file of that size, each range going on where it stops."""
        gaps = self._part.finished.missing(size)
        parallel = size > PARALLEL_FROM and connections > 1
        queue = deque(pieces(gaps, PIECE) if parallel else gaps)
        workers = min(connections, len(queue)) if parallel else 1
        self._run([functools.partial(self._fetch_all, queue, size)] * workers)

    def run_whole(self, size: int | None) -> None:
        """Fetch the file in one answer, from its beginning; an answer that breaks off is an error."""
        self._run([functools.partial(self._fetch_whole, size)])

    def _run(self, tasks: Sequence[Callable[[], None]]) -> None:
        pool = ThreadPoolExecutor(len(tasks), "download")
        running = {pool.submit(self._in_background, task) for task in tasks}
        try:
            while running:
                done, running = wait(running, timeout=_POLL, return_when=FIRST_EXCEPTION)
                for future in done:
                    future.result()
                if self._transfer.cancelled.is_set():
                    raise CancelledError("The download was cancelled")
                self._part.checkpoint()
        finally:
            self._stopping.set()
            self._hang_up()
            wait(running, timeout=_FAREWELL)
            pool.shutdown(wait=False, cancel_futures=True)

    def _in_background(self, task: Callable[[], None]) -> None:
        """Requests of this thread wait for the server as long as it asks, or until the cancel."""
        with calling(BATCH_PATIENCE, self._transfer.cancelled, self._transfer.waits):
            task()

    def _hang_up(self) -> None:
        """Wake the threads that wait for a stalled server."""
        for one in list(self._sockets.values()):
            with contextlib.suppress(OSError):
                socket.socket.shutdown(one, socket.SHUT_RDWR)

    def _fetch_all(self, queue: deque[Range], size: int) -> None:
        sink = Sink(self._part, self._hasher)
        while not self._stopping.is_set():
            try:
                start, end = queue.popleft()
            except IndexError:
                return
            sink.begin(start)
            self._fetch_range(sink, end, size)

    def _fetch_range(self, sink: Sink, end: int, size: int) -> None:
        failures = 0
        held, since = sink.position, time.monotonic()
        while sink.position < end and not self._stopping.is_set():
            start = sink.position
            try:
                with self._answer(start, end, size) as response:
                    self._receive(response, sink, end)
                failure: NetworkError = ConnectionFailedError(
                    f"The server sends nothing of {self._source.name}"
                )
            except NetworkError as error:
                if not may_pass(error):
                    raise
                failure = error
            gained, now = sink.position - held, time.monotonic()
            if gained > self._patience.slow_rate * (
                now - since
            ):  # the pauses between tries count too
                failures, held, since = 0, sink.position, now
            else:
                failures += 1
            if failures >= self._patience.tries:
                raise failure
            if sink.position < end:
                self._stopping.wait(self._patience.backoff * 2**failures)

    def _fetch_whole(self, size: int | None) -> None:
        sink = Sink(self._part, self._hasher)
        with self._answer(0, None, size) as response:
            self._receive(response, sink, size)
        if size is not None and sink.position < size and not self._stopping.is_set():
            raise ConnectionFailedError(
                f"{self._source.name} broke off after {sink.position} of {size} bytes"
            )

    @contextlib.contextmanager
    def _answer(self, start: int, end: int | None, size: int | None) -> Iterator[httpx2.Response]:
        """An answer whose body begins at `start` and may end before `end`; all of it when `end` is None."""
        located = self._url
        is_part = end is not None and (start, end) != (0, size)
        headers = self._range_headers(start, end) if end is not None and is_part else {}
        url = httpx2.URL(located)
        for _ in range(MAX_REDIRECTS):
            with self._asked(url, headers) as response:
                if response.status_code not in REDIRECTS:
                    self._check_status(response, located)
                    self._check_body(response)
                    if is_part and end is not None:
                        self._check_range(response, start, end, size)
                    else:
                        self._check_whole(response, size)
                    yield response
                    return
                url = next_hop(url, response, self._source.name)
        raise BadAnswerError(f"The server redirects without end for {self._source.name}")

    def _asked(
        self, url: httpx2.URL, headers: Mapping[str, str]
    ) -> contextlib.AbstractContextManager[httpx2.Response]:
        patience = self._patience.stalled_after
        return asked(self._client, "GET", self._source, url, headers, stalled_after=patience)

    def _range_headers(self, start: int, end: int) -> dict[str, str]:
        headers = {"Range": f"bytes={start}-{end - 1}"}
        validator = self._part.validator
        if validator is not None and not validator.startswith("W/"):  # RFC 9110 section 13.1.5
            headers["If-Range"] = validator
        return headers

    def _check_status(self, response: httpx2.Response, located: str) -> None:
        status = response.status_code
        if status == httpx2.codes.RANGE_NOT_SATISFIABLE:
            raise FileChangedError("it has no such part (416)")
        if response.is_success:
            return
        is_storage = origin(response.url) != origin(httpx2.URL(self._source.url))
        if status in EXPIRED and is_storage:
            self._locate_again(located)
            raise ServerFailedError(
                f"The server's storage refuses its own address of {self._source.name} ({status})"
            )
        raise refusal(response, self._source)

    def _locate_again(self, expired: str) -> None:
        """A new address in place of `expired`, unless another thread has asked for it already."""
        with self._locating:
            if self._url != expired or self._stopping.is_set():
                return
            patience = self._patience.stalled_after
            remote = locate(self._client, self._source, stalled_after=patience)
            if remote.identity != self._remote.identity:
                raise FileChangedError
            self._url = remote.url

    def _check_body(self, response: httpx2.Response) -> None:
        name = self._source.name
        if encoding(response):
            raise BadAnswerError(
                f"The server compresses {name} ({encoding(response)}) though it was asked not to",
                hint="Something between this machine and the server alters what it sends: a proxy, perhaps.",
            )
        if not self._part.agree_on(response.headers.get("etag")):
            raise FileChangedError

    def _check_range(
        self, response: httpx2.Response, start: int, end: int, size: int | None
    ) -> None:
        if response.status_code == httpx2.codes.OK:
            raise NoRangesError
        said = parse_content_range(response.headers.get("content-range", ""))
        if response.status_code != httpx2.codes.PARTIAL_CONTENT or said is None:
            raise BadAnswerError(
                f"The server does not say which part of {self._source.name} it sends"
            )
        if said.total not in (None, size):
            raise FileChangedError(f"it has {said.total} bytes instead of {size}")
        if said.start != start or said.end > end:
            raise BadAnswerError(
                f"The server sends another part of {self._source.name} than asked for"
            )

    def _check_whole(self, response: httpx2.Response, size: int | None) -> None:
        if response.status_code != httpx2.codes.OK:
            raise BadAnswerError(
                f"The server sends {self._source.name} with status {response.status_code}"
            )
        length = whole_length(response)
        if None not in (length, size) and length != size:
            raise FileChangedError(f"it has {length} bytes instead of {size}")

    def _receive(self, response: httpx2.Response, sink: Sink, end: int | None) -> None:
        """The body into the sink, to its last byte or to the error that ends it."""
        with self._can_hang_up(response):
            try:
                for chunk in self._chunks(response):
                    if end is not None and sink.position + len(chunk) > end:
                        raise BadAnswerError(
                            f"The server sends more of {self._source.name} than it said"
                        )
                    self._transfer.advance(len(chunk))
                    sink.put(chunk)
            finally:
                sink.flush()

    def _chunks(self, response: httpx2.Response) -> Iterator[bytes]:
        """What arrives. Raises TimedOutError for a drip, else as `translated`."""
        waited, arrived = 0.0, 0
        chunks = response.iter_raw()
        while not self._stopping.is_set():
            began = time.monotonic()
            with failing(response.url):
                chunk = next(chunks, None)
            if chunk is None or self._stopping.is_set():
                return
            yield chunk
            waited, arrived = waited + time.monotonic() - began, arrived + len(chunk)
            if waited >= self._patience.slow_after:
                if arrived < waited * self._patience.slow_rate:
                    raise TimedOutError(f"The server sends {self._source.name} far too slowly")
                waited, arrived = 0.0, 0

    @contextlib.contextmanager
    def _can_hang_up(self, response: httpx2.Response) -> Iterator[None]:
        """Only where the connection is this answer's own: HTTP/2 shares one."""
        stream = response.extensions.get("network_stream")
        found = stream.get_extra_info("socket") if stream is not None else None
        if isinstance(found, socket.socket) and response.http_version != "HTTP/2":
            self._sockets[id(response)] = found
        try:
            yield
        finally:
            self._sockets.pop(id(response), None)
