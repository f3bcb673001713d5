"""Finding files: what lies under the paths that a person gave.

Promises: nothing is opened or changed; every file is listed once, however many links lead to it;
the walk ends on every tree (link loops, any depth) and goes on past what it cannot read; whatever
is left out is named with the reason. The same tree gives the same result in the same order.
"""

# ruff: noqa: PTH100, PTH114, PTH116, PTH118, PTH119, PTH120 - paths stay strings until the end: with 100,000 files pathlib would take most of the time

from __future__ import annotations

import errno
import heapq
import itertools
import os
import re
import stat
from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from model_library.errors import ModelLibraryError
from model_library.identify.values import FoundFile
from model_library.identify.walk_rules import (
    cycle_of,
    is_safe_name,
    is_utf8,
    kind_of_special_file,
    link_loop,
    os_problem,
    reason_to_skip,
    unsafe_name_problem,
)

HUB_METADATA_FOLDER = (".cache", "huggingface", "download")
"""Where `hf download --local-dir` keeps what it knows of each file (huggingface_hub,
`_local_folder.py`): the one hidden folder that is looked into."""

_HASH_NAME = re.compile(r"(?:sha256[-:])?[0-9a-f]{40,64}")
"""Content-addressed stores name files so; a person never does."""

_AFTER_SEPARATOR = chr(ord(os.sep) + 1)
"""Everything in a folder sorts between its path with the separator and its path with this."""

_MAX_FOLDER_ALIASES = 100_000
"""Files that are listed again because a second link leads to their folder; a farm of links to one
large tree would otherwise multiply it."""

FileIdentity = tuple[int, int, int, int] | str
_FolderIdentity = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Walk:
    """What was found. All paths are absolute; symbolic links in them are not resolved."""

    files: tuple[FoundFile, ...] = ()
    """Sorted by path; each file once, under its most meaningful path."""
    given: frozenset[Path] = frozenset()
    """The paths that were named explicitly and are files."""
    aliases: tuple[FoundFile, ...] = ()
    """Other paths of files in `files` (links), sorted: a folder model may need one of them."""
    beside: tuple[FoundFile, ...] = ()
    """Files that nobody asked for, in the folders of files that were named explicitly: the
    companions and other shards of those are among them. Sorted."""
    problems: tuple[ModelLibraryError, ...] = ()
    skipped: tuple[tuple[Path, str], ...] = ()
    """What was left out on purpose, with the reason for people."""


def walk(paths: Sequence[Path], *, exclude: Collection[Path] = ()) -> Walk:
    """List the files under `paths` (files and folders), following symbolic links.

    Nothing that lies in one of the `exclude` paths is listed, by whatever link it was reached.
    Hidden files and unfinished downloads are left out unless they are named explicitly, special
    files always. Errors are returned in `problems`, never raised.
    """
    walker = _Walker(exclude)
    for path in paths:
        walker.start(path)
    walker.run()
    return walker.result()


def file_identity(file: FoundFile) -> FileIdentity:
    """Equal for two paths of one file.

    Device and inode say so; size and time guard against the filesystems whose inode numbers
    repeat, and where there are none (0) every path counts as a file of its own.
    """
    if file.inode == 0:
        return str(file.path)
    return (file.device, file.inode, file.size, file.mtime_ns)


@dataclass(frozen=True, slots=True)
class _Folder:
    path: str
    identity: _FolderIdentity
    above: _Folder | None
    linked: bool
    """Reached through a symbolic link."""
    hub_metadata: bool = False

    def lies_in(self, identity: _FolderIdentity) -> bool:
        folder: _Folder | None = self
        while folder is not None:
            if folder.identity == identity:
                return True
            folder = folder.above
        return False


class _Sighting(NamedTuple):
    file: FoundFile
    named: bool
    linked: bool

    def rank(self) -> tuple[bool, bool, bool, int, str]:
        """Smaller for the more meaningful path."""
        path = self.file.path
        hashed = _HASH_NAME.fullmatch(path.name) is not None
        return (not self.named, hashed, self.linked, len(path.parts), str(path))


