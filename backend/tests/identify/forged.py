"""Builds files byte by byte, right or wrong, for the tests of the header readers."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

F32_2X2: Mapping[str, object] = {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}


def put(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def safetensors_bytes(
    header: object | bytes, body: int = 0, *, length: int | None = None, pad: bytes = b""
) -> bytes:
    """A file with this header (JSON is made of anything but bytes) and `body` zero bytes."""
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    raw += pad
    return struct.pack("<Q", len(raw) if length is None else length) + raw + bytes(body)


# --- GGUF ---------------------------------------------------------------------------------------


def gguf_text(value: str | bytes) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return struct.pack("<Q", len(raw)) + raw


def gguf_key(key: str | bytes, kind: int, value: bytes) -> bytes:
    return gguf_text(key) + struct.pack("<I", kind) + value


def gguf_tensor(
    name: str | bytes, dimensions: Sequence[int], kind: int = 0, offset: int = 0
) -> bytes:
    """`dimensions` as the file has them: innermost first."""
    sizes = struct.pack(f"<{len(dimensions)}Q", *dimensions)
    head = gguf_text(name) + struct.pack("<I", len(dimensions)) + sizes
    return head + struct.pack("<IQ", kind, offset)


def gguf_bytes(
    keys: Sequence[bytes] = (),
    tensors: Sequence[bytes] = (),
    *,
    body: int = 4096,
    version: int = 3,
    counts: tuple[int, int] | None = None,
    alignment: int = 32,
) -> bytes:
    """A file with these parts; `counts` are the numbers of tensors and keys it claims to have."""
    tensor_count, key_count = counts or (len(tensors), len(keys))
    head = b"GGUF" + struct.pack("<IQQ", version, tensor_count, key_count)
    head += b"".join(keys) + b"".join(tensors)
    return head + bytes(-len(head) % alignment) + bytes(body)


# --- pickles ------------------------------------------------------------------------------------


def text(value: str) -> bytes:
    """The opcode that pushes a text."""
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def named(module: str, name: str) -> bytes:
    """The opcode that imports a name."""
    return f"c{module}\n{name}\n".encode()


STORAGE = (
    b"(" + text("storage") + named("torch", "FloatStorage") + text("0") + text("cpu") + b"K\x06tQ"
)
SIZES = b"K\x00K\x02K\x03\x86K\x03K\x01\x86"
REBUILT = named("torch._utils", "_rebuild_tensor_v2") + b"(" + STORAGE + SIZES + b"\x89}tR"
"""The opcodes of a tensor of six numbers, as `torch.save` writes it."""


def pickle_calling(module: str, name: str, argument: str = "x") -> bytes:
    """A protocol 2 pickle whose load would call `module.name(argument)`."""
    text = argument.encode()
    call = b"X" + struct.pack("<I", len(text)) + text + b"\x85R"
    return b"\x80\x02c" + f"{module}\n{name}\n".encode() + call + b"."


def stack_global(module: str, name: str) -> bytes:
    """A protocol 4 pickle that takes its global from two strings."""
    texts = b"".join(b"\x8c" + bytes([len(text)]) + text.encode() for text in (module, name))
    return b"\x80\x04" + texts + b"\x93)R."


def zip_bytes(
    members: Mapping[str, bytes] | Sequence[tuple[str, bytes]], *, method: int = zipfile.ZIP_STORED
) -> bytes:
    """A zip archive; a sequence may repeat a name."""
    pairs = members.items() if isinstance(members, Mapping) else members
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in pairs:
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return out.getvalue()
