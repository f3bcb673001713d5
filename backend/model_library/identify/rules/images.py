"""Transformer models that make images, with their original names and those of diffusers."""

from __future__ import annotations

from typing import Final

from model_library.identify.rules.row import CORE, Rule, Shape, Variant
from model_library.taxonomy import Kind

Groups = tuple[tuple[Variant, ...], ...]


def _model(
    family: str,
    *needs: str,
    shapes: tuple[Shape, ...] = (),
    forbids: tuple[str, ...] = (),
    variants: Groups = (),
    also: tuple[str, ...] = (),
    confidence: float = 0.95,
) -> Rule:
    return Rule(
        Kind.DIFFUSION_MODEL,
        family,
        needs,
        shapes=shapes,
        forbids=forbids,
        variants=variants,
        prefixes=CORE,
        also=also,
        confidence=confidence,
    )


_FLUX_NORM: Final = (
    "double_blocks.0.img_attn.norm.key_norm.scale|double_blocks.0.img_attn.norm.key_norm.weight"
)
_FLUX2_LIN: Final = (
    "double_stream_modulation_img.lin.weight|double_stream_modulation_img.linear.weight"
)
_FLUX_IN: Final = "img_in.weight|x_embedder.weight"
_CAPTION: Final = "cap_embedder.1.bias|cap_embedder.1.weight"
_CAPTION_REFINER: Final = "noise_refiner.0.attention.*"
_SD3_DIFFUSERS: Final = "transformer_blocks.0.norm1_context.linear.weight"

_FLUX: Final[Groups] = (
    (
        Variant("fill", shapes=((_FLUX_IN, 1, 384),)),
        Variant("control", shapes=((_FLUX_IN, 1, 128),)),
        Variant("dev", needs=("guidance_in.*|time_text_embed.guidance_embedder.*",)),
        Variant("schnell"),
    ),
)

