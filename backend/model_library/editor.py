"""Edit: what a person says about a model. Their word is marked and outlives every scan and lookup."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from model_library.doubles import require_single
from model_library.errors import (
    InvalidValueError,
    MetadataError,
    RecordChangedError,
    TargetExistsError,
)
from model_library.io.files import make_directory
from model_library.io.platform import fsync_directory, rename_noreplace
from model_library.library import Catalog, Record
from model_library.marking import mark, unmark
from model_library.metadata import EDITABLE_FIELDS, ModelMetadata, now, parse_fields
from model_library.publishing import free_place, place_of, reconciled, write_metadata
from model_library.taxonomy import AdapterType, RootMode, parse_kind

_LISTS: Final = frozenset({"tasks", "tags", "trigger_words"})
_CHOICES: Final[Mapping[str, type[StrEnum]]] = {"adapter_type": AdapterType}
_REQUIRED: Final = frozenset({"official_name", "kind", "family"})
_NOT_TEXT: Final = re.compile("[\0\ud800-\udfff]")
"""NUL, and bytes of the command line that are not UTF-8."""
_ATTEMPTS: Final = 5
"""Times that an edit is tried when other processes edit the same model."""
_MAX_TEXT: Final = 100_000  # characters; the longest model cards have about 50,000


def parse_assignments(assignments: Sequence[str]) -> dict[str, Any]:
    """`field=value` texts as typed changes. Lists are separated by commas, or given several times; an
    empty value clears. A kind may be an adapter type: `kind=lora`.

    Raises InvalidValueError that names the field and what it can be.
    """
    changes: dict[str, Any] = {}
    for assignment in assignments:
        name, separator, text = assignment.partition("=")
        name = name.strip()
        if not separator:
            raise InvalidValueError(f"{assignment!r} is not of the form field=value")
        value = parse_value(name, text.strip())
        if name == "kind":
            kind, adapter_type = parse_kind(value)
            changes |= {"kind": kind.value, "adapter_type": adapter_type}
        elif name in _LISTS and name in changes:
            changes[name] = list(dict.fromkeys([*changes[name], *value]))
        else:
            changes[name] = value
    return changes


def parse_value(name: str, text: str) -> Any:
    """One value of one editable field. Raises InvalidValueError."""
    if name not in EDITABLE_FIELDS:
        known = ", ".join(sorted(EDITABLE_FIELDS))
        raise InvalidValueError(f"{name!r} cannot be set", hint=f"Fields to set: {known}.")
    if len(text) > _MAX_TEXT or _NOT_TEXT.search(text):
        raise InvalidValueError(f"The value of {name} is too long or not valid text")
    if name in _LISTS:
        return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not text:
        if name in _REQUIRED:
            raise InvalidValueError(f"{name} cannot be empty")
        return None
    choices = _CHOICES.get(name)
    if choices is not None and text not in set(choices):
        raise InvalidValueError(
            f"{text!r} is no {name}", hint=f"Possible: {', '.join(sorted(choices))}."
        )
    return text


def edit(
    catalog: Catalog, model_id: str, changes: Mapping[str, Any], unset: Collection[str] = ()
) -> Record:
    """Set fields by hand and mark them, or take the marks of others back, so that what was found
    automatically counts again; and move the directory to where kind and family say.

    Raises InvalidValueError, ModelNotFoundError, AmbiguousModelIdError, MetadataError, RootOfflineError,
    ModelTwiceError, FileError; then nothing was changed.
    """
    if not changes and not unset:
        hint = "Use --set field=value or --unset field."
        raise InvalidValueError("Nothing to set", hint=hint)
    both = sorted(changes.keys() & set(unset))
    if both:
        raise InvalidValueError(f"{both[0]} cannot be set and taken back at once")
    for _ in range(_ATTEMPTS - 1):
        try:
            return _edit_once(catalog, model_id, changes, unset)
        except RecordChangedError:
            continue  # somebody else was quicker: what they wrote is read first
    return _edit_once(catalog, model_id, changes, unset)


def _edit_once(
    catalog: Catalog, model_id: str, changes: Mapping[str, Any], unset: Collection[str]
) -> Record:
    indexed = catalog.refreshed(catalog.indexed(model_id))
    record = catalog.record_of(indexed)
    record.root.require_online()
    require_single(catalog, record)
    metadata = _changed(record, changes, unset)
    place = _new_place(record, metadata)
    with reconciled(catalog, record.root, [record.location, place]):
        catalog.require_unchanged(indexed)
        write_metadata(record.root, record.location, metadata)
        if place != record.location:
            _move_directory(record.directory, record.root.metadata_directory / place)
    return catalog.record(record.metadata.model_id)


def _move_directory(source: Path, target: Path) -> None:
    """Where a model lies is only a view: when another process took the place, it stays where it is."""
    make_directory(target.parent)
    try:
        rename_noreplace(source, target)
    except TargetExistsError:
        return
    fsync_directory(source.parent)
    fsync_directory(target.parent)


def _changed(record: Record, changes: Mapping[str, Any], unset: Collection[str]) -> ModelMetadata:
    unknown = sorted(changes.keys() - EDITABLE_FIELDS)
    if unknown:
        raise InvalidValueError(f"{unknown[0]!r} cannot be set")
    for name in unset:
        if name not in record.metadata.user_set:
            marked = ", ".join(record.metadata.user_set) or "none"
            hint = f"Fields of this model that were: {marked}."
            raise InvalidValueError(f"{name!r} was not set by hand", hint=hint)
    document = record.metadata.model_dump(mode="json")
    unmark(document, unset)
    mark(document, changes)
    document["updated"] = now().isoformat()
    try:
        return parse_fields(document, record.metadata_path)
    except MetadataError as error:
        raise InvalidValueError(error.message) from error


def _new_place(record: Record, metadata: ModelMetadata) -> str:
    """Where the model belongs now: it only moves when its kind or family did."""
    same = (metadata.kind, metadata.family) == (record.metadata.kind, record.metadata.family)
    if same or record.root.mode is RootMode.REFERENCED:
        return record.location
    if place_of(metadata, record.root) == record.location:
        return record.location
    return free_place(metadata, record.root, set())
