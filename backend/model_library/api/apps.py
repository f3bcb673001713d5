"""The operations on applications; `Library` has them from here."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model_library.api.library_part import LibraryPart
from model_library.api.shapes_apps import (
    AppAddedJson,
    AppJson,
    AppRemovedJson,
    FoundAppJson,
    KeptFileJson,
    LeftLinkJson,
    PurgedAppsJson,
    TrashedAppJson,
)
from model_library.api.shapes_jobs import JobJson
from model_library.errors import InvalidValueError, ModelLibraryError
from model_library.events import Listener
from model_library.taxonomy import JobKind

if TYPE_CHECKING:
    from model_library.link_registry import App
    from model_library.mapper import SyncReport
    from model_library.running_job import RunningJob
    from model_library.version_manager import Added


class AppOperations(LibraryPart):
    """What `Library` inherits."""

    def app_add(
        self,
        kind: str,
        path: str | os.PathLike[str],
        *,
        version: str | None = None,
        variant: str = "",
        sync: bool = True,
        dry_run: bool = False,
    ) -> AppAddedJson:
        """Recognise an installation, add it and link the models into it.

        `version` counts where the installation states none. Without `sync` nothing is linked into it, also not
        after imports, until `link_sync` is asked for. `dry_run` changes nothing and shows what
        would be linked. Raises ProfileError, InvalidValueError, NotAnInstallationError, AppConflictError,
        SourceUnreadableError, TargetReadOnlyError, LibraryBusyError, and the error of the first link when
        not a single one can be made; the application is then as it was and not added.
        """
        from model_library.version_manager import add_app, prepare_app, remove_app

        if not os.fspath(path).strip():
            raise InvalidValueError("No directory was named", hint="Give that of the application.")
        place = Path(path).absolute()
        if dry_run:
            prepared = prepare_app(self._catalog, kind, place, version, variant)
            return self._document(prepared, None, dry_run=True)
        self._catalog.require_writable()
        added = add_app(self._catalog, kind, place, version, variant)
        try:
            synced = self._first_sync(added, sync=sync)
            if synced is not None:
                _require_a_link(synced[0])
            return self._document(added, synced)
        except ModelLibraryError:
            if added.was is None:
                remove_app(self._catalog, added.app)
            raise

    def app_install(
        self,
        kind: str,
        *,
        version: str,
        source: str,
        variant: str = "",
        sync: bool = True,
        cancelled: threading.Event | None = None,
    ) -> AppAddedJson:
        """Clone the tag of a version from a git URL or path into the library, and add it.

        Raises InstallError and SourceNotFoundError besides what `app_add` raises. An address with a password
        is used and nowhere kept: such an installation is no job.
        """
        from model_library.io.git import has_password

        self._catalog.require_writable()
        if has_password(source):
            return self._installed(kind, version, source, variant, sync, self._listener)
        title, parameters = self._install_parameters(kind, version, source, variant, sync=sync)
        with self._jobs.running(
            JobKind.INSTALL, title, parameters, self._listener, cancelled=cancelled
        ) as work:
            return self._install_job(work)

    def queue_install(
        self, kind: str, *, version: str, source: str, variant: str = "", sync: bool = True
    ) -> JobJson:
        """Put an installation in the queue. Raises InvalidValueError, ProfileError, SourceNotFoundError,
        LibraryReadOnlyError."""
        from model_library.io.git import has_password

        self._catalog.require_writable()
        if has_password(source):
            raise InvalidValueError(
                "An address with a password is not kept",
                hint="Let git know it by a credential helper, or use `model-library app install`.",
            )
        title, parameters = self._install_parameters(kind, version, source, variant, sync=sync)
        return self._queued(JobKind.INSTALL, title, parameters)

    def _install_parameters(
        self, kind: str, version: str, source: str, variant: str, *, sync: bool
    ) -> tuple[str, dict[str, Any]]:
        """Title and parameters of an installation's job, proven to be a request."""
        from model_library.io.git import parse_source, parse_tag
        from model_library.profiles.choosing import choose_profile
        from model_library.profiles.recognition import parse_app_kind
        from model_library.surveying import user_profiles

        kind = parse_app_kind(kind)
        profile = choose_profile(kind, None, variant, user_profiles(self._catalog))
        parameters = {
            "app_kind": kind,
            "version": parse_tag(version),
            "source": parse_source(source),
            "variant": variant,
            "sync": sync,
        }
        return f"{profile.display} {version}", parameters

    def _install_job(self, work: RunningJob) -> AppAddedJson:
        """The body of an installation, begun or resumed."""
        kind, version, source, variant = (
            str(work.parameters[name]) for name in ("app_kind", "version", "source", "variant")
        )
        sync = work.parameters["sync"] is True
        done = self._installed(kind, version, source, variant, sync, work.listen, work.tell)
        links = 0 if done["sync"] is None else len(done["sync"]["made"])
        work.result = {"app": done["app"]["app_id"], "links": links}
        return done

    def _installed(
        self,
        kind: str,
        version: str,
        source: str,
        variant: str,
        sync: bool,
        listener: Listener,
        locked: Listener | None = None,
    ) -> AppAddedJson:
        """`locked` is told what is done under the library's lock, and must not wait."""
        from model_library.version_manager import install_app

        added = install_app(self._catalog, kind, version, source, variant, listener=listener)
        return self._document(added, self._first_sync(added, sync=sync, progress=locked))

    def app_list(self) -> Sequence[AppJson]:
        """The applications with the versions that they have now."""
        if not (apps := self._catalog.links.apps()):
            return []
        from model_library.version_manager import refreshed_app

        return [self._app(refreshed_app(self._catalog, app)) for app in apps]

    def app_edit(self, app: str, *, variant: str) -> AppJson:
        """Say which variant of its profile an application gets, "" for the usual one. Its links stay as they
        are until its next sync. Raises AppNotFoundError, ProfileError.
        """
        from dataclasses import replace

        from model_library.profiles.choosing import choose_profile
        from model_library.surveying import user_profiles
        from model_library.version_manager import refreshed_app

        catalog = self._catalog
        catalog.require_writable()
        with catalog.exclusive():
            known = refreshed_app(catalog, catalog.links.app(app))
            choose_profile(known.kind, known.version, variant, user_profiles(catalog))
            changed = replace(known, variant=variant)
            catalog.links.put_app(changed)
        return self._app(changed)

    def app_find(self, path: str | os.PathLike[str] | None = None) -> Sequence[FoundAppJson]:
        """The installations that lie in the usual places of the home directory and beside the applications
        and roots that are known; with a path those that are it or lie directly in it.

        Raises NotAnInstallationError for a path that is no directory, SourceUnreadableError.
        """
        from model_library.profiles.finding import find_installations, places_in
        from model_library.profiles.recognition import real_directory
        from model_library.surveying import user_profiles

        catalog = self._catalog
        known = {str(app.path): app.app_id for app in catalog.links.apps()}
        if path is not None:
            places = [real_directory(Path(path).absolute())]
        else:
            beside = [Path(one).parent for one in known]
            beside += [root.path.parent for root in catalog.roots if root.online and not root.home]
            places = [*places_in(Path.home()), *dict.fromkeys(beside)]
        return [
            FoundAppJson(
                kind=one.kind,
                name=one.display,
                path=str(one.path),
                version=one.version,
                app_id=known.get(str(one.path)),
            )
            for one in find_installations(places, user_profiles(catalog))
        ]

    def app_remove(self, app: str, *, trash: bool = False) -> AppRemovedJson:
        """Take our links out of an application and forget it; `trash` moves one that was installed by
        `app_install` into the trash of the library's apps.

        Raises AppNotFoundError, InvalidValueError, LinkError, LibraryBusyError.
        """
        from model_library.version_manager import remove_app

        self._catalog.require_writable()
        done = remove_app(self._catalog, self._catalog.links.app(app), trash=trash)
        return AppRemovedJson(
            app_id=done.app.app_id,
            path=str(done.app.path),
            installed=done.app.installed,
            removed=len(done.removed),
            left=[
                LeftLinkJson(target=link.target, model_id=link.model_id, reason=reason)
                for link, reason in done.left
            ],
            replaced=[
                KeptFileJson(target=one.target, kept=one.kept, size=one.size)
                for one in done.replaced
            ],
            trash=None if done.trash is None else str(done.trash),
        )

    def app_trash(self) -> Sequence[TrashedAppJson]:
        """The installed versions that `app_remove` moved to the trash, newest first."""
        from model_library.app_trash import apps_directory, size_of, trashed_apps

        return [
            TrashedAppJson(
                name=one.name,
                kind=one.kind,
                display=self._display(one.kind),
                version=one.version,
                path=str(one.directory),
                restores_to=str(apps_directory(self._catalog) / one.kind / one.version),
                size=size_of(one.directory),
                deleted=one.deleted,
            )
            for one in trashed_apps(self._catalog)
        ]

    def app_restore(self, name: str, *, sync: bool = True) -> AppAddedJson:
        """Bring a removed version back to its place, and add it again.

        Raises AppNotFoundError, TargetExistsError, and what `app_add` raises.
        """
        from model_library.app_trash import find_trashed_app, restore_app
        from model_library.version_manager import add_app, version_of_tag

        self._catalog.require_writable()
        trashed = find_trashed_app(self._catalog, name)
        place = restore_app(self._catalog, trashed)
        added = add_app(
            self._catalog, trashed.kind, place, version_of_tag(trashed.version), installed=True
        )
        return self._document(added, self._first_sync(added, sync=sync))

    def app_purge(self, names: Sequence[str]) -> PurgedAppsJson:
        """Free the space of removed versions: there is no way back. Without names, of all.

        Raises AppNotFoundError (then nothing was purged), FileError.
        """
        from model_library.app_trash import find_trashed_app, purge_app, trashed_apps

        self._catalog.require_writable()
        found = [find_trashed_app(self._catalog, name) for name in names]
        doomed = list(dict.fromkeys(found)) if names else trashed_apps(self._catalog)
        freed = sum(purge_app(self._catalog, one) for one in doomed)
        return PurgedAppsJson(purged=[one.name for one in doomed], freed=freed)

    def _display(self, kind: str, version: str | None = None, variant: str = "") -> str:
        """What people call a kind of application."""
        from model_library.app_names import display_of
        from model_library.surveying import user_profiles

        return display_of(kind, version, variant, user_profiles(self._catalog))

    def _first_sync(
        self, added: Added, *, sync: bool, progress: Listener | None = None
    ) -> tuple[SyncReport, float] | None:
        """What a first sync did, and the milliseconds it took; without one the application is left without
        links until it is synced."""
        from model_library.mapper import Mapper

        app = added.app
        if not sync:
            if added.was is None:
                self._catalog.links.set_links_off(app.app_id, off=True)
            return None
        started = time.perf_counter()
        told = self._listener if progress is None else progress
        mapper = Mapper(self._catalog, self._listener)
        report = self._indexed(lambda: mapper.sync(app, progress=told))
        return report, round((time.perf_counter() - started) * 1000, 3)

    def _document(
        self, added: Added, synced: tuple[SyncReport, float] | None, *, dry_run: bool = False
    ) -> AppAddedJson:
        from model_library.api.link_documents import LinkDocuments
        from model_library.mapper import Mapper

        documents = LinkDocuments(self._catalog)
        if synced is not None:
            plan = synced[0].plan
        else:
            plan = self._indexed(lambda: Mapper(self._catalog, self._listener).preview(added.app))
        app = added.app if dry_run else self._catalog.links.app(added.app.app_id)
        return AppAddedJson(
            app=self._app(app),
            evidence=list(added.recognised.evidence),
            was=None if added.was is None else str(added.was),
            preview=documents.preview(plan),
            sync=None if synced is None else documents.sync(*synced),
            dry_run=dry_run,
        )

    def _app(self, app: App) -> AppJson:
        return AppJson(
            app_id=app.app_id,
            kind=app.kind,
            name=self._display(app.kind, app.version, app.variant),
            version=app.version,
            variant=app.variant,
            path=str(app.path),
            state="online" if app.path.is_dir() else "offline",
            links=self._catalog.links.count(app.app_id),
            links_off=app.app_id in self._catalog.links.links_off(),
            installed=app.installed,
            added=app.added,
        )


def _require_a_link(report: SyncReport) -> None:
    """Raises the error of the first link when every link failed: then nothing can be written there."""
    if report.failed and not report.made and not report.plan.keep:
        raise report.failed[0].error
