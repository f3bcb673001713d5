"""The one place that talks to the Hub's JSON API, and that lets `huggingface_hub` talk through our transports.

The API is asked directly and not through `HfApi`: that costs 150 ms to import, hides how old an answer is, reads
bodies of any size, and tries again five times by itself, with waits of its own, above a network layer that knows
when a host is away. Addresses, parameters and errors are those of `HfApi` (huggingface_hub 2.4 `hf_api.py`).
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import quote

import httpx2
from huggingface_hub.errors import OfflineModeIsEnabled

from model_library.errors import (
    BadAnswerError,
    CancelledError,
    InvalidValueError,
    RepositoryNotFoundError,
    TimedOutError,
)
from model_library.hf.cache import PROVENANCE, AnswerCache, Provenance
from model_library.hf.descriptions import has_sizes, is_repo_id, model_of, models_of
from model_library.hf.problems import Asked, problem
from model_library.hf.throttle import Allowance, Bucket, Pacer, Throttle
from model_library.naming import display_text
from model_library.network.guard import NotSentError
from model_library.network.manager import Kind, NetworkManager
from model_library.network.translate import translated
from model_library.providers import SORTS, Answer, Freshness, RemoteModel, SearchRequest

T = TypeVar("T")

MAX_BODY: Final = 32 * 1024**2
"""Bytes of an answer, not compressed. The listing of 50,000 files has about 15 MiB."""
MAX_RESULTS: Final = 1000
"""Of one search; the Hub gives no more in one answer."""
TREE_PAGE: Final = 1000
"""Files after which the Hub ends a page. A listing of a multiple of it is not believed to be whole."""
MAX_TREE_PAGES: Final = 200
MAX_LISTING: Final = 64 * 1024**2
"""Bytes of all pages of a listing together."""
MAX_ENTRIES: Final = 200_000
"""Files and folders of all pages together."""
MAX_LISTING_TIME: Final = 120.0
"""Seconds for all pages together; each has also the limit of a call."""
MAX_REDIRECTS: Final = 5

_SORT_WORDS: Final[Mapping[str, str]] = {
    "downloads": "downloads",
    "likes": "likes",
    "updated": "lastModified",
    "created": "createdAt",
    "trending": "trendingScore",
}
_SHOWN: Final = (
    "author", "config", "downloads", "gated", "gguf", "lastModified", "library_name", "likes", "pipeline_tag",
    "private", "safetensors", "sha", "tags",
)  # fmt: skip
"""Properties of a hit; without the card, which may be long."""
_WORST_LAST: Final = (Freshness.LIVE, Freshness.CACHED, Freshness.STALE)

_Parameters = Mapping[str, str | int | Sequence[str]]


@dataclass(frozen=True, slots=True)
class _Page:
    """One answer, parsed as JSON, and the address of the next."""

    data: Any
    size: int
    """Bytes of its body."""
    next: str | None
    provenance: Provenance


class HubClient:
    """Searches and descriptions. Thread-safe; to be closed.

    All methods raise the errors of `errors.NetworkError` and `errors.ProviderError`, and InvalidValueError for
    what cannot be asked. Who has time to wait for the rate limit asks inside `NetworkManager.calling`.
    """

    def __init__(self, network: NetworkManager, *, wall: Callable[[], float] = time.time) -> None:
        self.network = network
        self.endpoint = network.endpoint
        self._wall = wall
        self._pacer = Pacer(network.endpoint)
        self._counts = threading.local()
        self._lock = threading.Lock()
        self._downloads: httpx2.Client | None = None
        for quota in network.quotas(network.endpoint):
            if quota.bucket in list(Bucket):
                left = Allowance(quota.remaining, quota.resets_at - wall(), quota.limit)
                self._pacer.seed(Bucket(quota.bucket), left)
        self._cache: AnswerCache | None = None
        self._http = network.client(wrap_outer=[self._own_cache], wrap_inner=[self._paced])
        _hub_library.speak_through(self)

    @property
    def calls(self) -> int:
        """Requests that this thread has made so far; kept answers do not count."""
        return getattr(self._counts, "made", 0)

    @property
    def headers(self) -> Mapping[str, str]:
        """What goes with every request to the endpoint: who we are and, if there is one, the token."""
        token = self.network.settings.token
        named = {"User-Agent": "model-library"}
        return named if token is None else {**named, "Authorization": f"Bearer {token}"}

    @property
    def downloads(self) -> httpx2.Client:
        """For bodies that take as long as they take; paced like everything else, nothing is kept."""
        with self._lock:
            if self._downloads is None:
                self._downloads = self.network.client(wrap_inner=[self._paced], kind=Kind.DOWNLOAD)
            return self._downloads

    def for_hub_library(self, hook: Callable[[httpx2.Request], object]) -> httpx2.Client:
        """A client for `huggingface_hub`, which closes it."""
        return self.network.client(
            wrap_outer=[_SaysOffline, self._cached], wrap_inner=[self._paced], on_request=[hook]
        )

    def search(self, request: SearchRequest) -> Answer[tuple[RemoteModel, ...]]:
        """Models whose name has the words of the text, the best of the given order first."""
        if request.sort not in SORTS:
            raise InvalidValueError(
                f"{display_text(request.sort)!r} is no order of a search",
                hint=f"Possible: {', '.join(SORTS)}.",
            )
        if not 1 <= request.limit <= MAX_RESULTS:
            raise InvalidValueError(f"A search returns 1 to {MAX_RESULTS} models")
        wanted: dict[str, str | int | Sequence[str]] = {
            "search": request.text.strip(),
            "author": request.author or "",
            "filter": request.kind_tags,
            "sort": _SORT_WORDS[request.sort],
            "limit": request.limit,
            "expand": _SHOWN,
        }
        given = {name: value for name, value in wanted.items() if value}
        try:
            page = self._get("/api/models", given, self._asked("a search for models"))
        except RepositoryNotFoundError as error:
            raise BadAnswerError(
                f"{self.endpoint} has no models that can be searched: it does not know that address (404)",
                hint="If HF_ENDPOINT is set, it has to be the address of a Hub, such as https://huggingface.co.",
            ) from error
        return self._answer([page], lambda: models_of(page.data, self.endpoint)[: request.limit])

    def details(self, repo: str, revision: str | None = None) -> Answer[RemoteModel]:
        """One model with its files: one request, and more only for thousands of files."""
        if not is_repo_id(repo):
            raise InvalidValueError(
                f"{display_text(repo)!r} is no name of a model on the Hub", hint="Give OWNER/NAME."
            )
        path, subject = f"/api/models/{repo}", f"model {repo}"
        if revision is not None:
            path += f"/revision/{quote(revision, safe='')}"
            subject += f" at revision {display_text(revision, 100)}"
        asked = self._asked(subject, repo)
        page = self._get(path, {"blobs": "true"}, asked)
        listing = page.data.get("siblings") if isinstance(page.data, dict) else None
        if isinstance(listing, list) and _is_whole(listing):
            return self._answer([page], lambda: model_of(page.data, self.endpoint, listing))
        at = self._answer([page], lambda: model_of(page.data, self.endpoint)).value.revision
        pages = list(self._tree(repo, at or revision or "main", asked))
        files = [one for page in pages for one in page.data if _is_file(one)]
        return self._answer([page, *pages], lambda: model_of(page.data, self.endpoint, files))

    def close(self) -> None:
        """Ends all waiting; what is being asked anew in the background gets a moment."""
        self._pacer.close()
        _hub_library.leave(self)
        self._http.close()
        with self._lock:
            if self._downloads is not None:
                self._downloads.close()

    def _own_cache(self, inner: httpx2.BaseTransport) -> httpx2.BaseTransport:
        self._cache = self._cached(inner)
        return self._cache

    def _cached(self, inner: httpx2.BaseTransport) -> AnswerCache:
        settings = self.network.settings
        return AnswerCache(
            inner,
            self.endpoint,
            self.network.directory,
            fresh=settings.answers_fresh,
            limit=settings.cache_bytes,
            wall=self._wall,
            on_kept=lambda: self.network.served_from_cache(self.endpoint),
        )

    def _paced(self, inner: httpx2.BaseTransport) -> httpx2.BaseTransport:
        return Throttle(inner, self._pacer, wall=self._wall)

    def _asked(self, subject: str, repo: str = "") -> Asked:
        has_token = self.network.settings.token is not None
        return Asked(subject, f"{self.endpoint}/{repo}".rstrip("/"), has_token)

    def _tree(self, repo: str, revision: str, asked: Asked) -> Iterator[_Page]:
        """All files of a revision, page by page. Raises BadAnswerError for a listing without end, TimedOutError
        for one that takes for ever."""
        give_up_at = time.monotonic() + MAX_LISTING_TIME
        page = self._get(
            f"/api/models/{repo}/tree/{quote(revision, safe='')}", {"recursive": "true"}, asked
        )
        size = entries = 0
        for _ in range(MAX_TREE_PAGES):
            if not isinstance(page.data, list):
                raise self._bad([page], f"The Hub lists no files for {asked.subject}")
            size, entries = size + page.size, entries + len(page.data)
            if size > MAX_LISTING or entries > MAX_ENTRIES:
                raise self._bad([page], f"The Hub's list of files is too long for {asked.subject}")
            yield page
            if page.next is None:
                return
            if time.monotonic() > give_up_at:
                raise TimedOutError(f"The Hub's list of files takes too long for {asked.subject}")
            page = self._get(page.next, None, asked, limit=min(MAX_BODY, MAX_LISTING - size))
        raise self._bad([page], f"The Hub's list of files has no end for {asked.subject}")

    def _get(
        self,
        address: str,
        parameters: _Parameters | None,
        asked: Asked,
        *,
        limit: int = MAX_BODY,
    ) -> _Page:
        """`limit`: bytes of the body."""
        url = f"{self.endpoint}{address}"
        try:
            with self._response(url, parameters, asked) as response:
                body = _read(response, asked, limit)
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
            raise translated(error, url) from error
        except RuntimeError as error:
            if self._http.is_closed:  # a thread that nobody waits for any more
                raise CancelledError("The network was closed") from error
            raise
        provenance = response.extensions.get(PROVENANCE) or Provenance(Freshness.LIVE, 0.0, "")
        if provenance.freshness is Freshness.LIVE:
            self._counts.made = self.calls + 1
        if response.status_code != httpx2.codes.OK:
            raise problem(asked, response.status_code, response.headers, body, self._wall())
        try:
            data = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise BadAnswerError(
                f"The Hub's answer is no JSON for {asked.subject}",
                hint="Someone on the way may answer in its place: a login page of this network, a proxy.",
            ) from error
        return _Page(data, len(body), _next(response), provenance)

    @contextmanager
    def _response(
        self, url: str, parameters: _Parameters | None, asked: Asked
    ) -> Iterator[httpx2.Response]:
        """The answer to a GET, after redirects on the same host: what another says is not the Hub's word."""
        request = self._http.build_request("GET", url, params=parameters, headers=self.headers)
        for _ in range(MAX_REDIRECTS + 1):
            response = self._http.send(request, stream=True, follow_redirects=False)
            try:
                following = response.next_request
                if following is None:
                    yield response
                    return
            finally:
                response.close()
            if not _is_same_host(request.url, following.url):
                raise BadAnswerError(
                    f"The Hub sends to {display_text(following.url.host, 100)} for {asked.subject};"
                    " that is not believed",
                    hint="Someone on the way may answer in its place: a login page of this network, a proxy."
                    " A mirror that does it is no endpoint.",
                )
            request = following
        raise BadAnswerError(f"The Hub redirects in a circle for {asked.subject}")

    def _answer(self, pages: Sequence[_Page], parse: Callable[[], T]) -> Answer[T]:
        """What the pages say, as old as the oldest of them."""
        try:
            value = parse()
        except BadAnswerError as error:
            raise self._bad(pages, error.message) from error
        known = [page.provenance for page in pages]
        freshness = max((one.freshness for one in known), key=_WORST_LAST.index)
        return Answer(value, freshness, max(one.age for one in known))

    def _bad(self, pages: Sequence[_Page], message: str) -> BadAnswerError:
        """The error for answers of a wrong form, which are not kept."""
        for page in pages:
            if self._cache is not None:
                self._cache.forget(page.provenance.key)
        return BadAnswerError(message)


