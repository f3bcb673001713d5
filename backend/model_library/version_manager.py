"""Installations of applications: which there are, and how one comes, is fetched, moves and goes.

An application is known by its files and never run. Adding one writes nothing into it; removing one takes our
links out of it and nothing else. What cannot be an application of this library is refused before anything
changes. Where links go is the mapper's business.
"""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from model_library.app_trash import apps_directory, make_directory, move_to_trash
from model_library.errors import (
    AppConflictError,
    AppOfflineError,
    InvalidValueError,
    LinkError,
    ModelLibraryError,
    NotAnInstallationError,
    TargetReadOnlyError,
    TargetReplacedError,
)
from model_library.events import Listener, Notice, ignore
from model_library.io.git import clone_tag, find_tag, parse_source, parse_tag
from model_library.io.inside import Inside
from model_library.io.platform.page_cache import fsync_directory, sync_filesystem
from model_library.io.platform.renaming import rename_noreplace
from model_library.library import Catalog
from model_library.link_registry import App, Link, Replaced
from model_library.linking import opened
from model_library.naming import slugify
from model_library.profiles.choosing import choose_profile
from model_library.profiles.recognition import (
    Recognised,
    parse_app_kind,
    real_directory,
    recognise,
)
from model_library.publishing import clear_staging, job
from model_library.settling import settle
from model_library.store import STAGING
from model_library.surveying import user_profiles
from model_library.unlinking import remove_links

_MOST_LOOKS: Final = 32
"""Links that are looked for in a directory to know it again; one that is ours proves it."""


@dataclass(frozen=True, slots=True)
class Added:
    """An application of the library, with what it was known by."""

    app: App
    recognised: Recognised
    was: Path | None = None
    """Where it was before, when it was known already and only moved."""


@dataclass(frozen=True, slots=True)
class RemovedApp:
    """What the removal of an application did and did not do."""

    app: App
    removed: tuple[Link, ...]
    left: tuple[tuple[Link, str], ...]
    """Links that stayed where they are, and why."""
    replaced: tuple[Replaced, ...]
    """Files of the user that had given way to links: they stay where they are kept."""
    trash: Path | None
    """Where the directory went."""


# --- adding ----------------------------------------------------------------------------------------


def prepare_app(
    catalog: Catalog,
    kind: str,
    path: Path,
    version: str | None = None,
    variant: str = "",
    *,
    installed: bool = False,
) -> Added:
    """The application that adding a directory would give; nothing is changed.

    `version` counts where the installation states none. A directory that was moved is known again by its
    inode and our links in it, and keeps its id. Raises ProfileError, InvalidValueError (a version that is
    none), NotAnInstallationError, AppConflictError, SourceUnreadableError, TargetReadOnlyError.
    """
    profiles = user_profiles(catalog)
    said = _parse_version(version)
    recognised = recognise(path, kind, profiles)
    recognised = replace(recognised, version=recognised.version or said)
    choose_profile(recognised.kind, recognised.version, variant, profiles)
    path = real_directory(path)
    _require_content(path)
    _check_place(catalog, path)
    apps = catalog.links.apps()
    _require_new(apps, path)
    inode = path.stat().st_ino
    known = _moved(catalog, apps, recognised.kind, path, inode)
    if known is not None:
        app = replace(_at(catalog, known, path, recognised), variant=variant or known.variant)
        return Added(app, recognised, known.path)
    app_id = _free_id(apps, recognised, installed=installed)
    app = App(app_id, recognised.kind, path, recognised.version, variant, installed, inode)
    return Added(app, recognised)


def add_app(
    catalog: Catalog,
    kind: str,
    path: Path,
    version: str | None = None,
    variant: str = "",
    *,
    installed: bool = False,
) -> Added:
    """Make a directory an application of the library. Raises as `prepare_app` does."""
    with catalog.exclusive():
        added = prepare_app(catalog, kind, path, version, variant, installed=installed)
        catalog.links.put_app(added.app)
    return added


def _at(catalog: Catalog, app: App, path: Path, recognised: Recognised) -> App:
    """A known application at another place. Outside of the library it is no longer ours to throw away."""
    return replace(
        app,
        path=path,
        version=recognised.version or app.version,
        installed=app.installed and path.is_relative_to(apps_directory(catalog)),
        inode=path.stat().st_ino,
    )


def _parse_version(text: str | None) -> str | None:
    """Raises InvalidValueError for what is no version by PEP 440."""
    if text is None:
        return None
    from model_library.profiles.overrides import parse_version  # most installations state their own

    version = parse_version(text)
    if version is None:
        raise InvalidValueError(
            f"{text!r} is no version", hint="A version is numbers with dots: 0.6.0"
        )
    return str(version)


