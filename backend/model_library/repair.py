"""Links that do not lead to their bytes are made to: by the id of the root, then by content.

The bytes of a link are looked for where the registry says, then where its model is now, then in every model
that holds a file of the same SHA-256. What was not made by us stays as it is; what cannot be healed is named.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from model_library.errors import MetadataError, ModelLibraryError, RootNotFoundError
from model_library.events import Listener
from model_library.library import Catalog, Record
from model_library.link_check import AppCheck, CheckedLink, Condition, check_apps
from model_library.link_registry import App, Link
from model_library.repointing import Methods, repoint
from model_library.settling import settle
from model_library.store import stamp_of

if TYPE_CHECKING:
    from model_library.metadata import ModelFile

WHOLE_MODEL: Final = "."
"""What the registry says instead of a file for a link to the directory of a model."""
_HEALABLE: Final = frozenset(
    {Condition.OUTDATED, Condition.ELSEWHERE, Condition.BROKEN, Condition.MISSING}
    | {Condition.FORGOTTEN_BROKEN}
)


class Means(StrEnum):
    """How the bytes of a link were found."""

    ROOT = "root-id"
    MODEL = "model-id"
    CONTENT = "content"


@dataclass(frozen=True, slots=True)
class Heal:
    """A link, as it is to be or is now, and how its bytes were found."""

    link: Link
    condition: Condition
    """What was the matter."""
    means: Means


@dataclass(slots=True)
class Repair:
    """What a repair would do, or did."""

    healed: list[Heal] = field(default_factory=list)
    left: list[tuple[Link, str]] = field(default_factory=list)
    """Links that need healing and got none, and why."""


def plan_repair(
    catalog: Catalog,
    checks: Sequence[AppCheck],
    *,
    twins: bool,
    only: Collection[int] | None = None,
) -> Repair:
    """What can be healed of links that were looked at. Nothing is written. Raises IndexDamagedError.

    `twins`: also take over working links that lead into another copy of the library. `only`: the ids of the
    links that are meant; None: all.
    """
    plan = Repair()
    healable = _HEALABLE | {Condition.TWIN} if twins else _HEALABLE
    sources, methods = _Sources(catalog), Methods(catalog)
    for check in checks:
        for checked in check.links:
            if only is not None and checked.link.link_id not in only:
                continue
            if checked.condition in healable:
                _plan_one(catalog, check.app, checked, sources, methods, plan)
            elif checked.condition in (Condition.DETACHED, Condition.ONLY_COPY):
                plan.left.append((checked.link, checked.condition.value))
    return plan


def _plan_one(
    catalog: Catalog,
    app: App,
    checked: CheckedLink,
    sources: _Sources,
    methods: Methods,
    plan: Repair,
) -> None:
    found = sources.of(checked.link)
    if found is None:
        plan.left.append((checked.link, "no file in the library has its content"))
        return
    link, means = found
    try:
        link = methods.fitting(link, app, catalog.roots.get(link.root_id).path)
    except ModelLibraryError as error:
        plan.left.append((checked.link, error.message))
        return
    plan.healed.append(Heal(link, checked.condition, means))


def repair(
    catalog: Catalog, listener: Listener, *, twins: bool, only: Collection[int] | None = None
) -> Repair:
    """Heal what can be healed in every application that is there; see `plan_repair`. Raises
    LibraryBusyError, IndexDamagedError."""
    with catalog.exclusive():
        settle(catalog, listener)
        plan = plan_repair(catalog, check_apps(catalog, {}), twins=twins, only=only)
        return _carried_out(catalog, plan)


def heal_moved(catalog: Catalog, root_ids: Collection[str]) -> tuple[int, Repair]:
    """Heal the links into roots that are somewhere else than they were, if they lead nowhere now; those that
    still lead to a file may belong to another library. Needs no index.

    Returns how many links lead into these roots, and what was done. Raises LibraryBusyError.
    """
    with catalog.exclusive():
        plan, methods = Repair(), Methods(catalog)
        into = list(_into(check_apps(catalog, {}), root_ids))
        for app, checked in into:
            if checked.condition is Condition.OUTDATED:
                root = catalog.roots.get(checked.link.root_id)
                try:
                    link = methods.fitting(checked.link, app, root.path)
                except ModelLibraryError as error:
                    plan.left.append((checked.link, error.message))
                    continue
                plan.healed.append(Heal(link, checked.condition, Means.ROOT))
            elif checked.condition is not Condition.WORKS:
                plan.left.append((checked.link, checked.condition.value))
        return len(into), _carried_out(catalog, plan)


def _into(
    checks: Iterable[AppCheck], root_ids: Collection[str]
) -> Iterator[tuple[App, CheckedLink]]:
    for check in checks:
        for checked in check.links:
            if checked.link.root_id in root_ids:
                yield check.app, checked


def _carried_out(catalog: Catalog, plan: Repair) -> Repair:
    if not plan.healed:
        return plan
    outcome = repoint(catalog, [heal.link for heal in plan.healed])
    remade = {link.link_id for link in outcome.remade}
    plan.healed = [heal for heal in plan.healed if heal.link.link_id in remade]
    plan.left += outcome.left
    return plan


class _Sources:
    """Where the bytes of links are."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._damaged = catalog.registry.damaged_models()
        self._records: dict[str, Record | None] = {}

    def of(self, link: Link) -> tuple[Link, Means] | None:
        """The link with the source that it is to have, or None when its bytes are nowhere."""
        root = self._catalog.roots.find(link.root_id)
        if root is not None and root.online and (root.path / link.source).exists():
            return link, Means.ROOT
        record = self._record(link.model_id)
        if record is None:
            return None
        here = self._in_model(link, record, link.file)
        if here is not None:
            return here, Means.MODEL
        file = next((file for file in record.metadata.files if file.path == link.file), None)
        copy = None if file is None else self._copy(link, file)
        return None if copy is None else (copy, Means.CONTENT)

    def _copy(self, link: Link, file: ModelFile) -> Link | None:
        for other in self._catalog.index.files_with_sha256(file.sha256):
            record = self._record(other.model_id)
            if other.model_id not in self._damaged and record is not None:
                found = self._in_model(link, record, other.path)
                if found is not None:
                    return found
        return None

    def _in_model(self, link: Link, record: Record, file: str) -> Link | None:
        """The link to a file of a model, if that is there now with its size."""
        if not record.root.online:
            return None
        path = record.files_directory
        if file == WHOLE_MODEL:
            if not path.is_dir() or any(not self._is_there(record, f) for f in _weights(record)):
                return None
        else:
            path /= file
            if not self._is_there(record, file):
                return None
        return replace(
            link,
            model_id=record.metadata.model_id,
            file=file,
            root_id=record.root.root_id,
            source=path.relative_to(record.root.path).as_posix(),
        )

    @staticmethod
    def _is_there(record: Record, file: str) -> bool:
        stamp = stamp_of(record.files_directory / file)
        size = next((one.size for one in record.metadata.files if one.path == file), None)
        return stamp is not None and stamp.size == size

    def _record(self, model_id: str) -> Record | None:
        if model_id not in self._records:
            self._records[model_id] = self._read(model_id)
        return self._records[model_id]

    def _read(self, model_id: str) -> Record | None:
        row = self._catalog.index.get(model_id)
        if row is None:
            return None
        try:
            return self._catalog.record_of(self._catalog.refreshed(row))
        except (MetadataError, RootNotFoundError):  # what is known of it cannot be trusted now
            return None


def _weights(record: Record) -> Iterator[str]:
    from model_library.taxonomy import FileRole

    for file in record.metadata.files:
        if file.role is FileRole.WEIGHT:
            yield file.path
