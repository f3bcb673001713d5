"""Recording: what was found out about a group of files becomes its `metadata.json`.

Pure: everything comes in as values, and nothing is read or written here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from model_library.identify.ollama_store import manifest_of
from model_library.identify.sidecars import SidecarFacts
from model_library.identify.values import GroupFile, Identification, ModelGroup
from model_library.library import UPLOADS_DIRECTORY
from model_library.marking import keep_automatic, mark
from model_library.naming import content_digest, digest_entry, make_model_id, slugify
from model_library.placing import PlacedFile
from model_library.roots import Root
from model_library.taxonomy import (
    UNKNOWN_FAMILY,
    AdapterType,
    EvidenceMethod,
    FileRole,
    Kind,
    MatchMethod,
    ModelForm,
    PlacedBy,
)

if TYPE_CHECKING:
    from model_library.metadata import ModelMetadata

SCANNER: Final = "model-library-1"
"""Name and version of the rules behind the security tier."""

MAX_TITLE: Final = 500
"""Characters of a name."""
SHORTEST_TITLE: Final = 4
"""Characters. Trainers write titles such as `x` or `v2`, which say less than any file name."""
_EMPTY_TITLES: Final = frozenset(
    {"last", "model", "output", "lora", "test", "none", "null", "unknown", "untitled", "checkpoint"}
)

_FOLDERS: Final = (ModelForm.DIFFUSERS_FOLDER, ModelForm.TRANSFORMERS_FOLDER)
_SENT_BELOW: Final = 3
"""Parts of the path of a sent file before its own name: `uploads/<batch>/files`."""

PlacedFiles = Mapping[str, tuple[GroupFile, PlacedFile]]
"""By the name inside the model directory."""


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the user said about what is imported; marked as set by the user."""

    kind: Kind | None = None
    adapter_type: AdapterType | None = None
    family: str | None = None
    edits: Mapping[str, Any] = field(default_factory=dict)
    """What they said about this one model: editable fields with their values, which win over the others."""

    def fields(self) -> dict[str, Any]:
        given = {"kind": self.kind, "adapter_type": self.adapter_type, "family": self.family}
        of_all = {name: str(value) for name, value in given.items() if value is not None}
        return of_all | dict(self.edits)


def describe(
    group: ModelGroup,
    known: Identification,
    facts: SidecarFacts,
    placed: PlacedFiles,
    root: Root,
    overrides: Overrides,
    origin: str | None,
) -> ModelMetadata:
    """The description of a placed group; `origin`: where it came from. Raises MetadataError when a value
    cannot be stored."""
    from model_library.metadata import now, parse_fields  # while the first files are hashed

    hashes = {f.name: done.digests.sha256 for f, done in placed.values() if _is_weight(f)}
    digest = digest_of(group, hashes)
    name, slug, model_id = identity_of(group, known, facts, digest, overrides)
    today = now().isoformat()
    fields: dict[str, Any] = {
        "model_id": model_id,
        "official_name": name,
        "slug": slug,
        "form": group.form,
        "files": [_file(name, *one, known) for name, one in placed.items()],
        "missing_files": group.missing,
        "content_digest": digest,
        "size": sum(done.digests.size for _, done in placed.values()),
        "added": today,
        "updated": today,
        "origin_path": origin,
        "placement": _placed_by(placed),
        "preview": _preview(placed),
    }
    fields |= _identity(known, facts, today)
    fields |= _labels(known, facts)
    fields["match"] = _match(facts, placed)
    if _placed_by(placed) is PlacedBy.REFERENCE:
        relative = group.base.resolve().relative_to(root.path).as_posix()
        fields["reference"] = {"root_id": root.root_id, "path": relative}
    _override(fields, overrides)
    return parse_fields(fields, group.base)


def identity_of(
    group: ModelGroup,
    known: Identification,
    facts: SidecarFacts,
    digest: str,
    overrides: Overrides,
) -> tuple[str, str, str]:
    """Official name as it was found, slug and model id; these two are of the name that the user gave."""
    name = facts.official_name or official_name(group, known)
    slug = slugify(overrides.edits.get("official_name", name))
    return name, slug, make_model_id(slug, digest)


def origin_of(group: ModelGroup, library: Path) -> str | None:
    """Where the files of a group are from: their folder, or the path of the only one. Of what a browser sent
    only the name it had there is known, and of several files that were sent without a folder nothing.
    """
    path = group.base if len(group.files) > 1 else group.files[0].file.path
    sent = path.parts[len(library.parts) :]
    if path.parts[: len(library.parts)] != library.parts or sent[:1] != (UPLOADS_DIRECTORY,):
        return str(path)
    return "/".join(sent[_SENT_BELOW:]) or None


def named_as_sent(group: ModelGroup, library: Path) -> ModelGroup:
    """A group that a browser sent without a folder is not called as the directory of its batch, but as its
    first weight."""
    batches = library / UPLOADS_DIRECTORY
    is_batch = group.base.parent.parent == batches and group.name == group.base.name
    if not is_batch or group.form not in _FOLDERS or not group.weights:
        return group
    return replace(group, name=PurePosixPath(group.weights[0].name).stem)


def official_name(group: ModelGroup, known: Identification) -> str:
    """The title inside the file when it tells something, else the name of the file or folder. A model of Ollama's is
    known by the name that it was pulled by: the title is the same for every size and quantisation.
    """
    if manifest_of(group) is not None:
        return group.name[:MAX_TITLE]
    title = (known.name or "").strip()[:MAX_TITLE]
    telling = len(title) >= SHORTEST_TITLE and slugify(title) not in _EMPTY_TITLES
    return title if telling else group.name[:MAX_TITLE]


