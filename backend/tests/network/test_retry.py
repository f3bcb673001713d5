"""Trying again: what, how often, how long."""

from __future__ import annotations

import threading
import time as real
from collections.abc import Iterator

import httpx2
import pytest

from model_library.config import NetworkSettings
from model_library.network.guard import CircuitOpenError, RequestCancelledError
from model_library.network.manager import Kind, NetworkManager
from tests.network.servers import (
    Asked,
    FakeTime,
    Say,
    Server,
    fake_network,
    hangs_up,
    misbehaving,
    network,
    resets,
    serving,
)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def manager(server: Server, time: FakeTime) -> Iterator[NetworkManager]:
    with fake_network(NetworkSettings(endpoint=server.url, failures_to_open=9), time) as made:
        yield made


def in_turn(*answers: Say) -> object:
    """Each answer once, the last for ever."""
    left = list(answers)

    def answer(_asked: Asked) -> Say:
        return left.pop(0) if len(left) > 1 else left[0]

    return answer


def answers(server: Server, *says: Say) -> None:
    server.answers = in_turn(*says)  # type: ignore[assignment]


def test_a_failure_that_passes_is_not_seen(server: Server, manager: NetworkManager) -> None:
    answers(server, Say(503), Say(502), Say(body=b"well"))
    with manager.client() as client:
        assert client.get(f"{server.url}/x").text == "well"
    assert server.count == 3


def test_waits_grow_with_every_try(server: Server, manager: NetworkManager, time: FakeTime) -> None:
    answers(server, Say(503))
    with manager.client() as client:
        assert client.get(f"{server.url}/x").status_code == 503
    assert server.count == 3
    assert 0.25 + 0.5 <= time.slept <= 0.25 + 0.5 + 2 * 0.25


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 416, 501])
def test_an_answer_that_would_be_the_same_is_taken(
    server: Server, manager: NetworkManager, status: int
) -> None:
    answers(server, Say(status))
    with manager.client() as client:
        assert client.get(f"{server.url}/x").status_code == status
    assert server.count == 1


def test_what_is_not_idempotent_is_sent_once(server: Server, manager: NetworkManager) -> None:
    answers(server, Say(503))
    with manager.client() as client:
        assert client.post(f"{server.url}/x", content=b"once").status_code == 503
    assert server.count == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "2"},
        {"RateLimit": '"api";r=0;t=2'},
        {"Retry-After": "Tue, 14 Nov 2023 22:13:22 GMT"},  # two seconds after the time begins
    ],
)
def test_the_time_that_a_host_asks_for_is_granted(
    server: Server, manager: NetworkManager, time: FakeTime, headers: dict[str, str]
) -> None:
    answers(server, Say(429, headers), Say())
    with manager.client() as client:
        assert client.get(f"{server.url}/x").status_code == 200
    assert 2.0 <= time.slept <= 2.25


def test_who_has_no_patience_is_given_the_refusal(
    server: Server, manager: NetworkManager, time: FakeTime
) -> None:
    answers(server, Say(429, {"Retry-After": "120"}, b"slow down"), Say())
    with manager.client() as client:
        response = client.get(f"{server.url}/x")
        assert (response.status_code, response.text, time.slept) == (429, "slow down", 0.0)
        answers(server, Say(429, {"Retry-After": "120"}), Say())
        with manager.calling(patience=300):  # longer than a call may take: the host did answer
            assert client.get(f"{server.url}/x").status_code == 200
    assert time.slept >= 120


def test_who_waits_long_is_told_how_long(server: Server, manager: NetworkManager) -> None:
    told: list[float] = []
    answers(server, Say(429, {"Retry-After": "1"}), Say(429, {"Retry-After": "30"}), Say())
    with manager.client() as client, manager.calling(on_wait=told.append):
        assert client.get(f"{server.url}/x").status_code == 200
    assert [30 <= seconds <= 31 for seconds in told] == [True]


def test_a_refusal_without_a_time_is_tried_again_soon(
    server: Server, manager: NetworkManager, time: FakeTime
) -> None:
    answers(server, Say(429), Say())
    with manager.client() as client:
        assert client.get(f"{server.url}/x").status_code == 200
    assert time.slept < 1


def test_waiting_ends_at_once_when_it_is_cancelled(server: Server) -> None:
    answers(server, Say(429, {"Retry-After": "60"}))
    cancelled = threading.Event()
    with network(NetworkSettings(endpoint=server.url)) as manager, manager.client() as client:
        timer = threading.Timer(0.2, cancelled.set)
        timer.start()
        began = real.monotonic()
        with (
            manager.calling(patience=100, cancelled=cancelled),
            pytest.raises(RequestCancelledError),
        ):
            client.get(f"{server.url}/x")
        timer.join()
        assert real.monotonic() - began < 2
        assert not manager.is_known_offline(server.url)


def test_waiting_ends_at_once_when_the_network_is_closed(server: Server) -> None:
    answers(server, Say(429, {"Retry-After": "60"}))
    manager = NetworkManager(NetworkSettings(endpoint=server.url), patience=100)
    with manager.client() as client:
        timer = threading.Timer(0.2, manager.close)
        timer.start()
        with pytest.raises(RequestCancelledError, match="closed"):
            client.get(f"{server.url}/x")
        timer.join()


@pytest.mark.parametrize("behaviour", [resets, hangs_up])
def test_a_connection_that_breaks_is_tried_again(behaviour: object, time: FakeTime) -> None:
    with (
        misbehaving(behaviour) as server,  # type: ignore[arg-type]
        fake_network(NetworkSettings(endpoint=server.url), time) as manager,
        manager.client() as client,
        pytest.raises((httpx2.ReadError, httpx2.RemoteProtocolError)),
    ):
        client.get(f"{server.url}/x")
    assert server.connections == 3


def test_a_host_whose_circuit_opened_meanwhile_is_not_tried_again(
    server: Server, time: FakeTime
) -> None:
    answers(server, Say(500))
    settings = NetworkSettings(endpoint=server.url, failures_to_open=2, tries=5)
    with fake_network(settings, time) as manager, manager.client() as client:
        assert client.get(f"{server.url}/x").status_code == 500
        assert server.count == 2
        with pytest.raises(CircuitOpenError):
            client.get(f"{server.url}/x")
    assert server.count == 2


def test_tries_of_a_call_end_with_its_time(server: Server, time: FakeTime) -> None:
    def slow(_asked: Asked) -> Say:
        time.passes(3.2)
        return Say(503)

    server.answers = slow
    settings = NetworkSettings(endpoint=server.url, tries=4, failures_to_open=99)
    with fake_network(settings, time) as manager:
        with manager.client() as client:
            assert client.get(f"{server.url}/x").status_code == 503
        assert server.count == 2
        with manager.client(kind=Kind.DOWNLOAD) as client:  # has 20 s
            assert client.get(f"{server.url}/x").status_code == 503
        assert server.count == 2 + 4


def test_a_call_and_its_redirects_share_one_time(server: Server, time: FakeTime) -> None:
    def onwards(asked: Asked) -> Say:
        time.passes(3)
        return Say(302, {"Location": f"{asked.path}x"})

    server.answers = onwards
    with (
        fake_network(NetworkSettings(endpoint=server.url), time) as manager,
        manager.client() as client,
        pytest.raises(httpx2.TimeoutException),
    ):
        client.get(f"{server.url}/x")
    assert server.count == 3
