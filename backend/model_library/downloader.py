"""Downloads: a repository becomes models of the library. This coordinates; others do the work.

`selection` says which files, `arrivals` gets them with proof of every byte, `staging` and `publishing` take
them in as an import does, without another copy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from model_library.arrivals import Arrivals, Incoming, arrivals, arrived_bytes
from model_library.attaching import Fetched, attach, goes_beside, require_attachable
from model_library.download_request import DownloadRequest
from model_library.enriching import merged
from model_library.errors import (
    CancelledError,
    ModelLibraryError,
    RootConflictError,
    SourceChangedError,
)
from model_library.events import Listener, ModelDone, Notice, Planned
from model_library.identify.values import ModelGroup
from model_library.intake import ImportReport, find_groups, paths_of, published
from model_library.io.hashing import FileDigests
from model_library.io.manager import DriveQueues
from model_library.io.validator import check_incoming
from model_library.library import Catalog
from model_library.metadata import with_changes
from model_library.providers import LookedUp, Provider, RemoteFile, RemoteModel, Transfer
from model_library.publishing import StagedModel, job
from model_library.recording import Overrides
from model_library.roots import Root
from model_library.selection import select, siblings
from model_library.staging import StagedDuplicate, Stager
from model_library.taxonomy import MatchMethod, Placement, RootMode

STAGE = "download"


class Downloader:
    """Downloads from one provider into one library."""

    def __init__(
        self, catalog: Catalog, provider: Provider, queues: DriveQueues, listener: Listener
    ) -> None:
        self._catalog = catalog
        self._provider = provider
        self._queues = queues
        self._listener = listener

    def plan(self, request: DownloadRequest) -> Incoming:
        """Which files would be fetched, and where to; asks the provider and changes nothing.

        Raises NetworkError, ProviderError, InvalidValueError, RootError.
        """
        request = request.addressed(self._provider)
        model = self._provider.details(request.repo, request.revision).value
        files = select(
            model, patterns=request.files, quant=request.quant, everything=request.everything
        )
        # A shard in common proves which model of the library lacks the others.
        held = [file for file in siblings(model, files) if self._is_held(file)]
        files = tuple(sorted((*files, *held), key=lambda file: file.path))
        for name in model.refused_files:
            self._listener(Notice("unsafe-name", f"Left out, a name that cannot be used: {name}"))
        return Incoming(model, files, self._root_for(request))

    def run(
        self, request: DownloadRequest, incoming: Incoming, transfer: Transfer, job_id: str
    ) -> ImportReport:
        """Fetch and take in. What has arrived stays for another try when this one fails or is stopped.

        Raises NetworkError, ProviderError, DownloadMismatchError, FileError, TargetFullError (before the
        first byte), LibraryBusyError, CancelledError.
        """
        self._check_space(incoming)
        self._listener(Planned(STAGE, 0, incoming.size))
        with arrivals(self._catalog, incoming, job_id) as here:
            received = here.receive(self._catalog, self._provider, transfer)
            report = self._take_in(request, incoming, here, received, transfer)
            if not report.failed:
                here.clear(self._listener)
        return report

    def _is_held(self, file: RemoteFile) -> bool:
        if file.size is None or file.sha256 is None:
            return False
        return any(held.sha256 == file.sha256 for held, _ in self._catalog.held_files(file.size))

    def _root_for(self, request: DownloadRequest) -> Root:
        """That of the model which the files come to, else the one that was asked for."""
        if request.beside is not None:
            record = self._catalog.record(request.beside)
            require_attachable(record)
            return record.root
        roots = self._catalog.roots
        root = roots.get(request.root_id) if request.root_id else roots.home
        if root.mode is RootMode.REFERENCED:
            raise RootConflictError("A referenced root is only read", path=root.path)
        return root.require_online()

    def _check_space(self, incoming: Incoming) -> None:
        coming = [(file.path, file.size or 0) for file in incoming.files]
        arrived = arrived_bytes(self._catalog, incoming)
        checked = check_incoming(coming, incoming.root.path, arrived=arrived)
        for warning in checked.warnings:
            self._listener(Notice(warning.code, warning.message, warning.hint))
        for error in checked.errors:
            raise error

    def _take_in(
        self,
        request: DownloadRequest,
        incoming: Incoming,
        here: Arrivals,
        received: Mapping[Path, FileDigests],
        transfer: Transfer,
    ) -> ImportReport:
        beside = {} if request.beside is None else _beside(here, received)
        grouping, report = find_groups([here.directory], (*here.strangers(received), *beside))
        report.skipped = [one for one in report.skipped if one[0] not in beside]
        with job(self._catalog, self._listener) as work:
            stager = Stager(
                self._catalog,
                work,
                self._queues,
                lambda _: transfer.advance(0),
                accept_pickle=request.accept_pickle,
                overrides=Overrides(),
                received=received,
            )
            batch: list[tuple[StagedModel, ModelGroup]] = []
            for one in grouping.groups:
                outcome = _strange(one, received) or _staged(stager, one, incoming.root)
                if isinstance(outcome, StagedModel):
                    batch.append((self._known(outcome, one, incoming.model, here), one))
                else:
                    self._note(report, one, outcome)
            for one, done in published(self._catalog, work, batch):
                self._note(report, one, done)
        if request.beside is not None:
            names = attach(self._catalog, request.beside, [*beside.values()])
            report.attached += [(request.beside, name) for name in names]
        return report

    def _note(self, report: ImportReport, one: ModelGroup, outcome: Any) -> None:
        self._listener(ModelDone(STAGE, one.name, report.note(one, outcome)))

    def _known(
        self, staged: StagedModel, one: ModelGroup, model: RemoteModel, here: Arrivals
    ) -> StagedModel:
        """With what the provider says of it. Bytes that no hash of the provider proves are known by their name."""
        file = one.weights[0].file.path.relative_to(here.directory).as_posix()
        hashed = {known.path for known in model.files or () if known.sha256 or known.git_sha1}
        names = {w.file.path.relative_to(here.directory).as_posix() for w in one.weights}
        sure = (MatchMethod.HASH, 1.0) if names <= hashed else (MatchMethod.FILENAME_EXACT, 0.8)
        known = merged(staged.metadata, LookedUp(*sure, remote=model, file=file))
        metadata = with_changes(known, {"origin_path": model.url}, staged.directory)
        return replace(staged, metadata=metadata)


def _beside(here: Arrivals, received: Mapping[Path, FileDigests]) -> dict[Path, Fetched]:
    """What has arrived and is no model of its own, but goes beside one."""
    names = {path: path.relative_to(here.directory).as_posix() for path in received}
    return {
        path: Fetched(name, path, received[path])
        for path, name in sorted(names.items())
        if goes_beside(name)
    }


def _strange(one: ModelGroup, received: Mapping[Path, FileDigests]) -> ModelLibraryError | None:
    """What appeared between the files of a download is no part of a model."""
    found = [path for path in paths_of(one) if path not in received]
    return (
        SourceChangedError("A file appeared that was not fetched", path=found[0]) if found else None
    )


def _staged(
    stager: Stager, one: ModelGroup, root: Root
) -> StagedModel | StagedDuplicate | ModelLibraryError:
    try:
        return stager.stage(one, root, Placement.AUTO)
    except CancelledError:
        raise
    except ModelLibraryError as error:
        return error
