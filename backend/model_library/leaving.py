"""What a move takes away from the programs in whose folders the files lie: found out before it happens. Nothing is
changed for it; as for a preview of links, they are tried out on a filesystem that we know nothing about.

A program finds a file no more when it leaves its folder, unless the library links it back, which it does into the
applications that were added to it and whose profiles take the model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model_library.elsewhere import Store
from model_library.errors import ProfileError
from model_library.identify.ollama_store import is_of_ollama
from model_library.identify.values import ModelGroup
from model_library.library import Catalog
from model_library.link_registry import App
from model_library.profiles.choosing import choose_profile
from model_library.profiles.finding import plain_profiles, recognised
from model_library.profiles.matching import facts_of
from model_library.profiles.profile import HERE, Profile
from model_library.staging import Rehearsed
from model_library.surveying import Surveyor, user_profiles
from model_library.taxonomy import FileRole, ModelState
from model_library.wishes import WHOLE, Candidate, Surroundings, Wish, wish


@dataclass(frozen=True, slots=True)
class Loss:
    """Weights in the folder of a program, which does not find them there any more when they are moved."""

    program: str
    folder: Path
    app_id: str | None
    """Of the application of this library that it is; None when it is none."""
    kind: str | None
    """By which it can be added; None where there is no profile for it."""
    files: tuple[Path, ...]
    linked: tuple[Path, ...]
    """Those that get a link after the move; of a program that is no application of this library, if it were."""


@dataclass(frozen=True, slots=True)
class _Keeper:
    """A program and its folder. `app` is what it is or would be in this library."""

    program: str
    folder: Path
    app: App | None
    profile: Profile | None

    def reads(self, path: Path) -> bool:
        """Whether it looks for models at this place of its folder."""
        if self.profile is None:
            return True
        below = [rule.target for rule in self.profile.rules] + [*self.profile.discovery.below]
        first = {place.partition("/")[0] for place in below}
        return HERE in first or path.relative_to(self.folder).parts[0] in first


def losses(
    catalog: Catalog,
    found: Sequence[tuple[ModelGroup, Rehearsed]],
    stores: Iterable[Store],
    *,
    root_id: str | None = None,
    said: Mapping[str, Any] | None = None,
) -> list[Loss]:
    """By program, in the order of the files. `root_id`: where they would go, else the home root; `said`: what a
    person says of all of them. What lies in Ollama's store is not moved and so not lost."""
    keepers = _Keepers(catalog, stores)
    root = root_id or catalog.roots.home.root_id
    lost: dict[Path, tuple[_Keeper, list[Path], list[Path]]] = {}
    around: dict[Path, Surroundings | None] = {}
    for group, rehearsed in found:
        weights = [] if is_of_ollama(group) else group.weights
        for weight in weights:
            path = weight.file.path.resolve()
            keeper = keepers.of(path.parent)
            if keeper is None or not keeper.reads(path):
                continue
            if keeper.folder not in around:
                around[keeper.folder] = _surroundings(catalog, keeper)
            _, files, linked = lost.setdefault(keeper.folder, (keeper, [], []))
            files.append(weight.file.path)
            model = _candidate(group, rehearsed, root, said or {})
            if weight.name in _linked(model, around[keeper.folder]):
                linked.append(weight.file.path)
    return [_loss(*one) for one in lost.values()]


def _loss(keeper: _Keeper, files: Sequence[Path], linked: Sequence[Path]) -> Loss:
    app = keeper.app
    return Loss(
        program=keeper.program,
        folder=keeper.folder,
        app_id=app.app_id or None if app else None,
        kind=app.kind if app else None,
        files=tuple(files),
        linked=tuple(linked),
    )


class _Keepers:
    """Which program a directory belongs to; of several the innermost."""

    def __init__(self, catalog: Catalog, stores: Iterable[Store]) -> None:
        own = user_profiles(catalog)
        self._profiles = plain_profiles(own)
        self._own = own
        self._known: dict[Path, _Keeper | None] = {}
        by_display = {profile.display: profile.name.app for profile in self._profiles}
        added = {app.path for app in catalog.links.apps()}
        for store in stores:
            kind = by_display.get(store.program)
            folder = store.path.resolve()
            if not added.isdisjoint(folder.parents):
                continue  # an application of which only this directory holds models
            app = None if kind is None else App("", kind, folder)
            self._known[folder] = self._keeper(store.program, folder, app)
        for app in catalog.links.apps():
            self._known[app.path] = self._keeper("", app.path, app)

    def of(self, directory: Path) -> _Keeper | None:
        """The folder itself or one above it is a program's."""
        if directory not in self._known:
            keeper = self._recognised(directory)
            if keeper is None and directory != directory.parent:
                keeper = self.of(directory.parent)
            self._known[directory] = keeper
        return self._known[directory]

    def _recognised(self, directory: Path) -> _Keeper | None:
        found = recognised(directory, self._profiles)
        if found is None:
            return None
        return self._keeper(found.display, directory, App("", found.kind, directory, found.version))

    def _keeper(self, program: str, folder: Path, app: App | None) -> _Keeper:
        profile = None
        if app is not None:
            with suppress(ProfileError):  # nothing is linked by a profile that is not valid
                profile = choose_profile(app.kind, app.version, app.variant, self._own)
        name = program or (app.app_id if profile is None and app else "")
        return _Keeper(name or (profile.display if profile else ""), folder, app, profile)


def _surroundings(catalog: Catalog, keeper: _Keeper) -> Surroundings | None:
    """What decides about links into a program; None when there are none."""
    if keeper.app is None or keeper.profile is None:
        return None
    if keeper.app.app_id in catalog.links.links_off():
        return None
    return Surveyor(catalog, keeper.app, keeper.profile).surroundings()


def _linked(model: Candidate, around: Surroundings | None) -> set[str]:
    """The files of a model that a link leads to."""
    wanted = None if around is None else wish(model, around)
    if not isinstance(wanted, Wish):
        return set()
    files = {entry.file for entry in wanted.entries}
    return {file["path"] for file in model.document["files"]} if WHOLE in files else files


def _candidate(
    group: ModelGroup, rehearsed: Rehearsed, root_id: str, said: Mapping[str, Any]
) -> Candidate:
    """As much of a model that is not there yet as decides about its links."""
    known = rehearsed.known
    document = {
        "official_name": group.name,
        "slug": group.name,
        "kind": known.kind,
        "adapter_type": known.adapter_type,
        "family": known.family,
        "variant": known.variant,
        "form": group.form,
        "container": known.container,
        "tasks": known.tasks,
        "tags": known.tags,
        "size": group.size,
        "missing_files": list(group.missing),
        "security": {"tier": known.security.tier},
        "content_digest": rehearsed.content_digest,
        "files": [
            {"path": one.name, "role": FileRole.WEIGHT, "size": one.file.size}
            for one in group.weights
        ],
        **said,
    }
    return Candidate(
        rehearsed.model_id, root_id, group.name, ModelState.ONLINE, document, facts_of(document)
    )
