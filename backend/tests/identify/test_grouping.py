"""Which files become one model. Every test lays out real files and walks them."""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_library.errors import BrokenModelError, HeaderLimitError, UnsafeNameError
from model_library.identify.file_roles import preview_rank
from model_library.identify.folder_tree import FolderTree
from model_library.identify.grouping import Grouping, group
from model_library.identify.hf_folder import HubPlace, hub_place, is_main_snapshot
from model_library.identify.values import ModelGroup
from model_library.identify.walk import file_identity, walk
from model_library.samples.formats import write_safetensors
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


# --- single files --------------------------------------------------------------------------------


def test_a_folder_of_checkpoints_is_many_single_files(tmp_path: Path) -> None:
    put_all(tmp_path, "a.safetensors", "b.CKPT", "sub/a.gguf", "c.sft", "notes.doc", "README.md")
    result = grouped(tmp_path)
    assert [shape(g) for g in result.groups] == [
        ("a", ModelForm.SINGLE_FILE, ["a.safetensors"]),
        ("b", ModelForm.SINGLE_FILE, ["b.CKPT"]),
        ("c", ModelForm.SINGLE_FILE, ["c.sft"]),
        ("a", ModelForm.SINGLE_FILE, ["a.gguf"]),
    ]
    assert left(result, tmp_path) == {
        "README.md": "not a model file: README.md",
        "notes.doc": "not a model file: notes.doc",
    }


def test_companions_go_with_the_model_of_their_stem(tmp_path: Path) -> None:
    put_all(
        tmp_path,
        "my.model.safetensors",
        "my.model.yaml",
        "my.model.vae.pt",
        "my.model.PNG",
        "my.model.preview.png",
        "my.model.civitai.info",
        "my.model.json",
        "my.model.metadata.json",
        "my.model.cm-info.json",
        "my.model.swarm.json",
        "my.model.txt",
        "my.model.md",
        "my.model.html",
        "my.model.prompt",
        "my.model.tags",
        "other.png",
    )
    result = grouped(tmp_path)
    model = only(result)
    by_role = {role: [n for n, r in roles(model).items() if r is role] for role in FileRole}
    assert by_role[FileRole.WEIGHT] == ["my.model.safetensors"]
    assert by_role[FileRole.CONFIG] == ["my.model.yaml"]
    assert by_role[FileRole.COMPANION] == ["my.model.vae.pt"]
    assert by_role[FileRole.PREVIEW] == ["my.model.PNG", "my.model.preview.png"]
    assert len(by_role[FileRole.SIDECAR]) == 10
    assert list(left(result, tmp_path)) == ["other.png"]


def test_the_preview_that_others_would_show_comes_first(tmp_path: Path) -> None:
    names = [
        "m.png",
        "m.preview.png",
        "m.jpg",
        "m.preview.jpg",
        "m.jpeg",
        "m.webp",
        "m.preview.webp",
        "m.gif",
        "m.thumb.jpg",
        "m.avif",
        "m.mp4",
        "m.preview.mp4",
    ]
    put_all(tmp_path, "m.safetensors", *names)
    model = only(grouped(tmp_path))
    assert [f.name for f in model.files if f.role is FileRole.PREVIEW] == names
    assert preview_rank("x.png") < preview_rank("x.preview.png") < preview_rank("x.txt")


def test_the_longest_stem_has_the_companion(tmp_path: Path) -> None:
    put_all(tmp_path, "a.safetensors", "a.preview.safetensors", "a.preview.png")
    first, second = grouped(tmp_path).groups
    assert shape(first) == ("a", ModelForm.SINGLE_FILE, ["a.safetensors"])
    assert [f.name for f in second.files] == ["a.preview.safetensors", "a.preview.png"]


def test_of_two_models_with_one_stem_safetensors_has_the_companions(tmp_path: Path) -> None:
    put_all(tmp_path, "a.ckpt", "a.safetensors", "a.gguf", "a.png")
    with_image = [g for g in grouped(tmp_path).groups if len(g.files) > 1]
    assert [g.files[0].name for g in with_image] == ["a.safetensors"]


def test_a_vae_without_its_model_is_a_model(tmp_path: Path) -> None:
    put_all(tmp_path, "a.vae.safetensors", "a.vae.png", "b.safetensors")
    assert [g.name for g in grouped(tmp_path).groups] == ["a.vae", "b"]


