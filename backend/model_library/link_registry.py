"""Applications, the links we made in them, and what gave way to a link: their tables in `registry.db`.

A link is registered before it is made and forgotten after it is removed: a row that is `pending` or
`removing` while nobody holds the library's lock is what a crash left, and `settling.settle` ends it.
Every path is relative (to a root, to an application, to the library), so that what moves together
needs no change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from model_library.errors import AppNotFoundError, RootConflictError
from model_library.io.files import real_path
from model_library.registry import Registry
from model_library.taxonomy import LinkMethod, LinkState

if TYPE_CHECKING:
    import sqlite3

T = TypeVar("T")

LinkProof = tuple[int, str, str, str, str, str, str | None, int | None, str]
"""Link id, model id, root id, source, target, method, link text, inode and state of a link."""

_LINKS_OFF: Final = "links-off:"
"""Begins the name of the setting of an application that is to be without links, before its id."""
_A_STATEMENT: Final = 500
"""Values bound in one statement; SQLite's own limit was 999 for long."""


@dataclass(frozen=True, slots=True)
class App:
    """One installation of an application."""

    app_id: str
    kind: str
    """The name of its profile: `comfyui`, `a1111`, ..."""
    path: Path
    """Absolute and without symlinks."""
    version: str | None = None
    variant: str = ""
    installed: bool = False
    """We put the application itself there (`app install`)."""
    inode: int | None = None
    """Of its directory: by it an installation that was moved is known again."""
    added: str = ""


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link that is wanted and not there yet."""

    app_id: str
    model_id: str
    file: str
    """Path in the model as in metadata.files, or "." for its whole directory."""
    root_id: str
    source: str
    """Path of the file below its root, with '/'."""
    target: str
    """Path of the link below the application, with '/'."""
    method: LinkMethod
    external: bool
    """Source and link are on different filesystems."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link that we made, with what proves that it is ours."""

    link_id: int
    app_id: str
    model_id: str
    file: str
    root_id: str
    source: str
    target: str
    method: LinkMethod
    link_text: str | None
    """What a symlink says."""
    device: int | None
    inode: int | None
    """Of a symlink its own, of a hard link those of the file."""
    external: bool
    state: LinkState
    created: str


@dataclass(frozen=True, slots=True)
class Replaced:
    """A file of the user that gave its name to a link, and where it is kept."""

    replaced_id: int
    app_id: str
    target: str
    kept: str
    """Path below the application, with '/'."""
    reason: str
    size: int
    sha256: str | None
    replaced: str
    inode: int | None
    mtime_ns: int | None
    """Of what gave way: by these it is known again."""
    link_id: int | None = None
    """The link that it gave way to, while that is being made."""


_LINK_COLUMNS: Final = (
    "link_id, app_id, model_id, file, root_id, source, target, method, link_text, device, inode,"
    " external, state, created"
)


