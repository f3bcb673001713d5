"""Every operation that the outside may call; command line, HTTP and window call these same methods.

Each returns the JSON of `shapes.py` and raises the errors of `errors.py`. Nothing here prints or asks: long
work reports to the listener and stops when its `cancelled` event is set. Heavy modules are imported by
the methods that need them, so that finding a model starts fast.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from model_library.api.apps import AppOperations
from model_library.api.editing import EditOperations
from model_library.api.health import HealthOperations
from model_library.api.hub import HubOperations
from model_library.api.jobs import JobOperations
from model_library.api.library_part import DRIVE_LIMIT
from model_library.api.linking import LinkingOperations
from model_library.api.matching import MatchingOperations
from model_library.api.profiles import ProfileOperations
from model_library.api.queueing import QueueOperations
from model_library.api.relinking import relink_after_crash, relinked
from model_library.api.settings import SettingsOperations
from model_library.api.shapes import (
    DeletedJson,
    DoctorJson,
    DriveJson,
    InspectJson,
    ListJson,
    ModelJson,
    RootJson,
    StatusJson,
    TrashedJson,
    WarningJson,
)
from model_library.api.storage import StorageOperations
from model_library.api.working import WorkOperations
from model_library.config import Settings
from model_library.errors import InvalidValueError
from model_library.events import Listener, Notice, ignore
from model_library.library import Catalog
from model_library.location import locate
from model_library.search.order import Sort
from model_library.search.records import MATCH, PENDING
from model_library.taxonomy import RootMode, parse_kind

if TYPE_CHECKING:
    from model_library.trash import Deleted

_MOST_ROWS = 2**31
"""Rows: more than any library has, and a number that the index can take."""


class Library(
    AppOperations,
    EditOperations,
    HealthOperations,
    HubOperations,
    JobOperations,
    LinkingOperations,
    MatchingOperations,
    ProfileOperations,
    QueueOperations,
    SettingsOperations,
    StorageOperations,
    WorkOperations,
):
    """One open library. Use it as a context manager; several may be open, also of one directory."""

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str] | None = None,
        *,
        settings: Settings | None = None,
        listener: Listener = ignore,
    ) -> Self:
        """Open a library and create it where there is none; without a path the user's own.

        Work that was interrupted is finished or undone first. Raises LibraryPathError, LibraryFormatError,
        LibraryTooNewError, LibraryBusyError.
        """
        directory = locate(None if path is None else os.fspath(path), os.environ).require_there()
        catalog = Catalog.open(directory, settings or Settings(), listener)
        library = cls(catalog, listener)
        with ExitStack() as cleanup:
            cleanup.callback(catalog.close)
            library._recover()
            library._notice_moves()
            cleanup.pop_all()
        return library

    def close(self) -> None:
        self._wait_for_healing()
        self._close_network()
        self._catalog.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """The library directory."""
        return self._catalog.directory

    def look_again(self) -> None:
        """Notice what other processes and drives did to the roots since the library was opened."""
        for notice in self._catalog.roots.refresh():
            self._listener(notice)
        self._queues = None
        self._reconnect_when_set_anew()

    def traces(self) -> Mapping[str, object]:
        """See `api.traces`."""
        from model_library.api.traces import traces

        return traces(self._catalog)

    # --- looking ----------------------------------------------------------------------------------

    @staticmethod
    def inspect(paths: Sequence[str | os.PathLike[str]]) -> InspectJson:
        """Identify files and folders where they are; no library is needed and nothing is written."""
        from model_library.api.documents import inspect_json
        from model_library.intake import find_groups

        grouping, report = find_groups([Path(path).absolute() for path in paths], ())
        return inspect_json(grouping.groups, report)

    # --- finding -----------------------------------------------------------------------------------

    def search(
        self,
        query: str = "",
        *,
        filters: Mapping[str, str] | None = None,
        sort: Sort = Sort.RELEVANCE,
        limit: int | None = None,
        offset: int = 0,
        facets: bool = False,
    ) -> ListJson:
        """Find models by the query language of `search.query`; an empty query lists them.

        `filters` are pairs such as kind=adapter, added to those in the query. Raises InvalidValueError.
        """
        from model_library.search.query import parse_query, values_of, with_filters

        limit = self._catalog.settings.list_limit if limit is None else limit
        if limit < 0 or offset < 0:
            raise InvalidValueError("limit and offset cannot be negative")
        limit, offset = min(limit, _MOST_ROWS), min(offset, _MOST_ROWS)
        for one in values_of((filters or {}).get("kind", "")):
            parse_kind(one)  # an option that is misspelt is an error, not an empty result
        started = time.perf_counter()
        parsed = with_filters(parse_query(query), filters or {})
        page = self._indexed(
            lambda: self._catalog.index.search(
                parsed, limit=limit, offset=offset, sort=sort, facets=facets
            )
        )
        result = ListJson(
            total=page.total,
            total_is_exact=page.total_is_exact,
            took_ms=0.0,
            models=[self._catalog.view(row) for row in page.rows],
            warnings=_misread(query, filters or {}),
        )
        if facets:
            result["facets"] = {name: dict(counts) for name, counts in page.facets.items()}
        result["took_ms"] = _since(started)
        return result

    def list(
        self,
        *,
        filters: Mapping[str, str] | None = None,
        sort: Sort = Sort.NAME,
        limit: int | None = None,
        offset: int = 0,
        facets: bool = False,
    ) -> ListJson:
        """All models, or those that the filters name."""
        return self.search(
            "", filters=filters, sort=sort, limit=limit, offset=offset, facets=facets
        )

    def show(self, model_id: str) -> ModelJson:
        """One model by its id or an unambiguous beginning, with its last verification.

        Raises ModelNotFoundError, AmbiguousModelIdError, MetadataError.
        """

        def operation() -> ModelJson:
            record = self._catalog.indexed(model_id)
            view = self._catalog.view(self._catalog.refreshed(record))
            checked = self._catalog.registry.verification(record.model_id)
            if checked is not None:
                view["verified"] = {
                    "intact": checked.intact,
                    "detail": checked.detail,
                    "date": checked.verified,
                }
            return view

        return self._indexed(operation)

    # --- changing ----------------------------------------------------------------------------------

    def delete(
        self, model_id: str, *, purge: bool = False, from_trash: bool = False
    ) -> DeletedJson:
        """Move a model to the trash, free its space with `purge`, or the space of the copy in the trash
        with `from_trash`, which never touches the library's own."""
        from model_library.trash import delete, find_trashed, purge_trashed

        def operation() -> Deleted:
            if from_trash:
                return purge_trashed(self._catalog, find_trashed(self._catalog, model_id))
            return delete(self._catalog, model_id, purge=purge)

        self._catalog.require_writable()
        with relinked(self._catalog, self._listener) as changed:
            done = self._indexed(operation)
            changed.append(done.model_id)
        self._tell_kept(done)
        trash = None if done.trash is None else str(done.trash)
        return DeletedJson(model_id=done.model_id, trash=trash, freed=done.freed)

    def restore(self, model_id: str) -> ModelJson:
        """Bring a model back from the trash."""
        from model_library.trash import restore

        self._catalog.require_writable()
        with relinked(self._catalog, self._listener) as changed:
            restored = self._indexed(lambda: restore(self._catalog, model_id))
            changed.append(restored)
        return self._model(restored)

    def trash(self) -> Sequence[TrashedJson]:
        """What `restore` can bring back, newest first; `deleted` is the day, in UTC."""
        from model_library.trashcan import trashed_models

        return [
            trashed.metadata.model_dump(mode="json")
            | {
                "path": str(trashed.directory),
                "deleted": trashed.deleted,
                "frees": trashed.frees,
            }
            for trashed in trashed_models(self._catalog)
        ]

    def empty_trash(self) -> Sequence[DeletedJson]:
        """Free the space of everything that `restore` could bring back. This cannot be undone."""
        from model_library.trash import purge_trashed
        from model_library.trashcan import trashed_models

        self._catalog.require_writable()
        gone = [purge_trashed(self._catalog, one) for one in list(trashed_models(self._catalog))]
        for one in gone:
            self._tell_kept(one)
        return [DeletedJson(model_id=one.model_id, trash=None, freed=one.freed) for one in gone]

    def _tell_kept(self, done: Deleted) -> None:
        if done.kept is not None:
            message = f"Files that are none of {done.model_id}'s own lay in its directory and were kept: {done.kept}"
            self._listener(Notice("files-kept", message, "Move them elsewhere, or delete them."))

    # --- the library at a glance -------------------------------------------------------------------

    def status(self) -> StatusJson:
        """How much there is, where, and whether anything needs attention."""
        from model_library.trashcan import trashed_models

        catalog = self._catalog
        counts = self._indexed(lambda: catalog.index).statistics()
        facets = self.search(limit=0, facets=True)["facets"]
        return StatusJson(
            library=str(catalog.directory),
            library_id=catalog.identity.library_id,
            format_version=catalog.identity.format_version,
            read_only=catalog.read_only,
            models=counts.models,
            bytes=counts.bytes,
            kinds=dict(counts.kinds),
            adapter_types=facets["adapter_type"],
            states=dict(counts.states),
            damaged=sorted(catalog.registry.damaged_models()),
            trash=sum(1 for _ in trashed_models(catalog)),
            unfinished=len(catalog.registry.unfinished()),
            lookups_pending=facets[MATCH].get(PENDING, 0),
            jobs=self._job_counts(),
            network=self.network_status(),
            roots=[*self.roots()],
        )

    def doctor(self) -> DoctorJson:
        """Check the system, the library and its roots for what could hurt later."""
        from model_library.api.documents import doctor_json
        from model_library.doctor import examine

        return doctor_json(examine(self._catalog))

    # --- roots -------------------------------------------------------------------------------------

    def roots(self) -> Sequence[RootJson]:
        from model_library.api.documents import root_json

        return [root_json(root) for root in self._catalog.roots]

    def add_root(
        self,
        path: str | os.PathLike[str],
        *,
        mode: RootMode = RootMode.MANAGED,
        marker: bool = True,
    ) -> RootJson:
        """Add a directory as a root. `marker` writes `.root.json` into it, by which it is known again.

        What it holds is scanned before this returns. Raises RootConflictError, RootError, TargetReadOnlyError.
        """
        added = self._add_root(path, mode, marker=marker)
        self.scan()
        return added

    def queue_root(
        self,
        path: str | os.PathLike[str],
        *,
        mode: RootMode = RootMode.MANAGED,
        marker: bool = True,
    ) -> RootJson:
        """Add a directory as a root, and put the scan of what it holds in the queue. Raises as `add_root`."""
        added = self._add_root(path, mode, marker=marker)
        self.queue_scan()
        return added

    def _add_root(self, path: str | os.PathLike[str], mode: RootMode, *, marker: bool) -> RootJson:
        from model_library.api.documents import root_json
        from model_library.roots import WITHOUT_MARKER
        from model_library.store import read_marker

        self._catalog.require_writable()
        self._catalog.links.require_no_app(Path(path))
        root = self._catalog.roots.add(Path(path), mode, with_marker=marker)
        if read_marker(root.path) is None:
            message = f"{root.path} is known by its path alone"
            self._listener(Notice("root-without-marker", message, WITHOUT_MARKER))
        return root_json(root)

    def remove_root(self, root_id: str) -> RootJson:
        """Forget a root and its models; its files stay. Raises RootNotFoundError, RootConflictError."""
        from model_library.api.documents import root_json
        from model_library.deletion import forget_root

        removed = self._indexed(lambda: forget_root(self._catalog, root_id))
        links = len(self._catalog.links.links_of_root(removed.root_id))
        if links:
            what = "1 link into it stays" if links == 1 else f"{links} links into it stay"
            hint = (
                "`model-library link sync APP` takes them away; adding the root again keeps them."
            )
            self._listener(Notice("links-left", f"{what} in the applications", hint))
        return root_json(removed)

    def drives(self) -> Sequence[DriveJson]:
        """The drives beneath the roots that are online, and how many files each works on at once."""
        from model_library.io.platform.drives import drives_of

        found: dict[str, DriveJson] = {}
        for root in self._catalog.roots:
            for drive in drives_of(root.path) if root.online else ():
                at_once = self._drive_queues().limit_of(drive)
                entry = DriveJson(
                    key=drive.key, rotational=drive.rotational, at_once=at_once, roots=[]
                )
                found.setdefault(drive.key, entry)["roots"].append(str(root.path))
        return [found[key] for key in sorted(found)]

    def set_drive_limit(self, key: str, at_once: int) -> Sequence[DriveJson]:
        """Say how many files are read or written on a drive at once; kept with the library.

        Raises InvalidValueError for a drive beneath no root and a number below 1.
        """
        self._catalog.require_writable()
        known = [drive["key"] for drive in self.drives()]
        if key not in known:
            raise InvalidValueError(f"{key!r} is no drive", hint=f"Drives: {', '.join(known)}.")
        if at_once < 1:
            raise InvalidValueError("At least one file at once is needed")
        self._catalog.registry.set_setting(f"{DRIVE_LIMIT}{key}", str(at_once))
        self._queues = None
        return self.drives()

    # --- inside ------------------------------------------------------------------------------------

    def _recover(self) -> None:
        """Finish interrupted work. Costs nothing when there is none; imports its modules only then."""
        if self._catalog.read_only or not self._catalog.has_unfinished_work():
            return
        from model_library.recovery import recover

        self._indexed(lambda: recover(self._catalog, self._listener))
        self._indexed(lambda: relink_after_crash(self._catalog, self._listener))


def _misread(query: str, filters: Mapping[str, str]) -> list[WarningJson]:
    """What of a search was not understood. Without filters there is nothing to look at, which is fast."""
    if ":" not in query and not filters:
        return []
    from model_library.search.misread import misread

    found = misread(query, filters)
    return [WarningJson(code=one.code, message=one.message, hint=one.hint) for one in found]


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 3)
