"""Delete and restore: a model leaves the catalog into the trash of its root and comes back whole.

Deleting is one rename inside the root; only a purge frees space. The files of a referenced model belong to
the user: deleting one forgets the record and touches no file of it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from model_library.deletion import discard
from model_library.doubles import require_single
from model_library.errors import (
    AmbiguousModelIdError,
    FileError,
    LinkConflictError,
    ModelNotFoundError,
    RecordChangedError,
    TargetExistsError,
)
from model_library.events import ignore
from model_library.gone import find_gone, forget_gone, is_gone, note_gone
from model_library.io.files import TEMPORARY_PREFIX, make_directory
from model_library.io.platform.page_cache import fsync_directory
from model_library.io.platform.renaming import rename_noreplace
from model_library.library import OWN_FILES, Catalog
from model_library.publishing import EXCLUSIVE_JOB, PURGE, free_place, reconciled, remove_tree
from model_library.roots import Root
from model_library.settling import settle
from model_library.store import TRASH
from model_library.taxonomy import LinkMethod
from model_library.trashcan import PURGING, Trashed, trashed_models
from model_library.unlinking import remove_links


@dataclass(frozen=True, slots=True)
class Deleted:
    """What a delete did: where the model went, or how many bytes a purge freed. Neither: nothing was there
    any more, and it was forgotten."""

    model_id: str
    trash: Path | None
    freed: int
    kept: Path | None = None
    """Of a purge: where files are now that lay in the directory of the model and are none of its own."""


def delete(catalog: Catalog, model_id: str, *, purge: bool) -> Deleted:
    """Move a model to the trash, and with `purge` delete it from there.

    Raises ModelNotFoundError, AmbiguousModelIdError, RootOfflineError, ModelTwiceError, MetadataError,
    RecordChangedError, FileError. A model
    that is in the trash already can be purged by the same call; one whose directory is gone is forgotten.
    """
    catalog.make_room()
    try:
        indexed = catalog.refreshed(catalog.indexed(model_id))
    except ModelNotFoundError:
        gone = find_gone(catalog, model_id)
        if gone is not None:
            return _forget(catalog, gone.model_id)
        if not purge:
            raise
        return purge_trashed(catalog, find_trashed(catalog, model_id))
    record = catalog.record_of(indexed)
    record.root.require_online()
    require_single(catalog, record)
    if is_gone(catalog, indexed):
        return _forget(catalog, indexed.model_id)
    base = record.root.metadata_directory
    with reconciled(catalog, record.root, [record.location]):
        catalog.require_unchanged(indexed)
        target = _trash_place(record.root, record.directory.name)
        discard(catalog, record, target.relative_to(base).as_posix())
        _remove_empty_parents(record.directory.parent, base)
    catalog.registry.forget_verification(record.metadata.model_id)
    trashed = Trashed(record.metadata, record.root, target)
    if purge:
        return purge_trashed(catalog, trashed)
    return Deleted(record.metadata.model_id, target, 0)


def _forget(catalog: Catalog, model_id: str) -> Deleted:
    """Forget a model of which nothing is there; its links lead nowhere and go with it. No file is touched."""
    with catalog.exclusive():
        row = catalog.index.get(model_id)
        if row is not None and not is_gone(catalog, row):
            raise RecordChangedError(f"{model_id} is there again", hint="Delete it once more.")
        settle(catalog, ignore)
        _require_no_last_copy(catalog, model_id)
        remove_links(catalog, catalog.links.links(model_ids=[model_id]))
        catalog.index.remove([model_id])
        forget_gone(catalog, model_id)
    catalog.registry.forget_verification(model_id)
    return Deleted(model_id, None, 0)


def _require_no_last_copy(catalog: Catalog, model_id: str) -> None:
    """Raises LinkConflictError while a hard link in an application is all that is left of the bytes."""
    apps = {app.app_id: app for app in catalog.links.apps()}
    for link in catalog.links.links(model_ids=[model_id]):
        path = apps[link.app_id].path / link.target
        if link.method is LinkMethod.HARD_LINK and _inode_of(path) == link.inode:
            raise LinkConflictError(
                f"An application has the last copy of {model_id}",
                path=path,
                hint="Import it: then it is in the library again.",
            )


def _inode_of(path: Path) -> int | None:
    try:
        return path.lstat().st_ino
    except OSError:  # nothing is there, or the application is away
        return None


def restore(catalog: Catalog, model_id: str) -> str:
    """Bring a model back from the trash to its place; returns its id.

    Raises ModelNotFoundError (not in the trash of a root that is online), AmbiguousModelIdError,
    TargetExistsError (the library has a model of the same content again), FileError.
    """
    trashed = find_trashed(catalog, model_id)
    known = catalog.index.by_content_digest(trashed.metadata.content_digest)
    row = None if known is None else catalog.index.get(known)
    if row is not None and not is_gone(catalog, row):
        raise TargetExistsError(
            f"The library has the same content again as {known}",
            path=trashed.directory,
            hint=f"Nothing needs restoring. `delete {trashed.metadata.model_id} --from-trash` frees"
            " the space of the copy in the trash.",
        )
    place = free_place(trashed.metadata, trashed.root, set())
    target = trashed.root.metadata_directory / place
    with reconciled(catalog, trashed.root, [place]):
        make_directory(target.parent)
        rename_noreplace(trashed.directory, target)
        fsync_directory(target.parent)
        if row is not None and row.model_id != trashed.metadata.model_id:
            note_gone(catalog, [row])
            catalog.index.remove([row.model_id])
    return trashed.metadata.model_id


def find_trashed(catalog: Catalog, prefix: str) -> Trashed:
    """The newest trashed model of an id or its beginning."""
    found: dict[str, Trashed] = {}
    for trashed in trashed_models(catalog):
        if trashed.metadata.model_id.startswith(prefix.strip().lower() or "?"):
            found.setdefault(trashed.metadata.model_id, trashed)
    if not found:
        raise ModelNotFoundError(
            f"No model in the trash has an id that begins with {prefix!r}",
            hint="`model-library list --trash` shows what can be restored.",
        )
    if len(found) > 1 and prefix not in found:
        raise AmbiguousModelIdError(f"{prefix!r} is the beginning of {', '.join(sorted(found))}")
    return found.get(prefix) or next(iter(found.values()))


def purge_trashed(catalog: Catalog, trashed: Trashed) -> Deleted:
    """Free the space of a trashed model. There is no way back from here, and no half way: a purge that
    was cut short is finished at the next start."""
    kept = _keep_strangers(trashed)
    doomed = trashed.directory.with_name(trashed.directory.name + PURGING)
    freed = trashed.frees
    base = trashed.root.metadata_directory
    payload = {"root_id": trashed.root.root_id, "doomed": doomed.relative_to(base).as_posix()}
    catalog.make_room()
    with catalog.exclusive():
        entries = catalog.registry.begin(EXCLUSIVE_JOB, [(PURGE, payload)])
        try:
            rename_noreplace(trashed.directory, doomed)
        except FileError:  # nothing was begun
            catalog.registry.finish(entries)
            raise
        remove_tree(doomed)
        catalog.registry.finish(entries)
        _remove_empty_parents(doomed.parent, base)
    return Deleted(trashed.metadata.model_id, None, freed, kept)


def _keep_strangers(trashed: Trashed) -> Path | None:
    """Move what somebody put beside the files of a model out of its directory; where it is now. Raises FileError."""
    own = {file.path for file in trashed.metadata.files} | OWN_FILES
    strangers = [
        path
        for path in trashed.directory.rglob("*")
        if (path.is_symlink() or not path.is_dir())
        and path.relative_to(trashed.directory).as_posix() not in own
        and not path.name.startswith(TEMPORARY_PREFIX)
    ]
    if not strangers:
        return None
    names = (f"kept-{trashed.directory.name}{mark}" for mark in _marks())
    place = next(one for name in names if not (one := trashed.directory.with_name(name)).exists())
    for path in strangers:
        target = place / path.relative_to(trashed.directory)
        make_directory(target.parent)
        rename_noreplace(path, target)
        fsync_directory(target.parent)
    return place


def _marks() -> Iterator[str]:
    yield ""
    yield from (f"-{number}" for number in itertools.count(2))


def _trash_place(root: Root, name: str) -> Path:
    day = root.metadata_directory / TRASH / datetime.now(UTC).strftime("%Y-%m-%d")
    make_directory(day)
    number, target = 1, day / name
    while target.exists() or target.with_name(target.name + PURGING).exists():
        number += 1
        target = day / f"{name}~{number}"
    return target


def _remove_empty_parents(directory: Path, stop: Path) -> None:
    """Callers hold the lock: somebody else may just have made one of them, to put something into it."""
    with suppress(OSError):  # not empty (any more), or not ours to remove: it stays
        while directory != stop:
            directory.rmdir()
            directory = directory.parent
