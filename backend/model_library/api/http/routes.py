"""The operations of the table as routes, and what only a server has: events, results of jobs, previews."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Callable
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Header, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse
from typing_extensions import TypedDict

from model_library.api.core import Library
from model_library.api.http.answers import PREFIX, PROBLEM, answer
from model_library.api.http.context import context_of
from model_library.api.http.previews import read_preview
from model_library.api.operations import OPERATIONS, Operation
from model_library.api.shapes import ImportJson, ScanJson, VerifyJson
from model_library.api.shapes_apps import AppAddedJson
from model_library.api.shapes_hub import DownloadJson, LookupJson
from model_library.api.shapes_storage import ComparedJson
from model_library.api.wire import (
    Arguments,
    Text,
    arguments_of,
    path_arguments,
    result_of,
    result_type,
    summary_of,
)
from model_library.errors import ModelNotFoundError

_PathText = Annotated[Text, Path()]


def router(*, typed: bool) -> APIRouter:
    """All routes. Paths without arguments come first, so that none is taken for an id. With the types of the
    answers when the schema is wanted: making them takes a second, and answers are not checked against them
    while the server runs."""
    routes = APIRouter(prefix=PREFIX, responses=PROBLEM if typed else {})
    for operation in sorted(OPERATIONS, key=lambda one: "{" in one.path):
        routes.add_api_route(
            operation.path,
            _endpoint(operation),
            methods=[operation.verb],
            operation_id=operation.name,
            name=operation.name,
            tags=[operation.area],
            description=summary_of(operation),
            status_code=operation.status,
            response_model=result_of(operation) if typed else None,
            response_description="The job" if operation.status == _ACCEPTED else "Done",
        )
    routes.add_api_route(
        "/jobs/{job_id}/result",
        job_result,
        operation_id="job_result",
        tags=["jobs"],
        response_model=JobResultJson if typed else None,
    )
    routes.add_api_route(
        "/models/{model_id}/preview",
        preview,
        operation_id="preview",
        tags=["models"],
        response_class=Response,
        responses={200: {"content": {"image/*": {}}, "description": "The picture"}},
    )
    routes.add_api_route(
        "/events",
        events,
        operation_id="events",
        tags=["events"],
        response_class=StreamingResponse,
        responses={200: {"content": {"text/event-stream": {}}, "description": "The events"}},
    )
    return routes


_ACCEPTED: Final = 202


_STOPPED: Final = "cancelled"
"""The argument of methods that can be stopped: an event."""
_LOOK: Final = 0.25
"""Seconds between two looks whether somebody still waits for the answer."""


async def while_wanted(request: Request, work: Callable[[threading.Event], Response]) -> Response:
    """Do work in a thread, and tell it to stop when whoever asked has gone."""
    stop = threading.Event()
    doing = asyncio.ensure_future(run_in_threadpool(work, stop))
    while not doing.done():
        await asyncio.wait({doing}, timeout=_LOOK)
        if await request.is_disconnected():
            stop.set()
    return await doing


def _endpoint(operation: Operation) -> Callable[..., Any]:
    """A function with the signature that FastAPI reads: request, parts of the path, and the rest as a query
    or as a JSON body. What takes long and can be stopped ends when nobody waits for it."""
    is_stoppable = _STOPPED in inspect.signature(getattr(Library, operation.method)).parameters

    def endpoint(request: Request, **sent: Any) -> Response:
        arguments: Arguments | None = sent.pop("arguments", None)
        given = {} if arguments is None else arguments.given()
        document = context_of(request).call(operation, {**sent, **given, **dict(operation.fixed)})
        return answer(document, operation.status)

    async def stoppable(request: Request, **sent: Any) -> Response:
        return await while_wanted(
            request, lambda stop: endpoint(request, **sent, **{_STOPPED: stop})
        )

    kind = inspect.Parameter.KEYWORD_ONLY
    parameters = [inspect.Parameter("request", kind, annotation=Request)]
    parameters += [
        inspect.Parameter(name, kind, annotation=_PathText) for name in path_arguments(operation)
    ]
    model = arguments_of(operation)
    if model is not None:
        needed = any(field.is_required() for field in model.model_fields.values())
        annotation: Any = model if operation.has_body else Annotated[model, Query()]
        default = inspect.Parameter.empty if needed or not operation.has_body else model()
        parameters.append(
            inspect.Parameter("arguments", kind, annotation=annotation, default=default)
        )
    made: Callable[..., Any] = stoppable if is_stoppable else endpoint
    made.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # what FastAPI reads
    made.__name__ = operation.name
    return made


# --- what only a server has ----------------------------------------------------------------------------


class ImportResultJson(TypedDict):
    job_id: str
    kind: Literal["import"]
    document: result_type(ImportJson)  # type: ignore[valid-type] # known when it runs


class DownloadResultJson(TypedDict):
    job_id: str
    kind: Literal["download"]
    document: result_type(DownloadJson)  # type: ignore[valid-type] # known when it runs


class InstallResultJson(TypedDict):
    job_id: str
    kind: Literal["install"]
    document: result_type(AppAddedJson)  # type: ignore[valid-type] # known when it runs


class CompareResultJson(TypedDict):
    job_id: str
    kind: Literal["compare"]
    document: result_type(ComparedJson)  # type: ignore[valid-type] # known when it runs


class VerifyResultJson(TypedDict):
    job_id: str
    kind: Literal["verify"]
    document: result_type(VerifyJson)  # type: ignore[valid-type] # known when it runs


class ScanResultJson(TypedDict):
    job_id: str
    kind: Literal["scan"]
    document: result_type(ScanJson)  # type: ignore[valid-type] # known when it runs


class LookupResultJson(TypedDict):
    job_id: str
    kind: Literal["lookup"]
    document: result_type(LookupJson)  # type: ignore[valid-type] # known when it runs


JobResultJson = (
    ImportResultJson
    | DownloadResultJson
    | InstallResultJson
    | VerifyResultJson
    | ScanResultJson
    | LookupResultJson
    | CompareResultJson
)
"""What the operation of a finished job answers when it is called at once; `kind` says which it is."""


def job_result(request: Request, job_id: _PathText) -> Response:
    """The whole answer of a job that ended here a moment ago. The job itself keeps counts."""
    return answer(context_of(request).job_result(job_id))


def preview(request: Request, model_id: _PathText) -> Response:
    """The picture of a model."""
    with context_of(request).libraries.borrow() as library:
        picture = read_preview(library.show(model_id))
    if picture is None:
        raise ModelNotFoundError(f"{model_id} has no picture", hint="")
    data, media_type = picture
    return Response(data, media_type=media_type)


async def events(
    request: Request, last_event_id: Annotated[str | None, Header()] = None
) -> StreamingResponse:
    """What happens, as server-sent events that go on after `Last-Event-ID`; see `http/events.py`."""
    stream = context_of(request).events.stream(last_event_id)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)
