"""The JSON of linking; see `shapes.py`. Targets are relative to the application, paths absolute."""

# Without `from __future__ import annotations`: TypedDict compiles each annotation that is a text, at every start.
from typing import TypedDict

from model_library.api.shapes import ErrorJson


class LinkJson(TypedDict):
    """A link that is there, or of `create` will be. `source` is None when its root is not known any more;
    `external`: it leads to another filesystem."""

    app: str
    model_id: str
    file: str
    target: str
    path: str
    source: str | None
    method: str
    external: bool


class CreateJson(LinkJson):
    size: int


class ExistingJson(TypedDict):
    """What has the name of a wanted link: `kind` is symlink, file, directory or other."""

    kind: str
    link_text: str | None
    size: int


class ConflictJson(CreateJson):
    """`reason` is other-link, other-file, same-content or directory-in-the-way."""

    reason: str
    detail: str
    existing: ExistingJson


class RemoveJson(LinkJson):
    why: str


class ExcludedJson(TypedDict):
    """A model that the application does not get. `reason` is a stable code, `detail` a sentence; `value`: what the
    code is about, such as the kind, the family or the size in bytes of the model, or "".
    """

    model_id: str
    name: str
    reason: str
    detail: str
    value: str


class CautionJson(TypedDict):
    code: str
    message: str
    hint: str
    path: str | None


class DiscoveredJson(TypedDict):
    """A directory without a rule. `known`: what it holds is known, so that `--accept` needs no kinds."""

    directory: str
    kinds: list[str]
    known: bool


class PreviewJson(TypedDict):
    """What a sync would do; a link that is made again is in `remove` and in `create`. `forget`: links that
    somebody removed or replaced, of which nothing is left to remove."""

    app: str
    profile: str
    create: list[CreateJson]
    keep: list[LinkJson]
    conflicts: list[ConflictJson]
    remove: list[RemoveJson]
    forget: list[LinkJson]
    excluded: list[ExcludedJson]
    warnings: list[CautionJson]
    discovered: list[DiscoveredJson]


class ResolvedJson(TypedDict):
    target: str
    choice: str


class FailedLinkJson(TypedDict):
    target: str
    model_id: str
    error: ErrorJson


class LeftJson(LinkJson):
    """A link that should have gone and was not removed; `why` says what is there."""

    why: str


class SyncJson(TypedDict):
    """What a sync did. `kept` and `excluded` count; `link preview` lists them."""

    app: str
    profile: str
    made: list[LinkJson]
    kept: int
    removed: list[LinkJson]
    left: list[LeftJson]
    resolved: list[ResolvedJson]
    conflicts: list[ConflictJson]
    failed: list[FailedLinkJson]
    excluded: int
    warnings: list[CautionJson]
    discovered: list[DiscoveredJson]
    accepted: list[str]
    took_ms: float


class CleanJson(TypedDict):
    app: str
    removed: list[LinkJson]
    left: list[LeftJson]


class ReplacedJson(TypedDict):
    """A file that gave way to a link. `kept`: where it is now; `reason`: rename, overwrite or adopt."""

    app: str
    target: str
    kept: str
    reason: str
    size: int
    sha256: str | None
    date: str


class PutBackJson(TypedDict):
    """`done`: targets whose files are back, or whose space is free."""

    app: str
    done: list[str]
    freed: int
    failed: list[FailedLinkJson]


class ProfileJson(TypedDict):
    """A profile that can be chosen. `hidden`: the user's of the same name is used in its place; `repository`: the
    address that versions of the application are fetched from, or ""."""

    name: str
    app: str
    display: str
    version: str | None
    variant: str
    built_in: bool
    hidden: bool
    path: str
    repository: str
    directories: list[str]
    error: ErrorJson | None
