"""Secrets stay with the host that they are for."""

from __future__ import annotations

import logging

import httpx2
import pytest

from model_library.config import NetworkSettings
from model_library.network.guard import RequestCancelledError
from model_library.network.translate import translated
from tests.network.servers import FakeTime, Say, fake_network, network, refused_url, serving

TOKEN = "hf_verysecret"  # noqa: S105 - made up
SECRETS = {"Authorization": f"Bearer {TOKEN}", "Cookie": f"session={TOKEN}"}


def test_a_redirect_to_another_host_brings_no_token() -> None:
    with serving() as storage, serving() as hub:
        target = f"{storage.url}/file?X-Signature=abc"
        hub.answers = lambda _: Say(302, {"Location": target})
        with network(NetworkSettings(endpoint=hub.url)) as manager, manager.client() as client:
            assert client.get(f"{hub.url}/x", headers=SECRETS).status_code == 200
    assert hub.asked[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert hub.asked[0].headers["cookie"] == f"session={TOKEN}"
    assert not {"authorization", "cookie"} & storage.asked[0].headers.keys()


def test_who_asks_another_host_directly_sends_no_token_either() -> None:
    with serving() as other, network(NetworkSettings()) as manager, manager.client() as client:
        client.get(f"{other.url}/x", headers=SECRETS)
        client.get(other.url.replace("://", f"://me:{TOKEN}@"))
    for asked in other.asked:
        assert TOKEN not in str(asked.headers)
        assert "authorization" not in asked.headers


def test_a_token_for_https_is_not_sent_over_http() -> None:
    with serving() as server:
        settings = NetworkSettings(endpoint=server.url.replace("http:", "https:"))
        with network(settings) as manager, manager.client() as client:
            client.get(f"{server.url}/x", headers=SECRETS)
    assert not {"authorization", "cookie"} & server.asked[0].headers.keys()


def test_a_redirect_within_the_endpoint_keeps_the_token() -> None:
    with serving() as hub:
        hub.answers = lambda asked: (
            Say() if asked.path == "/new" else Say(307, {"Location": "/new"})
        )
        with network(NetworkSettings(endpoint=hub.url)) as manager, manager.client() as client:
            client.get(f"{hub.url}/old", headers=SECRETS)
    assert [one.headers.get("authorization") for one in hub.asked] == [f"Bearer {TOKEN}"] * 2


def test_no_log_names_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "httpx2")
    with serving() as storage, serving() as hub:
        target = f"{storage.url}/file?X-Signature={TOKEN}"
        hub.answers = lambda _: Say(302, {"Location": target, "Set-Cookie": f"session={TOKEN}"})
        with network(NetworkSettings(endpoint=hub.url)) as manager, manager.client() as client:
            client.get(f"{hub.url}/x", headers=SECRETS)
            logging.getLogger("huggingface_hub.utils._http").warning("asking %s", target)
            storage.answers = lambda _: Say(503)
            client.get(target)
    assert "/file" in caplog.text
    assert "stamina.retry_scheduled" in caplog.text
    assert TOKEN not in caplog.text
    assert not [record for record in caplog.records if TOKEN in str(vars(record))]


def test_neither_an_exception_nor_an_error_names_a_secret() -> None:
    address = f"{refused_url()}/file?X-Signature={TOKEN}"
    settings = NetworkSettings(token=TOKEN)
    errors: list[Exception] = []
    with fake_network(settings, FakeTime()) as manager, manager.client() as client:
        for _ in range(2):  # refused, then the circuit is open
            with pytest.raises(httpx2.ConnectError) as caught:
                client.get(address, headers=SECRETS)
            errors += [caught.value, translated(caught.value, address)]
        assert TOKEN not in repr(manager)
        assert TOKEN not in repr(manager.status())
    errors.append(translated(RequestCancelledError("enough"), address))
    for error in errors:
        assert TOKEN not in f"{error} {error!r} {vars(error)}".replace(
            repr(getattr(error, "_request", "")), ""
        )
    assert TOKEN not in repr(settings)
