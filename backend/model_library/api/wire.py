"""Arguments and results of the operations as types that pydantic can check and describe in a schema.

They are derived from the methods of `Library`, so that nobody types them twice. Text from outside holds no
NUL, numbers fit the databases, and a name that no argument has is refused.
"""

from __future__ import annotations

import inspect
import os
import types
import typing
from collections.abc import Mapping, Sequence
from functools import cache
from typing import (
    Annotated,
    Any,
    Final,
    Literal,
    NotRequired,
    Union,
    get_args,
    get_origin,
    is_typeddict,
)

import typing_extensions
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, create_model

from model_library.api.core import Library
from model_library.api.operations import Operation
from model_library.search.query import FIELDS

MOST_TEXT: Final = 100_000
"""Characters of one argument; the longest is the notes of a model."""
MOST_ITEMS: Final = 100_000
_LARGEST: Final = 2**53 - 1
"""The largest whole number that every JSON reader keeps exactly."""

Text = Annotated[str, StringConstraints(max_length=MOST_TEXT, pattern=r"^[^\x00]*$")]
_PathText = Annotated[Text, StringConstraints(min_length=1)]
"""An empty path is the directory that the server happens to run in."""
_Number = Annotated[int, Field(ge=-_LARGEST, le=_LARGEST)]
_FILTERS: Final = "filters"
"""In a query each filter is a parameter of its own: `kind=lora&family=sdxl`."""
_NOT_SENT: Final = frozenset({"self", "cancelled"})
_UNIONS: Final = (Union, types.UnionType)


class Arguments(BaseModel):
    """Base of the arguments of every operation."""

    model_config = ConfigDict(extra="forbid")

    def given(self) -> dict[str, Any]:
        """What was sent, under the names of the method; the rest is left to its defaults."""
        return self.model_dump(exclude_unset=True)


class FilteredArguments(Arguments):
    """Those of an operation that takes filters."""

    def given(self) -> dict[str, Any]:
        sent = self.model_dump(exclude_unset=True)
        chosen = {name: sent.pop(name) for name in FILTERS if name in sent}
        return sent | {_FILTERS: {name: text for name, text in chosen.items() if text is not None}}


FILTERS: Final = sorted(name for name, is_called in FIELDS.items() if name == is_called)


@cache
def arguments_of(operation: Operation) -> type[Arguments] | None:
    """What is sent beside the path, None when nothing can be."""
    fields: dict[str, Any] = {}
    base: type[Arguments] = Arguments
    for name, (annotation, default) in _parameters(operation).items():
        if "{" + name + "}" in operation.path:
            continue
        if name == _FILTERS:
            base = FilteredArguments
            fields |= dict.fromkeys(FILTERS, (Text | None, None))
        else:
            fields[name] = (argument_type(annotation), _default(default))
    if not fields:
        return None
    title = "".join(part.capitalize() for part in operation.name.split("_"))
    return create_model(f"{title}Arguments", __base__=base, **fields)


@cache
def every_argument_of(operation: Operation) -> type[Arguments]:
    """What a call takes that has no address: the parts of the path, too."""
    base = arguments_of(operation) or Arguments
    parts: dict[str, Any] = dict.fromkeys(path_arguments(operation), (Text, ...))
    return create_model(f"Every{base.__name__}", __base__=base, **parts)


def path_arguments(operation: Operation) -> list[str]:
    return [name for name in _parameters(operation) if "{" + name + "}" in operation.path]


def result_of(operation: Operation) -> Any:
    """The type of the document that it answers with."""
    return result_type(typing.get_type_hints(getattr(Library, operation.method))["return"])


def summary_of(operation: Operation) -> str:
    """What the method says of itself."""
    return inspect.getdoc(getattr(Library, operation.name, None)) or (
        inspect.getdoc(getattr(Library, operation.method)) or ""
    )


def _parameters(operation: Operation) -> dict[str, tuple[Any, Any]]:
    """Name -> (annotation, default) of what the outside may say."""
    method = getattr(Library, operation.method)
    hints = typing.get_type_hints(method, include_extras=True)
    found: dict[str, tuple[Any, Any]] = {}
    for name, parameter in inspect.signature(method).parameters.items():
        if name in _NOT_SENT or name in operation.without or name in dict(operation.fixed):
            continue
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            (options,) = get_args(hints[name])
            for option, annotation in typing.get_type_hints(options).items():
                found[option] = (annotation, _nothing(annotation))
        else:
            found[name] = (hints[name], parameter.default)
    return found


def _nothing(annotation: Any) -> Any:
    """What an option is when it is not given."""
    if annotation is bool:
        return False
    return () if get_origin(annotation) is Sequence else None


def _default(value: Any) -> Any:
    if value is inspect.Parameter.empty:
        return ...
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value


def argument_type(annotation: Any) -> Any:
    """The type of an argument as it is sent: paths are text, sequences are lists."""
    return _converted(annotation, {str: Text, int: _Number})


def result_type(annotation: Any) -> Any:
    """The type of a result as it is answered."""
    return _converted(annotation, {})


def _converted(annotation: Any, leaves: Mapping[Any, Any]) -> Any:
    if is_typeddict(annotation):
        return _shape(annotation)
    origin = get_origin(annotation)
    if origin is Literal:
        return annotation
    if origin is None:
        return leaves.get(annotation, annotation)
    if leaves and any(get_origin(one) is os.PathLike for one in get_args(annotation)):
        leaves = {**leaves, str: _PathText}
    inner = [
        _converted(one, leaves)
        for one in get_args(annotation)
        if get_origin(one) is not os.PathLike  # said as text
    ]
    return _generic(origin, inner, bounded=bool(leaves))


def _generic(origin: Any, inner: list[Any], *, bounded: bool) -> Any:
    """`origin[inner]` as it is sent."""
    if origin in _UNIONS:
        return Union[tuple(inner)]  # noqa: UP007 # made from a list
    if origin is NotRequired:
        return NotRequired[inner[0]]
    if origin in (dict, Mapping):
        return dict[inner[0], inner[1]]  # type: ignore[valid-type] # known when it runs
    if origin in (list, Sequence):
        values = list[inner[0]]  # type: ignore[valid-type] # known when it runs
        return Annotated[values, Field(max_length=MOST_ITEMS)] if bounded else values
    raise TypeError(f"{origin} cannot be sent")


@cache
def _shape(shape: Any) -> Any:
    """A typed dictionary that pydantic takes: it wants those of typing_extensions before Python 3.12, whose
    import is too slow for `shapes.py`."""
    hints = typing.get_type_hints(shape, include_extras=True)
    fields = {name: _converted(hint, {}) for name, hint in hints.items()}
    made = typing_extensions.TypedDict(shape.__name__, fields)  # type: ignore[misc]
    made.__doc__ = shape.__doc__
    made.__module__ = shape.__module__
    return made
