"""Attaching: configuration, cards and pictures that were fetched for a model come to it.

Each goes to its place in the model's directory by a rename that replaces nothing; then one write of metadata.json
names them all. A process that dies in between leaves files in the directory that nothing names yet; the next try
finds them there with the same bytes and names them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from model_library.doubles import require_single
from model_library.errors import RecordChangedError, RootConflictError, TargetExistsError
from model_library.identify.file_roles import role_beside
from model_library.io.files import make_directory
from model_library.io.hashing import FileDigests
from model_library.io.platform.page_cache import fsync_directory
from model_library.io.platform.renaming import rename_noreplace
from model_library.library import OWN_FILES, Catalog, Record
from model_library.metadata import METADATA_NAME, ModelMetadata, now, parse_fields
from model_library.naming import collision_key, safe_relative_path
from model_library.publishing import holds, reconciled, write_metadata
from model_library.taxonomy import FileRole, ModelForm, RootMode

_FOLDERS: Final = (ModelForm.DIFFUSERS_FOLDER, ModelForm.TRANSFORMERS_FOLDER)
_ATTEMPTS: Final = 5
"""Times that it is tried while other processes write to the same model."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file with proven digests. `name` is its path in the repository that it is from."""

    name: str
    path: Path
    digests: FileDigests


def goes_beside(name: str) -> bool:
    """Whether a file of this path can be attached to a model."""
    return role_beside(name.rpartition("/")[2]) is not None


def require_attachable(record: Record) -> None:
    """Raises RootConflictError, RootOfflineError for a model that nothing can be put beside."""
    if record.root.mode is RootMode.REFERENCED:
        raise RootConflictError(
            "A model of a referenced root stays as it is; nothing is put beside it",
            path=record.files_directory,
            hint="Import it with --place copy, then fetch what goes with it.",
        )
    record.root.require_online()


def attach(catalog: Catalog, model_id: str, files: Sequence[Fetched]) -> list[str]:
    """Take files on the filesystem of the model's root in; returns the names of those that are new to it. What it
    has already stays where it was given.

    Raises ModelNotFoundError, ModelTwiceError, RootConflictError, RootOfflineError, FileError.
    """
    for _ in range(_ATTEMPTS - 1):
        try:
            return _attach_once(catalog, model_id, files)
        except RecordChangedError:
            continue
    return _attach_once(catalog, model_id, files)


def _attach_once(catalog: Catalog, model_id: str, files: Sequence[Fetched]) -> list[str]:
    indexed = catalog.refreshed(catalog.indexed(model_id))
    record = catalog.record_of(indexed)
    require_attachable(record)
    require_single(catalog, record)
    have = set(_held(record))
    new = [one for one in files if (_key(record, one.name), one.digests.sha256) not in have]
    if not new:
        return []
    with reconciled(catalog, record.root, [record.location]):
        catalog.require_unchanged(indexed)
        added = [_placed(record, one) for one in new]
        write_metadata(record.root, record.location, _with(record.metadata, added))
    return [one.name for one in new]


def _held(record: Record) -> Iterator[tuple[str, str]]:
    """Name and SHA-256 of what the model has: as it lies there, and as it was called where it is from."""
    for file in record.metadata.files:
        yield _key(record, file.path), file.sha256
        yield _key(record, file.original_name), file.sha256


def _key(record: Record, name: str) -> str:
    """Of a folder model the whole path counts, of a single file the last part."""
    is_folder = record.metadata.form in _FOLDERS
    return collision_key(name if is_folder else name.rpartition("/")[2])


def _placed(record: Record, one: Fetched) -> dict[str, Any]:
    """The file under its name in the model, as metadata.json has it."""
    target = record.directory / _name(record, one)
    if not holds(target, one.digests.sha256):
        make_directory(target.parent)
        rename_noreplace(one.path, target)
        fsync_directory(target.parent)
    return {
        "path": target.relative_to(record.directory).as_posix(),
        "size": one.digests.size,
        "sha256": one.digests.sha256,
        "blake3": one.digests.blake3,
        "original_name": one.name,
        "role": role_beside(target.name) or FileRole.COMPANION,
    }


def _name(record: Record, one: Fetched) -> str:
    """A folder model is read by the names in it, so a name that is taken is an error there. A single file does
    not care what the card beside it is called."""
    if record.metadata.form in _FOLDERS:
        wanted = safe_relative_path(one.name).as_posix()
        taken = {collision_key(name) for name in (*OWN_FILES, *_names(record))}
        if collision_key(wanted) in taken:
            raise TargetExistsError("The model has another file of this name", path=wanted)
        return wanted
    taken_names = [*OWN_FILES, *_names(record)]
    wanted = safe_relative_path(one.name.rpartition("/")[2], taken_names).as_posix()
    if _is_free(record, wanted, one.digests.sha256):
        return wanted
    return safe_relative_path(one.name.rpartition("/")[2], [*taken_names, wanted]).as_posix()


def _is_free(record: Record, name: str, sha256: str) -> bool:
    path = record.directory / name
    return not path.is_symlink() and (not path.exists() or holds(path, sha256))


def _names(record: Record) -> list[str]:
    return [file.path for file in record.metadata.files]


def _with(metadata: ModelMetadata, added: Sequence[dict[str, Any]]) -> ModelMetadata:
    document = metadata.model_dump(mode="json")
    names = {collision_key(file["path"]) for file in added}
    document["files"] += added
    document["size"] += sum(file["size"] for file in added)
    document["missing_files"] = [
        name for name in document["missing_files"] if collision_key(name) not in names
    ]
    pictures = [file["path"] for file in added if file["role"] == FileRole.PREVIEW]
    document["preview"] = document["preview"] or next(iter(pictures), None)
    document["updated"] = now().isoformat()
    return parse_fields(document, Path(METADATA_NAME))
