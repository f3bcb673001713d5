"""The stand-in lists models as ComfyUI does: by folder, alias and extension, through every link."""

from __future__ import annotations

from pathlib import Path

import pytest

from model_library.samples.comfyui import FOLDERS, listed, write_installation


@pytest.fixture
def comfyui(tmp_path: Path) -> Path:
    return write_installation(tmp_path / "ComfyUI")


def put(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"weights")
    return path


def shown(installation: Path) -> dict[str, list[str]]:
    """The lists that are not empty."""
    return {name: names for name, names in listed(installation).items() if names}


def test_a_fresh_installation_has_every_list_and_nothing_in_them(comfyui: Path) -> None:
    assert set(listed(comfyui)) == set(FOLDERS)
    assert shown(comfyui) == {}
    assert (comfyui / "models" / "loras" / "put_loras_here").is_file()


def test_a_list_takes_weights_in_any_case_and_at_any_depth(comfyui: Path) -> None:
    for name in ("b.SAFETENSORS", "sub/deep/a.ckpt", "c.gguf", "d.txt", ".git/e.pt"):
        put(comfyui / "models" / "checkpoints" / name)
    assert listed(comfyui)["checkpoints"] == ["b.SAFETENSORS", "sub/deep/a.ckpt"]


def test_old_folder_names_belong_to_the_new_lists(comfyui: Path) -> None:
    for folder, name in (("unet", "u.pt"), ("clip", "c.pt"), ("t2i_adapter", "t.pth")):
        put(comfyui / "models" / folder / name)
    found = listed(comfyui)
    assert found["diffusion_models"] == ["u.pt"]
    assert found["text_encoders"] == ["c.pt"]
    assert found["controlnet"] == ["t.pth"]


def test_classifiers_are_names_without_extension(comfyui: Path) -> None:
    put(comfyui / "models" / "classifiers" / "model")
    put(comfyui / "models" / "classifiers" / "model.pt")
    assert shown(comfyui) == {"classifiers": ["model"]}


def test_configs_are_listed_by_their_own_extension(comfyui: Path) -> None:
    put(comfyui / "models" / "configs" / "v1.yaml")
    put(comfyui / "models" / "configs" / "v1.safetensors")
    assert listed(comfyui)["configs"] == ["v1.yaml"]


def test_links_are_followed_and_a_broken_one_is_listed(comfyui: Path, tmp_path: Path) -> None:
    loras = comfyui / "models" / "loras"
    (loras / "one.safetensors").symlink_to(put(tmp_path / "elsewhere" / "one.safetensors"))
    (loras / "gone.safetensors").symlink_to(tmp_path / "nowhere.safetensors")
    (loras / "more").symlink_to(tmp_path / "elsewhere")
    assert listed(comfyui)["loras"] == [
        "gone.safetensors",
        "more/one.safetensors",
        "one.safetensors",
    ]


def test_diffusers_lists_directories_that_are_a_pipeline(comfyui: Path, tmp_path: Path) -> None:
    put(tmp_path / "sd15" / "model_index.json")
    put(tmp_path / "sd15" / "unet" / "model.safetensors")
    (comfyui / "models" / "diffusers" / "sd15").symlink_to(tmp_path / "sd15")
    put(comfyui / "models" / "diffusers" / "not-one" / "model.safetensors")
    assert listed(comfyui)["diffusers"] == ["sd15"]


def test_gguf_is_listed_only_where_its_custom_node_is_there(tmp_path: Path) -> None:
    without = write_installation(tmp_path / "without")
    installed = write_installation(tmp_path / "with", custom_nodes=["ComfyUI-GGUF"])
    for installation in (without, installed):
        put(installation / "models" / "unet" / "flux.gguf")
        put(installation / "models" / "text_encoders" / "t5.gguf")
    assert set(listed(installed)) - set(listed(without)) == {"unet_gguf", "clip_gguf"}
    assert listed(installed)["unet_gguf"] == ["flux.gguf"]
    assert listed(installed)["clip_gguf"] == ["t5.gguf"]
    assert listed(installed)["diffusion_models"] == []
