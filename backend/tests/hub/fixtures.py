"""Fixtures that other tests import by name, and the real client of the Hub set up to speak to a test Hub."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx2
import pytest

from tests.hub.server import Hub, running_hub

if TYPE_CHECKING:
    from huggingface_hub import HfApi


@pytest.fixture
def hub() -> Iterator[Hub]:
    """An empty Hub over HTTP/1.1."""
    with running_hub() as running:
        yield running


@pytest.fixture
def secure_hub() -> Iterator[Hub]:
    """An empty Hub over TLS and HTTP/2."""
    with running_hub(tls=True, http2=True) as running:
        yield running


def trust_of(hub: Hub) -> ssl.SSLContext | bool:
    """The `verify` of an httpx2 client that is to trust this Hub."""
    return ssl.create_default_context(cafile=str(hub.ca_file)) if hub.ca_file else True


@contextmanager
def plain_client(hub: Hub, *, timeout: float = 5.0) -> Iterator[httpx2.Client]:
    """A client without redirects or retries, over HTTP/2 where the Hub speaks it."""
    with httpx2.Client(
        base_url=hub.endpoint, http2=True, verify=trust_of(hub), timeout=timeout
    ) as client:
        yield client


@contextmanager
def real_client(hub: Hub) -> Iterator[HfApi]:
    """`huggingface_hub` itself, without a token, as if the Hub were at this address."""
    from huggingface_hub import HfApi, set_client_factory
    from huggingface_hub.utils import _http

    def made() -> httpx2.Client:
        hooks = {"request": [_http.hf_request_event_hook]}
        return httpx2.Client(
            http2=True, verify=trust_of(hub), event_hooks=hooks, follow_redirects=True, timeout=5
        )

    set_client_factory(made)
    try:
        yield HfApi(endpoint=hub.endpoint, token=False)
    finally:
        set_client_factory(_http.default_client_factory)
