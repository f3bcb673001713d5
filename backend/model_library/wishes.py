"""Which links the rules of a profile want for which model, and under which names. Pure: nothing here reads
or changes anything.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any, Final, NamedTuple

from model_library.link_names import telling_names
from model_library.link_registry import App, Link, NewLink
from model_library.methods import MethodChoice
from model_library.naming import collision_key, name_with, safe_file_name
from model_library.profiles.matching import Facts, Refusal, RuleBook
from model_library.profiles.profile import HERE, Layout, Rule
from model_library.taxonomy import (
    FileRole,
    LinkMethod,
    LinkPreference,
    ModelForm,
    ModelState,
    SecurityTier,
)

WHOLE: Final = "."
"""As the file of a link: the directory of the model."""
_FOLDERS: Final = frozenset({ModelForm.DIFFUSERS_FOLDER, ModelForm.TRANSFORMERS_FOLDER})
_BESIDE: Final = frozenset({FileRole.CONFIG, FileRole.COMPANION})
"""What goes with the weights into a directory of the model."""
_NOT_THERE: Final = frozenset({ModelState.MISSING, ModelState.INVALID})
_UNSAFE: Final[Mapping[str, str]] = {
    SecurityTier.PICKLE_DANGEROUS: "Opening it would run code that was found in it",
    SecurityTier.UNREADABLE: "It could not be examined",
}
_DOUBTFUL: Final = frozenset({SecurityTier.PICKLE_UNKNOWN, SecurityTier.EXECUTABLE})
_NO_PUBLISHER: Final = "model-library"
"""Stands for the publisher of a model of which no repository is known."""
_DIGITS: Final = 8
"""Of the content digest, in the name of the later of two models with one name."""


class Candidate(NamedTuple):
    """One model as the index has it; `document` is its parsed metadata.json."""

    model_id: str
    root_id: str
    location: str
    state: str
    document: Mapping[str, Any]
    facts: Facts


class Standing(NamedTuple):
    """What a plan needs to know of a model beside its wish. Of many models the documents are not kept."""

    root_id: str
    name: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What decides besides the model: all of it is data or a question about data."""

    app: App
    rules: RuleBook
    roots: Mapping[str, bool]
    """Whether a root is online, by its id."""
    choose_method: Callable[[str, LinkPreference, str], MethodChoice]
    """For a root, what the rule prefers, and the directory of the rule."""
    restriction: Callable[[Candidate], Refusal | None]
    """What `overrides.json` of a model says against this application."""


class Entry(NamedTuple):
    """One link that is wanted."""

    file: str
    source: str
    """Below the root."""
    name: str
    """Below the directory of the rule; with a '/' in the model's own directory, which may be two steps deep."""
    size: int
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Wish:
    """All links that one model should have in the application; names may still clash."""

    model_id: str
    root_id: str
    directory: str
    entries: tuple[Entry, ...]
    digest: str
    method: LinkMethod
    external: bool
    doubtful: bool
    """What is linked could run code when it is opened."""
    steps: int = 1
    """Of the directory that the model has in that of the rule, if it has one."""
    shares: bool = False
    """That directory is one of a repository, in which other models may lie."""


@dataclass(frozen=True, slots=True)
class PlannedLink:
    link: NewLink
    size: int
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Excluded:
    """A model that is not linked; `reason` is a stable code, `value` what of the model it is about."""

    model_id: str
    name: str
    reason: str
    detail: str
    value: str = ""


# --- what a model wants ----------------------------------------------------------------------------


def wish(model: Candidate, around: Surroundings) -> Wish | Excluded:
    """The links that a model should have, or why it has none."""
    document = model.document
    weights = [file for file in document["files"] if file["role"] == FileRole.WEIGHT]
    names = telling_names(document)
    chosen = around.rules.choose(model.facts, weights, names)
    if names and _takes(own := around.rules.choose(model.facts, weights)):
        chosen, names = own, {}
    refusal = chosen if isinstance(chosen, Refusal) else _unavailable(model, around)
    if refusal is None:
        refusal = around.restriction(model)
    if isinstance(chosen, Refusal) or refusal is not None:
        return _excluded(model, refusal or Refusal("kind", ""))
    rule, files = chosen
    repository = _repository(model, around.app, rule)
    choice = around.choose_method(model.root_id, rule.method, rule.target)
    if choice.method is None:
        return _excluded(
            model, Refusal("no-links", "Its drive and the application's allow no link")
        )
    return Wish(
        model_id=model.model_id,
        root_id=model.root_id,
        directory=rule.target,
        entries=tuple(_entries(model, rule, files, names, choice.method, repository)),
        digest=document["content_digest"][:_DIGITS],
        method=choice.method,
        external=choice.external,
        doubtful=document["security"]["tier"] in _DOUBTFUL,
        steps=2 if rule.layout is Layout.REPOSITORY else 1,
        shares=repository is not None,
    )


