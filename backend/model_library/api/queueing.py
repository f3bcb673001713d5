"""Long work put into the queue instead of done at once; `Library` has the operations from here.

Each takes what the operation that works at once takes, and returns the job. Whoever runs the queue does it:
`jobs run`, or the server.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from model_library.api.jobs import job_json
from model_library.api.shapes_jobs import JobJson
from model_library.api.working import (
    SAMPLES,
    import_parameters,
    sample_parameters,
    scan_title,
    several,
)
from model_library.errors import InvalidValueError
from model_library.events import Listener
from model_library.library import Catalog
from model_library.taxonomy import JobKind, Placement

if TYPE_CHECKING:
    from model_library.jobs import Jobs
    from model_library.running_job import RunningJob

T = TypeVar("T")


class QueueOperations:
    """What `Library` inherits; it brings these attributes."""

    _catalog: Catalog

    if TYPE_CHECKING:

        def _indexed(self, operation: Callable[[], T]) -> T: ...

        def _perform(self, work: RunningJob) -> object: ...

        @property
        def _jobs(self) -> Jobs: ...

    def queue_import(
        self,
        paths: Sequence[str | os.PathLike[str]],
        *,
        place: Placement = Placement.AUTO,
        root: str | None = None,
        kind: str | None = None,
        family: str | None = None,
        edits: Mapping[str, Sequence[str]] | None = None,
        accept_pickle: bool = False,
        offline: bool = False,
    ) -> JobJson:
        """Put an import in the queue. Raises InvalidValueError, LibraryReadOnlyError."""
        title, parameters = import_parameters(
            paths,
            library=self._catalog.directory,
            place=place,
            root=root,
            kind=kind,
            family=family,
            edits=edits,
            accept_pickle=accept_pickle,
            offline=offline,
        )
        return self._queued(JobKind.IMPORT, title, parameters)

    def queue_samples(self) -> JobJson:
        """Make small sample models and put their import in the queue. Raises FileError, LibraryReadOnlyError."""
        self._catalog.require_writable()
        return self._queued(JobKind.IMPORT, SAMPLES, sample_parameters(self._catalog.directory))

    def queue_verify(self, model_ids: Sequence[str] = ()) -> JobJson:
        """Put a verification in the queue. Raises ModelNotFoundError, AmbiguousModelIdError,
        LibraryReadOnlyError."""
        known = self._indexed(lambda: [self._catalog.resolve(one) for one in model_ids])
        title = several(known) if known else "all models"
        return self._queued(JobKind.VERIFY, title, {"ids": known})

    def queue_scan(self, *, deep: bool = False) -> JobJson:
        """Put a scan in the queue. Raises LibraryReadOnlyError."""
        return self._queued(JobKind.SCAN, scan_title(deep=deep), {"deep": deep})

    def queue_look_up(
        self,
        model_ids: Sequence[str] = (),
        *,
        repo: str | None = None,
        everything: bool = False,
    ) -> JobJson:
        """Put a lookup in the queue. Raises InvalidValueError, ModelNotFoundError, LibraryReadOnlyError."""
        if repo is not None and len(model_ids) != 1:
            raise InvalidValueError("A repository is said of one model", hint="Name one id.")
        known = self._indexed(lambda: [self._catalog.resolve(one) for one in model_ids])
        title = f"{len(known)} models" if known else "models that wait for it"
        parameters = {"ids": known, "repo": repo, "everything": everything}
        return self._queued(JobKind.LOOKUP, title, parameters)

    def requeue_job(self, job_id: str) -> JobJson:
        """Let a paused job go on, and put an interrupted or failed one back in the queue.

        Raises JobNotFoundError, JobStateError, LibraryReadOnlyError.
        """
        self._catalog.require_writable()
        return job_json(self._jobs.resume(job_id))

    # --- for whoever runs the queue in threads of its own ------------------------------------------------

    def claim_job(self, listener: Listener) -> RunningJob | None:
        """The next job of the queue, now in the hands of this process, which has to `perform_job` it; None
        when none may begin. The library has to stay open until it ends. Raises LibraryReadOnlyError.
        """
        self._catalog.require_writable()
        return self._jobs.claim(None, listener)

    def perform_job(self, work: RunningJob) -> object:
        """Do a job that was claimed; returns what the operation at once would return, and raises what it
        would raise."""
        return self._perform(work)

    # --- inside ------------------------------------------------------------------------------------

    def _queued(self, kind: JobKind, title: str, parameters: dict[str, Any]) -> JobJson:
        self._catalog.require_writable()
        return job_json(self._jobs.submit(kind, title, parameters))
