"""The application: routes of the operations below `/api/v1`, the schema, and the pages for everything else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp

from model_library.api.http import routes_files, routes_first_run, routes_uploads
from model_library.api.http.answers import answer
from model_library.api.http.context import Context
from model_library.api.http.pages import page
from model_library.api.http.problems import answered, document_of, invalid_arguments, problem
from model_library.api.http.routes import router
from model_library.api.http.security import API, Guard
from model_library.errors import ModelLibraryError

_METHODS: Final = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def make_app(context: Context) -> ASGIApp:
    """The whole of it, behind its guard."""
    app = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
    )
    app.state.context = context
    _include(app, typed=False)
    app.add_api_route(f"{API}/openapi.json", _schema)
    app.add_api_route(f"{API}/{{rest:path}}", _no_route, methods=_METHODS)
    app.add_route("/{path:path}", page, methods=["GET", "HEAD"])
    app.add_exception_handler(ModelLibraryError, _known_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(Exception, _unexpected)
    return Guard(app, context.access)


def _include(app: FastAPI, *, typed: bool) -> None:
    for one in (router, routes_uploads.router, routes_files.router, routes_first_run.router):
        app.include_router(one(typed=typed))


@cache
def schema() -> dict[str, Any]:
    """The OpenAPI document; it needs no library."""
    app = FastAPI(title="Model Library", version=version("model-library"))
    _include(app, typed=True)
    return app.openapi()


def _schema() -> Response:
    return answer(schema())


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    context: Context = app.state.context
    if context.libraries.has_library:
        await run_in_threadpool(context.work.start)
    try:
        yield
    finally:
        context.events.close()
        await run_in_threadpool(context.work.close)


def _no_route() -> Response:
    return problem(HTTPStatus.NOT_FOUND, "not-found", "There is no such address")


async def _known_error(request: Request, error: Exception) -> Response:
    del request
    return answered(document_of(error))  # type: ignore[arg-type] # registered for it


async def _invalid(request: Request, error: Exception) -> Response:
    del request
    details = error.errors()  # type: ignore[attr-defined] # registered for it
    return answered(invalid_arguments(details))


async def _refused(request: Request, error: Exception) -> Response:
    """What the framework refuses by itself: unknown addresses and methods, bodies that cannot be read."""
    del request
    status, detail = error.status_code, error.detail  # type: ignore[attr-defined] # registered for it
    code = HTTPStatus(status).phrase.lower().replace(" ", "-")
    return problem(status, code, str(detail), headers=getattr(error, "headers", None))


async def _unexpected(request: Request, error: Exception) -> Response:
    """A fault of the program: the answer says so, and the server goes on."""
    del request
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "unexpected",
        type(error).__name__,
        "This is a fault of the program. Please report it.",
        headers={"Connection": "close"},  # which the server does now
    )
