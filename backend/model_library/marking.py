"""Marks: what a person says about a model takes the place of what was found out, which is kept beside it.

Pure: both functions change a document that was dumped from metadata.json and not yet written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from model_library.taxonomy import EvidenceMethod

_IDENTITY: Final = frozenset({"kind", "adapter_type", "family", "variant", "lineage", "tasks"})
"""What a model is: fields that have evidence."""
TOGETHER: Final = frozenset({"kind", "adapter_type"})
"""One statement about a model, made of two fields."""
_REQUIRED: Final = "official_name"


def mark(document: dict[str, Any], changes: Mapping[str, Any]) -> None:
    """Set fields by hand. The first time, what was found automatically goes into `automatic`."""
    marked = set(document["user_set"])
    for name, value in changes.items():
        if name not in marked:
            keep_automatic(document, name)
        document[name] = value
        if name in _IDENTITY:
            document["evidence"][name] = {
                "value": ", ".join(value) if isinstance(value, list) else str(value or ""),
                "method": EvidenceMethod.USER.value,
                "confidence": 1.0,
                "rules_version": 0,
            }
    document["user_set"] = sorted(marked | changes.keys())


def keep_automatic(document: dict[str, Any], name: str) -> None:
    """Keep the value of a field, and why it has it, before something else takes its place."""
    why = document["evidence"].get(name)
    document["automatic"][name] = {"value": document.get(name), "evidence": why}


def unmark(document: dict[str, Any], names: Iterable[str]) -> None:
    """Take back what was set by hand: the value that was found automatically returns, and where none
    was kept, the field is empty or `unknown`; a name stays."""
    wanted = set(names)
    if wanted & TOGETHER:
        wanted |= TOGETHER & (set(document["user_set"]) | document["automatic"].keys())
    for name in wanted:
        kept = document["automatic"].pop(name, None)
        document["evidence"].pop(name, None)
        if kept is not None:
            document[name] = kept["value"]
            if kept["evidence"] is not None:
                document["evidence"][name] = kept["evidence"]
        elif name != _REQUIRED:
            document.pop(name, None)
    document["user_set"] = sorted(set(document["user_set"]) - wanted)
