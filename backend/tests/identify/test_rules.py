"""The rules table: every row is reached by what it asks for, and by nothing else before it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from model_library.identify.classification import classify
from model_library.identify.rules import (
    ADAPTER_BASE_RULES,
    CONTROL_RULES,
    MAIN_RULES,
    Match,
    Rule,
    RuleTable,
    TensorIndex,
    Variant,
)
from model_library.identify.rules.row import CORE, Axis
from model_library.identify.rules.tasks import tasks_of
from model_library.identify.values import Tensor
from model_library.metadata import Family
from model_library.taxonomy import Kind
from tests.identify.examples import example_of, tensors

ALL_RULES = RuleTable((*CONTROL_RULES, *MAIN_RULES))
_DOCUMENT = Path(__file__).parents[3] / "docs" / "identify-rules.md"


def _id(rule: Rule) -> str:
    return f"{rule.kind.value}-{rule.family}-{rule.needs[0].split('|')[0]}"


def _first(rules: RuleTable, rule: Rule, *variants: Variant) -> Match | None:
    return rules.first_match(TensorIndex(example_of(rule, *variants)))


@pytest.mark.parametrize("rule", [*ALL_RULES], ids=_id)
def test_a_row_is_reached_by_the_tensors_it_asks_for(rule: Rule) -> None:
    match = _first(ALL_RULES, rule)
    assert match is not None
    assert match.rule is rule


@pytest.mark.parametrize("rule", [*ADAPTER_BASE_RULES], ids=_id)
def test_a_base_of_adapters_is_reached_by_the_modules_it_asks_for(rule: Rule) -> None:
    match = _first(ADAPTER_BASE_RULES, rule)
    assert match is not None
    assert match.rule is rule


@pytest.mark.parametrize(
    ("rule", "variant"),
    [
        pytest.param(rule, variant, id=f"{_id(rule)}-{variant.name}")
        for rule in (*ALL_RULES, *ADAPTER_BASE_RULES)
        for variant in chain(*rule.variants)
    ],
)
def test_a_variant_is_told_by_what_it_asks_for(rule: Rule, variant: Variant) -> None:
    match = _first(RuleTable([rule]), rule, variant)
    assert match is not None
    assert variant.name in (match.variant or "")


@pytest.mark.parametrize("rule", [*ALL_RULES, *ADAPTER_BASE_RULES], ids=_id)
def test_a_family_can_be_stored(rule: Rule) -> None:
    assert TypeAdapter(Family).validate_python(rule.family) == rule.family


_EVERY_NAME = sorted({name for rule in ALL_RULES for name in example_of(rule)})


@given(
    rules=st.lists(st.sampled_from([*ALL_RULES, *ADAPTER_BASE_RULES]), min_size=1, max_size=4),
    others=st.lists(st.sampled_from(_EVERY_NAME), max_size=40),
    few=st.booleans(),
)
def test_the_table_answers_as_if_every_row_was_tried(
    rules: list[Rule], others: list[str], few: bool
) -> None:
    found = tensors(dict.fromkeys(others, (1, 1)))
    for rule in rules:
        found |= example_of(rule)
    if few:
        found = dict(list(found.items())[::2])
    index = TensorIndex(found)
    for table in (ALL_RULES, ADAPTER_BASE_RULES, RuleTable(rules)):
        match = table.first_match(index)
        first = next((pair for pair in _tries(table) if _holds(*pair, index)), None)
        assert (None if match is None else (match.rule, match.prefix)) == first


def _tries(table: RuleTable) -> Iterable[tuple[Rule, str]]:
    return ((rule, prefix) for rule in table for prefix in rule.prefixes)


def _holds(rule: Rule, prefix: str, index: TensorIndex) -> bool:
    """As `row.py` describes a row, one key after the other."""
    asked = [index.find(key, prefix) for key in rule.needs]
    sizes = [(index.find(key, prefix), axis, size) for key, axis, size in rule.shapes]
    return (
        (rule.fewer_than is None or len(index.tensors) < rule.fewer_than)
        and None not in asked
        and all(tensor is not None and _has(tensor, axis, size) for tensor, axis, size in sizes)
        and all(index.find(key, prefix) is None for key in rule.forbids)
    )


def _has(tensor: Tensor, axis: Axis, size: int | tuple[int, ...]) -> bool:
    wanted = size if isinstance(size, tuple) else (size,)
    if axis == "rank":
        return len(tensor.shape) in wanted
    rank = len(tensor.shape)
    return axis in range(-rank, rank) and tensor.shape[axis] in wanted


# What a few tensors of true files say. The names are those of the model classes.
_UNET = {"input_blocks.0.0.weight": (320, 4, 3, 3)}
_FLUX = {
    "double_blocks.0.img_attn.norm.key_norm.scale": (128,),
    "img_in.weight": (3072, 64),
    "guidance_in.in_layer.weight": (3072, 256),
}
_FLUX2 = {
    "double_blocks.0.img_attn.norm.key_norm.scale": (128,),
    "img_in.weight": (6144, 128),
    "double_stream_modulation_img.lin.weight": (36864, 6144),
}
_WAN = {
    "head.modulation": (1, 2, 5120),
    "patch_embedding.weight": (5120, 36, 1, 2, 2),
    "blocks.0.self_attn.q.weight": (5120, 5120),
}
_LATENT_4 = {"decoder.conv_in.weight": (512, 4, 3, 3), "decoder.mid.block_1.norm1.weight": (512,)}
_LLM = {
    "model.embed_tokens.weight": (151936, 2560),
    "model.layers.0.self_attn.q_proj.weight": (4096, 2560),
    "model.layers.0.self_attn.q_norm.weight": (128,),
    "model.layers.0.self_attn.k_norm.weight": (128,),
    "model.layers.0.mlp.gate_proj.weight": (9728, 2560),
    "model.norm.weight": (2560,),
}

CASES = [
    (
        "SDXL with v-prediction",
        {
            **_UNET,
            "input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight": (640, 2048),
            "^v_pred": (0,),
            "^ztsnr": (0,),
        },
        (Kind.DIFFUSION_MODEL, "sdxl", "v_pred"),
    ),
    (
        "SDXL UNet of diffusers",
        {
            "conv_in.weight": (320, 4, 3, 3),
            "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight": (640, 2048),
        },
        (Kind.DIFFUSION_MODEL, "sdxl", None),
    ),
    (
        "SSD-1B",
        {
            **_UNET,
            "input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight": (640, 2048),
            "input_blocks.7.1.transformer_blocks.3.norm1.weight": (1280,),
        },
        (Kind.DIFFUSION_MODEL, "sdxl", "ssd_1b"),
    ),
    (
        "Kolors",
        {
            **_UNET,
            "input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight": (640, 2048),
            "label_emb.0.0.weight": (1280, 5632),
        },
        (Kind.DIFFUSION_MODEL, "kolors", None),
    ),
    (
        "the x4 upscaler of SD 2",
        {
            "input_blocks.0.0.weight": (256, 7, 3, 3),
            "input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight": (512, 1024),
        },
        (Kind.DIFFUSION_MODEL, "sd2", "x4_upscaler"),
    ),
    (
        "SVD",
        {
            "input_blocks.0.0.weight": (320, 8, 3, 3),
            "input_blocks.1.0.time_stack.in_layers.0.weight": (320,),
            "input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": (320, 1024),
        },
        (Kind.DIFFUSION_MODEL, "svd", None),
    ),
    ("Flux.1 dev", _FLUX, (Kind.DIFFUSION_MODEL, "flux1", "dev")),
    (
        "Flux.1 Fill",
        {**_FLUX, "img_in.weight": (3072, 384)},
        (Kind.DIFFUSION_MODEL, "flux1", "fill"),
    ),
    (
        "Flux.1 schnell of diffusers",
        {
            "x_embedder.weight": (3072, 64),
            "context_embedder.weight": (3072, 4096),
            "single_transformer_blocks.0.attn.to_q.weight": (3072, 3072),
        },
        (Kind.DIFFUSION_MODEL, "flux1", "schnell"),
    ),
    ("Flux.2 dev", _FLUX2, (Kind.DIFFUSION_MODEL, "flux2", "dev")),
    (
        "Flux.2 Klein 4B",
        {**_FLUX2, "double_stream_modulation_img.lin.weight": (18432, 3072)},
        (Kind.DIFFUSION_MODEL, "flux2", "klein_4b"),
    ),
    (
        "Chroma",
        {**_FLUX, "distilled_guidance_layer.norms.0.scale": (5120,)},
        (Kind.DIFFUSION_MODEL, "chroma", None),
    ),
    (
        "SD 3.5 large",
        {
            "joint_blocks.0.context_block.attn.qkv.weight": (7296, 2432),
            "joint_blocks.37.x_block.attn.qkv.weight": (7296, 2432),
        },
        (Kind.DIFFUSION_MODEL, "sd3", "3.5_large"),
    ),
    (
        "Z-Image",
        {
            "cap_embedder.1.weight": (3840, 2560),
            "noise_refiner.0.attention.k_norm.weight": (128,),
        },
        (Kind.DIFFUSION_MODEL, "z_image", None),
    ),
    (
        "Qwen-Image-Edit",
        {
            "txt_norm.weight": (3584,),
            "img_in.weight": (3072, 64),
            "txt_in.weight": (3072, 3584),
            "transformer_blocks.0.img_mlp.net.0.proj.weight": (12288, 3072),
            "__index_timestep_zero__": (),
        },
        (Kind.DIFFUSION_MODEL, "qwen_image", "edit"),
    ),
    (
        "HunyuanVideo",
        {
            "txt_in.individual_token_refiner.blocks.0.norm1.weight": (3072,),
            "img_in.proj.weight": (3072, 16, 1, 2, 2),
        },
        (Kind.DIFFUSION_MODEL, "hunyuan_video", "t2v"),
    ),
    (
        "HunyuanImage 2.1",
        {
            "txt_in.individual_token_refiner.blocks.0.norm1.weight": (3584,),
            "byt5_in.fc1.weight": (2048, 1472),
        },
        (Kind.DIFFUSION_MODEL, "hunyuan_image", None),
    ),
    ("Wan 14B from images", _WAN, (Kind.DIFFUSION_MODEL, "wan", "i2v_14b")),
    (
        "Wan 2.2 5B in a GGUF that flattened the convolution",
        {
            "head.modulation": (1, 2, 3072),
            "patch_embedding.weight": (3072, 192),
        },
        (Kind.DIFFUSION_MODEL, "wan", "ti2v_5b"),
    ),
    (
        "Wan VACE",
        {**_WAN, "vace_blocks.0.self_attn.q.weight": (5120, 5120)},
        (Kind.DIFFUSION_MODEL, "wan", "vace_14b"),
    ),
    (
        "LTX-Video 2B",
        {"adaln_single.emb.timestep_embedder.linear_1.bias": (2048,)},
        (Kind.DIFFUSION_MODEL, "ltx", "2b"),
    ),
    (
        "PixArt Sigma of diffusers",
        {
            "adaln_single.emb.timestep_embedder.linear_1.bias": (1152,),
            "pos_embed.proj.bias": (1152,),
        },
        (Kind.DIFFUSION_MODEL, "pixart", "sigma"),
    ),
    (
        "an AnimateDiff motion module",
        {"down_blocks.0.motion_modules.0.temporal_transformer.norm.weight": (320,)},
        (Kind.MOTION_MODULE, "animatediff", None),
    ),
    ("the VAE of SD", _LATENT_4, (Kind.VAE, "sd1", None)),
    (
        "the VAE of Flux.2",
        {**_LATENT_4, "decoder.conv_in.weight": (512, 32, 3, 3)},
        (Kind.VAE, "flux2", None),
    ),
    (
        "the VAE of Wan 2.2",
        {
            "decoder.middle.0.residual.0.gamma": (1024, 1, 1, 1),
            "decoder.conv1.weight": (1024, 48, 3, 3, 3),
        },
        (Kind.VAE, "wan", "2.2"),
    ),
    (
        "TAESD",
        {"taesd_decoder.1.weight": (64, 4, 3, 3), "taesd_decoder.3.conv.0.weight": (64, 64, 3, 3)},
        (Kind.VAE_APPROX, "sd1", None),
    ),
    (
        "a union ControlNet for SDXL",
        {
            "controlnet_cond_embedding.conv_in.weight": (16, 3, 3, 3),
            "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight": (640, 2048),
            "task_embedding": (6, 320),
        },
        (Kind.CONTROLNET, "sdxl", "union"),
    ),
    (
        "a ControlNet for Flux by InstantX",
        {
            "controlnet_x_embedder.weight": (3072, 64),
            "transformer_blocks.0.attn.to_q.weight": (3072, 3072),
            "controlnet_mode_embedder.weight": (10, 3072),
        },
        (Kind.CONTROLNET, "flux1", "union"),
    ),
    (
        "ControlNet-LLLite",
        {"lllite_unet_in_1.cond.weight": (8, 8)},
        (Kind.CONTROLNET, "sdxl", "lllite"),
    ),
    (
        "a T2I adapter of diffusers for SDXL",
        {
            "adapter.conv_in.weight": (320, 768, 3, 3),
            "adapter.body.0.resnets.0.block1.weight": (320, 320, 3, 3),
        },
        (Kind.T2I_ADAPTER, "sdxl", None),
    ),
    (
        "IP-Adapter Plus for SD 1.5",
        {
            "image_proj.latents": (1, 16, 768),
            "ip_adapter.1.to_k_ip.weight": (320, 768),
        },
        (Kind.IP_ADAPTER, "sd1", "plus"),
    ),
    (
        "Flux Redux",
        {"redux_down.weight": (4096, 12288), "redux_up.weight": (12288, 1152)},
        (Kind.STYLE_MODEL, "flux1", "redux"),
    ),
    (
        "a textual inversion from a pickle",
        {"string_to_param.*": (2, 1024)},
        (Kind.EMBEDDING_TI, "sd2", None),
    ),
    ("a textual inversion of diffusers", {"<cat-toy>": (768,)}, (Kind.EMBEDDING_TI, "sd1", None)),
    ("a hypernetwork", {"768.0.linear.0.weight": (1536, 768)}, (Kind.HYPERNETWORK, "sd1", None)),
    (
        "CLIP-G",
        {
            "text_model.embeddings.token_embedding.weight": (49408, 1280),
            "text_model.encoder.layers.31.mlp.fc1.weight": (5120, 1280),
        },
        (Kind.TEXT_ENCODER, "clip", "clip_g"),
    ),
    (
        "UMT5 XXL",
        {
            "shared.weight": (256384, 4096),
            "encoder.block.0.layer.0.SelfAttention.q.weight": (4096, 4096),
        },
        (Kind.TEXT_ENCODER, "t5", "umt5_xxl"),
    ),
    (
        "T5 XXL in a GGUF",
        {"enc.blk.0.attn_q.weight": (4096, 4096), "enc.output_norm.weight": (4096,)},
        (Kind.TEXT_ENCODER, "t5", "xxl"),
    ),
    (
        "SigLIP",
        {"vision_model.encoder.layers.0.mlp.fc1.weight": (4304, 1152)},
        (Kind.VISION_ENCODER, "siglip", None),
    ),
    ("Qwen3 4B as an image model's encoder", _LLM, (Kind.TEXT_ENCODER, "qwen3", None)),
    (
        "Qwen3 4B that writes text",
        {**_LLM, "lm_head.weight": (151936, 2560)},
        (Kind.LLM, "qwen3", None),
    ),
    (
        "Gemma 2 with its tokenizer inside",
        {
            "model.layers.0.post_feedforward_layernorm.weight": (2304,),
            "spiece_model": (4241003,),
            "lm_head.weight": (256000, 2304),
        },
        (Kind.TEXT_ENCODER, "gemma2", None),
    ),
    (
        "Real-ESRGAN of the newer names",
        {"conv_first.weight": (64, 3, 3, 3), "body.0.rdb1.conv1.weight": (32, 64, 3, 3)},
        (Kind.UPSCALER, "esrgan", None),
    ),
    (
        "GFPGAN",
        {"toRGB.0.weight": (3, 64, 1, 1), "stylegan_decoder.style_mlp.1.weight": (512, 512)},
        (Kind.FACE_RESTORER, "gfpgan", None),
    ),
    ("nothing known", {"encoder.0.weight": (3, 3), "head.weight": (10, 3)}, (None, None, None)),
    ("no tensors", {}, (None, None, None)),
]


@pytest.mark.parametrize(
    ("shapes", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_tensors_tell_what_a_model_is(
    shapes: dict[str, tuple[int, ...]], expected: tuple[Kind | None, str | None, str | None]
) -> None:
    plain = {name.removeprefix("^"): shape for name, shape in shapes.items()}
    claims = {claim.field: claim.value for claim in classify(tensors(plain), {}).claims}
    assert (claims.get("kind"), claims.get("family"), claims.get("variant")) == expected


@pytest.mark.parametrize("prefix", CORE)
def test_a_diffusion_model_is_known_behind_every_prefix(prefix: str) -> None:
    claims = classify(tensors(_FLUX, prefix=prefix), {}).claims
    assert [claim.value for claim in claims] == [Kind.DIFFUSION_MODEL, "flux1", "dev"]


@pytest.mark.parametrize("part", ["first_stage_model.", "vae.", "text_encoders.t5xxl."])
def test_a_diffusion_model_with_other_parts_is_a_checkpoint(part: str) -> None:
    whole = tensors(_FLUX, prefix="model.diffusion_model.") | tensors({f"{part}w": (1,)})
    assert classify(whole, {}).claims[0].value == Kind.CHECKPOINT


def test_a_key_may_name_any_number_and_one_number() -> None:
    index = TensorIndex(tensors({"a.12.b.3.weight": (1,), "a_4_attn2": (1,)}))
    assert index.find("a.#.b.3.weight") is not None
    assert index.find("a.#.b.4.weight") is None
    assert index.find("a.#.b.3.*") is not None
    assert index.find("a_#_attn2") is not None
    assert index.find("a_#_attn1") is None
    assert index.find("a.#.c.*|a_#_*") is not None


def test_an_axis_that_a_tensor_lacks_does_not_fit() -> None:
    rule = Rule(Kind.OTHER, "x", ("w",), shapes=(("w", 3, 8),))
    assert RuleTable([rule]).first_match(TensorIndex(tensors({"w": (8,)}))) is None


@pytest.mark.parametrize(
    ("kind", "family", "variant", "tasks"),
    [
        (Kind.CHECKPOINT, "sdxl", None, ("text-to-image",)),
        (Kind.CHECKPOINT, "sd1", "inpaint", ("image-to-image",)),
        (Kind.DIFFUSION_MODEL, "wan", "ti2v_5b", ("text-to-video", "image-to-video")),
        (Kind.DIFFUSION_MODEL, "unknown", None, ()),
        (Kind.LLM, "llama", None, ("text-generation",)),
        (Kind.VAE, "sd1", None, ()),
    ],
)
def test_tasks_follow_from_kind_family_and_variant(
    kind: Kind, family: str, variant: str | None, tasks: tuple[str, ...]
) -> None:
    assert tasks_of(kind, family, variant) == tasks


def test_the_guide_to_the_table_shows_a_row_that_works() -> None:
    text = _DOCUMENT.read_text(encoding="utf-8")
    start = text.index("```python\n") + len("```python\n")
    scope: dict[str, object] = {}
    exec(text[start : text.index("```", start)], scope)  # noqa: S102 - our own document
    rule = scope["row"]
    assert isinstance(rule, Rule)
    assert _first(RuleTable([rule]), rule) is not None
