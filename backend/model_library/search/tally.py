"""What is counted while the rows of a whole index are made, and stored with it at the end."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from model_library.search.records import MARKERS
from model_library.search.writer import Row, add_to_totals

_SAMPLED = 50  # of so many models one is looked at for the frequent words
_FREQUENT = 2000  # models that have a word which counts as frequent


@dataclass(slots=True)
class Tally:
    """Models, the bytes of their files, and how many of the sampled models have which word."""

    models: int = 0
    size: int = 0
    sample: Counter[str] = field(default_factory=Counter)

    def add(self, rows: Sequence[Row]) -> None:
        self.models += len(rows)
        self.size += sum(row.size for row in rows)
        for row in rows[::_SAMPLED]:
            self.sample.update(set(row.words[1].split()))

    def merge(self, other: Tally) -> None:
        self.models += other.models
        self.size += other.size
        self.sample.update(other.sample)

    def store(self, connection: sqlite3.Connection, last_id: int) -> None:
        frequent = [
            (word, found * _SAMPLED)
            for word, found in self.sample.items()
            if found * _SAMPLED >= _FREQUENT and word[0] in MARKERS
        ]
        connection.executemany("INSERT INTO frequent VALUES (?, ?)", frequent)
        totals = {"models": self.models, "bytes": self.size, "last_id": last_id}
        add_to_totals(connection, totals)
