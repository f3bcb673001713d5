"""Where the bytes of a file are: the Hub's answer for its resolve address, and every redirect after it.

Source of the headers: model-facts 1.4. Redirects are followed here and nowhere else, so that a token meets
its own origin only, no address leads from https to http, and an endless chain ends.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx2

from model_library.errors import (
    BadAnswerError,
    ConnectionFailedError,
    ModelLibraryError,
    NetworkError,
    RemoteChangedError,
    RemoteFileNotFoundError,
)
from model_library.hf.problems import Asked, problem
from model_library.network.translate import translated

MAX_REDIRECTS = 10

REDIRECTS = frozenset({301, 302, 303, 307, 308})

_NOT_THERE = frozenset({404, 410})

_MAX_WORDS = 16 * 1024
"""Bytes of the server's reasons that are read."""

STALLED_AFTER = 30.0
"""Seconds without a byte after which a connection is given up."""


@dataclass(frozen=True, slots=True)
class DownloadSource:
    """One file of a provider, and what is known of it before it is asked for."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """May hold the token; sent to the origin of `url` and to no other."""
    size: int | None = None
    sha256: str | None = None
    git_sha1: str | None = None
    name: str = "the file"
    """For messages, and for what kind of file it is."""

    @property
    def is_safetensors(self) -> bool:
        return self.name.lower().endswith(".safetensors")


@dataclass(frozen=True, slots=True)
class Remote:
    """What the provider answered: where the file is now and what its bytes must be."""

    url: str
    """Often signed and soon worthless; in no message and no file."""
    size: int | None
    sha256: str | None
    git_sha1: str | None
    etag: str | None

    @property
    def identity(self) -> str:
        """Differs when the content does; '' when nothing tells."""
        return self.sha256 or self.git_sha1 or self.etag or ""


def locate(
    client: httpx2.Client, source: DownloadSource, *, stalled_after: float = STALLED_AFTER
) -> Remote:
    """Ask where the file is. Raises RemoteChangedError when it is no longer the one that was listed,
    BadAnswerError, or what `refusal` and `translated` make of the answer."""
    headers: dict[str, str] = {}
    url, size = httpx2.URL(source.url), None
    for _ in range(MAX_REDIRECTS):
        with asked(client, "HEAD", source, url, stalled_after=stalled_after) as response:
            headers = dict(response.headers) | headers  # the first answer is the Hub's own
            if response.status_code not in REDIRECTS:
                if not response.is_success:
                    raise refusal(response, source)
                size = whole_length(response)
                break
            url = next_hop(url, response, source.name)
        if origin(url) != origin(httpx2.URL(source.url)):
            break  # a signed address; made for GET
    else:
        raise BadAnswerError(f"The server redirects without end when asked for {source.name}")
    return _remote(source, str(url), headers, size)


def refusal(response: httpx2.Response, source: DownloadSource) -> ModelLibraryError:
    """The error for an answer that is no success and no redirect."""
    status, own = response.status_code, origin(httpx2.URL(source.url))
    if status in _NOT_THERE and origin(response.url) != own:
        return RemoteFileNotFoundError(
            f"The server's storage does not have {source.name} ({status})"
        )
    if status == httpx2.codes.NOT_FOUND and "x-error-code" not in response.headers:
        return RemoteFileNotFoundError(f"The server does not have {source.name}")
    try:
        with failing(response.url):
            body = next(response.iter_raw(_MAX_WORDS), b"")
    except NetworkError:
        body = b""  # the status says enough
    page = source.url.partition("/resolve/")[0]
    asked_for = Asked(f"file {source.name}", page, "authorization" in response.request.headers)
    return problem(asked_for, status, response.headers, body, time.time())


def _remote(
    source: DownloadSource, url: str, headers: Mapping[str, str], size: int | None
) -> Remote:
    linked, etag = (_bare(headers.get(name)) for name in ("x-linked-etag", "etag"))
    is_hub = "x-repo-commit" in headers
    said = Remote(
        url=url,
        size=_number(headers.get("x-linked-size")) or size,
        sha256=_hexadecimal(linked, 64),
        git_sha1=_hexadecimal(etag, 40) if is_hub and linked is None else None,
        etag=linked or etag,
    )
    _require_same(source, said)
    return Remote(
        url=url,
        size=source.size if source.size is not None else said.size,
        sha256=source.sha256 or said.sha256,
        git_sha1=source.git_sha1 or said.git_sha1,
        etag=said.etag,
    )


def _require_same(source: DownloadSource, said: Remote) -> None:
    """Raises RemoteChangedError for another file than was listed, BadAnswerError for its hash with another
    length: both cannot be true."""
    hashes = [(source.sha256, said.sha256), (source.git_sha1, said.git_sha1)]
    known = [listed == now for listed, now in hashes if None not in (listed, now)]
    if not all(known):
        raise RemoteChangedError(f"{source.name} is no longer the file that was listed")
    if None in (source.size, said.size) or source.size == said.size:
        return
    lengths = f"{said.size} bytes instead of {source.size}"
    if known:
        raise contradiction(source.name, f"it has the hash that was listed and {lengths}")
    raise RemoteChangedError(
        f"{source.name} is no longer the file that was listed: it has {lengths}"
    )


def contradiction(name: str, said: str) -> BadAnswerError:
    """The error for answers that cannot all be true."""
    return BadAnswerError(
        f"The server contradicts itself about {name}: {said}",
        hint="Try again later. Something on the way may answer in the server's place: a proxy, perhaps.",
    )


def _bare(etag: str | None) -> str | None:
    return etag.removeprefix("W/").strip('"') or None if etag is not None else None


def _hexadecimal(text: str | None, digits: int) -> str | None:
    found = text is not None and re.fullmatch(rf"[0-9a-f]{{{digits}}}", text)
    return text if found else None


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and re.fullmatch(r"[0-9]{1,18}", text) else None


def whole_length(response: httpx2.Response) -> int | None:
    """The size of the file when a 200 tells: not that of a compressed body."""
    return None if encoding(response) else _number(response.headers.get("content-length"))


def encoding(response: httpx2.Response) -> str:
    """Which `Content-Encoding` lies over the bytes; '' for none."""
    name: str = response.headers.get("content-encoding", "").strip().lower()
    return "" if name == "identity" else name


@contextmanager
def asked(
    client: httpx2.Client,
    method: str,
    source: DownloadSource,
    url: httpx2.URL,
    headers: Mapping[str, str] | None = None,
    *,
    stalled_after: float = STALLED_AFTER,
) -> Iterator[httpx2.Response]:
    """One request and its answer, whose body is not read yet and whose redirect is not followed.

    The token goes along only to the source's own origin. Raises the errors of `translated` until the
    headers of the answer are there.
    """
    own = source.headers if origin(url) == origin(httpx2.URL(source.url)) else {}
    request = client.build_request(
        method,
        url,
        headers={**own, **(headers or {}), "Accept-Encoding": "identity"},
        timeout=httpx2.Timeout(
            connect=client.timeout.connect,
            read=stalled_after,
            write=stalled_after,
            pool=client.timeout.pool,
        ),
    )
    with failing(url):
        response = client.send(request, stream=True, follow_redirects=False)
    try:
        yield response
    finally:
        response.close()


@contextmanager
def failing(url: httpx2.URL) -> Iterator[None]:
    """What fails inside while asking for that address leaves as an error of ours. Raises as `translated`.

    h2's own errors come through httpcore2 as they are when the broken frames are those of a body.
    """
    from h2.exceptions import ProtocolError  # here, because only downloads pay for its import

    try:
        yield
    except httpx2.TransportError as error:
        raise translated(error, str(url)) from error
    except ProtocolError as error:
        raise ConnectionFailedError(f"{url.host}: the connection broke ({error})") from error


def origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    """Scheme, host, port: a token belongs to all three."""
    return url.scheme, url.host, url.port or {"http": 80, "https": 443}.get(url.scheme)


def next_hop(current: httpx2.URL, response: httpx2.Response, name: str) -> httpx2.URL:
    """Where an answer redirects to. Raises BadAnswerError for what no file is fetched from."""
    location = response.headers.get("location", "")
    try:
        url = current.join(location)
    except (httpx2.InvalidURL, ValueError) as error:
        raise BadAnswerError(f"The server redirects to an impossible address for {name}") from error
    if not location or url == current:
        raise BadAnswerError(f"The server redirects in a circle when asked for {name}")
    if url.scheme not in {"http", "https"} or not url.host:
        raise BadAnswerError(f"The server redirects to a {url.scheme!r} address for {name}")
    if current.scheme == "https" and url.scheme == "http":
        raise BadAnswerError(f"The server redirects from https to http for {name}")
    return url
