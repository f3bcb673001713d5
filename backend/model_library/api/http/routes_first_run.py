"""The first start as routes: what can be asked before there is a library, and the choice of its place."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from model_library.api.http.answers import PREFIX, PROBLEM, answer
from model_library.api.http.context import context_of
from model_library.api.shapes_first import FirstRunJson, FoundFolderJson, PlaceJson
from model_library.api.wire import Text, result_type


class Beginning(BaseModel):
    """Where the library is to live: an absolute path; `~` is the home directory."""

    model_config = ConfigDict(extra="forbid")

    path: Text


def router(*, typed: bool) -> APIRouter:
    routes = APIRouter(
        prefix=f"{PREFIX}/first-run", tags=["first-run"], responses=PROBLEM if typed else {}
    )
    state: Any = result_type(FirstRunJson) if typed else None
    add = routes.add_api_route
    add("", first_run, operation_id="first_run", response_model=state)
    add("", begin, methods=["POST"], operation_id="begin_library", response_model=state)
    place: Any = result_type(PlaceJson) if typed else None
    add("/place", library_place, operation_id="library_place", response_model=place)
    folders: Any = result_type(list[FoundFolderJson]) if typed else None
    add("/folders", folders_found, operation_id="found_folders", response_model=folders)
    return routes


def first_run(request: Request) -> Response:
    """Whether there is a library, and where one would be begun."""
    return answer(context_of(request).first_run())


def begin(request: Request, beginning: Beginning) -> Response:
    """Begin the library in a directory, or take the one that is there; later starts find it by themselves."""
    return answer(context_of(request).begin(beginning.path))


def library_place(request: Request, path: Annotated[Text, Query()] = "") -> Response:
    """What a directory would be as the place of the library."""
    return answer(context_of(request).place(path))


def folders_found(request: Request) -> Response:
    """The folders of other programs that hold models; links to those of the library do not count."""
    return answer(context_of(request).found_folders())
