"""Matching rows against the tensors of one model.

An index over the tensor names answers every key of the table without walking over all names, so a
header of thousands of tensors is matched against the whole table in milliseconds. Nothing here
raises for any names, dtypes or shapes.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
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
        self._prefixes: dict[str, bool] = {}

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self.tensors)

    @cached_property
    def _by_skeleton(self) -> dict[str, list[str]]:
        by_skeleton: dict[str, list[str]] = {}
        for name in self._sorted:
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
        if prefix not in self._prefixes:
            self._prefixes[prefix] = _first_with(self._sorted, prefix) is not None
        return self._prefixes[prefix]

    def _find_one(self, key: str) -> Tensor | None:
        if "#" in key:
            return self._find_numbered(key)
        if not key.endswith("*"):
            return self.tensors.get(key)
        name = _first_with(self._sorted, key[:-1])
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


def first_match(rules: Iterable[Rule], index: TensorIndex) -> Match | None:
    """The first row that the tensors satisfy, or None."""
    for rule in rules:
        match = match_rule(rule, index)
        if match is not None:
            return match
    return None


def match_rule(rule: Rule, index: TensorIndex) -> Match | None:
    """Does this one row hold for the tensors, and with which prefix and variant?"""
    if rule.fewer_than is not None and len(index.tensors) >= rule.fewer_than:
        return None
    hopeless_without_prefix = _asks_for_prefix(rule.needs)
    for prefix in rule.prefixes:
        if hopeless_without_prefix and not index.has_prefix(prefix):
            continue  # most prefixes of the table are in no name: asking once saves all the keys
        if _holds(rule, index, prefix):
            return Match(rule, prefix, _variant(rule, index, prefix))
    return None


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


@lru_cache(maxsize=4096)
def _asks_for_prefix(needs: tuple[str, ...]) -> bool:
    """Whether some key can only be found after the prefix, whichever alternative of it holds."""
    return any(all(not one.startswith("^") for one in key.split("|")) for key in needs)


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
