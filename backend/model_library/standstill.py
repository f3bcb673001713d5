"""Whether anything changed since the last sync of all models that left nothing open.

A sync of all models reads every record, which is slow for nothing. What such a sync went by is remembered as
one hash in the registry: the models, the profile, the application, the roots and the links. While it is the
same, only the links themselves and every `overrides.json` have to be looked at. Nothing is lost with it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from model_library.errors import ModelLibraryError
from model_library.io.inside import Inside
from model_library.io.validator import Caution
from model_library.library import Catalog
from model_library.link_registry import App, LinkProof
from model_library.profiles.choosing import contents
from model_library.surveying import OVERRIDES, Surveyor, user_profiles
from model_library.taxonomy import LinkMethod, LinkState

_SETTING: Final = "synced:"
"""Begins the name of the setting of an application, before its id."""
_FORMAT: Final = 2
"""Raised when the same would be planned otherwise."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """There is nothing to do, and what the sync before this one said."""

    kept: int
    excluded: int
    warnings: tuple[Caution, ...]


class Standstill:
    """What a sync of all models goes by, as it was when this was made."""

    def __init__(self, catalog: Catalog, app: App, surveyor: Surveyor) -> None:
        """Raises ProfileError, IndexDamagedError."""
        self._catalog = catalog
        self._app = app
        self._outline = catalog.index.outline()
        self._base = [
            _FORMAT,
            _program(),
            (app.kind, app.version, app.variant, str(app.path), str(surveyor.profile.name)),
            contents(user_profiles(catalog)),
            sorted(surveyor.existing),
            [(root.root_id, str(root.path), root.online) for root in catalog.roots],
            self._outline,
        ]

    def quiet(self, inside: Inside) -> Quiet | None:
        """What is to be said when nothing is to be done; None when that has to be found out."""
        remembered = self._catalog.registry.settings(_SETTING).get(self._app.app_id)
        if remembered is None:
            return None
        known: dict[str, Any] = json.loads(remembered)
        links = self._catalog.links.proofs(self._app.app_id)
        if known.get("stamp") != self._stamp(links):
            return None
        if known["overrides"] != self._overrides(links, known["overrides"]):
            return None
        if not _are_there(inside, links):
            return None
        warnings = tuple(
            Caution(code, message, hint, None if path is None else Path(path))
            for code, message, hint, path in known["warnings"]
        )
        return Quiet(len(links), known["excluded"], warnings)

    def remember(
        self, excluded: int, warnings: Sequence[Caution], overrides: Iterable[str]
    ) -> None:
        """Note that everything is as it should be; `overrides`: the files that restrict models."""
        value = {
            "stamp": self._stamp(self._catalog.links.proofs(self._app.app_id)),
            "excluded": excluded,
            "overrides": {path: _time_and_size(path) for path in overrides},
            "warnings": [
                (one.code, one.message, one.hint, None if one.path is None else str(one.path))
                for one in warnings
            ],
        }
        name, text = f"{_SETTING}{self._app.app_id}", json.dumps(value)
        if self._catalog.registry.settings(name).get("") != text:
            self._catalog.registry.set_setting(name, text)

    def _stamp(self, links: Sequence[LinkProof]) -> str:
        return _hash([*self._base, links])

    def _overrides(
        self, links: Sequence[LinkProof], known: Mapping[str, object]
    ) -> dict[str, object]:
        """The files that restrict linked models, and what became of those that were known."""
        tops = {root.root_id: str(root.metadata_directory) for root in self._catalog.roots}
        linked = {link[1] for link in links}
        paths = (
            f"{tops[root_id]}/{location}/{OVERRIDES}"
            for model_id, root_id, location, _, _ in self._outline
            if model_id in linked and root_id in tops
        )
        found = {path for path in paths if os.access(path, os.F_OK)}
        return {path: _time_and_size(path) for path in found.union(known)}


def _are_there(inside: Inside, links: Sequence[LinkProof]) -> bool:
    """Whether every link is there as it was made."""
    texts: dict[str, dict[str, str | None]] = {}
    for _, _, _, _, target, method, text, inode, state in links:
        directory, _, name = target.rpartition("/")
        if directory not in texts:
            try:
                texts[directory] = inside.symlinks(directory)
            except ModelLibraryError:
                return False  # the plan says what is wrong with it
        if state != LinkState.MADE or name not in texts[directory]:
            return False
        if method == LinkMethod.HARD_LINK:
            seen = inside.look(target)
            if seen is None or (seen.kind, seen.inode) != ("file", inode):
                return False
        elif texts[directory][name] != text:
            return False
    return True


def _time_and_size(path: str) -> object:
    try:
        status = os.stat(path)  # noqa: PTH116 - beside the look-up of thousands
    except OSError:
        return None
    return [status.st_mtime_ns, status.st_size]


def _hash(parts: Sequence[object]) -> str:
    """Of values whose `repr` is the same in every process: no sets, no objects."""
    return hashlib.blake2b(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _program() -> int:
    """When this program was installed: another version may plan otherwise."""
    return Path(__file__).stat().st_mtime_ns
