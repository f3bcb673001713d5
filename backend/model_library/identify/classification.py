"""What the tensors and the metadata of one model claim: the rules table, applied.

Pure and total: any names, dtypes, shapes and texts give an answer, which may be that nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from model_library.identify.adapters import AdapterFacts, read_adapter
from model_library.identify.claims import Claim
from model_library.identify.embedded import Embedded, read_embedded
from model_library.identify.rules import (
    ADAPTER_BASE_RULES,
    ANY,
    BUNDLED_PARTS,
    CONTROL_RULES,
    MAIN_RULES,
    Match,
    TensorIndex,
)
from model_library.identify.values import MetadataValue, Tensor
from model_library.taxonomy import UNKNOWN_FAMILY, EvidenceMethod, Kind


@dataclass(frozen=True, slots=True)
class Classification:
    """What the tensors and the metadata of one model claim."""

    claims: tuple[Claim, ...]
    embedded: Embedded
    adapter: AdapterFacts | None = None
    names_may_tell_family: bool = True
    """False for language models: the name of a diffusion family says nothing about them."""
    warnings: tuple[str, ...] = ()


def classify(
    tensors: Mapping[str, Tensor], metadata: Mapping[str, MetadataValue]
) -> Classification:
    """What tensors and metadata say, in the order of the rules table: what steers a model, then
    adapters, then models. Pure; never raises."""
    embedded = read_embedded(metadata)
    index = TensorIndex(tensors)
    control = CONTROL_RULES.first_match(index)
    if control is not None:
        return Classification(_rule_claims(control, control.rule.kind), embedded)
    adapter = read_adapter(tensors)
    main = TensorIndex(adapter.rest) if adapter is not None else index
    match = MAIN_RULES.first_match(main)
    if match is not None:
        kind = match.rule.kind
        if kind is Kind.DIFFUSION_MODEL and any(map(main.has_prefix, BUNDLED_PARTS)):
            kind = Kind.CHECKPOINT
        return Classification(
            _rule_claims(match, kind), embedded, names_may_tell_family=ANY not in match.rule.also
        )
    if adapter is not None:
        return _classify_adapter(adapter, embedded)
    return Classification((), embedded)


def _rule_claims(match: Match, kind: Kind) -> tuple[Claim, ...]:
    rule, method = match.rule, EvidenceMethod.TENSOR_KEYS
    claims = [Claim("kind", kind, method, _kind_confidence(match), tuple(rule.also_kinds))]
    if rule.family != UNKNOWN_FAMILY:
        claims.append(Claim("family", rule.family, method, rule.confidence, rule.also))
    if match.variant is not None:
        claims.append(Claim("variant", match.variant, method, rule.confidence))
    return tuple(claims)


def _kind_confidence(match: Match) -> float:
    """What a row is unsure of is the family, unless it names other kinds."""
    return match.rule.confidence if match.rule.also_kinds else 0.95


def _classify_adapter(adapter: AdapterFacts, embedded: Embedded) -> Classification:
    base = ADAPTER_BASE_RULES.first_match(TensorIndex(adapter.modules))
    method = EvidenceMethod.TENSOR_KEYS
    claims = () if base is None else _rule_claims(base, Kind.ADAPTER)
    certain = (
        Claim("kind", Kind.ADAPTER, method, 0.95),
        Claim("adapter_type", adapter.adapter_type, method, 0.95),
    )
    return Classification(
        (*certain, *(claim for claim in claims if claim.field != "kind")),
        embedded,
        adapter=adapter,
        names_may_tell_family=base is None or ANY not in base.rule.also,
        warnings=tuple(_damage(adapter)),
    )


def _damage(adapter: AdapterFacts) -> Iterable[str]:
    if adapter.damaged:
        modules = adapter.damaged + adapter.complete
        yield f"damaged: {adapter.damaged} of {modules} adapted modules lack half of their tensors."
