"""What a Hugging Face cache proves of its files: large ones are named by their SHA-256 (model-facts 1.7).

    models--org--name/snapshots/<commit>/<path> -> ../../blobs/<sha256>
    models--org--name/blobs/<sha256>            a file, or since 1.32 a link into the store that repositories share

The client that fills it compares sizes and, of Xet files, chunks; so this is its word, which `verify` checks.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any, Final

from model_library.io.files import read_regular
from model_library.io.hashing import FileDigests

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_SNAPSHOT: Final = re.compile(
    r"(?P<repo>.*/models--[^/]+)/snapshots/(?P<commit>[^/]+)/(?P<file>.+)"
)
_MAX_TREE: Final = 32 * 1024**2
"""Bytes of a listing; 10,000 files take about 2 MB."""


def cached_digests(path: Path) -> FileDigests | None:
    """Size and SHA-256 of a file in a cache by its name there, or None: it is in none, it is a small file (named
    by git's own hash), or its size is not the one that the cache noted."""
    named = _named(path)
    if named is None:
        return None
    try:
        size = path.stat().st_size
    except OSError:
        return None  # whoever reads the file says what is wrong
    if size != _noted_size(path, size):
        return None
    return FileDigests(size, named, None, None)


def _named(path: Path) -> str | None:
    """The SHA-256 that the blob of a repository is named by, which the path is or leads to."""
    blob = path
    if not _is_blob(blob):
        try:
            blob = Path(os.path.normpath(path.parent / os.readlink(path)))  # noqa: PTH115 - text
        except OSError:
            return None  # no link
    return blob.name if _is_blob(blob) else None


def _is_blob(path: Path) -> bool:
    repo = path.parent.parent
    inside = path.parent.name == "blobs" and repo.name.startswith("models--")
    return inside and _SHA256.fullmatch(path.name) is not None and (repo / "snapshots").is_dir()


def _noted_size(path: Path, size: int) -> int:
    """The size that the listing of the snapshot has of it; where there is none, the one it has."""
    place = _SNAPSHOT.fullmatch(path.as_posix())
    if place is None:
        return size
    listing = Path(place["repo"], "trees", f"{place['commit']}.json")
    try:
        known: Any = json.loads(read_regular(listing, _MAX_TREE))
        noted = known["files"][place["file"]]
        found = noted.get("lfs_size") or noted["size"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return size  # older clients wrote no listing; a larger one, or a pipe, is none
    return found if isinstance(found, int) else size
