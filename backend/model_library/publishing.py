"""How a finished model becomes visible, and how an interrupted act ends.

A model is built in `.staging/<job>...` beside its destination and appears by one no-replace rename. What is
about to happen is in the journal first; what a dead process left there is finished or undone at the next
start. The source files of a move are removed last of all, when the model is durable in its place.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from filelock import FileLock

from model_library.errors import (
    FileError,
    HashMismatchError,
    MetadataError,
    ModelLibraryError,
    TargetExistsError,
)
from model_library.events import Listener, Notice
from model_library.gone import is_gone, note_gone
from model_library.io.files import write_all, write_durably
from model_library.io.hashing import hash_file, sample_hash
from model_library.io.platform.os_errors import translate_os_error
from model_library.io.platform.page_cache import fsync_directory, sync_filesystem
from model_library.io.platform.renaming import rename_noreplace
from model_library.library import JOB_PREFIX, METADATA_NAME, Catalog, Record
from model_library.naming import SHORT_HASH_LENGTH, safe_file_name
from model_library.roots import Root
from model_library.search.fts5 import IndexRecord
from model_library.store import STAGING, TRASH, stamp_of
from model_library.taxonomy import ModelState, RootMode

if TYPE_CHECKING:
    from model_library.metadata import ModelMetadata

PUBLISH: Final = "publish"
RECONCILE: Final = "reconcile"
PURGE: Final = "purge"
RELINK: Final = "relink"
"""Links of models that a job changed; settled by a sync, which is above this layer."""
EXCLUSIVE_JOB: Final = "exclusive"
"""Job name of acts that are done wholly under the library's lock."""
LINKED: Final = ".links"
"""Suffix of a staging directory whose files may be second names of the user's own files."""


@dataclass(frozen=True, slots=True)
class MovedSource:
    """A file that a move takes away once its new place is durable; identity as it was hashed."""

    path: str
    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int
    """After it was linked or copied: programs can set a modification time back, this one never."""
    held: str
    """Path of the same bytes, relative to the published directory."""


@dataclass(frozen=True, slots=True)
class StagedModel:
    """A complete model in staging: every file in place, only metadata.json not yet written."""

    metadata: ModelMetadata
    root: Root
    directory: Path
    moved: tuple[MovedSource, ...] = ()
    warnings: tuple[str, ...] = ()
    completes: str | None = None
    """Id of the sharded set in the library that lacks these shards; see `completing`."""


@dataclass(frozen=True, slots=True)
class Published:
    """What became of a staged model: its id, and whether the library had it already."""

    model_id: str
    duplicate: bool = False
    left: tuple[str, ...] = ()
    """Sources of a move that were not removed because they changed meanwhile."""
    warnings: tuple[str, ...] = ()
    repaired: bool = False
    """The library knew the model and had lost files of it, which are back now."""
    completed: bool = False
    """The library knew the model, and it lacked shards, which it has now."""


class Job:
    """A live piece of work with a name, a lock that dies with the process, and staging directories."""

    def __init__(self, name: str, listener: Listener) -> None:
        self._listener = listener
        self.name = name
        self._staging: set[Path] = set()

    def staging(self, root: Root, *, linked: bool) -> Path:
        """The staging directory of this job in a root, made on first use. Raises FileError."""
        suffix = LINKED if linked else ""
        path = root.metadata_directory / STAGING / f"{self.name}{suffix}"
        if path not in self._staging:
            try:
                path.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise translate_os_error(error, path=path, writing=True) from error
            self._staging.add(path)
        return path

    def clean(self) -> bool:
        """Remove what is left in staging; of a failed or cancelled job these are only copies or
        second names of files that are whole elsewhere. False when a drive went away with some of it.
        """
        reached = [path for path in self._staging if path.is_dir()]
        try:
            for path in reached:
                clear_staging(path, self._listener)
        except FileError as error:  # what was done is done; the rest is cleared at the next start
            self._listener(Notice("staging-left", f"What was staged is cleared later: {error}"))
            return False
        return len(reached) == len(self._staging)


@contextmanager
def job(catalog: Catalog, listener: Listener) -> Iterator[Job]:
    """Begin a job. Its lock file exists before its staging does, and goes after it."""
    name = f"{JOB_PREFIX}{uuid.uuid4().hex[:12]}"
    path = catalog.lock_path(name)
    lock = FileLock(path)
    try:
        path.parent.mkdir(exist_ok=True)
        lock.acquire()
    except OSError as error:
        raise translate_os_error(error, path=path, writing=True) from error
    work = Job(name, listener)
    cleared = False
    try:
        yield work
    finally:
        try:
            cleared = work.clean()
        finally:
            lock.release()
            if cleared:  # else recovery knows by it of the staging when the drive is back
                with suppress(OSError):  # it finds it without staging, and removes it
                    path.unlink(missing_ok=True)


