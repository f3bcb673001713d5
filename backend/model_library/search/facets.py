"""Facets: the values of kind, family, tags and so on, each known by a number.

A model's facets are kept as one text of facet words (` \ue001 \ue02a `), in its row and in the
full-text index. A facet word is one or two private characters made from the facet's number, which
no text of a model contains. Values are the same facet when their words are: `Q4_K_M` and `q4-k-m`.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from model_library.search.records import MATCH, ROOT, STATE
from model_library.search.schema import single
from model_library.search.text import joined, storable

COUNTED_FIELDS = (
    "kind",
    "adapter_type",
    "family",
    "container",
    "precision",
    "tier",
    "tags",
    "license",
    MATCH,
    STATE,
    ROOT,
)
TOP_VALUES = 20  # of one field that are returned, the most frequent first
MAX_WILDCARD = 500  # facets that one `tag:a*` stands for, the most frequent first

_TAGS = "tags"  # has by far the most values
_VERBATIM = frozenset((ROOT, STATE))
_BEFORE_ALL = (-1, 0)
_LOW, _HIGH, _BASE = 0xE000, 0xF000, 0x1000  # private use area: U+E000..EFFF, then U+F000..F8FF


def facet_key(field: str, value: str) -> str:
    """What makes two values the same facet."""
    return value if field in _VERBATIM else joined(value) or value.strip()


def facet_word(number: int) -> str:
    """The word that stands for a facet; its number is at least 1 and below 9 million."""
    high, low = divmod(number, _BASE)
    return chr(_HIGH + high - 1) + chr(_LOW + low) if high else chr(_LOW + low)


def facet_number(word: str) -> int:
    if len(word) == 1:
        return ord(word) - _LOW
    return (ord(word[0]) - _HIGH + 1) * _BASE + ord(word[1]) - _LOW


def word_of(connection: sqlite3.Connection, field: str, value: str) -> str | None:
    """The word of a value, or None when no model ever had it."""
    sql = "SELECT id FROM facets WHERE field = ? AND key = ?"
    row = connection.execute(sql, (field, facet_key(field, value))).fetchone()
    return None if row is None else facet_word(row[0])


class FacetCounter:
    """The facet words of values that have theirs, and how many models have which."""

    def __init__(self) -> None:
        self._words: dict[tuple[str, str], str] = {}
        self._changes: Counter[str] = Counter()

    def unknown(self, facets: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Those that have no word yet, once each."""
        known = self._words
        return list(dict.fromkeys([pair for pair in facets if pair not in known]))

    def learn(self, facets: Iterable[tuple[str, str]], words: Iterable[str]) -> None:
        self._words.update(zip(facets, words, strict=True))

    def take_changes(self) -> Counter[str]:
        """By how much the number of models with each word changed since it was asked last."""
        changes, self._changes = self._changes, Counter()
        return changes

    def words(self, facets: Iterable[tuple[str, str]]) -> str:
        """The facet words of these pairs of field and value, counted once more each."""
        known = self._words
        found = dict.fromkeys([known.get(pair) or self.word(pair) for pair in facets])
        self._changes.update(found.keys())
        return f" {' '.join(found)} "

    def word(self, pair: tuple[str, str]) -> str:
        """The facet word of a field and a value."""
        return self._words[pair]

    def forget(self, words: str) -> None:
        """The model with these facet words is going."""
        self._changes.subtract(words.split())

    def count_state(self, state: str, change: int) -> None:
        self._changes[self.word((STATE, state))] += change


