"""Repositories of a real Hub on loopback become models, and what goes wrong ends well."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from model_library.arrivals import arrivals, sweep
from model_library.config import NetworkSettings, Settings
from model_library.downloader import Downloader, DownloadRequest
from model_library.errors import (
    CancelledError,
    ChoiceNeededError,
    DownloadMismatchError,
    InvalidValueError,
    LibraryBusyError,
    TargetFullError,
)
from model_library.events import ignore
from model_library.intake import ImportReport
from model_library.io import platform
from model_library.io.manager import DriveQueues
from model_library.library import Catalog
from model_library.network.manager import NetworkManager
from model_library.providers import Provider, open_provider
from model_library.scanner import deep_scan
from model_library.store import STAGING
from tests.hub.faults import WrongBytes
from tests.hub.repos import hub_repo
from tests.hub.sample import sample_repos
from tests.hub.server import Hub, running_hub


class Carrier:
    """A transfer that nobody watches; stops after `limit` bytes."""

    def __init__(self, limit: int | None = None) -> None:
        self.cancelled = threading.Event()
        self.arrived = self.skipped = 0
        self._limit = limit
        self._lock = threading.Lock()

    def advance(self, count: int) -> None:
        with self._lock:
            self.arrived += count
        if self._limit is not None and self.arrived > self._limit:
            self.cancelled.set()
        if self.cancelled.is_set():
            raise CancelledError("stopped")

    def skip(self, count: int) -> None:
        self.skipped += count


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with running_hub(sample_repos(tmp_path_factory.mktemp("hub"))) as running:
        yield running


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    opened = Catalog.open(tmp_path / "library", Settings(), ignore)
    deep_scan(opened)
    yield opened
    opened.close()


@pytest.fixture
def provider(hub: Hub) -> Iterator[Provider]:
    hub.faults.clear()
    hub.requests.clear()
    network = NetworkManager(NetworkSettings(endpoint=hub.endpoint))
    made = open_provider("huggingface", network)
    yield made
    made.close()
    network.close()


@pytest.fixture
def downloader(catalog: Catalog, provider: Provider) -> Downloader:
    return Downloader(catalog, provider, DriveQueues(), ignore)


def fetched(
    downloader: Downloader, request: DownloadRequest, carrier: Carrier | None = None
) -> ImportReport:
    incoming = downloader.plan(request)
    return downloader.run(request, incoming, carrier or Carrier(), "0a0a0a0a")


def staged(catalog: Catalog) -> list[Path]:
    return list((catalog.roots.home.path / STAGING).glob("download-*"))


GGUF = DownloadRequest("sample/TinyLlama-1.1B-Chat-GGUF", quant="q4_k_m")


def test_a_quantization_becomes_a_model_that_is_known(
    catalog: Catalog, downloader: Downloader, hub: Hub
) -> None:
    carrier = Carrier()
    report = fetched(downloader, GGUF, carrier)
    assert [len(report.imported), len(report.failed), len(report.duplicates)] == [1, 0, 0]
    model = catalog.record(report.imported[0].model_id).metadata
    assert model.placement == "download"
    assert (model.match.method, model.match.confidence, model.match.pending) == ("hash", 1.0, False)
    source = model.sources[0]
    assert source.repo == "sample/TinyLlama-1.1B-Chat-GGUF"
    assert source.file == "tinyllama-1.1b-chat.Q4_K_M.gguf"
    assert source.revision is not None
    assert len(source.revision) == 40
    assert model.license == "apache-2.0"
    assert carrier.arrived == model.size
    assert staged(catalog) == []
    assert not hub.seen("Q8_0", method="GET")


def test_a_folder_model_arrives_whole(catalog: Catalog, downloader: Downloader) -> None:
    report = fetched(downloader, DownloadRequest("sample/small-llm"))
    model = catalog.record(report.imported[0].model_id).metadata
    assert model.form in {"transformers-folder", "sharded-set"}
    assert len(model.weights) == 2
    assert not model.missing_files


def test_what_is_there_already_is_a_duplicate_and_is_not_fetched_again(
    catalog: Catalog, downloader: Downloader, hub: Hub
) -> None:
    first = fetched(downloader, GGUF)
    hub.requests.clear()
    second = fetched(downloader, GGUF)
    assert [one.model_id for one in second.duplicates] == [first.imported[0].model_id]
    assert not hub.seen("/resolve/", method="GET")
    assert staged(catalog) == []


def test_several_choices_are_named_before_anything_is_fetched(
    downloader: Downloader, hub: Hub
) -> None:
    with pytest.raises(ChoiceNeededError, match="Q8_0"):
        downloader.plan(DownloadRequest("sample/TinyLlama-1.1B-Chat-GGUF"))
    with pytest.raises(InvalidValueError, match="Q2_K"):
        downloader.plan(DownloadRequest("sample/TinyLlama-1.1B-Chat-GGUF", quant="Q2_K"))
    assert not hub.seen("/resolve/")


def test_a_stopped_download_keeps_what_arrived_and_goes_on(
    catalog: Catalog, downloader: Downloader
) -> None:
    with pytest.raises(CancelledError):
        fetched(downloader, GGUF, Carrier(limit=5_000_000))
    assert len(staged(catalog)) == 1
    carrier = Carrier()
    report = fetched(downloader, GGUF, carrier)
    assert len(report.imported) == 1
    assert staged(catalog) == []


def test_wrong_bytes_are_never_taken_in(catalog: Catalog, downloader: Downloader, hub: Hub) -> None:
    hub.faults.add(WrongBytes(), "*Q4_K_M.gguf")
    with pytest.raises(DownloadMismatchError):
        fetched(downloader, GGUF)
    assert catalog.index.count() == 0
    hub.faults.clear()
    assert len(fetched(downloader, GGUF).imported) == 1


def test_a_pickle_is_refused_and_its_bytes_wait_for_consent(
    catalog: Catalog, downloader: Downloader, hub: Hub
) -> None:
    request = DownloadRequest("sample/upscaler")
    report = fetched(downloader, request)
    assert len(report.imported) + len(report.failed) == 1
    if report.failed:
        assert report.failed[0].error.code == "pickle-not-accepted"
        assert len(staged(catalog)) == 1
        hub.requests.clear()
        again = DownloadRequest("sample/upscaler", accept_pickle=True)
        assert len(fetched(downloader, again).imported) == 1
        assert not hub.seen("/resolve/", method="GET")
    assert staged(catalog) == []


def test_a_full_drive_is_noticed_before_the_first_byte(
    downloader: Downloader, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    from model_library.io import validator

    small = validator.Machine(free_bytes=lambda _: 1000)
    monkeypatch.setattr(validator.check_incoming, "__defaults__", (small,))
    with pytest.raises(TargetFullError):
        fetched(downloader, GGUF)
    assert not hub.seen("/resolve/", method="GET")
    assert platform.free_bytes is not small.free_bytes


def test_the_same_download_twice_at_once_is_refused(
    catalog: Catalog, downloader: Downloader
) -> None:
    incoming = downloader.plan(GGUF)
    with arrivals(catalog, incoming, "1"), pytest.raises(LibraryBusyError):
        fetched(downloader, GGUF)


def test_what_no_job_goes_on_with_is_swept_away(catalog: Catalog, downloader: Downloader) -> None:
    with pytest.raises(CancelledError):
        fetched(downloader, GGUF, Carrier(limit=5_000_000))
    sweep(catalog, {"0a0a0a0a"}, ignore)
    assert len(staged(catalog)) == 1
    sweep(catalog, (), ignore)
    assert staged(catalog) == []


def test_a_shard_that_a_model_lacks_completes_it_whatever_its_name(
    catalog: Catalog, downloader: Downloader, hub: Hub
) -> None:
    known = hub.holdings().repos["sample/small-llm"].files
    names = [f"model-0000{number}-of-00002.safetensors" for number in (1, 2)]
    shards = [file for path, file in sorted(known.items()) if path.endswith(".safetensors")]
    hub.publish(hub_repo("sample/generic", dict(zip(names, shards, strict=True))))
    first = fetched(downloader, DownloadRequest("sample/generic", files=(names[0],)))
    (half,) = first.imported
    assert catalog.record(half.model_id).metadata.missing_files == (names[1],)
    second = fetched(downloader, DownloadRequest("sample/generic", files=(names[1],)))
    (done,) = second.imported
    assert (done.model_id, done.completed) == (half.model_id, True)
    assert not catalog.record(half.model_id).metadata.missing_files
