"""The acts on links: making, removing, letting the user's files give way, and settling after a crash.

A link is registered, made, and then marked as made; it is marked, removed, and then forgotten. Nothing is
removed that on inspection is not exactly what we made, and a hard link that became the only name of its bytes
is never removed. Callers hold the library's lock (`Catalog.exclusive`): what is unsettled while somebody
holds it belongs to the dead.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType
from typing import Final

from model_library.errors import (
    AppOfflineError,
    FileError,
    LinkConflictError,
    ModelLibraryError,
    RootNotFoundError,
    TargetExistsError,
    TargetReplacedError,
)
from model_library.events import Listener, Notice
from model_library.io.inside import Inside, Seen
from model_library.io.platform import translate_os_error
from model_library.library import Catalog
from model_library.link_registry import App, Link, NewLink, Replaced
from model_library.taxonomy import LinkMethod, LinkState, OnConflict

_NO_SOURCE: Final = "`model-library verify` and `health` say what is wrong with the model."
APP_TRASH: Final = ".model-library-trash"
"""Directory of an application for the files that gave way to a link: its own filesystem, so that they
get there by a rename, and outside of the directories that it lists models from."""
NO_USER_PROFILES: Final = Path(os.devnull)
"""Stands for the directory of profiles of somebody who has none."""
_BLOCK: Final = 4 * 1024 * 1024  # bytes read at once


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
        own = _OwnDirectories(catalog)
        for link in links:
            try:
                inside.make_directories(posixpath.dirname(link.target))
                own.require_foreign(inside, link)
                seen = _make(catalog, inside, link, texts)
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


class _OwnDirectories:
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


def _make(catalog: Catalog, inside: Inside, link: Link, texts: LinkTexts) -> Seen:
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
    source = _status(catalog, link)
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


def _status(catalog: Catalog, link: Link | NewLink) -> os.stat_result | None:
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
            owner = _remove(catalog, inside, link)
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


def _remove(catalog: Catalog, inside: Inside, link: Link) -> Ownership:
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


# --- what gives way ------------------------------------------------------------------------------


def replace_with_link(
    catalog: Catalog, app: App, wanted: NewLink, seen: Seen, choice: OnConflict
) -> Link:
    """Move what has the name of a wanted link out of the way, remembered and never over anything, and
    make the link. What fails half-way is undone.

    `seen`: what the person decided about. Raises LinkConflictError when it is not that any more or, to
    adopt, has not the very content of the model; FileError. Nothing was changed then.
    """
    if choice is OnConflict.SKIP:
        raise LinkConflictError("It was to be skipped", path=app.path / wanted.target)
    links = catalog.links
    with opened(app) as inside, ExitStack() as undo:
        _require_seen(inside, wanted.target, seen)
        _require_other_file(catalog, wanted, seen, app.path / wanted.target)
        _OwnDirectories(catalog).require_foreign(inside, wanted)
        adopts = choice is OnConflict.ADOPT
        sha256 = _require_same_content(catalog, inside, wanted, seen) if adopts else None
        kept = _free_name(inside, _kept_name(wanted.target, choice))
        (link,) = links.begin_making([wanted])
        undo.callback(links.forget, [link.link_id])
        inside.make_directories(posixpath.dirname(kept))
        note = links.note_replaced(
            app.app_id,
            wanted.target,
            kept,
            choice.value,
            seen.size,
            sha256,
            seen.inode,
            seen.mtime_ns,
        )
        undo.callback(links.forget_replaced, [note])
        inside.rename_noreplace(wanted.target, kept)
        undo.callback(inside.rename_noreplace, kept, wanted.target)
        made = _make(catalog, inside, link, LinkTexts(catalog, app))
        undo.callback(inside.unlink, wanted.target)
        if not (app.path / wanted.target).exists():
            raise LinkConflictError(
                "The link would lead nowhere", path=app.path / wanted.target, hint=_NO_SOURCE
            )
        undo.pop_all()
        inside.sync(posixpath.dirname(kept))
        inside.sync(posixpath.dirname(wanted.target))
        links.made([(link.link_id, made.link_text, made.device, made.inode)])
    return link


def _require_other_file(catalog: Catalog, link: NewLink, seen: Seen, path: Path) -> None:
    """Raises LinkConflictError when what would give way is the very file that the library has: the model is
    there already, and moving the file away would take it from the library."""
    source = _status(catalog, link)
    if source is None:
        raise LinkConflictError("The file of the model is not there", path=path, hint=_NO_SOURCE)
    if (source.st_dev, source.st_ino) == (seen.device, seen.inode):
        raise LinkConflictError(
            "The library's own file of this model is this one: there is nothing to link",
            path=path,
            hint="Leave it; or import it with --place copy first.",
        )


def _require_seen(inside: Inside, target: str, seen: Seen) -> None:
    now = inside.look(target)
    if now is None or _identity(now) != _identity(seen):
        raise LinkConflictError(
            "It was changed since the preview: nothing was done", path=inside.top / target
        )


def _identity(seen: Seen) -> tuple[object, ...]:
    return seen.kind, seen.link_text, seen.device, seen.inode, seen.size, seen.mtime_ns


def _require_same_content(catalog: Catalog, inside: Inside, link: NewLink, seen: Seen) -> str:
    """The SHA-256 of a file that is the model's, byte for byte, as the library holds it now."""
    path = inside.top / link.target
    if seen.kind != "file":
        raise LinkConflictError("Only a file can be adopted", path=path)
    wanted = _sha256_of(_opened_source(catalog, link), path)
    found = _sha256_of(inside.open_file(link.target), path)
    if found != wanted:
        raise LinkConflictError("The file has another content than the model", path=path)
    _require_seen(inside, link.target, seen)
    return found


