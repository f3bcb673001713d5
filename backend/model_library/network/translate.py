"""What went wrong on the way, in words for people: an exception of the HTTP library becomes an error of ours.

Hosts are named, queries never: a signed address is a secret.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import Final

import httpx2

from model_library.errors import (
    BadAnswerError,
    CancelledError,
    ConnectionFailedError,
    NetworkError,
    OfflineError,
    TimedOutError,
    TlsError,
)
from model_library.network.guard import NotSentError, RequestCancelledError
from model_library.network.status import without_query


def translated(
    error: httpx2.HTTPError | httpx2.InvalidURL | httpx2.StreamError, url: str
) -> NetworkError | CancelledError:
    """The error to raise from `error`, which asking for `url` raised."""
    if isinstance(error, RequestCancelledError):
        return CancelledError(str(error))
    if isinstance(error, NotSentError):
        return OfflineError(str(error))
    host = httpx2.URL(without_query(url)).host or "The host"
    return _kind(error)(f"{host}: {reason(error)}", path=without_query(url))


def _kind(
    error: httpx2.HTTPError | httpx2.InvalidURL | httpx2.StreamError,
) -> type[NetworkError]:
    if isinstance(error, httpx2.TimeoutException):
        return TimedOutError
    if is_tls_failure(error):
        return TlsError
    if isinstance(error, httpx2.NetworkError | httpx2.ProxyError):
        return ConnectionFailedError
    if _is_hang_up(error):
        return ConnectionFailedError
    return BadAnswerError


def reason(error: Exception) -> str:
    """A short sentence about what happened, without an address in it."""
    if isinstance(error, NotSentError | RequestCancelledError):
        return str(error)
    if isinstance(error, httpx2.TimeoutException):
        return _late(error)
    if is_tls_failure(error):
        return f"no secure connection: {_tls_words(error)}"
    for kind, words in _OF_THE_SYSTEM:
        if any(isinstance(one, kind) for one in causes(error)):
            return words
    return _of_the_protocol(error)


_OF_THE_SYSTEM: Final[tuple[tuple[type[Exception], str], ...]] = (
    (socket.gaierror, "the name cannot be found; is there a network?"),
    (ConnectionRefusedError, "the connection was refused; nothing is listening there"),
    (ConnectionError, "the connection was broken off"),
    (OSError, "there is no way to it; is there a network?"),
)


def _late(error: httpx2.TimeoutException) -> str:
    if isinstance(error, httpx2.ConnectTimeout):
        return "no connection was made in time"
    if isinstance(error, httpx2.PoolTimeout):
        return "too many requests at once; none became free in time"
    return "no answer came in time"


def _of_the_protocol(error: Exception) -> str:
    if isinstance(error, httpx2.ProxyError):
        return "the proxy does not let the request through"
    if isinstance(error, httpx2.NetworkError) or _is_hang_up(error):
        return "the connection was broken off"
    if isinstance(error, httpx2.TooManyRedirects):
        return "it redirects in a circle"
    if isinstance(error, httpx2.UnsupportedProtocol | httpx2.InvalidURL):
        return "it sends to an address that cannot be asked"
    if isinstance(error, httpx2.DecodingError):
        return "the body is not compressed as it says"
    return "the answer is not what HTTP says"


def is_tls_failure(error: Exception) -> bool:
    """Whether the host could not prove who it is, or speaks no TLS that we do."""
    return any(
        isinstance(one, ssl.SSLError)
        and not isinstance(one, ssl.SSLEOFError | ssl.SSLZeroReturnError)
        for one in causes(error)
    )


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it."""
    one: BaseException | None = error
    while one is not None:
        yield one
        one = one.__cause__ or one.__context__  # the HTTP library cuts its causes off


def _tls_words(error: Exception) -> str:
    for one in causes(error):
        if isinstance(one, ssl.SSLCertVerificationError):
            return f"its certificate was not accepted ({one.verify_message})"
        if isinstance(one, ssl.SSLError):
            return (one.reason or "TLS failed").replace("_", " ").lower()
    return "TLS failed"


def _is_hang_up(error: Exception) -> bool:
    """The HTTP library has one class for an answer that ends too early and one that is none; what goes on over
    a connection of HTTP/2 that another request found ended is a fault of our own to it."""
    if isinstance(error, httpx2.LocalProtocolError):
        return "ConnectionState.CLOSED" in str(error)
    return isinstance(error, httpx2.RemoteProtocolError) and any(
        words in str(error)
        for words in ("Server disconnected", "peer closed", "ConnectionTerminated", "StreamReset")
    )
