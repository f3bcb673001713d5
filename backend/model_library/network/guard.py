"""What refuses a request before it is sent, and what the answers tell the circuit breaker.

The exceptions are those of the HTTP library, so that every client understands them; their texts say what
to do, and name no path and no query.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import httpx2

from model_library.errors import InvalidValueError
from model_library.network.circuit_breaker import CircuitBreaker, Permit, Refusal
from model_library.network.status import origin_of

FAILED_STATUSES: Final = frozenset({500, 502, 503, 504})
"""Answers that count as no answer. A host that refuses (4xx) or asks for patience (429) is well."""


class NotSentError(httpx2.ConnectError):
    """The request was not sent; trying it again at once is of no use."""


class OfflineTransportError(NotSentError):
    """The network is switched off by a setting."""


class CircuitOpenError(NotSentError):
    """The host did not answer a moment ago. Times are seconds since 1970."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(
            f"{refusal.origin} does not answer since {_clock_time(refusal.since)}; it may be"
            f" asked again at {_clock_time(refusal.until)}"
        )
        self.origin = refusal.origin
        self.since = refusal.since
        self.until = refusal.until


class RequestCancelledError(httpx2.TransportError):
    """The caller wants no answer any more."""


class OfflineGate(httpx2.BaseTransport):
    """Lets nothing pass while the network is switched off."""

    def __init__(self, inner: httpx2.BaseTransport, *, offline: bool, by: str = "") -> None:
        """`by`: what switched it off, in words."""
        self._inner = inner
        self._offline = offline
        self._by = by

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if self._offline:
            by = f" by {self._by}" if self._by else ""
            raise OfflineTransportError(
                f"{requested_origin(request)} was not asked: the network is switched off{by}"
            )
        return self._inner.handle_request(request)


class BreakerTransport(httpx2.BaseTransport):
    """Asks the circuit breaker, and tells it what came of the request."""

    def __init__(self, inner: httpx2.BaseTransport, breaker: CircuitBreaker) -> None:
        self._inner = inner
        self._breaker = breaker

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        permit = self._breaker.admit(requested_origin(request))
        if isinstance(permit, Refusal):
            raise CircuitOpenError(permit)
        settled = False
        try:
            response = self._inner.handle_request(request)
            settled = self._told(permit, response)
        except httpx2.TransportError as error:
            if is_failure_of_host(error):
                self._breaker.failed(permit, error)
                settled = True
            raise
        finally:
            if not settled:
                self._breaker.abandoned(permit)
        return response

    def _told(self, permit: Permit, response: httpx2.Response) -> bool:
        """Whether the answer says anything about the host: a throttle below may have made it."""
        if "network_stream" not in response.extensions:
            return False
        if response.status_code in FAILED_STATUSES:
            self._breaker.failed(permit, OSError(response.status_code))
        else:
            self._breaker.succeeded(permit)
        return True


def requested_origin(request: httpx2.Request) -> str:
    """Of the host that is asked. Raises httpx2.UnsupportedProtocol: a redirect can lead anywhere."""
    try:
        return origin_of(str(request.url))
    except InvalidValueError as error:
        raise httpx2.UnsupportedProtocol("no address of a host", request=request) from error


def is_failure_of_host(error: httpx2.TransportError) -> bool:
    """Whether no answer came because of the host or the way to it; else it is our own doing."""
    ours = (
        NotSentError,
        RequestCancelledError,
        httpx2.PoolTimeout,
        httpx2.LocalProtocolError,
        httpx2.UnsupportedProtocol,
    )
    return not isinstance(error, ours)


def _clock_time(when: float) -> str:
    """As the clock on this machine shows it."""
    return datetime.fromtimestamp(when, UTC).astimezone().strftime("%H:%M:%S")
