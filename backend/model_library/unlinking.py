"""Removing links: each only while it still is exactly what we made.

A link is marked, removed, and then forgotten. Whoever puts something in its place at the very moment of its
removal keeps it: a link is renamed first, and looked at under a name that nobody else uses. Callers hold the
library's lock (`Catalog.exclusive`).
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Final

from model_library.errors import LinkConflictError, ModelLibraryError, TargetExistsError
from model_library.events import Listener, counted, ignore
from model_library.io.inside import Inside, Seen
from model_library.library import Catalog
from model_library.link_registry import Link
from model_library.linking import LINKING, Ownership, flush, opened, owner_of
from model_library.profiles.profile import HERE, Layout, Rule
from model_library.taxonomy import OnConflict

GOING: Final = ".model-library-going-"
"""Begins the name of a link for the moment of its removal; its number follows."""
_STEP: Final = 64
"""Links between two words to the listener."""


@dataclass(slots=True)
class RemovalOutcomes:
    removed: list[Link] = field(default_factory=list)
    left: list[tuple[Link, str]] = field(default_factory=list)
    """What was not removed, and why."""


def remove_links(
    catalog: Catalog, links: Sequence[Link], listener: Listener = ignore
) -> RemovalOutcomes:
    """Take links away, each only if it still is what we made. Rows of what is not ours any more are
    forgotten; those of an application that is not there now are kept. `listener` hears how many were done,
    and must not wait."""
    outcomes = RemovalOutcomes()
    apps = {app.app_id: app for app in catalog.links.apps()}
    for app_id, group in groupby(sorted(links, key=attrgetter("app_id")), attrgetter("app_id")):
        some = list(group)
        try:
            inside = opened(catalog, apps[app_id])
        except ModelLibraryError as error:
            outcomes.left += [(link, error.message) for link in some]
            continue
        with inside:
            _remove_some(catalog, inside, some, outcomes, listener)
    return outcomes


def _remove_some(
    catalog: Catalog,
    inside: Inside,
    links: Sequence[Link],
    outcomes: RemovalOutcomes,
    listener: Listener,
) -> None:
    catalog.links.begin_removing(link.link_id for link in links)
    forgotten: list[int] = []
    kept: list[int] = []
    for link in counted(links, LINKING, listener, _STEP):
        try:
            owner = remove_link(catalog, inside, link)
        except ModelLibraryError as error:
            kept.append(link.link_id)
            outcomes.left.append((link, error.message))
            continue
        forgotten.append(link.link_id)
        if owner in (Ownership.FOREIGN, Ownership.ONLY_COPY):
            outcomes.left.append((link, owner.value))
        else:
            outcomes.removed.append(link)
    flush(inside, outcomes.removed)
    catalog.links.forget(forgotten)
    catalog.links.keep(kept)
    _remove_empty_folders(catalog, inside, outcomes.removed)


def remove_link(catalog: Catalog, inside: Inside, link: Link) -> Ownership:
    """Remove one link if it is ours. Raises LinkConflictError when what somebody put there in the same
    moment could not keep its name, TargetReplacedError, FileError."""
    seen = inside.look(link.target)
    owner = owner_of(catalog, inside, link, seen)
    if seen is None or owner not in (Ownership.OURS, Ownership.BROKEN):
        return owner
    is_gone = take_away(catalog, inside, link, seen)
    return owner if is_gone else Ownership.FOREIGN


def take_away(catalog: Catalog, inside: Inside, link: Link, seen: Seen) -> bool:
    """Remove what was seen at the target of a link; False when something else is there by now, which stays.

    Raises as `remove_link`.
    """
    try:
        return inside.remove_seen(link.target, posixpath.basename(_aside(link)), seen)
    except TargetExistsError:
        clear_aside(catalog, inside, link, lambda _: False)
        raise


def clear_aside(
    catalog: Catalog, inside: Inside, link: Link, is_ours: Callable[[Seen], bool]
) -> None:
    """End a removal that a crash cut short: what is ours goes, anything else gets its name back.

    Raises LinkConflictError when its name is taken meanwhile: it is beside it then, and remembered.
    """
    aside = _aside(link)
    seen = inside.look(aside)
    if seen is None:
        return
    if is_ours(seen):
        inside.unlink(aside)
        return
    try:
        inside.rename_noreplace(aside, link.target)
    except TargetExistsError as error:
        kept = inside.free_name(f"{link.target}.old")
        catalog.links.note_replaced(
            link.app_id,
            link.target,
            kept,
            OnConflict.RENAME.value,
            seen.size,
            None,
            seen.inode,
            seen.mtime_ns,
        )
        inside.rename_noreplace(aside, kept)
        raise LinkConflictError(
            "Two files came to the name of a link while it was removed: one has it, one is here",
            path=inside.top / kept,
            hint="Both are yours; `model-library link replaced` lists this one.",
        ) from error


def aside_is_ours(catalog: Catalog, inside: Inside, link: Link) -> Callable[[Seen], bool]:
    """Whether what a crash left half removed is the registered link."""

    def is_ours(seen: Seen) -> bool:
        owner = owner_of(catalog, inside, link, seen, _aside(link))
        return owner in (Ownership.OURS, Ownership.BROKEN)

    return is_ours


def _aside(link: Link) -> str:
    """The name that a link has for the moment of its removal."""
    directory = posixpath.dirname(link.target)
    return f"{directory}/{GOING}{link.link_id}" if directory else f"{GOING}{link.link_id}"


def _remove_empty_folders(catalog: Catalog, inside: Inside, links: Sequence[Link]) -> None:
    """Directories that we made for one model go with its last link; those that the application lists stay,
    whatever they are called."""
    ways = {(posixpath.dirname(link.target), posixpath.dirname(link.source)) for link in links}
    ways = {(target, source) for target, source in ways if target}
    if not ways:
        return
    rules = _rules(catalog, links[0].app_id)
    folders = {folder for target, source in ways for folder in _own_folders(target, source)}
    folders |= {folder for target, _ in ways for folder in _of_publishers(target, rules)}
    listed = {rule.target for rule in rules}
    for directory in sorted(
        folders, key=len, reverse=True
    ):  # what is inside of another comes first
        if any(_below(directory, one) is not None for one in listed) and directory not in listed:
            with suppress(ModelLibraryError):  # it became a symlink: then it is not ours
                inside.remove_empty(directory)


def _own_folders(target: str, source: str) -> Iterator[str]:
    """Directories of a link, inside out, that are called like those of the model; the outermost may have a
    part of its digest behind its name."""
    while target and source:
        name, own = posixpath.basename(target), posixpath.basename(source)
        if name != own and not name.startswith(f"{own}-"):
            return
        yield target
        target, source = posixpath.dirname(target), posixpath.dirname(source)


def _of_publishers(directory: str, rules: Iterable[Rule]) -> Iterator[str]:
    """The directories of a repository and its publisher, where a rule makes such."""
    for rule in rules:
        inner = _below(directory, rule.target) if rule.layout is Layout.REPOSITORY else None
        if inner is None:
            continue
        while inner:
            yield posixpath.join("" if rule.target == HERE else rule.target, inner)
            inner = posixpath.dirname(inner)


def _below(directory: str, target: str) -> str | None:
    """The way from the directory of a rule to one below it."""
    if target == HERE:
        return directory
    return directory[len(target) + 1 :] if directory.startswith(f"{target}/") else None


def _rules(catalog: Catalog, app_id: str) -> tuple[Rule, ...]:
    """All rules of the profile of an application; none while it cannot be read."""
    from model_library.profiles.choosing import choose_profile  # rarely needed

    app = catalog.links.app(app_id)
    try:
        profile = choose_profile(app.kind, app.version, app.variant, catalog.directory / "profiles")
    except ModelLibraryError:
        return ()
    return (*profile.rules, *profile.off)
