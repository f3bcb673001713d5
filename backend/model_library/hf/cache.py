"""The transport that keeps what the Hub's JSON API answered: most commands need no network at all.

An answer is fresh for 24 hours. After that it is still given at once, and asked anew in the background; so it also
is what is given while the Hub cannot be reached. Every answer says how old it is. Private answers never reach
another token: the key has the token in it (hashed). Several threads that ask the same thing ask once.

hishel, which the design names, follows the headers of the server (which forbid to keep anything) and knows neither
stale-while-revalidate nor a size limit; hence our own.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx2

from model_library.hf.answers import MAX_ANSWER, AnswerStore, StoredAnswer
from model_library.network.budget import BUDGET
from model_library.network.guard import requested_origin
from model_library.network.retry import calling
from model_library.network.status import origin_of
from model_library.providers import Freshness

PROVENANCE: Final = "model_library_provenance"
"""Key of `Response.extensions` where the `Provenance` of an answer is."""

_KEPT_PATHS: Final = re.compile(
    r"/api/models(?:/(?!.*(?:/xet-(?:read|write)-token/|/resolve/)).+)?"
)
"""What may be kept: searches and descriptions. Never who someone is, what opens a door, or a file."""
_KEPT_HEADERS: Final = ("content-type", "link", "x-repo-commit")
_BROKEN_OFF: Final = (httpx2.NetworkError, httpx2.RemoteProtocolError)
_GONE: Final = frozenset({401, 403, 404, 410})
"""Answers after which what was kept is no longer shown."""
_REFRESHES: Final = 4
"""Answers that are asked anew at the same time."""
_LAST_WAIT: Final = 1.0
"""Seconds that closing waits for answers that are being asked anew."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where an answer comes from and how old it is (seconds)."""

    freshness: Freshness
    age: float
    key: str


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What the layers below answered, whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    http_version: bytes = b"HTTP/1.1"


class _Flight:
    """One request that is on its way, for all who want its answer."""

    def __init__(self) -> None:
        self.landed = threading.Event()
        self.outcome: _Outcome | None = None
        self.error: httpx2.HTTPError | None = None


class AnswerCache(httpx2.BaseTransport):
    """The transport. Requests to other hosts than `endpoint` pass, and so does what is no answer
    of its JSON API. `fresh` is seconds, `limit` bytes, `wall` the seconds since 1970."""

    def __init__(
        self,
        inner: httpx2.BaseTransport,
        endpoint: str,
        directory: Path | None,
        *,
        fresh: float,
        limit: int,
        wall: Callable[[], float] = time.time,
        on_kept: Callable[[], None] = lambda: None,
    ) -> None:
        self._inner = inner
        self._origin = origin_of(endpoint)
        self._fresh = fresh
        self._wall = wall
        self._on_kept = on_kept
        self._store = AnswerStore(directory, limit)
        self._lock = threading.Lock()
        self._flights: dict[str, _Flight] = {}
        self._refreshes: dict[str, threading.Thread] = {}
        self._closing = threading.Event()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if not self._is_kept(request):
            return self._inner.handle_request(request)
        key = _key(request)
        stored = self._store.get(key, self._wall())
        if stored is None:
            return self._ask_once(key, request)
        age = self._wall() - stored.asked
        if not 0 <= age < self._fresh:  # a time in the future is no time
            self._refresh(key, request)
        self._on_kept()
        freshness = Freshness.CACHED if 0 <= age < self._fresh else Freshness.STALE
        provenance = Provenance(freshness, age if age >= 0 else self._fresh, key)
        return _response(_Outcome(200, stored.headers, stored.body), provenance)

    def forget(self, key: str) -> None:
        """Remove an answer that turned out to be none."""
        self._store.remove(key)

    def close(self) -> None:
        """Waits a moment for answers that are being asked anew."""
        with self._lock:
            self._closing.set()
            running = list(self._refreshes.values())
        until = time.monotonic() + _LAST_WAIT
        for thread in running:
            thread.join(max(0.0, until - time.monotonic()))
        self._store.close()
        self._inner.close()

    def _is_kept(self, request: httpx2.Request) -> bool:
        url = request.url
        return (
            request.method == "GET"
            and requested_origin(request) == self._origin
            and _KEPT_PATHS.fullmatch(url.path) is not None
            and "range" not in request.headers
        )

    def _ask_once(self, key: str, request: httpx2.Request) -> httpx2.Response:
        """Ask, or wait for the thread that asks the same."""
        with self._lock:
            flight = self._flights.get(key)
            is_first = flight is None
            if flight is None:
                flight = self._flights[key] = _Flight()
        if is_first:
            return self._lead(flight, key, request)
        flight.landed.wait()
        if flight.error is not None:
            raise flight.error
        if flight.outcome is None or flight.outcome.status == httpx2.codes.TOO_MANY_REQUESTS:
            # Too large to be handed on, or refused for a reason that was the other thread's.
            return self._inner.handle_request(request)
        return _response(flight.outcome, Provenance(Freshness.LIVE, 0.0, key))

    def _lead(self, flight: _Flight, key: str, request: httpx2.Request) -> httpx2.Response:
        try:
            answer = self._ask(key, request)
        except httpx2.HTTPError as error:
            flight.error = error
            raise
        else:
            if isinstance(answer, httpx2.Response):
                return answer
            flight.outcome = answer
            return _response(answer, Provenance(Freshness.LIVE, 0.0, key))
        finally:
            with self._lock:
                del self._flights[key]
            flight.landed.set()

    def _ask(self, key: str, request: httpx2.Request) -> _Outcome | httpx2.Response:
        """Ask the layers below and keep what deserves it; a response is one too large to be kept."""
        response, asked = self._inner.handle_request(request), self._wall()
        try:
            answer = _read(response)
        except _BROKEN_OFF as error:  # the layer that tries again does not read bodies
            _log.debug("asked once more: %s", error)
            response, asked = self._inner.handle_request(request), self._wall()
            answer = _read(response)
        if isinstance(answer, _Outcome):
            self._keep(key, answer, asked)
        return answer

    def _keep(self, key: str, outcome: _Outcome, asked: float) -> None:
        if outcome.status in _GONE:
            self._store.remove(key)
        elif outcome.status == httpx2.codes.OK and _is_json(outcome):
            kept = {
                name: outcome.headers[name] for name in _KEPT_HEADERS if name in outcome.headers
            }
            self._store.put(key, StoredAnswer(asked, kept, outcome.body))

    def _refresh(self, key: str, request: httpx2.Request) -> None:
        """Ask anew in the background, unless it is being done or there is enough to do."""
        extensions = {name: held for name, held in request.extensions.items() if name != BUDGET}
        again = httpx2.Request(
            request.method, request.url, headers=request.headers, extensions=extensions
        )
        with self._lock:
            if (
                self._closing.is_set()
                or key in self._refreshes
                or len(self._refreshes) >= _REFRESHES
            ):
                return
            thread = threading.Thread(
                target=self._ask_again, args=(key, again), name="hub-refresh", daemon=True
            )
            self._refreshes[key] = thread
            thread.start()

    def _ask_again(self, key: str, request: httpx2.Request) -> None:
        try:
            with calling(0.0, None):  # what someone waits for comes first
                answer = self._ask(key, request)
            if isinstance(answer, httpx2.Response):
                answer.close()
        except httpx2.HTTPError as error:
            _log.debug("the kept answer stays: %s", error)
        finally:
            with self._lock:
                del self._refreshes[key]


