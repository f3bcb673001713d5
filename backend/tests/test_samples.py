"""Sample files have the layout of the real formats, and their bodies take no space."""

from __future__ import annotations

import json
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from model_library.errors import InvalidValueError
from model_library.samples import sample_cases, write_case
from model_library.samples.formats import (
    State,
    write_gguf,
    write_onnx,
    write_safetensors,
    write_torch_legacy,
    write_torch_zip,
)
from model_library.samples.onnx_file import varint
from model_library.taxonomy import Kind

SPECS = [("a", "F16", (3, 5)), ("b", "F4", (4,)), ("c", "I64", ())]


def test_a_safetensors_file_has_the_published_layout(tmp_path: Path) -> None:
    path = tmp_path / "new" / "x.safetensors"
    write_safetensors(path, SPECS, {"format": "pt"})
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    assert length % 8 == 0
    assert json.loads(data[8 : 8 + length]) == {
        "__metadata__": {"format": "pt"},
        "a": {"dtype": "F16", "shape": [3, 5], "data_offsets": [0, 30]},
        "b": {"dtype": "F4", "shape": [4], "data_offsets": [30, 32]},
        "c": {"dtype": "I64", "shape": [], "data_offsets": [32, 40]},
    }
    assert len(data) == 8 + length + 40


def test_a_gguf_file_has_the_published_layout(tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    write_gguf(path, {"k": "v"}, [("t", "Q8_0", (2, 32)), ("u", "F32", (1,))])
    data = path.read_bytes()
    text = struct.pack("<Q", 1)
    head = b"GGUF" + struct.pack("<IQQ", 3, 2, 1) + text + b"k" + struct.pack("<I", 8) + text + b"v"
    head += text + b"t" + struct.pack("<IQQIQ", 2, 32, 2, 8, 0)
    head += text + b"u" + struct.pack("<IQIQ", 1, 1, 0, 96)  # 68 bytes, padded to 32
    assert data.startswith(head)
    assert len(data) == len(head) + -len(head) % 32 + 96 + 32


@pytest.mark.parametrize("write", [write_safetensors, write_gguf])
def test_a_body_is_a_hole_unless_it_is_asked_for(
    tmp_path: Path, write: Callable[..., None]
) -> None:
    arguments = [] if write is write_safetensors else [{"k": 1}]
    size = 1 << 30
    sparse, full = tmp_path / "sparse", tmp_path / "full"
    write(sparse, *arguments, [("a", "F16", (size // 2,))], seed=1)
    write(full, *arguments, [("a", "F16", (3 << 19,))], sparse=False)
    assert sparse.stat().st_size >= size
    if hasattr(sparse.stat(), "st_blocks"):
        assert sparse.stat().st_blocks * 512 < 1 << 20
    assert full.read_bytes().count(0) < 1 << 15


WRITERS: dict[str, Callable[[Path, int], None]] = {
    "safetensors": lambda path, seed: write_safetensors(path, [("a", "F16", (99,))], seed=seed),
    "gguf": lambda path, seed: write_gguf(path, {"k": 1}, [("a", "F16", (99,))], seed=seed),
    "zip": lambda path, seed: write_torch_zip(path, {"a": ("F16", (99,))}, seed=seed),
    "legacy": lambda path, seed: write_torch_legacy(path, {"a": ("F16", (99,))}, seed=seed),
    "onnx": lambda path, seed: write_onnx(path, seed=seed),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_seed_always_gives_the_same_bytes_and_another_seed_others(
    tmp_path: Path, name: str
) -> None:
    for file, seed in (("a", 1), ("b", 1), ("c", 2)):
        WRITERS[name](tmp_path / file, seed)
    a, b, c = ((tmp_path / file).read_bytes() for file in "abc")
    assert a == b
    assert a != c
    assert len(a) == len(c)


class Stored(pickle.Unpickler):
    """Loads our own samples with stand-ins for what PyTorch would put there."""

    def find_class(self, module: str, name: str) -> object:
        return dict if name == "OrderedDict" else lambda *arguments: (f"{module}.{name}", arguments)

    def persistent_load(self, pid: object) -> object:
        return pid


def test_a_torch_zip_is_one_that_pickle_can_follow(tmp_path: Path) -> None:
    path = tmp_path / "x.pt"
    state: State = {
        "w": ("F32", (2, 3)),
        "again": ("F32", (1,)),
        "n": {"x": -1, "big": 1 << 80, "none": None},
    }
    state = {**state, **{f"k{i}": i for i in range(300)}}
    write_torch_zip(path, state, archive="model")
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [
            "model/data.pkl",
            "model/byteorder",
            "model/data/0",
            "model/data/1",
            "model/version",
        ]
        assert len(archive.read("model/data/0")) == 24
        with archive.open("model/data.pkl") as file:
            loaded = Stored(file).load()
    name, arguments = loaded["w"]
    assert name == "torch._utils._rebuild_tensor_v2"
    storage, *rest = arguments
    assert storage[0] == "storage"
    assert storage[2:] == ("0", "cpu", 6)
    assert rest == [0, (2, 3), (3, 1), False, {}]
    assert loaded["n"] == {"x": -1, "big": 1 << 80, "none": None}
    assert loaded["k299"] == 299


def test_a_legacy_file_is_five_pickles_and_its_storages(tmp_path: Path) -> None:
    path = tmp_path / "x.pt"
    write_torch_legacy(path, {"w": ("I16", (2, 3))})
    with path.open("rb") as file:
        loaded = [Stored(file).load() for _ in range(5)]
        rest = file.read()
    assert loaded[0] == 0x1950A86A20F9469CFC6C
    assert loaded[1] == 1001
    assert loaded[3]["w"][0] == "torch._utils._rebuild_tensor_v2"
    assert loaded[4] == ["0"]
    assert rest[:8] == struct.pack("<q", 6)
    assert len(rest) == 8 + 12


def test_varints_have_seven_bits_a_byte() -> None:
    assert [varint(value) for value in (0, 127, 128, 300)] == [
        b"\0",
        b"\x7f",
        b"\x80\x01",
        b"\xac\x02",
    ]


def test_cases_are_complete() -> None:
    cases = sample_cases()
    assert len(cases) == 24
    sd15 = cases["sd15_ckpt_f16"]
    assert sd15.expected.kind is Kind.CHECKPOINT
    assert sd15.expected.families == ("sd1",)
    assert sd15.expected.precision == "F16"
    assert len(sd15.files[0].tensors) == 1131
    assert any(file.text for file in cases["llm_qwen2_05b"].files)


def test_a_case_is_written_with_all_its_files(tmp_path: Path) -> None:
    paths = write_case("llm_qwen2_05b", tmp_path / "one")
    assert [path.name for path in paths] == [
        "config.json",
        "tokenizer_config.json",
        "generation_config.json",
        "model.safetensors",
    ]
    assert json.loads(paths[0].read_text())["model_type"] == "qwen2"
    (first,) = write_case("ti_sdxl", tmp_path / "two", seed=1)
    (second,) = write_case("ti_sdxl", tmp_path / "three", seed=2)
    assert first.stat().st_size == second.stat().st_size
    assert first.read_bytes() != second.read_bytes()


def test_an_unknown_case_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(InvalidValueError, match="no sample case 'x'") as caught:
        write_case("x", tmp_path)
    assert "sd15_ckpt_f16" in caught.value.hint
