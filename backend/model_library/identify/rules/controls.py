"""What steers a model without being one: ControlNets, T2I and IP adapters, style models, patches,
textual inversions, hypernetworks. Tried before everything else, on all tensors of a file."""

from __future__ import annotations

from typing import Final

from model_library.identify.rules.matching import RuleTable
from model_library.identify.rules.row import Rule, Shape, Variant
from model_library.taxonomy import Kind

_PREFIXES: Final = ("", "control_model.", "controlnet.", "model.")
_UNET_HINT: Final = "input_hint_block.0.weight|controlnet_cond_embedding.conv_in.weight"
_CROSS_FIRST: Final = (
    "input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight"
    "|input_blocks.2.1.transformer_blocks.0.attn2.to_k.weight"
    "|down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight"
)
_CROSS_SECOND: Final = (
    "input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight"
    "|down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight"
)
_UNION: Final = (Variant("union", needs=("control_add_embedding.linear_1.*|task_embedding",)),)
_DIT_UNION: Final = (Variant("union", needs=("controlnet_mode_embedder.*",)),)
_DIT_OUT: Final = "controlnet_blocks.0.weight|controlnet_blocks.0.bias"


def _controlnet(
    family: str,
    *needs: str,
    shapes: tuple[Shape, ...] = (),
    forbids: tuple[str, ...] = (),
    variants: tuple[tuple[Variant, ...], ...] = (),
    also: tuple[str, ...] = (),
    confidence: float = 0.95,
) -> Rule:
    return Rule(
        Kind.CONTROLNET,
        family,
        needs,
        shapes=shapes,
        forbids=forbids,
        variants=variants,
        prefixes=_PREFIXES,
        also=also,
        confidence=confidence,
    )


_CONTROLNETS: Final = (
    _controlnet("sdxl", "lora_controlnet", variants=((Variant("control_lora"),),), also=("sd1",)),
    _controlnet("sdxl", "lllite_unet*", variants=((Variant("lllite"),),), also=("sd1",)),
    _controlnet(
        "animatediff",
        "controlnet_cond_embedding.*",
        "down_blocks.0.motion_modules.*",
        variants=((Variant("sparsectrl"),),),
    ),
    _controlnet("sd1", _UNET_HINT, shapes=((_CROSS_FIRST, 1, 768),), variants=(_UNION,)),
    _controlnet("sd2", _UNET_HINT, shapes=((_CROSS_FIRST, 1, 1024),), variants=(_UNION,)),
    _controlnet("sdxl", _UNET_HINT, shapes=((_CROSS_SECOND, 1, 2048),), variants=(_UNION,)),
    _controlnet("kolors", _UNET_HINT, shapes=(("add_embedding.linear_1.weight", 1, 5632),)),
    _controlnet(
        "sdxl",
        _UNET_HINT,
        shapes=(("add_embedding.linear_1.weight|label_emb.0.0.weight", 1, 2816),),
        variants=(_UNION,),
    ),
    _controlnet("unknown", _UNET_HINT, also=("sd1", "sd2", "sdxl"), confidence=0.8),
    _controlnet("z_image", "control_layers.*|control_noise_refiner.*"),
    _controlnet("sd3", "pos_embed_input.proj.*", "transformer_blocks.0.*"),
    _controlnet("sd3", _DIT_OUT, "transformer_blocks.0.adaLN_modulation.1.bias"),
    _controlnet("qwen_image", _DIT_OUT, "transformer_blocks.0.img_mlp.*", variants=(_DIT_UNION,)),
    _controlnet(
        "flux1",
        "controlnet_x_embedder.*",
        "transformer_blocks.0.*",
        variants=(_DIT_UNION,),
    ),
    _controlnet("flux1", "controlnet_blocks.0.linear.weight"),
    _controlnet("flux1", _DIT_OUT, "double_blocks.0.*"),
)

_T2I_PREFIXES: Final = ("", "adapter.")
_T2I_IN: Final = "body.0.in_conv.weight|conv_in.weight"


def _t2i(family: str, *needs: str, shapes: tuple[Shape, ...] = (), sure: float = 0.9) -> Rule:
    return Rule(
        Kind.T2I_ADAPTER,
        family,
        needs,
        shapes=shapes,
        forbids=("down_blocks.*",),
        prefixes=_T2I_PREFIXES,
        also=("sd1", "sdxl"),
        confidence=sure,
    )


