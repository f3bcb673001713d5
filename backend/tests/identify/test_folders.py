"""What configuration files say about a folder, however strange they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_library.identify.folders import Configuration, describe, read_configuration
from model_library.taxonomy import Kind, ModelForm
from tests.identify.examples import group_of


def _said(configuration: Configuration) -> dict[str, str]:
    return {claim.field: str(claim.value) for claim in configuration.claims}


def _config(**fields: object) -> Configuration:
    return describe({"config.json": fields}, frozenset({"config.json", "model.safetensors"}))


TRANSFORMERS: list[tuple[dict[str, object], Kind, str]] = [
    ({"architectures": ["LlamaForCausalLM"]}, Kind.LLM, "text-generation"),
    ({"architectures": ["GPT2LMHeadModel"]}, Kind.LLM, "text-generation"),
    (
        {"architectures": ["Qwen2_5_VLForConditionalGeneration"], "vision_config": {"depth": 32}},
        Kind.VLM,
        "image-text-to-text",
    ),
    (
        {"architectures": ["Phi4MMForCausalLM"], "vision_config": {"a": 1}, "audio_config": {}},
        Kind.VLM,
        "any-to-any",
    ),
    (
        {"architectures": ["T5ForConditionalGeneration"], "model_type": "t5"},
        Kind.LLM,
        "translation",
    ),
    ({"architectures": ["T5EncoderModel"]}, Kind.TEXT_ENCODER, "feature-extraction"),
    ({"architectures": ["UMT5EncoderModel"]}, Kind.TEXT_ENCODER, "feature-extraction"),
    ({"architectures": ["CLIPTextModelWithProjection"]}, Kind.TEXT_ENCODER, "feature-extraction"),
    (
        {"architectures": ["CLIPVisionModelWithProjection"]},
        Kind.VISION_ENCODER,
        "image-feature-extraction",
    ),
    ({"architectures": ["BertModel"]}, Kind.EMBEDDING_MODEL, "feature-extraction"),
    ({"architectures": ["BertForMaskedLM"]}, Kind.OTHER, "fill-mask"),
    (
        {"architectures": ["XLMRobertaForSequenceClassification"], "id2label": {"0": "LABEL_0"}},
        Kind.RERANKER,
        "text-ranking",
    ),
    (
        {"architectures": ["BertForSequenceClassification"], "num_labels": 1},
        Kind.RERANKER,
        "text-ranking",
    ),
    ({"architectures": ["BertForSequenceClassification"]}, Kind.CLASSIFIER, "text-classification"),
    ({"architectures": ["BertForTokenClassification"]}, Kind.CLASSIFIER, "token-classification"),
    (
        {"architectures": ["WhisperForConditionalGeneration"]},
        Kind.ASR,
        "automatic-speech-recognition",
    ),
    ({"architectures": ["Wav2Vec2ForCTC"]}, Kind.ASR, "automatic-speech-recognition"),
    ({"architectures": ["VitsModel"]}, Kind.TTS, "text-to-speech"),
    ({"architectures": ["MusicgenForConditionalGeneration"]}, Kind.AUDIO_GEN, "text-to-audio"),
    ({"architectures": ["DetrForObjectDetection"]}, Kind.DETECTOR, "object-detection"),
    ({"architectures": ["SamModel"]}, Kind.SEGMENTER, "mask-generation"),
    ({"architectures": ["ViTForImageClassification"]}, Kind.CLASSIFIER, "image-classification"),
    ({"architectures": ["EagleForCausalLM"]}, Kind.DRAFT, "text-generation"),
]


@pytest.mark.parametrize(("fields", "kind", "task"), TRANSFORMERS)
def test_the_class_that_loads_a_model_tells_its_kind(
    fields: dict[str, object], kind: Kind, task: str
) -> None:
    found = _config(**fields)
    assert _said(found)["kind"] == kind
    assert task in found.tasks


@pytest.mark.parametrize(
    ("model_type", "family"),
    [("qwen2", "qwen2"), ("clip_text_model", "clip"), ("Weird Type/../x", "weird_type_.._x")],
)
def test_the_model_type_is_the_family(model_type: str, family: str) -> None:
    assert _said(_config(model_type=model_type))["family"] == family


@pytest.mark.parametrize("model_type", ["", 5, None, "///"])
def test_no_model_type_is_no_family(model_type: object) -> None:
    assert "family" not in _said(_config(model_type=model_type))


def test_the_files_of_sentence_transformers_make_an_embedding_model() -> None:
    documents: dict[str, dict[str, object]] = {
        "config.json": {"architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3"}
    }
    found = describe(documents, frozenset({"config.json", "modules.json"}))
    assert _said(found) == {"kind": "embedding_model", "family": "qwen3"}
    assert "sentence-similarity" in found.tasks


PIPELINES: list[tuple[str, str | None, tuple[str, ...]]] = [
    ("StableDiffusionXLPipeline", "sdxl", ()),
    ("StableDiffusionXLInpaintPipeline", "sdxl", ("image-to-image",)),
    ("StableDiffusionPipeline", "sd1", ()),
    ("StableDiffusion3Pipeline", "sd3", ()),
    ("FluxPipeline", "flux1", ()),
    ("Flux2Pipeline", "flux2", ()),
    ("WanImageToVideoPipeline", "wan", ("image-to-video",)),
    ("QwenImageEditPipeline", "qwen_image", ("image-to-image",)),
    ("SomethingNewPipeline", None, ()),
    ("", None, ()),
]


@pytest.mark.parametrize(("class_name", "family", "tasks"), PIPELINES)
def test_the_class_of_a_pipeline_tells_its_family(
    class_name: str, family: str | None, tasks: tuple[str, ...]
) -> None:
    found = describe({"model_index.json": {"_class_name": class_name}}, frozenset())
    assert _said(found).get("family") == family
    assert _said(found)["kind"] == Kind.PIPELINE
    assert found.tasks == tasks


@pytest.mark.parametrize(
    ("class_name", "kind", "family"),
    [
        ("UNet2DConditionModel", "diffusion_model", None),
        ("FluxTransformer2DModel", "diffusion_model", "flux1"),
        ("AutoencoderKLWan", "vae", "wan"),
        ("AutoencoderTiny", "vae_approx", None),
        ("FluxControlNetModel", "controlnet", "flux1"),
        ("MotionAdapter", "motion_module", None),
        ("T2IAdapter", "t2i_adapter", None),
        ("DDIMScheduler", None, None),
    ],
)
def test_a_component_of_diffusers_is_told_by_its_class(
    class_name: str, kind: str | None, family: str | None
) -> None:
    said = _said(_config(_class_name=class_name))
    assert (said.get("kind"), said.get("family")) == (kind, family)


@pytest.mark.parametrize(
    ("fields", "adapter_type"),
    [
        ({"peft_type": "LORA"}, "lora"),
        ({"peft_type": "LORA", "use_dora": True}, "dora"),
        ({"peft_type": "LOKR"}, "lokr"),
        ({"peft_type": "PROMPT_TUNING"}, None),
    ],
)
def test_peft_names_the_adapter_and_its_base(
    fields: dict[str, object], adapter_type: str | None
) -> None:
    config = {"base_model_name_or_path": "meta-llama/Llama-3.1-8B", **fields}
    said = _said(describe({"adapter_config.json": config}, frozenset()))
    assert said["kind"] == Kind.ADAPTER
    assert said.get("adapter_type") == adapter_type
    assert said["lineage"] == "meta-llama/Llama-3.1-8B"


QUANTIZED: list[tuple[dict[str, object], str | None, bool]] = [
    ({"quantization_config": {"quant_method": "awq", "bits": 4}}, "awq", False),
    ({"quantization_config": {"quant_method": "gptq"}}, "gptq", False),
    ({"quantization_config": {"quant_method": "fp8"}}, "fp8", False),
    ({"quantization_config": {"quant_method": "mxfp4"}}, "mxfp4", False),
    (
        {"quantization_config": {"quant_method": "bitsandbytes", "bnb_4bit_quant_type": "nf4"}},
        "nf4",
        False,
    ),
    (
        {"quantization_config": {"quant_method": "bitsandbytes", "load_in_8bit": True}},
        "int8",
        False,
    ),
    ({"quantization": {"group_size": 64, "bits": 4}}, "mlx_4bit", True),
    ({"quantization": {"group_size": 64, "bits": 10**50}}, None, False),
    ({"quantization": "yes", "quantization_config": []}, None, False),
    ({}, None, False),
]


@pytest.mark.parametrize(("fields", "precision", "is_mlx"), QUANTIZED)
def test_a_configuration_declares_its_quantization(
    fields: dict[str, object], precision: str | None, is_mlx: bool
) -> None:
    found = _config(**fields)
    assert (found.precision, found.is_mlx) == (precision, is_mlx)


def test_a_tokenizer_alone_is_told_as_one() -> None:
    documents: dict[str, dict[str, object]] = {"tokenizer_config.json": {}}
    alone = describe(documents, frozenset({"tokenizer_config.json", "tokenizer.json"}))
    assert _said(alone) == {"kind": "tokenizer_config"}
    beside = describe(documents, frozenset({"tokenizer_config.json", "model.safetensors"}))
    assert beside.claims == ()


def test_code_that_comes_along_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"auto_map": {"AutoModel": "m.M"}}))
    (tmp_path / "modeling_x.py").write_text("raise SystemExit")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "more.py").write_text("")
    found = read_configuration(group_of(tmp_path, form=ModelForm.TRANSFORMERS_FOLDER))
    assert found.findings == (
        "Comes with Python code that loading it may run: modeling_x.py and 1 more.",
        "config.json names custom code (auto_map) that loading the model may run.",
    )


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"a": ', "[" * 200_000, '{"a": ' + "9" * 10_000 + "}", "\xff\xfe{"],
    ids=["empty", "list", "cut off", "nested", "huge number", "no text"],
)
def test_a_configuration_that_cannot_be_read_is_a_warning(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text, encoding="latin-1")
    found = read_configuration(group_of(tmp_path, form=ModelForm.TRANSFORMERS_FOLDER))
    assert found.claims == ()
    assert len(found.warnings) == 1
    assert found.warnings[0].startswith("config.json was not used: it ")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
_FIELDS = st.sampled_from(
    [
        "architectures",
        "model_type",
        "_class_name",
        "quantization_config",
        "quantization",
        "id2label",
        "num_labels",
        "vision_config",
        "peft_type",
        "base_model_name_or_path",
        "auto_map",
    ]
)
_DOCUMENTS = st.dictionaries(
    st.sampled_from(
        ["model_index.json", "config.json", "adapter_config.json", "tokenizer_config.json"]
    ),
    st.dictionaries(_FIELDS, _JSON, max_size=6),
)


@given(_DOCUMENTS, st.frozensets(st.text(max_size=20), max_size=4))
def test_any_configuration_can_be_described(
    documents: dict[str, dict[str, object]], names: frozenset[str]
) -> None:
    for claim in describe(documents, names).claims:
        assert claim.value
