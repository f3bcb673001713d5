"""The JSON of the first start; see `shapes.py`."""

# Without `from __future__ import annotations`: TypedDict compiles each annotation that is a text, at every start.
from typing import Literal, TypedDict


class PlaceJson(TypedDict):
    """A directory as the place of a library. `new`: one would be begun there; `library`: one is there already;
    `refused`: `problem` says why not. `free` in bytes, None where it cannot be known; `warning` is something to
    know before it is chosen."""

    path: str
    state: Literal["new", "library", "refused"]
    problem: str
    warning: str
    free: int | None
    filesystem: str


class FoundFolderJson(TypedDict):
    """A folder in which a program keeps models: `files` that may be models, by their names, and their `bytes`;
    there are more when they are not `complete`."""

    program: str
    path: str
    files: int
    bytes: int
    complete: bool


class FirstRunJson(TypedDict):
    """What is known before there is a library. `open`: the path of the one that is open; `missing`: where the
    one that was chosen before should be and is not; `proposed`: where one would be begun."""

    open: str | None
    missing: str | None
    proposed: PlaceJson
