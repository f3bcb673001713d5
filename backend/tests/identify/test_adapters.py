"""Adapters: every trainer's spelling, the algorithm, the rank and the base model."""

from __future__ import annotations

import pytest

from model_library.identify.adapters import read_adapter
from model_library.identify.classification import classify
from model_library.taxonomy import AdapterType, Kind
from tests.identify.examples import tensors

Shapes = dict[str, tuple[int, ...]]


def pair(module: str, out: int, into: int, rank: int = 16, *, style: str = "kohya") -> Shapes:
    """The two halves of a LoRA for one layer, in the spelling of a trainer."""
    down, up = {
        "kohya": (".lora_down.weight", ".lora_up.weight"),
        "peft": (".lora_A.weight", ".lora_B.weight"),
        "peft_named": (".lora_A.default.weight", ".lora_B.default.weight"),
        "diffusers": (".lora.down.weight", ".lora.up.weight"),
        "processor": ("_lora.down.weight", "_lora.up.weight"),
        "xlabs": ("_lora1.down.weight", "_lora1.up.weight"),
        "gguf": (".weight.lora_a", ".weight.lora_b"),
    }[style]
    return {f"{module}{down}": (rank, into), f"{module}{up}": (out, rank)}


_CROSS = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k"

ALGORITHMS: list[tuple[str, Shapes, AdapterType, int | None]] = [
    ("lora", pair(_CROSS, 640, 768, 8), AdapterType.LORA, 8),
    (
        "lora of a 1x1 convolution",
        {"m.lora_down.weight": (4, 320, 1, 1), "m.lora_up.weight": (320, 4, 1, 1)},
        AdapterType.LORA,
        4,
    ),
    (
        "locon",
        {"m.lora_down.weight": (4, 320, 3, 3), "m.lora_up.weight": (320, 4, 1, 1)},
        AdapterType.LOCON,
        4,
    ),
    (
        "locon in Tucker form",
        {
            "m.lora_down.weight": (4, 320, 1, 1),
            "m.lora_mid.weight": (4, 4, 3, 3),
            "m.lora_up.weight": (320, 4, 1, 1),
        },
        AdapterType.LOCON,
        4,
    ),
    ("dora", {**pair("m", 64, 64, 4), "m.dora_scale": (1, 64)}, AdapterType.DORA, 4),
    (
        "dora of PEFT",
        {**pair("m", 64, 64, 4, style="peft"), "m.lora_magnitude_vector": (64,)},
        AdapterType.DORA,
        4,
    ),
    (
        "loha",
        {
            "m.hada_w1_a": (64, 4),
            "m.hada_w1_b": (4, 32),
            "m.hada_w2_a": (64, 4),
            "m.hada_w2_b": (4, 32),
            "m.alpha": (),
        },
        AdapterType.LOHA,
        4,
    ),
    ("lokr", {"m.lokr_w1": (4, 4), "m.lokr_w2": (16, 192)}, AdapterType.LOKR, None),
    (
        "lokr with a factor in two",
        {"m.lokr_w1": (4, 4), "m.lokr_w2_a": (16, 2), "m.lokr_w2_b": (2, 192)},
        AdapterType.LOKR,
        2,
    ),
    ("oft", {"m.oft_blocks": (8, 40, 40), "m.alpha": ()}, AdapterType.OFT, None),
    ("boft", {"m.oft_blocks": (3, 8, 40, 40), "m.rescale": (1,)}, AdapterType.BOFT, None),
    ("ia3", {"m.weight": (64,), "m.on_input": ()}, AdapterType.IA3, None),
    (
        "glora",
        {
            "m.a1.weight": (4, 8),
            "m.a2.weight": (8, 4),
            "m.b1.weight": (4, 8),
            "m.b2.weight": (8, 4),
        },
        AdapterType.GLORA,
        None,
    ),
    ("full difference", {"m.diff": (64, 64), "m.diff_b": (64,)}, AdapterType.DIFF, None),
    (
        "lora with a few differences",
        {**pair("m", 64, 64, 4), "n.diff": (64,), "o.diff": (64,)},
        AdapterType.LORA,
        4,
    ),
    (
        "control lora of Flux",
        {
            **pair("double_blocks.0.img_attn.qkv", 9216, 3072, 128, style="peft"),
            **pair("img_in", 3072, 128, 128, style="peft"),
            "double_blocks.0.img_attn.norm.key_norm.scale": (128,),
        },
        AdapterType.CONTROL_LORA,
        128,
    ),
]


