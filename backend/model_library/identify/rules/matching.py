"""Matching rows against the tensors of one model.

An index over the tensor names answers every key without walking over all names, and a table knows
for each of its rows one key that must be there: a row is looked at only when a tensor has that name
or beginning. So a file costs what its own tensors cost, however many rows the table has. Nothing here
raises for any names, dtypes or shapes.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from model_library.identify.rules.row import Rule, Shape, Variant
from model_library.identify.values import Tensor

_NUMBER = re.compile(r"(?<![^._])\d+(?![^._])")
"""A number that stands alone between dots, underscores or the ends of a name."""


class TensorIndex:
    """The tensors of one model by name, by beginning of name and by name without its numbers."""

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        self.tensors = tensors

    @cached_property
    def names(self) -> list[str]:
        """Sorted."""
        return sorted(self.tensors)

    @cached_property
    def _by_skeleton(self) -> dict[str, list[str]]:
        by_skeleton: dict[str, list[str]] = {}
        for name in self.names:
            by_skeleton.setdefault(_NUMBER.sub("#", name), []).append(name)
        return by_skeleton

    @cached_property
    def _skeletons(self) -> list[str]:
        return sorted(self._by_skeleton)

    def find(self, key: str, prefix: str = "") -> Tensor | None:
        """The first tensor that one of the alternatives of `key` names after `prefix`."""
        for alternative in key.split("|"):
            tensor = self._find_one(_absolute(alternative, prefix))
            if tensor is not None:
                return tensor
        return None

    def has_prefix(self, prefix: str) -> bool:
        """Does any name begin so?"""
        return _first_with(self.names, prefix) is not None

    def _find_one(self, key: str) -> Tensor | None:
        if "#" in key:
            return self._find_numbered(key)
        if not key.endswith("*"):
            return self.tensors.get(key)
        name = _first_with(self.names, key[:-1])
        return None if name is None else self.tensors[name]

    def _find_numbered(self, key: str) -> Tensor | None:
        skeleton, exact = _numbered(key)
        for name in self._names_like(skeleton):
            if exact is None or exact.fullmatch(name):
                return self.tensors[name]
        return None

    def _names_like(self, skeleton: str) -> Iterable[str]:
        if not skeleton.endswith("*"):
            yield from self._by_skeleton.get(skeleton, ())
            return
        head = skeleton[:-1]
        start = bisect_left(self._skeletons, head)
        for candidate in self._skeletons[start:]:
            if not candidate.startswith(head):
                return
            yield from self._by_skeleton[candidate]


@dataclass(frozen=True, slots=True)
class Match:
    """A row that matched, the prefix its keys had, and the variant that was found."""

    rule: Rule
    prefix: str
    variant: str | None


class RuleTable:
    """Rows in their order, ready to be looked up by the tensors of a model."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = tuple(rules)

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._rules)

    def first_match(self, index: TensorIndex) -> Match | None:
        """The first row that the tensors satisfy, with the first of its prefixes; or None."""
        for number in sorted(self._clues.tries_for(index)):
            rule, prefix = self._clues.tries[number]
            if rule.fewer_than is not None and len(index.tensors) >= rule.fewer_than:
                continue
            if _holds(rule, index, prefix):
                return Match(rule, prefix, _variant(rule, index, prefix))
        return None

    @cached_property
    def _clues(self) -> _Clues:
        return _Clues(self._rules)


