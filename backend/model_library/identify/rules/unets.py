"""Diffusion UNets: Stable Diffusion 1, 2, XL and their relatives, with the names of the original
code (`input_blocks`) and of diffusers (`down_blocks`).

The width of the cross-attention tells the families apart; the input channels tell what a model
was made for.
"""

from __future__ import annotations

from typing import Final

from model_library.identify.rules.row import CORE, Rule, Shape, Variant
from model_library.taxonomy import Kind

_IN: Final = "input_blocks.0.0.weight|conv_in.weight"
_LABEL: Final = "label_emb.0.0.weight|add_embedding.linear_1.weight"
_TIME: Final = (
    "input_blocks.1.0.time_stack.*|input_blocks.1.1.time_stack.*"
    "|down_blocks.0.resnets.0.temporal_res_block.*"
)
_CROSS_FIRST: Final = (
    "input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight"
    "|input_blocks.2.1.transformer_blocks.0.attn2.to_k.weight"
    "|down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight"
    "|input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight"
    "|down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight"
)
_CROSS_SECOND: Final = (
    "input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight"
    "|down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight"
)

_CHANNELS: Final = (
    Variant("inpaint", shapes=((_IN, 1, 9),)),
    Variant("depth", shapes=((_IN, 1, 5),)),
    Variant("pix2pix", shapes=((_IN, 1, 8),)),
    Variant("x4_upscaler", shapes=((_IN, 1, 7),)),
)
_UNCLIP: Final = (
    Variant("unclip_l", shapes=((_LABEL, 1, 1536),)),
    Variant("unclip_h", shapes=((_LABEL, 1, 2048),)),
)
_MARKERS: Final = (
    Variant("v_pred", needs=("^v_pred",)),
    Variant("edm_v_pred", needs=("^edm_vpred.sigma_max",)),
    Variant("playground_2.5", needs=("^edm_mean", "^edm_std")),
)


def _deep(block: int) -> str:
    """A transformer block of the deepest level of an SDXL-like UNet."""
    return (
        f"input_blocks.7.1.transformer_blocks.{block}.*"
        f"|down_blocks.2.attentions.0.transformer_blocks.{block}.*"
    )


_DISTILLED: Final = (
    Variant("vega", needs=(_deep(1),), forbids=(_deep(2),)),
    Variant("ssd_1b", needs=(_deep(3),), forbids=(_deep(4),)),
    Variant("koala", needs=(_deep(4),), forbids=(_deep(6),)),
)


def _unet(family: str, *shapes: Shape, variants: tuple[tuple[Variant, ...], ...] = ()) -> Rule:
    return Rule(
        Kind.DIFFUSION_MODEL, family, (_IN,), shapes=shapes, variants=variants, prefixes=CORE
    )


UNET_RULES: Final = (
    Rule(
        Kind.DIFFUSION_MODEL,
        "svd",
        (_IN, _TIME),
        prefixes=CORE,
    ),
    _unet("kolors", (_LABEL, 1, 5632)),
    _unet("kolors", ("encoder_hid_proj.weight", 1, 4096)),
    _unet(
        "sdxl_refiner",
        (_CROSS_SECOND, 1, 1280),
        variants=((Variant("refiner"),),),
    ),
    _unet("sdxl", (_CROSS_SECOND, 1, 2048), variants=(_CHANNELS, _MARKERS, _DISTILLED)),
    _unet("sd1", (_CROSS_FIRST, 1, 768), variants=(_CHANNELS,)),
    _unet("sd2", (_CROSS_FIRST, 1, 1024), variants=(_CHANNELS, _UNCLIP)),
)