@pytest.mark.parametrize(
    ("shapes", "adapter_type", "rank"), [a[1:] for a in ALGORITHMS], ids=[a[0] for a in ALGORITHMS]
)
def test_the_parts_tell_algorithm_and_rank(
    shapes: Shapes, adapter_type: AdapterType, rank: int | None
) -> None:
    facts = read_adapter(tensors(shapes))
    assert facts is not None
    assert (facts.adapter_type, facts.rank) == (adapter_type, rank)
    assert facts.damaged == 0


LAYERS: list[tuple[str, Shapes, tuple[int, int]]] = [
    ("lora", pair("m", 640, 768), (640, 768)),
    (
        "loha",
        {
            "m.hada_w1_a": (640, 4),
            "m.hada_w1_b": (4, 768),
            "m.hada_w2_a": (640, 4),
            "m.hada_w2_b": (4, 768),
        },
        (640, 768),
    ),
    (
        "loha in Tucker form",
        {
            "m.hada_t1": (4, 4, 3, 3),
            "m.hada_w1_a": (4, 640),
            "m.hada_w1_b": (4, 768),
            "m.hada_t2": (4, 4, 3, 3),
            "m.hada_w2_a": (4, 640),
            "m.hada_w2_b": (4, 768),
        },
        (640, 768),
    ),
    ("lokr", {"m.lokr_w1": (4, 4), "m.lokr_w2": (160, 192)}, (640, 768)),
    (
        "lokr in Tucker form",
        {
            "m.lokr_w1": (4, 4),
            "m.lokr_t2": (2, 2, 3, 3),
            "m.lokr_w2_a": (2, 160),
            "m.lokr_w2_b": (2, 192),
        },
        (640, 768),
    ),
    ("difference", {"m.diff": (640, 768)}, (640, 768)),
]


@pytest.mark.parametrize(
    ("shapes", "layer"), [layer[1:] for layer in LAYERS], ids=[layer[0] for layer in LAYERS]
)
def test_the_parts_tell_the_shape_of_the_layer(shapes: Shapes, layer: tuple[int, int]) -> None:
    facts = read_adapter(tensors(shapes))
    assert facts is not None
    assert facts.modules["m"].shape == layer


SPELLINGS = [
    ("lora_unet_a_b", "kohya", "a_b"),
    ("lora_te2_text_model_x", "kohya", "te2_text_model_x"),
    ("lora_prior_unet_x", "kohya", "prior_unet_x"),
    ("lora_transformer_transformer_blocks_0_x", "kohya", "transformer_blocks_0_x"),
    ("transformer.transformer_blocks.0.x", "peft", "transformer_blocks_0_x"),
    ("base_model.model.model.layers.0.x", "peft_named", "layers_0_x"),
    ("text_encoder_2.text_model.x", "diffusers", "te2_text_model_x"),
    ("unet.down_blocks.0.attn1.processor.to_q", "processor", "down_blocks_0_attn1_processor_to_q"),
    ("double_blocks.0.processor.qkv", "xlabs", "double_blocks_0_processor_qkv_lora1"),
    ("model.diffusion_model.blocks.0.x", "kohya", "blocks_0_x"),
    ("blk.0.attn_q", "gguf", "blk_0_attn_q_weight"),
]


@pytest.mark.parametrize(("module", "style", "spelling"), SPELLINGS)
def test_every_trainer_gets_the_same_spelling(module: str, style: str, spelling: str) -> None:
    facts = read_adapter(tensors(pair(module, 8, 8, style=style)))
    assert facts is not None
    assert list(facts.modules) == [spelling]


