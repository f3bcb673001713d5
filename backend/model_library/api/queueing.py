"""Long work put into the queue instead of done at once; `Library` has the operations from here.

Each takes what the operation that works at once takes, and returns the job. Whoever runs the queue does it:
`jobs run`, or the server.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from model_library.api.jobs import job_json
from model_library.api.library_part import LibraryPart
from model_library.api.shapes_jobs import JobJson
from model_library.api.working import (
    SAMPLES,
    import_parameters,
    sample_parameters,
    scan_title,
    several,
)
from model_library.events import Listener
from model_library.taxonomy import JobKind, Placement

if TYPE_CHECKING:
    from model_library.network.manager import NetworkManager
    from model_library.running_job import RunningJob

RETRIED: Final = 50
"""Models that the server looks up again at a time."""


class QueueOperations(LibraryPart):
    """What `Library` inherits."""

    if TYPE_CHECKING:

        def _perform(self, work: RunningJob) -> object: ...

        def _lookup_parameters(
            self, model_ids: Sequence[str], *, repo: str | None, everything: bool
        ) -> tuple[str, dict[str, Any]]: ...

        def _manager(self) -> NetworkManager: ...

    def queue_import(
        self,
        paths: Sequence[str | os.PathLike[str]],
        *,
        place: Placement | None = None,
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
            place=self._placement(place),
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
        title, parameters = self._lookup_parameters(model_ids, repo=repo, everything=everything)
        known = self._indexed(lambda: [self._catalog.resolve(one) for one in model_ids])
        return self._queued(JobKind.LOOKUP, title, {**parameters, "ids": known})

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

    def probe_lookups(self, cancelled: threading.Event) -> tuple[int, bool]:
        """Ask for one model that waits for a lookup and, when that is answered, put others into the queue.

        Returns how many wait, of those that can be read now, and whether the provider answers; True as well
        when none waits. Raises LibraryReadOnlyError, CancelledError.
        """
        import random

        from model_library.lookups import Lookups, reachable

        self._catalog.require_writable()
        waiting = self._indexed(lambda: reachable(self._catalog, RETRIED + 1))
        if not waiting:
            return 0, True
        calling = partial(self._manager().calling, patience=0.0, cancelled=cancelled)
        probe = random.choice(waiting)  # noqa: S311 - else one that never has an answer stops all
        lookups = Lookups(
            self._catalog, self._hub(), self._listener, cancelled=cancelled, calling=calling
        )
        self._indexed(lambda: lookups.look_up([probe]))
        others = [one for one in waiting if one != probe]
        if lookups.answered and others:
            self.queue_look_up(others)
        return len(waiting), lookups.answered

    # --- inside ------------------------------------------------------------------------------------

    def _queued(self, kind: JobKind, title: str, parameters: dict[str, Any]) -> JobJson:
        self._catalog.require_writable()
        return job_json(self._jobs.submit(kind, title, parameters))
