"""TOML tables read key by key: what has the wrong type, the wrong value or no meaning is one clear error
that names file, line and key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

from model_library.errors import ProfileError

_UNITS: Final[Mapping[str, int]] = {
    "": 1,
    "b": 1,
    **{f"{unit}b": 1000**power for power, unit in enumerate("kmgt", 1)},
    **{f"{unit}ib": 1024**power for power, unit in enumerate("kmgt", 1)},
}
_SIZE: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", re.IGNORECASE)
_MOST_BYTES: Final = 2**63  # of a file, on every filesystem
_MAX_BYTES: Final = 1024 * 1024  # of a profile; the largest built in has 8 KB


class Document:
    """The text of one profile, to tell where in it something is."""

    def __init__(self, data: bytes, path: Path) -> None:
        """Raises ProfileError when it is no TOML."""
        self.path = path
        if len(data) > _MAX_BYTES:
            raise ProfileError("The file is too large for a profile", path=path)
        try:
            self._text = data.decode()
            top = tomllib.loads(self._text)
        except (ValueError, RecursionError) as error:
            raise ProfileError(f"It is no valid TOML: {error}", path=path) from error
        self.top = Table(self, "", 0, top)

    def error(self, table: Table, key: str, problem: str) -> ProfileError:
        """An error about one key, with its line."""
        name = f"{table.label}.{key}" if table.label else key
        return ProfileError(f"line {self._line(table, key)}: {name} {problem}", path=self.path)

    def _line(self, table: Table, key: str) -> int:
        """The line of a key, or that of its table's heading when the key is not on a line of its own."""
        lines = self._text.splitlines()
        start = 0
        if table.name:
            heading = re.compile(rf"\s*\[\[?\s*{re.escape(table.name)}\s*\]")
            headings = [number for number, line in enumerate(lines) if heading.match(line)]
            start = headings[table.index] if table.index < len(headings) else 0
        wanted = re.compile(rf"\s*(?:\[+\s*)?[\"']?{re.escape(key)}[\"']?\s*[\]=.]")
        for number in range(start, len(lines)):
            if wanted.match(lines[number]):
                return number + 1
        return start + 1


class Table:
    """One table; every key is taken once, and `finish` refuses those that nobody took."""

    def __init__(
        self, document: Document, name: str, index: int, values: Mapping[str, Any]
    ) -> None:
        self.name = name
        self.index = index
        """Which of several tables of one name, from 0."""
        self._document = document
        self._values = dict(values)

    @property
    def label(self) -> str:
        return f"{self.name}[{self.index + 1}]" if self.name in _REPEATED else self.name

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def error(self, key: str, problem: str) -> ProfileError:
        return self._document.error(self, key, problem)

    def finish(self, known: Collection[str]) -> None:
        """Raises ProfileError for a key that is not among the known ones."""
        for key in self._values:
            if key not in known:
                raise self.error(key, f"is no key here; possible: {', '.join(sorted(known))}")

    def text(self, key: str, default: str = "") -> str:
        value = self._values.get(key, default)
        if not isinstance(value, str):
            raise self.error(key, "must be a text")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.error(key, "must be a list of texts")
        return tuple(dict.fromkeys(value))

    def lowered(self, key: str) -> frozenset[str]:
        return frozenset(one.casefold() for one in self.texts(key))

    def words(self, key: str, possible: Collection[str]) -> frozenset[str]:
        """A list of words from a closed set."""
        found = self.texts(key)
        for one in found:
            if one not in possible:
                raise self.error(key, f"has {one!r}; possible: {', '.join(sorted(possible))}")
        return frozenset(found)

    def word(self, key: str, possible: Collection[str], default: str) -> str:
        found = self.text(key, default)
        if found not in possible:
            raise self.error(key, f"is {found!r}; possible: {', '.join(sorted(possible))}")
        return found

    def flag(self, key: str, default: bool) -> bool:
        value = self._values.get(key, default)
        if not isinstance(value, bool):
            raise self.error(key, "must be true or false")
        return value

    def number(self, key: str, default: int) -> int:
        value = self._values.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.error(key, "must be a whole number")
        return value

    def size(self, key: str) -> int | None:
        """Bytes: a number, or a text such as "8GB" (10^9) or "8 GiB" (2^30)."""
        value = self._values.get(key)
        if value is None:
            return None
        if isinstance(value, int) and value > _MOST_BYTES:
            raise self.error(key, "is larger than any file can be")
        match = _SIZE.fullmatch(str(value)) if isinstance(value, (int, str)) else None
        unit = None if match is None else _UNITS.get(match[2].lower())
        if match is None or unit is None or isinstance(value, bool):
            raise self.error(key, 'must be a size such as "8GB" or "500 MiB"')
        size = float(match[1]) * unit
        if size > _MOST_BYTES:
            raise self.error(key, "is larger than any file can be")
        return int(size)

    def table(self, key: str) -> Table:
        value = self._values.get(key, {})
        if not isinstance(value, dict):
            raise self.error(key, f"must be a table: [{key}]")
        return Table(self._document, key, 0, value)

    def tables(self, key: str) -> list[Table]:
        value = self._values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise self.error(key, f"must be tables: [[{key}]]")
        return [Table(self._document, key, index, one) for index, one in enumerate(value)]


_REPEATED: Final = frozenset({"rule", "known"})
