"""Downloads from the test Hub through the whole stack of transports, over HTTP/1.1 and over TLS and HTTP/2."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from model_library.config import NetworkSettings
from model_library.errors import ModelLibraryError, OfflineError, TokenNeededError
from model_library.hf.file_download import DownloadSource, Proof, ProvenDigests, fetch
from model_library.network.manager import Kind, NetworkManager
from tests.hf.downloading import CONTENT, IMPATIENT, SIZE, Recorder
from tests.hub.access import HubUser
from tests.hub.faults import (
    Drip,
    Fault,
    Gzipped,
    Hang,
    IgnoreRange,
    NoLength,
    RedirectLoop,
    Reset,
    ShortBody,
    Stall,
    Status,
    WrongBytes,
    WrongLength,
    WrongRange,
)
from tests.hub.messages import Origin
from tests.hub.repos import hub_repo
from tests.hub.server import Hub, running_hub

pytestmark = pytest.mark.usefixtures("in_pieces")

TOKEN = "hf_tests_only"  # noqa: S105
CONFIG = b'{"model_type": "llama"}'
FILES = {"model.gguf": CONTENT, "config.json": CONFIG}


@pytest.fixture(params=["HTTP/1.1", "HTTP/2"])
def hub(request: pytest.FixtureRequest) -> Iterator[Hub]:
    secure = request.param == "HTTP/2"
    repos = [
        hub_repo("org/model", FILES, resolve_cache=True),
        hub_repo("org/gated", FILES, gated="auto"),
    ]
    user = HubUser("someone", TOKEN, accepted=frozenset({"org/gated"}))
    with running_hub(repos, users=[user], tls=secure, http2=secure) as running:
        yield running


@pytest.fixture
def client(hub: Hub) -> Iterator[httpx2.Client]:
    ca_file = str(hub.ca_file) if hub.ca_file else None
    manager = NetworkManager(NetworkSettings(endpoint=hub.endpoint, token=TOKEN, ca_file=ca_file))
    with manager.client(kind=Kind.DOWNLOAD) as made:
        yield made
    manager.close()


def _fetched(
    client: httpx2.Client, hub: Hub, target: Path, name: str = "org/model", *, token: bool = True
) -> ProvenDigests:
    """As a provider calls it that knows only the file's name."""
    headers = {"Authorization": f"Bearer {TOKEN}"} if token else {}
    url = f"{hub.endpoint}/{name}/resolve/main/{target.name}"
    source = DownloadSource(url, headers, name=target.name)
    return fetch(client, source, target, Recorder(), connections=4, patience=IMPATIENT)


def test_a_large_file_comes_from_the_storage_without_the_token(
    client: httpx2.Client, hub: Hub, tmp_path: Path
) -> None:
    proven = _fetched(client, hub, tmp_path / "model.gguf", "org/gated")
    assert (proven.size, proven.proof) == (SIZE, Proof.SHA256)
    assert (tmp_path / "model.gguf").read_bytes() == CONTENT
    assert len(hub.seen(origin=Origin.CDN)) > 4
    assert all("authorization" not in one.headers for one in hub.seen(origin=Origin.CDN))


def test_a_small_file_comes_from_the_hub_itself(
    client: httpx2.Client, hub: Hub, tmp_path: Path
) -> None:
    assert _fetched(client, hub, tmp_path / "config.json").proof is Proof.GIT
    assert (tmp_path / "config.json").read_bytes() == CONFIG


def test_a_gated_file_without_a_token(client: httpx2.Client, hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(TokenNeededError):
        _fetched(client, hub, tmp_path / "model.gguf", "org/gated", token=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "fault",
    [
        ShortBody(after=100_000),
        Stall(after=100_000),
        Drip(chunk=100, pause=0.05),
        Hang(seconds=3),
        Status(503),
        Status(403),
        Status(429, {"Retry-After": "0"}),
        WrongBytes(at=1000),
        NoLength(),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_a_fault_that_passes_ends_with_the_right_file(
    client: httpx2.Client, hub: Hub, tmp_path: Path, fault: Fault
) -> None:
    hub.faults.add(fault, "*", method="GET", origin=Origin.CDN, times=2, after=3)
    _fetched(client, hub, tmp_path / "model.gguf")
    assert [one.name for one in tmp_path.iterdir()] == ["model.gguf"]
    assert (tmp_path / "model.gguf").read_bytes() == CONTENT


@pytest.mark.parametrize("hub", ["HTTP/1.1"], indirect=True)
def test_connections_that_are_reset(client: httpx2.Client, hub: Hub, tmp_path: Path) -> None:
    hub.faults.add(Reset(after=100_000), "*", method="GET", origin=Origin.CDN, times=5)
    _fetched(client, hub, tmp_path / "model.gguf")
    assert (tmp_path / "model.gguf").read_bytes() == CONTENT


@pytest.mark.parametrize(
    "fault",
    [
        Gzipped(),
        IgnoreRange(),
        WrongRange(),
        WrongLength(),
        WrongBytes(at=1000),
        RedirectLoop(),
        Status(404),
        Status(416),
        Status(410),
        Status(500),
        Drip(chunk=1, pause=0.05),
    ],
    ids=lambda fault: type(fault).__name__ + str(getattr(fault, "code", "")),
)
def test_a_fault_that_stays_ends_with_the_right_file_or_one_error(
    client: httpx2.Client, hub: Hub, tmp_path: Path, fault: Fault
) -> None:
    rule = hub.faults.add(fault, "*", method="GET", origin=Origin.CDN)
    target = tmp_path / "model.gguf"
    failure = _failure_of(client, hub, target)
    if failure is not None:
        assert not target.exists()
        assert "?" not in str(failure)  # a signed address
        rule.on = False
        _fetched_when_the_host_is_back(client, hub, target)
    assert target.read_bytes() == CONTENT
    assert [one.name for one in tmp_path.iterdir()] == ["model.gguf"]


def _failure_of(client: httpx2.Client, hub: Hub, target: Path) -> ModelLibraryError | None:
    try:
        _fetched(client, hub, target)
    except ModelLibraryError as error:
        return error
    return None


def _fetched_when_the_host_is_back(client: httpx2.Client, hub: Hub, target: Path) -> None:
    """The circuit breaker may be open: then with connections of its own."""
    try:
        _fetched(client, hub, target)
    except OfflineError:
        ca_file = str(hub.ca_file) if hub.ca_file else None
        manager = NetworkManager(NetworkSettings(endpoint=hub.endpoint, ca_file=ca_file))
        with manager.client(kind=Kind.DOWNLOAD) as anew:
            _fetched(anew, hub, target, token=False)
        manager.close()
