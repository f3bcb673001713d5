"""The JSON of health, repair and moving a root; see `shapes.py`."""

# Without `from __future__ import annotations`: TypedDict compiles each annotation that is a text, at every start.
from typing import NotRequired, TypedDict

from model_library.api.shapes import RootJson


class RewriteJson(TypedDict):
    """A link that says another place: absolute path of the link, and its text before and after."""

    app: str
    model_id: str
    path: str
    old_text: str
    new_text: str


class UntouchedLinkJson(TypedDict):
    """A link that was left as it is."""

    app: str
    model_id: str
    path: str
    reason: str


class RelocationJson(RootJson):
    """The root as it is at its new place, and what followed it; of a dry run what would. `absent`: of how
    many of its models files are not there."""

    old_path: str
    models: int
    absent: int
    rewritten: list[RewriteJson]
    left: list[UntouchedLinkJson]
    dry_run: bool


class FindingJson(TypedDict):
    """`finding_id` names it as long as it stands; `code` is stable; `severity` is error, warning or info;
    `fixable`: `health --fix` does it."""

    finding_id: str
    code: str
    severity: str
    message: str
    action: str
    fixable: bool
    app: str | None
    model_id: str | None
    path: str | None


class RepairedJson(TypedDict):
    """A link that leads to its bytes again: how they were found is root-id, model-id or content."""

    app: str
    model_id: str
    path: str
    was: str
    means: str


class MovedAppJson(TypedDict):
    app: str
    old_path: str
    path: str


class RepairJson(TypedDict):
    """Of a dry run, what would be done."""

    repaired: list[RepairedJson]
    left: list[UntouchedLinkJson]
    moved_apps: list[MovedAppJson]
    dry_run: bool
    took_ms: float


class CaughtUpJson(TypedDict):
    """Links of one application that were made because they were wanted and had never been, and links
    that went because their models were deleted while it was away; both are counted."""

    app: str
    made: int
    removed: int
    failed: int


class HealthJson(TypedDict):
    """`status` is healthy, warnings or errors. `repair` and `caught_up` are what `fix` did before the
    look."""

    status: str
    findings: list[FindingJson]
    apps: int
    links: int
    working: int
    models: int
    repair: NotRequired[RepairJson]
    caught_up: NotRequired[list[CaughtUpJson]]
    took_ms: float
