"""What the routes of one server share."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, cast

from starlette.requests import Request

from model_library.api.first_run import begin_library, found_folders, look_at_place
from model_library.api.http.chooser import FolderJson, folder, require_shown
from model_library.api.http.events import EventLog
from model_library.api.http.libraries import Libraries
from model_library.api.http.security import Access
from model_library.api.http.uploads import Uploads
from model_library.api.http.working import Work
from model_library.api.operations import Operation
from model_library.api.shapes_first import FirstRunJson, FoundFolderJson, PlaceJson
from model_library.api.typed_path import typed_path
from model_library.errors import JobNotFoundError, LibraryChosenError
from model_library.location import Chosen, locate
from model_library.taxonomy import JobState


@dataclass(frozen=True, slots=True)
class Context:
    access: Access
    libraries: Libraries
    events: EventLog
    work: Work
    uploads: Uploads
    beginning: Lock = field(default_factory=Lock)
    """Held while a library is begun: two pages may ask for it."""

    def use(self, directory: Path) -> None:
        """Serve the library in a directory. Raises what `Library.open` raises."""
        self.libraries.use(directory)
        self.uploads.use(directory)

    def first_run(self) -> FirstRunJson:
        """Whether there is a library, and where one would be begun."""
        opened, missing = None, None
        if self.libraries.has_library:
            opened = str(self.libraries.directory)
        elif (location := locate(None, os.environ)).chosen is Chosen.REMEMBERED:
            missing = str(location.path)
        return FirstRunJson(open=opened, missing=missing, proposed=look_at_place())

    def begin(self, path: str) -> FirstRunJson:
        """Have the library that a person chose, and work on its queue. Raises LibraryChosenError and what
        `begin_library` raises."""
        with self.beginning:
            if self.libraries.has_library:
                raise LibraryChosenError(
                    "There is a library already", path=self.libraries.directory
                )
            self.use(begin_library(path, self.events.hear))
            self.work.start()
        return self.first_run()

    def call(self, operation: Operation, arguments: Mapping[str, Any]) -> Any:
        """Do an operation, and tell what may be different afterwards, also when it fails in the middle."""
        try:
            with self._announced(operation, arguments), self.libraries.borrow() as library:
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
        roots: list[Path] = []
        own: list[Path] = []
        if self.libraries.has_library:
            own.append(self.libraries.directory)
            with self.libraries.borrow() as library:
                roots += [Path(root["path"]) for root in library.roots() if root["online"]]
        allowed = None if self.access.loopback else [Path.home(), *own, *roots]
        return folder(path, allowed, roots, hidden=hidden)

    def place(self, path: str) -> PlaceJson:
        """What a directory would be as the place of the library. Raises what `require_shown` does."""
        if path.strip() and not self.access.loopback:
            require_shown(typed_path(path), [Path.home()])
        return look_at_place(path)

    def found_folders(self) -> list[FoundFolderJson]:
        """The folders of other programs that hold models; links to those of the library do not count."""
        if not self.libraries.has_library:
            return found_folders()
        with self.libraries.borrow() as library:
            return library.found_folders()

    def _announced(
        self, operation: Operation, arguments: Mapping[str, Any]
    ) -> AbstractContextManager[None]:
        """What changes applications takes as long as they have links: every page is to know that it runs."""
        if "apps" not in operation.changes:
            return nullcontext()
        return self.events.working(operation.name, arguments.get("app"))


def context_of(request: Request) -> Context:
    return cast("Context", request.app.state.context)