def _is_same_host(one: httpx2.URL, other: httpx2.URL) -> bool:
    """Also when it asks for https instead of http, never the other way round."""
    if one.scheme == other.scheme:
        return one.netloc == other.netloc
    return (one.scheme, other.scheme) == ("http", "https") and one.host == other.host


def _read(response: httpx2.Response, asked: Asked, limit: int) -> bytes:
    parts, size = list[bytes](), 0
    for part in response.iter_bytes():
        parts.append(part)
        size += len(part)
        if size > limit:
            raise BadAnswerError(
                f"The Hub's answer has more than {limit // 1024**2} MiB for {asked.subject}"
            )
    return b"".join(parts)


def _next(response: httpx2.Response) -> str | None:
    """Path and query of the next page. Its host is of no matter: a mirror may hand on the Hub's own links."""
    link = response.links.get("next", {}).get("url")
    if link is None:
        return None
    try:
        url = httpx2.URL(link)
    except httpx2.InvalidURL:
        return None
    return url.raw_path.decode("ascii") if url.path.startswith("/api/models/") else None


def _is_whole(listing: Sequence[object]) -> bool:
    """Whether `siblings` can be all files, and tells their sizes."""
    return not listing or (len(listing) % TREE_PAGE != 0 and has_sizes(listing))


