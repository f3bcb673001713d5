"""After a crash: what dead processes of this library left is finished or undone at the next start.

Only work whose lock file nobody holds is touched, so several processes never recover each other's live
work, and only staging that a job of this library began: another machine's on a shared root is left alone.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from filelock import FileLock, Timeout

from model_library.app_trash import PURGE_APP, finish_purging_app
from model_library.completing import COMPLETE, finish_completing
from model_library.deletion import DELETE, FORGET, finish_discarding, finish_forgetting
from model_library.errors import FileError, MetadataError, RootError, RootOfflineError
from model_library.events import Listener, Notice
from model_library.io.files import remove_leftovers
from model_library.io.platform.os_errors import translate_os_error
from model_library.library import APPS_DIRECTORY, JOB_PREFIX, Catalog
from model_library.publishing import (
    EXCLUSIVE_JOB,
    LINKED,
    PURGE,
    RECONCILE,
    RELINK,
    MovedSource,
    clear_staging,
    reconcile,
    remove_moved,
    remove_tree,
)
from model_library.registry import JournalEntry
from model_library.repointing import REPOINT, finish_repointing
from model_library.roots import Root
from model_library.settling import settle
from model_library.store import STAGING


def recover(catalog: Catalog, listener: Listener) -> None:
    """Finish or undo what dead processes of this library left. Raises LibraryBusyError, FileError."""
    dead = _dead_jobs(catalog)
    settled = True
    try:
        if _stale(catalog, dead) or catalog.links.has_unsettled():
            with catalog.exclusive():
                stale = _stale(catalog, dead)
                done = [entry for entry in stale if _settle(catalog, entry, listener)]
                catalog.registry.finish(entry.entry_id for entry in done)
                settle(catalog, listener)
        for name in dead:
            settled = _clear_job(catalog, name, listener) and settled
    finally:
        for name, lock in dead.items():
            lock.release()
            if settled:
                with suppress(OSError):  # the next start finds it again
                    catalog.lock_path(name).unlink(missing_ok=True)


def _dead_jobs(catalog: Catalog) -> dict[str, FileLock]:
    """Jobs whose lock nobody holds any more, now locked by us."""
    dead: dict[str, FileLock] = {}
    for path in sorted(catalog.lock_path("x").parent.glob(f"{JOB_PREFIX}*.lock")):
        lock = FileLock(path, timeout=0)
        try:
            lock.acquire()
        except Timeout:
            continue
        except OSError as error:
            raise translate_os_error(error, path=path, writing=True) from error
        dead[path.stem] = lock
    return dead


def _stale(catalog: Catalog, dead: Mapping[str, FileLock]) -> list[JournalEntry]:
    """What dead processes began. `RELINK` is settled by the faces of the library: it needs a sync."""
    entries = [entry for entry in catalog.registry.unfinished() if entry.action != RELINK]
    return [entry for entry in entries if _is_dead(catalog, entry, dead)]


def _is_dead(catalog: Catalog, entry: JournalEntry, dead: Mapping[str, FileLock]) -> bool:
    """Whether nobody is working on an entry. Those of `EXCLUSIVE_JOB` only live under the library's
    lock, so whoever holds it finds dead ones only."""
    if entry.job == EXCLUSIVE_JOB or entry.job in dead:
        return True
    return not catalog.lock_path(entry.job).exists()


def _settle(catalog: Catalog, entry: JournalEntry, listener: Listener) -> bool:
    """Finish one journal entry; False when its root is offline and it has to wait."""
    if entry.action in (FORGET, PURGE_APP):
        return _settle_without_root(catalog, entry, listener)
    if entry.action == REPOINT:
        return _settle_repointing(catalog, entry.payload, listener)
    root = catalog.roots.find(str(entry.payload["root_id"]))
    if root is None:
        return True
    if not root.online:
        return False
    try:
        _finish(catalog, entry, root, listener)
    except (
        FileError,
        RootOfflineError,
    ) as error:  # it waits for the next start; nothing else has to wait for it
        listener(
            Notice(error.code, f"Interrupted work cannot be finished yet: {error}", error.hint)
        )
        return False
    return True


def _settle_without_root(catalog: Catalog, entry: JournalEntry, listener: Listener) -> bool:
    try:
        if entry.action == FORGET:
            finish_forgetting(catalog, entry.payload)
        else:
            finish_purging_app(catalog, entry.payload)
    except FileError as error:  # the next start tries again
        listener(
            Notice(error.code, f"Interrupted work cannot be finished yet: {error}", error.hint)
        )
        return False
    return True


def _settle_repointing(catalog: Catalog, payload: Mapping[str, Any], listener: Listener) -> bool:
    """Let the links follow that were about to. A root that is not where it was said to be any more stays
    where it is known to be."""
    try:
        finish_repointing(catalog, payload)
    except RootError as error:
        listener(Notice(error.code, f"Moving a root was interrupted: {error}", error.hint))
        finish_repointing(catalog, {"links": payload["links"]})
    listener(Notice("finished", "The links of an interrupted repair lead to their files again"))
    return True


def _finish(catalog: Catalog, entry: JournalEntry, root: Root, listener: Listener) -> None:
    if entry.action == PURGE:
        remove_tree(root.metadata_directory / str(entry.payload["doomed"]))
    elif entry.action == COMPLETE:
        finish_completing(catalog, root, entry.payload)
    elif entry.action == RECONCILE:
        for location in map(str, entry.payload["locations"]):
            remove_leftovers(root.metadata_directory / location)
        reconcile(catalog, entry.payload)
    elif entry.action == DELETE:
        _finish_deleting(catalog, entry.payload, root, listener)
    else:
        _finish_publishing(catalog, entry, root, listener)


def _finish_deleting(
    catalog: Catalog, payload: Mapping[str, Any], root: Root, listener: Listener
) -> None:
    """What moves is said: a registry from a backup may know of a deletion that was taken back since."""
    location, model_id = str(payload["location"]), str(payload["model_id"])
    was_there = os.path.lexists(root.metadata_directory / location)
    finish_discarding(catalog, payload)
    reconcile(catalog, {**payload, "locations": [location]})
    if was_there and not os.path.lexists(root.metadata_directory / location):
        message = f"An interrupted deletion was finished: {model_id} is in the trash"
        listener(Notice("finished", message, f"`model-library restore {model_id}` brings it back."))


def _finish_publishing(
    catalog: Catalog, entry: JournalEntry, root: Root, listener: Listener
) -> None:
    """A model that had appeared is indexed and the sources of its move are taken away; of one that had
    not, the staging is cleared with its job and the sources are where they were."""
    location = str(entry.payload["location"])
    published = root.metadata_directory / location
    try:
        metadata = catalog.record_of(catalog.read_record(root, location)).metadata
    except MetadataError:
        return  # nothing appeared there, or what lies there cannot be judged: the sources stay
    ours = (entry.payload["model_id"], entry.payload["content_digest"])
    if (metadata.model_id, metadata.content_digest) != ours:
        return  # another process has published its model there meanwhile
    reconcile(catalog, {"root_id": root.root_id, "locations": [location]})
    remove_moved(published, [MovedSource(**source) for source in entry.payload["moved"]])
    message = f"An interrupted import was finished: {entry.payload['model_id']}"
    listener(Notice("finished", message))


def _clear_job(catalog: Catalog, name: str, listener: Listener) -> bool:
    """Clear the staging of a dead job; False when a root is offline that may hold some of it, or when a
    program that it started is still writing there."""
    try:
        clear_staging(catalog.directory / APPS_DIRECTORY / STAGING / name, listener)
        for root in catalog.roots:
            if root.online:
                for suffix in ("", LINKED):
                    clear_staging(root.metadata_directory / STAGING / f"{name}{suffix}", listener)
    except FileError as error:
        listener(Notice("staging-left", f"What {name} left is cleared later: {error}"))
        return False
    return all(root.online for root in catalog.roots)