class _Rest(httpx2.SyncByteStream):
    """What was read of a body and what follows it."""

    def __init__(
        self, begun: list[bytes], chunks: Iterator[bytes], response: httpx2.Response
    ) -> None:
        self._begun, self._chunks, self._response = begun, chunks, response

    def __iter__(self) -> Iterator[bytes]:
        while self._begun:
            yield self._begun.pop(0)
        yield from self._chunks

    def close(self) -> None:
        self._response.close()


def _read(response: httpx2.Response) -> _Outcome | httpx2.Response:
    """The whole answer, or a response for one that is too large."""
    chunks = response.iter_bytes()
    begun, size = list[bytes](), 0
    try:
        for chunk in chunks:
            begun.append(chunk)
            size += len(chunk)
            if size > MAX_ANSWER:
                return _streamed(response, _Rest(begun, chunks, response))
    except BaseException:  # catches-all: the connection is freed, and it is raised again
        response.close()
        raise
    response.close()
    version = response.extensions.get("http_version", b"HTTP/1.1")
    return _Outcome(response.status_code, _passed_on(response.headers), b"".join(begun), version)


def _key(request: httpx2.Request) -> str:
    """Of the address and of the token, which cannot be found out from it."""
    token = request.headers.get("authorization", "")
    return hashlib.sha256(f"{request.url}\0{token}".encode()).hexdigest()


def _is_json(outcome: _Outcome) -> bool:
    """A page of someone in between (a hotel's login) must not be kept as the Hub's answer."""
    if "json" not in outcome.headers.get("content-type", ""):
        return False
    try:
        return isinstance(json.loads(outcome.body), dict | list)
    except (ValueError, RecursionError):
        return False


def _passed_on(headers: httpx2.Headers) -> dict[str, str]:
    """Without what describes the body as it was on the wire."""
    gone = {"content-encoding", "content-length", "transfer-encoding", "set-cookie"}
    return {name: value for name, value in headers.items() if name.lower() not in gone}


def _response(outcome: _Outcome, provenance: Provenance) -> httpx2.Response:
    return httpx2.Response(
        outcome.status,
        headers=outcome.headers,
        content=outcome.body,
        extensions={PROVENANCE: provenance, "http_version": outcome.http_version},
    )


def _streamed(response: httpx2.Response, stream: httpx2.SyncByteStream) -> httpx2.Response:
    return httpx2.Response(
        response.status_code, headers=_passed_on(response.headers), stream=stream
    )
