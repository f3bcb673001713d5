"""What the routes of one server share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from starlette.requests import Request

from model_library.api.http.chooser import FolderJson, folder
from model_library.api.http.events import EventLog
from model_library.api.http.libraries import Libraries
from model_library.api.http.security import Access
from model_library.api.http.uploads import Uploads
from model_library.api.http.working import Work
from model_library.api.operations import Operation
from model_library.errors import JobNotFoundError
from model_library.taxonomy import JobState


@dataclass(frozen=True, slots=True)
class Context:
    access: Access
    libraries: Libraries
    events: EventLog
    work: Work
    uploads: Uploads

    def call(self, operation: Operation, arguments: Mapping[str, Any]) -> Any:
        """Do an operation, and tell what may be different afterwards, also when it fails in the middle."""
        try:
            with self.libraries.borrow() as library:
                return getattr(library, operation.method)(**arguments)
        finally:
            if operation.changes:
                self.libraries.changed()
                self.events.changed(operation.changes)
            if "jobs" in operation.changes:
                self.work.wake()

    def job_result(self, job_id: str) -> dict[str, Any]:
        """The whole answer of a job that ended here a moment ago. The job itself keeps counts.

        Raises JobNotFoundError.
        """
        with self.libraries.borrow() as library:
            job = library.job(job_id)
        document = self.work.result(job["job_id"]) if job["state"] == JobState.DONE else None
        if document is None:
            raise JobNotFoundError(
                f"The answer of job {job['job_id']} is not here",
                hint="It is there when the job ended well in this server, for the last few jobs.",
            )
        return {"job_id": job["job_id"], "kind": job["kind"], "document": document}

    def files(self, path: str = "", *, hidden: bool = False) -> FolderJson:
        """What is in a folder of this machine; without a path in the home directory. Raises what
        `chooser.folder` does."""
        with self.libraries.borrow() as library:
            roots = [Path(root["path"]) for root in library.roots() if root["online"]]
        allowed = None if self.access.loopback else [Path.home(), self.libraries.directory, *roots]
        return folder(path, allowed, roots, hidden=hidden)


def context_of(request: Request) -> Context:
    return cast("Context", request.app.state.context)
