"""Uploads as routes: announce, send with `Content-Range`, ask how far it is, give up."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Path, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from model_library.api.http.answers import PREFIX, PROBLEM, answer
from model_library.api.http.context import context_of
from model_library.api.http.uploads import LARGEST, UploadJson
from model_library.api.wire import Text
from model_library.errors import InvalidValueError

_UploadId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}-[0-9a-f]{16}$")]
_RANGE: Final = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})", re.ASCII)
_GATHERED: Final = 1024**2
"""Bytes that are written and hashed at once; a network gives them in pieces of 64 KiB."""


class Announcement(BaseModel):
    """A file that will be sent. `name` may hold folders (`model/unet/config.json`); `batch` is that of the
    first upload of files that belong together."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[Text, Field(min_length=1)]
    size: Annotated[int, Field(ge=0, le=LARGEST)]
    batch: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")] | None = None
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None


def router(*, typed: bool) -> APIRouter:
    routes = APIRouter(
        prefix=f"{PREFIX}/uploads", tags=["uploads"], responses=PROBLEM if typed else {}
    )
    one: Any = UploadJson if typed else None
    several: Any = list[UploadJson] if typed else None
    add = routes.add_api_route
    add("", uploads, operation_id="uploads", response_model=several)
    add(
        "",
        announce,
        methods=["POST"],
        status_code=HTTPStatus.CREATED,
        operation_id="announce_upload",
        response_model=one,
    )
    add("/{upload_id}", upload, operation_id="upload", response_model=one)
    add("/{upload_id}", offset, methods=["HEAD"], include_in_schema=False)
    add(
        "/{upload_id}",
        send,
        methods=["PUT"],
        operation_id="send_upload",
        response_model=one,
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {
                    "application/octet-stream": {"schema": {"format": "binary", "type": "string"}}
                },
            }
        },
    )
    add(
        "/{upload_id}",
        cancel,
        methods=["DELETE"],
        operation_id="cancel_upload",
        status_code=HTTPStatus.NO_CONTENT,
        response_class=Response,
    )
    return routes


def uploads(request: Request) -> Response:
    """All uploads, also complete ones until they are imported."""
    return answer(context_of(request).uploads.all())


def announce(request: Request, announcement: Announcement) -> Response:
    """Say what will be sent."""
    said = announcement
    made = context_of(request).uploads.announce(
        said.name, said.size, batch=said.batch, sha256=said.sha256
    )
    return answer(made, HTTPStatus.CREATED)


def upload(request: Request, upload_id: _UploadId) -> Response:
    """How far an upload is."""
    return answer(context_of(request).uploads.show(upload_id))


def offset(request: Request, upload_id: _UploadId) -> Response:
    """The next byte to send, in `Upload-Offset`."""
    shown = context_of(request).uploads.show(upload_id)
    headers = {"Upload-Offset": str(shown["received"]), "Upload-Length": str(shown["size"])}
    return Response(headers=headers)


async def send(
    request: Request,
    upload_id: _UploadId,
    content_range: Annotated[str | None, Header()] = None,
) -> Response:
    """Send bytes, all or with `Content-Range: bytes FIRST-LAST/SIZE`. What arrived before a cut counts."""
    known = context_of(request).uploads
    shown = known.show(upload_id)
    start, end = _range(content_range, shown["size"])
    receiver = await run_in_threadpool(known.receive, upload_id, start, end)
    gathered = bytearray()
    try:
        async for piece in request.stream():
            gathered += piece
            if len(gathered) >= _GATHERED:
                await run_in_threadpool(receiver.take, bytes(gathered))
                gathered.clear()
        await run_in_threadpool(receiver.take, bytes(gathered))
    except ClientDisconnect:
        await run_in_threadpool(receiver.take, bytes(gathered))
    finally:
        await run_in_threadpool(receiver.close)
    return answer(known.show(upload_id))


def _range(header: str | None, size: int) -> tuple[int, int]:
    """The first byte that is sent, and the one after the last. Raises InvalidValueError."""
    if header is None:
        return 0, size
    found = _RANGE.fullmatch(header)
    first, last, whole = map(int, found.groups()) if found else (0, -1, -1)
    if whole != size or last < first:
        raise InvalidValueError(
            f"Content-Range {header[:80]!r} does not fit the {size} bytes that were announced",
            hint=f"Write bytes FIRST-LAST/{size}.",
        )
    return first, last + 1


def cancel(request: Request, upload_id: _UploadId) -> Response:
    """Give an upload up."""
    context_of(request).uploads.cancel(upload_id)
    return Response(status_code=HTTPStatus.NO_CONTENT)
