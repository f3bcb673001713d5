"""The JSON of profiles as they are edited, and of version ranges; see `shapes.py`."""

# Without `from __future__ import annotations`: TypedDict compiles each annotation that is a text, at every start.
from typing import TypedDict

from model_library.api.shapes import ErrorJson
from model_library.api.shapes_linking import PreviewJson


class RuleJson(TypedDict):
    """One directory of an application and what goes there. `asks`: what else has to hold, by the keys of
    docs/app-profiles.md; `own`: it stands in the user's profile of this name; `off`: switched off, by that profile when `off_here`.
    """

    target: str
    kinds: list[str]
    asks: dict[str, str]
    extensions: list[str]
    requires: list[str]
    if_exists: bool
    layout: str
    method: str
    priority: int
    own: bool
    off: bool
    off_here: bool


class ProfileDetailJson(TypedDict):
    """A profile with its rules. `own`: the user has a file of this name, whose text is `text` (else what a
    new one begins with) and `revision` its content in short; `conditions`: the `[filter]` of that file, `inherited` those
    of the profiles that it adds to. With an `error` the file is not valid, and there are no rules.
    """

    name: str
    app: str
    display: str
    version: str | None
    variant: str
    path: str
    own: bool
    built_in: bool
    text: str
    revision: str
    rules: list[RuleJson]
    conditions: dict[str, str]
    inherited: list[dict[str, str]]
    error: ErrorJson | None


class ProfileEditJson(TypedDict):
    """`preview`: what a sync of the application that was named would do with the profile, which is written
    when `saved`."""

    profile: ProfileDetailJson
    preview: PreviewJson | None
    saved: bool


class RangeJson(TypedDict):
    """An application of the library and whether its version may have the model; `reason`: why not."""

    app_id: str
    kind: str
    version: str | None
    allowed: bool
    reason: str


class VersionRangesJson(TypedDict):
    """Which versions of which kinds of applications a model may be linked into. `ranges` by kind, as PEP 440
    specifiers; `path`: the file that says so; with an `error` it cannot be read and the model is linked nowhere.
    """

    model_id: str
    path: str
    ranges: dict[str, str]
    apps: list[RangeJson]
    error: ErrorJson | None
