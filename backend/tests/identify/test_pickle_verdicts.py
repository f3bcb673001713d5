"""Pickles are judged by what loading them would import; damage and bombs are told, not suffered."""

from __future__ import annotations

import collections
import io
import pickle
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from model_library.errors import BrokenModelError, HeaderLimitError, TruncatedModelError
from model_library.identify import limits
from model_library.identify.pickle_opcodes import Budget, PickleScan, PickleStream, scan_pickle
from model_library.identify.pickles import read_pickle
from model_library.samples.formats import write_torch_legacy
from model_library.taxonomy import SecurityTier
from tests.identify.forged import (
    REBUILT,
    named,
    pickle_calling,
    put,
    stack_global,
    text,
    zip_bytes,
)

ALLOWLISTED = SecurityTier.PICKLE_ALLOWLISTED
UNKNOWN = SecurityTier.PICKLE_UNKNOWN
DANGEROUS = SecurityTier.PICKLE_DANGEROUS

# --- verdicts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "system"),
        ("posix", "system"),
        ("nt", "system"),
        ("subprocess", "Popen"),
        ("builtins", "eval"),
        ("__builtin__", "exec"),
        ("builtins", "getattr"),
        ("builtins", "__import__"),
        ("builtins", "open"),
        ("sys", "modules"),
        ("socket", "create_connection"),
        ("runpy", "run_path"),
        ("shutil", "rmtree"),
        ("pip", "main"),
        ("pip._internal.cli.main", "main"),
        ("ctypes", "CDLL"),
        ("importlib", "import_module"),
        ("operator", "attrgetter"),
        ("functools", "partial"),
        ("pickle", "loads"),
        ("torch", "load"),
        ("torch.storage", "_load_from_bytes"),
        ("torch.hub", "load"),
        ("numpy.testing._private.utils", "runstring"),
        ("torch", "serialization.os.system"),
        ("collections", "OrderedDict.__init__"),
    ],
)
@pytest.mark.parametrize("make", [pickle_calling, stack_global], ids=["GLOBAL", "STACK_GLOBAL"])
def test_a_name_that_reaches_the_system_is_dangerous(
    tmp_path: Path, module: str, name: str, make: Callable[[str, str], bytes]
) -> None:
    header = read_pickle(put(tmp_path / "x.pkl", make(module, name)))
    assert header.security.tier is DANGEROUS
    assert header.security.findings == (f"can run code: {module}.{name}",)


