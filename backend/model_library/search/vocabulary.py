"""What is known of the indexed words themselves, to choose the faster of two ways to ask for them.

Nothing here changes what is found. Frequencies are those of the last rebuild, from a sample.
"""

from __future__ import annotations

import sqlite3

from model_library.search.schema import single

MANY_ENTRIES = 10_000  # that FTS5 puts together for a prefix in about a millisecond
_MAX_EXPANSION = 64  # words that a prefix is replaced by; looking each one up takes some 10 us
_LAST = "\U0010ffff"  # after every character of a word


class Vocabulary:
    """The words of one state of the index; every question is asked only once."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._entries: dict[tuple[str, str], int] = {}
        self._known: dict[str, list[str] | None] = {}

    def expansion(self, beginning: str) -> list[str] | None:
        """All words with this beginning; None when a search by prefix is the faster way."""
        if beginning not in self._known:
            frequent = self.entries(beginning, prefix=True) > MANY_ENTRIES
            self._known[beginning] = self._words(beginning) if frequent else None
        return self._known[beginning]

    def entries(self, word: str, *, prefix: bool) -> int:
        """About how many models have the word, or words with this beginning; 0 when they are few."""
        end = word + (_LAST if prefix else "\0")
        if (word, end) not in self._entries:
            sql = "SELECT coalesce(sum(models), 0) FROM frequent WHERE word >= ? AND word < ?"
            self._entries[word, end] = int(single(self._connection, sql, word, end))
        return self._entries[word, end]

    def _words(self, beginning: str) -> list[str] | None:
        self._connection.execute(
            "CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary"
            " USING fts5vocab('main', 'words', 'instance')"
        )
        # One row at a time: the rows of a word are its places, and the next word is sought anew.
        sql = "SELECT term FROM vocabulary WHERE term >= ? AND term < ? LIMIT 1"
        found: list[str] = []
        least, end = beginning, beginning + _LAST
        while row := self._connection.execute(sql, (least, end)).fetchone():
            if len(found) == _MAX_EXPANSION:
                return None
            found.append(row[0])
            least = f"{row[0]}\x01"
        return found
