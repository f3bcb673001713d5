"""Adapters (LoRA and its relatives): which algorithm, which rank, for which modules of which model.

Every trainer writes the same mathematics under other names. Here each tensor name is split into the
module it changes and the part it is (`lora_down`, `hada_w1_a`, `diff`, ...); the modules then get one
spelling for all formats, so that one row of the rules table knows the base model of all of them.
Nothing raises for any names or shapes. The formats are those of the trainers themselves: kohya,
diffusers and PEFT, LyCORIS, OneTrainer, XLabs, llama.cpp.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from model_library.identify.values import Tensor
from model_library.taxonomy import AdapterType

_PARTS: Final[Mapping[str, str]] = {
    "lora_down.weight": "down",
    "lora_up.weight": "up",
    "lora_mid.weight": "mid",
    "lora_A.weight": "down",
    "lora_B.weight": "up",
    "lora_A": "down",
    "lora_B": "up",
    "lora_A.default.weight": "down",
    "lora_B.default.weight": "up",
    "lora_embedding_A": "down",
    "lora_embedding_B": "up",
    "lora.down.weight": "down",
    "lora.up.weight": "up",
    "lora_linear_layer.down.weight": "down",
    "lora_linear_layer.up.weight": "up",
    "lora_a": "down",
    "lora_b": "up",
    "alpha": "alpha",
    "rescale": "rescale",
    "dora_scale": "dora",
    "lora_magnitude_vector": "dora",
    "lora_magnitude_vector.weight": "dora",
    "lora_magnitude_vector.default.weight": "dora",
    "hada_w1_a": "hada_w1_a",
    "hada_w1_b": "hada_w1_b",
    "hada_w2_a": "hada_w2_a",
    "hada_w2_b": "hada_w2_b",
    "hada_t1": "hada_t1",
    "hada_t2": "hada_t2",
    "lokr_w1": "lokr_w1",
    "lokr_w1_a": "lokr_w1_a",
    "lokr_w1_b": "lokr_w1_b",
    "lokr_w2": "lokr_w2",
    "lokr_w2_a": "lokr_w2_a",
    "lokr_w2_b": "lokr_w2_b",
    "lokr_t2": "lokr_t2",
    "oft_blocks": "oft",
    "oft_diag": "oft",
    "oft_R.weight": "oft",
    "oft_R.default.weight": "oft",
    "boft_R": "boft",
    "on_input": "on_input",
    "ia3_l": "ia3",
    "ia3_l.default": "ia3",
    "a1.weight": "a1",
    "a2.weight": "a2",
    "b1.weight": "b1",
    "b2.weight": "b2",
    "diff": "diff",
    "diff_b": "diff_b",
    "set_weight": "set_weight",
    "w_norm": "w_norm",
    "b_norm": "b_norm",
}
"""What the last one to three components of a tensor name say about its part."""

_PREFIXES: Final[Mapping[str, str]] = {
    "base_model.model.": "",
    "model.diffusion_model.": "",
    "diffusion_model.": "",
    "transformer.": "",
    "unet.": "",
    "model.": "",
    "module.": "",
    "lora_unet_": "",
    "lora_transformer_": "",
    "lora_prior_unet_": "prior_unet_",
    "lora_prior_te_": "te_",
    "lora_te1_": "te1_",
    "lora_te2_": "te2_",
    "lora_te3_": "te3_",
    "lora_te_": "te_",
    "oft_unet_": "",
    "lycoris_": "",
    "text_encoder.": "te_",
    "text_encoder_2.": "te2_",
    "text_encoder_3.": "te3_",
    "clip_l.": "te1_",
    "clip_g.": "te2_",
}
"""Beginnings that name the format or the component, and what the rules table reads for them."""

_ANY_PREFIX: Final = re.compile("|".join(map(re.escape, _PREFIXES)))
_MAX_NESTED_PREFIXES: Final = 3
_GLORA: Final = frozenset({"a1", "a2", "b1", "b2"})
_WEAK: Final = frozenset({"alpha", "rescale"}) | _GLORA
"""Parts whose names ordinary models use too: on their own they prove nothing."""
_CONTROL_CHANNELS: Final = 128
"""Input channels of Flux when a control picture is laid beside the noise."""

_BUTTERFLY_RANK: Final = 4
"""Axes of `oft_blocks` in LyCORIS' BOFT: the butterfly factors add one to those of OFT."""

