"""Who says what about a model, and who is believed.

Every source of knowledge (tensors, GGUF keys, configuration, metadata, folder and file names) makes
claims. For each field the strongest method wins, in the order of `EvidenceMethod`. A claim that
knows it cannot tell some values apart names them in `also`; then a weaker source may choose one of
these. What was overruled is said in a warning. Everything here is pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from model_library.display_names import display_name
from model_library.identify.rules import ANY, RULES_VERSION
from model_library.identify.values import Evidence
from model_library.taxonomy import EvidenceMethod

_ORDER: Final = {method: position for position, method in enumerate(EvidenceMethod)}
_NAMES: Final = frozenset({EvidenceMethod.FOLDER, EvidenceMethod.FILENAME})
"""Sources that only ever choose among values named outright."""
_WORTH_SAYING: Final = frozenset({EvidenceMethod.GGUF_KV, EvidenceMethod.METADATA})
"""Overruled sources that a warning names: what a file says of itself and does not hold."""
_SOURCES: Final = {
    EvidenceMethod.USER: "The user's settings",
    EvidenceMethod.HASH_LOOKUP: "The pages found by hash",
    EvidenceMethod.TENSOR_KEYS: "The tensors",
    EvidenceMethod.GGUF_KV: "The GGUF keys",
    EvidenceMethod.CONFIG_JSON: "The configuration files",
    EvidenceMethod.METADATA: "The embedded texts",
    EvidenceMethod.SIDECAR: "The sidecar files",
    EvidenceMethod.FOLDER: "The folder names",
    EvidenceMethod.FILENAME: "The file names",
}


@dataclass(frozen=True, slots=True)
class Claim:
    """One source's word about one field. `confidence` is between 0 and 1."""

    field: str
    value: str
    method: EvidenceMethod
    confidence: float
    also: tuple[str, ...] = ()
    """Values that this source cannot tell from `value`; `ANY`: every other."""

    def evidence(self) -> Evidence:
        return Evidence(str(self.value), self.method, self.confidence, RULES_VERSION)


@dataclass(frozen=True, slots=True)
class Resolution:
    """What is believed of each field, and what was overruled."""

    evidence: Mapping[str, Evidence]
    warnings: tuple[str, ...]

    def value(self, field: str) -> str | None:
        found = self.evidence.get(field)
        return None if found is None else found.value


def resolve(claims: Iterable[Claim]) -> Resolution:
    """Decide every field that anything was claimed of."""
    by_field: dict[str, list[Claim]] = {}
    for claim in claims:
        by_field.setdefault(claim.field, []).append(claim)
    evidence, warnings = {}, []
    for field, rivals in by_field.items():
        rivals.sort(key=lambda claim: (_ORDER[claim.method], -claim.confidence))
        chosen = _choose(rivals)
        evidence[field] = chosen.evidence()
        warnings += [
            f"{_SOURCES[claim.method]} name the {field.replace('_', ' ')}"
            f" {display_name(field, claim.value)};"
            f" {_SOURCES[chosen.method].replace('The', 'the')} show"
            f" {display_name(field, chosen.value)}."
            for claim in rivals
            if _contradicts(claim, chosen)
        ]
    return Resolution(evidence, tuple(dict.fromkeys(warnings)))


def _choose(rivals: list[Claim]) -> Claim:
    """The strongest claim, or the next strongest that it leaves the choice to."""
    strongest = rivals[0]
    if not strongest.also:
        return strongest
    for claim in rivals[1:]:
        if claim.value == strongest.value:
            return max(strongest, claim, key=lambda c: c.confidence)
        if _may_choose(claim, strongest.also):
            return claim
    return strongest


def _may_choose(claim: Claim, also: tuple[str, ...]) -> bool:
    return claim.value in also or (ANY in also and claim.method not in _NAMES)


def _contradicts(claim: Claim, chosen: Claim) -> bool:
    return (
        claim.method in _WORTH_SAYING
        and claim.value != chosen.value
        and chosen.value not in claim.also
        and _ORDER[claim.method] > _ORDER[chosen.method]
    )