def _takes(chosen: tuple[Rule, Sequence[Mapping[str, Any]]] | Refusal) -> bool:
    """Whether a rule asks for files that are called as these are: ComfyUI lists classifiers without an ending."""
    return not isinstance(chosen, Refusal) and bool(chosen[0].extensions)


def _unavailable(model: Candidate, around: Surroundings) -> Refusal | None:
    if not around.roots.get(model.root_id, False):
        return Refusal("offline", "Its root is offline")
    if model.state in _NOT_THERE or model.document.get("missing_files"):
        return Refusal("missing", "Files of it are missing")
    tier = model.document["security"]["tier"]
    return Refusal(tier, _UNSAFE[tier]) if tier in _UNSAFE else None


def _excluded(model: Candidate, refusal: Refusal) -> Excluded:
    name = str(model.document["official_name"])
    return Excluded(model.model_id, name, refusal.reason, refusal.detail, refusal.value)


def _entries(
    model: Candidate,
    rule: Rule,
    weights: Sequence[Mapping[str, Any]],
    names: Mapping[str, str],
    method: LinkMethod,
    repository: str | None,
) -> Iterator[Entry]:
    document = model.document
    place, folder = _place(model)
    if rule.layout is Layout.DIRECTORY and method is not LinkMethod.HARD_LINK:
        yield Entry(WHOLE, place or WHOLE, folder, document["size"], None)
        return
    in_folder = rule.layout is not Layout.FILES
    files = weights
    if in_folder:  # of a directory no hard link can be made: its files get one each
        linked = {file["path"] for file in weights}
        files = [f for f in document["files"] if f["path"] in linked or f["role"] in _BESIDE]
    if rule.layout is Layout.REPOSITORY:
        folder = repository or f"{_NO_PUBLISHER}/{folder}"
    prefix = f"{folder}/" if in_folder or document["form"] in _FOLDERS else ""
    above = f"{place}/" if place else ""
    for file in files:
        path = file["path"]
        name = prefix + names.get(path, path)
        yield Entry(path, above + path, name, file["size"], file.get("sha256"))


def _place(model: Candidate) -> tuple[str, str]:
    """The directory of the model's files below its root, and the name of a directory for it."""
    reference = model.document.get("reference")
    if not reference:
        return model.location, posixpath.basename(model.location)
    place = "" if reference["path"] == WHOLE else str(reference["path"])
    own = place and model.document["form"] in _FOLDERS  # else it lies among other models
    return place, posixpath.basename(place) if own else str(model.document["slug"])


def _repository(model: Candidate, app: App, rule: Rule) -> str | None:
    """The two directories `owner/name` of a model: those where it lay in the application before, else the
    first repository that it can be had from, if both are names of directories."""
    if rule.layout is not Layout.REPOSITORY:
        return None
    sources = (str(source.get("repo") or "") for source in model.document.get("sources", ()))
    for repository in (_lay_in(model, app.path / rule.target), *sources):
        owner, _, name = repository.partition("/")
        if all(_is_name(step) for step in (owner, name)):
            return repository
    return None


def _is_name(step: str) -> bool:
    """Whether a directory may be called so; what begins with a dot is hidden, or ours."""
    plain = bool(step) and "/" not in step and not step.startswith(".")
    return plain and safe_file_name(step) == step


def _lay_in(model: Candidate, directory: Path) -> str:
    """The way from a directory to that of the files that a model was imported from; empty if it was elsewhere."""
    origin = Path(model.document.get("origin_path") or "")
    shards = sum(file["role"] == FileRole.WEIGHT for file in model.document["files"])
    folder = origin if shards > 1 else origin.parent
    return folder.relative_to(directory).as_posix() if folder.is_relative_to(directory) else ""


