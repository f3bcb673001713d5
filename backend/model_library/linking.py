"""Making links, and the proof that one is ours.

A link is registered, made, and then marked as made. What is not exactly what we made is not ours, nor is a
hard link that became the only name of its bytes. Callers hold the library's lock (`Catalog.exclusive`): what is unsettled while somebody
holds it belongs to the dead.
"""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import lru_cache
from itertools import groupby, islice
from pathlib import Path
from types import MappingProxyType
from typing import Final

from model_library.errors import (
    AppOfflineError,
    FileError,
    MetadataError,
    ModelLibraryError,
    ProfileError,
    RootNotFoundError,
    SourceNotFoundError,
    TargetReplacedError,
)
from model_library.events import Listener, counted, ignore
from model_library.io.inside import Inside, Seen
from model_library.io.platform.filesystems import mount_points
from model_library.io.platform.links import may_hard_link
from model_library.library import Catalog
from model_library.link_registry import App, Link, NewLink
from model_library.store import TRASH
from model_library.taxonomy import LinkMethod

LINKING: Final = "link"
"""Stage of the events that count links."""
_MOST_LOOKS: Final = 16
"""Links that are looked for to know an application again; one that is ours proves it."""
_AT_ONCE: Final = 64
"""Links made in a directory that was proven once: some milliseconds, and what somebody moves away meanwhile
takes them along as it takes those that were made before."""


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


def opened(catalog: Catalog, app: App) -> Inside:
    """The directory of an application, proven to be it: by a link of ours, or else by its files.

    Raises AppOfflineError when it is not there, and when another directory is in its place: the place
    where its drive is mounted at other times, or another drive.
    """
    try:
        inside = Inside.open(app.path)
    except FileError as error:
        raise _offline(app, "is not there") from error
    with ExitStack() as unless_proven:
        unless_proven.callback(inside.close)
        if not inside.names():
            raise _offline(app, "is empty: its drive may not be mounted")
        if not _has_link_of_ours(catalog, app, inside):
            status = app.path.stat()
            identity = (status.st_dev, status.st_ino, status.st_ctime_ns)
            _require_files(app, catalog.directory / "profiles", identity)
        unless_proven.pop_all()
    return inside


def _offline(app: App, why: str) -> AppOfflineError:
    return AppOfflineError(f"The directory of {app.app_id} {why}", path=app.path)


def _has_link_of_ours(catalog: Catalog, app: App, inside: Inside) -> bool:
    for link in catalog.links.some_made(app.app_id, _MOST_LOOKS):
        try:
            seen = inside.look(link.target)
            if seen is None:
                continue
            is_hard = link.method is LinkMethod.HARD_LINK
            if is_hard and owner_of(catalog, inside, link, seen) is Ownership.OURS:
                return True
            if not is_hard and seen.link_text == link.link_text is not None:
                return True
        except ModelLibraryError:  # it cannot be looked at, and proves nothing
            continue
    return False


@lru_cache(maxsize=64)
def _require_files(app: App, profiles: Path, identity: tuple[int, int, int]) -> None:
    """Raises AppOfflineError unless a directory has the files of an installation of this kind. Where a
    profile asks for none, or cannot be read, its inode has to do: on another drive the same one may be
    anything.

    `identity`: device, inode and time of change of the directory, for which a proof is remembered.
    """
    from model_library.profiles.choosing import choose_profile  # rarely needed
    from model_library.profiles.recognition import look_at

    try:
        look = look_at(app.path, choose_profile(app.kind, None, "", profiles).recognition)
    except ProfileError:
        is_known = app.inode in (None, identity[1])
    else:
        is_known = not look.missing and (bool(look.found) or app.inode in (None, identity[1]))
    if not is_known:
        raise _offline(app, "is another one now: its drive may not be mounted")


# --- making --------------------------------------------------------------------------------------


def make_links(
    catalog: Catalog, app: App, wanted: Sequence[NewLink], listener: Listener = ignore
) -> LinkOutcomes:
    """Make links that do not exist yet. What has the name of one is never touched: that link fails.

    `listener` hears how many were done, and must not wait. Raises AppOfflineError.
    """
    outcomes = LinkOutcomes()
    if not wanted:
        return outcomes
    with opened(catalog, app) as inside:
        links = catalog.links.begin_making([possible(catalog, one) for one in wanted])
        proofs: list[tuple[int, str | None, int, int]] = []
        failed: list[int] = []
        made = _Making(catalog, app, inside).made(links)
        for link, seen in counted(made, LINKING, listener, _AT_ONCE):
            if isinstance(seen, ModelLibraryError):
                failed.append(link.link_id)
                outcomes.failed.append(Failure(link.target, link.model_id, seen))
            else:
                proofs.append((link.link_id, seen.link_text, seen.device, seen.inode))
                outcomes.made.append(link)
        flush(inside, outcomes.made)
        catalog.links.made(proofs)
        catalog.links.forget(failed)
    return outcomes


