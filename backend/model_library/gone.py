"""Models whose directory was deleted by hand, or by another program: what the library still knows of them.

A scan takes such a model out of the index, because nothing is there any more. So that nobody misses it without
a word, it is remembered in `registry.db` until it is there again or a person says to forget it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model_library.errors import AmbiguousModelIdError
from model_library.library import METADATA_NAME, Catalog
from model_library.store import stamp_of
from model_library.taxonomy import ModelState

if TYPE_CHECKING:
    from model_library.search.records import IndexRecord


@dataclass(frozen=True, slots=True)
class Gone:
    """A model that is not where it was."""

    model_id: str
    official_name: str
    root_id: str
    location: str
    """Where its metadata.json was, relative to the directory of its root's metadata."""
    content_digest: str
    size: int
    """Bytes of all its files."""

    def directory(self, catalog: Catalog) -> Path | None:
        """Where it was, None when its root was removed from the library since."""
        root = catalog.roots.find(self.root_id)
        return None if root is None else root.metadata_directory / self.location


def is_gone(catalog: Catalog, row: IndexRecord) -> bool:
    """Whether a model's directory is not where the index has it, or holds neither its metadata.json nor all that
    it needs. What is in a root that is offline is not gone, and a metadata.json alone is written back by a scan.
    """
    root = catalog.roots.find(row.root_id)
    if root is None or not root.online:
        return False
    directory = root.metadata_directory / row.location
    if stamp_of(directory / METADATA_NAME) is not None:
        return False
    if not directory.is_dir():
        return True
    return catalog.files_state(row, json.loads(row.document)) == ModelState.MISSING


def gone_rows(catalog: Catalog) -> list[IndexRecord]:
    """The models of the index that are gone now. Costs one look for each model. Raises IndexDamagedError."""
    tops = {root.root_id: root.metadata_directory for root in catalog.roots if root.online}
    absent = [
        entry.model_id
        for entry in catalog.index.entries()
        if entry.root_id in tops
        and stamp_of(f"{tops[entry.root_id]}/{entry.location}/{METADATA_NAME}") is None
    ]
    rows = [catalog.index.get(model_id) for model_id in absent]
    return [row for row in rows if row is not None and is_gone(catalog, row)]


def described(row: IndexRecord) -> Gone:
    document: dict[str, Any] = json.loads(row.document)
    return Gone(
        row.model_id,
        str(document["official_name"]),
        row.root_id,
        row.location,
        str(document["content_digest"]),
        int(document["size"]),
    )


def note_gone(catalog: Catalog, rows: Iterable[IndexRecord]) -> list[Gone]:
    """Remember models before the index forgets them; those that are there again are forgotten here."""
    gone = [described(row) for row in rows]
    if catalog.read_only:
        return gone
    back = [one.model_id for one in _noted(catalog) if _is_back(catalog, one)]
    if gone or back:
        with catalog.registry.transaction() as connection:
            _forget(connection, back)
            connection.executemany(
                "INSERT INTO gone_models (model_id, official_name, root_id, location, content_digest,"
                " size) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (model_id) DO UPDATE SET"
                " official_name = excluded.official_name, root_id = excluded.root_id,"
                " location = excluded.location, content_digest = excluded.content_digest,"
                " size = excluded.size",
                [
                    (
                        one.model_id,
                        one.official_name,
                        one.root_id,
                        one.location,
                        one.content_digest,
                        one.size,
                    )
                    for one in gone
                ],
            )
    return gone


def noted_gone(catalog: Catalog) -> list[Gone]:
    """The models that scans found gone and that are not in the library again, the latest last."""
    return [one for one in _noted(catalog) if not _is_back(catalog, one)]


def find_gone(catalog: Catalog, prefix: str) -> Gone | None:
    """The noted model of an id or its beginning, None where there is none. Raises AmbiguousModelIdError."""
    wanted = prefix.strip().lower()
    found = {
        one.model_id: one for one in noted_gone(catalog) if one.model_id.startswith(wanted or "?")
    }
    if len(found) > 1 and wanted not in found:
        raise AmbiguousModelIdError(f"{prefix!r} is the beginning of {', '.join(sorted(found))}")
    return found.get(wanted) or next(iter(found.values()), None)


def forget_gone(catalog: Catalog, model_id: str) -> None:
    """Let nobody be told any more that a model is gone."""
    with catalog.registry.transaction() as connection:
        _forget(connection, [model_id])


def _forget(connection: sqlite3.Connection, model_ids: Iterable[str]) -> None:
    connection.executemany(
        "DELETE FROM gone_models WHERE model_id = ?", [(one,) for one in model_ids]
    )


def _noted(catalog: Catalog) -> list[Gone]:
    rows = catalog.registry.rows(
        "SELECT model_id, official_name, root_id, location, content_digest, size FROM gone_models"
        " ORDER BY rowid"
    )
    return [Gone(*row) for row in rows]


def _is_back(catalog: Catalog, gone: Gone) -> bool:
    """Whether a model of this id or of this content is in the library, and not gone itself."""
    known = catalog.index.get(gone.model_id)
    if known is None:
        other = catalog.index.by_content_digest(gone.content_digest)
        known = None if other is None else catalog.index.get(other)
    return known is not None and not is_gone(catalog, known)
