"""Which rule of a profile takes a model, and if none does, why. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from model_library.display_names import display_name
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


class Facts(NamedTuple):
    """What of a model decides where it goes."""

    kind: str
    adapter_type: str | None
    family: str
    variant: str
    form: str
    container: str
    tasks: tuple[str, ...]
    tags: tuple[str, ...]
    """In lower case."""
    size: int
    """Last, because few rules ask for it."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a model is not linked: a stable code, a sentence, and what of the model (or which directory) the code is about."""

    reason: str
    detail: str
    value: str = ""


class _No(NamedTuple):
    depth: int
    detail: str
    value: str


class _Choice(NamedTuple):
    rule: Rule
    files: Sequence[int]
    """Which of the weight files."""


def facts_of(document: Mapping[str, Any]) -> Facts:
    """From a metadata document that was valid when it was indexed."""
    return Facts(
        kind=document.get("kind") or "unknown",
        adapter_type=document.get("adapter_type"),
        family=document.get("family") or "unknown",
        variant=(document.get("variant") or "").casefold(),
        form=document["form"],
        container=document["container"],
        tasks=tuple(document.get("tasks") or ()),
        tags=tuple([tag.casefold() for tag in document.get("tags") or ()]),
        size=document["size"],
    )


class RuleBook:
    """The rules of a profile, ready to be asked for many models.

    `existing` are the targets and the patterns of `requires` that the installation has; `diffusion` tells
    the families that `@diffusion` stands for, and is asked when a model needs it. Models of which all is
    the same that a rule may ask get the same answer, which is found once.
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
        self._off = {
            kind: rule.target for rule in reversed(profile.off) for kind in rule.selector.kinds
        }
        self._targets = frozenset(rule.target.casefold() for rule in profile.rules)
        selectors = [*profile.filters, *(rule.selector for rule in profile.rules)]
        self._asks_size = any(one.min_size or one.max_size is not None for one in selectors)
        self._answers: dict[tuple[tuple[object, ...], tuple[str, ...]], _Choice | Refusal] = {}

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
        self,
        facts: Facts,
        files: Sequence[Mapping[str, Any]],
        names: Mapping[str, str] = MappingProxyType({}),
    ) -> tuple[Rule, list[Mapping[str, Any]]] | Refusal:
        """The rule that takes a model with these weight files, and those of them that it links. `names`: what links
        to them are called, by their paths, where that is not the name of the file."""
        asked = facts if self._asks_size else facts[:-1]
        paths = [file["path"] for file in files]
        extensions = tuple([_extension(names.get(path, path)) for path in paths])
        answer = self._answers.get((asked, extensions))
        if answer is None:
            answer = self._answer(facts, extensions)
            self._answers[asked, extensions] = answer
        if isinstance(answer, Refusal):
            return answer
        return answer.rule, [files[index] for index in answer.files]

    def _answer(self, facts: Facts, extensions: Sequence[str]) -> _Choice | Refusal:
        rules = self._for_kind(facts.kind)
        if not rules and facts.kind in self._off:
            target = self._off[facts.kind]
            detail = f"{target} is switched off in the profile {self._name}"
            return Refusal("rule-off", detail, target)
        if not rules:
            name = display_name("kind", facts.kind)
            return Refusal("kind", f"{self._display} has no place for the kind {name}", facts.kind)
        for selector in self._filters:
            no = _refused(selector, facts)
            if no is not None:
                detail = f"The profile {self._name}: {no.detail}"
                return Refusal(f"filter-{_CODES[no.depth]}", detail, no.value)
        furthest = _No(-1, "", "")
        for rule in rules:
            answer = _refused(rule.selector, facts) or self._files(rule, extensions)
            if not isinstance(answer, _No):
                return _Choice(rule, answer)
            if answer.depth > furthest.depth:
                furthest = answer
        return Refusal(_CODES[furthest.depth], furthest.detail, furthest.value)

    def _files(self, rule: Rule, extensions: Sequence[str]) -> Sequence[int] | _No:
        chosen = _weights(rule, extensions)
        return chosen if isinstance(chosen, _No) else self._missing(rule) or chosen

    def moved_away(self, facts: Facts, target: str) -> bool:
        """Whether a link in `target` is in a directory of the profile that is not for models of this
        kind: then the model was something else when it was linked."""
        above = [up for up in _directories(target.casefold()) if up in self._targets]
        wanted = {rule.target.casefold() for rule in self._for_kind(facts.kind)}
        return bool(above) and above[-1] not in wanted

    def _missing(self, rule: Rule) -> _No | None:
        if rule.if_exists and rule.target not in self._existing:
            detail = f"The application has no directory {rule.target}"
            return _No(REQUIRES, detail, rule.target)
        if rule.requires and self._existing.isdisjoint(rule.requires):
            wanted = ", ".join(rule.requires)
            return _No(REQUIRES, f"The application has none of {wanted}", wanted)
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
        value = _value(facts, depth)
        return _No(depth, f"no place for {_CHECKS[depth]} {value}", value)
    size = str(facts.size)
    if selector.min_size is not None and facts.size < selector.min_size:
        return _No(SIZE, f"{size} bytes is less than {selector.min_size}", size)
    if selector.max_size is not None and facts.size > selector.max_size:
        return _No(SIZE, f"{size} bytes is more than {selector.max_size}", size)
    return None


def _is_none_of(wanted: Collection[str], refused: Collection[str], value: str) -> bool:
    return bool(wanted and value not in wanted) or value in refused


def _shares_none(wanted: frozenset[str], refused: frozenset[str], values: tuple[str, ...]) -> bool:
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


def _weights(rule: Rule, extensions: Sequence[str]) -> list[int] | _No:
    """Which of the weight files of a model, given by their extensions, a rule links."""
    if not rule.extensions or rule.layout is Layout.DIRECTORY:
        return list(range(len(extensions)))
    found: dict[str, list[int]] = {}
    for index, extension in enumerate(extensions):
        found.setdefault(extension, []).append(index)
    listed = [one for one in rule.extensions if one in found]
    if not listed:
        has, takes = ", ".join(sorted(found)), ", ".join(rule.extensions)
        detail = f"{rule.target} is for {takes}, and its files are {has or 'none'}"
        return _No(EXTENSION, detail, has)
    if not rule.one_weight:
        return [index for one in listed for index in found[one]]
    alone = next((found[one] for one in listed if len(found[one]) == 1), None)
    if alone is None:
        count = len(found[listed[0]])
        detail = f"It has {count} weight files; what reads {rule.target} loads one"
        return _No(SHARDS, detail, str(count))
    return alone


def _extension(path: str) -> str:
    """In lower case with its dot; "" for a name without one."""
    stem, dot, extension = path.rpartition("/")[2].rpartition(".")
    return f".{extension.lower()}" if dot and stem else ""


def _directories(target: str) -> list[str]:
    """The directories that a target is in, the outermost first."""
    parts = target.split("/")
    return [HERE, *("/".join(parts[:end]) for end in range(1, len(parts)))]
