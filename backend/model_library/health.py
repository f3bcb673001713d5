"""Health: what is broken, missing, away or not ours, each with what to do about it.

Nothing is changed by looking. A root or an application that is away is said to be away, and nothing is
concluded about what is in it. That everything moved and still works is a finding too.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, NamedTuple

from model_library.app_names import app_names
from model_library.display_names import number_of
from model_library.errors import ProfileError
from model_library.gone import Gone, described, is_gone, noted_gone
from model_library.library import Catalog
from model_library.link_check import (
    USER_PROFILES,
    AppCheck,
    CheckedLink,
    Condition,
    Presence,
    check_apps,
)
from model_library.link_registry import App
from model_library.methods import choose_method
from model_library.profiles.choosing import choose_profile
from model_library.profiles.profile import HERE, Profile
from model_library.roots import Move
from model_library.store import stamp_of
from model_library.taxonomy import LinkMethod, LinkPreference, ModelState
from model_library.trashcan import trashed_ids

_NAMED: Final = 3
"""Files of a model that a message names."""
_OWN_SANDBOX: Final = "sandbox"
"""Caution about where we run ourselves: nothing is wrong while the links work."""
FIX: Final = "`model-library health --fix`"


class Status(StrEnum):
    HEALTHY = "healthy"
    WARNINGS = "warnings"
    ERRORS = "errors"


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know. `code` is stable."""

    code: str
    severity: Severity
    message: str
    action: str = ""
    """What to do; nothing where all is well."""
    fixable: bool = False
    """`health --fix` does it, where it can be done at all."""
    app_id: str | None = None
    model_id: str | None = None
    path: Path | None = None
    link_id: int | None = None
    """The link that it is about."""

    @property
    def finding_id(self) -> str:
        """By which it is named as long as it stands, 8 hex digits; what it counts may change."""
        about = (self.code, self.app_id, self.model_id, self.path, self.fixable)
        return hashlib.sha256("\0".join(map(str, about)).encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class HealthReport:
    status: Status
    findings: tuple[Finding, ...]
    """Errors first, then warnings; those of one sort together."""
    apps: int
    links: int
    working: int
    """Links that lead to their files."""
    models: int


class _Sort(NamedTuple):
    """What there is to say about a link in one condition; `message` has places for {model} and {app}."""

    code: str
    severity: Severity
    message: str
    action: str
    fixable: bool = False


_MAKES_AGAIN: Final = f"{FIX} makes it lead to its file again."
_FINDS: Final = (
    f"{FIX} looks for its content in the whole library; if it is nowhere, import the file again, or"
    " `model-library delete ID`. `model-library link sync {app} --prune` only takes the link away."
)
_YOURS: Final = (
    "It is yours and stays as it is. Move it away and sync again, or let `model-library link sync"
    " {app} --on-conflict` say what becomes of it."
)
_LINKED_HARD: Final = _Sort(
    "broken-link",
    Severity.ERROR,
    "The file of {model} in the library is gone; the hard link to it in {app} is intact and has its bytes",
    f"{FIX} looks for its content in the whole library; if it is nowhere, `model-library import` with the path of"
    " the link brings it in again.",
    True,
)
"""Broken, but not lost."""
_OF_LINKS: Final[Mapping[Condition, _Sort]] = {
    Condition.OUTDATED: _Sort(
        "outdated-link",
        Severity.ERROR,
        "The link to {model} in {app} leads to where its file was",
        _MAKES_AGAIN,
        True,
    ),
    Condition.ELSEWHERE: _Sort(
        "link-elsewhere",
        Severity.WARNING,
        "The link to {model} in {app} leads to another file than the one in the library",
        f"{FIX} makes it lead to the library's own; leave it if another library made it.",
        True,
    ),
    Condition.TWIN: _Sort(
        "link-elsewhere",
        Severity.WARNING,
        "The link to {model} in {app} works and leads into another copy of this library",
        "Leave it to that one, or `model-library link repair` makes all such links lead here.",
    ),
    Condition.BROKEN: _Sort(
        "broken-link",
        Severity.ERROR,
        "The file of {model}, to which a link was made in {app}, is gone",
        _FINDS,
        True,
    ),
    Condition.MISSING: _Sort(
        "missing-link",
        Severity.WARNING,
        "The link to {model} that was made in {app} is not there",
        f"{FIX} makes it again.",
        True,
    ),
    Condition.FOREIGN: _Sort(
        "foreign-file",
        Severity.WARNING,
        "Something that is not ours is in place of the link to {model} in {app}",
        _YOURS,
    ),
    Condition.DETACHED: _Sort(
        "detached-hard-link",
        Severity.WARNING,
        "The hard link to {model} in {app} has other bytes than the file in the library, which was replaced",
        "Delete it in the application if you do not need the old bytes, then sync.",
    ),
    Condition.ONLY_COPY: _Sort(
        "only-copy",
        Severity.ERROR,
        "The hard link to {model} in {app} is the last name of its bytes: the file in the library is gone",
        "Import it before you do anything else: `model-library import` with its path. If you removed it from another"
        " program on purpose, delete it here too.",
    ),
    Condition.FORGOTTEN: _Sort(
        "forgotten-root",
        Severity.WARNING,
        "The link to {model} in {app} leads into a root that was removed from the library",
        "Add the root again, or `model-library link sync {app}` takes the link away.",
    ),
    Condition.FORGOTTEN_BROKEN: _Sort(
        "forgotten-root",
        Severity.WARNING,
        "The link to {model} in {app} leads nowhere: its root was removed from the library",
        f"Add the root again, or {FIX} looks for its content in the other roots, or"
        " `model-library link sync {app}` takes the link away.",
        True,
    ),
    Condition.UNSETTLED: _Sort(
        "unfinished-work",
        Severity.WARNING,
        "The link to {model} in {app} is being made or removed, or that was interrupted",
        f"If no other command is at work, {FIX} settles it.",
        True,
    ),
    Condition.UNSEEN: _Sort(
        "unseen-link",
        Severity.WARNING,
        "The link to {model} in {app} cannot be looked at",
        "Make every directory on the way a real one that your user can read.",
    ),
}


def examine(
    catalog: Catalog, moves: Mapping[str, Move], more: Sequence[Finding] = ()
) -> HealthReport:
    """Look at all applications, links, roots and models.

    `moves`: the roots that are not where they were when a person was last told. `more`: what else was
    found, by those who know what applications should have. Costs as much as a quick
    scan. Raises IndexDamagedError.
    """
    profiles = _Profiles(catalog)
    checks = check_apps(catalog, profiles.directories())
    links = [checked for check in checks for checked in check.links]
    working = sum(checked.condition is Condition.WORKS for checked in links)
    models, of_models, gone = _models(catalog)
    findings = [
        *_moves(catalog, moves, checks),
        *_roots(catalog, checks, models),
        *profiles.invalid,
        *more,
    ]
    for check in checks:
        findings += _app(catalog, check, profiles.name_of(check.app))
        findings += _cautions(catalog, check, profiles)
    findings = _sandbox_once(findings)
    findings += [*of_models, *_gone(catalog, gone), *_damaged(catalog), *_unfinished(catalog)]
    total = len(links) + sum(len(check.unchecked) for check in checks)
    if total and working == total:
        message = f"{_all(total).capitalize()} in {number_of(len(checks), 'application')}"
        findings.append(Finding("links-work", Severity.INFO, message))
    order = list(Severity)
    findings.sort(key=lambda one: (order.index(one.severity), one.code, one.app_id or ""))
    count = sum(models.values())
    return HealthReport(_status(findings), tuple(findings), len(checks), total, working, count)


def _sandbox_once(findings: Sequence[Finding]) -> list[Finding]:
    """Where we run ourselves is the same for every application: it is said once, of none of them."""
    ours = [one for one in findings if one.code == _OWN_SANDBOX]
    rest = [one for one in findings if one.code != _OWN_SANDBOX]
    return [*rest, *(replace(one, app_id=None) for one in ours[:1])]


def _status(findings: Sequence[Finding]) -> Status:
    severities = {finding.severity for finding in findings}
    if Severity.ERROR in severities:
        return Status.ERRORS
    return Status.WARNINGS if Severity.WARNING in severities else Status.HEALTHY


# --- roots ---------------------------------------------------------------------------------------


def _moves(
    catalog: Catalog, moves: Mapping[str, Move], checks: Sequence[AppCheck]
) -> Iterator[Finding]:
    """What is somewhere else than when it was last looked at, and what that did to the links."""
    for move in moves.values():
        root = catalog.roots.get(move.root_id)
        links = [
            checked
            for check in checks
            for checked in check.links
            if checked.link.root_id == move.root_id
        ]
        lost = sum(checked.condition is not Condition.WORKS for checked in links)
        if not links:
            state = "no link leads into it"
        elif lost:
            state = f"of {number_of(len(links), 'link')} {lost} do not lead to their files now"
        else:
            state = _all(len(links))
        what, code = ("The library", "library-moved") if root.home else ("A root", "root-moved")
        was, now = (move.was.parent, move.now.parent) if root.home else (move.was, move.now)
        message = f"{what} moved from {was} to {now}: {state}"
        yield Finding(code, Severity.INFO, message, path=now)


def _roots(
    catalog: Catalog, checks: Sequence[AppCheck], models: Mapping[str, int]
) -> Iterator[Finding]:
    waiting = Counter(
        checked.link.root_id
        for check in checks
        for checked in check.links
        if checked.condition is Condition.OFFLINE
    )
    for root in catalog.roots:
        if not root.online:
            yield Finding(
                "root-offline",
                Severity.WARNING,
                f"A root is offline ({root.problem}): {number_of(models[root.root_id], 'model')} and"
                f" {number_of(waiting[root.root_id], 'link')} wait for it",
                "Connect its drive; `model-library root relocate` says where it is when it has a new"
                " place.",
                path=root.path,
            )


# --- applications ----------------------------------------------------------------------------------


class _Profiles:
    """The profiles of the applications; one that is not valid is a finding, and its directories are not
    looked into for links that nobody knows."""

    def __init__(self, catalog: Catalog) -> None:
        self._known: dict[str, Profile] = {}
        self.invalid: list[Finding] = []
        directory = catalog.directory / USER_PROFILES
        apps = catalog.links.apps()
        self._names = app_names(apps, directory)
        for app in apps:
            try:
                self._known[app.app_id] = choose_profile(
                    app.kind, app.version, app.variant, directory
                )
            except ProfileError as error:
                self.invalid.append(
                    Finding(
                        error.code,
                        Severity.WARNING,
                        f"The profile of {self.name_of(app)} cannot be used: {error.message}",
                        error.hint,
                        app_id=app.app_id,
                        path=None if error.path is None else Path(error.path),
                    )
                )

    def directories(self) -> dict[str, set[str]]:
        """Where models go, by the id of the application."""
        return {
            app_id: {"" if rule.target == HERE else rule.target for rule in profile.rules}
            for app_id, profile in self._known.items()
        }

    def name_of(self, app: App) -> str:
        """What people call it; one that was added a moment ago is called by its id."""
        return self._names.get(app.app_id, app.app_id)

    def preference(self, app: App) -> LinkPreference:
        profile = self._known.get(app.app_id)
        return LinkPreference.AUTO if profile is None else profile.defaults.method


def _app(catalog: Catalog, check: AppCheck, name: str) -> Iterator[Finding]:
    app = check.app
    if check.presence is Presence.GONE:
        yield Finding(
            "app-gone",
            Severity.WARNING,
            f"{name} is not where it was; {number_of(len(check.unchecked), 'link')} in it could not be"
            " looked at",
            f"Connect its drive; where it moved, `model-library app add {app.kind} PATH`; where it was"
            f" deleted, `model-library app remove {app.app_id}`.",
            app_id=app.app_id,
            path=check.was,
        )
    elif check.presence is Presence.MOVED:
        yield Finding(
            "app-moved",
            Severity.WARNING,
            f"{name} moved from {check.was} to {app.path}",
            f"{FIX} notes its new place and mends its links.",
            True,
            app_id=app.app_id,
            path=app.path,
        )
    for checked in check.links:
        if checked.condition in _OF_LINKS:
            yield _link(catalog, app, name, checked)
    for stray in check.strays:
        yield Finding(
            "orphaned-link",
            Severity.WARNING,
            f"A link into the library that the library does not know leads to {stray.text}",
            "It stays as it is: delete it if it is of no use, or let `model-library link sync"
            f" {app.app_id} --on-conflict` take its name.",
            app_id=app.app_id,
            path=app.path / stray.target,
        )


def _link(catalog: Catalog, app: App, name: str, checked: CheckedLink) -> Finding:
    link = checked.link
    intact = checked.condition is Condition.BROKEN and link.method is LinkMethod.HARD_LINK
    sort = _LINKED_HARD if intact else _OF_LINKS[checked.condition]
    is_link = checked.condition is Condition.FOREIGN and checked.detail.startswith("a link")
    code = "foreign-link" if is_link else sort.code
    row = catalog.index.get(link.model_id)
    # One that left the index, with its root or by a deletion, is called as its link is.
    model = link.target.rpartition("/")[2] if row is None else described(row).official_name
    message = sort.message.format(model=model, app=name)
    if checked.detail:
        message = f"{message}: {checked.detail}"
    return Finding(
        code,
        sort.severity,
        message,
        sort.action.replace("{app}", app.app_id),
        sort.fixable,
        app.app_id,
        link.model_id,
        app.path / link.target,
        link.link_id,
    )


def _cautions(catalog: Catalog, check: AppCheck, profiles: _Profiles) -> Iterator[Finding]:
    """What the method of linking says about the application and each root that it has links to."""
    if check.presence is Presence.GONE:
        return
    app, said = check.app, set()
    wanted = {checked.link.root_id for checked in check.links}
    for root in catalog.roots:
        if not root.online or root.root_id not in wanted:
            continue
        preference = profiles.preference(app)
        try:
            choice = choose_method(app.path, root.path, preference, library=catalog.directory)
        except OSError:
            continue  # gone since it was looked at: the next look says so
        for caution in choice.warnings:
            if caution not in said:
                said.add(caution)
                ours = caution.code == _OWN_SANDBOX
                yield Finding(
                    caution.code,
                    Severity.INFO if ours else Severity.WARNING,
                    caution.message if ours else f"{profiles.name_of(app)}: {caution.message}",
                    caution.hint,
                    app_id=app.app_id,
                    path=caution.path,
                )


# --- models ----------------------------------------------------------------------------------------


def _models(catalog: Catalog) -> tuple[Counter[str], list[Finding], list[Gone]]:
    """How many models each root has, those whose files are not there as they were, and those of which nothing
    is there."""
    counts: Counter[str] = Counter()
    findings: list[Finding] = []
    gone: list[Gone] = []
    online = {root.root_id for root in catalog.roots if root.online}
    for row in catalog.index.records():
        counts[row.root_id] += 1
        if row.root_id not in online:
            continue
        document = json.loads(row.document)
        state = catalog.files_state(row, document)
        if state == ModelState.ONLINE:
            continue
        if is_gone(catalog, row):
            gone.append(described(row))
            continue
        record = catalog.record_of(row)
        findings.append(_model(row.model_id, state, record.files_directory, document))
    return counts, findings, gone


def _gone(catalog: Catalog, seen: Sequence[Gone]) -> Iterator[Finding]:
    """The models that were `seen` to be gone now, and those that earlier scans found gone."""
    gone = {one.model_id: one for one in (*noted_gone(catalog), *seen)}
    kept = trashed_ids(catalog) if gone else frozenset()
    for one in gone.values():
        restorable = one.model_id in kept
        forget = f"`model-library delete {one.model_id}` forgets it."
        yield Finding(
            "model-gone-restorable" if restorable else "model-gone",
            Severity.INFO if restorable else Severity.WARNING,
            f"The folder of {one.official_name} is gone"
            + (", and the trash has a copy" if restorable else ""),
            (
                f"`model-library restore {one.model_id}` brings the copy back; {forget}"
                if restorable
                else f"Where it was moved, `model-library scan` finds it. Else import it again, or {forget}"
            ),
            model_id=one.model_id,
            path=one.directory(catalog),
        )


def _model(model_id: str, state: str, directory: Path, document: Mapping[str, Any]) -> Finding:
    stamps = {file["path"]: stamp_of(directory / file["path"]) for file in document["files"]}
    if state == ModelState.MISSING:
        gone = [*(name for name, stamp in stamps.items() if stamp is None)]
        gone += [name for name in document.get("missing_files") or () if name not in gone]
        return Finding(
            "model-missing-files",
            Severity.ERROR,
            f"{document['official_name']} lacks files: {_names(gone)}",
            "Import the missing files again: they take their places. Or `model-library delete"
            f" {model_id}`.",
            model_id=model_id,
            path=directory,
        )
    sizes = {file["path"]: file["size"] for file in document["files"]}
    changed = [name for name, stamp in stamps.items() if stamp and stamp.size != sizes[name]]
    return Finding(
        "model-changed",
        Severity.ERROR,
        f"{document['official_name']} has files of another size than they had: {_names(changed)}",
        "Import the original again: it takes the place of the changed one.",
        model_id=model_id,
        path=directory,
    )


def _names(files: Collection[str]) -> str:
    more = f" and {len(files) - _NAMED} more" if len(files) > _NAMED else ""
    return ", ".join(sorted(files)[:_NAMED]) + more


def _damaged(catalog: Catalog) -> Iterator[Finding]:
    for model_id in sorted(catalog.registry.damaged_models()):
        row = catalog.index.get(model_id)
        if row is None:
            continue  # it left with its root
        model = described(row)
        yield Finding(
            "model-damaged",
            Severity.ERROR,
            f"{model.official_name} did not verify",
            f"Import it again from its source, then `model-library verify {model_id}`.",
            model_id=model_id,
            path=model.directory(catalog),
        )


def _all(links: int) -> str:
    return (
        "the only link leads to its file"
        if links == 1
        else f"all {links} links lead to their files"
    )


def _unfinished(catalog: Catalog) -> Iterator[Finding]:
    count = len(catalog.registry.unfinished())
    if count:
        yield Finding(
            "unfinished-work",
            Severity.WARNING,
            f"{number_of(count, 'act')} not finished yet",
            "Let other commands end and connect the drives that are away: the next start goes on.",
        )
