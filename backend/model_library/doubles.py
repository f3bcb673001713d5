"""Doubles: model directories that carry the id of another one, as a copy made by hand does.

The index holds one directory for each id. Whoever is about to change or take away a model asks here first,
because it could be the other directory that the user means.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from model_library.errors import MetadataError, ModelTwiceError
from model_library.library import Catalog, Record
from model_library.metadata import MAX_METADATA_BYTES, METADATA_NAME, parse_metadata
from model_library.store import read_document, stamp_of


def require_single(catalog: Catalog, record: Record) -> None:
    """Raises ModelTwiceError when another directory of a root that is online carries the model's id.

    Only directories that the index does not know are read: about a second for 100,000 models on a local disk.
    """
    model_id = record.metadata.model_id
    for directory in _unknown_models(catalog):
        if directory != record.directory and _id_at(directory) == model_id:
            raise ModelTwiceError(
                f"Two directories carry the id {model_id}: {record.directory} and {directory}",
                path=directory,
            )


def _unknown_models(catalog: Catalog) -> Iterator[Path]:
    for root in catalog.roots:
        if root.online and root.metadata_directory.is_dir():
            known = {entry.location for entry in catalog.index.entries(root.root_id)}
            for location in _model_directories(str(root.metadata_directory)):
                if location not in known:
                    yield root.metadata_directory / location


def _model_directories(base: str) -> Iterator[str]:
    """Directories with a metadata.json below a root, relative to it; names that begin with '.' are ours."""
    waiting = [""]
    while waiting:
        place = waiting.pop()
        for name in _subdirectories(f"{base}/{place}"):
            location = f"{place}/{name}" if place else name
            if stamp_of(f"{base}/{location}/{METADATA_NAME}") is None:
                waiting.append(location)
            else:
                yield location


def _subdirectories(path: str) -> list[str]:
    try:
        with os.scandir(path) as entries:
            return [
                entry.name
                for entry in entries
                if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False)
            ]
    except OSError:
        return []  # what cannot be read holds no model that could be deleted instead


def _id_at(directory: Path) -> str | None:
    path = directory / METADATA_NAME
    try:
        return parse_metadata(read_document(path, MAX_METADATA_BYTES)[0], path).model_id
    except MetadataError:
        return None  # reported by every scan
