"""Edit: what a person says about a model. Their word is marked and outlives every scan and lookup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from model_library.doubles import Strangers, require_single, strangers
from model_library.errors import (
    EditedSinceError,
    IndexDamagedError,
    InvalidValueError,
    MetadataError,
    ModelLibraryError,
    RecordChangedError,
    TargetExistsError,
)
from model_library.io.files import make_directory
from model_library.io.platform.page_cache import fsync_directory
from model_library.io.platform.renaming import rename_noreplace
from model_library.library import Catalog, Record
from model_library.marking import TOGETHER, mark, unmark
from model_library.metadata import (
    EDITABLE_FIELDS,
    ModelMetadata,
    now,
    parse_family,
    parse_fields,
)
from model_library.publishing import free_place, place_of, reconciled, write_metadata
from model_library.taxonomy import AdapterType, RootMode, parse_kind

_LISTS: Final = frozenset({"tasks", "tags", "trigger_words"})
_CHOICES: Final[Mapping[str, type[StrEnum]]] = {"adapter_type": AdapterType}
_REQUIRED: Final = frozenset({"official_name", "kind", "family"})
_TAGS: Final = "tags"
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
    if name == "family":
        return parse_family(text)
    choices = _CHOICES.get(name)
    if choices is not None and text not in set(choices):
        raise InvalidValueError(
            f"{text!r} is no {name}", hint=f"Possible: {', '.join(sorted(choices))}."
        )
    return text


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become different, of one model or of many; the same words for each of them.

    Tags are added to and removed from those that each model has. They are compared without regard to case.
    """

    fields: Mapping[str, Any] = field(default_factory=dict)
    """Typed values by the names of EDITABLE_FIELDS."""
    unset: frozenset[str] = frozenset()
    """Fields of which what was found automatically counts again."""
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raises InvalidValueError for what says nothing, or two things at once."""
        if not (self.fields or self.unset or self.add_tags or self.remove_tags):
            hint = "Use --set field=value, --add-tag tag, --remove-tag tag or --unset field."
            raise InvalidValueError("Nothing to set", hint=hint)
        for name in sorted(self.fields.keys() - EDITABLE_FIELDS):
            raise InvalidValueError(f"{name!r} cannot be set")
        for name in sorted(self.fields.keys() & self.unset):
            raise InvalidValueError(f"{name} cannot be set and taken back at once")
        if _TAGS in self.unset and (self.add_tags or self.remove_tags):
            raise InvalidValueError("tags cannot be changed and taken back at once")
        for tag in sorted(_folded(self.add_tags) & _folded(self.remove_tags)):
            raise InvalidValueError(f"The tag {tag!r} cannot be added and removed at once")

    @classmethod
    def parsed(
        cls,
        assignments: Sequence[str] = (),
        unset: Iterable[str] = (),
        add_tags: Iterable[str] = (),
        remove_tags: Iterable[str] = (),
    ) -> Change:
        """From texts as a person gives them; several tags may be one text, separated by commas."""
        return cls(
            parse_assignments(assignments),
            frozenset(unset),
            tuple(parse_value(_TAGS, ",".join(add_tags))),
            tuple(parse_value(_TAGS, ",".join(remove_tags))),
        )

    def words(self) -> tuple[list[str], list[str]]:
        """Its fields as `parsed` reads them, and those that are taken back."""
        assignments: list[str] = []
        for name in sorted(
            self.fields, key=lambda name: (name != "kind", name)
        ):  # it sets a type, too
            value = self.fields[name]
            values = value or [""] if isinstance(value, list | tuple) else [value]
            assignments += [f"{name}={'' if one is None else one}" for one in values]
        return assignments, sorted(self.unset)

    def fields_for(self, metadata: ModelMetadata) -> Mapping[str, Any]:
        """The values for one model: tags depend on those it has, and stay unmarked where none changes."""
        if not (self.add_tags or self.remove_tags):
            return self.fields
        tags = list(self.fields.get(_TAGS, metadata.tags))
        unwanted = _folded(self.remove_tags)
        present = _folded(tags)
        wanted = [tag for tag in tags if tag.casefold() not in unwanted]
        wanted += [tag for tag in self.add_tags if tag.casefold() not in present]
        return self.fields if wanted == tags else {**self.fields, _TAGS: wanted}


def words_of(metadata: ModelMetadata, names: Iterable[str]) -> list[str]:
    """What is known of a model, as `parsed` would read it."""
    fields = metadata.model_dump(mode="json", include=set(names) & EDITABLE_FIELDS)
    return Change(fields).words()[0] if fields else []


def _folded(tags: Iterable[str]) -> set[str]:
    return {tag.casefold() for tag in tags}


@dataclass(frozen=True, slots=True)
class Edited:
    """A model that is now as it was said."""

    model_id: str
    undo: Change | None
    """Makes what was changed as it was before; None: nothing was."""
    left: tuple[str, ...]
    """The words for what was changed as it is now."""


@dataclass(frozen=True, slots=True)
class NotEdited:
    """A model, as it was named, that could not be changed."""

    model_id: str
    error: ModelLibraryError


def edit_each(
    catalog: Catalog, model_ids: Sequence[str], change: Change, as_left: Sequence[str] = ()
) -> tuple[list[Edited], list[NotEdited]]:
    """The models that are now as `change` says, each once, and those that could not be changed. One that fails
    stops no other; fields in `unset` that were not set by hand are left alone, and so is a model that is not, or no
    longer, as the words in `as_left` say.

    Raises InvalidValueError for a field that nobody can set; then nothing was changed.
    """
    for name in sorted(change.unset - EDITABLE_FIELDS):
        raise InvalidValueError(f"{name!r} cannot be set by hand")
    for name in sorted(_named(as_left) - EDITABLE_FIELDS):
        raise InvalidValueError(f"{name!r} is no field that can be set")
    others = strangers(catalog)
    done: dict[str, Edited] = {}
    failed: list[NotEdited] = []
    for model_id in dict.fromkeys(model_ids):
        try:
            before, record = _edited(catalog, model_id, change, others, as_left, lenient=True)
        except IndexDamagedError:
            raise  # it is rebuilt for all of them
        except ModelLibraryError as error:
            failed.append(NotEdited(model_id, error))
        else:
            one = _done(before, record.metadata)
            done.setdefault(one.model_id, one)  # a second word for it changed nothing
    return [*done.values()], failed


def edit(catalog: Catalog, model_id: str, change: Change) -> Record:
    """Set fields by hand and mark them, or take the marks of others back, so that what was found
    automatically counts again; and move the directory to where kind and family say.

    Raises InvalidValueError, ModelNotFoundError, AmbiguousModelIdError, MetadataError, RootOfflineError,
    ModelTwiceError, FileError; then nothing was changed.
    """
    return _edited(catalog, model_id, change, None, (), lenient=False)[1]


def _edited(
    catalog: Catalog,
    model_id: str,
    change: Change,
    others: Strangers | None,
    as_left: Sequence[str],
    *,
    lenient: bool,
) -> tuple[ModelMetadata, Record]:
    """What was known of the model before, and the model now."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return _edit_once(catalog, model_id, change, others, as_left, lenient)
        except RecordChangedError:
            continue  # somebody else was quicker: what they wrote is read first
    return _edit_once(catalog, model_id, change, others, as_left, lenient)


