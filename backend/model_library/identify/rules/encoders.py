"""Models that turn text or pictures into vectors: CLIP, T5, vision towers, sentence encoders."""

from __future__ import annotations

from typing import Final

from model_library.identify.rules.row import Rule, Shape, Variant
from model_library.taxonomy import Kind

_PREFIXES: Final = (
    "",
    "text_encoder.",
    "transformer.",
    "clip_l.transformer.",
    "clip_g.transformer.",
    "clip_h.transformer.",
    "t5xxl.transformer.",
    "umt5xxl.transformer.",
    "text_encoders.clip_l.transformer.",
    "text_encoders.t5xxl.transformer.",
    "cond_stage_model.transformer.",
    "cond_stage_model.model.",
    "conditioner.embedders.0.model.",
    "model.",
)

_CLIP_TOKENS: Final = (
    "text_model.embeddings.token_embedding.weight|text_model.final_layer_norm.weight"
)
_OPEN_CLIP_TOKENS: Final = "token_embedding.weight|ln_final.weight"


def _clip_sizes(key: str) -> tuple[Variant, ...]:
    return (
        Variant("clip_l", shapes=((key, -1, 768),)),
        Variant("clip_h", shapes=((key, -1, 1024),)),
        Variant("clip_g", shapes=((key, -1, 1280),)),
    )


_T5_Q: Final = (
    "encoder.block.0.layer.0.SelfAttention.q.weight|enc.blk.0.attn_q.weight"
    "|encoder.block.0.layer.0.SelfAttention.q.qweight"
)
_T5_K: Final = "encoder.block.0.layer.0.SelfAttention.k.weight|enc.blk.0.attn_k.weight"
_T5_NORM: Final = "encoder.final_layer_norm.weight|enc.output_norm.weight"
_T5_TOKENS: Final = "shared.weight|encoder.embed_tokens.weight|token_embd.weight"
_T5_SIZES: Final = (
    Variant("umt5_xxl", shapes=((_T5_TOKENS, 0, 256384),)),
    Variant("byt5_small", shapes=((_T5_K, 0, 384), (_T5_NORM, -1, 1472))),
    Variant("xxl", shapes=((_T5_NORM, -1, 4096),)),
    Variant("xl", shapes=((_T5_NORM, -1, 2048),)),
    Variant("large", shapes=((_T5_NORM, -1, 1024),)),
    Variant("base", shapes=((_T5_NORM, -1, 768),)),
    Variant("small", shapes=((_T5_NORM, -1, 512),)),
)


def _text(
    family: str,
    *needs: str,
    forbids: tuple[str, ...] = (),
    variants: tuple[Variant, ...] = (),
    kind: Kind = Kind.TEXT_ENCODER,
    also_kinds: tuple[Kind, ...] = (),
    confidence: float = 0.95,
) -> Rule:
    return Rule(
        kind,
        family,
        needs,
        forbids=forbids,
        variants=(variants,),
        prefixes=_PREFIXES,
        also_kinds=also_kinds,
        confidence=confidence,
    )


_VISION_SIZES: Final = (
    Variant(
        "vit_l_336",
        shapes=(
            ("vision_model.embeddings.class_embedding", 0, 1024),
            ("vision_model.embeddings.position_embedding.weight", 0, 577),
        ),
    ),
    Variant("vit_b", shapes=(("vision_model.embeddings.class_embedding", 0, 768),)),
    Variant("vit_l", shapes=(("vision_model.embeddings.class_embedding", 0, 1024),)),
    Variant("vit_h", shapes=(("vision_model.embeddings.class_embedding", 0, 1280),)),
    Variant("vit_g", shapes=(("vision_model.embeddings.class_embedding", 0, 1664),)),
)
_VISION_FIRST: Final = "vision_model.encoder.layers.0.mlp.fc1.weight"
_VISION_PREFIXES: Final = ("", "model.", "image_encoder.", "clip_vision.")


def _vision(
    family: str,
    *needs: str,
    shapes: tuple[Shape, ...] = (),
    variants: tuple[Variant, ...] = (),
    kind: Kind = Kind.VISION_ENCODER,
) -> Rule:
    return Rule(
        kind,
        family,
        needs,
        shapes=shapes,
        variants=(variants,),
        prefixes=_VISION_PREFIXES,
        also_kinds=(Kind.TEXT_ENCODER,),
    )


ENCODER_RULES: Final = (
    _text(
        "t5",
        _T5_Q,
        "decoder.block.0.layer.0.SelfAttention.q.weight|dec.blk.0.attn_q.weight",
        variants=_T5_SIZES,
        kind=Kind.LLM,
        also_kinds=(Kind.TEXT_ENCODER,),
        confidence=0.7,
    ),
    _text("t5", _T5_Q, variants=_T5_SIZES),
    # Both halves in one file: used for its text half as often as for its vision half.
    _text(
        "clip",
        _CLIP_TOKENS,
        "vision_model.embeddings.class_embedding",
        variants=_clip_sizes(_CLIP_TOKENS),
        also_kinds=(Kind.VISION_ENCODER,),
        confidence=0.6,
    ),
    _vision("siglip", "vision_model.head.attention.in_proj_weight"),
    _vision("siglip", _VISION_FIRST, shapes=((_VISION_FIRST, 1, 1152),)),
    _text("clip", _CLIP_TOKENS, variants=_clip_sizes(_CLIP_TOKENS)),
    _text(
        "clip",
        "transformer.resblocks.0.attn.in_proj_weight|transformer.resblocks.0.ln_1.weight",
        _OPEN_CLIP_TOKENS,
        variants=_clip_sizes(_OPEN_CLIP_TOKENS),
        also_kinds=(Kind.VISION_ENCODER,),
        confidence=0.9,
    ),
    _vision("clip", _VISION_FIRST, variants=_VISION_SIZES),
    _vision("clip", "visual.transformer.resblocks.0.attn.in_proj_weight"),
    _vision(
        "dinov2",
        "encoder.layer.0.layer_scale1.lambda1|encoder.layer.0.layer_scale2.lambda1",
        "embeddings.patch_embeddings.projection.weight",
    ),
    _vision("dinov2", "encoder.layer.0.layer_scale2.*"),
    _vision("sam", "image_encoder.patch_embed.*", "mask_decoder.*", kind=Kind.SEGMENTER),
    _vision("sam2", "image_encoder.trunk.*", "sam_mask_decoder.*", kind=Kind.SEGMENTER),
    _text(
        "bert",
        "encoder.layer.0.attention.self.query.weight|bert.encoder.layer.0.attention.self.query.weight"
        "|roberta.encoder.layer.0.attention.self.query.weight",
        kind=Kind.EMBEDDING_MODEL,
        also_kinds=(Kind.CLASSIFIER, Kind.RERANKER, Kind.TEXT_ENCODER, Kind.OTHER),
        confidence=0.6,
    ),
    _text(
        "whisper",
        "encoder.conv1.weight",
        "decoder.layers.0.encoder_attn.q_proj.weight",
        kind=Kind.ASR,
    ),
    _text(
        "wav2vec2",
        "wav2vec2.encoder.layers.0.*|feature_extractor.conv_layers.0.conv.weight",
        kind=Kind.AUDIO_ENCODER,
        also_kinds=(Kind.ASR, Kind.CLASSIFIER),
        confidence=0.8,
    ),
)
