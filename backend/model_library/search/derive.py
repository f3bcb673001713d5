"""What the index needs to know of a metadata document.

`derive` is pure and never fails: documents are edited by hand, so any field may be missing, null or
of an odd type, and then counts as empty. What a search can match is one text of marked words:

    =word   a word of a name (official name, slug, file names without extension), or a form of one
    ^word   the first word of a name
    ~name   a whole name with its words joined, for the exact match
    #word   a word of a name, a tag, a trigger word, the kind, family, precision ... or the author
    +word   a word of the description or the notes

One marker per field instead of one FTS5 column per field: FTS5 answers a search in one column by
reading the entries of the word in all columns, a marked word has entries of its own.

Facets (values that filters compare and facets count) are kept apart as pairs of field and value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import NamedTuple
from zlib import crc32

from model_library.search.records import (
    BODY,
    EXACT,
    MATCH,
    MAX_INTEGER,
    NAME,
    PENDING,
    ROOT,
    START,
    TAG,
    TIER,
    IndexedFile,
    IndexRecord,
)
from model_library.search.text import mark, other_forms, typed_words, words

_SINGLE_FACETS = (
    "kind",
    "adapter_type",
    "family",
    "container",
    "precision",
    "variant",
    "lineage",
    "form",
    "license",
)
_MULTIPLE_FACETS = ("tags", "tasks")
_NOT_SEARCHED = frozenset(("form", "license", TIER, MATCH, ROOT))

_MAX_BODY = 16_384  # characters of description and of notes that are searched; the rest is not
_MAX_FILES = 1024  # files of one model that are listed
_MAX_NAMED_FILES = 16  # weight files whose names are searched; shards differ in a number only
_MAX_VALUES = 256  # tags, trigger words or tasks of one model
_MAX_VALUE = 256  # characters of one of them, and of a name
_HASH_KEY_DIGITS = 15  # hex digits of a hash that make its key: 60 bits, always positive in SQLite
_SHARD = re.compile(r"[-_.](?:\d{5}-of-\d{5}|part\d+|0\d{4})$", re.IGNORECASE)

_Value = tuple[tuple[str, str], str]
"""A facet (field and value), and its words as they are searched: none when it only is a filter."""


class FileKey(NamedTuple):
    """What files are looked up by: size in bytes and the first 60 bits of the SHA-256."""

    size: int
    sha256: int | None


class Derived(NamedTuple):
    """Everything the index needs to know of a document."""

    searchable: str
    facets: tuple[tuple[str, str], ...]
    """Pairs of field and value as written; without repetition."""
    name: str
    """The words of the official name, for sorting."""
    file_words: str
    """The words of all file names, one file a line, for the `file:` filter."""
    held: str
    """What is to be compared with the disk, see `records.IndexEntry`."""
    size: int
    added: int
    """Microseconds since 1970; 0 when unknown. So is `updated`."""
    updated: int
    digest: int | None
    files: tuple[FileKey, ...]


def derive(record: IndexRecord) -> Derived:
    """What the index stores for this record; a document that cannot be read counts as empty."""
    document = parse_document(record.document) if record.parsed is None else record.parsed
    listed = _objects(document.get("files"))
    files = listed[:_MAX_FILES]
    keys = [FileKey(size_of(file.get("size")), hash_key(file.get("sha256"))) for file in files]
    official = typed_words(text_of(document.get("official_name"))[:_MAX_VALUE])
    folded = [word.casefold() for word in official]
    values = _values(document, record.root_id)
    tags = dict.fromkeys([tokens for _, tokens in values] + _more_tokens(document))
    searchable = [
        _marked_names(official, folded, _other_names(document, files), record.model_id),
        *tags,
        mark(BODY, words(text_of(document.get("description"))[:_MAX_BODY])),
        mark(BODY, words(text_of(document.get("notes"))[:_MAX_BODY])),
    ]
    added, updated = document.get("added"), document.get("updated")
    added_at = _microseconds(added)
    return Derived(
        searchable=" ".join(searchable),
        facets=tuple(dict.fromkeys([facet for facet, _ in values])),
        name=" ".join(folded),
        file_words="".join([f" {' '.join(words(text_of(file.get('path'))))}\n" for file in files]),
        held=_held(document, listed),
        size=_size(document.get("size"), keys),
        added=added_at,
        updated=added_at if updated == added else _microseconds(updated),
        digest=hash_key(document.get("content_digest")),
        files=tuple(keys),
    )


def parse_document(text: str) -> Mapping[str, object]:
    """The object that the text holds, or an empty one."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def indexed_files(record: IndexRecord) -> list[IndexedFile]:
    """The files that the document of this record lists."""
    listed = _objects(parse_document(record.document).get("files"))[:_MAX_FILES]
    return [
        IndexedFile(
            record.model_id,
            record.root_id,
            record.location,
            text_of(file.get("path")),
            size_of(file.get("size")),
            text_of(file.get("sha256")).lower() or None,
            text_of(file.get("blake3")).lower() or None,
        )
        for file in listed
    ]


def content_digest(record: IndexRecord) -> str:
    """The content digest that the document names, in lower case; empty without one."""
    return text_of(parse_document(record.document).get("content_digest")).lower()


def text_of(value: object) -> str:
    return value if isinstance(value, str) else ""


def size_of(value: object) -> int:
    """A number of bytes; 0 for what is none."""
    return value if isinstance(value, int) and 0 <= value <= MAX_INTEGER else 0


