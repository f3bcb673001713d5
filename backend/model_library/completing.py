"""Completing: shards that a sharded set lacked come in later, and the same model has them then.

The new shards are staged as for any import. Then each goes to its place in the model's directory by a rename,
where nobody sees it before the one write of metadata.json that names it. All of it is in the journal first:
what a dead process left is gone through again, and what is done already is passed over.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

from model_library.errors import MetadataError, ModelNotFoundError, SourceNotFoundError
from model_library.identify.values import Identification, ModelGroup
from model_library.io.files import make_directory, write_durably
from model_library.io.platform.page_cache import sync_filesystem
from model_library.io.platform.renaming import rename_noreplace
from model_library.library import Catalog, Record
from model_library.marking import mark
from model_library.metadata import (
    MAX_METADATA_BYTES,
    METADATA_NAME,
    ModelFile,
    ModelMetadata,
    dump_metadata,
    now,
    parse_fields,
    parse_metadata,
)
from model_library.naming import collision_key, content_digest, digest_entry, slugify
from model_library.publishing import (
    Job,
    MovedSource,
    Published,
    StagedModel,
    holds,
    is_as_hashed,
    keep_aside,
    remove_moved,
    write_metadata,
)
from model_library.roots import Root
from model_library.search.fts5 import IndexedFile
from model_library.search.query import parse_query
from model_library.store import read_document, stamp_of
from model_library.taxonomy import UNKNOWN_FAMILY, FileRole, ModelForm, RootMode, SecurityTier

COMPLETE: Final = "complete"
MISSING: Final = "Missing: "
"""Begins the warning that names a shard."""
_LOOKED_AT: Final = 1000
"""Incomplete models of which one may be meant. Nobody has more."""
_EMPTY_NAMES: Final = frozenset(
    {"model", "pytorch-model", "diffusion-pytorch-model", "tf-model", "flax-model", "consolidated"}
)
"""Names of shards that any model may have."""
_IDENTITY: Final = ("kind", "adapter_type", "family", "variant", "lineage", "tasks", "precision")


def incomplete_model(
    catalog: Catalog, group: ModelGroup, known: Identification, hashes: Mapping[str, str]
) -> Record | None:
    """The one model that lacks shards which the group, a sharded set, has, or None.

    `hashes` are the SHA-256 of those weights of the group that the library holds, by name. A shard in
    common proves that both are one model. Without one the names must tell it: they are those that are
    missing, and no names that every model has, unless both come from the same folder.
    """
    sharing = {file.model_id for sha in hashes.values() for file in _held(catalog, sha)}
    found = [
        one for one in _incomplete(catalog, sharing) if _continues(one.metadata, group, hashes)
    ]
    if not found and not hashes:
        alike = (one for one in _incomplete(catalog, _named(catalog)) if _is_alike(one, known))
        found = [one for one in alike if _continues_by_name(one.metadata, group)]
    return found[0] if len(found) == 1 else None


def holder_of(catalog: Catalog, group: ModelGroup, hashes: Mapping[str, str]) -> str | None:
    """The sharded set that has all shards of the group, which may lack some, whole where they belong."""
    wanted = {(file.shard_index, hashes[file.name]) for file in group.weights}
    for model_id in sorted({file.model_id for file in _held(catalog, next(iter(hashes.values())))}):
        record = _record(catalog, model_id)
        if record is None or record.metadata.form is not ModelForm.SHARDED_SET:
            continue
        shards = {(file.shard_index, file.sha256): file for file in record.metadata.weights}
        if wanted <= shards.keys() and all(_is_there(record, shards[one]) for one in wanted):
            return model_id
    return None


def complete(catalog: Catalog, work: Job, model: StagedModel) -> Published | None:
    """Give a staged group to the model that it completes (`model.completes`).

    None when that model is not what it was any more; nothing was done then. Raises ModelLibraryError.
    """
    with catalog.exclusive():
        record = _record(catalog, model.completes or "")
        if record is None or not _fits(record, model.metadata, model.root):
            return None
        plan = _plan(record, model.metadata)
        moved = [replace(one, held=plan[one.held]) for one in model.moved if one.held in plan]
        write_durably(model.directory / METADATA_NAME, dump_metadata(model.metadata))
        sync_filesystem(model.directory)
        base = model.root.metadata_directory
        payload = {
            "root_id": model.root.root_id,
            "model_id": record.metadata.model_id,
            "staged": model.directory.relative_to(base).as_posix(),
            "plan": plan,
            "moved": [asdict(one) for one in moved],
        }
        entries = catalog.registry.begin(work.name, [(COMPLETE, payload)])
        sound = [one for one in moved if is_as_hashed(Path(one.path), one)]
        _carry_out(catalog, record, model.metadata, model.directory, plan)
        moved = [_renamed(one, record) if one in sound else one for one in moved]
    left = remove_moved(record.files_directory, moved)
    kept = tuple(one.path for one in model.moved if one.held not in plan)
    shutil.rmtree(model.directory)
    catalog.registry.finish(entries)
    warnings = (*_still_missing(record, model), *without_missing(model.warnings))
    return Published(record.metadata.model_id, left=left + kept, warnings=warnings, completed=True)


def without_missing(warnings: Iterable[str]) -> Iterator[str]:
    """What is said of a staged group, but for the shards that the model it completes may have."""
    return (warning for warning in warnings if not warning.startswith(MISSING))


def _still_missing(record: Record, model: StagedModel) -> Iterator[str]:
    came = {file.original_name for file in model.metadata.weights}
    return (MISSING + name for name in record.metadata.missing_files if name not in came)


def _renamed(source: MovedSource, record: Record) -> MovedSource:
    """A source as it is after the rename of its second name, which is a change of the file."""
    status = (record.files_directory / source.held).lstat()
    if (status.st_dev, status.st_ino) != (source.device, source.inode):
        return source
    return replace(source, ctime_ns=status.st_ctime_ns)


def finish_completing(catalog: Catalog, root: Root, payload: Mapping[str, Any]) -> None:
    """Go on where a dead process stopped. Callers hold the lock. Raises FileError."""
    staged, plan = root.metadata_directory / str(payload["staged"]), dict(payload["plan"])
    path = staged / METADATA_NAME
    record = _record(catalog, str(payload["model_id"]))
    if record is None or stamp_of(path) is None:
        return  # deleted meanwhile, or all was done: the staging goes last
    try:
        metadata = parse_metadata(read_document(path, MAX_METADATA_BYTES)[0], path)
    except MetadataError:
        return  # nothing was begun: it is whole before the journal has it
    if _fits(record, metadata, root):
        _carry_out(catalog, record, metadata, staged, plan)
    held = {file.path for file in catalog.record(record.metadata.model_id).metadata.files}
    moved = [MovedSource(**source) for source in payload["moved"]]
    remove_moved(record.files_directory, [one for one in moved if one.held in held])


# --- which model ---------------------------------------------------------------------------------------


def _held(catalog: Catalog, sha256: str) -> list[IndexedFile]:
    return catalog.index.files_with_sha256(sha256)


def _named(catalog: Catalog) -> set[str]:
    query = parse_query(f"state:missing form:{ModelForm.SHARDED_SET}")
    return {row.model_id for row in catalog.index.search(query, limit=_LOOKED_AT).rows}


def _incomplete(catalog: Catalog, model_ids: Iterable[str]) -> Iterator[Record]:
    for model_id in sorted(model_ids):
        record = _record(catalog, model_id)
        if record is not None and record.root.online and record.metadata.missing_files:
            yield record


def _record(catalog: Catalog, model_id: str) -> Record | None:
    try:
        return catalog.record(model_id)
    except (ModelNotFoundError, MetadataError):
        return None  # gone or unreadable: nothing can be added to it


def _continues(metadata: ModelMetadata, group: ModelGroup, hashes: Mapping[str, str]) -> bool:
    """Whether the group shares a shard with the model, contradicts none and has some that are missing."""
    have = {file.shard_index: file for file in metadata.weights}
    common = [file for file in group.weights if file.shard_index in have]
    new = [file for file in group.weights if file.shard_index not in have]
    same = all(hashes.get(one.name) == have[one.shard_index].sha256 for one in common)
    return bool(common and new and same) and all(one.name in metadata.missing_files for one in new)


def _continues_by_name(metadata: ModelMetadata, group: ModelGroup) -> bool:
    names = {file.name for file in group.weights}
    telling = slugify(group.name) not in _EMPTY_NAMES
    beside = metadata.origin_path in (str(group.base), *_siblings(metadata, group.base))
    return names <= set(metadata.missing_files) and (telling or beside)


def _siblings(metadata: ModelMetadata, base: Path) -> tuple[str, ...]:
    """Paths in that folder that the model may have come from when it was one file."""
    return tuple(str(base / file.original_name) for file in metadata.files)


def _is_alike(record: Record, known: Identification) -> bool:
    metadata = record.metadata
    unsure = UNKNOWN_FAMILY in (metadata.family, known.family) or "family" in metadata.user_set
    same = (metadata.container, metadata.precision) == (known.container, known.precision)
    return same and (unsure or metadata.family == known.family)


def _fits(record: Record, staged: ModelMetadata, root: Root) -> bool:
    """Whether staged shards still are what the model lacks, and can be renamed into its directory."""
    metadata = record.metadata
    if record.root.root_id != root.root_id or not metadata.missing_files:
        return False
    if metadata.reference != staged.reference:
        return False
    have = {file.shard_index: file.sha256 for file in metadata.weights}
    same = all(have.get(one.shard_index, one.sha256) == one.sha256 for one in staged.weights)
    new = [one for one in staged.weights if one.shard_index not in have]
    return bool(new and same) and all(one.original_name in metadata.missing_files for one in new)


def _is_there(record: Record, file: ModelFile) -> bool:
    stamp = stamp_of(record.files_directory / file.path)
    return stamp is not None and stamp.size == file.size


# --- what becomes of it --------------------------------------------------------------------------------


def _plan(record: Record, staged: ModelMetadata) -> dict[str, str]:
    """Where each staged file goes that the model lacks: paths in staging to paths in the model."""
    if record.root.mode is RootMode.REFERENCED:
        return {}
    plan: dict[str, str] = {}
    shards = {file.shard_index: file for file in record.metadata.weights}
    names = {collision_key(file.path) for file in record.metadata.files}
    for file in staged.files:
        mine = shards.get(file.shard_index) if file.role is FileRole.WEIGHT else None
        if mine is not None and not _is_there(record, mine):
            plan[file.path] = mine.path
        elif mine is None and collision_key(file.path) not in names:
            plan[file.path] = file.path
    return plan


def _carry_out(
    catalog: Catalog,
    record: Record,
    staged: ModelMetadata,
    directory: Path,
    plan: Mapping[str, str],
) -> None:
    """Every step may have been done before. Raises FileError."""
    hashes = {file.path: file.sha256 for file in staged.files}
    for source, target in plan.items():
        path = record.files_directory / target
        if holds(path, hashes[source]):
            continue
        if not (directory / source).exists():
            raise SourceNotFoundError("A staged shard is gone", path=directory / source)
        if os.path.lexists(path):
            keep_aside(path, record)
        make_directory(path.parent)
        rename_noreplace(directory / source, path)
    sync_filesystem(record.directory)
    write_metadata(record.root, record.location, completed(record.metadata, staged))
    catalog.registry.forget_verification(record.metadata.model_id)
    catalog.index.put([catalog.read_record(record.root, record.location)])


def completed(metadata: ModelMetadata, staged: ModelMetadata) -> ModelMetadata:
    """The description of a model together with shards that it lacked. Pure.

    Id, names and everything a person wrote stay. What the headers say is taken from the staged group when
    that has all shards of the model too, else it stays, and counts of separate shards are added up.
    """
    document, new = metadata.model_dump(mode="json"), staged.model_dump(mode="json")
    names = {collision_key(file.path) for file in metadata.files}
    shards = {file.shard_index for file in metadata.weights}
    added = [
        dumped
        for file, dumped in zip(staged.files, new["files"], strict=True)
        if collision_key(file.path) not in names
        and not (file.role is FileRole.WEIGHT and file.shard_index in shards)
    ]
    document["files"] = sorted([*document["files"], *added], key=_order)
    came = {file.original_name for file in staged.weights}
    document["missing_files"] = [name for name in metadata.missing_files if name not in came]
    document["size"] = sum(file["size"] for file in document["files"])
    document["content_digest"] = _digest(document["files"])
    document["updated"] = now().isoformat()
    document["sources"] += [one for one in new["sources"] if one not in document["sources"]]
    document["preview"] = document["preview"] or new["preview"]
    common = shards & {file.shard_index for file in staged.weights}
    if common == shards:
        _take_over(document, new)
    else:
        _add_up(document, new, separate=not common)
    mark(document, {name: new[name] for name in new["user_set"]})
    return parse_fields(document, Path(METADATA_NAME))


def _order(file: Mapping[str, Any]) -> tuple[bool, int]:
    """Weights by number, before everything else, whose order stays."""
    return file["role"] != FileRole.WEIGHT, file["shard_index"] or 0


def _digest(files: Iterable[Mapping[str, Any]]) -> str:
    return content_digest(
        digest_entry(
            ModelForm.SHARDED_SET, file["path"], file["sha256"], shard_index=file["shard_index"]
        )
        for file in files
        if file["role"] == FileRole.WEIGHT
    )


def _take_over(document: dict[str, Any], new: Mapping[str, Any]) -> None:
    """What the whole set says of itself, where no person said something else."""
    for name in ("parameter_count", "dtype_histogram", "embedded", "security", "container"):
        document[name] = new[name]
    for name in _IDENTITY:
        why = new["evidence"].get(name)
        if name in document["user_set"]:
            document["automatic"][name] = {"value": new[name], "evidence": why}
            continue
        document[name] = new[name]
        document["evidence"].pop(name, None)
        if why is not None:
            document["evidence"][name] = why


def _add_up(document: dict[str, Any], new: Mapping[str, Any], *, separate: bool) -> None:
    """Of shards that partly are the same the counts are not known before all have come."""
    counts = document["parameter_count"], new["parameter_count"]
    document["parameter_count"] = sum(counts) if separate and None not in counts else None
    histogram = dict(document["dtype_histogram"]) if separate else {}
    if separate:
        for dtype, count in new["dtype_histogram"].items():
            histogram[dtype] = histogram.get(dtype, 0) + count
    document["dtype_histogram"] = histogram
    tiers = list(SecurityTier)
    theirs, ours = new["security"], document["security"]
    worse = max(theirs["tier"], ours["tier"], key=lambda tier: tiers.index(SecurityTier(tier)))
    findings = list(dict.fromkeys([*ours["findings"], *theirs["findings"]]))
    document["security"] = {**theirs, "tier": worse, "findings": findings}
