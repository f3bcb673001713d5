"""`find`: search a provider, or look at one repository."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from model_library.api.shapes_hub import FindJson, FreshnessJson, RemoteModelJson, RepositoryJson
from model_library.cli.options import AgainOption, JsonOption, LibraryOption
from model_library.cli.output import Output, count_text, size_text
from model_library.cli.session import opened
from model_library.display_names import number_of
from model_library.errors import UsageError

_REPOSITORY = re.compile(r"(?:https?://\S+|[\w.-]+/[\w.-]+)\Z")
_SHOWN_FILES = 12  # of a repository without --files
_SHOWN_CHOICES = 60


def find(
    query: Annotated[
        list[str],
        typer.Argument(metavar="QUERY...", help="Words, or OWNER/NAME or its page for one model."),
    ],
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", help="Only with this tag, e.g. gguf, lora, diffusers.", metavar="T"),
    ] = None,
    author: Annotated[
        str | None, typer.Option("--author", help="Only of this owner.", metavar="NAME")
    ] = None,
    sort: Annotated[
        str,
        typer.Option(help="downloads, likes, updated, created or trending."),
    ] = "downloads",
    limit: Annotated[int, typer.Option(min=1, max=100, help="Rows at most.", metavar="N")] = 20,
    revision: Annotated[
        str | None,
        typer.Option("--revision", help="Of one model: a branch, tag or commit.", metavar="R"),
    ] = None,
    files: Annotated[bool, typer.Option("--files", help="Of one model: name every file.")] = False,
    again: AgainOption = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Search the Hugging Face Hub, or show what one of its models has to download.

    Answers are kept for a day; without a network older ones are shown and said to be old.
    """
    out = Output(as_json=as_json)
    if len(query) == 1 and _REPOSITORY.match(query[0]):
        with opened(out, library) as lib:
            if again:
                lib.ask_again()
            page = lib.repository(query[0], revision=revision)
        if as_json:
            out.json(page)
        else:
            _show_repository(out, page, revision, every_file=files)
        return 0
    if revision or files:
        raise UsageError("--revision and --files are for one model", hint="Name it: OWNER/NAME.")
    with opened(out, library) as lib:
        if again:
            lib.ask_again()
        found = lib.find(" ".join(query), tags=tag or (), author=author, sort=sort, limit=limit)
    if as_json:
        out.json(found)
    else:
        _show_found(out, found)
    return 0


def freshness_text(answer: FreshnessJson) -> str:
    """Nothing for a live answer."""
    if answer["freshness"] == "live":
        return ""
    hours = answer["age"] / 3600
    age = f"{answer['age'] / 60:.0f} min" if hours < 1 else f"{hours:.0f} h"
    old = (
        "old answer, no newer one to be had now"
        if answer["freshness"] == "stale"
        else "kept answer"
    )
    return f"{old} ({age})"


def _show_found(out: Output, found: FindJson) -> None:
    rows = [
        (
            model["repo"],
            count_text(model["parameters"]),
            count_text(model["downloads"]),
            count_text(model["likes"]),
            (model["updated"] or "")[:10],
            model["license"] or "-",
            _marks(model),
        )
        for model in found["models"]
    ]
    if rows:
        columns = ("Repository", ">Params", ">Downloads", ">Likes", "Updated", "Licence", "")
        out.table(columns, rows)
    count = number_of(len(rows), "model") if rows else "Nothing was found"
    notes = [count, f"{found['took_ms']:.0f} ms", freshness_text(found)]
    out.line(", ".join(note for note in notes if note), "dim")


def _marks(model: RemoteModelJson) -> str:
    marks = [model["pipeline_tag"] or ""]
    marks += [tag for tag in ("gguf", "lora", "diffusers") if tag in model["tags"]]
    marks.append("gated" if model["gated"] else "")
    return " ".join(dict.fromkeys(mark for mark in marks if mark))


def _command(page: RepositoryJson, revision: str | None) -> str:
    """How the first of the choices is fetched."""
    name = page["choices"][0]["name"]
    only = len(page["choices"]) == 1 or name == "default"
    parts = [f"download {page['model']['repo']}"]
    if not only:
        parts.append(name if "/" in name or "." in name else f"--quant {name}")
    if revision is not None:
        parts.append(f"--revision {revision}")
    return " ".join(parts)


def _show_repository(
    out: Output, page: RepositoryJson, revision: str | None, *, every_file: bool
) -> None:
    model = page["model"]
    out.line(model["repo"], "bold")
    gated = "accept the conditions on the page first" if model["gated"] else ""
    out.fields(
        {
            "page": model["url"],
            "revision": model["revision"] or "",
            "licence": model["license"] or "",
            "gated": gated,
            "task": model["pipeline_tag"] or "",
            "base model": ", ".join(model["base_models"]),
            "parameters": count_text(model["parameters"]) if model["parameters"] else "",
            "downloads": count_text(model["downloads"]) if model["downloads"] else "",
            "tags": ", ".join(model["tags"][:20]),
            "age": freshness_text(page),
        }
    )
    if page["choices"]:
        out.line()
        shown = page["choices"] if every_file else page["choices"][:_SHOWN_CHOICES]
        rows = [
            (choice["name"], size_text(choice["size"]), _files_text(choice["files"]))
            for choice in shown
        ]
        out.table(("To download", ">Size", "Files"), rows)
        if len(rows) < len(page["choices"]):
            more = len(page["choices"]) - len(rows)
            out.line(f"and {more} more; --files names all", "dim")
        out.line(f"`{_command(page, revision)}` fetches it", "dim")
    if every_file or not page["choices"]:
        out.line()
        rows = [(f["path"], size_text(f["size"]), f["sha256"] or "") for f in page["files"]]
        out.table(("File", ">Size", "SHA-256"), rows)
    for name in page["refused"]:
        out.note(f"left out, a name that cannot be used: {name}")


def _files_text(files: list[str]) -> str:
    few = files[:2] if len(files) > _SHOWN_FILES else files[:3]
    more = len(files) - len(few)
    return ", ".join(few) + (f" and {more} more" if more else "")
