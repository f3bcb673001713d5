"""Models kept as pickles: tensors are read from the opcodes, nothing is ever loaded."""

from __future__ import annotations

import io
import pickle
import struct
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from model_library.errors import (
    BrokenModelError,
    NotAModelError,
    TruncatedModelError,
)
from model_library.identify.pickles import read_pickle
from model_library.identify.values import Tensor
from model_library.samples.formats import State, write_torch_legacy, write_torch_zip
from model_library.taxonomy import Container, SecurityTier
from tests.identify.forged import REBUILT, SIZES, STORAGE, named, pickle_calling, put, text

ALLOWLISTED = SecurityTier.PICKLE_ALLOWLISTED
UNKNOWN = SecurityTier.PICKLE_UNKNOWN
DANGEROUS = SecurityTier.PICKLE_DANGEROUS

W, B = ("F32", (2, 3)), ("F16", (4,))
WRITERS: list[Callable[[Path, State], None]] = [write_torch_zip, write_torch_legacy]


@pytest.fixture(params=WRITERS, ids=["zip", "legacy"])
def write(request: pytest.FixtureRequest) -> Callable[[Path, State], None]:
    writer: Callable[[Path, State], None] = request.param
    return writer


# --- tensors ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "names"),
    [
        pytest.param({"w": W, "b": B}, ["w", "b"], id="plain"),
        pytest.param(
            {"state_dict": {"m.w": W, "m.b": B}, "epoch": 3}, ["m.w", "m.b"], id="wrapped"
        ),
        pytest.param({"params": {"x": B}, "params_ema": {"w": W}}, ["w"], id="upscaler"),
        pytest.param({"model": {"lr": 1}, "net": {"w": W}}, ["w"], id="a wrapper without tensors"),
        pytest.param(
            {"string_to_token": {"*": 265}, "string_to_param": {"*": W}, "name": "x"},
            ["string_to_param.*"],
            id="textual inversion",
        ),
        pytest.param({"a": W, "state_dict": {"b": B}}, ["a", "state_dict.b"], id="mixed"),
        pytest.param({"outer": {"inner": {"w": W}}}, ["outer.inner.w"], id="nested"),
        pytest.param({"epoch": 3}, [], id="none"),
    ],
)
def test_names_are_those_that_loading_the_weights_would_use(
    tmp_path: Path, write: Callable[[Path, State], None], state: State, names: list[str]
) -> None:
    write(tmp_path / "x.pt", state)
    assert list(read_pickle(tmp_path / "x.pt").tensors) == names


def test_shapes_dtypes_and_facts_are_read(
    tmp_path: Path, write: Callable[[Path, State], None]
) -> None:
    state: State = {
        "state_dict": {
            "a": ("BF16", (2, 3, 1, 1)),
            "b": ("I64", ()),
            "c": ("BOOL", (0,)),
            "long": ("F64", (300,)),
        },
        "global_step": 470_000,
        "name": "thing",
        "rate": 0.5,
        "flag": False,
        "nothing": None,
        "huge": 1 << 90,
        "best": float("inf"),
    }
    write(tmp_path / "x.ckpt", state)
    header = read_pickle(tmp_path / "x.ckpt")
    assert list(header.tensors.values()) == [
        Tensor("a", "BF16", (2, 3, 1, 1)),
        Tensor("b", "I64", ()),
        Tensor("c", "BOOL", (0,)),
        Tensor("long", "F64", (300,)),
    ]
    assert header.metadata == {
        "global_step": 470_000,
        "name": "thing",
        "rate": 0.5,
        "flag": False,
        "best": "inf",
    }
    assert header.size == (tmp_path / "x.ckpt").stat().st_size
    assert header.security.tier is ALLOWLISTED
    assert header.security.findings == ()


