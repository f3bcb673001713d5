"""Which address carries which operation: one table, from which HTTP and the window are derived.

Every public method of `Library` is in it (a test compares), apart from those that open, keep and close one.
Arguments and results are those of the methods; see `wire.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LIFECYCLE: Final = frozenset(
    {
        "open",
        "close",
        "path",
        "look_again",
        "claim_job",
        "perform_job",
        "probe_lookups",
        "traces",
        "found_folders",
    }
)
"""What whoever holds a library does itself; the folders are asked for before there is one, too."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One row: an operation as the outside calls it."""

    name: str
    """Its id in the schema; the method of this name is what it is documented as."""
    verb: str
    path: str
    """Below `/api/v1`. Arguments in braces are part of it, the others are a query or a JSON body."""
    calls: str = ""
    """The method that is called, where it is another one."""
    changes: tuple[str, ...] = ()
    """What may be different afterwards: the areas of the `changed` event."""
    fixed: tuple[tuple[str, object], ...] = ()
    """Arguments with the value that they have here."""
    without: frozenset[str] = frozenset()
    """Arguments that are not offered."""
    status: int = 200
    """Of the answer; 202: a job was begun and the answer is the job."""

    @property
    def method(self) -> str:
        return self.calls or self.name

    @property
    def area(self) -> str:
        """The first part of its path."""
        return self.path.split("/")[1]

    @property
    def has_body(self) -> bool:
        return self.verb in {"POST", "PUT", "PATCH"}


def _job(name: str, path: str, calls: str) -> Operation:
    return Operation(name, "POST", path, calls, ("jobs",), status=202)


_MODELS: Final = ("models", "links", "trash", "status")
_ROOTS: Final = ("roots", "models", "links", "status")
_LINKS: Final = ("links", "apps")

OPERATIONS: Final = (
    # models
    Operation("list", "GET", "/models"),
    Operation("search", "GET", "/search"),
    Operation("show", "GET", "/models/{model_id}"),
    Operation("edit", "PATCH", "/models/{model_id}", changes=_MODELS),
    Operation("edit_models", "PATCH", "/models", changes=_MODELS),
    Operation("delete", "DELETE", "/models/{model_id}", changes=_MODELS),
    Operation("trash", "GET", "/trash"),
    Operation("restore", "POST", "/trash/{model_id}/restore", changes=_MODELS),
    Operation("empty_trash", "DELETE", "/trash", changes=("trash", "status")),
    Operation("inspect", "POST", "/inspections"),
    # the library
    Operation("status", "GET", "/status"),
    Operation("doctor", "GET", "/doctor"),
    Operation("health", "GET", "/health", without=frozenset({"fix", "findings"})),
    Operation("fix_health", "POST", "/health/fix", "health", _LINKS, (("fix", True),)),
    Operation("roots", "GET", "/roots"),
    Operation("add_root", "POST", "/roots", "queue_root", (*_ROOTS, "jobs")),
    Operation("remove_root", "DELETE", "/roots/{root_id}", changes=_ROOTS),
    Operation("relocate_root", "POST", "/roots/relocate", changes=_ROOTS),
    Operation("drives", "GET", "/drives"),
    Operation("set_drive_limit", "PUT", "/drives", changes=("drives",)),
    Operation("storage", "GET", "/storage"),
    Operation("outside_copies", "GET", "/storage/copies"),
    _job("compare_copy", "/storage/compare", "queue_compare"),
    Operation("settings", "GET", "/settings"),
    Operation("set_settings", "PATCH", "/settings", changes=("settings", "status")),
    Operation("set_token", "PUT", "/settings/token", changes=("settings", "status")),
    Operation("forget_token", "DELETE", "/settings/token", changes=("settings", "status")),
    # applications and links
    Operation("app_list", "GET", "/apps"),
    Operation("app_find", "GET", "/installations"),
    Operation("app_add", "POST", "/apps", changes=_LINKS),
    _job("app_install", "/apps/install", "queue_install"),
    Operation("app_edit", "PATCH", "/apps/{app}", changes=_LINKS),
    Operation("app_remove", "DELETE", "/apps/{app}", changes=(*_LINKS, "trash")),
    Operation("app_trash", "GET", "/trashed-apps"),
    Operation("app_restore", "POST", "/trashed-apps/restore", changes=(*_LINKS, "trash")),
    Operation("app_purge", "POST", "/trashed-apps/purge", changes=("trash",)),
    Operation("link_preview", "GET", "/apps/{app}/preview"),
    Operation("link_sync", "POST", "/apps/{app}/sync", changes=_LINKS),
    Operation("link_clean", "POST", "/apps/{app}/clean", changes=_LINKS),
    Operation("link_replaced", "GET", "/apps/{app}/replaced"),
    Operation("link_put_back", "POST", "/apps/{app}/replaced/put-back", changes=_LINKS),
    Operation("link_purge", "POST", "/apps/{app}/replaced/purge", changes=_LINKS),
    Operation("link_list", "GET", "/links"),
    Operation("link_repair", "POST", "/links/repair", changes=_LINKS),
    Operation("profiles", "GET", "/profiles"),
    Operation("profile_show", "GET", "/profiles/{name}"),
    Operation("profile_edit", "PATCH", "/profiles/{name}", changes=("apps",)),
    Operation(
        "profile_preview",
        "POST",
        "/profiles/{name}/preview",
        "profile_edit",
        fixed=(("dry_run", True),),
    ),
    Operation("profile_remove", "DELETE", "/profiles/{name}", changes=("apps",)),
    Operation("version_ranges", "GET", "/models/{model_id}/versions"),
    Operation("set_version_ranges", "PUT", "/models/{model_id}/versions", changes=_LINKS),
    # the Hub
    Operation("find", "GET", "/hub/search"),
    Operation("repository", "GET", "/hub/repository"),
    Operation("match_files", "POST", "/hub/matches"),
    Operation("related_files", "GET", "/models/{model_id}/related"),
    Operation("plan_download", "POST", "/downloads/preview"),
    Operation("network_status", "GET", "/network"),
    Operation("ask_again", "POST", "/network/ask-again", changes=("status",)),
    # long work
    Operation(
        "preview_import",
        "POST",
        "/imports/preview",
        "import_models",
        fixed=(("dry_run", True),),
    ),
    _job("import_models", "/imports", "queue_import"),
    _job("add_samples", "/samples", "queue_samples"),
    _job("verify", "/verifications", "queue_verify"),
    _job("scan", "/scans", "queue_scan"),
    _job("look_up", "/lookups", "queue_look_up"),
    _job("download", "/downloads", "queue_download"),
    Operation("jobs", "GET", "/jobs"),
    Operation("job", "GET", "/jobs/{job_id}"),
    Operation("pause_job", "POST", "/jobs/{job_id}/pause", changes=("jobs",)),
    Operation("cancel_job", "POST", "/jobs/{job_id}/cancel", changes=("jobs",)),
    _job("resume_job", "/jobs/{job_id}/resume", "requeue_job"),
    Operation("prioritize_job", "PUT", "/jobs/{job_id}/priority", changes=("jobs",)),
    Operation("forget_jobs", "DELETE", "/jobs", changes=("jobs",)),
    Operation(
        "run_jobs",
        "POST",
        "/queue/run",
        "jobs",
        ("jobs",),
        without=frozenset({"everything", "limit"}),
        status=202,
    ),
    Operation("job_limits", "GET", "/queue/limits"),
    Operation("set_job_limits", "PATCH", "/queue/limits", changes=("jobs",)),
)
"""The server works on its queue all the time: `run_jobs` answers what is in it, and a job that is resumed
goes on there instead of in the request."""
