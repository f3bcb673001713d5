"""Writes a minimal true ONNX model by the protobuf wire format, without protobuf.

Source: `onnx/onnx.proto` of `onnx/onnx` for the field numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from pathlib import Path

from model_library.samples.body import seeded_bytes
from model_library.samples.safetensors_file import TensorSpec

ONNX_TYPES = {
    "F32": (1, 4),
    "U8": (2, 1),
    "I8": (3, 1),
    "I32": (6, 4),
    "I64": (7, 8),
    "BOOL": (9, 1),
    "F16": (10, 2),
    "F64": (11, 8),
    "BF16": (16, 2),
}
"""By safetensors dtype name: the number in `TensorProto.DataType`, bytes per element."""

_DEFAULT_TENSORS: tuple[TensorSpec, ...] = (("weight", "F32", (4, 4)),)
_EXTERNAL = 1


def varint(value: int) -> bytes:
    """A non-negative number as protobuf's base 128, least significant group first."""
    out = bytearray()
    while value >> 7:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def number_field(number: int, value: int) -> bytes:
    return varint(number << 3) + varint(value)


def bytes_field(number: int, value: bytes | str) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(raw)) + raw


def _entry(number: int, key: str, value: str) -> bytes:
    return bytes_field(number, bytes_field(1, key) + bytes_field(2, value))


def _tensor(spec: TensorSpec, external: str | None, seed: int) -> bytes:
    name, dtype, shape = spec
    code, width = ONNX_TYPES[dtype]
    proto = b"".join(number_field(1, dimension) for dimension in shape)
    proto += number_field(2, code) + bytes_field(8, name)
    if external is None:
        return proto + bytes_field(9, seeded_bytes(seed, prod(shape) * width))
    return proto + _entry(13, "location", external) + number_field(14, _EXTERNAL)


def _value_info(number: int, name: str) -> bytes:
    dimension = bytes_field(1, number_field(1, 4))
    tensor_type = number_field(1, 1) + bytes_field(2, dimension + dimension)
    return bytes_field(number, bytes_field(1, name) + bytes_field(2, bytes_field(1, tensor_type)))


def write_onnx(
    path: Path,
    tensors: Iterable[TensorSpec] = _DEFAULT_TENSORS,
    *,
    external: str | None = None,
    domain: str = "",
    producer: str = "model-library-sample",
    seed: int = 0,
) -> None:
    """Write a ModelProto with one MatMul node and the given initializers.

    `external` puts the tensors' data into a file of that name (which is not written); `domain` is
    the operator domain of the node. Raises KeyError for a dtype that samples do not use.
    """
    specs = list(tensors)
    first = specs[0][0] if specs else "weight"
    node = bytes_field(1, "x") + bytes_field(1, first) + bytes_field(2, "y")
    node += bytes_field(3, "multiply") + bytes_field(4, "MatMul")
    if domain:
        node += bytes_field(7, domain)
    graph = bytearray(bytes_field(1, node) + bytes_field(2, "sample"))
    for index, spec in enumerate(specs):
        graph += bytes_field(5, _tensor(spec, external, seed + index))
    graph += _value_info(11, "x") + _value_info(12, "y")
    model = number_field(1, 10) + bytes_field(2, producer) + bytes_field(3, "1.0")
    model += bytes_field(7, bytes(graph))
    model += bytes_field(8, bytes_field(1, "") + number_field(2, 21))
    if domain:
        model += bytes_field(8, bytes_field(1, domain) + number_field(2, 1))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model)
