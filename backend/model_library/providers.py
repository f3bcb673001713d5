"""Providers: where metadata and downloads come from, behind one small interface.

A second provider is one folder that fills `Provider` and one line in `PROVIDERS`. Everything that a
provider hands out is a frozen value made valid here: names from outside are parsed by `remote_path`
before they can become a path.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar, cast

from model_library.errors import InvalidValueError, UnsafeNameError
from model_library.naming import safe_file_name
from model_library.taxonomy import MatchMethod

if TYPE_CHECKING:
    from model_library.io.hashing import FileDigests
    from model_library.metadata import ModelMetadata
    from model_library.network.manager import NetworkManager

T = TypeVar("T")

PROVIDERS: Final = {"huggingface": "model_library.hf.provider:HuggingFace"}
"""Name -> `module:class`; the class is called with the network manager and is the provider."""

MAX_REMOTE_PATH: Final = 1024
"""Characters. The Hub's own limit is 1,000 or so; more is no name of a file."""


class Freshness(StrEnum):
    """Where an answer comes from."""

    LIVE = "live"
    CACHED = "cached"
    STALE = "stale"
    """Older than a day; it is being asked anew, or the network is away."""


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """A value from a provider, and how old it is."""

    value: T
    freshness: Freshness
    age: float
    """Seconds since the provider said it."""


class Gate(StrEnum):
    """Who may download: `gated` of the Hub's API."""

    AUTO = "auto"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file of a published model. `path` is safe: relative, inside, no name that a system forbids."""

    path: str
    size: int | None
    """Bytes."""
    sha256: str | None = None
    """64 hex digits, of the bytes; only large (LFS, Xet) files have one."""
    git_sha1: str | None = None
    """40 hex digits of git's blob object (`blob <size>\\0` and the bytes); of small files."""


@dataclass(frozen=True, slots=True)
class RemoteModel:
    """What a provider says of one published model."""

    provider: str
    repo: str
    url: str
    """The page for people."""
    revision: str | None = None
    """The commit, 40 hex digits, when the provider named it."""
    author: str | None = None
    gate: Gate | None = None
    private: bool = False
    license: str | None = None
    tags: tuple[str, ...] = ()
    pipeline_tag: str | None = None
    library_name: str | None = None
    base_models: tuple[str, ...] = ()
    downloads: int | None = None
    likes: int | None = None
    updated: str | None = None
    """RFC 3339."""
    parameters: int | None = None
    architecture: str | None = None
    trigger_words: tuple[str, ...] = ()
    files: tuple[RemoteFile, ...] | None = None
    """None: not asked for."""
    refused_files: tuple[str, ...] = ()
    """Names of the listing that were no safe paths; they cannot be downloaded."""


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What a lookup of one of our models found out. With `MatchMethod.NONE` there is no `remote`."""

    method: MatchMethod
    confidence: float
    """0 to 1, from one pure function of the provider."""
    modified: bool = False
    """The name is the provider's, the bytes are not."""
    remote: RemoteModel | None = None
    file: str | None = None
    """Path in the repository of the (first) weight that matched."""
    related: tuple[RemoteFile, ...] = ()
    """Other files of the repository that go with the model: configuration, preview, the other shards."""
    missing: tuple[RemoteFile, ...] = ()
    """Shards that the model lacks and the repository has."""
    calls: int = 0
    """Requests that it took."""
    asked: int = 0
    """Questions, also those that a cache answered. None: nothing of the model says what to look for."""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RemoteAddress:
    """What a person means by a name or by the address of a page."""

    repo: str
    revision: str | None = None
    file: str | None = None
    """Path in the repository, of a file or a folder."""


