"""GGUF headers: both versions and byte orders, and not one number in them is believed."""

from __future__ import annotations

import struct
import tracemalloc
from pathlib import Path
from typing import Literal

import pytest

from model_library.errors import (
    BrokenModelError,
    HeaderLimitError,
    NotAModelError,
    TruncatedModelError,
)
from model_library.identify import limits
from model_library.identify.ggml_types import GGML_TYPES
from model_library.identify.gguf import read_gguf
from model_library.identify.values import Tensor
from model_library.samples.formats import write_gguf
from model_library.samples.gguf_file import GGML_LAYOUT
from model_library.taxonomy import Container, SecurityTier
from tests.identify.forged import gguf_bytes, gguf_key, gguf_tensor, gguf_text, put

STRING, ARRAY, UINT32, FLOAT32, FLOAT64, BOOL = 8, 9, 4, 6, 12, 7


@pytest.mark.parametrize("alignment", [32, 64, 8])
@pytest.mark.parametrize(
    ("version", "byte_order"), [(2, "little"), (3, "little"), (3, "big"), (2, "big")]
)
def test_what_was_written_is_what_is_read(
    tmp_path: Path, version: int, byte_order: Literal["little", "big"], alignment: int
) -> None:
    path = tmp_path / "x.gguf"
    write_gguf(
        path,
        {
            "general.architecture": "llama",
            "llama.block_count": 22,
            "x.wide": 1 << 40,
            "x.negative": -7,
            "x.very_negative": -(1 << 40),
            "x.rate": 0.5,
            "x.flag": True,
            "tokenizer.ggml.tokens": ["<s>", "a", "é"],
            "tokenizer.ggml.scores": [0.0, -1.0, 2.0],
            "x.empty": [],
            "x.nested": [[1, 2], [3]],
        },
        [("token_embd.weight", "Q4_K", (8, 512)), ("norm", "F32", (7,)), ("s", "F16", ())],
        version=version,
        byte_order=byte_order,
        alignment=alignment,
        seed=1,
    )
    header = read_gguf(path)
    assert header.container is Container.GGUF
    assert header.size == path.stat().st_size
    assert header.security.tier is SecurityTier.SAFE_FORMAT
    assert header.warnings == ()
    assert list(header.tensors.values()) == [
        Tensor("token_embd.weight", "Q4_K", (8, 512)),
        Tensor("norm", "F32", (7,)),
        Tensor("s", "F16", ()),
    ]
    scalars = dict(header.metadata)
    if alignment != 32:
        assert scalars.pop("general.alignment") == alignment
    assert scalars == {
        "general.architecture": "llama",
        "llama.block_count": 22,
        "x.wide": 1 << 40,
        "x.negative": -7,
        "x.very_negative": -(1 << 40),
        "x.rate": 0.5,
        "x.flag": True,
    }


def test_the_sizes_of_the_writer_and_the_reader_agree() -> None:
    for name, (number, block, block_bytes) in GGML_LAYOUT.items():
        known = GGML_TYPES[number]
        assert (known.name, known.block, known.block_bytes) == (name, block, block_bytes)


@pytest.mark.parametrize(
    ("kind", "packed", "value"),
    [
        (0, b"\xff", 255),
        (1, b"\xff", -1),
        (2, b"\xff\xff", 65535),
        (3, b"\xfe\xff", -2),
        (UINT32, b"\x01\x00\x00\x00", 1),
        (5, b"\xff\xff\xff\xff", -1),
        (FLOAT32, struct.pack("<f", 1.5), 1.5),
        (BOOL, b"\x00", False),
        (STRING, gguf_text("grüße"), "grüße"),
        (10, b"\xff" * 8, (1 << 64) - 1),
        (11, b"\xff" * 8, -1),
        (FLOAT64, struct.pack("<d", 2.5), 2.5),
        (FLOAT32, struct.pack("<f", float("nan")), "nan"),
        (FLOAT64, struct.pack("<d", float("-inf")), "-inf"),
    ],
)
def test_every_scalar_type_is_read(tmp_path: Path, kind: int, packed: bytes, value: object) -> None:
    data = gguf_bytes([gguf_key("k", kind, packed)], [gguf_tensor("t", [4])])
    read = read_gguf(put(tmp_path / "x", data)).metadata["k"]
    assert read == value
    assert type(read) is type(value)


