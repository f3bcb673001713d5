"""The trash of the roots: which deleted models can still be brought back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from model_library.errors import MetadataError
from model_library.library import MAX_METADATA_BYTES, METADATA_NAME, Catalog
from model_library.roots import Root
from model_library.store import TRASH, read_document

if TYPE_CHECKING:
    from model_library.metadata import ModelMetadata

PURGING: Final = ".purging"
"""Suffix of a directory in the trash whose deletion has begun: it is never restored, only finished."""


@dataclass(frozen=True, slots=True)
class Trashed:
    """One model in the trash of a root."""

    metadata: ModelMetadata
    root: Root
    directory: Path

    @property
    def deleted(self) -> str:
        """The day on which it was deleted, UTC: `2026-01-31`."""
        return self.directory.parent.name

    @property
    def frees(self) -> int:
        """Bytes that a purge frees: with what was written about the model, without files that are only referenced."""
        return sum(path.stat().st_size for path in self.directory.rglob("*") if path.is_file())


def trashed_ids(catalog: Catalog) -> frozenset[str]:
    return frozenset(trashed.metadata.model_id for trashed in trashed_models(catalog))


def trashed_models(catalog: Catalog) -> Iterator[Trashed]:
    """Every restorable model in the trash of the roots that are online, newest first."""
    for root in catalog.roots:
        trash = root.metadata_directory / TRASH
        if not root.online or not trash.is_dir():
            continue
        for path in sorted(trash.glob(f"*/*/{METADATA_NAME}"), reverse=True):
            linked = path.parent.is_symlink() or path.parent.parent.is_symlink()
            if linked or path.parent.name.endswith(PURGING):
                continue  # what a link leads to is not ours
            from model_library.metadata import parse_metadata

            try:
                metadata = parse_metadata(read_document(path, MAX_METADATA_BYTES)[0], path)
            except MetadataError:
                continue  # cannot be restored by id; the files stay where they are
            yield Trashed(metadata, root, path.parent)