def test_mmproj_and_mtp_are_models_of_their_own(tmp_path: Path) -> None:
    put_all(tmp_path, "Qwen-Q4_K_M.gguf", "mmproj-Qwen-f16.gguf", "mtp-Qwen.gguf")
    assert [shape(g)[:2] for g in grouped(tmp_path).groups] == [
        ("Qwen-Q4_K_M", ModelForm.SINGLE_FILE),
        ("mmproj-Qwen-f16", ModelForm.SINGLE_FILE),
        ("mtp-Qwen", ModelForm.SINGLE_FILE),
    ]


def test_external_data_belongs_to_its_onnx_model(tmp_path: Path) -> None:
    put_all(tmp_path, "m.onnx", "m.onnx_data", "m.onnx_data_1", "n.onnx", "n.onnx.data")
    put_all(tmp_path, "gone.onnx_data")
    result = grouped(tmp_path)
    assert [[f.name for f in g.weights] for g in result.groups] == [
        ["m.onnx", "m.onnx_data", "m.onnx_data_1"],
        ["n.onnx", "n.onnx.data"],
    ]
    reason = "external data of an ONNX model that is not here: gone.onnx_data"
    assert left(result, tmp_path) == {"gone.onnx_data": reason}


def test_training_state_is_no_model(tmp_path: Path) -> None:
    put_all(tmp_path, "training_args.bin", "optimizer.pt", "rng_state_0.pth", "a.safetensors")
    result = grouped(tmp_path)
    assert only(result).name == "a"
    why = left(result, tmp_path)["optimizer.pt"]
    assert why == "training state, not a model: optimizer.pt"


def test_a_folder_with_one_model_may_use_fixed_names(tmp_path: Path) -> None:
    put_all(tmp_path, "one/a.safetensors", "one/metadata.json", "one/preview.png")
    put_all(tmp_path, "one/a.vae.pt")
    put_all(tmp_path, "two/a.gguf", "two/b.gguf", "two/metadata.json", "two/preview.png")
    result = grouped(tmp_path)
    assert [f.name for f in result.groups[0].files] == [
        "a.safetensors",
        "a.vae.pt",
        "preview.png",
        "metadata.json",
    ]
    assert list(left(result, tmp_path)) == ["two/metadata.json", "two/preview.png"]


# --- what was named explicitly -------------------------------------------------------------------


def test_a_named_file_without_a_model_extension_is_a_group(tmp_path: Path) -> None:
    odd = put(tmp_path / "sha256-0123")
    note = put(tmp_path / "README.md")
    state = put(tmp_path / "optimizer.pt")
    result = grouped(odd, note, state)
    assert [shape(g) for g in result.groups] == [
        ("README.md", ModelForm.SINGLE_FILE, ["README.md"]),
        ("optimizer.pt", ModelForm.SINGLE_FILE, ["optimizer.pt"]),
        ("sha256-0123", ModelForm.SINGLE_FILE, ["sha256-0123"]),
    ]
    assert result.leftovers == ()


def test_a_named_file_brings_its_companions_and_shards_but_no_neighbours(tmp_path: Path) -> None:
    file = put(tmp_path / "a.safetensors")
    put_all(tmp_path, "a.png", "a.civitai.info", "b.safetensors", "b.png", "a.ckpt")
    put_all(tmp_path, ".cache/huggingface/download/a.safetensors.metadata")
    shard = put(tmp_path / "m-00001-of-00003.gguf")
    put_all(tmp_path, "m-00002-of-00003.gguf")
    model, shards = grouped(file, shard).groups
    assert [f.name for f in model.files] == [
        "a.safetensors",
        "a.png",
        "a.civitai.info",
        ".cache/huggingface/download/a.safetensors.metadata",
    ]
    assert [f.name for f in shards.files] == ["m-00001-of-00003.gguf", "m-00002-of-00003.gguf"]
    assert shards.missing == ("m-00003-of-00003.gguf",)


def test_a_named_companion_stays_a_companion(tmp_path: Path) -> None:
    names = ("a.safetensors", "a.png", "a.vae.pt")
    result = grouped(*(put(tmp_path / name) for name in names))
    assert len(only(result).files) == 3


