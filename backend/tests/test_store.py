"""The library's own small files are parsed once and never guessed at."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from model_library.errors import (
    LibraryFormatError,
    LibraryTooNewError,
    MetadataError,
    RootError,
)
from model_library.store import (
    LIBRARY_FILE,
    MARKER_FILE,
    FileStamp,
    LibraryIdentity,
    Marker,
    new_id,
    read_document,
    read_library_file,
    read_marker,
    stamp_of,
    write_library_file,
    write_marker,
)
from model_library.taxonomy import RootMode


def test_library_file_and_marker_come_back_as_written(tmp_path: Path) -> None:
    identity = LibraryIdentity(new_id(), new_id())
    write_library_file(tmp_path / LIBRARY_FILE, identity)
    assert read_library_file(tmp_path / LIBRARY_FILE) == identity
    marker = Marker(new_id(), RootMode.REFERENCED)
    write_marker(tmp_path, marker)
    assert read_marker(tmp_path) == marker


def test_what_is_not_there_is_none(tmp_path: Path) -> None:
    assert read_library_file(tmp_path / "no" / LIBRARY_FILE) is None
    assert read_marker(tmp_path / "no") is None
    assert stamp_of(tmp_path / "no") is None
    assert stamp_of(tmp_path) is None


def test_a_newer_format_is_refused_whatever_else_it_holds(tmp_path: Path) -> None:
    path = tmp_path / LIBRARY_FILE
    path.write_text(json.dumps({"format_version": 99, "new": "things"}))
    with pytest.raises(LibraryTooNewError):
        read_library_file(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"[" * 100_000,
        b'{"format_version": "1"}',
        b'{"format_version": true}',
        b'{"format_version": 1}',
        b'{"format_version": 1, "library_id": "../..", "home_root_id": "x"}',
        b'{"pad": "' + b"x" * 100_000 + b'"}',
        b"\xff\xfe",
    ],
)
def test_a_damaged_library_file_is_an_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / LIBRARY_FILE
    path.write_bytes(content)
    with pytest.raises(LibraryFormatError):
        read_library_file(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    "content",
    [
        "{}",
        '{"root_id": "../x", "kind": "managed"}',
        '{"root_id": "8b0d2d1c-6b1a-4d39-9a3b-0d9f6f5a7c11", "kind": []}',
        '{"root_id": "8b0d2d1c-6b1a-4d39-9a3b-0d9f6f5a7c11", "kind": "strange"}',
        "x",
    ],
)
def test_a_damaged_marker_is_an_error(tmp_path: Path, content: str) -> None:
    (tmp_path / MARKER_FILE).write_text(content)
    with pytest.raises(RootError):
        read_marker(tmp_path)


def test_a_document_comes_with_its_stamp_and_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "metadata.json"
    path.write_bytes(b"12345")
    data, stamp = read_document(path, 5)
    assert data == b"12345"
    assert stamp == stamp_of(path) == FileStamp(path.stat().st_mtime_ns, 5)
    with pytest.raises(MetadataError):
        read_document(path, 4)
    with pytest.raises(MetadataError):
        read_document(tmp_path, 4)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_is_no_document_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "metadata.json")
    with pytest.raises(MetadataError, match="not a regular file"):
        read_document(tmp_path / "metadata.json", 5)
