"""Preview and sync: the models of the library, linked into an application by its profile.

A sync makes the plan that a preview shows and carries out exactly that, through the registry and under the
library's lock: links that have to go first, then new ones, then what the person decided about conflicts. For
models that changed only those are read and only their names are looked at, so that the cost does not grow
with the library.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from model_library.errors import InvalidValueError, LinkConflictError, ModelLibraryError
from model_library.events import Advanced, Listener, Notice, Planned, ignore
from model_library.giving_way import replace_with_link
from model_library.io.inside import Inside
from model_library.io.validator import Caution
from model_library.library import Catalog
from model_library.link_registry import App, Link
from model_library.linking import (
    LINKING,
    Failure,
    make_links,
    opened,
)
from model_library.mapping import Conflict, Decisions, Plan, decide
from model_library.profiles.discovery import accept, chosen, discover
from model_library.profiles.profile import Profile
from model_library.settling import settle
from model_library.standstill import Quiet, Standstill
from model_library.surveying import Survey, Surveyor, user_profiles
from model_library.taxonomy import OnConflict
from model_library.unlinking import remove_links
from model_library.wishes import Excluded, PlannedLink

UNWANTED: Final = "unwanted-links"
UNUSED: Final = "accepted-without-models"
NO_CHOICES: Mapping[str, OnConflict] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Resolved:
    """A conflict that was settled as the person said."""

    conflict: Conflict
    choice: OnConflict


@dataclass(slots=True)
class SyncReport:
    """What a sync did. Where there was nothing to do, the plan lists neither what is kept nor what is left
    out."""

    plan: Plan
    kept: int
    excluded: int
    accepted: list[str] = field(default_factory=list)
    """Directories that got a rule in the user's profile."""
    made: list[Link] = field(default_factory=list)
    removed: list[Link] = field(default_factory=list)
    left: list[tuple[Link, str]] = field(default_factory=list)
    """Links that should have gone and did not, and why."""
    resolved: list[Resolved] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The links of an application that were taken away."""

    removed: tuple[Link, ...]
    left: tuple[tuple[Link, str], ...]


class Mapper:
    """Links between one library and its applications."""

    def __init__(self, catalog: Catalog, listener: Listener = ignore) -> None:
        self._catalog = catalog
        self._listener = listener

    def preview(
        self,
        app: App,
        *,
        model_ids: Sequence[str] | None = None,
        prune: bool = False,
        profile: Profile | None = None,
    ) -> Plan:
        """What `sync` would do now; writes nothing. `model_ids`: only for these models; `profile`: if the
        application had this one.

        Raises AppOfflineError, ProfileError, FileError.
        """
        surveyor = Surveyor(self._catalog, app, profile)
        with opened(self._catalog, app) as inside:
            return self._plan(app, surveyor, inside, model_ids, prune=prune)

    def outstanding(self, app: App) -> Plan:
        """What a sync of all models would do now. While nothing changed since one that left nothing open, no
        model is read and the plan lists neither what is kept nor what is left out. Raises as `preview`.
        """
        surveyor = Surveyor(self._catalog, app)
        with opened(self._catalog, app) as inside:
            quiet = Standstill(self._catalog, app, surveyor).quiet(inside)
            if quiet is not None:
                return _nothing_to_do(app, surveyor, quiet)
            return self._plan(app, surveyor, inside, None, prune=False)

    def sync(
        self,
        app: App,
        *,
        model_ids: Sequence[str] | None = None,
        on_conflict: OnConflict = OnConflict.SKIP,
        per_target: Mapping[str, OnConflict] = NO_CHOICES,
        prune: bool = False,
        accept_directories: Sequence[str] = (),
        progress: Listener = ignore,
    ) -> SyncReport:
        """Make the links of an application what its profile wants.

        `per_target` decides about single conflicts, `on_conflict` about all others. `prune` takes away links
        that no rule wants any more and, of all models, symlinks to files that are gone. `accept_directories`: discovered directories that get a rule first, as
        `discovery.chosen` reads them. `progress` hears how many links are done, under the library's lock: it
        must not wait. A sync of all models ends that the application is left without links
        (`clean`). Raises AppOfflineError, ProfileError, InvalidValueError,
        LibraryBusyError; what fails for one link is in the report.
        """
        accepted = self._accept(app, accept_directories) if accept_directories else []
        with self._catalog.exclusive():
            settle(self._catalog, self._listener)
            surveyor = Surveyor(self._catalog, app)
            still = None
            with opened(self._catalog, app) as inside:
                if model_ids is None:
                    self._catalog.links.set_links_off(app.app_id, off=False)
                    still = Standstill(self._catalog, app, surveyor)
                    quiet = None if prune or per_target else still.quiet(inside)
                    if quiet is not None:
                        nothing = _nothing_to_do(app, surveyor, quiet)
                        return SyncReport(nothing, quiet.kept, quiet.excluded, accepted)
                planned = self._plan(app, surveyor, inside, model_ids, prune=prune)
            _require_targets(planned, per_target)
            planned = replace(planned, warnings=(*planned.warnings, *_unused(planned, accepted)))
            report = SyncReport(planned, len(planned.keep), len(planned.excluded), accepted)
            self._apply(report, progress)
            if still is not None and _is_complete(report):
                lasting = [one for one in planned.warnings if one.code != UNUSED]
                still.remember(report.excluded, lasting, surveyor.overrides)
        for conflict in planned.conflicts:
            choice = per_target.get(conflict.link.link.target, on_conflict)
            if choice is not OnConflict.SKIP:
                self._resolve(report, conflict, choice)
            progress(Advanced(LINKING, 0, 1))
        return report

    def sync_models(self, model_ids: Sequence[str] | None) -> list[SyncReport]:
        """Bring the links of models that changed up to date in every application (None: of all models).

        Links that the changed models should not have any more are taken away. An application that is not
        there, or whose profile is not valid, is named to the listener and left for its next sync; one that
        a person left without links stays so.
        """
        reports = []
        left_out = self._catalog.links.links_off()
        for app in self._catalog.links.apps():
            if app.app_id in left_out:
                continue
            try:
                reports.append(self.sync(app, model_ids=model_ids, prune=model_ids is not None))
            except ModelLibraryError as error:
                message = f"The links in {app.app_id} were not brought up to date: {error}"
                self._listener(Notice(error.code, message, error.hint))
        return reports

    def clean(self, app: App) -> Cleaned:
        """Take all our links out of an application, and make none there before the next sync of all models.
        Raises AppOfflineError, LibraryBusyError."""
        with self._catalog.exclusive():
            settle(self._catalog, self._listener)
            with opened(self._catalog, app):
                links = self._catalog.links.links(app.app_id)
            self._catalog.links.set_links_off(app.app_id, off=True)
            outcomes = remove_links(self._catalog, links)
        return Cleaned(tuple(outcomes.removed), tuple(outcomes.left))

    # --- inside ------------------------------------------------------------------------------------

    def _plan(
        self,
        app: App,
        surveyor: Surveyor,
        inside: Inside,
        model_ids: Sequence[str] | None,
        *,
        prune: bool,
    ) -> Plan:
        survey = surveyor.survey(inside, model_ids, prune=prune)
        decisions = decide(survey.around, survey.scope, survey.disk, surveyor.text_of)
        create, absent = self._present(decisions.create, survey)
        return Plan(
            app=app,
            profile=str(surveyor.profile.name),
            create=create,
            keep=decisions.keep,
            conflicts=decisions.conflicts,
            remove=decisions.remove,
            forget=decisions.forget,
            excluded=(*decisions.excluded, *absent),
            warnings=(*survey.cautions, *_unwanted(decisions)),
            discovered=tuple(discover(surveyor.profile, app.path)) if model_ids is None else (),
        )

    def _present(
        self, create: Sequence[PlannedLink], survey: Survey
    ) -> tuple[tuple[PlannedLink, ...], list[Excluded]]:
        """Of what would be made, that which has something to be linked to; and the models of the rest."""
        tops = {root.root_id: str(root.path) for root in self._catalog.roots}
        absent = {
            one.link.model_id
            for one in create
            if not _exists(f"{tops[one.link.root_id]}/{one.link.source}")
        }
        return (
            tuple(one for one in create if one.link.model_id not in absent),
            [
                Excluded(
                    one,
                    survey.scope.models[one].name,
                    "absent",
                    "Its files are not where the last scan saw them",
                )
                for one in sorted(absent)
            ],
        )

    def _accept(self, app: App, words: Iterable[str]) -> list[str]:
        with self._catalog.exclusive():
            profile = Surveyor(self._catalog, app).profile
            wanted = chosen(discover(profile, app.path), words, profile.defaults)
            if wanted:
                accept(profile, wanted, user_profiles(self._catalog), app.path)
        return [one.directory for one in wanted]

    def _apply(self, report: SyncReport, progress: Listener) -> None:
        plan = report.plan
        goes = [removal.link for removal in plan.remove]
        removed = [*goes, *plan.forget]
        if total := len(removed) + len(plan.create) + len(plan.conflicts):
            progress(Planned(LINKING, total, 0))
        gone = remove_links(self._catalog, removed, progress)
        ids = {link.link_id for link in goes}
        report.removed = [link for link in gone.removed if link.link_id in ids]
        report.left = [(link, why) for link, why in gone.left if link.link_id in ids]
        stays = {link.target for link, _ in gone.left}
        wanted = [one.link for one in plan.create if one.link.target not in stays]
        outcomes = make_links(self._catalog, plan.app, wanted, progress)
        report.made, report.failed = outcomes.made, outcomes.failed

    def _resolve(self, report: SyncReport, conflict: Conflict, choice: OnConflict) -> None:
        wanted = conflict.link.link
        try:
            with self._catalog.exclusive():
                link = replace_with_link(
                    self._catalog, report.plan.app, wanted, conflict.existing, choice
                )
        except ModelLibraryError as error:
            refused = isinstance(error, LinkConflictError) and choice is OnConflict.ADOPT
            why = _not_adopted(error) if refused else error
            report.failed.append(Failure(wanted.target, wanted.model_id, why))
        else:
            report.made.append(link)
            report.resolved.append(Resolved(conflict, choice))


_PASSING: Final = frozenset({"absent", "no-links", "name", "target-replaced"})
"""Reasons of what is left out that may pass without a trace in what a standstill goes by."""


def _is_complete(report: SyncReport) -> bool:
    """Whether the application has now all that it should have, and nothing waits for a decision."""
    plan = report.plan
    waits = report.left or report.failed or plan.conflicts or plan.forget
    reasons = {one.reason for one in plan.excluded}
    unwanted = any(one.code == UNWANTED for one in plan.warnings)
    return not waits and not unwanted and _PASSING.isdisjoint(reasons)


def _nothing_to_do(app: App, surveyor: Surveyor, quiet: Quiet) -> Plan:
    return Plan(
        app=app,
        profile=str(surveyor.profile.name),
        create=(),
        keep=(),
        conflicts=(),
        remove=(),
        forget=(),
        excluded=(),
        warnings=quiet.warnings,
        discovered=tuple(discover(surveyor.profile, app.path)),
    )


def _require_targets(plan: Plan, choices: Mapping[str, OnConflict]) -> None:
    """Raises InvalidValueError for a choice about what is no target of the plan."""
    links = [one.link.target for one in plan.create] + [link.target for link in plan.keep]
    conflicts = [one.link.link.target for one in plan.conflicts]
    known = {*links, *conflicts}
    for target in choices:
        if target not in known:
            raise InvalidValueError(
                f"{target!r} is no target of a link",
                hint=f"Conflicts: {', '.join(conflicts) or 'none'}.",
            )


def _unused(plan: Plan, accepted: Iterable[str]) -> Iterator[Caution]:
    """Directories that were accepted and to which no model goes."""
    links = [one.link.target for one in plan.create] + [link.target for link in plan.keep]
    targets = [*links, *(one.link.link.target for one in plan.conflicts)]
    for directory in accepted:
        if not any(target.startswith(f"{directory}/") for target in targets):
            yield Caution(
                UNUSED,
                f"No model is linked into {directory}: there is none of its kinds, or another rule"
                " takes them",
                f"A `priority` above that of the other rule, in profiles/{plan.profile}.toml of the"
                " library, sends them there instead.",
                plan.app.path / directory,
            )


def _not_adopted(error: ModelLibraryError) -> LinkConflictError:
    """The same error without the advice to do what was refused."""
    hint = "Sync again with --on-conflict rename or overwrite."
    return LinkConflictError(error.message, path=error.path, hint=hint)


def _exists(path: str) -> bool:
    return os.path.exists(path)  # noqa: PTH110 - making thousands of paths costs more than the call


def _unwanted(decisions: Decisions) -> Iterator[Caution]:
    if decisions.unwanted:
        are = "1 link is" if decisions.unwanted == 1 else f"{decisions.unwanted} links are"
        yield Caution(
            UNWANTED,
            f"{are} there that no rule wants any more",
            "Sync with --prune takes away what no rule wants.",
        )
