"""Preview and sync of real models into a stand-in installation: what its lists show afterwards."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from model_library import Library
from model_library.config import Settings
from model_library.errors import AppOfflineError, InvalidValueError, LibraryBusyError, ProfileError
from model_library.events import Advanced, Event, Notice, Planned, ignore
from model_library.library import Catalog
from model_library.link_registry import App
from model_library.mapper import Mapper, SyncReport
from model_library.samples.cases import sample_cases
from model_library.samples.comfyui import listed, write_installation
from model_library.samples.formats import write_gguf, write_safetensors
from model_library.taxonomy import ConflictReason, LinkMethod, OnConflict, Placement, RootMode
from tests.factory import lora, shards, thin_case, tree
from tests.linked import add_drive, catalog_at, import_loras


@dataclass
class Place:
    """A library with its catalog, and one installation that is known to it."""

    library: Path
    catalog: Catalog
    app: App
    mapper: Mapper
    heard: list[Event]

    @property
    def loras(self) -> Path:
        return self.app.path / "models" / "loras"

    def sync(self, **options: object) -> SyncReport:
        return self.mapper.sync(self.app, **options)  # type: ignore[arg-type]

    def targets(self) -> list[str]:
        return sorted(link.target for link in self.catalog.links.links(self.app.app_id))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Three LoRAs `one`, `two`, `three` in the library."""
    for seed, name in enumerate(("one", "two", "three")):
        lora(tmp_path / "in" / f"{name}.safetensors", seed=seed)
    with Library.open(tmp_path / "library") as library:
        library.import_models([tmp_path / "in"])
    app = App("comfyui", "comfyui", write_installation(tmp_path / "ComfyUI").resolve(), "0.6.0")
    heard: list[Event] = []
    with catalog_at(tmp_path / "library") as catalog:
        catalog.links.put_app(app)
        yield Place(tmp_path / "library", catalog, app, Mapper(catalog, heard.append), heard)


def add(here: Place, *paths: Path, **options: object) -> list[str]:
    with Library.open(here.library) as library:
        report = library.import_models(list(paths), **options)  # type: ignore[arg-type]
        assert not report["failed"]
    here.catalog.roots.refresh()
    return [str(model["model_id"]) for model in report["imported"]]


def id_of(place: Place, name: str) -> str:
    return place.catalog.resolve(name)


# --- every list shows what it should ------------------------------------------------------------------


def test_every_list_of_comfyui_shows_exactly_the_models_of_its_kind(tmp_path: Path) -> None:
    for number, name in enumerate(sample_cases()):
        thin_case(name, tmp_path / "in" / name, seed=number)
    write_gguf(
        tmp_path / "in" / "flux-Q4.gguf",
        {"general.architecture": "flux"},
        [("double_blocks.0.img_attn.qkv.weight", "Q4_K", (256, 256))],
    )
    lora_of_llm = tmp_path / "in" / "llm-lora.safetensors"
    _language_lora(lora_of_llm)
    shards(tmp_path / "in" / "llm", 2)
    app = App("comfyui", "comfyui", write_installation(tmp_path / "ComfyUI").resolve())
    with Library.open(tmp_path / "library") as library:
        library.import_models([tmp_path / "in"])
    with catalog_at(tmp_path / "library") as catalog:
        catalog.links.put_app(app)
        report = Mapper(catalog).sync(app)
    assert not report.failed
    expected: dict[str, set[str]] = {}
    for name, case in sample_cases().items():
        folder = case.expected.comfyui_folder
        if folder is not None and folder != "ipadapter":  # no list of the program itself
            expected.setdefault(folder, set()).add(f"{name}.safetensors")
    assert {name: set(found) for name, found in listed(app.path).items() if found} == expected
    assert (app.path / "models" / "ipadapter" / "ipadapter_sdxl.safetensors").is_file()
    left_out = {one.name: one.reason for one in report.plan.excluded}
    assert left_out["flux-Q4"] == "requires"
    assert left_out["llm-lora"] == "task"


def _language_lora(path: Path) -> None:
    module = "base_model.model.model.layers.0.self_attn.q_proj"
    sides = [
        (f"{module}.lora_A.weight", "F16", (4, 64)),
        (f"{module}.lora_B.weight", "F16", (64, 4)),
    ]
    write_safetensors(path, sides)


