"""Everything that can be known to go wrong is found before anything starts.

`check_batch` looks at all sources and at the target of an import or download and returns every
error at once: those of one file carry its path, those of the whole batch the path of the target.
Nothing is changed; the only write is an empty file that is made and removed to prove that it can be.
A pass is no promise, the world goes on: whoever writes still handles every error.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from model_library.errors import (
    FileError,
    ModelLibraryError,
    PathTooLongError,
    SourceChangedError,
    SourceUnreadableError,
    TargetExistsError,
    TargetFullError,
    TargetReadOnlyError,
    UnsupportedFilesystemError,
)
from model_library.io.platform import filesystems, processes
from model_library.io.platform.filesystems import MEMORY_KINDS, PSEUDO_KINDS, Filesystem
from model_library.io.platform.os_errors import translate_os_error
from model_library.io.platform.sparse_files import data_regions
from model_library.naming import MAX_NAME_BYTES, MAX_SLUG_LENGTH, display_text, safe_file_name

MAX_RESERVE: Final = 1024**3
"""Bytes (1 GiB) that a batch leaves free, so that databases, journals and other programs go on
working on a drive that models have filled. On a drive below 100 GiB it is one hundredth."""

LEAST_FREE: Final = 4 * 1024**2
"""Bytes (4 MiB) below which no library is begun: an empty one takes 1.2 MB with what it keeps for a full drive."""

FAT_MAX_FILE: Final = 2**32 - 1
"""Bytes. FAT stores a file's size in 32 bits (Microsoft FAT specification, DIR_FileSize)."""

WINDOWS_MAX_PATH: Final = 259
"""Characters of a path with its drive letter that every Windows program can open: MAX_PATH is 260
with the final NUL (learn.microsoft.com/windows/win32/fileio/maximum-file-path-limitation)."""

DEFAULT_PATH_MAX: Final = 4096
"""Bytes with the final NUL, where the system does not say."""

KIND_AND_FAMILY: Final = 40
"""Characters that `<kind>/<family>/` adds between a root and the directory of a model, at most."""

_DRIVE_PREFIX: Final = len("C:\\")
FAT_KINDS = frozenset({"vfat", "msdos", "fat", "fat16", "fat32", "umsdos"})
_WINDOWS_KINDS = FAT_KINDS | {"exfat", "ntfs"}
_PROBE_PREFIX: Final = ".model-library-probe-"

_NOT_THERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG})

_CONTAINER_HINT: Final = (
    "Mount the directories of the library and of your models into the container as volumes: files that lie only "
    "inside the container are deleted when it is."
)
SANDBOX_HINTS: Mapping[str, str] = {
    "docker": _CONTAINER_HINT,
    "podman": _CONTAINER_HINT,
    "flatpak": "Grant it the directories: flatpak override --user --filesystem=DIRECTORY APP.",
    "snap": "Stay in your home directory; for other drives: snap connect NAME:removable-media.",
    "wsl": "Keep the library on the Linux disk; below /mnt/c everything is many times slower.",
}


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """What is going to be done."""

    sources: tuple[tuple[Path, int], ...]
    """Files and their sizes in bytes, as they were found."""
    target: Path | None
    """Directory that receives the files; it need not exist. None: the files stay where they are."""
    copies: bool = True
    """Whether the bytes are written anew. Otherwise (move, shared blocks) only those from another
    filesystem are."""
    reserve: int | None = None
    """Bytes to leave free; None: what `MAX_RESERVE` says."""


@dataclass(frozen=True, slots=True)
class Caution:
    """Something that a person should know and that stops nothing."""

    code: str
    message: str
    hint: str
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class Validation:
    """What was found."""

    errors: tuple[ModelLibraryError, ...] = ()
    warnings: tuple[Caution, ...] = ()
    cross_filesystem: tuple[Path, ...] = ()
    """Sources on another filesystem than the target: they can only be copied."""
    bytes_to_write: int = 0
    """Without the holes of sparse files, where the target can keep them."""


def _max_name(directory: Path) -> int:
    return _path_limit(directory, "PC_NAME_MAX", MAX_NAME_BYTES)


def _max_path(directory: Path) -> int:
    return _path_limit(directory, "PC_PATH_MAX", DEFAULT_PATH_MAX)


def _path_limit(directory: Path, name: str, otherwise: int) -> int:
    if not hasattr(os, "pathconf"):  # Windows
        return otherwise
    try:
        return os.pathconf(directory, name)
    except OSError:
        return otherwise  # some FUSE filesystems do not answer; writing will tell


