"""What takes the space, and what lies outside a second time; `Library` has the operations from here."""

from __future__ import annotations

import json
import os
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from model_library.api.library_part import LibraryPart
from model_library.api.shapes_first import FoundFolderJson
from model_library.api.shapes_jobs import JobJson
from model_library.api.shapes_storage import (
    ComparedJson,
    CopiesJson,
    CopyJson,
    StorageJson,
    UsageJson,
    VolumeJson,
)
from model_library.errors import ModelLibraryError
from model_library.taxonomy import ConflictReason, JobKind, JobState

if TYPE_CHECKING:
    from model_library.link_registry import App
    from model_library.running_job import RunningJob
    from model_library.storage import Copy


class StorageOperations(LibraryPart):
    """What `Library` inherits."""

    def storage(self) -> StorageJson:
        """What takes the space, by kind, family and root, and the drives with what is free."""
        from model_library.app_trash import size_of, trashed_apps
        from model_library.trashcan import trashed_models

        started = time.perf_counter()
        catalog = self._catalog
        groups = self._indexed(lambda: catalog.index).usage()
        used: Counter[str] = Counter()
        for group in groups:
            used[group.root_id] += group.bytes
        return StorageJson(
            models=sum(group.models for group in groups),
            bytes=sum(used.values()),
            groups=[cast("UsageJson", asdict(group)) for group in groups],
            roots={root.root_id: str(root.path) for root in catalog.roots},
            volumes=self._volumes(used),
            trash=sum(one.frees for one in trashed_models(catalog))
            + sum(size_of(one.directory) for one in trashed_apps(catalog)),
            took_ms=_since(started),
        )

    def outside_copies(self, folders: Sequence[str | os.PathLike[str]] = ()) -> CopiesJson:
        """Files outside the library that it holds too: of the applications, and of programs in their usual
        places; with `folders` of those alone. Changes nothing."""
        from model_library.elsewhere import Store, stores
        from model_library.storage import SMALLEST, outside_copies
        from model_library.surveying import user_profiles

        started = time.perf_counter()
        catalog = self._catalog
        apps = {str(app.path): app for app in catalog.links.apps()}
        if folders:
            places = [Store("", Path(folder).absolute()) for folder in folders]
        else:
            places = [Store(app.app_id, app.path) for app in apps.values()]
            found = stores(os.environ, Path.home(), user_profiles(catalog))
            places += [store for store in found if str(store.path) not in apps]
        copies = self._copies(self._indexed(lambda: outside_copies(catalog, places)))
        return CopiesJson(
            copies=copies,
            bytes=sum(
                one["size"] for one in copies if one["target"] and one["compared"] is not False
            ),
            smallest=SMALLEST,
            folders=[str(place.path) for place in places],
            took_ms=_since(started),
        )

    def found_folders(self) -> list[FoundFolderJson]:
        """The folders of other programs that hold models, the fullest first; links to those of the library do not
        count."""
        from model_library.api.first_run import found_folders
        from model_library.storage import held_in

        return self._indexed(lambda: found_folders(held_in(self._catalog)))

    def compare_copy(
        self, path: str | os.PathLike[str], *, cancelled: threading.Event | None = None
    ) -> ComparedJson:
        """Whether the library holds exactly this file, by reading all of it. Raises InvalidValueError,
        SourceNotFoundError, SourceUnreadableError, CancelledError."""
        title, parameters = _comparison(path)
        with self._jobs.running(
            JobKind.COMPARE, title, parameters, self._listener, cancelled=cancelled
        ) as work:
            return self._compare_job(work)

    def queue_compare(self, path: str | os.PathLike[str]) -> JobJson:
        """Put the comparison of a file in the queue. Raises InvalidValueError, SourceNotFoundError,
        SourceUnreadableError, LibraryReadOnlyError."""
        title, parameters = _comparison(path)
        return self._queued(JobKind.COMPARE, title, parameters)

    def _compare_job(self, work: RunningJob) -> ComparedJson:
        """The body of a comparison, begun or resumed."""
        from model_library.storage import compare

        given = Path(str(work.parameters["path"]))
        found = self._indexed(lambda: compare(self._catalog, given, work.listen))
        held = found.held
        done = ComparedJson(
            path=str(given),
            same=held is not None,
            model_id=None if held is None else held.model_id,
            file=None if held is None else held.path,
        )
        work.result = {
            "same": done["same"],
            "model_id": done["model_id"],
            "sha256": found.sha256,
            "identity": list(found.identity),
        }
        return done

    # --- inside ------------------------------------------------------------------------------------

    def _copies(self, copies: Sequence[Copy]) -> list[CopyJson]:
        apps = self._catalog.links.apps()
        app_of = {
            copy.path: next((app for app in apps if copy.path.is_relative_to(app.path)), None)
            for copy in copies
        }
        targets: dict[tuple[Path, str], str] = {}
        for one in {app.app_id: app for app in app_of.values() if app is not None}.values():
            targets |= self._adoptable(one)
        proofs = self._comparisons()
        found: list[CopyJson] = []
        for copy in copies:
            app = app_of[copy.path]
            document = json.loads(self._catalog.indexed(copy.model_id).document)
            found.append(
                CopyJson(
                    path=str(copy.path),
                    program=copy.program,
                    app_id=None if app is None else app.app_id,
                    target=targets.get((copy.path, copy.model_id)),
                    size=copy.size,
                    model_id=copy.model_id,
                    official_name=document["official_name"],
                    file=copy.file,
                    certain=copy.certain,
                    compared=self._is_proven(copy, proofs.get(str(copy.path))),
                )
            )
        return found

    def _adoptable(self, app: App) -> dict[tuple[Path, str], str]:
        """The files of an application that a link of a model would take the place of, with the link's target."""
        from model_library.mapper import Mapper

        try:
            plan = self._indexed(lambda: Mapper(self._catalog, self._listener).preview(app))
        except ModelLibraryError:
            return {}  # nothing can be linked there now; the page of the application says why
        return {
            (app.path / one.link.link.target, one.link.link.model_id): one.link.link.target
            for one in plan.conflicts
            if one.reason is ConflictReason.SAME_CONTENT
        }

    def _comparisons(self) -> Mapping[str, Mapping[str, Any]]:
        """The last comparison of each file that one is remembered of."""
        last: dict[str, Mapping[str, Any]] = {}
        for job in self._jobs.list([JobState.DONE]):
            if job.kind is JobKind.COMPARE and job.result is not None:
                last.setdefault(str(job.parameters["path"]), job.result)
        return last

    def _is_proven(self, copy: Copy, last: Mapping[str, Any] | None) -> bool | None:
        """Whether the library holds what was read of a file; None when it was changed since, or never read."""
        from model_library.storage import held_with, identity_of

        sha256 = "" if last is None else last.get("sha256", "")
        if last is None or not sha256:
            return None
        try:
            if list(identity_of(copy.path)) != last["identity"]:
                return None
        except ModelLibraryError:
            return None  # gone, or not to be read any more
        return held_with(self._catalog, copy.size, sha256) is not None

    def _volumes(self, used: Counter[str]) -> list[VolumeJson]:
        from model_library.io.platform.filesystems import filesystem_of, space_of

        found: dict[Path, VolumeJson] = {}
        for root in self._catalog.roots:
            if not root.online:
                continue
            filesystem = filesystem_of(root.path)
            if filesystem.mount_point not in found:
                free, total = space_of(root.path)
                found[filesystem.mount_point] = VolumeJson(
                    mount_point=str(filesystem.mount_point),
                    filesystem=filesystem.kind,
                    free=free,
                    total=total,
                    used=0,
                    roots=[],
                )
            volume = found[filesystem.mount_point]
            volume["roots"].append(str(root.path))
            volume["used"] += used[root.root_id]
        return list(found.values())


def _comparison(path: str | os.PathLike[str]) -> tuple[str, dict[str, Any]]:
    """Title and parameters of the job. Raises what `storage.identity_of` does."""
    from model_library.storage import identity_of

    given = Path(path).absolute()
    identity_of(given)
    return given.name, {"path": str(given)}


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 3)
