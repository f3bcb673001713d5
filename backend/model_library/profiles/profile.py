"""The parts of an app profile as frozen values. `reading` makes them, once and valid."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from model_library.taxonomy import LinkPreference

DIFFUSION: Final = "@diffusion"
"""Stands in `families` for every family of models that make pictures, videos or sound by diffusion."""
FAMILY_GROUPS: Final = frozenset({DIFFUSION})
HERE: Final = "."
"""Target of a rule: the application's own directory."""
PROFILE_SUFFIX: Final = ".toml"


class Layout(StrEnum):
    """How a model lies in its target directory."""

    FILES = "files"
    """A link for each weight file; those of a folder model in a directory of its name."""
    DIRECTORY = "directory"
    """One link to the whole directory of the model."""
    FOLDER = "folder"
    """A directory of the model's name with a link for each of its files."""
    REPOSITORY = "repository"
    """The same in a directory of its publisher: named as the repository that it is from, `owner/name`."""


@dataclass(frozen=True, slots=True)
class Selector:
    """Which models are meant. What is empty or None asks nothing; all that is given must hold."""

    kinds: frozenset[str] = frozenset()
    exclude_kinds: frozenset[str] = frozenset()
    adapter_types: frozenset[str] = frozenset()
    variants: frozenset[str] = frozenset()
    """Words of a variant: `gligen` is meant by `gligen` and by `text_gligen`."""
    families: frozenset[str] = frozenset()
    exclude_families: frozenset[str] = frozenset()
    tasks_any: frozenset[str] = frozenset()
    exclude_tasks: frozenset[str] = frozenset()
    tags_any: frozenset[str] = frozenset()
    """In lower case, as tags are compared."""
    exclude_tags: frozenset[str] = frozenset()
    forms: frozenset[str] = frozenset()
    containers: frozenset[str] = frozenset()
    min_size: int | None = None
    """Bytes of the whole model."""
    max_size: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One directory of the application and the models that go into it."""

    target: str
    """Relative to the application, with '/'; `HERE` for the application itself."""
    selector: Selector
    extensions: tuple[str, ...] = ()
    """Of the files that are linked, in lower case with their dot, the preferred first; "" is a name
    without one. Empty: all weight files."""
    one_weight: bool = False
    """The application loads one file a model: models of several weight files are not for it."""
    layout: Layout = Layout.FILES
    requires: tuple[str, ...] = ()
    """Patterns of paths in the application of which at least one must exist."""
    if_exists: bool = False
    method: LinkPreference = LinkPreference.AUTO
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Recognition:
    """How a directory is known as an installation."""

    all_of: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    optional: bool = False
    """A directory without them is taken as well when a person says what it is."""
    version: tuple[str, ...] = ()
    """Where its version is, the best place first: `FILE:NAME` or `git`."""


@dataclass(frozen=True, slots=True)
class KnownDirectory:
    """Names that directories of an application are known by, and the rule for one that is found."""

    names: frozenset[str]
    """In lower case."""
    rule: Rule
    """Its target is not set."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """Where directories are looked for that no rule names."""

    below: tuple[str, ...] = ()
    ignore: frozenset[str] = frozenset()
    """Names, in lower case, that are never offered."""


@dataclass(frozen=True, slots=True)
class ProfileName:
    """`<app>[@<version>][+<variant>]`: the name of a profile's file without its extension."""

    app: str
    version: str | None = None
    variant: str = ""

    def __str__(self) -> str:
        version = f"@{self.version}" if self.version is not None else ""
        variant = f"+{self.variant}" if self.variant else ""
        return f"{self.app}{version}{variant}"


@dataclass(frozen=True, slots=True)
class Profile:
    """Where the models of a library go in one kind of application."""

    name: ProfileName
    display: str
    path: Path
    built_in: bool
    recognition: Recognition
    filters: tuple[Selector, ...]
    """All of them hold for every rule."""
    rules: tuple[Rule, ...]
    """Those that count."""
    known: tuple[KnownDirectory, ...]
    discovery: Discovery
    defaults: Rule
    """What a rule has that it does not say itself; no target, no selector."""
    off: tuple[Rule, ...] = ()
    """Rules that are switched off."""
    repository: str = ""
    """Address of the git repository that versions of the application are fetched from, if nobody says another."""