def test_all_files_of_a_folder_named_one_by_one_are_the_folder_model(tmp_path: Path) -> None:
    put_pipeline(tmp_path / "sdxl")
    result = grouped(*(tmp_path / "sdxl").iterdir())
    assert only(result).form is ModelForm.DIFFUSERS_FOLDER


# --- shards --------------------------------------------------------------------------------------


def test_shards_become_one_set_and_the_missing_one_is_named(tmp_path: Path) -> None:
    names = [f"m-{i:05d}-of-00004.safetensors" for i in (1, 2, 4)]
    put_all(tmp_path, *names, "m.png", "m-00001-of-00004.json", "x.gguf.part1", "x.gguf.part2")
    model, parts = grouped(tmp_path).groups
    assert shape(model)[:2] == ("m", ModelForm.SHARDED_SET)
    assert [(f.name, f.shard_index, f.shard_total) for f in model.weights] == [
        (names[0], 1, 4),
        (names[1], 2, 4),
        (names[2], 4, 4),
    ]
    assert model.missing == ("m-00003-of-00004.safetensors",)
    assert roles(model)["m.png"] is FileRole.PREVIEW
    assert roles(model)["m-00001-of-00004.json"] is FileRole.SIDECAR
    assert shape(parts)[:2] == ("x", ModelForm.SHARDED_SET)
    assert [(f.shard_index, f.shard_total) for f in parts.weights] == [(1, None), (2, None)]


def test_an_index_outside_of_a_model_folder_completes_its_set(tmp_path: Path) -> None:
    put_index(tmp_path / "m.safetensors.index.json", "m-a.safetensors", "m-b.safetensors")
    put_all(tmp_path, "m-a.safetensors", "z.safetensors")
    model, single = grouped(tmp_path).groups
    assert shape(model) == (
        "m",
        ModelForm.SHARDED_SET,
        ["m-a.safetensors", "m.safetensors.index.json"],
    )
    assert model.missing == ("m-b.safetensors",)
    assert single.name == "z"


def test_an_index_alone_misses_everything_and_beside_other_models_means_nothing(
    tmp_path: Path,
) -> None:
    index = tmp_path / "alone" / "m.bin.index.json"
    put_index(index, "m-00001-of-00002.bin", "m-00002-of-00002.bin")
    put_index(tmp_path / "other" / "m.bin.index.json", "m-00001-of-00002.bin")
    put_all(tmp_path, "other/z.safetensors")
    result = grouped(tmp_path)
    alone, single = result.groups
    assert (alone.weights, len(alone.missing)) == ((), 2)
    assert single.name == "z"
    assert list(left(result, tmp_path)) == ["other/m.bin.index.json"]


def test_a_set_with_a_broken_index_is_refused_as_a_whole(tmp_path: Path) -> None:
    index = tmp_path / "m.safetensors.index.json"
    put_index(index, "../../escape.safetensors")
    put_all(tmp_path, "m-00001-of-00001.safetensors", "other.safetensors")
    for named in ([tmp_path], [tmp_path, tmp_path / "m-00001-of-00001.safetensors"]):
        result = grouped(*named)
        (problem,) = result.problems
        assert isinstance(problem, UnsafeNameError)
        assert problem.path == str(index)
        assert only(result).name == "other"
        assert left(result, tmp_path) == {
            "m-00001-of-00001.safetensors": "not imported, because m.safetensors.index.json"
            " cannot be used: m-00001-of-00001.safetensors"
        }


def test_numbered_files_with_the_same_tensors_are_saved_epochs(tmp_path: Path) -> None:
    for epoch in (1, 2, 3):
        path = tmp_path / f"mylora_{epoch:05d}.safetensors"
        write_safetensors(path, [("lora_down.weight", "F16", (4, 8 * epoch))])
    put_all(tmp_path, "mylora_00002.png")
    result = grouped(tmp_path)
    assert [g.form for g in result.groups] == [ModelForm.SINGLE_FILE] * 3
    assert [len(g.files) for g in result.groups] == [1, 2, 1]


def test_numbered_files_with_different_tensors_are_shards(tmp_path: Path) -> None:
    for number in (0, 1, 3):
        path = tmp_path / f"big_{number:05d}.safetensors"
        write_safetensors(path, [(f"layers.{number}.weight", "F16", (4, 8))])
    model = only(grouped(tmp_path))
    assert shape(model)[:2] == ("big", ModelForm.SHARDED_SET)
    assert [f.shard_index for f in model.weights] == [1, 2, 4]
    assert model.missing == ("big_00002.safetensors",)


