"""A directory tree of somebody else, worked on without ever leaving it.

Every step below the tree's top is opened by itself and refused when it is a symlink, also when it became
one a moment ago: a link is made, looked at and removed in exactly the directory that was meant. Names
are taken relative to open directories, so that nothing can be swapped in between.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self

from model_library.errors import (
    ModelLibraryError,
    SourceNotFoundError,
    TargetExistsError,
    TargetReplacedError,
    UnsafeNameError,
    UnsupportedFilesystemError,
)
from model_library.io.platform.os_errors import translate_os_error
from model_library.io.platform.page_cache import fsync_descriptor
from model_library.io.platform.renaming import rename_noreplace_at

_OPEN_AT_ONCE: Final = 64
"""Directories kept open; a profile has some thirty."""
_DIRECTORY: Final = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)

SeenKind = Literal["symlink", "file", "directory", "other"]


@dataclass(frozen=True, slots=True)
class Seen:
    """What has a name now, without following it."""

    kind: SeenKind
    link_text: str | None
    device: int
    inode: int
    size: int
    mtime_ns: int
    links: int
    """How many names the file has."""


class Inside:
    """An open tree. Relative paths have '/' and no '..'; `top` itself may be reached by symlinks.

    Methods raise TargetReplacedError where a directory on the way is a symlink or no directory, UnsafeNameError
    for a path that would leave the tree, and a FileError for what the system says.
    """

    def __init__(self, top: Path, descriptor: int) -> None:
        self.top = top
        self._top = descriptor
        self._open: OrderedDict[str, int] = OrderedDict()

    @classmethod
    def open(cls, top: Path) -> Self:
        """Raises SourceNotFoundError and the like when the directory cannot be opened."""
        if os.open not in os.supports_dir_fd:
            raise UnsupportedFilesystemError("This system has no safe way to make links", path=top)
        try:
            return cls(top, os.open(top, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)))
        except OSError as error:
            raise translate_os_error(error, path=top, writing=False) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        for descriptor in self._open.values():
            os.close(descriptor)
        self._open.clear()
        os.close(self._top)

    # --- looking -----------------------------------------------------------------------------------

    def look(self, relative: str) -> Seen | None:
        """What has this name, or None when nothing has it or its directory is not there."""
        directory, name = _split(relative)
        parent = self._directory(directory)
        if parent is None:
            return None
        try:
            return _seen(parent, name)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise translate_os_error(error, path=self.top / relative, writing=False) from error

    def scan(self, directory: str) -> dict[str, Seen]:
        """Everything that a directory holds by its name; nothing when it is not there."""
        parent = self._directory(directory)
        if parent is None:
            return {}
        found: dict[str, Seen] = {}
        try:
            for name in os.listdir(parent):  # noqa: PTH208 - of an open directory
                with contextlib.suppress(FileNotFoundError):  # gone between the two looks
                    found[name] = _seen(parent, name)
        except OSError as error:
            raise translate_os_error(error, path=self.top / directory, writing=False) from error
        return found

    def names(self) -> list[str]:
        """What the tree itself holds."""
        return os.listdir(self._top)  # noqa: PTH208 - of an open directory

    def symlinks(self, directory: str) -> dict[str, str | None]:
        """The names in a directory, with the text of those that are symlinks: the cheap look at many."""
        parent = self._directory(directory)
        if parent is None:
            return {}
        try:
            with os.scandir(parent) as entries:
                return {
                    entry.name: (
                        os.readlink(entry.name, dir_fd=parent) if entry.is_symlink() else None
                    )
                    for entry in entries
                }
        except OSError as error:
            raise translate_os_error(error, path=self.top / directory, writing=False) from error

    def open_file(self, relative: str) -> int:
        """A descriptor of a regular file for reading, never through a symlink."""
        directory, name = _split(relative)
        parent = self._parent(directory)
        try:
            flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
            return os.open(name, flags, dir_fd=parent)
        except OSError as error:
            raise translate_os_error(error, path=self.top / relative, writing=False) from error

    # --- acting ------------------------------------------------------------------------------------

    def make_directories(self, directory: str) -> None:
        """Make a directory and those above it that are missing."""
        done = ""
        for part in directory.split("/") if directory else ():
            parent, done = done, f"{done}/{part}" if done else part
            if self._directory(done) is not None:
                continue
            try:
                os.mkdir(part, dir_fd=self._parent(parent))
            except FileExistsError:
                continue  # somebody was faster; what it is the next step finds out
            except OSError as error:
                raise translate_os_error(error, path=self.top / done, writing=True) from error

    def symlink(self, text: str, relative: str) -> Seen:
        """Make a symlink with this text. Raises TargetExistsError, UnsupportedFilesystemError."""
        directory, name = _split(relative)
        (seen,) = self.symlinks_into(directory, [(name, text)])
        if isinstance(seen, ModelLibraryError):
            raise seen
        return seen

    def symlinks_into(
        self, directory: str, wanted: Iterable[tuple[str, str]]
    ) -> list[Seen | ModelLibraryError]:
        """Make symlinks, given by name and text, in a directory that is proven once for all of them.

        What became of each: what `symlink` returns or raises. Raises for the directory itself, before
        anything is made.
        """
        parent = self._parent(directory)
        return [self._symlink(parent, directory, name, text) for name, text in wanted]

    def _symlink(
        self, parent: int, directory: str, name: str, text: str
    ) -> Seen | ModelLibraryError:
        if not _is_name(name):
            return _unsafe(name)
        try:
            os.symlink(text, name, dir_fd=parent)
            return _seen(parent, name)
        except OSError as error:
            path = self.top / directory / name
            if error.errno in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS):
                return UnsupportedFilesystemError("The filesystem has no symlinks", path=path)
            return translate_os_error(error, path=path, writing=True)

    def hard_link(self, source: Path, relative: str) -> Seen:
        """Give a file a second name here. Raises SourceNotFoundError, TargetExistsError,
        UnsupportedFilesystemError (another filesystem, none there, too many names)."""
        directory, name = _split(relative)
        parent = self._parent(directory)
        try:
            os.link(source, name, dst_dir_fd=parent, follow_symlinks=False)
            return _seen(parent, name)
        except FileNotFoundError as error:
            raise SourceNotFoundError("The file to link is not there", path=source) from error
        except OSError as error:
            raise translate_os_error(error, path=self.top / relative, writing=True) from error

    def fill(self, relative: str, data: bytes) -> None:
        """Make a small file durably, or fill one that was left empty by a crash; one that says anything
        stays as it is."""
        directory, name = _split(relative)
        parent = self._parent(directory)
        flags = (
            os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        )
        try:
            descriptor = os.open(name, flags, 0o666, dir_fd=parent)
            try:
                status = os.fstat(descriptor)
                if not stat.S_ISREG(status.st_mode) or status.st_size:
                    return
                os.write(descriptor, data)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise translate_os_error(error, path=self.top / relative, writing=True) from error
        self.sync(directory)

    def unlink(self, relative: str) -> None:
        """Remove one name; callers have proven whose it is. Nothing happens when it is gone."""
        directory, name = _split(relative)
        parent = self._directory(directory)
        if parent is None:
            return
        try:
            os.unlink(name, dir_fd=parent)
        except FileNotFoundError:
            return
        except OSError as error:
            raise translate_os_error(error, path=self.top / relative, writing=True) from error

    def remove_seen(self, relative: str, aside: str, seen: Seen) -> bool:
        """Remove a name only while it still is of what was seen there; False when it is of something else,
        which keeps it.

        Between a look and a removal somebody may put something there. So the name is first changed into
        `aside`, of the same directory, and looked at where nobody else is at work. Raises TargetExistsError
        when that is taken, or when something else could not go back from there.
        """
        directory, name = _split(relative)
        parent = self._directory(directory)
        if parent is None:
            return True
        try:
            rename_noreplace_at(parent, name, parent, aside)
            if not _is_same(_seen(parent, aside), seen):
                rename_noreplace_at(parent, aside, parent, name)
                return False
            os.unlink(aside, dir_fd=parent)
        except FileNotFoundError:
            return True
        except OSError as error:
            raise translate_os_error(error, path=self.top / relative, writing=True) from error
        return True

    def free_name(self, name: str) -> str:
        """The first name that nothing has, of those that begin with this one."""
        number, free = 1, name
        while self.look(free) is not None:
            number += 1
            free = f"{name}{number}" if name.endswith(".old") else f"{name}~{number}"
        return free

    def remove_empty(self, directory: str) -> bool:
        """Remove a directory if it is empty; whether it is gone."""
        above, name = _split(directory)
        parent = self._directory(above)
        if parent is None:
            return True
        if (known := self._open.pop(directory, None)) is not None:
            os.close(known)
        try:
            os.rmdir(name, dir_fd=parent)
        except FileNotFoundError:
            return True
        except OSError:  # it holds something, or may not be removed: it stays
            return False
        return True

    def rename_noreplace(self, old: str, new: str) -> None:
        """Rename inside the tree, never over anything. Raises TargetExistsError, SourceNotFoundError."""
        (old_directory, old_name), (new_directory, new_name) = _split(old), _split(new)
        source, destination = self._parent(old_directory), self._parent(new_directory)
        try:
            rename_noreplace_at(source, old_name, destination, new_name)
        except FileExistsError as error:
            raise TargetExistsError("The name is taken", path=self.top / new) from error
        except FileNotFoundError as error:
            raise SourceNotFoundError("It is not there any more", path=self.top / old) from error
        except OSError as error:
            raise translate_os_error(error, path=self.top / new, writing=True) from error

    def sync(self, directory: str) -> None:
        """Make the names in a directory durable; nothing when it is not there."""
        descriptor = self._directory(directory)
        if descriptor is not None:
            fsync_descriptor(descriptor, self.top / directory)

    # --- inside ------------------------------------------------------------------------------------

    def _parent(self, directory: str) -> int:
        descriptor = self._directory(directory)
        if descriptor is None:
            raise SourceNotFoundError("The directory is not there", path=self.top / directory)
        return descriptor

    def _directory(self, directory: str) -> int | None:
        """An open directory of the tree, every step of the way opened by itself.

        A directory that is open already is proven to be still the one of that name.
        """
        if not directory:
            return self._top
        above, name = _split(directory)
        parent = self._directory(above)
        if parent is None:
            return None
        try:
            status = os.stat(name, dir_fd=parent, follow_symlinks=False)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise translate_os_error(error, path=self.top / directory, writing=False) from error
        if not stat.S_ISDIR(status.st_mode):
            what = "a symlink" if stat.S_ISLNK(status.st_mode) else "no directory"
            raise TargetReplacedError(
                f"A directory of the application is {what}", path=self.top / directory
            )
        known = self._open.get(directory)
        if known is not None and _same(os.fstat(known), status):
            self._open.move_to_end(directory)
            return known
        return self._opened(directory, parent, name)

    def _opened(self, directory: str, parent: int, name: str) -> int | None:
        try:
            descriptor = os.open(name, _DIRECTORY, dir_fd=parent)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENOTDIR):
                raise TargetReplacedError(
                    "A directory of the application was replaced", path=self.top / directory
                ) from error
            raise translate_os_error(error, path=self.top / directory, writing=False) from error
        if (before := self._open.pop(directory, None)) is not None:
            os.close(before)
        self._open[directory] = descriptor
        if len(self._open) > _OPEN_AT_ONCE:
            self._close_one(directory)
        return descriptor

    def _close_one(self, needed: str) -> None:
        """Close the directory opened longest ago that is not on the way to the one in use."""
        for known in self._open:
            if not f"{needed}/".startswith(f"{known}/"):
                os.close(self._open.pop(known))
                return


def _split(relative: str) -> tuple[str, str]:
    """Directory and name. Raises UnsafeNameError."""
    parts = relative.split("/")
    if not all(_is_name(part) for part in parts):
        raise _unsafe(relative)
    return "/".join(parts[:-1]), parts[-1]


def _is_name(part: str) -> bool:
    return part not in ("", ".", "..") and "/" not in part and "\0" not in part


def _unsafe(relative: str) -> UnsafeNameError:
    return UnsafeNameError(f"{relative!r} is no path inside a directory")


def _seen(parent: int, name: str) -> Seen:
    status = os.stat(name, dir_fd=parent, follow_symlinks=False)
    kind: SeenKind = "other"
    text = None
    if stat.S_ISLNK(status.st_mode):
        kind, text = "symlink", os.readlink(name, dir_fd=parent)
    elif stat.S_ISREG(status.st_mode):
        kind = "file"
    elif stat.S_ISDIR(status.st_mode):
        kind = "directory"
    return Seen(
        kind,
        text,
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_nlink,
    )


def _is_same(one: Seen, other: Seen) -> bool:
    """Of a symlink, or of a file with another name: the last name of its bytes is like nothing else."""
    if one.kind == "file" and one.links == 1:
        return False
    of_one = (one.kind, one.link_text, one.device, one.inode)
    return of_one == (other.kind, other.link_text, other.device, other.inode)


def _same(one: os.stat_result, other: os.stat_result) -> bool:
    return (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)
