"""Import: walk -> group -> probe -> place -> verify -> record -> index, many models at a time.

A batch keeps going past a bad file. Models are placed by a few workers, wait in staging, and are published
in batches that share one flush. Whatever ends the import, published models are whole, the rest left no
trace, and every source is where it was or, for a move, in its new place.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib import import_module
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

from model_library.config import Settings
from model_library.errors import (
    CancelledError,
    ModelLibraryError,
    RootConflictError,
    SourceInStoreError,
)
from model_library.events import Advanced, Listener, ModelDone, Notice, Planned
from model_library.identify.ollama_store import is_of_ollama, kept_by_stores
from model_library.identify.values import ModelGroup
from model_library.intake import (
    Duplicate,
    Failed,
    ImportReport,
    find_groups,
    paths_of,
    published,
)
from model_library.io.hashing import sample_hash
from model_library.io.manager import DriveQueues
from model_library.io.platform.links import can_reflink
from model_library.io.validator import BatchRequest, check_batch
from model_library.library import UPLOADS_DIRECTORY, Catalog
from model_library.publishing import Job, Published, StagedModel, job
from model_library.recording import Overrides, named_as_sent
from model_library.roots import WITHOUT_MARKER, Root, managed_root_of
from model_library.staging import StagedDuplicate, Stager
from model_library.store import MARKER_FILE
from model_library.taxonomy import AdapterType, Kind, Placement, RootMode

STAGE: Final = "import"

WORTH_A_LOOK: Final = 8 * 1024**2
"""Bytes of weights from which a model is compared with the others before it is copied."""


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What to import, and how."""

    paths: tuple[Path, ...]
    placement: Placement = Placement.AUTO
    root_id: str | None = None
    kind: Kind | None = None
    adapter_type: AdapterType | None = None
    family: str | None = None
    edits: Mapping[Path, Mapping[str, Any]] = field(default_factory=dict)
    """What the user said about single models: editable fields, by the path of one of their files."""
    accept_pickle: bool = False
    dry_run: bool = False


