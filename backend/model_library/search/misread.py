"""What of a typed query was not understood, so that an empty result is not a riddle. Pure.

A name that no filter has and a size that is none are looked for as words; a value that a field can never have finds
nothing. Each is told with what was probably meant and what is possible.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from enum import StrEnum
from typing import Final, NamedTuple

from model_library.search.query import FIELDS, is_size, values_of, written_filters
from model_library.search.records import PENDING
from model_library.search.text import words
from model_library.taxonomy import (
    AdapterType,
    Container,
    Kind,
    MatchMethod,
    ModelForm,
    ModelState,
    SecurityTier,
)

_SIZES: Final = "Write e.g. size:>4GB, size:1GB..2GB or size:700MB."
_MODIFIED: Final = "modified"
"""Value of `match` for a model that is published with other bytes."""


class Misread(NamedTuple):
    code: str
    message: str
    hint: str


def misread(text: str, filters: Mapping[str, str]) -> tuple[Misread, ...]:
    """Everything in a query and in further filters that cannot have been meant, each once."""
    written = [*written_filters(text), *filters.items()]
    return tuple(dict.fromkeys(told for name, value in written for told in _told(name, value)))


def _told(name: str, value: str) -> Iterator[Misread]:
    field = FIELDS.get(name.lower())
    if field is None:
        message = f"No filter is named {name!r}; it was looked for as a word."
        hint = f"Filters: {', '.join(sorted(FIELDS))}."
        yield Misread("unknown-filter", message + _meant(name.lower(), FIELDS, "{}:"), hint)
    elif field == "size":
        if not is_size(value):
            message = f"{value!r} is no size; it was looked for as a word."
            yield Misread("unknown-value", message, _SIZES)
    elif field in _CLOSED:
        for one in values_of(value):
            if not _is_possible(one, _CLOSED[field]):
                message = f"{one!r} is no {name.lower()}; nothing can be found by it."
                possible = f"Possible: {', '.join(_CLOSED[field])}."
                yield Misread("unknown-value", message + _meant(one, _CLOSED[field]), possible)


def _is_possible(value: str, possible: Iterable[str]) -> bool:
    """Compared as the index does: whole, without case and separators, a `*` for every continuation."""
    typed = " ".join(words(value))
    known = [" ".join(words(one)) for one in possible]
    return any(one.startswith(typed) for one in known) if value.endswith("*") else typed in known


def _meant(typed: str, possible: Iterable[str], form: str = "{}") -> str:
    near = get_close_matches(typed.lower(), [*possible], 1)
    return f" Did you mean {form.format(near[0])}?" if near else ""


def _of(*enums: type[StrEnum], more: Iterable[str] = ()) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*(one.value for enum in enums for one in enum), *more]))


_CLOSED: Final[Mapping[str, tuple[str, ...]]] = {
    "adapter_type": _of(AdapterType),
    "container": _of(Container),
    "form": _of(ModelForm),
    "kind": _of(Kind, AdapterType),
    "match": _of(MatchMethod, more=(_MODIFIED, PENDING)),
    "state": _of(ModelState),
    "tier": _of(SecurityTier),
}
"""The fields that have only these values."""
