"""Options that several verbs share, so that each is spelled and explained once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def _given_path(text: str) -> Path:
    """A path as it was typed. An empty one is a variable of a script that is not set; to Path it is the
    working directory, all of which would be taken in."""
    if not text:
        raise typer.BadParameter("a path is empty; write . for this directory")
    return Path(text)


LibraryOption = Annotated[
    str | None,
    typer.Option(
        "--library",
        help="Library directory. Default: MODEL_LIBRARY, else the platform's data directory.",
        metavar="DIR",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
AgainOption = Annotated[
    bool,
    typer.Option(
        "--again",
        help="Ask also a host that did not answer a moment ago, instead of waiting a minute.",
    ),
]
PathsArgument = Annotated[
    list[Path],
    typer.Argument(metavar="PATH...", help="Model files and folders.", parser=_given_path),
]
IdArgument = Annotated[
    str, typer.Argument(metavar="ID", help="A model id or an unambiguous beginning of one.")
]
IdsArgument = Annotated[
    list[str],
    typer.Argument(metavar="ID...", help="Model ids or unambiguous beginnings of them."),
]
KindOption = Annotated[
    str | None,
    typer.Option("--kind", help="Only this kind, e.g. checkpoint, lora, vae, llm.", metavar="K"),
]
FamilyOption = Annotated[
    str | None,
    typer.Option("--family", help="Only this family, e.g. sdxl, flux1, llama.", metavar="F"),
]
TagOption = Annotated[
    str | None,
    typer.Option("--tag", help="Only models with this tag.", metavar="T"),
]
ContainerOption = Annotated[
    str | None,
    typer.Option("--container", help="Only this container, e.g. safetensors, gguf.", metavar="C"),
]
LimitOption = Annotated[int, typer.Option("--limit", help="Rows at most.", min=0, metavar="N")]
OffsetOption = Annotated[int, typer.Option("--offset", help="Rows to skip.", min=0, metavar="N")]
FacetsOption = Annotated[
    bool, typer.Option("--facets", help="Count the results by kind, family ...")
]


def filters(
    kind: str | None, family: str | None, tag: str | None, container: str | None
) -> dict[str, str]:
    """The filter options that were given, by the names of the query language."""
    given = {"kind": kind, "family": family, "tag": tag, "container": container}
    return {name: value for name, value in given.items() if value is not None}
