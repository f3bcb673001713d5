"""Precision, quantization and the number of parameters."""

from __future__ import annotations

import pytest

from model_library.identify.precision import measure
from model_library.identify.values import Tensor
from model_library.taxonomy import EvidenceMethod

Notes = dict[str, tuple[str, tuple[int, ...]]]


def _tensors(notes: Notes) -> dict[str, Tensor]:
    return {name: Tensor(name, dtype, shape) for name, (dtype, shape) in notes.items()}


def test_the_dtype_of_most_elements_is_the_precision() -> None:
    weights = measure(
        _tensors({"big": ("f16", (100, 100)), "a": ("F32", (10,)), "b": ("F32", (20,))}), {}
    )
    assert weights.precision == "F16"
    assert weights.dtype_histogram == {"F16": 10_000, "F32": 30}
    assert weights.parameter_count == 10_030


def test_no_tensors_have_no_precision() -> None:
    weights = measure({}, {})
    assert (weights.precision, weights.parameter_count, weights.dtype_histogram) == (None, 0, {})


SCHEMES: list[tuple[str, Notes, int]] = [
    (
        "fp8_scaled",
        {
            "a.weight": ("F8_E4M3", (64, 64)),
            "a.scale_weight": ("F32", ()),
            "scaled_fp8": ("F8_E4M3", (2,)),
        },
        4096,
    ),
    ("fp8_scaled", {"a.weight": ("F8_E4M3", (64, 64)), "a.weight_scale": ("F32", ())}, 4096),
    ("F8_E5M2", {"a.weight": ("F8_E5M2", (64, 64))}, 4096),
    (
        "nf4",
        {
            "a.weight": ("U8", (2048, 1)),
            "a.weight.absmax": ("F32", (64,)),
            "a.weight.quant_state.bitsandbytes__nf4": ("U8", (80,)),
        },
        4096,
    ),
    ("int8", {"a.weight": ("I8", (64, 64)), "a.SCB": ("F32", (64,))}, 4096),
    (
        "svdq",
        {"a.qweight": ("I8", (64, 32)), "a.wscales": ("BF16", (1, 64)), "a.bias": ("BF16", (64,))},
        4160,
    ),
    (
        "gptq",
        {
            "a.qweight": ("I32", (8, 64)),
            "a.qzeros": ("I32", (1, 8)),
            "a.scales": ("F16", (1, 64)),
            "a.g_idx": ("I32", (64,)),
        },
        4096,
    ),
    (
        "awq",
        {"a.qweight": ("I32", (64, 8)), "a.qzeros": ("I32", (1, 8)), "a.scales": ("F16", (1, 64))},
        4096,
    ),
    (
        "nvfp4",
        {
            "a.weight": ("U8", (64, 32)),
            "a.weight_scale": ("F8_E4M3", (64, 4)),
            "a.weight_scale_2": ("F32", ()),
        },
        4096,
    ),
    (
        "mlx",
        {"a.weight": ("U32", (64, 8)), "a.scales": ("F16", (64, 1)), "a.biases": ("F16", (64, 1))},
        4096,
    ),
]


@pytest.mark.parametrize(("scheme", "notes", "parameters"), SCHEMES)
def test_a_quantization_is_told_by_its_marks(scheme: str, notes: Notes, parameters: int) -> None:
    weights = measure(_tensors(notes), {})
    assert (weights.precision, weights.parameter_count) == (scheme, parameters)


def test_the_marks_of_a_scheme_need_its_dtype() -> None:
    notes: Notes = {"a.weight": ("BF16", (64, 64)), "a.weight_scale": ("F32", ())}
    assert measure(_tensors(notes), {}).precision == "BF16"


@pytest.mark.parametrize(
    ("file_type", "precision", "method"),
    [
        (15, "Q4_K_M", EvidenceMethod.GGUF_KV),
        (32, "BF16", EvidenceMethod.GGUF_KV),
        (1024 + 7, "Q8_0", EvidenceMethod.GGUF_KV),
        (999, "Q4_K", EvidenceMethod.TENSOR_KEYS),
        (-1009, "Q4_K", EvidenceMethod.TENSOR_KEYS),
        (True, "Q4_K", EvidenceMethod.TENSOR_KEYS),
        ("15", "Q4_K", EvidenceMethod.TENSOR_KEYS),
    ],
)
def test_a_gguf_names_its_file_type(
    file_type: int | str, precision: str, method: EvidenceMethod
) -> None:
    notes: Notes = {"blk.0.attn_q.weight": ("Q4_K", (64, 64)), "output_norm.weight": ("F32", (64,))}
    weights = measure(_tensors(notes), {"general.file_type": file_type})
    assert (weights.precision, weights.method) == (precision, method)


def test_a_declared_quantization_stands_above_the_marks() -> None:
    notes: Notes = {
        "a.qweight": ("I32", (64, 8)),
        "a.qzeros": ("I32", (1, 8)),
        "a.scales": ("F16", (1,)),
    }
    weights = measure(_tensors(notes), {}, declared="gptq")
    assert (weights.precision, weights.method) == ("gptq", EvidenceMethod.CONFIG_JSON)


def test_the_bits_of_an_mlx_model_tell_how_many_parameters_are_packed() -> None:
    notes: Notes = {
        "a.weight": ("U32", (64, 16)),
        "a.scales": ("F16", (64, 1)),
        "a.biases": ("F16", (64, 1)),
    }
    weights = measure(_tensors(notes), {}, declared="mlx_8bit")
    assert (weights.precision, weights.parameter_count) == ("mlx_8bit", 4096)
