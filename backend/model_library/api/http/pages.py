"""The pages: files of `web/` inside the package, read once, so that no request can name another file.

Files with a hash in their name (below `assets/`) never change. Every address that is no file is the
application itself, which finds its way by the address.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

WEB: Final = "web"
INDEX: Final = "index.html"
_HASHED: Final = "assets/"
_TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
"""Systems disagree about them, and a browser takes no script of a wrong type."""
_NOT_BUILT: Final = b"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Model Library</title>
<h1>Model Library</h1>
<p>The server is running. Its pages were not built in this checkout.</p>
<p>Programs reach everything at <code>/api/v1</code>; the schema is at <code>/api/openapi.json</code>.</p>
</html>
"""


@dataclass(frozen=True, slots=True)
class Page:
    data: bytes
    media_type: str
    etag: str
    hashed: bool


@cache
def pages() -> Mapping[str, Page]:
    """Every file of the built pages by its path."""
    return pages_of(files("model_library") / WEB)


def pages_of(directory: Traversable) -> dict[str, Page]:
    found = dict(_below(directory, "")) if directory.is_dir() else {}
    found.setdefault(INDEX, _page(INDEX, _NOT_BUILT))
    return found


def _below(directory: Traversable, prefix: str) -> list[tuple[str, Page]]:
    found: list[tuple[str, Page]] = []
    for entry in directory.iterdir():
        name = prefix + entry.name
        if entry.is_dir():
            found += _below(entry, f"{name}/")
        elif entry.is_file():
            found.append((name, _page(name, entry.read_bytes())))
    return found


def _page(name: str, data: bytes) -> Page:
    suffix = PurePosixPath(name).suffix.lower()
    media_type = _TYPES.get(suffix, "application/octet-stream")
    etag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    return Page(data, media_type, etag, name.startswith(_HASHED))


def page(request: Request) -> Response:
    """The file of an address, or the application."""
    found = pages()
    name = request.url.path.removeprefix("/")
    one = found.get(name)
    if one is None and name.startswith(_HASHED):
        return Response(b"Not found", 404, media_type="text/plain")
    one = one or found[INDEX]
    kept = "public, max-age=31536000, immutable" if one.hashed else "no-cache"
    headers = {"ETag": one.etag, "Cache-Control": kept}
    if one.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(one.data, headers=headers | {"Content-Type": one.media_type})
