"""Hard links follow their model wherever it goes, and go with it, as symlinks do."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from model_library import Library
from model_library.samples.comfyui import write_installation
from model_library.taxonomy import Placement, RootMode
from tests.factory import lora
from tests.killed import Workers

RULE = '[[rule]]\ntarget = "models/{0}"\nkinds = ["{1}"]\nlayout = "{2}"\nmethod = "hardlink"\npriority = 90\n'
WHERE = {"vae": "vae", "upscale_models": "upscaler", "loras": "adapter"}


def profile(library: Path, layout: str) -> None:
    rules = "\n".join(RULE.format(target, kind, layout) for target, kind in WHERE.items())
    head = 'schema = 1\napp = "comfyui"\nextends = "comfyui"\ndisplay = "hard"\n\n'
    (library / "profiles").mkdir(exist_ok=True)
    (library / "profiles" / "comfyui+hard.toml").write_text(head + rules)


@pytest.fixture
def app(tmp_path: Path) -> Path:
    return write_installation(tmp_path / "ComfyUI")


@pytest.fixture
def library(tmp_path: Path, app: Path) -> Iterator[Library]:
    """A model said to be a VAE, linked by a hard link."""
    source = lora(tmp_path / "in" / "style.safetensors")
    with Library.open(tmp_path / "library") as opened:
        profile(tmp_path / "library", "files")
        opened.import_models([source], kind="vae")
        opened.app_add("comfyui", app, variant="hard")
        assert names(app) == {"vae/style.safetensors": 2}
        yield opened


def names(app: Path) -> dict[str, int]:
    """What lies where models are listed, and how many names each file has."""
    models = app / "models"
    found = [path for path in models.rglob("*") if path.is_file() and path.stat().st_size]
    return {path.relative_to(models).as_posix(): path.stat().st_nlink for path in found}


def test_it_goes_along_to_another_kind(library: Library, app: Path) -> None:
    library.edit("style", ["kind=upscaler"])
    assert names(app) == {"upscale_models/style.safetensors": 2}
    assert library.health()["status"] == "healthy"


def test_it_stays_through_another_family(library: Library, app: Path) -> None:
    library.edit("style", ["family=sdxl"])
    assert names(app) == {"vae/style.safetensors": 2}
    (link,) = library.link_list()
    assert link["source"] is not None
    assert Path(link["source"]).is_file()
    assert library.health()["status"] == "healthy"


def test_it_is_gone_when_the_space_is_freed(library: Library, app: Path) -> None:
    library.edit("style", ["kind=upscaler"])
    library.edit("style", ["family=sdxl"])
    library.delete("style", purge=True)
    assert names(app) == {}


def test_it_comes_back_with_its_model(library: Library, app: Path) -> None:
    library.delete("style")
    assert names(app) == {}
    library.restore("style")
    assert names(app) == {"vae/style.safetensors": 2}


@pytest.mark.parametrize("act", ["clean", "remove"])
def test_it_is_taken_away_after_its_model_moved(library: Library, app: Path, act: str) -> None:
    away = app.rename(app.with_name("away"))
    library.edit("style", ["kind=upscaler"])
    away.rename(app)
    if act == "clean":
        assert len(library.link_clean("comfyui")["removed"]) == 1
    else:
        assert library.app_remove("comfyui")["left"] == []
    assert names(app) == {}


def test_it_goes_when_its_model_was_deleted_while_the_application_was_away(
    library: Library, app: Path
) -> None:
    away = app.rename(app.with_name("away"))
    library.delete("style")
    away.rename(app)
    library.link_sync("comfyui")
    assert names(app) == {}
    library.restore("style")
    assert names(app) == {"vae/style.safetensors": 2}


def test_the_last_name_of_what_was_purged_stays(library: Library, app: Path) -> None:
    away = app.rename(app.with_name("away"))
    library.delete("style", purge=True)
    away.rename(app)
    library.link_sync("comfyui")
    assert names(app) == {"vae/style.safetensors": 1}


def test_a_hard_link_of_the_user_in_its_place_stays(
    library: Library, app: Path, tmp_path: Path
) -> None:
    theirs, target = tmp_path / "theirs", app / "models" / "vae" / "style.safetensors"
    theirs.write_text("the user's")
    target.unlink()
    target.hardlink_to(theirs)
    library.edit("style", ["kind=upscaler"])
    assert target.samefile(theirs)
    assert names(app)["upscale_models/style.safetensors"] == 2


def test_a_link_that_the_user_made_to_other_bytes_of_the_library_is_his(
    library: Library, app: Path, tmp_path: Path
) -> None:
    """His own hard link to a file of the library is no link that we made."""
    other = lora(tmp_path / "in" / "other.safetensors", seed=5)
    library.import_models([other], kind="vae")
    target = app / "models" / "vae" / "style.safetensors"
    held = app / "models" / "vae" / "other.safetensors"
    target.unlink()
    target.hardlink_to(held)
    library.link_clean("comfyui")
    assert names(app) == {"vae/style.safetensors": 2}


@pytest.fixture
def pipeline(tmp_path: Path) -> Path:
    """A diffusers folder of some files."""
    folder = tmp_path / "in" / "pipe"
    parts = ("unet", "vae", "text_encoder")
    for number, part in enumerate(parts):
        lora(folder / part / "diffusion_pytorch_model.safetensors", seed=10 + number)
        (folder / part / "config.json").write_text('{"_class_name": "UNet2DConditionModel"}')
    named = {part: ["diffusers", "UNet2DConditionModel"] for part in parts}
    index = {"_class_name": "StableDiffusionPipeline"} | named
    (folder / "model_index.json").write_text(json.dumps(index))
    return folder


def test_all_files_of_a_folder_follow(tmp_path: Path, app: Path, pipeline: Path) -> None:
    with Library.open(tmp_path / "library") as library:
        profile(tmp_path / "library", "directory")
        library.import_models([pipeline], kind="vae")
        library.app_add("comfyui", app, variant="hard")
        before = names(app)
        assert len(before) >= 3
        assert all(name.startswith("vae/pipe/") for name in before)
        library.edit("pipe", ["kind=upscaler"])
        after = {name.replace("vae/", "upscale_models/", 1): before[name] for name in before}
        assert names(app) == after
        assert not (app / "models" / "vae" / "pipe").exists()
        library.delete("pipe", purge=True)
        assert names(app) == {}
        assert not (app / "models" / "upscale_models" / "pipe").exists()


def test_a_file_of_the_user_in_the_folder_of_a_model_stays(
    tmp_path: Path, app: Path, pipeline: Path
) -> None:
    with Library.open(tmp_path / "library") as library:
        profile(tmp_path / "library", "directory")
        library.import_models([pipeline], kind="vae")
        library.app_add("comfyui", app, variant="hard")
        (app / "models" / "vae" / "pipe" / "unet" / "notes").write_text("the user's")
        library.edit("pipe", ["kind=upscaler"])
    left = [path for path in (app / "models" / "vae" / "pipe").rglob("*") if path.is_file()]
    assert [path.name for path in left] == ["notes"]


def test_an_edit_that_is_killed_leaves_no_second_link(tmp_path: Path) -> None:
    workers = Workers()
    try:
        calls = workers.work("edit", *_prepared(tmp_path / "rehearsal"), kill_at=10**9)
        for kill_at in range(1, calls + 1, 3):
            base = tmp_path / str(kill_at)
            directory, sources = _prepared(base)
            workers.work("edit", directory, sources, kill_at=kill_at)
            with Library.open(directory) as library:
                kinds = {model["kind"] for model in library.list()["models"]}
                expected = "vae" if kinds == {"vae"} else "loras"
                assert names(base / "ComfyUI") == {f"{expected}/lora-0.safetensors": 2}, kill_at
                library.delete("lora-0", purge=True)
            assert names(base / "ComfyUI") == {}, kill_at
    finally:
        workers.close()


def _prepared(base: Path) -> tuple[Path, Path]:
    source = lora(base / "in" / "lora-0.safetensors")
    with Library.open(base / "library") as library:
        profile(base / "library", "files")
        library.import_models([source])
        library.app_add("comfyui", write_installation(base / "ComfyUI"), variant="hard")
    return base / "library", base / "in"


@pytest.mark.parametrize("where", ["inside", "outside"])
def test_the_file_behind_a_symlink_is_linked_or_else_the_symlink_to_it(
    tmp_path: Path, app: Path, where: str
) -> None:
    """As in the cache of Hugging Face: snapshots/<revision>/<file> leads to ../../blobs/<hash>."""
    cache = tmp_path / "hub"
    blobs = cache / "blobs" if where == "inside" else tmp_path / "blobs"
    blob = lora(blobs / "0123abcd")
    snapshot = cache / "snapshots" / "main"
    snapshot.mkdir(parents=True)
    (snapshot / "style.safetensors").symlink_to(os.path.relpath(blob, snapshot))
    with Library.open(tmp_path / "library") as library:
        profile(tmp_path / "library", "files")
        library.add_root(cache, mode=RootMode.REFERENCED)
        library.import_models([snapshot], place=Placement.REFERENCE, kind="vae")
        added = library.app_add("comfyui", app, variant="hard")
        (target,) = (app / "models" / "vae").glob("*.safetensors")
        assert target.samefile(blob)
        assert target.is_symlink() == (where == "outside")
        assert blob.stat().st_nlink == (2 if where == "inside" else 1), added
        plan = library.link_preview("comfyui")
        assert (plan["create"], plan["remove"]) == ([], [])
        assert len(plan["keep"]) == 1
        assert library.link_sync("comfyui")["made"] == []
        assert library.health()["status"] == "healthy"
        assert len(library.link_clean("comfyui")["removed"]) == 1
    assert blob.stat().st_nlink == 1
    assert not os.path.lexists(target)
