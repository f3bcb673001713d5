"""A quick scan looks at every model's files and reads only what changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from model_library import Library
from model_library.library import Catalog
from model_library.scanner import quick_scan
from model_library.taxonomy import Placement, RootMode
from tests.factory import lora


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library") as opened:
        yield opened


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The locations of the metadata files that are read."""
    found: list[str] = []
    read_record = Catalog.read_record

    def noting(root: Any, location: str, *more: Any) -> Any:
        found.append(location)
        return read_record(root, location, *more)

    monkeypatch.setattr(Catalog, "read_record", staticmethod(noting))
    return found


def imported(library: Library, path: Path, seed: int = 0, **options: Any) -> dict[str, Any]:
    (model,) = library.import_models([lora(path, seed=seed)], **options)["imported"]
    return dict(model)


@pytest.mark.parametrize("place", [Placement.COPY, Placement.REFERENCE])
def test_what_happens_to_a_file_is_seen_without_reading_other_records(
    library: Library, tmp_path: Path, read: list[str], place: Placement
) -> None:
    drive = tmp_path / "drive"
    drive.mkdir()
    if place is Placement.REFERENCE:
        library.add_root(drive, mode=RootMode.REFERENCED)
    model = imported(library, drive / "sub" / "a.safetensors", place=place)
    imported(library, drive / "sub" / "b.safetensors", seed=1, place=place)
    catalog, file = library._catalog, Path(model["path"])
    good = file.read_bytes()
    read.clear()
    assert quick_scan(catalog).unchanged == 2
    assert read == []
    file.write_bytes(good + b"more")
    assert quick_scan(catalog).modified == [model["model_id"]]
    assert len(read) == 1
    assert quick_scan(catalog).unchanged == 2
    file.unlink()
    assert quick_scan(catalog).missing == [model["model_id"]]
    file.write_bytes(good)
    report = quick_scan(catalog)
    assert (report.updated, report.missing, report.modified) == ([model["model_id"]], [], [])
    assert len(read) == 3


def test_what_the_index_has_beside_its_documents_is_mended_when_it_is_damaged(
    library: Library, tmp_path: Path, read: list[str]
) -> None:
    for seed, held in enumerate(("", '[null, false, [["away.safetensors", 1, "weight"]]]', "gone")):
        imported(library, tmp_path / f"{seed}.safetensors", seed=seed)
        index = sqlite3.connect(library.path / "models.db")
        index.execute("UPDATE held SET files = ? WHERE id = ?", (held, seed + 1))
        index.execute("DELETE FROM held WHERE files = 'gone'")
        index.commit()
        index.close()
    read.clear()
    report = quick_scan(library._catalog)
    assert (report.models, report.missing, len(read)) == (3, [], 3)
    read.clear()
    assert quick_scan(library._catalog).unchanged == 3
    assert read == []


def test_a_model_that_is_known_to_be_damaged_stays_modified(
    library: Library, tmp_path: Path
) -> None:
    model = imported(library, tmp_path / "a.safetensors")
    file = Path(model["path"])
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    library.verify()
    for _ in range(2):
        report = quick_scan(library._catalog)
        assert (report.unchanged, report.modified) == (1, [model["model_id"]])
