"""`link`: the links of the models in applications."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from model_library.api.shapes_linking import (
    CautionJson,
    DiscoveredJson,
    LeftJson,
    PreviewJson,
    PutBackJson,
    SyncJson,
)
from model_library.cli.exits import exiting
from model_library.cli.link_repair import repair
from model_library.cli.link_versions import versions
from model_library.cli.options import JsonOption, LibraryOption
from model_library.cli.output import Output, shown, size_text
from model_library.cli.session import opened, working
from model_library.display_names import number_of
from model_library.taxonomy import OnConflict

app = typer.Typer(
    help="The links of the models in applications.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

AppArgument = Annotated[str, typer.Argument(metavar="APP", help="Application id or its beginning.")]
OnlyOption = Annotated[
    list[str] | None, typer.Option("--only", metavar="ID", help="Only this model; may be repeated.")
]
PruneOption = Annotated[
    bool,
    typer.Option(
        "--prune", help="Remove our links that no rule wants, and those whose files are gone."
    ),
]
TargetsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="TARGET...",
        help="As `link replaced` shows it, or where it is kept; none means all.",
    ),
]
_LEAVES = 12  # links of one directory that the tree names; the rest is counted
_SIGNS: Mapping[str, str] = {"create": "+", "remove": "-", "conflict": "!"}


@app.command()
@exiting
def preview(
    app_id: AppArgument,
    only: OnlyOption = None,
    prune: PruneOption = False,
    full: Annotated[bool, typer.Option("--full", help="Name every link and every model.")] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Show what a sync would do. Nothing is changed."""
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        found = lib.link_preview(app_id, model_ids=only, prune=prune)
    if as_json:
        out.json(found)
    else:
        show_preview(out, found, full=full)
    return 0


