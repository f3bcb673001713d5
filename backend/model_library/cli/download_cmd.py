"""`download`: fetch models from a provider into the library."""

from __future__ import annotations

from typing import Annotated

import typer

from model_library.api.shapes_hub import DownloadJson, DownloadOptions, PlannedDownloadJson
from model_library.cli.options import AgainOption, JsonOption, LibraryOption
from model_library.cli.output import Output, size_text
from model_library.cli.rendering import family_text, kind_text
from model_library.cli.session import working
from model_library.display_names import number_of


def download(
    repo: Annotated[
        str,
        typer.Argument(
            metavar="REPO", help="OWNER/NAME, or the address of its page or of one of its files."
        ),
    ],
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILE...]", help="Files, folders or globs such as '*.safetensors'."
        ),
    ] = None,
    quant: Annotated[
        str | None,
        typer.Option(
            "--quant", help="Which quantization or precision, e.g. Q4_K_M or fp16.", metavar="Q"
        ),
    ] = None,
    revision: Annotated[
        str | None, typer.Option("--revision", help="A branch, tag or commit.", metavar="R")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every file of the repository.")
    ] = False,
    root: Annotated[
        str | None,
        typer.Option("--root", help="Id of the root to place the files in.", metavar="ID"),
    ] = None,
    accept_pickle: Annotated[
        bool,
        typer.Option("--accept-pickle", help="Also take pickles that could run code when loaded."),
    ] = False,
    beside: Annotated[
        str | None,
        typer.Option(
            "--beside",
            help="A model that configuration, cards and pictures among the files come to.",
            metavar="ID",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Name what would be fetched and fetch nothing.")
    ] = False,
    queue: Annotated[
        bool, typer.Option("--queue", help="Put it in the queue; `jobs run` fetches it.")
    ] = False,
    again: AgainOption = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Fetch a model with proof of every byte, and take it in.

    An interrupted download goes on where it stopped when the same command, or `jobs resume`, is run again.
    """
    out = Output(as_json=as_json)
    with working(out, library, "Downloading") as lib:
        if again:
            lib.ask_again()
        asked: DownloadOptions = {
            "files": files or (),
            "quant": quant,
            "revision": revision,
            "everything": everything,
            "root": root,
            "accept_pickle": accept_pickle,
            "beside": beside,
        }
        if dry_run:
            plan = lib.plan_download(repo, **asked)
            return _show_plan(out, plan)
        if queue:
            job = lib.queue_download(repo, **asked)
            if as_json:
                out.json(job)
            else:
                out.line(f"queued as job {job['job_id']}; `jobs run` fetches it")
            return 0
        result = lib.download(repo, **asked)
    if as_json:
        out.json(result)
    else:
        _show(out, result)
    return 1 if result["failed"] else 0


def _show_plan(out: Output, plan: PlannedDownloadJson) -> int:
    if out.as_json:
        out.json(plan)
        return 0
    rows = [(file["path"], size_text(file["size"])) for file in plan["files"]]
    out.table(("File", ">Size"), rows)
    out.line(
        f"{number_of(len(rows), 'file')}, {size_text(plan['bytes'])} to {plan['root']}", "bold"
    )
    return 0


def _show(out: Output, result: DownloadJson) -> None:
    for model in result["imported"]:
        what = f"{kind_text(model)}, {family_text(model)}, {model.get('precision') or '-'}"
        out.line(f"downloaded  {model['model_id']}  ({what}, {size_text(model['size'])})")
        for warning in model.get("warnings", []):
            out.note(f"{model['model_id']}: {warning}")
    for attached in result["attached"]:
        out.line(f"put beside {attached['model_id']}: {attached['path']}")
    for duplicate in result["duplicates"]:
        out.line(f"duplicate of {duplicate['model_id']}: {duplicate['path']}")
    for failed in result["failed"]:
        out.problem(failed["error"]["message"], failed["path"], failed["error"]["hint"])
    if not any(result[name] for name in ("imported", "duplicates", "failed", "attached")):
        out.line("Nothing of it is a model: nothing was taken in.")
    if result["duplicates"] and not result["imported"]:
        return  # what is held already was not fetched
    seconds = result["took_ms"] / 1000
    out.line(f"{size_text(result['bytes'])} from {result['url']} in {seconds:.1f} s", "bold")
