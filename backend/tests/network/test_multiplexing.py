"""One HTTP/2 connection, many threads."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import h2.config
import h2.exceptions
import httpx2
import pytest

from model_library.config import NetworkSettings
from model_library.network.manager import Kind, NetworkManager
from model_library.network.multiplexing import SharedProtocol
from tests.hub import Hub, hub_repo
from tests.hub.faults import Hang, Reset
from tests.hub.fixtures import secure_hub
from tests.network.servers import network

__all__ = ["secure_hub"]

REPO = "owner/model"
WEIGHTS = bytes(range(256)) * 8192
"""2 MiB."""


@pytest.fixture
def hub(secure_hub: Hub) -> Hub:
    secure_hub.publish(hub_repo(REPO, {"config.json": b"{}", "weights.safetensors": WEIGHTS}))
    return secure_hub


@pytest.fixture
def manager(hub: Hub) -> Iterator[NetworkManager]:
    with network(settings_for(hub)) as made:
        yield made


@pytest.fixture
def _restless() -> Iterator[None]:
    """Threads that take turns after every few instructions."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def settings_for(hub: Hub, **options: float) -> NetworkSettings:
    """Of a network that tries nothing again, so that no failure is hidden."""
    return NetworkSettings(
        endpoint=hub.endpoint, ca_file=str(hub.ca_file), tries=1, **options  # type: ignore[arg-type]
    )


@pytest.mark.usefixtures("_restless")
def test_twenty_threads_share_a_connection_and_none_is_given_a_wrong_answer(
    hub: Hub, manager: NetworkManager
) -> None:
    names = [f"owner/model-{number}" for number in range(40)]
    for name in names:
        hub.publish(hub_repo(name, {"config.json": b"{}"}))
    with manager.client() as client, ThreadPoolExecutor(20) as pool:

        def ask(name: str) -> str:
            answer = client.get(f"{hub.endpoint}/api/models/{name}")
            assert answer.http_version == "HTTP/2"
            return str(answer.json()["id"])

        assert list(pool.map(ask, names * 5)) == names * 5
    assert len({one.connection for one in hub.requests}) == 1


@pytest.mark.usefixtures("_restless")
def test_bodies_and_calls_share_a_connection(hub: Hub, manager: NetworkManager) -> None:
    path = f"{hub.endpoint}/{REPO}/resolve/main/weights.safetensors"
    with (
        manager.client(kind=Kind.DOWNLOAD) as downloads,
        manager.client() as calls,
        ThreadPoolExecutor(8) as pool,
    ):
        identity = {"Accept-Encoding": "identity"}
        bodies = [pool.submit(downloads.get, path, headers=identity) for _ in range(4)]
        ids = [pool.submit(calls.get, f"{hub.endpoint}/api/models/{REPO}") for _ in range(40)]
        assert all(one.result().content == WEIGHTS for one in bodies)
        assert all(one.result().json()["id"] == REPO for one in ids)


def test_a_call_without_an_answer_ends_in_time_while_others_get_theirs(hub: Hub) -> None:
    hub.publish(hub_repo("owner/silent", {"config.json": b"{}"}))
    hub.faults.add(Hang(), "*/owner/silent")
    settings = settings_for(hub, call_budget=0.6, read_timeout=0.6)
    with network(settings) as manager, manager.client() as client:
        client.get(f"{hub.endpoint}/api/models/{REPO}")
        began = time.monotonic()
        with pytest.raises(httpx2.TimeoutException):
            client.get(f"{hub.endpoint}/api/models/owner/silent")
        assert time.monotonic() - began < 1.5


def test_a_connection_that_is_reset_fails_what_is_on_its_way_and_is_replaced(
    hub: Hub, manager: NetworkManager
) -> None:
    url = f"{hub.endpoint}/api/models/{REPO}"
    with manager.client() as client:
        assert client.get(url).status_code == 200
        hub.stop()
        with pytest.raises(httpx2.TransportError):
            client.get(url)
        hub.restart()
        assert client.get(url).status_code == 200


def test_a_body_that_stops_is_an_error_of_the_http_library(
    hub: Hub, manager: NetworkManager
) -> None:
    hub.faults.add(Reset(after=10), "/api/*", times=1)
    with manager.client() as client, pytest.raises(httpx2.TransportError):
        client.get(f"{hub.endpoint}/api/models/{REPO}")


def test_a_turn_that_is_not_used_is_taken_by_the_next() -> None:
    protocol = SharedProtocol(h2.config.H2Configuration())
    protocol.initiate_connection()
    first = protocol.get_next_available_stream_id()  # and an error came between
    taken: list[int] = []
    other = threading.Thread(target=lambda: taken.append(protocol.get_next_available_stream_id()))
    other.start()
    other.join(5)
    assert taken == [first]
    headers = [(":method", "GET"), (":path", "/"), (":scheme", "https"), (":authority", "hub")]
    protocol.send_headers(first, headers, end_stream=True)
    assert protocol.get_next_available_stream_id() == first + 2


def test_a_turn_that_ends_in_an_error_is_over() -> None:
    protocol = SharedProtocol(h2.config.H2Configuration())
    protocol.initiate_connection()
    began = time.monotonic()
    for _ in range(3):
        number = protocol.get_next_available_stream_id()
        with pytest.raises(h2.exceptions.ProtocolError):
            protocol.send_headers(number, [("no", "pseudo headers")])
        protocol.clear_outbound_data_buffer()
    assert time.monotonic() - began < 0.5
