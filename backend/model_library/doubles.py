"""Doubles: model directories that carry the id of another one, as a copy made by hand does.

The index holds one directory for each id. Whoever is about to change or take away a model asks here first,
because it could be the other directory that the user means.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from model_library.errors import MetadataError, ModelTwiceError
from model_library.library import Catalog, Record
from model_library.metadata import MAX_METADATA_BYTES, METADATA_NAME, parse_metadata
from model_library.store import read_document, stamp_of

Strangers = Mapping[str, Sequence[Path]]


def require_single(catalog: Catalog, record: Record, others: Strangers | None = None) -> None:
    """Raises ModelTwiceError when another directory of a root that is online carries the model's id.

    Whoever asks for many models looks once, with `strangers`, and gives what was found as `others`.
    """
    model_id = record.metadata.model_id
    for directory in (strangers(catalog) if others is None else others).get(model_id, ()):
        if directory != record.directory:
            raise ModelTwiceError(
                f"Two directories carry the id {model_id}: {record.directory} and {directory}",
                path=directory,
            )


def strangers(catalog: Catalog) -> Strangers:
    """The model directories that the index does not know, by the id that they carry.

    All directories are walked and only these are read: about a second for 100,000 models on a local disk.
    """
    found: dict[str, list[Path]] = {}
    for directory in _unknown_models(catalog):
        model_id = _id_at(directory)
        if model_id is not None:
            found.setdefault(model_id, []).append(directory)
    return found


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
