"""Everything that a plan has to know, read from the library, the profile and the application, and no more of
them than decides: of a large library only the models that are asked for, of an application only the
directories and names where links of ours are or would be.
"""

from __future__ import annotations

import json
import os
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from model_library.display_names import FAMILIES
from model_library.errors import (
    MetadataError,
    ModelLibraryError,
    ProfileError,
    RootNotFoundError,
    TargetReplacedError,
)
from model_library.io.inside import Inside, Seen
from model_library.io.validator import Caution
from model_library.library import Catalog
from model_library.link_registry import App, Link
from model_library.linking import LinkTexts, possible
from model_library.mapping import OnDisk, Scope, unclear
from model_library.methods import MethodChoice, choose_method
from model_library.profiles.choosing import BUILT_IN, choose_profile, load_profile
from model_library.profiles.discovery import matching
from model_library.profiles.matching import Refusal, RuleBook, facts_of, questions
from model_library.profiles.profile import FAMILY_GROUPS, Profile
from model_library.search.fts5 import IndexRecord
from model_library.store import read_document
from model_library.taxonomy import UNKNOWN_FAMILY, LinkMethod, LinkPreference
from model_library.wishes import (
    Candidate,
    Excluded,
    PlannedLink,
    Standing,
    Surroundings,
    Wish,
    name_links,
    possible_targets,
    wish,
)

USER_PROFILES: Final = "profiles"
"""Directory of the library with the user's own profiles."""
OVERRIDES: Final = "overrides.json"
"""Beside metadata.json, written by the user."""
_STILL_TO_COME: Final = "It is not one that is known here; it counts once a model has it."
_NAMED: Final = 3
"""Models that a warning about several of them names."""
_PLAIN_VERSION: Final = re.compile(r"v?\d{1,9}(\.\d{1,9})*")
"""Most versions; they need no closer look."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What a plan is made of."""

    around: Surroundings
    scope: Scope
    disk: OnDisk
    cautions: tuple[Caution, ...]


