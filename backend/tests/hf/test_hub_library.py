"""`huggingface_hub`'s own functions, used anywhere in the process of a library, go through our transports."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from huggingface_hub import HfApi, constants, hf_hub_download, snapshot_download
from huggingface_hub.errors import (
    HfHubHTTPError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
)

from tests.hf.speaking import hub_client
from tests.hub import Hub, Origin, RateLimits, hub_repo, running_hub
from tests.hub.faults import Hang, Status

REPO = "me/tiny"
WEIGHTS = b"weights" * 5000
FILES = {"config.json": b"{}", "model.safetensors": WEIGHTS}
AT_ONCE = 1.0
"""Seconds: nothing is sent."""


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a program of its own."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_PROGRESS_BARS", True)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)


@pytest.fixture
def hub() -> Iterator[Hub]:
    with running_hub([hub_repo(REPO, FILES)]) as running:
        yield running


def api_of(hub: Hub) -> HfApi:
    return HfApi(endpoint=hub.endpoint, token=False)


def downloaded(hub: Hub, tmp_path: Path, name: str = "model.safetensors") -> bytes:
    path = hf_hub_download(
        REPO, name, endpoint=hub.endpoint, token=False, cache_dir=tmp_path / "cache"
    )
    return Path(path).read_bytes()


def test_its_downloads_come_through_our_connections(tmp_path: Path) -> None:
    """Whose certificate only our settings trust."""
    with (
        running_hub([hub_repo(REPO, FILES)], tls=True, http2=True) as hub,
        hub_client(hub) as client,
    ):
        assert downloaded(hub, tmp_path) == WEIGHTS
        folder = snapshot_download(
            REPO, endpoint=hub.endpoint, token=False, cache_dir=tmp_path / "cache"
        )
        assert {path.name for path in Path(folder).iterdir()} == set(FILES)
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda n: api_of(hub).file_exists(REPO, f"{n}.txt"), range(16)))
        assert not any(found)
        assert {one.http_version for one in hub.requests} == {"2"}
        for origin in Origin:
            connections = {one.connection for one in hub.seen(origin=origin)}
            assert len(connections) == 1
        asked = {one.host for one in client.network.status()}
        assert asked == {hub.endpoint, hub.cdn}


def test_after_three_failures_it_is_refused_at_once(hub: Hub, tmp_path: Path) -> None:
    rule = hub.faults.add(Status(500))
    with hub_client(hub) as client:
        with pytest.raises(HfHubHTTPError):
            api_of(hub).model_info(REPO)
        assert len(hub.requests) == 3
        assert client.network.is_known_offline(hub.endpoint)
        began = time.monotonic()
        with pytest.raises(OfflineModeIsEnabled, match="does not answer since"):
            api_of(hub).model_info(REPO)
        with pytest.raises(LocalEntryNotFoundError):
            downloaded(hub, tmp_path)
        assert time.monotonic() - began < AT_ONCE
        assert len(hub.requests) == 3
    rule.off()
    with hub_client(hub):
        assert downloaded(hub, tmp_path) == WEIGHTS


def test_a_hub_that_hangs_is_known_after_one_call(hub: Hub, tmp_path: Path) -> None:
    hub.faults.add(Hang())
    with hub_client(hub, call_budget=1.0):
        began = time.monotonic()
        with pytest.raises(Exception, match=r"in time|timed out|answer"):
            api_of(hub).model_info(REPO)
        with pytest.raises(LocalEntryNotFoundError):
            downloaded(hub, tmp_path)
        assert time.monotonic() - began < 7


def test_its_requests_are_paced() -> None:
    limits = RateLimits(api=5, window=1.0)
    repos = [hub_repo(f"me/model-{number}", FILES) for number in range(9)]
    with running_hub(repos, limits=limits) as hub, hub_client(hub):
        for number in range(9):
            assert api_of(hub).model_info(f"me/model-{number}").id == f"me/model-{number}"
        assert hub.quota.overdrawn == 0
        assert {one.status for one in hub.requests} == {200}


def test_offline_it_fails_at_once_and_uses_what_it_keeps(hub: Hub, tmp_path: Path) -> None:
    with hub_client(hub):
        assert downloaded(hub, tmp_path) == WEIGHTS
    asked = len(hub.requests)
    with hub_client(hub, offline=True):
        began = time.monotonic()
        assert downloaded(hub, tmp_path) == WEIGHTS
        with pytest.raises(OfflineModeIsEnabled):
            api_of(hub).model_info(REPO)
        with pytest.raises(LocalEntryNotFoundError):
            downloaded(hub, tmp_path / "empty")
        assert time.monotonic() - began < AT_ONCE
    assert len(hub.requests) == asked


def test_what_is_not_there_is_its_own_error(hub: Hub) -> None:
    with hub_client(hub), pytest.raises(RepositoryNotFoundError):
        api_of(hub).model_info("me/nothing")
