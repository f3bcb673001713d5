"""Which files of a repository are fetched for what a person asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_library.errors import ChoiceNeededError, InvalidValueError
from model_library.providers import RemoteFile, RemoteModel
from model_library.selection import choices, quant_of, select


def repository(*paths: str, size: int = 1000) -> RemoteModel:
    files = tuple(RemoteFile(path, size + number) for number, path in enumerate(paths))
    return RemoteModel("huggingface", "owner/name", "page", files=files)


def taken(model: RemoteModel, **asked: object) -> list[str]:
    return [file.path for file in select(model, **asked)]  # type: ignore[arg-type]


GGUF = repository(
    "README.md",
    "Llama-3.1-8B-Instruct-Q4_K_M.gguf",
    "Llama-3.1-8B-Instruct-IQ2_XXS.gguf",
    "Llama-3.1-8B-Instruct-Q8_0-00001-of-00002.gguf",
    "Llama-3.1-8B-Instruct-Q8_0-00002-of-00002.gguf",
    "imatrix.gguf",
)


@pytest.mark.parametrize(
    ("path", "quant"),
    [
        ("Llama-3.1-8B-Instruct-Q4_K_M.gguf", "Q4_K_M"),
        ("llama-3.1.q5_0.gguf", "Q5_0"),
        ("qwen2.5-7b-instruct-q4_k_m-00001-of-00002.gguf", "Q4_K_M"),
        ("UD-Q4_K_XL/model-00001-of-00003.gguf", "UD-Q4_K_XL"),
        ("Q6_K/model.gguf", "Q6_K"),
        ("model-IQ3_XXS.gguf", "IQ3_XXS"),
        ("model.BF16.gguf", "BF16"),
        ("gpt-oss-20b-MXFP4.gguf", "MXFP4"),
        ("bitnet-TQ1_0.gguf", "TQ1_0"),
        ("model.gguf", None),
        ("Q-7B-chat.gguf", None),
    ],
)
def test_the_quantization_is_read_from_the_name(path: str, quant: str | None) -> None:
    assert quant_of(path) == quant


def test_a_quantization_is_taken_with_all_its_shards_and_nothing_else() -> None:
    assert taken(GGUF, quant="q8_0") == [
        "Llama-3.1-8B-Instruct-Q8_0-00001-of-00002.gguf",
        "Llama-3.1-8B-Instruct-Q8_0-00002-of-00002.gguf",
    ]
    assert taken(GGUF, quant="Q4-K-M") == ["Llama-3.1-8B-Instruct-Q4_K_M.gguf"]


def test_several_quantizations_ask_for_a_choice_and_name_their_sizes() -> None:
    with pytest.raises(ChoiceNeededError) as caught:
        select(GGUF)
    assert "IQ2_XXS" in caught.value.message
    assert "Q4_K_M (0.0 MiB)" in caught.value.message
    assert caught.value.exit_code == 2


def test_an_unknown_quantization_names_those_there_are() -> None:
    with pytest.raises(InvalidValueError) as caught:
        select(GGUF, quant="Q3_K_S")
    assert "Q4_K_M" in caught.value.hint


def test_the_only_quantization_is_taken_without_a_word() -> None:
    assert taken(repository("a-Q4_0.gguf", "README.md")) == ["a-Q4_0.gguf"]


def test_two_models_with_the_same_quantization_are_chosen_by_file() -> None:
    model = repository("a-Q4_0.gguf", "b-Q4_0.gguf")
    assert {choice.name for choice in choices(model)} == {"a-Q4_0.gguf", "b-Q4_0.gguf"}
    assert taken(model, patterns=["b-Q4_0.gguf"]) == ["b-Q4_0.gguf"]


def test_a_vision_model_comes_with_its_projector() -> None:
    model = repository("llava-Q4_K_M.gguf", "llava-Q8_0.gguf", "mmproj-F32.gguf", "mmproj-F16.gguf")
    assert taken(model, quant="Q4_K_M") == ["llava-Q4_K_M.gguf", "mmproj-F16.gguf"]


DIFFUSERS = repository(
    "model_index.json",
    "README.md",
    "LICENSE",
    "sd_xl_base_1.0.safetensors",
    "unet/config.json",
    "unet/diffusion_pytorch_model.safetensors",
    "unet/diffusion_pytorch_model.fp16.safetensors",
    "unet/diffusion_pytorch_model.bin",
    "unet/diffusion_flax_model.msgpack",
    "vae/config.json",
    "vae/diffusion_pytorch_model.bin",
    "tokenizer/merges.txt",
    "onnx/model.onnx",
    "assets/example.png",
)


def test_a_diffusers_folder_is_taken_whole_in_its_safest_format() -> None:
    assert taken(DIFFUSERS) == [
        "LICENSE",
        "README.md",
        "model_index.json",
        "tokenizer/merges.txt",
        "unet/config.json",
        "unet/diffusion_pytorch_model.safetensors",
        "vae/config.json",
        "vae/diffusion_pytorch_model.bin",
    ]


def test_a_precision_of_a_folder_replaces_the_files_that_have_it() -> None:
    found = taken(DIFFUSERS, quant="fp16")
    assert "unet/diffusion_pytorch_model.fp16.safetensors" in found
    assert "unet/diffusion_pytorch_model.safetensors" not in found
    assert "vae/diffusion_pytorch_model.bin" in found


def test_a_transformers_folder_leaves_other_programs_forms_out() -> None:
    model = repository(
        "config.json",
        "generation_config.json",
        "tokenizer.json",
        "tokenizer.model",
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
        "model.safetensors.index.json",
        "pytorch_model.bin",
        "original/consolidated.00.pth",
        "tf_model.h5",
        "modeling_custom.py",
        ".gitattributes",
    )
    assert taken(model) == [
        "config.json",
        "generation_config.json",
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
        "model.safetensors.index.json",
        "tokenizer.json",
        "tokenizer.model",
    ]


def test_of_loose_files_one_is_taken_and_several_are_a_choice() -> None:
    assert taken(repository("lora.safetensors", "lora.ckpt", "sample.png")) == ["lora.safetensors"]
    with pytest.raises(ChoiceNeededError):
        select(repository("a.safetensors", "b.safetensors"))
    steps = repository("lora_00010.safetensors", "lora_00020.safetensors")
    assert len(choices(steps)) == 2


def test_patterns_name_files_folders_and_globs() -> None:
    assert taken(DIFFUSERS, patterns=["vae"]) == [
        "vae/config.json",
        "vae/diffusion_pytorch_model.bin",
    ]
    assert taken(DIFFUSERS, patterns=["*.onnx"]) == ["onnx/model.onnx"]
    with pytest.raises(InvalidValueError, match=r"nothing\.bin"):
        select(DIFFUSERS, patterns=["nothing.bin"])


def test_a_repository_without_models_says_so_and_all_takes_everything() -> None:
    model = repository("README.md", "data.csv")
    with pytest.raises(InvalidValueError, match="no model files"):
        select(model)
    assert taken(model, everything=True) == ["README.md", "data.csv"]


NAMES = st.lists(
    st.from_regex(r"\A[a-zQ0-9_./-]{1,20}\.(gguf|safetensors|bin|json|md)\Z"),
    min_size=1,
    max_size=8,
    unique=True,
)


@given(NAMES)
def test_every_choice_is_of_files_that_are_there(paths: list[str]) -> None:
    model = repository(*paths)
    known = set(model.files or ())
    found = choices(model)
    assert all(set(choice.files) <= known and choice.files for choice in found)
    assert len({choice.name for choice in found}) == len(found)
