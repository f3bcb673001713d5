"""What a status of the Hub that is no success means, as one of our errors. Pure.

Source of the codes and texts: huggingface_hub 2.4 `utils/_http.py` (`hf_raise_for_status`), model-facts 1.1. The
Hub hides what one may not see: without a token a private repository and one that does not exist are both 401.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

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
    TokenInvalidError,
    TokenNeededError,
)
from model_library.naming import display_text
from model_library.network.headers import wait_asked_for

MAX_MESSAGE: Final = 300
"""Characters of the server's own words that are shown."""

_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _GONE, _TOO_MANY, _SERVER = 401, 403, 404, 410, 429, 500
_REFUSED_TOKEN: Final = "invalid credentials"  # noqa: S105 - the Hub's words
_DISABLED: Final = "access to this resource is disabled"
_DENIED: Final = ("rejected", "denied", "blocked")
_PENDING: Final = ("awaiting", "pending", "under review")
_NOT_THERE: Final[Mapping[str, type[ModelLibraryError]]] = {
    "RepoNotFound": RepositoryNotFoundError,
    "RevisionNotFound": RevisionNotFoundError,
    "EntryNotFound": RemoteFileNotFoundError,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: in words for the message, the page for people, and whether a token went along."""

    subject: str
    page: str
    had_token: bool


def problem(
    asked: Asked, status: int, headers: Mapping[str, str], body: bytes, wall: float
) -> ModelLibraryError:
    """The error for an answer; the keys of `headers` ignore case, `wall` is now in seconds since 1970."""
    if status == _TOO_MANY:
        return _rate_limited(headers, wall)
    words = _words(headers, body)
    if status >= _SERVER:
        return ServerFailedError(f"The server failed (HTTP {status}) for {asked.subject}")
    code = headers.get("x-error-code", "")
    if code in _NOT_THERE:
        return _NOT_THERE[code](f"There is no {asked.subject} on the Hub")
    if code == "GatedRepo":
        return _closed_gate(asked, words)
    return _refused(asked, status, words)


def _refused(asked: Asked, status: int, words: str) -> ModelLibraryError:
    """Of an answer that names no reason of its own."""
    said = f" The server says: {words}" if words else ""
    if status in {_UNAUTHORIZED, _FORBIDDEN, _GONE} or _DISABLED in words.lower():
        return _unwanted(asked, status, words, said)
    if status == _NOT_FOUND:
        return RepositoryNotFoundError(f"There is no {asked.subject} on the Hub")
    return BadAnswerError(
        f"The server does not want to answer (HTTP {status}) for {asked.subject}.{said}"
    )


def _rate_limited(headers: Mapping[str, str], wall: float) -> RateLimitedError:
    seconds = wait_asked_for(headers, wall)
    if seconds is None:
        return RateLimitedError(
            "The Hub wants no more requests for a while; it does not say how long",
            hint="Try again in some minutes. A token (HF_TOKEN) has a larger allowance.",
        )
    until = f"{max(1, math.ceil(seconds))} s"
    return RateLimitedError(f"The Hub wants no more requests for {until}")


def _closed_gate(asked: Asked, words: str) -> ModelLibraryError:
    """Access is for accounts that the owner let in; the three reasons are three errors."""
    if not asked.had_token:
        return TokenNeededError(
            f"{asked.subject.capitalize()} is for accounts that accepted its conditions, and no token is set",
            hint=f"Accept them at {asked.page}, make a token at"
            f" {_host(asked.page)}/settings/tokens and set HF_TOKEN.",
        )
    if any(word in words.lower() for word in _DENIED):
        return AccessDeniedError(
            f"The owner has refused this account access to {asked.subject}",
            hint=f"Only the owner can change that: {asked.page}",
        )
    if any(word in words.lower() for word in _PENDING):
        return AccessDeniedError(
            f"The owner has not yet answered this account's request for {asked.subject}",
            hint=f"Wait for the owner, then try again: {asked.page}",
        )
    return LicenseNotAcceptedError(
        f"This account has not accepted the conditions of {asked.subject}",
        hint=f"Open {asked.page}, accept the conditions, and try again.",
    )


def _unwanted(asked: Asked, status: int, words: str, said: str) -> ModelLibraryError:
    lowered = words.lower()
    if status == _UNAUTHORIZED and (asked.had_token or _REFUSED_TOKEN in lowered):
        return TokenInvalidError(
            "The Hub does not know the token",
            hint=f"Make a new one at {_host(asked.page)}/settings/tokens and set HF_TOKEN.",
        )
    if status == _GONE or _DISABLED in lowered:
        return AccessDeniedError(
            f"The Hub no longer hands out {asked.subject}",
            hint=f"Its page may say why: {asked.page}",
        )
    if not asked.had_token:
        return TokenNeededError(f"The Hub wants to know who asks for {asked.subject}.{said}")
    return AccessDeniedError(f"This account may not have {asked.subject}.{said}")


def _host(page: str) -> str:
    scheme, _, rest = page.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


def _words(headers: Mapping[str, str], body: bytes) -> str:
    """What the server says, on one line; '' for a page of HTML or nothing."""
    words = headers.get("x-error-message", "")
    if not words and body:
        try:
            told = json.loads(body[: 64 * 1024])
        except (ValueError, RecursionError):
            told = None
        error = told.get("error") if isinstance(told, dict) else None
        words = error if isinstance(error, str) else ""
    return display_text(words.strip(), MAX_MESSAGE)