@dataclass(frozen=True, slots=True)
class Machine:
    """What the checks ask the system. Other answers describe a machine that is not at hand."""

    filesystem_of: Callable[[Path], Filesystem] = filesystems.filesystem_of
    free_bytes: Callable[[Path], int] = filesystems.free_bytes
    ntfs_is_dirty: Callable[[Filesystem], bool | None] = filesystems.ntfs_is_dirty
    detect_sandbox: Callable[[], str | None] = processes.detect_sandbox
    max_name: Callable[[Path], int] = _max_name
    max_path: Callable[[Path], int] = _max_path


THIS_MACHINE: Final = Machine()


@dataclass(frozen=True, slots=True)
class _Source:
    path: Path
    size: int
    data: int
    """Bytes without holes."""
    device: int


@dataclass(frozen=True, slots=True)
class _Target:
    path: Path
    place: Path
    """The path itself or its nearest existing parent, a directory."""
    device: int
    filesystem: Filesystem


def check_batch(request: BatchRequest, machine: Machine = THIS_MACHINE) -> Validation:
    """Every error and warning that can be known now. Raises nothing for what it finds."""
    errors: list[ModelLibraryError] = []
    sources = list(_readable(request.sources, errors))
    warnings = list(_sandbox(machine))
    if request.target is None:
        return Validation(tuple(errors), tuple(warnings))
    try:
        target = _look_at_target(request.target, machine)
    except FileError as error:
        return Validation((*errors, error), tuple(warnings))
    elsewhere = [source for source in sources if source.device != target.device]
    written = sources if request.copies else elsewhere
    needed = sum(_size_on(target.filesystem, source) for source in written)
    errors += _not_writable(target)
    errors += _not_enough_space(target, needed, request.reserve, machine)
    errors += _too_large_for_fat(target, written)
    errors += _too_long(target, sources, machine)
    warnings += _filesystem_cautions(target, machine)
    warnings += _too_long_for_windows(target, sources)
    return Validation(
        tuple(errors), tuple(warnings), tuple(source.path for source in elsewhere), needed
    )


def check_incoming(
    files: Iterable[tuple[str, int]],
    target: Path,
    machine: Machine = THIS_MACHINE,
    *,
    arrived: int = 0,
) -> Validation:
    """The same for files that come from elsewhere, by their names and sizes; `arrived` of their bytes are on the
    target already."""
    coming = [_Source(Path(name), size, size, -1) for name, size in files]
    try:
        looked = _look_at_target(target, machine)
    except FileError as error:
        return Validation((error,))
    needed = max(0, sum(source.size for source in coming) - arrived)
    errors = [
        *_not_writable(looked),
        *_not_enough_space(looked, needed, None, machine),
        *_too_large_for_fat(looked, coming),
        *_too_long(looked, coming, machine),
    ]
    warnings = (*_filesystem_cautions(looked, machine), *_too_long_for_windows(looked, coming))
    return Validation(tuple(errors), warnings, bytes_to_write=needed)


def check_library_directory(path: Path, machine: Machine = THIS_MACHINE) -> Caution | None:
    """A warning when the directory of a library lies on a network filesystem.

    SQLite needs locks that such filesystems do not keep reliably, and its write-ahead log needs
    shared memory (https://www.sqlite.org/wal.html, "must be on the same host computer").
    """
    filesystem = machine.filesystem_of(path)
    if not filesystem.network:
        return None
    return Caution(
        "library-on-network",
        f"The library is on a network filesystem ({filesystem.kind}); its databases can be damaged",
        "Put the library on a local disk and add the network storage with `model-library root add`.",
        path,
    )


def check_new_library(path: Path, machine: Machine = THIS_MACHINE) -> FileError | None:
    """Why a library cannot be begun in a directory, for what the place is; None when it can. Nothing is written:
    it is asked while a path is typed."""
    try:
        target = _look_at_target(path, machine)
        free = machine.free_bytes(target.place)
    except FileError as error:
        return error
    filesystem = target.filesystem
    if filesystem.kind in PSEUDO_KINDS:
        message = f"This is a part of the system itself ({filesystem.kind}), and holds no files"
        return UnsupportedFilesystemError(message, path=path)
    if filesystem.read_only:
        message = f"The filesystem at {filesystem.mount_point} is mounted read-only"
        return TargetReadOnlyError(message, path=path)
    if not os.access(target.place, os.W_OK | os.X_OK):
        return TargetReadOnlyError(f"You may not write to {target.place}", path=path)
    if free < LEAST_FREE:
        message = (
            f"The drive is full: only {_readable_size(free)} are free at {filesystem.mount_point}"
        )
        return TargetFullError(message, path=path)
    return None


