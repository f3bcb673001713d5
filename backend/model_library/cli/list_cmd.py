"""`list`: the models of the library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from model_library.api.shapes import ModelJson
from model_library.cli.options import (
    ContainerOption,
    FacetsOption,
    FamilyOption,
    JsonOption,
    KindOption,
    LibraryOption,
    LimitOption,
    OffsetOption,
    TagOption,
    filters,
)
from model_library.cli.output import Output
from model_library.cli.rendering import show_page, show_trash
from model_library.cli.session import opened
from model_library.search.order import Sort


def list_(
    kind: KindOption = None,
    family: FamilyOption = None,
    tag: TagOption = None,
    container: ContainerOption = None,
    limit: LimitOption = 50,
    offset: OffsetOption = 0,
    sort: Annotated[Sort, typer.Option(help="Order of the rows.")] = Sort.NAME,
    facets: FacetsOption = False,
    trash: Annotated[
        bool, typer.Option("--trash", help="What is in the trash instead, newest first.")
    ] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """List models."""
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        if trash:
            return _show_trash(out, lib.trash())
        page = lib.list(
            filters=filters(kind, family, tag, container),
            sort=sort,
            limit=limit,
            offset=offset,
            facets=facets,
        )
    if as_json:
        out.json(page)
    else:
        show_page(out, page, offset)
    return 0


def _show_trash(out: Output, models: Sequence[ModelJson]) -> int:
    if out.as_json:
        out.json({"total": len(models), "models": models})
    elif models:
        show_trash(out, models)
    else:
        out.line("The trash is empty.")
    return 0
