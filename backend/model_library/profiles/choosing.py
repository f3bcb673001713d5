"""Which profile an installation gets: the most exact one, and of two equally exact ones the user's.

The order: the very version with the variant, the very version, any version with the variant, any version.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from model_library.errors import ProfileError
from model_library.profiles.profile import PROFILE_SUFFIX, Profile, ProfileName
from model_library.profiles.reading import parse_name, parse_profile

BUILT_IN: Final = Path(__file__).parent
_REMEMBERED: Final = 32
_EXTENDING_NONE: Final[dict[tuple[bytes, Path], Profile]] = {}
"""Profiles that follow from their own content alone, by it: one takes milliseconds to parse, and every
sync and every look at an application asks for its own."""


@dataclass(frozen=True, slots=True)
class ProfileInfo:
    """One profile that can be chosen, or a file that should be one and is not valid."""

    name: str
    path: Path
    built_in: bool
    profile: Profile | None
    error: ProfileError | None = None
    hidden: bool = False
    """A built-in profile in whose place the user's of the same name is used."""


def choose_profile(
    app_kind: str, version: str | None, variant: str, user_directory: Path
) -> Profile:
    """The profile of an installation. `variant` "" is none; a directory that is not there is empty.

    Raises ProfileError when there is none for the application, none of that variant, or the one that
    would be chosen is not valid.
    """
    names = sorted({name for name, _ in _names(user_directory) if name.app == app_kind}, key=str)
    if not names:
        known = sorted({name.app for name, _ in _names(user_directory)})
        raise ProfileError(
            f"There is no profile for {app_kind!r}",
            hint=f"Profiles: {', '.join(known)}. docs/app-profiles.md says how to write one.",
        )
    if variant and variant not in {name.variant for name in names}:
        known = sorted({name.variant for name in names if name.variant})
        raise ProfileError(
            f"There is no variant {variant!r} of the profile {app_kind!r}",
            hint=f"Variants: {', '.join(known) or 'none'}.",
        )
    for wanted in _precedence(names, version, variant):
        path = _path_of(str(wanted), user_directory)
        if path is not None:
            return _load(path, user_directory, ())
    raise ProfileError(
        f"No profile of {app_kind!r} fits version {version or 'unknown'}",
        hint=f"Profiles: {', '.join(map(str, names))}.",
    )


def load_profile(name: str, user_directory: Path) -> Profile:
    """The profile of exactly this name, the user's before the built-in one. Raises ProfileError."""
    path = _path_of(str(parse_name(name)), user_directory)
    if path is None:
        raise ProfileError(f"There is no profile {name!r}")
    return _load(path, user_directory, ())


def available(user_directory: Path) -> list[ProfileInfo]:
    """All profiles by name, the user's before the built-in one of the same name."""
    own = {path.name for path in _files(user_directory)}
    found = []
    for path in (*_files(user_directory), *_files(BUILT_IN)):
        name, built_in = path.name.removesuffix(PROFILE_SUFFIX), path.parent == BUILT_IN
        hidden = built_in and path.name in own
        try:
            profile = _load(path, user_directory, ())
        except ProfileError as error:
            found.append(ProfileInfo(name, path, built_in, None, error, hidden))
        else:
            found.append(ProfileInfo(name, path, built_in, profile, None, hidden))
    return sorted(found, key=lambda info: (info.name, info.built_in))


def contents(user_directory: Path) -> list[tuple[str, str]]:
    """Every profile's path and a hash of what is in it: the same as long as none was changed."""
    return [
        (str(path), hashlib.blake2b(_data(path)).hexdigest())
        for path in (*_files(user_directory), *_files(BUILT_IN))
    ]


def same_version(one: str, other: str) -> bool:
    """Whether two texts name one version: `v0.3.0` is `0.3`; what is no version is compared as it is."""
    from packaging.version import Version  # most profiles are for any version

    try:
        return Version(one) == Version(other)
    except ValueError:  # InvalidVersion, and a number of too many digits
        return one == other


def _precedence(
    names: Sequence[ProfileName], version: str | None, variant: str
) -> Iterator[ProfileName]:
    exact = [
        name
        for name in names
        if version is not None and name.version is not None and same_version(name.version, version)
    ]
    yield from (name for name in exact if variant and name.variant == variant)
    yield from (name for name in exact if not name.variant)
    any_version = [name for name in names if name.version is None]
    yield from (name for name in any_version if variant and name.variant == variant)
    yield from (name for name in any_version if not name.variant)


def _names(user_directory: Path) -> Iterator[tuple[ProfileName, Path]]:
    """What is there by name; a file whose name is none is nobody's profile."""
    for path in (*_files(user_directory), *_files(BUILT_IN)):
        try:
            yield parse_name(path.name.removesuffix(PROFILE_SUFFIX)), path
        except ProfileError:
            continue  # `available` says what is wrong with it


def _files(directory: Path) -> list[Path]:
    try:
        return sorted(path for path in directory.iterdir() if path.suffix == PROFILE_SUFFIX)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise ProfileError(f"Cannot be read: {error.strerror}", path=directory) from error


def _path_of(name: str, user_directory: Path) -> Path | None:
    paths = [directory / f"{name}{PROFILE_SUFFIX}" for directory in (user_directory, BUILT_IN)]
    return next((path for path in paths if os.path.lexists(path)), None)


def read_profile(
    data: bytes, path: Path, user_directory: Path, above: tuple[Path, ...] = ()
) -> Profile:
    """The profile that `path` holds, or would hold with this content, with those that it extends.

    `above` are the profiles that this one is extended by, to notice a circle. Raises ProfileError.
    """
    alone = _EXTENDING_NONE.get((data, path))
    if alone is not None:
        return alone
    extended = False

    def parent(name: str) -> Profile:
        nonlocal extended
        extended = True
        found = _path_of(name, user_directory)
        if found == path:  # the user's profile adds to the built-in one that it stands before
            found = BUILT_IN / path.name if path.parent != BUILT_IN else found
        if found is None or not found.is_file():
            raise ProfileError(f"There is no profile {name!r}")
        return _load(found, user_directory, (*above, path))

    profile = parse_profile(data, path, built_in=path.parent == BUILT_IN, parent=parent)
    if not extended:
        if len(_EXTENDING_NONE) >= _REMEMBERED:
            _EXTENDING_NONE.clear()
        _EXTENDING_NONE[data, path] = profile
    return profile


def _load(path: Path, user_directory: Path, above: tuple[Path, ...]) -> Profile:
    if path in above:
        raise ProfileError("It extends itself", path=path)
    return read_profile(_data(path), path, user_directory, above)


def _data(path: Path) -> bytes:
    """What a profile's file holds. Raises ProfileError, also for what is no file: a pipe would never end."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ProfileError("It is not a file", path=path)
        return path.read_bytes()
    except OSError as error:
        raise ProfileError(f"Cannot be read: {error.strerror}", path=path) from error
