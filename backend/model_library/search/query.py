"""The query language: what a person types becomes a `Query`. Pure; any text is a valid query.

    query     items separated by white space, in any order; all of them must be true of a model
    item      word | "a phrase" | field:value | size:sizes        with `-` in front: must not be true
    word      matches the same word of a name, a tag, a trigger word, the kind, family, precision,
              the description or the notes, without regard to case and diacritics. Whatever is no
              letter or digit separates: `sdxl_vae` means `sdxl vae`. Single characters stay with
              their neighbour, so `3.1` and `Q4_K_M` must stand together as written. The last word
              of a query, and every word with `*` behind it, may be the beginning of a word
    field     kind (with adapter types: kind:lora), family, tag, container (format), precision
              (quant), tier, state, match, license, variant, lineage, adapter, task, form, name, file, id, root
    value     one or more texts separated by commas (any of them); with spaces or commas inside
              quotes: tag:"oil painting",anime. Compared whole, without regard to case, diacritics
              and separators; a `*` at the end matches every continuation. name: and file: look for
              words, id: and root: for the beginning
    sizes     >4GB  >=4GB  <4GB  <=4GB  2GB..4GB  2GB..  ..4GB  4GB (rounds to it)  4096 (bytes);
              KB MB GB TB are powers of 1000, KiB MiB GiB TiB of 1024; commas mean any of them

What does not fit the language is taken as words: `foo:bar`, `size:big`, a lone `-` or quote, the
operators of FTS5. A quote that is never closed ends with the text. A field without a value yet
(`kind:`) says nothing. Of very long texts the first MAX_CHARACTERS and MAX_TERMS count.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from model_library.errors import InvalidValueError
from model_library.search.text import storable, words

MAX_CHARACTERS = 1000
MAX_TERMS = 32  # of all kinds together
MAX_VALUES = 32  # of one filter

FIELDS: Mapping[str, str] = {
    "adapter": "adapter_type",
    "adapter_type": "adapter_type",
    "container": "container",
    "family": "family",
    "file": "file",
    "form": "form",
    "format": "container",
    "id": "id",
    "kind": "kind",
    "license": "license",
    "lineage": "lineage",
    "match": "match",
    "name": "name",
    "precision": "precision",
    "quant": "precision",
    "root": "root",
    "size": "size",
    "state": "state",
    "tag": "tags",
    "tags": "tags",
    "task": "tasks",
    "tasks": "tasks",
    "tier": "tier",
    "type": "kind",
    "variant": "variant",
}
"""The name a person types to the field it means."""

_ITEM = re.compile(r'(?P<minus>-?)(?:(?P<field>[A-Za-z_]+):)?(?P<value>(?:"[^"]*(?:"|\Z)|[^\s"])*)')
_VALUE = re.compile(r'(?:"([^"]*)(?:"|\Z)|([^,"]))+')
_SIZE = r"(?P<number>\d{1,15}(?:\.\d{0,6})?)(?P<unit>[kmgt]?(?:ib|b)?)"
_WEIGHT_FILE = re.compile(r"(?<=.)\.(?:safetensors|gguf|ckpt|pth?|bin|onnx)\Z", re.IGNORECASE)
_UNFINISHED_SIZES = frozenset(("", ">", "<", "=", ">=", "<=", ".."))
_PREFIXES = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


class Phrase(NamedTuple):
    """Words that must follow one another; at least one."""

    words: tuple[str, ...]
    prefix: bool = False
    """The last word may be the beginning of a word."""


class Filter(NamedTuple):
    """One field must have any of the values, or none of them when excluded."""

    field: str
    values: tuple[str, ...]
    excluded: bool = False


class SizeRange(NamedTuple):
    """Bytes, both ends included; None is without end."""

    least: int
    most: int | None = None


class SizeFilter(NamedTuple):
    ranges: tuple[SizeRange, ...]
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. All terms and filters must be true, no exclusion may be."""

    terms: tuple[Phrase, ...] = ()
    exclusions: tuple[tuple[Phrase, ...], ...] = ()
    """Each excludes the models that all of its phrases match."""
    filters: tuple[Filter, ...] = ()
    sizes: tuple[SizeFilter, ...] = ()
    exact: str = ""
    """All words of the terms as one: a model of this name comes first."""

    @property
    def is_empty(self) -> bool:
        return not (self.terms or self.exclusions or self.filters or self.sizes)


def parse_query(text: str) -> Query:
    """Understand what a person typed; never fails."""
    terms: list[Phrase] = []
    exclusions: list[tuple[Phrase, ...]] = []
    filters: list[Filter] = []
    sizes: list[SizeFilter] = []
    last = ""
    for item in _items(storable(text[:MAX_CHARACTERS])):
        if item.filter is not None:
            filters.append(item.filter)
        elif item.size is not None:
            sizes.append(item.size)
        elif item.excluded:
            exclusions.append(item.phrases)
        else:
            terms += item.phrases
            last = item.text
        if len(terms) + len(exclusions) + len(filters) + len(sizes) >= MAX_TERMS:
            break
    del terms[MAX_TERMS:]
    if terms and _may_go_on(last):
        terms[-1] = terms[-1]._replace(prefix=True)
    exact = "".join(word for term in terms for word in term.words)
    return Query(tuple(terms), tuple(exclusions), tuple(filters), tuple(sizes), exact)


