"""After a change of models their links in every application follow, also when the change was interrupted.

What is to be done is in the journal before the change begins. When the change fails, every application is
synced, which finds out by itself what is to be done; when its process dies, the next start does so.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from model_library.errors import ModelLibraryError
from model_library.events import Listener, Notice
from model_library.library import Catalog


@contextmanager
def relinked(catalog: Catalog, listener: Listener) -> Iterator[list[str]]:
    """Run a change that puts the ids of the models that it touched into the list it is given."""
    changed: list[str] = []
    if not catalog.links.apps():
        yield changed
        return
    from model_library.publishing import RELINK, job  # finding models does not need it

    with job(catalog, listener) as work:
        entries = catalog.registry.begin(work.name, [(RELINK, {})])
        try:
            yield changed
        except ModelLibraryError:
            if _synced(catalog, listener, None):  # nobody says how far it came
                catalog.registry.finish(entries)
            raise
        if _synced(catalog, listener, changed):
            catalog.registry.finish(entries)


def relink_after_crash(catalog: Catalog, listener: Listener) -> None:
    """Sync everything when a change was interrupted before its links were."""
    from model_library.publishing import RELINK  # finding models does not need it

    entries = [
        entry.entry_id
        for entry in catalog.registry.unfinished()
        if entry.action == RELINK and not catalog.lock_path(entry.job).exists()
    ]
    if entries and _synced(catalog, listener, None):
        catalog.registry.finish(entries)


def _synced(catalog: Catalog, listener: Listener, model_ids: list[str] | None) -> bool:
    """Whether the links of these models (None: of all) are right now; if not, it is said, and the next start
    tries again: the change itself is done."""
    from model_library.mapper import Mapper

    if model_ids is not None and not model_ids:
        return True
    try:
        reports = Mapper(catalog, listener).sync_models(model_ids)
    except (ModelLibraryError, OSError, ValueError) as error:  # also what no system can do
        message = f"The links in the applications could not be brought up to date: {error}"
        listener(Notice("links-not-followed", message, "`model-library link sync APP` says more."))
        return False
    for report in reports:
        for failure in report.failed:
            listener(Notice(failure.error.code, str(failure.error), failure.error.hint))
    return True
