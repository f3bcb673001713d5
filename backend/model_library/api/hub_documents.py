"""Answers of a provider, lookups and downloads as the JSON of `shapes_hub.py`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from model_library.api.documents import error_json, import_json
from model_library.api.shapes import HostJson, ModelJson, NetworkJson, QuotaJson
from model_library.api.shapes_hub import (
    AttachedJson,
    ChoiceJson,
    DownloadJson,
    FindJson,
    FreshnessJson,
    LookedUpJson,
    LookupJson,
    MatchedJson,
    PlannedDownloadJson,
    RelatedJson,
    RemoteFileJson,
    RemoteModelJson,
    RepositoryJson,
)
from model_library.config import NetworkSettings
from model_library.errors import (
    ConnectionFailedError,
    ModelLibraryError,
    OfflineError,
    TimedOutError,
)
from model_library.providers import Answer, LookedUp, RemoteFile, RemoteModel
from model_library.selection import choices

if TYPE_CHECKING:
    from model_library.arrivals import Incoming
    from model_library.intake import ImportReport
    from model_library.lookups import LookupReport, ModelLookup
    from model_library.metadata import ModelMetadata
    from model_library.network.status import HostStatus


def find_json(query: str, answer: Answer[tuple[RemoteModel, ...]], took_ms: float) -> FindJson:
    return FindJson(
        query=query,
        models=[_model_json(model) for model in answer.value],
        took_ms=took_ms,
        **_freshness(answer),
    )


def repository_json(answer: Answer[RemoteModel], took_ms: float) -> RepositoryJson:
    model = answer.value
    return RepositoryJson(
        model=_model_json(model),
        choices=[
            ChoiceJson(name=one.name, size=one.size, files=[file.path for file in one.files])
            for one in choices(model)
        ],
        files=_files(model.files or ()),
        refused=list(model.refused_files),
        took_ms=took_ms,
        **_freshness(answer),
    )


def planned_json(incoming: Incoming) -> PlannedDownloadJson:
    return PlannedDownloadJson(
        repo=incoming.model.repo,
        revision=incoming.model.revision,
        url=incoming.model.url,
        files=_files(incoming.files),
        bytes=incoming.size,
        root=str(incoming.root.path),
    )


def download_json(
    report: ImportReport,
    incoming: Incoming,
    job: str,
    model: Callable[[str], ModelJson],
    took_ms: float,
) -> DownloadJson:
    """The report of an import, its paths those of the repository instead of where the files arrived."""
    document = import_json(report, False, model, took_ms)
    names = [file.path for file in incoming.files]
    for entry in (*document["imported"], *document["duplicates"], *document["failed"]):
        changed: Any = entry
        changed["paths"] = [_remote_name(path, names) for path in changed["paths"]]
        if "path" in changed and changed not in document["imported"]:
            changed["path"] = changed["paths"][0]
    for skipped in document["skipped"]:
        skipped["path"] = _remote_name(skipped["path"], names)
    return DownloadJson(
        **document,
        attached=[AttachedJson(model_id=one, path=path) for one, path in report.attached],
        job=job,
        repo=incoming.model.repo,
        revision=incoming.model.revision,
        url=incoming.model.url,
        bytes=incoming.size,
    )


def matched_json(before: ModelMetadata, found: LookedUp) -> MatchedJson:
    """What a lookup found, and what it would say of a model that was described as `before`."""
    from model_library.enriching import changed_fields, merged
    from model_library.metadata import EDITABLE_FIELDS

    after = merged(before, found)
    said = after.model_dump(mode="json")
    proposed = set(changed_fields(before, after)) & EDITABLE_FIELDS
    remote = found.remote
    return MatchedJson(
        match=said["match"],
        repo=None if remote is None else remote.repo,
        revision=None if remote is None else remote.revision,
        url=None if remote is None else remote.url,
        proposed={name: said[name] for name in sorted(proposed)},
        related=_files(found.related),
        missing=_files(found.missing),
        calls=found.calls,
        asked=found.asked,
    )


def related_json(answer: Answer[RemoteModel] | None, found: LookedUp | None) -> RelatedJson:
    """`found`: the model compared with the repository that answered; None without a repository."""
    remote = None if answer is None else answer.value
    return RelatedJson(
        repo=None if remote is None else remote.repo,
        revision=None if remote is None else remote.revision,
        url=None if remote is None else remote.url,
        related=[] if found is None else _files(found.related),
        missing=[] if found is None else _files(found.missing),
        **(FreshnessJson(freshness="live", age=0.0) if answer is None else _freshness(answer)),
    )


def lookup_json(report: LookupReport, pending: int, took_ms: float) -> LookupJson:
    return LookupJson(
        models=[_looked_up_json(one) for one in report.models],
        pending=pending,
        calls=report.calls,
        took_ms=took_ms,
    )


def lookup_result(report: LookupReport, settings: NetworkSettings) -> dict[str, Any]:
    """What became of a lookup, for the row of its job: how many models were `looked_up`, how many are still
    `waiting` and for want of what, how many `failed`."""
    outcomes = [model.outcome.value for model in report.models]
    waiting = [model.error for model in report.models if model.outcome == "pending"]
    failed = outcomes.count("failed")
    return {
        "looked_up": len(outcomes) - len(waiting) - failed,
        "waiting": len(waiting),
        "waiting_for": next((_hindrance(error, settings) for error in waiting if error), ""),
        "failed": failed,
    }


def _hindrance(error: ModelLibraryError, settings: NetworkSettings) -> str:
    """Why nobody was asked, in a few words."""
    if isinstance(error, OfflineError) and settings.offline:
        return "offline"
    if isinstance(error, OfflineError | ConnectionFailedError | TimedOutError):
        return f"{urlsplit(settings.endpoint).hostname} does not answer"
    return error.message


def network_json(settings: NetworkSettings, hosts: Sequence[HostStatus]) -> NetworkJson:
    return NetworkJson(
        offline=settings.offline,
        endpoint=settings.endpoint,
        token=settings.token is not None,
        hosts=[_host_json(host) for host in hosts],
    )


def _remote_name(path: str, names: Sequence[str]) -> str:
    """The repository's name of a file that arrived; the longest that fits its path."""
    fitting = [name for name in names if Path(path).as_posix().endswith("/" + name)]
    return max(fitting, key=len, default=Path(path).name)


