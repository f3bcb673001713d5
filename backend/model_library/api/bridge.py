"""The operations as functions for the page in the desktop window: `window.pywebview.api`.

They have the names of the HTTP schema, take one object with all arguments (those that HTTP has in the address,
too) and answer with the same documents. An error is not thrown: its problem document is the answer. What only
bytes can carry (events, previews, uploads) stays with HTTP, which the same page has beside; what only a window
can do is added. Declared for the pages in `frontend/src/types/pywebview.d.ts`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from pydantic import ValidationError

from model_library.api.first_run import look_at_place
from model_library.api.http.context import Context
from model_library.api.http.problems import document_of, dumped, invalid_arguments
from model_library.api.operations import OPERATIONS, Operation
from model_library.api.wire import Arguments, Text, every_argument_of
from model_library.errors import ModelLibraryError

Function = Callable[..., Any]
"""Called by the page with one object or with nothing; answers with plain JSON values."""


class Native(Protocol):
    """What only a window can do. Paths are absolute."""

    def choose_files(self) -> list[str]:
        """Ask for files with the dialog of the system; empty when it was closed."""

    def choose_folder(self) -> list[str]:
        """Ask for one folder; empty when the dialog was closed."""

    def dropped_paths(self) -> list[str]:
        """What was dropped on the page just now, taken once."""

    def given_paths(self) -> list[str]:
        """What the window was opened with, taken once."""

    def show_in_file_manager(self, path: str) -> None:
        """Show a file or folder where it is. Raises SourceNotFoundError, DesktopError."""


class _JobResultArguments(Arguments):
    job_id: Text


class _FilesArguments(Arguments):
    path: Text = ""
    hidden: bool = False


class _PlaceArguments(Arguments):
    path: Text = ""


class _BeginArguments(Arguments):
    path: Text


class _ShowArguments(Arguments):
    path: Text


def functions(context: Context, native: Native) -> dict[str, Function]:
    """Every function of the bridge by its name."""
    found = {operation.name: _operation(context, operation) for operation in OPERATIONS}
    found["job_result"] = _function(_JobResultArguments, context.job_result)
    found["files"] = _function(_FilesArguments, context.files)
    found["first_run"] = _function(Arguments, context.first_run)
    found["begin_library"] = _function(_BeginArguments, context.begin)
    found["library_place"] = _function(_PlaceArguments, look_at_place)
    found["found_folders"] = _function(Arguments, context.found_folders)
    for name in ("choose_files", "choose_folder", "dropped_paths", "given_paths"):
        found[name] = _function(Arguments, getattr(native, name))
    found["show_in_file_manager"] = _function(_ShowArguments, native.show_in_file_manager)
    for name, function in found.items():
        function.__name__ = name  # under which the window exposes it
    return found


def _operation(context: Context, operation: Operation) -> Function:
    def perform(**given: Any) -> Any:
        return context.call(operation, {**given, **dict(operation.fixed)})

    return _function(every_argument_of(operation), perform)


_NOTHING: Final[Mapping[str, Any]] = {}


def _function(accepted: type[Arguments], perform: Callable[..., Any]) -> Function:
    def call(arguments: Mapping[str, Any] | None = None) -> Any:
        try:
            given = accepted.model_validate(_NOTHING if arguments is None else arguments).given()
            document = perform(**given)
        except ValidationError as error:
            document = invalid_arguments(error.errors())
        except ModelLibraryError as error:
            document = document_of(error)
        return json.loads(dumped(document))

    return call
