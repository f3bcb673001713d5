"""What other processes do to the library, told to the pages of this one."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from model_library.api.core import Library
from model_library.api.http.events import EventLog
from model_library.errors import ModelLibraryError
from model_library.library import INDEX_FILE, REGISTRY_FILE

Stamp = tuple[tuple[int, int, int] | None, ...]


class Watch:
    """What was known at the last look, to tell what is different now."""

    def __init__(self, directory: Path) -> None:
        self._index = directory / INDEX_FILE
        self._registry = directory / REGISTRY_FILE
        self._jobs: dict[str, Mapping[str, Any]] = {}
        self._network: object = None
        self._indexed: Stamp | None = None
        self._registered: Stamp | None = None
        self._traces: Mapping[str, object] | None = None

    def look(self, library: Library, events: EventLog) -> None:
        """Raises ModelLibraryError when the library cannot be read now."""
        self._look_at_jobs(library, events)
        areas = self._changed_models() | self._changed_elsewhere(library)
        events.changed(areas)
        network = library.network_status()
        if self._network not in (None, network):
            events.publish("network", network)
        self._network = network

    def _look_at_jobs(self, library: Library, events: EventLog) -> None:
        jobs: dict[str, Mapping[str, Any]] = {job["job_id"]: job for job in library.jobs()["jobs"]}
        different = [job_id for job_id, job in jobs.items() if self._jobs.get(job_id) != job]
        for job_id in [*different, *(self._jobs.keys() - jobs.keys())]:
            with suppress(
                ModelLibraryError
            ):  # read again: it may have ended since the list was made
                events.publish("job", library.job(job_id))
        self._jobs = jobs

    def _changed_models(self) -> set[str]:
        before, self._indexed = self._indexed, _stamp(self._index)
        return set() if before in {None, self._indexed} else {"models", "trash", "status"}

    def _changed_elsewhere(self, library: Library) -> set[str]:
        """The areas of the registry; it is asked only when something was written to it."""
        before, self._registered = self._registered, _stamp(self._registry)
        if before == self._registered:
            return set()
        known, self._traces = self._traces, library.traces()
        if known is None:
            return set()
        return {area for area, trace in self._traces.items() if trace != known[area]}


def _stamp(database: Path) -> Stamp:
    """Of the file and of its log."""
    return tuple(_stamp_of(path) for path in (database, database.with_name(f"{database.name}-wal")))


def _stamp_of(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None  # it has no log now
    return status.st_ino, status.st_mtime_ns, status.st_size
