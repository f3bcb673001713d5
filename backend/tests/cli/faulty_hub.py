"""Fixtures that tests of faults import by name: a library at a test Hub over HTTP/1.1, and one over HTTP/2."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cli.at_the_hub import FRIEND, TOKEN, Terminal, hurried, tiny_repos
from tests.hub import Hub, running_hub
from tests.hub.faults import Drip, Fault, Hang, Stall

UNHURRIED: dict[str, Any] = {"call_budget": 12.0, "read_timeout": 10.0, "connect_timeout": 10.0}
"""For answers that come: however busy the machine is, it is not for want of time that a command fails."""


def patience_with(fault: Fault) -> dict[str, Any]:
    """Little with a fault that is noticed by nothing but the time, which would have to pass."""
    return {} if isinstance(fault, Drip | Hang | Stall) else UNHURRIED


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with running_hub(tiny_repos(tmp_path_factory.mktemp("made")), users=[FRIEND]) as hub:
        yield hub


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    repos = tiny_repos(tmp_path_factory.mktemp("made"))
    with running_hub(repos, users=[FRIEND], tls=True, http2=True) as hub:
        yield hub


@pytest.fixture
def terminal(plain: Hub, tmp_path: Path) -> Iterator[Terminal]:
    with _at(plain, tmp_path) as made:
        yield made


@pytest.fixture
def secure_terminal(secure: Hub, tmp_path: Path) -> Iterator[Terminal]:
    with _at(secure, tmp_path) as made:
        yield made


@contextmanager
def _at(hub: Hub, tmp_path: Path) -> Iterator[Terminal]:
    hub.faults.clear()
    hub.quota.reset()
    hub.requests.clear()
    with hurried():
        yield Terminal(tmp_path / "library", hub, {"HF_TOKEN": TOKEN})
    hub.faults.clear()


def a_minute_later(terminal: Terminal) -> None:
    """A host that did not answer is asked again."""
    for path in (terminal.home / "cache").glob("network.db*"):
        path.unlink()