def test_without_headers_numbered_files_of_one_size_stay_apart(tmp_path: Path) -> None:
    for number in (1, 2):
        put(tmp_path / f"same_{number:05d}.pt", "x" * 7)
        put(tmp_path / f"cut_{number:05d}.gguf", "x" * (7 - 3 * number))
    result = group(walk([tmp_path]))
    assert [g.name for g in result.groups] == ["cut", "same_00001", "same_00002"]


def test_training_steps_are_never_merged(tmp_path: Path) -> None:
    put_all(tmp_path, "mylora-000010.safetensors", "mylora-000020.safetensors")
    assert [g.name for g in grouped(tmp_path).groups] == ["mylora-000010", "mylora-000020"]


# --- transformers folders ------------------------------------------------------------------------


def test_config_weights_and_tokenizer_are_one_model(tmp_path: Path) -> None:
    folder = tmp_path / "TinyLlama"
    put(folder / "config.json", LLM)
    put_all(
        folder,
        "model.safetensors",
        "model.fp16.safetensors",
        "pytorch_model.bin",
        "tokenizer.json",
        "tokenizer.model",
        "README.md",
        "picture.png",
        "training_args.bin",
        "onnx/model_quantized.onnx",
        "1_Pooling/config.json",
    )
    result = grouped(tmp_path)
    model = only(result)
    assert shape(model)[:2] == ("TinyLlama", ModelForm.TRANSFORMERS_FOLDER)
    assert [f.name for f in model.weights] == [
        "model.fp16.safetensors",
        "model.safetensors",
        "onnx/model_quantized.onnx",
        "pytorch_model.bin",
    ]
    assert roles(model)["1_Pooling/config.json"] is FileRole.CONFIG
    assert roles(model)["tokenizer.model"] is FileRole.CONFIG
    assert roles(model)["README.md"] is FileRole.COMPANION
    assert list(left(result, tmp_path)) == ["TinyLlama/training_args.bin"]


def test_the_shards_of_a_folder_are_numbered_and_the_missing_named(tmp_path: Path) -> None:
    put(tmp_path / "config.json", LLM)
    shards = [f"model-{i:05d}-of-00003.safetensors" for i in (1, 2, 3)]
    put_index(tmp_path / "model.safetensors.index.json", *shards)
    put_all(tmp_path, shards[0], shards[2])
    model = only(grouped(tmp_path))
    assert model.form is ModelForm.TRANSFORMERS_FOLDER
    assert [(f.shard_index, f.shard_total) for f in model.weights] == [(1, 3), (3, 3)]
    assert model.missing == (shards[1],)
    assert roles(model)["model.safetensors.index.json"] is FileRole.CONFIG


def test_the_index_of_a_variant_that_was_not_downloaded_misses_nothing(tmp_path: Path) -> None:
    put(tmp_path / "config.json", LLM)
    put_index(tmp_path / "pytorch_model.bin.index.json", "pytorch_model-00001-of-00001.bin")
    put_all(tmp_path, "model.safetensors")
    assert only(grouped(tmp_path)).missing == ()


def test_a_folder_with_an_index_and_no_weights_misses_all_of_them(tmp_path: Path) -> None:
    put(tmp_path / "config.json", LLM)
    put_index(tmp_path / "model.safetensors.index.json", "model-00001-of-00001.safetensors")
    model = only(grouped(tmp_path))
    assert model.weights == ()
    assert model.missing == ("model-00001-of-00001.safetensors",)


def test_a_broken_index_refuses_the_folder_and_names_the_file(tmp_path: Path) -> None:
    put(tmp_path / "config.json", LLM)
    put(tmp_path / "model.safetensors.index.json", "{")
    put_all(tmp_path, "model-00001-of-00001.safetensors")
    result = grouped(tmp_path)
    assert result.groups == ()
    assert [type(p) for p in result.problems] == [BrokenModelError]
    assert len(result.leftovers) == 2