class Attack:
    """What an attacker's program would pickle."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        import os

        return os.system, ("true",)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_protocol_is_read(tmp_path: Path, protocol: int) -> None:
    put(tmp_path / "bad.pkl", pickle.dumps({"a": [Attack()]}, protocol))
    put(tmp_path / "odd.pkl", pickle.dumps(len, protocol))
    plain = {"a": [1, 2.5, "é", b"bytes", {3}, frozenset([4]), (1, 2, 3, 4), -7, 1 << 200, True]}
    put(tmp_path / "good.pkl", pickle.dumps([plain, collections.OrderedDict(plain)], protocol))
    assert read_pickle(tmp_path / "bad.pkl").security.tier is DANGEROUS
    assert read_pickle(tmp_path / "odd.pkl").security.tier is UNKNOWN
    assert read_pickle(tmp_path / "good.pkl").security.tier is ALLOWLISTED


@pytest.mark.parametrize(
    ("data", "finding"),
    [
        pytest.param(b"\x80\x04]\x8c\x01s\x93.", "name that is computed", id="module is a list"),
        pytest.param(
            b"\x80\x04c_codecs\nencode\n"
            + text("bf")
            + text("rot13")
            + b"\x86R\x8c\x06system\x93.",
            "name that is computed",
            id="module is a result",
        ),
        pytest.param(b"\x80\x02\x82\x07.", "extension registry", id="EXT1"),
        pytest.param(b"\x80\x02K\x01)R.", "not a plain name", id="calls a number"),
        pytest.param(
            b"\x80\x02ccollections\nOrderedDict\n}b.",
            "changes the attributes",
            id="BUILD on a class",
        ),
        pytest.param(b"\x80\x02cos\\x2e\nx\n.", "escape sequences", id="escaped name"),
    ],
)
def test_what_no_honest_pickle_does_is_dangerous(tmp_path: Path, data: bytes, finding: str) -> None:
    header = read_pickle(put(tmp_path / "x.pkl", data))
    assert header.security.tier is DANGEROUS
    assert any(finding in found for found in header.security.findings)


@pytest.mark.parametrize(
    "data",
    [
        b"(ios\nsystem\n.",
        b"\x80\x02(cos\nsystem\n" + text("true") + b"o.",
        b"\x80\x02cos\nsystem\n)\x81.",
        b"\x80\x04\x8c\x02os\x8c\x06system\x93)}\x92.",
        b"\x80\x04\x8c\x02os\x94\x8c\x06system\x940" + b"h\x00h\x01\x93)R.",
        b"\x80\x02cos\nsystem\n0.",
        b"cos\nsystem\n(S'true'\ntR.",
    ],
    ids=["INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "from the memo", "dropped again", "protocol 0"],
)
def test_every_way_to_name_something_is_seen(tmp_path: Path, data: bytes) -> None:
    header = read_pickle(put(tmp_path / "x.pkl", data))
    assert header.security.tier is DANGEROUS
    assert "can run code: os.system" in header.security.findings


def test_a_second_pickle_behind_the_first_is_read(tmp_path: Path) -> None:
    data = pickle.dumps({"w": 1}, 2) + pickle_calling("os", "system")
    assert read_pickle(put(tmp_path / "x.pkl", data)).security.tier is DANGEROUS


def test_bytes_behind_a_pickle_keep_it_from_being_allowlisted(tmp_path: Path) -> None:
    security = read_pickle(put(tmp_path / "x.pkl", pickle.dumps(1) + b"1234")).security
    assert security.tier is UNKNOWN
    assert security.findings == ("4 bytes follow the pickle",)


def test_every_pickle_of_the_legacy_format_is_read(tmp_path: Path) -> None:
    write_torch_legacy(tmp_path / "x.pt", {"w": ("F32", (2, 3))})
    whole = (tmp_path / "x.pt").read_bytes()
    protocol = pickle.dumps(1001, protocol=2)
    at = whole.index(protocol)
    data = whole[:at] + pickle_calling("os", "system") + whole[at + len(protocol) :]
    assert read_pickle(put(tmp_path / "y.pt", data)).security.tier is DANGEROUS


def test_a_pickle_that_is_also_a_zip_archive_is_dangerous(tmp_path: Path) -> None:
    first = pickle.dumps({"w": 1}, 2)
    data = first + zip_bytes({"archive/data.pkl": pickle_calling("os", "system")})
    # a zip archive whose offsets count from the beginning of the file
    end = data.rindex(b"PK\x05\x06")
    directory = struct.pack("<I", data.index(b"PK\x01\x02"))
    fixed = data[: end + 16] + directory + data[end + 20 :]
    entry = fixed.index(b"PK\x01\x02") + 42
    fixed = fixed[:entry] + struct.pack("<I", len(first)) + fixed[entry + 4 :]
    security = read_pickle(put(tmp_path / "x.pt", fixed)).security
    assert security.tier is DANGEROUS
    assert "zip archive" in security.findings[0]


def test_many_findings_are_summed_up(tmp_path: Path) -> None:
    data = b"\x80\x02" + b"".join(named("mine", f"Class{i}") + b"0" for i in range(30)) + b"N."
    findings = read_pickle(put(tmp_path / "x.pkl", data)).security.findings
    assert len(findings) == 21
    assert findings[-1] == "and 10 more"


# --- damaged and hostile ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (pickle.dumps({"a": "x" * 50}, 2)[:-10], TruncatedModelError),
        (b"\x80\x02", TruncatedModelError),
        (b"\x80\x02\xff.", BrokenModelError),
        (b"\x80\x02R.", BrokenModelError),
        (b"\x80\x02q\x01.", BrokenModelError),
        (b"\x80\x02h\x01.", BrokenModelError),
        (b"\x80\x02t.", BrokenModelError),
        (b"\x80\x02(o.", BrokenModelError),
        (b"\x80\x02}(K\x01u.", BrokenModelError),
        (b"\x80\x02Np99999999999999\n.", BrokenModelError),
        (b"\x80\x02I" + b"9" * 5000 + b"\n.", BrokenModelError),
        (b"\x80\x02X\x02\x00\x00\x00\xff\xff.", BrokenModelError),
        (b"\x80\x02S'\\q'\n.", None),
    ],
    ids=repr,
)
def test_a_damaged_pickle_is_told(
    tmp_path: Path, data: bytes, error: type[BrokenModelError] | None
) -> None:
    path = put(tmp_path / "x.pkl", data)
    if error is None:  # pickletools warns about the escape, which is an error in these tests
        with pytest.raises(BrokenModelError):
            read_pickle(path)
        return
    with pytest.raises(error, match="the pickle is damaged"):
        read_pickle(path)


def test_a_damaged_pickle_that_already_ran_code_is_told_as_dangerous(tmp_path: Path) -> None:
    data = pickle_calling("os", "system")[:-1] + b"\xff"
    assert read_pickle(put(tmp_path / "x.pkl", data)).security.tier is DANGEROUS


@pytest.mark.parametrize(
    "data",
    [
        b"\x80\x02" + b"X\xff\xff\xff\x7f" + b"x",
        b"\x80\x04\x8e" + struct.pack("<Q", 1 << 62),
        b"\x80\x02N" + b"2" * (limits.PICKLE_MAX_STACK + 1) + b".",
        b"\x80\x02" + b"(" * (limits.PICKLE_MAX_STACK + 1),
        b"\x80\x02" + b"(" * 200 + b"l" * 200 + b".",
    ],
    ids=["long text", "huge bytes", "DUP loop", "marks", "deep lists"],
)
def test_a_bomb_is_refused_or_harmless(tmp_path: Path, data: bytes) -> None:
    path = put(tmp_path / "x.pkl", data)
    if data.endswith(b"ll."):
        assert read_pickle(path).tensors == {}
        return
    with pytest.raises(HeaderLimitError):
        read_pickle(path)


def laughs(levels: int, leaf: bytes) -> bytes:
    """Each level holds the one before ten times, through the memo."""
    out = b"\x80\x02]" + leaf + b"a" + b"q\x00"
    for level in range(levels):
        out += b"](" + b"h" + bytes([level]) + (b"h" + bytes([level])) * 9 + b"e"
        out += b"q" + bytes([level + 1])
    return out + b"."


def test_a_billion_laughs_are_not_unfolded(tmp_path: Path) -> None:
    with pytest.raises(HeaderLimitError, match="unfolds"):
        read_pickle(put(tmp_path / "x.pkl", laughs(30, REBUILT)))


def test_tuples_of_tuples_are_never_hashed(tmp_path: Path) -> None:
    data = b"\x80\x02}()" + b"2\x86" * 40 + b"K\x01u."  # the key has 2^40 parts
    assert read_pickle(put(tmp_path / "x.pkl", data)).tensors == {}


def test_a_dict_inside_of_itself_ends(tmp_path: Path) -> None:
    data = b"\x80\x02}q\x00(" + text("a") + REBUILT + text("me") + b"h\x00u."
    tensors = read_pickle(put(tmp_path / "x.pkl", data)).tensors
    assert "a" in tensors
    assert len(tensors) <= limits.PICKLE_MAX_DEPTH + 1


def test_endless_names_are_refused(tmp_path: Path) -> None:
    data = b"\x80\x02}" + text("k" * 5000) + REBUILT + b"s."
    with pytest.raises(HeaderLimitError, match="endless"):
        read_pickle(put(tmp_path / "x.pkl", data))


def scan(data: bytes, budget: Budget) -> PickleScan:
    return scan_pickle(PickleStream(io.BytesIO(data), Path("x")), budget)


def test_the_work_on_one_file_is_bounded() -> None:
    budget = Budget(Path("x"), opcodes=10)
    assert scan(b"N00.", budget).error is not None
    assert budget.opcodes == 7
    with pytest.raises(HeaderLimitError, match="longer than in any model"):
        scan(b"N0" * 10 + b".", budget)
    with pytest.raises(HeaderLimitError, match="larger than in any model"):
        scan(text("x" * 100) + b".", Budget(Path("x"), bytes=50))


def test_keys_that_collide_cost_nothing() -> None:
    modulus = (1 << 61) - 1  # Python hashes its multiples to 0
    numbers = [(modulus * i).to_bytes(12, "little") for i in range(1, 20_001)]
    keys = b"".join(b"\x8a\x0c" + number + b"N" for number in numbers)
    found = scan(b"\x80\x02}(" + keys + b"u.", Budget(Path("x"))).root
    assert isinstance(found, dict)
    assert len(found) == len(numbers)