def _require_content(path: Path) -> None:
    """Raises NotAnInstallationError for an empty directory: at every later sync it would be taken for the
    place of a drive that is away."""
    with os.scandir(path) as entries:
        if next(entries, None) is None:
            raise NotAnInstallationError(
                "The directory is empty: it may be the place of a drive that is not mounted",
                path=path,
                hint="Connect the drive; where the directory is to be new, put any file into it and"
                " add it again.",
            )


def _check_place(catalog: Catalog, path: Path) -> None:
    """Raises AppConflictError where application and library or root would lie in each other,
    TargetReadOnlyError where no link can be made."""
    library, apps = catalog.directory.resolve(), apps_directory(catalog)
    if library.is_relative_to(path):
        raise AppConflictError(
            "The directory holds the library itself",
            path=path,
            hint="An update or removal of the application could take the library with it: keep them"
            f" apart, or the application inside the library below {apps}.",
        )
    for root in catalog.roots:
        top = root.path.resolve()
        if path.is_relative_to(top):
            raise AppConflictError(f"The directory is inside the root {root.path}", path=path)
        if top.is_relative_to(path):
            raise AppConflictError(
                f"The directory holds the root {root.path}",
                path=path,
                hint="Links would come to lie among the models of that root: `root remove` it, then"
                " import the models that the application has.",
            )
    below = path.relative_to(apps).parts if path.is_relative_to(apps) else ()
    if path.is_relative_to(library) and (not below or below[0].startswith(".")):
        raise AppConflictError(
            "The directory is inside the library", path=path, hint=f"Applications go below {apps}."
        )
    if not os.access(path, os.W_OK | os.X_OK):
        raise TargetReadOnlyError(
            "Nothing can be written into the application",
            path=path,
            hint="Links are made inside of it: let your user write to it.",
        )


def _require_new(apps: Sequence[App], path: Path) -> None:
    for app in apps:
        if app.path == path or (app.path.is_dir() and app.path.samefile(path)):
            raise AppConflictError(
                f"It was added already, as {app.app_id}",
                path=path,
                hint=f"`link sync {app.app_id}` brings its links up to date; `app remove` forgets it.",
            )


def _moved(catalog: Catalog, apps: Sequence[App], kind: str, path: Path, inode: int) -> App | None:
    """The application that this directory was before it was moved."""
    for app in apps:
        same = (app.kind, app.inode) == (kind, inode)
        if same and not app.path.exists() and _has_links_of(catalog, app, path):
            return app
    return None


def _has_links_of(catalog: Catalog, app: App, path: Path) -> bool:
    """Whether one of the links is there as it was made. Inodes are only unique on one filesystem; with no
    link at all nothing is lost by a mistake."""
    links = catalog.links.links(app.app_id)[:_MOST_LOOKS]
    with Inside.open(path) as inside:
        return not links or any(_is_at(inside, link) for link in links)


def _is_at(inside: Inside, link: Link) -> bool:
    try:
        seen = inside.look(link.target)
    except TargetReplacedError:
        return False
    return seen is not None and (seen.inode, seen.link_text) == (link.inode, link.link_text)


def _free_id(apps: Sequence[App], recognised: Recognised, *, installed: bool) -> str:
    """`<kind>` for the first one; with its version for others and for those that stay what they are."""
    taken = {app.app_id for app in apps}
    plain = slugify(recognised.kind)
    exact = slugify(f"{recognised.kind}-{recognised.version}") if recognised.version else plain
    first = [exact] if installed else [plain, exact]
    numbered = (f"{exact}-{number}" for number in itertools.count(2))
    return next(one for one in itertools.chain(first, numbered) if one not in taken)


# --- changing --------------------------------------------------------------------------------------


def relocate_app(catalog: Catalog, app: App, new_path: Path) -> App:
    """Say where an application is now; its links are looked at by whoever calls.

    Raises as `prepare_app` does; nothing was changed then.
    """
    with catalog.exclusive():
        recognised = recognise(new_path, app.kind, user_profiles(catalog))
        path = real_directory(new_path)
        _check_place(catalog, path)
        _require_new([other for other in catalog.links.apps() if other != app], path)
        moved = _at(catalog, app, path, recognised)
        catalog.links.put_app(moved)
    return moved


def refreshed_app(catalog: Catalog, app: App) -> App:
    """The application as it is on disk: an update changes its version under us. What cannot be read now
    leaves it as it was."""
    try:
        recognised = recognise(app.path, app.kind, user_profiles(catalog))
    except ModelLibraryError:  # health says what is wrong with it
        return app
    if not recognised.evidence and app.inode not in (None, app.path.stat().st_ino):
        return app  # nothing proves that this directory is the application
    fresh = _at(catalog, app, app.path, recognised)
    if fresh != app and not catalog.read_only:
        catalog.links.put_app(fresh)
    return fresh


# --- fetching --------------------------------------------------------------------------------------


