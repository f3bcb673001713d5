"""Pictures of models: only what is an image by its first bytes, and small enough for a page."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from model_library.errors import FileError, LinkError, UnsafeNameError
from model_library.io.inside import Inside

MOST_BYTES: Final = 32 * 1024**2
_SIGNATURES: Final = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypavif", "image/avif"),
)
"""Offset, bytes and type. No SVG: it can hold scripts."""


def image_type(data: bytes) -> str | None:
    """The media type of a picture, None for anything else."""
    for offset, signature, media_type in _SIGNATURES:
        if data[offset : offset + len(signature)] == signature:
            return media_type
    return None


def read_preview(model: Mapping[str, Any]) -> tuple[bytes, str] | None:
    """Bytes and media type of the picture that a model names; None when it has none that can be shown. A
    symlink is not followed: it could lead anywhere."""
    if model["preview"] is None or model["path"] is None:
        return None
    try:
        with ExitStack() as opened:
            directory = opened.enter_context(Inside.open(_directory(model)))
            descriptor = directory.open_file(model["preview"])
            data = opened.enter_context(os.fdopen(descriptor, "rb")).read(MOST_BYTES + 1)
    except (FileError, LinkError, UnsafeNameError, OSError):
        return None
    media_type = image_type(data)
    return None if media_type is None or len(data) > MOST_BYTES else (data, media_type)


def _directory(model: Mapping[str, Any]) -> Path:
    """Where the files of a model lie: `path` is the file itself where there is only one."""
    path = Path(model["path"])
    weights = [file["path"] for file in model["files"] if file["role"] == "weight"]
    if path.is_dir() or not weights:
        return path
    return path.parents[len(Path(weights[0]).parts) - 1]
