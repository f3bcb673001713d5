"""Identifying whole models: true headers, true files, hostile ones, and any tensors at all."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_library.errors import BrokenModelError, EmptyFileError, NotAModelError
from model_library.identify.classification import classify
from model_library.identify.identifier import identify
from model_library.identify.precision import measure
from model_library.identify.rules import (
    ADAPTER_BASE_RULES,
    CONTROL_RULES,
    MAIN_RULES,
    RULES_VERSION,
)
from model_library.identify.values import Evidence, Identification, Tensor
from model_library.samples.cases import sample_cases, write_case
from model_library.samples.formats import write_gguf, write_safetensors, write_torch_zip
from model_library.taxonomy import (
    AdapterType,
    Container,
    EvidenceMethod,
    Kind,
    ModelForm,
    SecurityTier,
)
from tests.identify.examples import example_of, group_of, tensors

_VARIANTS = {
    "inpaint": "inpaint",
    "refiner": "refiner",
    "t2v_1.3b": "t2v_1.3b",
    "clip_l": "clip_l",
    "t5xxl": "xxl",
    "vit_h": "vit_h",
}
"""By the detail of a case."""
_SD_VAE = {"decoder.conv_in.weight": (512, 4, 3, 3), "decoder.mid.block_1.norm1.weight": (512,)}
_LORA = {
    "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight": (
        8,
        2048,
    ),
    "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k.lora_up.weight": (640, 8),
}


def _write(path: Path, shapes: Mapping[str, tuple[int, ...]], **metadata: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    specs = [(name, "F16", shape) for name, shape in shapes.items()]
    write_safetensors(path, specs, metadata)
    return path


def _identify_file(path: Path) -> Identification:
    return identify(group_of(path.parent, path))


@pytest.mark.parametrize("case_name", list(sample_cases()))
def test_a_true_header_is_known(case_name: str, tmp_path: Path) -> None:
    expected = sample_cases()[case_name].expected
    paths = write_case(case_name, tmp_path)
    form = ModelForm.TRANSFORMERS_FOLDER if len(paths) > 1 else ModelForm.SINGLE_FILE
    found = identify(group_of(tmp_path, *paths, form=form, name="model"))
    assert found.kind is expected.kind
    assert not expected.families or found.family in expected.families
    assert found.family != "unknown"
    assert found.precision == expected.precision
    assert found.security.tier is SecurityTier.SAFE_FORMAT
    assert found.warnings == ()
    if expected.detail in _VARIANTS:
        assert found.variant == _VARIANTS[expected.detail]
    for field in ("kind", "family", "precision"):
        evidence = found.evidence[field]
        assert evidence.value == str(getattr(found, field))
        assert evidence.rules_version == RULES_VERSION


@pytest.mark.parametrize("config", [None, {"peft_type": "LORA", "task_type": "CAUSAL_LM"}])
def test_an_adapter_of_a_language_model_is_told_by_its_task(
    tmp_path: Path, config: Mapping[str, str] | None
) -> None:
    module = "base_model.model.model.layers.0.self_attn.q_proj"
    sides = {f"{module}.lora_A.weight": (8, 64), f"{module}.lora_B.weight": (64, 8)}
    paths = [_write(tmp_path / "adapter_model.safetensors", sides)]
    if config is not None:
        paths.append(tmp_path / "adapter_config.json")
        paths[-1].write_text(json.dumps(config), encoding="utf-8")
    form = ModelForm.TRANSFORMERS_FOLDER if config else ModelForm.SINGLE_FILE
    found = identify(group_of(tmp_path, *paths, form=form, name="model"))
    assert (found.kind, found.family) == (Kind.ADAPTER, "unknown")
    assert found.tasks == ("text-generation",)


def test_a_lora_tells_all_it_knows(tmp_path: Path) -> None:
    found = identify(group_of(tmp_path, *write_case("lora_sd15_kohya", tmp_path)))
    assert found.adapter_type is AdapterType.LORA
    assert found.embedded["adapter.rank"] == 32
    assert found.trigger_words == ("1girl", "solo")
    assert found.tasks == ("text-to-image",)
    assert found.evidence["family"].method is EvidenceMethod.TENSOR_KEYS
    assert found.tensor_counts == {"lora_sd15_kohya.safetensors": 792}
    assert found.parameter_count == sum(found.dtype_histogram.values())
    assert found.data_starts["lora_sd15_kohya.safetensors"] > 8


@pytest.mark.parametrize(
    ("name", "metadata", "family", "method"),
    [
        ("vae/model", {}, "sd1", EvidenceMethod.TENSOR_KEYS),
        ("vae/sdxl_vae", {}, "sdxl", EvidenceMethod.FILENAME),
        ("sdxl/vae", {}, "sdxl", EvidenceMethod.FOLDER),
        (
            "sdxl/vae",
            {"modelspec.architecture": "stable-diffusion-v2-512/vae"},
            "sd2",
            EvidenceMethod.METADATA,
        ),
        ("flux/vae", {}, "sd1", EvidenceMethod.TENSOR_KEYS),
    ],
)
def test_what_the_tensors_leave_open_the_next_source_decides(
    tmp_path: Path, name: str, metadata: dict[str, str], family: str, method: EvidenceMethod
) -> None:
    found = _identify_file(_write(tmp_path / f"{name}.safetensors", _SD_VAE, **metadata))
    assert found.kind is Kind.VAE
    assert (found.family, found.evidence["family"].method) == (family, method)


def test_a_text_that_contradicts_the_tensors_is_told_and_not_believed(tmp_path: Path) -> None:
    path = _write(
        tmp_path / "x.safetensors", _LORA, **{"modelspec.architecture": "flux-1-dev/lora"}
    )
    found = _identify_file(path)
    assert found.family == "sdxl"
    assert found.warnings == ("The embedded texts name the family FLUX.1; the tensors show SDXL.",)


@pytest.mark.parametrize(
    ("name", "metadata", "lineage"),
    [
        ("ink_pony", {}, Evidence("pony", EvidenceMethod.FILENAME, 0.35, RULES_VERSION)),
        (
            "ink_pony",
            {"ss_sd_model_name": "noobaiXL.safetensors"},
            Evidence("noobai", EvidenceMethod.METADATA, 0.6, RULES_VERSION),
        ),
        ("ink", {}, None),
    ],
)
def test_the_parent_of_an_sdxl_lora_is_weak_evidence(
    tmp_path: Path, name: str, metadata: dict[str, str], lineage: Evidence | None
) -> None:
    found = _identify_file(_write(tmp_path / f"{name}.safetensors", _LORA, **metadata))
    assert found.evidence.get("lineage") == lineage
    assert found.lineage == (lineage.value if lineage else None)


def test_a_title_about_ponies_makes_no_parent_of_another_family(tmp_path: Path) -> None:
    shapes = {
        name: (*shape[:1], 768) if "down" in name.rsplit(".", 2)[1] else shape
        for name, shape in _LORA.items()
    }
    path = _write(tmp_path / "pony.safetensors", shapes, **{"modelspec.title": "My pony"})
    found = _identify_file(path)
    assert (found.family, found.lineage, found.name) == ("sd1", None, "My pony")


def test_an_unknown_model_is_unknown_and_measured(tmp_path: Path) -> None:
    found = _identify_file(_write(tmp_path / "x.safetensors", {"layer.w": (4, 4)}))
    assert (found.kind, found.family, found.precision) == (Kind.UNKNOWN, "unknown", "F16")
    assert found.parameter_count == 16
    assert found.tasks == ()


@pytest.mark.parametrize(
    ("folder", "kind"),
    [("text_encoders", Kind.TEXT_ENCODER), ("LLM", Kind.LLM), ("loras", Kind.LLM)],
)
def test_a_folder_decides_between_the_roles_of_a_language_model(
    tmp_path: Path, folder: str, kind: Kind
) -> None:
    [path] = write_case("llm_tinyllama_single_file", tmp_path / folder)
    assert _identify_file(path).kind is kind


# --- GGUF ------------------------------------------------------------------------------------------


def test_a_language_model_in_gguf_names_itself(tmp_path: Path) -> None:
    path = tmp_path / "llama-3.1.gguf"
    write_gguf(
        path,
        {
            "general.architecture": "llama",
            "general.name": "Llama 3.1 8B",
            "general.license": "llama3.1",
            "general.file_type": 15,
        },
        [("token_embd.weight", "Q4_K", (256, 256)), ("blk.0.attn_norm.weight", "F32", (256,))],
    )
    found = _identify_file(path)
    assert (found.kind, found.family, found.precision) == (Kind.LLM, "llama", "Q4_K_M")
    assert (found.name, found.license) == ("Llama 3.1 8B", "llama3.1")
    assert found.container is Container.GGUF
    assert found.evidence["kind"].method is EvidenceMethod.GGUF_KV


def test_an_image_model_in_gguf_is_known_by_its_tensors(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    write_gguf(
        path,
        {"general.architecture": "flux"},
        [
            ("double_blocks.0.img_attn.norm.key_norm.scale", "F32", (128,)),
            ("img_in.weight", "F16", (3072, 64)),
            ("distilled_guidance_layer.norms.0.scale", "F32", (5120,)),
        ],
    )
    found = _identify_file(path)
    assert (found.kind, found.family) == (Kind.DIFFUSION_MODEL, "chroma")
    assert found.warnings == ()


def test_an_adapter_in_gguf_keeps_its_base(tmp_path: Path) -> None:
    path = tmp_path / "lora.gguf"
    write_gguf(
        path,
        {"general.architecture": "llama", "general.type": "adapter", "adapter.type": "lora"},
        [
            ("blk.0.attn_q.weight.lora_a", "F32", (8, 64)),
            ("blk.0.attn_q.weight.lora_b", "F32", (64, 8)),
        ],
    )
    found = _identify_file(path)
    assert (found.kind, found.family) == (Kind.ADAPTER, "llama")
    assert (found.adapter_type, found.embedded["adapter.rank"]) == (AdapterType.LORA, 8)


# --- folders ---------------------------------------------------------------------------------------


def _folder(tmp_path: Path, documents: dict[str, object]) -> Path:
    for name, document in documents.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document), encoding="utf-8")
    return tmp_path


def test_a_pipeline_is_known_by_its_class_and_its_unet(tmp_path: Path) -> None:
    _folder(tmp_path, {"model_index.json": {"_class_name": "StableDiffusionPipeline"}})
    _write(
        tmp_path / "unet" / "diffusion_pytorch_model.safetensors",
        {
            "conv_in.weight": (320, 9, 3, 3),
            "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight": (320, 1024),
        },
    )
    _write(tmp_path / "vae" / "diffusion_pytorch_model.safetensors", _SD_VAE)
    found = identify(group_of(tmp_path, form=ModelForm.DIFFUSERS_FOLDER, name="sd2-inpaint"))
    assert (found.kind, found.family, found.variant) == (Kind.PIPELINE, "sd2", "inpaint")
    assert found.container is Container.DIFFUSERS_DIR
    assert len(found.tensor_counts) == 2
    assert found.tasks == ("image-to-image",)


def test_a_pipeline_of_an_unknown_class_is_still_a_pipeline(tmp_path: Path) -> None:
    _folder(tmp_path, {"model_index.json": ["not", "an", "object"]})
    _write(tmp_path / "unet" / "model.safetensors", {"x": (1,)})
    found = identify(group_of(tmp_path, form=ModelForm.DIFFUSERS_FOLDER))
    assert (found.kind, found.family) == (Kind.PIPELINE, "unknown")
    assert len(found.warnings) == 1


def test_a_transformers_folder_is_known_by_its_configuration(tmp_path: Path) -> None:
    _folder(
        tmp_path,
        {
            "config.json": {
                "architectures": ["MistralForCausalLM"],
                "model_type": "mistral",
                "quantization": {"group_size": 64, "bits": 4},
            },
            "tokenizer_config.json": {},
        },
    )
    write_safetensors(
        tmp_path / "model.safetensors",
        [
            ("model.layers.0.self_attn.q_proj.weight", "U32", (64, 8)),
            ("model.layers.0.self_attn.q_proj.scales", "F16", (64, 1)),
            ("model.layers.0.self_attn.q_proj.biases", "F16", (64, 1)),
        ],
        {"format": "mlx"},
    )
    (tmp_path / "tf_model.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    found = identify(group_of(tmp_path, form=ModelForm.TRANSFORMERS_FOLDER))
    assert (found.kind, found.family, found.precision) == (Kind.LLM, "mistral", "mlx_4bit")
    assert found.container is Container.MLX_DIR
    assert found.parameter_count == 4096
    assert found.security.tier is SecurityTier.UNREADABLE
    assert found.security.findings == ("tf_model.h5 is in a format not examined.",)


def test_the_security_of_a_model_is_that_of_its_worst_file(tmp_path: Path) -> None:
    _folder(tmp_path, {"config.json": {"model_type": "bert", "architectures": ["BertModel"]}})
    _write(tmp_path / "model.safetensors", {"x": (1,)})
    training = tmp_path / "training_args.bin"
    write_torch_zip(training, {"x": ("F32", (2,))})
    group = group_of(tmp_path, form=ModelForm.TRANSFORMERS_FOLDER)
    assert identify(group).security.tier is SecurityTier.PICKLE_ALLOWLISTED

    training.write_bytes(pickle.dumps(Path("x")))
    unknown = identify(group_of(tmp_path, form=ModelForm.TRANSFORMERS_FOLDER)).security
    assert unknown.tier in {SecurityTier.PICKLE_UNKNOWN, SecurityTier.PICKLE_DANGEROUS}

    training.write_bytes(b"no pickle at all")
    (tmp_path / "modeling.py").write_text("")
    executable = identify(group_of(tmp_path, form=ModelForm.TRANSFORMERS_FOLDER)).security
    assert executable.tier is SecurityTier.EXECUTABLE
    assert "modeling.py" in executable.findings[0]


def test_a_companion_that_cannot_be_examined_is_told(tmp_path: Path) -> None:
    _write(tmp_path / "model.safetensors", {"x": (1,)})
    whole = tmp_path / "whole.bin"
    write_torch_zip(whole, {"x": ("F32", (64, 64))})
    (tmp_path / "training_args.bin").write_bytes(whole.read_bytes()[:-200])
    whole.unlink()
    security = identify(group_of(tmp_path, form=ModelForm.TRANSFORMERS_FOLDER)).security
    assert security.tier is SecurityTier.UNREADABLE
    assert security.findings[-1].startswith("training_args.bin cannot be examined")


# --- errors, bounds, speed ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", EmptyFileError),
        (b"hello, this is text", NotAModelError),
        (b"\xff\xff\xff\xff\xff\xff\xff\x7f{}", BrokenModelError),
    ],
)
def test_only_what_the_container_violates_is_an_error(
    tmp_path: Path, content: bytes, error: type[Exception]
) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(content)
    with pytest.raises(error):
        _identify_file(path)


def test_missing_shards_are_told(tmp_path: Path) -> None:
    path = _write(tmp_path / "m-00001-of-00002.safetensors", {"x": (1,)})
    group = group_of(
        tmp_path, path, form=ModelForm.SHARDED_SET, missing=["m-00002-of-00002.safetensors"]
    )
    assert identify(group).warnings == ("Missing: m-00002-of-00002.safetensors",)


_KEYS = sorted(
    {
        name
        for rule in (*CONTROL_RULES, *MAIN_RULES, *ADAPTER_BASE_RULES)
        for name in example_of(rule)
    }
)
_PARTS = [
    "lora_down.weight",
    "lora_up.weight",
    "lora_A.weight",
    "lora_mid.weight",
    "hada_w1_a",
    "hada_w1_b",
    "hada_t1",
    "lokr_w1",
    "lokr_w2_a",
    "lokr_w2_b",
    "lokr_t2",
    "oft_blocks",
    "on_input",
    "alpha",
    "diff",
    "a1.weight",
    "dora_scale",
    "weight.quant_state.bitsandbytes__nf4",
]
_NAMES = st.one_of(
    st.sampled_from(_KEYS),
    st.tuples(st.sampled_from(_KEYS), st.sampled_from(_PARTS)).map(".".join),
    st.sampled_from(_PARTS).map(lambda part: f"m.{part}"),
    st.text(max_size=30),
)
_SHAPES = st.lists(
    st.sampled_from([0, 1, 3, 4, 16, 64, 320, 768, 1024, 1280, 2048, 3072]), max_size=6
).map(tuple)
_DTYPES = st.sampled_from(["F16", "F32", "F8_E4M3", "U8", "I32", "Q4_K", "", "日本"])


@given(st.dictionaries(_NAMES, st.tuples(_DTYPES, _SHAPES), max_size=25))
def test_any_tensors_can_be_classified(notes: dict[str, tuple[str, tuple[int, ...]]]) -> None:
    any_tensors = {name: Tensor(name, dtype, shape) for name, (dtype, shape) in notes.items()}
    found = classify(any_tensors, {})
    for claim in found.claims:
        assert claim.field != "kind" or claim.value in set(Kind)
    assert measure(any_tensors, {}).parameter_count >= 0


def test_names_of_any_length_are_only_names() -> None:
    hostile = tensors({"a." * 100_000 + str(i): (1,) for i in range(20)})
    hostile |= tensors({"1." * 100_000: (1,), "_1" * 100_000: (1,)})
    assert classify(hostile, {}).claims == ()
    half = tensors({"lora_unet_" * 50_000 + ".lora_up.weight": (1,)})
    assert classify(half, {}).warnings
