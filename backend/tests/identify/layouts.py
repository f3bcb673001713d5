"""Layouts of model files on disk and short ways to ask what grouping makes of them."""

from __future__ import annotations

import json
from pathlib import Path

from model_library.identify.grouping import Grouping, group
from model_library.identify.values import ModelGroup
from model_library.identify.walk import file_identity, walk
from model_library.taxonomy import FileRole, ModelForm

LLM = json.dumps({"model_type": "llama", "architectures": ["LlamaForCausalLM"]})
PIPELINE = {
    "_class_name": "StableDiffusionXLPipeline",
    "_diffusers_version": "0.30",
    "force_zeros_for_empty_prompt": True,
    "image_encoder": [None, None],
    "scheduler": ["diffusers", "EulerDiscreteScheduler"],
    "text_encoder": ["transformers", "CLIPTextModel"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderKL"],
}
PIPELINE_FILES = (
    "scheduler/scheduler_config.json",
    "text_encoder/config.json",
    "text_encoder/model.safetensors",
    "tokenizer/vocab.json",
    "unet/config.json",
    "unet/diffusion_pytorch_model.safetensors",
    "vae/config.json",
    "vae/diffusion_pytorch_model.safetensors",
)


def put(path: Path, content: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def put_all(folder: Path, *names: str) -> None:
    for name in names:
        put(folder / name)


def put_index(path: Path, *shards: str) -> None:
    put(path, json.dumps({"weight_map": {f"tensor{i}": s for i, s in enumerate(shards)}}))


def put_pipeline(folder: Path, *without: str) -> None:
    put(folder / "model_index.json", json.dumps(PIPELINE))
    put_all(folder, *(name for name in PIPELINE_FILES if name not in without))


def grouped(*paths: Path) -> Grouping:
    found = walk(paths)
    assert found.problems == ()
    result = group(found, tensor_names=tensor_names)
    in_groups = {file_identity(f.file) for g in result.groups for f in g.files}
    left = {file_identity(file) for file, _ in result.leftovers}
    broken = {problem.path for problem in result.problems}
    for file in found.files:  # the promise that holds for every test here
        places = [file_identity(file) in in_groups, file_identity(file) in left]
        places.append(str(file.path) in broken)
        assert places.count(True) == 1, file.path
    for model in result.groups:
        assert all(f.file.path == model.base / f.name for f in model.files)
    return result


def tensor_names(path: Path) -> frozenset[str] | None:
    data = path.read_bytes()
    if len(data) < 8:
        return None
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    return frozenset(header) - {"__metadata__"}


def shape(model: ModelGroup) -> tuple[str, ModelForm, list[str]]:
    return (model.name, model.form, [file.name for file in model.files])


def only(result: Grouping) -> ModelGroup:
    (model,) = result.groups
    return model


def roles(model: ModelGroup) -> dict[str, FileRole]:
    return {file.name: file.role for file in model.files}


def left(result: Grouping, root: Path) -> dict[str, str]:
    return {file.path.relative_to(root).as_posix(): why for file, why in result.leftovers}
