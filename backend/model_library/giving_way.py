"""What has the name of a wanted link gives way to it, by a person's choice, and comes back.

Nothing is deleted: it is renamed beside the link or kept in the application's own trash, remembered, and only
`purge_replaced` frees its space. Callers hold the library's lock (`Catalog.exclusive`).
"""

from __future__ import annotations

import hashlib
import os
import posixpath
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final

from model_library.errors import (
    LinkConflictError,
    ModelLibraryError,
    TargetExistsError,
)
from model_library.io.inside import Inside, Seen
from model_library.io.platform.os_errors import translate_os_error
from model_library.library import Catalog
from model_library.link_registry import App, Link, NewLink, Replaced
from model_library.linking import (
    LinkTexts,
    OwnDirectories,
    Ownership,
    is_as_made,
    make_link,
    opened,
    ownership,
    possible,
    source_path,
    source_status,
)
from model_library.taxonomy import LinkState, OnConflict
from model_library.unlinking import remove_links, take_away

_NO_SOURCE: Final = "`model-library verify` and `health` say what is wrong with the model."
APP_TRASH: Final = ".model-library-trash"
"""Directory of an application for the files that gave way to a link: its own filesystem, so that they
get there by a rename, and outside of the directories that it lists models from."""
_IGNORED: Final = f"{APP_TRASH}/.gitignore"
_IGNORES_ALL: Final = b"*\n"
"""An application that is a git checkout is cleaned by `git clean -fd`; what is ignored stays."""
_BLOCK: Final = 4 * 1024 * 1024  # bytes read at once


def replace_with_link(
    catalog: Catalog, app: App, wanted: NewLink, seen: Seen, choice: OnConflict
) -> Link:
    """Move what has the name of a wanted link out of the way, remembered and never over anything, and
    make the link. What fails half-way is undone.

    `seen`: what the person decided about. Raises LinkConflictError when it is not that any more or, to
    adopt, has not the very content of the model; FileError. Nothing was changed then.
    """
    if choice is OnConflict.SKIP:
        raise LinkConflictError("It was to be skipped", path=app.path / wanted.target)
    links, wanted = catalog.links, possible(catalog, wanted)
    with opened(catalog, app) as inside:
        _require_seen(inside, wanted.target, seen)
        _require_other_file(catalog, wanted, seen, app.path / wanted.target)
        OwnDirectories(catalog).require_foreign(inside, posixpath.dirname(wanted.target), [wanted])
        adopts = choice is OnConflict.ADOPT
        sha256 = _require_same_content(catalog, inside, wanted, seen) if adopts else None
        kept = inside.free_name(_kept_name(wanted.target, choice))
        _make_room(inside, kept)
        (link,) = links.begin_making([wanted])
        note = links.note_replaced(
            app.app_id,
            wanted.target,
            kept,
            choice.value,
            seen.size,
            sha256,
            seen.inode,
            seen.mtime_ns,
            link.link_id,
        )
        texts = LinkTexts(catalog, app)
        with _WayBack(catalog, inside, link, texts, note, kept):
            inside.rename_noreplace(wanted.target, kept)
            made = make_link(catalog, inside, link, texts)
            if not (app.path / wanted.target).exists():
                raise LinkConflictError(
                    "It would lead nowhere", path=app.path / wanted.target, hint=_NO_SOURCE
                )
        inside.sync(posixpath.dirname(kept))
        inside.sync(posixpath.dirname(wanted.target))
        links.made([(link.link_id, made.link_text, made.device, made.inode)])
    return link