def publish(
    catalog: Catalog, work: Job, staged: Sequence[StagedModel]
) -> list[Published | ModelLibraryError]:
    """Make staged models durable, visible and indexed, with one flush for all of them.

    The answers are in the order of `staged`. A model whose content the library has already is dropped from
    staging and reported as a duplicate. One that cannot be published is answered with its error and
    stays in staging. Raises LibraryBusyError, IndexDamagedError, FileError of the flush; then what
    appeared is settled at the next start and nothing is lost.
    """
    with catalog.exclusive():
        for root in {model.root.root_id: model.root for model in staged}.values():
            catalog.roots.require_still_online(root)
        outcomes, fresh = _without_known(catalog, staged)
        ready = _described(catalog, fresh)
        _flush(fresh)
        entries = catalog.registry.begin(
            work.name, [(PUBLISH, _payload(one.model, one.record.location)) for one in ready]
        )
        visible: list[_Ready] = []
        for one in ready:
            try:
                _appear(one)
            except FileError as error:
                outcomes[one.model.directory] = error
            else:
                visible.append(one)
        _flush(fresh)
        catalog.index.put([one.record for one in visible])
    for one in visible:
        model = one.model
        left = remove_moved(one.target, model.moved)
        outcomes[model.directory] = Published(
            model.metadata.model_id, left=left, warnings=model.warnings
        )
    catalog.registry.finish(entries)
    return [outcomes[model.directory] for model in staged]


def _flush(models: Sequence[StagedModel]) -> None:
    for directory in {model.root.metadata_directory for model in models}:
        sync_filesystem(directory)


def _without_known(
    catalog: Catalog, staged: Sequence[StagedModel]
) -> tuple[dict[Path, Published | ModelLibraryError], list[StagedModel]]:
    """Settle the models whose content the library knows; the others go on."""
    outcomes: dict[Path, Published | ModelLibraryError] = {}
    fresh: list[StagedModel] = []
    seen: dict[str, str] = {}
    for model in sorted(staged, key=_origin):  # of twins the first gives the name, always the same
        digest = model.metadata.content_digest
        known = _there(catalog, catalog.index.by_content_digest(digest))
        if digest in seen:
            outcomes[model.directory] = Published(seen[digest], duplicate=True)
        elif known is None:
            seen[digest] = model.metadata.model_id
            fresh.append(model)
            continue
        else:
            outcomes[model.directory] = _known(catalog, known, model)
        shutil.rmtree(model.directory)
    return outcomes, fresh


def _there(catalog: Catalog, model_id: str | None) -> str | None:
    """The same model, None when its directory was deleted by hand: then the one that comes takes its place."""
    row = None if model_id is None else catalog.index.get(model_id)
    if row is None or not is_gone(catalog, row):
        return model_id
    note_gone(catalog, [row])
    catalog.index.remove([row.model_id])
    return None


def _origin(model: StagedModel) -> str:
    return model.metadata.origin_path or ""


def _known(catalog: Catalog, model_id: str, model: StagedModel) -> Published | ModelLibraryError:
    """A duplicate, unless the library's own files are gone or damaged: then they are put back."""
    try:
        record = catalog.record(model_id)
        if record.state not in (ModelState.MISSING, ModelState.MODIFIED):
            if _looks_whole(record, model):
                return Published(model_id, duplicate=True)
            note_damage(catalog, model_id, "it does not look like the same file that came in again")
        if record.metadata.reference is not None:
            return HashMismatchError(
                f"{model_id} has these bytes by its record, and its own file, which is only referenced, has not",
                path=record.files_directory,
                hint=f"`model-library delete {model_id}` forgets it; then do this again.",
            )
        held = _put_back(catalog, record, model)
    except ModelLibraryError as error:
        return error
    if not held:
        return Published(model_id, duplicate=True)
    moved = [replace(m, held=held[m.held]) for m in model.moved if m.held in held]
    left = remove_moved(record.files_directory, moved)
    return Published(model_id, left=left, warnings=model.warnings, repaired=True)


def _looks_whole(record: Record, model: StagedModel) -> bool:
    """Whether the library's own files look like those in staging, which were hashed just now and are going to be
    thrown away. A file whose hash is the word of a Hugging Face cache is read."""
    staged = {file.sha256: model.directory / file.path for file in model.metadata.files}
    for file in record.metadata.weights:
        path, twin = record.files_directory / file.path, staged.get(file.sha256)
        if file.blake3 is None and not holds(path, file.sha256):
            return False
        if twin is not None and twin.is_file() and sample_hash(path) != sample_hash(twin):
            return False
    return True


