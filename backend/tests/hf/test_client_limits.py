"""What is not believed of the Hub: other hosts, and listings that are larger than any real one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from model_library.errors import BadAnswerError, RateLimitedError, TimedOutError
from model_library.hf import client as client_module
from model_library.hf.client import HubClient
from model_library.providers import SearchRequest
from tests.hf.speaking import hub_client
from tests.hf.test_client import OTHER, REPO
from tests.hub import Hub, HubUser, running_hub
from tests.hub.faults import Headers, RedirectTo, Status


@pytest.fixture
def hub() -> Iterator[Hub]:
    with running_hub([REPO, OTHER]) as running:
        yield running


@pytest.fixture
def client(hub: Hub) -> Iterator[HubClient]:
    with hub_client(hub) as made:
        yield made


def test_a_redirect_to_another_host_is_not_followed(hub: Hub) -> None:
    hub.admit(HubUser("me", "hf_mine"))
    hub.faults.add(RedirectTo(f"{hub.cdn}/elsewhere"), "/api/*")
    with (
        hub_client(hub, token="hf_mine") as client,  # noqa: S106
        pytest.raises(BadAnswerError, match="not believed"),
    ):
        client.details("me/tiny-gguf")
    assert [one for one in hub.requests if one.path == "/elsewhere"] == []


def test_a_server_that_knows_no_search_is_no_hub(hub: Hub, client: HubClient) -> None:
    hub.faults.add(Status(404), "/api/models")
    with pytest.raises(BadAnswerError, match=hub.endpoint) as found:
        client.search(SearchRequest("tiny"))
    assert "HF_ENDPOINT" in found.value.hint


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://hub/a", "https://hub/b", True),
        ("http://hub/a", "https://hub/a", True),
        ("https://hub/a", "http://hub/a", False),
        ("https://hub/a", "https://hub:444/a", False),
        ("https://hub/a", "https://other/a", False),
        ("http://hub/a", "https://other/a", False),
        ("https://hub/a", "ftp://hub/a", False),
    ],
)
def test_only_the_same_host_is_believed(one: str, other: str, same: bool) -> None:
    assert client_module._is_same_host(httpx2.URL(one), httpx2.URL(other)) is same


def test_a_renamed_model_is_found_under_its_new_name(hub: Hub, client: HubClient) -> None:
    hub.faults.add(RedirectTo("/api/models/you/tiny-lora?blobs=true", 307), "/api/models/old/name")
    assert client.details("old/name").value.repo == "you/tiny-lora"


@pytest.mark.parametrize(
    ("limit", "value", "error"),
    [
        ("MAX_LISTING", 300, BadAnswerError),
        ("MAX_LISTING", 2_000, BadAnswerError),
        ("MAX_ENTRIES", 10, BadAnswerError),
        ("MAX_LISTING_TIME", -1.0, TimedOutError),
    ],
)
def test_all_pages_of_a_listing_share_one_limit(
    hub: Hub, client: HubClient, monkeypatch: Any, limit: str, value: float, error: Any
) -> None:
    monkeypatch.setattr(client_module, limit, value)
    monkeypatch.setattr(client_module, "TREE_PAGE", 1)
    link = f'<{hub.endpoint}/api/models/me/tiny-gguf/tree/main?recursive=true>; rel="next"'
    hub.faults.add(Headers({"link": link}), "*/tree/*")
    with pytest.raises(error):
        client.details("me/tiny-gguf")
    assert len([one for one in hub.requests if "/tree/" in one.path]) < 10


def test_an_allowance_without_a_time_promises_none(hub: Hub, client: HubClient) -> None:
    hub.faults.add(Status(429), "/api/*")
    with pytest.raises(RateLimitedError) as caught:
        client.details("me/tiny-gguf")
    assert "message says" not in f"{caught.value.message} {caught.value.hint}"
