"""A file is known by its bytes, whatever it is called, and every "no" says what it is instead."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import socket
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model_library.errors import (
    BrokenModelError,
    EmptyFileError,
    FileError,
    ModelLibraryError,
    NotAModelError,
    SourceChangedError,
    SourceNotFoundError,
    SourceUnreadableError,
    TruncatedModelError,
)
from model_library.identify.gguf import read_gguf
from model_library.identify.onnx import read_onnx
from model_library.identify.pickles import read_pickle
from model_library.identify.safetensors import read_safetensors
from model_library.identify.sniff import read_header
from model_library.identify.source import Source, open_source
from model_library.identify.values import Header
from model_library.samples.formats import (
    write_gguf,
    write_onnx,
    write_safetensors,
    write_torch_legacy,
    write_torch_zip,
)
from model_library.taxonomy import Container
from tests.identify.forged import put, safetensors_bytes, zip_bytes

WRITERS: dict[Container, Callable[[Path], None]] = {
    Container.SAFETENSORS: lambda p: write_safetensors(p, [("w", "F16", (2, 3))], {"a": "b"}),
    Container.GGUF: lambda p: write_gguf(
        p,
        {"general.architecture": "llama", "t": ["a", "b"], "n": [[1], [2]]},
        [("w", "F16", (2, 3))],
    ),
    Container.PICKLE_ZIP: lambda p: write_torch_zip(p, {"w": ("F16", (2, 3)), "epoch": 1}),
    Container.PICKLE_LEGACY: lambda p: write_torch_legacy(p, {"w": ("F16", (2, 3)), "epoch": 1}),
    Container.ONNX: lambda p: write_onnx(p, [("w", "F16", (2, 3))]),
}


@pytest.mark.parametrize("name", ["model", "model.safetensors", "model.GGUF", "model.txt", "x.pt"])
@pytest.mark.parametrize("container", WRITERS)
def test_bytes_decide_and_a_false_name_is_told(
    tmp_path: Path, container: Container, name: str
) -> None:
    path = tmp_path / name
    WRITERS[container](path)
    header = read_header(path)
    assert header.container is container
    assert [(t.name, t.dtype, t.shape) for t in header.tensors.values()] == [("w", "F16", (2, 3))]
    promised = {".safetensors": Container.SAFETENSORS, ".GGUF": Container.GGUF}.get(path.suffix)
    false = promised is not None and promised is not container
    assert [w for w in header.warnings if w.startswith("named")] == (
        [f"named {path.suffix}, but the bytes are {container.value}"] if false else []
    )


def test_reading_changes_nothing(tmp_path: Path) -> None:
    for container, write in WRITERS.items():
        path = tmp_path / container.value
        write(path)
        os.utime(path, ns=(1, 1))
        before = path.read_bytes()
        read_header(path)
        assert path.read_bytes() == before
        assert path.stat().st_mtime_ns == 1


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"<!doctype HTML><title>Sign in</title>", "a web page"),
        (b"<?xml version='1.0'?>\n<!DOCTYPE html>", "a web page"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 2\n",
            "a Git LFS pointer",
        ),
        (b"# xet version 0\n", "a Xet pointer"),
        (b'{"weight_map": {"a": "model-00001-of-00002.safetensors"}}', "a JSON document"),
        (b"[1, 2, 3]", "a JSON document"),
        ("Grüße, Welt\n".encode() * 1000, "a text file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "a PNG image"),
        (b"\xff\xd8\xff\xe0" + bytes(20), "a JPEG image"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "a WebP image"),
        (b"RIFF\x00\x00\x00\x00????", "a RIFF file"),
        (b"\x00\x00\x00\x20ftypavif" + bytes(20), "an AVIF or HEIC image"),
        (b"\x00\x00\x00\x20ftypisom" + bytes(20), "an MP4 or QuickTime video"),
        (gzip.compress(b"x" * 100, mtime=0), "a gzip-compressed file"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(20), "a 7z archive"),
        (zip_bytes({"a.txt": b"x"}), "a zip archive of 1 file"),
        (zip_bytes({}), "an empty zip archive"),
        (b"SQLite format 3\0" + bytes(84), "an SQLite database"),
        (b"\x89HDF\r\n\x1a\n" + bytes(20), "an HDF5 file"),
        (b"lmgg" + bytes(60), "a GGML model from before GGUF"),
        (bytes(5000), "filled with zero bytes"),
        (bytes(1), "filled with zero bytes"),
        (b"\x7fELF\x02\x01" + bytes(50), "a Linux program"),
        (bytes(range(255, 100, -1)), "binary data of a kind that is not known"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_model_is_named(tmp_path: Path, content: bytes, what: str) -> None:
    with pytest.raises(NotAModelError, match=f"this is {what}") as caught:
        read_header(put(tmp_path / "model.safetensors", content))
    assert caught.value.hint
    assert caught.value.path == str(tmp_path / "model.safetensors")


def test_a_file_truncated_in_its_length_is_told(tmp_path: Path) -> None:
    data = safetensors_bytes({"w": 1}, length=5000)
    with pytest.raises(TruncatedModelError):
        read_header(put(tmp_path / "x", data[:8]))


def test_an_empty_file_has_its_own_error(tmp_path: Path) -> None:
    with pytest.raises(EmptyFileError) as caught:
        read_header(put(tmp_path / "x", b""))
    assert caught.value.code == "empty-file"


def test_a_missing_file_has_its_own_error(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFoundError):
        read_header(tmp_path / "nothing")
    with pytest.raises(SourceNotFoundError):
        read_header(tmp_path / "a\0b")


def test_a_directory_is_no_model_file(tmp_path: Path) -> None:
    with pytest.raises(NotAModelError, match="a directory"):
        read_header(tmp_path)


@pytest.mark.skipif(
    sys.platform == "win32", reason="named pipes and sockets are files on POSIX only"
)
def test_special_files_are_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NotAModelError, match="a named pipe"):
        read_header(tmp_path / "pipe")
    with pytest.raises(NotAModelError, match="a character device"):
        read_header(Path(os.devnull))
    monkey = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(monkey))
        with pytest.raises(NotAModelError, match="a socket"):
            read_header(monkey)


def test_symlinks_are_followed_and_a_loop_is_told(tmp_path: Path) -> None:
    WRITERS[Container.GGUF](tmp_path / "x")
    (tmp_path / "link").symlink_to("x")
    assert read_header(tmp_path / "link").container is Container.GGUF
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(FileError):
        read_header(tmp_path / "loop")


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the super-user may read everything"
)
def test_an_unreadable_file_has_its_own_error(tmp_path: Path) -> None:
    WRITERS[Container.GGUF](tmp_path / "x")
    (tmp_path / "x").chmod(stat.S_IWUSR)
    with pytest.raises(SourceUnreadableError):
        read_header(tmp_path / "x")


def test_a_read_error_of_the_system_has_its_own_error(tmp_path: Path) -> None:
    path = put(tmp_path / "x", bytes(100))
    with io.FileIO(path, "a") as not_for_reading, pytest.raises(SourceUnreadableError) as caught:
        Source(path, not_for_reading, 100)
    assert caught.value.path == str(path)


def test_a_file_that_shrinks_while_it_is_read_is_told(tmp_path: Path) -> None:
    path = put(tmp_path / "x", bytes(20_000))
    with open_source(path) as source:
        assert source.read_at(5000, 10) == bytes(10)
        os.truncate(path, 5005)
        with pytest.raises(SourceChangedError):
            source.read_at(5000, 10)
        with pytest.raises(TruncatedModelError):
            source.read_at(19_995, 10)


# --- whatever the bytes are -----------------------------------------------------------------------

READERS = [read_header, read_safetensors, read_gguf, read_pickle, read_onnx]


def outcome(read: Callable[[Path], Header], path: Path) -> Header | ModelLibraryError:
    try:
        return read(path)
    except ModelLibraryError as error:
        return error


def answer(path: Path) -> None:
    """Every reader gives a Header or one of our errors, with path and a message for one line."""
    for read in READERS:
        found = outcome(read, path)
        if isinstance(found, Header):
            assert found.size == path.stat().st_size
            assert all(name == tensor.name for name, tensor in found.tensors.items())
        else:
            assert found.path == str(path)
            assert found.message.isprintable()


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sniff")


@pytest.fixture(scope="module")
def corpus(scratch: Path) -> list[bytes]:
    for container, write in WRITERS.items():
        write(scratch / container.value)
    files = [(scratch / container.value).read_bytes() for container in WRITERS]
    values = {"a": [1, 2.5, "x", b"y", {3}, (1, 2, 3, 4)], "path": Path("x"), "big": 1 << 100}
    files += [pickle.dumps(values, protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)]
    files.append(zip_bytes({"m/data.pkl": pickle.dumps(values, 2), "m/x.py": b"pass"}, method=8))
    return files


MAGICS = [
    b"",
    b"GGUF\x03\x00\x00\x00",
    b"GGUF\x00\x00\x00\x03",
    b"PK\x03\x04",
    b"\x80\x02",
    b"\x80\x04",
    b"\x93NUMPY\x01\x00",
    b"\x08\x0a\x12",
    b"\x40\x00\x00\x00\x00\x00\x00\x00{",
    pickle.dumps(0x1950A86A20F9469CFC6C, protocol=2),
]


@settings(max_examples=300)
@given(st.sampled_from(MAGICS), st.binary(max_size=300))
def test_arbitrary_bytes_give_an_answer(scratch: Path, magic: bytes, data: bytes) -> None:
    answer(put(scratch / "arbitrary", magic + data))


edits = st.lists(
    st.tuples(
        st.sampled_from(["flip", "cut", "insert", "delete", "overwrite", "repeat"]),
        st.floats(0, 1),
        st.one_of(
            st.binary(min_size=1, max_size=8),
            st.sampled_from([b"\xff" * 8, bytes(8), b"\0\0\0\0\0\0\0\x40", b"\x7f" + bytes(7)]),
        ),
    ),
    min_size=1,
    max_size=4,
)


def edited(data: bytes, edit: str, place: float, with_bytes: bytes) -> bytes:
    at = int(place * len(data))
    match edit:
        case "flip":
            return (
                data[:at]
                + bytes([with_bytes[0] ^ byte for byte in data[at : at + 1]])
                + data[at + 1 :]
            )
        case "cut":
            return data[:at]
        case "insert":
            return data[:at] + with_bytes + data[at:]
        case "delete":
            return data[:at] + data[at + len(with_bytes) :]
        case "overwrite":
            return data[:at] + with_bytes + data[at + len(with_bytes) :]
        case _:
            return data[:at] + data[at : at + 8 * len(with_bytes)] * 3 + data[at:]


@settings(max_examples=600, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), edits)
def test_any_damage_to_a_valid_file_gives_an_answer(
    scratch: Path, corpus: list[bytes], data: st.DataObject, changes: list[tuple[str, float, bytes]]
) -> None:
    content = data.draw(st.sampled_from(corpus))
    for edit, place, with_bytes in changes:
        content = edited(content, edit, place, with_bytes)
    answer(put(scratch / "damaged", content))


@pytest.mark.parametrize("container", WRITERS)
def test_a_file_cut_at_any_byte_is_never_taken_for_whole(
    tmp_path: Path, container: Container
) -> None:
    path = tmp_path / "x"
    WRITERS[container](path)
    whole = path.read_bytes()
    for kept in range(len(whole)):
        put(path, whole[:kept])
        if container is Container.ONNX and kept > len(whole) - 10:
            continue  # protobuf has no end mark: without its last field a message is whole
        if container is Container.GGUF and kept >= len(whole) - (32 - 2 * 3 * 2):
            continue  # the padding behind the last tensor may be missing
        with pytest.raises((BrokenModelError, NotAModelError)):
            read_header(path)
