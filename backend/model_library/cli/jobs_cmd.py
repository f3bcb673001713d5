"""`jobs`: what runs, what waits, and what a person wants of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from model_library.api.shapes_jobs import JobJson
from model_library.cli.exits import exiting
from model_library.cli.job_tables import show_job, show_jobs, show_limits, show_line
from model_library.cli.options import JsonOption, LibraryOption
from model_library.cli.output import Output
from model_library.cli.session import opened, working
from model_library.display_names import number_of
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
        show_jobs(out, found)
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
        show_job(out, found)
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
        show_jobs(out, done)
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
        show_line(out, lib.prioritize_job(job, number))
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
    show_limits(out, found)
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
    for job_id in jobs:
        try:
            done.append(act(job_id))
        except ModelLibraryError as error:
            if len(jobs) == 1:
                raise
            failed.append({"job_id": job_id, "error": dict(error.to_json()) | {"path": error.path}})
            if not out.as_json:
                out.problem(error.message, error.path, error.hint)
        else:
            if not out.as_json:
                show_line(out, done[-1])
    if out.as_json:
        out.json({"jobs": done, "failed": failed})
    elif not jobs:
        out.line("There is no such job.", "dim")
    return 1 if failed or any(job["state"] == "failed" for job in done) else 0
