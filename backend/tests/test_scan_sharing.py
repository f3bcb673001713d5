"""A deep scan of a big library is done by several processes, and finds what one alone finds."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil
import pytest

from model_library import Library, scan_sharing, scanner
from model_library.errors import CancelledError, ParallelScanError
from model_library.events import Advanced, Event, Notice
from model_library.library import Catalog
from model_library.metadata import dump_metadata
from model_library.scan_pool import ScanPool
from model_library.scanner import ScanReport, deep_scan
from tests.models import described, sha256_of

MODELS = 40


@pytest.fixture(autouse=True)
def _everything_is_big(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "_WORTH_SHARING", 5)
    monkeypatch.setattr(scanner, "usable_processors", lambda: 2)
    monkeypatch.setattr(scan_sharing, "ROWS_A_PIECE", 7)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    Library.open(tmp_path / "library").close()
    for number in range(MODELS):
        add_model(tmp_path / "library" / "models", number)
    with Library.open(tmp_path / "library") as library:
        yield library._catalog


def add_model(root: Path, number: int, **fields: Any) -> Path:
    """A model of a root; returns its metadata.json."""
    slug = f"model-{number:03d}"
    directory = root / ("vae" if number % 3 else "checkpoint") / "sdxl" / slug
    fields = {
        "model_id": f"{slug}-0123abcd",
        "official_name": f"Model {number:03d}",
        "slug": slug,
        "kind": directory.parent.parent.name,
        "content_digest": sha256_of(slug),
        "precision": ("F16", "f16")[number % 2],
        "tags": (f"tag{number % 4}",),
    } | fields
    directory.mkdir(parents=True)
    (directory / "flux1-dev.safetensors").write_bytes(bytes(1000))
    path = directory / "metadata.json"
    path.write_bytes(dump_metadata(described(**fields)))
    return path


def said(report: ScanReport) -> dict[str, Any]:
    """A report in values that can be compared."""
    return asdict(report) | {"problems": [(p.code, str(p)) for p in report.problems]}


def both_ways(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> ScanReport:
    """The report of a scan by many, after the same was found by one alone."""
    shared = deep_scan(catalog)
    catalog.index.check()
    outline, facets = catalog.index.outline(), catalog.index.statistics()
    with monkeypatch.context() as patch:
        patch.setattr(scanner, "usable_processors", lambda: 1)
        alone = deep_scan(catalog)
    assert said(shared) == said(alone)
    assert outline == catalog.index.outline()
    assert facets == catalog.index.statistics()
    return shared


def children() -> list[psutil.Process]:
    """The processes of a scan, also those that ended and nobody asked about."""
    return [child for child in psutil.Process().children(recursive=True) if is_of_a_scan(child)]


def is_of_a_scan(child: psutil.Process) -> bool:
    try:
        return "model_library.scan_worker" in child.cmdline()
    except psutil.ZombieProcess:
        return True


def test_many_find_what_one_finds(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    assert both_ways(catalog, monkeypatch).models == MODELS
    assert len(catalog.index.ids_with("precision", "F16")) == MODELS
    assert children() == []


def test_what_is_wrong_with_models_is_reported_the_same(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files away or of another size, a broken record, a copy made by hand, bytes known to be damaged."""
    home = catalog.roots.home.path
    paths = sorted(home.glob("*/*/*/metadata.json"))
    paths[3].with_name("flux1-dev.safetensors").unlink()
    paths[9].with_name("flux1-dev.safetensors").write_bytes(b"short")
    paths[17].write_text("{}")
    paths[30].write_bytes(paths[2].read_bytes())
    paths[31].write_bytes(paths[29].read_bytes())
    monkeypatch.setattr(
        type(catalog.registry),
        "damaged_models",
        lambda _: frozenset([json.loads(paths[20].read_text())["model_id"]]),
    )
    report = both_ways(catalog, monkeypatch)
    assert report.models == MODELS - 3
    assert (len(report.missing), len(report.modified)) == (1, 2)
    assert [problem.path for problem in report.problems] == [str(paths[n]) for n in (17, 30, 31)]


