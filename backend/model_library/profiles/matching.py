"""Which rule of a profile takes a model, and if none does, why. Pure."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from model_library.profiles.profile import (
    DIFFUSION,
    HERE,
    Layout,
    Profile,
    Rule,
    Selector,
)

_CHECKS: Final = ("kind", "adapter-type", "variant", "family", "task", "tag", "form", "container")
"""What a selector asks, in order, as the codes of refusals; `size`, `extension`, `shards` and `requires`
follow. Of several rules the one that got furthest tells the reason."""
SIZE, EXTENSION, SHARDS, REQUIRES = (len(_CHECKS) + step for step in range(4))
_CODES: Final = (*_CHECKS, "size", "container", "shards", "requires")


_NONE: Final = frozenset[str]()


class Facts(NamedTuple):
    """What of a model decides where it goes."""

    kind: str
    adapter_type: str | None
    family: str
    variant: str
    form: str
    container: str
    tasks: frozenset[str]
    tags: frozenset[str]
    """In lower case."""
    size: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a model is not linked: a stable code, and a sentence."""

    reason: str
    detail: str


class _No(NamedTuple):
    depth: int
    detail: str


def facts_of(document: Mapping[str, Any]) -> Facts:
    """From a metadata document that was valid when it was indexed."""
    return Facts(
        kind=document.get("kind") or "unknown",
        adapter_type=document.get("adapter_type"),
        family=document.get("family") or "unknown",
        variant=(document.get("variant") or "").casefold(),
        form=document["form"],
        container=document["container"],
        tasks=frozenset(document.get("tasks") or _NONE),
        tags=frozenset([tag.casefold() for tag in document.get("tags") or _NONE]),
        size=document["size"],
    )


class RuleBook:
    """The rules of a profile, ready to be asked for many models.

    `existing` are the targets and the patterns of `requires` that the installation has; `diffusion` tells
    the families that `@diffusion` stands for, and is asked when a model needs it.
    """

    def __init__(
        self,
        profile: Profile,
        existing: Collection[str],
        diffusion: Callable[[], Collection[str]],
    ) -> None:
        self._name = str(profile.name)
        self._display = profile.display
        self._existing = frozenset(existing)
        self._filters = [_expanded(one, diffusion) for one in profile.filters]
        self._diffusion = diffusion
        self._ordered = sorted(profile.rules, key=lambda rule: -rule.priority)
        self._rules: dict[str, list[Rule]] = {}
        self._targets = frozenset(rule.target.casefold() for rule in profile.rules)

    def _for_kind(self, kind: str) -> list[Rule]:
        """The rules for a kind, the one that decides first."""
        if kind not in self._rules:
            self._rules[kind] = [
                replace(rule, selector=_expanded(rule.selector, self._diffusion))
                for rule in self._ordered
                if kind in rule.selector.kinds
            ]
        return self._rules[kind]

    def choose(
        self, facts: Facts, files: Sequence[Mapping[str, Any]]
    ) -> tuple[Rule, list[Mapping[str, Any]]] | Refusal:
        """The rule that takes a model with these weight files, and those of them that it links."""
        rules = self._for_kind(facts.kind)
        if not rules:
            return Refusal("kind", f"{self._display} has no place for {facts.kind}")
        for selector in self._filters:
            no = _refused(selector, facts)
            if no is not None:
                return Refusal(
                    f"filter-{_CODES[no.depth]}", f"The profile {self._name}: {no.detail}"
                )
        furthest = _No(-1, "")
        for rule in rules:
            no = _refused(rule.selector, facts)
            if no is None:
                found = _weights(rule, files)
                missing = self._missing(rule)
                if isinstance(found, list) and missing is None:
                    return rule, found
                no = missing if isinstance(found, list) else found
            if no is not None and no.depth > furthest.depth:
                furthest = no
        return Refusal(_CODES[furthest.depth], furthest.detail)

    def moved_away(self, facts: Facts, target: str) -> bool:
        """Whether a link in `target` is in a directory of the profile that is not for models of this
        kind: then the model was something else when it was linked."""
        above = [up for up in _directories(target.casefold()) if up in self._targets]
        wanted = {rule.target.casefold() for rule in self._for_kind(facts.kind)}
        return bool(above) and above[-1] not in wanted

    def _missing(self, rule: Rule) -> _No | None:
        if rule.if_exists and rule.target not in self._existing:
            return _No(REQUIRES, f"The application has no directory {rule.target}")
        if rule.requires and self._existing.isdisjoint(rule.requires):
            return _No(REQUIRES, f"The application has none of {', '.join(rule.requires)}")
        return None