def _edit_once(
    catalog: Catalog,
    model_id: str,
    change: Change,
    others: Strangers | None,
    as_left: Sequence[str],
    lenient: bool,
) -> tuple[ModelMetadata, Record]:
    indexed = catalog.refreshed(catalog.indexed(model_id))
    record = catalog.record_of(indexed)
    record.root.require_online()
    require_single(catalog, record, others)
    _require_as_left(record, as_left)
    marked = change.unset & set(record.metadata.user_set)
    if not lenient:
        _require_marked(record, change.unset - marked)
    changes = change.fields_for(record.metadata)
    if not changes and not marked:
        return record.metadata, record  # it is already so
    metadata = _changed(record, changes, marked)
    place = _new_place(record, metadata)
    with reconciled(catalog, record.root, [record.location, place]):
        catalog.require_unchanged(indexed)
        write_metadata(record.root, record.location, metadata)
        if place != record.location:
            _move_directory(record.directory, record.root.metadata_directory / place)
    return record.metadata, catalog.record(record.metadata.model_id)


def _done(before: ModelMetadata, after: ModelMetadata) -> Edited:
    """What undoes it: what was said by hand is said again, and what was not is taken back."""
    said, said_now = set(before.user_set), set(after.user_set)
    changed = {
        name
        for name in EDITABLE_FIELDS
        if getattr(before, name) != getattr(after, name) or (name in said) != (name in said_now)
    }
    if not changed:
        return Edited(after.model_id, None, ())
    again = changed & said
    if "kind" in changed:  # a kind is set, and taken back, with its type
        again |= TOGETHER if "kind" in said else TOGETHER & said
    fields = before.model_dump(mode="json", include=again)
    undo = Change(fields, frozenset(changed - again))
    return Edited(after.model_id, undo, tuple(words_of(after, changed)))


def _named(words: Iterable[str]) -> set[str]:
    return {word.partition("=")[0] for word in words}


def _require_as_left(record: Record, words: Sequence[str]) -> None:
    if words_of(record.metadata, _named(words)) != list(words):
        name = record.metadata.official_name
        raise EditedSinceError(f"{name} was edited since, and stays as it is now")


def _require_marked(record: Record, unmarked: Iterable[str]) -> None:
    for name in sorted(unmarked):
        marked = ", ".join(record.metadata.user_set) or "none"
        hint = f"Fields of this model that were: {marked}."
        raise InvalidValueError(f"{name!r} was not set by hand", hint=hint)


def _move_directory(source: Path, target: Path) -> None:
    """Where a model lies is only a view: when another process took the place, it stays where it is."""
    make_directory(target.parent)
    try:
        rename_noreplace(source, target)
    except TargetExistsError:
        return
    fsync_directory(source.parent)
    fsync_directory(target.parent)


def _changed(record: Record, changes: Mapping[str, Any], unset: Iterable[str]) -> ModelMetadata:
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