_Parts = dict[str, Tensor]


@dataclass(frozen=True, slots=True)
class AdapterFacts:
    """What the tensor names say about an adapter."""

    adapter_type: AdapterType
    rank: int | None
    """The most common rank (inner dimension), where the algorithm has one."""
    modules: Mapping[str, Tensor]
    """The changed modules in the spelling of the rules table; shape (outputs, inputs) or ()."""
    complete: int
    """Modules with every part their algorithm needs."""
    damaged: int
    """Modules of which a half is missing."""
    rest: Mapping[str, Tensor]
    """Tensors that are no part of the adapter."""


def read_adapter(tensors: Mapping[str, Tensor]) -> AdapterFacts | None:
    """What kind of adapter the tensors are, or None when nothing of one is there."""
    modules, rest = _modules(tensors)
    if not modules:
        return None
    types = Counter({t: n for t, n in Counter(map(_type_of, modules.values())).items() if t})
    damaged = sum(1 for parts in modules.values() if _type_of(parts) is None)
    described = {
        spelling: Tensor(spelling, "", _layer_shape(parts))
        for spelling, parts in ((_spelling(name), parts) for name, parts in modules.items())
    }
    return AdapterFacts(
        adapter_type=_overall(types, modules, described),
        rank=_rank(modules),
        modules=described,
        complete=types.total(),
        damaged=damaged,
        rest=rest,
    )


def _modules(tensors: Mapping[str, Tensor]) -> tuple[dict[str, _Parts], dict[str, Tensor]]:
    """The parts by module, and the tensors that belong to no module."""
    found: dict[str, _Parts] = {}
    names: dict[str, str] = {}
    for name, tensor in tensors.items():
        split = _split(name)
        if split is not None:
            found.setdefault(split[0], {})[split[1]] = tensor
            names[name] = split[0]
    modules = {m: parts for m, parts in found.items() if _proves_adapter(parts)}
    for module, parts in modules.items():
        if "on_input" in parts and f"{module}.weight" in tensors:
            parts["weight"] = tensors[f"{module}.weight"]
            names[f"{module}.weight"] = module
    rest = {name: tensor for name, tensor in tensors.items() if names.get(name) not in modules}
    return modules, rest


def _proves_adapter(parts: _Parts) -> bool:
    return bool(parts.keys() - _WEAK) or parts.keys() >= _GLORA


def _split(name: str) -> tuple[str, str] | None:
    """`(module, part)` of a tensor name, or None when its end names no part of an adapter."""
    pieces = name.rsplit(".", 3)
    for count in (1, 2, 3):
        if len(pieces) <= count:
            break
        part = _PARTS.get(".".join(pieces[-count:]))
        if part is not None:
            return ".".join(pieces[:-count]), part
    return _split_processor(name)


def _split_processor(name: str) -> tuple[str, str] | None:
    """The early diffusers spelling `to_q_lora.down.weight`, and XLabs' `qkv_lora1.down.weight`."""
    for tail, part in ((".down.weight", "down"), (".up.weight", "up")):
        module = name.removesuffix(tail)
        if module != name and module.endswith(("_lora", "_lora1", "_lora2")):
            return module.removesuffix("_lora"), part
    return None


def _spelling(module: str) -> str:
    """The one spelling of a module name that the rules table uses."""
    for _ in range(_MAX_NESTED_PREFIXES):
        prefix = _ANY_PREFIX.match(module)
        if prefix is None:
            break
        module = _PREFIXES[prefix[0]] + module[prefix.end() :]
    return module.replace(".", "_")


def _type_of(parts: _Parts) -> AdapterType | None:
    """The algorithm of one module, or None when a half of it is missing."""
    keys = parts.keys()
    for needed, adapter_type in _ALGORITHMS:
        if needed <= keys:
            return adapter_type
    if _lokr_factor(parts, "lokr_w1") and _lokr_factor(parts, "lokr_w2"):
        return AdapterType.LOKR
    if "oft" in keys:
        is_butterfly = len(parts["oft"].shape) == _BUTTERFLY_RANK
        return AdapterType.BOFT if is_butterfly else AdapterType.OFT
    if keys & _HALVES:
        return None
    return AdapterType.DIFF