class Surveyor:
    """Looks at one application for one plan."""

    def __init__(self, catalog: Catalog, app: App, profile: Profile | None = None) -> None:
        """`profile`: one to try instead of its own. Raises ProfileError."""
        self._catalog = catalog
        self._app = app
        self.profile: Profile = profile or choose_profile(
            app.kind, app.version, app.variant, user_profiles(catalog)
        )
        self._roots = {root.root_id: root for root in catalog.roots}
        self._choices: dict[tuple[str, LinkPreference, int], MethodChoice] = {}
        self._devices: dict[str, int] = {}
        self._texts = LinkTexts(catalog, app)
        self._cautions: list[Caution] = []
        self.existing = self._existing()
        """What the installation has of all that the rules require."""
        self.overrides: list[str] = []
        """Files that restrict models, as they were found."""

    def survey(
        self, inside: Inside, model_ids: Sequence[str] | None, *, prune: bool = False
    ) -> Survey:
        """Read what decides about all models, or about some. Raises FileError, IndexDamagedError."""
        around = self.surroundings()
        models: dict[str, Standing] = {}
        wishes: list[Wish] = []
        excluded: dict[str, Excluded] = {}
        for model in self._candidates(model_ids):
            name = str(model.document["official_name"])
            models[model.model_id] = Standing(model.root_id, name, model.facts)
            found = wish(model, around)
            if isinstance(found, Wish):
                wishes.append(found)
            else:
                excluded[model.model_id] = found
        rows = self._rows(model_ids, wishes)
        planned, unnamed = name_links(self._app.app_id, wishes, rows)
        for one in unnamed:
            detail = "Two other models have its name and the name with its digest"
            excluded[one.model_id] = Excluded(
                one.model_id, models[one.model_id].name, "name", detail
            )
        planned = [replace(one, link=possible(self._catalog, one.link)) for one in planned]
        self._cautions += [*_doubts(wishes), *self._unclear_version()]
        if model_ids is None and not self.profile.built_in:
            self._cautions += self._unknown_families({one.facts.family for one in models.values()})
        scope = Scope(
            models=models,
            planned=planned,
            excluded=excluded,
            rows=rows,
            complete=model_ids is None,
            asked=frozenset(model_ids or ()),
            prune=prune,
        )
        return Survey(around, scope, self._look(inside, scope), tuple(self._cautions))

    def text_of(self, link: Link) -> str | None:
        """What a symlink of ours should say; None when its root is not known any more."""
        try:
            return self._texts.of(link)
        except RootNotFoundError:
            return None

    # --- the library -------------------------------------------------------------------------------

    def _candidates(self, model_ids: Sequence[str] | None) -> Iterator[Candidate]:
        if model_ids is None:
            for record in self._catalog.index.records():
                yield _candidate(record, record.state)
            return
        for model_id in dict.fromkeys(model_ids):
            known = self._catalog.index.get(model_id)
            if known is not None:
                record = self._as_it_is_now(known)
                yield _candidate(record, self._catalog.state_now(record))

    def _as_it_is_now(self, record: IndexRecord) -> IndexRecord:
        try:
            return self._catalog.refreshed(record)
        except MetadataError as error:
            self._caution(error)
            return record

    def _rows(self, model_ids: Sequence[str] | None, wishes: Sequence[Wish]) -> list[Link]:
        links = self._catalog.links
        if model_ids is None:
            return links.links(self._app.app_id)
        own = links.links(self._app.app_id, model_ids=list(model_ids))
        known = {row.link_id for row in own}
        others = links.at_targets(self._app.app_id, possible_targets(wishes))
        return [*own, *(row for row in others.values() if row.link_id not in known)]

    def _unclear_version(self) -> Iterator[Caution]:
        """A version that is in no range, where models ask for ranges."""
        version = self._app.version
        if version is None or not self.overrides or _PLAIN_VERSION.fullmatch(version):
            return
        from model_library.profiles.overrides import parse_version

        if parse_version(version) is None:
            yield Caution(
                "version-unclear",
                f"{version!r} is no PEP 440 version: models that ask for a range of versions are left out",
                "Their overrides.json says so; without it they are linked.",
                self._app.path,
            )

    def _unknown_families(self, held: set[str]) -> Iterator[Caution]:
        """Families that a profile of the user names, and that neither a model has nor anybody knows."""
        from difflib import get_close_matches

        from model_library.identify.rules.families import diffusion_families

        selectors = [*self.profile.filters, *(rule.selector for rule in self.profile.rules)]
        named = {one for each in selectors for one in each.families | each.exclude_families}
        known = {
            *diffusion_families(),
            *FAMILIES,
            *held,
            *FAMILY_GROUPS,
            UNKNOWN_FAMILY,
            *self._own_families(),
        }
        for family in sorted(named - known):
            near = get_close_matches(family, sorted(known), 1)
            yield Caution(
                "unknown-family",
                f"The profile {self.profile.name} names the family {family!r}, which no model has",
                f"Did you mean {near[0]!r}?" if near else _STILL_TO_COME,
                self.profile.path,
            )

    def _own_families(self) -> set[str]:
        """What the built-in profiles of this application name."""
        try:
            base = load_profile(self.profile.name.app, BUILT_IN)
        except ProfileError:  # an application of the user's own
            return set()
        return {
            one
            for rule in base.rules
            for one in rule.selector.families | rule.selector.exclude_families
        }

    # --- what decides ------------------------------------------------------------------------------

    def _existing(self) -> frozenset[str]:
        patterns, targets = questions(self.profile.rules)
        app = self._app.path
        found = {pattern for pattern in patterns if matching(app, pattern)}
        for target in targets:
            if os.path.isdir(f"{app}/{target}"):  # noqa: PTH112 - it raises nothing
                found.add(target)
        return frozenset(found)

    def surroundings(self) -> Surroundings:
        """What decides besides the model."""
        from model_library.identify.rules.families import diffusion_families

        return Surroundings(
            app=self._app,
            rules=RuleBook(self.profile, self.existing, diffusion_families),
            roots={root.root_id: root.online for root in self._catalog.roots},
            choose_method=self._choose_method,
            restriction=self._restriction,
        )

    def _choose_method(
        self, root_id: str, preference: LinkPreference, directory: str
    ) -> MethodChoice:
        """The method for links of a root in a directory; one of another drive has one of its own."""
        device = self._device(directory)
        key = (root_id, preference, device)
        if key not in self._choices:
            is_apart = device != self._device("")
            place = self._app.path / directory if is_apart else self._app.path
            try:
                choice = choose_method(
                    place,
                    self._roots[root_id].path,
                    preference,
                    library=self._catalog.directory,
                )
            except OSError as error:
                hint = "Look at the drive, then try again."
                warning = Caution("no-links", f"Cannot be read: {error.strerror}", hint, place)
                choice = MethodChoice(None, external=True, warnings=(warning,))
            self._cautions += [one for one in choice.warnings if one not in self._cautions]
            self._choices[key] = choice
        return self._choices[key]

    def _device(self, directory: str) -> int:
        """Of the directory, or of the nearest one above it that is there."""
        if directory not in self._devices:
            try:
                status = os.lstat(f"{self._app.path}/{directory}")
            except OSError:
                self._devices[directory] = self._device(posixpath.dirname(directory))
            else:
                self._devices[directory] = status.st_dev
        return self._devices[directory]

    def _restriction(self, model: Candidate) -> Refusal | None:
        """What `overrides.json` beside the metadata says against this application and version."""
        root = self._roots[model.root_id]
        path = f"{root.metadata_directory}/{model.location}/{OVERRIDES}"
        if not os.path.lexists(path):
            return None
        self.overrides.append(path)
        from model_library.profiles.overrides import MAX_BYTES, parse_overrides, why_not

        try:
            data, _ = read_document(Path(path), MAX_BYTES)
            allowed = parse_overrides(data, Path(path)).get(self._app.kind.casefold())
        except MetadataError as error:
            self._cautions.append(
                Caution(
                    error.code,
                    f"{model.model_id}: {error.message} ({path})",
                    error.hint,
                    Path(path),
                )
            )
            return Refusal("overrides", error.message)
        reason = None if allowed is None else why_not(allowed, self._app.version)
        return None if reason is None else Refusal("version", reason)

    def _caution(self, error: ModelLibraryError) -> None:
        path = None if error.path is None else Path(error.path)
        self._cautions.append(Caution(error.code, error.message, error.hint, path))

    # --- the application ---------------------------------------------------------------------------

    def _look(self, inside: Inside, scope: Scope) -> OnDisk:
        blocked: dict[str, str] = {}
        targets = {one.link.target for one in scope.planned}
        targets.update(row.target for row in scope.rows)
        texts: dict[str, str | None] = {}
        seen: dict[str, Seen] = {}
        if scope.complete:
            for directory in {posixpath.dirname(target) for target in targets}:
                texts |= _symlinks(inside, directory, blocked)
            targets = unclear(scope, texts)
        for target in targets:
            found = _seen(inside, target, blocked)
            if found is not None:
                seen[target] = found
                texts[target] = found.link_text
        self._cautions += [
            Caution("target-replaced", problem, TargetReplacedError.default_hint, inside.top / one)
            for one, problem in sorted(blocked.items())
        ]
        return OnDisk(texts, seen, self._same(scope, seen), blocked, self._dead(scope))

    def _dead(self, scope: Scope) -> frozenset[str]:
        """Symlinks of ours whose files are gone from a root that is there, when all are to be pruned."""
        if not (scope.prune and scope.complete):
            return frozenset()
        tops = {root.root_id: str(root.path) for root in self._roots.values() if root.online}
        return frozenset(
            row.target
            for row in scope.rows
            if row.method is not LinkMethod.HARD_LINK
            and row.root_id in tops
            and not os.path.lexists(f"{tops[row.root_id]}/{row.source}")
            and not os.path.exists(f"{self._app.path}/{row.target}")  # noqa: PTH110 - of thousands
        )

    def _same(self, scope: Scope, seen: Mapping[str, Seen]) -> frozenset[str]:
        """Targets at which a file lies that looks like the one to be linked there."""
        ours = {row.target for row in scope.rows}
        return frozenset(
            one.link.target
            for one in scope.planned
            if one.link.target not in ours and self._is_same(one, seen.get(one.link.target))
        )

    def _is_same(self, one: PlannedLink, seen: Seen | None) -> bool:
        """By size and samples, as a hint: who adopts the file compares all of it."""
        if seen is None or seen.kind != "file" or seen.size != one.size:
            return False
        from model_library.io.hashing import sample_hash

        source = self._roots[one.link.root_id].path / one.link.source
        try:
            return sample_hash(source) == sample_hash(self._app.path / one.link.target)
        except ModelLibraryError:
            return False  # what cannot be read cannot be told to be the same


