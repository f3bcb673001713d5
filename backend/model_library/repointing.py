"""Links follow their bytes: each is replaced by one that says where the bytes are now.

The links and where they are to lead are written down first; a process that dies in the middle leaves every
link as it was, as it should be, or away, and the next start makes the rest. Only a link that still is
exactly the one in the registry gives way. Callers hold the library's lock.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

from model_library.errors import LinkConflictError, ModelLibraryError
from model_library.io.inside import Inside, Seen
from model_library.library import Catalog
from model_library.link_registry import App, Link
from model_library.linking import LinkTexts, make_link, opened, source_path
from model_library.methods import MethodChoice, choose_method
from model_library.publishing import EXCLUSIVE_JOB
from model_library.roots import LINKS_RIGHT
from model_library.taxonomy import LinkMethod, LinkPreference, LinkState
from model_library.unlinking import clear_aside, take_away

REPOINT: Final = "repoint"
"""Action in the journal."""


@dataclass(slots=True)
class Repointed:
    """What became of links that were to lead somewhere else."""

    remade: list[Link] = field(default_factory=list)
    left: list[tuple[Link, str]] = field(default_factory=list)
    """What was not replaced, and why."""


class Methods:
    """How links of one sort are made between an application and a root; each pair is looked at once."""

    def __init__(self, catalog: Catalog) -> None:
        self._library = catalog.directory
        self._known: dict[tuple[Path, Path, LinkPreference], MethodChoice] = {}

    def fitting(self, link: Link, app: App, root: Path) -> Link:
        """The link by the method that suits where its application and its root are: a symlink stays
        one wherever that is possible. Raises LinkConflictError when nothing can be linked there."""
        hard = link.method is LinkMethod.HARD_LINK
        preference = LinkPreference.HARD_LINK if hard else LinkPreference.SYMLINK
        key = (app.path, root, preference)
        if key not in self._known:
            self._known[key] = choose_method(app.path, root, preference, library=self._library)
        choice = self._known[key]
        if choice.method is None:
            raise LinkConflictError(choice.warnings[0].message, path=app.path / link.target)
        return replace(link, method=choice.method, external=choice.external)


def repoint(
    catalog: Catalog, links: Sequence[Link], *, moved: tuple[str, Path] | None = None
) -> Repointed:
    """Replace links of the registry by what they are to be: with another source or method than the
    registry knows, or, where a root has `moved` (its id and its new place), with another text.

    Raises what `Roots.relocate` raises; then nothing was changed.
    """
    payload: dict[str, Any] = {"links": [link.link_id for link in links]}
    if moved is not None:
        payload |= {"root_id": moved[0], "path": str(moved[1])}
        catalog.roots.relocatable(*moved)
    entries = catalog.registry.begin(EXCLUSIVE_JOB, [(REPOINT, payload)])
    catalog.links.repoint(links)
    outcome = finish_repointing(catalog, payload)
    catalog.registry.finish(entries)
    return outcome


def finish_repointing(catalog: Catalog, payload: Mapping[str, Any]) -> Repointed:
    """Do what the journal says, also again. What cannot be done now is left to a repair."""
    if "path" in payload:
        catalog.roots.relocate(str(payload["root_id"]), Path(payload["path"]))
    outcome = Repointed()
    links = [link for link in catalog.links.by_ids(payload["links"]) if _is_settled(link)]
    apps = {app.app_id: app for app in catalog.links.apps()}
    links.sort(key=attrgetter("app_id"))
    for app_id, group in groupby(links, attrgetter("app_id")):
        _repoint_in(catalog, apps[app_id], list(group), outcome)
    if "path" in payload:
        catalog.roots.note_places(LINKS_RIGHT, [str(payload["root_id"])])
    return outcome


def _is_settled(link: Link) -> bool:
    return link.state is LinkState.MADE


def _repoint_in(catalog: Catalog, app: App, links: Sequence[Link], outcome: Repointed) -> None:
    try:
        inside = opened(catalog, app)
    except ModelLibraryError as error:
        outcome.left += [(link, error.message) for link in links]
        return
    with inside:
        texts = LinkTexts(catalog, app)
        proofs: list[tuple[int, str | None, int, int]] = []
        for link in links:
            try:
                seen = _replace(catalog, inside, link, texts)
            except ModelLibraryError as error:
                outcome.left.append((link, error.message))
                continue
            proofs.append((link.link_id, seen.link_text, seen.device, seen.inode))
            outcome.remade.append(link)
        for directory in sorted({posixpath.dirname(link.target) for link in outcome.remade}):
            inside.sync(directory)
        catalog.links.made(proofs)


def _replace(catalog: Catalog, inside: Inside, link: Link, texts: LinkTexts) -> Seen:
    """Make one link what it is to be. Raises LinkConflictError for what is not ours, FileError."""
    text = None if link.method is LinkMethod.HARD_LINK else texts.of(link)
    clear_aside(catalog, inside, link, lambda found: _is_registered(link, found))
    seen = inside.look(link.target)
    if seen is None:
        inside.make_directories(posixpath.dirname(link.target))
        return make_link(catalog, inside, link, texts)
    if _is_done(catalog, link, seen, text):
        return seen
    if not _is_registered(link, seen) or not take_away(catalog, inside, link, seen):
        raise LinkConflictError(
            "Something that is not ours has its name", path=inside.top / link.target
        )
    try:
        return make_link(catalog, inside, link, texts)
    except ModelLibraryError:
        if link.link_text is not None:
            inside.symlink(link.link_text, link.target)  # what cannot be better is as it was
        raise


def _is_registered(link: Link, seen: Seen) -> bool:
    """Whether it is the symlink that the registry knows."""
    return seen.link_text is not None and seen.link_text == link.link_text


def _is_done(catalog: Catalog, link: Link, seen: Seen, text: str | None) -> bool:
    if text is not None:
        return seen.link_text == text
    try:
        source = source_path(catalog, link).stat()
    except OSError:  # then it is not the second name of a file that is there
        return False
    same = (source.st_dev, source.st_ino) == (seen.device, seen.inode)
    return same and seen.kind == "file" and seen.links > 1