def test_strangers_in_a_model_folder_are_models_of_their_own(tmp_path: Path) -> None:
    put(tmp_path / "config.json", LLM)
    put_all(
        tmp_path,
        "model.safetensors",
        "model.png",
        "my_lora.safetensors",
        "my_lora.png",
        "quant.gguf",
        "holiday.jpg",
        "LICENSE",
        "loras/x.safetensors",
    )
    result = grouped(tmp_path)
    folder, lora, quant, nested = result.groups
    assert shape(folder)[1:] == (
        ModelForm.TRANSFORMERS_FOLDER,
        ["model.safetensors", "config.json", "LICENSE", "model.png"],
    )
    assert [f.name for f in lora.files] == ["my_lora.safetensors", "my_lora.png"]
    assert (quant.name, nested.name) == ("quant", "x")
    assert list(left(result, tmp_path)) == ["holiday.jpg"]


def test_renamed_weights_are_the_folders_if_they_are_the_only_ones(tmp_path: Path) -> None:
    put(tmp_path / "one" / "config.json", LLM)
    put_all(tmp_path, "one/renamed-00001-of-00002.safetensors")
    put_all(tmp_path, "one/renamed-00002-of-00002.safetensors")
    put(tmp_path / "two" / "config.json", LLM)
    put_all(tmp_path, "two/a.safetensors", "two/b.safetensors")
    put(tmp_path / "ui" / "config.json", '{"theme": "dark"}')
    put_all(tmp_path, "ui/a.safetensors")
    put(tmp_path / "bad" / "config.json", "{")
    put_all(tmp_path, "bad/a.safetensors")
    forms = [(g.name, g.form) for g in grouped(tmp_path).groups]
    assert forms == [
        ("a", ModelForm.SINGLE_FILE),
        ("one", ModelForm.TRANSFORMERS_FOLDER),
        ("a", ModelForm.SINGLE_FILE),
        ("b", ModelForm.SINGLE_FILE),
        ("a", ModelForm.SINGLE_FILE),
    ]


def test_quantized_ggufs_beside_a_config_are_single_files(tmp_path: Path) -> None:
    put(tmp_path / "config.json", LLM)
    put_all(tmp_path, "m.Q4_K_M.gguf", "m.Q8_0.gguf", "README.md")
    assert [g.form for g in grouped(tmp_path).groups] == [ModelForm.SINGLE_FILE] * 2


def test_adapters_and_original_formats_are_folders_too(tmp_path: Path) -> None:
    put_all(tmp_path, "peft/adapter_config.json", "peft/adapter_model.safetensors")
    put_all(tmp_path, "meta/params.json", "meta/consolidated.00.pth", "meta/tokenizer.model")
    put_all(tmp_path, "web/config.json", "web/onnx/model.onnx")
    put_all(tmp_path, "text/params.json", "text/model.safetensors")
    put_all(tmp_path, "empty/config.json")
    assert [(g.name, g.form) for g in grouped(tmp_path).groups] == [
        ("meta", ModelForm.TRANSFORMERS_FOLDER),
        ("peft", ModelForm.TRANSFORMERS_FOLDER),
        ("model", ModelForm.SINGLE_FILE),
        ("web", ModelForm.TRANSFORMERS_FOLDER),
    ]


# --- diffusers folders ---------------------------------------------------------------------------


def test_a_diffusers_folder_is_one_model(tmp_path: Path) -> None:
    folder = tmp_path / "sdxl"
    put_pipeline(folder)
    put_all(folder, "unet/diffusion_pytorch_model.fp16.safetensors", "README.md", "preview.png")
    put_all(folder, "vae/training_args.bin")
    result = grouped(tmp_path)
    model = only(result)
    assert shape(model)[:2] == ("sdxl", ModelForm.DIFFUSERS_FOLDER)
    assert model.missing == ()
    assert [f.name for f in model.weights] == [
        "text_encoder/model.safetensors",
        "unet/diffusion_pytorch_model.fp16.safetensors",
        "unet/diffusion_pytorch_model.safetensors",
        "vae/diffusion_pytorch_model.safetensors",
    ]
    assert roles(model)["scheduler/scheduler_config.json"] is FileRole.CONFIG
    assert roles(model)["preview.png"] is FileRole.PREVIEW
    assert list(left(result, tmp_path)) == ["sdxl/vae/training_args.bin"]


