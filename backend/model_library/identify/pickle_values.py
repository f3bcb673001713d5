"""What the values of a pickle become when it is read without being run.

Plain data stays itself (dict, list, tuple, str, numbers); whatever would need code becomes one of the
classes here. Nothing in this file can be called by a pickle.
"""

from __future__ import annotations

from dataclasses import dataclass, field


class Opaque:
    """A value that is not modelled: bytes, sets, texts and numbers that are too long."""


OPAQUE = Opaque()


@dataclass(frozen=True, slots=True)
class Global:
    """A name that loading the pickle would import."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(frozen=True, slots=True, eq=False)
class Storage:
    """Tensor bytes kept outside of the pickle. `count` is in elements of `dtype`."""

    dtype: str
    key: str
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class PickledTensor:
    """What a call of one of PyTorch's rebuild functions would give. The dtype is spelt as in
    safetensors, the shape is outermost first."""

    dtype: str
    shape: tuple[int, ...]


@dataclass(slots=True, eq=False)
class Instance:
    """An object of a class that is not modelled, or the result of a call that is not."""

    kind: Global | None
    state: dict[str, object] = field(default_factory=dict)
    """Its attributes, as far as the pickle sets them with a plain dict."""
    items: dict[str, object] = field(default_factory=dict)
    """What the pickle puts into it by key."""
