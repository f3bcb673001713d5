"""A Hugging Face cache is taken in by the names that it gives its files, and verified on request."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from model_library import Library
from model_library.hf.hub_cache import cached_digests
from model_library.taxonomy import Placement
from tests.factory import lora

COMMIT = "a" * 40
XET = "b" * 64


def cache(top: Path, *, shared: bool) -> Path:
    """A cache with one LoRA; returns its path in the snapshot. Layouts of model-facts 1.7."""
    source = lora(top / "made.safetensors", seed=4)
    data = source.read_bytes()
    source.unlink()
    sha256 = hashlib.sha256(data).hexdigest()
    hub = top / "hub"
    repo = hub / "models--artist--style"
    snapshot = repo / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    (repo / "blobs").mkdir()
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text(COMMIT)
    blob = repo / "blobs" / sha256
    if shared:
        store = hub / "blobs" / XET[:2] / XET
        store.parent.mkdir(parents=True)
        (hub / "blobs" / ".huggingface-shared-blobs").write_text("1\n")
        store.write_bytes(data)
        (store.parent / f"{XET}.refs").write_text(f"models--artist--style/blobs/{sha256}\n")
        blob.symlink_to(os.path.relpath(store, blob.parent))
    else:
        blob.write_bytes(data)
    file = snapshot / "style.safetensors"
    file.symlink_to(f"../../blobs/{sha256}")
    (repo / "trees").mkdir()
    listing = {"format_version": 1, "files": {file.name: {"size": 130, "lfs_size": len(data)}}}
    (repo / "trees" / f"{COMMIT}.json").write_text(json.dumps(listing))
    return file


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library") as opened:
        yield opened


@pytest.mark.parametrize("shared", [False, True])
def test_both_layouts_tell_the_hash_without_reading(tmp_path: Path, shared: bool) -> None:
    file = cache(tmp_path, shared=shared)
    digests = cached_digests(file)
    assert digests is not None
    assert digests.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert digests.size == file.stat().st_size
    assert digests.blake3 is None


@pytest.mark.parametrize("shared", [False, True])
def test_a_reference_into_the_cache_is_not_read_and_verify_fills_in_what_lacks(
    tmp_path: Path, library: Library, shared: bool
) -> None:
    file = cache(tmp_path, shared=shared)
    report = library.import_models([tmp_path / "hub"], place=Placement.REFERENCE)
    (model,) = report["imported"]
    (held,) = [one for one in model["files"] if one["role"] == "weight"]
    assert held["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert held["blake3"] is None
    assert model["sources"][0]["repo"] == "artist/style"
    assert model["sources"][0]["revision"] == COMMIT
    assert library.verify()["intact"] == [model["model_id"]]
    filled = library.show(model["model_id"])["files"][0]["blake3"]
    assert len(filled) == 64
    assert library.verify()["intact"] == [model["model_id"]]


def test_bytes_that_are_not_what_the_name_says_are_found_by_verify(
    tmp_path: Path, library: Library
) -> None:
    file = cache(tmp_path, shared=False)
    blob = file.resolve()
    data = bytearray(blob.read_bytes())
    data[-1] ^= 1
    blob.write_bytes(data)
    report = library.import_models([tmp_path / "hub"], place=Placement.REFERENCE)
    (model,) = report["imported"]
    (damaged,) = library.verify()["damaged"]
    assert damaged["model_id"] == model["model_id"]
    assert damaged["problems"][0]["code"] == "hash-mismatch"


def test_a_copy_out_of_the_cache_is_hashed_on_the_way(tmp_path: Path, library: Library) -> None:
    cache(tmp_path, shared=True)
    report = library.import_models([tmp_path / "hub"], place=Placement.COPY)
    assert report["imported"][0]["files"][0]["blake3"] is not None


def test_a_size_that_the_cache_did_not_note_proves_nothing(tmp_path: Path) -> None:
    file = cache(tmp_path, shared=False)
    with file.resolve().open("ab") as blob:
        blob.write(b"more")
    assert cached_digests(file) is None


def test_the_notes_of_the_cache_are_not_named_as_skipped(tmp_path: Path, library: Library) -> None:
    file = cache(tmp_path, shared=True)
    (tmp_path / "hub" / "CACHEDIR.TAG").write_text("Signature: 8a477f597d28d172789f06886806bc55\n")
    (file.parents[2] / ".no_exist").mkdir()
    mine = file.parents[2] / "notes.txt"
    mine.write_text("of a person")
    report = library.import_models([tmp_path / "hub"], place=Placement.REFERENCE)
    assert [one["path"] for one in report["skipped"]] == [str(mine)]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_in_the_place_of_a_note_of_the_cache_is_not_waited_for(
    tmp_path: Path, library: Library
) -> None:
    file = cache(tmp_path, shared=False)
    repo = file.parents[2]
    for note in (repo / "refs" / "main", repo / "trees" / f"{COMMIT}.json"):
        note.unlink()
        os.mkfifo(note)
    other = repo / "snapshots" / ("b" * 40) / file.name  # which of the two is the newest is asked
    other.parent.mkdir()
    other.symlink_to(file.readlink())
    report = library.import_models([tmp_path / "hub"], place=Placement.REFERENCE)
    assert len(report["imported"]) == 1
    assert report["failed"] == []


def test_what_is_in_no_cache_is_not_believed(tmp_path: Path) -> None:
    named = tmp_path / "blobs" / ("c" * 64)
    named.parent.mkdir()
    named.write_bytes(b"x")
    link = tmp_path / "model.safetensors"
    link.symlink_to(named)
    assert cached_digests(named) is None
    assert cached_digests(link) is None
    assert cached_digests(tmp_path / "gone") is None
    small = tmp_path / "models--a--b" / "blobs" / ("d" * 40)
    small.parent.mkdir(parents=True)
    (tmp_path / "models--a--b" / "snapshots").mkdir()
    small.write_bytes(b"{}")
    assert cached_digests(small) is None
