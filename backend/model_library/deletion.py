"""How a model leaves the catalog: first its links, then its files, then its records. And how a root does.

What is about to happen is in the journal first, so that a deletion that was cut short is finished at the
next start.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final

from model_library.errors import MetadataError, RootConflictError
from model_library.events import ignore
from model_library.io.platform.page_cache import fsync_directory
from model_library.io.platform.renaming import rename_noreplace
from model_library.library import Catalog, Record
from model_library.publishing import EXCLUSIVE_JOB
from model_library.roots import Root
from model_library.settling import settle
from model_library.unlinking import remove_links

DELETE: Final = "delete"
FORGET: Final = "forget"
"""A root that is removed from the library, whose models leave the index with it."""


def discard(catalog: Catalog, record: Record, trash: str) -> None:
    """Take the links of a model away and move its directory to `trash`, a path below the directory of
    its root's metadata. Callers hold `publishing.reconciled` for its place. Raises FileError."""
    payload = {
        "model_id": record.metadata.model_id,
        "root_id": record.root.root_id,
        "location": record.location,
        "trash": trash,
    }
    entries = catalog.registry.begin(EXCLUSIVE_JOB, [(DELETE, payload)])
    try:
        finish_discarding(catalog, payload)
    finally:  # an error is told to the person, who decides; only a crash leaves the entry
        catalog.registry.finish(entries)


def finish_discarding(catalog: Catalog, payload: Mapping[str, Any]) -> None:
    """Do what is left to do of a deletion. Raises FileError."""
    model_id, location = str(payload["model_id"]), str(payload["location"])
    root = catalog.roots.get(str(payload["root_id"]))
    settle(
        catalog, ignore
    )  # of what another process left before it died nobody could say whose it is
    remove_links(catalog, catalog.links.links(model_ids=[model_id]))
    source = root.metadata_directory / location
    target = root.metadata_directory / str(payload["trash"])
    if not os.path.lexists(source) or os.path.lexists(target):
        return
    try:
        if catalog.read_record(root, location).model_id != model_id:
            return  # another model has come to this place meanwhile
    except MetadataError:
        return
    rename_noreplace(source, target)
    fsync_directory(source.parent)
    fsync_directory(target.parent)


def forget_root(catalog: Catalog, root_id: str) -> Root:
    """Forget a root and its models; its files and its marker stay. Raises RootNotFoundError,
    RootConflictError (the home root), LibraryBusyError, IndexDamagedError, FileError."""
    with catalog.exclusive():
        root = catalog.roots.get(root_id)
        if root.home:
            raise RootConflictError("The home root belongs to the library", path=root.path)
        payload = {"root_id": root.root_id}
        entries = catalog.registry.begin(EXCLUSIVE_JOB, [(FORGET, payload)])
        try:
            finish_forgetting(catalog, payload)
        finally:  # as above
            catalog.registry.finish(entries)
    return root


def finish_forgetting(catalog: Catalog, payload: Mapping[str, Any]) -> None:
    """Do what is left to do. A root that is known without its models would be taken for empty until a scan."""
    root_id = str(payload["root_id"])
    catalog.index.remove_root(root_id)
    if catalog.roots.find(root_id) is not None:
        catalog.roots.remove(root_id)
