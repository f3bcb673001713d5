"""For which model an adapter was made, by the modules it changes.

The keys of these rows are not tensor names but module names, as `adapters.py` writes them for every
format alike: no prefix of a format, underscores instead of dots, `te_`/`te1_`/`te2_` in front of the
modules of text encoders. Each has the shape (outputs, inputs) of the layer it belongs to, where the
adapter's tensors tell it. So one row serves kohya, PEFT, diffusers and the others.
"""

from __future__ import annotations

from typing import Final

from model_library.identify.rules.matching import RuleTable
from model_library.identify.rules.row import Rule, Shape, Variant
from model_library.taxonomy import Kind

_OUT: Final = 0
_IN: Final = 1


def _base(
    family: str,
    *needs: str,
    shapes: tuple[Shape, ...] = (),
    forbids: tuple[str, ...] = (),
    variants: tuple[Variant, ...] = (),
    also: tuple[str, ...] = (),
    confidence: float = 0.9,
) -> Rule:
    return Rule(
        Kind.ADAPTER,
        family,
        needs,
        shapes=shapes,
        forbids=forbids,
        variants=(variants,),
        also=also,
        confidence=confidence,
    )


_WAN_Q: Final = (
    "blocks_#_self_attn_q|blocks_#_self_attn_k|blocks_#_self_attn_v|blocks_#_self_attn_o"
    "|blocks_#_cross_attn_q|blocks_#_cross_attn_k|blocks_#_cross_attn_v|blocks_#_cross_attn_o"
    "|blocks_#_ffn_0|blocks_#_attn1_to_q|blocks_#_attn1_to_k|blocks_#_ffn_net_#_proj"
)
_WAN_WIDTHS: Final = (
    Variant("1.3b", shapes=((_WAN_Q, _IN, 1536),)),
    Variant("5b", shapes=((_WAN_Q, _IN, 3072),)),
    Variant("14b", shapes=((_WAN_Q, _IN, 5120),)),
)

_FLUX_DOUBLE: Final = (
    "double_blocks_#_img_attn_qkv|double_blocks_#_img_attn_proj|double_blocks_#_txt_attn_qkv"
    "|double_blocks_#_txt_attn_proj|double_blocks_#_img_attn_qkv_#"
)
_FLUX_SINGLE: Final = "single_blocks_#_linear1|single_blocks_#_linear1_#"
_FLUX_MODULATION: Final = (
    "double_blocks_#_img_mod_lin|double_blocks_#_txt_mod_lin|single_blocks_#_modulation_lin"
    "|transformer_blocks_#_norm1_linear|single_transformer_blocks_#_norm_linear"
)
_FLUX_ANY: Final = "double_blocks_#_*|single_blocks_#_*|single_transformer_blocks_#_*"
_JOINT_ATTENTION: Final = (
    "transformer_blocks_#_attn_add_k_proj|transformer_blocks_#_attn_add_q_proj"
    "|transformer_blocks_#_attn_to_k|transformer_blocks_#_attn_to_q|transformer_blocks_#_attn_to_v"
)
_SEPARATE_ATTENTION: Final = (
    "transformer_blocks_#_attn1_to_q|transformer_blocks_#_attn1_to_k"
    "|transformer_blocks_#_attn1_to_v"
)
_NEXT_DIT: Final = (
    "layers_#_attention_qkv|layers_#_attention_to_q|layers_#_attention_to_k|layers_#_attention_out"
    "|layers_#_attn_to_q|layers_#_feed_forward_w1"
)


def _unet(block: str) -> str:
    """A module in any attention block of a UNet, in the names of both code bases."""
    places = (
        "down_blocks_#_attentions_#",
        "up_blocks_#_attentions_#",
        "mid_block_attentions_#",
        "input_blocks_#_#",
        "output_blocks_#_#",
        "middle_block_#",
    )
    return "|".join(f"{place}_transformer_blocks_#_{block}" for place in places)


_CROSS: Final = f"{_unet('attn2_to_k')}|{_unet('attn2_to_v')}"
_UNET_DEEP: Final = "|".join(
    f"{place}_transformer_blocks_{depth}_*"
    for depth in (1, 9)
    for place in (
        "down_blocks_#_attentions_#",
        "mid_block_attentions_#",
        "up_blocks_#_attentions_#",
        "input_blocks_#_#",
        "middle_block_#",
        "output_blocks_#_#",
    )
)
_UNET_WIDE: Final = (
    "down_blocks_0_attentions_*|up_blocks_3_attentions_*|input_blocks_1_1_*|input_blocks_2_1_*"
    "|output_blocks_9_1_*"
)
"""Attention at full resolution: SD 1 and 2 have it, SDXL has not."""
_UNET_ANY: Final = (
    "down_blocks_#_*|up_blocks_#_*|mid_block_*|input_blocks_#_*|output_blocks_#_*|middle_block_#_*"
)
_TE_ATTENTION: Final = (
    "te_text_model_encoder_layers_#_self_attn_q_proj"
    "|te_text_model_encoder_layers_#_self_attn_k_proj"
    "|te_text_model_encoder_layers_#_self_attn_v_proj|te_text_model_encoder_layers_#_mlp_fc1"
)

_SD: Final = ("sd1", "sd2", "sdxl")
_UNSURE: Final = 0.4