def test_containers_are_told_apart(tmp_path: Path) -> None:
    write_torch_zip(tmp_path / "a.bin", {"w": W})
    write_torch_legacy(tmp_path / "b.bin", {"w": W})
    put(tmp_path / "c.bin", pickle.dumps({"epoch": 1}))
    assert read_pickle(tmp_path / "a.bin").container is Container.PICKLE_ZIP
    assert read_pickle(tmp_path / "b.bin").container is Container.PICKLE_LEGACY
    assert read_pickle(tmp_path / "c.bin").container is Container.PICKLE_LEGACY


def dict_with(value: bytes) -> bytes:
    return b"\x80\x02}(" + text("w") + value + b"u."


@pytest.mark.parametrize(
    ("value", "name", "dtype"),
    [
        pytest.param(REBUILT, "w", "F32", id="version 2"),
        pytest.param(
            named("torch._utils", "_rebuild_tensor") + b"(" + STORAGE + SIZES + b"tR",
            "w",
            "F32",
            id="version 1",
        ),
        pytest.param(
            named("torch._utils", "_rebuild_tensor_v3")
            + b"("
            + STORAGE
            + SIZES
            + b"\x89}"
            + named("torch", "float8_e4m3fn")
            + b"tR",
            "w",
            "F8_E4M3",
            id="version 3",
        ),
        pytest.param(
            named("torch._utils", "_rebuild_parameter") + b"(" + REBUILT + b"\x88}tR",
            "w",
            "F32",
            id="parameter",
        ),
        pytest.param(
            named("torch._tensor", "_rebuild_from_type_v2")
            + b"("
            + named("torch._utils", "_rebuild_tensor_v2")
            + named("torch", "Tensor")
            + b"("
            + STORAGE
            + SIZES
            + b"\x89}t}tR",
            "w",
            "F32",
            id="subclass",
        ),
        pytest.param(
            named("torch._utils", "_rebuild_tensor_v2")
            + b"("
            + STORAGE
            + b"K\x00"
            + named("torch", "Size")
            + b"K\x02K\x03\x86\x85R"
            + b"K\x03K\x01\x86\x89}tR",
            "w",
            "F32",
            id="torch.Size",
        ),
        pytest.param(
            named("collections", "OrderedDict") + b"]](" + text("k") + REBUILT + b"ea\x85R",
            "w.k",
            "F32",
            id="OrderedDict of Python 2",
        ),
        pytest.param(
            named("collections", "defaultdict") + b")R" + text("k") + REBUILT + b"s",
            "w.k",
            "F32",
            id="defaultdict",
        ),
        pytest.param(b"(" + REBUILT + b"l", "w.0", "F32", id="list"),
        pytest.param(b"]" + REBUILT + b"a", "w.0", "F32", id="append"),
        pytest.param(b"(" + text("k") + REBUILT + b"d", "w.k", "F32", id="dict of a mark"),
        pytest.param(b"K\x07" + b"0" + REBUILT + b"(1", "w", "F32", id="pops"),
        pytest.param(REBUILT + b"q\x01" + b"0h\x01", "w", "F32", id="memo"),
        pytest.param(b"}" + text("k") + REBUILT + b"2" + b"0s", "w.k", "F32", id="duplicated"),
    ],
)
def test_every_way_to_write_a_tensor_is_read(
    tmp_path: Path, value: bytes, name: str, dtype: str
) -> None:
    header = read_pickle(put(tmp_path / "x.pkl", dict_with(value)))
    assert header.tensors == {name: Tensor(name, dtype, (2, 3))}
    assert header.security.tier is ALLOWLISTED