def with_filters(query: Query, filters: Mapping[str, str]) -> Query:
    """The query narrowed by more filters, given as field and value in the language above.

    Raises InvalidValueError for an unknown field and a size that is none.
    """
    for name, text in filters.items():
        field, value = FIELDS.get(name), storable(text)
        if field is None:
            known = ", ".join(sorted(FIELDS))
            raise InvalidValueError(f"No filter is named {name!r}", hint=f"There are: {known}.")
        if field == "size":
            ranges = _size_ranges(value)
            if not ranges:
                raise InvalidValueError(
                    f"{value!r} is no size", hint="Write e.g. >4GB or 1GB..2GB."
                )
            query = replace(query, sizes=(*query.sizes, SizeFilter(ranges)))
        elif values := _values(value):
            query = replace(query, filters=(*query.filters, Filter(field, values)))
    return query


def written_filters(text: str) -> Iterator[tuple[str, str]]:
    """Name and value of what is written like a filter, known or not: `knd`, `lora` of `knd:lora`. Those without
    a value yet and addresses (`https://...`) are left out."""
    for match in _ITEM.finditer(storable(text[:MAX_CHARACTERS])):
        name, value = match["field"], match["value"]
        if name and value and not value.startswith("/"):
            yield name, value


def is_size(text: str) -> bool:
    """Whether a text is a size or the beginning of one."""
    return text in _UNFINISHED_SIZES or bool(_size_ranges(text))


def values_of(text: str) -> tuple[str, ...]:
    """The values of a filter, any of which a model must have."""
    return _values(storable(text))


class _Item(NamedTuple):
    text: str = ""
    excluded: bool = False
    phrases: tuple[Phrase, ...] = ()
    filter: Filter | None = None
    size: SizeFilter | None = None


def _items(text: str) -> Iterator[_Item]:
    position = 0
    while position < len(text):
        match = _ITEM.match(text, position)
        position = max(position + 1, match.end() if match else 0)
        if match and (item := _item(match["minus"] == "-", match["field"] or "", match["value"])):
            yield item


def _item(excluded: bool, name: str, value: str) -> _Item | None:
    field = FIELDS.get(name.lower())
    if field == "size":
        if ranges := _size_ranges(value):
            return _Item(size=SizeFilter(ranges, excluded))
        if value in _UNFINISHED_SIZES:
            return None
    elif field is not None:
        values = _values(value)
        return _Item(filter=Filter(field, values, excluded)) if values else None
    text = f"{name} {value}" if name else _WEIGHT_FILE.sub("", value)
    phrases = _phrases(text)
    return _Item(text, excluded, phrases) if phrases else None


def _phrases(text: str) -> tuple[Phrase, ...]:
    """The phrases of one item: what is in quotes stays together."""
    found: list[Phrase] = []
    for number, piece in enumerate(text.split('"')):
        typed = words(piece)
        groups = [typed] if number % 2 else _grouped(typed)
        found += [Phrase(tuple(group)) for group in groups if group]
        if groups and piece.endswith("*") and number % 2 == 0:
            found[-1] = found[-1]._replace(prefix=True)
    return tuple(found)


def _grouped(typed: list[str]) -> list[list[str]]:
    """Single characters stay with the word before them, at the beginning with the one behind."""
    groups: list[list[str]] = []
    for word in typed:
        alone = len(groups) == 1 and len(groups[0]) == 1 and len(groups[0][0]) == 1
        if groups and (len(word) == 1 or alone):
            groups[-1].append(word)
        else:
            groups.append([word])
    return groups


def _may_go_on(last: str) -> bool:
    """Whether the last item ends in a word outside quotes, or inside quotes not closed yet."""
    return not last.endswith('"') or last.count('"') % 2 == 1


def _values(text: str) -> tuple[str, ...]:
    values = (match[0].replace('"', "").strip() for match in _VALUE.finditer(text))
    return tuple(dict.fromkeys(value for value in values if value))[:MAX_VALUES]


def _size_ranges(text: str) -> tuple[SizeRange, ...]:
    """The ranges, or none at all when one of them cannot be understood."""
    found = [_size_range(piece.strip()) for piece in text.replace('"', "").split(",")[:MAX_VALUES]]
    return tuple(r for r in found if r is not None) if None not in found else ()


def _size_range(text: str) -> SizeRange | None:
    for sign, build in _COMPARISONS.items():
        if text.startswith(sign):
            size = _bytes(text.removeprefix(sign).strip())
            return None if size is None else build(size[0])
    if ".." in text:
        return _between(*text.split("..", 1))
    size = _bytes(text)
    if size is None:
        return None
    value, precision = size
    return SizeRange(max(0, value - precision // 2), value + (precision - 1) // 2)


_COMPARISONS: Mapping[str, Callable[[int], SizeRange]] = {
    ">=": SizeRange,
    "<=": lambda size: SizeRange(0, size),
    ">": lambda size: SizeRange(size + 1),
    "<": lambda size: SizeRange(0, size - 1),
    "=": lambda size: SizeRange(size, size),
}


def _between(first: str, second: str) -> SizeRange | None:
    ends = [_bytes(end.strip()) if end.strip() else None for end in (first, second)]
    given = [bool(first.strip()), bool(second.strip())]
    if given != [end is not None for end in ends] or not any(given):
        return None
    least, most = ends
    return SizeRange(0 if least is None else least[0], None if most is None else most[0])


def _bytes(text: str) -> tuple[int, int] | None:
    """A size in bytes, and the bytes that its last written digit stands for."""
    match = re.fullmatch(_SIZE, text, re.IGNORECASE)
    if match is None:
        return None
    unit = match["unit"].lower()
    base = 1024 if unit.endswith("ib") else 1000
    scale = base ** _PREFIXES[unit.removesuffix("b").removesuffix("i")]
    whole, _, fraction = match["number"].partition(".")
    precision = max(1, scale // 10 ** len(fraction))
    return (int(whole + fraction) * scale // 10 ** len(fraction), precision)
