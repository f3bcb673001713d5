"""What a failed request for a file means, as one of our errors."""

from __future__ import annotations

import httpx2

from model_library.errors import (
    AccessDeniedError,
    BadAnswerError,
    LicenseNotAcceptedError,
    ModelLibraryError,
    RateLimitedError,
    RemoteFileNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
    ServerFailedError,
    TimedOutError,
    TokenInvalidError,
    TokenNeededError,
)

_BY_CODE: dict[str, type[ModelLibraryError]] = {
    "RepoNotFound": RepositoryNotFoundError,
    "RevisionNotFound": RevisionNotFoundError,
    "EntryNotFound": RemoteFileNotFoundError,
    "GatedRepo": LicenseNotAcceptedError,
}
"""Of the Hub's header `X-Error-Code` (model-facts 1.1)."""

_BY_STATUS: dict[int, type[ModelLibraryError]] = {
    408: TimedOutError,
    403: AccessDeniedError,
    404: RemoteFileNotFoundError,
    410: RemoteFileNotFoundError,
    429: RateLimitedError,
}


def refusal(response: httpx2.Response, name: str) -> ModelLibraryError:
    """The error for a status that is no success; `name` is the file's."""
    status = response.status_code
    kind = _BY_CODE.get(response.headers.get("x-error-code", "")) or _BY_STATUS.get(status)
    if status == 401:  # noqa: PLR2004
        has_token = "authorization" in response.request.headers
        kind = TokenInvalidError if has_token else TokenNeededError
    if kind is None:
        kind = ServerFailedError if status >= 500 else BadAnswerError  # noqa: PLR2004
    return kind(f"The server refuses {name} ({status} {response.reason_phrase})")
