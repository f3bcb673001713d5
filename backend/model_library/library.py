"""The state of one library: its directory, registry, roots and index, and the records in them.

`metadata.json` is the truth; the index only remembers it. Whoever shows or uses a record gets it through
this module, which compares the file's time and size with what the index knows and reads the file again
when they differ. What is done with records is the use cases' business (importer, scanner, trash, ...).
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from model_library.config import Settings
from model_library.errors import (
    AmbiguousModelIdError,
    LibraryBusyError,
    LibraryPathError,
    LibraryReadOnlyError,
    MetadataError,
    ModelNotFoundError,
    RecordChangedError,
    RegistryDamagedError,
)
from model_library.events import Listener, Notice
from model_library.io.files import set_aside
from model_library.io.platform.os_errors import translate_os_error
from model_library.io.platform.page_cache import fsync_directory
from model_library.registry import Registry
from model_library.reserve import keep_reserve
from model_library.roots import HOME_DIRECTORY, Root, Roots
from model_library.store import (
    LIBRARY_FILE,
    MARKER_FILE,
    LibraryIdentity,
    Marker,
    new_id,
    read_document,
    read_library_file,
    read_marker,
    stamp_of,
    write_library_file,
    write_marker,
)
from model_library.taxonomy import FileRole, ModelState, RootMode

if TYPE_CHECKING:
    from tempfile import TemporaryDirectory

    from model_library.link_registry import LinkRegistry
    from model_library.metadata import ModelMetadata
    from model_library.search.fts5 import IndexedFile, IndexEntry, IndexRecord, ModelIndex

_NEEDED: Final = frozenset({FileRole.WEIGHT, FileRole.CONFIG})
INDEX_FILE: Final = "models.db"
REGISTRY_FILE: Final = "registry.db"
LOCKS: Final = "locks"
APPS_DIRECTORY: Final = "apps"
"""Applications that were installed by us, with their own staging and trash."""
UPLOADS_DIRECTORY: Final = "uploads"
"""What browsers send, until it is imported: `<batch>/files` holds it under the names it was sent with."""
JOB_PREFIX: Final = "job-"
"""Begins the name of a job, its lock file and its staging directories."""
METADATA_NAME: Final = "metadata.json"  # metadata.py has it too, but importing pydantic is slow
OWN_FILES: Final = frozenset({METADATA_NAME, "overrides.json"})
"""Names in a model directory that are the library's own and never a model file's."""
MAX_METADATA_BYTES: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Record:
    """One model with its place: valid metadata, and where its files are."""

    metadata: ModelMetadata
    root: Root
    location: str
    """Directory of metadata.json, relative to `root.metadata_directory`, with '/'."""
    state: ModelState

    @property
    def directory(self) -> Path:
        """The directory of metadata.json."""
        return self.root.metadata_directory / self.location

    @property
    def files_directory(self) -> Path:
        """The directory that the paths in `metadata.files` are relative to."""
        reference = self.metadata.reference
        return self.directory if reference is None else self.root.path / reference.path

    @property
    def metadata_path(self) -> Path:
        return self.directory / METADATA_NAME


class Catalog:
    """One open library. Close it, or use it as a context manager."""

    def __init__(
        self, directory: Path, identity: LibraryIdentity, registry: Registry, settings: Settings
    ) -> None:
        self.directory = directory
        self.identity = identity
        self.registry = registry
        self.settings = settings
        self.roots = Roots(directory, identity.home_root_id, registry)
        self._index: ModelIndex | None = None
        self._scratch: TemporaryDirectory[str] | None = None

    @classmethod
    def open(cls, directory: Path, settings: Settings, listener: Listener) -> Catalog:
        """Open the library, creating it where there is none.

        Raises LibraryPathError, LibraryFormatError, LibraryTooNewError (in these cases nothing was
        changed), LibraryBusyError. A damaged registry is kept aside, with a Notice.
        """
        directory = directory.absolute()
        _require_text(directory)
        identity = read_library_file(directory / LIBRARY_FILE) if directory.is_dir() else None
        if identity is None:
            identity = _create(directory, settings)
            listener(Notice("library-created", f"A new library was begun in {directory}"))
        elif not (directory / REGISTRY_FILE).exists():
            hint = "Add roots other than the home root again; no model file was touched."
            listener(Notice("registry-missing", "registry.db was gone; a new one was begun", hint))
        registry = _open_registry(directory / REGISTRY_FILE, settings, listener)
        catalog = cls(directory, identity, registry, settings)
        for notice in catalog.roots.refresh():
            listener(notice)
        return catalog

    def close(self) -> None:
        if self._index is not None:
            self._index.close()
            self._index = None
        self.registry.close()
        if self._scratch is not None:
            self._scratch.cleanup()

    @property
    def read_only(self) -> bool:
        """Whether nothing can be changed: the drive is mounted so, or it is another user's library."""
        return self.registry.read_only

    def make_room(self) -> None:
        """Give up the reserve where the drive is full, before something is done that frees space. Raises FileError."""
        if not self.read_only:
            keep_reserve(self.directory)

    def require_writable(self) -> None:
        """Raises LibraryReadOnlyError."""
        if self.read_only:
            raise LibraryReadOnlyError("The library is read-only", path=self.directory)

    @property
    def index_path(self) -> Path:
        directory = self.directory if self._scratch is None else Path(self._scratch.name)
        return directory / INDEX_FILE

    def use_scratch_index(self) -> None:
        """Have an index of this process alone, to be built: the library's own cannot be mended in place."""
        from tempfile import TemporaryDirectory

        self._scratch = TemporaryDirectory(prefix="model-library-")

    @property
    def index(self) -> ModelIndex:
        """The open index. Raises IndexDamagedError when it has to be rebuilt first."""
        from model_library.search.fts5 import ModelIndex  # opening a library does not need it

        if self._index is None:
            self._index = ModelIndex.open(self.index_path)
        return self._index

    @property
    def links(self) -> LinkRegistry:
        """Applications and the links in them."""
        from model_library.link_registry import LinkRegistry  # finding models does not need it

        return LinkRegistry(self.registry, self.directory)

    def drop_index(self) -> None:
        """Close the index, so that the next use opens what is on disk then."""
        if self._index is not None:
            self._index.close()
            self._index = None

    def lock_path(self, name: str) -> Path:
        return self.directory / LOCKS / f"{name}.lock"

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Be the only process that publishes, moves or edits records. Raises LibraryBusyError,
        LibraryReadOnlyError, FileError: a drive that is full is said before anything is begun, because SQLite, which
        maps files into memory, may be killed there by a bus error."""
        from filelock import FileLock, Timeout  # only writers pay for its import

        self.require_writable()
        self.make_room()
        self.registry.require_room()
        lock = FileLock(self.lock_path("library"), timeout=self.settings.lock_timeout)
        try:
            lock.acquire()
        except Timeout as error:
            raise LibraryBusyError(
                f"Another process has been changing the library for over"
                f" {self.settings.lock_timeout:.0f} seconds",
                path=self.directory,
            ) from error
        except OSError as error:
            path = self.lock_path("library")
            raise translate_os_error(error, path=path, writing=True) from error
        try:
            yield
        finally:
            lock.release()

    def has_unfinished_work(self) -> bool:
        """Whether a process ended in the middle of something, or is in the middle of it now."""
        jobs = any((self.directory / LOCKS).glob(f"{JOB_PREFIX}*.lock"))
        if jobs or self.registry.unfinished():
            return True
        return bool(self.registry.rows("SELECT 1 FROM links WHERE state <> 'made' LIMIT 1"))

    # --- records ---------------------------------------------------------------------------------

    def resolve(self, prefix: str) -> str:
        """The full model id. Raises ModelNotFoundError, AmbiguousModelIdError."""
        wanted = prefix.strip().lower()
        found = self.index.find_ids(wanted, 4) if wanted else []
        if wanted in found:
            return wanted
        if not found:
            raise ModelNotFoundError(f"No model has an id that begins with {prefix!r}")
        if len(found) > 1:
            raise AmbiguousModelIdError(f"{prefix!r} is the beginning of {', '.join(found)}")
        return found[0]

    def record(self, prefix: str) -> Record:
        """One model, read from its metadata.json and the index brought up to date.

        Raises ModelNotFoundError, AmbiguousModelIdError, MetadataError (its file is damaged),
        RootOfflineError never: of an offline root the index's copy is given.
        """
        return self.record_of(self.refreshed(self.indexed(prefix)))

    def indexed(self, prefix: str) -> IndexRecord:
        """The index row of an id or its beginning, as it is. Raises ModelNotFoundError,
        AmbiguousModelIdError."""
        row = self.index.get(prefix) or self.index.get(self.resolve(prefix))
        if row is None:
            raise ModelNotFoundError(f"No model has the id {prefix!r}")
        return row

    def record_of(self, indexed: IndexRecord) -> Record:
        """The typed record of an index row as it is. Raises MetadataError, RootNotFoundError."""
        from model_library.metadata import parse_metadata

        root = self.roots.get(indexed.root_id)
        path = root.metadata_directory / indexed.location / METADATA_NAME
        metadata = parse_metadata(indexed.document.encode(), path)
        return Record(metadata, root, indexed.location, self.state_now(indexed))

    @staticmethod
    def read_record(
        root: Root, location: str, damaged: Collection[str] = frozenset()
    ) -> IndexRecord:
        """Read one metadata.json from disk into what the index holds. Of the models that are known to be
        damaged the state is `modified` where sizes alone tell nothing. Raises MetadataError."""
        from model_library.metadata import complete_document, fields_of, parse_metadata
        from model_library.search.fts5 import IndexRecord

        directory = f"{root.metadata_directory}/{location}"
        path = f"{directory}/{METADATA_NAME}"
        data, stamp = read_document(path, MAX_METADATA_BYTES)
        metadata = parse_metadata(data, path)
        if metadata.reference is not None:
            directory = f"{root.path}/{metadata.reference.path}"
        state = ModelState.OFFLINE
        if root.online:
            files = ((file.path, file.size, file.role) for file in metadata.files)
            state = _files_state(directory, files, metadata.missing_files)
        if state is ModelState.ONLINE and metadata.model_id in damaged:
            state = ModelState.MODIFIED
        return IndexRecord(
            model_id=metadata.model_id,
            root_id=root.root_id,
            location=location,
            metadata_mtime_ns=stamp.mtime_ns,
            metadata_size=stamp.size,
            document=complete_document(data, metadata),
            state=state.value,
            parsed=fields_of(metadata),
        )

    def refreshed(self, indexed: IndexRecord) -> IndexRecord:
        """The row as its file says now: read again and indexed when time or size differ.

        Raises MetadataError when the file was changed into something that cannot be read.
        """
        root = self.roots.find(indexed.root_id)
        if root is None or not root.online:
            return indexed
        path = root.metadata_directory / indexed.location / METADATA_NAME
        stamp = stamp_of(path)
        known = (indexed.metadata_mtime_ns, indexed.metadata_size)
        if stamp is None or (stamp.mtime_ns, stamp.size) == known:
            return indexed
        fresh = self.read_record(root, indexed.location)
        if fresh.model_id != indexed.model_id:
            raise MetadataError(
                f"The model id was changed by hand from {indexed.model_id} to {fresh.model_id}",
                path=path,
                hint="A model id never changes: write the old one back, then run a scan.",
            )
        if not self.read_only:
            self.index.put([fresh])
        return fresh

    def require_unchanged(self, indexed: IndexRecord) -> None:
        """Raises RecordChangedError when the record is no longer the one that was read. Asked under the
        lock, before a decision that was made without it is carried out."""
        root = self.roots.get(indexed.root_id)
        path = root.metadata_directory / indexed.location / METADATA_NAME
        stamp = stamp_of(path)
        known = (indexed.metadata_mtime_ns, indexed.metadata_size)
        if stamp is None or (stamp.mtime_ns, stamp.size) != known:
            raise RecordChangedError(
                f"{indexed.model_id} was changed by another process meanwhile", path=path
            )

    def view(self, indexed: IndexRecord) -> dict[str, Any]:
        """The JSON form of one model: the fields of metadata.json, plus `path` (absolute directory or
        file, None when offline) and `state`."""
        try:
            indexed = self.refreshed(indexed)
        except MetadataError:
            document: dict[str, Any] = json.loads(indexed.document)
            return document | {"path": None, "state": ModelState.INVALID.value}
        document = json.loads(indexed.document)
        state = self.state_now(indexed, document)
        path = None
        if state is not ModelState.OFFLINE:
            path = str(self._shown_path(indexed, document))
        return document | {"path": path, "state": state.value}

    def state_now(self, indexed: IndexRecord, document: dict[str, Any] | None = None) -> ModelState:
        """What can be said about the files at this moment."""
        root = self.roots.find(indexed.root_id)
        if root is None or not root.online:
            return ModelState.OFFLINE
        document = json.loads(indexed.document) if document is None else document
        state = self.files_state(indexed, document)
        damaged = indexed.state == ModelState.MODIFIED and state == ModelState.ONLINE
        return ModelState.MODIFIED if damaged else ModelState(state)

    def files_state(self, indexed: IndexRecord, document: dict[str, Any]) -> str:
        """`online` when every weight and config is there with its size, else `missing` or `modified`."""
        files = ((file["path"], file["size"], file["role"]) for file in document["files"])
        directory = self._files_directory(indexed, document)
        return _files_state(directory, files, document.get("missing_files") or ()).value

    def held_state(self, entry: IndexEntry) -> str | None:
        """The same by what the index has beside its documents: in half of the time, for a scan that finds
        nothing. None when that cannot be read."""
        root = self.roots.get(entry.root_id)
        try:
            reference, missing, files = json.loads(entry.held)
        except ValueError:
            return None
        directory = f"{root.metadata_directory}/{entry.location}"
        if reference is not None:
            directory = f"{root.path}/{reference}"
        return _files_state(directory, files, missing).value

    def held_files(self, size: int) -> Iterator[tuple[IndexedFile, Path]]:
        """The files of that size that the library holds and that are there with it now."""
        for file in self.index.files_with_size(size):
            root, indexed = self.roots.find(file.root_id), self.index.get(file.model_id)
            if root is None or not root.online or indexed is None:
                continue
            path = f"{self._files_directory(indexed, json.loads(indexed.document))}/{file.path}"
            stamp = stamp_of(path)
            if stamp is not None and stamp.size == size:
                yield file, Path(path)

    @staticmethod
    def size_of(indexed: IndexRecord) -> int:
        """Bytes of all files of a model, as the index knows them."""
        return int(json.loads(indexed.document)["size"])

    def _files_directory(self, indexed: IndexRecord, document: dict[str, Any]) -> str:
        root = self.roots.get(indexed.root_id)
        reference = document.get("reference")
        if reference:
            return f"{root.path}/{reference['path']}"
        return f"{root.metadata_directory}/{indexed.location}"

    def _shown_path(self, indexed: IndexRecord, document: dict[str, Any]) -> Path:
        directory = Path(self._files_directory(indexed, document))
        weights = [f["path"] for f in document["files"] if f["role"] == FileRole.WEIGHT]
        single = document["form"] == "single-file" and len(weights) == 1
        return directory / weights[0] if single else directory


def _files_state(
    directory: str, files: Iterable[tuple[str, int, str]], missing: object
) -> ModelState:
    """What sizes tell about (path, size, role) of every file of a model."""
    if missing:
        return ModelState.MISSING
    state = ModelState.ONLINE
    for path, size, role in files:
        stamp = stamp_of(f"{directory}/{path}")
        if stamp is None:
            if role in _NEEDED:
                return ModelState.MISSING
        elif stamp.size != size:
            state = ModelState.MODIFIED
    return state


def require_place(directory: Path) -> None:
    """Raises LibraryPathError when no library can be begun in a directory, for what is there or for where it is.
    Nothing is written."""
    from model_library.io.validator import check_new_library  # most starts begin no library

    if directory.exists() and not directory.is_dir():
        raise LibraryPathError("The library path is a file", path=directory)
    foreign = _foreign_entries(directory) if directory.is_dir() else []
    if foreign:
        raise LibraryPathError(
            f"The directory is no library and not empty (it holds {foreign[0]!r})",
            path=directory,
            hint="Give an empty or new directory (on a command line with --library or MODEL_LIBRARY).",
        )
    problem = check_new_library(directory)
    if problem is not None:
        raise LibraryPathError(problem.message, path=directory) from problem


def _create(directory: Path, settings: Settings) -> LibraryIdentity:
    from filelock import FileLock

    try:
        require_place(directory)
        directory.mkdir(parents=True, exist_ok=True)
        (directory / LOCKS).mkdir(exist_ok=True)
        with FileLock(directory / LOCKS / "library.lock", timeout=settings.lock_timeout):
            return read_library_file(directory / LIBRARY_FILE) or _found(directory)
    except OSError as error:
        raise LibraryPathError(
            f"The library cannot be created: {translate_os_error(error, path=directory, writing=True).message}",
            path=directory,
        ) from error


def _found(directory: Path) -> LibraryIdentity:
    home = directory / HOME_DIRECTORY
    home.mkdir(exist_ok=True)
    marker = read_marker(home)
    if marker is None:
        marker = Marker(new_id(), RootMode.MANAGED)
        write_marker(home, marker)
    identity = LibraryIdentity(new_id(), marker.root_id)
    write_library_file(directory / LIBRARY_FILE, identity)
    fsync_directory(directory)
    return identity


def _foreign_entries(directory: Path) -> list[str]:
    """What a directory without library.json holds that is not the rest of a library."""
    if (directory / HOME_DIRECTORY / MARKER_FILE).is_file():
        return []
    known = {LOCKS, HOME_DIRECTORY}
    return sorted(entry.name for entry in directory.iterdir() if entry.name not in known)


def _require_text(directory: Path) -> None:
    """Raises LibraryPathError: the databases are opened by names that are text."""
    try:
        str(directory).encode()
    except UnicodeEncodeError as error:
        raise LibraryPathError("The path is not UTF-8", path=directory) from error


def _open_registry(path: Path, settings: Settings, listener: Listener) -> Registry:
    if path.exists() and not (os.access(path.parent, os.W_OK) and os.access(path, os.W_OK)):
        return Registry.open(path, settings.lock_timeout, read_only=True)
    if keep_reserve(path.parent):
        message = "The drive of the library is full. What was kept for this was given up: models can be deleted"
        listener(
            Notice("drive-full", message, "Free some space: `delete --purge`, or other files.")
        )
    try:
        return Registry.open(path, settings.lock_timeout)
    except RegistryDamagedError as error:
        kept = _set_aside(path)
        listener(
            Notice(
                error.code,
                f"{error.message}. It was kept as {kept.name} and a new one begun",
                "Add roots other than the home root again; no model file was touched.",
            )
        )
        return Registry.open(path, settings.lock_timeout)


def _set_aside(path: Path) -> Path:
    kept = set_aside(path)
    for suffix in ("-wal", "-shm"):
        extra = path.with_name(path.name + suffix)
        if extra.exists():
            extra.rename(kept.with_name(kept.name + suffix))
    fsync_directory(path.parent)
    return kept
