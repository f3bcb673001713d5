"""In which numbers the weights are stored, and how many there are.

The precision is the dtype that most elements have, as the container spells it, unless a quantization
scheme left its marks; a GGUF file names its own. Packed weights are counted as the parameters they
stand for. Nothing raises for any names, dtypes or shapes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from model_library.identify.values import MetadataValue, Tensor
from model_library.taxonomy import EvidenceMethod

# llama.cpp, enum llama_ftype (include/llama.h)
GGUF_FILE_TYPES: Final[Mapping[int, str]] = {
    0: "F32",
    1: "F16",
    2: "Q4_0",
    3: "Q4_1",
    7: "Q8_0",
    8: "Q5_0",
    9: "Q5_1",
    10: "Q2_K",
    11: "Q3_K_S",
    12: "Q3_K_M",
    13: "Q3_K_L",
    14: "Q4_K_S",
    15: "Q4_K_M",
    16: "Q5_K_S",
    17: "Q5_K_M",
    18: "Q6_K",
    19: "IQ2_XXS",
    20: "IQ2_XS",
    21: "Q2_K_S",
    22: "IQ3_XS",
    23: "IQ3_XXS",
    24: "IQ1_S",
    25: "IQ4_NL",
    26: "IQ3_S",
    27: "IQ3_M",
    28: "IQ2_S",
    29: "IQ2_M",
    30: "IQ4_XS",
    31: "IQ1_M",
    32: "BF16",
    36: "TQ1_0",
    37: "TQ2_0",
    38: "MXFP4_MOE",
    39: "NVFP4",
    40: "Q1_0",
    41: "Q2_0",
}
_MLX_BITS: Final = re.compile(r"mlx_([1-8])bit")
_GUESSED: Final = 1024
"""Flag in `general.file_type`: the type was guessed by the writer, not declared."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """The marks of one quantization scheme."""

    name: str
    endings: frozenset[str]
    """Last components of tensor names that must all occur."""
    dtypes: tuple[str, ...] = ()
    """Dtypes (or beginnings of them) of which one must be the most common; empty: any."""
    packed: tuple[tuple[str, int], ...] = ()
    """Dtypes that pack several parameters into one element, and how many."""


SCHEMES: Final = (
    Scheme("svdq", frozenset({"qweight", "wscales"}), packed=(("I8", 2), ("I32", 8))),
    Scheme("svdq", frozenset({"qweight", "smooth_factor"}), packed=(("I8", 2), ("I32", 8))),
    Scheme("nf4", frozenset({"bitsandbytes__nf4"}), packed=(("U8", 2),)),
    Scheme("fp4", frozenset({"bitsandbytes__fp4"}), packed=(("U8", 2),)),
    Scheme("int8", frozenset({"SCB"})),
    Scheme("gptq", frozenset({"qweight", "qzeros", "g_idx"}), packed=(("I32", 8),)),
    Scheme("awq", frozenset({"qweight", "qzeros", "scales"}), packed=(("I32", 8),)),
    Scheme(
        "nvfp4",
        frozenset({"weight_scale", "weight_scale_2"}),
        ("U8", "F4"),
        packed=(("U8", 2),),
    ),
    Scheme("mxfp4", frozenset({"gate_up_proj_blocks", "gate_up_proj_scales"}), (), (("U8", 2),)),
    Scheme("fp8_scaled", frozenset({"scaled_fp8"}), ("F8",)),
    Scheme("fp8_scaled", frozenset({"scale_weight"}), ("F8",)),
    Scheme("fp8_scaled", frozenset({"weight_scale"}), ("F8",)),
    Scheme("fp8_scaled", frozenset({"weight_scale_inv"}), ("F8",)),
    Scheme("int8", frozenset({"weight_scale"}), ("I8",)),
    Scheme("mlx", frozenset({"scales", "biases"}), ("U32",), (("U32", 8),)),
)
"""Tried in this order; sources in model-facts section 4.8 and the writers named there."""

_STATE: Final = frozenset(
    {"absmax", "quant_map", "nested_absmax", "nested_quant_map", "bitsandbytes__nf4"}
    | {"bitsandbytes__fp4", "SCB", "scales", "wscales", "qzeros", "g_idx", "biases"}
    | {"weight_scale", "weight_scale_2", "weight_scale_inv", "scale_weight", "scaled_fp8"}
    | {"input_scale", "scale_input", "comfy_quant", "smooth_factor", "smooth_factor_orig"}
)
"""Endings of tensors that describe a quantization and are no parameters."""


@dataclass(frozen=True, slots=True)
class Weights:
    """How the weights are stored."""

    precision: str | None
    method: EvidenceMethod
    confidence: float
    parameter_count: int
    dtype_histogram: Mapping[str, int]
    """Elements per dtype, as stored, the most common first."""


def measure(
    tensors: Mapping[str, Tensor],
    metadata: Mapping[str, MetadataValue],
    *,
    declared: str | None = None,
) -> Weights:
    """Precision, histogram and number of parameters of all tensors of a model.

    `declared` is the quantization that a configuration file names; it is more exact than marks.
    """
    histogram = _histogram(tensors.values())
    scheme = _scheme(tensors, histogram)
    count = _parameters(tensors, _packing(scheme, declared))
    precision, method, confidence = _name(histogram, scheme, metadata, declared)
    return Weights(precision, method, confidence, count, histogram)


def _histogram(tensors: Iterable[Tensor]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for tensor in tensors:
        dtype = tensor.dtype.upper()
        counts[dtype] = counts.get(dtype, 0) + tensor.parameters
    return dict(sorted(counts.items(), key=lambda item: -item[1]))


def _name(
    histogram: Mapping[str, int],
    scheme: Scheme | None,
    metadata: Mapping[str, MetadataValue],
    declared: str | None,
) -> tuple[str | None, EvidenceMethod, float]:
    file_type = metadata.get("general.file_type")
    if isinstance(file_type, int) and not isinstance(file_type, bool):
        name = GGUF_FILE_TYPES.get(file_type % _GUESSED)
        if name is not None and file_type >= 0:
            return name, EvidenceMethod.GGUF_KV, 0.9
    if declared is not None:
        return declared, EvidenceMethod.CONFIG_JSON, 0.9
    if scheme is not None:
        return scheme.name, EvidenceMethod.TENSOR_KEYS, 0.9
    dominant = next(iter(histogram), None)
    return dominant, EvidenceMethod.TENSOR_KEYS, 0.95


def _scheme(tensors: Mapping[str, Tensor], histogram: Mapping[str, int]) -> Scheme | None:
    endings = {name.rpartition(".")[2] for name in tensors}
    dominant = next(iter(histogram), "")
    for scheme in SCHEMES:
        right_dtype = not scheme.dtypes or dominant.startswith(scheme.dtypes)
        if right_dtype and scheme.endings <= endings:
            return scheme
    return None


def _packing(scheme: Scheme | None, declared: str | None) -> Mapping[str, int] | None:
    """Parameters in one element, by dtype; None where every tensor holds plain parameters."""
    if scheme is None:
        return None
    bits = _MLX_BITS.fullmatch(declared or "")
    return {"U32": 32 // int(bits[1])} if bits else dict(scheme.packed)


def _parameters(tensors: Mapping[str, Tensor], packing: Mapping[str, int] | None) -> int:
    if packing is None:
        return sum(tensor.parameters for tensor in tensors.values())
    return sum(
        tensor.parameters * packing.get(tensor.dtype.upper(), 1)
        for name, tensor in tensors.items()
        if name.rpartition(".")[2] not in _STATE
    )
