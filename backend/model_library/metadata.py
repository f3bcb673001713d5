"""`metadata.json`: the single source of truth about one model, as a frozen value.

Parsed once and valid from then on; fields of newer versions are kept (`extra="allow"`), so that
an older program never drops what a newer one wrote. The file is drawn in docs/library-format.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from model_library.errors import InvalidValueError, MetadataError
from model_library.taxonomy import (
    UNKNOWN_FAMILY,
    AdapterType,
    Container,
    EvidenceMethod,
    FileRole,
    Kind,
    MatchMethod,
    ModelForm,
    PlacedBy,
    SecurityTier,
)

SCHEMA_VERSION: Final = 1
METADATA_NAME: Final = "metadata.json"
MAX_METADATA_BYTES: Final = 16 * 1024 * 1024
"""Bytes. A folder model with 10,000 files needs about 4 MB; more than this is no metadata.json."""

EDITABLE_FIELDS: Final = frozenset(
    {
        "official_name",
        "kind",
        "adapter_type",
        "family",
        "variant",
        "lineage",
        "tasks",
        "license",
        "description",
        "tags",
        "notes",
        "trigger_words",
        "preview",
    }
)
"""What a person may set by hand; the rest is measured and never typed."""

FAMILY_PATTERN: Final = r"^[a-z0-9][a-z0-9_.\-]{0,63}$"
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*-[0-9a-f]{8,64}\Z")

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_][^/\\:\0]*\Z")
"""A name without directories, as nearly all are: known to be inside without looking at its parts."""


def _inside(path: str) -> str:
    if _PLAIN_NAME.match(path):
        return path
    parts = PurePosixPath(path).parts
    outside = not parts or path.startswith("/") or ".." in parts or "\\" in path or "\0" in path
    if outside or re.match(r"[A-Za-z]:", path):
        raise ValueError("must be a relative path that stays inside its directory")
    return path


def _is_model_id(value: str) -> str:
    if not _ID.match(value):
        raise ValueError("is not a model id (slug, '-', 8 hex digits)")
    return value


RelativePath = Annotated[str, AfterValidator(_inside)]
ModelId = Annotated[str, AfterValidator(_is_model_id)]
Hex64 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Family = Annotated[str, StringConstraints(pattern=FAMILY_PATTERN)]


class _Value(BaseModel):
    """Frozen, and keeps fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="allow")


class ModelFile(_Value):
    """One file of a model. `path` is relative to the model directory (managed root) or to
    `reference.path` in the root (referenced root)."""

    path: RelativePath
    size: Annotated[int, Field(ge=0)]
    sha256: Hex64
    blake3: Hex64 | None = None
    """None: the SHA-256 is the word of a Hugging Face cache, and `verify` has not read the bytes yet."""
    autov3: Hex64 | None = None
    original_name: str
    role: FileRole
    shard_index: int | None = None
    shard_total: int | None = None
    tensor_count: int | None = None


class FieldEvidence(_Value):
    """Why a field has its value."""

    value: str
    method: EvidenceMethod
    confidence: Annotated[float, Field(ge=0, le=1)]
    rules_version: int


class AutomaticValue(_Value):
    """What was found out about a field that a person then set by hand."""

    value: Any = None
    evidence: FieldEvidence | None = None


class SourceEntry(_Value):
    """Where a model can be had. Append-only: an entry outlives its page."""

    provider: str
    model_id: str | None = None
    """The provider's own id of the model, not ours."""
    repo: str | None = None
    version_id: str | None = None
    revision: str | None = None
    file: str | None = None
    url: str | None = None


class Match(_Value):
    """How sure we are which published model this is."""

    method: MatchMethod = MatchMethod.NONE
    modified: bool = False
    """The bytes differ from those that the source published under this name."""
    confidence: Annotated[float, Field(ge=0, le=1)] = 0.0
    pending: bool = True
    match_source: Annotated[str, StringConstraints(pattern=r"^(auto|manual)$")] = "auto"


class SecurityReport(_Value):
    tier: SecurityTier
    findings: tuple[str, ...] = ()
    scanner: str
    date: AwareDatetime


def _inside_or_itself(path: str) -> str:
    return path if path == "." else _inside(path)


class Reference(_Value):
    """Where the files of a referenced model lie: `path` is a directory relative to the root."""

    root_id: str
    path: Annotated[str, AfterValidator(_inside_or_itself)]


