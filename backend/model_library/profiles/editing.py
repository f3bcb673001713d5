"""Small changes to a profile of the user that leave the rest of its file as it is, comments included.

A change is made in the text and proven by reading it: when the file then says anything else than what it said
with that change, it is written in a way that this cannot do, and nothing is changed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from model_library.errors import InvalidValueError, ProfileError
from model_library.profiles.choosing import load_profile, read_profile
from model_library.profiles.discovery import rule_for
from model_library.profiles.profile import Profile, ProfileName
from model_library.profiles.reading import FILTER_KEYS
from model_library.profiles.writing import heading, held_in, path_of, quoted, rule_as_toml

SIZES: Final = frozenset({"min_size", "max_size"})
_HEADER: Final = re.compile(r"\s*\[\[?\s*([A-Za-z_]+)\s*\]\]?\s*(?:#.*)?")
_MOST_LINES: Final = 2000
"""Of one value: a list may go over several lines."""


@dataclass(frozen=True, slots=True)
class Edits:
    """What is to be different. Directories are compared in any case."""

    off: Sequence[str] = ()
    """Directories whose rules are switched off."""
    on: Sequence[str] = ()
    conditions: Mapping[str, str] = field(default_factory=dict)
    """Of `[filter]`: lists with commas, sizes as `8GB`; an empty text takes a key away."""
    rules: Sequence[str] = ()
    """New rules, `DIRECTORY=KIND[,KIND...]`."""
    drop: Sequence[str] = ()
    """Directories whose rules of the user's own go away."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A profile of the user as it would be."""

    path: Path
    held: bytes | None
    """What the file holds now."""
    data: bytes
    profile: Profile


def begun(name: ProfileName, user_directory: Path) -> tuple[bytes | None, bytes]:
    """What the user's profile holds, and that or what a new one begins with. Raises ProfileError, FileError."""
    held = held_in(path_of(name, user_directory))
    if held is not None:
        return held, held
    try:
        load_profile(str(name), user_directory)
    except ProfileError:
        base = ProfileName(name.app)
        load_profile(str(base), user_directory)
        return None, heading(name, base).encode()
    return None, heading(name).encode()


def drafted(
    name: ProfileName, user_directory: Path, edits: Edits, text: str | None = None
) -> Draft:
    """The user's profile with these changes, or with another text; nothing is written.

    Raises InvalidValueError, ProfileError for what would be no valid profile, FileError.
    """
    path = path_of(name, user_directory)
    held, start = begun(name, user_directory)
    try:
        data = start if text is None else text.encode()
        data = _edited(data, path, user_directory, edits)
    except UnicodeEncodeError as error:
        raise InvalidValueError("The change holds what is no text") from error
    return Draft(path, held, data, read_profile(data, path, user_directory))


def _edited(data: bytes, path: Path, user_directory: Path, edits: Edits) -> bytes:
    if edits == Edits():
        return data
    before = read_profile(data, path, user_directory)
    wanted = tomllib.loads(data.decode())
    lines = _Lines(data)
    for target in edits.drop:
        _drop(lines, wanted, target)
    for word in edits.rules:
        _add(lines, wanted, word, before)
    for key, value in edits.conditions.items():
        _condition(lines, wanted, key, value)
    _switch(lines, wanted, edits)
    edited = lines.data()
    try:
        is_right = tomllib.loads(edited.decode()) == wanted
    except tomllib.TOMLDecodeError:
        is_right = False
    if not is_right:
        raise ProfileError(
            "It is written in a way that cannot be changed from here",
            path=path,
            hint="Change its text instead.",
        )
    return edited


