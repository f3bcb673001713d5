"""The network of this process: the transports put together once, and what is known of every host.

    client
      -> outer wrappers of the provider (its cache)
        -> offline gate
          -> retry -> circuit breaker
            -> inner wrappers of the provider (its throttle)
              -> tokens -> recorder -> time limits -> all connections

The gate is below the cache, so that what is kept is served while the network is switched off. Everything
that leaves the stack is a response or an exception of `httpx2`; `translate.translated` makes errors of ours
of them. Asking what is known imports no HTTP library.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from model_library.config import NetworkSettings
from model_library.network.circuit_breaker import CircuitBreaker
from model_library.network.hosts import HostBook
from model_library.network.state import StateFile
from model_library.network.status import CircuitState, HostStatus, Quota, origin_of

if TYPE_CHECKING:
    import httpx2

    Wrapper = Callable[[httpx2.BaseTransport], httpx2.BaseTransport]

INTERACTIVE_PATIENCE: Final = 3.0
"""Seconds that a host may ask for while a person is waiting."""
BATCH_PATIENCE: Final = 320.0
"""The same for work in the background: a whole window of the Hub's rate limit, and a little."""
DOWNLOAD_READ_TIMEOUT: Final = 20.0
"""Seconds without a byte after which a download has stalled. On a shared connection nobody learns of its
end before whoever reads from it, so this is not much longer than for calls."""
MAX_REDIRECTS: Final = 10


class Kind(StrEnum):
    """What a client is for."""

    API = "api"
    """Small answers, each within `call_budget` with all tries."""
    DOWNLOAD = "download"
    """Answers that begin within `DOWNLOAD_READ_TIMEOUT`; their bodies take as long as they take."""