class _Walker:
    """The state of one walk. Folders are visited once each, real ones before linked ones."""

    def __init__(self, exclude: Collection[Path]) -> None:
        self._excluded_paths = [os.path.realpath(path) for path in exclude]
        found = [status for path in self._excluded_paths if (status := _stat_or_none(path))]
        self._excluded = {_identity(status) for status in found}
        self._folders: list[_Folder] = []
        self._linked_folders: list[tuple[str, int, _Folder]] = []
        """By path; of one that is named and found, or named twice, that which came first."""
        self._numbers = itertools.count()
        self._visited: dict[_FolderIdentity, str] = {}
        self._sightings: dict[FileIdentity, list[_Sighting]] = {}
        self._second_ways: list[tuple[str, str]] = []
        """A link to a folder, and the path by which that folder was searched."""
        self._named: dict[str, None] = {}
        self._cycles: set[str] = set()
        self._problems: list[ModelLibraryError] = []
        self._skipped: set[tuple[str, str]] = set()

    # --- what was given

    def start(self, given: Path) -> None:
        if not is_utf8(str(given)) or "\0" in str(given):
            self._problems.append(unsafe_name_problem(str(given)))
            return
        path = _absolute(given)
        name = os.path.basename(path)
        if name and not is_safe_name(name):
            self._problems.append(unsafe_name_problem(path))
            return
        status = self._examine(path)
        if status is None:
            return
        linked = os.path.islink(path)
        if self._is_excluded(os.path.realpath(path)):
            self._skip(path, "excluded")
        elif stat.S_ISREG(status.st_mode):
            self._named[path] = None
            self._see(path, status, linked=linked, named=True)
        elif not stat.S_ISDIR(status.st_mode):
            self._skip(path, kind_of_special_file(status))
        elif linked:
            folder = _Folder(path, _identity(status), None, linked=True)
            self._follow_later(folder)
        else:
            self._visit(_Folder(path, _identity(status), None, linked=False))

    # --- what lies below

    def run(self) -> None:
        while self._folders or self._linked_folders:
            if self._folders:
                self._list(self._folders.pop())
                continue
            path, _, folder = heapq.heappop(self._linked_folders)
            first = self._visited.get(folder.identity)
            if first is None:
                self._visit(folder)
            elif first != path:
                self._skip(path, f"link to a folder that was already searched: {first}")
                self._second_ways.append((path, first))

    def _visit(self, folder: _Folder) -> None:
        if folder.identity not in self._visited:
            self._visited[folder.identity] = folder.path
            self._folders.append(folder)

    def _list(self, folder: _Folder) -> None:
        try:
            with os.scandir(folder.path) as entries:
                for entry in entries:
                    self._enter(folder, entry)
        except OSError as error:
            self._problems.append(os_problem(folder.path, error, "the folder cannot be read"))

    def _enter(self, folder: _Folder, entry: os.DirEntry[str]) -> None:
        name, path = entry.name, entry.path
        if not is_safe_name(name):
            self._problems.append(unsafe_name_problem(path))
            return
        is_folder = entry.is_dir(follow_symlinks=False)
        if folder.hub_metadata and not is_folder and not name.endswith(".metadata"):
            return
        reason = reason_to_skip(name, is_folder=is_folder)
        if reason is None and entry.is_symlink():
            self._follow(folder, path)
        elif reason is None:
            self._take(folder, path)
        elif not (is_folder and name == HUB_METADATA_FOLDER[0] and self._visit_hub(folder)):
            self._skip(path, reason)

    def _take(self, folder: _Folder, path: str) -> None:
        """What is there itself: a file, a folder or something special."""
        try:
            status = os.stat(path, follow_symlinks=False)
        except FileNotFoundError:
            self._skip(path, "disappeared during the search")
            return
        except OSError as error:
            self._problems.append(os_problem(path, error, "cannot be examined"))
            return
        identity = _identity(status)
        if identity in self._excluded:
            self._skip(path, "excluded")
        elif stat.S_ISREG(status.st_mode):
            self._see(path, status, linked=folder.linked)
        elif stat.S_ISDIR(status.st_mode):
            self._visit(_Folder(path, identity, folder, folder.linked, folder.hub_metadata))
        else:
            self._skip(path, kind_of_special_file(status))

    def _follow(self, folder: _Folder, path: str) -> None:
        """What a symbolic link leads to."""
        status = self._examine(path)
        if status is None:
            return
        target = os.path.realpath(path)
        if self._is_excluded(target) or _identity(status) in self._excluded:
            self._skip(path, "excluded")
        elif stat.S_ISREG(status.st_mode):
            self._see(path, status, linked=True)
        elif not stat.S_ISDIR(status.st_mode):
            self._skip(path, kind_of_special_file(status))
        elif folder.lies_in(_identity(status)) or _is_in(os.path.realpath(folder.path), target):
            self._problems.append(link_loop(path, f"it leads back to {target}, in which it lies"))
        else:
            self._follow_later(_Folder(path, _identity(status), folder, linked=True))

    def _follow_later(self, linked: _Folder) -> None:
        heapq.heappush(self._linked_folders, (linked.path, next(self._numbers), linked))

    def _visit_hub(self, folder: _Folder) -> bool:
        path = os.path.join(folder.path, *HUB_METADATA_FOLDER)
        status = _stat_or_none(path)
        if status is None or not stat.S_ISDIR(status.st_mode):
            return False
        self._visit(_Folder(path, _identity(status), folder, folder.linked, hub_metadata=True))
        return True

    # --- notes

    def _examine(self, path: str) -> os.stat_result | None:
        """What `path` leads to, or None after noting why there is no answer."""
        try:
            return os.stat(path)
        except OSError as error:
            if error.errno != errno.ELOOP:
                self._problems.append(os_problem(path, error, "cannot be examined"))
                return None
        cycle = cycle_of(path)
        self._cycles.add(cycle)
        if path != cycle:
            self._skip(path, f"leads into the symbolic link loop at {cycle}")
        return None

    def _see(self, path: str, status: os.stat_result, *, linked: bool, named: bool = False) -> None:
        file = _found(path, status)
        self._sightings.setdefault(file_identity(file), []).append(_Sighting(file, named, linked))

    def _skip(self, path: str, reason: str) -> None:
        self._skipped.add((path, reason))

    def _is_excluded(self, target: str) -> bool:
        return any(_is_in(target, excluded) for excluded in self._excluded_paths)

    # --- the answer

    def result(self) -> Walk:
        files: list[FoundFile] = []
        aliases: dict[Path, FoundFile] = {}
        for sightings in self._sightings.values():
            best = sightings[0]
            if len(sightings) > 1:
                best = min(sightings, key=_Sighting.rank)
                aliases |= {s.file.path: s.file for s in sightings}
            files.append(best.file)
        aliases |= self._files_of_second_ways()
        for file in files if aliases else ():
            aliases.pop(file.path, None)
        beside = self._beside(file.path for file in (*files, *aliases.values()))
        loops = [link_loop(path, "it leads to itself") for path in self._cycles]
        return Walk(
            files=_sorted(files),
            given=frozenset(map(Path, self._named)),
            aliases=_sorted(aliases.values()),
            beside=beside,
            problems=tuple(sorted((*self._problems, *loops), key=lambda p: (p.path or "", str(p)))),
            skipped=tuple((Path(path), reason) for path, reason in sorted(self._skipped)),
        )

    def _files_of_second_ways(self) -> dict[Path, FoundFile]:
        """What a folder model sees through a link to a folder that was searched already."""
        found: dict[Path, FoundFile] = {}
        if not self._second_ways:
            return found
        seen = {str(s.file.path): s.file for found in self._sightings.values() for s in found}
        paths = sorted(seen)
        for link, folder in sorted(self._second_ways):
            first, end = (bisect_left(paths, folder + mark) for mark in (os.sep, _AFTER_SEPARATOR))
            if len(found) + end - first <= _MAX_FOLDER_ALIASES:
                for path in paths[first:end]:
                    alias = Path(link + path[len(folder) :])
                    found[alias] = replace(seen[path], path=alias)
        return found

    def _beside(self, known: Iterable[Path]) -> tuple[FoundFile, ...]:
        if not self._named:
            return ()
        parents = {os.path.dirname(path) for path in self._named} - set(self._visited.values())
        paths: list[str] = []
        for parent in sorted(parents):
            try:
                paths += _visible_files(parent)
            except OSError as error:
                self._skip(parent, f"not searched for companions: {error.strerror}")
        paths += [_hub_metadata_of(path) for path in self._named]
        found: list[FoundFile] = []
        for path in set(paths) - {str(path) for path in known}:
            status = _stat_or_none(path)
            excluded = os.path.islink(path) and self._is_excluded(os.path.realpath(path))
            if status is not None and stat.S_ISREG(status.st_mode) and not excluded:
                found.append(_found(path, status))
        return _sorted(found)


