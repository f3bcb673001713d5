"""The stack as a whole, and what is known of hosts."""

from __future__ import annotations

import subprocess
import sys
import threading
import time as real
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from model_library.config import NetworkSettings
from model_library.errors import CancelledError, InvalidValueError, OfflineError
from model_library.network.circuit_breaker import Refusal
from model_library.network.guard import (
    CircuitOpenError,
    OfflineTransportError,
    RequestCancelledError,
)
from model_library.network.manager import Kind, NetworkManager
from model_library.network.status import CircuitState, Served
from model_library.network.translate import translated
from tests.network.servers import (
    FakeTime,
    Say,
    fake_network,
    misbehaving,
    network,
    refused_url,
    says_nothing,
    serving,
)

QUOTA = {"RateLimit": '"api";r=499;t=120', "RateLimit-Policy": '"fixed window";"api";q=500;w=300'}


class Layer(httpx2.BaseTransport):
    """A provider's own transport: notes what passes, and may answer itself."""

    def __init__(
        self, name: str, passed: list[str], inner: httpx2.BaseTransport, answer: bytes = b""
    ) -> None:
        self._name, self._passed, self._inner, self._answer = name, passed, inner, answer

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self._passed.append(self._name)
        if self._answer:
            return httpx2.Response(200, content=self._answer)
        return self._inner.handle_request(request)


def test_layers_of_the_provider_are_outside_and_inside_of_the_tries() -> None:
    passed: list[str] = []
    with (
        serving(lambda _: Say(503)) as server,
        fake_network(NetworkSettings(endpoint=server.url), FakeTime()) as manager,
    ):
        client = manager.client(
            wrap_outer=[
                lambda inner: Layer("first", passed, inner),
                lambda inner: Layer("second", passed, inner),
            ],
            wrap_inner=[lambda inner: Layer("throttle", passed, inner)],
        )
        with client:
            client.get(server.url)
    assert passed == ["first", "second", "throttle", "throttle", "throttle"]


@pytest.mark.parametrize("kind", list(Kind))
def test_switched_off_nothing_is_sent_and_it_is_said_at_once(kind: Kind) -> None:
    with serving() as server:
        settings = NetworkSettings(endpoint=server.url, offline=True)
        with network(settings) as manager, manager.client(kind=kind) as client:
            began = real.monotonic()
            with pytest.raises(OfflineTransportError) as caught:
                client.get(f"{server.url}/x?sig=1")
            assert real.monotonic() - began < 0.1
            assert manager.is_known_offline(server.url)
    assert server.count == 0
    error = translated(caught.value, server.url)
    assert isinstance(error, OfflineError)
    assert "switched off" in str(error)
    assert "sig" not in str(error)


def test_switched_off_a_cache_still_answers() -> None:
    with network(NetworkSettings(offline=True)) as manager:
        client = manager.client(wrap_outer=[lambda inner: Layer("cache", [], inner, b"kept")])
        with client:
            assert client.get("https://hub.invalid/x").text == "kept"


def test_status_tells_what_is_known_of_each_host() -> None:
    time = FakeTime()
    gone = refused_url()
    with (
        serving(lambda _: Say(headers=QUOTA)) as server,
        fake_network(NetworkSettings(endpoint=server.url), time) as manager,
    ):
        with manager.client() as client:
            with pytest.raises(httpx2.ConnectError):
                client.get(gone)
            client.get(server.url)
        by_host = {one.host: one for one in manager.status()}
        well, bad = by_host[server.url], by_host[gone]
        [quota] = well.quotas
        assert (well.state, well.since, well.failures) == (CircuitState.CLOSED, None, 0)
        assert (well.last_answer, well.last_error) == (time.epoch, None)
        assert well.served is Served.LIVE
        assert (quota.bucket, quota.remaining, quota.limit) == ("api", 499, 500)
        assert quota.resets_at == time.epoch + 120
        assert (bad.state, bad.failures) == (CircuitState.OPEN, 3)
        assert bad.since == pytest.approx(time.epoch, abs=5)
        assert bad.last_error == "the connection was refused; nothing is listening there"
        assert (bad.last_answer, bad.served) == (None, Served.NONE)
        assert manager.has_answered(server.url)
        assert not manager.has_answered(gone)
        manager.served_from_cache(gone)
        assert {one.served for one in manager.status()} == {Served.LIVE, Served.CACHE}
        time.passes(121)
        assert manager.quotas(server.url) == ()


