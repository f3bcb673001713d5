"""ONNX models: the whole structure is walked, and external data stay in their directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from model_library.errors import (
    BrokenModelError,
    HeaderLimitError,
    NotAModelError,
    TruncatedModelError,
)
from model_library.identify import limits
from model_library.identify.onnx import read_onnx
from model_library.identify.protobuf import ProtobufFile, Span
from model_library.identify.source import open_source
from model_library.identify.values import Tensor
from model_library.samples.formats import write_onnx
from model_library.samples.onnx_file import bytes_field, number_field, varint
from model_library.taxonomy import Container, SecurityTier
from tests.identify.forged import put

NEGATIVE = (1 << 64) - 1


def model(graph: bytes, more: bytes = b"") -> bytes:
    return number_field(1, 10) + bytes_field(2, "p") + bytes_field(7, graph) + more


def tensor(name: str = "w", *fields: bytes, code: int = 1) -> bytes:
    return b"".join(fields) + number_field(2, code) + bytes_field(8, name)


def external(location: str, name: str = "w") -> bytes:
    entry = bytes_field(1, "location") + bytes_field(2, location)
    return tensor(name, number_field(1, 4), bytes_field(13, entry), number_field(14, 1))


def initializer(proto: bytes) -> bytes:
    return bytes_field(5, proto)


def test_a_model_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.onnx"
    write_onnx(path, [("w", "F32", (4, 4)), ("shape", "I64", (2,)), ("half", "F16", ())])
    header = read_onnx(path)
    assert header.container is Container.ONNX
    assert header.size == path.stat().st_size
    assert header.security.tier is SecurityTier.SAFE_FORMAT
    assert header.security.findings == ()
    assert header.warnings == ()
    assert header.tensors == {
        "w": Tensor("w", "F32", (4, 4)),
        "shape": Tensor("shape", "I64", (2,)),
        "half": Tensor("half", "F16", ()),
    }
    assert header.metadata == {
        "ir_version": 10,
        "producer_name": "model-library-sample",
        "producer_version": "1.0",
        "graph_name": "sample",
        "opset.ai.onnx": 21,
    }


def test_operators_of_others_are_noted(tmp_path: Path) -> None:
    write_onnx(tmp_path / "x.onnx", domain="com.example")
    header = read_onnx(tmp_path / "x.onnx")
    assert header.security.findings == ("needs operators of the domain 'com.example'",)
    assert header.metadata["opset.com.example"] == 1


@pytest.mark.parametrize("location", ["weights.bin", "./weights.bin", "data/a b.bin", "x..y"])
def test_external_data_beside_the_model_are_named(tmp_path: Path, location: str) -> None:
    write_onnx(tmp_path / "x.onnx", external=location)
    header = read_onnx(tmp_path / "x.onnx")
    assert header.metadata["external_data"] == location.removeprefix("./")


@pytest.mark.parametrize(
    "location",
    [
        "../x.bin",
        "a/../../x.bin",
        "/etc/passwd",
        "C:\\x.bin",
        "\\\\server\\x",
        "..\\x",
        "a//b",
        "./../x",
        "x\0y",
    ],
)
def test_external_data_elsewhere_are_refused(tmp_path: Path, location: str) -> None:
    write_onnx(tmp_path / "x.onnx", external=location)
    with pytest.raises(BrokenModelError, match="outside of the model's directory"):
        read_onnx(tmp_path / "x.onnx")


NODE_ATTRIBUTES = [
    bytes_field(5, external("../x")),  # t
    bytes_field(10, external("../x")),  # tensors
    bytes_field(6, initializer(external("../x"))),  # g
    bytes_field(11, initializer(external("../x"))),  # graphs
    bytes_field(22, bytes_field(1, external("../x"))),  # sparse_tensor
    bytes_field(23, bytes_field(2, external("../x"))),  # sparse_tensors
]


@pytest.mark.parametrize("attribute", NODE_ATTRIBUTES)
def test_external_data_are_found_inside_of_nodes(tmp_path: Path, attribute: bytes) -> None:
    node = bytes_field(5, attribute)
    with pytest.raises(BrokenModelError, match="outside"):
        read_onnx(put(tmp_path / "x", model(bytes_field(1, node))))


@pytest.mark.parametrize(
    "more",
    [
        bytes_field(20, bytes_field(1, initializer(external("../x")))),
        bytes_field(20, bytes_field(2, initializer(external("../x")))),
        bytes_field(25, bytes_field(7, bytes_field(5, NODE_ATTRIBUTES[0]))),
    ],
    ids=["training start", "training step", "function"],
)
def test_external_data_are_found_beside_the_graph(tmp_path: Path, more: bytes) -> None:
    with pytest.raises(BrokenModelError, match="outside"):
        read_onnx(put(tmp_path / "x", model(b"", more)))


def test_sparse_initializers_are_walked(tmp_path: Path) -> None:
    graph = bytes_field(15, bytes_field(1, external("../x")))
    with pytest.raises(BrokenModelError, match="outside"):
        read_onnx(put(tmp_path / "x", model(graph)))


def test_packed_dimensions_and_properties_are_read(tmp_path: Path) -> None:
    graph = initializer(tensor("w", bytes_field(1, varint(300) + varint(2)), code=16))
    more = bytes_field(14, bytes_field(1, "author") + bytes_field(2, "é" * 100_000))
    more += number_field(5, 7) + bytes_field(6, "doc") + bytes_field(26, b"")
    header = read_onnx(put(tmp_path / "x", model(graph, more)))
    assert header.tensors["w"] == Tensor("w", "BF16", (300, 2))
    assert header.metadata["model_version"] == 7
    assert header.metadata["metadata.author"] == "é" * limits.MAX_TEXT


def test_what_is_newer_than_this_reader_is_a_warning(tmp_path: Path) -> None:
    data = model(initializer(tensor(code=99)), number_field(99, 1) + b"\xed\x01abcd")
    header = read_onnx(put(tmp_path / "x", data))
    assert header.tensors["w"].dtype == "ONNX_99"
    assert header.warnings == (
        "data type 99 is not known",
        "the model has parts of a newer version of the format",
    )


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (initializer(tensor()) * 2, "initializer 'w' is there twice"),
        (initializer(tensor("w", number_field(1, NEGATIVE))), "negative dimension"),
        (initializer(tensor("w", number_field(1, 4), bytes_field(9, b"123"))), "need 16"),
        (initializer(tensor("w", number_field(14, 1))), "does not say where"),
        (initializer(number_field(2, 1) + bytes_field(8, b"\xff")), "not valid UTF-8"),
        (number_field(5, 1), "field 5 of the model has the wrong form"),
        (number_field(1, 1), "field 1 of the model has the wrong form"),
        (initializer(bytes_field(2, "x")), "field 2 of the model has the wrong form"),
        (b"\x2a\x7f\x00", "longer than its message"),
        (b"\x00\x01", "has no number"),
        (b"\x0b\x0c", "unknown form"),
        (b"\xff" * 11, "has no end"),
        (b"\x2a\xff", "has no end"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_broken_with_the_reason(tmp_path: Path, graph: bytes, message: str) -> None:
    with pytest.raises(BrokenModelError, match=message):
        read_onnx(put(tmp_path / "x", model(graph, bytes_field(3, "v"))))


def nested(depth: int) -> bytes:
    graph = b""
    for _ in range(depth):
        graph = bytes_field(1, bytes_field(5, bytes_field(6, graph)))
    return graph


def many(count: int, number: int, make: str) -> bytes:
    return b"".join(bytes_field(number, bytes_field(1, make.format(i))) for i in range(count))


@pytest.mark.parametrize(
    "data",
    [
        model(nested(limits.ONNX_MAX_NESTING + 1)),
        model(initializer(tensor("w", bytes_field(1, bytes(100_000))))),
        model(initializer(tensor("n" * 5000))),
        model(b"", bytes_field(14, bytes_field(1, "k" * (limits.ONNX_MAX_STRING + 1)))),
        model(b"", many(limits.ONNX_MAX_PROPERTIES + 1, 14, "{}")),
        model(b"", many(limits.ONNX_MAX_PROPERTIES + 1, 8, "d{}")),
    ],
    ids=["nesting", "dimensions", "name", "property", "properties", "domains"],
)
def test_an_absurd_claim_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(HeaderLimitError):
        read_onnx(put(tmp_path / "x", data))


def test_work_on_one_file_is_bounded(tmp_path: Path) -> None:
    path = put(tmp_path / "x", bytes_field(1, "text") * 50)
    with open_source(path) as source:
        everything = Span(0, source.size)
        proto = ProtobufFile(source, most_fields=50, most_text=7)
        assert sum(part.span.length for part in proto.fields(everything)) == 200
        with pytest.raises(HeaderLimitError):
            list(proto.fields(everything))
        assert proto.read(Span(2, 6), 4, "x") == b"text"
        with pytest.raises(HeaderLimitError):
            proto.read(Span(2, 6), 4, "x")


def test_a_file_cut_anywhere_is_truncated_or_holds_no_graph(tmp_path: Path) -> None:
    path = tmp_path / "x.onnx"
    write_onnx(path, [("w", "F32", (40, 4))])
    whole = path.read_bytes()
    graph_ends = whole.index(b"B\x04\x0a\x00\x10\x15")  # the operator set follows the graph
    for kept in range(3, graph_ends, 5):
        with pytest.raises((TruncatedModelError, NotAModelError)):
            read_onnx(put(path, whole[:kept]))


def test_another_protobuf_file_is_not_an_onnx_model(tmp_path: Path) -> None:
    core_ml = number_field(1, 4) + bytes_field(2, "description") + bytes_field(200, b"x")
    with pytest.raises(NotAModelError, match="without an ONNX graph"):
        read_onnx(put(tmp_path / "x.mlmodel", core_ml))


def test_another_kind_of_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotAModelError, match="not an ONNX file: this is a text file"):
        read_onnx(put(tmp_path / "x.onnx", b"some words"))
