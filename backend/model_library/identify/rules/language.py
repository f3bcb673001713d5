"""Language models by their tensors alone: a single file without `config.json`.

A configuration or GGUF key always knows better, so these rows give way to any declared family.
The same tensors serve as the text encoder of image models: such files carry their own tokenizer,
were made smaller for that use, or lack the output layer that writes text.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from model_library.identify.rules.row import ANY, Rule, Shape, Variant
from model_library.taxonomy import Kind

_PREFIXES: Final = (
    "model.",
    "",
    "model.language_model.",
    "language_model.model.",
    "language_model.",
    "text_encoder.model.",
    "transformer.",
    "base_model.model.model.",
)
_NORM: Final = "norm.weight|layers.0.input_layernorm.weight"
_HEAD: Final = "^lm_head.*|^language_model.lm_head.*|^output.weight"
_TOKENIZER: Final = "^spiece_model|^tekken_model|^tokenizer_json|^tokenizer.*"
_MADE_FOR_IMAGES: Final = "^scaled_fp8|^model.layers.#.mlp.down_proj.comfy_quant"
_VISION: Final = (
    "^visual.*|^model.visual.*|^vision_tower.*|^model.vision_tower.*|^vision_model.*"
    "|^multi_modal_projector.*"
)
_OTHER_ROLES: Final = (
    Kind.LLM,
    Kind.VLM,
    Kind.TEXT_ENCODER,
    Kind.EMBEDDING_MODEL,
    Kind.RERANKER,
    Kind.CLASSIFIER,
    Kind.ASR,
    Kind.TTS,
    Kind.DRAFT,
    Kind.OTHER,
)


def _llm(
    family: str,
    *needs: str,
    shapes: tuple[Shape, ...] = (),
    forbids: tuple[str, ...] = (),
    variants: tuple[Variant, ...] = (),
) -> Rule:
    return Rule(
        Kind.LLM,
        family,
        needs,
        shapes=shapes,
        forbids=forbids,
        variants=(variants,),
        prefixes=_PREFIXES,
        also=(ANY,),
        also_kinds=_OTHER_ROLES,
        confidence=0.75,
    )


def _roles(row: Rule, encoder_widths: tuple[int, ...]) -> tuple[Rule, ...]:
    """The row as text encoder, as vision language model and as language model, in this order.

    `encoder_widths` are the hidden sizes in which the family is used as a text encoder.
    """
    encoder = replace(row, kind=Kind.TEXT_ENCODER, confidence=0.65)
    headless = replace(
        encoder, shapes=(*row.shapes, (_NORM, 0, encoder_widths)), forbids=(*row.forbids, _HEAD)
    )
    return (
        replace(encoder, needs=(*row.needs, _TOKENIZER), confidence=0.95),
        replace(encoder, needs=(*row.needs, _MADE_FOR_IMAGES)),
        *((headless,) if encoder_widths else ()),
        replace(row, kind=Kind.VLM, needs=(*row.needs, _VISION)),
        row,
    )


_Q: Final = "layers.0.self_attn.q_proj.weight"
_MLP: Final = "layers.0.mlp.gate_proj.weight|layers.0.mlp.gate_proj.qweight"

LANGUAGE_RULES: Final = (
    *_roles(
        _llm(
            "gemma3",
            "layers.0.post_feedforward_layernorm.weight",
            "layers.0.self_attn.q_norm.weight",
        ),
        (1152, 2560, 3840),
    ),
    *_roles(_llm("gemma2", "layers.0.post_feedforward_layernorm.weight"), (2304,)),
    *_roles(
        _llm("qwen2", "layers.0.self_attn.k_proj.bias", _MLP),
        (2048, 3584),
    ),
    *_roles(
        _llm("qwen3_moe", "layers.0.self_attn.q_norm.weight", "layers.0.mlp.experts.0.*"),
        (),
    ),
    *_roles(
        _llm("qwen3", "layers.0.self_attn.q_norm.weight", "layers.0.self_attn.k_norm.weight"),
        (1024, 2560, 4096),
    ),
    *_roles(_llm("mixtral", "layers.0.block_sparse_moe.gate.weight"), ()),
    *_roles(_llm("phi3", "layers.0.self_attn.qkv_proj.weight"), ()),
    # Without its output layer: the encoder of Flux.2. With it nothing tells it from a Llama.
    *_roles(_llm("mistral", _Q, _MLP, shapes=((_NORM, 0, 5120),)), (5120,))[:3],
    *_roles(
        _llm("llama", f"{_Q}|layers.0.self_attn.q_proj.qweight", _MLP),
        (4096,),
    ),
    _llm("gpt_neox", "^gpt_neox.layers.0.attention.query_key_value.weight"),
    _llm("gpt2", "h.0.attn.c_attn.weight", "wte.weight"),
    _llm("falcon", "h.0.self_attention.query_key_value.weight"),
    _llm("mamba", "^backbone.layers.0.mixer.A_log"),
)
