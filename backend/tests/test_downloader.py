"""Repositories of a real Hub on loopback become models, and what goes wrong ends well."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import model_library.arrivals
from model_library.arrivals import arrivals, sweep
from model_library.config import NetworkSettings, Settings
from model_library.download_request import DownloadRequest
from model_library.downloader import Downloader
from model_library.errors import (
    CancelledError,
    ChoiceNeededError,
    DownloadMismatchError,
    InvalidValueError,
    LibraryBusyError,
    SourceChangedError,
    TargetExistsError,
    TargetFullError,
    UnsafeNameError,
)
from model_library.events import ignore
from model_library.intake import ImportReport
from model_library.io.manager import DriveQueues
from model_library.job_progress import ProgressMeter
from model_library.library import Catalog
from model_library.network.manager import NetworkManager
from model_library.providers import Provider, RemoteFile, open_provider
from model_library.scanner import deep_scan
from model_library.store import STAGING
from tests.factory import lora
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

    def waits(self, seconds: float) -> None:
        pass


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


@pytest.mark.parametrize("given", ["repo", "file", "revision"])
def test_an_address_is_kept_as_what_it_names_wherever_it_is_given(
    provider: Provider, hub: Hub, given: str
) -> None:
    page = (
        f"{hub.endpoint}/sample/pixel-art/resolve/main/pixel-art-sd15.safetensors?token=hf_secret"
    )
    asked = {
        "repo": DownloadRequest(page),
        "file": DownloadRequest("sample/pixel-art", files=(page,)),
        "revision": DownloadRequest(
            "sample/pixel-art", page, files=("pixel-art-sd15.safetensors",)
        ),
    }[given]
    assert asked.addressed(provider) == DownloadRequest(
        "sample/pixel-art", "main", ("pixel-art-sd15.safetensors",)
    )


@pytest.mark.parametrize(
    ("files", "revision"),
    [
        (("{hub}/sample/small-llm/blob/main/config.json?t=hf_secret",), None),
        (("{hub}/sample/pixel-art/blob/v1/a", "{hub}/sample/pixel-art/blob/v2/b"), None),
        ((), "{hub}/sample/pixel-art?t=hf_secret"),
        (("ftp://hf_secret@elsewhere/a",), None),
    ],
)
def test_addresses_that_do_not_go_together_are_refused(
    provider: Provider, hub: Hub, files: tuple[str, ...], revision: str | None
) -> None:
    named = tuple(file.format(hub=hub.endpoint) for file in files)
    said = None if revision is None else revision.format(hub=hub.endpoint)
    with pytest.raises(InvalidValueError) as found:
        DownloadRequest("sample/pixel-art", said, named).addressed(provider)
    assert found.value.hint
    assert "hf_secret" not in str(found.value)


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


# -- what others put where a download arrives --------------------------------------------------------


def stopped(downloader: Downloader) -> Path:
    """The directory in which the files of a stopped download lie."""
    incoming = downloader.plan(GGUF)
    with pytest.raises(CancelledError):
        downloader.run(GGUF, incoming, Carrier(limit=5_000_000), "0a0a0a0a")
    (top,) = incoming.root.path.glob(f"{STAGING}/download-*")
    return next(path for path in top.iterdir() if path.is_dir())


@pytest.mark.parametrize("level", ["directory", "top", "staging"])
def test_nothing_arrives_by_way_of_a_link(
    downloader: Downloader, tmp_path: Path, level: str
) -> None:
    directory = stopped(downloader)
    place = {"directory": directory, "top": directory.parent, "staging": directory.parent.parent}
    elsewhere = tmp_path / "elsewhere"
    place[level].rename(tmp_path / "before")
    elsewhere.mkdir()
    place[level].symlink_to(elsewhere)
    with pytest.raises(TargetExistsError, match="no directory"):
        fetched(downloader, GGUF)
    sweep(downloader._catalog, (), ignore)
    assert list(elsewhere.iterdir()) == []
    assert elsewhere.is_dir()


def test_a_swept_link_goes_and_what_it_leads_to_stays(
    catalog: Catalog, downloader: Downloader, tmp_path: Path
) -> None:
    top = stopped(downloader).parent
    top.rename(tmp_path / "kept")
    top.symlink_to(tmp_path / "kept")
    sweep(catalog, (), ignore)
    assert staged(catalog) == []
    assert any((tmp_path / "kept").iterdir())


def test_only_what_was_fetched_is_taken_in(
    catalog: Catalog, downloader: Downloader, tmp_path: Path
) -> None:
    directory = stopped(downloader)
    mine = lora(tmp_path / "mine.safetensors")
    before = mine.read_bytes()
    shutil.copy(mine, directory / "copied.safetensors")
    (directory / "linked.safetensors").symlink_to(mine)
    (directory / "hard.safetensors").hardlink_to(mine)
    (directory / "folder").symlink_to(tmp_path)
    (directory / "round").symlink_to(directory)
    report = fetched(downloader, GGUF)
    assert (len(report.imported), report.failed) == (1, [])
    assert catalog.index.count() == 1
    assert mine.read_bytes() == before
    assert staged(catalog) == []


@pytest.mark.parametrize("plant", ["symlink", "hard link", "pipe"])
def test_what_has_another_place_is_fetched_and_not_taken(
    catalog: Catalog, downloader: Downloader, tmp_path: Path, plant: str
) -> None:
    directory = stopped(downloader)
    target = directory / "tinyllama-1.1b-chat.Q4_K_M.gguf"
    mine = tmp_path / "mine"
    mine.write_bytes(b"mine")
    if plant == "symlink":
        target.symlink_to(mine)
    elif plant == "hard link":
        target.hardlink_to(mine)
    else:
        os.mkfifo(target)
    report = fetched(downloader, GGUF)
    assert (len(report.imported), report.failed) == (1, [])
    assert mine.read_bytes() == b"mine"


def test_a_file_that_is_altered_after_it_arrived_is_not_taken_in(
    catalog: Catalog, downloader: Downloader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_library.arrivals, "SMALL", 0)  # one after the other

    class Altering(Carrier):
        """Alters a file that has arrived when another one arrives."""

        def advance(self, count: int) -> None:
            super().advance(count)
            for path in catalog.roots.home.path.glob(f"{STAGING}/download-*/*/*.safetensors"):
                path.write_bytes(b"evil")

    with pytest.raises(SourceChangedError, match="while they arrive"):
        fetched(downloader, DownloadRequest("sample/small-llm"), Altering())
    assert catalog.index.count() == 0
    report = fetched(downloader, DownloadRequest("sample/small-llm"))
    assert (len(report.imported), report.failed) == (1, [])


def test_a_file_that_was_altered_once_is_fetched_again(
    catalog: Catalog, downloader: Downloader, hub: Hub
) -> None:
    incoming = downloader.plan(DownloadRequest("sample/small-llm"))
    with pytest.raises(CancelledError):
        fetched(downloader, DownloadRequest("sample/small-llm"), Carrier(incoming.size - 1))
    arrived = next(catalog.roots.home.path.glob(f"{STAGING}/download-*/*/*.safetensors"))
    arrived.write_bytes(b"evil")
    carrier = Carrier()
    report = fetched(downloader, DownloadRequest("sample/small-llm"), carrier)
    model = catalog.record(report.imported[0].model_id)
    assert {file.sha256 for file in model.metadata.weights} == {
        file.sha256 for file in incoming.files if file.path.endswith(".safetensors")
    }
    assert carrier.arrived + carrier.skipped == incoming.size


def test_models_are_counted_when_they_are_there_and_files_are_no_models(
    catalog: Catalog, provider: Provider
) -> None:
    meter = ProgressMeter()
    fetched(
        Downloader(catalog, provider, DriveQueues(), meter.hear),
        DownloadRequest("sample/small-llm"),
    )
    progress = meter.look()
    assert (progress.models_done, progress.models_total) == (1, None)


def test_files_that_cannot_lie_side_by_side_are_refused_before_anything_is_fetched(
    downloader: Downloader,
) -> None:
    incoming = downloader.plan(GGUF)
    files = (RemoteFile("a", 1), RemoteFile("a/b/model.gguf", 1))
    with pytest.raises(UnsafeNameError, match="'a'"):
        replace(incoming, files=files)
    assert replace(incoming, files=files[1:]).size == 1


def test_a_copy_of_the_library_does_not_sweep_what_is_being_fetched(
    catalog: Catalog, downloader: Downloader
) -> None:
    incoming = downloader.plan(GGUF)
    with arrivals(catalog, incoming, "1") as here:
        shutil.rmtree(catalog.directory / "locks")  # those of a copy are its own
        (catalog.directory / "locks").mkdir()
        sweep(catalog, (), ignore)
        assert here.directory.is_dir()
    sweep(catalog, (), ignore)
    assert staged(catalog) == []
    assert not (incoming.root.path / STAGING).exists()


def test_a_file_that_the_library_got_meanwhile_leaves_no_part(
    catalog: Catalog, downloader: Downloader, hub: Hub
) -> None:
    incoming = downloader.plan(GGUF)
    directory = stopped(downloader)
    parts = sorted(path.name for path in directory.iterdir())
    assert [name.rpartition(".gguf")[2] for name in parts] == [".part", ".part.json"]
    kept = {path.name: path.read_bytes() for path in directory.iterdir()}
    fetched(downloader, GGUF)
    with arrivals(catalog, incoming, "1") as here:
        for name, data in kept.items():
            (here.directory / name).write_bytes(data)
        (found,) = here.receive(catalog, downloader._provider, Carrier())
        assert [path.name for path in here.directory.iterdir()] == [found.name]
