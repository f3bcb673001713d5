"""The operations on links; `Library` has them from here."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from model_library.api.library_part import LibraryPart
from model_library.api.shapes_linking import (
    CleanJson,
    LinkJson,
    PreviewJson,
    ProfileJson,
    PutBackJson,
    ReplacedJson,
    SyncJson,
)
from model_library.errors import InvalidValueError, LinkConflictError, ModelLibraryError
from model_library.library import Catalog
from model_library.taxonomy import OnConflict

if TYPE_CHECKING:
    from pathlib import Path

    from model_library.link_registry import App, Replaced

NO_CHOICES: Mapping[str, str] = MappingProxyType({})


class LinkingOperations(LibraryPart):
    """What `Library` inherits."""

    def link_preview(
        self, app: str, *, model_ids: Sequence[str] | None = None, prune: bool = False
    ) -> PreviewJson:
        """What `link_sync` would do now; nothing is written.

        Raises AppNotFoundError, AppOfflineError, ProfileError, ModelNotFoundError, AmbiguousModelIdError.
        """
        from model_library.api.link_documents import LinkDocuments
        from model_library.mapper import Mapper
        from model_library.version_manager import refreshed_app

        catalog = self._catalog
        installation = refreshed_app(catalog, catalog.links.app(app))
        plan = self._indexed(
            lambda: Mapper(catalog, self._listener).preview(
                installation, model_ids=_resolved(catalog, model_ids), prune=prune
            )
        )
        return LinkDocuments(catalog).preview(plan)

    def link_sync(
        self,
        app: str,
        *,
        only: Sequence[str] = (),
        on_conflict: str = OnConflict.SKIP.value,
        choices: Mapping[str, str] = NO_CHOICES,
        prune: bool = False,
        accept: Sequence[str] = (),
    ) -> SyncJson:
        """Make the links of an application what its profile wants; see `Mapper.sync`.

        `only`: for these models; `choices`: what to do about single targets; `accept`: directories that
        the preview offered. Raises what `link_preview` raises, InvalidValueError, LibraryBusyError.
        """
        from model_library.api.link_documents import LinkDocuments
        from model_library.mapper import Mapper
        from model_library.version_manager import refreshed_app

        catalog = self._catalog
        catalog.require_writable()
        installation = refreshed_app(catalog, catalog.links.app(app))
        choice = _choice(on_conflict)
        single = {target: _choice(word) for target, word in choices.items()}
        started = time.perf_counter()
        report = self._indexed(
            lambda: Mapper(catalog, self._listener).sync(
                installation,
                model_ids=_resolved(catalog, only or None),
                on_conflict=choice,
                per_target=single,
                prune=prune,
                accept_directories=accept,
                progress=self._listener,
            )
        )
        took_ms = round((time.perf_counter() - started) * 1000, 3)
        return LinkDocuments(catalog).sync(report, took_ms)

    def link_clean(self, app: str) -> CleanJson:
        """Take all our links out of an application; nothing else in it is touched.

        Raises AppNotFoundError, AppOfflineError, LibraryBusyError.
        """
        from model_library.api.link_documents import LinkDocuments
        from model_library.mapper import Mapper
        from model_library.version_manager import refreshed_app

        catalog = self._catalog
        catalog.require_writable()
        installation = refreshed_app(catalog, catalog.links.app(app))
        done = Mapper(catalog, self._listener).clean(installation)
        return LinkDocuments(catalog).clean(installation, done)

    def link_list(self, app: str | None = None, model: str | None = None) -> Sequence[LinkJson]:
        """The links that we made: all, those of an application, of a model, or of both.

        Raises AppNotFoundError, ModelNotFoundError, AmbiguousModelIdError.
        """
        from model_library.api.link_documents import LinkDocuments

        catalog = self._catalog
        apps = {one.app_id: one for one in catalog.links.apps()}
        app_id = None if app is None else catalog.links.app(app).app_id
        model_ids = None
        if model is not None:
            model_ids = self._indexed(lambda: _resolved(catalog, [model]))
        documents = LinkDocuments(catalog)
        return [
            documents.link(apps[one.app_id], one)
            for one in catalog.links.links(app_id, model_ids=model_ids)
        ]

    def link_replaced(self, app: str) -> Sequence[ReplacedJson]:
        """The files that gave way to links of an application, and where they are kept."""
        from model_library.api.link_documents import replaced_json

        installation = self._catalog.links.app(app)
        found = self._catalog.links.replaced(installation.app_id)
        return [replaced_json(installation, one) for one in found]

    def link_put_back(self, app: str, targets: Sequence[str]) -> PutBackJson:
        """Return files that gave way to links to their names; no target means all of them. A target is the name
        (then the last file that gave way there) or the path where the very file is kept.

        Raises AppNotFoundError, AppOfflineError, InvalidValueError, LibraryBusyError.
        """
        from model_library.giving_way import put_back

        def act(installation: App, one: Replaced) -> int:
            try:
                put_back(self._catalog, installation, one)
            except LinkConflictError as error:
                error.hint = "Move away what has the name, then put it back again."
                raise
            return 0

        return self._with_replaced(app, targets, act)

    def link_purge(self, app: str, targets: Sequence[str]) -> PutBackJson:
        """Free the space of files that gave way to links: there is no way back. No target means all that
        were overwritten or adopted; one that was only renamed is the user's to delete. `targets` as in `link_put_back`.

        Raises AppNotFoundError, AppOfflineError, InvalidValueError, LibraryBusyError.
        """
        from model_library.giving_way import purge_replaced

        def act(installation: App, one: Replaced) -> int:
            return purge_replaced(self._catalog, installation, one)

        return self._with_replaced(app, targets, act, skipped=OnConflict.RENAME)

    def profiles(self) -> Sequence[ProfileJson]:
        """All app profiles, the built-in ones and the user's, with what is wrong with them."""
        from model_library.api.link_documents import profile_json
        from model_library.profiles.choosing import available
        from model_library.surveying import user_profiles

        return [profile_json(info) for info in available(user_profiles(self._catalog))]

    def _with_replaced(
        self,
        app: str,
        targets: Sequence[str],
        act: Callable[[App, Replaced], int],
        *,
        skipped: OnConflict | None = None,
    ) -> PutBackJson:
        """Act on replaced files one by one; each is there or not, whatever happens to the others."""
        from model_library.api.link_documents import failed_json
        from model_library.linking import Failure, opened
        from model_library.settling import settle

        catalog = self._catalog
        catalog.require_writable()
        installation = catalog.links.app(app)
        with catalog.exclusive():
            settle(catalog, self._listener)
        with opened(catalog, installation):
            known = catalog.links.replaced(installation.app_id)
            chosen = _replaced(installation.path, known, targets, skipped)
        result = PutBackJson(app=installation.app_id, done=[], freed=0, failed=[])
        for one in chosen:
            try:
                with catalog.exclusive():
                    result["freed"] += act(installation, one)
            except ModelLibraryError as error:
                result["failed"].append(failed_json(Failure(one.target, "", error)))
            else:
                result["done"].append(one.target)
        return result


def _resolved(catalog: Catalog, prefixes: Sequence[str] | None) -> list[str] | None:
    return None if prefixes is None else [catalog.resolve(prefix) for prefix in prefixes]


def _choice(word: str) -> OnConflict:
    if word not in set(OnConflict):
        possible = ", ".join(OnConflict)
        raise InvalidValueError(
            f"{word!r} is no way with a conflict", hint=f"Possible: {possible}."
        )
    return OnConflict(word)


def _replaced(
    app: Path, known: Sequence[Replaced], targets: Sequence[str], skipped: OnConflict | None
) -> list[Replaced]:
    """The files that were asked for, the newest of a name first. Several may have given way under one name, and
    only the path where it is kept tells one from the other. Raises InvalidValueError."""
    newest_first = list(reversed(known))
    if not targets:
        return [one for one in newest_first if one.reason != skipped]
    by_target = {one.target: one for one in known}
    by_name = by_target | {str(app / one.kept): one for one in known}
    for target in targets:
        if target not in by_name:
            names = ", ".join(by_target) or "none"
            raise InvalidValueError(
                f"{target!r} gave way to no link", hint=f"Those that did: {names}."
            )
    return list(dict.fromkeys(by_name[target] for target in targets))