class NetworkManager:
    """One for each process. Thread-safe; to be closed.

    `directory` is where `network.db` is kept (None: in memory only). `clock` is monotonic, `wall` counts
    seconds since 1970. Raises InvalidValueError for an endpoint that is no address.
    """

    def __init__(
        self,
        settings: NetworkSettings,
        *,
        directory: Path | None = None,
        patience: float = INTERACTIVE_PATIENCE,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.settings = settings
        self.endpoint = origin_of(settings.endpoint)
        self.directory = directory
        self._patience = patience
        self._clock = clock
        self._wall = wall
        self._sleep = sleep
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._connections: httpx2.BaseTransport | None = None
        self._hosts = HostBook(
            None if directory is None else StateFile(directory),
            open_for=settings.open_for,
            clock=clock,
            wall=wall,
        )
        self._breaker = CircuitBreaker(
            self._hosts,
            failures_to_open=settings.failures_to_open,
            open_for=settings.open_for,
            clock=clock,
            wall=wall,
        )

    def transport(
        self,
        *,
        wrap_outer: Sequence[Wrapper] = (),
        wrap_inner: Sequence[Wrapper] = (),
        kind: Kind = Kind.API,
    ) -> httpx2.BaseTransport:
        """The whole stack. Of several wrappers the first is the outermost.

        Closing it closes nothing that is shared: connections live until the manager is closed, what
        wraps belongs to who gave it. Raises InvalidValueError for a proxy or a file of certificates that
        cannot be used.
        """
        from model_library.network.budget import BudgetTransport, Patience
        from model_library.network.guard import BreakerTransport, OfflineGate
        from model_library.network.recorder import RecorderTransport
        from model_library.network.retry import Pauses, RetryTransport
        from model_library.network.tokens import TokenTransport

        settings = self.settings
        is_api = kind is Kind.API
        read = settings.read_timeout if is_api else DOWNLOAD_READ_TIMEOUT
        stack: httpx2.BaseTransport = BudgetTransport(
            self._shared(), Patience(settings.connect_timeout, read)
        )
        stack = RecorderTransport(stack, self._hosts)
        stack = TokenTransport(stack, settings.endpoint)
        stack = _wrapped(stack, wrap_inner)
        stack = BreakerTransport(stack, self._breaker)
        stack = RetryTransport(
            stack,
            self._breaker,
            Pauses(clock=self._clock, sleep=self._sleep, closing=self._closing),
            tries=settings.tries,
            call_budget=settings.call_budget if is_api else read,
            is_api=is_api,
            patience=self._patience,
            clock=self._clock,
            wall=self._wall,
        )
        stack = OfflineGate(stack, offline=settings.offline, by=settings.offline_by)
        return _wrapped(stack, wrap_outer)

    def client(
        self,
        *,
        wrap_outer: Sequence[Wrapper] = (),
        wrap_inner: Sequence[Wrapper] = (),
        kind: Kind = Kind.API,
        on_request: Iterable[Callable[[httpx2.Request], object]] = (),
    ) -> httpx2.Client:
        """A client over `transport`, as `huggingface_hub.set_client_factory` wants one; to be closed by
        who asked for it. `on_request` are its request hooks."""
        import httpx2

        settings = self.settings
        read = settings.read_timeout if kind is Kind.API else DOWNLOAD_READ_TIMEOUT
        return httpx2.Client(
            transport=self.transport(wrap_outer=wrap_outer, wrap_inner=wrap_inner, kind=kind),
            follow_redirects=True,
            max_redirects=MAX_REDIRECTS,
            timeout=httpx2.Timeout(read, connect=settings.connect_timeout),
            trust_env=False,
            event_hooks={"request": list(on_request)},
        )

    @contextmanager
    def calling(
        self,
        *,
        patience: float = BATCH_PATIENCE,
        cancelled: threading.Event | None = None,
        on_wait: Callable[[float], None] | None = None,
    ) -> Iterator[None]:
        """Requests that this thread makes inside wait `patience` seconds for a host that asks for it
        (`Retry-After`), tell `on_wait` how many seconds that takes, and stop waiting when `cancelled` is set.
        Another thread has its own."""
        from model_library.network.retry import calling

        with calling(patience, cancelled, on_wait):
            yield

    def ask_again(self) -> None:
        """Hosts that are left in peace may be tried now, each by one request; a person wants it. Asks nobody."""
        self._breaker.let_try()

    def is_known_offline(self, url: str) -> bool:
        """Whether asking the host of this address would be refused at once."""
        if self.settings.offline:
            return True
        return self._breaker.state(origin_of(url)) is CircuitState.OPEN

    def has_answered(self, url: str) -> bool:
        """Whether the last that is known of the host is an answer."""
        record = self._hosts.record(origin_of(url))
        if record.last_answer is None:
            return False
        return record.last_error_at is None or record.last_answer >= record.last_error_at

    def quotas(self, url: str) -> tuple[Quota, ...]:
        """What is left of the host's rate limit, as far as it is known; also from the last process."""
        now = self._wall()
        kept = self._hosts.record(origin_of(url)).quotas
        return tuple(one for one in kept if one.resets_at > now)

    def served_from_cache(self, url: str) -> None:
        """A cache tells that it gave a kept answer in the host's name, for `status`."""
        self._hosts.served_from_cache(origin_of(url))

    def status(self) -> tuple[HostStatus, ...]:
        """Every host that is known of, by name."""
        return tuple(self._status(origin) for origin in self._hosts.origins())

    def close(self) -> None:
        """End all waiting, write what is known, close the connections. Doing it again changes nothing."""
        self._closing.set()
        self._hosts.write()
        with self._lock:
            connections, self._connections = self._connections, None
        if connections is not None:
            connections.close()

    def _status(self, origin: str) -> HostStatus:
        record = self._hosts.record(origin)
        return HostStatus(
            host=origin,
            state=self._breaker.state(origin),
            since=record.opened_at,
            failures=record.failures,
            last_error=record.last_error,
            last_answer=record.last_answer,
            quotas=self.quotas(origin),
            served=self._hosts.served(origin),
        )

    def _shared(self) -> httpx2.BaseTransport:
        from model_library.network.connecting import Connections
        from model_library.network.tokens import keep_out_of_logs

        with self._lock:
            if self._connections is None:
                keep_out_of_logs()
                self._connections = Connections(self.settings)
            return self._connections


def _wrapped(stack: httpx2.BaseTransport, wrappers: Sequence[Wrapper]) -> httpx2.BaseTransport:
    for wrap in reversed(wrappers):
        stack = wrap(stack)
    return stack