def test_the_next_process_knows_at_once_and_without_the_http_library(tmp_path: Path) -> None:
    gone = refused_url()
    with (
        network(NetworkSettings(), directory=tmp_path / "cache") as manager,
        manager.client() as client,
        pytest.raises(httpx2.ConnectError),
    ):
        client.get(gone)
    script = (
        "import sys; from pathlib import Path\n"
        "from model_library.config import NetworkSettings\n"
        "from model_library.network.manager import NetworkManager\n"
        "manager = NetworkManager(NetworkSettings(), directory=Path(sys.argv[1]))\n"
        "assert manager.is_known_offline(sys.argv[2]) and not manager.has_answered(sys.argv[2])\n"
        "[status] = manager.status(); assert status.state == 'open', status\n"
        "manager.close()\n"
        "heavy = {'httpx2', 'httpcore2', 'purgatory', 'stamina', 'ssl', 'asyncio'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "cache"), gone]
    subprocess.run(command, check=True, timeout=60)


def test_a_host_that_is_known_to_be_away_is_refused_with_its_times(tmp_path: Path) -> None:
    gone, time = refused_url(), FakeTime()
    with (
        fake_network(NetworkSettings(), time, directory=tmp_path) as manager,
        manager.client() as client,
        pytest.raises(httpx2.ConnectError),
    ):
        client.get(gone)
    with fake_network(NetworkSettings(), time, directory=tmp_path) as manager:
        time.passes(10)
        with manager.client() as client, pytest.raises(CircuitOpenError) as caught:
            client.get(gone)
    assert (caught.value.origin, caught.value.until) == (gone, caught.value.since + 60)
    assert "it may be asked again at " in str(caught.value)
    assert isinstance(translated(caught.value, gone), OfflineError)


@pytest.fixture
def new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process lives there: five hours behind UTC in winter."""
    with monkeypatch.context() as there:
        there.setenv("TZ", "America/New_York")
        real.tzset()
        yield
    real.tzset()


@pytest.mark.usefixtures("new_york")
def test_times_are_those_of_the_clock_on_the_wall() -> None:
    noon = 12 * 3600.0
    refused = str(CircuitOpenError(Refusal("https://hub.example", noon, noon + 60)))
    assert "since 07:00:00; it may be asked again at 07:01:00" in refused


def test_a_host_that_comes_back_is_asked_once_and_then_again() -> None:
    time = FakeTime()
    with (
        serving(lambda _: Say(500)) as server,
        fake_network(NetworkSettings(), time) as manager,
        manager.client() as client,
    ):
        client.get(server.url)
        assert manager.is_known_offline(server.url)
        server.answers = lambda _: Say()
        time.passes(61)
        assert not manager.is_known_offline(server.url)
        assert client.get(server.url).status_code == 200
        [status] = manager.status()
    assert (status.state, status.failures, status.since) == (CircuitState.CLOSED, 0, None)
    assert server.count == 4


def test_while_one_request_tries_all_others_are_refused_at_once() -> None:
    settings = NetworkSettings(call_budget=1.0, open_for=0.3, tries=1, failures_to_open=1)
    with (
        misbehaving(says_nothing) as server,
        network(settings) as manager,
        manager.client() as client,
    ):

        def ask(_: int) -> str:
            try:
                client.get(server.url)
            except httpx2.TransportError as error:
                return type(error).__name__
            return "answer"

        assert ask(0) == "ReadTimeout"
        real.sleep(0.35)
        with ThreadPoolExecutor(8) as pool:
            outcomes = list(pool.map(ask, range(8)))
    assert sorted(outcomes) == ["CircuitOpenError"] * 7 + ["ReadTimeout"]
    assert server.connections == 2


def test_what_a_throttle_answers_itself_says_nothing_about_the_host() -> None:
    time, gone = FakeTime(), refused_url()
    with fake_network(NetworkSettings(), time) as manager:
        with manager.client() as client, pytest.raises(httpx2.ConnectError):
            client.get(gone)
        time.passes(61)
        own = [lambda inner: Layer("throttle", [], inner, b"not now")]
        with manager.client(wrap_inner=own) as client:
            assert client.get(gone).text == "not now"
        [status] = manager.status()
        assert status.state is CircuitState.HALF_OPEN
        with manager.client() as client, pytest.raises(httpx2.ConnectError, match="refused"):
            client.get(gone)
        assert manager.is_known_offline(gone)


def test_waiting_for_our_turn_is_not_waiting_for_the_host() -> None:
    time = FakeTime()

    class Throttle(httpx2.BaseTransport):
        def __init__(self, inner: httpx2.BaseTransport) -> None:
            self._inner = inner

        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            time.passes(100)
            return self._inner.handle_request(request)

    with serving() as server, fake_network(NetworkSettings(), time) as manager:
        server.answers = lambda _: Say(503 if server.count == 1 else 200)
        with manager.client(wrap_inner=[Throttle]) as client:
            assert client.get(server.url).status_code == 200
    assert server.count == 2


def test_a_refusal_to_serve_is_no_failure_of_the_host() -> None:
    with (
        serving(lambda _: Say(404)) as server,
        fake_network(NetworkSettings(), FakeTime()) as manager,
        manager.client() as client,
    ):
        for status in (401, 403, 404, 410, 416, 429) * 2:
            server.answers = lambda _, status=status: Say(status)  # type: ignore[misc]
            assert client.get(server.url).status_code == status
        assert not manager.is_known_offline(server.url)


def test_who_cancels_says_nothing_about_the_host() -> None:
    cancelled = threading.Event()
    cancelled.set()
    with serving() as server, network(NetworkSettings()) as manager, manager.client() as client:
        for _ in range(4):
            with (
                manager.calling(cancelled=cancelled),
                pytest.raises(RequestCancelledError) as caught,
            ):
                client.get(server.url)
        assert client.get(server.url).status_code == 200
    assert isinstance(translated(caught.value, server.url), CancelledError)


def test_closing_a_client_closes_nothing_that_others_use() -> None:
    with serving() as server, network(NetworkSettings()) as manager:
        first, second = manager.client(), manager.client(kind=Kind.DOWNLOAD)
        first.get(server.url)
        first.close()
        assert second.get(server.url).status_code == 200
        second.close()


def test_after_the_network_was_closed_nothing_is_sent() -> None:
    with serving() as server:
        manager = NetworkManager(NetworkSettings())
        with manager.client() as client:
            manager.close()
            manager.close()
            with pytest.raises(RequestCancelledError):
                client.get(server.url)
    assert server.count == 0


def test_an_endpoint_that_is_no_address_is_a_clear_error() -> None:
    with pytest.raises(InvalidValueError):
        NetworkManager(NetworkSettings(endpoint="huggingface.co"))
