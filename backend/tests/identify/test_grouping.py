"""Which files become one model. Every test lays out real files and walks them."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from model_library.errors import UnsafeNameError
from model_library.identify.file_roles import preview_rank
from model_library.identify.grouping import group
from model_library.identify.walk import walk
from model_library.samples.formats import write_safetensors
from model_library.taxonomy import FileRole, ModelForm
from tests.identify.layouts import (
    LLM,
    PIPELINE,
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


def test_pipelines_may_share_a_whole_component_folder(tmp_path: Path) -> None:
    put_pipeline(tmp_path / "base")
    put_pipeline(tmp_path / "tuned", *PIPELINE_FILES[-2:])
    (tmp_path / "tuned" / "vae").symlink_to(tmp_path / "base" / "vae")
    (tmp_path / "whole").symlink_to(tmp_path / "base")
    models = grouped(tmp_path).groups
    assert [(g.name, g.missing, len(g.files)) for g in models] == [
        ("base", (), 9),
        ("tuned", (), 9),
    ]


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
