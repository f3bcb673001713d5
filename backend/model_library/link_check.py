"""What is the matter with every registered link: whether it leads to the bytes that it was made for.

Looking changes nothing, and costs one directory listing for each target directory and one look behind each
link. Of a root or an application that is not there now nothing is concluded about its links.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import chain
from pathlib import Path
from typing import Final

from model_library.errors import ModelLibraryError, ProfileError, RootError
from model_library.io.inside import Inside
from model_library.io.platform.filesystems import mount_points
from model_library.library import Catalog
from model_library.link_registry import App, Link
from model_library.linking import LinkTexts
from model_library.profiles.recognition import recognise
from model_library.roots import Root, places_of_moved
from model_library.store import read_marker
from model_library.taxonomy import LinkMethod, LinkState

USER_PROFILES: Final = "profiles"
"""Directory of the library with the user's own profiles."""
_MOST_LOOKS: Final = 64
"""Links that are looked for in a directory to know it again; one that is ours proves it."""


class Condition(Enum):
    """What is the matter with a link."""

    WORKS = "leads to its file"
    OUTDATED = "its file is there, and it leads nowhere"
    ELSEWHERE = "its file is there, and it leads to another"
    TWIN = "it works and leads into another place with the id of its root"
    BROKEN = "its file is gone"
    MISSING = "nothing is there"
    FOREIGN = "something else is there"
    DETACHED = "a hard link to other bytes than its file has now"
    ONLY_COPY = "the last name of its bytes"
    FORGOTTEN = "its root was removed from the library"
    FORGOTTEN_BROKEN = "its root was removed from the library, and it leads nowhere"
    OFFLINE = "its root is offline"
    UNSETTLED = "its making or removal was interrupted, or is under way"
    UNSEEN = "it cannot be looked at"


class Presence(Enum):
    """Where the directory of an application is."""

    HERE = "here"
    GONE = "gone"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class CheckedLink:
    """A link and what is the matter with it; `detail` says what was seen."""

    link: Link
    condition: Condition
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Stray:
    """A symlink that leads into a root and is not in the registry."""

    target: str
    text: str


@dataclass(slots=True)
class AppCheck:
    """An application and all of its links. Those of one that is gone were not looked at."""

    app: App
    """With the path where it is now."""
    presence: Presence
    was: Path
    """Where the registry says that it is."""
    links: list[CheckedLink] = field(default_factory=list)
    strays: list[Stray] = field(default_factory=list)
    unchecked: list[Link] = field(default_factory=list)


def check_app(catalog: Catalog, app: App, also: Iterable[str] = ()) -> AppCheck:
    """Look at all links of an application, and at what lies beside them and in `also`, more directories
    of the application ("" is itself)."""
    links = catalog.links.links(app.app_id)
    presence, path = _find(catalog, app, links)
    found = AppCheck(replace(app, path=path), presence, app.path)
    if presence is Presence.GONE:
        found.unchecked = links
        return found
    by_directory: dict[str, list[Link]] = {directory: [] for directory in also}
    for link in links:
        by_directory.setdefault(posixpath.dirname(link.target), []).append(link)
    with Inside.open(path) as inside:
        looking = _Looking(catalog, found.app, inside)
        for directory, some in sorted(by_directory.items()):
            looking.at(directory, some, found)
    found.links.sort(key=lambda checked: checked.link.link_id)
    return found


def check_apps(catalog: Catalog, also: Mapping[str, Iterable[str]]) -> list[AppCheck]:
    """All applications; `also` has more directories by the id of the application."""
    return [check_app(catalog, app, also.get(app.app_id, ())) for app in catalog.links.apps()]


