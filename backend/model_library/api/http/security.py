"""Who may ask: nobody without the token of this start, no other page, no name that is not this machine's.

A page that the user visits can make the browser send requests here, also under a name of its own that it lets
point to this machine (DNS rebinding), and every program can open a port on the same host. So each call needs
the token, in a cookie that other sites cannot have sent or in a header; `Host` has to be an address or a name
of ours; and what browsers say of the origin of a request has to be this very page. Nothing answers across
origins, and nothing from outside is ever loaded.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from model_library.api.http.problems import problem

API: Final = "/api"
TOKEN_HEADER: Final = "x-model-library-token"  # noqa: S105 # its name
MOST_JSON: Final = 4 * 1024**2
"""Bytes of a JSON body; a hundred thousand ids are less."""
UPLOADS: Final = "/api/v1/uploads/"
"""Below it bodies are bytes of files; how many is checked there."""
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_HOST: Final = re.compile(
    r"(?:\[(?P<address>[0-9a-f:.]+)\]|(?P<name>[^\s:\[\]/@]+))(?::[0-9]*)?", re.ASCII
)
_WITHOUT_NAME: Final = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 # compared, not bound

PAGE_POLICY: Final = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'"
)
API_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"
HEADERS: Final[Mapping[str, str]] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


@dataclass(frozen=True, slots=True)
class Access:
    """What one start of the server takes as proof."""

    host: str
    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    names: frozenset[str] = frozenset()
    """Further names of this machine that a request may be for."""

    @property
    def cookie(self) -> str:
        """Cookies know no ports, so each server has one of its own."""
        return f"model_library_{self.port}"

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return self.host == "localhost" or (
            _is_address(self.host) and ipaddress.ip_address(self.host).is_loopback
        )

    @property
    def url(self) -> str:
        """Where the pages are, for this machine."""
        host = "127.0.0.1" if self.host in _WITHOUT_NAME else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/"

    @property
    def opening_url(self) -> str:
        """The same with the token: opening it once makes a browser known."""
        return f"{self.url}?token={self.token}"

    def is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self.token.encode())

    def is_own_host(self, header: str) -> bool:
        """Whether a `Host` is this machine. An address cannot be pointed elsewhere; a name can."""
        name = _host_name(header)
        if name in {"localhost", self.host.lower()} | self.names:
            return True
        if not _is_address(name):
            return False
        return self.host in _WITHOUT_NAME or ipaddress.ip_address(name).is_loopback


def _host_name(header: str) -> str:
    """The name or address in a `Host` header, without its port; empty for what is no host."""
    found = _HOST.fullmatch(header.strip().lower())
    return (found["address"] or found["name"]) if found else ""


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def refusal(access: Access, method: str, path: str, headers: Headers) -> Response | None:
    """Why a request is not answered, None when it may be."""
    if not access.is_own_host(headers.get("host", "")):
        hint = f"Open {access.url} instead."
        return _forbidden("foreign-host", "The request is for another host", hint)
    in_api = path == API or path.startswith(f"{API}/")
    if (in_api or method not in _SAFE) and not _same_origin(headers):
        return _forbidden("cross-site", "The request comes from another page")
    if not in_api:
        return None
    if not _has_token(access, headers):
        return problem(
            HTTPStatus.UNAUTHORIZED,
            "token-missing",
            "The request has no valid token",
            "Open the address that `model-library serve` printed.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return None if method in _SAFE else _wrong_body(method, path, headers)


def _forbidden(code: str, detail: str, hint: str = "") -> Response:
    return problem(HTTPStatus.FORBIDDEN, code, detail, hint)


def _same_origin(headers: Headers) -> bool:
    """What the browser says about where the request comes from; programs say nothing."""
    if headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        return False
    origin = headers.get("origin")
    return origin is None or origin == f"http://{headers.get('host', '')}"


def _has_token(access: Access, headers: Headers) -> bool:
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    given = [headers.get(TOKEN_HEADER), *_cookies(headers, access.cookie)]
    if scheme.lower() == "bearer":
        given.append(bearer.strip())
    return any(access.is_token(one) for one in given if one)


def _cookies(headers: Headers, name: str) -> list[str]:
    """The values of a cookie. Browsers send those of every program on this host together; one that
    `http.cookies` does not take, or one of our name for another path, must not hide ours."""
    pairs = (one.partition("=") for one in headers.get("cookie", "").split(";"))
    return [value.strip() for key, _, value in pairs if key.strip() == name]


def _wrong_body(method: str, path: str, headers: Headers) -> Response | None:
    """JSON and nothing that a form could send. Bytes of files go to uploads only."""
    length = headers.get("content-length", "0")
    if length == "0" and "transfer-encoding" not in headers:
        return None
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    upload = method in {"PUT", "PATCH"} and path.startswith(UPLOADS)
    expected = "application/octet-stream" if upload else "application/json"
    if media_type != expected:
        status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
        return problem(status, "wrong-media-type", f"The body has to be {expected}")
    if not upload and length.isdecimal() and int(length) > MOST_JSON:
        return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, *_TOO_LARGE)
    return None


_TOO_LARGE: Final = ("body-too-large", f"The body is larger than {MOST_JSON} bytes")


class Guard:
    """The outermost part of the application: refuses, or lets pass and adds the headers of every answer."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # there are no web sockets here; the server closes the connection
        method, path, headers = scope["method"], scope["path"], Headers(scope=scope)
        guarded = _with_headers(send, path)
        answer = refusal(self._access, method, path, headers)
        if answer is None and method == "GET" and path == "/":
            answer = _opening(self._access, scope)
        if answer is not None:
            await answer(scope, receive, guarded)
        elif path.startswith(UPLOADS):
            await self._app(scope, receive, guarded)
        else:
            await self._app(scope, _limited(receive), guarded)


def _opening(access: Access, scope: Scope) -> Response | None:
    """`/?token=...` makes the browser known and forgets the token in its address."""
    given = parse_qs(scope["query_string"].decode("latin-1")).get("token")
    if given is None:
        return None
    if not access.is_token(given[0]):
        hint = "It is of an earlier start: take the address that was printed last."
        return _forbidden("token-wrong", "The token is not valid", hint)
    answer = Response(status_code=HTTPStatus.SEE_OTHER, headers={"Location": "/"})
    answer.headers["Cache-Control"] = "no-store"
    answer.set_cookie(access.cookie, access.token, path="/", httponly=True, samesite="strict")
    return answer


def _limited(receive: Receive) -> Receive:
    """Bodies that do not say how long they are end at the limit all the same."""
    received = 0

    async def limited() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > MOST_JSON:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TOO_LARGE[1])
        return message

    return limited


def _with_headers(send: Send, path: str) -> Send:
    in_api = path.startswith(f"{API}/")

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            headers["Content-Security-Policy"] = API_POLICY if in_api else PAGE_POLICY
            if in_api:
                headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return sending
