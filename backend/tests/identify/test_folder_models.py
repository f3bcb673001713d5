"""Which folders are one model: transformers, PEFT, diffusers, snapshots of the Hugging Face cache."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from model_library.errors import BrokenModelError, HeaderLimitError, UnsafeNameError
from model_library.identify.folder_tree import FolderTree
from model_library.identify.hf_folder import HubPlace, hub_place, is_main_snapshot
from model_library.identify.walk import walk
from model_library.taxonomy import FileRole, ModelForm
from tests.identify.layouts import (
    LLM,
    PIPELINE_FILES,
    grouped,
    left,
    only,
    put,
    put_all,
    put_index,
    put_pipeline,
    roles,
    shape,
)

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


def test_a_tree_knows_what_lies_below(tmp_path: Path) -> None:
    put_all(tmp_path, "a/b/c/1", "a/2", "d/e/3", "4")
    tree = FolderTree(walk([tmp_path]).files)
    root = str(tmp_path)
    assert tree.children(root) == [f"{root}/a", f"{root}/d"]
    assert tree.children(f"{root}/a") == [f"{root}/a/b"]
    below = sorted(tree.with_all_below(f"{root}/a"))
    assert below == [f"{root}/a", f"{root}/a/b/c"]
    assert sorted(tree.names_below(root)) == ["1", "2", "3", "4"]