def note_damage(catalog: Catalog, model_id: str, what: str) -> None:
    """Remember that a model does not have the bytes of its record, as `verify` does."""
    catalog.registry.record_verifications([(model_id, False, what)])
    catalog.index.set_state(model_id, ModelState.MODIFIED.value)


def _put_back(catalog: Catalog, record: Record, model: StagedModel) -> dict[str, str]:
    """Replace lost and damaged files of a model by the same bytes from staging; what lay in their place
    goes to the trash. Returns where each staged file went. Raises FileError."""
    staged = {file.sha256: file.path for file in model.metadata.files}
    held: dict[str, str] = {}
    for file in record.metadata.files:
        path = record.files_directory / file.path
        if file.sha256 not in staged or holds(path, file.sha256):
            continue
        if os.path.lexists(path):
            keep_aside(path, record)
        path.parent.mkdir(parents=True, exist_ok=True)
        rename_noreplace(model.directory / staged[file.sha256], path)
        held[staged.pop(file.sha256)] = file.path
    sync_filesystem(record.directory)
    catalog.registry.forget_verification(record.metadata.model_id)
    catalog.index.put([catalog.read_record(record.root, record.location)])
    return held


def holds(path: Path, sha256: str) -> bool:
    """Whether a file is there and has this content, which is read."""
    return stamp_of(path) is not None and hash_file(path).sha256 == sha256


def keep_aside(path: Path, record: Record) -> None:
    """Move what lies in the place of a model's file to the trash of its root. Raises FileError."""
    kept = record.root.metadata_directory / TRASH / f"replaced-{uuid.uuid4().hex[:8]}" / path.name
    kept.parent.mkdir(parents=True)
    rename_noreplace(path, kept)
    fsync_directory(kept.parent)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A model whose metadata.json is written, and what the index will hold of it."""

    model: StagedModel
    target: Path
    record: IndexRecord


def _described(catalog: Catalog, models: Sequence[StagedModel]) -> list[_Ready]:
    """The models with ids and places that nobody else has, their metadata.json in staging."""
    ready: list[_Ready] = []
    ids: set[str] = set()
    places: set[Path] = set()
    for staged in models:
        model = replace(staged, metadata=_with_free_id(catalog, staged.metadata, ids))
        place = free_place(model.metadata, model.root, places)
        record = _write_staged(model, place)
        ready.append(_Ready(model, model.root.metadata_directory / place, record))
    return ready


def _with_free_id(catalog: Catalog, metadata: ModelMetadata, taken: set[str]) -> ModelMetadata:
    length = SHORT_HASH_LENGTH
    while metadata.model_id in taken or catalog.index.get(metadata.model_id) is not None:
        length += 4
        longer = f"{metadata.slug}-{metadata.content_digest[:length]}"
        metadata = metadata.model_copy(update={"model_id": longer})
    taken.add(metadata.model_id)
    return metadata


def _write_staged(model: StagedModel, place: str) -> IndexRecord:
    """Write metadata.json; the flush of the batch makes it durable. Raises FileError."""
    from model_library.metadata import dump_metadata

    metadata, data = model.metadata, dump_metadata(model.metadata)
    path = model.directory / METADATA_NAME
    try:
        with path.open("xb", buffering=0) as file:
            write_all(file, data)
            status = os.fstat(file.fileno())
    except OSError as error:
        raise translate_os_error(error, path=path, writing=True) from error
    state = ModelState.MISSING if metadata.missing_files else ModelState.ONLINE
    return IndexRecord(
        model_id=metadata.model_id,
        root_id=model.root.root_id,
        location=place,
        metadata_mtime_ns=status.st_mtime_ns,
        metadata_size=status.st_size,
        document=data.decode(),
        state=state.value,
    )


def place_of(metadata: ModelMetadata, root: Root) -> str:
    """Where a model lies by its kind, family and slug, before clashes are looked at."""
    if root.mode is RootMode.REFERENCED:
        return metadata.model_id
    return f"{metadata.kind}/{safe_file_name(metadata.family)}/{metadata.slug}"


def free_place(metadata: ModelMetadata, root: Root, taken: set[Path]) -> str:
    """The place of a model, with a part of its digest where the plain one is taken."""
    place = place_of(metadata, root)
    length = 8
    while (path := root.metadata_directory / place) in taken or os.path.lexists(path):
        place = f"{place_of(metadata, root)}-{metadata.content_digest[:length]}"
        length += 4
        if length > len(metadata.content_digest):
            raise TargetExistsError("Every possible directory of this model is taken", path=path)
    taken.add(path)
    return place


def _appear(one: _Ready) -> None:
    try:
        one.target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise translate_os_error(error, path=one.target, writing=True) from error
    rename_noreplace(one.model.directory, one.target)


def _payload(model: StagedModel, place: str) -> Mapping[str, Any]:
    return {
        "model_id": model.metadata.model_id,
        "content_digest": model.metadata.content_digest,
        "root_id": model.root.root_id,
        "location": place,
        "moved": [asdict(source) for source in model.moved],
    }


def remove_moved(published: Path, moved: Sequence[MovedSource]) -> tuple[str, ...]:
    """Take the sources of a move away, each only if it still is the very file that was hashed and its
    bytes are held under `published`. Returns those that were left where they are."""
    left: list[str] = []
    for source in moved:
        path, held = Path(source.path), stamp_of(published / source.held)
        try:
            if held is not None and held.size == source.size and is_as_hashed(path, source):
                path.unlink()
                fsync_directory(path.parent)
            elif os.path.lexists(path):
                left.append(source.path)
        except (OSError, FileError):  # whatever the reason: the user's file stays, and it is said
            left.append(source.path)
    return tuple(left)


def is_as_hashed(path: Path, source: MovedSource) -> bool:
    """Whether the source of a move still is the very file that was hashed."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return False
    seen = (source.device, source.inode, source.size, source.mtime_ns, source.ctime_ns)
    now = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    return now == seen


