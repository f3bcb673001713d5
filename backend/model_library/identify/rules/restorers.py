"""Upscalers and restorers of pictures, by the layers of their published architectures."""

from __future__ import annotations

from typing import Final

from model_library.identify.rules.row import Rule, Shape
from model_library.taxonomy import Kind

_PREFIXES: Final = ("", "params_ema.", "params.", "module.")
_SWIN_FIRST: Final = "layers.0.residual_group.blocks.0.norm1.weight"


def _upscaler(
    family: str,
    *needs: str,
    shapes: tuple[Shape, ...] = (),
    forbids: tuple[str, ...] = (),
    kind: Kind = Kind.UPSCALER,
    confidence: float = 0.95,
) -> Rule:
    return Rule(
        kind,
        family,
        needs,
        shapes=shapes,
        forbids=forbids,
        prefixes=_PREFIXES,
        confidence=confidence,
    )


RESTORER_RULES: Final = (
    _upscaler("esrgan", "model.0.weight", "model.1.sub.0.RDB1.conv1.0.weight"),
    _upscaler("esrgan", "conv_first.weight", "body.0.rdb1.conv1.weight"),
    _upscaler("esrgan", "conv_first.weight", "RRDB_trunk.0.RDB1.conv1.weight"),
    _upscaler("compact", "body.0.weight", "body.1.weight", shapes=(("body.0.weight", 1, 3),)),
    _upscaler("hat", "conv_first.weight", "layers.0.residual_group.blocks.0.conv_block.cab.*"),
    _upscaler(
        "srformer",
        "conv_first.weight",
        "layers.0.residual_group.blocks.0.attn.aligned_relative_position_index",
    ),
    _upscaler("swin2sr", _SWIN_FIRST, "conv_first.weight", "patch_embed.proj.weight"),
    _upscaler("swinir", _SWIN_FIRST, "conv_first.weight"),
    _upscaler(
        "dat", "conv_first.weight", "before_RG.1.weight", "layers.0.blocks.0.attn.dwconv.0.weight"
    ),
    _upscaler("rgt", "conv_first.weight", "before_RG.1.weight", "layers.0.blocks.0.gamma"),
    _upscaler("grl", "conv_first.weight|model.conv_first.weight", "norm_start.weight"),
    _upscaler("span", "block_1.c1_r.sk.weight", "conv_cat.weight"),
    _upscaler("spanplus", "feats.0.eval_conv.weight"),
    _upscaler("plksr", "feats.0.weight", "feats.1.lk.*"),
    _upscaler("omnisr", "residual_layer.0.residual_layer.0.*"),
    _upscaler("realcugan", "unet1.conv1.conv.0.weight|unet1.conv_bottom.weight"),
    _upscaler("spsr", "f_HR_conv1.0.weight"),
    _upscaler("swift_srgan", "initial.cnn.depthwise.weight"),
    _upscaler("scunet", "m_head.0.weight", "m_tail.0.weight"),
    _upscaler(
        "gfpgan",
        "toRGB.0.weight",
        "stylegan_decoder.style_mlp.1.weight",
        kind=Kind.FACE_RESTORER,
    ),
    _upscaler(
        "codeformer",
        "encoder.blocks.0.weight",
        "quantize.embedding.weight",
        "position_emb",
        kind=Kind.FACE_RESTORER,
    ),
    _upscaler(
        "restoreformer",
        "encoder.conv_in.weight",
        "encoder.down.0.block.0.norm1.weight",
        "quantize.embedding.weight",
        kind=Kind.FACE_RESTORER,
    ),
    _upscaler(
        "lama",
        "model.model.1.bn_l.running_mean|generator.model.1.bn_l.running_mean",
        kind=Kind.OTHER,
        confidence=0.8,
    ),
)
