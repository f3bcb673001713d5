"""Links that follow a change of models, also when the change was interrupted."""

from __future__ import annotations

from pathlib import Path

import pytest

from model_library import Library
from model_library.publishing import RELINK
from model_library.samples.comfyui import listed, write_installation
from tests.factory import lora
from tests.linked import catalog_at


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
