"""Placing: one file of an import gets into staging, hashed in the same pass over its data.

A source is only ever read here. What a move takes away is taken after the model is published, by
`publishing.remove_moved`, and only when the file is still the one that was hashed.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from model_library.errors import (
    HashMismatchError,
    SourceChangedError,
    SourceNotFoundError,
    TargetReadOnlyError,
    UnsupportedFilesystemError,
)
from model_library.identify.values import FoundFile
from model_library.io.copying import clone_file, copy_file
from model_library.io.hashing import FileDigests, hash_file
from model_library.io.platform.links import hard_link
from model_library.io.platform.os_errors import translate_os_error
from model_library.io.platform.renaming import rename_noreplace
from model_library.io.streaming import DriveDone, Progress
from model_library.publishing import MovedSource
from model_library.taxonomy import PlacedBy, Placement

FLUSH_EACH_FROM: Final = 64 * 1024**2
"""Bytes from which a copy is flushed by itself; smaller ones share the flush of their batch."""


@dataclass(frozen=True, slots=True)
class PlacedFile:
    """A file in its place, its hashes, and how it got there."""

    digests: FileDigests
    by: PlacedBy
    moved: MovedSource | None = None


def place_file(
    source: FoundFile,
    target: Path,
    placement: Placement,
    *,
    held: str,
    autov3_from: int | None,
    progress: Progress,
    link: bool = False,
    drive_done: DriveDone | None = None,
    known: FileDigests | None = None,
) -> PlacedFile:
    """Put one file at `target`, which must not exist, or only hash it (`reference`). What is
    reached through a symbolic link is never moved: another program may own it. `drive_done` may be
    called before the end. Where `known` tells the SHA-256 and no byte has to be copied, none is read.

    `held` is the path of `target` relative to the published directory. Raises FileError, SourceChangedError
    (the file is no longer what the walk saw), CancelledError; then nothing is left at `target`.
    """
    check_unchanged(source)
    if placement is Placement.REFERENCE and known is not None:
        progress(source.size)
        return PlacedFile(known, PlacedBy.REFERENCE)
    if placement is Placement.REFERENCE:
        digests = hash_file(
            source.path, autov3_from=autov3_from, progress=progress, drive_done=drive_done
        )
        return PlacedFile(digests, PlacedBy.REFERENCE)
    if placement is Placement.MOVE and not source.path.is_symlink():
        if link:
            return _link(source, target, held, autov3_from, progress, drive_done)
        return _copy_to_move(source, target, held, autov3_from, progress)
    if placement is not Placement.COPY:
        cloned = clone_file(source.path, target, autov3_from=autov3_from, progress=progress)
        if cloned is not None:
            return PlacedFile(cloned, PlacedBy.REFLINK)
    return PlacedFile(_copy(source, target, autov3_from, progress, drive_done), PlacedBy.COPY)


def share_file(held: Path, target: Path) -> None:
    """Give a file that the library holds already a second name in staging. Raises
    UnsupportedFilesystemError where the filesystem has no hard links."""
    hard_link(held, target)


def take_received(source: FoundFile, target: Path, digests: FileDigests) -> PlacedFile:
    """Take a file that this library has just fetched and proven, on the same filesystem: by a second name, so that
    a killed process finds the first one again, or where there are no hard links by its only one.

    Raises FileError, SourceChangedError.
    """
    check_unchanged(source)
    try:
        hard_link(source.path, target)
    except UnsupportedFilesystemError:
        rename_noreplace(source.path, target)
    return PlacedFile(digests, PlacedBy.DOWNLOAD)


def check_unchanged(source: FoundFile) -> None:
    """Raises SourceChangedError when the file is not the one that the walk saw."""
    try:
        status = os.stat(source.path)  # noqa: PTH116 - half the cost of Path.stat
    except FileNotFoundError as error:
        raise SourceNotFoundError("The file is no longer there", path=source.path) from error
    except OSError as error:
        raise translate_os_error(error, path=source.path, writing=False) from error
    seen = (source.device, source.inode, source.size, source.mtime_ns)
    if (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns) != seen:
        raise SourceChangedError("The file changed after it was found", path=source.path)


def _copy(
    source: FoundFile,
    target: Path,
    autov3_from: int | None,
    progress: Progress,
    drive_done: DriveDone | None = None,
) -> FileDigests:
    return copy_file(
        source.path,
        target,
        autov3_from=autov3_from,
        progress=progress,
        durable=source.size >= FLUSH_EACH_FROM,
        drive_done=drive_done,
    )


def _link(
    source: FoundFile,
    target: Path,
    held: str,
    autov3_from: int | None,
    progress: Progress,
    drive_done: DriveDone | None,
) -> PlacedFile:
    """A second name for the source, whose first one goes when the model is published."""
    try:
        hard_link(source.path, target)
    except (UnsupportedFilesystemError, TargetReadOnlyError):  # no links here, or not of this file
        return _copy_to_move(source, target, held, autov3_from, progress)
    with ExitStack() as cleanup:
        cleanup.callback(target.unlink)  # only the second name; the source keeps its own
        digests = hash_file(
            target, autov3_from=autov3_from, progress=progress, drive_done=drive_done
        )
        check_unchanged(source)
        cleanup.pop_all()
    return PlacedFile(digests, PlacedBy.MOVE, _moved(source, held))


def _copy_to_move(
    source: FoundFile, target: Path, held: str, autov3_from: int | None, progress: Progress
) -> PlacedFile:
    """A copy that is read back before the source may go."""
    moved = _moved(source, held)
    digests = _copy(source, target, autov3_from, progress)
    if hash_file(target, progress=progress).sha256 != digests.sha256:
        target.unlink()
        raise HashMismatchError(
            "The copy does not read back as it was written; the source was left in place",
            path=target,
            hint="Check the target drive.",
        )
    check_unchanged(source)
    return PlacedFile(digests, PlacedBy.COPY, moved)


def _moved(source: FoundFile, held: str) -> MovedSource:
    return MovedSource(
        path=str(source.path),
        device=source.device,
        inode=source.inode,
        size=source.size,
        mtime_ns=source.mtime_ns,
        ctime_ns=source.path.lstat().st_ctime_ns,
        held=held,
    )
