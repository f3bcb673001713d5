"""Descriptions of models as values, for tests of what is pure."""

from __future__ import annotations

import hashlib
from typing import Any

from model_library.metadata import ModelMetadata
from model_library.taxonomy import (
    Container,
    FileRole,
    ModelForm,
    PlacedBy,
    SecurityTier,
)


def sha256_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def file_fields(name: str, size: int = 1000, content: str = "ours", **more: Any) -> dict[str, Any]:
    """A weight as metadata.json describes it; its hash is that of `content`."""
    return {
        "path": name,
        "size": size,
        "sha256": sha256_of(content),
        "blake3": sha256_of("b3" + content),
        "original_name": name,
        "role": FileRole.WEIGHT,
    } | more


def described(*files: dict[str, Any], **fields: Any) -> ModelMetadata:
    """A model with these files (one `flux1-dev.safetensors` without any) and these fields."""
    held = files or (file_fields("flux1-dev.safetensors"),)
    name = str(held[0]["original_name"])
    document: dict[str, Any] = {
        "model_id": "model-0123abcd",
        "official_name": name.rpartition("/")[2].rpartition(".")[0],
        "slug": "model",
        "form": ModelForm.SINGLE_FILE if len(held) == 1 else ModelForm.SHARDED_SET,
        "container": Container.SAFETENSORS,
        "files": held,
        "content_digest": sha256_of("digest"),
        "size": sum(int(file["size"]) for file in held),
        "security": {
            "tier": SecurityTier.SAFE_FORMAT,
            "scanner": "t",
            "date": "2026-01-01T00:00:00Z",
        },
        "added": "2026-01-01T00:00:00Z",
        "updated": "2026-01-01T00:00:00Z",
        "placement": PlacedBy.COPY,
        "origin_path": f"/somewhere/{name}",
    }
    return ModelMetadata.model_validate(document | fields)
