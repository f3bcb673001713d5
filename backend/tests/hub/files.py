"""The bytes of files: `/resolve/` of the Hub, the other origin that it sends to, and ranges."""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote

from tests.hub.api import commit_or_error
from tests.hub.messages import Body, Reply, Request, Served, error_reply
from tests.hub.repos import Commit, HubFile, HubRepo

RANGE: Final = re.compile(r"bytes=(\d*)-(\d*)")


def resolve(repo: HubRepo, revision: str, path: str, request: Request, cdn: str) -> Served | Reply:
    """`HEAD` and `GET /{repo}/resolve/{rev}/{path}`: the file itself, or where a large one is stored."""
    commit = commit_or_error(repo, revision)
    if isinstance(commit, Reply):
        return commit
    file = commit.files.get(path)
    if file is None:
        missing = error_reply(404, "Entry not found", "EntryNotFound")
        return missing.having(x_repo_commit=commit.oid)
    headers = {
        "x-repo-commit": commit.oid,
        "accept-ranges": "bytes",
        "access-control-expose-headers": "X-Repo-Commit,X-Linked-Size,X-Linked-ETag,Link",
        "content-disposition": f"inline; filename*=UTF-8''{quote(PurePosixPath(path).name)};",
    }
    if file.lfs and repo.xet:
        route = f"{request.base}/api/models/{repo.repo_id}/xet-read-token/{commit.oid}"
        headers |= {"x-xet-hash": file.xet_hash, "link": f'<{route}>; rel="xet-auth"'}
    where = f"{cdn}{_stored_at(repo, commit, path)}" if file.lfs else None
    if repo.resolve_cache and not file.lfs and "/resolve-cache/" not in request.path:
        where = f"/api/resolve-cache/models/{repo.repo_id}/{commit.oid}/{quote(path)}"
    return Served(Body.of(file.source), file.etag, headers, linked=file.lfs, location=where)


def _stored_at(repo: HubRepo, commit: Commit, path: str) -> str:
    """Path and query of a file at the other origin. As with the Hub, whoever has the address may read."""
    place = f"/stored/{quote(repo.repo_id)}/{commit.oid}/{quote(path)}"
    return f"{place}?X-Amz-Expires=3600&X-Amz-Signature={_signature(place)}"


def _signature(place: str) -> str:
    return hashlib.sha256(b"test hub" + place.encode()).hexdigest()


def stored(repo: HubRepo | None, revision: str, path: str, request: Request) -> Served | Reply:
    """A large file at the other origin. Its ETag is another than the Hub's, as with real storage."""
    denied = Reply(
        403, {"content-type": "application/xml"}, Body.of(b"<Error>AccessDenied</Error>")
    )
    if repo is None or request.value("X-Amz-Signature") != _signature(request.path):
        return denied
    commit = repo.at(revision)
    file = commit.files.get(path) if commit else None
    if file is None:
        return Reply(404, {"content-type": "application/xml"}, Body.of(b"<Error>NoSuchKey</Error>"))
    return Served(Body.of(file.source), storage_etag(file), {"accept-ranges": "bytes"})


def storage_etag(file: HubFile) -> str:
    return hashlib.md5(file.sha256.encode(), usedforsecurity=False).hexdigest()


def answered(served: Served, request: Request) -> Reply:
    """The redirect, the whole file, or the range of it that is asked for (RFC 9110, section 14)."""
    size, quoted = served.body.size, f'"{served.etag}"'
    headers = {**served.headers, "etag": quoted}
    if served.linked:
        headers |= {"x-linked-size": str(size), "x-linked-etag": quoted}
    if served.location:
        text = Body.of(f"Found. Redirecting to {served.location}".encode())
        headers |= {"location": served.location, "content-length": str(text.size)}
        return Reply(302 if served.linked else 307, headers, text)
    headers["content-type"] = "application/octet-stream"
    span = _span(request, size, quoted)
    if span is None:
        return Reply(200, {**headers, "content-length": str(size)}, served.body)
    start, end = span
    if start >= min(end, size):
        unmet = {"content-range": f"bytes */{size}", "content-length": "0"}
        return Reply(416, {**headers, **unmet})
    headers |= {"content-range": f"bytes {start}-{end - 1}/{size}"}
    return Reply(
        206, {**headers, "content-length": str(end - start)}, served.body.cut(start, end - start)
    )


def _span(request: Request, size: int, etag: str) -> tuple[int, int] | None:
    """Start and end of the range to answer with; None is the whole file."""
    asked = RANGE.fullmatch(request.headers.get("range", ""))
    unchanged = request.headers.get("if-range", etag) == etag
    if request.method != "GET" or asked is None or not unchanged or asked[0] == "bytes=-":
        return None
    first, last = asked.groups()
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(int(last) + 1, size) if last else size
