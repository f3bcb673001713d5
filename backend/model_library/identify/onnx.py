"""Reads the structure of ONNX models: graph, initializers, operator sets, external data.

The whole protobuf structure is walked, subgraphs and functions included, and the tensor bytes are
skipped. External data must stay in the model's own directory.
Source: `onnx/onnx.proto` and `docs/ExternalData.md` of `onnx/onnx`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import islice
from math import prod
from pathlib import Path
from typing import NoReturn

from model_library.errors import (
    BrokenModelError,
    HeaderLimitError,
    NotAModelError,
    UnsafeNameError,
)
from model_library.identify import limits
from model_library.identify.describe import refusal, shown
from model_library.identify.protobuf import BYTES, VARINT, Field, ProtobufFile, Span
from model_library.identify.source import Source, open_source
from model_library.identify.values import Header, MetadataValue, Security, Tensor
from model_library.naming import safe_relative_path
from model_library.taxonomy import Container, SecurityTier

DTYPES: Mapping[int, tuple[str, int]] = {
    1: ("F32", 32),
    2: ("U8", 8),
    3: ("I8", 8),
    4: ("U16", 16),
    5: ("I16", 16),
    6: ("I32", 32),
    7: ("I64", 64),
    8: ("STRING", 0),
    9: ("BOOL", 8),
    10: ("F16", 16),
    11: ("F64", 64),
    12: ("U32", 32),
    13: ("U64", 64),
    14: ("C64", 64),
    15: ("C128", 128),
    16: ("BF16", 16),
    17: ("F8_E4M3", 8),
    18: ("F8_E4M3FNUZ", 8),
    19: ("F8_E5M2", 8),
    20: ("F8_E5M2FNUZ", 8),
    21: ("U4", 4),
    22: ("I4", 4),
    23: ("F4", 4),
    24: ("F8_E8M0", 8),
    25: ("U2", 2),
    26: ("I2", 2),
}
"""`TensorProto.DataType` to the dtype as safetensors spells it, and bits per element (0: varies)."""

_STANDARD_DOMAINS = frozenset(
    {"", "ai.onnx", "ai.onnx.ml", "ai.onnx.training", "ai.onnx.preview.training"}
)


class _Model(IntEnum):
    """Field numbers of ModelProto; those of the other messages follow."""

    IR_VERSION = 1
    PRODUCER_NAME = 2
    PRODUCER_VERSION = 3
    DOMAIN = 4
    MODEL_VERSION = 5
    DOC_STRING = 6
    GRAPH = 7
    OPSET_IMPORT = 8
    METADATA_PROPS = 14
    TRAINING_INFO = 20
    FUNCTIONS = 25
    CONFIGURATION = 26


class _OperatorSet(IntEnum):
    DOMAIN = 1
    VERSION = 2


class _Graph(IntEnum):
    NODE = 1
    NAME = 2
    INITIALIZER = 5
    SPARSE_INITIALIZER = 15


class _Node(IntEnum):
    ATTRIBUTE = 5
    DOMAIN = 7


class _Function(IntEnum):
    NODE = 7


class _Training(IntEnum):
    INITIALIZATION = 1
    ALGORITHM = 2


class _Attribute(IntEnum):
    TENSOR = 5
    GRAPH = 6
    TENSORS = 10
    GRAPHS = 11
    SPARSE_TENSOR = 22
    SPARSE_TENSORS = 23


class _Sparse(IntEnum):
    VALUES = 1
    INDICES = 2


class _Proto(IntEnum):
    """TensorProto."""

    DIMS = 1
    DATA_TYPE = 2
    NAME = 8
    RAW_DATA = 9
    EXTERNAL_DATA = 13
    DATA_LOCATION = 14


_TEXTS = {
    _Model.PRODUCER_NAME: "producer_name",
    _Model.PRODUCER_VERSION: "producer_version",
    _Model.DOMAIN: "domain",
}
_NUMBERS = {_Model.IR_VERSION: "ir_version", _Model.MODEL_VERSION: "model_version"}

_BEGINNING = re.compile(rb"\x08[\x01-\x7f][\x12\x1a\x22\x28\x32\x3a\x42\x72]")
"""`ir_version` of one byte, then the tag of another field of ModelProto."""


_EXTERNAL = 1
"""The value of `data_location` for data in another file."""

_MOST_WARNINGS = 20
_SIGNED = 1 << 63


def looks_like_onnx(head: bytes) -> bool:
    """Whether the first bytes are those of a ModelProto: a version number, then another field.

    ONNX has no magic number; other protobuf files can begin alike, which `read_onnx` tells.
    """
    return _BEGINNING.match(head) is not None


def read_onnx(path: Path) -> Header:
    """Read the structure of one ONNX file.

    `metadata` has `ir_version`, `producer_name`, `opset.<domain>`, `external_data` (file names, one
    a line) and `metadata.<key>` of its properties. Raises NotAModelError, TruncatedModelError,
    HeaderLimitError, BrokenModelError, and the errors of `open_source`.
    """
    with open_source(path) as source:
        return parse_onnx(source)


def parse_onnx(source: Source) -> Header:
    """`read_onnx` of a file that is open already."""
    if not looks_like_onnx(source.head):
        raise refusal(source, "an ONNX file")
    return _Reader(source).read()


@dataclass(slots=True)
class _TensorProto:
    name: str = ""
    code: int = 0
    shape: list[int] = field(default_factory=list)
    raw: int | None = None
    """Bytes of raw data in the file."""
    location: str | None = None
    external: bool = False


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.proto = ProtobufFile(
            source, most_fields=limits.ONNX_MAX_FIELDS, most_text=limits.ONNX_MAX_TEXT
        )
        self.tensors: dict[str, Tensor] = {}
        self.metadata: dict[str, MetadataValue] = {}
        self.domains: dict[str, None] = {}
        self.locations: dict[str, None] = {}
        self.warnings: dict[str, None] = {}
        self.properties = 0

    def broken(self, message: str) -> NoReturn:
        raise BrokenModelError(message, path=self.source.path)

    def limit(self, message: str) -> NoReturn:
        raise HeaderLimitError(message, path=self.source.path)

    def read(self) -> Header:
        graphs = 0
        for part in self.proto.fields(Span(0, self.source.size)):
            if part.number == _Model.GRAPH:
                self._need(part, BYTES)
                graphs += 1
                self._graph(part.span, 0, top=True)
            else:
                self._model_field(part)
        if not graphs:
            raise NotAModelError(
                "a protobuf file without an ONNX graph (perhaps Core ML or TensorFlow)",
                path=self.source.path,
            )
        if self.locations:
            self.metadata["external_data"] = "\n".join(self.locations)
        custom = [name for name in self.domains if name not in _STANDARD_DOMAINS]
        findings = tuple(f"needs operators of the domain {shown(name)}" for name in custom[:20])
        return Header(
            container=Container.ONNX,
            size=self.source.size,
            tensors=self.tensors,
            metadata=self.metadata,
            security=Security(SecurityTier.SAFE_FORMAT, findings),
            warnings=tuple(self.warnings),
        )

    # --- fields ---

    def _need(self, part: Field, wire: int) -> None:
        if part.wire != wire:
            self.broken(f"field {part.number} of the model has the wrong form")

    def _text(self, part: Field, what: str, most: int = limits.ONNX_MAX_NAME) -> str:
        self._need(part, BYTES)
        raw = self.proto.read(part.span, most, what)
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            self.broken(f"{what} is not valid UTF-8: {raw[:40]!r}")

    def _pair(self, part: Field, what: str) -> tuple[str, str]:
        """A StringStringEntryProto: key and value."""
        self._need(part, BYTES)
        texts = {1: "", 2: ""}
        for entry in self.proto.fields(part.span):
            if entry.number in texts:
                texts[entry.number] = self._text(entry, what, limits.ONNX_MAX_STRING)
        return texts[1], texts[2]

    def _model_field(self, part: Field) -> None:
        match part.number:
            case _Model.PRODUCER_NAME | _Model.PRODUCER_VERSION | _Model.DOMAIN:
                name = _TEXTS[_Model(part.number)]
                self.metadata[name] = self._text(part, name)
            case _Model.IR_VERSION | _Model.MODEL_VERSION:
                self._need(part, VARINT)
                self.metadata[_NUMBERS[_Model(part.number)]] = part.value
            case _Model.OPSET_IMPORT:
                self._operator_set(part)
            case _Model.METADATA_PROPS:
                self._property(part)
            case _Model.TRAINING_INFO:
                self._training(part)
            case _Model.FUNCTIONS:
                self._function(part)
            case _Model.DOC_STRING | _Model.CONFIGURATION:
                pass
            case _:
                self.warnings["the model has parts of a newer version of the format"] = None

    def _operator_set(self, part: Field) -> None:
        self._need(part, BYTES)
        domain, version = "", 0
        for entry in self.proto.fields(part.span):
            if entry.number == _OperatorSet.DOMAIN:
                domain = self._text(entry, "an operator domain")
            elif entry.number == _OperatorSet.VERSION:
                version = entry.value
        self._domain(domain)
        self.metadata[f"opset.{domain or 'ai.onnx'}"] = version

    def _domain(self, domain: str) -> None:
        self.domains[domain] = None
        if len(self.domains) > limits.ONNX_MAX_PROPERTIES:
            self.limit("the model names endless operator domains")

    def _property(self, part: Field) -> None:
        self.properties += 1
        if self.properties > limits.ONNX_MAX_PROPERTIES:
            self.limit("the model has endless metadata")
        key, value = self._pair(part, "a metadata property")
        self.metadata[f"metadata.{key[: limits.ONNX_MAX_NAME]}"] = value[: limits.MAX_TEXT]

    def _training(self, part: Field) -> None:
        self._need(part, BYTES)
        for entry in self.proto.fields(part.span):
            if entry.number in (_Training.INITIALIZATION, _Training.ALGORITHM):
                self._need(entry, BYTES)
                self._graph(entry.span, 1, top=False)

    def _function(self, part: Field) -> None:
        self._need(part, BYTES)
        for entry in self.proto.fields(part.span):
            if entry.number == _Function.NODE:
                self._need(entry, BYTES)
                self._node(entry.span, 1)

    # --- the graph ---

    def _graph(self, span: Span, depth: int, *, top: bool) -> None:
        if depth > limits.ONNX_MAX_NESTING:
            self.limit("graphs are nested deeper than in any real model")
        for part in self.proto.fields(span):
            if part.number == _Graph.NODE:
                self._need(part, BYTES)
                self._node(part.span, depth)
            elif part.number == _Graph.NAME and top:
                self.metadata["graph_name"] = self._text(part, "the graph name")
            elif part.number == _Graph.INITIALIZER:
                self._need(part, BYTES)
                self._initializer(part.span, top=top)
            elif part.number == _Graph.SPARSE_INITIALIZER:
                self._need(part, BYTES)
                self._sparse(part.span)

    def _node(self, span: Span, depth: int) -> None:
        for part in self.proto.fields(span):
            if part.number == _Node.ATTRIBUTE:
                self._need(part, BYTES)
                self._attribute(part.span, depth)
            elif part.number == _Node.DOMAIN:
                self._domain(self._text(part, "an operator domain"))

    def _attribute(self, span: Span, depth: int) -> None:
        for part in self.proto.fields(span):
            match part.number:
                case _Attribute.TENSOR | _Attribute.TENSORS:
                    self._need(part, BYTES)
                    self._tensor(part.span)
                case _Attribute.GRAPH | _Attribute.GRAPHS:
                    self._need(part, BYTES)
                    self._graph(part.span, depth + 1, top=False)
                case _Attribute.SPARSE_TENSOR | _Attribute.SPARSE_TENSORS:
                    self._need(part, BYTES)
                    self._sparse(part.span)

    def _sparse(self, span: Span) -> None:
        for part in self.proto.fields(span):
            if part.number in (_Sparse.VALUES, _Sparse.INDICES):
                self._need(part, BYTES)
                self._tensor(part.span)

    # --- tensors ---

    def _initializer(self, span: Span, *, top: bool) -> None:
        proto = self._tensor(span)
        if not top:
            return
        if proto.name in self.tensors:
            self.broken(f"the initializer {shown(proto.name)} is there twice")
        if len(self.tensors) >= limits.MAX_TENSORS:
            self.limit("the model has endless initializers")
        dtype = DTYPES.get(proto.code, (f"ONNX_{proto.code}", 0))[0]
        self.tensors[proto.name] = Tensor(proto.name, dtype, tuple(proto.shape))

    def _tensor(self, span: Span) -> _TensorProto:
        proto = _TensorProto()
        for part in self.proto.fields(span):
            self._tensor_field(proto, part)
        if proto.code not in DTYPES and len(self.warnings) < _MOST_WARNINGS:
            self.warnings[f"data type {proto.code} is not known"] = None
        if proto.external:
            self._external(proto)
        elif proto.raw is not None:
            self._check_raw(proto)
        return proto

    def _tensor_field(self, proto: _TensorProto, part: Field) -> None:
        match part.number:
            case _Proto.DIMS:
                self._dimensions(proto, part)
            case _Proto.DATA_TYPE:
                self._need(part, VARINT)
                proto.code = part.value
            case _Proto.NAME:
                proto.name = self._text(part, "a tensor name")
            case _Proto.RAW_DATA:
                self._need(part, BYTES)
                proto.raw = part.span.length
            case _Proto.EXTERNAL_DATA:
                key, value = self._pair(part, "the place of external data")
                if key == "location":
                    proto.location = value
            case _Proto.DATA_LOCATION:
                proto.external = part.value == _EXTERNAL

    def _dimensions(self, proto: _TensorProto, part: Field) -> None:
        if part.wire == VARINT:
            proto.shape.append(part.value)
        else:
            self._need(part, BYTES)
            room = limits.MAX_DIMENSIONS + 1
            proto.shape += islice(self.proto.varints(part.span), room)
        if len(proto.shape) > limits.MAX_DIMENSIONS:
            self.limit("a tensor has endless dimensions")
        if any(length >= _SIGNED for length in proto.shape):
            self.broken("a tensor has a negative dimension")

    def _check_raw(self, proto: _TensorProto) -> None:
        bits = DTYPES.get(proto.code, ("", 0))[1]
        needed = (prod(proto.shape) * bits + 7) // 8
        if bits and proto.raw != needed:
            self.broken(
                f"the tensor {shown(proto.name)} has {proto.raw:,} bytes, but its shape and type "
                f"need {needed:,}"
            )

    def _external(self, proto: _TensorProto) -> None:
        if not proto.location:
            self.broken(f"the tensor {shown(proto.name)} does not say where its data are")
        location = proto.location.removeprefix("./")
        try:
            safe_relative_path(location)
        except UnsafeNameError as error:
            raise BrokenModelError(
                f"the data of tensor {shown(proto.name)} would be read from outside of the model's "
                f"directory: {shown(proto.location)}",
                path=self.source.path,
                hint="The file was made to read other files. Do not load it anywhere.",
            ) from error
        self.locations[location] = None
        if len(self.locations) > limits.ONNX_MAX_FILES:
            self.limit("the model names endless files")
