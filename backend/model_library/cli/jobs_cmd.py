"""`jobs`: what runs, what waits, and what a person wants of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from model_library.api.shapes_jobs import JobJson, JobsJson, LimitsJson
from model_library.cli.exits import exiting
from model_library.cli.options import JsonOption, LibraryOption
from model_library.cli.output import Output, size_text
from model_library.cli.rendering import number_of
from model_library.cli.session import opened, working
from model_library.errors import InvalidValueError, ModelLibraryError

if TYPE_CHECKING:
    from model_library.api.core import Library

app = typer.Typer(
    help="Imports, downloads and other long work: what runs, what waits.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

JobsArgument = Annotated[
    list[str],
    typer.Argument(metavar="ID...", help="Ids of jobs or beginnings of them; `all` means each."),
]
JobArgument = Annotated[str, typer.Argument(metavar="ID", help="Id of a job or its beginning.")]

_ALL: Final = "all"
_UNITS: Final = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9}
_ASKED: Final = {"pause": "pausing", "resume": "resuming", "cancel": "cancelling"}
"""Words for a request that the process of a job has not done yet."""


@app.command("list")
@exiting
def list_(
    everything: Annotated[
        bool, typer.Option("--all", help="Also what is done, failed or cancelled.")
    ] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Show what runs, what waits, how far it is and how long it will take."""
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        found = lib.jobs(everything=everything)
    if as_json:
        out.json(found)
    else:
        _table(out, found)
    return 0


@app.command()
@exiting
def show(job: JobArgument, library: LibraryOption = None, as_json: JsonOption = False) -> int:
    """Show everything about one job."""
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        found = lib.job(job)
    if as_json:
        out.json(found)
    else:
        _page(out, found)
    return 0


@app.command()
@exiting
def pause(jobs: JobsArgument, library: LibraryOption = None, as_json: JsonOption = False) -> int:
    """Let jobs stand still, also those of another terminal. `resume` lets them go on."""
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        return _each(out, _chosen(lib, jobs, ("running", "queued")), lib.pause_job)


@app.command()
@exiting
def resume(jobs: JobsArgument, library: LibraryOption = None, as_json: JsonOption = False) -> int:
    """Let paused jobs go on; interrupted and failed ones are done here and now.

    `all` means those that are paused or interrupted. What was finished before is not done again.
    """
    out = Output(as_json=as_json)
    with working(out, library, "Resuming") as lib:
        return _each(out, _chosen(lib, jobs, ("paused", "interrupted")), lib.resume_job)


@app.command()
@exiting
def cancel(jobs: JobsArgument, library: LibraryOption = None, as_json: JsonOption = False) -> int:
    """End jobs for good, also those of another terminal. What they finished stays."""
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        waiting = ("running", "paused", "interrupted", "queued")
        return _each(out, _chosen(lib, jobs, waiting), lib.cancel_job)


@app.command()
@exiting
def run(library: LibraryOption = None, as_json: JsonOption = False) -> int:
    """Do all that is queued, until the queue is empty."""
    out = Output(as_json=as_json)
    with working(out, library, "Working") as lib:
        done = lib.run_jobs()
    if as_json:
        out.json(done)
    elif done["jobs"]:
        _table(out, done)
    else:
        out.line("The queue is empty.", "dim")
    return 1 if any(job["state"] == "failed" for job in done["jobs"]) else 0


