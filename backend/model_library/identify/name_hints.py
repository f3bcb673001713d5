"""What the names of folders and of the file suggest about a model: the weakest claims.

They decide only what nothing in the file tells, or choose among what the tensors cannot tell apart.
"""

from __future__ import annotations

from collections.abc import Iterable

from model_library.identify.claims import Claim, Resolution
from model_library.identify.embedded import lineage_of
from model_library.identify.rules import RULES_VERSION
from model_library.identify.rules.hints import (
    FAMILY_WORDS,
    FOLDER_KINDS,
    VARIANT_HINTS,
    VariantHint,
)
from model_library.identify.values import Evidence, ModelGroup
from model_library.taxonomy import EvidenceMethod

_FOLDERS_ABOVE = 4
"""How far above a file a folder name may still say something about it."""

Names = tuple[tuple[str, EvidenceMethod], ...]


def names_of(group: ModelGroup) -> Names:
    """Lower-case names that may say something, the nearest first: folders, then the file."""
    parts = [part.lower() for part in group.base.parts[-_FOLDERS_ABOVE:]]
    folders = tuple((part, EvidenceMethod.FOLDER) for part in reversed(parts))
    return (*folders, (group.name.lower(), EvidenceMethod.FILENAME))


def kind_hints(names: Names) -> Iterable[Claim]:
    for name, method in names:
        if method is EvidenceMethod.FOLDER and name in FOLDER_KINDS:
            yield Claim("kind", FOLDER_KINDS[name], method, 0.4)


def family_hints(names: Names) -> Iterable[Claim]:
    for name, method in names:
        family = next((family for word, family in FAMILY_WORDS if word.search(name)), None)
        if family is not None:
            yield Claim("family", family, method, 0.35)


def lineage_hints(names: Names) -> Iterable[Claim]:
    for name, method in names:
        lineage = lineage_of(name)
        if lineage is not None:
            yield Claim("lineage", lineage, method, 0.35)


def exact_variant(resolution: Resolution, names: Names) -> Evidence | None:
    known = resolution.evidence.get("variant")
    value = None if known is None else known.value
    family = resolution.value("family")
    for hint in VARIANT_HINTS:
        if hint.family == family and _applies(hint, value):
            for name, method in names:
                if hint.pattern.search(name):
                    more = hint.variant if hint.over or value is None else f"{value}_{hint.variant}"
                    return Evidence(more, method, 0.5, RULES_VERSION)
    return known


def _applies(hint: VariantHint, variant: str | None) -> bool:
    return variant in hint.over if hint.over is not None else True
