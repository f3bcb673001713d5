"""Links that follow a change of models, also when the change was interrupted."""

from __future__ import annotations

from pathlib import Path

import pytest

from model_library import Library
from model_library.api.relinking import relinked
from model_library.errors import CancelledError, RootNotFoundError
from model_library.events import Event, Notice, ignore
from model_library.library import Catalog
from model_library.publishing import RELINK
from model_library.samples.comfyui import listed, write_installation
from model_library.trash import restore
from tests.factory import lora
from tests.linked import catalog_at


def test_an_import_that_fails_leaves_nothing_for_the_next_start(tmp_path: Path) -> None:
    home, comfyui = tmp_path / "library", write_installation(tmp_path / "ComfyUI")
    lora(tmp_path / "in" / "one.safetensors")
    with Library.open(home) as library:
        library.app_add("comfyui", comfyui)
        with pytest.raises(RootNotFoundError):
            library.import_models([tmp_path / "in"], root="no-such-root")
        assert library.status()["unfinished"] == 0


def test_what_was_done_before_a_change_failed_has_its_links(tmp_path: Path) -> None:
    comfyui = write_installation(tmp_path / "ComfyUI")
    lora(tmp_path / "in" / "one.safetensors")
    with Library.open(tmp_path / "library") as library:
        (model,) = library.import_models([tmp_path / "in"])["imported"]
        library.app_add("comfyui", comfyui)
        library.delete(model["model_id"])
        with catalog_at(library.path) as catalog, pytest.raises(CancelledError):
            _restored_and_stopped(catalog, model["model_id"])
        assert library.status()["unfinished"] == 0
    assert listed(comfyui)["loras"] == ["one.safetensors"]


def _restored_and_stopped(catalog: Catalog, model_id: str) -> None:
    with relinked(catalog, ignore):
        restore(catalog, model_id)
        raise CancelledError("in the middle")


@pytest.mark.parametrize("data", ['{"version_ranges": {"comfyui": ">=%s"}}' % ("1" * 4400), "{"])
def test_what_a_user_wrote_beside_a_model_never_keeps_a_library_from_opening(
    tmp_path: Path, data: str
) -> None:
    home, comfyui = tmp_path / "library", write_installation(tmp_path / "ComfyUI")
    for seed, name in enumerate(("one", "two")):
        lora(tmp_path / "in" / f"{name}.safetensors", seed=seed)
    with Library.open(home) as library:
        library.import_models([tmp_path / "in"])
        library.app_add("comfyui", comfyui)
    next((home / "models").rglob("one.safetensors")).with_name("overrides.json").write_text(data)
    with catalog_at(home) as catalog:
        catalog.registry.begin("job-of-the-dead", [(RELINK, {})])
    with Library.open(home) as library:
        assert library.status()["unfinished"] == 0
        excluded = library.link_preview("comfyui")["excluded"]
    assert [(one["name"], one["reason"]) for one in excluded] == [("one", "overrides")]
    assert listed(comfyui)["loras"] == ["two.safetensors"]


def test_a_change_stands_when_its_links_cannot_follow(tmp_path: Path) -> None:
    home, comfyui = tmp_path / "library", write_installation(tmp_path / "ComfyUI")
    lora(tmp_path / "in" / "one.safetensors")
    said: list[Event] = []
    with Library.open(home, listener=said.append) as library:
        library.app_add("comfyui", comfyui)
        assert library.import_models([tmp_path / "in"])["imported"]
        lora(tmp_path / "in" / "two.safetensors", seed=2)
        (home / "profiles").mkdir(exist_ok=True)
        (home / "profiles" / "comfyui.toml").write_text("no profile = [")
        assert len(library.import_models([tmp_path / "in"])["imported"]) == 1
        assert library.import_models([tmp_path / "in"])["imported"] == []
        assert len(library.list()["models"]) == 2
    assert [event.code for event in said if isinstance(event, Notice)][1:] == ["profile-invalid"]
    assert listed(comfyui)["loras"] == ["one.safetensors"]
