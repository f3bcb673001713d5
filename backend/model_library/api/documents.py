"""Reports of the use cases as the JSON of `shapes.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from model_library.api.shapes import (
    CheckJson,
    DoctorJson,
    DuplicateJson,
    ErrorJson,
    FailedJson,
    GoneJson,
    HashedFileJson,
    ImportJson,
    InspectJson,
    LossJson,
    ModelJson,
    RootJson,
    ScanJson,
    SkippedJson,
    VerifiedJson,
    VerifyJson,
)
from model_library.errors import ModelLibraryError
from model_library.taxonomy import SecurityTier

if TYPE_CHECKING:
    from model_library.doctor import Check
    from model_library.gone import Gone
    from model_library.identify.values import Identification, ModelGroup
    from model_library.intake import ImportReport
    from model_library.leaving import Loss
    from model_library.library import Catalog
    from model_library.roots import Root
    from model_library.scanner import ScanReport
    from model_library.verifier import VerifyReport


def error_json(error: ModelLibraryError) -> ErrorJson:
    """The error with its path."""
    return ErrorJson(code=error.code, message=error.message, hint=error.hint, path=error.path)


def import_json(
    report: ImportReport, dry_run: bool, model: Callable[[str], ModelJson], took_ms: float
) -> ImportJson:
    """`model` gives the JSON of a model by its full id."""
    imported = [
        model(one.model_id)
        | {
            "paths": [str(path) for path in one.paths],
            "warnings": list(one.warnings),
            "left": list(one.left),
            "repaired": one.repaired,
            "completed": one.completed,
        }
        for one in sorted(report.imported, key=lambda one: one.paths)
    ]
    result = ImportJson(
        imported=imported,
        duplicates=[
            DuplicateJson(
                path=str(d.paths[0]), paths=[str(p) for p in d.paths], model_id=d.model_id
            )
            for d in sorted(report.duplicates, key=lambda one: one.paths)
        ],
        skipped=_skipped(report),
        failed=_failed(report),
        dry_run=dry_run,
        took_ms=took_ms,
    )
    if dry_run:
        result["would_import"] = [
            {"model_id": one.model_id, "completes": one.completes}
            | _found(group, one.known)
            | {"files": _hashed(group, one.sha256)}
            for group, one in report.would_import
        ]
    return result


def loss_json(loss: Loss) -> LossJson:
    return LossJson(
        program=loss.program,
        folder=str(loss.folder),
        app=loss.app_id,
        kind=loss.kind,
        files=[str(path) for path in loss.files],
        linked=[str(path) for path in loss.linked],
    )


def inspect_json(groups: Sequence[ModelGroup], report: ImportReport) -> InspectJson:
    """One entry a model found, and one for everything that could not be read."""
    models = [_inspected(group) for group in groups]
    models += [
        {"paths": failed["paths"], "valid": False, "error": failed["error"]}
        for failed in _failed(report)
    ]
    return InspectJson(models=models, skipped=_skipped(report))


def _inspected(group: ModelGroup) -> ModelJson:
    from model_library.identify.identifier import identify

    try:
        known = identify(group)
    except ModelLibraryError as error:
        return {
            "paths": [str(file.file.path) for file in group.files],
            "name": group.name,
            "form": group.form.value,
            "valid": False,
            "error": error_json(error),
            "security": {"tier": SecurityTier.UNREADABLE.value, "findings": []},
        }
    return _found(group, known)


def _hashed(group: ModelGroup, sha256: Mapping[str, str]) -> list[HashedFileJson]:
    return [
        HashedFileJson(name=file.name, size=file.file.size, sha256=sha256[file.name])
        for file in group.weights
    ]


def _found(group: ModelGroup, known: Identification) -> ModelJson:
    from model_library.recording import official_name

    return {
        "paths": [str(file.file.path) for file in group.files],
        "name": group.name,
        "form": group.form.value,
        "valid": True,
        "official_name": official_name(group, known),
        "kind": known.kind.value,
        "adapter_type": known.adapter_type,
        "family": known.family,
        "variant": known.variant,
        "lineage": known.lineage,
        "container": known.container.value,
        "precision": known.precision,
        "tasks": list(known.tasks),
        "size": group.size,
        "parameter_count": known.parameter_count,
        "dtype_histogram": dict(known.dtype_histogram),
        "missing_files": list(group.missing),
        "security": {
            "tier": known.security.tier.value,
            "findings": list(known.security.findings),
        },
        "evidence": {name: asdict(one) for name, one in known.evidence.items()},
        "license": known.license,
        "description": known.description,
        "tags": list(known.tags),
        "trigger_words": list(known.trigger_words),
        "embedded": dict(known.embedded),
        "warnings": list(known.warnings),
    }


def verify_json(report: VerifyReport, took_ms: float) -> VerifyJson:
    return VerifyJson(
        intact=[one.model_id for one in report.intact],
        damaged=[
            VerifiedJson(
                model_id=one.model_id,
                bytes=one.bytes,
                problems=[error_json(problem.error) for problem in one.problems],
            )
            for one in report.damaged
        ],
        offline=list(report.offline),
        bytes=sum(one.bytes for one in (*report.intact, *report.damaged)),
        took_ms=took_ms,
    )


def scan_json(report: ScanReport, gone: list[GoneJson], deep: bool, took_ms: float) -> ScanJson:
    return ScanJson(
        deep=deep,
        models=report.models,
        unchanged=report.unchanged,
        added=report.added,
        updated=report.updated,
        removed=report.removed,
        gone=gone,
        missing=sorted(report.missing),
        modified=sorted(report.modified),
        metadata_restored=report.metadata_restored,
        offline_roots=report.offline_roots,
        problems=[error_json(problem) for problem in report.problems],
        took_ms=took_ms,
    )


def gone_json(catalog: Catalog, gone: Sequence[Gone]) -> list[GoneJson]:
    """What a person is told of models whose directories are gone, by name."""
    from model_library.trashcan import trashed_ids

    kept = trashed_ids(catalog) if gone else frozenset()
    return [
        GoneJson(
            model_id=one.model_id,
            official_name=one.official_name,
            path=None if (path := one.directory(catalog)) is None else str(path),
            size=one.size,
            restorable=one.model_id in kept,
        )
        for one in sorted(gone, key=lambda one: one.official_name.lower())
    ]


def root_json(root: Root) -> RootJson:
    from model_library.io.platform.filesystems import free_bytes

    return RootJson(
        root_id=root.root_id,
        mode=root.mode.value,
        path=str(root.path),
        home=root.home,
        online=root.online,
        problem=root.problem,
        free=free_bytes(root.path) if root.online else None,
    )


def doctor_json(checks: Sequence[Check]) -> DoctorJson:
    return DoctorJson(
        checks=[
            CheckJson(name=check.name, result=check.result, message=check.message, hint=check.hint)
            for check in checks
        ],
        healthy=all(check.result != "error" for check in checks),
    )


def _skipped(report: ImportReport) -> list[SkippedJson]:
    return [SkippedJson(path=str(path), reason=reason) for path, reason in sorted(report.skipped)]


def _failed(report: ImportReport) -> list[FailedJson]:
    failed = sorted(report.failed, key=lambda one: one.paths)
    return [_failed_json([str(path) for path in one.paths], one.error) for one in failed]


def _failed_json(paths: list[str], error: ModelLibraryError) -> FailedJson:
    path = error.path if error.path is not None and error.path in paths else paths[0]
    return FailedJson(path=path, paths=paths, error=error_json(error))
