"""Which repository of the Hub a model of ours comes from.

The Hub cannot be asked by hash (model-facts 1.5). So the repositories that something names are asked for
their files first, then those that a search by name finds, and their sizes and SHA-256 are compared with ours:
at most CALL_BUDGET requests a model, one when its source is known, and no more once the hash is found.

A repository that is not there or not for us is skipped and said; a network that fails is no answer, and
its error goes to the caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePath, PurePosixPath
from typing import Final, Protocol

from model_library.errors import (
    AccessDeniedError,
    InvalidValueError,
    LicenseNotAcceptedError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
    TokenNeededError,
)
from model_library.hf.candidates import (
    Candidate,
    Trust,
    candidates,
    is_generic,
    names_of,
    similarity,
    stem_of,
)
from model_library.hf.confidence import Agreement, Evidence, confidence
from model_library.hf.related_files import is_weight, missing_files, related_files
from model_library.metadata import ModelFile, ModelMetadata
from model_library.providers import (
    Answer,
    LookedUp,
    RemoteFile,
    RemoteModel,
    SearchRequest,
)
from model_library.taxonomy import MatchMethod, ModelForm

CALL_BUDGET: Final = 4
"""Requests for one model."""
_NAMED_BUDGET: Final = 2
"""Of these for repositories that something names, so that a search is left when they are wrong."""
_SEARCHES: Final = 2
_HITS: Final = 20
"""Repositories that a search returns; they cost one request together."""
_GOOD_ENOUGH: Final = 0.6
"""Confidence at which a repository that was stated is believed, and nothing else is looked for."""
_COMPARED_NAMES: Final = 500
"""Names of a repository that ours is compared with when none is the same."""

_NOT_FOR_US: Final = (
    InvalidValueError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
    TokenNeededError,
    LicenseNotAcceptedError,
    AccessDeniedError,
)
_NOTHING: Final = LookedUp(MatchMethod.NONE, 0.0)


class Hub(Protocol):
    """What of the Hub a lookup asks; `client.HubClient` is one."""

    @property
    def calls(self) -> int:
        """Requests that this thread has made so far; answers from the cache are none."""
        ...

    def search(self, request: SearchRequest) -> Answer[tuple[RemoteModel, ...]]: ...

    def details(self, repo: str, revision: str | None = None) -> Answer[RemoteModel]: ...


def look_up(hub: Hub, model: ModelMetadata) -> LookedUp:
    """The published model that this is, as far as names, sizes and hashes tell.

    Raises the errors of `errors.NetworkError`, and TokenInvalidError: then nothing is known.
    """
    return _Lookup(hub, model).run()


def compared(model: ModelMetadata, remote: RemoteModel) -> LookedUp:
    """What one repository with its files has to do with a model. Pure.

    All weights must come from it: the weakest of them decides.
    """
    files = remote.files or ()
    listing = _Listing.of(files)
    found = [_best(model, weight, listing, remote) for weight in model.weights]
    if not found or not files:
        return _NOTHING
    weakest = min(found, key=lambda one: one.sure)
    if weakest.method is MatchMethod.NONE:
        return _NOTHING
    taken = [one.file for one in found if one.file is not None and one.method is not _FUZZY]
    first = next((one.file for one in found if one.file is not None), None)
    return LookedUp(
        method=weakest.method,
        confidence=weakest.sure,
        modified=any(one.modified for one in found),
        remote=remote,
        file=None if first is None else first.path,
        related=related_files(model, files, first),
        missing=missing_files(model, files, taken),
    )


# --- the order of questions --------------------------------------------------------------------------


class _Lookup:
    """One run for one model."""

    def __init__(self, hub: Hub, model: ModelMetadata) -> None:
        self._hub = hub
        self._model = model
        self._allowed = _NAMED_BUDGET
        self._asked = 0
        self._before = hub.calls
        self._best = _NOTHING
        self._seen: set[str] = set()
        self._warnings: list[str] = []

    def run(self) -> LookedUp:
        known = candidates(self._model)
        own = [one for one in known if one.trust < Trust.PARENT]
        for candidate in own:
            if self._left <= 0 or self._ask(candidate):
                break
        self._allowed = CALL_BUDGET
        if not self._is_settled():
            self._search([one.text for one in known if one.trust is Trust.SEARCH])
        for parent in (one for one in known if one.trust is Trust.PARENT):
            unseen = parent.text.lower() not in self._seen
            if unseen and self._left > 0 and not self._is_settled():
                self._ask(parent)
        return replace(
            self._best, calls=self._made, asked=self._asked, warnings=tuple(self._warnings)
        )

    @property
    def _made(self) -> int:
        return self._hub.calls - self._before

    @property
    def _left(self) -> int:
        """Requests that may still be made. A question that the cache answers counts as one, so that the
        answer to the same lookup does not depend on what is kept."""
        return self._allowed - max(self._asked, self._made)

    def _is_settled(self) -> bool:
        return self._best.confidence >= _GOOD_ENOUGH

    def _search(self, texts: list[str]) -> None:
        for text in texts[:_SEARCHES]:
            if self._left < 2:  # noqa: PLR2004 - a search needs a look at what it finds
                return
            self._asked += 1
            hits = self._hub.search(SearchRequest(text, limit=_HITS)).value
            fresh = [hit for hit in hits if hit.repo.lower() not in self._seen]
            for hit in _ranked(self._model, fresh):
                if self._left <= 0 or self._ask(Candidate(Trust.SEARCH, hit.repo)):
                    return
            if fresh:
                return

    def _ask(self, candidate: Candidate) -> bool:
        """Look at one repository; whether nothing more needs to be looked for."""
        self._seen.add(candidate.text.lower())
        remote = self._details(candidate)
        if remote is None:
            return False
        found = compared(self._model, remote)
        is_parent = candidate.trust is Trust.PARENT
        if is_parent and found.method is not MatchMethod.HASH:
            return False
        if found.confidence > self._best.confidence:
            self._best = found
        stated = candidate.trust is not Trust.SEARCH and found.confidence >= _GOOD_ENOUGH
        return stated or found.method is MatchMethod.HASH

    def _details(self, candidate: Candidate) -> RemoteModel | None:
        for revision in dict.fromkeys((candidate.revision, None)):
            if self._left <= 0:
                return None
            self._asked += 1
            try:
                return self._hub.details(candidate.text, revision).value
            except _NOT_FOR_US as error:
                self._warnings.append(error.message)
                if not isinstance(error, RevisionNotFoundError):
                    return None
        return None


def _ranked(model: ModelMetadata, hits: Iterable[RemoteModel]) -> list[RemoteModel]:
    """The most alike first; of equals the one with more downloads."""
    names = names_of(model)

    def alike(hit: RemoteModel) -> tuple[float, int]:
        own = hit.repo.rpartition("/")[2]
        return (max((similarity(name, own) for name in names), default=0.0), hit.downloads or 0)

    return sorted(hits, key=alike, reverse=True)


# --- one file against a listing ------------------------------------------------------------------------

_FUZZY = MatchMethod.FILENAME_FUZZY


@dataclass(frozen=True, slots=True)
class _Found:
    """The published file that is most like one of ours."""

    method: MatchMethod
    sure: float
    modified: bool = False
    file: RemoteFile | None = None


@dataclass(frozen=True, slots=True)
class _Listing:
    """The files of a repository by what they are looked for by."""

    by_sha256: dict[str, RemoteFile] = field(default_factory=dict)
    by_path: dict[str, RemoteFile] = field(default_factory=dict)
    by_name: dict[str, list[RemoteFile]] = field(default_factory=dict)
    weights: list[RemoteFile] = field(default_factory=list)

    @classmethod
    def of(cls, files: Iterable[RemoteFile]) -> _Listing:
        listing = cls()
        for file in files:
            if file.sha256 is not None:
                listing.by_sha256.setdefault(file.sha256, file)
            listing.by_path[file.path.lower()] = file
            listing.by_name.setdefault(PurePosixPath(file.path).name.lower(), []).append(file)
            if is_weight(file):
                listing.weights.append(file)
        return listing

    def named(self, weight: ModelFile, form: ModelForm) -> list[RemoteFile]:
        """The files that have its very name: in a folder model the relative one."""
        paths = (weight.original_name.lower(), weight.path.lower())
        whole = [self.by_path[path] for path in paths if path in self.by_path]
        if whole or form in (ModelForm.DIFFUSERS_FOLDER, ModelForm.TRANSFORMERS_FOLDER):
            return whole
        name = PurePath(weight.original_name).name.lower()
        return self.by_name.get(name, []) or self.by_name.get(
            PurePath(weight.path).name.lower(), []
        )


def _best(
    model: ModelMetadata, weight: ModelFile, listing: _Listing, remote: RemoteModel
) -> _Found:
    same = listing.by_sha256.get(weight.sha256)
    if same is not None and _sizes(weight, same) is not Agreement.DIFFERS:
        return _judged(weight, same, 1.0)
    named = [_judged(weight, file, 1.0) for file in listing.named(weight, model.form)]
    generic = is_generic(weight.original_name)
    telling = [one for one in named if not (generic and one.modified)]
    if telling:
        return max(telling, key=lambda one: one.sure)
    return _alike(model, weight, listing, remote)


def _alike(
    model: ModelMetadata, weight: ModelFile, listing: _Listing, remote: RemoteModel
) -> _Found:
    """By names that are not the same: those of the files, and that of the repository."""
    names = names_of(model)
    repo = remote.repo.rpartition("/")[2]
    of_repo = max((similarity(name, repo) for name in names), default=0.0)
    best = _judged(weight, None, of_repo)
    for file in _distinct(listing.weights):
        if is_generic(file.path):
            continue
        alike = max((similarity(name, file.path) for name in names), default=0.0)
        judged = _judged(weight, file, max(alike, of_repo))
        if judged.sure > best.sure or (judged.sure == best.sure and best.file is None):
            best = judged
    return best


def _distinct(files: list[RemoteFile]) -> Iterator[RemoteFile]:
    """One of each name and size, so that 1,000 shards are not 1,000 comparisons."""
    seen: set[tuple[str, int | None]] = set()
    for file in files:
        key = (stem_of(file.path), file.size)
        if key not in seen and len(seen) < _COMPARED_NAMES:
            seen.add(key)
            yield file


def _judged(weight: ModelFile, file: RemoteFile | None, alike: float) -> _Found:
    hashes = Agreement.UNKNOWN
    if file is not None and file.sha256 is not None:
        hashes = Agreement.SAME if file.sha256 == weight.sha256 else Agreement.DIFFERS
    size = Agreement.UNKNOWN if file is None else _sizes(weight, file)
    evidence = Evidence(alike, size, hashes)
    method, sure = confidence(evidence)
    return _Found(method, sure, evidence.modified, None if method is MatchMethod.NONE else file)


def _sizes(weight: ModelFile, file: RemoteFile) -> Agreement:
    if file.size is None:
        return Agreement.UNKNOWN
    return Agreement.SAME if file.size == weight.size else Agreement.DIFFERS
