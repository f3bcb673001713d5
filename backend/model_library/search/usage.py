"""How much of each kind, adapter type, family and root there is, from the rows alone: no document is read."""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import dataclass

from model_library.search.facets import facet_number

_FIELDS = ("kind", "adapter_type", "family")


@dataclass(frozen=True, slots=True)
class Usage:
    """Models of one sort in one root; `bytes` of all their files."""

    kind: str
    adapter_type: str | None
    family: str
    root_id: str
    models: int
    bytes: int


def usage(connection: sqlite3.Connection) -> list[Usage]:
    """Every sort that there is, the largest first. Reads one row of every model."""
    known = {
        number: (field, value)
        for number, field, value in connection.execute(
            "SELECT id, field, value FROM facets WHERE field IN (?, ?, ?)", _FIELDS
        )
    }
    models: Counter[tuple[str | None, ...]] = Counter()
    size: Counter[tuple[str | None, ...]] = Counter()
    rows = connection.execute(
        "SELECT m.facets, r.value, COUNT(*), SUM(m.size) FROM models AS m"
        " JOIN facets AS r ON r.id = m.root GROUP BY m.facets, r.value"
    )
    for words, root_id, count, total in rows:
        said = dict(
            known[number] for word in words.split() if (number := facet_number(word)) in known
        )
        sort = (*(said.get(field) for field in _FIELDS), root_id)
        models[sort] += count
        size[sort] += total
    found = [
        Usage(kind or "", adapter_type, family or "", root_id or "", models[sort], size[sort])
        for sort in models
        for kind, adapter_type, family, root_id in [sort]
    ]
    return sorted(found, key=lambda one: (-one.bytes, one.kind, one.family, one.root_id))