IMAGE_RULES: Final = (
    # Stable Diffusion 3 and 3.5
    _model(
        "sd3",
        "joint_blocks.0.context_block.attn.qkv.weight",
        variants=(
            (
                Variant("3.5_medium", needs=("joint_blocks.0.x_block.attn2.*",)),
                Variant("3.5_large", needs=("joint_blocks.37.*",)),
                Variant("medium"),
            ),
        ),
    ),
    _model(
        "sd3",
        _SD3_DIFFUSERS,
        "pos_embed.proj.weight",
        "context_embedder.weight",
        forbids=("transformer_blocks.0.img_mlp.*", "single_transformer_blocks.0.*"),
        variants=(
            (
                Variant("3.5_medium", needs=("transformer_blocks.0.attn2.*",)),
                Variant("3.5_large", needs=("transformer_blocks.37.*",)),
                Variant("medium"),
            ),
        ),
    ),
    # Black Forest Labs and those who build on them
    _model(
        "flux2",
        _FLUX2_LIN,
        variants=(
            (
                Variant("klein_4b", shapes=((_FLUX2_LIN, 0, 18432),)),
                Variant("klein_9b", shapes=((_FLUX2_LIN, 0, 24576),)),
                Variant("dev", shapes=((_FLUX2_LIN, 0, 36864),)),
            ),
        ),
    ),
    _model(
        "chroma",
        "distilled_guidance_layer.*",
        "double_blocks.0.*|transformer_blocks.0.*",
        variants=((Variant("radiance", needs=("nerf_blocks.*",)),),),
    ),
    _model("ovis_image", "double_blocks.0.img_mlp.gate_proj.*", "img_in.*"),
    _model("longcat_image", _FLUX_NORM, "img_in.weight", shapes=(("txt_in.weight", 1, 3584),)),
    _model("flux1", _FLUX_NORM, "img_in.weight", variants=_FLUX),
    _model(
        "flux1",
        "single_transformer_blocks.0.*",
        "x_embedder.*",
        "context_embedder.weight|context_embedder.bias|context_embedder.qweight",
        forbids=("joint_transformer_blocks.0.*",),
        variants=_FLUX,
    ),
    _model("krea2", "txtfusion.projector.*"),
    # other image transformers
    _model("auraflow", "double_layers.0.attn.w1q.weight"),
    _model("auraflow", "joint_transformer_blocks.0.*", "register_tokens"),
    _model("hunyuan_dit", "mlp_t5.0.weight"),
    _model("hunyuan_dit", "text_embedder.linear_1.*", "time_extra_emb.*"),
    _model(
        "pixart",
        "t_block.1.weight",
        variants=((Variant("alpha", needs=("ar_embedder.*",)), Variant("sigma")),),
    ),
    _model(
        "pixart",
        "adaln_single.emb.timestep_embedder.linear_1.bias",
        "pos_embed.proj.bias",
        variants=(
            (
                Variant("alpha", needs=("adaln_single.emb.aspect_ratio_embedder.*",)),
                Variant("sigma"),
            ),
        ),
    ),
    _model("newbie", "cap_embedder.1.weight", _CAPTION_REFINER, "clip_text_pooled_proj.*"),
    _model("zeta_chroma", "cap_embedder.1.weight", _CAPTION_REFINER, "dec_net.*"),
    _model("z_image", "cap_embedder.1.weight", _CAPTION_REFINER, shapes=((_CAPTION, 0, 3840),)),
    _model("lumina2", "cap_embedder.1.weight", _CAPTION_REFINER, shapes=((_CAPTION, 0, 2304),)),
    _model(
        "omnigen2",
        "time_caption_embed.*",
        "ref_image_refiner.*|image_index_embedding|ref_image_patch_embedder.*",
    ),
    _model("lumina2", "time_caption_embed.*", "noise_refiner.0.*"),
    _model(
        "mage_flow",
        "txt_norm.weight",
        "img_in.*",
        "txt_in.*",
        shapes=(("txt_norm.weight", 0, 2560),),
    ),
    _model(
        "qwen_image",
        "txt_norm.weight",
        "img_in.*",
        "txt_in.*",
        "transformer_blocks.0.img_mlp.*",
        variants=(
            (
                Variant(
                    "edit",
                    needs=("__index_timestep_zero__|time_text_embed.addition_t_embedding.*",),
                ),
            ),
        ),
    ),
    _model(
        "hidream",
        "caption_projection.0.linear.*",
        variants=((Variant("i1"),),),
    ),
    _model(
        "hidream",
        "t_embedder1.mlp.0.weight",
        "x_embedder.proj1.weight",
        variants=((Variant("o1"),),),
    ),
    _model(
        "hunyuan_image",
        "txt_in.individual_token_refiner.*",
        "byt5_in.*",
        forbids=("vision_in.*",),
    ),
    _model(
        "hunyuan_image",
        "txt_in.individual_token_refiner.*",
        "time_r_in.*",
        forbids=("vision_in.*",),
        variants=((Variant("refiner"),),),
    ),
    _model(
        "cascade",
        "clf.1.weight",
        "clip_txt_mapper.weight|clip_mapper.weight|clip_txt_pooled_mapper.weight",
        variants=(
            (
                Variant("stage_b", needs=("clip_mapper.weight",)),
                Variant("stage_c"),
            ),
        ),
    ),
    _model("anima", "blocks.0.mlp.layer1.weight", "llm_adapter.blocks.*"),
    _model("sana", "attention_y_norm.*|blocks.0.mlp.inverted_conv.*"),
    _model("sana", "transformer_blocks.0.ff.conv_inverted.*"),
    _model("cogview4", "patch_embed.text_proj.*", "time_condition_embed.*"),
    _model("ideogram4", "embed_image_indicator.*"),
    _model("ernie", "layers.0.mlp.linear_fc2.weight", forbids=("embed_tokens.*",)),
)