def check_lasting(path: Path, machine: Machine = THIS_MACHINE) -> Caution | None:
    """A warning when a directory is in memory."""
    kind = machine.filesystem_of(path).kind
    if kind not in MEMORY_KINDS:
        return None
    return Caution(
        "library-in-memory",
        f"This place is in memory ({kind}): all of it is gone when the computer is switched off",
        "Choose a folder on a drive.",
        path,
    )


# --- sources -------------------------------------------------------------------------------------


def _readable(
    sources: Iterable[tuple[Path, int]], errors: list[ModelLibraryError]
) -> Iterator[_Source]:
    for path, size in sources:
        try:
            yield _look_at_source(path, size)
        except FileError as error:
            errors.append(error)


def _look_at_source(path: Path, size: int) -> _Source:
    try:
        status = path.stat()
        # Checked before opening, because opening a pipe waits for its writer.
        problem = _unexpected(status, path, size)
        if problem is None:
            with path.open("rb", buffering=0) as stream:
                stream.read(1)
                data = _data_bytes(stream.fileno(), status)
    except OSError as error:
        raise translate_os_error(error, path=path, writing=False) from error
    if problem is not None:
        raise problem
    return _Source(path, size, data, status.st_dev)


def _unexpected(status: os.stat_result, path: Path, size: int) -> FileError | None:
    if not stat.S_ISREG(status.st_mode):
        hint = "Give the model file itself."
        return SourceUnreadableError("This is not a regular file", path=path, hint=hint)
    if status.st_size != size:
        message = f"The size changed from {size} to {status.st_size} bytes"
        return SourceChangedError(message, path=path)
    return None


def _data_bytes(descriptor: int, status: os.stat_result) -> int:
    blocks: int | None = getattr(status, "st_blocks", None)  # of 512 bytes; not on Windows
    if blocks is None or blocks * 512 >= status.st_size:
        return status.st_size
    regions = data_regions(descriptor, status.st_size)
    return sum(end - start for start, end, is_data in regions if is_data)


# --- target --------------------------------------------------------------------------------------


def _look_at_target(path: Path, machine: Machine) -> _Target:
    place = path.absolute()
    while True:
        try:
            status = place.stat()
            break
        except OSError as error:
            dangling = error.errno == errno.ENOENT and place.is_symlink()
            if error.errno not in _NOT_THERE or dangling or place == place.parent:
                raise translate_os_error(error, path=path, writing=True) from error
            place = place.parent
    if not stat.S_ISDIR(status.st_mode):
        hint = "Choose a directory."
        raise TargetExistsError(f"{place} is not a directory", path=path, hint=hint)
    return _Target(path, place, status.st_dev, machine.filesystem_of(place))


def _not_writable(target: _Target) -> Iterator[ModelLibraryError]:
    if target.filesystem.read_only:
        message = f"The filesystem at {target.filesystem.mount_point} is mounted read-only"
        yield TargetReadOnlyError(message, path=target.path)
        return
    import tempfile  # here, because it costs start-up time

    try:
        with tempfile.NamedTemporaryFile(prefix=_PROBE_PREFIX, dir=target.place):
            pass
    except OSError as error:
        yield translate_os_error(error, path=target.path, writing=True)


def _size_on(filesystem: Filesystem, source: _Source) -> int:
    keeps_holes = filesystem.kind not in FAT_KINDS and filesystem.kind != "exfat"
    return source.data if keeps_holes else source.size