@contextmanager
def reconciled(catalog: Catalog, root: Root, places: Sequence[str]) -> Iterator[None]:
    """Hold the lock while records move between places; the index follows, also after a crash.

    Raises RootOfflineError when the drive went away meanwhile: then it follows when that is back.
    """
    with catalog.exclusive():
        payload = {"root_id": root.root_id, "locations": list(places)}
        entries = catalog.registry.begin(EXCLUSIVE_JOB, [(RECONCILE, payload)])
        try:
            yield
        finally:
            reconcile(catalog, payload)
            catalog.registry.finish(entries)


def write_metadata(root: Root, location: str, metadata: ModelMetadata) -> None:
    """Replace a metadata.json. Callers hold `reconciled`. Raises FileError."""
    from model_library.metadata import dump_metadata

    write_durably(root.metadata_directory / location / METADATA_NAME, dump_metadata(metadata))


def reconcile(catalog: Catalog, payload: Mapping[str, Any]) -> None:
    """Make the index say what is on disk at some places. Raises RootOfflineError when nobody can see what is
    there, RootNotFoundError."""
    root = catalog.roots.get(str(payload["root_id"]))
    gone: list[str] = []
    for location in map(str, payload["locations"]):
        at_place = catalog.index.ids_at(root.root_id, location)
        if stamp_of(root.metadata_directory / location / METADATA_NAME) is None:
            catalog.roots.require_still_online(root)
            gone.extend(at_place)
            continue
        try:
            record = catalog.read_record(root, location)
        except MetadataError:
            continue  # reported by every scan; the index keeps what it knew
        gone.extend(model_id for model_id in at_place if model_id != record.model_id)
        catalog.index.put([record])
        gone = [model_id for model_id in gone if model_id != record.model_id]
    if gone:
        catalog.index.remove(gone)


def remove_tree(path: Path) -> None:
    """Remove a directory of ours, or only the link when it was replaced by one. Raises FileError."""
    try:
        if path.is_symlink():
            path.unlink()
        elif path.is_dir():
            shutil.rmtree(path)
    except OSError as error:
        raise translate_os_error(error, path=path, writing=True) from error


def clear_staging(path: Path, listener: Listener) -> None:
    """Remove a staging directory. In one that holds second names of the user's files, a file whose other
    name is gone is the only copy: it is kept in the trash, never deleted. Of a link only the link goes.

    Raises FileError."""
    try:
        if path.name.endswith(LINKED) and not path.is_symlink():
            _rescue_only_copies(path, listener)
    except OSError as error:
        raise translate_os_error(error, path=path, writing=True) from error
    remove_tree(path)
    with suppress(OSError):  # another job is staging there, or it is gone
        path.parent.rmdir()


def _rescue_only_copies(staging: Path, listener: Listener) -> None:
    for file in sorted(p for p in staging.rglob("*") if p.is_file() and not p.is_symlink()):
        if file.stat().st_nlink == 1 and file.name != METADATA_NAME:
            kept = _rescue(file, staging)
            listener(Notice("rescued", f"A file whose source is gone was kept as {kept}"))


def _rescue(file: Path, staging: Path) -> Path:
    trash = staging.parent.parent / TRASH / f"rescued-{staging.name}"
    target = trash / file.relative_to(staging)
    target.parent.mkdir(parents=True, exist_ok=True)
    rename_noreplace(file, target)
    fsync_directory(target.parent)
    return target
