"""The pure planner: models, a profile, the links we made and what lies in the application give a plan.

In three steps, so that only what decides has to be looked at on disk: `wishes` says which links are wanted and
gives them stable names, `unclear` names what needs a closer look, `decide` compares the wishes with what is
there. Nothing here reads or changes anything.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from model_library.io.inside import Seen
from model_library.io.validator import Caution
from model_library.link_registry import App, Link
from model_library.profiles.discovery import Discovered
from model_library.taxonomy import ConflictReason, LinkMethod, LinkState, SecurityTier
from model_library.wishes import Excluded, PlannedLink, Standing, Surroundings

_NEVER: Final = frozenset({SecurityTier.PICKLE_DANGEROUS, "version", "overrides"})
"""Reasons for which a link that was made is taken away, asked or not."""
_MAYBE_BACK: Final = frozenset(
    {"offline", "missing", SecurityTier.UNREADABLE, "no-links", "name", "target-replaced"}
)
"""Reasons that may pass: what is linked stays."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something that is not ours has the name of a wanted link."""

    link: PlannedLink
    reason: ConflictReason
    existing: Seen
    detail: str


@dataclass(frozen=True, slots=True)
class Removal:
    """A link of ours that has to go. `why`: deleted (its model is), place (the model's file or directory is
    another now), moved (what the link says is not right any more), method (it is to be a hard link, or no
    longer one), unwanted, or the code of what excludes its model."""

    link: Link
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sync would do. Removals come first: a link that is made again is in both lists."""

    app: App
    profile: str
    create: tuple[PlannedLink, ...]
    keep: tuple[Link, ...]
    conflicts: tuple[Conflict, ...]
    remove: tuple[Removal, ...]
    forget: tuple[Link, ...]
    """Links that somebody removed or replaced: nothing of ours is there any more."""
    excluded: tuple[Excluded, ...]
    warnings: tuple[Caution, ...]
    discovered: tuple[Discovered, ...]


@dataclass(frozen=True, slots=True)
class OnDisk:
    """What was found at the names that matter."""

    texts: Mapping[str, str | None]
    """What is there by its path: the text of a symlink, None for anything else."""
    seen: Mapping[str, Seen]
    """A closer look, where the text does not decide (`unclear`)."""
    same: Collection[str]
    """Paths of files with the content of the model that wants their name."""
    blocked: Mapping[str, str]
    """Directories that are not what they should be, and what is wrong with them."""
    dead: Collection[str] = ()
    """Paths of symlinks of ours that lead nowhere although their root is online; looked for to prune."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The models that are planned for and the links that concern them."""

    models: Mapping[str, Standing]
    planned: Sequence[PlannedLink]
    excluded: Mapping[str, Excluded]
    rows: Sequence[Link]
    """Links of these models, and with `complete` of all that the application has."""
    complete: bool
    """`models` are all of the library: what is not among them is not in it."""
    asked: Collection[str] = ()
    """The models that were asked for, when not all were."""
    prune: bool = False


def unclear(scope: Scope, texts: Mapping[str, str | None]) -> set[str]:
    """The targets where more has to be known than which symlinks there are."""
    rows = {row.target: row for row in scope.rows}
    wanted = {one.link.target for one in scope.planned if one.link.target in texts}
    return {
        target
        for target in wanted.union(row.target for row in scope.rows if row.target in texts)
        if target not in rows
        or rows[target].method is LinkMethod.HARD_LINK
        or texts[target] != rows[target].link_text
    }


@dataclass(frozen=True, slots=True)
class Decisions:
    """What is to be done with the links of a scope."""

    create: tuple[PlannedLink, ...]
    keep: tuple[Link, ...]
    conflicts: tuple[Conflict, ...]
    remove: tuple[Removal, ...]
    forget: tuple[Link, ...]
    excluded: tuple[Excluded, ...]
    unwanted: int
    """Links that are kept though no rule wants them: without `prune` they stay."""


def decide(
    around: Surroundings, scope: Scope, disk: OnDisk, text_of: Callable[[Link], str | None]
) -> Decisions:
    """Compare what is wanted with what is there.

    `text_of` says what a symlink of ours should say today; None when that cannot be known.
    """
    planner = _Planner(around, scope, disk, text_of)
    for one in scope.planned:
        planner.wanted(one)
    for row in scope.rows:
        planner.leftover(row)
    return planner.decisions()