def user_profiles(catalog: Catalog) -> Path:
    """The user's own profiles of a library."""
    return catalog.directory / USER_PROFILES


def _candidate(record: IndexRecord, state: str) -> Candidate:
    document = json.loads(record.document)
    facts = facts_of(document)
    return Candidate(record.model_id, record.root_id, record.location, state, document, facts)


def _symlinks(inside: Inside, directory: str, blocked: dict[str, str]) -> dict[str, str | None]:
    try:
        found = inside.symlinks(directory)
    except TargetReplacedError as error:
        blocked[directory] = error.message
        return {}
    prefix = f"{directory}/" if directory else ""
    return {prefix + name: text for name, text in found.items()}


def _seen(inside: Inside, target: str, blocked: dict[str, str]) -> Seen | None:
    try:
        return inside.look(target)
    except TargetReplacedError as error:
        blocked[posixpath.dirname(target)] = error.message
        return None


def _doubts(wishes: Sequence[Wish]) -> Iterator[Caution]:
    doubtful = [one.model_id for one in wishes if one.doubtful]
    if not doubtful:
        return
    linked = (
        "1 model is linked that could run code when it is"
        if len(doubtful) == 1
        else f"{len(doubtful)} models are linked that could run code when they are"
    )
    named = ", ".join(doubtful[:_NAMED])
    more = f" and {len(doubtful) - _NAMED} more" if len(doubtful) > _NAMED else ""
    yield Caution(
        "pickle-unknown",
        f"{linked} opened: {named}{more}",
        "`model-library show ID` lists what was found; prefer a safetensors version.",
    )
