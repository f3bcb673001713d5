"""What probing and identifying produce: frozen values, shared by every reader and rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from model_library.taxonomy import (
    AdapterType,
    Container,
    EvidenceMethod,
    FileRole,
    Kind,
    ModelForm,
    SecurityTier,
)

MetadataValue = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor as its header declares it: no data. `shape` is in the order of PyTorch
    (outermost first) for every container; GGUF's reversed order is turned round by its reader."""

    name: str
    dtype: str
    shape: tuple[int, ...]

    @property
    def parameters(self) -> int:
        """Number of elements (1 for a scalar)."""
        count = 1
        for dimension in self.shape:
            count *= dimension
        return count


@dataclass(frozen=True, slots=True)
class Security:
    """A tier and the reasons for it, one short sentence each (for people; escaped on display)."""

    tier: SecurityTier
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Header:
    """Everything a header-only probe read from one file."""

    container: Container
    size: int
    """Bytes of the whole file."""
    tensors: Mapping[str, Tensor]
    metadata: Mapping[str, MetadataValue]
    """safetensors `__metadata__`, GGUF scalar keys, ONNX producer and opset fields; untrusted text."""
    security: Security
    data_start: int | None = None
    """safetensors only: 8 + N, where the tensor bytes begin (AutoV3 hashes from here)."""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundFile:
    """One regular file as the walk saw it (symlinks already followed)."""

    path: Path
    size: int
    mtime_ns: int
    device: int
    inode: int


@dataclass(frozen=True, slots=True)
class GroupFile:
    """A file and its part in a model. `name` is relative to the model, with '/', and was checked
    to stay inside it."""

    file: FoundFile
    name: str
    role: FileRole
    shard_index: int | None = None
    """Counts from 1, whatever the file name counts from."""
    shard_total: int | None = None


@dataclass(frozen=True, slots=True)
class ModelGroup:
    """The files that form one logical model, before anything was read from them."""

    form: ModelForm
    name: str
    """The name a person would give it: the file stem, the stem of the shards, or the folder name."""
    base: Path
    """Directory that all `GroupFile.name` are relative to."""
    files: tuple[GroupFile, ...]
    missing: tuple[str, ...] = ()
    """Names of shards or indexed files that should be there and are not."""

    @property
    def weights(self) -> tuple[GroupFile, ...]:
        return tuple(f for f in self.files if f.role is FileRole.WEIGHT)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(f.file.size for f in self.files)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why we believe the value of one field. `confidence` is between 0 and 1."""

    value: str
    method: EvidenceMethod
    confidence: float
    rules_version: int


@dataclass(frozen=True, slots=True)
class Identification:
    """What one model is, as far as its headers, configs and sidecars tell."""

    kind: Kind
    container: Container
    security: Security
    family: str
    adapter_type: AdapterType | None = None
    variant: str | None = None
    lineage: str | None = None
    precision: str | None = None
    tasks: tuple[str, ...] = ()
    parameter_count: int | None = None
    dtype_histogram: Mapping[str, int] = field(default_factory=dict)
    """Elements (not bytes) per dtype name as the container spells it, e.g. {"F16": 859520964}."""
    name: str | None = None
    """A title from the file itself, if it has one."""
    license: str | None = None
    description: str | None = None
    tags: tuple[str, ...] = ()
    trigger_words: tuple[str, ...] = ()
    embedded: Mapping[str, MetadataValue] = field(default_factory=dict)
    """Embedded metadata worth keeping, every text shortened to a bound."""
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    """By field name."""
    tensor_counts: Mapping[str, int] = field(default_factory=dict)
    """Tensors per weight file, by `GroupFile.name`."""
    data_starts: Mapping[str, int] = field(default_factory=dict)
    """`Header.data_start` per weight file that has one, by `GroupFile.name`."""
    warnings: tuple[str, ...] = ()
