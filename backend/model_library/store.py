"""The library's own files: `library.json`, root markers and metadata documents.

Reads are bounded and parsed once; writes go through `write_durably`, so that after a crash a file
holds either what it held before or what was written, never a half of it.
"""

from __future__ import annotations

import errno
import json
import os
import stat
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from model_library.errors import (
    LibraryFormatError,
    LibraryTooNewError,
    MetadataError,
    ModelLibraryError,
    RootError,
)
from model_library.io.files import write_durably
from model_library.taxonomy import RootMode

FORMAT_VERSION: Final = 1
"""Of the directory layout. A library with a higher one is not opened."""

LIBRARY_FILE: Final = "library.json"
MARKER_FILE: Final = ".root.json"
STAGING: Final = ".staging"
TRASH: Final = ".trash"
_READ: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_MAX_SMALL_FILE: Final = 64 * 1024  # bytes; library.json and markers have well under 1 KiB


class FileStamp(NamedTuple):
    """What tells cheaply whether a file was changed."""

    mtime_ns: int
    size: int


@dataclass(frozen=True, slots=True)
class LibraryIdentity:
    """The content of `library.json`."""

    library_id: str
    home_root_id: str
    format_version: int = FORMAT_VERSION


@dataclass(frozen=True, slots=True)
class Marker:
    """The content of `.root.json`: by it a root is known again at another mount point."""

    root_id: str
    mode: RootMode


def read_library_file(path: Path) -> LibraryIdentity | None:
    """`library.json` of the directory, or None where there is none.

    Raises LibraryFormatError when it is damaged, LibraryTooNewError when a newer program made it.
    """
    document = _read_small_json(path, LibraryFormatError)
    if document is None:
        return None
    version, library_id = document.get("format_version"), document.get("library_id")
    home = document.get("home_root_id")
    if not isinstance(version, int) or isinstance(version, bool):
        raise LibraryFormatError("library.json names no format version", path=path)
    if version > FORMAT_VERSION:
        raise LibraryTooNewError(
            f"The library has format {version}; this program knows format {FORMAT_VERSION}",
            path=path,
        )
    if not _is_uuid(library_id) or not _is_uuid(home):
        raise LibraryFormatError("library.json names no library id or home root", path=path)
    return LibraryIdentity(str(library_id), str(home), version)


def write_library_file(path: Path, identity: LibraryIdentity) -> None:
    """Raises TargetFullError, TargetReadOnlyError."""
    document = {
        "library_id": identity.library_id,
        "home_root_id": identity.home_root_id,
        "format_version": identity.format_version,
    }
    write_durably(path, _dump(document))


def read_marker(directory: Path) -> Marker | None:
    """The marker of a root, or None where the directory or the marker is not there."""
    document = _read_small_json(directory / MARKER_FILE, RootError)
    if document is None:
        return None
    root_id, mode = document.get("root_id"), document.get("kind")
    if not _is_uuid(root_id) or not isinstance(mode, str) or mode not in set(RootMode):
        raise RootError(
            "The marker of this root is damaged",
            path=directory / MARKER_FILE,
            hint="Restore the file, or remove the root and add it again.",
        )
    return Marker(root_id=str(root_id), mode=RootMode(mode))


def write_marker(directory: Path, marker: Marker) -> None:
    document = {"root_id": marker.root_id, "kind": marker.mode.value}
    write_durably(directory / MARKER_FILE, _dump(document))


def new_id() -> str:
    return str(uuid.uuid4())


def stamp_of(path: Path | str) -> FileStamp | None:
    """Time and size of a regular file (links followed), or None where there is none."""
    try:
        status = os.stat(path)  # noqa: PTH116 - making a path costs more than the call
    except OSError:
        return None  # whatever the reason: the file cannot be seen at this path
    return FileStamp(status.st_mtime_ns, status.st_size) if stat.S_ISREG(status.st_mode) else None


def read_document(path: Path | str, limit: int) -> tuple[bytes, FileStamp]:
    """The bytes of a metadata document with the stamp they belong to.

    Raises MetadataError when it cannot be read or has more than `limit` bytes. The stamp is taken
    from the open file before reading: a later change has a later time and is seen next time.
    """
    try:
        data, status = _read(path, limit + 1)
    except OSError as error:
        raise MetadataError(f"Cannot be read: {error.strerror}", path=path) from error
    if len(data) > limit:
        raise MetadataError(f"Has more than {limit} bytes", path=path)
    return data, FileStamp(status.st_mtime_ns, status.st_size)


def _read(path: Path | str, most: int) -> tuple[bytes, os.stat_result]:
    """Up to `most` bytes of a regular file; anything else (a pipe would wait for ever) raises OSError.

    With as few calls as can be: a deep scan reads every document of the library this way.
    """
    descriptor = os.open(path, _READ)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "It is not a regular file")
        data = os.read(descriptor, min(status.st_size + 1, most))
        if len(data) != status.st_size:  # a file of this size was read to its end: the usual case
            while len(data) < most and (more := os.read(descriptor, most - len(data))):
                data += more
    finally:
        os.close(descriptor)
    return data, status


def _read_small_json(
    path: Path, error_class: type[ModelLibraryError]
) -> dict[str, Any] | None:  # JSON values of any kind; callers check each one
    try:
        data, _ = _read(path, _MAX_SMALL_FILE + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise error_class(f"Cannot be read: {error.strerror}", path=path) from error
    try:
        document = json.loads(data) if len(data) <= _MAX_SMALL_FILE else None
    except (ValueError, RecursionError) as error:
        raise error_class("Is not valid JSON", path=path) from error
    if not isinstance(document, dict):
        raise error_class("Is not a JSON object of the expected size", path=path)
    return document


def _dump(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, indent=2).encode() + b"\n"


def _is_uuid(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        return str(uuid.UUID(value)) == value
    except ValueError:
        return False