def with_hand_edits(metadata: ModelMetadata, former: ModelMetadata) -> ModelMetadata:
    """The description of a model that was deleted before and comes in again: what a person had set then
    is set again, unless they say something else now."""
    from model_library.metadata import METADATA_NAME, parse_fields

    kept = [name for name in former.user_set if name not in metadata.user_set]
    if not kept:
        return metadata
    if "kind" in kept:  # one statement about the model with
        kept = sorted({*kept, "adapter_type"})
    old, document = former.model_dump(mode="json"), metadata.model_dump(mode="json")
    mark(document, {name: old[name] for name in kept})
    document["sources"] = [*old["sources"], *document["sources"]]
    return parse_fields(document, Path(METADATA_NAME))


def digest_of(group: ModelGroup, sha256: Mapping[str, str]) -> str:
    """The content digest of a group from the hashes of its weights, by `GroupFile.name`."""
    form = group.form
    if form is ModelForm.SINGLE_FILE and len(group.weights) > 1:
        form = ModelForm.TRANSFORMERS_FOLDER  # a model with external data: its files count by name
    return content_digest(
        digest_entry(form, file.name, sha256[file.name], shard_index=file.shard_index)
        for file in group.weights
    )


def _is_weight(file: GroupFile) -> bool:
    return file.role is FileRole.WEIGHT


def _file(name: str, file: GroupFile, done: PlacedFile, known: Identification) -> dict[str, Any]:
    return {
        "path": name,
        "size": done.digests.size,
        "sha256": done.digests.sha256,
        "blake3": done.digests.blake3,
        "autov3": done.digests.autov3,
        "original_name": file.name,
        "role": file.role,
        "shard_index": file.shard_index,
        "shard_total": file.shard_total,
        "tensor_count": known.tensor_counts.get(file.name),
    }


def _placed_by(placed: PlacedFiles) -> PlacedBy:
    """How the weights were placed; of different ways the one that costs most."""
    ways = {done.by for file, done in placed.values() if _is_weight(file)}
    order = (
        PlacedBy.DOWNLOAD,
        PlacedBy.COPY,
        PlacedBy.MOVE,
        PlacedBy.REFLINK,
        PlacedBy.SHARED,
        PlacedBy.REFERENCE,
    )
    return next(way for way in order if way in ways)


def _preview(placed: PlacedFiles) -> str | None:
    """The best preview: the group has them in that order."""
    return next((n for n, (file, _) in placed.items() if file.role is FileRole.PREVIEW), None)


def _identity(known: Identification, facts: SidecarFacts, today: str) -> dict[str, Any]:
    """What the bytes say, and where they say nothing, what a sidecar says."""
    evidence = {name: asdict(one) for name, one in known.evidence.items()}
    fields = {
        "kind": known.kind,
        "adapter_type": known.adapter_type,
        "family": known.family,
        "variant": known.variant,
        "lineage": known.lineage,
        "container": known.container,
        "precision": known.precision,
        "tasks": known.tasks,
        "parameter_count": known.parameter_count,
        "dtype_histogram": dict(known.dtype_histogram),
        "embedded": dict(known.embedded),
        "security": {
            "tier": known.security.tier,
            "findings": known.security.findings,
            "scanner": SCANNER,
            "date": today,
        },
    }
    hints = {
        "kind": facts.kind if known.kind is Kind.UNKNOWN else None,
        "adapter_type": facts.adapter_type if known.kind is Kind.UNKNOWN else None,
        "family": facts.family if known.family == UNKNOWN_FAMILY else None,
        "lineage": facts.lineage if known.lineage is None else None,
    }
    for name, hint in hints.items():
        if hint is not None:
            fields[name] = hint
            evidence[name] = _evidence(str(hint), EvidenceMethod.SIDECAR, 0.5)
    return fields | {"evidence": evidence}


def _match(facts: SidecarFacts, placed: PlacedFiles) -> dict[str, Any]:
    """What a trusted hash in a sidecar proves: the published file, or a modified version of it."""
    said = {
        file.name: (expected, done.digests.sha256)
        for file, done in placed.values()
        if _is_weight(file) and (expected := facts.expected_sha256(file.name)) is not None
    }
    if not said:
        return {}
    if all(expected == actual for expected, actual in said.values()):
        return {"method": MatchMethod.HASH, "confidence": 1.0}
    return {"method": MatchMethod.NONE, "modified": True}


def _labels(known: Identification, facts: SidecarFacts) -> dict[str, Any]:
    """What people wrote about the model; a sidecar knows it better than the file."""
    return {
        "license": facts.license or known.license,
        "description": facts.description or known.description,
        "tags": _together(facts.tags, known.tags),
        "trigger_words": _together(facts.trigger_words, known.trigger_words),
        "notes": facts.notes,
        "source_labels": _source_labels(facts),
        "sources": [asdict(source) for source in facts.sources],
    }


def _source_labels(facts: SidecarFacts) -> dict[str, str]:
    labels = dict(facts.source_labels)
    if facts.prediction is not None:
        labels["prediction"] = facts.prediction
    if facts.is_nsfw is not None:
        labels["nsfw"] = str(facts.is_nsfw).lower()
    return labels


def _together(first: tuple[str, ...], second: tuple[str, ...]) -> list[str]:
    return list(dict.fromkeys((*first, *second)))


def _override(fields: dict[str, Any], overrides: Overrides) -> None:
    given = overrides.fields()
    fields |= {"user_set": [], "automatic": {}}
    if overrides.kind not in (None, Kind.ADAPTER):
        keep_automatic(fields, "adapter_type")
        fields["adapter_type"] = None
    mark(fields, given)


def _evidence(value: str, method: EvidenceMethod, confidence: float) -> dict[str, Any]:
    return {"value": value, "method": method, "confidence": confidence, "rules_version": 0}
