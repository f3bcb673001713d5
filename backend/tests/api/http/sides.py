"""One library asked directly, another over HTTP, a third through the window's bridge, and what must be equal about their answers."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Protocol

import httpx2
from pydantic import TypeAdapter

from model_library import Library
from model_library.api.bridge import Function
from model_library.api.http.problems import ProblemJson
from model_library.api.operations import OPERATIONS, Operation
from model_library.api.wire import path_arguments, result_of
from model_library.errors import ModelLibraryError, SourceNotFoundError

TABLE: Final = {one.name: one for one in OPERATIONS}
_CHANGING: Final = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"  # ids of roots and libraries
    r"|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)"
    r"|[\d.]+ GiB free|root [0-9a-f]{8}|uploads/[0-9a-f]{16}"
)
_MEASURED: Final = frozenset(
    [
        "took_ms",
        "hosts",  # jobs of the server ask with a network of their own
        "free",
        "age",
        "job_id",
        "job",
        "owner",
        "rate",
        "seconds_left",
        "network",
        "remaining",
        "unfinished",
    ]
)
"""Fields that differ from one run to the next. `unfinished`: a library that is opened finishes what was left,
and a server opens several."""


class Side(Protocol):
    top: Path

    def ask(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """The document of an operation, or the code of its error."""


class Direct:
    def __init__(self, library: Library, top: Path) -> None:
        self._library = library
        self.top = top

    def ask(self, name: str, arguments: Mapping[str, Any]) -> Any:
        row = TABLE[name]
        self._library.look_again()
        method = name if hasattr(self._library, name) else row.method
        try:
            document = getattr(self._library, method)(**arguments, **dict(row.fixed))
        except ModelLibraryError as error:
            return error.code
        return comparable(document, self.top)


class Remote:
    def __init__(self, client: httpx2.Client, top: Path) -> None:
        self._client = client
        self.top = top

    def ask(self, name: str, arguments: Mapping[str, Any]) -> Any:
        row = TABLE[name]
        answer = self._client.send(self._request(row, dict(arguments)))
        document = answer.json()
        if answer.status_code >= 400:
            return document["code"]
        assert answer.status_code == row.status
        is_as_declared(row, document)
        if row.status == 202 and row.method.startswith("queue_"):
            document = finished(self._client, document["job_id"])
        return comparable(document, self.top)

    def _request(self, row: Operation, arguments: dict[str, Any]) -> httpx2.Request:
        path = row.path.format(**{one: arguments.pop(one) for one in path_arguments(row)})
        address = f"/api/v1{path}"
        if row.has_body:
            return self._client.build_request(row.verb, address, json=plain(arguments))
        query = arguments | arguments.pop("filters", {})
        return self._client.build_request(row.verb, address, params=plain(query))


class NoWindow:
    """What a bridge without a window has."""

    def choose_files(self) -> list[str]:
        return []

    def choose_folder(self) -> list[str]:
        return []

    def dropped_paths(self) -> list[str]:
        return []

    def given_paths(self) -> list[str]:
        return []

    def show_in_file_manager(self, path: str) -> None:
        raise SourceNotFoundError("It is not there", path=path)


class Bridged:
    """The page in the window. What became of a job it asks for when the job is over, as the HTTP side does."""

    def __init__(self, functions: Mapping[str, Function], top: Path) -> None:
        self._functions = functions
        self.top = top

    def ask(self, name: str, arguments: Mapping[str, Any]) -> Any:
        row = TABLE[name]
        sent = dict(arguments)
        sent |= sent.pop("filters", {})
        document = self._functions[name](plain(sent))
        if _is_problem(document):
            return document["code"]
        is_as_declared(row, document)
        if row.status == 202 and row.method.startswith("queue_"):
            document = self._finished(document["job_id"])
        return comparable(document, self.top)

    def _finished(self, job_id: str) -> Any:
        job = over(lambda: self._functions["job"]({"job_id": job_id}))
        if job["state"] == "failed":
            return job["error"]["code"]
        return self._functions["job_result"]({"job_id": job_id})["document"]


def _is_problem(document: Any) -> bool:
    return isinstance(document, dict) and ProblemJson.__required_keys__ == document.keys()


def finished(client: httpx2.Client, job_id: str) -> Any:
    """The document of a job once it is done, or the code of what it failed with."""
    job = ended(client, job_id)
    if job["state"] == "failed":
        return job["error"]["code"]
    return client.get(f"/api/v1/jobs/{job_id}/result").json()["document"]


def ended(client: httpx2.Client, job_id: str, seconds: float = 30) -> Any:
    """A job that is over."""
    return over(lambda: client.get(f"/api/v1/jobs/{job_id}").json(), seconds)


def over(look: Callable[[], Any], seconds: float = 30) -> Any:
    """What `look` sees of a job once it has ended."""
    for _ in range(int(seconds / 0.05)):
        job = look()
        if job["ended"] is not None and job["state"] in {"done", "failed", "cancelled"}:
            return job
        time.sleep(0.05)
    raise TimeoutError(f"the job did not end: {job}")


def is_as_declared(row: Operation, document: Any) -> None:
    """A document has the fields of its type and no other."""
    adapter = TypeAdapter(result_of(row))
    assert adapter.dump_python(adapter.validate_python(document), mode="json") == document


def comparable(document: Any, top: Path) -> Any:
    """A document as JSON, without what is measured and with places relative to `top`."""
    text = json.dumps(_without_measured(document), default=str).replace(str(top), "TOP")
    return json.loads(_CHANGING.sub("CHANGES", text))


def _without_measured(document: Any) -> Any:
    if isinstance(document, Mapping):
        kept = {name: value for name, value in document.items() if name not in _MEASURED}
        return {name: _without_measured(value) for name, value in kept.items()}
    if isinstance(document, (list, tuple)):
        return [_without_measured(value) for value in document]
    return document


def plain(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments as JSON has them."""
    made: dict[str, Any] = json.loads(json.dumps(arguments, default=str))
    return made


def until(true: Callable[[], object]) -> None:
    """Wait until it is so; a page is told of it by an event."""
    end = time.monotonic() + 120
    while not true():
        assert time.monotonic() < end, "it never was"
        time.sleep(0.05)