def _opened_source(catalog: Catalog, link: Link | NewLink) -> int:
    path = source_path(catalog, link)
    try:
        return os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise translate_os_error(error, path=path, writing=False) from error


def _sha256_of(descriptor: int, path: Path) -> str:
    """Of a regular file, which is closed; a pipe would wait for ever. `path` is named in errors."""
    digest = hashlib.sha256()
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise LinkConflictError("It is no regular file, and has no content", path=path, hint="")
        while block := os.read(descriptor, _BLOCK):
            digest.update(block)
    except OSError as error:
        raise translate_os_error(error, path=path, writing=False) from error
    finally:
        os.close(descriptor)
    return digest.hexdigest()


def _kept_name(target: str, choice: OnConflict) -> str:
    if choice is OnConflict.RENAME:
        return f"{target}.old"
    return f"{APP_TRASH}/{datetime.now(UTC):%Y-%m-%d}/{target}"


def _free_name(inside: Inside, name: str) -> str:
    number, free = 1, name
    while inside.look(free) is not None:
        number += 1
        free = f"{name}{number}" if name.endswith(".old") else f"{name}~{number}"
    return free


def put_back(catalog: Catalog, app: App, replaced: Replaced) -> None:
    """Return a file that gave way: our link goes, the file comes. Raises LinkConflictError when something
    that is not ours has its name now, FileError."""
    with opened(app) as inside:
        if inside.look(replaced.kept) is None:
            catalog.links.forget_replaced([replaced.replaced_id])
            raise LinkConflictError(
                "It is not where it was kept any more: there is nothing to put back",
                path=app.path / replaced.kept,
                hint="The link stays.",
            )
    link = catalog.links.at_targets(app.app_id, [replaced.target]).get(replaced.target)
    if link is not None and link.state is LinkState.MADE:
        outcomes = remove_links(catalog, [link])
        if outcomes.left:
            raise LinkConflictError(
                f"Its name is taken: {outcomes.left[0][1]}", path=app.path / replaced.target
            )
    with opened(app) as inside:
        inside.make_directories(posixpath.dirname(replaced.target))
        try:
            inside.rename_noreplace(replaced.kept, replaced.target)
        except TargetExistsError as error:
            raise LinkConflictError("Its name is taken", path=app.path / replaced.target) from error
        _remove_empty_trash(inside, replaced.kept)
    catalog.links.forget_replaced([replaced.replaced_id])


def purge_replaced(catalog: Catalog, app: App, replaced: Replaced) -> int:
    """Free the space of a file that gave way; returns its bytes. There is no way back from here.

    Raises LinkConflictError for a file that was only renamed (it is the user's, in the open), and for an
    adopted one whose model is not in the library any more: then it is the last copy.
    """
    path = app.path / replaced.kept
    if replaced.reason == OnConflict.RENAME:
        raise LinkConflictError("It was only renamed: it is yours to delete", path=path, hint="")
    with opened(app) as inside:
        if replaced.reason == OnConflict.ADOPT and not _is_held(catalog, inside, app, replaced):
            raise LinkConflictError(
                "The model that it was adopted for is not linked there any more",
                path=path,
                hint="Put it back, or import it, before you free its space.",
            )
        _require_as_kept(inside, replaced)
        inside.unlink(replaced.kept)
        _remove_empty_trash(inside, replaced.kept)
    catalog.links.forget_replaced([replaced.replaced_id])
    return replaced.size