def _not_enough_space(
    target: _Target, needed: int, reserve: int | None, machine: Machine
) -> Iterator[ModelLibraryError]:
    import shutil  # here, because it costs start-up time

    if needed == 0:
        return
    try:
        free = machine.free_bytes(target.place)
        total = shutil.disk_usage(target.place).total
    except FileError as error:
        yield error
        return
    except OSError as error:
        yield translate_os_error(error, path=target.path, writing=True)
        return
    kept = min(MAX_RESERVE, total // 100) if reserve is None else reserve
    if needed + kept > free:
        message = (
            f"{_readable_size(needed)} are needed and {_readable_size(kept)} must stay free, "
            f"but only {_readable_size(free)} are"
        )
        yield TargetFullError(message, path=target.path)


def _too_large_for_fat(target: _Target, written: Sequence[_Source]) -> Iterator[ModelLibraryError]:
    if target.filesystem.kind not in FAT_KINDS:
        return
    for source in written:
        if source.size > FAT_MAX_FILE:
            yield UnsupportedFilesystemError(
                f"A FAT drive holds no file of 4 GiB or more; this one has "
                f"{_readable_size(source.size)}",
                path=source.path,
                hint="Choose a root on another drive with --root, or format this one as exFAT.",
            )


def _too_long(
    target: _Target, sources: Sequence[_Source], machine: Machine
) -> Iterator[ModelLibraryError]:
    max_name, max_path = machine.max_name(target.place), machine.max_path(target.place)
    if any(len(os.fsencode(part)) > max_name for part in target.path.parts):
        message = f"A directory of the target has a name of more than {max_name} bytes"
        yield PathTooLongError(message, path=target.path)
    longest = max((_stored_length(len(os.fsencode(s.path.name))) for s in sources), default=0)
    if len(os.fsencode(target.path.absolute())) + longest >= max_path:
        message = f"Paths inside the target would have more than {max_path - 1} bytes"
        yield PathTooLongError(message, path=target.path)
    for source in sources:
        if len(os.fsencode(source.path.name)) <= max_name:
            continue  # a safe name is hardly ever longer, and costs time for thousands of files
        if len(safe_file_name(source.path.name).encode()) > max_name:
            message = f"The target holds names of at most {max_name} bytes"
            hint = "Use a shorter name."
            yield PathTooLongError(message, path=source.path, hint=hint)


def _stored_length(name: int) -> int:
    """About how long `/<kind>/<family>/<slug>/<name>` gets for a file name of this length."""
    return KIND_AND_FAMILY + min(name, MAX_SLUG_LENGTH) + name + len("//")


# --- warnings ------------------------------------------------------------------------------------


def _sandbox(machine: Machine) -> Iterator[Caution]:
    sandbox = machine.detect_sandbox()
    if sandbox is not None:
        hint = SANDBOX_HINTS.get(sandbox, "Grant it the directories of your models.")
        yield Caution(
            "sandbox", f"Running inside {sandbox}: it sees only a part of the disks", hint
        )


def _filesystem_cautions(target: _Target, machine: Machine) -> Iterator[Caution]:
    filesystem = target.filesystem
    if machine.ntfs_is_dirty(filesystem):
        yield Caution(
            "ntfs-dirty",
            f"The NTFS drive at {filesystem.mount_point} was not shut down cleanly",
            "Check the drive in Windows (chkdsk /f) and shut Windows down completely, without "
            "fast start-up or hibernation.",
            target.path,
        )
    if filesystem.kind in FAT_KINDS or filesystem.kind == "exfat":
        yield Caution(
            "filesystem-without-journal",
            f"The drive at {filesystem.mount_point} is {filesystem.kind}: it has neither links nor "
            "a journal",
            "Always eject it before unplugging; applications on it cannot be linked to models.",
            target.path,
        )


def _too_long_for_windows(target: _Target, sources: Sequence[_Source]) -> Iterator[Caution]:
    filesystem = target.filesystem
    if filesystem.kind not in _WINDOWS_KINDS:
        return
    directory = target.place.resolve() / target.path.absolute().relative_to(target.place)
    if directory.is_relative_to(filesystem.mount_point):
        directory = directory.relative_to(filesystem.mount_point)
    room = WINDOWS_MAX_PATH - _DRIVE_PREFIX - len(str(directory))
    too_long = [source for source in sources if _stored_length(len(source.path.name)) > room]
    if too_long:
        name = display_text(too_long[0].path.name)
        would = (
            f"{name} would have a path"
            if len(too_long) == 1
            else f"{len(too_long)} files, {name} among them, would have paths"
        )
        yield Caution(
            "path-too-long-for-windows",
            f"{would} of more than {WINDOWS_MAX_PATH} characters in Windows; many programs there cannot open such files",
            "Use shorter names or a root nearer to the top of the drive.",
            target.path,
        )


def _readable_size(size: int) -> str:
    """Four digits and a decimal unit, as drives are sold."""
    power = min((len(str(size)) - 1) // 3, 4)
    return f"{size / 1000**power:.4g} {('bytes', 'kB', 'MB', 'GB', 'TB')[power]}"
