"""Installations that a person has, found in the places where people keep them, so that nobody has to type a
path. Only names are looked at, as `recognition` says; nothing is opened below a place but its own directories.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from model_library.profiles.choosing import available
from model_library.profiles.profile import Profile
from model_library.profiles.recognition import look_at, version_of

_IN_HOME: Final = (
    "",
    "AI",
    "ai",
    "apps",
    "Applications",
    "code",
    "Data/Packages",
    "dev",
    "Documents",
    "git",
    ".local/share/StabilityMatrix/Packages",
    "pinokio/api",
    "projects",
    "Projects",
    "repos",
    "src",
    "StabilityMatrix/Packages",
    "stable-diffusion",
)
"""Where checkouts and the installers of others put applications."""
_MOST_DIRECTORIES: Final = 300
"""Of one place: a home directory has some dozens."""


@dataclass(frozen=True, slots=True)
class FoundInstallation:
    kind: str
    display: str
    path: Path
    version: str | None


def places_in(home: Path) -> list[Path]:
    """Where installations may lie below a home directory; not all of them need to be there."""
    return [home / name for name in _IN_HOME]


def find_installations(places: Iterable[Path], user_profiles: Path) -> list[FoundInstallation]:
    """The installations that are one of the places or lie directly in one, each once. A place that cannot be
    read has none."""
    profiles = plain_profiles(user_profiles)
    found: dict[str, FoundInstallation] = {}
    for place in places:
        for directory in _candidates(place):
            real = os.path.realpath(directory)
            if real not in found and (one := recognised(Path(real), profiles)) is not None:
                found[real] = one
    return list(found.values())


def installation_around(directory: Path, user_profiles: Path) -> FoundInstallation | None:
    """The installation that a directory lies in, the nearest; the directory need not be there."""
    profiles = plain_profiles(user_profiles)
    looked = (recognised(above, profiles) for above in directory.parents)
    return next((one for one in looked if one is not None), None)


def plain_profiles(user_profiles: Path) -> list[Profile]:
    """One for each application: for any version of it, and no variant."""
    return [
        info.profile
        for info in available(user_profiles)
        if info.profile is not None and not info.hidden and _is_plain(info.profile)
    ]


def _is_plain(profile: Profile) -> bool:
    return not profile.name.variant and profile.name.version is None


def _candidates(place: Path) -> Iterator[str]:
    try:
        with os.scandir(place) as entries:
            inside = sorted(entry.path for entry in entries if entry.is_dir())
    except OSError:
        return
    yield str(place)
    yield from inside[:_MOST_DIRECTORIES]


def recognised(directory: Path, profiles: Iterable[Profile]) -> FoundInstallation | None:
    """What a directory is. The most exact one: one that asks for more is of the application that was made from the other."""
    looks = [(profile, look_at(directory, profile.recognition)) for profile in profiles]
    fitting = [(len(look.found), profile) for profile, look in looks if not look.missing]
    known = [(count, profile) for count, profile in fitting if count]
    if not known or not _is_text(directory):
        return None
    _, profile = max(known, key=lambda one: one[0])
    stated = version_of(directory, profile.recognition)
    version = None if stated is None else stated[0]
    return FoundInstallation(profile.name.app, profile.display, directory, version)


def _is_text(path: Path) -> bool:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True
