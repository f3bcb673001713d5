"""Doctor: what about this system, this library or its roots could hurt later, said before it does."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from model_library.config import GIB
from model_library.display_names import number_of
from model_library.errors import IndexDamagedError, LibraryReadOnlyError, ModelLibraryError
from model_library.io.platform.filesystems import filesystem_of, free_bytes, ntfs_is_dirty
from model_library.io.platform.links import can_reflink
from model_library.io.platform.processes import detect_sandbox
from model_library.io.validator import check_library_directory
from model_library.library import INDEX_FILE, REGISTRY_FILE, Catalog
from model_library.roots import Root
from model_library.store import STAGING
from model_library.taxonomy import RootMode

LOW_SPACE: Final = 5 * GIB
"""Bytes: less than one ordinary checkpoint."""


@dataclass(frozen=True, slots=True)
class Check:
    """One finding; `result` is ok, warning or error."""

    name: str
    result: str
    message: str
    hint: str = ""


def examine(catalog: Catalog) -> list[Check]:
    """Every check, in the order a person would want to read them. Changes nothing that stays."""
    checks = [*_system(), *_library(catalog)]
    for root in catalog.roots:
        checks += _root(root, changes=not catalog.read_only)
    return checks


def _system() -> Iterator[Check]:
    yield Check("python", "ok", f"Python {sys.version.split()[0]}")
    with sqlite3.connect(":memory:") as connection:
        options = {row[0] for row in connection.execute("PRAGMA compile_options")}
    connection.close()
    if "ENABLE_FTS5" in options:
        yield Check("sqlite", "ok", f"SQLite {sqlite3.sqlite_version} with FTS5")
    else:
        hint = "Install a Python whose SQLite has the FTS5 extension."
        yield Check("sqlite", "error", f"SQLite {sqlite3.sqlite_version} lacks FTS5", hint)
    sandbox = detect_sandbox()
    if sandbox is None:
        yield Check("sandbox", "ok", "Not in a sandbox")
    else:
        hint = "Directories that were not granted to it are invisible here."
        yield Check("sandbox", "warning", f"Running inside {sandbox}", hint)


def _library(catalog: Catalog) -> Iterator[Check]:
    problem = check_library_directory(catalog.directory)
    if problem is None:
        kind = filesystem_of(catalog.directory).kind
        yield Check("library", "ok", f"{catalog.directory} on {kind}")
    else:
        yield Check("library", "warning", problem.message, problem.hint)
    if catalog.read_only:
        hint = LibraryReadOnlyError.default_hint
        yield Check("library", "warning", f"{catalog.directory} can only be read", hint)
    yield _index(catalog)
    for path in sorted(catalog.directory.glob(f"{INDEX_FILE}.damaged-*")):
        hint = "It is not ours: look at what it is, then move it away."
        yield Check("index", "warning", f"What lay at {INDEX_FILE} was kept as {path.name}", hint)
    kept = sorted(catalog.directory.glob(f"{REGISTRY_FILE}.damaged-*"))
    if kept:
        hint = "Add the roots that are missing again, then delete the old file."
        yield Check("registry", "warning", f"A damaged registry was kept as {kept[-1].name}", hint)
    else:
        yield Check(
            "registry", "ok", number_of(len(catalog.registry.unfinished()), "unfinished act")
        )
    damaged = sorted(catalog.registry.damaged_models())
    if damaged:
        message = f"{number_of(len(damaged), 'model')} did not verify: {', '.join(damaged[:3])}"
        yield Check("verification", "error", message, "Import them again from their source.")


def _index(catalog: Catalog) -> Check:
    """All of the index is read: some damage makes a search miss models without an error."""
    try:
        index = catalog.index
    except ModelLibraryError as error:  # whoever needs the index builds it then
        return Check("index", "warning", error.message, error.hint)
    try:
        if not catalog.read_only:
            index.check()  # needs to write
        return Check("index", "ok", number_of(index.count(), "model"))
    except IndexDamagedError as error:
        message = f"{error.message}: a search may miss models"
        return Check("index", "error", message, IndexDamagedError.default_hint)
    except ModelLibraryError as error:
        return Check("index", "warning", error.message, error.hint)


def _root(root: Root, *, changes: bool) -> Iterator[Check]:
    name = f"root {root.root_id[:8]}"
    if not root.online:
        hint = "Connect the drive, or `model-library root relocate` when it has a new place."
        yield Check(name, "warning", f"{root.path} is offline: {root.problem}", hint)
        return
    filesystem = filesystem_of(root.path)
    if ntfs_is_dirty(filesystem):
        hint = "Run a check of the drive in Windows and shut it down completely."
        yield Check(name, "error", f"{root.path}: NTFS was not unmounted cleanly", hint)
    if root.mode is RootMode.REFERENCED or not changes:
        yield Check(name, "ok", f"{root.path} ({filesystem.kind}, only read)")
        return
    writable = os.access(root.path, os.W_OK)
    yield _room(name, root.path, filesystem.kind, filesystem.read_only, writable)
    staging = root.path / STAGING
    left = [entry.name for entry in staging.iterdir()] if staging.is_dir() else []
    if left:
        hint = "Another process or machine is importing; if none is, delete the directory."
        yield Check(
            name, "warning", f"{staging} holds {number_of(len(left), 'unfinished import')}", hint
        )


def _room(name: str, path: Path, kind: str, read_only: bool, writable: bool) -> Check:
    if read_only:
        return Check(name, "error", f"{path} is mounted read-only", "Mount it writable.")
    if not writable:
        return Check(name, "error", f"{path} cannot be written to", "Give your user the right to.")
    free = free_bytes(path)
    copies = "copies share space (reflink)" if can_reflink(path) else "copies take space"
    message = f"{path} ({kind}, {free / GIB:.1f} GiB free, {copies})"
    if free < LOW_SPACE:
        return Check(name, "warning", message, "Free some space or add a root on another drive.")
    return Check(name, "ok", message)
