"""Lookups: what a provider knows about models that are here already comes into their `metadata.json`.

A model whose lookup has not been answered is `pending`, in `match.pending`, and stays so while the network is
away: nothing fails, and a later run finds it again. Nothing is written but what a finding changes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from typing import Any, Final, Protocol

from model_library.askers import answers
from model_library.enriching import AUTO, ENOUGH_FOR_TEXTS, MANUAL, changed_fields, merged
from model_library.errors import (
    CancelledError,
    InvalidValueError,
    ModelLibraryError,
    NetworkError,
    OfflineError,
    RateLimitedError,
    RecordChangedError,
    RootOfflineError,
    TokenInvalidError,
)
from model_library.events import Listener, ModelDone, Planned, ignore
from model_library.library import Catalog, Record
from model_library.metadata import ModelMetadata, now
from model_library.providers import Answer, Freshness, LookedUp, RemoteModel
from model_library.publishing import reconciled, write_metadata
from model_library.search.records import MATCH, PENDING
from model_library.taxonomy import MatchMethod

STAGE: Final = "lookup"
THREADS: Final = 4
"""Models that are asked for at once. The provider paces the requests; more threads would only wait."""
_AHEAD: Final = 16
"""Lookups that may wait for their findings to be written, so that memory stays flat."""
_ATTEMPTS: Final = 5
"""Times that a finding is written when other processes change the same model."""
_BY_WORD: Final = 0.95
"""Confidence of a match that a person made and the files do not prove."""

_NO_MORE = (OfflineError, RateLimitedError, TokenInvalidError)
"""What the next model would meet as well."""


class Outcome(StrEnum):
    """What became of the lookup of one model."""

    MATCHED = "matched"
    MODIFIED = "modified"
    """The provider has the file under this name with other bytes."""
    UNCERTAIN = "uncertain"
    """The names are alike; nothing but the source was recorded."""
    NONE = "none"
    PENDING = "pending"
    """There was no answer; it is asked again another time."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ModelLookup:
    """What became of one model."""

    model_id: str
    outcome: Outcome
    found: LookedUp | None = None
    """Without the list of files of its repository. None: there was no answer."""
    changed: tuple[str, ...] = ()
    """Fields of metadata.json."""
    error: ModelLibraryError | None = None

    @property
    def repo(self) -> str | None:
        remote = None if self.found is None else self.found.remote
        return None if remote is None else remote.repo


@dataclass(frozen=True, slots=True)
class LookupReport:
    """Every model that was asked for, in the order of the request."""

    models: tuple[ModelLookup, ...]

    @property
    def calls(self) -> int:
        """Requests to the provider that an answer took."""
        return sum(model.found.calls for model in self.models if model.found is not None)


@dataclass(frozen=True, slots=True)
class LookupRequest:
    """What a person asked for, as it is kept with the job."""

    ids: tuple[str, ...] = ()
    """Models; none: those that are pending."""
    repo: str | None = None
    """OWNER/NAME that the one model is said to come from."""
    revision: str | None = None
    everything: bool = False

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> LookupRequest:
        """Raises InvalidValueError for what no lookup was begun with."""
        ids, repo, revision = (document.get(name) for name in ("ids", "repo", "revision"))
        everything = document.get("everything", False)
        right = (
            isinstance(ids, list)
            and all(isinstance(one, str) for one in ids)
            and isinstance(repo, str | None)
            and isinstance(revision, str | None)
            and isinstance(everything, bool)
            and (repo is None or len(ids) == 1)
        )
        if not right:
            raise InvalidValueError(
                "The job has no parameters of a lookup",
                hint="Its row was changed. Cancel it and give the command again.",
            )
        return cls(tuple(ids or ()), repo, revision, everything)


class LookupProvider(Protocol):
    """What of a `providers.Provider` lookups need."""

    def look_up(self, model: ModelMetadata) -> LookedUp: ...

    def details(self, repo: str, revision: str | None = None) -> Answer[RemoteModel]: ...

    def compare(self, model: ModelMetadata, remote: RemoteModel) -> LookedUp: ...


def pending(catalog: Catalog) -> list[str]:
    """Ids of the models whose lookup has not been answered."""
    return catalog.index.ids_with(MATCH, PENDING)


def reachable(catalog: Catalog, most: int) -> list[str]:
    """The same, of those whose files are not on a drive that is away; the latest, and no more than so many."""
    online = {root.root_id for root in catalog.roots if root.online}
    found = (one for one in pending(catalog) if catalog.indexed(one).root_id in online)
    return list(islice(found, most))


