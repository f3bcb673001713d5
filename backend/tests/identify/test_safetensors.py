"""safetensors headers: what the reference refuses is refused, what it accepts is read exactly."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_library.errors import (
    BrokenModelError,
    EmptyFileError,
    HeaderLimitError,
    NotAModelError,
    TruncatedModelError,
)
from model_library.identify import limits
from model_library.identify.safetensors import DTYPE_BITS, read_safetensors
from model_library.identify.values import Tensor
from model_library.samples import sample_cases, write_case
from model_library.samples.formats import TensorSpec, write_safetensors
from model_library.taxonomy import Container, SecurityTier
from tests.identify.forged import F32_2X2, put, safetensors_bytes


def entry(dtype: str, shape: Sequence[object], begin: object, end: object) -> dict[str, object]:
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}


@pytest.mark.parametrize("case", sorted(sample_cases()))
def test_a_known_model_is_read_exactly(tmp_path: Path, case: str) -> None:
    for file, path in zip(
        sample_cases()[case].files, write_case(case, tmp_path, seed=1), strict=True
    ):
        if file.text is not None:
            continue
        header = read_safetensors(path)
        assert header.container is Container.SAFETENSORS
        assert header.size == path.stat().st_size
        assert [(t.name, t.dtype, t.shape) for t in header.tensors.values()] == list(file.tensors)
        assert header.metadata == (file.metadata or {})
        assert header.security.tier is SecurityTier.SAFE_FORMAT
        assert header.warnings == ()


def test_the_data_begin_after_the_padded_header(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    write_safetensors(path, [("a", "F32", (2, 2))], seed=5)
    header = read_safetensors(path)
    assert header.data_start == path.stat().st_size - 16
    assert header.data_start % 8 == 0


names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40).filter(
    lambda name: name != "__metadata__"
)
whole_byte_dtypes = st.sampled_from(sorted(d for d, bits in DTYPE_BITS.items() if bits % 8 == 0))
specs = st.lists(
    st.tuples(names, whole_byte_dtypes, st.lists(st.integers(0, 9), max_size=4).map(tuple)),
    min_size=1,
    max_size=12,
    unique_by=lambda spec: spec[0],
)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("safetensors") / "x.safetensors"


@given(
    specs,
    st.dictionaries(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8"))),
)
def test_what_was_written_is_what_is_read(
    scratch: Path, tensors: list[TensorSpec], metadata: dict[str, str]
) -> None:
    supported = [spec for spec in tensors if "FNUZ" not in spec[1]] or [("a", "F32", (1,))]
    write_safetensors(scratch, supported, metadata)
    header = read_safetensors(scratch)
    assert list(header.tensors.values()) == [Tensor(*spec) for spec in supported]
    assert header.metadata == metadata


@pytest.mark.parametrize(
    ("header", "body"),
    [
        pytest.param({"a": entry("F32", [], 0, 4)}, 4, id="scalar"),
        pytest.param({"a": entry("F32", [0, 7], 0, 0)}, 0, id="tensor without elements"),
        pytest.param(
            {"b": entry("U8", [3], 0, 3), "a": entry("I64", [0], 0, 0)}, 3, id="empty one first"
        ),
        pytest.param({"a": entry("F4", [2, 2], 0, 2)}, 2, id="half bytes"),
        pytest.param({"a": entry("F6_E3M2", [4], 0, 3)}, 3, id="six bits"),
        pytest.param({"a": entry("F8_E4M3FNUZ", [4], 0, 4)}, 4, id="FNUZ"),
        pytest.param({"a": {**F32_2X2, "extra": [1, {"x": 1.5}]}}, 16, id="extra field"),
        pytest.param({"a/../../b\x1b[31m": F32_2X2}, 16, id="odd name"),
        pytest.param({"__metadata__": None, "a": F32_2X2}, 16, id="metadata null"),
        pytest.param({"__metadata__": {}, "a": F32_2X2}, 16, id="metadata empty"),
    ],
)
def test_accepted_like_the_reference(tmp_path: Path, header: object, body: int) -> None:
    read = read_safetensors(put(tmp_path / "x", safetensors_bytes(header, body)))
    assert "a" in {name[0] for name in read.tensors}
    assert read.warnings == ()


def test_spaces_after_the_header_are_padding(tmp_path: Path) -> None:
    data = safetensors_bytes({"a": F32_2X2}, 16, pad=b"       ")
    assert read_safetensors(put(tmp_path / "x", data)).warnings == ()


def test_a_space_before_the_header_is_accepted_with_a_warning(tmp_path: Path) -> None:
    data = safetensors_bytes(b" \n" + json.dumps({"a": F32_2X2}).encode(), 16)
    header = read_safetensors(put(tmp_path / "x", data))
    assert "white space" in header.warnings[0]


def test_a_dtype_from_the_future_is_kept_with_a_warning(tmp_path: Path) -> None:
    data = safetensors_bytes({"a": entry("U3", [8], 0, 3), "b": entry("U8", [1], 3, 4)}, 4)
    header = read_safetensors(put(tmp_path / "x", data))
    assert header.tensors["a"].dtype == "U3"
    assert "U3" in header.warnings[0]


@pytest.mark.parametrize("header", [{}, {"__metadata__": {"format": "pt"}}], ids=str)
def test_a_header_without_tensors_is_not_a_model(tmp_path: Path, header: object) -> None:
    with pytest.raises(NotAModelError, match="without any tensor"):
        read_safetensors(put(tmp_path / "x", safetensors_bytes(header)))


RAW_2X2 = json.dumps(F32_2X2).encode()


@pytest.mark.parametrize(
    ("header", "body", "message"),
    [
        (b'{"a":' + RAW_2X2 + b',"a":' + RAW_2X2 + b"}", 16, "key 'a' twice"),
        (b'{"a":{"dtype":"F32","dtype":"F32","shape":[],"data_offsets":[0,4]}}', 4, "twice"),
        (b'{"__metadata__":{"x":"1","x":"2"},"a":' + RAW_2X2 + b"}", 16, "'x' twice"),
        ({"a": entry("U8", [4], 0, 4), "b": entry("U8", [4], 3, 7)}, 7, "'b' overlaps"),
        ({"a": entry("U8", [4], 0, 4), "b": entry("U8", [4], 5, 9)}, 9, "'b' leaves a hole"),
        ({"a": entry("U8", [4], 1, 5)}, 5, "'a' leaves a hole"),
        ({"a": F32_2X2}, 17, "1 bytes follow"),
        ({"a": entry("U8", [5], 0, 4)}, 4, "need 5"),
        ({"a": entry("F4", [3], 0, 1)}, 1, "fill no whole bytes"),
        ({"a": entry("U8", [4], 4, 0)}, 4, "ends before it begins"),
        ({"a": entry("U8", [1 << 63, 4], 0, 4)}, 4, "larger than any memory"),
        ({"a": entry("U8", [1 << 63, 4, 0], 0, 0)}, 0, "larger than any memory"),
        ({"a": entry("U8", [2] * 70, 0, 4)}, 4, "larger than any memory"),
        ({"a": entry("U3", [1], 0, 1 << 70)}, 4, "beyond any file"),
        ({"a": entry("U8", [-4], 0, 4)}, 4, "shape of tensor 'a'"),
        ({"a": entry("U8", [4.0], 0, 4)}, 4, "shape of tensor 'a'"),
        ({"a": entry("U8", [True], 0, 1)}, 1, "shape of tensor 'a'"),
        ({"a": entry("U8", ["4"], 0, 4)}, 4, "shape of tensor 'a'"),
        ({"a": entry("U8", [4], 0.0, 4)}, 4, "data_offsets of tensor 'a'"),
        ({"a": entry("U8", [4], False, 4)}, 4, "data_offsets of tensor 'a'"),
        ({"a": {"dtype": "U8", "shape": [4], "data_offsets": [0]}}, 4, "data_offsets"),
        ({"a": {"dtype": "U8", "shape": [4]}}, 4, "data_offsets"),
        ({"a": {"dtype": 8, "shape": [4], "data_offsets": [0, 4]}}, 4, "no dtype"),
        ({"a": 4}, 4, "entry of tensor 'a'"),
        ({"__metadata__": {"x": 1}, "a": F32_2X2}, 16, "damaged metadata: the value of 'x'"),
        ({"__metadata__": ["x"], "a": F32_2X2}, 16, "damaged metadata"),
        (b'{"a":NaN}', 0, "NaN is not a JSON number"),
        (b'{"a":[-Infinity]}', 0, "-Infinity is not a JSON number"),
        (b'{"a":' + b"9" * 5000 + b"}", 0, "not valid JSON"),
        (b'{"a":', 0, "not valid JSON"),
        (b'{"a": "\xff\xfe"}', 0, "not valid UTF-8 at byte 15"),
        (b'{"\\ud800":' + RAW_2X2 + b"}", 16, "surrogate"),
        (b'{"a":' + RAW_2X2 + b"}\0\0", 16, "not valid JSON"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_broken_with_the_reason(tmp_path: Path, header: object, body: int, message: str) -> None:
    with pytest.raises(BrokenModelError, match=message) as caught:
        read_safetensors(put(tmp_path / "x", safetensors_bytes(header, body)))
    assert caught.value.path == str(tmp_path / "x")
    assert caught.value.hint


def test_a_header_longer_than_the_file_is_truncated(tmp_path: Path) -> None:
    data = safetensors_bytes({"a": F32_2X2}, length=5000)
    with pytest.raises(TruncatedModelError, match="the header has 5,000 bytes"):
        read_safetensors(put(tmp_path / "x", data))


@pytest.mark.parametrize("kept", [8, 20, 60, 80])
def test_a_file_cut_anywhere_is_truncated(tmp_path: Path, kept: int) -> None:
    whole = safetensors_bytes({"a": F32_2X2}, 16)
    assert kept < len(whole)
    with pytest.raises(TruncatedModelError):
        read_safetensors(put(tmp_path / "x", whole[:kept]))


@pytest.mark.parametrize("length", [limits.SAFETENSORS_MAX_HEADER + 1, 1 << 63, (1 << 64) - 1])
def test_an_absurd_header_length_is_refused_before_reading(tmp_path: Path, length: int) -> None:
    data = safetensors_bytes({"a": F32_2X2}, 16, length=length)
    with pytest.raises(HeaderLimitError, match=f"{length:,} bytes"):
        read_safetensors(put(tmp_path / "x", data))


@pytest.mark.parametrize(
    "bomb",
    [
        b'{"a":' + b"[" * 100_000,
        b'{"a":' + b'{"b":' * 100_000,
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"a":[' + b"[]," * 3_000_000 + b"[]]}",
        b'{"a":[' + b"{}," * 2_000_000 + b"{}]}",
        b'{"a":[' + b"1," * 13_000_000 + b"1]}",
    ],
    ids=["lists", "objects", "closed lists", "many lists", "many objects", "many numbers"],
)
def test_a_json_bomb_is_refused(tmp_path: Path, bomb: bytes) -> None:
    with pytest.raises(HeaderLimitError):
        read_safetensors(put(tmp_path / "x", safetensors_bytes(bomb)))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"Hello, this is a text file, and a long one at that.", "a text file"),
        (b'{"abcd":{"x": 1, "y": 2}}', "a JSON document"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "a web page"),
        (b"PK\x03\x04" + bytes(100), "a zip archive"),
        (b"GGUF" + bytes(100), "a GGUF file"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "a Git LFS pointer"),
        (bytes(100), "filled with zero bytes"),
        (b"\x01\x02\x03", "binary data"),
        (b"\x01\x02\x03\x04\x05\x06\x07\xff{\x00\x01", "binary data"),
    ],
)
def test_another_kind_of_file_is_named(tmp_path: Path, content: bytes, what: str) -> None:
    with pytest.raises(NotAModelError, match=f"not a safetensors file: this is {what}"):
        read_safetensors(put(tmp_path / "x.safetensors", content))


def test_an_empty_file_has_its_own_error(tmp_path: Path) -> None:
    with pytest.raises(EmptyFileError):
        read_safetensors(put(tmp_path / "x", b""))


def test_a_long_hostile_name_is_short_and_escaped_in_the_message(tmp_path: Path) -> None:
    name = "\x1b[2J" + "x" * 10_000
    data = safetensors_bytes({name: entry("U8", [5], 0, 4)}, 4)
    with pytest.raises(BrokenModelError) as caught:
        read_safetensors(put(tmp_path / "x", data))
    assert "\x1b" not in caught.value.message
    assert len(caught.value.message) < 300


def test_tens_of_thousands_of_tensors_are_read(tmp_path: Path) -> None:
    count = 20_000
    path = tmp_path / "x"
    write_safetensors(path, ((f"layers.{i}.weight", "BF16", (2, 3)) for i in range(count)))
    header = read_safetensors(path)
    assert len(header.tensors) == count
    assert sum(tensor.parameters for tensor in header.tensors.values()) == 6 * count
