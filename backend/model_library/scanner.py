"""Scan: make the index say what is on disk, quickly by change or from nothing.

The quick scan reads only the metadata files whose time or size changed and looks at every model file's
size. The deep scan reads everything into a new index. Neither changes a model or what a person set by hand;
the quick one writes a metadata.json back where it was lost beside untouched files.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

from model_library.errors import (
    IndexDamagedError,
    MetadataError,
    ModelLibraryError,
    NotAModelError,
    ParallelScanError,
)
from model_library.events import Advanced, Listener, Notice, Planned, counted, ignore
from model_library.gone import Gone, gone_rows, is_gone, note_gone
from model_library.io.files import write_durably
from model_library.io.platform.os_errors import translate_os_error
from model_library.io.platform.processes import usable_processors
from model_library.library import METADATA_NAME, Catalog
from model_library.roots import Root
from model_library.search.fts5 import IndexEntry, IndexRecord, rebuild
from model_library.store import FileStamp, stamp_of
from model_library.taxonomy import ModelState, RootMode

STAGE: Final = "scan"
_STEP: Final = 256
"""Models between two words to the listener, which cost nothing then."""
_WORTH_SHARING: Final = 4_000
"""Models. With fewer, starting processes takes as long as they save."""
_DEPTH: Final = 3
"""Directories between a managed root and its models: kind, family, slug."""


@dataclass(slots=True)
class ScanReport:
    """What a scan found. The lists hold model ids, `problems` one error a file."""

    models: int = 0
    unchanged: int = 0
    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    gone: list[Gone] = field(default_factory=list)
    """What was removed because its directory is gone."""
    missing: list[str] = field(default_factory=list)
    modified: list[str] = field(default_factory=list)
    metadata_restored: list[str] = field(default_factory=list)
    offline_roots: list[str] = field(default_factory=list)
    problems: list[ModelLibraryError] = field(default_factory=list)

    def note_state(self, model_id: str, state: str) -> None:
        if state == ModelState.MISSING:
            self.missing.append(model_id)
        elif state == ModelState.MODIFIED:
            self.modified.append(model_id)


def deep_scan(catalog: Catalog, listener: Listener = ignore) -> ScanReport:
    """Build the index anew from every metadata.json. Models of offline roots are taken over as the old
    index knew them. Of a library that is read-only, the index is one for this process alone.

    `listener` is called under the library's lock: it must not wait, and what it raises leaves the index as it
    was. Raises LibraryBusyError, FileError, and RootOfflineError when a drive goes away meanwhile.
    """
    report = ScanReport()
    with nullcontext() if catalog.read_only else catalog.exclusive():
        kept = _of_offline_roots(catalog, report)
        absent = _noted_absent(catalog)
        catalog.drop_index()
        if catalog.read_only:
            catalog.use_scratch_index()
        found = _read_by_many(catalog, kept, listener) or _read_alone(catalog, kept, listener)
        found.gone = [one for one in absent if catalog.index.get(one.model_id) is None]
        found.removed = sorted(one.model_id for one in found.gone)
    report.problems += found.problems
    return replace(found, offline_roots=report.offline_roots, problems=report.problems)


def _noted_absent(catalog: Catalog) -> list[Gone]:
    """What the old index knows and is not where it was: some may be found elsewhere now. It is noted before
    the index goes: a process that dies in between leaves it for the next scan."""
    try:
        return note_gone(catalog, gone_rows(catalog))
    except (
        IndexDamagedError
    ):  # it says nothing that can be compared; whoever asks for the scan knows
        return []


def _of_offline_roots(catalog: Catalog, report: ScanReport) -> list[IndexRecord]:
    offline = [root for root in catalog.roots if not root.online]
    report.offline_roots = [root.root_id for root in offline]
    managed = {root.root_id for root in offline if root.mode is RootMode.MANAGED}
    if not managed:
        return []
    try:
        return [row for row in catalog.index.records() if row.root_id in managed]
    except ModelLibraryError as error:
        report.problems.append(error)
        return []


def _all_locations(catalog: Catalog, listener: Listener = ignore) -> Iterator[tuple[Root, str]]:
    """Every model directory whose metadata can be read. Raises RootOfflineError, FileError."""
    for root in catalog.roots:
        if root.online or root.mode is not RootMode.MANAGED:
            for location, _ in _locations(root, listener):
                yield root, location
            if root.online:
                catalog.roots.require_still_online(root)


def _read_alone(catalog: Catalog, kept: list[IndexRecord], listener: Listener) -> ScanReport:
    """The deep scan in this process."""
    report, damaged = ScanReport(), catalog.registry.damaged_models()
    seen: dict[str, tuple[Root, str]] = {}

    def records() -> Iterator[IndexRecord]:
        yield from kept
        for root, location in _all_locations(catalog, listener):
            record = _read(catalog, root, location, report, damaged)
            if record is not None and _first(record.model_id, root, location, seen, report):
                report.note_state(record.model_id, record.state)
                yield record

    report.models = rebuild(catalog.index_path, records())
    return report


def _read_by_many(
    catalog: Catalog, kept: list[IndexRecord], listener: Listener
) -> ScanReport | None:
    """The deep scan with the help of other processes; None where that is not worth it or does not work."""
    processes = usable_processors()
    first = islice(_all_locations(catalog), _WORTH_SHARING)
    if processes <= 1 or sum(1 for _ in first) < _WORTH_SHARING:
        return None
    from model_library.scan_sharing import SharedScan  # a small library does without

    report, damaged = ScanReport(), catalog.registry.damaged_models()
    seen: dict[str, tuple[Root, str]] = {}

    def accepts(model_id: str, root: Root, location: str, state: str) -> bool:
        is_first = _first(model_id, root, location, seen, report)
        if is_first:
            report.note_state(model_id, state)
        return is_first

    def read_here(root: Root, location: str) -> IndexRecord | None:
        return _read(catalog, root, location, report, damaged)

    def told(models: int) -> None:
        listener(Advanced(STAGE, 0, models))

    def all_read() -> None:
        for root in catalog.roots:
            if root.online:
                catalog.roots.require_still_online(root)

    scan = SharedScan(accepts, read_here, told, all_read)
    locations = _all_locations(catalog)
    try:
        report.models = scan.run(catalog.index_path, kept, locations, damaged, processes)
    except ParallelScanError as error:
        listener(Notice(error.code, f"{error.message}; one process scans alone now"))
        return None
    return report


def _read(
    catalog: Catalog, root: Root, location: str, report: ScanReport, damaged: frozenset[str]
) -> IndexRecord | None:
    try:
        return catalog.read_record(root, location, damaged)
    except MetadataError as error:
        report.problems.append(error)
        return None


def _first(
    model_id: str, root: Root, location: str, seen: dict[str, tuple[Root, str]], report: ScanReport
) -> bool:
    """Of two directories with one model id (a copy made by hand) only the first is taken."""
    before, there = seen.setdefault(model_id, (root, location))
    if before is root and there == location:
        return True
    report.problems.append(
        MetadataError(
            f"The same model id {model_id} is at {before.metadata_directory / there} too",
            path=root.metadata_directory / location / METADATA_NAME,
            hint="One of the two is a copy made by hand: move it out of the library and import it.",
        )
    )
    return False


def quick_scan(catalog: Catalog, listener: Listener = ignore) -> ScanReport:
    """Bring the index up to date with what changed on disk since it was last right.

    Raises LibraryBusyError, FileError, and RootOfflineError when a drive goes away meanwhile: what it held
    stays as it was known."""
    report = ScanReport()
    known = {(entry.root_id, entry.location): entry for entry in catalog.index.entries()}
    listener(Planned(STAGE, len(known), 0))
    known_ids = {row.model_id for row in known.values()}
    damaged = catalog.registry.damaged_models()
    changed: list[IndexRecord] = []
    seen: dict[str, tuple[Root, str]] = {}
    for root in catalog.roots:
        if not root.online:
            report.offline_roots.append(root.root_id)
            known = {key: row for key, row in known.items() if key[0] != root.root_id}
            continue
        for location, stamp in _locations(root, listener):
            entry = known.pop((root.root_id, location), None)
            fresh = _looked_at(catalog, (root, location, stamp), entry, report, damaged)
            if fresh is None or not _first(fresh.model_id, root, location, seen, report):
                continue
            report.models += 1
            report.note_state(fresh.model_id, fresh.state)
            if isinstance(fresh, IndexRecord):
                changed.append(fresh)
            else:
                report.unchanged += 1
        catalog.roots.require_still_online(root)
    not_seen = [entry for entry in known.values() if entry.model_id not in seen]
    with catalog.exclusive():
        changed = [row for row in changed if _is_still_there(catalog, row)]
        now = [(entry, catalog.index.get(entry.model_id)) for entry in not_seen]
        gone = [row for entry, row in now if row is not None and entry.is_of(row)]
        gone = [row for row in gone if not _is_still_there(catalog, row)]
        report.gone = note_gone(catalog, [row for row in gone if is_gone(catalog, row)])
        catalog.index.put(changed)
        catalog.index.remove([row.model_id for row in gone])
    fresh_ids = {row.model_id for row in changed} - set(report.metadata_restored)
    report.added, report.updated = sorted(fresh_ids - known_ids), sorted(fresh_ids & known_ids)
    report.removed = sorted(row.model_id for row in gone)
    return report


def _locations(root: Root, listener: Listener) -> Iterator[tuple[str, FileStamp | None]]:
    """The model directories of a root with the stamps of their metadata.json; the listener hears how many have been looked at."""
    locations = model_locations(root.metadata_directory, root.mode)
    return counted(locations, STAGE, listener, _STEP)


def _is_still_there(catalog: Catalog, row: IndexRecord) -> bool:
    """Whether the metadata.json of a row is as it was read: another process may have moved it since."""
    root = catalog.roots.find(row.root_id)
    if root is None:
        return False
    stamp = stamp_of(_metadata_path(root, row.location))
    known = (row.metadata_mtime_ns, row.metadata_size)
    return stamp is not None and (stamp.mtime_ns, stamp.size) == known


def _metadata_path(root: Root, location: str) -> str:
    """Not by pathlib, which would be a third of the time of a scan."""
    return f"{root.metadata_directory}/{location}/{METADATA_NAME}"


def _looked_at(
    catalog: Catalog,
    place: tuple[Root, str, FileStamp | None],
    entry: IndexEntry | None,
    report: ScanReport,
    damaged: frozenset[str],
) -> IndexRecord | IndexEntry | None:
    """A model directory as it is now: what the index has of it when nothing changed, else its record."""
    root, location, stamp = place
    if stamp is None:
        return _without_metadata(catalog, root, location, entry, report)
    known = None if entry is None else (entry.metadata_mtime_ns, entry.metadata_size)
    if entry is not None and known == (stamp.mtime_ns, stamp.size):
        marked = ModelState.MODIFIED if entry.model_id in damaged else ModelState.ONLINE
        state = catalog.held_state(entry)
        if entry.state == (marked if state == ModelState.ONLINE else state):
            return entry
    fresh = _read(catalog, root, location, report, damaged)
    if fresh is None:
        return entry  # a damaged file is reported; the model stays as it was known
    return replace(fresh, parsed=None)  # there may be as many as there are models


def _without_metadata(
    catalog: Catalog, root: Root, location: str, entry: IndexEntry | None, report: ScanReport
) -> IndexRecord | None:
    """A model directory without metadata.json: written back when the index still knows it and the files
    are there, else reported when it holds files."""
    directory = root.metadata_directory / location
    row = None if entry is None else catalog.index.get(entry.model_id)
    if row is not None and row.state != ModelState.INVALID:
        document: dict[str, Any] = json.loads(row.document)
        if catalog.files_state(row, document) != ModelState.MISSING:
            write_durably(directory / METADATA_NAME, _indented(document))
            report.metadata_restored.append(row.model_id)
            return catalog.read_record(root, location)
    if any(each.is_file() for each in _entries(directory)):
        report.problems.append(
            NotAModelError(
                "A directory of the library holds files without a metadata.json",
                path=directory,
                hint="Move the files out of the library and import them.",
            )
        )
    return None


def model_locations(base: Path, mode: RootMode) -> Iterator[tuple[str, FileStamp | None]]:
    """Every directory that is or should be a model's, relative to `base`, with '/'; and the stamp of its
    metadata.json, None where it has none.

    The usual depth is taken without opening the directories; a model that was put higher or deeper by hand is
    found as well. Names that begin with '.' are ours and skipped.
    """
    if not base.is_dir():
        return
    if mode is RootMode.REFERENCED:
        yield from _stamped(base, _subdirectories(base, ""))
        return
    level = [""]
    for _ in range(_DEPTH - 1):
        found = [name for prefix in level for name in _subdirectories(base, prefix)]
        level = []
        for name, stamp in _stamped(base, found):
            if stamp is None:
                level.append(name)
            else:
                yield name, stamp
    usual = sorted(name for prefix in level for name in _subdirectories(base, prefix))
    for name, stamp in _stamped(base, usual):
        yield name, stamp
        if stamp is None:
            yield from _stamped(base, _deeper(base, name))


def _stamped(base: Path, names: Iterable[str]) -> Iterator[tuple[str, FileStamp | None]]:
    """Directories with the stamps of the metadata.json in them."""
    top = str(base)
    for name in names:
        yield name, stamp_of(f"{top}/{name}/{METADATA_NAME}")


def _deeper(base: Path, location: str) -> Iterator[str]:
    for directory, names, files in os.walk(base / location):
        names[:] = sorted(name for name in names if not name.startswith("."))
        relative = Path(directory).relative_to(base).as_posix()
        if METADATA_NAME in files and relative != location:
            names.clear()
            yield relative


def _entries(directory: Path) -> list[os.DirEntry[str]]:
    """What a directory holds: nothing when another process has just moved it. Raises FileError."""
    try:
        with os.scandir(directory) as entries:
            return list(entries)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise translate_os_error(error, path=directory, writing=False) from error


def _subdirectories(base: Path, prefix: str) -> list[str]:
    entries = _entries(base / prefix)
    names = [e.name for e in entries if not e.name.startswith(".") and e.is_dir()]
    return sorted(f"{prefix}/{name}" if prefix else name for name in names)


def _indented(document: dict[str, Any]) -> bytes:
    return json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"