@app.command(context_settings={"ignore_unknown_options": True})  # -1 is a number
@exiting
def priority(
    job: JobArgument,
    number: Annotated[int, typer.Argument(metavar="N", help="The higher begins first; else 0.")],
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Let a job begin before or after others."""
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        _shown(out, lib.prioritize_job(job, number))
    return 0


@app.command()
@exiting
def limits(
    at_once: Annotated[
        int | None, typer.Option("--at-once", metavar="N", help="Downloads at the same time.")
    ] = None,
    bandwidth: Annotated[
        str | None,
        typer.Option(
            "--bandwidth", metavar="RATE", help="Bytes a second of all, e.g. 20MB or 500KB; none."
        ),
    ] = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Show or change what downloads may take. Running ones follow at once."""
    out = Output(as_json=as_json)
    wanted = None if bandwidth is None else parse_rate(bandwidth)
    with opened(out, library) as lib:
        if at_once is None and wanted is None:
            found = lib.job_limits()
        else:
            found = lib.set_job_limits(at_once=at_once, bandwidth=wanted)
    _show_limits(out, found)
    return 0


@app.command()
@exiting
def clear(library: LibraryOption = None, as_json: JsonOption = False) -> int:
    """Forget the jobs that are over."""
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        gone = lib.forget_jobs()
    if as_json:
        out.json({"forgotten": gone})
    else:
        out.line(f"{number_of(gone, 'job')} forgotten")
    return 0


def parse_rate(text: str) -> int:
    """Bytes a second of `20MB`, `1.5M`, `500 KB/s`; 0 of `none`. Raises InvalidValueError."""
    if text.strip().lower() == "none":
        return 0
    pattern = r"(\d+(?:\.\d+)?)\s*([KMG]?)(?:B(?:/S)?)?"
    match = re.fullmatch(pattern, text.strip().upper())
    if match is None or not float(match[1]):
        hint = "For instance 20MB or 500KB a second, or none."
        raise InvalidValueError(f"{text!r} is no bandwidth", hint=hint)
    return int(float(match[1]) * _UNITS[match[2]])


def _chosen(lib: Library, jobs: Sequence[str], states: Sequence[str]) -> list[str]:
    """The ids that were given; of `all` those of the jobs in these states."""
    if _ALL not in jobs:
        return list(dict.fromkeys(jobs))
    return [job["job_id"] for job in lib.jobs()["jobs"] if job["state"] in states]


def _each(out: Output, jobs: Sequence[str], act: Callable[[str], JobJson]) -> int:
    """Do `act` with every job; one that refuses is said, and the others go on. Returns the exit code."""
    done: list[JobJson] = []
    failed: list[Mapping[str, Any]] = []
    code = 0
    for job_id in jobs:
        try:
            done.append(act(job_id))
        except ModelLibraryError as error:
            if len(jobs) == 1:
                raise
            failed.append({"job_id": job_id, "error": dict(error.to_json()) | {"path": error.path}})
            code = max(code, error.exit_code)
            if not out.as_json:
                out.problem(error.message, error.path, error.hint)
        else:
            if not out.as_json:
                _shown(out, done[-1])
    if out.as_json:
        out.json({"jobs": done, "failed": failed})
    elif not jobs:
        out.line("There is no such job.", "dim")
    return 1 if failed or any(job["state"] == "failed" for job in done) else 0


def _shown(out: Output, job: JobJson) -> None:
    """What became of a job, in one line."""
    if out.as_json:
        out.json(job)
        return
    out.line(f"{job['job_id']}  {_state(job)}  {job['kind']} {job['title']}")


def _state(job: JobJson) -> str:
    return f"{job['state']}, {_ASKED[job['request']]}" if job["request"] else job["state"]


def _table(out: Output, found: JobsJson) -> None:
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
        )
        for job in found["jobs"]
    ]
    if rows:
        columns = ("ID", "Kind", "State", ">Done", ">Rate", ">Left", ">Priority", "Title")
        used = [i for i, _ in enumerate(columns) if i in _ALWAYS or any(row[i] for row in rows)]
        out.table([columns[i] for i in used], [[row[i] for i in used] for row in rows])
    counts = ", ".join(f"{count} {state}" for state, count in found["counts"].items())
    out.line(counts or "There are no jobs.", "dim")


_ALWAYS: Final = (0, 1, 2, 3, 7)
"""Columns that are shown also when they are empty."""


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
    if seconds < 60:  # noqa: PLR2004 # a minute
        return f"{seconds} s"
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"


def _page(out: Output, job: JobJson) -> None:
    progress, error = job["progress"], job["error"]
    out.line(f"{job['kind']} {job['title']}", "bold")
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
            "result": ", ".join(f"{k} {v}" for k, v in (job["result"] or {}).items()),
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
        return "\n".join(map(str, value))
    return "" if value in (None, False) else str(value)


def _show_limits(out: Output, found: LimitsJson) -> None:
    if out.as_json:
        out.json(found)
        return
    rate = found["bandwidth"]
    out.fields(
        {
            "downloads at once": str(found["at_once"]),
            "bandwidth": "no limit" if rate is None else f"{size_text(rate)}/s",
        }
    )
