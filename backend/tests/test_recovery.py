"""What recovery must not do: finish an act on something that is not what the act was about."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from model_library import Library
from model_library.deletion import DELETE
from model_library.errors import RecordChangedError
from model_library.events import Event, Notice
from model_library.library import Catalog
from model_library.placing import place_file
from model_library.publishing import EXCLUSIVE_JOB, PUBLISH
from model_library.taxonomy import Placement
from model_library.trash import delete
from tests.factory import lora
from tests.test_placing import found, nothing


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library") as opened:
        yield opened


def catalog_of(library: Library) -> Catalog:
    return library._catalog


def test_a_source_stays_when_another_model_took_the_place(library: Library, tmp_path: Path) -> None:
    """A move died after its journal entry; another process then published at the same place."""
    source = lora(tmp_path / "a" / "model.safetensors", seed=1)
    before = source.read_bytes()
    theirs = lora(tmp_path / "b" / "model.safetensors", seed=2)
    (other,) = library.import_models([theirs])["imported"]
    directory = Path(other["path"]).parent
    staged = tmp_path / "staged.safetensors"
    placed = place_file(
        found(source),
        staged,
        Placement.MOVE,
        held="model.safetensors",
        autov3_from=None,
        progress=nothing,
        link=True,
    )
    assert placed.moved is not None
    catalog = catalog_of(library)
    home = catalog.roots.home
    payload = {
        "model_id": "model-00000000",
        "content_digest": "0" * 64,
        "root_id": home.root_id,
        "location": directory.relative_to(home.path).as_posix(),
        "moved": [asdict(placed.moved)],
    }
    catalog.registry.begin("job-dead", [(PUBLISH, payload)])
    with Library.open(library.path) as again:
        assert again.status()["unfinished"] == 0
        assert again.verify()["damaged"] == []
    assert source.read_bytes() == before


def test_a_purge_of_a_linked_directory_touches_only_the_link(
    library: Library, tmp_path: Path
) -> None:
    (model,) = library.import_models([lora(tmp_path / "a.safetensors")])["imported"]
    directory = Path(model["path"]).parent
    directory.rename(tmp_path / "real")
    directory.symlink_to(tmp_path / "real")
    library.delete(model["model_id"], purge=True)
    assert (tmp_path / "real" / "a.safetensors").exists()
    assert library.list()["total"] == 0


def test_edits_at_once_lose_no_word(library: Library, tmp_path: Path) -> None:
    (model,) = library.import_models([lora(tmp_path / "a.safetensors")])["imported"]

    def say(field: str) -> None:
        with Library.open(library.path) as mine:
            mine.edit(model["model_id"], [f"{field}=said"])

    fields = ("notes", "license", "description", "lineage")
    threads = [threading.Thread(target=say, args=(field,)) for field in fields]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shown = library.show(model["model_id"])
    assert [shown[field] for field in fields] == ["said"] * 4
    assert shown["user_set"] == sorted(fields)


def test_a_record_that_changed_meanwhile_is_not_deleted(library: Library, tmp_path: Path) -> None:
    (model,) = library.import_models([lora(tmp_path / "a.safetensors")])["imported"]
    catalog = catalog_of(library)
    seen = catalog.indexed(model["model_id"])
    library.edit(model["model_id"], ["notes=new"])
    with pytest.raises(RecordChangedError):
        catalog.require_unchanged(seen)
    assert delete(catalog, model["model_id"], purge=False).trash is not None


def test_a_deletion_from_an_old_registry_is_finished_and_said(
    library: Library, tmp_path: Path
) -> None:
    (model,) = library.import_models([lora(tmp_path / "in" / "model.safetensors")])["imported"]
    record = catalog_of(library).record(model["model_id"])
    payload = {
        "model_id": record.metadata.model_id,
        "root_id": record.root.root_id,
        "location": record.location,
        "trash": ".trash/2020-01-01/model",
    }
    (record.root.path / ".trash" / "2020-01-01").mkdir(parents=True)
    catalog_of(library).registry.begin(EXCLUSIVE_JOB, [(DELETE, payload)])
    library.close()
    said: list[Event] = []
    with Library.open(library.path, listener=said.append) as opened:
        assert opened.list()["total"] == 0
        (notice,) = [one for one in said if isinstance(one, Notice)]
        assert record.metadata.model_id in notice.message
        assert f"restore {record.metadata.model_id}" in notice.hint
        assert opened.restore(record.metadata.model_id)["model_id"] == record.metadata.model_id
