"""Lookups against a Hub on loopback: what was imported learns where it comes from, now or when the network is
back, and a person's word is never overwritten."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from model_library import Library
from model_library.config import NetworkSettings, Settings
from model_library.errors import (
    CancelledError,
    InvalidValueError,
    OfflineError,
    RecordChangedError,
    RepositoryNotFoundError,
    RootOfflineError,
)
from model_library.events import Event, ModelDone
from model_library.hf.provider import HuggingFace
from model_library.library import Catalog
from model_library.lookups import LookupReport, Lookups, Outcome, apply, pending
from model_library.metadata import ModelMetadata
from model_library.network.manager import NetworkManager
from model_library.providers import LookedUp
from model_library.taxonomy import MatchMethod
from tests.factory import lora, shards
from tests.hub import Hub, hub_repo
from tests.hub.faults import Status
from tests.hub.fixtures import hub

__all__ = ["hub"]

OFFLINE = Settings(network=NetworkSettings(offline=True))


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library", settings=OFFLINE) as opened:
        yield opened


@pytest.fixture
def catalog(library: Library) -> Catalog:
    return library._catalog


def imported(library: Library, *paths: Path) -> list[str]:
    found = library.import_models(list(paths))
    assert not found["failed"]
    return sorted(model["model_id"] for model in found["imported"])


@contextmanager
def provider(hub: Hub, **options: Any) -> Iterator[HuggingFace]:
    settings = NetworkSettings(endpoint=hub.endpoint, **options)
    with closing(NetworkManager(settings)) as network, closing(HuggingFace(network)) as made:
        yield made


def looked_up(
    catalog: Catalog, hub: Hub, *model_ids: str, online: bool = True, **options: Any
) -> LookupReport:
    with provider(hub, offline=not online, **options) as asked:
        return Lookups(catalog, asked).look_up(model_ids or None)


def metadata(catalog: Catalog, model_id: str) -> ModelMetadata:
    return catalog.record(model_id).metadata


def test_a_renamed_file_is_found_by_its_bytes(
    library: Library, catalog: Catalog, hub: Hub, tmp_path: Path
) -> None:
    path = lora(tmp_path / "dream_painter (1).safetensors")
    hub.publish(hub_repo("someone/other-dream-painter", {"x.safetensors": b"x" * 2000}))
    hub.publish(
        hub_repo(
            "artist/Dream-Painter-XL",
            {
                "dream-painter-xl.safetensors": path,
                "README.md": b"card",
                "preview.png": b"p",
                "config.json": b"{}",
            },
            licence="mit",
            tags=("art",),
            base_model="org/base",
            base_relation="adapter",
        )
    )
    (model_id,) = imported(library, path)
    assert pending(catalog) == [model_id]
    (one,) = looked_up(catalog, hub).models
    assert one.found is not None
    assert (one.outcome, one.repo) == (Outcome.MATCHED, "artist/Dream-Painter-XL")
    assert (one.found.method, one.found.confidence) == (MatchMethod.HASH, 1.0)
    assert one.found.calls == len(hub.seen("/api/models")) <= 4
    assert {file.path for file in one.found.related} == {"README.md", "preview.png", "config.json"}
    after = metadata(catalog, model_id)
    assert (after.license, after.lineage, "art" in after.tags) == ("mit", "org/base", True)
    assert after.official_name == "Dream-Painter-XL"
    assert after.match.method is MatchMethod.HASH
    assert pending(catalog) == []
    assert library.search("license:mit")["total"] <= 1
    assert library.search("Dream-Painter-XL")["models"][0]["model_id"] == model_id


def test_a_second_lookup_changes_nothing(
    library: Library, catalog: Catalog, hub: Hub, tmp_path: Path
) -> None:
    path = lora(tmp_path / "dream-painter.safetensors")
    hub.publish(hub_repo("artist/dream-painter", {"dream-painter.safetensors": path}))
    (model_id,) = imported(library, path)
    looked_up(catalog, hub)
    file = catalog.record(model_id).metadata_path
    before = (file.read_bytes(), file.stat().st_mtime_ns)
    hub.requests.clear()
    (again,) = looked_up(catalog, hub, model_id).models
    assert (again.outcome, again.changed) == (Outcome.MATCHED, ())
    assert (file.read_bytes(), file.stat().st_mtime_ns) == before
    assert len(hub.requests) == 1, "its source is known"
    assert looked_up(catalog, hub).models == (), "nothing is pending"


def test_a_known_source_costs_one_request(
    library: Library, catalog: Catalog, hub: Hub, tmp_path: Path
) -> None:
    repo = hub_repo("org/paint", {"weights.safetensors": lora(tmp_path / "w.safetensors")})
    commit = repo.head.oid
    hub.publish(repo.committed({"weights.safetensors": b"newer" * 500}))
    snapshot = tmp_path / f"hub/models--org--paint/snapshots/{commit}"
    (model_id,) = imported(library, lora(snapshot / "weights.safetensors"))
    (one,) = looked_up(catalog, hub).models
    assert (one.outcome, one.repo) == (Outcome.MATCHED, "org/paint")
    assert [seen.path for seen in hub.requests] == [f"/api/models/org/paint/revision/{commit}"]
    (source,) = metadata(catalog, model_id).sources
    assert source.revision == commit


def test_a_commit_that_is_gone_is_looked_for_at_the_newest_one(
    library: Library, catalog: Catalog, hub: Hub, tmp_path: Path
) -> None:
    path = lora(tmp_path / f"models--org--paint/snapshots/{'0' * 40}/paint.safetensors")
    hub.publish(hub_repo("org/paint", {"paint.safetensors": path}))
    imported(library, path)
    (one,) = looked_up(catalog, hub).models
    assert one.found is not None
    assert (one.outcome, one.found.calls) == (Outcome.MATCHED, 2)


def test_other_bytes_under_its_name_are_a_modified_version(
    library: Library, catalog: Catalog, hub: Hub, tmp_path: Path
) -> None:
    path = lora(tmp_path / "dream-painter.safetensors", seed=1)
    theirs = lora(tmp_path / "theirs.safetensors", seed=2)
    hub.publish(
        hub_repo("artist/dream-painter", {"dream-painter.safetensors": theirs}, licence="mit")
    )
    (model_id,) = imported(library, path)
    (one,) = looked_up(catalog, hub).models
    after = metadata(catalog, model_id)
    assert one.outcome is Outcome.MODIFIED
    assert (after.match.method, after.match.modified) == (MatchMethod.FILENAME_EXACT, True)
    assert (after.match.confidence, after.license) == (0.75, "mit")
    assert after.official_name == "dream-painter"


def test_a_name_that_is_only_alike_is_recorded_and_not_believed(
    library: Library, catalog: Catalog, hub: Hub, tmp_path: Path
) -> None:
    path = lora(tmp_path / "dream-painter-v2.safetensors", seed=1)
    theirs = lora(tmp_path / "theirs.safetensors", seed=2)
    hub.publish(
        hub_repo("artist/dream-painter", {"dream-painter-v1.bin": theirs}, licence="secret")
    )
    (model_id,) = imported(library, path)
    (one,) = looked_up(catalog, hub).models
    after = metadata(catalog, model_id)
    assert one.outcome is Outcome.UNCERTAIN
    assert one.changed == ("match", "sources")
    assert (after.match.method, after.match.pending) == (MatchMethod.FILENAME_FUZZY, False)
    assert 0 < after.match.confidence < 0.6
    assert after.license is None
    (again,) = looked_up(catalog, hub, model_id).models
    assert (again.outcome, again.changed) == (Outcome.UNCERTAIN, ())


def test_what_nobody_has_is_an_answer_too(
    library: Library, catalog: Catalog, hub: Hub, tmp_path: Path
) -> None:
    (model_id,) = imported(library, lora(tmp_path / "nobody-has-this.safetensors"))
    (one,) = looked_up(catalog, hub).models
    assert (one.outcome, one.repo) == (Outcome.NONE, None)
    assert len(hub.requests) <= 4
    assert not metadata(catalog, model_id).match.pending


def test_repositories_that_are_not_there_or_not_for_us_are_skipped(
    library: Library, catalog: Catalog, hub: Hub, tmp_path: Path
) -> None:
    first = lora(tmp_path / f"models--org--gone/snapshots/{'0' * 40}/another-thing.safetensors")
    second = lora(
        tmp_path / f"models--org--hidden/snapshots/{'0' * 40}/b-painter.safetensors", seed=1
    )
    third = lora(tmp_path / "c-painter.safetensors", seed=2)
    hub.publish(hub_repo("org/hidden", {"b-painter.safetensors": second}, private=True))
    hub.publish(hub_repo("else/b-painter", {"b.safetensors": second}))
    hub.publish(hub_repo("org/c-painter", {"c-painter.safetensors": third}, gated="auto"))
    imported(library, first, second, third)
    by_name = {one.model_id[:1]: one for one in looked_up(catalog, hub).models}
    assert by_name["a"].outcome is Outcome.NONE
    assert by_name["a"].found is not None
    assert by_name["a"].found.warnings
    assert (by_name["b"].outcome, by_name["b"].repo) == (Outcome.MATCHED, "else/b-painter")
    assert by_name["c"].outcome is Outcome.MATCHED, "a gated page can be read, its files cannot"


def test_offline_everything_stays_pending_and_is_found_when_the_network_is_back(
    library: Library, catalog: Catalog, hub: Hub, tmp_path: Path
) -> None:
    paths = [lora(tmp_path / f"painter-{n}.safetensors", seed=n) for n in range(6)]
    for number, path in enumerate(paths):
        hub.publish(hub_repo(f"org/painter-{number}", {path.name: path}))
    ids = imported(library, *paths)
    before = [catalog.record(one).metadata_path.read_bytes() for one in ids]
    away = looked_up(catalog, hub, online=False)
    assert {one.outcome for one in away.models} == {Outcome.PENDING}
    assert all(isinstance(one.error, OfflineError) for one in away.models)
    assert [catalog.record(one).metadata_path.read_bytes() for one in ids] == before
    assert sorted(pending(catalog)) == ids
    assert not hub.requests
    back = looked_up(catalog, hub)
    assert {one.outcome for one in back.models} == {Outcome.MATCHED}
    assert pending(catalog) == []


def test_a_hub_that_fails_is_not_asked_for_every_model(
    library: Library, catalog: Catalog, hub: Hub, tmp_path: Path
) -> None:
    paths = [lora(tmp_path / f"painter-{n}.safetensors", seed=n) for n in range(40)]
    ids = imported(library, *paths)
    hub.faults.add(Status(503))
    report = looked_up(catalog, hub, tries=1)
    assert [one.outcome for one in report.models] == [Outcome.PENDING] * 40
    assert len(hub.requests) < 20, "the breaker opens, and the rest is not tried"
    assert sorted(pending(catalog)) == ids


def test_fifty_files_take_at_most_two_hundred_requests(
    library: Library, catalog: Catalog, hub: Hub, tmp_path: Path
) -> None:
    paths = [lora(tmp_path / "in" / f"painter {n} deluxe.safetensors", seed=n) for n in range(50)]
    for number, path in enumerate(paths):
        if number % 2:
            hub.publish(hub_repo(f"org/painter-{number}-deluxe", {path.name: path}))
        else:
            hub.publish(hub_repo(f"org/painter-{number}-other", {"a.safetensors": b"x" * 1500}))
    imported(library, tmp_path / "in")
    events: list[Event] = []
    with provider(hub) as asked:
        report = Lookups(catalog, asked, events.append).look_up()
    assert len(report.models) == 50
    assert len(hub.requests) <= report.calls <= 200, "threads that ask the same share an answer"
    assert sum(one.outcome is Outcome.MATCHED for one in report.models) == 25
    assert sum(isinstance(event, ModelDone) for event in events) == 50


def test_shards_come_from_one_repository_and_the_missing_one_is_named(
    library: Library, catalog: Catalog, hub: Hub, tmp_path: Path
) -> None:
    whole = shards(tmp_path / "hub", 3)
    shutil.copytree(tmp_path / "hub", tmp_path / "in")
    (tmp_path / "in" / "llm-00002-of-00003.safetensors").unlink()
    files: dict[str, Any] = {f"weights/{path.name}": path for path in whole}
    files |= {"tokenizer.json": b"{}", "other/config.json": b"{}", "other.safetensors": b"o" * 1200}
    hub.publish(hub_repo("someone/llm-half", {whole[0].name: whole[0]}))
    hub.publish(hub_repo("org/llm", files, downloads=9))
    imported(library, tmp_path / "in")
    (one,) = looked_up(catalog, hub).models
    assert one.found is not None
    assert (one.outcome, one.repo) == (Outcome.MATCHED, "org/llm")
    assert [file.path for file in one.found.missing] == ["weights/llm-00002-of-00003.safetensors"]
    assert [file.path for file in one.found.related] == ["tokenizer.json"]


def test_what_a_person_set_stays_and_what_was_found_lies_beside_it(
    library: Library, catalog: Catalog, hub: Hub, tmp_path: Path
) -> None:
    path = lora(tmp_path / "dream-painter.safetensors")
    hub.publish(
        hub_repo("artist/Dream-Painter", {path.name: path}, licence="mit", base_model="org/base")
    )
    (model_id,) = imported(library, path)
    library.edit(model_id, ["license=mine", "official_name=Mine"])
    looked_up(catalog, hub)
    shown = library.show(model_id)
    assert (shown["license"], shown["official_name"], shown["lineage"]) == (
        "mine",
        "Mine",
        "org/base",
    )
    back = library.edit(model_id, unset=["license", "official_name"])
    assert (back["license"], back["official_name"]) == ("mit", "Dream-Painter")


def test_a_person_names_the_repository_and_no_lookup_changes_that(
    library: Library, catalog: Catalog, hub: Hub, tmp_path: Path
) -> None:
    path = lora(tmp_path / "dream-painter.safetensors")
    hub.publish(hub_repo("artist/dream-painter", {path.name: path}, licence="mit"))
    hub.publish(hub_repo("true/origin", {"a.safetensors": b"a" * 1100}, licence="bsd"))
    (model_id,) = imported(library, path)
    with provider(hub) as asked:
        lookups = Lookups(catalog, asked)
        (one,) = lookups.set_source(model_id, "true/origin").models
        assert (one.outcome, one.repo) == (Outcome.MATCHED, "true/origin")
        for wrong in ("no/such", "../evil"):
            with pytest.raises((RepositoryNotFoundError, InvalidValueError)):
                lookups.set_source(model_id, wrong)
    looked_up(catalog, hub, model_id)
    after = metadata(catalog, model_id)
    assert (after.match.match_source, after.match.method) == ("manual", MatchMethod.METADATA)
    assert (after.license, [source.repo for source in after.sources]) == ("bsd", ["true/origin"])


def test_what_changed_meanwhile_is_kept(
    library: Library, catalog: Catalog, hub: Hub, tmp_path: Path
) -> None:
    path = lora(tmp_path / "dream-painter.safetensors")
    hub.publish(hub_repo("artist/dream-painter", {path.name: path}, licence="mit"))
    (model_id,) = imported(library, path)
    with provider(hub) as asked:
        model = metadata(catalog, model_id)
        found = asked.look_up(model)
    library.edit(model_id, ["notes=written while it was looked up"])
    assert "license" in apply(catalog, model, found)
    after = metadata(catalog, model_id)
    assert (after.notes, after.license) == ("written while it was looked up", "mit")
    other = model.model_copy(update={"files": ()})
    with pytest.raises(RecordChangedError):
        apply(catalog, other, found)


def test_a_model_on_a_drive_that_is_away_stays_pending(
    library: Library, catalog: Catalog, hub: Hub, tmp_path: Path
) -> None:
    (tmp_path / "drive").mkdir()
    root = library.add_root(tmp_path / "drive")
    path = lora(tmp_path / "dream-painter.safetensors")
    library.import_models([path], root=root["root_id"])
    (tmp_path / "drive").rename(tmp_path / "elsewhere")
    catalog.roots.refresh()
    (one,) = looked_up(catalog, hub).models
    assert one.outcome is Outcome.PENDING
    assert isinstance(one.error, RootOfflineError)
    assert not hub.requests


def test_a_lookup_can_be_stopped(
    library: Library, catalog: Catalog, hub: Hub, tmp_path: Path
) -> None:
    imported(library, lora(tmp_path / "dream-painter.safetensors"))
    stop = threading.Event()
    stop.set()
    with provider(hub) as asked, pytest.raises(CancelledError):
        Lookups(catalog, asked, cancelled=stop).look_up()
    assert not hub.requests
    assert len(pending(catalog)) == 1


def test_nothing_found_twice_is_written_once(
    library: Library, catalog: Catalog, tmp_path: Path
) -> None:
    (model_id,) = imported(library, lora(tmp_path / "dream-painter.safetensors"))
    model = metadata(catalog, model_id)
    nothing = LookedUp(MatchMethod.NONE, 0.0)
    assert apply(catalog, model, nothing) == ("match",)
    assert apply(catalog, model, nothing) == ()
