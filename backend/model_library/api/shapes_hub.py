"""The JSON of what providers are asked: search, repositories, lookups, downloads, the network."""

# Without `from __future__ import annotations`: TypedDict compiles each annotation that is a text, at every start.
from collections.abc import Sequence
from typing import Any, TypedDict

from model_library.api.shapes import ErrorJson, ImportJson
from model_library.api.shapes_model import MatchJson


class FreshnessJson(TypedDict):
    """Where an answer comes from: `live`, `cached` (less than a day old) or `stale`; `age` in seconds."""

    freshness: str
    age: float


class RemoteModelJson(TypedDict):
    """One published model."""

    provider: str
    repo: str
    url: str
    revision: str | None
    author: str | None
    gated: str | None
    private: bool
    license: str | None
    tags: list[str]
    pipeline_tag: str | None
    library_name: str | None
    base_models: list[str]
    downloads: int | None
    likes: int | None
    updated: str | None
    parameters: int | None
    architecture: str | None


class FindJson(FreshnessJson):
    query: str
    models: list[RemoteModelJson]
    took_ms: float


class RemoteFileJson(TypedDict):
    path: str
    size: int | None
    sha256: str | None


class ChoiceJson(TypedDict):
    """One thing that `download --quant NAME` takes."""

    name: str
    size: int
    files: list[str]


class RepositoryJson(FreshnessJson):
    model: RemoteModelJson
    choices: list[ChoiceJson]
    files: list[RemoteFileJson]
    refused: list[str]
    took_ms: float


class LookedUpJson(TypedDict):
    """`outcome`: matched, uncertain, modified, none, pending or failed."""

    model_id: str
    outcome: str
    method: str
    confidence: float
    repo: str | None
    url: str | None
    changed: list[str]
    related: list[RemoteFileJson]
    missing: list[RemoteFileJson]
    calls: int
    error: ErrorJson | None


class LookupJson(TypedDict):
    models: list[LookedUpJson]
    pending: int
    """How many models of the library still wait for a lookup."""
    calls: int
    took_ms: float


class MatchedJson(TypedDict):
    """Which published model some files are. `repo` is None when none is known; `proposed` holds what the
    provider says of it: fields of metadata.json. `asked`: questions, also those that a cache answered; with none
    nothing of the files says what to look for."""

    match: MatchJson
    repo: str | None
    revision: str | None
    url: str | None
    proposed: dict[str, Any]
    related: list[RemoteFileJson]
    missing: list[RemoteFileJson]
    calls: int
    asked: int


class RelatedJson(FreshnessJson):
    """What the repository of a model has besides what is held: `related` goes with it, `missing` is what it
    lacks. `repo` is None when the model has none; then the lists are empty."""

    repo: str | None
    revision: str | None
    url: str | None
    related: list[RemoteFileJson]
    missing: list[RemoteFileJson]


class DownloadOptions(TypedDict, total=False):
    """What `download` takes besides the repository."""

    files: Sequence[str]
    """Paths, folders or globs; without any what the model needs."""
    quant: str | None
    revision: str | None
    everything: bool
    root: str | None
    accept_pickle: bool
    beside: str | None
    """Id of a model: configuration, cards and pictures among the files come to it, into its root."""


class AttachedJson(TypedDict):
    """A file that came to a model; `path` is that of the repository."""

    model_id: str
    path: str


class DownloadJson(ImportJson):
    """`paths` are those of the repository; `attached`: what came to the model that was named as `beside`."""

    attached: list[AttachedJson]

    job: str
    repo: str
    revision: str | None
    url: str
    bytes: int


class PlannedDownloadJson(TypedDict):
    """What `download --dry-run` would fetch."""

    repo: str
    revision: str | None
    url: str
    files: list[RemoteFileJson]
    bytes: int
    root: str
