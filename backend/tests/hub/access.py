"""Who may read what: users, their tokens, and the answers for those who may not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.hub.messages import Reply, Request, error_reply, json_reply
from tests.hub.repos import HubRepo

REFUSED = "Invalid credentials in Authorization header"


@dataclass(frozen=True, slots=True)
class HubUser:
    """A person with a token."""

    name: str
    token: str
    accepted: frozenset[str] = frozenset()
    """Gated repositories that are open to them."""
    pending: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()
    private: frozenset[str] = frozenset()
    """Private repositories that they may read besides their own."""

    def sees(self, repo: HubRepo) -> bool:
        return repo.author == self.name or repo.repo_id in self.private


def token_of(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" and token else None


def user_of(request: Request, users: Mapping[str, HubUser]) -> HubUser | Reply | None:
    """Who asks; None is nobody, a reply says that the token is none."""
    token = token_of(request)
    if token is None:
        return None
    return users.get(token) or error_reply(401, REFUSED)


def hidden(repo: HubRepo | None, user: HubUser | None) -> Reply | None:
    """What is not there, or not for these eyes, or switched off. The two former are one answer."""
    if repo is None or (repo.private and not (user and user.sees(repo))):
        if user is None:
            return error_reply(401, "Invalid username or password.", "RepoNotFound")
        return error_reply(404, "Repository not found", "RepoNotFound")
    if repo.disabled:
        return error_reply(403, "Access to this resource is disabled.")
    return None


def gate(repo: HubRepo, user: HubUser | None) -> Reply | None:
    """Why the files of a gated repository stay closed, if they do."""
    name = repo.repo_id
    if not repo.gated or (user and (name in user.accepted or user.sees(repo))):
        return None
    if user is None:
        return error_reply(
            401,
            f"Access to model {name} is restricted. You must have access to it and be authenticated "
            "to access it. Please log in.",
            "GatedRepo",
        )
    if name in user.denied:
        why = f"Your request to access model {name} has been rejected by the repo's authors."
    elif name in user.pending:
        why = f"Your request to access model {name} is awaiting a review from the repo authors."
    else:
        why = (
            f"Access to model {name} is restricted and you are not in the authorized list. "
            f"Visit https://huggingface.co/{name} to ask for access."
        )
    return error_reply(403, why, "GatedRepo")


def whoami(user: HubUser | None) -> Reply:
    """`GET /api/whoami-v2`."""
    if user is None:
        return error_reply(401, "Invalid username or password.")
    return json_reply(
        200,
        {
            "type": "user",
            "id": user.name,
            "name": user.name,
            "fullname": user.name.title(),
            "isPro": False,
            "orgs": [],
            "auth": {
                "type": "access_token",
                "accessToken": {"displayName": "test", "role": "read"},
            },
        },
    )
