"""The JSON of what takes the space; see `shapes.py`."""

# Without `from __future__ import annotations`: TypedDict compiles each annotation that is a text, at every start.
from typing import TypedDict


class UsageJson(TypedDict):
    """Models of one kind, adapter type and family in one root, with the bytes of all their files."""

    kind: str
    adapter_type: str | None
    family: str
    root_id: str
    models: int
    bytes: int


class VolumeJson(TypedDict):
    """A mounted filesystem with what is free on it; `used` are the bytes of the library's models there."""

    mount_point: str
    filesystem: str
    free: int
    total: int
    used: int
    roots: list[str]


class StorageJson(TypedDict):
    """`groups` the largest first; `trash` is what emptying it would free, of models and of removed applications. Sizes are those of the files: what is
    shared or has holes takes less."""

    models: int
    bytes: int
    groups: list[UsageJson]
    roots: dict[str, str]
    volumes: list[VolumeJson]
    trash: int
    took_ms: float


class CopyJson(TypedDict):
    """A file outside that the library holds too. `app_id`: the application that it lies in, where one was
    added; `target`: the name in it that a sync can put a link at in place of this file (the choice `adopt`), None when
    no link would have its very name; `certain`: by its hash, else by its size and a few blocks; `compared`: what the
    last comparison of the file as it is now has told, None when there was none."""

    path: str
    program: str
    app_id: str | None
    target: str | None
    size: int
    model_id: str
    official_name: str
    file: str
    certain: bool
    compared: bool | None


class CopiesJson(TypedDict):
    """`bytes` is what linking instead would free at most: of the copies with a `target` that were not found to
    differ. `folders` were looked through; files of less than `smallest` bytes were not looked at.
    """

    copies: list[CopyJson]
    bytes: int
    smallest: int
    folders: list[str]
    took_ms: float


class ComparedJson(TypedDict):
    """Whether the library holds exactly this file; then which."""

    path: str
    same: bool
    model_id: str | None
    file: str | None