def test_gguf_is_listed_where_a_custom_node_reads_it(tmp_path: Path) -> None:
    write_gguf(
        tmp_path / "in" / "flux-Q4.gguf",
        {"general.architecture": "flux"},
        [("double_blocks.0.img_attn.qkv.weight", "Q4_K", (256, 256))],
    )
    path = write_installation(tmp_path / "ComfyUI", custom_nodes=["ComfyUI-GGUF"]).resolve()
    app = App("comfyui", "comfyui", path)
    with Library.open(tmp_path / "library") as library:
        library.import_models([tmp_path / "in"])
    with catalog_at(tmp_path / "library") as catalog:
        catalog.links.put_app(app)
        Mapper(catalog).sync(app)
    assert listed(path)["unet_gguf"] == ["flux-Q4.gguf"]


def test_a_diffusers_pipeline_is_linked_as_a_whole(place: Place, tmp_path: Path) -> None:
    folder = tmp_path / "pipeline" / "tiny-sd"
    lora(folder / "unet" / "diffusion_pytorch_model.safetensors", seed=9)
    (folder / "unet" / "config.json").write_text('{"_class_name": "UNet2DConditionModel"}')
    (folder / "model_index.json").write_text(
        '{"_class_name": "StableDiffusionPipeline", "unet": ["diffusers", "UNet2DConditionModel"]}'
    )
    add(place, folder)
    place.sync()
    assert listed(place.app.path)["diffusers"] == ["tiny-sd"]


# --- again, and after changes ---------------------------------------------------------------------------


def test_a_preview_says_what_the_sync_then_does_and_changes_nothing(place: Place) -> None:
    before = tree(place.app.path)
    planned = place.mapper.preview(place.app)
    assert tree(place.app.path) == before
    assert place.targets() == []
    done = place.sync()
    assert [one.target for one in done.made] == [one.link.target for one in planned.create]
    assert place.targets() == [
        f"models/loras/{name}.safetensors" for name in ("one", "three", "two")
    ]


def test_a_second_sync_has_nothing_to_do(place: Place) -> None:
    place.sync()
    again = place.sync()
    assert (again.made, again.removed, again.left, again.failed) == ([], [], [], [])
    assert (again.kept, again.excluded) == (3, 0)


def test_only_the_models_that_were_asked_for_are_linked(place: Place) -> None:
    place.sync(model_ids=[id_of(place, "two")])
    assert place.targets() == ["models/loras/two.safetensors"]


def test_a_link_that_was_removed_by_hand_is_made_again(place: Place) -> None:
    place.sync()
    (place.loras / "one.safetensors").unlink()
    done = place.sync()
    assert [one.target for one in done.made] == ["models/loras/one.safetensors"]
    assert done.removed == []


def test_changed_models_are_brought_up_to_date_in_every_application(
    place: Place, tmp_path: Path
) -> None:
    other = App("other", "comfyui", write_installation(tmp_path / "Other").resolve())
    gone = App("gone", "comfyui", tmp_path / "Gone")
    for app in (other, gone):
        place.catalog.links.put_app(app)
    place.mapper.sync_models(None)
    with Library.open(place.library) as library:
        library.edit("one", ["kind=checkpoint"])
        library.delete("two")
    reports = place.mapper.sync_models([id_of(place, "one")])
    assert [report.plan.app.app_id for report in reports] == ["comfyui", "other"]
    for app in (place.app, other):
        assert listed(app.path)["checkpoints"] == ["one.safetensors"]
        assert listed(app.path)["loras"] == ["three.safetensors"]
    assert {e.code for e in place.heard if isinstance(e, Notice)} == {"app-offline"}


@pytest.mark.parametrize("scanned", [True, False])
def test_a_link_whose_file_is_gone_goes_when_pruned_and_only_then(
    place: Place, scanned: bool
) -> None:
    place.sync()
    shutil.rmtree(place.catalog.record(id_of(place, "one")).directory)
    record = place.catalog.record(id_of(place, "two"))
    (record.files_directory / record.metadata.files[0].path).unlink()
    if scanned:
        with Library.open(place.library) as library:
            library.scan()
    assert (place.loras / "two.safetensors").is_symlink()
    place.sync()
    assert (place.loras / "two.safetensors").is_symlink()
    assert "models/loras/two.safetensors" in [one.target for one in place.sync(prune=True).removed]
    assert not os.path.lexists(place.loras / "two.safetensors")
    assert (place.loras / "three.safetensors").is_file()
    assert place.sync(prune=True).removed == []


def test_links_into_a_root_that_is_away_stay_when_pruned(place: Place, tmp_path: Path) -> None:
    with Library.open(place.library) as library:
        root = add_drive(library, tmp_path / "drive")
        import_loras(library, tmp_path / "more", range(7, 9), root["root_id"])
    place.catalog.roots.refresh()
    place.sync()
    (tmp_path / "drive").rename(tmp_path / "away")
    place.catalog.roots.refresh()
    assert place.sync(prune=True).removed == []
    assert (place.loras / "lora-7.safetensors").is_symlink()