_ALGORITHMS: Final[tuple[tuple[frozenset[str], AdapterType], ...]] = (
    (frozenset({"down", "up"}), AdapterType.LORA),
    (frozenset({"hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b"}), AdapterType.LOHA),
    (_GLORA, AdapterType.GLORA),
    (frozenset({"on_input"}), AdapterType.IA3),
    (frozenset({"ia3"}), AdapterType.IA3),
    (frozenset({"boft"}), AdapterType.BOFT),
)
_HALVES: Final = frozenset(
    {"down", "up", "mid", "dora"}
    | {"hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b", "hada_t1", "hada_t2"}
    | {"lokr_w1", "lokr_w1_a", "lokr_w1_b", "lokr_w2", "lokr_w2_a", "lokr_w2_b", "lokr_t2"}
)


def _overall(
    types: Counter[AdapterType], modules: Mapping[str, _Parts], described: Mapping[str, Tensor]
) -> AdapterType:
    """The type of the whole file: the most common algorithm, made more exact."""
    trained = Counter({t: n for t, n in types.items() if t is not AdapterType.DIFF})
    chosen = (trained or types or Counter({AdapterType.LORA: 1})).most_common(1)[0][0]
    if any("dora" in parts for parts in modules.values()):
        return AdapterType.DORA
    if chosen is not AdapterType.LORA:
        return chosen
    if any(_takes_control(described.get(name)) for name in ("img_in", "x_embedder")):
        return AdapterType.CONTROL_LORA
    return AdapterType.LOCON if any(map(_is_convolution, modules.values())) else chosen


def _takes_control(module: Tensor | None) -> bool:
    return module is not None and module.shape[1:2] == (_CONTROL_CHANNELS,)


def _is_convolution(parts: _Parts) -> bool:
    """Does the module reach beyond one pixel? Then the adapter is more than a plain LoRA."""
    down = parts.get("down")
    kernel = () if down is None else down.shape[2:]
    return "mid" in parts or any(side > 1 for side in kernel)


def _rank(modules: Mapping[str, _Parts]) -> int | None:
    ranks: Counter[int] = Counter()
    for parts in modules.values():
        for part in ("down", "hada_w1_b", "lokr_w2_b", "lokr_w1_b"):
            tensor = parts.get(part)
            if tensor is not None and tensor.shape:
                ranks[tensor.shape[0]] += 1
                break
    return ranks.most_common(1)[0][0] if ranks else None


def _layer_shape(parts: _Parts) -> tuple[int, ...]:
    """(outputs, inputs) of the layer that a module changes, or () where its parts do not tell."""
    if "down" in parts or "up" in parts:
        return _product_shape(parts.get("up"), parts.get("down"))
    if "hada_w1_a" in parts:
        return _low_rank(parts, "hada_w1_a", "hada_w1_b", tucker="hada_t1" in parts)
    if any(part.startswith("lokr_") for part in parts):
        first = _lokr_factor(parts, "lokr_w1")
        second = _lokr_factor(parts, "lokr_w2")
        if first and second:
            return first[0] * second[0], first[1] * second[1]
        return ()
    diff = parts.get("diff") or parts.get("set_weight")
    return () if diff is None else diff.shape[:2]


def _product_shape(up: Tensor | None, down: Tensor | None) -> tuple[int, ...]:
    outputs = 0 if up is None or not up.shape else up.shape[0]
    inputs = 0 if down is None or len(down.shape) < 2 else down.shape[1]  # noqa: PLR2004 - a matrix
    return outputs, inputs


def _low_rank(parts: _Parts, a: str, b: str, *, tucker: bool = False) -> tuple[int, ...]:
    """Shape of the product of two factors; in Tucker form the rank comes first in both."""
    first, second = parts.get(a), parts.get(b)
    if first is None or second is None:
        return ()
    outputs = first.shape[1:2] if tucker else first.shape[:1]
    inputs = second.shape[1:2]
    return (*outputs, *inputs) if outputs and inputs else ()


def _lokr_factor(parts: _Parts, name: str) -> tuple[int, ...]:
    """(rows, columns) of one of the two Kronecker factors, or () when it is not all there."""
    whole = parts.get(name)
    if whole is not None:
        return whole.shape[:2] if len(whole.shape) > 1 else ()
    tucker = name == "lokr_w2" and "lokr_t2" in parts
    return _low_rank(parts, f"{name}_a", f"{name}_b", tucker=tucker)
