"""The JSON of jobs."""

# Without `from __future__ import annotations`: TypedDict compiles each annotation that is a text, at every start.
from typing import Any, TypedDict

from model_library.api.shapes import ErrorJson


class JobProgressJson(TypedDict):
    """How far a job is. Totals, rate and time left are None where they are not known."""

    stage: str
    bytes_done: int
    bytes_total: int | None
    models_done: int
    models_total: int | None
    fraction: float | None
    """0 to 1."""
    rate: float | None
    """Bytes a second."""
    seconds_left: float | None
    detail: str


class JobJson(TypedDict):
    """One job. `request` is what was asked of the process `owner` and not done yet."""

    job_id: str
    kind: str
    title: str
    state: str
    request: str | None
    owner: int | None
    priority: int
    parameters: dict[str, Any]
    progress: JobProgressJson
    result: dict[str, Any] | None
    error: ErrorJson | None
    created: str
    started: str | None
    ended: str | None


class JobsJson(TypedDict):
    """`counts` are of all jobs by state, also of those that are not listed."""

    jobs: list[JobJson]
    counts: dict[str, int]


class LimitsJson(TypedDict):
    """What downloads may take: how many at once, and bytes a second (None: no limit)."""

    at_once: int
    bandwidth: int | None