def test_models_of_offline_roots_stay(
    catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drive = tmp_path / "drive"
    drive.mkdir()
    with Library.open(catalog.directory) as library:
        library.add_root(drive)
    for number in range(100, 110):
        add_model(drive, number)
    add_model(drive, 5)  # in the home root too
    catalog.roots.refresh()
    assert both_ways(catalog, monkeypatch).models == MODELS + 10
    drive.rename(tmp_path / "away")
    (tmp_path / "away" / ".root.json").unlink()
    catalog.roots.refresh()
    report = both_ways(catalog, monkeypatch)
    assert (report.models, len(report.offline_roots)) == (MODELS + 10, 1)


def test_a_record_that_only_another_process_could_not_read_is_in_the_index(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A drive that failed for a moment."""
    (broken,) = catalog.roots.home.path.glob("*/*/model-011/metadata.json")
    good = broken.read_bytes()
    broken.write_text("{")
    read = Catalog.read_record

    def mended(*arguments: Any) -> Any:
        broken.write_bytes(good)
        return read(*arguments)

    monkeypatch.setattr(Catalog, "read_record", staticmethod(mended))
    report = deep_scan(catalog)
    assert (report.models, report.problems) == (MODELS, [])
    catalog.index.check()
    assert catalog.index.get("model-011-0123abcd") is not None


def test_when_a_process_dies_one_alone_goes_on(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Event] = []
    killed: list[psutil.Process] = []
    run = ScanPool.run

    def killing(self: ScanPool, *arguments: Any) -> Any:
        if not killed:
            killed.extend(children())
            for child in killed:
                child.kill()
        return run(self, *arguments)

    monkeypatch.setattr(ScanPool, "run", killing)
    assert deep_scan(catalog, heard.append).models == MODELS
    assert killed
    assert [e.code for e in heard if isinstance(e, Notice)] == ["parallel-scan"]
    catalog.index.check()
    assert children() == []


@pytest.mark.parametrize("executable", ["", "/no/such/program"])
def test_where_no_process_can_be_started_one_alone_scans(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, executable: str
) -> None:
    monkeypatch.setattr(sys, "executable", executable)
    with pytest.raises(ParallelScanError):
        ScanPool(1, ())
    assert deep_scan(catalog).models == MODELS


def test_it_tells_how_far_it_is_and_can_be_stopped(catalog: Catalog) -> None:
    heard: list[Event] = []
    deep_scan(catalog, heard.append)
    assert sum(event.models for event in heard if isinstance(event, Advanced)) == MODELS
    before = catalog.index.outline()

    def stop(_event: Event) -> None:
        raise CancelledError("Enough")

    with pytest.raises(CancelledError):
        deep_scan(catalog, stop)
    assert children() == []
    assert catalog.index.outline() == before
    assert sorted(path.name for path in catalog.directory.glob("models.db.*")) == ["models.db.lock"]


SCANNING = """
import sys, time
from model_library import Library, scanner, scan_sharing
scanner._WORTH_SHARING, scan_sharing.ROWS_A_PIECE = 5, 7
scanner.usable_processors = lambda: 2
def listener(event):
    print("running", flush=True)
    time.sleep(60)
from model_library.scanner import deep_scan
with Library.open(sys.argv[1]) as library:
    deep_scan(library._catalog, listener)
"""


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="this system has no process groups")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_the_processes_end_with_the_one_that_started_them(catalog: Catalog, how: int) -> None:
    """By kill -9 and by Ctrl-C, which a terminal sends to all of them."""
    process = subprocess.Popen(
        [sys.executable, "-c", SCANNING, str(catalog.directory)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"running\n"
        started = psutil.Process(process.pid).children()
        assert len(started) == 2
        if how == signal.SIGINT:
            os.killpg(process.pid, how)
        else:
            process.kill()
        process.wait()
    _, alive = psutil.wait_procs(started, timeout=30)
    assert alive == []
    assert deep_scan(catalog).models == MODELS
    assert list(catalog.directory.glob("models.db.new*")) == []