def _size(value: object, files: Iterable[FileKey]) -> int:
    """The size that the document gives, or else the sum of its files."""
    if isinstance(value, int):
        return size_of(value)
    return min(sum([file.size for file in files]), MAX_INTEGER)


def _held(document: Mapping[str, object], files: Iterable[Mapping[str, object]]) -> str:
    reference = document.get("reference")
    there = text_of(reference.get("path")) if isinstance(reference, dict) else None
    held = [
        (text_of(file.get("path")), size_of(file.get("size")), text_of(file.get("role")))
        for file in files
    ]
    return json.dumps((there, bool(document.get("missing_files")), held))


def hash_key(value: object) -> int | None:
    """The integer that a hash is looked up by; None for what is no text."""
    text = text_of(value).lower()
    try:
        return int(text[:_HASH_KEY_DIGITS], 16)
    except ValueError:
        return crc32(text.encode("utf-8", "surrogatepass")) if text else None


def _other_names(
    document: Mapping[str, object], files: list[Mapping[str, object]]
) -> Iterable[str]:
    """The slug, and the names of weight files without directory, extension and shard number."""
    yield text_of(document.get("slug"))[:_MAX_VALUE]
    weights = [file for file in files if file.get("role", "weight") == "weight"]
    for file in weights[:_MAX_NAMED_FILES]:
        path, original = text_of(file.get("path")), text_of(file.get("original_name"))
        for name in (path, original) if original != path else (path,):
            stem, dot, end = name.rpartition("/")[2][:_MAX_VALUE].rpartition(".")
            stem = stem if dot else end
            yield _SHARD.sub("", stem) if stem[-1:].isdecimal() else stem


def _marked_names(
    official: Sequence[str], folded: Sequence[str], others: Iterable[str], model_id: str
) -> str:
    """The words of all names of a model, those that repeat one another only once."""
    tokens, starts, whole = list(folded), dict.fromkeys(folded[:1]), {"".join(folded): None}
    forms = other_forms(official, folded)
    forms += ["".join(folded[:count]) for count in range(2, min(len(folded), 3) + 1)]
    for name in others:
        if name.replace("-", "") in whole:  # what slugs mostly are
            continue
        typed = typed_words(name)
        other = [word.casefold() for word in typed]
        key = "".join(other)
        if not key or key in whole:
            continue
        whole[key] = starts[other[0]] = None
        new = max(0, _common(other, folded) - 1)  # with one word before, for phrases
        tokens += other[new:]
        forms += other_forms(typed[new:], other[new:])
    identifier = words(model_id)
    whole["".join(identifier)] = None
    tokens += [word for word in identifier if word not in tokens] + forms
    names = mark(NAME, tokens)
    tags = names.replace(NAME, TAG)
    return f"{names} {mark(START, starts)} {mark(EXACT, filter(None, whole))} {tags}"


def _common(first: Sequence[str], second: Sequence[str]) -> int:
    """How many words at the beginning are the same."""
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count


def _values(document: Mapping[str, object], root_id: str) -> list[_Value]:
    single = [
        value if isinstance(value := document.get(name), str) else "" for name in _SINGLE_FACETS
    ]
    security = document.get("security")
    tier = text_of(security.get("tier")) if isinstance(security, dict) else ""
    found = list(_single_values(*single, tier, _match(document.get("match")), root_id))
    for name in _MULTIPLE_FACETS:
        found += [_value(name, value) for value in _texts(document.get(name))]
    return found


def _match(match: object) -> str:
    """How it was recognised, or that nobody has been asked yet."""
    if not isinstance(match, dict):
        return ""
    if match.get("pending"):
        return PENDING
    return "modified" if match.get("modified") else text_of(match.get("method"))


@lru_cache(maxsize=1 << 12)  # most models share theirs with many others
def _single_values(*values: str) -> tuple[_Value, ...]:
    fields = zip((*_SINGLE_FACETS, TIER, MATCH, ROOT), values, strict=True)
    return tuple([_value(field, value) for field, value in fields if value])


def _more_tokens(document: Mapping[str, object]) -> list[str]:
    """What is searched like a tag and is no facet: trigger words and authors."""
    texts = _texts(document.get("trigger_words"))
    for source in _objects(document.get("sources")):
        author, slash, _ = text_of(source.get("repo")).partition("/")
        if slash:
            texts.append(author)
    return [_tag_tokens(text[:_MAX_VALUE]) for text in texts]


@cache  # as many as there are facets
def _value(field: str, value: str) -> _Value:
    value = value[:_MAX_VALUE]
    return (field, value), "" if field in _NOT_SEARCHED else _tag_tokens(value)


def _tag_tokens(value: str) -> str:
    typed = typed_words(value)
    tokens = [word.casefold() for word in typed]
    forms = other_forms(typed, tokens)
    if len(tokens) > 1:
        forms.append("".join(tokens))  # `q4km` finds `Q4_K_M`
    return mark(TAG, tokens + [form for form in forms if form not in tokens])


def _objects(value: object) -> list[Mapping[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    """The texts of a list; a text that stands where a list should be is one."""
    if isinstance(value, str):
        return [value]
    items = value[:_MAX_VALUES] if isinstance(value, list | tuple) else []
    return [item for item in items if isinstance(item, str)]


def _microseconds(value: object) -> int:
    """RFC 3339 to microseconds since 1970; 0 for what is no date."""
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(text_of(value))
    except ValueError:
        return 0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp() * 1_000_000)