class _Planner:
    def __init__(
        self,
        around: Surroundings,
        scope: Scope,
        disk: OnDisk,
        text_of: Callable[[Link], str | None],
    ) -> None:
        self._around = around
        self._scope = scope
        self._disk = disk
        self._text_of = text_of
        self._rows = {row.target: row for row in scope.rows}
        self._settled: set[int] = set()
        self._create: list[PlannedLink] = []
        self._keep: list[Link] = []
        self._conflicts: list[Conflict] = []
        self._remove: list[Removal] = []
        self._forget: list[Link] = []
        self._excluded = dict(scope.excluded)
        self._unwanted = 0

    def decisions(self) -> Decisions:
        return Decisions(
            create=tuple(self._create),
            keep=tuple(self._keep),
            conflicts=tuple(self._conflicts),
            remove=tuple(self._remove),
            forget=tuple(self._forget),
            excluded=tuple(self._excluded.values()),
            unwanted=self._unwanted,
        )

    def wanted(self, one: PlannedLink) -> None:
        target = one.link.target
        row = self._rows.get(target)
        blocked = self._blocked(target)
        if row is not None:
            self._settled.add(row.link_id)
        if blocked is not None:
            self._exclude(one, blocked)
            if row is not None:
                self._keep.append(row)
        elif row is not None:
            self._known(row, one)
        elif target in self._disk.texts:
            self._conflict(one)
        else:
            self._create.append(one)

    def _known(self, row: Link, one: PlannedLink) -> None:
        """A registered link has the name of a wanted one."""
        if row.state is not LinkState.MADE:
            self._keep.append(
                row
            )  # another process is at it, or its end is settled at the next start
            return
        if not self._is_ours(row):
            self._forget.append(row)
            (self._conflict if row.target in self._disk.texts else self._create.append)(one)
            return
        why = self._why_not(row, one)
        if why != "place" and row.target in self._disk.dead:
            self._remove.append(Removal(row, "missing"))
        elif why is None:
            self._keep.append(row)
        else:
            self._remove.append(Removal(row, why))
            self._create.append(one)

    def _why_not(self, row: Link, one: PlannedLink) -> str | None:
        """Why a link of ours cannot stay as it is."""
        link = one.link
        if (row.model_id, row.root_id, row.source) != (link.model_id, link.root_id, link.source):
            return "place"
        if (row.method is LinkMethod.HARD_LINK) != (link.method is LinkMethod.HARD_LINK):
            return "method"
        if row.method is LinkMethod.HARD_LINK:
            return None
        text = self._text_of(row)
        return "moved" if text is not None and text != row.link_text else None

    def _is_ours(self, row: Link) -> bool:
        if row.method is LinkMethod.HARD_LINK:
            seen = self._disk.seen.get(row.target)
            return seen is not None and seen.kind == "file" and seen.inode == row.inode
        return row.link_text is not None and self._disk.texts.get(row.target) == row.link_text

    def leftover(self, row: Link) -> None:
        """A registered link that nothing wants at its place."""
        if row.link_id in self._settled or row.state is not LinkState.MADE:
            return
        model = self._scope.models.get(row.model_id)
        if model is None and not self._scope.complete and row.model_id not in self._scope.asked:
            return  # it was only looked at for its name
        why = None if self._blocked(row.target) else self._why_remove(row, model)
        if why is None:
            self._keep.append(row)
        elif self._is_ours(row):
            self._remove.append(Removal(row, why))
        else:
            self._forget.append(row)

    def _why_remove(self, row: Link, model: Standing | None) -> str | None:
        is_offline = self._around.roots.get(row.root_id) is False
        if is_offline and (model is None or model.root_id == row.root_id):
            return None  # nothing is ever concluded from a root that is offline
        if model is None:
            return "deleted"
        excluded = self._excluded.get(row.model_id)
        return "place" if excluded is None else self._why_excluded(row, model, excluded.reason)

    def _why_excluded(self, row: Link, model: Standing, reason: str) -> str | None:
        """Why the link of a model goes that no rule wants any more."""
        if reason == "missing" and row.target in self._disk.dead:
            return reason
        if reason in _MAYBE_BACK:
            return None
        if reason in _NEVER or self._around.rules.moved_away(model.facts, row.target):
            return reason
        if self._scope.prune:
            return "unwanted"
        self._unwanted += 1
        return None

    def _conflict(self, one: PlannedLink) -> None:
        seen = self._disk.seen.get(one.link.target)
        if seen is None:  # it went away between two looks
            self._create.append(one)
            return
        reason, detail = _reason(seen, is_same=one.link.target in self._disk.same)
        self._conflicts.append(Conflict(one, reason, seen, detail))

    def _exclude(self, one: PlannedLink, blocked: str) -> None:
        model_id = one.link.model_id
        name = self._scope.models[model_id].name
        excluded = Excluded(model_id, name, "target-replaced", blocked)
        self._excluded.setdefault(model_id, excluded)

    def _blocked(self, target: str) -> str | None:
        if not self._disk.blocked:
            return None
        directory = posixpath.dirname(target)
        while directory and directory not in self._disk.blocked:
            directory = posixpath.dirname(directory)
        return self._disk.blocked.get(directory)


def _reason(seen: Seen, *, is_same: bool) -> tuple[ConflictReason, str]:
    if seen.kind == "symlink":
        return ConflictReason.OTHER_LINK, f"A link to {seen.link_text}"
    if seen.kind == "directory":
        return ConflictReason.DIRECTORY, "A directory"
    if is_same:
        return ConflictReason.SAME_CONTENT, (
            "A file of the same size and, where it was compared, the same content; adopting it proves all of it"
        )
    return ConflictReason.OTHER_FILE, "A file with another content"
