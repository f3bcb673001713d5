"""`overrides.json` beside a model's metadata.json: the versions of applications that it may be linked into.

    {"version_ranges": {"comfyui": ">=0.5.0,<0.7.0"}}

Specifiers are those of PEP 440. An application that is not named may have any version; case does not matter. What cannot be
understood allows nothing: a model that someone restricted is never linked by a misunderstanding.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from model_library.errors import MetadataError

MAX_BYTES: Final = 64 * 1024
"""Of the file; a range has some ten characters."""
MAX_RANGE: Final = 1000
"""Characters of one range: far below the digits from which Python refuses to read a number."""
RANGES: Final = "version_ranges"
_ANY: Final = Version("0")


def parse_overrides(data: bytes, path: Path) -> Mapping[str, SpecifierSet]:
    """The range of versions by application, in lower case. Raises MetadataError; `path` is only named in it."""
    if len(data) > MAX_BYTES:
        raise _invalid(f"it has more than {MAX_BYTES} bytes", path)
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _invalid(f"it is no valid JSON ({error})", path) from error
    unknown = sorted(set(document) - {RANGES}) if isinstance(document, dict) else []
    if unknown:
        raise _invalid(f"{unknown[0]!r} is no key of it; possible: {RANGES}", path)
    ranges = document.get(RANGES, {}) if isinstance(document, dict) else None
    if not isinstance(ranges, dict):
        raise _invalid(f"{RANGES} must be an object of texts by application", path)
    allowed: dict[str, SpecifierSet] = {}
    for app, text in ranges.items():
        name = app.casefold()
        if name in allowed:
            raise _invalid(f"{app!r} is in it twice", path)
        allowed[name] = _range(app, text, path)
    return allowed


def why_not(allowed: SpecifierSet, version: str | None) -> str | None:
    """The reason why a version is not in a range, or None when it is. One that is not known or no PEP 440
    version is in none."""
    if version is None:
        return f"overrides.json asks for {allowed}, and the version of the application is not known"
    parsed = parse_version(version)
    if parsed is None:
        return f"overrides.json asks for {allowed}, and {version!r} is no PEP 440 version"
    if not allowed.contains(parsed, prereleases=True):
        return f"overrides.json asks for {allowed}, and this is {version}"
    return None


def _range(app: str, text: Any, path: Path) -> SpecifierSet:
    if not isinstance(text, str):
        raise _invalid(f"the range of {app!r} must be a text", path)
    if len(text) > MAX_RANGE or not (text.isascii() and text.isprintable()):
        raise _invalid(
            f"the range of {app!r} is longer than {MAX_RANGE} characters or has some that no version has",
            path,
        )
    try:
        allowed = SpecifierSet(text)
        allowed.contains(
            _ANY, prereleases=True
        )  # a number that cannot be read fails here, not later
    except (InvalidSpecifier, ValueError) as error:
        raise _invalid(f"{text!r} (for {app!r}) is no PEP 440 specifier", path) from error
    return allowed


@lru_cache(maxsize=64)
def parse_version(text: str) -> Version | None:
    """A version by PEP 440, or None for any other text."""
    try:
        return Version(text)
    except ValueError:  # InvalidVersion, and a number of too many digits
        return None


def _invalid(problem: str, path: Path) -> MetadataError:
    return MetadataError(
        f"overrides.json is not valid: {problem}",
        path=path,
        hint="Until it is corrected or removed, the model is linked nowhere.",
    )