SORTS: Final = ("downloads", "likes", "updated", "created", "trending")
"""Orders of a search, the largest or newest first."""


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What to look for; `sort` is one of `SORTS`."""

    text: str
    kind_tags: tuple[str, ...] = ()
    """Tags of the provider that every hit has, e.g. `gguf`."""
    author: str | None = None
    sort: str = "downloads"
    limit: int = 20


class Transfer(Protocol):
    """How a download reports and is stopped; `jobs.RunningJob` is one."""

    @property
    def cancelled(self) -> threading.Event: ...

    def advance(self, count: int) -> None:
        """Bytes that arrived (negative: that have to be fetched again). Waits while paused or over the
        bandwidth limit; raises CancelledError."""
        ...

    def skip(self, count: int) -> None:
        """Bytes that are there already, from an earlier try or the library: progress that takes no bandwidth.
        Waits while paused; raises CancelledError."""
        ...

    def waits(self, seconds: float) -> None:
        """The provider asks for so much patience, and is given it."""
        ...


class Provider(Protocol):
    """The interface. All methods raise the errors of `errors.NetworkError` and `errors.ProviderError`,
    and none waits for the network longer than the settings allow."""

    name: str
    title: str
    """For people."""

    def search(self, request: SearchRequest) -> Answer[tuple[RemoteModel, ...]]: ...

    def details(self, repo: str, revision: str | None = None) -> Answer[RemoteModel]:
        """One model with its files."""
        ...

    def address(self, text: str) -> RemoteAddress:
        """What is meant by a name or by the address of a page; asks nobody. Raises InvalidValueError."""
        ...

    def look_up(self, model: ModelMetadata) -> LookedUp:
        """Which published model this is: by the hash of its weights, else by name. At most 4 calls a file."""
        ...

    def compare(self, model: ModelMetadata, remote: RemoteModel) -> LookedUp:
        """What one published model, with its files, has to do with one of ours; asks nobody."""
        ...

    def download(
        self, model: RemoteModel, file: RemoteFile, target: Path, transfer: Transfer
    ) -> FileDigests:
        """Fetch one file to `target`, whose directory exists, resuming what an earlier try left beside it.

        Returns the digests of the bytes on disk, which are durable and proven to be the provider's.
        """
        ...

    def close(self) -> None: ...


def open_provider(name: str, network: NetworkManager) -> Provider:
    """The provider of that name. Raises InvalidValueError."""
    if name not in PROVIDERS:
        known = ", ".join(sorted(PROVIDERS))
        raise InvalidValueError(f"{name!r} is no provider", hint=f"Providers: {known}.")
    module, _, made = PROVIDERS[name].partition(":")
    make = cast("Callable[[NetworkManager], Provider]", getattr(import_module(module), made))
    return make(network)


_WINDOWS_DRIVE = re.compile(r"[A-Za-z]:")

UNFINISHED: Final = (".part", ".part.json", ".part.json.new", ".part.lock")
"""Endings of what lies beside a file while it is fetched: no file of a repository is taken for that."""


def remote_path(text: str) -> str:
    """A path from a listing, proven to stay inside its directory on every system.

    Raises UnsafeNameError for what is absolute, climbs, names a drive or a device, ends as our own unfinished
    files do, or is no name on some supported filesystem: such a file is refused, never renamed, because its name is part of what it is.
    """
    parts = PurePosixPath(text).parts
    unsafe = (
        not parts
        or len(text) > MAX_REMOTE_PATH
        or text != "/".join(parts)
        or "\\" in text
        or _WINDOWS_DRIVE.match(text) is not None
        or any(part in {".", ".."} or safe_file_name(part) != part for part in parts)
        or any(part.lower().endswith(UNFINISHED) for part in parts)
    )
    if unsafe:
        raise UnsafeNameError(
            f"A file of the repository has a name that cannot be used: {text[:200]!r}",
            hint="It was left out. No real model needs such a name; look at the repository with care.",
        )
    return text


def require_tree(files: Sequence[RemoteFile]) -> None:
    """Raises UnsafeNameError when one of the files would be a folder of another one too."""
    paths = {file.path for file in files}
    for path in sorted(paths):
        for parent in PurePosixPath(path).parents:
            if str(parent) in paths:
                raise UnsafeNameError(
                    f"{str(parent)[:200]!r} is a file and a folder of the repository",
                    hint="No real model has that; look at the repository with care.",
                )


def chosen_files(files: Sequence[RemoteFile], patterns: Sequence[str]) -> tuple[RemoteFile, ...]:
    """The files that one of the patterns names: a path, a folder, or a glob such as `*.safetensors`.

    Raises InvalidValueError for a pattern that names nothing.
    """
    from fnmatch import fnmatchcase

    found: dict[str, RemoteFile] = {}
    for pattern in patterns:
        hits = [
            one
            for one in files
            if one.path == pattern
            or fnmatchcase(one.path, pattern)
            or one.path.startswith(pattern.rstrip("/") + "/")
        ]
        if not hits:
            raise InvalidValueError(
                f"No file of the repository is named {pattern!r}",
                hint="`model-library find OWNER/NAME` lists them.",
            )
        found.update((one.path, one) for one in hits)
    return tuple(found[path] for path in sorted(found))