class LinkRegistry:
    """The tables `apps`, `links` and `replaced` of an open registry."""

    def __init__(self, registry: Registry, library: Path) -> None:
        self._registry = registry
        self._library = library.resolve()

    def counted(self) -> tuple[int, ...]:
        """Numbers of which one is another when a link was made or taken away, or something gave way or was put
        back."""
        rows = self._registry.rows(
            "SELECT (SELECT count(*) FROM links), (SELECT max(link_id) FROM links),"
            " (SELECT count(*) FROM replaced), (SELECT max(replaced_id) FROM replaced)"
        )
        return tuple(rows[0])

    # --- applications ----------------------------------------------------------------------------

    def apps(self) -> list[App]:
        rows = self._registry.rows(
            "SELECT app_id, kind, path, version, variant, installed, inode, added FROM apps"
            " ORDER BY rowid"
        )
        return [
            App(app_id, kind, self._library / path, version, variant, bool(installed), inode, added)
            for app_id, kind, path, version, variant, installed, inode, added in rows
        ]

    def app(self, prefix: str) -> App:
        """The application of an id or an unambiguous beginning of one. Raises AppNotFoundError."""
        apps = self.apps()
        exact = [app for app in apps if app.app_id == prefix]
        found = exact or [app for app in apps if prefix and app.app_id.startswith(prefix)]
        if len(found) != 1:
            known = ", ".join(app.app_id for app in found or apps) or "none was added yet"
            reason = "is the beginning of several" if found else "is no application of this library"
            raise AppNotFoundError(f"{prefix!r} {reason} ({known})")
        return found[0]

    def require_no_app(self, path: Path) -> None:
        """Raises RootConflictError for a directory that cannot be a root: an application is there,
        FileError."""
        path = real_path(path)
        for app in self.apps():
            if path.is_relative_to(app.path) or app.path.is_relative_to(path):
                raise RootConflictError(
                    f"Overlaps the application {app.app_id} at {app.path}",
                    path=path,
                    hint="Links would come to lie among the models of the root: import the models that"
                    " the application has with --place copy or move, then sync it.",
                )

    def put_app(self, app: App) -> None:
        """Add an application, or change what is known about it."""
        with self._registry.transaction() as connection:
            connection.execute(
                "INSERT INTO apps (app_id, kind, path, version, variant, installed, inode)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (app_id) DO UPDATE SET"
                " kind = excluded.kind, path = excluded.path, version = excluded.version,"
                " variant = excluded.variant, installed = excluded.installed,"
                " inode = excluded.inode",
                (
                    app.app_id,
                    app.kind,
                    self._stored(app.path),
                    app.version,
                    app.variant,
                    app.installed,
                    app.inode,
                ),
            )
            _remember_replaced(connection, app.app_id, self._stored(app.path), app.inode)

    def remove_app(self, app_id: str) -> None:
        """Forget an application without links; the foreign key refuses one that has some. What gave way in it
        is known again when the same directory is added again."""
        with self._registry.transaction() as connection:
            connection.execute(
                "INSERT INTO replaced_before SELECT a.path, a.inode, r.target, r.kept, r.reason,"
                " r.size, r.sha256, r.replaced, r.inode, r.mtime_ns"
                " FROM replaced AS r JOIN apps AS a ON a.app_id = r.app_id WHERE r.app_id = ?"
                " ORDER BY r.replaced_id",
                (app_id,),
            )
            connection.execute("DELETE FROM replaced WHERE app_id = ?", (app_id,))
            connection.execute("DELETE FROM apps WHERE app_id = ?", (app_id,))
        self.set_links_off(app_id, off=False)

    def links_off(self) -> frozenset[str]:
        """The applications that a person left without links: nothing is linked into them unasked."""
        return frozenset(self._registry.settings(_LINKS_OFF))

    def set_links_off(self, app_id: str, *, off: bool) -> None:
        """Written only when it is new."""
        if off == (app_id in self.links_off()):
            return
        name = f"{_LINKS_OFF}{app_id}"
        if off:
            self._registry.set_setting(name, "off")
            return
        with self._registry.transaction() as connection:
            connection.execute("DELETE FROM settings WHERE name = ?", (name,))

    def _stored(self, path: Path) -> str:
        """Relative to the library for an application inside it, which moves together with it."""
        if path.is_relative_to(self._library):
            return path.relative_to(self._library).as_posix()
        return str(path)

    # --- links -----------------------------------------------------------------------------------

    def links(
        self, app_id: str | None = None, *, model_ids: Sequence[str] | None = None
    ) -> list[Link]:
        """All links, those of one application, those of some models, or of both."""
        where = "" if app_id is None else "app_id = ?"
        bound = () if app_id is None else (app_id,)
        if model_ids is None:
            return self._select(where, bound)
        return [
            link
            for some in _in_pieces(model_ids)
            for link in self._select(
                f"{where}{' AND ' if where else ''}model_id IN ({_marks(some)})", (*bound, *some)
            )
        ]

    def links_of_root(self, root_id: str) -> list[Link]:
        return self._select("root_id = ?", (root_id,))

    def some_made(self, app_id: str, most: int) -> list[Link]:
        """A few links of an application that are there unless somebody took them away."""
        where = (
            "link_id IN (SELECT link_id FROM links WHERE app_id = ? AND state <> 'pending' LIMIT ?)"
        )
        return self._select(where, (app_id, most))

    def by_ids(self, link_ids: Sequence[int]) -> list[Link]:
        return [
            link
            for some in _in_pieces(link_ids)
            for link in self._select(f"link_id IN ({_marks(some)})", tuple(some))
        ]

    def at_targets(self, app_id: str, targets: Iterable[str]) -> dict[str, Link]:
        """The links of an application that have these targets."""
        found: dict[str, Link] = {}
        for some in _in_pieces(list(targets)):
            where = f"app_id = ? AND target IN ({_marks(some)})"
            found |= {link.target: link for link in self._select(where, (app_id, *some))}
        return found

    def proofs(self, app_id: str) -> list[LinkProof]:
        """What tells the links of an application from any others, in their order; thousands at little
        cost."""
        return self._registry.rows(
            "SELECT link_id, model_id, root_id, source, target, method, link_text, inode, state"
            " FROM links WHERE app_id = ? ORDER BY link_id",
            app_id,
        )

    def unsettled(self) -> list[Link]:
        """Links whose making or removing was begun; with the library's lock held, by the dead."""
        return self._select("state <> 'made'", ())

    def has_unsettled(self) -> bool:
        return bool(self._registry.rows("SELECT 1 FROM links WHERE state <> 'made' LIMIT 1"))

    def count(self, app_id: str) -> int:
        rows = self._registry.rows("SELECT count(*) FROM links WHERE app_id = ?", app_id)
        return int(rows[0][0])

    def begin_making(self, wanted: Sequence[NewLink]) -> list[Link]:
        """Register links before they are made; returns them, pending, in order."""
        with self._registry.transaction() as connection:
            (last,) = connection.execute("SELECT coalesce(max(link_id), 0) FROM links").fetchone()
            ids = range(last + 1, last + 1 + len(wanted))
            connection.executemany(
                "INSERT INTO links (link_id, app_id, model_id, file, root_id, source, target,"
                " method, external, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending')",
                [
                    (
                        link_id,
                        link.app_id,
                        link.model_id,
                        link.file,
                        link.root_id,
                        link.source,
                        link.target,
                        link.method.value,
                        link.external,
                    )
                    for link_id, link in zip(ids, wanted, strict=True)
                ],
            )
        return [
            Link(
                link_id,
                link.app_id,
                link.model_id,
                link.file,
                link.root_id,
                link.source,
                link.target,
                link.method,
                None,
                None,
                None,
                link.external,
                LinkState.PENDING,
                "",
            )
            for link_id, link in zip(ids, wanted, strict=True)
        ]

    def made(self, proofs: Iterable[tuple[int, str | None, int, int]]) -> None:
        """Note (link id, link text, device, inode) of links that are there now."""
        known = list(proofs)
        with self._registry.transaction() as connection:
            connection.executemany(
                "UPDATE links SET state = 'made', link_text = ?, device = ?, inode = ?"
                " WHERE link_id = ?",
                [(text, device, inode, link_id) for link_id, text, device, inode in known],
            )
            _end_giving_way(connection, (link_id for link_id, *_ in known))

    def begin_removing(self, link_ids: Iterable[int]) -> None:
        with self._registry.transaction() as connection:
            connection.executemany(
                "UPDATE links SET state = 'removing' WHERE link_id = ?",
                [(link_id,) for link_id in link_ids],
            )

    def keep(self, link_ids: Iterable[int]) -> None:
        """Take a begun removal back: the link stays."""
        with self._registry.transaction() as connection:
            connection.executemany(
                "UPDATE links SET state = 'made' WHERE link_id = ?",
                [(link_id,) for link_id in link_ids],
            )

    def forget(self, link_ids: Iterable[int]) -> None:
        gone = list(link_ids)
        with self._registry.transaction() as connection:
            connection.executemany(
                "DELETE FROM links WHERE link_id = ?", [(link_id,) for link_id in gone]
            )
            _end_giving_way(connection, gone)

    def repoint(self, links: Iterable[Link]) -> None:
        """Say that the bytes of links are elsewhere now, or that they are linked in another way. What
        is known of the link that is there stays, until `made` tells of the new one."""
        with self._registry.transaction() as connection:
            connection.executemany(
                "UPDATE links SET model_id = ?, file = ?, root_id = ?, source = ?, method = ?,"
                " external = ? WHERE link_id = ?",
                [
                    (
                        link.model_id,
                        link.file,
                        link.root_id,
                        link.source,
                        link.method.value,
                        link.external,
                        link.link_id,
                    )
                    for link in links
                ],
            )

    def _select(self, where: str, bound: tuple[object, ...]) -> list[Link]:
        condition = f" WHERE {where}" if where else ""
        sql = f"SELECT {_LINK_COLUMNS} FROM links{condition} ORDER BY link_id"  # noqa: S608 - our names
        return [_link(row) for row in self._registry.rows(sql, *bound)]

    # --- what gave way ---------------------------------------------------------------------------

    def replaced(self, app_id: str) -> list[Replaced]:
        rows = self._registry.rows(
            "SELECT replaced_id, app_id, target, kept, reason, size, sha256, replaced, inode,"
            " mtime_ns, link_id FROM replaced"
            " WHERE app_id = ? ORDER BY replaced_id",
            app_id,
        )
        return [Replaced(*row) for row in rows]

    def note_replaced(
        self,
        app_id: str,
        target: str,
        kept: str,
        reason: str,
        size: int,
        sha256: str | None,
        inode: int,
        mtime_ns: int,
        link_id: int | None = None,
    ) -> int:
        """Remember a file before it gives way, to a link that is being made if there is one; a crash leaves
        a row whose `kept` is not there."""
        with self._registry.transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO replaced (app_id, target, kept, reason, size, sha256, inode, mtime_ns,"
                " link_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (app_id, target, kept, reason, size, sha256, inode, mtime_ns, link_id),
            )
            return int(cursor.lastrowid or 0)

    def forget_replaced(self, replaced_ids: Iterable[int]) -> None:
        with self._registry.transaction() as connection:
            connection.executemany(
                "DELETE FROM replaced WHERE replaced_id = ?", [(one,) for one in replaced_ids]
            )


