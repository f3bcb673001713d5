"""How a directory is known as an installation, and which version it is, by files that are only read.

Nothing of an installation is run or imported: a version is an assignment that stands in a file as text, a
value of a TOML or JSON file, or the tag that a git checkout is at.
"""

from __future__ import annotations

import errno
import itertools
import json
import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from model_library.errors import MetadataError, NotAnInstallationError
from model_library.io.git import tags_at_head
from model_library.io.platform.os_errors import translate_os_error
from model_library.profiles.choosing import available, choose_profile
from model_library.profiles.profile import Profile, Recognition
from model_library.store import read_document

GIT: Final = "git"
"""As a place of a version: the tag of the commit that is checked out."""

_MAX_FILE: Final = 256 * 1024  # bytes; files that state a version have some hundred lines
_MOST_BESIDE: Final = 200
"""Directories inside a given one in which the application itself may be."""
_VERSION: Final = re.compile(r"v?(?P<number>[0-9A-Za-z][0-9A-Za-z.+_-]{0,63})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Look:
    """What of a `Recognition` a directory has."""

    found: tuple[str, ...]
    missing: tuple[str, ...]
    """Empty for an installation, and where they are optional; of alternatives that are all missing the first."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """An installation as it is on disk."""

    kind: str
    version: str | None
    """Without a leading `v`; None when it states none that can be read."""
    evidence: tuple[str, ...]
    """The files it was known by and, last, the place of the version."""


def recognise(path: Path, kind: str, user_profiles: Path) -> Recognised:
    """A directory as an installation of an application.

    Raises ProfileError for a kind without profile, NotAnInstallationError, SourceUnreadableError.
    """
    path = real_directory(path)
    profile = choose_profile(parse_app_kind(kind), None, "", user_profiles)
    look = look_at(path, profile.recognition)
    if look.missing:
        raise _not_an_installation(path, profile, look, user_profiles)
    stated = version_of(path, profile.recognition)
    version, place = stated or (None, "")
    evidence = (*look.found, *((f"version by {place}",) if place else ()))
    return Recognised(profile.name.app, version, evidence)


def parse_app_kind(text: str) -> str:
    """The name of an application as profiles have it: `llama.cpp` and `Llama-Cpp` are `llama_cpp`."""
    return text.strip().lower().replace("-", "_").replace(".", "_")


def _looks(path: Path, user_profiles: Path) -> list[tuple[Profile, Look]]:
    """Every application whose files the directory has, of those that are known by any."""
    found = []
    for info in available(user_profiles):
        if info.profile is None or info.hidden or info.profile.name.variant:
            continue
        look = look_at(path, info.profile.recognition)
        if look.found and not look.missing:
            found.append((info.profile, look))
    return found


def _not_an_installation(
    path: Path, profile: Profile, look: Look, user_profiles: Path
) -> NotAnInstallationError:
    message = f"This is no installation of {profile.display}: {', '.join(look.missing)} is missing"
    others = {other.name.app: other.display for other, _ in _looks(path, user_profiles)}
    if others:
        kind, display = next(iter(others.items()))
        return NotAnInstallationError(
            message, path=path, hint=f"It looks like {display}: `app add {kind}`."
        )
    inner = [one for one in _directories_in(path) if not look_at(one, profile.recognition).missing]
    hint = f"Did you mean {inner[0]}?" if inner else None
    return NotAnInstallationError(message, path=path, hint=hint)


def _directories_in(path: Path) -> Iterator[Path]:
    entries = (entry for entry in path.iterdir() if entry.is_dir())
    return itertools.islice(entries, _MOST_BESIDE)


def real_directory(path: Path) -> Path:
    """The directory itself, without symlinks. Raises NotAnInstallationError, SourceUnreadableError."""
    try:
        real = Path(os.path.realpath(path, strict=True))
        str(real).encode()  # the registry holds no other names
        with os.scandir(real) as entries:
            next(entries, None)
    except UnicodeEncodeError as error:
        raise NotAnInstallationError(
            "The path is not UTF-8", path=path, hint="Rename the directory and try again."
        ) from error
    except (FileNotFoundError, ValueError) as error:  # ValueError: a NUL in the path
        raise NotAnInstallationError("There is no such directory", path=path) from error
    except NotADirectoryError as error:
        raise NotAnInstallationError("Not a directory", path=path) from error
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise NotAnInstallationError("The path is a loop of symlinks", path=path) from error
        raise translate_os_error(error, path=path, writing=False) from error
    return real


def look_at(directory: Path, recognition: Recognition) -> Look:
    """Compare a directory with what an installation has. A name that ends in '/' is a directory."""
    has = {name: _is_there(directory, name) for name in (*recognition.all_of, *recognition.any_of)}
    missing = [name for name in recognition.all_of if not has[name]]
    if recognition.any_of and not any(has[name] for name in recognition.any_of):
        missing.append(recognition.any_of[0])
    found = tuple(name for name, there in has.items() if there)
    return Look(found, () if recognition.optional else tuple(missing))


def version_of(directory: Path, recognition: Recognition) -> tuple[str, str] | None:
    """The version of an installation and the place that states it, or None."""
    for place in recognition.version:
        file, _, name = place.partition(":")
        stated = _of_git(directory) if place == GIT else _of_file(directory / file, name)
        valid = _VERSION.fullmatch((stated or "").strip())
        if valid is not None:
            return valid["number"], place
    return None


def _is_there(directory: Path, name: str) -> bool:
    path = f"{directory}/{name}"
    if name.endswith("/"):
        return os.path.isdir(path)  # noqa: PTH112 - it raises nothing
    return os.path.exists(path)  # noqa: PTH110 - the same


def _of_git(checkout: Path) -> str | None:
    """Of several tags the newest that is a version; a name without any number is none."""
    from packaging.version import InvalidVersion, Version  # many installations are read without it

    numbered = [tag for tag in tags_at_head(checkout) if re.search(r"\d", tag)]
    versions = {}
    for tag in numbered:
        try:
            versions[Version(tag)] = tag
        except InvalidVersion:
            continue
    if versions:
        return versions[max(versions)]
    return numbered[-1] if numbered else None


def _of_file(path: Path, name: str) -> str | None:
    try:
        text = read_document(path, _MAX_FILE)[0].decode(errors="replace")
    except MetadataError:
        return None  # it is not there, or is no file that states a version
    if path.suffix not in (".toml", ".json"):
        return _assigned(text, name)
    value: Any = None
    try:
        value = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except (ValueError, RecursionError):  # being written, or damaged
        return None
    for key in name.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) else None


def _assigned(text: str, name: str) -> str | None:
    """The quoted text that a line of a program assigns to a name."""
    assignment = (
        rf"^{re.escape(name)}\s*(?::[^=\n]*)?=\s*(?P<quote>['\"])(?P<text>[^'\"\n]*)(?P=quote)"
    )
    found = re.search(assignment, text, re.MULTILINE)
    return None if found is None else found["text"]