def test_files_that_the_index_needs_are_named_when_missing(tmp_path: Path) -> None:
    put_pipeline(tmp_path, *PIPELINE_FILES[:1], "text_encoder/model.safetensors")
    put_index(
        tmp_path / "unet" / "diffusion_pytorch_model.safetensors.index.json",
        "diffusion_pytorch_model-00001-of-00002.safetensors",
        "diffusion_pytorch_model-00002-of-00002.safetensors",
    )
    (tmp_path / "unet" / "diffusion_pytorch_model.safetensors").rename(
        tmp_path / "unet" / "diffusion_pytorch_model-00001-of-00002.safetensors"
    )
    (tmp_path / "tokenizer" / "vocab.json").unlink()
    (tmp_path / "vae" / "diffusion_pytorch_model.safetensors").unlink()
    model = only(grouped(tmp_path))
    assert model.missing == (
        "scheduler/scheduler_config.json",
        "text_encoder/model.safetensors",
        "tokenizer/tokenizer_config.json",
        "unet/diffusion_pytorch_model-00002-of-00002.safetensors",
        "vae/diffusion_pytorch_model.safetensors",
    )


def test_a_single_file_beside_the_diffusers_layout_is_its_own_model(tmp_path: Path) -> None:
    put_pipeline(tmp_path)
    put_all(tmp_path, "sd_xl_base_1.0.safetensors", "sd_xl_base_1.0.png", "vae_1_0/config.json")
    put_all(tmp_path, "vae_1_0/diffusion_pytorch_model.safetensors", "LICENSE.md")
    pipeline, single, vae = grouped(tmp_path).groups
    assert pipeline.form is ModelForm.DIFFUSERS_FOLDER
    assert {"LICENSE.md", "model_index.json"} <= roles(pipeline).keys()
    assert [f.name for f in single.files] == ["sd_xl_base_1.0.safetensors", "sd_xl_base_1.0.png"]
    assert shape(vae)[:2] == ("vae_1_0", ModelForm.TRANSFORMERS_FOLDER)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("not json", BrokenModelError),
        ("[]", BrokenModelError),
        ('{"_class_name": "X"}', BrokenModelError),
        ('{"../up": ["diffusers", "UNet"]}', UnsafeNameError),
        ('{"a/b": ["diffusers", "UNet"]}', UnsafeNameError),
        ('{"a":' * 50_000, BrokenModelError),
        ('{"a": "' + "x" * 5_000_000 + '"}', HeaderLimitError),
    ],
)
def test_a_broken_model_index_imports_no_piece_of_the_pipeline(
    tmp_path: Path, content: str, error: type[Exception]
) -> None:
    put_pipeline(tmp_path / "sdxl")
    index = put(tmp_path / "sdxl" / "model_index.json", content)
    put_all(tmp_path, "sdxl/single.safetensors", "sdxl/other/lora.safetensors")
    result = grouped(tmp_path)
    (problem,) = result.problems
    assert type(problem) is error
    assert problem.path == str(index)
    assert [g.name for g in result.groups] == ["single", "lora"]
    assert f"not imported, because {index} cannot be used: config.json" in [
        why for _, why in result.leftovers
    ]


# --- the Hugging Face cache ----------------------------------------------------------------------

COMMIT = "0123456789abcdef0123456789abcdef01234567"
OTHER = "f" * 40


def put_snapshot(cache: Path, repo: str, commit: str, files: dict[str, str]) -> Path:
    snapshot = cache / f"models--{repo.replace('/', '--')}" / "snapshots" / commit
    for name, blob in files.items():
        target = put(snapshot.parent.parent / "blobs" / blob, blob)
        (snapshot / name).parent.mkdir(parents=True, exist_ok=True)
        (snapshot / name).symlink_to(os.path.relpath(target, (snapshot / name).parent))
    return snapshot


def test_a_snapshot_is_one_model_named_after_its_repository(tmp_path: Path) -> None:
    files = {"config.json": "a1" * 20, "model.safetensors": "b2" * 32, "docs/usage.md": "c3" * 20}
    snapshot = put_snapshot(tmp_path, "org/Tiny-Llama", COMMIT, files)
    put(tmp_path / "models--org--Tiny-Llama" / "refs" / "main", COMMIT)
    result = grouped(tmp_path)
    model = only(result)
    assert (model.name, model.base) == ("Tiny-Llama", snapshot)
    assert [f.name for f in model.files] == ["model.safetensors", "config.json", "docs/usage.md"]
    assert list(left(result, tmp_path)) == ["models--org--Tiny-Llama/refs/main"]