@dataclass(frozen=True, slots=True)
class _WayBack:
    """Undoes what was begun to make room for a link, however far it came.

    The file goes back to its name if that is free. While it is kept its note is too; while it could still
    go back the row of the link is, and settling tries again.
    """

    catalog: Catalog
    inside: Inside
    link: Link
    texts: LinkTexts
    note: int
    kept: str

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Raises LinkConflictError that says where the file is kept when it could not go back; an
        interrupt is never replaced by it."""
        if error is None:
            return
        try:
            self._take_link_away()
            is_back = self._bring_back()
        except ModelLibraryError as problem:
            self._tell(error, f"could not be put back ({problem.message})")
            return
        if is_back:
            self.catalog.links.forget_replaced([self.note])
        self.catalog.links.forget([self.link.link_id])
        if not is_back:
            self._tell(error, "cannot go back: its name was taken meanwhile")

    def _take_link_away(self) -> None:
        seen = self.inside.look(self.link.target)
        if seen is not None and is_as_made(self.catalog, self.link, seen, self.texts):
            take_away(self.catalog, self.inside, self.link, seen)

    def _bring_back(self) -> bool:
        """Whether it is kept no more."""
        if self.inside.look(self.kept) is not None:
            try:
                self.inside.rename_noreplace(self.kept, self.link.target)
            except TargetExistsError:
                return False
        _remove_empty_trash(self.inside, self.kept)
        return True

    def _tell(self, error: BaseException, what: str) -> None:
        if isinstance(error, ModelLibraryError):
            raise LinkConflictError(
                f"No link could be made ({error.message}), and what gave way {what}. It is kept",
                path=self.inside.top / self.kept,
                hint=f"`model-library link put-back {self.link.app_id}` returns it to its name.",
            ) from error


def _require_other_file(catalog: Catalog, link: NewLink, seen: Seen, path: Path) -> None:
    """Raises LinkConflictError when what would give way is the very file that the library has: the model is
    there already, and moving the file away would take it from the library."""
    source = source_status(catalog, link)
    if source is None:
        raise LinkConflictError("The file of the model is not there", path=path, hint=_NO_SOURCE)
    if (source.st_dev, source.st_ino) == (seen.device, seen.inode):
        raise LinkConflictError(
            "The library's own file of this model is this one: there is nothing to link",
            path=path,
            hint="Leave it; or import it with --place copy first.",
        )


def _require_seen(inside: Inside, target: str, seen: Seen) -> None:
    now = inside.look(target)
    if now is None or _identity(now) != _identity(seen):
        raise LinkConflictError(
            "It was changed since the preview: nothing was done", path=inside.top / target
        )


def _identity(seen: Seen) -> tuple[object, ...]:
    return seen.kind, seen.link_text, seen.device, seen.inode, seen.size, seen.mtime_ns


def _require_same_content(catalog: Catalog, inside: Inside, link: NewLink, seen: Seen) -> str:
    """The SHA-256 of a file that is the model's, byte for byte, as the library holds it now."""
    path = inside.top / link.target
    if seen.kind != "file":
        raise LinkConflictError("Only a file can be adopted", path=path)
    wanted = _sha256_of(_opened_source(catalog, link), path)
    found = _sha256_of(inside.open_file(link.target), path)
    if found != wanted:
        raise LinkConflictError("The file has another content than the model", path=path)
    _require_seen(inside, link.target, seen)
    return found


def _opened_source(catalog: Catalog, link: Link | NewLink) -> int:
    path = source_path(catalog, link)
    try:
        return os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise translate_os_error(error, path=path, writing=False) from error


def _sha256_of(descriptor: int, path: Path) -> str:
    """Of a regular file, which is closed; a pipe would wait for ever. `path` is named in errors."""
    digest = hashlib.sha256()
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise LinkConflictError("It is no regular file, and has no content", path=path, hint="")
        while block := os.read(descriptor, _BLOCK):
            digest.update(block)
    except OSError as error:
        raise translate_os_error(error, path=path, writing=False) from error
    finally:
        os.close(descriptor)
    return digest.hexdigest()


def _kept_name(target: str, choice: OnConflict) -> str:
    if choice is OnConflict.RENAME:
        return f"{target}.old"
    return f"{APP_TRASH}/{datetime.now(UTC):%Y-%m-%d}/{target}"


def _make_room(inside: Inside, kept: str) -> None:
    """The directory for what gives way; git is told to leave the trash alone before anything is in it."""
    inside.make_directories(posixpath.dirname(kept))
    if kept.startswith(f"{APP_TRASH}/"):
        inside.fill(_IGNORED, _IGNORES_ALL)
        inside.sync("")


