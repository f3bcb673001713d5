"""Diffusion models that make video, audio, 3D or worlds, and the motion modules for image models."""

from __future__ import annotations

from typing import Final

from model_library.identify.rules.images import Groups
from model_library.identify.rules.row import CORE, Rule, Shape, Variant
from model_library.taxonomy import Kind


def _model(
    family: str,
    *needs: str,
    shapes: tuple[Shape, ...] = (),
    forbids: tuple[str, ...] = (),
    variants: Groups = (),
) -> Rule:
    return Rule(
        Kind.DIFFUSION_MODEL,
        family,
        needs,
        shapes=shapes,
        forbids=forbids,
        variants=variants,
        prefixes=CORE,
    )


_PATCH: Final = "patch_embedding.weight"
_WAN_WIDTH: Final = "head.modulation|scale_shift_table"

# The second number of each pair is the same channels in a GGUF that flattened the 5-D convolution.
_WAN: Final[Groups] = (
    (
        Variant("vace", needs=("vace_blocks.0.*",)),
        Variant("animate", needs=("face_adapter.*",)),
        Variant("s2v", needs=("casual_audio_encoder.*",)),
        Variant("camera", needs=("control_adapter.*",)),
        Variant("humo", needs=("audio_proj.*",)),
        Variant("flf2v", needs=("img_emb.emb_pos|condition_embedder.image_embedder.pos_embed",)),
        Variant("ti2v", shapes=((_PATCH, 1, (48, 192)), (_WAN_WIDTH, -1, 3072))),
        Variant("i2v", needs=("img_emb.proj.*|condition_embedder.image_embedder.*",)),
        Variant("i2v", shapes=((_PATCH, 1, (36, 144)),)),
        Variant("t2v", shapes=((_PATCH, 1, (16, 64)),)),
        Variant("fun_control", shapes=((_PATCH, 1, (48, 52)),)),
    ),
    (
        Variant("1.3b", shapes=((_WAN_WIDTH, -1, 1536),)),
        Variant("5b", shapes=((_WAN_WIDTH, -1, 3072),)),
        Variant("14b", shapes=((_WAN_WIDTH, -1, 5120),)),
    ),
)

_HUNYUAN_IN: Final = "img_in.proj.weight|x_embedder.proj.weight"
_HUNYUAN: Final[Groups] = (
    (
        Variant("1.5", needs=("vision_in.proj.0.*",)),
        Variant("t2v", shapes=((_HUNYUAN_IN, 1, 16),)),
        Variant("skyreels", shapes=((_HUNYUAN_IN, 1, 32),)),
        Variant("i2v", shapes=((_HUNYUAN_IN, 1, 33),)),
    ),
)

_LTX_TIME: Final = "adaln_single.emb.timestep_embedder.linear_1.bias"

VIDEO_RULES: Final = (
    _model("wan", "head.modulation", variants=_WAN),
    _model("wan", "condition_embedder.text_embedder.linear_1.*", variants=_WAN),
    _model("hunyuan_video", "txt_in.individual_token_refiner.*", variants=_HUNYUAN),
    _model("hunyuan_video", "context_embedder.token_refiner.*", variants=_HUNYUAN),
    _model(
        "ltx2",
        _LTX_TIME,
        "audio_adaln_single.*",
        variants=(
            (
                Variant(
                    "2.3",
                    needs=(
                        "prompt_scale_shift_table|transformer_blocks.0.prompt_scale_shift_table",
                    ),
                ),
            ),
        ),
    ),
    _model(
        "ltx",
        _LTX_TIME,
        forbids=("pos_embed.proj.bias",),
        variants=(
            (
                Variant("2b", shapes=((_LTX_TIME, 0, 2048),)),
                Variant("13b", shapes=((_LTX_TIME, 0, 4096),)),
            ),
        ),
    ),
    _model(
        "ltx",
        "time_embed.emb.timestep_embedder.linear_1.bias",
        "caption_projection.linear_1.*",
        "proj_in.*",
    ),
    _model("mochi", "t5_yproj.weight"),
    _model("mochi", "time_embed.pooler.*", "transformer_blocks.0.*"),
    _model("kandinsky5", "visual_transformer_blocks.0.*|pooled_text_embeddings.*"),
    _model(
        "cogvideox",
        "patch_embed.text_proj.*",
        "transformer_blocks.0.norm1.linear.weight|blocks.0.norm1.linear.weight",
        variants=(
            (
                Variant("i2v", shapes=(("patch_embed.proj.weight", 1, 32),)),
                Variant("t2v", shapes=(("patch_embed.proj.weight", 1, 16),)),
            ),
        ),
    ),
    _model(
        "cosmos",
        "blocks.block0.blocks.0.block.attn.to_q.0.weight",
        variants=(
            (
                Variant(
                    "7b", shapes=(("blocks.block0.blocks.0.block.attn.to_q.0.weight", 0, 4096),)
                ),
                Variant(
                    "14b", shapes=(("blocks.block0.blocks.0.block.attn.to_q.0.weight", 0, 5120),)
                ),
            ),
        ),
    ),
    _model(
        "cosmos",
        "blocks.0.mlp.layer1.weight",
        variants=(
            (
                Variant("predict2_2b", shapes=(("blocks.0.mlp.layer1.weight", 1, 2048),)),
                Variant("predict2_14b", shapes=(("blocks.0.mlp.layer1.weight", 1, 5120),)),
                Variant("predict2"),
            ),
        ),
    ),
    _model("ace_step", "genre_embedder.*"),
    _model("stable_audio", "transformer.rotary_pos_emb.inv_freq"),
    _model("hunyuan3d", "latent_in.weight"),
    _model(
        "seedvr2",
        "blocks.35.mlp.vid.proj_out.weight|blocks.35.mlp.all.proj_in_gate.weight"
        "|blocks.31.mlp.all.proj_in_gate.weight",
    ),
    Rule(
        Kind.MOTION_MODULE,
        "animatediff",
        ("down_blocks.#.motion_modules.*|down_blocks.#.temporal_attentions.*",),
        forbids=("conv_in.weight",),
        prefixes=("", "module."),
    ),
)
