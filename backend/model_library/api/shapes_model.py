"""The JSON of one model: the fields of metadata.json and what is added where it is shown.

The fields are those of `metadata.ModelMetadata` (a test compares them), declared without importing it, because
finding models does not need it. What a newer version wrote beside them is passed on as it is.
"""

# Without `from __future__ import annotations`: TypedDict compiles each annotation that is a text, at every start.
from typing import Any, NotRequired, TypedDict

from model_library.taxonomy import (
    AdapterType,
    Container,
    EvidenceMethod,
    FileRole,
    Kind,
    MatchMethod,
    ModelForm,
    ModelState,
    PlacedBy,
    SecurityTier,
)


class ErrorJson(TypedDict):
    """An error: `code` is stable, `message` says what, `hint` what to do."""

    code: str
    message: str
    hint: str
    path: NotRequired[str | None]


class ModelFileJson(TypedDict):
    """One file; `path` is relative to the directory of the model."""

    path: str
    size: int
    sha256: str
    blake3: str | None
    autov3: str | None
    original_name: str
    role: FileRole
    shard_index: int | None
    shard_total: int | None
    tensor_count: int | None


class EvidenceJson(TypedDict):
    """Why a field has its value. `confidence` is 0 to 1."""

    value: str
    method: EvidenceMethod
    confidence: float
    rules_version: int


class AutomaticJson(TypedDict):
    """What was found out about a field that a person then set by hand."""

    value: Any
    evidence: EvidenceJson | None


class SourceJson(TypedDict):
    """Where a model can be had; `model_id` is the provider's own."""

    provider: str
    model_id: str | None
    repo: str | None
    version_id: str | None
    revision: str | None
    file: str | None
    url: str | None


class MatchJson(TypedDict):
    """How sure we are which published model this is."""

    method: MatchMethod
    modified: bool
    confidence: float
    pending: bool
    match_source: str


class SecurityJson(TypedDict):
    tier: SecurityTier
    findings: list[str]
    scanner: str
    date: str


class ReferenceJson(TypedDict):
    root_id: str
    path: str


class MetadataJson(TypedDict):
    """The fields of metadata.json; sizes in bytes, dates in RFC 3339."""

    schema_version: int
    model_id: str
    official_name: str
    slug: str
    form: ModelForm
    kind: Kind
    adapter_type: AdapterType | None
    family: str
    variant: str | None
    lineage: str | None
    container: Container
    precision: str | None
    tasks: list[str]
    files: list[ModelFileJson]
    missing_files: list[str]
    content_digest: str
    size: int
    parameter_count: int | None
    dtype_histogram: dict[str, int]
    embedded: dict[str, str | int | float | bool]
    evidence: dict[str, EvidenceJson]
    sources: list[SourceJson]
    source_labels: dict[str, str]
    match: MatchJson
    security: SecurityJson
    license: str | None
    description: str | None
    tags: list[str]
    notes: str | None
    trigger_words: list[str]
    preview: str | None
    added: str
    updated: str
    origin_path: str | None
    placement: PlacedBy
    reference: ReferenceJson | None
    user_set: list[str]
    automatic: dict[str, AutomaticJson]


class CheckedJson(TypedDict):
    """What the last `verify` of a model found."""

    intact: bool
    detail: str
    date: str


class ModelJson(MetadataJson):
    """A model of the library. `path`: absolute, of the file or the folder, None when offline; `verified`
    where one model is shown alone and was verified before."""

    path: str | None
    state: ModelState
    verified: NotRequired[CheckedJson]


class TrashedJson(MetadataJson):
    """A model in the trash: where it is, the day it was deleted, in UTC, and the bytes that a purge frees."""

    path: str
    deleted: str
    frees: int


class ImportedJson(ModelJson):
    """A model that came in. `paths`: its sources; `left`: sources of a move that stayed; `repaired`: it took
    the place of a damaged one; `completed`: shards came to a model that lacked them."""

    paths: list[str]
    warnings: list[str]
    left: list[str]
    repaired: bool
    completed: bool


class FoundSecurityJson(TypedDict):
    tier: SecurityTier
    findings: list[str]


class HashedFileJson(TypedDict):
    """A file that holds weights; `size` in bytes."""

    name: str
    size: int
    sha256: str


class InspectedJson(TypedDict):
    """What `inspect` says of one group of files. Of one that is not `valid` there is an `error`; a dry run of
    an import adds the `model_id` to come, whether it `completes` a model that is there, and the `files` with
    weights."""

    paths: list[str]
    valid: bool
    error: NotRequired[ErrorJson]
    name: NotRequired[str]
    form: NotRequired[ModelForm]
    official_name: NotRequired[str]
    kind: NotRequired[Kind]
    adapter_type: NotRequired[AdapterType | None]
    family: NotRequired[str]
    variant: NotRequired[str | None]
    lineage: NotRequired[str | None]
    container: NotRequired[Container]
    precision: NotRequired[str | None]
    tasks: NotRequired[list[str]]
    size: NotRequired[int]
    parameter_count: NotRequired[int | None]
    dtype_histogram: NotRequired[dict[str, int]]
    missing_files: NotRequired[list[str]]
    security: NotRequired[FoundSecurityJson]
    evidence: NotRequired[dict[str, EvidenceJson]]
    license: NotRequired[str | None]
    description: NotRequired[str | None]
    tags: NotRequired[list[str]]
    trigger_words: NotRequired[list[str]]
    embedded: NotRequired[dict[str, Any]]
    warnings: NotRequired[list[str]]
    model_id: NotRequired[str]
    completes: NotRequired[bool]
    files: NotRequired[list[HashedFileJson]]
