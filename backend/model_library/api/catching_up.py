"""What applications should have and have not: found for health, and made by `health --fix`.

An application that a person left without links (`app add --no-sync`, `link clean`) is only named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from model_library.api.fixing import Chosen
from model_library.api.shapes_health import CaughtUpJson
from model_library.app_names import app_names
from model_library.errors import AppError, FileError, MetadataError, ModelLibraryError
from model_library.events import Listener, Notice
from model_library.health import FIX, Finding, Severity
from model_library.library import Catalog
from model_library.link_registry import App
from model_library.mapper import Mapper
from model_library.mapping import Plan
from model_library.surveying import user_profiles
from model_library.version_manager import refreshed_app


class CatchingUp:
    """The applications of one library; `indexed` runs what needs the index."""

    def __init__(
        self, catalog: Catalog, listener: Listener, indexed: Callable[[Callable[[], Any]], Any]
    ) -> None:
        self._catalog = catalog
        self._listener = listener
        self._indexed = indexed
        self._mapper = Mapper(catalog, listener)

    def findings(self) -> list[Finding]:
        """Models that wait to be linked, applications without links, and what is wrong with the restrictions
        of models."""
        found: dict[Finding, None] = {}
        apps = self._catalog.links.apps()
        names = app_names(apps, user_profiles(self._catalog))
        for app, plan in self._plans():
            conflicts = {one.link.link.model_id for one in plan.conflicts} - _known(plan)
            name = names.get(app.app_id, app.app_id)  # it may have been added a moment ago
            found |= dict.fromkeys(_waiting(app, name, len(_new(plan)), len(conflicts)))
            found |= dict.fromkeys(_restrictions(plan))
        off = self._catalog.links.links_off()
        found |= {_off(app, names[app.app_id]): None for app in apps if app.app_id in off}
        return list(found)

    def catch_up(self, chosen: Chosen | None = None) -> list[CaughtUpJson]:
        """Make the links that were never made and have no conflict, and take away those of models that
        were deleted while the application was away; of what was chosen, if that was."""
        done = []
        for app, plan in list(self._plans()):
            deleted = {one.link.model_id for one in plan.remove if one.why == "deleted"}
            new = _new(plan)
            if chosen is not None:
                new = new if app.app_id in chosen.waiting else set()
                deleted = {one for one in deleted if (app.app_id, one) in chosen.models}
            models = sorted(new | deleted)
            if not models:
                continue
            try:
                report = self._indexed(partial(self._mapper.sync, app, model_ids=models))
            except ModelLibraryError as error:
                message = f"The links in {app.app_id} were not brought up to date: {error}"
                self._listener(Notice(error.code, message, error.hint))
                continue
            done.append(
                CaughtUpJson(
                    app=app.app_id,
                    made=len(report.made),
                    removed=len(report.removed),
                    failed=len(report.failed),
                )
            )
        return done

    def _plans(self) -> Iterator[tuple[App, Plan]]:
        """What every application that can be looked at now and is to have links lacks; what is wrong with
        the others, their own findings say."""
        off = self._catalog.links.links_off()
        for known in self._catalog.links.apps():
            if known.app_id in off:
                continue
            try:
                app = refreshed_app(self._catalog, known)
                plan = self._indexed(partial(self._mapper.outstanding, app))
            except (AppError, FileError):
                continue
            yield app, plan


def _new(plan: Plan) -> set[str]:
    """The models that a plan links for the first time."""
    return {one.link.model_id for one in plan.create} - _known(plan)


def _known(plan: Plan) -> set[str]:
    """The models whose links are only made again or elsewhere: findings about links name those."""
    return {one.link.model_id for one in plan.remove} | {one.model_id for one in plan.forget}


def _off(app: App, name: str) -> Finding:
    return Finding(
        "links-off",
        Severity.INFO,
        f"{name} is left without links, as it was asked for",
        f"`model-library link sync {app.app_id}` links the models into it, and new ones from then on.",
        app_id=app.app_id,
        path=app.path,
    )


def _restrictions(plan: Plan) -> Iterator[Finding]:
    """Files of the user beside models that cannot be understood: those models are linked nowhere."""
    for one in plan.warnings:
        if one.code == MetadataError.code:
            yield Finding(one.code, Severity.WARNING, one.message, one.hint, path=one.path)


def _waiting(app: App, name: str, models: int, conflicts: int) -> Iterator[Finding]:
    """Models that an application should have and has no link to: `models` could be linked at once, of
    `conflicts` the names are taken."""
    sync = f"`model-library link sync {app.app_id}`"
    if models:
        wait = "1 model waits" if models == 1 else f"{models} models wait"
        yield Finding(
            "links-waiting",
            Severity.WARNING,
            f"{wait} to be linked into {name}",
            f"{sync} links what waits, and so does {FIX}.",
            True,
            app_id=app.app_id,
            path=app.path,
        )
    if conflicts:
        wait = "1 model waits" if conflicts == 1 else f"{conflicts} models wait"
        yield Finding(
            "links-waiting",
            Severity.WARNING,
            f"{wait} to be linked into {name}: something has the name",
            f"{sync} shows what is there; with --on-conflict it says what becomes of that.",
            app_id=app.app_id,
            path=app.path,
        )
