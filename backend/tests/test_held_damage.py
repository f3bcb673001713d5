"""What the library holds may be damaged: good bytes that come in again mend it and are never thrown away for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from model_library import Library
from model_library.taxonomy import Placement
from tests.factory import padded
from tests.hf.test_hub_cache import cache


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library") as opened:
        yield opened


def damage(path: Path) -> None:
    """Change bytes that no sample reads, and nothing that `stat` tells but the time."""
    with path.open("r+b") as file:
        file.seek(3_000_123)
        file.write(b"\x7f" * 100)


@pytest.mark.parametrize("place", [Placement.AUTO, Placement.COPY, Placement.MOVE])
def test_a_damaged_model_is_mended_by_importing_its_file_again(
    library: Library, tmp_path: Path, place: Placement
) -> None:
    source = padded(tmp_path / "in" / "model.safetensors", 9)
    (model,) = library.import_models([source])["imported"]
    damage(Path(model["path"]))
    assert library.verify()["damaged"]
    again = library.import_models([source], place=place)
    assert [one["repaired"] for one in again["imported"]] == [True]
    assert library.verify()["intact"] == [model["model_id"]]


def test_a_reference_into_a_cache_that_lies_displaces_no_good_file(
    library: Library, tmp_path: Path
) -> None:
    cached = cache(tmp_path, shared=False)
    good = tmp_path / "in" / "style.safetensors"
    good.parent.mkdir()
    good.write_bytes(cached.read_bytes())
    blob = cached.resolve()
    data = bytearray(blob.read_bytes())
    data[-1] ^= 1
    blob.write_bytes(data)
    library.import_models([tmp_path / "hub"], place=Placement.REFERENCE)
    (known,) = library.list()["models"]
    refused = library.import_models([good], place=Placement.MOVE)
    assert good.exists()
    assert [one["error"]["code"] for one in refused["failed"]] == ["hash-mismatch"]
    library.delete(known["model_id"], purge=True)
    assert library.import_models([good])["imported"]
    assert len(library.verify()["intact"]) == 1


def test_a_lying_file_of_a_cache_is_no_duplicate_of_the_true_one(
    library: Library, tmp_path: Path
) -> None:
    cached = cache(tmp_path, shared=False)
    good = tmp_path / "in" / "style.safetensors"
    good.parent.mkdir()
    good.write_bytes(cached.read_bytes())
    library.import_models([good])
    blob = cached.resolve()
    data = bytearray(blob.read_bytes())
    data[-1] ^= 1
    blob.write_bytes(data)
    report = library.import_models([tmp_path / "hub"], place=Placement.COPY)
    assert not report["duplicates"]
    assert len(report["imported"]) == 1