def install_app(
    catalog: Catalog,
    kind: str,
    version: str,
    source: str,
    variant: str = "",
    *,
    listener: Listener,
) -> Added:
    """Clone the tag of a version into `<library>/apps/<kind>/<version>` and add it.

    It appears by one rename when it is complete and known to be that application. One that is there
    already, from a process that died or was told to keep it, is taken as it is. Raises InvalidValueError,
    SourceNotFoundError, InstallError, and what `prepare_app` raises.
    """
    kind = parse_app_kind(kind)
    choose_profile(kind, None, variant, user_profiles(catalog))
    name, place = parse_tag(version), parse_source(source)
    target = apps_directory(catalog) / kind / name
    _require_not_installed(catalog, target)
    _clear_leftovers(catalog, listener)
    if os.path.lexists(target):
        listener(Notice("app-there", f"{target} was there already and is used as it is"))
    else:
        _fetch(catalog, kind, place, name, target, listener)
    return add_app(catalog, kind, target, version_of_tag(name), variant, installed=True)


def _require_not_installed(catalog: Catalog, target: Path) -> None:
    """A version is one directory, whether its tag is said with a `v` or without."""
    number = target.name.removeprefix("v")
    for place in (target.with_name(number), target.with_name(f"v{number}")):
        if place.is_dir():
            _require_new(catalog.links.apps(), place)


def _fetch(
    catalog: Catalog, kind: str, source: str, version: str, target: Path, listener: Listener
) -> None:
    with job(catalog, listener) as work:
        staging = apps_directory(catalog) / STAGING / work.name
        tag = find_tag(source, version)
        try:
            make_directory(staging.parent)
            listener(Notice("app-cloning", f"Cloning {tag} into {target}"))
            clone_tag(source, tag, staging, listener)
            _require_installation(staging, kind, user_profiles(catalog))
            sync_filesystem(staging)
            make_directory(target.parent)
            rename_noreplace(staging, target)
            fsync_directory(target.parent)
        finally:
            _clear(staging, listener)


def _require_installation(staging: Path, kind: str, profiles: Path) -> None:
    """Raises NotAnInstallationError without the path of the clone, which is cleared."""
    try:
        recognise(staging, kind, profiles)
    except NotAnInstallationError as error:
        hint = (
            "Look at the source and the tag: it must be the repository of the application itself."
        )
        raise NotAnInstallationError(error.message, hint=hint) from error


def _clear_leftovers(catalog: Catalog, listener: Listener) -> None:
    """Clear clones whose process is dead, which were still being written when it was recovered."""
    for path in (apps_directory(catalog) / STAGING).glob("*"):
        if not catalog.lock_path(path.name).exists():
            _clear(path, listener)


def _clear(staging: Path, listener: Listener) -> None:
    try:
        clear_staging(staging, listener)
    except OSError as error:  # git may still be ending; the next installation clears it
        listener(Notice("app-clone-left", f"{staging} is left for now: {error.strerror}"))
    with contextlib.suppress(OSError):  # another process may be cloning there
        staging.parent.rmdir()


def version_of_tag(tag: str) -> str | None:
    """The version that a tag names, for an installation that states none itself."""
    try:
        return _parse_version(tag)
    except InvalidValueError:
        return None


# --- removing --------------------------------------------------------------------------------------


def remove_app(catalog: Catalog, app: App, *, trash: bool = False) -> RemovedApp:
    """Take our links out of an application and forget it; `trash` moves one that we installed into
    `<library>/apps/.trash`, from where a rename brings it back.

    Links that are not ours any more stay, and so does all of one that is not there now. Raises
    InvalidValueError (the directory is the user's), LinkError (links that cannot be removed now), FileError.
    The application is still known then.
    """
    if trash and not app.installed:
        raise InvalidValueError(
            f"{app.app_id} was not installed by us: its directory is yours to delete",
            hint="Leave --trash out to take the links out of it.",
        )
    with catalog.exclusive():
        settle(catalog, ignore)
        replaced = tuple(catalog.links.replaced(app.app_id))
        links = catalog.links.links(app.app_id)
        outcomes = remove_links(catalog, links)
        stuck = {link.link_id for link in catalog.links.links(app.app_id)}
        _require_unreachable(catalog, app, [link for link in links if link.link_id in stuck])
        catalog.links.forget(stuck)
        place = move_to_trash(catalog, app) if trash and app.path.is_dir() else None
        catalog.links.remove_app(app.app_id)
    return RemovedApp(app, tuple(outcomes.removed), tuple(outcomes.left), replaced, place)


def _require_unreachable(catalog: Catalog, app: App, links: Sequence[Link]) -> None:
    """Raises LinkError unless the application is not there or the links are behind a symlink, through
    which we never go."""
    try:
        inside = opened(catalog, app)
    except AppOfflineError:
        return
    with inside:
        for link in links:
            try:
                inside.look(link.target)
            except TargetReplacedError:
                continue
            raise LinkError(
                f"{link.target} and perhaps other links cannot be removed now",
                path=app.path,
                hint="Let your user write to the application, then remove it again.",
            )
