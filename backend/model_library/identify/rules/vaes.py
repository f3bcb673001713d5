"""Autoencoders between pixels (or sound) and latents, and their small previews.

Several families share one autoencoder or one with the same shapes; `also` names the others.
"""

from __future__ import annotations

from typing import Final

from model_library.identify.rules.row import Rule, Shape, Variant
from model_library.taxonomy import Kind

_PREFIXES: Final = ("", "first_stage_model.", "vae.")
_LATENT: Final = "decoder.conv_in.weight"
_KL: Final = "decoder.mid.block_1.*|decoder.mid_block.*"
_CAUSAL: Final = "decoder.conv_in.conv.weight"
_WAN: Final = "decoder.middle.0.residual.0.gamma|decoder.mid_block.resnets.0.norm1.gamma"
_WAN_IN: Final = "decoder.conv1.weight|decoder.conv_in.weight"

_SD: Final = ("sd1", "sd2", "sdxl", "kolors", "pixart", "auraflow", "hunyuan_dit", "svd")
_FLUX: Final = ("flux1", "sd3", "chroma", "lumina2", "z_image", "hidream", "omnigen2", "cogview4")
UNSURE: Final = 0.3
"""Confidence where the tensors leave the family open and the most common one is named."""


def _vae(
    family: str,
    *needs: str,
    shapes: tuple[Shape, ...] = (),
    forbids: tuple[str, ...] = (),
    variants: tuple[tuple[Variant, ...], ...] = (),
    also: tuple[str, ...] = (),
    confidence: float = 0.95,
    kind: Kind = Kind.VAE,
) -> Rule:
    return Rule(
        kind,
        family,
        needs,
        shapes=shapes,
        forbids=forbids,
        variants=variants,
        prefixes=_PREFIXES,
        also=also,
        confidence=confidence,
    )


_TINY: Final = "taesd_decoder.1.weight|decoder.1.weight|1.weight"
_TINY_CHECK: Final = "taesd_decoder.3.conv.0.weight|decoder.3.conv.0.weight|3.conv.0.weight"

VAE_RULES: Final = (
    _vae(
        "sd1",
        _TINY,
        _TINY_CHECK,
        shapes=((_TINY, 1, 4),),
        also=_SD,
        confidence=UNSURE,
        kind=Kind.VAE_APPROX,
    ),
    _vae(
        "flux1",
        _TINY,
        _TINY_CHECK,
        shapes=((_TINY, 1, 16),),
        also=(*_FLUX, "wan", "hunyuan_video", "qwen_image"),
        confidence=UNSURE,
        kind=Kind.VAE_APPROX,
    ),
    _vae("unknown", _TINY, _TINY_CHECK, confidence=0.8, kind=Kind.VAE_APPROX),
    _vae(
        "cascade",
        "vquantizer.codebook.weight",
        variants=((Variant("stage_a"),),),
    ),
    _vae("mochi", "decoder.blocks.2.blocks.3.stack.5.weight|blocks.2.blocks.3.stack.5.weight"),
    _vae(
        "ltx",
        "decoder.up_blocks.0.res_blocks.0.conv1.conv.weight"
        "|decoder.mid_block.resnets.0.conv1.conv.weight",
        _CAUSAL,
        shapes=((_CAUSAL, 1, 128),),
        also=("ltx2",),
    ),
    _vae(
        "cogvideox",
        _CAUSAL,
        "decoder.mid_block.resnets.0.norm1.norm_layer.weight"
        "|decoder.mid.block_1.norm1.norm_layer.weight",
    ),
    _vae("hunyuan_video", _CAUSAL, shapes=((_CAUSAL, 1, 16),)),
    _vae(
        "hunyuan_image",
        _CAUSAL,
        shapes=((_CAUSAL, 1, 32),),
        also=("hunyuan_video",),
        variants=((Variant("refiner"),),),
        confidence=0.6,
    ),
    _vae("cosmos", "decoder.unpatcher3d.*"),
    _vae(
        "wan",
        _WAN,
        shapes=((_WAN_IN, 1, 48),),
        variants=((Variant("2.2"),),),
    ),
    _vae(
        "wan",
        _WAN,
        shapes=((_WAN_IN, 1, 16),),
        variants=((Variant("2.1"),),),
        also=("qwen_image", "anima", "krea2"),
        confidence=0.6,
    ),
    _vae("sana", "decoder.stages.0.0.main.conv.weight|decoder.up_blocks.0.0.conv1.weight"),
    _vae("stable_audio", "decoder.layers.1.layers.0.beta"),
    _vae("ace_step", "vocoder.backbone.channel_layers.*|dcae.*"),
    _vae("hunyuan3d", "geo_decoder.*"),
    _vae(
        "svd",
        "decoder.mid.block_1.mix_factor|decoder.mid_block.resnets.0.time_mixer.mix_factor"
        "|decoder.mid.block_1.time_stack.*|decoder.mid_block.resnets.0.temporal_res_block.*",
    ),
    _vae("flux2", "bn.running_mean", _LATENT, _KL),
    _vae("flux2", _LATENT, _KL, shapes=((_LATENT, 1, 32), (_LATENT, "rank", 4))),
    _vae("hunyuan_image", _LATENT, shapes=((_LATENT, 1, 64), (_LATENT, "rank", 4))),
    _vae(
        "flux1",
        _LATENT,
        _KL,
        shapes=((_LATENT, 1, 16), (_LATENT, "rank", 4)),
        forbids=("quantize.*",),
        also=_FLUX,
        confidence=0.6,
    ),
    _vae(
        "sd1",
        _LATENT,
        _KL,
        shapes=((_LATENT, 1, 4), (_LATENT, "rank", 4)),
        forbids=("quantize.*",),
        also=_SD,
        confidence=UNSURE,
    ),
)
