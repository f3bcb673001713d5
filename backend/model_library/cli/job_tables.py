"""How jobs look in a table, on one line and on a page of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from model_library.api.shapes_jobs import JobJson, JobsJson, LimitsJson
from model_library.cli.output import Output, shown, size_text
from model_library.display_names import number_of

_ASKED: Final = {"pause": "pausing", "resume": "resuming", "cancel": "cancelling"}
"""Words for a request that the process of a job has not done yet."""
_COLUMNS: Final = ("ID", "Kind", "State", ">Done", ">Rate", ">Left", ">Priority", "Title", "Now")
_ALWAYS: Final = (0, 1, 2, 3, 7)
"""Columns that are shown also when they are empty."""
_MINUTE: Final = 60


def show_line(out: Output, job: JobJson) -> None:
    """What became of a job, in one line."""
    if out.as_json:
        out.json(job)
        return
    out.line(f"{job['job_id']}  {_state(job)}  {job['kind']} {shown(job['title'])}")


def _state(job: JobJson) -> str:
    """`running, pausing`; of what was done in part also how much was not: `done, 1 failed`."""
    result = job["result"] or {}
    failed, waiting = result.get("failed", 0), result.get("waiting", 0)
    words = [_ASKED[job["request"]]] if job["request"] else []
    if job["state"] == "done" and failed:
        words.append(f"{failed} failed")
    if job["state"] == "done" and waiting:
        waits = f"{number_of(waiting, 'model')} still {'waits' if waiting == 1 else 'wait'}"
        words.append(": ".join(filter(None, [waits, result.get("waiting_for", "")])))
    return ", ".join([job["state"], *words])


def show_jobs(out: Output, found: JobsJson) -> None:
    """A table of jobs, and how many there are in each state."""
    rows = [
        (
            job["job_id"],
            job["kind"],
            _state(job),
            _percent(job),
            _rate(job),
            _time_left(job),
            str(job["priority"] or ""),
            job["title"],
            job["progress"]["detail"] if job["state"] == "running" else "",
        )
        for job in found["jobs"]
    ]
    if rows:
        used = [i for i, _ in enumerate(_COLUMNS) if i in _ALWAYS or any(row[i] for row in rows)]
        out.table([_COLUMNS[i] for i in used], [[row[i] for i in used] for row in rows])
    counts = ", ".join(f"{count} {state}" for state, count in found["counts"].items())
    out.line(counts or "There are no jobs.", "dim")


def _percent(job: JobJson) -> str:
    fraction = job["progress"]["fraction"]
    return "" if fraction is None else f"{int(fraction * 100)} %"


def _rate(job: JobJson) -> str:
    rate = job["progress"]["rate"]
    return f"{size_text(int(rate))}/s" if rate and job["state"] == "running" else ""


def _time_left(job: JobJson) -> str:
    """`45 s`, `3 min`, `2 h 05 min`."""
    left = job["progress"]["seconds_left"]
    if left is None or job["state"] != "running":
        return ""
    seconds = round(left)
    if seconds < _MINUTE:
        return f"{seconds} s"
    hours, minutes = divmod(seconds // _MINUTE, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"


def show_job(out: Output, job: JobJson) -> None:
    """Everything about one job."""
    progress, error = job["progress"], job["error"]
    out.line(f"{job['kind']} {shown(job['title'])}", "bold")
    out.fields(
        {
            "id": job["job_id"],
            "state": _state(job),
            "process": str(job["owner"] or ""),
            "priority": str(job["priority"]),
            "done": _percent(job),
            "bytes": _of(size_text, progress["bytes_done"], progress["bytes_total"]),
            "models": _of(str, progress["models_done"], progress["models_total"]),
            "rate": _rate(job),
            "time left": _time_left(job),
            "last": progress["detail"],
            "result": ", ".join(f"{k} {_value(v)}" for k, v in (job["result"] or {}).items()),
            "error": error["message"] if error else "",
            "to do": error["hint"] if error else "",
            "created": job["created"],
            "started": job["started"] or "",
            "ended": job["ended"] or "",
        }
    )
    out.line()
    out.fields({name: _value(value) for name, value in job["parameters"].items()})


def _of(text: Callable[[int], str], done: int, total: int | None) -> str:
    """`3 of 5`; nothing where nothing is known."""
    if total:
        return f"{text(done)} of {text(total)}"
    return text(done) if done else ""


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None or value is False else str(value)


def rate_text(rate: int) -> str:
    """`20 MB/s`: in the units in which a limit is given, powers of 1,000."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("KB", 10**3)):
        if rate >= size:
            return f"{round(rate / size, 3):g} {unit}/s"
    return f"{rate} B/s"


def show_limits(out: Output, found: LimitsJson) -> None:
    """What downloads may take."""
    if out.as_json:
        out.json(found)
        return
    rate = found["bandwidth"]
    out.fields(
        {
            "downloads at once": str(found["at_once"]),
            "bandwidth": "no limit" if rate is None else f"{rate_text(rate)} ({size_text(rate)}/s)",
        }
    )