class Importer:
    """One import into one library."""

    def __init__(
        self,
        catalog: Catalog,
        queues: DriveQueues,
        listener: Listener,
        cancelled: threading.Event,
        stores: Sequence[Path] = (),
    ) -> None:
        """`stores`: where Ollama keeps models on this machine; none of its files is moved."""
        self._stores = stores
        self._catalog = catalog
        self._queues = queues
        self._listener = listener
        self._cancelled = cancelled
        self._settings: Settings = catalog.settings

    def run(self, request: ImportRequest) -> ImportReport:
        """Import everything under the request's paths.

        Raises RootNotFoundError, RootOfflineError, RootConflictError, TargetFullError, TargetReadOnlyError
        (before anything was placed), LibraryBusyError, CancelledError.
        """
        held = [root.path for root in self._catalog.roots if root.mode is RootMode.MANAGED]
        own = [] if self._are_received(request.paths) else [self._catalog.directory]
        grouping, report = find_groups(request.paths, [*held, *own])
        groups = [named_as_sent(one, self._catalog.directory) for one in grouping.groups]
        if request.placement is Placement.MOVE:
            kept = kept_by_stores([*self._stores, *grouping.stores])
            groups = list(_movable(groups, kept, report))
        self._listener(Planned(STAGE, len(groups), sum(g.size for g in groups)))
        with job(self._catalog, self._listener) as work:
            stager = Stager(
                self._catalog,
                work,
                self._queues,
                self._progress,
                accept_pickle=request.accept_pickle,
                overrides=Overrides(request.kind, request.adapter_type, request.family),
                edits=request.edits,
            )
            if request.dry_run:
                self._rehearse(stager, groups, report)
                return report
            tasks = [(one, self._destination(request, one)) for one in groups]
            self._check(tasks, request.placement, stager)
            for wave in _waves(tasks):
                stager.forget_samples()
                self._import_wave(stager, work, wave, request.placement, report)
        return report

    def _are_received(self, paths: Sequence[Path]) -> bool:
        """Whether a browser sent it all: that waits inside the library."""
        received = self._catalog.directory / UPLOADS_DIRECTORY
        return all(received in Path(os.path.normpath(path)).parents for path in paths)

    def _progress(self, count: int) -> None:
        if self._cancelled.is_set():
            raise CancelledError("The import was stopped; nothing half-done was left")
        self._listener(Advanced(STAGE, count))

    def _destination(self, request: ImportRequest, one: ModelGroup) -> Root:
        roots = self._catalog.roots
        if request.placement is Placement.REFERENCE:
            return self._referenced_root(request, one)
        root = roots.get(request.root_id) if request.root_id else roots.home
        if root.mode is RootMode.REFERENCED:
            raise RootConflictError(
                "A referenced root is only read; nothing can be placed in it",
                path=root.path,
                hint="Choose a managed root with --root, or use --place reference.",
            )
        return root.require_online()

    def _referenced_root(self, request: ImportRequest, one: ModelGroup) -> Root:
        """The referenced root that holds the files. When there is none, the folder that was given becomes
        one, or of a file its folder."""
        roots, base = self._catalog.roots, one.base.resolve()
        root = roots.containing(base)
        if root is not None and root.mode is RootMode.REFERENCED:
            return root.require_online()
        given = [path.resolve() for path in request.paths if path.is_dir()]
        above = [path for path in given if path == base or path in base.parents]
        place = above[0] if above else base
        self._catalog.links.require_no_app(place)
        root = roots.add(place, RootMode.REFERENCED, with_marker=False)
        message = f"{root.path} is now a referenced root: its files stay there and are only read"
        self._listener(Notice("root-added", message, WITHOUT_MARKER))
        return root

    def _check(
        self, tasks: Sequence[tuple[ModelGroup, Root]], placement: Placement, stager: Stager
    ) -> None:
        """Refuse the whole batch early when its targets cannot take it. Raises ModelLibraryError."""
        if placement is Placement.REFERENCE:
            return
        for root in {root.root_id: root for _, root in tasks}.values():
            sources = [
                (file.file.path, file.file.size)
                for one, target in tasks
                if target is root and not stager.looks_held(one)
                for file in one.files
            ]
            shares = placement is Placement.MOVE or (
                placement is Placement.AUTO and can_reflink(root.path)
            )
            checked = check_batch(BatchRequest(tuple(sources), root.path, copies=not shares))
            for warning in checked.warnings:
                if warning.code != "sandbox":  # said by doctor, not at every import
                    self._listener(Notice(warning.code, warning.message, warning.hint))
            for error in checked.errors:
                if error.path is None or Path(error.path) == root.path:
                    raise error

    def _import_wave(
        self,
        stager: Stager,
        work: Job,
        wave: Sequence[tuple[ModelGroup, Root]],
        placement: Placement,
        report: ImportReport,
    ) -> None:
        batch: list[tuple[StagedModel, ModelGroup]] = []
        size = 0
        for one, outcome in self._staged(stager, wave, placement):
            if isinstance(outcome, StagedModel):
                batch.append((outcome, one))
                size += outcome.metadata.size
                if len(batch) >= self._settings.batch_models or size >= self._settings.batch_bytes:
                    self._publish(work, batch, report)
                    batch, size = [], 0
            else:
                self._note(one, outcome, report)
        self._publish(work, batch, report)

    def _staged(
        self, stager: Stager, wave: Sequence[tuple[ModelGroup, Root]], placement: Placement
    ) -> Iterator[tuple[ModelGroup, StagedModel | StagedDuplicate | ModelLibraryError]]:
        """Stage models with a few workers; results come as they are done. Never more than a batch of
        models waits in memory."""
        ahead = self._settings.workers + self._settings.batch_models
        waiting = iter(wave)
        running: dict[Future[StagedModel | StagedDuplicate], ModelGroup] = {}
        done: SimpleQueue[Future[StagedModel | StagedDuplicate]] = SimpleQueue()
        with ThreadPoolExecutor(self._settings.workers) as pool, ExitStack() as cleanup:
            cleanup.callback(self._stop, running)
            _start_all(pool, self._settings.workers)
            # It takes long to import, so while others hash; in a thread, because an interrupt that
            # comes in the middle of importing is lost.
            threading.Thread(target=import_module, args=["model_library.metadata"]).start()
            while True:
                for one, root in islice(waiting, ahead - len(running)):
                    future = pool.submit(stager.stage, one, root, placement)
                    running[future] = one
                    future.add_done_callback(done.put)
                if not running:
                    break
                future = done.get()
                yield running.pop(future), _outcome(future)
            cleanup.pop_all()

    def _stop(self, running: Iterable[Future[StagedModel | StagedDuplicate]]) -> None:
        """Let the workers end soon; called when an error or an interrupt ends the import."""
        self._cancelled.set()
        for future in running:
            future.cancel()

    def _publish(
        self, work: Job, batch: Sequence[tuple[StagedModel, ModelGroup]], report: ImportReport
    ) -> None:
        for one, outcome in published(self._catalog, work, batch):
            self._note(one, outcome, report)

    def _note(
        self,
        one: ModelGroup,
        outcome: Published | StagedDuplicate | ModelLibraryError,
        report: ImportReport,
    ) -> None:
        word = report.note(one, outcome)
        self._listener(ModelDone(STAGE, one.name, word))

    def _rehearse(self, stager: Stager, groups: Sequence[ModelGroup], report: ImportReport) -> None:
        """A dry run: read everything and say what would happen, writing nothing."""
        seen: dict[str, str] = {}
        for one in groups:
            try:
                outcome = stager.rehearse(one)
            except CancelledError:
                raise
            except ModelLibraryError as error:
                report.failed.append(Failed(paths_of(one), error))
                continue
            if isinstance(outcome, StagedDuplicate):
                report.duplicates.append(Duplicate(outcome.model_id, paths_of(one)))
            elif outcome.content_digest in seen:
                report.duplicates.append(Duplicate(seen[outcome.content_digest], paths_of(one)))
            else:
                report.would_import.append((one, outcome))
                seen[outcome.content_digest] = outcome.model_id


