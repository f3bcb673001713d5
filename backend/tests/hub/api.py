"""The JSON of `/api/models`: search, details, trees. Pure: a repository and a request in, a reply out."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from tests.hub.messages import Reply, Request, error_reply, json_reply
from tests.hub.repos import EPOCH, Commit, HubFile, HubRepo

PAGE: Final = 1000
EXPANDED_PAGE: Final = 50
"""Entries of a page of a tree with `expand`."""

REVISION_NOT_FOUND: Final = "Invalid rev id"


def commit_or_error(repo: HubRepo, revision: str) -> Commit | Reply:
    found = repo.at(revision)
    return found or error_reply(404, f"{REVISION_NOT_FOUND}: {revision}", "RevisionNotFound")


# -- one model ---------------------------------------------------------------------------------------


def _siblings(commit: Commit, blobs: bool) -> list[dict[str, Any]]:
    return [
        {"rfilename": path, **(_blob(file) if blobs else {})} for path, file in commit.files.items()
    ]


def _blob(file: HubFile) -> dict[str, Any]:
    lfs = {"sha256": file.sha256, "size": file.size, "pointerSize": file.pointer_size}
    return {"blobId": file.oid, "size": file.size, **({"lfs": lfs} if file.lfs else {})}


PROPERTIES: Final[dict[str, Callable[[HubRepo, Commit], Any]]] = {
    "author": lambda repo, _: repo.author,
    "baseModels": lambda repo, _: (
        {"relation": repo.base_relation, "models": [{"id": repo.base_model}]}
        if repo.base_model
        else None
    ),
    "cardData": lambda repo, _: repo.card_data,
    "childrenModelCount": lambda *_: 0,
    "config": lambda repo, _: repo.config,
    "createdAt": lambda *_: EPOCH,
    "disabled": lambda repo, _: repo.disabled,
    "downloads": lambda repo, _: repo.downloads,
    "downloadsAllTime": lambda repo, _: repo.downloads * 10,
    "evalResults": lambda *_: None,
    "gated": lambda repo, _: repo.gated,
    "gguf": lambda repo, _: repo.gguf,
    "inference": lambda *_: None,
    "inferenceProviderMapping": lambda *_: None,
    "lastModified": lambda repo, _: repo.head.date,
    "library_name": lambda repo, _: repo.library_name,
    "likes": lambda repo, _: repo.likes,
    "mask_token": lambda *_: None,
    "model-index": lambda *_: None,
    "pipeline_tag": lambda repo, _: repo.pipeline_tag,
    "private": lambda repo, _: repo.private,
    "resourceGroup": lambda *_: None,
    "safetensors": lambda repo, _: repo.safetensors,
    "sha": lambda _, commit: commit.oid,
    "siblings": lambda _, commit: _siblings(commit, blobs=False),
    "spaces": lambda *_: [],
    "tags": lambda repo, _: list(repo.all_tags),
    "transformersInfo": lambda *_: None,
    "trendingScore": lambda repo, _: repo.trending,
    "usedStorage": lambda repo, _: sum(file.size for file in repo.files.values()),
    "widgetData": lambda *_: None,
}
"""ExpandModelProperty of huggingface_hub 2.4.0."""

LISTED: Final = (
    "likes", "trendingScore", "private", "downloads", "tags", "pipeline_tag", "library_name",
    "createdAt",
)  # fmt: skip
DETAILED: Final = (
    *LISTED, "author", "sha", "lastModified", "gated", "disabled", "cardData", "config", "siblings",
    "spaces", "usedStorage", "gguf", "safetensors", "baseModels",
)  # fmt: skip


def _described(repo: HubRepo, commit: Commit, names: Iterable[str]) -> dict[str, Any]:
    ident = hashlib.md5(repo.repo_id.encode(), usedforsecurity=False).hexdigest()[:24]
    facts = {name: PROPERTIES[name](repo, commit) for name in names}
    shown = {name: value for name, value in facts.items() if value is not None}
    return {"_id": ident, "id": repo.repo_id, "modelId": repo.repo_id, **shown}


def _expanded(request: Request) -> list[str] | Reply | None:
    """The properties that are asked for; None when there is no `expand`."""
    names = request.values("expand")
    unknown = [name for name in names if name not in PROPERTIES]
    if unknown:
        return error_reply(400, f'"expand" must not contain {unknown[0]}')
    return names or None


def details(repo: HubRepo, revision: str, request: Request) -> Reply:
    """`GET /api/models/{repo}[/revision/{rev}]`."""
    commit, names = commit_or_error(repo, revision), _expanded(request)
    if isinstance(commit, Reply):
        return commit
    if isinstance(names, Reply):
        return names
    if names and (request.flag("securityStatus") or request.flag("blobs")):
        return error_reply(400, '"expand" cannot be combined with "securityStatus" or "blobs"')
    shown = _described(repo, commit, names or DETAILED)
    if request.flag("blobs"):
        shown["siblings"] = _siblings(commit, blobs=True)
    if request.flag("securityStatus"):
        issues = [{"path": path, "level": "unsafe"} for path in sorted(repo.unsafe)]
        shown["securityRepoStatus"] = {"scansDone": True, "filesWithIssues": issues}
    return json_reply(200, shown).having(x_repo_commit=commit.oid)


# -- search ------------------------------------------------------------------------------------------

SORTS: Final[dict[str, Callable[[HubRepo], Any]]] = {
    "downloads": lambda repo: repo.downloads,
    "likes": lambda repo: repo.likes,
    "lastModified": lambda repo: repo.head.date,
    "createdAt": lambda _: EPOCH,
    "trendingScore": lambda repo: repo.trending,
}


def _wanted(repo: HubRepo, request: Request) -> bool:
    tags = {tag for value in request.values("filter") for tag in value.split(",")}
    words = (request.value("search") or "").lower().split()
    author, task = request.value("author"), request.value("pipeline_tag")
    gated = request.value("gated")
    return (
        all(word in repo.repo_id.lower() for word in words)
        and (author is None or (repo.author or "").lower() == author.lower())
        and tags <= set(repo.all_tags)
        and (task is None or repo.pipeline_tag == task)
        and (gated is None or bool(repo.gated) == request.flag("gated"))
    )


def search(repos: Iterable[HubRepo], request: Request) -> Reply:
    """`GET /api/models`."""
    sort, names = request.value("sort") or "trendingScore", _expanded(request)
    limit = request.value("limit") or str(PAGE)
    if sort not in SORTS or not limit.isdigit() or int(limit) < 1:
        return error_reply(400, f"Invalid sort or limit: {sort}, {limit}")
    if isinstance(names, Reply):
        return names
    found = [repo for repo in repos if _wanted(repo, request)]
    found.sort(key=lambda repo: repo.repo_id)
    found.sort(key=SORTS[sort], reverse=request.value("direction") != "1")
    if names is None:
        extra = ("author", "gated", "lastModified", "sha", "siblings", "disabled")
        names = [*LISTED, *(extra if request.flag("full") else ())]
        names += ["cardData"] if request.flag("cardData") else []
        names += ["config"] if request.flag("config") else []
    shown = [_described(repo, repo.head, names) for repo in found]
    return _page(shown, request, min(int(limit), PAGE))


def _page(entries: Sequence[Any], request: Request, size: int) -> Reply:
    """One page, and the link to the next, whose cursor means something to the server only."""
    cursor = request.value("cursor")
    start = int(base64.urlsafe_b64decode(cursor)) if cursor else 0
    reply = json_reply(200, list(entries[start : start + size]))
    if start + size >= len(entries):
        return reply
    rest = [(key, value) for key, value in request.query if key != "cursor"]
    after = base64.urlsafe_b64encode(str(start + size).encode()).decode()
    url = f"{request.base}{request.path}?{urlencode([*rest, ('cursor', after)])}"
    return reply.having(link=f'<{url}>; rel="next"')


# -- trees -------------------------------------------------------------------------------------------


def _entry(repo: HubRepo, commit: Commit, path: str, expand: bool) -> dict[str, Any] | None:
    """A file or folder as `tree` and `paths-info` show it."""
    file = commit.files.get(path)
    extra: dict[str, Any] = {}
    if expand:
        extra["lastCommit"] = {"id": commit.oid, "title": commit.title, "date": commit.date}
    if file is None:
        oid = hashlib.sha1(path.encode(), usedforsecurity=False).hexdigest()
        folder = {"type": "directory", "oid": oid, "size": 0, "path": path, **extra}
        return folder if path in commit.folders else None
    entry = {"type": "file", "oid": file.oid, "size": file.size, "path": path, **extra}
    if file.lfs:
        entry["lfs"] = {"oid": file.sha256, "size": file.size, "pointerSize": file.pointer_size}
        entry |= {"xetHash": file.xet_hash} if repo.xet else {}
    if expand:
        status = "unsafe" if path in repo.unsafe else "safe"
        scan = {"status": status, "avScan": {"virusFound": status == "unsafe"}}
        entry["securityFileStatus"] = {**scan, "pickleImportScan": None}
    return entry


def tree(repo: HubRepo, revision: str, folder: str, request: Request) -> Reply:
    """`GET /api/models/{repo}/tree/{rev}[/path]`."""
    commit = commit_or_error(repo, revision)
    if isinstance(commit, Reply):
        return commit
    if folder and folder not in commit.folders:
        return error_reply(404, f"{folder} does not exist on {revision}", "EntryNotFound")
    prefix, expand = f"{folder}/" if folder else "", request.flag("expand")
    inside = sorted(
        path
        for path in (*commit.files, *commit.folders)
        if path.startswith(prefix) and (request.flag("recursive") or "/" not in path[len(prefix) :])
    )
    entries = [_entry(repo, commit, path, expand) for path in inside]
    reply = _page(entries, request, EXPANDED_PAGE if expand else PAGE)
    return reply.having(x_repo_commit=commit.oid)


def paths_info(repo: HubRepo, revision: str, request: Request) -> Reply:
    """`POST /api/models/{repo}/paths-info/{rev}`: paths that do not exist are left out."""
    commit = commit_or_error(repo, revision)
    if isinstance(commit, Reply):
        return commit
    fields = request.form()
    expand = ("expand", "true") in [(key, value.lower()) for key, value in fields]
    entries = [_entry(repo, commit, path, expand) for key, path in fields if key == "paths"]
    return json_reply(200, [entry for entry in entries if entry is not None])


def refs(repo: HubRepo, request: Request) -> Reply:
    """`GET /api/models/{repo}/refs`."""

    def shown(kind: str, names: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
        return [
            {"name": name, "ref": f"refs/{kind}/{name}", "targetCommit": oid} for name, oid in names
        ]

    branches = {"main": repo.head.oid, **repo.branches}
    value: dict[str, Any] = {
        "branches": shown("heads", branches.items()),
        "converts": [],
        "tags": shown("tags", repo.git_tags.items()),
    }
    if request.flag("include_prs"):
        value["pullRequests"] = []
    return json_reply(200, value)


def commits(repo: HubRepo, revision: str, request: Request) -> Reply:
    """`GET /api/models/{repo}/commits/{rev}`."""
    commit = commit_or_error(repo, revision)
    if isinstance(commit, Reply):
        return commit
    shown = [
        {"id": one.oid, "title": one.title, "message": "", "authors": [], "date": one.date}
        for one in repo.commits[repo.commits.index(commit) :]
    ]
    return _page(shown, request, EXPANDED_PAGE)
