"""Documents and records for the tests of the search."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from model_library.search.fts5 import IndexRecord, ModelIndex
from model_library.search.query import parse_query

ROOT = "5f0c6a3e-6f5e-4c9e-9a53-0d6a4b1f2c11"
OTHER_ROOT = "77aa11bb-0000-4000-8000-123456789abc"


def document(name: str, **fields: Any) -> dict[str, Any]:
    """A metadata document with one weight file named like the model."""
    slug = name.lower().replace(" ", "-").replace("_", "-").replace(".", "-")
    file = {
        "path": f"{name.replace(' ', '_')}.safetensors",
        "size": 1000,
        "sha256": None,
        "blake3": None,
        "role": "weight",
    }
    return {
        "model_id": f"{slug}-0a1b2c3d",
        "official_name": name,
        "slug": slug,
        "kind": "checkpoint",
        "files": [file],
        "added": "2026-01-01T00:00:00Z",
        "updated": "2026-01-01T00:00:00Z",
        **fields,
    }


def record(fields: Mapping[str, Any], **changes: Any) -> IndexRecord:
    """The record of a document; `changes` are fields of the record."""
    values: dict[str, Any] = {
        "model_id": fields["model_id"],
        "root_id": ROOT,
        "location": f"any/place/{fields['model_id']}",
        "metadata_mtime_ns": 1_700_000_000_000_000_000,
        "metadata_size": 2000,
        "document": json.dumps(fields, ensure_ascii=False),
        "state": "online",
    }
    return IndexRecord(**(values | changes))


def model(name: str, **fields: Any) -> IndexRecord:
    return record(document(name, **fields))


def names(rows: Iterable[IndexRecord]) -> list[str]:
    return [json.loads(row.document)["official_name"] for row in rows]


def found(index: ModelIndex, query: str, **options: Any) -> list[str]:
    """Names of the models that a query finds, in order."""
    page = index.search(parse_query(query), **({"limit": 100} | options))
    assert not page.total_is_exact or page.total >= len(page.rows)
    return names(page.rows)


def filled(path: Path, *records: IndexRecord) -> ModelIndex:
    index = ModelIndex.create(path)
    index.put(records)
    return index
