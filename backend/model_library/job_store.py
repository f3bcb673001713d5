"""Jobs as rows of `registry.db`, and what may become of one: the state machine of long work.

A row whose JSON cannot be read is a job with an error of its own; every other row is as readable as before.
What follows from a request is decided by `asked`, which is pure; the rows change in `JobStore`.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final

from model_library.errors import JobNotFoundError, JobStateError, RegistryDamagedError
from model_library.job_progress import JobProgress
from model_library.registry import Registry
from model_library.taxonomy import JobKind, JobRequest, JobState

FINISHED: Final = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})
"""States that a job does not leave by itself."""
UNENDED: Final = frozenset(JobState) - FINISHED
REPEATABLE: Final = frozenset({JobState.INTERRUPTED, JobState.FAILED})
"""States from which the same work goes on as the same job."""
MAX_TITLE: Final = 200
"""Characters."""
_ID_LENGTH: Final = 8
"""Hex digits. Never given twice, also not by a registry that was begun anew, because staging directories are
named after them."""
_COLUMNS: Final = (
    "job_id, kind, title, state, request, owner, priority, parameters, progress, result, error,"
    " created, started, ended"
)
_ORDER: Final = (
    "ORDER BY CASE state WHEN 'running' THEN 0 WHEN 'paused' THEN 1 WHEN 'interrupted' THEN 2"
    " WHEN 'queued' THEN 3 ELSE 4 END,"
    " CASE state WHEN 'queued' THEN -priority ELSE 0 END,"
    " CASE WHEN state IN ('done', 'failed', 'cancelled') THEN -number ELSE number END"
)
"""What runs, what waits for a person, the queue, what is over with the newest first."""


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of long work, as its row was read. Dates are RFC 3339, UTC."""

    job_id: str
    kind: JobKind
    title: str
    state: JobState
    request: JobRequest | None
    """What was asked of the process that has it and not yet done."""
    owner: int | None
    """Id of the process that has it in its hands."""
    priority: int
    """The higher comes first."""
    parameters: Mapping[str, Any]
    progress: JobProgress
    result: Mapping[str, Any] | None
    error: Mapping[str, str] | None
    """`code`, `message` and `hint` of a failed job, or of a row that cannot be read."""
    created: str
    started: str | None
    ended: str | None
    readable: bool = field(default=True)
    """Whether all of the row could be read; what could not is empty here, and the job cannot run."""


def asked(job: Job, request: JobRequest) -> tuple[JobState, JobRequest | None]:
    """State and open request of a job after a person asked for something. Raises JobStateError.

    A job in the hands of a process only gets the request; one that nobody has changes at once.
    """
    if job.owner is not None:
        return job.state, _asked_of_owner(job, request)
    allowed = _FROM[request]
    if job.state not in allowed:
        raise JobStateError(f"Job {job.job_id} is {job.state}; it cannot {request}")
    return allowed[job.state], None


def _asked_of_owner(job: Job, request: JobRequest) -> JobRequest | None:
    if request is JobRequest.CANCEL:
        return request
    if job.request is JobRequest.CANCEL:
        raise JobStateError(f"Job {job.job_id} is being cancelled; it cannot {request}")
    there = JobState.PAUSED if request is JobRequest.PAUSE else JobState.RUNNING
    return None if job.state is there else request


_FROM: Final[Mapping[JobRequest, Mapping[JobState, JobState]]] = {
    JobRequest.PAUSE: {
        JobState.QUEUED: JobState.PAUSED,
        JobState.PAUSED: JobState.PAUSED,
    },
    JobRequest.RESUME: {
        JobState.QUEUED: JobState.QUEUED,
        JobState.PAUSED: JobState.QUEUED,
        JobState.INTERRUPTED: JobState.QUEUED,
        JobState.FAILED: JobState.QUEUED,
    },
    JobRequest.CANCEL: {
        JobState.QUEUED: JobState.CANCELLED,
        JobState.PAUSED: JobState.CANCELLED,
        JobState.INTERRUPTED: JobState.CANCELLED,
        JobState.FAILED: JobState.CANCELLED,
        JobState.CANCELLED: JobState.CANCELLED,
    },
}
"""What becomes of a job that no process has: request -> state -> new state."""