def test_two_snapshots_with_the_same_weights_are_the_newest_one(tmp_path: Path) -> None:
    first = {"config.json": "a1" * 20, "model.safetensors": "b2" * 32}
    put_snapshot(tmp_path, "org/m", COMMIT, first)
    newest = put_snapshot(tmp_path, "org/m", OTHER, {**first, "config.json": "c3" * 20})
    put(tmp_path / "models--org--m" / "refs" / "main", OTHER)
    result = grouped(tmp_path)
    assert only(result).base == newest
    assert "belongs to a model that is here under another path: config.json" in [
        why for _, why in result.leftovers
    ]


def test_two_snapshots_that_share_some_weights_are_both_whole(tmp_path: Path) -> None:
    shards = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
    for commit, last in ((COMMIT, "d4"), (OTHER, "e5")):
        blobs = {"config.json": "a1" * 20, shards[0]: "b2" * 32, shards[1]: last * 32}
        put_snapshot(tmp_path, "org/m", commit, blobs)
    models = grouped(tmp_path).groups
    assert [g.missing for g in models] == [(), ()]
    assert [len(g.files) for g in models] == [3, 3]


def test_a_snapshot_of_single_files_is_many_models(tmp_path: Path) -> None:
    files = {"m.Q4_0.gguf": "a1" * 32, "m.Q8_0.gguf": "b2" * 32}
    put_snapshot(tmp_path, "org/m-GGUF", COMMIT, files)
    assert [g.name for g in grouped(tmp_path).groups] == ["m.Q4_0", "m.Q8_0"]


def test_the_place_in_the_cache_is_read_from_the_path() -> None:
    base = Path("/x/hub/models--org--name/snapshots/abc")
    assert hub_place(base / "unet/config.json") == HubPlace("org/name", "abc", "unet/config.json")
    assert hub_place(base) == HubPlace("org/name", "abc", "")
    assert hub_place(Path("models--gpt2/snapshots/abc/f")) == HubPlace("gpt2", "abc", "f")
    assert hub_place(Path("/x/snapshots/abc/f")) is None
    assert not is_main_snapshot(base)
    assert not is_main_snapshot(Path("/x"))


def test_download_notes_go_with_their_files(tmp_path: Path) -> None:
    put(tmp_path / "config.json", LLM)
    notes = ".cache/huggingface/download"
    put_all(tmp_path, "model.safetensors", "loras/x.safetensors")
    put_all(tmp_path, f"{notes}/model.safetensors.metadata", f"{notes}/gone.bin.metadata")
    put_all(tmp_path, f"{notes}/loras/x.safetensors.metadata")
    result = grouped(tmp_path)
    folder, lora = result.groups
    assert roles(folder)[f"{notes}/model.safetensors.metadata"] is FileRole.SIDECAR
    assert [f.name for f in lora.files] == ["x.safetensors"]
    assert len(result.leftovers) == 2


# --- links ---------------------------------------------------------------------------------------


def test_links_to_one_file_are_one_model(tmp_path: Path) -> None:
    real = put(tmp_path / "store" / "a.safetensors")
    put_all(tmp_path, "ui/b.png")
    (tmp_path / "ui" / "b.safetensors").symlink_to(real)
    (tmp_path / "ui" / "c.safetensors").hardlink_to(real)
    result = grouped(tmp_path)
    assert len(result.groups) == 1
    assert left(result, tmp_path) == {
        "ui/b.png": "belongs to a model that is here under another path: b.png"
    }


def test_folders_that_share_a_file_through_links_are_both_whole(tmp_path: Path) -> None:
    put_pipeline(tmp_path / "one")
    put_pipeline(tmp_path / "two")
    shared = "vae/diffusion_pytorch_model.safetensors"
    (tmp_path / "two" / shared).unlink()
    (tmp_path / "two" / shared).hardlink_to(tmp_path / "one" / shared)
    models = grouped(tmp_path).groups
    assert [(g.name, g.missing, len(g.files)) for g in models] == [("one", (), 9), ("two", (), 9)]


def test_a_link_to_a_part_of_a_folder_model_is_no_model(tmp_path: Path) -> None:
    put_pipeline(tmp_path / "sdxl")
    link = tmp_path / "ui" / "sdxl_unet.safetensors"
    link.parent.mkdir()
    link.symlink_to(tmp_path / "sdxl" / "unet" / "diffusion_pytorch_model.safetensors")
    assert only(grouped(tmp_path)).name == "sdxl"