def _is_file(entry: object) -> bool:
    return not isinstance(entry, dict) or entry.get("type") != "directory"


class _OfflineError(httpx2.TransportError, OfflineModeIsEnabled):
    """What `huggingface_hub` takes for its own offline mode: it does not try again five times, with waits, and
    turns to its cache."""


class _SaysOffline(httpx2.BaseTransport):
    """Around the stack of `huggingface_hub`: a request that was not even sent is told in its words."""

    def __init__(self, inner: httpx2.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        try:
            return self._inner.handle_request(request)
        except NotSentError as error:
            raise _OfflineError(str(error), request=request) from error

    def close(self) -> None:
        self._inner.close()


class _HubLibrary:
    """`huggingface_hub` in this process has one client for all; the newest HubClient gives it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._through: HubClient | None = None

    def speak_through(self, client: HubClient) -> None:
        from huggingface_hub import constants, set_client_factory
        from huggingface_hub.utils._http import hf_request_event_hook

        # Else its first request asks huggingface.co about itself, whatever the endpoint.
        constants.HF_HUB_DISABLE_TELEMETRY = True
        with self._lock:
            self._through = client
            # The hook is what makes HF_HUB_OFFLINE work in huggingface_hub (model-facts 1.1).
            set_client_factory(lambda: client.for_hub_library(hf_request_event_hook))

    def leave(self, client: HubClient) -> None:
        from huggingface_hub import set_client_factory
        from huggingface_hub.utils._http import default_client_factory

        with self._lock:
            if self._through is client:
                self._through = None
                set_client_factory(default_client_factory)


_hub_library: Final = _HubLibrary()