# --- names -----------------------------------------------------------------------------------------


def name_links(
    app_id: str, wishes: Iterable[Wish], rows: Iterable[Link]
) -> tuple[list[PlannedLink], list[Wish]]:
    """Names for all wishes, and the wishes for which there is none.

    A model keeps the names that it has. Where two models want one name, as filesystems compare names, the
    later one gets a part of its content digest. `rows` are the links of these models and those at the
    names that they could get.
    """
    wishes = list(wishes)
    names = _Names(rows, {wish.directory for wish in wishes})
    planned: list[PlannedLink] = []
    undecided: list[Wish] = []
    for one in wishes:
        targets = names.known(one)
        if targets is None:
            undecided.append(one)
        else:
            planned += _planned(app_id, one, targets)
    unnamed: list[Wish] = []
    for one in sorted(undecided, key=_model_id):
        targets = names.free(one)
        if targets is None:
            unnamed.append(one)
        else:
            planned += _planned(app_id, one, targets)
    return planned, unnamed


def possible_targets(wishes: Iterable[Wish]) -> set[str]:
    """All targets that the links of these models could get."""
    return {
        target
        for wish in wishes
        for with_digest in (False, True)
        for target in _targets(wish, with_digest=with_digest)
    }


_model_id = attrgetter("model_id")


class _Names:
    """Who has which name."""

    def __init__(self, rows: Iterable[Link], directories: Collection[str]) -> None:
        self._owners: dict[str, str] = {}
        self._targets: dict[str, set[str]] = {}
        for row in rows:
            self._targets.setdefault(row.model_id, set()).add(row.target)
            self._owners[_key(row.target)] = row.model_id
            above = posixpath.dirname(row.target)
            while above and above not in directories:
                self._owners[_key(above)] = row.model_id
                above = posixpath.dirname(above)

    def known(self, wish: Wish) -> list[str] | None:
        """The names that the model has, or None when it has none of those that it could have."""
        has = self._targets.get(wish.model_id)
        if has is None:
            return None
        for with_digest in (False, True):
            targets = _targets(wish, with_digest=with_digest)
            if not has.isdisjoint(targets):
                self._take(wish, targets)
                return targets
        return None

    def free(self, wish: Wish) -> list[str] | None:
        """The first names that no other model has; they are the model's from now on."""
        for with_digest in (False, True):
            targets = _targets(wish, with_digest=with_digest)
            owners = {self._owners.get(key, wish.model_id) for key in _units(wish, targets)}
            if owners <= {wish.model_id}:
                self._take(wish, targets)
                return targets
        return None

    def _take(self, wish: Wish, targets: Iterable[str]) -> None:
        for key in _units(wish, targets):
            self._owners[key] = wish.model_id


def _units(wish: Wish, targets: Iterable[str]) -> Iterator[str]:
    """What of the names may clash: a file, or the model's own directory."""
    if wish.shares:
        yield from map(_key, targets)
        return
    start = 0 if wish.directory == HERE else len(wish.directory) + 1
    for target in targets:
        own = target[start:].split("/")[: wish.steps]
        yield _key(target[:start] + "/".join(own))


def _targets(wish: Wish, *, with_digest: bool) -> list[str]:
    above = "" if wish.directory == HERE else f"{wish.directory}/"
    if not with_digest:
        return [above + entry.name for entry in wish.entries]
    return [above + _with_digest(wish, entry) for entry in wish.entries]


def _with_digest(wish: Wish, entry: Entry) -> str:
    own, inside = entry.name.split("/")[: wish.steps], entry.name.split("/")[wish.steps :]
    if inside or entry.file == WHOLE:
        return "/".join([*own[:-1], f"{own[-1]}-{wish.digest}", *inside])
    return name_with(entry.name, wish.digest)


def _key(target: str) -> str:
    return target.lower() if target.isascii() else collision_key(target)


def _planned(app_id: str, wish: Wish, targets: Iterable[str]) -> Iterator[PlannedLink]:
    for entry, target in zip(wish.entries, targets, strict=True):
        link = NewLink(
            app_id,
            wish.model_id,
            entry.file,
            wish.root_id,
            entry.source,
            target,
            wish.method,
            wish.external,
        )
        yield PlannedLink(link, entry.size, entry.sha256)