def test_a_vocabulary_costs_no_memory_and_long_texts_are_shortened(tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    write_gguf(
        path,
        {
            "tokenizer.ggml.tokens": [f"token number {i}" for i in range(60_000)],
            "tokenizer.ggml.token_type": [1] * 60_000,
            "tokenizer.chat_template": "{{ x }}" * 100_000,
            "after": "reached",
        },
        [("t", "F32", (4,))],
    )
    tracemalloc.start()
    header = read_gguf(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert set(header.metadata) == {"tokenizer.chat_template", "after"}
    assert len(str(header.metadata["tokenizer.chat_template"])) == limits.MAX_TEXT
    assert peak < 3 << 20


def test_a_new_tensor_type_is_shown_by_its_number(tmp_path: Path) -> None:
    tensors = [
        gguf_tensor("a", [32]),
        gguf_tensor("b", [32], 77, 128),
        gguf_tensor("c", [4], 0, 160),
    ]
    header = read_gguf(put(tmp_path / "x", gguf_bytes([], tensors)))
    assert header.tensors["b"].dtype == "GGML_TYPE_77"
    assert "77" in header.warnings[0]


def test_a_vocabulary_only_file_is_accepted_with_a_warning(tmp_path: Path) -> None:
    data = gguf_bytes([gguf_key("general.architecture", STRING, gguf_text("llama"))], body=0)
    header = read_gguf(put(tmp_path / "x", data))
    assert header.tensors == {}
    assert "no tensors" in header.warnings[0]


def test_what_llama_cpp_refuses_is_a_warning(tmp_path: Path) -> None:
    tensors = [gguf_tensor("n" * 64, [1, 1, 1, 1, 1])]
    header = read_gguf(put(tmp_path / "x", gguf_bytes([], tensors, body=32)))
    assert len(header.warnings) == 2


def test_bytes_after_the_last_tensor_are_a_warning(tmp_path: Path) -> None:
    data = gguf_bytes([], [gguf_tensor("t", [8])], body=32 + 5)
    assert "5 bytes follow" in read_gguf(put(tmp_path / "x", data)).warnings[0]


def test_the_padding_of_the_last_tensor_may_be_missing(tmp_path: Path) -> None:
    data = gguf_bytes([], [gguf_tensor("t", [1])], body=4)
    assert read_gguf(put(tmp_path / "x", data)).warnings == ()


def test_a_text_value_that_is_not_utf8_is_kept_with_a_warning(tmp_path: Path) -> None:
    data = gguf_bytes([gguf_key("k", STRING, gguf_text(b"a\xff"))], [gguf_tensor("t", [4])])
    header = read_gguf(put(tmp_path / "x", data))
    assert header.metadata["k"] == "a\ufffd"
    assert "not valid UTF-8" in header.warnings[0]


def key(name: str = "k", kind: int = UINT32, packed: bytes = b"\0\0\0\0") -> bytes:
    return gguf_key(name, kind, packed)


def array(kind: int, count: int, items: bytes = b"") -> bytes:
    return gguf_key("list", ARRAY, struct.pack("<IQ", kind, count) + items)


T = gguf_tensor("t", [8])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (gguf_bytes([key()], [T], version=1), "version 1 is obsolete"),
        (gguf_bytes([key()], [T], version=4), "version 4 is not known"),
        (gguf_bytes([key()], [T], version=0), "version 0 is not known"),
        (gguf_bytes([key(), key()], [T]), "key 'k' is there twice"),
        (gguf_bytes([array(4, 0), key("list")], [T]), "key 'list' is there twice"),
        (gguf_bytes([], [T, gguf_tensor("t", [8], 0, 32)]), "tensor 't' is there twice"),
        (gguf_bytes([key(kind=13)], [T]), "unknown value type 13"),
        (gguf_bytes([array(13, 1)], [T]), "unknown value type 13"),
        (gguf_bytes([gguf_key(b"\xff", 4, b"\0" * 4)], [T]), "a key is not valid UTF-8"),
        (gguf_bytes([], [gguf_tensor(b"\xff", [8])]), "a tensor name is not valid UTF-8"),
        (gguf_bytes([key("general.alignment")], [T]), "alignment is 0"),
        (gguf_bytes([key("general.alignment", 4, b"\x21\0\0\0")], [T]), "alignment is 33"),
        (gguf_bytes([key("general.alignment", 5, b"\xe0\xff\xff\xff")], [T]), "alignment is -32"),
        (gguf_bytes([key("general.alignment", 8, gguf_text("32"))], [T]), "alignment is '32'"),
        (gguf_bytes([key("general.alignment", 7, b"\x01")], [T]), "alignment is True"),
        (gguf_bytes([], [gguf_tensor("t", [8], 0, 32)]), "begins at data byte 32 instead of 0"),
        (gguf_bytes([], [T, gguf_tensor("u", [8], 0, 0)]), "begins at data byte 0 instead of 32"),
        (gguf_bytes([], [T, gguf_tensor("u", [8], 0, 64)]), "begins at data byte 64 instead"),
        (gguf_bytes([], [gguf_tensor("t", [8], 0, 4)]), "multiple of 32"),
        (gguf_bytes([], [gguf_tensor("t", [100], 12)]), "do not fill blocks of 256"),
        (gguf_bytes([], [gguf_tensor("t", [1 << 63, 1 << 63])]), "more elements than the file"),
        (gguf_bytes([], [gguf_tensor("t", [1 << 40], 77)]), "more elements than the file"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_broken_with_the_reason(tmp_path: Path, data: bytes, message: str) -> None:
    with pytest.raises(BrokenModelError, match=message) as caught:
        read_gguf(put(tmp_path / "x", data))
    assert caught.value.path == str(tmp_path / "x")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (gguf_bytes(counts=(1 << 63, 0)), "9,223,372,036,854,775,808 tensors"),
        (gguf_bytes(counts=(0, 1 << 63)), "9,223,372,036,854,775,808 keys"),
        (gguf_bytes([array(STRING, limits.GGUF_MAX_ARRAY + 1)]), "1,000,001 elements"),
        (gguf_bytes([array(ARRAY, 1 << 62)]), "elements"),
        (gguf_bytes([array(STRING, 1, struct.pack("<Q", 1 << 60))]), "a string in an array"),
        (gguf_bytes([array(ARRAY, 1, struct.pack("<IQ", ARRAY, 1) * 8)]), "nested"),
        (gguf_bytes([], [gguf_tensor("t", [1] * 9)]), "9 dimensions"),
        (gguf_bytes([], [gguf_tensor("t" * 2000, [1])]), "2,000 bytes"),
        (gguf_bytes([gguf_key("k" * 70_000, 4, b"\0" * 4)]), "70,000 bytes"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_absurd_claim_is_refused_before_it_costs_anything(
    tmp_path: Path, data: bytes, message: str
) -> None:
    with pytest.raises(HeaderLimitError, match=message):
        read_gguf(put(tmp_path / "x", data))


@pytest.mark.parametrize(
    "data",
    [
        gguf_bytes([gguf_key("k", STRING, struct.pack("<Q", 1 << 63))]),
        gguf_bytes([array(UINT32, 1 << 62)]),
        gguf_bytes([array(STRING, 100_000)], body=0),
        gguf_bytes(counts=(0, 500), body=4),
        gguf_bytes([], [gguf_tensor("t", [1000])], body=100),
        gguf_bytes([], [gguf_tensor("t", [8], 77), gguf_tensor("u", [8], 0, 1 << 63)]),
    ],
    ids=["string", "array", "array of strings", "keys", "tensor", "offset"],
)
def test_what_reaches_beyond_the_file_is_truncated(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(TruncatedModelError):
        read_gguf(put(tmp_path / "x", data))


def test_a_file_cut_anywhere_is_truncated(tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    write_gguf(path, {"a": "text", "b": ["x", "y"], "c": [1, 2]}, [("t", "F32", (64,))])
    whole = path.read_bytes()
    for kept in range(5, len(whole), 3):
        with pytest.raises(TruncatedModelError):
            read_gguf(put(path, whole[:kept]))


def test_strings_are_walked_over_across_chunks(tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    long = ["x" * 300_000, "", "y" * 5, "z" * 700_000] * 3
    write_gguf(path, {"list": long, "after": 1}, [("t", "F32", (4,))])
    assert read_gguf(path).metadata == {"after": 1}


def test_too_many_strings_in_many_arrays_are_refused(tmp_path: Path) -> None:
    strings = struct.pack("<IQ", STRING, 900_000) + bytes(8 * 900_000)
    keys = [gguf_key(f"k{i}", ARRAY, strings) for i in range(4)]
    with pytest.raises(HeaderLimitError, match="900,000 elements"):
        read_gguf(put(tmp_path / "x", gguf_bytes(keys)))


def test_a_header_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x"
    count = limits.GGUF_MAX_HEADER
    path.write_bytes(gguf_bytes([array(0, count)], counts=(0, 2), body=0))
    with path.open("r+b") as file:
        file.truncate(2 * count)
    with pytest.raises(HeaderLimitError, match="longer than any real one"):
        read_gguf(path)


def test_a_file_without_anything_is_not_a_model(tmp_path: Path) -> None:
    with pytest.raises(NotAModelError, match="without tensors and keys"):
        read_gguf(put(tmp_path / "x", gguf_bytes()))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"tjgg" + bytes(60), "a GGJT model from before GGUF"),
        (b"plain words", "a text file"),
        (b"PK\x03\x04" + bytes(60), "a zip archive"),
    ],
)
def test_another_kind_of_file_is_named(tmp_path: Path, content: bytes, what: str) -> None:
    with pytest.raises(NotAModelError, match=f"not a GGUF file: this is {what}"):
        read_gguf(put(tmp_path / "x.gguf", content))