def put_back(catalog: Catalog, app: App, replaced: Replaced) -> None:
    """Return a file that gave way: our link goes, the file comes. Raises LinkConflictError when something
    that is not ours has its name now, FileError."""
    with opened(catalog, app) as inside:
        if inside.look(replaced.kept) is None:
            catalog.links.forget_replaced([replaced.replaced_id])
            raise LinkConflictError(
                "It is not where it was kept any more: there is nothing to put back",
                path=app.path / replaced.kept,
                hint="The link stays.",
            )
    link = catalog.links.at_targets(app.app_id, [replaced.target]).get(replaced.target)
    if link is not None and link.state is LinkState.MADE:
        outcomes = remove_links(catalog, [link])
        if outcomes.left:
            raise LinkConflictError(
                f"Its name is taken: {outcomes.left[0][1]}", path=app.path / replaced.target
            )
    with opened(catalog, app) as inside:
        inside.make_directories(posixpath.dirname(replaced.target))
        try:
            inside.rename_noreplace(replaced.kept, replaced.target)
        except TargetExistsError as error:
            raise LinkConflictError("Its name is taken", path=app.path / replaced.target) from error
        _remove_empty_trash(inside, replaced.kept)
    catalog.links.forget_replaced([replaced.replaced_id])


def purge_replaced(catalog: Catalog, app: App, replaced: Replaced) -> int:
    """Free the space of a file that gave way; returns its bytes. There is no way back from here.

    Raises LinkConflictError for a file that was only renamed (it is the user's, in the open), and for an
    adopted one whose model is not in the library any more: then it is the last copy.
    """
    path = app.path / replaced.kept
    if replaced.reason == OnConflict.RENAME:
        raise LinkConflictError("It was only renamed: it is yours to delete", path=path, hint="")
    with opened(catalog, app) as inside:
        if replaced.reason == OnConflict.ADOPT and not _is_held(catalog, inside, app, replaced):
            raise LinkConflictError(
                "The model that it was adopted for is not linked there any more",
                path=path,
                hint="Put it back, or import it, before you free its space.",
            )
        _require_as_kept(inside, replaced)
        inside.unlink(replaced.kept)
        _remove_empty_trash(inside, replaced.kept)
    catalog.links.forget_replaced([replaced.replaced_id])
    return replaced.size


def _require_as_kept(inside: Inside, replaced: Replaced) -> None:
    """Raises LinkConflictError unless what is kept is the very file that gave way, unchanged."""
    path, seen = inside.top / replaced.kept, inside.look(replaced.kept)
    if seen is None:
        return  # an interrupted purge removed it
    if seen.kind == "directory":
        raise LinkConflictError("It is a directory: it is yours to delete", path=path, hint="")
    now = (seen.size, seen.inode, seen.mtime_ns)
    same = now == (replaced.size, replaced.inode, replaced.mtime_ns)
    if same and replaced.sha256 is not None:
        same = _sha256_of(inside.open_file(replaced.kept), path) == replaced.sha256
    if not same:
        raise LinkConflictError(
            "It is not the file that gave way any more: it was changed or replaced",
            path=path,
            hint="Look at it: `link put-back` returns it, deleting it is up to you.",
        )


def _is_held(catalog: Catalog, inside: Inside, app: App, replaced: Replaced) -> bool:
    link = catalog.links.at_targets(app.app_id, [replaced.target]).get(replaced.target)
    if link is None or ownership(catalog, inside, link) is not Ownership.OURS:
        return False
    source = source_path(catalog, link)
    return _sha256_of(_opened_source(catalog, link), source) == replaced.sha256


def _remove_empty_trash(inside: Inside, kept: str) -> None:
    directory = posixpath.dirname(kept)
    while directory.startswith(f"{APP_TRASH}/") and inside.remove_empty(directory):
        directory = posixpath.dirname(directory)
    if directory != APP_TRASH:
        return
    names = inside.symlinks(APP_TRASH)
    if set(names) == {posixpath.basename(_IGNORED)} and _is_our_ignore(inside):
        inside.unlink(_IGNORED)
    inside.remove_empty(APP_TRASH)


def _is_our_ignore(inside: Inside) -> bool:
    seen = inside.look(_IGNORED)
    if seen is None or seen.kind != "file":
        return False
    descriptor = inside.open_file(_IGNORED)
    try:
        return os.read(descriptor, len(_IGNORES_ALL) + 1) in (b"", _IGNORES_ALL)
    finally:
        os.close(descriptor)