def questions(rules: Iterable[Rule]) -> tuple[frozenset[str], frozenset[str]]:
    """What has to be known of an installation: the patterns of `requires`, and targets of `if_exists`."""
    some = list(rules)
    patterns = frozenset(pattern for rule in some for pattern in rule.requires)
    return patterns, frozenset(rule.target for rule in some if rule.if_exists)


def _expanded(selector: Selector, diffusion: Callable[[], Collection[str]]) -> Selector:
    if DIFFUSION not in selector.families | selector.exclude_families:
        return selector

    def families(named: frozenset[str]) -> frozenset[str]:
        return named.union(diffusion()) if DIFFUSION in named else named

    return replace(
        selector,
        families=families(selector.families),
        exclude_families=families(selector.exclude_families),
    )


def _refused(selector: Selector, facts: Facts) -> _No | None:
    """The first thing that a selector asks and the model has not."""
    asked = (
        _is_none_of(selector.kinds, selector.exclude_kinds, facts.kind),
        _is_none_of(selector.adapter_types, (), facts.adapter_type or ""),
        bool(selector.variants) and not any(word in facts.variant for word in selector.variants),
        _is_none_of(selector.families, selector.exclude_families, facts.family),
        _shares_none(selector.tasks_any, selector.exclude_tasks, facts.tasks),
        _shares_none(selector.tags_any, selector.exclude_tags, facts.tags),
        _is_none_of(selector.forms, (), facts.form),
        _is_none_of(selector.containers, (), facts.container),
    )
    if True in asked:
        depth = asked.index(True)
        return _No(depth, f"no place for {_CHECKS[depth]} {_value(facts, depth)}")
    if selector.min_size is not None and facts.size < selector.min_size:
        return _No(SIZE, f"{facts.size} bytes is less than {selector.min_size}")
    if selector.max_size is not None and facts.size > selector.max_size:
        return _No(SIZE, f"{facts.size} bytes is more than {selector.max_size}")
    return None


def _is_none_of(wanted: Collection[str], refused: Collection[str], value: str) -> bool:
    return bool(wanted and value not in wanted) or value in refused


def _shares_none(wanted: frozenset[str], refused: frozenset[str], values: frozenset[str]) -> bool:
    return bool(wanted and wanted.isdisjoint(values)) or not refused.isdisjoint(values)


def _value(facts: Facts, depth: int) -> str:
    values = (
        facts.kind,
        facts.adapter_type or "none",
        facts.variant or "none",
        facts.family,
        ", ".join(sorted(facts.tasks)) or "none",
        ", ".join(sorted(facts.tags)) or "none",
        facts.form,
        facts.container,
    )
    return values[depth]


def _weights(rule: Rule, files: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]] | _No:
    """The weight files that a rule links, of those that a model has."""
    if not rule.extensions or rule.layout is Layout.DIRECTORY:
        return list(files)
    by_extension: dict[str, list[Mapping[str, Any]]] = {}
    for file in files:
        by_extension.setdefault(posixpath.splitext(file["path"])[1].lower(), []).append(file)
    listed = [one for one in rule.extensions if one in by_extension]
    if not listed:
        has, takes = ", ".join(sorted(by_extension)), ", ".join(rule.extensions)
        return _No(EXTENSION, f"{rule.target} is for {takes}, and its files are {has or 'none'}")
    if not rule.one_weight:
        return [file for one in listed for file in by_extension[one]]
    alone = next((by_extension[one] for one in listed if len(by_extension[one]) == 1), None)
    if alone is None:
        count = len(by_extension[listed[0]])
        return _No(SHARDS, f"It has {count} weight files; what reads {rule.target} loads one")
    return alone


def _directories(target: str) -> list[str]:
    """The directories that a target is in, the outermost first."""
    parts = target.split("/")
    return [HERE, *("/".join(parts[:end]) for end in range(1, len(parts)))]
