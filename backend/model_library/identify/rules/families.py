"""Which families make pictures, videos or sound by diffusion: read off the tables, so that a new row is
enough. An adapter of any other family changes a language model and has no place in an image application.
"""

from __future__ import annotations

from functools import cache

from model_library.identify.rules import ADAPTER_BASE_RULES, CONTROL_RULES, MAIN_RULES
from model_library.identify.rules.declared import (
    DECLARED_FAMILIES,
    GGUF_DIFFUSION,
    PIPELINE_FAMILIES,
)
from model_library.taxonomy import UNKNOWN_FAMILY, Kind

_MADE_OF_DIFFUSION = frozenset({Kind.DIFFUSION_MODEL, Kind.CHECKPOINT, Kind.MOTION_MODULE})


@cache
def diffusion_families() -> frozenset[str]:
    """All families of diffusion models that any rule or table names."""
    rows = [rule for rule in MAIN_RULES if rule.kind in _MADE_OF_DIFFUSION]
    named = {family for rule in rows for family in (rule.family, *rule.also)}
    named |= {rule.family for rule in (*ADAPTER_BASE_RULES, *CONTROL_RULES)}
    named |= {family for _, family in (*DECLARED_FAMILIES, *PIPELINE_FAMILIES)}
    named |= set(GGUF_DIFFUSION.values())
    return frozenset(named) - {UNKNOWN_FAMILY, "*"}
