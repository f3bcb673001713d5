"""Finds the tensors and the plain facts in what a pickle holds.

Training programs wrap the tensors in dicts (`state_dict`, `params_ema`, ...) or in whole network
objects. The wrapper is taken off, key prefixes are kept: the names are those that loading the weights
would use. Visits are counted, so shared and cyclic values cannot make this endless.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from model_library.errors import HeaderLimitError
from model_library.identify import limits
from model_library.identify.pickle_values import Instance, PickledTensor
from model_library.identify.values import MetadataValue, Tensor

_WRAPPERS = (
    "state_dict",
    "model_state_dict",
    "params_ema",
    "params-ema",
    "params",
    "module",
    "model",
    "net",
    "generator",
    "ema",
)
"""Keys under which training programs and upscalers keep the weights, the likeliest first."""

_MODULE_PARTS = ("_parameters", "_buffers", "_modules")
_MOST_FACTS = 64
_LONGEST_FACT = 1024
_LARGEST = 1 << 63


def find_tensors(root: object, path: Path) -> dict[str, Tensor]:
    """The tensors of the model in `root`, by name. Raises HeaderLimitError."""
    search = _Search(path)
    for candidate in _candidates(root):
        search.visit(candidate, "", 0)
        if search.tensors:
            break
    return search.tensors


def find_facts(root: object) -> dict[str, MetadataValue]:
    """The plain values beside the tensors at the top (`global_step`, `epoch`, `name`, ...)."""
    facts: dict[str, MetadataValue] = {}
    if isinstance(root, dict):
        for name, value in root.items():
            key = _clean(name)[:_LONGEST_FACT]
            if isinstance(value, str):
                facts[key] = _clean(value)[:_LONGEST_FACT]
            elif isinstance(value, bool | float) or (type(value) is int and abs(value) < _LARGEST):
                # JSON has no infinity and no NaN
                facts[key] = value if math.isfinite(value) else str(value)
            if len(facts) >= _MOST_FACTS:
                break
    return facts


def _clean(text: str) -> str:
    """Without halves of surrogate pairs, which no text file can hold."""
    return text.encode("utf-8", errors="backslashreplace").decode()


def _parts(value: object) -> dict[str, object] | None:
    """What a container holds by name; None for anything else."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list | tuple):
        return {str(index): item for index, item in enumerate(value)}
    if isinstance(value, Instance):
        modules = [value.state.get(name) for name in _MODULE_PARTS]
        if any(isinstance(part, dict) for part in modules):
            parts: dict[str, object] = {}
            for part in modules:
                parts.update(part if isinstance(part, dict) else {})
            return parts
        return {**value.state, **value.items}
    return None


def _candidates(root: object) -> Iterator[object]:
    """What may be the weights in `root`, the likeliest first; `root` itself if it holds tensors."""
    if isinstance(root, dict) and not any(isinstance(v, PickledTensor) for v in root.values()):
        for key in _WRAPPERS:
            inner = root.get(key)
            if isinstance(inner, dict | Instance):
                yield inner
    yield root


class _Search:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.visits = 0
        self.tensors: dict[str, Tensor] = {}

    def visit(self, value: object, name: str, depth: int) -> None:
        self.visits += 1
        if self.visits > limits.PICKLE_MAX_NODES or len(self.tensors) > limits.MAX_TENSORS:
            raise HeaderLimitError("the pickle unfolds into endless values", path=self.path)
        if isinstance(value, PickledTensor):
            self.tensors[name] = Tensor(name, value.dtype, value.shape)
            return
        parts = _parts(value) if depth < limits.PICKLE_MAX_DEPTH else None
        if parts is None:
            return
        for key, part in parts.items():
            inner = f"{name}.{_clean(key)}" if name else _clean(key)
            if len(inner) > limits.PICKLE_MAX_NAME:
                raise HeaderLimitError("a tensor name is endless", path=self.path)
            self.visit(part, inner, depth + 1)
