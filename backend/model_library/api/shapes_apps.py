"""The JSON of applications; see `shapes.py`."""

# Without `from __future__ import annotations`: TypedDict compiles each annotation that is a text, at every start.
from typing import TypedDict

from model_library.api.shapes_linking import PreviewJson, SyncJson


class AppJson(TypedDict):
    """One application. `state` is `online`, or `offline` when its directory is not there now; `links` is
    how many links of ours it has; `links_off`: a person left it without links until its next sync.
    """

    app_id: str
    kind: str
    name: str
    version: str | None
    variant: str
    path: str
    state: str
    links: int
    links_off: bool
    installed: bool
    added: str


class FoundAppJson(TypedDict):
    """An installation that lies somewhere; `app_id` is None when it was not added yet."""

    kind: str
    name: str
    path: str
    version: str | None
    app_id: str | None


class AppAddedJson(TypedDict):
    """An application that was added, or of a dry run would be. `evidence`: what it was known by; `was`:
    where it was before when it only moved; `preview`: as `link preview` gives it; `sync`: as `link sync`
    gives it, None when nothing was synced."""

    app: AppJson
    evidence: list[str]
    was: str | None
    preview: PreviewJson
    sync: SyncJson | None
    dry_run: bool


class TrashedAppJson(TypedDict):
    """A version that was installed by us and removed. `name` is that of `app_restore` and `app_purge`;
    `restores_to`: where it was; `deleted`: the day, in UTC."""

    name: str
    kind: str
    display: str
    version: str
    path: str
    restores_to: str
    size: int
    deleted: str


class PurgedAppsJson(TypedDict):
    """What is gone for good, and the bytes that are free again."""

    purged: list[str]
    freed: int


class LeftLinkJson(TypedDict):
    """A link that was not removed."""

    target: str
    model_id: str
    reason: str


class KeptFileJson(TypedDict):
    """A file of the user that had given way to a link, and where it is now."""

    target: str
    kept: str
    size: int


class AppRemovedJson(TypedDict):
    """`removed` counts links; `trash` is where the directory went, None when it stayed; `installed`: it is one
    that was installed by us."""

    app_id: str
    path: str
    installed: bool
    removed: int
    left: list[LeftLinkJson]
    replaced: list[KeptFileJson]
    trash: str | None