def test_a_model_that_no_rule_wants_any_more_loses_its_link_when_pruned(place: Place) -> None:
    place.sync()
    variant = App("comfyui", "comfyui", place.app.path, "0.6.0", "sdxl-only")
    place.catalog.links.put_app(variant)
    kept = place.mapper.sync(variant)
    assert (len(kept.plan.keep), kept.removed) == (3, [])
    assert "unwanted-links" in {one.code for one in kept.plan.warnings}
    assert len(place.mapper.sync(variant, prune=True).removed) == 3
    assert listed(place.app.path)["loras"] == []


def test_all_our_links_can_be_taken_out_and_nothing_else(place: Place) -> None:
    before = tree(place.app.path)
    place.sync()
    mine = place.loras / "mine.safetensors"
    mine.write_text("mine")
    done = place.mapper.clean(place.app)
    assert (len(done.removed), done.left) == (3, ())
    mine.unlink()
    assert tree(place.app.path) == before
    assert place.targets() == []


def test_a_root_that_is_away_keeps_its_links(place: Place, tmp_path: Path) -> None:
    drive = tmp_path / "drive"
    drive.mkdir()
    with Library.open(place.library) as library:
        root = library.add_root(drive)
    lora(tmp_path / "more" / "four.safetensors", seed=4)
    add(place, tmp_path / "more", root=root["root_id"])
    place.sync()
    assert "models/loras/four.safetensors" in place.targets()
    drive.rename(tmp_path / "unplugged")
    place.catalog.roots.refresh()
    done = place.sync(prune=True)
    assert done.removed == []
    assert "offline" in {one.reason for one in done.plan.excluded}
    assert os.path.lexists(place.loras / "four.safetensors")


def test_files_in_a_root_that_is_only_read_are_linked_from_there(
    place: Place, tmp_path: Path
) -> None:
    shelf = tmp_path / "shelf"
    lora(shelf / "kept" / "shelved.safetensors", seed=7)
    with Library.open(place.library) as library:
        library.add_root(shelf, mode=RootMode.REFERENCED)
    add(place, shelf, place=Placement.REFERENCE)
    place.sync()
    link = place.loras / "shelved.safetensors"
    assert link.resolve() == shelf / "kept" / "shelved.safetensors"


# --- what is in the way ---------------------------------------------------------------------------------


def test_a_file_of_the_user_is_left_alone_unless_he_decides(place: Place) -> None:
    theirs = place.loras / "one.safetensors"
    theirs.write_text("theirs")
    done = place.sync()
    (conflict,) = done.plan.conflicts
    assert conflict.reason is ConflictReason.OTHER_FILE
    assert theirs.read_text() == "theirs"
    done = place.sync(per_target={"models/loras/one.safetensors": OnConflict.RENAME})
    assert [one.choice for one in done.resolved] == [OnConflict.RENAME]
    assert theirs.is_symlink()
    assert (place.loras / "one.safetensors.old").read_text() == "theirs"


def test_a_file_with_the_same_content_is_told_and_adopted(place: Place, tmp_path: Path) -> None:
    theirs = shutil.copy(tmp_path / "in" / "one.safetensors", place.loras)
    (conflict,) = place.mapper.preview(place.app).conflicts
    assert conflict.reason is ConflictReason.SAME_CONTENT
    done = place.sync(on_conflict=OnConflict.ADOPT)
    assert len(done.resolved) == 1
    assert Path(theirs).is_symlink()
    assert not place.mapper.preview(place.app).conflicts


def test_a_choice_about_no_target_is_refused_before_anything_is_done(place: Place) -> None:
    for _ in range(2):
        with pytest.raises(InvalidValueError, match="typo"):
            place.sync(per_target={"typo": OnConflict.RENAME})
        assert place.targets() == []
    place.sync()
    with pytest.raises(InvalidValueError, match="typo"):
        place.sync(per_target={"typo": OnConflict.RENAME})


def test_a_refused_adoption_does_not_advise_to_adopt(place: Place) -> None:
    (place.loras / "one.safetensors").write_bytes(b"other")
    (failed,) = place.sync(on_conflict=OnConflict.ADOPT).failed
    assert "adopt" not in failed.error.hint
    assert "rename" in failed.error.hint