ADAPTER_BASE_RULES: Final = RuleTable(
    (
        # UNets
        _base("animatediff", "down_blocks_#_motion_modules_*|up_blocks_#_motion_modules_*"),
        _base("cascade", "prior_unet_*|down_blocks_#_#_channelwise_*"),
        _base("sdxl", _CROSS, shapes=((_CROSS, _IN, 2048),), also=("kolors",)),
        _base("sd1", _CROSS, shapes=((_CROSS, _IN, 768),)),
        _base("sd2", _CROSS, shapes=((_CROSS, _IN, 1024),)),
        _base("sdxl_refiner", _CROSS, shapes=((_CROSS, _IN, 1280),), also=("sdxl",)),
        _base("sdxl", _UNET_DEEP, also=("kolors",)),
        # the Flux shape: double and single blocks
        _base("auraflow", "joint_transformer_blocks_#_*|double_layers_#_attn_*"),
        _base("flux2", "double_stream_modulation_*|single_stream_modulation_*"),
        _base("flux2", "single_transformer_blocks_#_attn_to_qkv_mlp_proj"),
        _base("flux2", _FLUX_SINGLE, shapes=((_FLUX_SINGLE, _OUT, (27648, 36864, 55296)),)),
        _base("flux2", _FLUX_DOUBLE, shapes=((_FLUX_DOUBLE, _IN, (4096, 6144)),)),
        _base("chroma", "distilled_guidance_layer_*"),
        _base(
            "hunyuan_video",
            "double_blocks_#_img_mlp_fc1|double_blocks_#_img_mod_linear|single_blocks_39_*"
            "|double_blocks_19_*|txt_in_individual_token_refiner_*|context_embedder_token_refiner_*"
            "|single_transformer_blocks_39_*",
            also=("hunyuan_image",),
        ),
        _base("flux1", _FLUX_MODULATION, _FLUX_ANY),
        _base("flux1", _FLUX_ANY, also=("chroma", "flux2"), confidence=0.8),
        # one kind of joint block
        _base("sd3", "joint_blocks_#_*"),
        _base("qwen_image", "transformer_blocks_#_img_mlp_*|transformer_blocks_#_img_mod_*"),
        _base(
            "qwen_image",
            "transformer_blocks_59_attn_*|transformer_blocks_40_attn_*",
            forbids=("single_transformer_blocks_#_*",),
            shapes=((_JOINT_ATTENTION, _IN, 3072),),
            confidence=0.8,
        ),
        _base("sd3", _JOINT_ATTENTION, shapes=((_JOINT_ATTENTION, _IN, (1536, 2432)),)),
        _base(
            "flux1",
            _JOINT_ATTENTION,
            shapes=((_JOINT_ATTENTION, _IN, 3072),),
            also=("chroma", "qwen_image"),
            confidence=0.6,
        ),
        _base("hidream", "double_stream_blocks_#_*|single_stream_blocks_#_*"),
        _base("krea2", "txtfusion_*"),
        _base(
            "z_image",
            _NEXT_DIT,
            shapes=((_NEXT_DIT, _IN, 3840),),
        ),
        _base("lumina2", _NEXT_DIT, shapes=((_NEXT_DIT, _IN, 2304),)),
        _base("ernie", "layers_#_mlp_linear_fc2"),
        # blocks with attention of their own for the text
        _base("pixart", "blocks_#_cross_attn_q_linear|blocks_#_cross_attn_kv_linear"),
        _base("hunyuan_dit", "blocks_#_attn1_Wqkv|blocks_#_attn2_q_proj"),
        _base("kandinsky5", "visual_transformer_blocks_#_*"),
        _base("anima", "llm_adapter_*"),
        _base(
            "cosmos",
            "blocks_#_mlp_layer1|blocks_#_self_attn_q_proj",
            also=("anima",),
            confidence=0.6,
        ),
        _base("wan", _WAN_Q, variants=_WAN_WIDTHS),
        _base(
            "ltx2", "transformer_blocks_#_audio_attn1_*|transformer_blocks_#_audio_to_video_attn_*"
        ),
        _base("ace_step", "lyric_encoder_*|genre_embedder|speaker_embedder"),
        _base("pixart", _SEPARATE_ATTENTION, shapes=((_SEPARATE_ATTENTION, _IN, 1152),)),
        _base("sana", _SEPARATE_ATTENTION, shapes=((_SEPARATE_ATTENTION, _IN, 2240),)),
        _base(
            "ltx",
            _SEPARATE_ATTENTION,
            shapes=((_SEPARATE_ATTENTION, _IN, 2048),),
            variants=(Variant("2b"),),
        ),
        _base(
            "ltx",
            _SEPARATE_ATTENTION,
            shapes=((_SEPARATE_ATTENTION, _IN, 4096),),
            variants=(Variant("13b"),),
            also=("ltx2",),
            confidence=0.8,
        ),
        _base("mochi", "transformer_blocks_#_attn1_add_k_proj|blocks_#_attn_qkv_x"),
        _base("cogvideox", _SEPARATE_ATTENTION, shapes=((_SEPARATE_ATTENTION, _IN, (1920, 3072)),)),
        # only the text encoder, or only modules that every UNet has
        _base("sdxl", "te2_*", also=("sd3", "flux1"), confidence=0.8),
        _base("sd1", _TE_ATTENTION, shapes=((_TE_ATTENTION, _IN, 768),), also=("sdxl", "flux1")),
        _base("sd2", _TE_ATTENTION, shapes=((_TE_ATTENTION, _IN, 1024),)),
        _base("sd1", _UNET_WIDE, also=("sd2",), confidence=0.6),
        _base("sd1", _UNET_ANY, also=_SD, confidence=_UNSURE),
        # language models
        _base(
            "unknown",
            "layers_#_self_attn_q_proj|layers_#_self_attn_v_proj|layers_#_mlp_down_proj"
            "|blk_#_attn_q|blk_#_attn_v|blk_#_ffn_down",
            also=("*",),
            confidence=0.7,
        ),
    )
)
