"""PyTorch's zip archives: no flag, checksum or name hides a pickle."""

from __future__ import annotations

import pickle
import struct
import zipfile
from pathlib import Path

import pytest

from model_library.errors import (
    BrokenModelError,
    HeaderLimitError,
    NotAModelError,
    TruncatedModelError,
)
from model_library.identify import limits
from model_library.identify.pickles import read_pickle
from model_library.samples.formats import write_torch_zip
from model_library.taxonomy import Container, SecurityTier
from tests.identify.forged import pickle_calling, put, zip_bytes

ATTACK = pickle_calling("os", "system")
PLAIN = pickle.dumps({"epoch": 1}, 2)
DANGEROUS = SecurityTier.PICKLE_DANGEROUS
ALLOWLISTED = SecurityTier.PICKLE_ALLOWLISTED


@pytest.mark.parametrize(
    "members",
    [
        {"archive/data.pkl": ATTACK},
        {"data.pkl": ATTACK},
        {"a/b/c/data.pkl": ATTACK},
        {"archive/data.pkl": PLAIN, "archive/other.pkl": ATTACK},
        {"archive/data.pkl": PLAIN, "archive/deep/er/data.pkl": ATTACK},
        {"archive/data.pkl": PLAIN, "archive/data/0": ATTACK},
        {"archive/data.pkl": PLAIN, "no-suffix": ATTACK},
        {"archive/data.pkl": PLAIN, "x.bin": b"cos\nsystem\n(S'true'\ntR."},
    ],
    ids=" ".join,
)
@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED], ids=["stored", "deflated"]
)
def test_a_dangerous_pickle_is_found_anywhere(
    tmp_path: Path, members: dict[str, bytes], method: int
) -> None:
    header = read_pickle(put(tmp_path / "x.pt", zip_bytes(members, method=method)))
    assert header.container is Container.PICKLE_ZIP
    assert header.security.tier is DANGEROUS
    assert "can run code: os.system" in header.security.findings


def test_tensor_bytes_that_begin_like_a_pickle_are_no_finding(tmp_path: Path) -> None:
    members = {"archive/data.pkl": PLAIN, "archive/data/0": b"\x80\x02\xff\xff" + bytes(60)}
    header = read_pickle(put(tmp_path / "x.pt", zip_bytes(members)))
    assert header.security.tier is ALLOWLISTED


def patched(data: bytes, magic: bytes, offset: int, value: bytes) -> bytes:
    """Overwrite a field of every record that begins with `magic`."""
    at = data.find(magic)
    while at >= 0:
        data = data[: at + offset] + value + data[at + offset + len(value) :]
        at = data.find(magic, at + 4)
    return data


LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


@pytest.mark.parametrize(
    "hide",
    [
        lambda data: patched(patched(data, CENTRAL, 8, b"\x01\x00"), LOCAL, 6, b"\x01\x00"),
        lambda data: patched(data, LOCAL, 6, b"\x09\x08"),
        lambda data: patched(patched(data, CENTRAL, 16, b"abcd"), LOCAL, 14, b"abcd"),
        lambda data: patched(data, LOCAL, 30, b"other_"),
        lambda data: patched(data, LOCAL, 8, b"\x0c\x00"),
        lambda data: patched(data, LOCAL, 18, b"\xff" * 8),
        lambda data: data + b"behind",
    ],
    ids=[
        "encrypted",
        "local flags",
        "checksum",
        "local name",
        "local method",
        "local sizes",
        "tail",
    ],
)
def test_no_flag_or_checksum_hides_a_pickle(tmp_path: Path, hide: object) -> None:
    assert callable(hide)
    data: bytes = hide(zip_bytes({"archive/data.pkl": ATTACK, "archive/version": b"3\n"}))
    assert read_pickle(put(tmp_path / "x.pt", data)).security.tier is DANGEROUS