class FacetWriter(FacetCounter):
    """Gives facets their numbers and keeps count of their models, within one transaction.

    Counts are written by `flush`. `fresh` says that the table is empty, so that nothing needs to be
    looked for in it.
    """

    def __init__(self, connection: sqlite3.Connection, *, fresh: bool = False) -> None:
        super().__init__()
        self._connection = connection
        self._fresh = fresh
        self._by_key: dict[tuple[str, str], str] = {}
        self._new: dict[str, tuple[int, str, str, str]] = {}
        self._turns: dict[str, tuple[int, int]] = {}
        self._next = 1
        if not fresh:
            self._next = single(connection, "SELECT coalesce(max(id), 0) FROM facets") + 1

    def word(self, pair: tuple[str, str]) -> str:
        """The facet word of a field and a value."""
        if pair in self._words:
            return self._words[pair]
        field, value = pair[0], storable(pair[1])
        key = (field, facet_key(field, value))
        word = self._by_key.get(key) or self._stored(key)
        if word is None:
            word = facet_word(self._next)
            self._new[word] = (self._next, *key, value)
            self._next += 1
        self._words[pair] = self._by_key[key] = word
        return word

    def word_in_turn(self, pair: tuple[str, str], turn: tuple[int, int]) -> str:
        """The same where values do not come in their order: of several ways to write one, the way of
        the lowest turn is kept. What has a word without a turn came before all of them."""
        before = self._next
        word = self.word(pair)
        if self._next > before or turn < self._turns.get(word, _BEFORE_ALL):
            self._turns[word] = turn
            self._new[word] = (*self._new[word][:3], storable(pair[1]))
        return word

    def count(self, changes: Mapping[str, int]) -> None:
        """Changes that another FacetCounter counted."""
        self._changes.update(changes)

    def flush(self) -> None:
        new = list(self._new.values())
        self._connection.executemany("INSERT INTO facets VALUES (?, ?, ?, ?, 0)", new)
        self._connection.executemany(
            "UPDATE facets SET models = models + ? WHERE id = ?",
            [
                (change, facet_number(word))
                for word, change in self.take_changes().items()
                if change
            ],
        )
        self._new.clear()

    def _stored(self, key: tuple[str, str]) -> str | None:
        if self._fresh:
            return None
        sql = "SELECT id FROM facets WHERE field = ? AND key = ?"
        row = self._connection.execute(sql, key).fetchone()
        return None if row is None else facet_word(row[0])


def find_facets(connection: sqlite3.Connection, field: str, value: str) -> list[int]:
    """Numbers of the facets that a filter value means: `*` at its end stands for any rest, and a
    root is known by the beginning of its id."""
    if field == ROOT:
        key = value.strip("*").lower()
    elif value.endswith("*"):
        key = joined(value)
    else:
        sql = "SELECT id FROM facets WHERE field = ? AND key = ?"
        rows = connection.execute(sql, (field, facet_key(field, value)))
        return [number for (number,) in rows]
    sql = (
        "SELECT id FROM facets WHERE field = ? AND key >= ? AND key < ? AND models > 0"
        " ORDER BY models DESC LIMIT ?"
    )
    rows = connection.execute(sql, (field, key, f"{key}\U0010ffff", MAX_WILDCARD))
    return [number for (number,) in rows]


def root_facets(connection: sqlite3.Connection) -> list[int]:
    """Facets of which every model has one."""
    rows = connection.execute("SELECT id FROM facets WHERE field = ?", (ROOT,))
    return [number for (number,) in rows]


def models_with(connection: sqlite3.Connection, numbers: Sequence[int]) -> int:
    """How many models have these facets, added up."""
    marks = ", ".join("?" * len(numbers))
    sql = f"SELECT coalesce(sum(models), 0) FROM facets WHERE id IN ({marks})"  # noqa: S608 - `?` only
    return int(single(connection, sql, *numbers))


def all_counts(connection: sqlite3.Connection) -> Mapping[str, Mapping[str, int]]:
    """Facet counts of the whole library."""
    sql = (
        "SELECT value, models FROM facets WHERE field = ? AND models > 0"
        " ORDER BY models DESC, value LIMIT ?"
    )
    return {
        field: dict(connection.execute(sql, (field, TOP_VALUES)).fetchall())
        for field in COUNTED_FIELDS
    }


def counts_of(
    connection: sqlite3.Connection, facet_words: Iterable[str], states: Mapping[str, int]
) -> Mapping[str, Mapping[str, int]]:
    """Facet counts of some models, from the facet words of each and how many have which state."""
    counted = Counter("".join(facet_words).split())
    known = {
        facet_word(number): (field, value)
        for number, field, value in connection.execute(
            "SELECT id, field, value FROM facets WHERE field <> 'tags'"
        )
    }
    found: dict[str, dict[str, int]] = {field: {} for field in COUNTED_FIELDS}
    for word, count in counted.most_common():
        field, value = known.get(word, (_TAGS, ""))
        if field not in found or len(found[field]) >= TOP_VALUES:
            continue
        if field == _TAGS:
            sql = "SELECT value FROM facets WHERE id = ?"
            value = single(connection, sql, facet_number(word))
        found[field][value] = count
    found[STATE] = dict(sorted(states.items(), key=lambda pair: -pair[1]))
    return found
