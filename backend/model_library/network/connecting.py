"""Connections: made and read so that a call ends in time, whatever the other side does.

`socket.getaddrinfo` cannot be given a time, a host with several addresses is tried for the whole time of
each, and a server that sends one byte of its headers now and then is never too late for a timeout between
bytes. On a network that lost its way to the world these are what one meets first, so names are resolved
beside, addresses share one time, and no read outlasts the `deadline` of the call that reads.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final

import httpcore2
import httpx2

from model_library.errors import InvalidValueError
from model_library.network.deadlines import in_time
from model_library.network.multiplexing import SharedPool
from model_library.network.status import DEFAULT_PORTS

if TYPE_CHECKING:
    from model_library.config import NetworkSettings

MAX_CONNECTIONS: Final = 100
KEEP_ALIVE: Final = 60.0
"""Seconds that an idle connection is kept; servers close theirs after a minute or more."""


class TimelyStream(httpcore2.NetworkStream):
    """A connection whose reads end at the deadline of the call."""

    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, in_time(timeout, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if buffer:  # the HTTP library ends every request with nothing
            self._stream.write(buffer, in_time(timeout, httpcore2.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        try:
            left = in_time(timeout, httpcore2.ConnectTimeout)
            return TimelyStream(self._stream.start_tls(ssl_context, server_hostname, left))
        except BaseException:  # catches-all: the connection is closed, and it is raised again
            self.close()
            raise

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class TimelyBackend(httpcore2.NetworkBackend):
    """Connects within one time, names and all addresses included."""

    def __init__(self) -> None:
        self._backend = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        options = list(socket_options or ())
        timeout = in_time(timeout, httpcore2.ConnectTimeout)
        end = None if timeout is None else time.monotonic() + timeout
        addresses = resolve(host, port, timeout)
        for number, address in enumerate(addresses):
            share = None
            if end is not None:
                share = max(0.01, end - time.monotonic()) / (len(addresses) - number)
            try:
                connected = self._backend.connect_tcp(address, port, share, local_address, options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if number == len(addresses) - 1:
                    raise
            else:
                return TimelyStream(connected)
        raise httpcore2.ConnectError(f"{host} has no address")


def resolve(host: str, port: int, timeout: float | None) -> list[str]:
    """The addresses of a host, best first. Raises httpcore2.ConnectError and ConnectTimeout."""
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        pass
    answers: SimpleQueue[list[str] | OSError | UnicodeError] = SimpleQueue()
    threading.Thread(
        target=partial(_look_up, host, port, answers), name="resolve", daemon=True
    ).start()
    try:
        answer = answers.get(timeout=timeout)
    except Empty:
        raise httpcore2.ConnectTimeout(
            f"the name was not resolved within {timeout:.0f} s"
        ) from None
    if isinstance(answer, list):
        return answer
    try:
        raise answer
    except (OSError, UnicodeError) as error:
        raise httpcore2.ConnectError(str(error)) from error


def _look_up(
    host: str, port: int, answers: SimpleQueue[list[str] | OSError | UnicodeError]
) -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        answers.put(error)
    else:
        answers.put(list(dict.fromkeys(str(entry[4][0]) for entry in found)))


class Connections(httpx2.BaseTransport):
    """All connections of this process: HTTP/2 where the host speaks it, one a host; through the proxy or
    directly. Closed by the manager only."""

    def __init__(self, settings: NetworkSettings) -> None:
        self._no_proxy = settings.no_proxy
        context = ssl_context(settings.ca_file)
        self._direct = _HttpTransport(context, None)
        self._proxied = None if not settings.proxy else _HttpTransport(context, settings.proxy)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if self._proxied is None or goes_directly(
            request.url.host,
            request.url.port or DEFAULT_PORTS.get(request.url.scheme),
            self._no_proxy,
        ):
            return self._direct.handle_request(request)
        return self._proxied.handle_request(request)

    def close(self) -> None:
        self._direct.close()
        if self._proxied is not None:
            self._proxied.close()


class _HttpTransport(httpx2.HTTPTransport):
    """httpx2's own transport over connections that end in time and can be shared, which it has no
    parameter for. Through a proxy it is HTTP/1.1, because those cannot be shared."""

    def __init__(self, context: ssl.SSLContext, proxy: str | None) -> None:
        super().__init__(verify=context, http2=True, trust_env=False)
        pool: dict[str, Any] = {
            "ssl_context": context,
            "max_connections": MAX_CONNECTIONS,
            "max_keepalive_connections": MAX_CONNECTIONS,
            "keepalive_expiry": KEEP_ALIVE,
            "network_backend": TimelyBackend(),
        }
        if proxy is None:
            self._pool = SharedPool(http2=True, **pool)
        else:
            self._pool = _proxy_pool(proxy, pool)


def _proxy_pool(address: str, pool: dict[str, Any]) -> httpcore2.HTTPProxy:
    try:
        proxy = httpx2.Proxy(address)
    except (ValueError, httpx2.InvalidURL):
        proxy = None
    if proxy is None or proxy.url.scheme not in DEFAULT_PORTS or not proxy.url.host:
        raise InvalidValueError(
            "The address of the proxy cannot be used",
            hint="HTTPS_PROXY is http://HOST:PORT or https://HOST:PORT; SOCKS is not supported.",
        )
    return httpcore2.HTTPProxy(
        proxy_url=httpcore2.URL(
            scheme=proxy.url.raw_scheme,
            host=proxy.url.raw_host,
            port=proxy.url.port,
            target=proxy.url.raw_path,
        ),
        proxy_auth=proxy.raw_auth,
        **pool,
    )


def ssl_context(ca_file: str | None) -> ssl.SSLContext:
    """The system's certificates and those of `ca_file`. Raises InvalidValueError."""
    context = ssl.create_default_context()
    if ca_file:
        try:
            if Path(ca_file).is_dir():
                context.load_verify_locations(capath=ca_file)
            else:
                context.load_verify_locations(cafile=ca_file)
        except OSError as error:
            raise InvalidValueError(
                "The file of certificates cannot be read",
                path=ca_file,
                hint="SSL_CERT_FILE and REQUESTS_CA_BUNDLE name a PEM file.",
            ) from error
    return context


def goes_directly(host: str, port: int | None, no_proxy: Iterable[str]) -> bool:
    """Whether no proxy is used for a host: this machine, and what NO_PROXY names.

    NO_PROXY as curl reads it: `*`, a domain with all below it (a dot or `*.` before it changes nothing), an
    address, a network (`10.0.0.0/8`), each perhaps with a port.
    """
    host = host.strip("[]").lower().rstrip(".")
    address = _address(host)
    if host == "localhost" or host.endswith(".localhost"):
        return True
    if address is not None and address.is_loopback:
        return True
    return any(_names(entry.strip().lower(), host, port, address) for entry in no_proxy)


_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _names(entry: str, host: str, port: int | None, address: _Address | None) -> bool:
    if entry in {"*", host}:
        return True
    if address is not None and (network := _network(entry)) is not None:
        return address in network
    name, colon, number = entry.rpartition(":")
    if colon and number.isdigit() and not name.endswith(":"):
        if int(number) != port:
            return False
        entry = name.strip("[]")
    domain = entry.removeprefix("*").strip(".")
    return bool(domain) and (host == domain or host.endswith(f".{domain}"))


def _address(text: str) -> _Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text.strip("[]"), strict=False)
    except ValueError:
        return None