class _Making:
    """Puts registered links into one application, those of one directory together."""

    def __init__(self, catalog: Catalog, app: App, inside: Inside) -> None:
        self._catalog = catalog
        self._inside = inside
        self._texts = LinkTexts(catalog, app)
        self._own = OwnDirectories(catalog)

    def made(self, links: Iterable[Link]) -> Iterator[tuple[Link, Seen | ModelLibraryError]]:
        """Each link with what is there now, or with why it is not."""
        for directory, some in groupby(sorted(links, key=_directory_of), _directory_of):
            while together := list(islice(some, _AT_ONCE)):
                yield from zip(together, self._in_one(directory, together), strict=True)

    def _in_one(self, directory: str, links: Sequence[Link]) -> Sequence[Seen | ModelLibraryError]:
        try:
            self._own.require_foreign(self._inside, directory, links)
            self._inside.make_directories(directory)
            if any(link.method is LinkMethod.HARD_LINK for link in links):
                return [self._one(link) for link in links]
            return self._inside.symlinks_into(
                directory,
                [(link.target.rpartition("/")[2], self._texts.of(link)) for link in links],
            )
        except ModelLibraryError as error:  # of the directory, before a link was made in it
            return [error] * len(links)

    def _one(self, link: Link) -> Seen | ModelLibraryError:
        try:
            return make_link(self._catalog, self._inside, link, self._texts)
        except ModelLibraryError as error:
            return error


def _directory_of(link: Link | NewLink) -> str:
    return link.target.rpartition("/")[0]


def flush(inside: Inside, links: Iterable[Link]) -> None:
    """Make the names durable. A directory that went away meanwhile has nothing to make durable, and a link
    that a power cut takes back is made again by the next sync."""
    for directory in sorted({_directory_of(link) for link in links}):
        with suppress(ModelLibraryError):
            inside.sync(directory)