@app.command()
@exiting
def sync(
    app_id: AppArgument,
    only: OnlyOption = None,
    on_conflict: Annotated[
        OnConflict, typer.Option("--on-conflict", help="What happens where a name is taken.")
    ] = OnConflict.SKIP,
    choose: Annotated[
        list[str] | None,
        typer.Option(
            "--choose", metavar="TARGET=CHOICE", help="The same for one target; may be repeated."
        ),
    ] = None,
    accept: Annotated[
        list[str] | None,
        typer.Option(
            "--accept",
            metavar="DIR[=KIND]",
            help="Give a discovered directory a rule; `all` for those whose kinds are known.",
        ),
    ] = None,
    prune: PruneOption = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Make the links of an application what its profile wants."""
    out = Output(as_json=as_json)
    choices = dict(one.rpartition("=")[::2] for one in choose or ())
    with working(out, library, "Linking", counts=True) as lib:
        done = lib.link_sync(
            app_id,
            only=only or (),
            on_conflict=on_conflict.value,
            choices=choices,
            prune=prune,
            accept=accept or (),
        )
    if as_json:
        out.json(done)
    else:
        show_sync(out, done)
    return 1 if done["failed"] else 0


@app.command()
@exiting
def clean(app_id: AppArgument, library: LibraryOption = None, as_json: JsonOption = False) -> int:
    """Take all our links out of an application. Nothing else in it is touched.

    It stays without links, also after imports and `health --fix`, until the next `link sync`.
    """
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        done = lib.link_clean(app_id)
        kept = [] if as_json else lib.link_replaced(app_id)
    if as_json:
        out.json(done)
    else:
        out.line(f"{done['app']}: {number_of(len(done['removed']), 'link')} removed")
        _show_left(out, done["left"])
        if kept:
            out.note(
                f"{number_of(len(kept), 'file')} that gave way to links can be put back",
                f"`model-library link put-back {done['app']}`",
            )
    return 0


@app.command("list")
@exiting
def list_(
    app_id: Annotated[
        str | None, typer.Argument(metavar="[APP]", help="Application id or its beginning.")
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", metavar="ID", help="Only links of this model.")
    ] = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """List the links that we made."""
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        links = lib.link_list(app_id, model)
    if as_json:
        out.json({"links": links})
    elif links:
        rows = [(one["app"], one["target"], one["model_id"], one["method"]) for one in links]
        out.table(("App", "Target", "Model", "Method"), rows)
    else:
        out.line("No links.")
    return 0


@app.command()
@exiting
def replaced(
    app_id: AppArgument, library: LibraryOption = None, as_json: JsonOption = False
) -> int:
    """List the files that gave way to links, and where they are kept."""
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        found = lib.link_replaced(app_id)
    if as_json:
        out.json({"replaced": found})
    elif found:
        rows = [
            (one["target"], one["reason"], size_text(one["size"]), one["date"], one["kept"])
            for one in found
        ]
        out.table(("Target", "Reason", ">Size", "Date", "Kept at"), rows)
    else:
        out.line("Nothing gave way to a link.")
    return 0


@app.command("put-back")
@exiting
def put_back(
    app_id: AppArgument,
    targets: TargetsArgument = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Return files that gave way to links; the links go."""
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        done = lib.link_put_back(app_id, targets or ())
    return _show_done(out, done, "put back")


@app.command()
@exiting
def purge(
    app_id: AppArgument,
    targets: TargetsArgument = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Free the space of files that gave way to links. There is no way back."""
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        done = lib.link_purge(app_id, targets or ())
    return _show_done(out, done, "purged")


app.command("repair")(repair)
app.command("versions")(versions)


# --- for people --------------------------------------------------------------------------------------


def show_preview(out: Output, found: PreviewJson, *, full: bool = False) -> None:
    """A tree of the directories with counts and the changes in each, then what is left out and why."""
    from rich.text import Text
    from rich.tree import Tree

    tree = Tree(Text(f"{found['app']} ({shown(found['profile'])})", style="bold"))
    for directory, changes in sorted(_by_directory(found).items()):
        counts = ", ".join(f"{len(links)} {word}" for word, links in changes.items() if links)
        branch = tree.add(Text(f"{shown(directory) or '.'}  ({counts})"))
        lines = [
            f"{_SIGNS[word]} {shown(line)}"
            for word, links in changes.items()
            if word in _SIGNS
            for line in links
        ]
        limit = len(lines) if full else _LEAVES
        for line in lines[:limit]:
            branch.add(Text(line))
        if len(lines) > limit:
            branch.add(Text(f"... {len(lines) - limit} more (--full)"))
    out.console.print(tree)
    out.line(
        f"{len(found['create'])} to create, {len(found['keep'])} to keep, "
        f"{number_of(len(found['conflicts']), 'conflict')}, {len(found['remove'])} to remove, "
        f"{len(found['excluded'])} left out"
    )
    if found["conflicts"]:
        out.table(
            ("Conflict", "Reason", "What is there"),
            [(one["target"], one["reason"], one["detail"]) for one in found["conflicts"]],
        )
    _show_excluded(out, found, full=full)
    _show_discovered(out, found["app"], found["discovered"])
    _show_warnings(out, found["warnings"])


def show_sync(out: Output, done: SyncJson, *, previewed: bool = False) -> None:
    """What a sync did, in a line and tables of what needs a decision, unless a preview just showed them."""
    out.line(
        f"{done['app']}: {len(done['made'])} made, {done['kept']} kept, {len(done['removed'])} removed, "
        f"{number_of(len(done['conflicts']), 'conflict')}, {len(done['failed'])} failed, {done['excluded']} left out"
    )
    for directory in done["accepted"]:
        out.line(f"accepted {shown(directory)}")
    failed = {one["target"] for one in done["failed"]}
    waiting = [one for one in done["conflicts"] if one["target"] not in failed]
    if waiting and not previewed:
        out.table(
            ("Conflict", "Reason", "What is there"),
            [(one["target"], one["reason"], one["detail"]) for one in waiting],
        )
        out.note(
            "Nothing of these was touched", "--on-conflict rename, overwrite or adopt decides."
        )
    _show_left(out, done["left"])
    for one in done["failed"]:
        error = one["error"]
        out.problem(f"{one['target']}: {error['message']}", error.get("path"), error["hint"])
    if not previewed:
        _show_discovered(out, done["app"], done["discovered"])
        _show_warnings(out, done["warnings"])


def _by_directory(found: PreviewJson) -> dict[str, dict[str, list[str]]]:
    groups: Sequence[tuple[str, Sequence[Any]]] = (
        ("conflict", found["conflicts"]),
        ("remove", found["remove"]),
        ("create", found["create"]),
        ("keep", found["keep"]),
    )
    tree: dict[str, dict[str, list[str]]] = {}
    for word, links in groups:
        for one in links:
            directory, name = posixpath.split(one["target"])
            more = one.get("reason") or one.get("why")
            branch = tree.setdefault(directory, {group: [] for group, _ in groups})
            branch[word].append(f"{name}  ({more})" if more else name)
    return tree


def _show_excluded(out: Output, found: PreviewJson, *, full: bool) -> None:
    if full and found["excluded"]:
        rows = [(one["model_id"], one["reason"], one["detail"]) for one in found["excluded"]]
        out.table(("Left out", "Reason", "Because"), rows)
        return
    counts = Counter(one["reason"] for one in found["excluded"])
    first = {one["reason"]: one["detail"] for one in reversed(found["excluded"])}
    rows = [(reason, str(count), first[reason]) for reason, count in counts.most_common()]
    if rows:
        out.table(("Left out because of", ">Models", "For example"), rows)


def _show_discovered(out: Output, app_id: str, found: Sequence[DiscoveredJson]) -> None:
    if not found:
        return
    rows = [(one["directory"], ", ".join(one["kinds"]) or "unknown") for one in found]
    out.table(("Directory without a rule", "Holds"), rows)
    out.note(
        "Nothing is linked there",
        f"`link sync {app_id} --accept DIRECTORY`, or DIRECTORY=KIND, changes that.",
    )


def _show_warnings(out: Output, warnings: Sequence[CautionJson]) -> None:
    for one in warnings:
        path = one["path"]
        where = f" ({path})" if path is not None and path not in one["message"] else ""
        out.note(f"{one['message']}{where}", one["hint"])


def _show_left(out: Output, left: Sequence[LeftJson]) -> None:
    for one in left:
        out.note(f"{one['target']} was left: {one['why']}")


def _show_done(out: Output, done: PutBackJson, word: str) -> int:
    if out.as_json:
        out.json(done)
        return 1 if done["failed"] else 0
    freed = f", {size_text(done['freed'])} freed" if done["freed"] else ""
    out.line(f"{done['app']}: {len(done['done'])} {word}{freed}")
    for one in done["failed"]:
        error = one["error"]
        out.problem(f"{one['target']}: {error['message']}", error.get("path"), error["hint"])
    return 1 if done["failed"] else 0
