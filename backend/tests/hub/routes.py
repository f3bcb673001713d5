"""Which address is answered by what."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from tests.hub import api, files
from tests.hub.access import HubUser, gate, hidden, user_of, whoami
from tests.hub.messages import Origin, Reply, Request, Served, error_reply, json_reply
from tests.hub.repos import HubRepo

XET_TOKEN: Final = "xet-access"  # noqa: S105 - opens nothing


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the Hub holds at one moment."""

    repos: Mapping[str, HubRepo]
    users: Mapping[str, HubUser]
    """Token -> user."""
    cdn: str
    """Scheme and authority of the other origin."""


def route(request: Request, held: Holdings) -> Served | Reply:  # noqa: PLR0911
    if request.origin is Origin.CDN:
        return _stored(request, held)
    user = user_of(request, held.users)
    if isinstance(user, Reply):
        return user
    match request.segments:
        case ("api", "whoami-v2"):
            return whoami(user)
        case ("api", "models"):
            seen = [repo for repo in held.repos.values() if not hidden(repo, user)]
            return api.search(seen, request)
        case ("api", "resolve-cache", "models", *rest):
            return _cached(tuple(rest), user, request, held)
        case ("api", "models", *rest):
            return _model(tuple(rest), user, request, held)
        case path if "resolve" in path[1:3]:
            return _resolve(path, user, request, held)
        case _:
            return error_reply(404, "Sorry, we can't find the page you are looking for.")


def _named(parts: tuple[str, ...], held: Holdings) -> tuple[HubRepo | None, tuple[str, ...]]:
    """The repository that an address begins with (`org/name`, or `name` of old), and the rest of it."""
    for count in (2, 1):
        repo = held.repos.get("/".join(parts[:count]))
        if repo is not None:
            return repo, parts[count:]
    return None, ()


def _model(  # noqa: PLR0911 - one for each address
    parts: tuple[str, ...], user: HubUser | None, request: Request, held: Holdings
) -> Reply:
    repo, rest = _named(parts, held)
    if (no := hidden(repo, user)) is not None or repo is None:
        return no or error_reply(404, "Repository not found", "RepoNotFound")
    match rest:
        case ():
            return api.details(repo, "main", request)
        case ("revision", revision):
            return api.details(repo, revision, request)
        case ("tree", revision, *folder):
            return api.tree(repo, revision, "/".join(folder), request)
        case ("auth-check",):
            return gate(repo, user) or json_reply(200, {})
        case (verb, revision) if verb in REVISIONED:
            return REVISIONED[verb](repo, revision, request)
        case ("refs",):
            return api.refs(repo, request)
        case ("xet-read-token", revision):
            return gate(repo, user) or _xet_token(held)
        case _:
            return error_reply(404, "Sorry, we can't find the page you are looking for.")


REVISIONED: Final[dict[str, Callable[[HubRepo, str, Request], Reply]]] = {
    "paths-info": api.paths_info,
    "commits": api.commits,
}


def _xet_token(held: Holdings) -> Reply:
    expires = int(time.time()) + 3600
    value = {"casUrl": held.cdn, "accessToken": XET_TOKEN, "exp": expires}
    return json_reply(200, value).having(
        x_xet_cas_url=held.cdn, x_xet_access_token=XET_TOKEN, x_xet_token_expiration=str(expires)
    )


def _cached(
    path: tuple[str, ...], user: HubUser | None, request: Request, held: Holdings
) -> Served | Reply:
    """Where the Hub itself keeps small files of a commit: `resolve` under another address."""
    _, rest = _named(path, held)
    whole = (*path[: len(path) - len(rest)], "resolve", *rest)
    return _resolve(whole, user, request, held)


def _resolve(
    path: tuple[str, ...], user: HubUser | None, request: Request, held: Holdings
) -> Served | Reply:
    at = path.index("resolve", 1)
    repo = held.repos.get("/".join(path[:at]))
    if (no := hidden(repo, user)) is not None or repo is None:
        return no or error_reply(404, "Repository not found", "RepoNotFound")
    if len(path) < at + 3:
        return error_reply(404, "Entry not found", "EntryNotFound")
    closed = gate(repo, user)
    return closed or files.resolve(repo, path[at + 1], "/".join(path[at + 2 :]), request, held.cdn)


def _stored(request: Request, held: Holdings) -> Served | Reply:
    repo, rest = _named(request.segments[1:], held)
    revision, path = (rest[0], "/".join(rest[1:])) if rest else ("", "")
    return files.stored(repo, revision, path, request)