class OwnDirectories:
    """The directories of the library itself. One that is mounted into an application as well (as containers
    do) is not a place for links: they would come to lie among the models."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        roots = [root.path for root in catalog.roots]
        self._tops = [*roots, *(root.metadata_directory for root in catalog.roots)]
        self._known = {one for one in map(_identity_of, self._tops) if one is not None}
        self._sources: set[str] = set()
        self._mounts: list[Path] | None = None
        self._ways: dict[str, frozenset[tuple[int, int]]] = {}

    def require_foreign(
        self, inside: Inside, directory: str, links: Iterable[Link | NewLink]
    ) -> None:
        """Raises TargetReplacedError where links would lie in a directory of the library."""
        for link in links:
            self._know_way_to(link)
        if directory not in self._ways:
            self._ways[directory] = frozenset(_way_to(inside, directory))
            if self._is_mounted(inside.top, inside.top / directory):
                self._know_all()
        if not self._known.isdisjoint(self._ways[directory]):
            raise TargetReplacedError(
                "A directory of the application is one of the library, mounted there",
                path=inside.top / directory,
                hint="The models in it are there already; unmount it to have links instead.",
            )

    def _know_way_to(self, link: Link | NewLink) -> None:
        """The directory of the file that is linked, and all above it in its root."""
        above = str(self._catalog.roots.get(link.root_id).path)
        way = f"{above}/{link.source}"
        while (way := way.rpartition("/")[0]) != above and way not in self._sources:
            self._sources.add(way)
            if (one := _identity_of(way)) is not None:
                self._known.add(one)

    def _is_mounted(self, top: Path, directory: Path) -> bool:
        """Whether something is mounted on the way to a directory of an application."""
        if self._mounts is None:
            self._mounts = [point for point in mount_points() if point.is_relative_to(top)]
        return any(directory.is_relative_to(point) for point in self._mounts if point != top)

    def _know_all(self) -> None:
        """Every directory of the roots: which of them is mounted somewhere nothing else tells."""
        for top in self._tops:
            for directory, _, _ in os.walk(top):
                if (one := _identity_of(directory)) is not None:
                    self._known.add(one)
        self._tops = []


def _way_to(inside: Inside, directory: str) -> Iterator[tuple[int, int]]:
    """What a directory and those above it are, up to the top of the application."""
    while directory:
        seen = inside.look(directory)
        if seen is not None:
            yield seen.device, seen.inode
        directory = posixpath.dirname(directory)


def _identity_of(path: Path | str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)  # noqa: PTH116 - of thousands
    except OSError:  # offline
        return None
    return status.st_dev, status.st_ino


def possible(catalog: Catalog, link: NewLink) -> NewLink:
    """A link by a method that its file allows: a hard link to a symlink in a root leads to no bytes of the root
    unless the real file is there as well, and a file of somebody else may not be given a second name. Both get a
    symlink."""
    if link.method is not LinkMethod.HARD_LINK or _can_be_hard_linked(catalog, link):
        return link
    return replace(link, method=LinkMethod.ABSOLUTE_SYMLINK)


def _can_be_hard_linked(catalog: Catalog, link: NewLink) -> bool:
    path = source_path(catalog, link)
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            real = _real_file(catalog, link)
            return real is not None and may_hard_link(real, real.stat())
        return may_hard_link(path, status)
    except OSError:  # it is not there: whoever makes the link says so
        return True


def make_link(catalog: Catalog, inside: Inside, link: Link, texts: LinkTexts) -> Seen:
    """Raises SourceNotFoundError for a hard link to what is no file of its root, FileError."""
    if link.method is not LinkMethod.HARD_LINK:
        return inside.symlink(texts.of(link), link.target)
    source = _real_file(catalog, link)
    if source is None:
        path = source_path(catalog, link)
        raise SourceNotFoundError("There is no file to link in its root", path=path)
    return inside.hard_link(source, link.target)


def _real_file(catalog: Catalog, link: Link | NewLink) -> Path | None:
    """The regular file that a source is or leads to, if it is in the root and on its drive."""
    root = catalog.roots.get(link.root_id).path
    path = root / link.source
    try:
        status, lstatus = path.stat(), path.lstat()
        if not stat.S_ISREG(status.st_mode):
            return None
        if stat.S_ISREG(lstatus.st_mode):
            return path
        real, top = path.resolve(strict=True), root.resolve(strict=True)
        return real if real.is_relative_to(top) and status.st_dev == top.stat().st_dev else None
    except OSError:  # it is not there, or leads nowhere
        return None


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
        directory = _directory_of(link)
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
    return owner_of(catalog, inside, link, inside.look(link.target))


def owner_of(
    catalog: Catalog, inside: Inside, link: Link, seen: Seen | None, name: str | None = None
) -> Ownership:
    """The same of what was seen at its target, or at another `name` in the directory of that."""
    if seen is None:
        return Ownership.GONE
    if link.method is LinkMethod.HARD_LINK:
        return _of_hard_link(catalog, link, seen)
    source = source_status(catalog, link)
    if seen.kind != "symlink" or seen.link_text != link.link_text:
        return Ownership.FOREIGN
    return _of_symlink(catalog, inside.top / (name or link.target), link, source)


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


def _of_hard_link(catalog: Catalog, link: Link, seen: Seen) -> Ownership:
    """It is ours while it is the file that was linked and the library has that under another name. Of a root that was
    removed from the library nobody knows where that name is: that there is one has to do.
    Devices are numbered anew at every start, so the one of the registry proves nothing."""
    if seen.kind != "file" or seen.inode != link.inode:
        return Ownership.FOREIGN
    if seen.links == 1:
        return Ownership.ONLY_COPY
    is_gone = catalog.roots.find(link.root_id) is None
    held = is_gone or any(is_file(path, seen) for path in _places(catalog, link))
    return Ownership.OURS if held else Ownership.ONLY_COPY


def _places(catalog: Catalog, link: Link) -> Iterator[Path]:
    """Where the file of a link may be: where it was linked from, where its model is now, the trash."""
    with suppress(RootNotFoundError):
        yield source_path(catalog, link)
    row = catalog.index.get(link.model_id)
    if row is not None:
        with suppress(MetadataError, RootNotFoundError):
            yield catalog.record_of(row).files_directory / link.file
    for root in catalog.roots:
        for deleted in (root.metadata_directory / TRASH).glob("*/*"):
            yield deleted / link.file


def is_file(path: Path, seen: Seen) -> bool:
    """Whether a path leads to the file that was seen elsewhere."""
    return _identity_of(path) == (seen.device, seen.inode)


def is_as_made(catalog: Catalog, link: Link, seen: Seen, texts: LinkTexts) -> bool:
    """Whether what was seen is what making a link puts there."""
    if link.method is not LinkMethod.HARD_LINK:
        return seen.link_text == texts.of(link)
    source = source_status(catalog, link)
    same = source is not None and (source.st_dev, source.st_ino) == (seen.device, seen.inode)
    return same and seen.kind == "file" and seen.links > 1


def source_status(catalog: Catalog, link: Link | NewLink) -> os.stat_result | None:
    try:
        return source_path(catalog, link).stat()
    except (OSError, RootNotFoundError):  # offline, moved or gone: it cannot be seen there
        return None