class _Lines:
    """The lines of a TOML file; a carriage return at the end of one stays where it is."""

    def __init__(self, data: bytes) -> None:
        text = data.decode()
        self._end = "\r" if "\r\n" in text else ""
        self.lines = text.removesuffix("\n").split("\n")

    def data(self) -> bytes:
        return ("\n".join(self.lines) + "\n").encode()

    def append(self, *lines: str) -> None:
        self.lines += [line + self._end for line in lines]

    def headers(self) -> list[tuple[int, str]]:
        """Line and name of each table."""
        found = ((number, _HEADER.fullmatch(line)) for number, line in enumerate(self.lines))
        return [(number, match[1]) for number, match in found if match is not None]

    def block(self, start: int) -> int:
        """The line after the table that begins there; comments above the next one are of that."""
        after = [number for number, _ in self.headers() if number > start]
        end = after[0] if after else len(self.lines)
        while after and end > start + 1 and self.lines[end - 1].lstrip()[:1] in ("", "#"):
            end -= 1
        return end

    def put(self, key: str, value: str | None, start: int, end: int) -> None:
        """Set a key between two lines; without a value take it away."""
        line = [] if value is None else [f"{key} = {value}{self._end}"]
        found = self._assignment(key, start, end)
        if found is None:
            while end > start and self.lines[end - 1].lstrip()[:1] in ("", "#"):
                end -= 1
            found = (end, end)
        self.lines[found[0] : found[1]] = line

    def _assignment(self, key: str, start: int, end: int) -> tuple[int, int] | None:
        named = re.compile(rf"\s*{re.escape(key)}\s*=")
        for first in range(start, end):
            if named.match(self.lines[first]):
                for last in range(first + 1, min(end, first + _MOST_LINES) + 1):
                    if _is_toml("\n".join(self.lines[first:last]) + "\n"):
                        return first, last
        return None


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _listed(values: Sequence[str]) -> str:
    return f"[{', '.join(map(quoted, values))}]"


def _switch(lines: _Lines, wanted: dict[str, Any], edits: Edits) -> None:
    if not edits.off and not edits.on:
        return
    now = {target.casefold(): target for target in wanted.get("off", [])}
    for target in edits.on:
        if now.pop(target.casefold(), None) is None:
            raise InvalidValueError(f"{target!r} is not switched off in this profile")
    now |= {target.casefold(): target for target in edits.off if target.casefold() not in now}
    headers = lines.headers()
    end = headers[0][0] if headers else len(lines.lines)
    lines.put("off", _listed([*now.values()]) if now else None, 0, end)
    if now:
        wanted["off"] = [*now.values()]
    else:
        wanted.pop("off", None)


def _condition(lines: _Lines, wanted: dict[str, Any], key: str, value: str) -> None:
    if key not in FILTER_KEYS:
        hint = f"Possible: {', '.join(sorted(FILTER_KEYS))}."
        raise InvalidValueError(f"{key!r} is no condition of a filter", hint=hint)
    start = next((number for number, name in lines.headers() if name == "filter"), None)
    if start is None:
        if not value.strip():
            return
        start = len(lines.lines) + 1
        lines.append("", "[filter]")
    text: str | None = None
    table = wanted.setdefault("filter", {})
    if key in SIZES and value.strip():
        table[key], text = value.strip(), quoted(value.strip())
    elif value.strip():
        table[key] = list(dict.fromkeys(filter(None, map(str.strip, value.split(",")))))
        text = _listed(table[key])
    else:
        table.pop(key, None)
    lines.put(key, text, start + 1, lines.block(start))


def _add(lines: _Lines, wanted: dict[str, Any], word: str, before: Profile) -> None:
    directory, separator, kinds = word.rpartition("=")
    if not separator:
        raise InvalidValueError(f"{word!r} is not of the form DIRECTORY=KIND[,KIND...]")
    rule = rule_for(directory, [kind.strip() for kind in kinds.split(",")], before.defaults)
    toml = rule_as_toml(rule)
    lines.append(*toml.removesuffix("\n").split("\n"))
    wanted.setdefault("rule", []).extend(tomllib.loads(toml)["rule"])


def _drop(lines: _Lines, wanted: dict[str, Any], target: str) -> None:
    rules: list[dict[str, Any]] = wanted.get("rule", [])
    numbers = [
        number
        for number, rule in enumerate(rules)
        if str(rule.get("target", "")).removesuffix("/").casefold() == target.casefold()
    ]
    if not numbers:
        raise InvalidValueError(f"This profile has no rule of its own for {target!r}")
    for number in reversed(numbers):
        starts = [line for line, name in lines.headers() if name == "rule"]
        if number < len(starts):
            del lines.lines[starts[number] : lines.block(starts[number])]
        del rules[number]
    if not rules:
        del wanted["rule"]
