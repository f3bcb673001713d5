"""What every group of operations can count on: the library that is open, and what other groups do for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

from model_library.api.shapes import ModelJson
from model_library.display_names import number_of
from model_library.errors import IndexDamagedError, IndexMissingError
from model_library.events import Listener, Notice
from model_library.library import Catalog

if TYPE_CHECKING:
    from model_library.api.shapes_jobs import JobJson
    from model_library.config import NetworkSettings
    from model_library.io.manager import DriveQueues
    from model_library.jobs import Jobs
    from model_library.providers import Provider
    from model_library.taxonomy import JobKind, Placement

T = TypeVar("T")

DRIVE_LIMIT: Final = "drive-limit:"
"""Begins the name of the setting of a drive, before its key."""


class LibraryPart:
    """A group of operations; `Library` inherits all of them."""

    if TYPE_CHECKING:  # of other groups, for more than one

        @property
        def _jobs(self) -> Jobs: ...

        def _queued(self, kind: JobKind, title: str, parameters: dict[str, Any]) -> JobJson: ...

        def _hub(self) -> Provider: ...

        def _network_settings(self) -> NetworkSettings: ...

        def _placement(self, asked: Placement | None) -> Placement: ...

    def __init__(self, catalog: Catalog, listener: Listener) -> None:
        self._catalog = catalog
        self._listener = listener
        self._queues: DriveQueues | None = None

    def _model(self, model_id: str) -> ModelJson:
        """The JSON of a model that is known by its full id."""
        return self._catalog.view(self._catalog.indexed(model_id))

    def _drive_queues(self) -> DriveQueues:
        if self._queues is None:
            from model_library.io.manager import DriveQueues

            stored = self._catalog.registry.settings(DRIVE_LIMIT)
            limits = {key: int(value) for key, value in stored.items()}
            self._queues = DriveQueues({**limits, **self._catalog.settings.drive_limits})
        return self._queues

    def _indexed(self, operation: Callable[[], T]) -> T:
        """Run an operation that needs the index; one that is lost or damaged is rebuilt first."""
        try:
            return operation()
        except IndexDamagedError as error:
            from model_library.scanner import deep_scan

            report = deep_scan(self._catalog)
            if report.models or not isinstance(error, IndexMissingError):
                message = f"The index was rebuilt with {number_of(report.models, 'model')} ({error.message})"
                alone = "For this command only: the library is read-only."
                hint = alone if self._catalog.read_only else ""
                self._listener(Notice(error.code, message, hint))
            for problem in report.problems:
                self._listener(Notice(problem.code, str(problem), problem.hint))
            return operation()