def test_tensors_inside_of_whole_networks_are_found(tmp_path: Path) -> None:
    def network(parts: bytes) -> bytes:
        return named("mine.nets", "Net") + b")\x81}(" + parts + b"ub"

    def part(kind: str, name: str, value: bytes) -> bytes:
        return text(kind) + b"}" + text(name) + value + b"s"

    inner = network(part("_parameters", "weight", REBUILT) + part("_modules", "x", b"N"))
    outer = network(part("_modules", "conv", inner) + text("stride") + b"K\x02")
    data = b"\x80\x02}(" + text("epoch") + b"K\x05" + text("model") + outer + b"u."
    header = read_pickle(put(tmp_path / "x.pt", data))
    assert list(header.tensors) == ["conv.weight"]
    assert header.metadata == {"epoch": 5}
    assert header.security.tier is UNKNOWN
    assert header.security.findings == ("not on the list of harmless names: mine.nets.Net",)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(REBUILT.replace(b"K\x02K\x03\x86", b"K\x02X\0\0\0\0\x86"), id="shape of text"),
        pytest.param(
            REBUILT.replace(b"K\x02K\x03\x86", b"K\x02J\xff\xff\xff\xff\x86"), id="negative"
        ),
        pytest.param(REBUILT.replace(b"K\x02K\x03\x86", b"(" + b"K\x01" * 65 + b"t"), id="65 axes"),
        pytest.param(REBUILT.replace(STORAGE, b"N"), id="no storage"),
        pytest.param(REBUILT.replace(STORAGE, text("0") + b"Q"), id="odd persistent id"),
        pytest.param(b"P1\n", id="persistent id of text"),
    ],
)
def test_a_tensor_of_the_wrong_form_is_left_out(tmp_path: Path, value: bytes) -> None:
    header = read_pickle(put(tmp_path / "x.pkl", dict_with(value)))
    assert header.tensors == {}


# --- other files --------------------------------------------------------------------------------


def test_a_legacy_file_without_all_its_tensors_is_truncated(tmp_path: Path) -> None:
    write_torch_legacy(tmp_path / "x.pt", {"w": W, "b": B})
    whole = (tmp_path / "x.pt").read_bytes()
    for kept in (len(whole) - 1, len(whole) - 30, 200, 60, 20, 16):
        with pytest.raises(TruncatedModelError):
            read_pickle(put(tmp_path / "y.pt", whole[:kept]))


def numpy_bytes(descr: str, body: bytes) -> bytes:
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': (2,), }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + body


def test_numpy_objects_are_pickles_and_numbers_are_no_model(tmp_path: Path) -> None:
    objects = read_pickle(put(tmp_path / "o.npy", numpy_bytes("|O", pickle.dumps([1, 2]))))
    assert objects.container is Container.OTHER
    assert objects.security.tier is UNKNOWN
    attack = read_pickle(put(tmp_path / "a.npy", numpy_bytes("|O", pickle_calling("os", "system"))))
    assert attack.security.tier is DANGEROUS
    with pytest.raises(NotAModelError, match="a NumPy array"):
        read_pickle(put(tmp_path / "n.npy", numpy_bytes("<f4", bytes(8))))
    with pytest.raises(BrokenModelError):
        read_pickle(put(tmp_path / "b.npy", numpy_bytes("|O", b"\x80\x02\xff")))


def tar_bytes(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def test_the_oldest_tar_format_is_recognised_and_never_allowlisted(tmp_path: Path) -> None:
    parts = {"sys_info": {"x": 1}, "pickle": {"lr": 1}, "storages": 0, "tensors": 0}
    good = {name: pickle.dumps(value, 2) for name, value in parts.items()}
    header = read_pickle(put(tmp_path / "x.pt", tar_bytes(good)))
    assert header.container is Container.PICKLE_LEGACY
    assert header.security.tier is UNKNOWN
    bad = {**good, "tensors": pickle_calling("os", "system")}
    assert read_pickle(put(tmp_path / "y.pt", tar_bytes(bad))).security.tier is DANGEROUS
    with pytest.raises(NotAModelError, match="this is a tar archive"):
        read_pickle(put(tmp_path / "z.tar", tar_bytes({"pickle": b"N.", "x": b""})))


@pytest.mark.parametrize(
    "content", [b"some words", b"config\nfoo\nand so on\n", b"import\nos\n" * 5], ids=repr
)
def test_a_text_is_not_taken_for_a_pickle(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(NotAModelError, match="this is a text file"):
        read_pickle(put(tmp_path / "x.txt", content))
