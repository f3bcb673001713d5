"""The acts on links: making and removing them, and the proof that one is ours.

A link is registered, made, and then marked as made; it is marked, removed, and then forgotten. Nothing is
removed that on inspection is not exactly what we made, and a hard link that became the only name of its bytes
is never removed. Callers hold the library's lock (`Catalog.exclusive`): what is unsettled while somebody
holds it belongs to the dead.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from enum import Enum
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType
from typing import Final

from model_library.errors import (
    AppOfflineError,
    FileError,
    ModelLibraryError,
    RootNotFoundError,
    TargetReplacedError,
)
from model_library.io.inside import Inside, Seen
from model_library.library import Catalog
from model_library.link_registry import App, Link, NewLink
from model_library.taxonomy import LinkMethod

NO_USER_PROFILES: Final = Path(os.devnull)
"""Stands for the directory of profiles of somebody who has none."""


class Ownership(Enum):
    """What lies at the target of a registered link."""

    OURS = "ours"
    BROKEN = "ours, its source is gone"
    GONE = "nothing is there"
    FOREIGN = "something else is there"
    ONLY_COPY = "the last name of these bytes"


@dataclass(frozen=True, slots=True)
class Failure:
    """A link that could not be made, removed or put back."""

    target: str
    model_id: str
    error: ModelLibraryError


@dataclass(slots=True)
class LinkOutcomes:
    made: list[Link] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)


@dataclass(slots=True)
class RemovalOutcomes:
    removed: list[Link] = field(default_factory=list)
    left: list[tuple[Link, str]] = field(default_factory=list)
    """What was not removed, and why."""


def opened(app: App) -> Inside:
    """The directory of an application, proven to be it.

    Raises AppOfflineError when it is not there, and when another directory is in its place: the place
    where its drive is mounted at other times. It is known by its inode, or else by its files.
    """
    try:
        inside = Inside.open(app.path)
    except FileError as error:
        raise _offline(app, "is not there") from error
    with ExitStack() as unless_proven:
        unless_proven.callback(inside.close)
        if not inside.names():
            raise _offline(app, "is empty: its drive may not be mounted")
        if app.inode is not None and app.path.stat().st_ino != app.inode and not _is_known(app):
            raise _offline(app, "is another one now: its drive may not be mounted")
        unless_proven.pop_all()
    return inside


def _offline(app: App, why: str) -> AppOfflineError:
    return AppOfflineError(f"The directory of {app.app_id} {why}", path=app.path)


def _is_known(app: App) -> bool:
    """Whether a directory has what makes an installation of this kind: it was made anew or restored. Where a
    profile asks for no files nothing is proven."""
    from model_library.profiles.recognition import recognise  # rarely needed

    try:
        return bool(recognise(app.path, app.kind, NO_USER_PROFILES).evidence)
    except ModelLibraryError:
        return False


# --- making --------------------------------------------------------------------------------------


def make_links(catalog: Catalog, app: App, wanted: Sequence[NewLink]) -> LinkOutcomes:
    """Make links that do not exist yet. What has the name of one is never touched: that link fails.

    Raises AppOfflineError.
    """
    outcomes = LinkOutcomes()
    if not wanted:
        return outcomes
    with opened(app) as inside:
        links = catalog.links.begin_making(wanted)
        proofs: list[tuple[int, str | None, int, int]] = []
        texts = LinkTexts(catalog, app)
        failed: list[int] = []
        own = OwnDirectories(catalog)
        for link in links:
            try:
                inside.make_directories(posixpath.dirname(link.target))
                own.require_foreign(inside, link)
                seen = make_link(catalog, inside, link, texts)
            except ModelLibraryError as error:
                failed.append(link.link_id)
                outcomes.failed.append(Failure(link.target, link.model_id, error))
            else:
                proofs.append((link.link_id, seen.link_text, seen.device, seen.inode))
                outcomes.made.append(link)
        _flush(inside, outcomes.made)
        catalog.links.made(proofs)
        catalog.links.forget(failed)
    return outcomes


def _flush(inside: Inside, links: Iterable[Link]) -> None:
    """Make the names durable. A directory that went away meanwhile has nothing to make durable, and a link
    that a power cut takes back is made again by the next sync."""
    for directory in sorted({posixpath.dirname(link.target) for link in links}):
        with suppress(ModelLibraryError):
            inside.sync(directory)


class OwnDirectories:
    """The directories of the library itself. One that is mounted into an application as well (as containers
    do) is not a place for links: they would come to lie among the models."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        roots = [root.path for root in catalog.roots]
        tops = [*roots, *(root.metadata_directory for root in catalog.roots)]
        self._known = {one for one in map(_identity_of, tops) if one is not None}
        self._sources: set[str] = set()
        self._ways: dict[str, frozenset[tuple[int, int]]] = {}

    def require_foreign(self, inside: Inside, link: Link | NewLink) -> None:
        """Raises TargetReplacedError where the link would lie in a directory of the library."""
        source = posixpath.dirname(str(source_path(self._catalog, link)))
        if source not in self._sources:
            self._sources.add(source)
            if (one := _identity_of(Path(source))) is not None:
                self._known.add(one)
        directory = posixpath.dirname(link.target)
        if directory not in self._ways:
            self._ways[directory] = frozenset(_way_to(inside, directory))
        if not self._known.isdisjoint(self._ways[directory]):
            raise TargetReplacedError(
                "A directory of the application is one of the library, mounted there",
                path=inside.top / directory,
                hint="The models in it are there already; unmount it to have links instead.",
            )