def _remember_replaced(
    connection: sqlite3.Connection, app_id: str, path: str, inode: int | None
) -> None:
    """Give an application what gave way in its directory before it was removed from the library."""
    before = "FROM replaced_before WHERE path = ? AND directory IS ?"
    connection.execute(
        "INSERT INTO replaced (app_id, target, kept, reason, size, sha256, replaced, inode, mtime_ns)"
        f" SELECT ?, target, kept, reason, size, sha256, replaced, inode, mtime_ns {before}"
        " ORDER BY rowid",
        (app_id, path, inode),
    )
    connection.execute(f"DELETE {before}", (path, inode))


def _end_giving_way(connection: sqlite3.Connection, link_ids: Iterable[int]) -> None:
    """What gave way to links that are made, or given up, stays where it is kept until a person asks for it:
    their numbers are used again."""
    open_acts = connection.execute("SELECT 1 FROM replaced WHERE link_id IS NOT NULL LIMIT 1")
    if open_acts.fetchone() is not None:
        connection.executemany(
            "UPDATE replaced SET link_id = NULL WHERE link_id = ?",
            [(link_id,) for link_id in link_ids],
        )


def _link(row: Sequence[Any]) -> Link:
    values = list(row)
    values[7], values[11] = LinkMethod(row[7]), bool(row[11])
    values[12] = LinkState(row[12])
    return Link(*values)


def _in_pieces(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), _A_STATEMENT):
        yield values[start : start + _A_STATEMENT]


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