def _require_as_kept(inside: Inside, replaced: Replaced) -> None:
    """Raises LinkConflictError unless what is kept is the very file that gave way, unchanged."""
    path, seen = inside.top / replaced.kept, inside.look(replaced.kept)
    if seen is None:
        return  # an interrupted purge removed it
    if seen.kind == "directory":
        raise LinkConflictError("It is a directory: it is yours to delete", path=path, hint="")
    now = (seen.size, seen.inode, seen.mtime_ns)
    same = now == (replaced.size, replaced.inode, replaced.mtime_ns)
    if same and replaced.sha256 is not None:
        same = _sha256_of(inside.open_file(replaced.kept), path) == replaced.sha256
    if not same:
        raise LinkConflictError(
            "It is not the file that gave way any more: it was changed or replaced",
            path=path,
            hint="Look at it: `link put-back` returns it, deleting it is up to you.",
        )


def _is_held(catalog: Catalog, inside: Inside, app: App, replaced: Replaced) -> bool:
    link = catalog.links.at_targets(app.app_id, [replaced.target]).get(replaced.target)
    if link is None or ownership(catalog, inside, link) is not Ownership.OURS:
        return False
    source = source_path(catalog, link)
    return _sha256_of(_opened_source(catalog, link), source) == replaced.sha256


def _remove_empty_trash(inside: Inside, kept: str) -> None:
    directory = posixpath.dirname(kept)
    while directory.startswith(APP_TRASH) and inside.remove_empty(directory):
        directory = posixpath.dirname(directory)


# --- after a crash -------------------------------------------------------------------------------


def settle(catalog: Catalog, listener: Listener) -> None:
    """Finish or undo what was begun with links by a process that is dead. What cannot be settled now (the
    application is not there, or cannot be written to) waits, and is said."""
    apps = {app.app_id: app for app in catalog.links.apps()}
    links = sorted(catalog.links.unsettled(), key=attrgetter("app_id"))
    for app_id, group in groupby(links, attrgetter("app_id")):
        some = list(group)
        try:
            finished = [_settle_one(catalog, apps[app_id], link) for link in some]
        except ModelLibraryError as error:
            message = f"Interrupted linking in {app_id} cannot be settled yet: {error}"
            listener(Notice(error.code, message, error.hint))
            continue
        listener(
            Notice(
                "links-settled",
                f"Interrupted linking in {app_id} was settled: {finished.count(True)} finished,"
                f" {finished.count(False)} undone",
            )
        )


def _settle_one(catalog: Catalog, app: App, link: Link) -> bool:
    """Whether the link's act was finished; else it is undone. Its row goes last of all, so that this can be
    interrupted as well. Raises what says that it has to wait."""
    with opened(app) as inside:
        if link.state is LinkState.REMOVING:
            _remove(catalog, inside, link)
            catalog.links.forget([link.link_id])
            return True
        seen = _as_expected(catalog, inside, app, link)
        if seen is not None:
            catalog.links.made([(link.link_id, seen.link_text, seen.device, seen.inode)])
            return True
    _undo_room(catalog, app, link)
    catalog.links.forget([link.link_id])
    return False


def _as_expected(catalog: Catalog, inside: Inside, app: App, link: Link) -> Seen | None:
    """What lies at the target, if it is what making the link would have put there."""
    seen = inside.look(link.target)
    if seen is None:
        return None
    if link.method is LinkMethod.HARD_LINK:
        source = _status(catalog, link)
        same = source is not None and (source.st_dev, source.st_ino) == (seen.device, seen.inode)
        return seen if same and seen.kind == "file" and seen.links > 1 else None
    return seen if seen.link_text == LinkTexts(catalog, app).of(link) else None


def _undo_room(catalog: Catalog, app: App, undone: Link) -> None:
    """A file that gave way to a link that did not come returns to its name, if that is free."""
    for replaced in reversed(catalog.links.replaced(app.app_id)):
        if replaced.target != undone.target:
            continue
        with opened(app) as inside:
            kept, now = inside.look(replaced.kept), inside.look(replaced.target)
        if kept is None:
            catalog.links.forget_replaced([replaced.replaced_id])
        elif now is None:
            put_back(catalog, app, replaced)
        return
