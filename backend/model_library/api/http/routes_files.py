"""The file chooser as a route."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from model_library.api.http.answers import PREFIX, PROBLEM, answer
from model_library.api.http.chooser import FolderJson
from model_library.api.http.context import context_of
from model_library.api.wire import Text


def router(*, typed: bool) -> APIRouter:
    routes = APIRouter(prefix=PREFIX, tags=["files"], responses=PROBLEM if typed else {})
    routes.add_api_route(
        "/files", files, operation_id="files", response_model=FolderJson if typed else None
    )
    return routes


def files(request: Request, path: Annotated[Text, Query()] = "", hidden: bool = False) -> Response:
    """What is in a folder of the machine that the server runs on; without a path in the home directory."""
    return answer(context_of(request).files(path, hidden=hidden))
