"""What the routes of one server share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from starlette.requests import Request

from model_library.api.http.events import EventLog
from model_library.api.http.libraries import Libraries
from model_library.api.http.security import Access
from model_library.api.http.uploads import Uploads
from model_library.api.http.working import Work
from model_library.api.operations import Operation


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


def context_of(request: Request) -> Context:
    return cast("Context", request.app.state.context)
