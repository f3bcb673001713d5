"""The JSON of health, repair and moving a root; see `shapes.py`."""

from __future__ import annotations

from typing import TypedDict

from model_library.api.shapes import RootJson


class RewriteJson(TypedDict):
    """A link that says another place: absolute path of the link, and its text before and after."""

    app: str
    model_id: str
    path: str
    old_text: str
    new_text: str


class LeftJson(TypedDict):
    """A link that was left as it is."""

    app: str
    model_id: str
    path: str
    reason: str


class RelocationJson(RootJson):
    """The root as it is at its new place, and what followed it; of a dry run what would."""

    old_path: str
    models: int
    rewritten: list[RewriteJson]
    left: list[LeftJson]
    dry_run: bool