# --- pure helpers --------------------------------------------------------------------------------


def _identity(status: os.stat_result) -> _FolderIdentity:
    return (status.st_dev, status.st_ino)


def _found(path: str, status: os.stat_result) -> FoundFile:
    folder, name = os.path.split(path)
    return FoundFile(
        _folder_path(folder) / name,  # three times as fast as Path(path)
        status.st_size,
        status.st_mtime_ns,
        status.st_dev,
        status.st_ino,
    )


@lru_cache(maxsize=64)
def _folder_path(folder: str) -> Path:
    return Path(folder)


def _sorted(files: Iterable[FoundFile]) -> tuple[FoundFile, ...]:
    return tuple(sorted(files, key=lambda file: str(file.path)))


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _absolute(given: Path) -> str:
    """Absolute, links kept. `..` after a link means what it means to the system."""
    return os.path.realpath(given) if ".." in given.parts else os.path.abspath(given)


def _stat_or_none(path: str) -> os.stat_result | None:
    """For what may be absent without anyone minding."""
    try:
        return os.stat(path)
    except OSError:
        return None


def _visible_files(parent: str) -> list[str]:
    with os.scandir(parent) as entries:
        return [
            entry.path
            for entry in entries
            if is_safe_name(entry.name) and reason_to_skip(entry.name, is_folder=False) is None
        ]


def _hub_metadata_of(path: str) -> str:
    folder, name = os.path.split(path)
    return os.path.join(folder, *HUB_METADATA_FOLDER, name + ".metadata")