@pytest.mark.parametrize(
    ("damage", "finding"),
    [
        (lambda data: patched(data, CENTRAL, 8, b"\x01\x00"), "encrypted"),
        (lambda data: patched(data, LOCAL, 30, b"other_"), "other names"),
        (lambda data: data + b"behind", "bytes follow"),
    ],
    ids=["encrypted", "names", "tail"],
)
def test_an_odd_archive_is_never_allowlisted(tmp_path: Path, damage: object, finding: str) -> None:
    assert callable(damage)
    data: bytes = damage(zip_bytes({"archive/data.pkl": PLAIN}))
    security = read_pickle(put(tmp_path / "x.pt", data)).security
    assert security.tier is SecurityTier.PICKLE_UNKNOWN
    assert finding in security.findings[0]


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("order", [(PLAIN, ATTACK), (ATTACK, PLAIN)], ids=["last", "first"])
def test_both_of_two_members_with_one_name_are_read(
    tmp_path: Path, order: tuple[bytes, bytes]
) -> None:
    data = zip_bytes([("archive/data.pkl", content) for content in order])
    security = read_pickle(put(tmp_path / "x.pt", data)).security
    assert security.tier is DANGEROUS
    assert "2 members have the name 'archive/data.pkl'" in security.findings


@pytest.mark.parametrize(
    ("damage", "error", "message"),
    [
        (lambda data: data[:-30], TruncatedModelError, "end of the zip archive is missing"),
        (lambda data: data[:60], TruncatedModelError, "end of the zip archive is missing"),
        (lambda data: LOCAL + data, BrokenModelError, "disagrees"),
        (lambda data: patched(data, END, 10, b"\x09\x00"), BrokenModelError, "the 9 members"),
        (lambda data: patched(data, END, 12, b"\x01"), BrokenModelError, "disagrees"),
        (lambda data: patched(data, CENTRAL, 0, b"PK\x09\x09"), BrokenModelError, "is damaged"),
        (lambda data: patched(data, CENTRAL, 28, b"\xff\xff"), BrokenModelError, "is damaged"),
        (lambda data: patched(data, CENTRAL, 42, b"\x05"), BrokenModelError, "not where"),
        (lambda data: patched(data, CENTRAL, 42, b"\xff" * 3), BrokenModelError, "not where"),
        (lambda data: patched(data, CENTRAL, 20, b"\xff" * 3), BrokenModelError, "longer than"),
        (lambda data: patched(data, CENTRAL, 10, b"\x0c\x00"), BrokenModelError, "method 12"),
        (lambda data: patched(data, CENTRAL, 10, b"\x08\x00"), BrokenModelError, "decompressed"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_damaged_archive_is_told(
    tmp_path: Path, damage: object, error: type[BrokenModelError], message: str
) -> None:
    assert callable(damage)
    data: bytes = damage(zip_bytes({"archive/data.pkl": PLAIN}))
    with pytest.raises(error, match=message):
        read_pickle(put(tmp_path / "x.pt", data))


def test_a_damaged_data_pkl_is_told(tmp_path: Path) -> None:
    with pytest.raises(BrokenModelError, match=r"archive/data.pkl is damaged"):
        read_pickle(put(tmp_path / "x.pt", zip_bytes({"archive/data.pkl": PLAIN[:-1]})))


def test_the_large_form_of_the_end_record_is_read(tmp_path: Path) -> None:
    plain = zip_bytes({"archive/data.pkl": PLAIN})
    end = plain.rindex(END)
    start = plain.index(CENTRAL)
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, end - start, start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    masked = plain[end : end + 8] + b"\xff" * 12 + plain[end + 20 :]
    # sizes and offset of the member in its extra field, as archives above 4 GB have them
    entry = bytearray(plain[start:end])
    size, compressed = entry[24:28], entry[20:24]
    entry[20:28] = b"\xff" * 8
    extra = struct.pack("<2H", 1, 16) + bytes(size) + bytes(4) + bytes(compressed) + bytes(4)
    entry[30:32] = struct.pack("<H", len(extra) + 4)
    directory = bytes(entry) + struct.pack("<2H", 7, 0) + extra
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, len(directory), start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, start + len(directory), 1)
    data = plain[:start] + directory + record + locator + masked
    header = read_pickle(put(tmp_path / "x.pt", data))
    assert header.metadata == {"epoch": 1}
    assert header.security.tier is ALLOWLISTED


def test_an_archive_of_absurd_size_is_refused(tmp_path: Path) -> None:
    plain = zip_bytes({"archive/data.pkl": PLAIN})
    end = plain.rindex(END)
    start = plain.index(CENTRAL)
    record = struct.pack(
        "<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1 << 40, end - start, start
    )
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    with pytest.raises(HeaderLimitError, match="claims 1,099,511,627,776 members"):
        read_pickle(put(tmp_path / "x.pt", plain[:end] + record + locator + plain[end:]))


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    size = limits.PICKLE_MAX_BYTES + 1
    content = b"\x80\x02B" + struct.pack("<I", size) + bytes(size) + b"."
    data = zip_bytes({"archive/data.pkl": content}, method=zipfile.ZIP_DEFLATED)
    assert len(data) < size / 500
    with pytest.raises(HeaderLimitError):
        read_pickle(put(tmp_path / "x.pt", data))


def test_a_torchscript_program_is_executable(tmp_path: Path) -> None:
    members = {
        "net/data.pkl": b"\x80\x02c__torch__.net\nNet\n)\x81}X\x08\0\0\0trainingK\x01sb.",
        "net/constants.pkl": b"\x80\x02).",
        "net/code/__torch__/net.py": b"def forward(self): ...",
    }
    header = read_pickle(put(tmp_path / "x.pt", zip_bytes(members)))
    assert header.container is Container.TORCHSCRIPT
    assert header.security.tier is SecurityTier.EXECUTABLE
    assert header.security.findings[0] == "a TorchScript program"
    worse = {**members, "net/data.pkl": ATTACK}
    header = read_pickle(put(tmp_path / "y.pt", zip_bytes(worse)))
    assert header.security.tier is DANGEROUS


def test_python_code_in_an_archive_is_executable(tmp_path: Path) -> None:
    data = zip_bytes({"p/data.pkl": PLAIN, "p/mine.py": b"print(1)"})
    header = read_pickle(put(tmp_path / "x.pt", data))
    assert header.container is Container.PICKLE_ZIP
    assert header.security.tier is SecurityTier.EXECUTABLE
    assert header.security.findings == ("holds Python code: 'p/mine.py'",)


def test_tensor_data_must_be_there_in_full(tmp_path: Path) -> None:
    path = tmp_path / "x.pt"
    write_torch_zip(path, {"w": ("F32", (2, 3))})
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    short = {**members, "archive/data/0": members["archive/data/0"][:-1]}
    with pytest.raises(BrokenModelError, match="23 bytes, too few for 6 elements of F32"):
        read_pickle(put(path, zip_bytes(short)))
    del members["archive/data/0"]
    with pytest.raises(BrokenModelError, match="'archive/data/0' is missing"):
        read_pickle(put(path, zip_bytes(members)))


@pytest.mark.parametrize(
    ("names", "what"),
    [
        (["readme.txt", "lora.safetensors"], "a zip archive of 2 files"),
        (["arr_0.npy", "arr_1.npy"], "a NumPy archive"),
        (["config.json", "model.weights.h5"], "a Keras model"),
        (["word/document.xml"], "a Word document"),
    ],
)
def test_another_archive_is_named(tmp_path: Path, names: list[str], what: str) -> None:
    with pytest.raises(NotAModelError, match=f"this is {what}"):
        read_pickle(put(tmp_path / "x.zip", zip_bytes(dict.fromkeys(names, b"x"))))


def test_the_beginning_of_another_archive_is_no_model(tmp_path: Path) -> None:
    data = zip_bytes({"readme.txt": b"x" * 100})[:80]
    with pytest.raises(NotAModelError, match="the beginning of a zip archive"):
        read_pickle(put(tmp_path / "x.zip", data))
