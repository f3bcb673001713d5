"""Roots: the directory trees that hold model files, known by their marker and not by their path.

A root that cannot be found is offline. Nothing is ever concluded about its models from that. A root whose
marker turns up at another mount point is the same root, and every stored path resolves again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from model_library.errors import (
    RootConflictError,
    RootError,
    RootNotFoundError,
    RootOfflineError,
    TargetReadOnlyError,
)
from model_library.events import Notice
from model_library.io.files import real_path
from model_library.io.platform.filesystems import mount_points
from model_library.registry import Registry, RootRow
from model_library.store import Marker, new_id, read_marker, write_marker
from model_library.taxonomy import RootMode

HOME_DIRECTORY: Final = "models"
REFERENCES_DIRECTORY: Final = "references"

LINKS_RIGHT: Final = "places:links-right"
"""Occasion (see `Roots.moved_since`): links were made right for the places of the roots."""
EXAMINED: Final = "places:examined"
"""Occasion: a person was told about the health of the library."""


WITHOUT_MARKER: Final = (
    "It has no marker of ours: after a move it is offline until `model-library root relocate` says where it is."
)
"""What to tell about a root that is known by its path alone."""


@dataclass(frozen=True, slots=True)
class Root:
    """One root as it is now. `metadata_directory` is where the metadata of its models lies: the root
    itself when it is managed, a directory of the library when it is only read."""

    root_id: str
    mode: RootMode
    path: Path
    online: bool
    home: bool
    metadata_directory: Path
    problem: str | None = None

    def require_online(self) -> Root:
        """Itself. Raises RootOfflineError."""
        if not self.online:
            raise RootOfflineError(self.problem or "The root is offline", path=self.path)
        return self


@dataclass(frozen=True, slots=True)
class Move:
    """A root that is somewhere else than it was."""

    root_id: str
    was: Path
    now: Path


class Roots:
    """All roots of one library, looked at once when it opens and again on `refresh`."""

    def __init__(self, library: Path, home_root_id: str, registry: Registry) -> None:
        self._library = library
        self._home_root_id = home_root_id
        self._registry = registry
        self._roots: dict[str, Root] = {}

    def refresh(self) -> list[Notice]:
        """Look at every marker again; returns what changed its place."""
        notices: list[Notice] = []
        home = self._home()
        roots = {home.root_id: home}
        for row in self._registry.roots():
            if row.root_id == home.root_id:
                continue
            found = self._look_at(row)
            if not found.online:
                found, notice = self._search(row, found)
                notices.extend(notice)
            roots[row.root_id] = found
        self._roots = roots
        return notices

    def __iter__(self) -> Iterator[Root]:
        return iter(list(self._roots.values()))

    @property
    def home(self) -> Root:
        return next(root for root in self._roots.values() if root.home)

    def get(self, root_id: str) -> Root:
        """The root of an id or an unambiguous beginning of one. Raises RootNotFoundError."""
        if root_id in self._roots:
            return self._roots[root_id]
        matches = [r for i, r in self._roots.items() if root_id and i.startswith(root_id)]
        if len(matches) != 1:
            reason = "is ambiguous" if matches else "is not a root of this library"
            raise RootNotFoundError(f"{root_id!r} {reason}")
        return matches[0]

    def require_still_online(self, root: Root) -> None:
        """Look at a root once more before what is not seen there counts as gone. Raises RootOfflineError when its
        drive went away since `refresh`, RootNotFoundError when another process has removed it."""
        rows = [self._home_row()] if root.home else self._registry.roots()
        row = next((row for row in rows if row.root_id == root.root_id), None)
        if row is None:
            raise RootNotFoundError("The root was removed from the library", path=root.path)
        problem = _why_offline(replace(row, path=root.path))
        if problem is not None:
            raise RootOfflineError(problem, path=root.path)

    def find(self, root_id: str) -> Root | None:
        return self._roots.get(root_id)

    def containing(self, path: Path) -> Root | None:
        """The root whose tree holds the path, the innermost one."""
        holders = [r for r in self._roots.values() if path == r.path or r.path in path.parents]
        return max(holders, key=lambda root: len(root.path.parts), default=None)

    def add(self, path: Path, mode: RootMode, *, with_marker: bool) -> Root:
        """Make a directory a root; a marker that is already there keeps its id.

        Raises RootConflictError (not a directory, overlaps another root or the library, other mode),
        RootError (damaged marker, a path that is not UTF-8), TargetReadOnlyError, FileError.
        """
        path = real_path(path)
        try:
            str(path).encode()  # the registry holds no other names
        except UnicodeEncodeError as error:
            raise RootError(
                "The path is not UTF-8", path=path, hint="Rename the directory and try again."
            ) from error
        self._check_place(path)
        marker = read_marker(path)
        if marker is not None and marker.mode is not mode:
            raise RootConflictError(
                f"The directory is marked as a {marker.mode} root",
                path=path,
                hint="Add it as such.",
            )
        if marker is None:
            marker = Marker(new_id(), mode)
            if with_marker:
                _mark(path, marker)
        has_marker = read_marker(path) is not None
        row = RootRow(marker.root_id, mode, path, has_marker, path.stat().st_ino)
        self._registry.put_root(row)
        self._roots[row.root_id] = root = self._look_at(row)
        return root

    def remove(self, root_id: str) -> Root:
        """Forget a root; its files and its marker stay. Raises RootNotFoundError."""
        root = self.get(root_id)
        self._registry.remove_root(root.root_id)
        del self._roots[root.root_id]
        return root

    def relocate(self, root_id: str, path: Path) -> Root:
        """Say where a root is now. Raises as `relocatable` does."""
        root = self.relocatable(root_id, path)
        row = self._row(root.root_id)
        self._registry.put_root(replace(row, path=root.path, inode=root.path.stat().st_ino))
        self.refresh()
        return self.get(row.root_id)

    def relocatable(self, root_id: str, path: Path) -> Root:
        """The root as it would be at another place.

        Raises RootNotFoundError, RootConflictError (the home root, not a directory, no marker of this
        root, overlaps another root or the library), RootError (damaged marker).
        """
        row, path = self._row(self.get(root_id).root_id), real_path(path)
        self._check_place(path, moving=row.root_id)
        marker = read_marker(path)
        if row.marker and (marker is None or marker.root_id != row.root_id):
            raise RootConflictError(
                "The directory does not carry the marker of this root",
                path=path,
                hint="Give the directory that has the .root.json of this root.",
            )
        return self._look_at(replace(row, path=path, inode=path.stat().st_ino))

    # --- where they were -------------------------------------------------------------------------

    def moved_since(self, occasion: str) -> dict[str, Move]:
        """The roots that are online and not where they were on an occasion, by their id. The home root
        moves with the library."""
        before = self._places_on(occasion)
        return {
            root_id: Move(root_id, Path(before[root_id]), Path(now))
            for root_id, now in self._places().items()
            if before.get(root_id, now) != now
        }

    def note_places(self, occasion: str, root_ids: Iterable[str] | None = None) -> None:
        """Remember where all or some roots that are online are; written only when it is new."""
        before, now = self._places_on(occasion), self._places()
        wanted = now if root_ids is None else root_ids
        places = before | {root_id: now[root_id] for root_id in wanted if root_id in now}
        if places != before:
            self._registry.set_setting(occasion, json.dumps(places))

    def note_new(self, occasion: str) -> None:
        """Take roots that were not there on an occasion for having been where they are now."""
        known = self._places_on(occasion)
        self.note_places(occasion, [root.root_id for root in self if root.root_id not in known])

    def _places(self) -> dict[str, str]:
        """Of the roots that are online: where another one is nobody knows."""
        return {
            root.root_id: os.path.realpath(root.path) if root.home else str(root.path)
            for root in self
            if root.online
        }

    def _places_on(self, occasion: str) -> dict[str, str]:
        known = self._registry.setting(occasion)
        return {} if known is None else dict(json.loads(known))

    def _row(self, root_id: str) -> RootRow:
        row = next((row for row in self._registry.roots() if row.root_id == root_id), None)
        if row is None:
            raise RootConflictError(
                "The home root moves with the library", path=self.get(root_id).path
            )
        return row

    def _home_row(self) -> RootRow:
        path = self._library / HOME_DIRECTORY
        return RootRow(self._home_root_id, RootMode.MANAGED, path, True, None)

    def _home(self) -> Root:
        row = self._home_row()
        problem = _why_offline(row)
        return Root(row.root_id, row.mode, row.path, problem is None, True, row.path, problem)

    def _look_at(self, row: RootRow) -> Root:
        problem = _why_offline(row)
        metadata = row.path
        if row.mode is RootMode.REFERENCED:
            metadata = self._library / REFERENCES_DIRECTORY / row.root_id
        return Root(row.root_id, row.mode, row.path, problem is None, False, metadata, problem)

    def _search(self, row: RootRow, offline: Root) -> tuple[Root, list[Notice]]:
        """Look for the marker of an offline root under every mount point and beside the library."""
        if not row.marker:
            return offline, []
        for candidate in places_of_moved(row.path, [*mount_points(), *self._library.parents]):
            moved = replace(row, path=candidate)
            if _why_offline(moved) is None:
                if not self._registry.read_only:
                    self._registry.put_root(moved)
                message = f"A root moved from {row.path} to {candidate}"
                return self._look_at(moved), [Notice("root-relocated", message)]
        return offline, []

    def _check_place(self, path: Path, moving: str | None = None) -> None:
        if not path.is_dir():
            raise RootConflictError("Not a directory", path=path, hint="Create it first.")
        if path in (self._library, *self._library.parents):
            raise RootConflictError("The directory holds the library itself", path=path)
        for root in self:
            if root.root_id == moving:
                continue
            if root.path == path:
                raise RootConflictError("This is already a root", path=path, hint="")
            if root.path in path.parents or path in root.path.parents:
                raise RootConflictError(f"Overlaps the root {root.path}", path=path)
        if self._library in path.parents:
            raise RootConflictError("The directory is inside the library", path=path)


def _mark(path: Path, marker: Marker) -> None:
    try:
        write_marker(path, marker)
    except TargetReadOnlyError as error:
        if marker.mode is RootMode.REFERENCED:
            error.hint = "Use --no-marker: then nothing is written there."
        raise


def _why_offline(row: RootRow) -> str | None:
    """The reason why the root cannot be used at its path, or None when it can."""
    try:
        status = os.stat(f"{row.path}/")  # noqa: PTH116 - a Path drops the slash
        marker = read_marker(row.path) if row.marker else None
    except (FileNotFoundError, NotADirectoryError):
        return "The directory is not there"
    except OSError as error:  # a network drive that is gone, a disk that fails: there may be others
        return f"The directory cannot be looked at: {error.strerror}"
    except RootError as error:
        return error.message
    if not row.marker:
        same = row.inode is None or status.st_ino == row.inode
        return None if same else "Another directory is at its place"
    if marker is None:
        return "Its marker is not there: the drive is not mounted or the root was replaced"
    return None if marker.root_id == row.root_id else "Another root is at its place"


def places_of_moved(old: Path, bases: Iterable[Path]) -> Iterator[Path]:
    """Where a tree may have gone: every ending of its old path under every base, longest first."""
    parts = old.parts[1:]
    seen = {old}
    for base in bases:
        for start in range(len(parts) + 1):
            candidate = base.joinpath(*parts[start:])
            if candidate not in seen:
                seen.add(candidate)
                yield candidate


def managed_root_of(directory: Path) -> Path | None:
    """The directory at or above this one that is marked as a managed root, of whatever library; one whose
    marker is damaged counts, because what it holds belongs to somebody."""
    for place in (directory, *directory.parents):
        try:
            marker = read_marker(place)
        except RootError:
            return place
        if marker is not None and marker.mode is RootMode.MANAGED:
            return place
    return None
