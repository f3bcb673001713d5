"""Errors as `application/problem+json` (RFC 9457), with the `code` that every other face shows."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from starlette.responses import Response
from typing_extensions import TypedDict

from model_library import errors
from model_library.errors import ModelLibraryError

MEDIA_TYPE: Final = "application/problem+json"

STATUS: Final[Mapping[type[ModelLibraryError], HTTPStatus]] = {
    ModelLibraryError: HTTPStatus.INTERNAL_SERVER_ERROR,
    # what was asked
    errors.UsageError: HTTPStatus.BAD_REQUEST,
    errors.InvalidValueError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.UnsafeNameError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.ModelNotFoundError: HTTPStatus.NOT_FOUND,
    errors.AmbiguousModelIdError: HTTPStatus.CONFLICT,
    errors.CancelledError: HTTPStatus.CONFLICT,
    # the library
    errors.NoLibraryError: HTTPStatus.CONFLICT,
    errors.LibraryChosenError: HTTPStatus.CONFLICT,
    errors.LibraryPathError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.LibraryReadOnlyError: HTTPStatus.FORBIDDEN,
    errors.LibraryBusyError: HTTPStatus.CONFLICT,
    errors.ModelTwiceError: HTTPStatus.CONFLICT,
    errors.RecordChangedError: HTTPStatus.CONFLICT,
    errors.MetadataError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.RootError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.RootNotFoundError: HTTPStatus.NOT_FOUND,
    errors.RootOfflineError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.RootConflictError: HTTPStatus.CONFLICT,
    # applications and links
    errors.AppError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.AppNotFoundError: HTTPStatus.NOT_FOUND,
    errors.AppConflictError: HTTPStatus.CONFLICT,
    errors.ProfileChangedError: HTTPStatus.CONFLICT,
    errors.AppOfflineError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.InstallError: HTTPStatus.BAD_GATEWAY,
    errors.LinkError: HTTPStatus.CONFLICT,
    # files
    errors.SourceNotFoundError: HTTPStatus.NOT_FOUND,
    errors.SourceUnreadableError: HTTPStatus.FORBIDDEN,
    errors.SourceChangedError: HTTPStatus.CONFLICT,
    errors.SourceInStoreError: HTTPStatus.CONFLICT,
    errors.TargetFullError: HTTPStatus.INSUFFICIENT_STORAGE,
    errors.TargetReadOnlyError: HTTPStatus.FORBIDDEN,
    errors.TargetExistsError: HTTPStatus.CONFLICT,
    errors.PathTooLongError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.UnsupportedFilesystemError: HTTPStatus.CONFLICT,
    errors.HashMismatchError: HTTPStatus.CONFLICT,
    errors.IdentifyError: HTTPStatus.UNPROCESSABLE_ENTITY,
    # the network and its providers
    errors.NetworkError: HTTPStatus.BAD_GATEWAY,
    errors.OfflineError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.TimedOutError: HTTPStatus.GATEWAY_TIMEOUT,
    errors.RateLimitedError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.ProviderError: HTTPStatus.BAD_GATEWAY,
    errors.RepositoryNotFoundError: HTTPStatus.NOT_FOUND,
    errors.RevisionNotFoundError: HTTPStatus.NOT_FOUND,
    errors.RemoteFileNotFoundError: HTTPStatus.NOT_FOUND,
    errors.KeyringError: HTTPStatus.CONFLICT,
    errors.TokenNeededError: HTTPStatus.FORBIDDEN,
    errors.TokenInvalidError: HTTPStatus.FORBIDDEN,
    errors.LicenseNotAcceptedError: HTTPStatus.FORBIDDEN,
    errors.AccessDeniedError: HTTPStatus.FORBIDDEN,
    errors.ChoiceNeededError: HTTPStatus.CONFLICT,
    errors.RemoteChangedError: HTTPStatus.CONFLICT,
    # jobs
    errors.JobNotFoundError: HTTPStatus.NOT_FOUND,
    errors.JobStateError: HTTPStatus.CONFLICT,
    # uploads
    errors.UploadNotFoundError: HTTPStatus.NOT_FOUND,
    errors.UploadStateError: HTTPStatus.CONFLICT,
    # the window; only its bridge meets them
    errors.DesktopError: HTTPStatus.NOT_IMPLEMENTED,
}
"""The status of a class counts for those derived from it too. 401 is for our own token alone."""


class ProblemJson(TypedDict):
    """An error: `code` is stable, `detail` says what, `hint` what to do, `path` with which file."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    hint: str
    path: str | None


def status_of(error: ModelLibraryError) -> HTTPStatus:
    return next(STATUS[cls] for cls in type(error).__mro__ if cls in STATUS)


def problem_document(
    status: int, code: str, detail: str, hint: str = "", path: str | None = None
) -> ProblemJson:
    return ProblemJson(
        type="about:blank",
        title=HTTPStatus(status).phrase,
        status=int(status),
        code=code,
        detail=detail,
        hint=hint,
        path=path,
    )


def document_of(error: ModelLibraryError) -> ProblemJson:
    """What a known error is as a document."""
    return problem_document(status_of(error), error.code, error.message, error.hint, error.path)


def invalid_arguments(details: Sequence[Mapping[str, Any]]) -> ProblemJson:
    """What is wrong with the first argument that is."""
    first = details[0] if details else {"loc": (), "msg": "cannot be read"}
    place = [str(part) for part in first["loc"] if part not in {"body", "query", "path"}]
    where = ".".join(place) or "the request"
    more = f" ({len(details) - 1} more)" if len(details) > 1 else ""
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    if first.get("type") == "json_invalid":
        status, where = HTTPStatus.BAD_REQUEST, "the body"
    hint = "The schema is at /api/openapi.json."
    return problem_document(status, "invalid-request", f"{where}: {first['msg']}{more}", hint)


def problem(
    status: int,
    code: str,
    detail: str,
    hint: str = "",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer that says what went wrong."""
    return answered(problem_document(status, code, detail, hint), headers)


def answered(document: ProblemJson, headers: Mapping[str, str] | None = None) -> Response:
    return Response(dumped(document), document["status"], dict(headers or {}), MEDIA_TYPE)


def dumped(document: Any) -> bytes:
    """ASCII JSON, so that names of files in no known encoding pass as well. NaN and the infinities, which a
    file of a user may hold and which no browser reads, are null."""
    try:
        text = json.dumps(document, separators=(",", ":"), allow_nan=False)
    except ValueError:
        text = json.dumps(_finite(document), separators=(",", ":"), allow_nan=False)
    return text.encode()


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