class ModelMetadata(_Value):
    """All we know about one model."""

    schema_version: Annotated[int, Field(ge=1)] = SCHEMA_VERSION
    model_id: ModelId
    official_name: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    slug: str
    form: ModelForm
    kind: Kind = Kind.UNKNOWN
    adapter_type: AdapterType | None = None
    family: Family = UNKNOWN_FAMILY
    variant: str | None = None
    lineage: str | None = None
    container: Container
    precision: str | None = None
    tasks: tuple[str, ...] = ()
    files: tuple[ModelFile, ...]
    missing_files: tuple[str, ...] = ()
    content_digest: Hex64
    size: Annotated[int, Field(ge=0)]
    parameter_count: int | None = None
    dtype_histogram: dict[str, int] = Field(default_factory=dict)
    embedded: dict[str, str | int | float | bool] = Field(default_factory=dict)
    evidence: dict[str, FieldEvidence] = Field(default_factory=dict)
    sources: tuple[SourceEntry, ...] = ()
    source_labels: dict[str, str] = Field(default_factory=dict)
    match: Match = Match()
    security: SecurityReport
    license: str | None = None
    description: str | None = None
    tags: tuple[str, ...] = ()
    notes: str | None = None
    trigger_words: tuple[str, ...] = ()
    preview: RelativePath | None = None
    added: AwareDatetime
    updated: AwareDatetime
    origin_path: str | None = None
    placement: PlacedBy
    reference: Reference | None = None
    user_set: tuple[str, ...] = ()
    automatic: dict[str, AutomaticValue] = Field(default_factory=dict)

    @property
    def weights(self) -> tuple[ModelFile, ...]:
        return tuple(f for f in self.files if f.role is FileRole.WEIGHT)


_FIELDS: Final = frozenset(ModelMetadata.model_fields)


def parse_family(text: str) -> str:
    """A family that a person named, in lower case, as all are stored. Raises InvalidValueError."""
    family = text.lower()
    if not re.fullmatch(FAMILY_PATTERN, family):
        raise InvalidValueError(
            f"{text!r} cannot be a family",
            hint="Use letters, digits, '_', '-' and '.', e.g. sdxl or qwen2.5.",
        )
    return family


def now() -> datetime:
    """The current time in UTC, to the second: what `added` and `updated` are written with."""
    return datetime.now(UTC).replace(microsecond=0)


def parse_metadata(data: bytes, path: Path | str) -> ModelMetadata:
    """Read one document.

    Raises MetadataError when it is no JSON, breaks a rule above or has a newer schema_version;
    `path` is only named in the error.
    """
    if len(data) > MAX_METADATA_BYTES:
        raise MetadataError("metadata.json is too large to be one", path=path)
    try:
        metadata = ModelMetadata.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the document"
        raise MetadataError(
            f"metadata.json is not valid: {where}: {first['msg']}", path=path
        ) from error
    if metadata.schema_version > SCHEMA_VERSION:
        raise MetadataError(
            f"metadata.json has version {metadata.schema_version}, this program knows"
            f" {SCHEMA_VERSION}",
            path=path,
            hint="Update model-library to read this model.",
        )
    return metadata


def dump_metadata(metadata: ModelMetadata) -> bytes:
    """The document as it is written: indented UTF-8 JSON with a final newline."""
    return metadata.model_dump_json(indent=2).encode() + b"\n"


def complete_document(data: bytes, metadata: ModelMetadata) -> str:
    """The JSON text of a parsed document with every field that it may have: what we wrote has them all,
    what was edited by hand may have lost some."""
    if metadata.model_fields_set >= _FIELDS:
        return data.decode()
    return metadata.model_dump_json()


def fields_of(metadata: ModelMetadata) -> Mapping[str, object]:
    """The fields by name without copying them: what dumping would give, but for the types of values, in
    which enumerations, dates and tuples stay what they are."""
    return vars(metadata) | {
        "files": [vars(file) for file in metadata.files],
        "sources": [vars(source) for source in metadata.sources],
        "security": vars(metadata.security),
        "match": vars(metadata.match),
        "reference": metadata.reference and vars(metadata.reference),
    }


def with_changes(metadata: ModelMetadata, changes: dict[str, Any], path: Path) -> ModelMetadata:
    """A copy with some fields replaced, validated as a whole.

    Raises MetadataError when the result would be invalid.
    """
    return parse_fields(metadata.model_dump(mode="json") | changes, path)


def parse_fields(fields: dict[str, Any], path: Path) -> ModelMetadata:
    """A document from its fields. Raises MetadataError; `path` is only named in it."""
    try:
        return ModelMetadata.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise MetadataError(f"{where}: {first['msg']}", path=path, hint="") from error