def _way_to(inside: Inside, directory: str) -> Iterator[tuple[int, int]]:
    """What a directory and those above it are, up to the top of the application."""
    while directory:
        seen = inside.look(directory)
        if seen is not None:
            yield seen.device, seen.inode
        directory = posixpath.dirname(directory)


def _identity_of(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:  # offline
        return None
    return status.st_dev, status.st_ino


def make_link(catalog: Catalog, inside: Inside, link: Link, texts: LinkTexts) -> Seen:
    if link.method is LinkMethod.HARD_LINK:
        return inside.hard_link(source_path(catalog, link), link.target)
    return inside.symlink(texts.of(link), link.target)


class LinkTexts:
    """What the symlinks of an application say; the way from a directory to a root is computed once.

    `moved`: roots by their id that are to be taken for being somewhere else.
    """

    def __init__(
        self, catalog: Catalog, app: App, moved: Mapping[str, Path] = MappingProxyType({})
    ) -> None:
        self._catalog = catalog
        self._moved = moved
        self._app = os.path.realpath(app.path)
        self._ways: dict[tuple[str, str], str] = {}

    def of(self, link: Link) -> str:
        root = self._moved.get(link.root_id) or self._catalog.roots.get(link.root_id).path
        if link.method is LinkMethod.ABSOLUTE_SYMLINK:
            return f"{root}/{link.source}"
        directory = posixpath.dirname(link.target)
        way = self._ways.get((link.root_id, directory))
        if way is None:
            way = os.path.relpath(os.path.realpath(root), f"{self._app}/{directory}")
            self._ways[link.root_id, directory] = way
        return f"{way}/{link.source}"


def source_path(catalog: Catalog, link: Link | NewLink) -> Path:
    """Where the bytes of a link are, by its root. Raises RootNotFoundError."""
    return catalog.roots.get(link.root_id).path / link.source


# --- whose it is ---------------------------------------------------------------------------------


def ownership(catalog: Catalog, inside: Inside, link: Link) -> Ownership:
    """What lies at the target of a registered link now. Raises TargetReplacedError, FileError."""
    seen = inside.look(link.target)
    if seen is None:
        return Ownership.GONE
    source = source_status(catalog, link)
    if link.method is LinkMethod.HARD_LINK:
        return _of_hard_link(link, seen, source)
    if seen.kind != "symlink" or seen.link_text != link.link_text:
        return Ownership.FOREIGN
    return _of_symlink(catalog, inside.top / link.target, link, source)


def _of_symlink(
    catalog: Catalog, target: Path, link: Link, source: os.stat_result | None
) -> Ownership:
    """Of a symlink that says what ours says. One that leads to other bytes than ours is of another library:
    of the original of a copy, say."""
    try:
        leads_to = target.stat()
    except OSError:  # nowhere, whatever the reason; also a loop
        return Ownership.BROKEN
    if source is None:
        is_gone = catalog.roots.find(link.root_id) is None
        return Ownership.OURS if is_gone else Ownership.FOREIGN
    same = (leads_to.st_dev, leads_to.st_ino) == (source.st_dev, source.st_ino)
    return Ownership.OURS if same else Ownership.FOREIGN


def _of_hard_link(link: Link, seen: Seen, source: os.stat_result | None) -> Ownership:
    if seen.kind != "file":
        return Ownership.FOREIGN
    is_source = source is not None and (source.st_dev, source.st_ino) == (seen.device, seen.inode)
    if is_source and seen.links > 1:
        return Ownership.OURS
    return Ownership.ONLY_COPY if seen.inode == link.inode else Ownership.FOREIGN


def as_expected(catalog: Catalog, inside: Inside, link: Link, texts: LinkTexts) -> Seen | None:
    """What lies at the target of a pending link, if it is what making the link would have put there."""
    seen = inside.look(link.target)
    if seen is None:
        return None
    if link.method is LinkMethod.HARD_LINK:
        source = source_status(catalog, link)
        same = source is not None and (source.st_dev, source.st_ino) == (seen.device, seen.inode)
        return seen if same and seen.kind == "file" and seen.links > 1 else None
    return seen if seen.link_text == texts.of(link) else None


def source_status(catalog: Catalog, link: Link | NewLink) -> os.stat_result | None:
    try:
        return source_path(catalog, link).stat()
    except (OSError, RootNotFoundError):  # offline, moved or gone: it cannot be seen there
        return None


# --- removing ------------------------------------------------------------------------------------


def remove_links(catalog: Catalog, links: Sequence[Link]) -> RemovalOutcomes:
    """Take links away, each only if it still is what we made. Rows of what is not ours any more are
    forgotten; those of an application that is not there now are kept."""
    outcomes = RemovalOutcomes()
    apps = {app.app_id: app for app in catalog.links.apps()}
    for app_id, group in groupby(sorted(links, key=attrgetter("app_id")), attrgetter("app_id")):
        some = list(group)
        try:
            inside = opened(apps[app_id])
        except ModelLibraryError as error:
            outcomes.left += [(link, error.message) for link in some]
            continue
        with inside:
            _remove_some(catalog, inside, some, outcomes)
    return outcomes


def _remove_some(
    catalog: Catalog, inside: Inside, links: Sequence[Link], outcomes: RemovalOutcomes
) -> None:
    catalog.links.begin_removing(link.link_id for link in links)
    forgotten: list[int] = []
    kept: list[int] = []
    for link in links:
        try:
            owner = remove_link(catalog, inside, link)
        except ModelLibraryError as error:
            kept.append(link.link_id)
            outcomes.left.append((link, error.message))
            continue
        forgotten.append(link.link_id)
        if owner in (Ownership.FOREIGN, Ownership.ONLY_COPY):
            outcomes.left.append((link, owner.value))
        else:
            outcomes.removed.append(link)
    _flush(inside, outcomes.removed)
    catalog.links.forget(forgotten)
    catalog.links.keep(kept)
    _remove_empty_folders(catalog, inside, outcomes.removed)


def remove_link(catalog: Catalog, inside: Inside, link: Link) -> Ownership:
    owner = ownership(catalog, inside, link)
    if owner in (Ownership.OURS, Ownership.BROKEN):
        inside.unlink(link.target)
    return owner


def _remove_empty_folders(catalog: Catalog, inside: Inside, links: Sequence[Link]) -> None:
    """Directories that we made for one model go with its last link; those that the application lists stay,
    whatever they are called."""
    folders = {
        directory
        for directory in {posixpath.dirname(link.target) for link in links}
        if posixpath.basename(directory) in _folder_names(links, directory)
    }
    if not folders:
        return
    listed = _listed_directories(catalog, links[0].app_id)
    for directory in folders:
        if any(directory.startswith(f"{one}/") for one in listed) and directory not in listed:
            with suppress(ModelLibraryError):  # it became a symlink: then it is not ours
                inside.remove_empty(directory)


def _listed_directories(catalog: Catalog, app_id: str) -> frozenset[str]:
    """The targets of the profile of an application; none while it cannot be read."""
    from model_library.profiles.choosing import choose_profile  # rarely needed

    app = catalog.links.app(app_id)
    try:
        profile = choose_profile(app.kind, app.version, app.variant, catalog.directory / "profiles")
    except ModelLibraryError:
        return frozenset()
    return frozenset(rule.target for rule in profile.rules)


def _folder_names(links: Iterable[Link], directory: str) -> set[str]:
    """The last step of a model's own directory in its root: a folder for it is named the same."""
    here = [link for link in links if posixpath.dirname(link.target) == directory]
    return {posixpath.basename(posixpath.dirname(link.source)) for link in here}