def test_a_real_file_that_a_folder_model_links_to_is_a_model_as_well(tmp_path: Path) -> None:
    put_pipeline(tmp_path / "sdxl")
    vae = tmp_path / "sdxl" / "vae" / "diffusion_pytorch_model.safetensors"
    real = vae.rename(tmp_path / "good_vae.safetensors")
    vae.symlink_to(real)
    single, pipeline = grouped(tmp_path).groups
    assert (single.name, pipeline.name, pipeline.missing) == ("good_vae", "sdxl", ())


# --- everything ----------------------------------------------------------------------------------

file_names = st.sampled_from(
    [
        *("config.json", "model_index.json", "adapter_config.json", "params.json"),
        *("model.safetensors", "model.fp16.safetensors", "pytorch_model.bin", "adapter_model.bin"),
        *(f"model-0000{i}-of-00003.safetensors" for i in (1, 2, 3)),
        *(f"x_0000{i}.safetensors" for i in (0, 1, 2)),
        *("x.part1", "x.part2of3.gguf", "x.gguf", "x.ckpt", "x.vae.pt", "x.vae.safetensors"),
        *("x.png", "x.preview.png", "x.civitai.info", "x.json", "x.yaml", "preview.png"),
        *("x.onnx", "x.onnx_data", "optimizer.pt", "README.md", "metadata.json", "tokenizer.json"),
        *("model.safetensors.index.json", "x.bin.index.json", "weights.pb", "mmproj-x.gguf"),
        *(".cache/huggingface/download/model.safetensors.metadata", "consolidated.00.pth"),
    ]
)
folder_names = st.sampled_from(["", "unet/", "vae/", "onnx/", "loras/", "a/b/"])
contents = st.sampled_from(
    [
        "",
        "x",
        "xxxx",
        "{}",
        LLM,
        json.dumps(PIPELINE),
        '{"weight_map": {"a": "model-00001-of-00003.safetensors", "b": "x.gguf"}}',
        '{"weight_map": {"a": "../x.gguf"}}',
    ]
)
trees = st.dictionaries(st.builds(str.__add__, folder_names, file_names), contents, max_size=25)


@given(tree=trees, named=st.sets(st.integers(0, 24), max_size=4))
@settings(max_examples=150)
def test_every_file_lands_in_exactly_one_place(tree: dict[str, str], named: set[int]) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        paths = [put(root / file, content) for file, content in sorted(tree.items())]
        found = walk([root, *(paths[i] for i in named if i < len(paths))])
        result = group(found)
        places = Counter(f.file.path for g in result.groups for f in g.files)
        places.update(file.path for file, _ in result.leftovers)
        places.update(Path(problem.path or "") for problem in result.problems)
        assert places == Counter(file.path for file in found.files)
        for model in result.groups:
            names = [file.name for file in model.files]
            assert len(names) == len(set(names))
            assert model.missing == tuple(sorted(set(model.missing) - set(names)))
            assert all(f.file.path == model.base / f.name for f in model.files)


@given(tree=trees)
@settings(max_examples=40)
def test_the_order_of_the_disk_does_not_matter(tree: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        for file, content in tree.items():
            put(Path(name) / file, content)
        found = walk([Path(name)])
        backwards = type(found)(files=found.files[::-1], given=found.given)
        one, other = group(found), group(backwards)
        assert one.groups == other.groups
        assert set(one.leftovers) == set(other.leftovers)
        assert [str(p) for p in one.problems] == [str(p) for p in other.problems]


def test_a_tree_knows_what_lies_below(tmp_path: Path) -> None:
    put_all(tmp_path, "a/b/c/1", "a/2", "d/e/3", "4")
    tree = FolderTree(walk([tmp_path]).files)
    root = str(tmp_path)
    assert tree.children(root) == [f"{root}/a", f"{root}/d"]
    assert tree.children(f"{root}/a") == [f"{root}/a/b"]
    below = sorted(tree.with_all_below(f"{root}/a"))
    assert below == [f"{root}/a", f"{root}/a/b/c"]
    assert sorted(tree.names_below(root)) == ["1", "2", "3", "4"]
