"""The rules table: which tensors tell which family, one row a family (docs/identify-rules.md).

`RULES_VERSION` is part of every evidence. It is raised whenever a row is added or changed, so that
a library can tell which of its answers an older table gave.
"""

from __future__ import annotations

from typing import Final

from model_library.identify.rules.adapter_bases import ADAPTER_BASE_RULES
from model_library.identify.rules.controls import CONTROL_RULES
from model_library.identify.rules.encoders import ENCODER_RULES
from model_library.identify.rules.images import IMAGE_RULES
from model_library.identify.rules.language import LANGUAGE_RULES
from model_library.identify.rules.matching import Match, RuleTable, TensorIndex
from model_library.identify.rules.restorers import RESTORER_RULES
from model_library.identify.rules.row import ANY, Rule, Shape, Variant
from model_library.identify.rules.unets import UNET_RULES
from model_library.identify.rules.vaes import VAE_RULES
from model_library.identify.rules.videos import VIDEO_RULES

RULES_VERSION: Final = 1

MAIN_RULES: Final = RuleTable(
    (
        *UNET_RULES,
        *IMAGE_RULES,
        *VIDEO_RULES,
        *RESTORER_RULES,
        *VAE_RULES,
        *ENCODER_RULES,
        *LANGUAGE_RULES,
    )
)
"""Everything that is a model of its own. Adapters and controls are looked for before."""

BUNDLED_PARTS: Final = (
    "first_stage_model.",
    "cond_stage_model.",
    "conditioner.",
    "vae.",
    "text_encoder.",
    "text_encoder_2.",
    "text_encoders.",
)
"""Beginnings of the names of an autoencoder or text encoder beside a diffusion model: with one of
them the file is a checkpoint."""

__all__ = [
    "ADAPTER_BASE_RULES",
    "ANY",
    "BUNDLED_PARTS",
    "CONTROL_RULES",
    "MAIN_RULES",
    "RULES_VERSION",
    "Match",
    "Rule",
    "RuleTable",
    "Shape",
    "TensorIndex",
    "Variant",
]