class JobStore:
    """The rows. Methods that take a connection are called inside `Registry.transaction`."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry

    @property
    def there(self) -> bool:
        """Whether the registry has the table: one that may only be read may be older than it."""
        if not self.registry.read_only:
            return True
        return bool(self.registry.rows("SELECT 1 FROM sqlite_master WHERE name = 'jobs'"))

    def jobs(
        self, states: Iterable[JobState] | None = None, limit: int | None = None
    ) -> tuple[Job, ...]:
        """What runs, then the queue in its order, then what is over, newest first."""
        wanted = tuple(JobState if states is None else states)
        marks = ", ".join("?" * len(wanted))
        rows = self.registry.rows(
            f"SELECT {_COLUMNS} FROM jobs WHERE state IN ({marks}) {_ORDER} LIMIT ?",  # noqa: S608
            *wanted,
            -1 if limit is None else limit,
        )
        return tuple(map(job_of, rows))

    def counts(self) -> dict[JobState, int]:
        rows = self.registry.rows("SELECT state, count(*) FROM jobs GROUP BY state ORDER BY state")
        return {JobState(state): count for state, count in rows}

    def owned(self) -> list[str]:
        """Ids of the jobs that a process has, or had when it died."""
        rows = self.registry.rows("SELECT job_id FROM jobs WHERE owner IS NOT NULL")
        return [row[0] for row in rows]

    def find(self, prefix: str) -> Job:
        """The job of an id or an unambiguous beginning of one. Raises JobNotFoundError."""
        wanted = prefix.strip().lower()
        rows = self.registry.rows(
            f"SELECT {_COLUMNS} FROM jobs WHERE substr(job_id, 1, ?) = ? ORDER BY number LIMIT 2",  # noqa: S608
            len(wanted),
            wanted,
        )
        if not rows or not wanted:
            raise JobNotFoundError(f"No job has an id that begins with {prefix!r}")
        if len(rows) > 1:
            raise JobNotFoundError(
                f"{prefix!r} is the beginning of several jobs", hint="Give more of the id."
            )
        return job_of(rows[0])

    def add(
        self,
        connection: sqlite3.Connection,
        kind: JobKind,
        title: str,
        parameters: Mapping[str, Any],
        priority: int,
    ) -> str:
        """Insert a queued job; returns its id."""
        job_id = uuid.uuid4().hex[:_ID_LENGTH]
        connection.execute(
            "INSERT INTO jobs (job_id, kind, title, state, priority, parameters)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (job_id, kind, _plain(title), JobState.QUEUED, priority, _dumped(parameters)),
        )
        return job_id

    def same_work(self, kind: JobKind, parameters: Mapping[str, Any]) -> str | None:
        """Id of the newest job that did the same and can go on."""
        marks = ", ".join("?" * len(REPEATABLE))
        rows = self.registry.rows(
            f"SELECT job_id FROM jobs WHERE kind = ? AND parameters = ? AND state IN ({marks})"  # noqa: S608
            " ORDER BY number DESC LIMIT 1",
            kind,
            _dumped(parameters),
            *REPEATABLE,
        )
        return rows[0][0] if rows else None

    def take(self, connection: sqlite3.Connection, job_id: str, owner: int) -> None:
        """A process has the job now, which begins from nothing."""
        connection.execute(
            "UPDATE jobs SET state = ?, owner = ?, request = NULL, progress = '{}', result = NULL,"
            " error = NULL, started = strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), ended = NULL"
            " WHERE job_id = ?",
            (JobState.RUNNING, owner, job_id),
        )

    def end(
        self,
        connection: sqlite3.Connection,
        job_id: str,
        state: JobState,
        *,
        progress: JobProgress | None = None,
        result: Mapping[str, Any] | None = None,
        error: Mapping[str, str] | None = None,
    ) -> None:
        """No process has the job any more. Without `progress` what was written last stays."""
        connection.execute(
            "UPDATE jobs SET state = ?, owner = NULL, request = NULL, result = ?, error = ?,"
            " ended = strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), progress = coalesce(?, progress)"
            " WHERE job_id = ?",
            (
                state,
                None if result is None else _dumped(result),
                None if error is None else _dumped(error),
                None if progress is None else _dumped(asdict(progress)),
                job_id,
            ),
        )

    def set_asked(
        self,
        connection: sqlite3.Connection,
        job_id: str,
        state: JobState,
        request: JobRequest | None,
    ) -> None:
        """Write down what `asked` decided."""
        connection.execute(
            "UPDATE jobs SET state = ?, request = ?, ended = CASE WHEN ? THEN"
            " strftime('%Y-%m-%dT%H:%M:%SZ', 'now') ELSE ended END WHERE job_id = ?",
            (state, request, state in FINISHED, job_id),
        )

    def set_priority(self, job_id: str, priority: int) -> None:
        with self.registry.transaction() as connection:
            connection.execute("UPDATE jobs SET priority = ? WHERE job_id = ?", (priority, job_id))

    def request(self, job_id: str) -> JobRequest | None:
        """What is asked of the owner now."""
        rows = self.registry.rows("SELECT request FROM jobs WHERE job_id = ?", job_id)
        return JobRequest(rows[0][0]) if rows and rows[0][0] else None

    def answer(self, job_id: str, request: JobRequest, state: JobState) -> bool:
        """The owner did what was asked. False when something else was asked since."""
        with self.registry.transaction(durable=False) as connection:
            changed = connection.execute(
                "UPDATE jobs SET state = ?, request = NULL WHERE job_id = ? AND request = ?",
                (state, job_id, request),
            )
            return changed.rowcount == 1

    def put_progress(self, job_id: str, progress: JobProgress) -> None:
        with self.registry.transaction(durable=False) as connection:
            connection.execute(
                "UPDATE jobs SET progress = ? WHERE job_id = ?",
                (_dumped(asdict(progress)), job_id),
            )

    @staticmethod
    def forget_finished(
        connection: sqlite3.Connection, keep: int, spared: Collection[str] = ()
    ) -> int:
        """Remove all but the newest `keep` finished jobs, and those with the ids of `spared`; returns how
        many went."""
        finished = "state IN ('done', 'failed', 'cancelled')"
        return connection.execute(
            f"DELETE FROM jobs WHERE {finished} AND number NOT IN"  # noqa: S608
            f" (SELECT number FROM jobs WHERE {finished} ORDER BY number DESC LIMIT ?)"
            " AND job_id NOT IN (SELECT value FROM json_each(?))",
            (keep, json.dumps(list(spared))),
        ).rowcount


def job_of(row: Sequence[Any]) -> Job:
    """The job of a row of `_COLUMNS`, with an error of its own where its JSON cannot be read."""
    job_id, kind, title, state, request, owner, priority, *texts, created, started, ended = row
    unread: list[str] = []

    def read(name: str, text: str | None, parse: Callable[[Any], Any], otherwise: Any) -> Any:
        if text is None:
            return otherwise
        try:
            return parse(json.loads(text))
        except (ValueError, TypeError, KeyError, RecursionError):
            unread.append(name)
            return otherwise

    parameters = read("parameters", texts[0], _mapping, {})
    progress = read("progress", texts[1], _progress, JobProgress())
    result = read("result", texts[2], _mapping, None)
    error = read("error", texts[3], _error, None)
    if unread:
        message = f"The row of job {job_id} is damaged: {', '.join(unread)} cannot be read"
        error = RegistryDamagedError(message, hint="Cancel it and start the work again.").to_json()
    return Job(
        job_id=job_id,
        kind=JobKind(kind),
        title=title,
        state=JobState(state),
        request=None if request is None else JobRequest(request),
        owner=owner,
        priority=priority,
        parameters=parameters,
        progress=progress,
        result=result,
        error=error,
        created=created,
        started=started,
        ended=ended,
        readable=not unread,
    )


def _mapping(document: Any) -> Mapping[str, Any]:
    if not isinstance(document, dict):
        raise TypeError("not an object")
    return document


def _error(document: Any) -> Mapping[str, str]:
    return {name: str(_mapping(document)[name]) for name in ("code", "message", "hint")}


def _progress(document: Any) -> JobProgress:
    known = {one.name: one.default for one in fields(JobProgress)}
    given = {name: value for name, value in _mapping(document).items() if name in known}
    for name, value in given.items():
        default = known[name]
        right: Any = (int, float, type(None)) if default is None else type(default)
        if not isinstance(value, right):
            raise TypeError(name)
    return JobProgress(**given)


def _dumped(document: Mapping[str, Any]) -> str:
    """ASCII, so that names of files in no known encoding pass as well."""
    return json.dumps(document, sort_keys=True)


def _plain(title: str) -> str:
    return title[:MAX_TITLE].encode("utf-8", "replace").decode()