def test_an_accepted_directory_that_no_model_goes_to_is_said(place: Place) -> None:
    (place.app.path / "models" / "mine").mkdir()
    done = place.sync(accept_directories=["models/mine=adapter"])
    assert [one.code for one in done.plan.warnings].count("accepted-without-models") == 1
    text = (place.library / "profiles" / "comfyui.toml").read_text()
    assert "if_exists = true" in text


def test_what_cannot_be_adopted_is_reported_and_stays(place: Place) -> None:
    theirs = place.loras / "one.safetensors"
    theirs.write_text("theirs")
    done = place.sync(on_conflict=OnConflict.ADOPT)
    assert [one.error.code for one in done.failed] == ["link-conflict"]
    assert theirs.read_text() == "theirs"


def test_a_directory_that_was_replaced_by_a_symlink_is_never_followed(
    place: Place, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    shutil.rmtree(place.loras)
    place.loras.symlink_to(outside)
    done = place.sync()
    assert (done.made, done.failed, list(outside.iterdir())) == ([], [], [])
    assert {one.reason for one in done.plan.excluded} == {"target-replaced"}
    assert "target-replaced" in {one.code for one in done.plan.warnings}


# --- what is not linked ----------------------------------------------------------------------------------


def test_a_model_is_linked_only_into_the_versions_that_its_overrides_allow(place: Place) -> None:
    place.sync()
    one = place.catalog.record(id_of(place, "one")).directory / "overrides.json"
    two = place.catalog.record(id_of(place, "two")).directory / "overrides.json"
    one.write_text(json.dumps({"version_ranges": {"ComfyUI": ">=0.7"}}))
    two.write_text('{"version_ranges": {"a1111": "newest"}}')
    done = place.sync()
    assert {e.name: e.reason for e in done.plan.excluded} == {"one": "version", "two": "overrides"}
    assert place.targets() == ["models/loras/three.safetensors"]
    (caution,) = [w for w in done.plan.warnings if w.code == "metadata-invalid"]
    assert caution.path == two
    assert id_of(place, "two") in caution.message
    assert str(two) in caution.message
    one.write_text(json.dumps({"version_ranges": {"comfyui": ">=0.5,<0.7"}}))
    two.unlink()
    assert len(place.sync().made) == 2


def test_a_model_whose_file_is_gone_is_not_linked(place: Place) -> None:
    record = place.catalog.record(id_of(place, "one"))
    (record.directory / "one.safetensors").unlink()
    done = place.sync()
    assert [(e.name, e.reason) for e in done.plan.excluded] == [("one", "absent")]
    assert len(done.made) == 2


def test_a_pickle_that_could_do_anything_is_linked_with_a_warning(place: Place) -> None:
    model_id = id_of(place, "one")
    path = place.catalog.record(model_id).metadata_path
    document = json.loads(path.read_text())
    document["security"]["tier"] = "pickle-unknown"
    path.write_text(json.dumps(document))
    done = place.sync(model_ids=[model_id])
    assert len(done.made) == 1
    assert "pickle-unknown" in {one.code for one in done.plan.warnings}
    document["security"]["tier"] = "pickle-dangerous"
    path.write_text(json.dumps(document, indent=1))
    done = place.sync(model_ids=[model_id])
    assert [link.model_id for link in done.removed] == [model_id]


# --- profiles and applications --------------------------------------------------------------------------


def test_a_discovered_directory_is_filled_only_after_it_was_accepted(place: Place) -> None:
    (place.app.path / "models" / "lora").mkdir()
    report = place.sync()
    assert [one.directory for one in report.plan.discovered] == ["models/lora"]
    assert not list((place.app.path / "models" / "lora").iterdir())
    with pytest.raises(InvalidValueError):
        place.sync(accept_directories=["models/nothing"])
    done = place.sync(accept_directories=["models/lora"])
    assert done.accepted == ["models/lora"]
    assert (place.library / "profiles" / "comfyui.toml").is_file()
    assert not done.plan.discovered


def test_a_directory_is_accepted_under_the_lock_so_that_no_rule_is_lost(place: Place) -> None:
    (place.app.path / "models" / "instantid").mkdir()
    hasty = Catalog.open(place.library, Settings(lock_timeout=0.05), ignore)
    try:
        with place.catalog.exclusive(), pytest.raises(LibraryBusyError):
            Mapper(hasty).sync(place.app, accept_directories=["all"])
        assert not (place.library / "profiles").exists()
        Mapper(hasty).sync(place.app, accept_directories=["all"])
    finally:
        hasty.close()
    assert "models/instantid" in (place.library / "profiles" / "comfyui.toml").read_text()


def test_words_of_a_profile_that_mean_nothing_are_said_with_what_may_be_meant(
    place: Place,
) -> None:
    own = place.library / "profiles" / "comfyui.toml"
    own.parent.mkdir()
    own.write_text(
        'schema = 1\napp = "comfyui"\nextends = "comfyui"\n'
        '[filter]\nexclude_families = ["SDLX", "sdxl", "whisper", "zzz-42"]\n'
    )
    warnings = place.mapper.preview(place.app).warnings
    like, unlike = [one for one in warnings if one.code == "unknown-family"]
    assert "'sdlx'" in like.message
    assert "'sdxl'" in like.hint
    assert "'zzz-42'" in unlike.message
    assert "once a model has it" in unlike.hint


def test_a_version_that_no_range_can_be_asked_of_is_said(place: Place) -> None:
    def codes(version: str) -> set[str]:
        app = replace(place.app, version=version)
        return {one.code for one in place.mapper.preview(app).warnings}

    assert "version-unclear" not in codes("master-2024")
    overrides = place.catalog.record(id_of(place, "one")).directory / "overrides.json"
    overrides.write_text('{"version_ranges": {"comfyui": ">=0.5"}}')
    assert "version-unclear" in codes("master-2024")
    assert "version-unclear" in codes("9" * 5000)
    assert "version-unclear" not in codes("0.6.0rc1")


def test_a_profile_with_a_mistake_stops_the_sync_before_anything_changes(place: Place) -> None:
    place.sync()
    own = place.library / "profiles"
    own.mkdir()
    (own / "comfyui.toml").write_text('schema = 1\napp = "comfyui"\nrulez = 1\n')
    before = sorted(path.name for path in place.loras.iterdir())
    with pytest.raises(ProfileError, match="rulez"):
        place.sync()
    assert place.mapper.sync_models(None) == []
    assert [event.code for event in place.heard if isinstance(event, Notice)] == ["profile-invalid"]
    assert sorted(path.name for path in place.loras.iterdir()) == before


def test_an_application_that_is_not_there_is_said_to_be_away(place: Place) -> None:
    shutil.rmtree(place.app.path)
    for act in (place.sync, lambda: place.mapper.preview(place.app)):
        with pytest.raises(AppOfflineError):
            act()
    with pytest.raises(AppOfflineError):
        place.mapper.clean(place.app)


def test_a_rule_that_wants_hard_links_gets_them(place: Place) -> None:
    own = place.library / "profiles"
    own.mkdir()
    rule = '[[rule]]\ntarget = "models/loras"\nkinds = ["adapter"]\nmethod = "hardlink"\n'
    heading = 'schema = 1\napp = "comfyui"\nextends = "comfyui"\n'
    (own / "comfyui.toml").write_text(heading + rule)
    place.sync()
    methods = {link.method for link in place.catalog.links.links("comfyui")}
    assert methods == {LinkMethod.HARD_LINK}
    assert (place.loras / "one.safetensors").stat().st_nlink == 2
    assert not place.sync().made
    assert len(place.mapper.clean(place.app).removed) == 3


def test_links_become_those_that_a_changed_profile_wants(place: Place) -> None:
    place.sync()
    own = place.library / "profiles" / "comfyui.toml"
    own.parent.mkdir()
    heading = 'schema = 1\napp = "comfyui"\nextends = "comfyui"\n'
    own.write_text(f'{heading}[defaults]\nmethod = "hardlink"\n')
    assert {one.why for one in place.mapper.preview(place.app).remove} == {"method"}
    done = place.sync()
    assert (len(done.removed), len(done.made), done.failed) == (3, 3, [])
    assert (place.loras / "one.safetensors").stat().st_nlink == 2
    assert not place.sync().made
    own.write_text(heading)
    assert len(place.sync().made) == 3
    assert all(path.is_symlink() and path.is_file() for path in place.loras.glob("*.safetensors"))
    assert all(
        place.catalog.view(row)["state"] == "online" for row in place.catalog.index.records()
    )


def test_a_sync_tells_how_many_of_its_links_are_done(place: Place) -> None:
    """What is made, taken away and decided counts; a sync after an import tells nothing of its own."""
    (place.loras / "three.safetensors").write_text("mine")
    told: list[Event] = []
    place.sync(on_conflict=OnConflict.RENAME, progress=told.append)
    assert told[0] == Planned("link", 3, 0)
    assert sum(event.models for event in told if isinstance(event, Advanced)) == 3
    told.clear()
    place.sync(progress=told.append)
    assert told == []
    assert not any(isinstance(event, (Planned, Advanced)) for event in place.heard)