def _start_all(pool: ThreadPoolExecutor, workers: int) -> None:
    """Start every thread of a pool while there is no work. An interrupt in the middle of starting one makes
    the pool forget it, and nobody would wait for the end of what it does."""
    started = threading.Event()
    with ExitStack() as cleanup:
        cleanup.callback(started.set)
        for _ in range(workers):
            pool.submit(started.wait)


def _outcome(
    future: Future[StagedModel | StagedDuplicate],
) -> StagedModel | StagedDuplicate | ModelLibraryError:
    try:
        return future.result()
    except CancelledError:
        raise
    except ModelLibraryError as error:
        return error


def _waves(
    tasks: Sequence[tuple[ModelGroup, Root]],
) -> list[list[tuple[ModelGroup, Root]]]:
    """Two waves: models that look alike come one after the other, so that the second finds the first in
    the library instead of being copied beside it. Looking at a small one costs as much as copying it;
    publishing finds those that are the same."""
    by_size: dict[tuple[int, ...], list[tuple[ModelGroup, Root]]] = {}
    first: list[tuple[ModelGroup, Root]] = []
    later: list[tuple[ModelGroup, Root]] = []
    for task in tasks:
        sizes = tuple(sorted(file.file.size for file in task[0].weights))
        if sum(sizes) < WORTH_A_LOOK:
            first.append(task)
        else:
            by_size.setdefault(sizes, []).append(task)
    for alike in by_size.values():
        seen: set[str] = set()
        for task in alike:
            look = _look(task[0]) if len(alike) > 1 else ""
            (later if look in seen else first).append(task)
            seen.add(look)
    return [wave for wave in (first, later) if wave]


def _look(one: ModelGroup) -> str:
    """A hint of the content: equal for equal models, as a rule different for others."""
    try:
        return " ".join(sorted(sample_hash(file.file.path) for file in one.weights))
    except ModelLibraryError:
        return f"unreadable {one.base / one.name}"


def _movable(
    groups: Iterable[ModelGroup], kept: Collection[str], report: ImportReport
) -> Iterator[ModelGroup]:
    """The groups that can be moved: others would be lost to whoever keeps them now. `kept`: by Ollama, wherever."""
    roots: dict[Path, Path | None] = {}
    for one in groups:
        base = one.base.resolve()
        if base not in roots:
            roots[base] = managed_root_of(base)
        error = _of_ollama(one) if is_of_ollama(one, kept) else _of_a_library(roots[base])
        if error is None:
            yield one
        else:
            report.failed.append(Failed(paths_of(one), error))


def _of_a_library(root: Path | None) -> RootConflictError | None:
    if root is None:
        return None
    return RootConflictError(
        "The files belong to another library, which would lose them",
        path=root,
        hint=f"Import them with --place copy. Is that library no longer used? Then remove {root / MARKER_FILE}.",
    )


def _of_ollama(one: ModelGroup) -> SourceInStoreError:
    is_inside = is_of_ollama(one)
    why = (
        "other models there may need its files" if is_inside else "a link in it leads to this file"
    )
    return SourceInStoreError(
        f"{one.name} cannot be moved out of Ollama's store: {why}",
        path=one.base if is_inside else one.files[0].file.path,
        hint="Import it with --place copy, or reference; `ollama rm` frees the space in the store.",
    )
