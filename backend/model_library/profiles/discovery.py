"""Directories that an installation has and its profile lacks: found, offered, and accepted into the
user's own profile. Nothing is ever put into one that was not accepted."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from model_library.errors import InvalidValueError
from model_library.profiles.choosing import read_profile
from model_library.profiles.profile import (
    HERE,
    KnownDirectory,
    Profile,
    Rule,
    Selector,
)
from model_library.profiles.writing import heading, held_in, path_of, with_rules, write_profile
from model_library.taxonomy import Kind

_DISABLED: Final = ".disabled"
"""Ends the name of a custom node that is switched off."""
_SURROGATES: Final = re.compile("[\ud800-\udfff]")
"""How Python shows bytes of a name that are not UTF-8."""


@dataclass(frozen=True, slots=True)
class Discovered:
    """A directory without a rule."""

    directory: str
    """Relative to the application, with '/'."""
    kinds: tuple[str, ...]
    """What it is known to hold; empty when its name says nothing."""
    rule: Rule | None
    """The rule that accepting it adds; None where its kinds have to be named."""

    @property
    def matched(self) -> bool:
        return self.rule is not None


def discover(profile: Profile, app_path: Path) -> list[Discovered]:
    """What the profile has no rule for, sorted. Symlinks are passed over: links never go through one. So are
    names that are not UTF-8, which no profile could say."""
    covered = {rule.target.casefold() for rule in (*profile.rules, *profile.off)}
    above = {up for target in covered for up in _above(target)}
    found: list[Discovered] = []
    for pattern in profile.discovery.below:
        for parent in matching(app_path, pattern):
            for name in _directories(f"{app_path}/{parent}"):
                directory = f"{parent}/{name}"
                key = directory.casefold()
                passed_over = name.casefold() in profile.discovery.ignore or name.startswith(".")
                if passed_over or key in covered or key in above or _is_below(key, covered):
                    continue
                found.append(_offer(profile, directory, name))
    return sorted(found, key=lambda one: one.directory)


def matching(app_path: Path, pattern: str) -> list[str]:
    """Paths in the application that a pattern means, sorted; upper and lower case are the same and
    what was switched off (`NAME.disabled`) is not there."""
    found = [""]
    for part in pattern.split("/"):
        found = [
            f"{parent}/{name}" if parent else name
            for parent in found
            for name in _names(f"{app_path}/{parent}")
            if fnmatchcase(name.casefold(), part.casefold())
            and not name.casefold().endswith(_DISABLED)
        ]
    return sorted(found)


def accept(
    profile: Profile, wanted: Iterable[Discovered], user_directory: Path, app_path: Path
) -> Path:
    """Add a rule for each directory to the user's profile of this name, which is made when there is
    none and then adds to the built-in one. What the file holds already stays as it is, byte for byte, and
    where it is when it is a symlink. Callers hold the library's lock.

    Raises InvalidValueError for a directory whose kinds are not known, ProfileError, FileError.
    """
    rules = []
    for one in wanted:
        if one.rule is None:
            raise InvalidValueError(
                f"What {one.directory} holds is not known",
                path=app_path / one.directory,
                hint=f"Say it: {one.directory}=KIND. Kinds: {', '.join(Kind)}.",
            )
        # A directory that is removed later is not made again.
        rules.append(replace(one.rule, if_exists=True))
    path = path_of(profile.name, user_directory)
    held = held_in(path)
    data = with_rules(held if held is not None else heading(profile.name).encode(), rules)
    read_profile(data, path, user_directory)
    write_profile(path, data)
    return path


def chosen(
    discovered: Sequence[Discovered], words: Iterable[str], defaults: Rule
) -> list[Discovered]:
    """The directories that were accepted by `DIRECTORY` or `DIRECTORY=KIND[,KIND...]`, or `all` of
    those whose kinds are known. Raises InvalidValueError."""
    by_name = {one.directory.casefold(): one for one in discovered}
    names = ", ".join(one.directory for one in discovered) or "none"
    found: dict[str, Discovered] = {}
    for word in words:
        if word == "all":
            found |= {one.directory: one for one in discovered if one.matched}
            continue
        directory, kinds = word, ""
        if _key(word) not in by_name and "=" in word:  # which may be in the name of a directory too
            directory, _, kinds = word.rpartition("=")
        one = by_name.get(_key(directory))
        if one is None:
            raise InvalidValueError(
                f"{directory!r} is not offered", hint=f"Directories without a rule: {names}."
            )
        if kinds:
            one = _said(one.directory, kinds, defaults)
        found[one.directory] = one
    return list(found.values())


def _key(directory: str) -> str:
    return directory.rstrip("/").casefold()


def _said(directory: str, text: str, defaults: Rule) -> Discovered:
    kinds = tuple(text.split(","))
    return Discovered(directory, kinds, rule_for(directory, kinds, defaults))


def rule_for(directory: str, kinds: Sequence[str], defaults: Rule) -> Rule:
    """The rule for a directory that holds these kinds. Raises InvalidValueError."""
    for kind in kinds:
        if kind not in set(Kind):
            raise InvalidValueError(f"{kind!r} is no kind", hint=f"Possible: {', '.join(Kind)}.")
    return replace(defaults, target=directory, selector=Selector(kinds=frozenset(kinds)))


def _offer(profile: Profile, directory: str, name: str) -> Discovered:
    known = _known(profile.known, name)
    if known is None:
        return Discovered(directory, (), None)
    rule = replace(known.rule, target=directory, requires=())
    return Discovered(directory, tuple(sorted(rule.selector.kinds)), rule)


def _known(known: Sequence[KnownDirectory], name: str) -> KnownDirectory | None:
    folded = name.casefold()
    return next((one for one in known if any(fnmatchcase(folded, n) for n in one.names)), None)


def _above(target: str) -> Iterator[str]:
    parts = target.split("/")
    return ("/".join(parts[:end]) for end in range(1, len(parts)))


def _is_below(directory: str, covered: set[str]) -> bool:
    return HERE in covered or any(up in covered for up in _above(directory))


def _names(directory: str) -> list[str]:
    try:
        return os.listdir(directory)  # noqa: PTH208 - names are all that is needed
    except OSError:
        return []  # what cannot be listed has nothing that a pattern could mean


def _directories(directory: str) -> list[str]:
    try:
        with os.scandir(directory) as entries:
            names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []
    return [name for name in names if not _SURROGATES.search(name)]
