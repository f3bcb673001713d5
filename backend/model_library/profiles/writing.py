"""Writes the user's profiles: rules as TOML, and files that are whole or as they were.

What was replaced or removed is kept in `.history` beside them, so that nobody's words are lost by a click.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from model_library.errors import ProfileError
from model_library.io.files import make_directory, remove_leftovers, write_durably
from model_library.io.platform.os_errors import translate_os_error
from model_library.io.platform.page_cache import fsync_directory
from model_library.profiles.profile import PROFILE_SUFFIX, ProfileName, Rule
from model_library.profiles.reading import SCHEMA
from model_library.taxonomy import LinkPreference

HISTORY: Final = ".history"
_KEPT: Final = 20
"""Earlier versions of one profile."""


def path_of(name: ProfileName, user_directory: Path) -> Path:
    """Where the user's profile of this name is, or would be."""
    return user_directory / f"{name}{PROFILE_SUFFIX}"


def held_in(path: Path) -> bytes | None:
    """What a user's profile holds; None where there is none. Raises ProfileError, FileError."""
    try:
        data = path.read_bytes() if path.is_file() else None
        if data is not None:
            data.decode()
    except OSError as error:
        raise translate_os_error(error, path=path, writing=True) from error
    except UnicodeDecodeError as error:
        raise ProfileError("It is not UTF-8", path=path) from error
    return data


def revision_of(data: bytes | None) -> str:
    """Tells one content of a file from another; "" where there is none."""
    return "" if data is None else hashlib.blake2b(data, digest_size=16).hexdigest()


def write_profile(path: Path, data: bytes) -> None:
    """Callers hold the library's lock and have read the data as a profile. Raises FileError."""
    make_directory(path.parent)
    remove_leftovers(path.parent)
    write_durably(path.resolve(), data)


def keep_version(path: Path, data: bytes) -> Path:
    """Keep what a profile holds before it becomes another; the oldest versions make room. Raises FileError."""
    directory = path.parent / HISTORY
    make_directory(directory)
    stem = path.name.removesuffix(PROFILE_SUFFIX)
    kept = directory / f"{stem}.{datetime.now(UTC):%Y%m%dT%H%M%S%f}{PROFILE_SUFFIX}"
    write_durably(kept, data)
    try:
        versions = sorted(
            one
            for one in directory.iterdir()
            if one.name.rpartition(".")[0].rpartition(".")[0] == stem
        )
        for old in versions[:-_KEPT]:
            old.unlink()
    except OSError as error:
        raise translate_os_error(error, path=directory, writing=True) from error
    return kept


def remove_profile(path: Path) -> None:
    """Take a user's profile away, kept as an earlier version. Raises FileError."""
    data = held_in(path)
    if data is None:
        return
    keep_version(path, data)
    try:
        path.unlink()
        fsync_directory(path.parent)
    except OSError as error:
        raise translate_os_error(error, path=path, writing=True) from error


def with_rules(held: bytes, rules: Iterable[Rule]) -> bytes:
    """A profile and more rules, with its own line ends."""
    end = b"\r\n" if b"\r\n" in held else b"\n"
    last = b"" if held.endswith(b"\n") else end
    return held + last + "".join(map(rule_as_toml, rules)).encode().replace(b"\n", end)


def heading(name: ProfileName, extends: ProfileName | None = None) -> str:
    """The first lines of a profile that adds to another, by default to the built-in one of its name."""
    base = name if extends is None else extends
    what = "the built-in profile" if extends is None else "the profile"
    return (
        f"# Adds to {what} {base}; docs/app-profiles.md lists every key.\n"
        f'schema = {SCHEMA}\napp = "{name.app}"\nextends = "{base}"\n'
    )


def rule_as_toml(rule: Rule) -> str:
    selector = rule.selector
    lists = {
        "kinds": sorted(selector.kinds),
        "adapter_types": sorted(selector.adapter_types),
        "variants": sorted(selector.variants),
        "families": sorted(selector.families),
        "exclude_families": sorted(selector.exclude_families),
        "tasks_any": sorted(selector.tasks_any),
        "exclude_tasks": sorted(selector.exclude_tasks),
        "tags_any": sorted(selector.tags_any),
        "exclude_tags": sorted(selector.exclude_tags),
        "forms": sorted(selector.forms),
        "containers": sorted(selector.containers),
        "extensions": list(rule.extensions),
    }
    lines = ["", "[[rule]]", f"target = {quoted(rule.target)}"]
    lines += [
        f"{key} = [{', '.join(map(quoted, values))}]" for key, values in lists.items() if values
    ]
    sizes = {"min_size": selector.min_size, "max_size": selector.max_size}
    lines += [f"{key} = {size}" for key, size in sizes.items() if size is not None]
    lines += [f'layout = "{rule.layout.value}"', f"one_weight = {str(rule.one_weight).lower()}"]
    if rule.if_exists:
        lines.append("if_exists = true")
    if rule.method is not LinkPreference.AUTO:
        lines.append(f'method = "{rule.method.value}"')
    if rule.priority:
        lines.append(f"priority = {rule.priority}")
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """A TOML basic string; every control character is escaped."""
    escaped = (f"\\u{ord(c):04x}" if c < " " or c in '"\\\x7f' else c for c in text)
    return '"' + "".join(escaped) + '"'
