"""Connections: TLS, names, proxies, and an end to waiting."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from pathlib import Path

import httpx2
import pytest
import trustme

import model_library.network.manager as manager_module
from model_library.config import NetworkSettings
from model_library.errors import (
    BadAnswerError,
    ConnectionFailedError,
    InvalidValueError,
    NetworkError,
    TimedOutError,
    TlsError,
)
from model_library.network.connecting import goes_directly
from model_library.network.manager import Kind, NetworkManager
from model_library.network.translate import translated
from tests.network.servers import (
    Asked,
    Behaviour,
    Say,
    drips_body,
    drips_headers,
    hangs_up,
    misbehaving,
    network,
    refused_url,
    resets,
    resets_in_the_body,
    says_nothing,
    serving,
    speaks_no_http,
)

HASTY = NetworkSettings(connect_timeout=0.3, read_timeout=0.4, call_budget=0.6)
"""The timeouts of the settings, in tenths."""


def failure(manager: NetworkManager, url: str, kind: Kind = Kind.API) -> NetworkError:
    """The error that a person is shown when this address is asked."""
    with manager.client(kind=kind) as client:
        try:
            client.get(url, headers={"Accept-Encoding": "identity"})
        except httpx2.HTTPError as error:
            made = translated(error, url)
            assert isinstance(made, NetworkError)
            return made
    raise AssertionError(f"{url} answered")


# --- hosts that misbehave ----------------------------------------------------------------------------


@pytest.mark.parametrize("behaviour", [says_nothing, drips_headers])
def test_a_host_that_does_not_answer_is_known_after_one_call(behaviour: Behaviour) -> None:
    with misbehaving(behaviour) as server, network(HASTY) as manager:
        began = time.monotonic()
        error = failure(manager, f"{server.url}/x?sig=1")
        assert 0.3 < time.monotonic() - began < 1.2
        assert isinstance(error, TimedOutError)
        assert "127.0.0.1: no answer came in time" in str(error)
        assert manager.is_known_offline(server.url)
        began, connections = time.monotonic(), server.connections
        assert failure(manager, f"{server.url}/x").code == "offline"
        assert time.monotonic() - began < 0.1
        assert server.connections == connections


def test_a_request_without_any_timeout_ends_in_time_as_well() -> None:
    with misbehaving(says_nothing) as server, network(HASTY) as manager:
        began = time.monotonic()
        with manager.client() as client, pytest.raises(httpx2.ReadTimeout):
            client.get(server.url, timeout=None)
        assert time.monotonic() - began < 1.2


def test_a_body_that_drips_is_given_up() -> None:
    with misbehaving(drips_body) as server, network(HASTY) as manager:
        began = time.monotonic()
        assert isinstance(failure(manager, server.url), TimedOutError)
        assert time.monotonic() - began < 2


def test_a_download_may_drip_but_not_its_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manager_module, "DOWNLOAD_READ_TIMEOUT", 0.5)
    with misbehaving(drips_headers) as server, network(HASTY) as manager:
        began = time.monotonic()
        assert isinstance(failure(manager, server.url, Kind.DOWNLOAD), TimedOutError)
        assert time.monotonic() - began < 1.2
        assert not manager.is_known_offline(server.url)
    began, received = time.monotonic(), 0
    with (
        misbehaving(drips_body) as server,
        network(HASTY) as manager,
        manager.client(kind=Kind.DOWNLOAD) as client,
        client.stream("GET", server.url) as answer,
    ):
        for chunk in answer.iter_raw():
            received += len(chunk)
            if time.monotonic() - began > 1:
                break
    assert received > 10


def test_a_connection_that_cannot_be_made_ends_in_time() -> None:
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):  # with nobody to accept, the system answers no more connections
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        manager = stack.enter_context(network(HASTY))
        began = time.monotonic()
        error = failure(manager, f"http://127.0.0.1:{listening.getsockname()[1]}")
        assert time.monotonic() - began < 1.2
        assert isinstance(error, TimedOutError)


@pytest.mark.parametrize(
    ("behaviour", "kind", "words"),
    [
        (resets, ConnectionFailedError, "broken off"),
        (hangs_up, ConnectionFailedError, "broken off"),
        (resets_in_the_body, ConnectionFailedError, "broken off"),
        (speaks_no_http, BadAnswerError, "not what HTTP says"),
    ],
)
def test_each_way_to_fail_has_its_own_words(
    behaviour: Behaviour, kind: type[NetworkError], words: str
) -> None:
    with misbehaving(behaviour) as server, network(NetworkSettings(tries=1)) as manager:
        error = failure(manager, f"{server.url}/x?sig=1")
    assert isinstance(error, kind)
    assert words in str(error)
    assert "sig" not in str(error)


def test_a_refused_connection_says_so() -> None:
    with network(NetworkSettings(tries=1)) as manager:
        error = failure(manager, refused_url())
    assert isinstance(error, ConnectionFailedError)
    assert "refused" in str(error)


def test_an_answer_that_is_not_compressed_as_it_says_is_a_bad_answer() -> None:
    with (
        serving(lambda _: Say(headers={"Content-Encoding": "gzip"}, body=b"no gzip")) as server,
        network(NetworkSettings()) as manager,
    ):
        error = failure(manager, server.url)
    assert isinstance(error, BadAnswerError)
    assert "compressed" in str(error)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("/loop", "in a circle"),
        ("ftp://host/x", "cannot be asked"),
        ("http://h:x/", "not what HTTP"),
    ],
)
def test_a_redirect_that_leads_nowhere_is_a_bad_answer(target: str, words: str) -> None:
    with (
        serving(lambda _: Say(302, {"Location": target})) as server,
        network(NetworkSettings()) as manager,
    ):
        error = failure(manager, f"{server.url}/loop")
        assert not manager.is_known_offline(server.url)
    assert isinstance(error, BadAnswerError)
    assert words in str(error)
    assert server.count <= 11


# --- names -----------------------------------------------------------------------------------------


def test_a_name_that_does_not_exist_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_args: object, **_options: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with network(NetworkSettings(tries=1)) as manager:
        error = failure(manager, "https://hub.invalid/x")
        assert isinstance(error, ConnectionFailedError)
        assert "hub.invalid: the name cannot be found" in str(error)
        overlong = failure(manager, "http://" + "a" * 70 + ".invalid/")
        assert isinstance(overlong, ConnectionFailedError)


def test_a_name_that_is_never_resolved_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    end = threading.Event()

    def endless(*_args: object, **_options: object) -> list[object]:
        end.wait(10)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", endless)
    with network(HASTY) as manager:
        began = time.monotonic()
        error = failure(manager, "https://hub.invalid/x")
        assert time.monotonic() - began < 1.2
        assert isinstance(error, TimedOutError)
        assert manager.is_known_offline("https://hub.invalid")
    end.set()
    for thread in threading.enumerate():
        if thread.name == "resolve":
            thread.join(5)


def test_the_next_address_of_a_host_is_tried_in_the_same_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = socket.getaddrinfo

    def two(host: str, port: int, *args: object, **options: object) -> list[object]:
        if host != "hub.invalid":
            return list(known(host, port, *args, **options))  # type: ignore[arg-type]
        stream = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*stream, (address, port)) for address in ("127.0.0.2", "127.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", two)
    with serving() as server, network(NetworkSettings()) as manager, manager.client() as client:
        answer = client.get(server.url.replace("127.0.0.1", "hub.invalid"))
    assert answer.status_code == 200


# --- TLS -------------------------------------------------------------------------------------------


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


def test_a_certificate_of_a_trusted_authority_is_accepted(
    tls: ssl.SSLContext, ca_file: str
) -> None:
    with (
        serving(tls=tls) as server,
        network(NetworkSettings(ca_file=ca_file)) as manager,
        manager.client() as client,
    ):
        assert client.get(server.url).status_code == 200


def test_a_certificate_that_nobody_vouches_for_is_refused_and_not_tried_again(
    tls: ssl.SSLContext,
) -> None:
    with serving(tls=tls) as server, network(NetworkSettings()) as manager:
        error = failure(manager, server.url)
        [status] = manager.status()
    assert isinstance(error, TlsError)
    assert "certificate was not accepted" in str(error)
    assert (server.count, status.failures) == (0, 1)


def test_a_certificate_for_another_host_is_refused(authority: trustme.CA, ca_file: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("other.example").configure_cert(context)
    with serving(tls=context) as server, network(NetworkSettings(ca_file=ca_file)) as manager:
        assert isinstance(failure(manager, server.url), TlsError)


def test_a_host_that_speaks_no_tls_is_a_tls_error() -> None:
    with serving() as server, network(NetworkSettings()) as manager:
        error = failure(manager, server.url.replace("http:", "https:"))
    assert isinstance(error, TlsError)


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_certificates_that_cannot_be_read_are_a_clear_error(
    tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    with (
        network(NetworkSettings(ca_file=str(path))) as manager,
        pytest.raises(InvalidValueError, match="certificates"),
    ):
        manager.client()


# --- proxies ---------------------------------------------------------------------------------------


def test_requests_go_through_the_proxy_except_to_this_machine() -> None:
    with serving(lambda _: Say(body=b"by proxy")) as proxy, serving() as server:
        settings = NetworkSettings(proxy=proxy.url, no_proxy=("direct.invalid",), tries=1)
        with network(settings) as manager, manager.client() as client:
            assert client.get("http://hub.invalid/x").text == "by proxy"
            assert client.get(server.url).text == "{}"
            with pytest.raises(httpx2.ConnectError):
                client.get("http://direct.invalid/x")
    assert [one.path for one in proxy.asked] == ["http://hub.invalid/x"]


def test_a_proxy_that_refuses_is_named() -> None:
    def refuse(_asked: Asked) -> Say:
        return Say(403)

    with serving(refuse) as proxy, network(NetworkSettings(proxy=proxy.url, tries=1)) as manager:
        error = failure(manager, "https://hub.invalid/x")
    assert isinstance(error, ConnectionFailedError | BadAnswerError)


@pytest.mark.parametrize("address", ["socks5://127.0.0.1:1", "nonsense", "http://"])
def test_a_proxy_that_cannot_be_used_is_a_clear_error(address: str) -> None:
    with (
        network(NetworkSettings(proxy=address)) as manager,
        pytest.raises(InvalidValueError, match="proxy"),
    ):
        manager.client()


@pytest.mark.parametrize(
    ("host", "port", "no_proxy", "directly"),
    [
        ("localhost", 80, (), True),
        ("dev.localhost", 80, (), True),
        ("127.0.0.9", 80, (), True),
        ("::1", 80, (), True),
        ("hub.example", 443, (), False),
        ("hub.example", 443, ("*",), True),
        ("hub.example", 443, ("example",), True),
        ("hub.example", 443, (".example",), True),
        ("hub.example", 443, ("*.example",), True),
        ("hub.example", 443, ("ub.example",), False),
        ("HUB.example.", 443, ("hub.example",), True),
        ("hub.example", 443, ("hub.example:443",), True),
        ("hub.example", 443, ("hub.example:80",), False),
        ("10.1.2.3", 80, ("10.0.0.0/8",), True),
        ("11.1.2.3", 80, ("10.0.0.0/8", "", "nonsense"), False),
        ("fd00::5", 80, ("fd00::/8",), True),
    ],
)
def test_what_goes_past_the_proxy(
    host: str, port: int, no_proxy: tuple[str, ...], directly: bool
) -> None:
    assert goes_directly(host, port, no_proxy) is directly
