"""From a `Query` to what SQLite is asked: FTS5 expressions and conditions on columns.

Relevance is a ladder of ever wider expressions instead of a score for every match: FTS5 hands out
the rows of an expression in the order of their numbers without looking at the rest, so the first
page costs the same however many models match. The rungs:

    1  a name of the model is exactly what was typed
    2  all terms are in its names, the first one at the beginning of one
    3  the term is in its names, as a whole word (when there is only one term)
    4  all terms are in its names
    5  all terms are in its names and tags
    6  all terms are somewhere

Within a rung the latest model comes first.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from model_library.search.facets import facet_word, find_facets, models_with, root_facets
from model_library.search.query import Filter, Phrase, Query, SizeFilter
from model_library.search.records import BODY, EXACT, MAX_INTEGER, NAME, START, TAG
from model_library.search.text import words
from model_library.search.vocabulary import Vocabulary

INDEXED_PREFIX = 6  # characters, with the marker: FTS5 has entries of its own for such beginnings
_EVERYWHERE = TAG + BODY  # names are among the tags


class Condition(NamedTuple):
    """SQL over the row `m` of `models`, with its parameters."""

    sql: str
    parameters: tuple[object, ...] = ()


class Rung(NamedTuple):
    expression: str
    within: str | None = None
    """An expression with all of the rows of this one: when it has none, neither has this one."""


class Plan(NamedTuple):
    """What must be true of a model to be found."""

    expression: str | None
    """For FTS5: everything that the full-text index answers; None when it is not needed."""
    conditions: tuple[Condition, ...]
    """What must be true besides."""
    exact: str | None = None
    """For FTS5: models of which a name is exactly what was typed; None without terms."""
    rungs: tuple[Rung, ...] = ()
    """What follows the exact ones, from narrow to wide; the rest of `expression` comes last."""
    rarest: int = 0
    """About how many models have the rarest of several things that must all be there, if many."""
    instead: tuple[Condition, ...] | None = None
    """Conditions that say the same as `expression`; None when it has words."""
    only_facet: int | None = None
    """The number of the one facet that is all that is asked for."""


class _Parts:
    """A plan while it is being made."""

    def __init__(self, conditions: list[Condition]) -> None:
        self.conditions = conditions
        self.required: list[str] = []
        self.forbidden: list[str] = []
        self.instead: list[Condition] | None = []
        self.facets: list[int] = []
        self.entries: list[int] = []
        """About how many models have each of the things that must be there."""

    def combined(self, expression: str) -> str:
        return _combined([expression, *self.required], self.forbidden)

    @property
    def rarest(self) -> int:
        return min(self.entries) if len(self.entries) > 1 else 0


def make_plan(connection: sqlite3.Connection, query: Query, vocabulary: Vocabulary) -> Plan | None:
    """How to answer the query; None when nothing can match."""
    parts = _Parts([_size_condition(size) for size in query.sizes])
    for one in query.filters:
        if not _add_filter(parts, connection, one, vocabulary):
            return None
    for phrases in query.exclusions:
        excluded = _all_of(phrases, _EVERYWHERE, vocabulary)
        if excluded is not None:
            parts.forbidden.append(excluded)
            parts.instead = None
    if query.terms:
        return _plan_of_terms(parts, query, vocabulary)
    return _plan_of_filters(parts, connection)


def _plan_of_terms(parts: _Parts, query: Query, vocabulary: Vocabulary) -> Plan:
    parts.entries += [_entries(term, vocabulary) for term in query.terms]
    exact = _quoted(EXACT, [query.exact])
    everywhere = _all_of(query.terms, _EVERYWHERE, vocabulary)
    rungs = [
        Rung(parts.combined(one.expression), one.within and parts.combined(one.within))
        for one in _rungs(query, vocabulary)
    ]
    return Plan(
        parts.combined(exact if everywhere is None else f"(({everywhere}) OR {exact})"),
        tuple(parts.conditions),
        parts.combined(exact),
        tuple(rungs),
        parts.rarest,
    )


def _plan_of_filters(parts: _Parts, connection: sqlite3.Connection) -> Plan | None:
    if parts.forbidden and not parts.required:  # NOT needs something to be taken from
        everything = _any_facet(root_facets(connection))
        if not everything:
            return None
        parts.required.append(f"({everything})")
    alone = len(parts.facets) == len(parts.required) == 1
    simple = alone and not parts.forbidden and not parts.conditions
    return Plan(
        _combined(parts.required, parts.forbidden) if parts.required else None,
        tuple(parts.conditions),
        rarest=parts.rarest,
        instead=None if parts.instead is None else tuple(parts.instead),
        only_facet=parts.facets[0] if simple else None,
    )


def _add_filter(
    parts: _Parts, connection: sqlite3.Connection, one: Filter, vocabulary: Vocabulary
) -> bool:
    """Add one filter; False when nothing can pass it."""
    if one.field in _COLUMNS:
        condition = _any_of([_COLUMNS[one.field](value) for value in one.values])
        parts.conditions.append(_negated(condition) if one.excluded else condition)
        return True
    if one.field == "name":
        expression = _named(one.values, vocabulary)
        parts.instead = None
    else:
        numbers = _facet_numbers(connection, one)
        expression = _any_facet(numbers)
        parts.facets += numbers
        if not one.excluded:
            parts.entries.append(models_with(connection, numbers))
        if parts.instead is not None:
            condition = _any_of([_has_facet(number) for number in numbers])
            parts.instead.append(_negated(condition) if one.excluded else condition)
    if expression:
        (parts.forbidden if one.excluded else parts.required).append(f"({expression})")
    return bool(expression) or one.excluded


def _named(values: Iterable[str], vocabulary: Vocabulary) -> str:
    """Models of which a name has all words of one of the values, one after the other."""
    phrases = [Phrase(tuple(found), prefix=True) for value in values if (found := words(value))]
    expressions = [_phrase(phrase, NAME, vocabulary) for phrase in phrases]
    return " OR ".join([f"({one})" for one in expressions if one is not None])


def _facet_numbers(connection: sqlite3.Connection, one: Filter) -> list[int]:
    fields = ("kind", "adapter_type") if one.field == "kind" else (one.field,)
    return [
        number
        for value in one.values
        for field in fields
        for number in find_facets(connection, field, value)
    ]


def _rungs(query: Query, vocabulary: Vocabulary) -> list[Rung]:
    first, several = query.terms[0], len(query.terms) > 1
    found: list[Rung] = []
    names = _all_of(query.terms, NAME, vocabulary)
    if names is not None:
        begins = Phrase(first.words[:1], first.prefix and len(first.words) == 1)
        start = _phrase(begins, START, vocabulary)
        if start is not None:
            found.append(Rung(f"({start}) AND {names}", f"({names})" if several else None))
        if first.prefix and not several:
            found.append(Rung(f"({_quoted(NAME, first.words)})"))
        found.append(Rung(f"({names})"))
    tags = _all_of(query.terms, TAG, vocabulary)
    if tags is not None:
        found.append(Rung(f"({tags})"))
    return found


def _entries(term: Phrase, vocabulary: Vocabulary) -> int:
    """About how many models have the rarest word of the phrase; 0 when they are few."""
    last = len(term.words) - 1
    return min(
        sum(
            vocabulary.entries(marker + word, prefix=term.prefix and place == last)
            for marker in _EVERYWHERE
        )
        for place, word in enumerate(term.words)
    )


def _all_of(phrases: Iterable[Phrase], markers: str, vocabulary: Vocabulary) -> str | None:
    """All phrases in fields with these markers; None when one of them is nowhere."""
    found = [_phrase(phrase, markers, vocabulary) for phrase in phrases]
    if None in found:
        return None
    return " AND ".join([f"({one})" for one in found])


def _phrase(phrase: Phrase, markers: str, vocabulary: Vocabulary) -> str | None:
    alternatives: list[str] = []
    for marker in markers:
        alternatives += _alternatives(marker, phrase, vocabulary)
    return " OR ".join(alternatives) or None


def _alternatives(marker: str, phrase: Phrase, vocabulary: Vocabulary) -> list[str]:
    """Expressions that together match the phrase in fields with this marker.

    FTS5 answers a prefix by putting together the entries of every word that has it, before it hands
    out the first row. Where these are many, it is better asked for the words themselves.
    """
    quoted = _quoted(marker, phrase.words)
    if not phrase.prefix:
        return [quoted]
    beginning = marker + phrase.words[-1]
    known = None
    if len(phrase.words) == 1 and len(beginning) > INDEXED_PREFIX and beginning.isascii():
        known = vocabulary.expansion(beginning)
    return [f"{quoted}*"] if known is None else [f'"{word}"' for word in known]


def _quoted(marker: str, sequence: Sequence[str]) -> str:
    return f'"{" ".join([marker + word for word in sequence])}"'


def _combined(required: Sequence[str], forbidden: Sequence[str]) -> str:
    wanted = " AND ".join(required)
    return f"({wanted}) NOT ({' OR '.join(forbidden)})" if forbidden else wanted


def _any_facet(numbers: Iterable[int]) -> str:
    return " OR ".join([f'"{facet_word(number)}"' for number in numbers])


def _has_facet(number: int) -> Condition:
    return Condition("instr(m.facets, ?)", (f" {facet_word(number)} ",))


def _size_condition(size: SizeFilter) -> Condition:
    ranges = [
        Condition(
            "m.size BETWEEN ? AND ?",
            (min(one.least, MAX_INTEGER), MAX_INTEGER if one.most is None else one.most),
        )
        for one in size.ranges
    ]
    return _negated(_any_of(ranges)) if size.excluded else _any_of(ranges)


def _state_condition(value: str) -> Condition:
    state = value.lower()
    few = "" if state == "online" else " AND m.state <> 'online'"  # these have an index
    return Condition(f"m.state = ?{few}", (state,))


def _id_condition(value: str) -> Condition:
    beginning = value.rstrip("*")
    upper = f"{beginning}\U0010ffff"
    sql = "m.model_id COLLATE NOCASE >= ? AND m.model_id COLLATE NOCASE < ?"
    return Condition(sql, (beginning, upper))


def _file_condition(value: str) -> Condition:
    found = words(value)
    if not found:
        return Condition("FALSE")
    return Condition("instr(m.file_words, ?)", (f" {' '.join(found)}",))


_COLUMNS: dict[str, Callable[[str], Condition]] = {
    "file": _file_condition,
    "id": _id_condition,
    "state": _state_condition,
}


def _any_of(conditions: Sequence[Condition]) -> Condition:
    sql = " OR ".join([f"({one.sql})" for one in conditions]) or "FALSE"
    return Condition(f"({sql})", tuple([p for one in conditions for p in one.parameters]))


def _negated(condition: Condition) -> Condition:
    return Condition(f"NOT {condition.sql}", condition.parameters)