def _looked_up_json(one: ModelLookup) -> LookedUpJson:
    found = one.found
    remote = None if found is None else found.remote
    return LookedUpJson(
        model_id=one.model_id,
        outcome=one.outcome,
        method="none" if found is None else found.method.value,
        confidence=0.0 if found is None else found.confidence,
        repo=None if remote is None else remote.repo,
        url=None if remote is None else remote.url,
        changed=list(one.changed),
        related=[] if found is None else _files(found.related),
        missing=[] if found is None else _files(found.missing),
        calls=0 if found is None else found.calls,
        error=None if one.error is None else error_json(one.error),
    )


def _model_json(model: RemoteModel) -> RemoteModelJson:
    return RemoteModelJson(
        provider=model.provider,
        repo=model.repo,
        url=model.url,
        revision=model.revision,
        author=model.author,
        gated=None if model.gate is None else model.gate.value,
        private=model.private,
        license=model.license,
        tags=list(model.tags),
        pipeline_tag=model.pipeline_tag,
        library_name=model.library_name,
        base_models=list(model.base_models),
        downloads=model.downloads,
        likes=model.likes,
        updated=model.updated,
        parameters=model.parameters,
        architecture=model.architecture,
    )


def _files(files: Sequence[RemoteFile]) -> list[RemoteFileJson]:
    return [RemoteFileJson(path=one.path, size=one.size, sha256=one.sha256) for one in files]


def _freshness(answer: Answer[Any]) -> FreshnessJson:
    return FreshnessJson(freshness=answer.freshness.value, age=round(answer.age, 1))


def _time(seconds: float | None) -> str | None:
    """RFC 3339 in UTC of seconds since 1970."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=0).isoformat()


def _host_json(host: HostStatus) -> HostJson:
    return HostJson(
        host=host.host,
        state=str(host.state),
        since=_time(host.since),
        failures=host.failures,
        last_error=host.last_error,
        last_answer=_time(host.last_answer),
        served=str(host.served),
        quotas=[
            QuotaJson(
                bucket=quota.bucket,
                remaining=quota.remaining,
                limit=quota.limit,
                resets=_time(quota.resets_at),
            )
            for quota in host.quotas
        ],
    )