# The input is the picture folded by 8 (SD 1: 64 or 192 channels) or by 16 (SDXL: 256 or 768).
_T2I_ADAPTERS: Final = (
    _t2i("sd1", "body.0.in_conv.weight", shapes=(("body.0.in_conv.weight", 1, (64, 192)),)),
    _t2i("sdxl", "body.0.in_conv.weight", shapes=(("body.0.in_conv.weight", 1, (256, 768)),)),
    _t2i(
        "sd1",
        "conv_in.weight",
        "body.0.block1.weight|body.0.block2.weight|body.0.resnets.0.block1.weight",
        shapes=((_T2I_IN, 1, (64, 192)),),
    ),
    _t2i(
        "sdxl",
        "conv_in.weight",
        "body.0.block1.weight|body.0.block2.weight|body.0.resnets.0.block1.weight",
        shapes=((_T2I_IN, 1, (256, 768)),),
    ),
    _t2i("unknown", "body.0.in_conv.weight|^adapter.body.*", sure=0.8),
    _t2i("unknown", "conv_in.weight", "body.0.block1.*|body.0.block2.*", sure=0.7),
)

_IP_K: Final = "ip_adapter.#.to_k_ip.weight"
_IP_VARIANTS: Final = (
    Variant("faceid", needs=("ip_adapter.#.to_q_lora.down.weight|ip_adapter.#.to_k_lora.*",)),
    Variant("plus", needs=("image_proj.latents",)),
    Variant("full", needs=("image_proj.proj.0.weight",)),
)


def _ip(family: str, width: int) -> Rule:
    return Rule(
        Kind.IP_ADAPTER,
        family,
        ("image_proj.*", _IP_K),
        shapes=((_IP_K, 1, width),),
        variants=(_IP_VARIANTS,),
    )


_IP_ADAPTERS: Final = (
    Rule(
        Kind.IP_ADAPTER,
        "sdxl",
        ("id_encoder.*", "lora_weights.*"),
        variants=((Variant("photomaker"),),),
    ),
    Rule(
        Kind.IP_ADAPTER,
        "flux1",
        ("pulid_ca.*", "pulid_encoder.*"),
        variants=((Variant("pulid"),),),
        also=("sdxl",),
    ),
    _ip("sd1", 768),
    _ip("sd2", 1024),
    _ip("sdxl", 2048),
    _ip("flux1", 4096),
    Rule(Kind.IP_ADAPTER, "flux1", ("ip_adapter_proj_model.*",)),
    Rule(
        Kind.IP_ADAPTER,
        "unknown",
        ("image_proj.*", "ip_adapter.*"),
        also=("sd1", "sdxl", "sd3", "flux1", "kolors"),
        confidence=0.8,
    ),
)

_PATCHES: Final = (
    Rule(
        Kind.STYLE_MODEL,
        "flux1",
        ("redux_down.weight", "redux_up.weight"),
        variants=((Variant("redux"),),),
    ),
    Rule(Kind.STYLE_MODEL, "sd1", ("style_embedding",)),
    Rule(Kind.MODEL_PATCH, "qwen_image", ("controlnet_blocks.0.y_rms.weight",)),
    Rule(Kind.MODEL_PATCH, "flux1", ("feature_embedder.mid_layer_norm.bias",)),
    Rule(
        Kind.MODEL_PATCH,
        "wan",
        ("vace_blocks.0.self_attn.q.weight",),
        forbids=("head.modulation",),
        prefixes=("", "diffusion_model."),
        variants=((Variant("vace"),),),
    ),
    Rule(
        Kind.MODEL_PATCH,
        "sd1",
        ("position_net.null_positive_feature",),
        variants=((Variant("gligen"),),),
    ),
)

_FEW: Final = 10
_TI: Final = "emb_params|string_to_param.*|<*"


def _inversion(
    family: str, key: str, width: int, *more: str, also: tuple[str, ...] = (), sure: float = 0.95
) -> Rule:
    return Rule(
        Kind.EMBEDDING_TI,
        family,
        (key, *more),
        shapes=((key, -1, width),),
        also=also,
        confidence=sure,
        fewer_than=_FEW,
    )


_INVERSIONS: Final = (
    _inversion("sdxl", "clip_g", 1280, "clip_l"),
    _inversion("sdxl", "clip_g", 1280),
    _inversion("flux1", "clip_l", 768, "t5xxl", also=("sd3",), sure=0.7),
    _inversion("sd1", _TI, 768),
    _inversion("sd2", _TI, 1024),
    _inversion("sdxl", _TI, 1280, sure=0.8),
    _inversion("sd1", "clip_l", 768, also=("sdxl", "flux1", "sd3"), sure=0.6),
)

_HYPERNETWORKS: Final = (
    Rule(
        Kind.HYPERNETWORK,
        "sd1",
        ("768.0.linear.0.weight|768.1.linear.0.weight|320.0.linear.0.weight",),
        also=("sd2",),
        confidence=0.9,
    ),
    Rule(Kind.HYPERNETWORK, "sd2", ("1024.0.linear.0.weight|1024.1.linear.0.weight",)),
)

CONTROL_RULES: Final = RuleTable(
    (
        *_IP_ADAPTERS,
        *_CONTROLNETS,
        *_T2I_ADAPTERS,
        *_PATCHES,
        *_INVERSIONS,
        *_HYPERNETWORKS,
    )
)
