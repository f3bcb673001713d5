"""After a crash: what was begun with links and neither finished nor undone, is.

Callers hold the library's lock: what is unsettled while somebody holds it belongs to the dead.
"""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter

from model_library.errors import (
    ModelLibraryError,
)
from model_library.events import Listener, Notice
from model_library.giving_way import put_back
from model_library.library import Catalog
from model_library.link_registry import App, Link
from model_library.linking import LinkTexts, is_as_made, opened
from model_library.taxonomy import LinkState
from model_library.unlinking import aside_is_ours, clear_aside, remove_link


def settle(catalog: Catalog, listener: Listener) -> None:
    """Finish or undo what was begun with links by a process that is dead. What cannot be settled now (the
    application is not there, or cannot be written to) waits, and is said."""
    if not catalog.links.has_unsettled():
        return
    apps = {app.app_id: app for app in catalog.links.apps()}
    links = sorted(catalog.links.unsettled(), key=attrgetter("app_id"))
    for app_id, group in groupby(links, attrgetter("app_id")):
        some = list(group)
        try:
            finished = [_settle_one(catalog, apps[app_id], link) for link in some]
        except ModelLibraryError as error:
            message = f"Interrupted linking in {app_id} cannot be settled yet: {error}"
            listener(Notice(error.code, message, error.hint))
            continue
        listener(
            Notice(
                "links-settled",
                f"Interrupted linking in {app_id} was settled: {finished.count(True)} finished,"
                f" {finished.count(False)} undone",
            )
        )


def _settle_one(catalog: Catalog, app: App, link: Link) -> bool:
    """Whether the link's act was finished; else it is undone. Its row goes last of all, so that this can be
    interrupted as well. Raises what says that it has to wait."""
    with opened(catalog, app) as inside:
        if link.state is LinkState.REMOVING:
            clear_aside(catalog, inside, link, aside_is_ours(catalog, inside, link))
            remove_link(catalog, inside, link)
            catalog.links.forget([link.link_id])
            return True
        texts = LinkTexts(catalog, app)
        clear_aside(catalog, inside, link, lambda seen: is_as_made(catalog, link, seen, texts))
        seen = inside.look(link.target)
        if seen is not None and is_as_made(catalog, link, seen, texts):
            catalog.links.made([(link.link_id, seen.link_text, seen.device, seen.inode)])
            return True
    _undo_room(catalog, app, link)
    catalog.links.forget([link.link_id])
    return False


def _undo_room(catalog: Catalog, app: App, undone: Link) -> None:
    """A file that gave way to a link that did not come returns to its name, if that is free."""
    for replaced in reversed(catalog.links.replaced(app.app_id)):
        if (replaced.link_id, replaced.target) != (undone.link_id, undone.target):
            continue
        with opened(catalog, app) as inside:
            kept, now = inside.look(replaced.kept), inside.look(replaced.target)
        if kept is None:
            catalog.links.forget_replaced([replaced.replaced_id])
        elif now is None:
            put_back(catalog, app, replaced)
        return
