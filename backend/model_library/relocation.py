"""A root is somewhere else now, and the links that led into it follow, in one step that can be previewed.

Symlinks that say the old place are rewritten, relative ones where they do not lead to the files any more.
A link that is not exactly ours any more stays as it is and is named.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from operator import attrgetter
from pathlib import Path
from typing import Final

from model_library.errors import ModelLibraryError, RootConflictError, RootNotFoundError
from model_library.io.inside import Inside
from model_library.library import Catalog
from model_library.link_registry import App, Link
from model_library.linking import LinkTexts, opened
from model_library.repointing import Methods, repoint
from model_library.roots import EXAMINED, LINKS_RIGHT, Root
from model_library.search.fts5 import IndexRecord
from model_library.store import read_marker, stamp_of
from model_library.taxonomy import LinkMethod, LinkState

_SAMPLE: Final = 50
"""Models that are looked for where a root without a marker is said to be."""


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A link that is to say another place."""

    link: Link
    """As it is to be."""
    old: str
    new: str


@dataclass(slots=True)
class Relocation:
    """What moving a root means, or meant."""

    root: Root
    """As it is at its new place."""
    old_path: Path
    models: int
    absent: int = 0
    """Models whose files are not all at the new place: it may be an old copy."""
    rewrites: list[Rewrite] = field(default_factory=list)
    left: list[tuple[Link, str]] = field(default_factory=list)
    """Links that lead into the root and stay as they are, and why."""


def plan_relocation(catalog: Catalog, old: str, new: Path) -> Relocation:
    """What saying that a root is at `new` would change. Nothing is written.

    `old`: the root's id, a beginning of it, or the path where it was. Raises RootNotFoundError,
    RootConflictError (`new` is not this root, or cannot be one), RootError, IndexDamagedError.
    """
    known = _find(catalog, old)
    catalog.links.require_no_app(new)
    root = catalog.roots.relocatable(known.root_id, new)
    models = sum(1 for _ in catalog.index.entries(root.root_id))
    _require_files(catalog, root, models)
    absent = sum(not _is_whole(root, record) for record in catalog.index.records(root.root_id))
    plan = Relocation(root, known.path, models, absent)
    links = [
        link
        for link in catalog.links.links_of_root(root.root_id)
        if link.state is LinkState.MADE and link.method is not LinkMethod.HARD_LINK
    ]
    apps = {app.app_id: app for app in catalog.links.apps()}
    links.sort(key=attrgetter("app_id"))
    for app_id, group in groupby(links, attrgetter("app_id")):
        _plan_app(catalog, apps[app_id], list(group), plan)
    return plan


def relocate(catalog: Catalog, old: str, new: Path) -> Relocation:
    """Say where a root is now and let its links follow. Raises as `plan_relocation`, LibraryBusyError."""
    with catalog.exclusive():
        plan = plan_relocation(catalog, old, new)
        links = [rewrite.link for rewrite in plan.rewrites]
        outcome = repoint(catalog, links, moved=(plan.root.root_id, plan.root.path))
        remade = {link.link_id for link in outcome.remade}
        plan.rewrites = [one for one in plan.rewrites if one.link.link_id in remade]
        plan.left += outcome.left
        catalog.roots.note_places(EXAMINED, [plan.root.root_id])  # who says so need not be told
    return plan


def _find(catalog: Catalog, old: str) -> Root:
    try:
        return catalog.roots.get(old)
    except RootNotFoundError as error:
        path = Path(old).absolute()
        for root in catalog.roots:
            if path in _places_of(catalog, root) or path.resolve() == root.path:
                return root
        raise RootNotFoundError(
            f"{old!r} is neither the id nor the path of a root of this library"
        ) from error


def _places_of(catalog: Catalog, root: Root) -> Iterator[Path]:
    """Where a root is and was: it may have been found at its new place before anybody said so."""
    yield root.path
    for occasion in (LINKS_RIGHT, EXAMINED):
        move = catalog.roots.moved_since(occasion).get(root.root_id)
        if move is not None:
            yield move.was


def _require_files(catalog: Catalog, root: Root, models: int) -> None:
    """A directory that carries no marker is believed when it holds files of the root's models."""
    if not models or read_marker(root.path) is not None:
        return
    sample = islice(catalog.index.records(root.root_id), _SAMPLE)
    for record in sample:
        if any(stamp_of(path) is not None for path in _files(root, record)):
            return
    raise RootConflictError(
        "The directory holds none of the files of this root",
        path=root.path,
        hint="Give the directory in which the files of its models are now.",
    )


def _files(root: Root, record: IndexRecord) -> list[str]:
    document = json.loads(record.document)
    directory = (document.get("reference") or {}).get("path", record.location)
    return [f"{root.path}/{directory}/{file['path']}" for file in document["files"]]


def _is_whole(root: Root, record: IndexRecord) -> bool:
    return all(stamp_of(path) is not None for path in _files(root, record))


def _plan_app(catalog: Catalog, app: App, links: Sequence[Link], plan: Relocation) -> None:
    try:
        inside = opened(catalog, app)
    except ModelLibraryError as error:
        plan.left += [(link, error.message) for link in links]
        return
    with inside:
        methods = Methods(catalog)
        texts = LinkTexts(catalog, app, {plan.root.root_id: plan.root.path})
        for link in links:
            try:
                rewrite = _rewrite(inside, methods.fitting(link, app, plan.root.path), texts, plan)
            except ModelLibraryError as error:
                plan.left.append((link, error.message))
                continue
            if rewrite is not None:
                plan.rewrites.append(rewrite)


def _rewrite(inside: Inside, link: Link, texts: LinkTexts, plan: Relocation) -> Rewrite | None:
    """What is to become of one link; nothing when it leads to the files at their new place. One that works
    is never made to lead nowhere."""
    seen = inside.look(link.target)
    if seen is None or seen.link_text is None or seen.link_text != link.link_text:
        plan.left.append((link, "nothing is there" if seen is None else "something else is there"))
        return None
    new = texts.of(link)
    if new == seen.link_text:
        return None
    here, source = inside.top / link.target, plan.root.path / link.source
    if _leads_to(here, source) and not Path(seen.link_text).is_absolute():
        return None
    if os.path.exists(here) and not os.path.exists(source):  # noqa: PTH110 - they raise nothing
        plan.left.append((link, "it works, and its file is not at the new place"))
        return None
    return Rewrite(link, seen.link_text, new)


def _leads_to(link: Path, source: Path) -> bool:
    try:
        return os.path.samefile(link, source)  # noqa: PTH121 - one call for both
    except OSError:  # one of the two leads nowhere
        return False