BASES: list[tuple[str, Shapes, str | None, str | None]] = [
    ("sd1", pair(_CROSS, 640, 768), "sd1", None),
    ("sd2", pair(_CROSS, 640, 1024), "sd2", None),
    ("sdxl", pair(_CROSS, 640, 2048), "sdxl", None),
    (
        "sdxl of PEFT",
        pair(
            "unet.up_blocks.0.attentions.1.transformer_blocks.9.attn2.to_v",
            1280,
            2048,
            style="peft",
        ),
        "sdxl",
        None,
    ),
    (
        "sdxl by its depth",
        {"lora_unet_middle_block_1_transformer_blocks_9_attn1_to_q.oft_blocks": (8, 40, 40)},
        "sdxl",
        None,
    ),
    ("sdxl by its second text encoder", pair("lora_te2_text_model_x", 1280, 1280), "sdxl", None),
    (
        "sd1 by its text encoder",
        pair("lora_te_text_model_encoder_layers_0_self_attn_q_proj", 768, 768),
        "sd1",
        None,
    ),
    (
        "sd1 by attention at full resolution",
        pair("unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q", 320, 320),
        "sd1",
        None,
    ),
    ("flux of kohya", pair("lora_unet_single_blocks_3_linear1", 21504, 3072), "flux1", None),
    (
        "flux of XLabs",
        pair("double_blocks.0.processor.qkv", 9216, 3072, style="xlabs"),
        "flux1",
        None,
    ),
    (
        "flux of OneTrainer",
        pair("lora_transformer_single_transformer_blocks_0_attn_to_k", 3072, 3072),
        "flux1",
        None,
    ),
    ("flux2", pair("lora_unet_single_blocks_3_linear1", 55296, 6144), "flux2", None),
    (
        "hunyuan video",
        pair("diffusion_model.double_blocks.0.img_mlp.fc1", 12288, 3072, style="peft"),
        "hunyuan_video",
        None,
    ),
    (
        "sd3",
        pair("transformer.transformer_blocks.0.attn.to_q", 1536, 1536, style="peft"),
        "sd3",
        None,
    ),
    (
        "qwen image",
        pair("transformer_blocks.0.img_mlp.net.2", 3072, 12288, style="peft"),
        "qwen_image",
        None,
    ),
    (
        "wan 14B",
        pair("diffusion_model.blocks.0.self_attn.q", 5120, 5120, style="peft"),
        "wan",
        "14b",
    ),
    (
        "z image",
        pair("diffusion_model.layers.0.attention.qkv", 11520, 3840, style="peft"),
        "z_image",
        None,
    ),
    (
        "ltx",
        pair("transformer.transformer_blocks.0.attn1.to_q", 2048, 2048, style="peft"),
        "ltx",
        "2b",
    ),
    (
        "animatediff",
        pair("down_blocks.0.motion_modules.0.temporal_transformer.proj_in", 320, 320),
        "animatediff",
        None,
    ),
    ("cascade", pair("lora_prior_unet_down_blocks_0_0", 64, 64), "cascade", None),
    (
        "llm",
        pair("base_model.model.model.layers.0.self_attn.q_proj", 64, 64, style="peft"),
        None,
        None,
    ),
    ("no base known", pair("strange_module", 64, 64), None, None),
]


@pytest.mark.parametrize(
    ("shapes", "family", "variant"), [base[1:] for base in BASES], ids=[base[0] for base in BASES]
)
def test_the_modules_tell_the_base_model(
    shapes: Shapes, family: str | None, variant: str | None
) -> None:
    claims = {claim.field: claim.value for claim in classify(tensors(shapes), {}).claims}
    assert claims["kind"] == Kind.ADAPTER
    assert (claims.get("family"), claims.get("variant")) == (family, variant)


@pytest.mark.parametrize(
    "lost", [".lora_up.weight", ".lora_down.weight"], ids=["without up", "without down"]
)
def test_an_unpaired_half_is_told_as_damage(lost: str) -> None:
    shapes = pair(_CROSS, 640, 768) | pair(f"{_CROSS}_too", 640, 768)
    del shapes[f"{_CROSS}{lost}"]
    found = classify(tensors(shapes), {})
    assert {c.field: c.value for c in found.claims}["kind"] == Kind.ADAPTER
    assert found.warnings == ("damaged: 1 of 2 adapted modules lack half of their tensors.",)


def test_a_model_that_kept_a_lora_is_still_the_model() -> None:
    model = {
        "model.diffusion_model.input_blocks.0.0.weight": (320, 4, 3, 3),
        "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": (320, 768),
    }
    claims = classify(tensors(model | pair(_CROSS, 640, 768)), {}).claims
    assert claims[0].value == Kind.DIFFUSION_MODEL


@pytest.mark.parametrize(
    "names",
    [
        ["decoder.layers.1.layers.0.alpha", "decoder.layers.1.layers.0.w"],
        ["mlp.b1.weight", "mlp.b2.weight"],
        ["transformer_blocks.0.qkv_proj.lora_down", "transformer_blocks.0.qkv_proj.lora_up"],
        ["alpha"],
        [],
    ],
    ids=["snake activation", "two biases", "svdquant branch", "only a part", "nothing"],
)
def test_names_that_models_use_too_make_no_adapter(names: list[str]) -> None:
    assert read_adapter(tensors(dict.fromkeys(names, (4, 4)))) is None
