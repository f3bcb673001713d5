"""What PyTorch's pickled calls mean: tensors, storages and the few containers around them.

Pure functions from a name and its arguments to a value; an argument of the wrong form gives an opaque
object, never an error. Source: `torch/_utils.py`, `torch/_tensor.py` and `persistent_load` in
`torch/serialization.py` of `pytorch/pytorch`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from model_library.identify import limits
from model_library.identify.pickle_values import Global, Instance, PickledTensor, Storage

STORAGE_DTYPES: Mapping[str, tuple[str, int]] = {
    "DoubleStorage": ("F64", 8),
    "FloatStorage": ("F32", 4),
    "HalfStorage": ("F16", 2),
    "BFloat16Storage": ("BF16", 2),
    "LongStorage": ("I64", 8),
    "IntStorage": ("I32", 4),
    "ShortStorage": ("I16", 2),
    "CharStorage": ("I8", 1),
    "ByteStorage": ("U8", 1),
    "BoolStorage": ("BOOL", 1),
    "ComplexDoubleStorage": ("C128", 16),
    "ComplexFloatStorage": ("C64", 8),
    "QInt8Storage": ("QI8", 1),
    "QUInt8Storage": ("QU8", 1),
    "QInt32Storage": ("QI32", 4),
    "QUInt4x2Storage": ("QU4X2", 1),
    "QUInt2x4Storage": ("QU2X4", 1),
    "UntypedStorage": ("U8", 1),
}
"""Storage class to the dtype as safetensors spells it, and bytes per element."""

STORAGE_BYTES: Mapping[str, int] = dict(STORAGE_DTYPES.values())
"""Bytes per element of a storage, by dtype."""

TORCH_DTYPES: Mapping[str, str] = {
    "float64": "F64",
    "double": "F64",
    "float32": "F32",
    "float": "F32",
    "float16": "F16",
    "half": "F16",
    "bfloat16": "BF16",
    "int64": "I64",
    "long": "I64",
    "int32": "I32",
    "int": "I32",
    "int16": "I16",
    "short": "I16",
    "int8": "I8",
    "uint8": "U8",
    "uint16": "U16",
    "uint32": "U32",
    "uint64": "U64",
    "bool": "BOOL",
    "complex32": "C32",
    "complex64": "C64",
    "complex128": "C128",
    "float8_e4m3fn": "F8_E4M3",
    "float8_e5m2": "F8_E5M2",
    "float8_e4m3fnuz": "F8_E4M3FNUZ",
    "float8_e5m2fnuz": "F8_E5M2FNUZ",
    "float8_e8m0fnu": "F8_E8M0",
    "float4_e2m1fn_x2": "F4",
    "qint8": "QI8",
    "quint8": "QU8",
    "qint32": "QI32",
}
"""Attribute of `torch` to the dtype as safetensors spells it."""

_LARGEST_DIMENSION = (1 << 63) - 1


def storage_of(persistent_id: object) -> Storage | None:
    """The storage that a persistent id `("storage", class, key, location, count, ...)` names."""
    match persistent_id:
        case ("storage", Global() as kind, str() | int() as key, _, int(count), *_):
            dtype = STORAGE_DTYPES.get(kind.name)
            return Storage(dtype[0] if dtype else kind.name[:40], str(key), count)
        case _:
            return None


def _shape(value: object) -> tuple[int, ...] | None:
    if not isinstance(value, tuple | list) or len(value) > limits.MAX_DIMENSIONS:
        return None
    if all(type(length) is int and 0 <= length <= _LARGEST_DIMENSION for length in value):
        return tuple(value)
    return None


def _tensor(arguments: Sequence[object]) -> object:
    """`(storage, offset, size, stride, ...)`; the newest form names its dtype as argument 6."""
    match arguments:
        case (Storage() as storage, _, size, *rest):
            shape = _shape(size)
            if shape is None:
                return None
            dtype = storage.dtype
            match rest:
                case (_, _, _, Global("torch", name), *_):
                    dtype = TORCH_DTYPES.get(name, name[:40])
            return PickledTensor(dtype, shape)
        case _:
            return None


def _first(arguments: Sequence[object]) -> object:
    return arguments[0] if arguments else None


def _from_type(arguments: Sequence[object]) -> object:
    match arguments:
        case (Global() as function, _, tuple() as inner, *_) if function != _FROM_TYPE:
            return call(function, inner)
        case _:
            return None


def _ordered_dict(arguments: Sequence[object]) -> object:
    """Python 2 gives the pairs as an argument, Python 3 sets them afterwards."""
    entries: dict[str, object] = {}
    pairs = arguments[0] if arguments else ()
    if isinstance(pairs, tuple | list):
        for pair in pairs:
            match pair:
                case (str() | int() as key, value):
                    entries[str(key)] = value
    return entries


_FROM_TYPE = Global("torch._tensor", "_rebuild_from_type_v2")
_CALLS: Mapping[Global, Callable[[Sequence[object]], object]] = {
    Global("collections", "OrderedDict"): _ordered_dict,
    Global("torch", "Size"): _first,
    Global("torch.nn.parameter", "Parameter"): _first,
    _FROM_TYPE: _from_type,
    Global("torch._utils", "_rebuild_parameter"): _first,
    Global("torch._utils", "_rebuild_parameter_with_state"): _first,
    Global("torch._utils", "_rebuild_tensor"): _tensor,
    Global("torch._utils", "_rebuild_tensor_v2"): _tensor,
    Global("torch._utils", "_rebuild_tensor_v3"): _tensor,
    Global("torch._utils", "_rebuild_qtensor"): _tensor,
}


def call(function: Global, arguments: object) -> object:
    """What calling `function` would give, as far as it is modelled; else an `Instance` of it."""
    known = _CALLS.get(function)
    if known is not None and isinstance(arguments, tuple):
        value = known(arguments)
        if value is not None:
            return value
    return Instance(function)
