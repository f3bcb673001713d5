"""What is derived of a model does not depend on who parsed its document."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from model_library.metadata import dump_metadata, fields_of, parse_metadata
from model_library.search.derive import derive
from tests.search.library import record

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
DIGEST = "0a1b2c3d" * 8


def metadata(**fields: Any) -> dict[str, Any]:
    """A complete document with one weight file."""
    file = {"path": "SDXL_vae-fp16.safetensors", "size": 7, "sha256": DIGEST, "blake3": DIGEST}
    return {
        "model_id": "sdxl-vae-0a1b2c3d",
        "official_name": "SDXL VAE",
        "slug": "sdxl-vae",
        "form": "single-file",
        "container": "safetensors",
        "files": [file | {"original_name": "sdxl.vae.safetensors", "role": "weight"}],
        "content_digest": DIGEST,
        "size": 7,
        "security": {"tier": "safe-format", "scanner": "1", "date": "2026-01-01T00:00:00Z"},
        "added": "2026-01-01T00:00:00+02:00",
        "updated": "2026-01-02T00:00:00.5Z",
        "placement": "copy",
    } | fields


@given(
    official_name=TEXT.filter(bool),
    slug=TEXT,
    kind=st.sampled_from(["checkpoint", "vae", "unknown"]),
    adapter_type=st.sampled_from(["lora", None]),
    variant=st.none() | TEXT,
    precision=st.none() | TEXT,
    license=st.none() | TEXT,
    description=st.none() | TEXT,
    notes=st.none() | TEXT,
    tags=st.lists(TEXT, max_size=3),
    tasks=st.lists(TEXT, max_size=2),
    trigger_words=st.lists(TEXT, max_size=2),
    sources=st.lists(st.builds(dict, provider=TEXT, repo=st.none() | TEXT), max_size=2),
)
def test_fields_that_are_handed_on_give_the_same_as_the_document_itself(**fields: Any) -> None:
    data = json.dumps(metadata(**fields)).encode()
    parsed = parse_metadata(data, Path("metadata.json"))
    written = record(json.loads(dump_metadata(parsed)))
    assert derive(replace(written, parsed=fields_of(parsed))) == derive(written)
