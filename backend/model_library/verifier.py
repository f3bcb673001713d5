"""Verify: hash again what the library holds and compare it with what the catalog says.

Nothing is changed in any model, but that a hash which nobody had computed yet is filled in. The outcome of each
model is remembered (unless the library is read-only), so that a damaged one is shown as modified until it verifies
again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from model_library.errors import (
    CancelledError,
    HashMismatchError,
    MetadataError,
    ModelLibraryError,
    RecordChangedError,
    RootOfflineError,
    SourceNotFoundError,
)
from model_library.events import Advanced, Listener, ModelDone, Planned
from model_library.io.hashing import hash_file
from model_library.io.manager import DriveQueues
from model_library.library import Catalog, Record
from model_library.metadata import ModelFile
from model_library.publishing import reconciled, write_metadata
from model_library.search.fts5 import IndexRecord
from model_library.taxonomy import ModelState

STAGE = "verify"
_NEVER_CAME = "Was missing when the model was imported"
_LET_IT_COME = "Import it together with another of its shards: it completes this model."


@dataclass(frozen=True, slots=True)
class FileProblem:
    """What is wrong with one file of a model."""

    path: str
    error: ModelLibraryError


@dataclass(frozen=True, slots=True)
class Verified:
    """One model after its re-hash: intact when there are no problems."""

    model_id: str
    bytes: int
    problems: tuple[FileProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """Every model that was asked for, in exactly one of the lists."""

    intact: tuple[Verified, ...]
    damaged: tuple[Verified, ...]
    offline: tuple[str, ...]
    """Ids whose root is not there now; nothing is said about their files."""


def verify(
    catalog: Catalog,
    model_ids: Sequence[str],
    *,
    queues: DriveQueues,
    listener: Listener,
    cancelled: threading.Event,
) -> VerifyReport:
    """Re-hash the named models, or all of them when none is named.

    Raises ModelNotFoundError, AmbiguousModelIdError (before anything is read), CancelledError,
    RootOfflineError (a drive went away meanwhile), LibraryBusyError.
    """
    wanted = [catalog.resolve(model_id) for model_id in model_ids]
    if not wanted:
        wanted = [entry.model_id for entry in catalog.index.entries(None)]
    records = [row for row in map(catalog.index.get, wanted) if row is not None]
    offline = tuple(r.model_id for r in records if catalog.state_now(r) is ModelState.OFFLINE)
    online = [record for record in records if record.model_id not in set(offline)]
    listener(Planned(STAGE, len(online), sum(catalog.size_of(record) for record in online)))
    with ThreadPoolExecutor(max_workers=catalog.settings.workers) as pool, _stopping(cancelled):
        futures = [
            pool.submit(_verify_as_it_is, catalog, record, queues, listener, cancelled)
            for record in online
        ]
        results = list(_collected(catalog, futures, listener))
    results.sort(key=lambda result: result.model_id)
    return VerifyReport(
        intact=tuple(r for r in results if not r.problems),
        damaged=tuple(r for r in results if r.problems),
        offline=offline,
    )


@contextmanager
def _stopping(cancelled: threading.Event) -> Iterator[None]:
    """Let the workers stop when the body is left by an error or an interrupt."""
    with ExitStack() as cleanup:
        cleanup.callback(cancelled.set)
        yield
        cleanup.pop_all()


def _collected(
    catalog: Catalog, futures: Sequence[Future[Verified | None]], listener: Listener
) -> Iterator[Verified]:
    for future in as_completed(futures):
        result = future.result()
        if result is None:
            continue
        if not catalog.read_only:
            _remember(catalog, result)
        listener(ModelDone(STAGE, result.model_id, "damaged" if result.problems else "intact"))
        yield result


def _remember(catalog: Catalog, result: Verified) -> None:
    if catalog.index.get(result.model_id) is None:
        return
    detail = "; ".join(f"{p.path}: {p.error.message}" for p in result.problems)
    catalog.registry.record_verifications([(result.model_id, not result.problems, detail)])
    catalog.index.set_state(result.model_id, _state(result).value)


def _state(result: Verified) -> ModelState:
    if not result.problems:
        return ModelState.ONLINE
    missing = all(isinstance(p.error, SourceNotFoundError) for p in result.problems)
    return ModelState.MISSING if missing else ModelState.MODIFIED


def _verify_as_it_is(
    catalog: Catalog,
    indexed: IndexRecord,
    queues: DriveQueues,
    listener: Listener,
    cancelled: threading.Event,
) -> Verified | None:
    """The same for a model that others may change meanwhile; None when it is gone. Raises RootOfflineError."""
    now: IndexRecord | None = indexed
    while now is not None:
        read, result = now, _verify_model(catalog, now, queues, listener, cancelled)
        if not result.problems:
            return result
        now = _as_it_is_now(catalog, read)
        if now is not None and _place_of(now) == _place_of(read):
            return result
    return None


def _as_it_is_now(catalog: Catalog, read: IndexRecord) -> IndexRecord | None:
    """What the index says of a model that was not found whole, when nobody is changing anything: it may have been
    deleted or moved while it was read."""
    root = catalog.roots.find(read.root_id)
    if root is None:
        return None
    catalog.roots.require_still_online(root)
    with nullcontext() if catalog.read_only else catalog.exclusive():
        return catalog.index.get(read.model_id)


def _place_of(row: IndexRecord) -> tuple[object, ...]:
    return row.root_id, row.location, row.metadata_mtime_ns, row.metadata_size


def _verify_model(
    catalog: Catalog,
    indexed: IndexRecord,
    queues: DriveQueues,
    listener: Listener,
    cancelled: threading.Event,
) -> Verified:
    if cancelled.is_set():
        raise CancelledError("Verifying was stopped")
    try:
        record = catalog.record_of(catalog.refreshed(indexed))
    except MetadataError as error:
        return Verified(indexed.model_id, 0, (FileProblem(str(error.path), error),))
    problems: list[FileProblem] = []
    proven: list[ModelFile] = []
    for file in record.metadata.files:
        read = _verify_file(record, file, queues, listener, cancelled)
        if isinstance(read, FileProblem):
            problems.append(read)
        else:
            proven.append(read)
    if not problems and tuple(proven) != record.metadata.files and not catalog.read_only:
        _fill_in(catalog, record, proven)
    problems += [
        FileProblem(name, SourceNotFoundError(_NEVER_CAME, path=name, hint=_LET_IT_COME))
        for name in record.metadata.missing_files
    ]
    return Verified(record.metadata.model_id, record.metadata.size, tuple(problems))


def _verify_file(
    record: Record,
    file: ModelFile,
    queues: DriveQueues,
    listener: Listener,
    cancelled: threading.Event,
) -> FileProblem | ModelFile:
    """What is wrong with a file; or the file, with the hash that it lacked."""
    path = record.files_directory / file.path

    def progress(count: int) -> None:
        if cancelled.is_set():
            raise CancelledError("Verifying was stopped", path=path)
        listener(Advanced(STAGE, count))

    try:
        with queues.slot(path, cancelled=cancelled.is_set):
            digests = hash_file(path, progress=progress)
    except (CancelledError, RootOfflineError):
        raise
    except ModelLibraryError as error:
        return FileProblem(str(path), error)
    if digests.sha256 == file.sha256 and file.blake3 in (None, digests.blake3):
        return file if file.blake3 else file.model_copy(update={"blake3": digests.blake3})
    return FileProblem(str(path), _mismatch(path, file, digests.size))


def _fill_in(catalog: Catalog, record: Record, files: Sequence[ModelFile]) -> None:
    """Write down hashes that were computed for the first time. When somebody changed the model meanwhile, the next
    verification does it."""
    try:
        indexed = catalog.refreshed(catalog.indexed(record.metadata.model_id))
        if catalog.record_of(indexed).metadata != record.metadata:
            return
        with reconciled(catalog, record.root, [record.location]):
            catalog.require_unchanged(indexed)
            filled = record.metadata.model_copy(update={"files": tuple(files)})
            write_metadata(record.root, record.location, filled)
    except RecordChangedError:
        return


def _mismatch(path: Path, file: ModelFile, size: int) -> HashMismatchError:
    if size != file.size:
        return HashMismatchError(f"Has {size} bytes instead of {file.size}", path=path)
    return HashMismatchError("The bytes are not those that were imported", path=path)