class _Clues:
    """Which tries (a row with one of its prefixes) are worth making for which names."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.tries: list[tuple[Rule, str]] = []
        self._always: set[int] = set()
        self._by_name: dict[str, list[int]] = {}
        by_head: dict[str, list[int]] = {}
        for rule in rules:
            clue = _clue(rule)
            for prefix in rule.prefixes:
                for alternative in clue:
                    is_exact, text = _certain_part(_absolute(alternative, prefix))
                    posted = self._by_name if is_exact else by_head
                    posted.setdefault(text, []).append(len(self.tries))
                self.tries.append((rule, prefix))
        self._always.update(by_head.pop("", ()))
        self._heads = sorted(by_head)
        self._of_head = [by_head[head] for head in self._heads]
        self._shorter = _shorter_heads(self._heads)

    def tries_for(self, index: TensorIndex) -> set[int]:
        """Numbers of all tries whose clue is among the names; walks over the fewer of both."""
        found = set(self._always)
        for name in self._by_name.keys() & index.tensors.keys():
            found.update(self._by_name[name])
        if len(index.tensors) < len(self._heads):
            for name in index.tensors:
                for place in self._heads_of(name):
                    found.update(self._of_head[place])
        else:
            for head, tries in zip(self._heads, self._of_head, strict=True):
                if index.has_prefix(head):
                    found.update(tries)
        return found

    def _heads_of(self, name: str) -> Iterator[int]:
        """Places of the heads that a name begins with. The longest of them begins whatever sorts
        between itself and the name, so it is found on the way down from there."""
        place = bisect_right(self._heads, name) - 1
        while place >= 0:
            if name.startswith(self._heads[place]):
                yield place
            place = self._shorter[place]


def _clue(rule: Rule) -> list[str]:
    """One of these alternatives must be there, or the row cannot hold: its most telling key."""
    keys = [*rule.needs, *(key for key, _, _ in rule.shapes)]
    return max((key.split("|") for key in keys), key=_telling, default=["*"])


def _certain_part(key: str) -> tuple[bool, str]:
    """What a name that fits a key must be (True), or begin with (False)."""
    if "#" in key:
        return False, key[: key.index("#")]
    return (False, key[:-1]) if key.endswith("*") else (True, key)


def _telling(alternatives: list[str]) -> tuple[bool, int]:
    """How much the least telling alternative says."""
    parts = map(_certain_part, alternatives)
    return min((is_exact, len(text)) for is_exact, text in parts)


def _shorter_heads(heads: Sequence[str]) -> list[int]:
    """For each of the sorted heads the place of the longest other one that begins it, or -1."""
    shorter: list[int] = []
    for place, head in enumerate(heads):
        above = place - 1
        while above >= 0 and not head.startswith(heads[above]):
            above = shorter[above]
        shorter.append(above)
    return shorter


def _holds(condition: Rule | Variant, index: TensorIndex, prefix: str) -> bool:
    return (
        all(index.find(key, prefix) is not None for key in condition.needs)
        and all(_fits(shape, index, prefix) for shape in condition.shapes)
        and all(index.find(key, prefix) is None for key in condition.forbids)
    )


def _fits(condition: Shape, index: TensorIndex, prefix: str) -> bool:
    key, axis, sizes = condition
    tensor = index.find(key, prefix)
    if tensor is None:
        return False
    wanted = sizes if isinstance(sizes, tuple) else (sizes,)
    if axis == "rank":
        return len(tensor.shape) in wanted
    if not -len(tensor.shape) <= axis < len(tensor.shape):
        return False
    return tensor.shape[axis] in wanted


def _variant(rule: Rule, index: TensorIndex, prefix: str) -> str | None:
    names = []
    for group in rule.variants:
        found = next((v.name for v in group if _holds(v, index, prefix)), None)
        if found:
            names.append(found)
    return "_".join(names) or None


def _absolute(key: str, prefix: str) -> str:
    return key[1:] if key.startswith("^") else prefix + key


def _first_with(names: Sequence[str], head: str) -> str | None:
    position = bisect_left(names, head)
    if position < len(names) and names[position].startswith(head):
        return names[position]
    return None


@lru_cache(maxsize=4096)
def _numbered(key: str) -> tuple[str, re.Pattern[str] | None]:
    """The key without its numbers, and a pattern where it also names numbers outright."""
    skeleton = _NUMBER.sub("#", key)
    if skeleton == key:
        return skeleton, None
    pattern = re.escape(key).replace(r"\#", r"\d+")
    return skeleton, re.compile(
        pattern.removesuffix(r"\*") + ".*" if key.endswith("*") else pattern
    )
