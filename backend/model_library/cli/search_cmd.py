"""`search`: find models."""

from __future__ import annotations

from typing import Annotated

import typer

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
from model_library.cli.rendering import show_page
from model_library.cli.session import opened
from model_library.search.order import Sort


def search(
    query: Annotated[list[str], typer.Argument(metavar="QUERY...", help="What to look for.")],
    kind: KindOption = None,
    family: FamilyOption = None,
    tag: TagOption = None,
    container: ContainerOption = None,
    limit: LimitOption = 50,
    offset: OffsetOption = 0,
    sort: Annotated[Sort, typer.Option(help="Order of the rows.")] = Sort.RELEVANCE,
    facets: FacetsOption = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Find models by name, tag, description and more.

    Every word must match, the last one also when half typed; "a phrase" stays together, -without leaves out.
    Put `--` before a query that begins with a hyphen.

    Filters, as in kind:lora family:sdxl size:>4GB -tag:anime (commas: any of them; * at the end: any rest):

    kind (adapter, checkpoint, llm, vae ...; lora and other adapter types too), adapter or adapter_type, type
    (as kind), family, variant, lineage, container or format, precision or quant, form, task or tasks, tag or
    tags, license, tier, state, size, name, file, id, root
    """
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        page = lib.search(
            " ".join(query),
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
