"""Our whole way to a test Hub: network, cache, throttle and client, as the program puts them together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model_library.config import NetworkSettings
from model_library.hf.client import HubClient
from model_library.network.manager import NetworkManager
from tests.hub import Hub


@dataclass
class Clock:
    """Seconds since 1970 that the test moves."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def settings_for(hub: Hub, **settings: Any) -> NetworkSettings:
    ca_file = None if hub.ca_file is None else str(hub.ca_file)
    patient = {"call_budget": 3.0, "read_timeout": 2.0, "connect_timeout": 2.0}
    return NetworkSettings(**{"endpoint": hub.endpoint, "ca_file": ca_file, **patient, **settings})


@contextmanager
def hub_client(
    hub: Hub,
    directory: Path | None = None,
    *,
    wall: Callable[[], float] | None = None,
    **settings: Any,
) -> Iterator[HubClient]:
    """A client of that Hub; `settings` are fields of `NetworkSettings`."""
    network = NetworkManager(settings_for(hub, **settings), directory=directory)
    client = HubClient(network) if wall is None else HubClient(network, wall=wall)
    try:
        yield client
    finally:
        client.close()
        network.close()
