"""What a file says about itself: used as weak evidence, kept as bounded plain text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_library.identify import embedded
from model_library.identify.embedded import (
    declared_family,
    family_name,
    lineage_of,
    plain_text,
    read_embedded,
    repo_id,
)
from model_library.identify.values import MetadataValue
from model_library.taxonomy import EvidenceMethod, Kind

Metadata = dict[str, MetadataValue]


def _claimed(metadata: Metadata) -> dict[str, tuple[str, EvidenceMethod]]:
    return {c.field: (c.value, c.method) for c in reversed(read_embedded(metadata).claims)}


def test_modelspec_gives_title_texts_family_and_kind() -> None:
    metadata: Metadata = {
        "modelspec.architecture": "stable-diffusion-xl-v1-base/lora",
        "modelspec.title": "Ink Style",
        "modelspec.description": "Black\nink.",
        "modelspec.license": "CC-BY-4.0",
        "modelspec.tags": "ink, style, ,ink",
        "modelspec.trigger_phrase": "inkstyle, ink drawing",
        "modelspec.thumbnail": "data:image/jpeg;base64,AAAA",
    }
    found = read_embedded(metadata)
    assert found.name == "Ink Style"
    assert found.description == "Black\nink."
    assert found.license == "CC-BY-4.0"
    assert found.tags == ("ink", "style")
    assert found.trigger_words == ("inkstyle", "ink drawing")
    assert found.kept is not None
    assert "modelspec.thumbnail" not in found.kept
    assert _claimed(metadata) == {
        "family": ("sdxl", EvidenceMethod.METADATA),
        "kind": (Kind.ADAPTER, EvidenceMethod.METADATA),
    }


def test_the_notes_of_a_training_give_base_words_and_parent() -> None:
    metadata: Metadata = {
        "ss_network_module": "networks.lora",
        "ss_base_model_version": "sd_v2_v",
        "ss_sd_model_name": "ponyDiffusionV6XL.safetensors",
        "ss_output_name": "my_lora",
        "ss_tag_frequency": json.dumps({"10_a": {"solo": 2, "1girl": 5}, "3_b": {"solo": 9}}),
    }
    assert read_embedded(metadata).name == "my_lora"
    assert read_embedded(metadata).trigger_words == ("solo", "1girl")
    claims = {field: value for field, (value, _) in _claimed(metadata).items()}
    assert claims == {"family": "sd2", "kind": "adapter", "variant": "v_pred", "lineage": "pony"}


GGUF: list[tuple[Metadata, str, str]] = [
    ({"general.architecture": "llama"}, Kind.LLM, "llama"),
    ({"general.architecture": "Brand New!"}, Kind.LLM, "brand_new"),
    ({"general.architecture": "qwen2vl"}, Kind.VLM, "qwen2vl"),
    ({"general.architecture": "flux"}, Kind.DIFFUSION_MODEL, "flux1"),
    ({"general.architecture": "qwen_image"}, Kind.DIFFUSION_MODEL, "qwen_image"),
    ({"general.architecture": "t5encoder"}, Kind.TEXT_ENCODER, "t5"),
    ({"general.architecture": "nomic-bert"}, Kind.EMBEDDING_MODEL, "nomic-bert"),
    ({"general.architecture": "clip", "general.type": "mmproj"}, Kind.MMPROJ, "clip"),
    ({"general.architecture": "clip"}, Kind.MMPROJ, "clip"),
    ({"general.architecture": "llama", "general.type": "adapter"}, Kind.ADAPTER, "llama"),
    ({"general.architecture": "qwen3", "qwen3.pooling_type": 3}, Kind.EMBEDDING_MODEL, "qwen3"),
    ({"general.architecture": "qwen3", "qwen3.pooling_type": 4}, Kind.RERANKER, "qwen3"),
]


@pytest.mark.parametrize(("metadata", "kind", "family"), GGUF)
def test_a_gguf_names_its_architecture(metadata: Metadata, kind: str, family: str) -> None:
    claimed = _claimed(metadata)
    assert claimed["kind"] == (kind, EvidenceMethod.GGUF_KV)
    assert claimed["family"] == (family, EvidenceMethod.GGUF_KV)


def test_a_gguf_names_its_parent_and_adapter_type() -> None:
    claimed = _claimed(
        {
            "general.architecture": "llama",
            "general.type": "adapter",
            "adapter.type": "LoRA",
            "general.base_model.0.repo_url": "https://huggingface.co/meta-llama/Llama-3.1-8B",
        }
    )
    assert claimed["lineage"][0] == "meta-llama/Llama-3.1-8B"
    assert claimed["adapter_type"][0] == "lora"


@pytest.mark.parametrize(
    ("declared", "family"),
    [
        ("stable-diffusion-v1", "sd1"),
        ("stable-diffusion-xl-v1-refiner", "sdxl_refiner"),
        ("sdxl_base_v1-0", "sdxl"),
        ("Flux.1-dev", "flux1"),
        ("flux-1-schnell", "flux1"),
        ("flux2", "flux2"),
        ("stable-diffusion-3-medium", "sd3"),
        ("hunyuan-image-2.1", "hunyuan_image"),
        ("wan2.1_14b", "wan"),
        ("something-else", None),
        ("", None),
    ],
)
def test_the_names_of_other_programs_become_ours(declared: str, family: str | None) -> None:
    assert declared_family(declared) == family


@pytest.mark.parametrize(
    ("name", "lineage"),
    [
        ("ponyDiffusionV6XL", "pony"),
        ("Illustrious-XL-v1.0", "illustrious"),
        ("style_ilxl", "illustrious"),
        ("noobaiXLNAIXL_vPred10", "noobai"),
        ("juggernaut", None),
        ("oil_painting", None),
    ],
)
def test_a_name_may_speak_of_a_parent(name: str, lineage: str | None) -> None:
    assert lineage_of(name) == lineage


@pytest.mark.parametrize(
    ("text", "repo"),
    [
        ("https://huggingface.co/a/b", "a/b"),
        ("org/name-1.0", "org/name-1.0"),
        ("/home/me/model", None),
        ("just a name", None),
        ("", None),
    ],
)
def test_a_repository_is_taken_from_an_address(text: str, repo: str | None) -> None:
    assert repo_id(text) == repo


def test_text_is_cut_and_loses_what_could_disguise_it() -> None:
    assert plain_text("  a\x00b\x1b[31m\u202ec\ud800  ", 100) == "ab[31mc"
    assert len(plain_text("x" * 50_000, 100)) == 100
    assert plain_text("日本語 café 🎨", 100) == "日本語 café 🎨"


def test_what_is_kept_has_bounds() -> None:
    metadata: Metadata = {f"key{i}": "v" * 5_000 for i in range(500)}
    metadata["modelspec.description"] = "d" * 1_000_000
    found = read_embedded(metadata)
    assert found.kept is not None
    assert len(found.kept) == embedded.MAX_KEYS
    assert {len(str(value)) for value in found.kept.values()} == {embedded.MAX_VALUE}
    assert found.description is not None
    assert len(found.description) == embedded.MAX_DESCRIPTION


@pytest.mark.parametrize(
    "frequency",
    [
        "{",
        "[" * 100_000,
        "[]",
        "1",
        '{"a": 1}',
        '{"a": {"b": "c", "d": null, "": 3}}',
        "9" * 10_000,
        " " * (embedded.MAX_JSON + 1),
    ],
    ids=["cut off", "nested", "list", "number", "no folders", "no counts", "huge", "too long"],
)
def test_damaged_training_notes_say_nothing(frequency: str) -> None:
    assert read_embedded({"ss_tag_frequency": frequency}).trigger_words == ()


_VALUES = st.one_of(st.text(max_size=40), st.integers(), st.floats(), st.booleans())
_KEYS = st.one_of(
    st.sampled_from(
        [
            "general.architecture",
            "general.type",
            "general.name",
            "general.base_model.0.repo_url",
            "modelspec.architecture",
            "modelspec.tags",
            "modelspec.trigger_phrase",
            "ss_tag_frequency",
            "ss_sd_model_name",
            "adapter.type",
        ]
    ),
    st.text(max_size=20),
)


@given(st.dictionaries(_KEYS, _VALUES, max_size=12))
def test_any_metadata_can_be_read(metadata: Metadata) -> None:
    found = read_embedded(metadata)
    for text in (found.name, found.description, *found.tags, *found.trigger_words):
        if text is not None:
            assert text.encode("utf-8")


@given(st.text(max_size=200))
def test_any_architecture_gives_a_family_that_can_be_stored(text: str) -> None:
    family = family_name(text)
    assert 0 < len(family) <= 64
    assert family == family.lower()
    assert family[0].isascii()
    assert family[0].isalnum()