class _Looking:
    """One application that is looked at."""

    def __init__(self, catalog: Catalog, app: App, inside: Inside) -> None:
        self._inside = inside
        self._top = str(app.path)
        self._texts = LinkTexts(catalog, app)
        self._roots: dict[str, Root] = {root.root_id: root for root in catalog.roots}
        self._ours = _prefixes(catalog)
        self._is_within = app.path.is_relative_to(catalog.directory.resolve())
        self._ids: dict[Path, str | None] = {}

    def at(self, directory: str, links: Sequence[Link], found: AppCheck) -> None:
        try:
            names = self._inside.symlinks(directory)
        except ModelLibraryError as error:
            found.links += [CheckedLink(link, Condition.UNSEEN, str(error)) for link in links]
            return
        found.links += [self._checked(link, names) for link in links]
        known = {link.target for link in links}
        found.strays += self._strays(directory, names, known)

    def _checked(self, link: Link, names: Mapping[str, str | None]) -> CheckedLink:
        if link.state is not LinkState.MADE:
            return CheckedLink(link, Condition.UNSETTLED)
        root = self._roots.get(link.root_id)
        if root is not None and not root.online:
            return CheckedLink(link, Condition.OFFLINE)
        name = posixpath.basename(link.target)
        if name not in names:
            return CheckedLink(link, Condition.MISSING)
        if link.method is LinkMethod.HARD_LINK:
            return self._hard_link(link, root)
        text = names[name]
        if text != link.link_text:
            seen = "a file or directory" if text is None else f"a link to {text}"
            return CheckedLink(link, Condition.FOREIGN, seen)
        return self._symlink(link, root, text)

    def _symlink(self, link: Link, root: Root | None, text: str | None) -> CheckedLink:
        behind = _status(f"{self._top}/{link.target}")
        if root is None:
            gone = behind is None
            return CheckedLink(link, Condition.FORGOTTEN_BROKEN if gone else Condition.FORGOTTEN)
        if behind is not None and text == self._texts.of(link):
            return CheckedLink(link, Condition.WORKS)
        source = _status(f"{root.path}/{link.source}")
        if behind is not None and source is not None and _same(behind, source):
            return CheckedLink(link, Condition.WORKS)
        twin = None if behind is None else self._twin(link)
        if twin is not None:
            return CheckedLink(link, Condition.TWIN, twin)
        if source is None:
            return CheckedLink(link, Condition.BROKEN)
        return CheckedLink(link, Condition.OUTDATED if behind is None else Condition.ELSEWHERE)

    def _twin(self, link: Link) -> str | None:
        """The directory with the id of the link's root that it leads into, which is not that root: the
        library was copied. What is in an application inside the library is never the other's."""
        if self._is_within:
            return None
        above = Path(os.path.realpath(f"{self._top}/{link.target}")).parents
        return next((str(one) for one in above if self._id_of(one) == link.root_id), None)

    def _id_of(self, directory: Path) -> str | None:
        if directory not in self._ids:
            try:
                marker = read_marker(directory)
            except RootError:  # damaged, or not to be read: it says no id
                marker = None
            self._ids[directory] = None if marker is None else marker.root_id
        return self._ids[directory]

    def _hard_link(self, link: Link, root: Root | None) -> CheckedLink:
        try:
            seen = self._inside.look(link.target)
        except ModelLibraryError as error:
            return CheckedLink(link, Condition.UNSEEN, str(error))
        if seen is None:
            return CheckedLink(link, Condition.MISSING)
        if seen.kind != "file" or seen.inode != link.inode:
            return CheckedLink(link, Condition.FOREIGN, f"a {seen.kind}")
        source = None if root is None else _status(f"{root.path}/{link.source}")
        if source is not None and (source.st_dev, source.st_ino) == (seen.device, seen.inode):
            return CheckedLink(link, Condition.WORKS)
        if seen.links == 1:
            return CheckedLink(link, Condition.ONLY_COPY)
        return CheckedLink(link, Condition.BROKEN if source is None else Condition.DETACHED)

    def _strays(
        self, directory: str, names: Mapping[str, str | None], known: set[str]
    ) -> Iterator[Stray]:
        here = f"{directory}/" if directory else ""
        for name, text in names.items():
            if text is None or f"{here}{name}" in known:
                continue
            path = text if text.startswith("/") else f"{self._top}/{directory}/{text}"
            place = os.path.normpath(path)
            if f"{place}/".startswith(self._ours):
                yield Stray(f"{here}{name}", text)


def _prefixes(catalog: Catalog) -> tuple[str, ...]:
    """How absolute paths begin that are in a root, by both names of its top."""
    tops = [root.path for root in catalog.roots]
    return tuple({f"{path}/" for top in tops for path in (str(top), os.path.realpath(top))})


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)  # noqa: PTH116 - making a path costs more than the call
    except OSError:  # whatever the reason: nothing can be seen there
        return None


def _same(one: os.stat_result, other: os.stat_result) -> bool:
    return (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)


# --- where an application is ---------------------------------------------------------------------


def _find(catalog: Catalog, app: App, links: Sequence[Link]) -> tuple[Presence, Path]:
    if _is_there(catalog, app, links):
        return Presence.HERE, app.path
    taken = {other.path for other in catalog.links.apps()}
    for path in _where_it_may_be(catalog, app):
        if path not in taken and _is_moved(catalog, app, links, path):
            return Presence.MOVED, path
    return Presence.GONE, app.path


def _is_there(catalog: Catalog, app: App, links: Sequence[Link]) -> bool:
    """Whether the directory is the application. The empty mount point of a drive that is away is not, even
    if it got the inode that the application had."""
    status = _status(str(app.path))
    if status is None or not app.path.is_dir():
        return False
    if _has_one(app.path, links):
        return True
    try:
        return _is_installation(catalog, app, app.path)
    except ProfileError:  # nobody can say what makes an installation
        return status.st_ino == app.inode and any(app.path.iterdir())


def _is_installation(catalog: Catalog, app: App, path: Path) -> bool:
    try:
        recognise(path, app.kind, catalog.directory / USER_PROFILES)
    except ProfileError:
        raise
    except ModelLibraryError:  # it is none, or cannot be looked at
        return False
    return True


def _where_it_may_be(catalog: Catalog, app: App) -> Iterator[Path]:
    """Beside its old place under another name, and on every drive."""
    beside: list[Path] = []
    try:
        with os.scandir(app.path.parent) as entries:
            beside = [Path(entry.path) for entry in entries if entry.inode() == app.inode]
    except OSError:  # the directory above is gone as well, or may not be read
        beside = []
    bases = [*mount_points(), *catalog.directory.parents]
    yield from chain(beside, places_of_moved(app.path, bases))


def _is_moved(catalog: Catalog, app: App, links: Sequence[Link], path: Path) -> bool:
    """An inode alone proves nothing: it is only unique on one filesystem, and used again."""
    status = _status(str(path))
    if status is None or status.st_ino != app.inode or not path.is_dir() or path.is_symlink():
        return False
    try:
        return _has_one(path, links) if links else _is_installation(catalog, app, path)
    except ProfileError:
        return False


def _has_one(path: Path, links: Sequence[Link]) -> bool:
    """Whether a link of ours is in the directory of an application."""
    for link in links[:_MOST_LOOKS]:
        status = _status(str(path / link.target))
        if link.link_text is None and status is not None and status.st_ino == link.inode:
            return True
        if link.link_text is not None and _text_of(path / link.target) == link.link_text:
            return True
    return False


def _text_of(path: Path) -> str | None:
    try:
        return os.readlink(path)  # noqa: PTH115 - the text itself
    except OSError:  # nothing is there, or no link
        return None