class Lookups:
    """Looks models of one library up at one provider. Used by one thread at a time."""

    def __init__(
        self,
        catalog: Catalog,
        provider: LookupProvider,
        listener: Listener = ignore,
        *,
        cancelled: threading.Event | None = None,
        calling: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """`calling` is entered by each thread around its requests: it says how long they may wait."""
        self._calling = calling
        self._catalog = catalog
        self._provider = provider
        self._listener = listener
        self._cancelled = cancelled or threading.Event()
        self._no_more: ModelLibraryError | None = None
        self.answered = False
        """Whether the provider has answered at all."""

    def look_up(self, model_ids: Sequence[str] | None = None) -> LookupReport:
        """Look up the named models, or all whose lookup is pending.

        Raises ModelNotFoundError, AmbiguousModelIdError, LibraryReadOnlyError (before anything is asked),
        CancelledError; what was found until then is kept.
        """
        catalog = self._catalog
        catalog.require_writable()
        if model_ids is None:
            wanted = pending(catalog)
        else:
            wanted = list(dict.fromkeys(catalog.resolve(model_id) for model_id in model_ids))
        self._no_more = None
        self._listener(Planned(STAGE, len(wanted), 0))
        return LookupReport(tuple(self._all(wanted)))

    def set_source(self, model_id: str, repo: str, revision: str | None = None) -> LookupReport:
        """A person says that a model comes from this repository; no later lookup changes that.

        Raises the errors of `look_up`, of the provider and of the network; then nothing was changed.
        """
        self._catalog.require_writable()
        record = self._catalog.record(model_id)
        record.root.require_online()
        answer = self._provider.details(repo, revision)
        found = self._provider.compare(record.metadata, answer.value)
        if found.remote is None:
            found = replace(found, method=MatchMethod.METADATA, remote=answer.value)
        calls = int(answer.freshness is not Freshness.CACHED)
        found = replace(found, confidence=max(found.confidence, _BY_WORD), calls=calls)
        return LookupReport((self._written(record.metadata, found, MANUAL),))

    def _all(self, wanted: Sequence[str]) -> Iterator[ModelLookup]:
        """The first one alone: a provider that did not answer is tried by one request, and refuses the others."""
        for part in (wanted[:1], wanted[1:]):
            for asked in answers(self._ask, part, self._cancelled, threads=THREADS, ahead=_AHEAD):
                yield self._settled(asked)

    def _ask(self, model_id: str) -> _Asked:
        """In a thread of its own: read one model and ask for it."""
        if self._no_more is not None:
            return ModelLookup(model_id, Outcome.PENDING, error=self._no_more)
        try:
            record = self._catalog.record(model_id)
            record.root.require_online()
            with self._calling():
                found = self._provider.look_up(record.metadata)
        except _NO_MORE as error:
            self._no_more = error
            return ModelLookup(model_id, Outcome.PENDING, error=error)
        except (NetworkError, RootOfflineError) as error:
            return ModelLookup(model_id, Outcome.PENDING, error=error)
        except CancelledError:
            raise
        except ModelLibraryError as error:
            return ModelLookup(model_id, Outcome.FAILED, error=error)
        self.answered = True
        return record.metadata, found

    def _settled(self, asked: _Asked) -> ModelLookup:
        done = asked if isinstance(asked, ModelLookup) else self._kept(*asked)
        self._listener(ModelDone(STAGE, done.model_id, done.outcome.value))
        return done

    def _kept(self, model: ModelMetadata, found: LookedUp) -> ModelLookup:
        try:
            return self._written(model, found, AUTO)
        except RecordChangedError as error:
            return ModelLookup(model.model_id, Outcome.PENDING, found, error=error)
        except ModelLibraryError as error:
            return ModelLookup(model.model_id, Outcome.FAILED, found, error=error)

    def _written(self, model: ModelMetadata, found: LookedUp, by: str) -> ModelLookup:
        changed = apply(self._catalog, model, found, by=by)
        short = found.remote and replace(found.remote, files=None)
        return ModelLookup(
            model.model_id, _outcome(found), replace(found, remote=short), changed=changed
        )


_Asked = ModelLookup | tuple[ModelMetadata, LookedUp]
"""An outcome already, or the model as it was asked for and what was found."""


def apply(
    catalog: Catalog, model: ModelMetadata, found: LookedUp, *, by: str = AUTO
) -> tuple[str, ...]:
    """Bring a finding into the metadata.json of the model that was looked up; durable. Returns the names
    of the fields that changed; when there are none, nothing was written.

    Raises RecordChangedError when the model has other files by now, RootOfflineError, MetadataError,
    LibraryBusyError, FileError; then nothing was changed.
    """
    for _ in range(_ATTEMPTS - 1):
        try:
            return _apply_once(catalog, model, found, by)
        except RecordChangedError:
            continue  # somebody else was quicker: what they wrote is read first
    return _apply_once(catalog, model, found, by)


def _apply_once(
    catalog: Catalog, model: ModelMetadata, found: LookedUp, by: str
) -> tuple[str, ...]:
    indexed = catalog.refreshed(catalog.indexed(model.model_id))
    record: Record = catalog.record_of(indexed)
    record.root.require_online()
    if record.metadata.files != model.files:
        raise RecordChangedError(
            f"{model.model_id} has other files than when it was looked up", path=record.directory
        )
    metadata = merged(record.metadata, found, by=by)
    changed = changed_fields(record.metadata, metadata)
    if changed:
        with reconciled(catalog, record.root, [record.location]):
            catalog.require_unchanged(indexed)
            stamped = metadata.model_copy(update={"updated": now()})
            write_metadata(record.root, record.location, stamped)
    return changed


def _outcome(found: LookedUp) -> Outcome:
    if found.remote is None:
        return Outcome.NONE
    if found.modified:
        return Outcome.MODIFIED
    return Outcome.MATCHED if found.confidence >= ENOUGH_FOR_TEXTS else Outcome.UNCERTAIN
