"""A sync that has nothing to do finds that out at little cost, and never when there is something to do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from model_library import Library
from model_library.library import Catalog
from model_library.link_registry import App
from model_library.mapper import Mapper, SyncReport
from model_library.samples.comfyui import write_installation
from tests.factory import lora
from tests.linked import catalog_at

HEADING = 'schema = 1\napp = "comfyui"\nextends = "comfyui"\n'


@dataclass
class Place:
    library: Path
    catalog: Catalog
    app: App

    def sync(self) -> SyncReport:
        return Mapper(self.catalog).sync(self.app)

    @property
    def link(self) -> Path:
        return self.app.path / "models" / "loras" / "one.safetensors"

    @property
    def overrides(self) -> Path:
        record = self.catalog.record(self.catalog.resolve("one"))
        return record.directory / "overrides.json"


@pytest.fixture(params=["auto", "hardlink"])
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """Two LoRAs that are linked, in either way; after a second sync nothing is to be done."""
    for seed, name in enumerate(("one", "two")):
        lora(tmp_path / "in" / f"{name}.safetensors", seed=seed)
    home = tmp_path / "library"
    with Library.open(home) as library:
        library.import_models([tmp_path / "in"])
    (home / "profiles").mkdir()
    _rule(home, request.param)
    app = App("comfyui", "comfyui", write_installation(tmp_path / "ComfyUI").resolve(), "0.6.0")
    with catalog_at(home) as catalog:
        catalog.links.put_app(app)
        place = Place(home, catalog, app)
        assert len(place.sync().made) == 2
        yield place


def _rule(home: Path, method: str, more: str = "") -> None:
    rule = f'[[rule]]\ntarget = "models/loras"\nkinds = ["adapter"]\nmethod = "{method}"\n'
    (home / "profiles" / "comfyui.toml").write_text(HEADING + rule + more)


def is_quiet(report: SyncReport) -> bool:
    """Whether the models were not looked at: then what is kept is counted and not listed."""
    return report.kept > len(report.plan.keep)


def test_what_nothing_changed_is_not_planned_again(place: Place) -> None:
    again = place.sync()
    assert is_quiet(again)
    assert (again.kept, again.excluded, again.made, again.removed) == (2, 0, [], [])
    assert [one.code for one in again.plan.warnings] == [
        one.code for one in Mapper(place.catalog).preview(place.app).warnings
    ]


def test_what_is_outstanding_is_what_a_preview_shows(place: Place) -> None:
    mapper = Mapper(place.catalog)
    before, plan = mapper.preview(place.app), mapper.outstanding(place.app)
    assert plan == replace(before, keep=(), excluded=())
    place.link.unlink()
    plan = mapper.outstanding(place.app)
    assert plan == mapper.preview(place.app)
    assert [one.link.target for one in plan.create] == ["models/loras/one.safetensors"]
    place.overrides.write_text("no JSON")
    assert mapper.outstanding(place.app).warnings == mapper.preview(place.app).warnings != ()


def test_another_process_knows_it_too(place: Place) -> None:
    with catalog_at(place.library) as catalog:
        assert is_quiet(Mapper(catalog).sync(place.app))


def _edit(place: Place) -> None:
    with Library.open(place.library) as library:
        library.edit("one", ["kind=vae"])


def _replace(place: Place) -> None:
    place.link.unlink()
    place.link.write_text("mine")


def _tag_rule(place: Place) -> None:
    _rule(place.library, "auto", 'exclude_tags = ["x"]\n')


def _restrict(place: Place) -> None:
    place.overrides.write_text('{"version_ranges": {"comfyui": ">=9"}}')


def _new_directory(place: Place) -> None:
    (place.app.path / "models" / "unet_gguf").mkdir()


def _delete(place: Place) -> None:
    with Library.open(place.library) as library:
        library.delete("one", purge=True)


def _clean(place: Place) -> None:
    Mapper(place.catalog).clean(place.app)


def _replace_directory(place: Place) -> None:
    loras = place.link.parent
    loras.rename(loras.with_name("elsewhere"))
    loras.symlink_to("elsewhere")


@pytest.mark.parametrize(
    "change",
    [
        _edit,
        _replace,
        _tag_rule,
        _restrict,
        _new_directory,
        _delete,
        _clean,
        _replace_directory,
        lambda place: place.link.unlink(),
        lambda place: place.catalog.index.set_state(place.catalog.resolve("one"), "missing"),
    ],
)
def test_whatever_changed_is_noticed(place: Place, change: Callable[[Place], None]) -> None:
    assert is_quiet(place.sync())
    change(place)
    assert not is_quiet(place.sync())
    after = Mapper(place.catalog).preview(place.app)
    assert (after.create, after.remove, after.forget) == ((), (), ())


def test_restrictions_are_looked_at_every_time(place: Place) -> None:
    place.overrides.write_text('{"version_ranges": {"comfyui": ">=0.5"}}')
    assert not is_quiet(place.sync())
    assert is_quiet(place.sync())
    place.overrides.write_text('{"version_ranges": {"comfyui": ">=0.7"}}')
    assert len(place.sync().removed) == 1
    assert is_quiet(place.sync())
    place.overrides.unlink()
    assert len(place.sync().made) == 1


def test_another_version_of_the_application_is_planned_for(place: Place) -> None:
    place.overrides.write_text(json.dumps({"version_ranges": {"comfyui": "<0.7"}}))
    place.sync()
    place.app = replace(place.app, version="0.7.0")
    place.catalog.links.put_app(place.app)
    assert len(place.sync().removed) == 1


def test_as_long_as_something_is_open_everything_is_looked_at(place: Place) -> None:
    _replace(place)
    for _ in range(2):
        report = place.sync()
        assert not is_quiet(report)
        assert len(report.plan.conflicts) == 1
