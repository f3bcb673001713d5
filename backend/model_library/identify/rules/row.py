"""What one row of the rules table says, and the small language its keys are written in.

A key is the name of a tensor with three signs: `#` stands for any number between two dots (or
underscores), `*` at the end for any rest, `|` between alternatives. A key that begins with `^` is
taken from the beginning of the name; every other key follows the prefix of the row (`prefixes`).

    "double_blocks.0.img_attn.*"           any tensor of that module
    "in_conv.weight|conv_in.weight"        either of them
    "layers.#.attention.to_q.weight"       in any layer
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from model_library.taxonomy import Kind

CORE: Final = (
    "model.diffusion_model.",
    "model.model.",
    "net.",
    "diffusion_model.",
    "transformer.",
    "model.",
    "",
)
"""Where the tools put a diffusion model inside a file, the most telling place first."""

BARE: Final = ("",)

ANY: Final = "*"
"""In `Rule.also`: any declared family (configuration or metadata) is more exact than the row."""

Axis = int | Literal["rank"]
"""An axis of a shape (negative counts from the last), or the number of axes itself."""

Shape = tuple[str, Axis, int | tuple[int, ...]]
"""`(key, axis, size)`: the tensor has one of the sizes there."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One possible variant of a family. Of a group of variants the first that matches counts;
    one without conditions always does."""

    name: str
    needs: tuple[str, ...] = ()
    shapes: tuple[Shape, ...] = ()
    forbids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: the tensors that decide for one family in one role.

    Rows are tried in the order of the table and the first match decides, so the more exact row
    stands before the more general one.
    """

    kind: Kind
    family: str
    needs: tuple[str, ...]
    """Keys that must all be there."""
    shapes: tuple[Shape, ...] = ()
    """Sizes that must all be so."""
    forbids: tuple[str, ...] = ()
    """Keys that must not be there."""
    variants: tuple[tuple[Variant, ...], ...] = ()
    """Groups of variants; the names found in the groups are joined by an underscore."""
    prefixes: tuple[str, ...] = BARE
    """Prefixes the keys may have in a file; the first that matches is used."""
    also: tuple[str, ...] = ()
    """Other families whose files have the same tensors: a weaker source may name one of these."""
    also_kinds: tuple[Kind, ...] = ()
    """Other roles the same tensors are used in."""
    confidence: float = 0.95
    """How sure the row is of kind and family, from 0 to 1."""
    fewer_than: int | None = None
    """Only for files with fewer tensors than this."""
