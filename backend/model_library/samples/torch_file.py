"""Writes PyTorch checkpoints, zip and legacy, without PyTorch.

The pickles carry the opcodes and the globals that `torch.save` writes at protocol 2; nothing here is
ever loaded. Source: `torch/serialization.py` and `torch/_utils.py` of `pytorch/pytorch`.
"""

from __future__ import annotations

import pickle
import struct
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Literal

from model_library.samples.body import seeded_bytes

StateValue = (
    tuple[str, tuple[int, ...]] | int | float | str | bool | None | Mapping[str, "StateValue"]
)
State = Mapping[str, StateValue]
"""What is saved: a tensor is (dtype, shape), a mapping is a nested dict, the rest is itself."""

STORAGE: Mapping[str, tuple[str, int]] = {
    "F64": ("DoubleStorage", 8),
    "F32": ("FloatStorage", 4),
    "F16": ("HalfStorage", 2),
    "BF16": ("BFloat16Storage", 2),
    "I64": ("LongStorage", 8),
    "I32": ("IntStorage", 4),
    "I16": ("ShortStorage", 2),
    "I8": ("CharStorage", 1),
    "U8": ("ByteStorage", 1),
    "BOOL": ("BoolStorage", 1),
}
"""By safetensors dtype name: the class in module `torch`, bytes per element."""

LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
LEGACY_PROTOCOL = 1001
_BYTE = 1 << 8
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass
class _Emitter:
    """Writes protocol 2 opcodes and shares equal strings and globals through the memo."""

    seed: int
    legacy: bool
    out: bytearray = field(default_factory=lambda: bytearray(pickle.PROTO + b"\x02"))
    memo: dict[str, int] = field(default_factory=dict)
    memo_size: int = 0
    storages: dict[str, bytes] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def put(self) -> None:
        index = self.memo_size
        self.memo_size += 1
        if index < _BYTE:
            self.out += pickle.BINPUT + bytes([index])
        else:
            self.out += pickle.LONG_BINPUT + struct.pack("<I", index)

    def shared(self, key: str, opcodes: bytes) -> None:
        index = self.memo.get(key)
        if index is None:
            self.memo[key] = self.memo_size
            self.out += opcodes
            self.put()
        elif index < _BYTE:
            self.out += pickle.BINGET + bytes([index])
        else:
            self.out += pickle.LONG_BINGET + struct.pack("<I", index)

    def text(self, value: str) -> None:
        raw = value.encode()
        self.shared(f"text {value}", pickle.BINUNICODE + struct.pack("<I", len(raw)) + raw)

    def global_name(self, module: str, name: str) -> None:
        self.shared(f"global {module} {name}", pickle.GLOBAL + f"{module}\n{name}\n".encode())

    def integer(self, value: int) -> None:
        if 0 <= value < _BYTE:
            self.out += pickle.BININT1 + bytes([value])
        elif -(1 << 31) <= value < 1 << 31:
            self.out += pickle.BININT + struct.pack("<i", value)
        else:
            raw = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
            self.out += pickle.LONG1 + bytes([len(raw)]) + raw

    def integers(self, values: Sequence[int]) -> None:
        if not values:
            self.out += pickle.EMPTY_TUPLE
            return
        self.out += pickle.MARK
        for value in values:
            self.integer(value)
        self.out += pickle.TUPLE
        self.put()

    def ordered_dict(self) -> None:
        self.global_name("collections", "OrderedDict")
        self.out += pickle.EMPTY_TUPLE + pickle.REDUCE
        self.put()

    def scalar(self, value: float | str | bool | None) -> None:
        if value is None:
            self.out += pickle.NONE
        elif isinstance(value, bool):
            self.out += pickle.NEWTRUE if value else pickle.NEWFALSE
        elif isinstance(value, int):
            self.integer(value)
        elif isinstance(value, float):
            self.out += pickle.BINFLOAT + struct.pack(">d", value)
        else:
            self.text(value)

    def tensor(self, dtype: str, shape: tuple[int, ...]) -> None:
        storage_class, width = STORAGE[dtype]
        count = prod(shape)
        key = str(len(self.storages))
        self.storages[key] = seeded_bytes(self.seed + len(self.storages), count * width)
        self.counts[key] = count
        self.global_name("torch._utils", "_rebuild_tensor_v2")
        self.out += pickle.MARK + pickle.MARK
        self.text("storage")
        self.global_name("torch", storage_class)
        self.text(key)
        self.text("cpu")
        self.integer(count)
        if self.legacy:
            self.out += pickle.NONE  # view metadata, only in the legacy format
        self.out += pickle.TUPLE
        self.put()
        self.out += pickle.BINPERSID
        self.integer(0)
        self.integers(shape)
        self.integers([prod(shape[axis + 1 :]) for axis in range(len(shape))])
        self.out += pickle.NEWFALSE
        self.ordered_dict()
        self.out += pickle.TUPLE
        self.put()
        self.out += pickle.REDUCE
        self.put()

    def mapping(self, state: State, *, ordered: bool) -> None:
        if ordered:
            self.ordered_dict()
        else:
            self.out += pickle.EMPTY_DICT
            self.put()
        self.out += pickle.MARK
        for name, value in state.items():
            self.text(name)
            if isinstance(value, tuple):
                self.tensor(*value)
            elif isinstance(value, Mapping):
                self.mapping(value, ordered=False)
            else:
                self.scalar(value)
        self.out += pickle.SETITEMS

    def finish(self, state: State) -> bytes:
        self.mapping(state, ordered=True)
        return bytes(self.out + pickle.STOP)


def write_torch_zip(
    path: Path,
    state: State,
    *,
    seed: int = 0,
    archive: str = "archive",
    byte_order: Literal["little", "big"] = "little",
) -> None:
    """Write the zip format that `torch.save` uses since 1.6: members stored, not compressed.

    Tensor bytes are real and come from the seed, so keep the shapes small. Raises KeyError for a
    dtype without a storage class.
    """
    emitter = _Emitter(seed, legacy=False)
    members: dict[str, bytes] = {
        "data.pkl": emitter.finish(state),
        "byteorder": byte_order.encode(),
    }
    members.update((f"data/{key}", raw) for key, raw in emitter.storages.items())
    members["version"] = b"3\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive_file:
        for name, raw in members.items():
            archive_file.writestr(zipfile.ZipInfo(f"{archive}/{name}", _ZIP_DATE), raw)


def write_torch_legacy(path: Path, state: State, *, seed: int = 0) -> None:
    """Write the format before 1.6: five pickles one after another, then the raw storages.

    Each storage is its element count (8 bytes, little-endian) and its bytes.
    """
    emitter = _Emitter(seed, legacy=True)
    system = {
        "protocol_version": LEGACY_PROTOCOL,
        "little_endian": True,
        "type_sizes": {"short": 2, "int": 4, "long": 4},
    }
    body = emitter.finish(state)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        for plain in (LEGACY_MAGIC, LEGACY_PROTOCOL, system):
            file.write(pickle.dumps(plain, protocol=2))
        file.write(body)
        file.write(pickle.dumps(list(emitter.storages), protocol=2))
        for key, raw in emitter.storages.items():
            file.write(struct.pack("<q", emitter.counts[key]) + raw)
