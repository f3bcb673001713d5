"""The operations on what is broken or has moved; `Library` has them from here."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from model_library.api.shapes_health import RelocationJson
from model_library.events import Listener
from model_library.library import Catalog
from model_library.roots import LINKS_RIGHT

T = TypeVar("T")


class HealthOperations:
    """What `Library` inherits; it brings these attributes."""

    _catalog: Catalog
    _listener: Listener

    if TYPE_CHECKING:

        def _indexed(self, operation: Callable[[], T]) -> T: ...

    def _notice_moves(self) -> None:
        """When the library opens: remember where its roots are, by which a move is noticed."""
        catalog = self._catalog
        if not catalog.read_only and not catalog.roots.moved_since(LINKS_RIGHT):
            catalog.roots.note_places(LINKS_RIGHT)

    def relocate_root(
        self, old: str, new: str | os.PathLike[str], *, dry_run: bool = False
    ) -> RelocationJson:
        """Say where a root is now; the links into it follow.

        `old`: its id, a beginning of it, or the path where it was. `dry_run` only says what would be
        done. Raises RootNotFoundError, RootConflictError, RootError, LibraryBusyError.
        """
        from model_library.api.health_documents import relocation_json
        from model_library.relocation import plan_relocation, relocate

        catalog, path = self._catalog, Path(new)
        if dry_run:
            done = self._indexed(lambda: plan_relocation(catalog, old, path))
        else:
            catalog.require_writable()
            done = self._indexed(lambda: relocate(catalog, old, path))
        return relocation_json(done, catalog.links.apps(), dry_run=dry_run)
