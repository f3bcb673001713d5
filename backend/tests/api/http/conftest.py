"""A real server on a free loopback port, with a library of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from model_library.api.server import Server, in_thread, opened


@contextmanager
def client_of(server: Server) -> Iterator[httpx2.Client]:
    """A program that knows the token."""
    access = server.context.access
    headers = {"Authorization": f"Bearer {access.token}"}
    with httpx2.Client(base_url=access.url, headers=headers, timeout=30) as client:
        yield client


@contextmanager
def running(library: Path) -> Iterator[Server]:
    with opened(library) as server, in_thread(server):
        yield server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path / "library") as server:
        yield server


@pytest.fixture
def client(server: Server) -> Iterator[httpx2.Client]:
    with client_of(server) as client:
        yield client


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for tests that change nothing."""
    with running(tmp_path_factory.mktemp("shared") / "library") as server:
        yield server


@pytest.fixture
def stranger(shared: Server) -> Iterator[httpx2.Client]:
    """A program that knows nothing."""
    with httpx2.Client(base_url=shared.context.access.url, timeout=30) as client:
        yield client
