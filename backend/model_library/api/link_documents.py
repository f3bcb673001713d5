"""Plans and reports of linking as the JSON of `shapes_linking.py`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from model_library.api.shapes import ErrorJson
from model_library.api.shapes_linking import (
    CautionJson,
    CleanJson,
    ConflictJson,
    CreateJson,
    DiscoveredJson,
    ExcludedJson,
    ExistingJson,
    FailedLinkJson,
    LeftJson,
    LinkJson,
    PreviewJson,
    ProfileJson,
    RemoveJson,
    ReplacedJson,
    ResolvedJson,
    SyncJson,
)
from model_library.errors import ModelLibraryError
from model_library.io.validator import Caution
from model_library.library import Catalog
from model_library.link_registry import App, Link, NewLink, Replaced
from model_library.linking import Failure
from model_library.mapper import Cleaned, SyncReport
from model_library.mapping import Conflict, Plan
from model_library.profiles.choosing import ProfileInfo
from model_library.profiles.discovery import Discovered
from model_library.store import stamp_of
from model_library.wishes import WHOLE, PlannedLink


class LinkDocuments:
    """Links of one library as JSON; the paths of its roots are looked up once."""

    def __init__(self, catalog: Catalog) -> None:
        self._tops = {root.root_id: str(root.path) for root in catalog.roots}

    def link(self, app: App, link: Link | NewLink) -> LinkJson:
        top = self._tops.get(link.root_id)
        source = None
        if top is not None:
            source = top if link.source == WHOLE else f"{top}/{link.source}"
        return LinkJson(
            app=app.app_id,
            model_id=link.model_id,
            file=link.file,
            target=link.target,
            path=f"{app.path}/{link.target}",
            source=source,
            method=link.method.value,
            external=link.external,
        )

    def create(self, app: App, planned: PlannedLink) -> CreateJson:
        return CreateJson(**self.link(app, planned.link), size=planned.size)

    def conflict(self, app: App, one: Conflict) -> ConflictJson:
        seen = one.existing
        return ConflictJson(
            **self.create(app, one.link),
            reason=one.reason.value,
            detail=one.detail,
            existing=ExistingJson(kind=seen.kind, link_text=seen.link_text, size=seen.size),
        )

    def left(self, app: App, left: Sequence[tuple[Link, str]]) -> list[LeftJson]:
        return [LeftJson(**self.link(app, link), why=why) for link, why in left]

    def preview(self, plan: Plan) -> PreviewJson:
        app = plan.app
        return PreviewJson(
            app=app.app_id,
            profile=plan.profile,
            create=[self.create(app, one) for one in plan.create],
            keep=[self.link(app, one) for one in plan.keep],
            conflicts=[self.conflict(app, one) for one in plan.conflicts],
            remove=[RemoveJson(**self.link(app, one.link), why=one.why) for one in plan.remove],
            forget=[self.link(app, one) for one in plan.forget],
            excluded=[
                ExcludedJson(
                    model_id=one.model_id,
                    name=one.name,
                    reason=one.reason,
                    detail=one.detail,
                    value=one.value,
                )
                for one in plan.excluded
            ],
            warnings=[caution_json(one) for one in plan.warnings],
            discovered=[discovered_json(one) for one in plan.discovered],
        )

    def sync(self, report: SyncReport, took_ms: float) -> SyncJson:
        plan, app = report.plan, report.plan.app
        done = {one.conflict.link.link.target for one in report.resolved}
        return SyncJson(
            app=app.app_id,
            profile=plan.profile,
            made=[self.link(app, one) for one in report.made],
            kept=report.kept,
            removed=[self.link(app, one) for one in report.removed],
            left=self.left(app, report.left),
            resolved=[
                ResolvedJson(target=one.conflict.link.link.target, choice=one.choice.value)
                for one in report.resolved
            ],
            conflicts=[
                self.conflict(app, one)
                for one in plan.conflicts
                if one.link.link.target not in done
            ],
            failed=[failed_json(one) for one in report.failed],
            excluded=report.excluded,
            warnings=[caution_json(one) for one in plan.warnings],
            discovered=[
                discovered_json(one)
                for one in plan.discovered
                if one.directory not in report.accepted
            ],
            accepted=report.accepted,
            took_ms=took_ms,
        )

    def clean(self, app: App, done: Cleaned) -> CleanJson:
        return CleanJson(
            app=app.app_id,
            removed=[self.link(app, one) for one in done.removed],
            left=self.left(app, done.left),
        )


def caution_json(one: Caution) -> CautionJson:
    path = None if one.path is None else str(one.path)
    return CautionJson(code=one.code, message=one.message, hint=one.hint, path=path)


def discovered_json(one: Discovered) -> DiscoveredJson:
    return DiscoveredJson(directory=one.directory, kinds=list(one.kinds), known=one.matched)


def failed_json(one: Failure) -> FailedLinkJson:
    return FailedLinkJson(target=one.target, model_id=one.model_id, error=_error_json(one.error))


def replaced_json(app: App, one: Replaced) -> ReplacedJson:
    return ReplacedJson(
        app=app.app_id,
        target=one.target,
        kept=f"{app.path}/{one.kept}",
        reason=one.reason,
        size=_size_of(Path(app.path, one.kept)) or one.size,
        sha256=one.sha256,
        date=one.replaced,
    )


def _size_of(directory: Path) -> int:
    """Bytes of all files of a directory: what it occupies itself says nothing. 0 for anything else."""
    if directory.is_symlink():
        return 0
    paths = (Path(top, name) for top, _, names in os.walk(directory) for name in names)
    return sum(stamp.size for path in paths if (stamp := stamp_of(path)) is not None)


def profile_json(info: ProfileInfo) -> ProfileJson:
    profile = info.profile
    return ProfileJson(
        name=info.name,
        app=info.name if profile is None else profile.name.app,
        display=info.name if profile is None else profile.display,
        version=None if profile is None else profile.name.version,
        variant="" if profile is None else profile.name.variant,
        built_in=info.built_in,
        hidden=info.hidden,
        path=str(info.path),
        repository="" if profile is None else profile.repository,
        directories=[] if profile is None else sorted({rule.target for rule in profile.rules}),
        error=None if info.error is None else _error_json(info.error),
    )


def _error_json(error: ModelLibraryError) -> ErrorJson:
    return ErrorJson(code=error.code, message=error.message, hint=error.hint, path=error.path)
