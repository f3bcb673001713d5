"""The operations on what is broken or has moved; `Library` has them from here.

When a library opens and a root, or the library itself, is not where it was when the links were last right,
the links that lead nowhere are healed by a thread while the caller works; closing the library waits for it.
A process that dies before leaves it to the next one.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from model_library.api.library_part import LibraryPart
from model_library.api.shapes_health import (
    HealthJson,
    RelocationJson,
    RepairJson,
)
from model_library.errors import InvalidValueError, ModelLibraryError
from model_library.events import Notice
from model_library.roots import EXAMINED, LINKS_RIGHT, Move

if TYPE_CHECKING:
    from model_library.api.catching_up import CatchingUp
    from model_library.api.fixing import Chosen
    from model_library.health import HealthReport
    from model_library.link_check import AppCheck
    from model_library.repair import Repair


class HealthOperations(LibraryPart):
    """What `Library` inherits."""

    _healing: threading.Thread | None = None

    # --- moves -------------------------------------------------------------------------------------

    def _notice_moves(self) -> None:
        """When the library opens: remember where its roots are, and let the links follow those that moved
        since."""
        catalog = self._catalog
        if catalog.read_only:
            return
        for occasion in (LINKS_RIGHT, EXAMINED):
            catalog.roots.note_new(occasion)
        moves = catalog.roots.moved_since(LINKS_RIGHT)
        if not moves:
            return
        if not catalog.links.apps():
            catalog.roots.note_places(LINKS_RIGHT, moves)
            return
        self._healing = threading.Thread(target=self._heal_moved, args=[moves], name="healing")
        self._healing.start()

    def _wait_for_healing(self) -> None:
        if self._healing is not None:
            self._healing.join()
            self._healing = None

    def _heal_moved(self, moves: Mapping[str, Move]) -> None:
        from model_library.repair import heal_moved

        try:
            links, done = heal_moved(self._catalog, moves)
            self._catalog.roots.note_places(LINKS_RIGHT, moves)
        except ModelLibraryError as error:  # the next start tries again
            message = f"The links could not follow what moved: {error}"
            self._listener(Notice(error.code, message, error.hint))
            return
        if links:
            self._listener(_followed(moves, links, done))

    # --- health ------------------------------------------------------------------------------------

    def health(self, *, fix: bool = False, findings: Sequence[str] = ()) -> HealthJson:
        """What is broken, missing, away, not ours or not linked yet; with `fix` after what can be healed
        was healed and what could be linked was linked.

        `findings`: fix only those with these ids, or all with these codes. Raises LibraryBusyError,
        LibraryReadOnlyError (to fix), InvalidValueError (no such finding, or none that can be fixed).
        """
        from model_library.api.catching_up import CatchingUp
        from model_library.api.fixing import choose
        from model_library.api.health_documents import health_json

        started = time.perf_counter()
        catalog = self._catalog
        if findings and not fix:
            raise InvalidValueError(
                "Findings are named to be fixed", hint="`model-library health` shows all of them."
            )
        catching = CatchingUp(catalog, self._listener, self._indexed)
        chosen = None
        if findings:
            catalog.require_writable()
            chosen = choose(self._examined(catching).findings, findings, catalog.links.links)
        repaired = self._repaired(dry_run=False, twins=False, chosen=chosen) if fix else None
        caught_up = catching.catch_up(chosen) if fix else []
        moves = catalog.roots.moved_since(EXAMINED)
        report = self._examined(catching)
        if moves and not catalog.read_only:
            catalog.roots.note_places(EXAMINED, moves)
        result = health_json(report, _since(started))
        if repaired is not None:
            result["repair"] = repaired
            result["caught_up"] = caught_up
        return result

    def _examined(self, catching: CatchingUp) -> HealthReport:
        from model_library.health import examine

        self._wait_for_healing()
        catalog = self._catalog
        moves = catalog.roots.moved_since(EXAMINED)
        waiting = catching.findings()
        return self._indexed(lambda: examine(catalog, moves, waiting))

    def link_repair(self, *, dry_run: bool = False) -> RepairJson:
        """Make links lead to their bytes again: by the root's id, then by content anywhere in the library.
        An application that was moved is noted where it is. Other than `health --fix` this also takes over
        working links that lead into another copy of this library.

        Raises LibraryBusyError, LibraryReadOnlyError (unless dry).
        """
        return self._repaired(dry_run=dry_run, twins=True)

    def _repaired(self, *, dry_run: bool, twins: bool, chosen: Chosen | None = None) -> RepairJson:
        from model_library.api.health_documents import repair_json
        from model_library.link_check import check_apps
        from model_library.repair import plan_repair

        started = time.perf_counter()
        catalog = self._catalog
        if not dry_run:
            catalog.require_writable()
        self._wait_for_healing()
        checks = check_apps(catalog, {})
        moved = [check for check in checks if check.app.path != check.was]
        only = None
        if chosen is not None:
            only = chosen.links
            moved = [check for check in moved if check.app.app_id in chosen.moved]
        self._find_moved_by_hand(checks, only)
        if dry_run:
            done = self._indexed(lambda: plan_repair(catalog, checks, twins=twins))
        else:
            done = self._repair(moved, twins=twins, only=only)
        return repair_json(
            done, catalog.links.apps(), moved, dry_run=dry_run, took_ms=_since(started)
        )

    def _find_moved_by_hand(self, checks: Sequence[AppCheck], only: Collection[int] | None) -> None:
        """Look for the models of broken links (`only`: of these), also before a dry run: the index only
        remembers what is there, and both are to find the same."""
        from model_library.link_check import Condition
        from model_library.scanner import quick_scan

        broken = any(
            checked.condition is Condition.BROKEN
            for check in checks
            for checked in check.links
            if only is None or checked.link.link_id in only
        )
        if broken and not self._catalog.read_only:
            self._indexed(lambda: quick_scan(self._catalog))

    def _repair(
        self, moved: Sequence[AppCheck], *, twins: bool, only: Collection[int] | None
    ) -> Repair:
        from model_library.repair import repair
        from model_library.version_manager import relocate_app

        catalog = self._catalog
        for check in moved:
            app = next(one for one in catalog.links.apps() if one.app_id == check.app.app_id)
            try:
                relocate_app(catalog, app, check.app.path)
            except ModelLibraryError as error:
                self._listener(Notice(error.code, str(error), error.hint))
        done = self._indexed(lambda: repair(catalog, self._listener, twins=twins, only=only))
        if only is None:
            catalog.roots.note_places(LINKS_RIGHT)
        return done

    # --- roots -------------------------------------------------------------------------------------

    def relocate_root(
        self, old: str, new: str | os.PathLike[str], *, dry_run: bool = False
    ) -> RelocationJson:
        """Say where a root is now; the links into it follow.

        `old`: its id, a beginning of it, or the path where it was. `dry_run` only says what would be
        done. Raises RootNotFoundError, RootConflictError, RootError, LibraryBusyError.
        """
        from model_library.api.health_documents import relocation_json
        from model_library.relocation import plan_relocation, relocate

        self._wait_for_healing()
        catalog, path = self._catalog, Path(new)
        if dry_run:
            done = self._indexed(lambda: plan_relocation(catalog, old, path))
        else:
            catalog.require_writable()
            done = self._indexed(lambda: relocate(catalog, old, path))
        return relocation_json(done, catalog.links.apps(), dry_run=dry_run)


def _followed(moves: Mapping[str, Move], links: int, done: Repair) -> Notice:
    where = ", ".join(sorted({str(move.now) for move in moves.values()}))
    parts = [
        f"made to follow: {len(done.healed)}" if done.healed else "",
        f"not leading to their files: {len(done.left)}" if done.left else "",
    ]
    state = ", ".join(part for part in parts if part) or "all lead to their files"
    hint = "`model-library health` says more." if done.left else ""
    return Notice("links-followed", f"Moved to {where}; links into it: {links}, {state}", hint)


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 3)
