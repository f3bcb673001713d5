"""The Hub's own client, used anywhere in the process, goes through our transports."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx2
import pytest
from huggingface_hub import HfApi, constants, set_client_factory
from huggingface_hub.utils import _http

from model_library.config import NetworkSettings
from model_library.network.manager import NetworkManager
from tests.hub import Hub, hub_repo
from tests.hub.faults import Hang, Status
from tests.hub.fixtures import hub, secure_hub
from tests.network.servers import network

__all__ = ["hub", "secure_hub"]

REPO = "owner/model"


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the client asks the real Hub, whatever its endpoint is, which programs call it."""
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", True)


@contextmanager
def api_over(manager: NetworkManager, hub: Hub) -> Iterator[HfApi]:
    """`huggingface_hub` as everybody uses it, over our stack."""
    hook = _http.hf_request_event_hook
    set_client_factory(lambda: manager.client(on_request=[hook]))
    try:
        yield HfApi(endpoint=hub.endpoint, token=False)
    finally:
        set_client_factory(_http.default_client_factory)


def settings_for(hub: Hub, **options: float) -> NetworkSettings:
    ca_file = str(hub.ca_file) if hub.ca_file else None
    return NetworkSettings(endpoint=hub.endpoint, ca_file=ca_file, **options)  # type: ignore[arg-type]


def test_its_methods_work_and_are_written_down(hub: Hub) -> None:
    hub.publish(hub_repo(REPO, {"config.json": b"{}"}))
    with network(settings_for(hub)) as manager, api_over(manager, hub) as api:
        assert api.model_info(REPO).id == REPO
        assert [one.id for one in api.list_models(search="model")] == [REPO]
        assert [one.path for one in api.list_repo_tree(REPO)] == ["config.json"]
        [status] = manager.status()
        assert status.host == hub.endpoint
        assert "api" in {quota.bucket for quota in status.quotas}


def test_the_circuit_breaker_applies_to_it(hub: Hub) -> None:
    hub.publish(hub_repo(REPO, {"config.json": b"{}"}))
    hub.faults.add(Status(500))
    with network(settings_for(hub)) as manager, api_over(manager, hub) as api:
        with pytest.raises(httpx2.HTTPError):
            api.model_info(REPO)
        asked = len(hub.requests)
        began = time.monotonic()
        with pytest.raises(httpx2.ConnectError, match="does not answer since"):
            api.model_info(REPO)
        assert time.monotonic() - began < 0.2
        assert len(hub.requests) == asked == 3


def test_it_never_waits_longer_than_a_call_may(hub: Hub) -> None:
    hub.publish(hub_repo(REPO, {"config.json": b"{}"}))
    hub.faults.add(Hang())
    with network(settings_for(hub, call_budget=0.6)) as manager, api_over(manager, hub) as api:
        began = time.monotonic()
        with pytest.raises(httpx2.TimeoutException):
            api.model_info(REPO)
        assert time.monotonic() - began < 1.5
        assert manager.is_known_offline(hub.endpoint)


def test_many_requests_at_once_share_one_connection(secure_hub: Hub) -> None:
    secure_hub.publish(hub_repo(REPO, {"config.json": b"{}"}))
    with (
        network(settings_for(secure_hub)) as manager,
        api_over(manager, secure_hub) as api,
        ThreadPoolExecutor(20) as pool,
    ):
        found = list(pool.map(lambda _: api.model_info(REPO).id, range(60)))
        with manager.client() as own:
            assert own.get(f"{secure_hub.endpoint}/api/models/{REPO}").http_version == "HTTP/2"
    assert found == [REPO] * 60
    assert len({one.connection for one in secure_hub.requests}) == 1
