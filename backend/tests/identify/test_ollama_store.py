"""What Ollama keeps under hashes has names again, and is never taken away from it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from model_library import Library
from model_library.identify.grouping import Grouping, group
from model_library.identify.ollama_store import MANIFEST, is_ollama_bookkeeping
from model_library.identify.walk import walk
from model_library.taxonomy import Placement
from tests.factory import tree
from tests.ollama import HUB, OWN, Ollama


@pytest.fixture
def ollama(tmp_path: Path) -> Ollama:
    return Ollama(tmp_path / ".ollama" / "models")


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library") as opened:
        yield opened


def grouped(store: Ollama) -> Grouping:
    return group(walk([store.top]))


def names(store: Ollama) -> list[list[str]]:
    return [[file.name for file in one.files] for one in grouped(store).groups]


def test_a_model_has_the_name_that_it_was_pulled_by(ollama: Ollama) -> None:
    license_text = ollama.blob(b"MIT")
    weights = ollama.gguf(1)
    ollama.manifest(f"{OWN}/latest", ("model", weights), ("license", license_text))
    ollama.manifest(f"{OWN}/1b", ("model", weights), ("license", license_text))
    ollama.manifest(HUB, ("model", ollama.gguf(2)), ("template", ollama.blob(b"{{ . }}")))
    ollama.manifest("registry.ollama.ai/me/other/latest", ("model", ollama.gguf(3)))
    assert names(ollama) == [
        ["Small-GGUF-Q4_K_M.gguf", MANIFEST],
        ["other.gguf", MANIFEST],
        ["tiny-1b.gguf", MANIFEST],
    ]


def test_a_tag_that_is_the_name_of_a_file_is_the_name(ollama: Ollama) -> None:
    """`ollama run hf.co/owner/Small-GGUF:Small-IQ3_M.gguf`"""
    ollama.manifest("hf.co/owner/Small-GGUF/Small-IQ3_M.gguf", ("model", ollama.gguf(1)))
    ollama.manifest(f"{OWN}/.gguf", ("model", ollama.gguf(2)))
    assert names(ollama) == [["Small-IQ3_M.gguf", MANIFEST]]


def test_a_projector_comes_with_its_model(ollama: Ollama) -> None:
    layers = [
        ("model", ollama.gguf(1)),
        ("projector", ollama.gguf(2)),
        ("projector", ollama.gguf(3)),
    ]
    ollama.manifest(f"{OWN}/7b", *layers)
    assert names(ollama) == [
        ["tiny-7b.gguf", "mmproj-tiny-7b.gguf", "mmproj-tiny-7b-2.gguf", MANIFEST]
    ]


def test_every_projector_of_shared_weights_is_imported(ollama: Ollama) -> None:
    weights, other = ollama.gguf(1), ollama.gguf(2)
    first, second, third = (ollama.gguf(seed, "clip") for seed in (3, 4, 5))
    ollama.manifest(f"{OWN}/a", ("model", weights))
    ollama.manifest(f"{OWN}/b", ("model", weights), ("projector", first))
    ollama.manifest(f"{OWN}/c", ("model", weights), ("projector", second), ("projector", third))
    ollama.manifest(f"{OWN}/latest", ("model", weights), ("projector", second))
    ollama.manifest(f"{OWN}/other", ("model", other), ("projector", third))
    assert names(ollama) == [
        ["mmproj-tiny-c.gguf", MANIFEST],
        ["tiny-b.gguf", "mmproj-tiny-b.gguf", MANIFEST],
        ["tiny-other.gguf", "mmproj-tiny-other.gguf", MANIFEST],
    ]


def test_a_projector_that_was_pulled_as_a_model_is_one(ollama: Ollama) -> None:
    weights, first, second = ollama.gguf(1), ollama.gguf(2, "clip"), ollama.gguf(3, "clip")
    ollama.manifest(f"{OWN}/a", ("model", weights), ("projector", first))
    ollama.manifest(f"{OWN}/b", ("model", weights), ("projector", second))
    ollama.manifest(f"{OWN}/eye", ("model", second))
    assert names(ollama) == [
        ["tiny-a.gguf", "mmproj-tiny-a.gguf", MANIFEST],
        ["tiny-eye.gguf", MANIFEST],
    ]


@pytest.mark.parametrize("place", [Placement.COPY, Placement.REFERENCE])
def test_another_projector_is_a_model_of_its_kind(
    ollama: Ollama, library: Library, place: Placement
) -> None:
    weights, first, second = ollama.gguf(1), ollama.gguf(2, "clip"), ollama.gguf(3, "clip")
    ollama.manifest(f"{OWN}/a", ("model", weights), ("projector", first))
    ollama.manifest(f"{OWN}/b", ("model", weights), ("projector", second))
    before = tree(ollama.top)
    for _ in range(2):
        library.import_models([ollama.top], place=place, offline=True)
    found = {model["official_name"]: model for model in library.list()["models"]}
    assert sorted(found) == ["mmproj-tiny-b", "tiny-a"]
    assert found["mmproj-tiny-b"]["kind"] == "mmproj"
    held = {file["sha256"] for model in found.values() for file in model["files"]}
    assert {one.removeprefix("sha256:") for one in (weights, first, second)} <= held
    assert tree(ollama.top) == before


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[]",
        "{}",
        '{"layers": 3}',
        '{"layers": [3, {}, {"mediaType": 1, "digest": 2}]}',
        '{"layers": [{"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:../../x"}]}',
        json.dumps(
            {
                "layers": [
                    {
                        "mediaType": "application/vnd.ollama.image.model",
                        "digest": f"sha256:{'0' * 64}",
                    }
                ]
            }
        ),
        "[" * 100_000,
    ],
)
def test_a_damaged_manifest_hides_no_other_model(ollama: Ollama, text: str) -> None:
    ollama.manifest(f"{OWN}/good", ("model", ollama.gguf(1)))
    ollama.manifest(f"{OWN}/bad").write_text(text)
    assert names(ollama) == [["tiny-good.gguf", MANIFEST]]


def test_what_is_in_many_tensors_is_left_to_ollama(ollama: Ollama) -> None:
    ollama.manifest(f"{OWN}/mlx", ("model", ollama.gguf(1)), ("model", ollama.gguf(2)))
    ollama.manifest(f"{OWN}/tensors", ("tensor", ollama.gguf(3)))
    assert names(ollama) == []


def test_a_folder_of_blobs_is_no_store_without_manifests(ollama: Ollama, tmp_path: Path) -> None:
    ollama.gguf(1)
    assert names(ollama) == []
    (ollama.top / "manifests" / "notes").mkdir(parents=True)
    (ollama.top / "manifests" / "notes" / "a.txt").write_text("mine")
    assert names(ollama) == []
    assert not is_ollama_bookkeeping(ollama.top / "manifests" / "notes" / "a.txt")
    assert not is_ollama_bookkeeping(tmp_path / "blobs" / f"sha256-{'0' * 64}")


def content_of(paths: Sequence[Path]) -> list[bytes]:
    return [path.read_bytes() for path in paths]


@pytest.mark.parametrize("place", [Placement.COPY, Placement.AUTO, Placement.REFERENCE])
def test_it_is_imported_under_its_name_and_stays_where_it_is(
    ollama: Ollama, library: Library, place: Placement
) -> None:
    ollama.manifest(HUB, ("model", ollama.gguf(1)), ("license", ollama.blob(b"MIT")))
    before = tree(ollama.top)
    report = library.import_models([ollama.top], place=place, offline=True)
    (model,) = report["imported"]
    assert not report["skipped"]
    assert model["official_name"] == "Small-GGUF-Q4_K_M"
    assert [source["repo"] for source in model["sources"]] == ["owner/Small-GGUF"]
    assert model["files"][0]["original_name"] == "Small-GGUF-Q4_K_M.gguf"
    assert library.verify()["intact"] == [model["model_id"]]
    assert library.scan(deep=True)["models"] == 1
    assert tree(ollama.top) == before
    (ollama.top / "manifests" / HUB).write_text("{}")  # as a new version does
    assert library.verify()["intact"] == [model["model_id"]]


def test_models_of_one_title_are_told_apart_by_the_names_that_they_were_pulled_by(
    ollama: Ollama, library: Library
) -> None:
    title = "TinyLlama 1.1B Chat"
    small, large = ollama.gguf(1, title=title), ollama.gguf(2, title=title)
    ollama.manifest("registry.ollama.ai/library/tinyllama/latest", ("model", small))
    ollama.manifest("registry.ollama.ai/library/tinyllama/1.1b-chat", ("model", small))
    ollama.manifest(HUB, ("model", large))
    named = ["Small-GGUF-Q4_K_M", "tinyllama-1.1b-chat"]
    review = library.import_models([ollama.top], dry_run=True)["would_import"]
    assert sorted(model["official_name"] for model in review) == named
    imported = library.import_models([ollama.top], offline=True)["imported"]
    assert sorted(model["official_name"] for model in imported) == named
    assert {model["embedded"]["general.name"] for model in imported} == {title}
    assert {model["source_labels"]["ollama.name"] for model in imported} == {
        "registry.ollama.ai/library/tinyllama:1.1b-chat",
        "hf.co/owner/Small-GGUF:Q4_K_M",
    }


@pytest.mark.parametrize("place", [Placement.COPY, Placement.REFERENCE])
@pytest.mark.parametrize("dry_run", [True, False])
def test_a_blob_with_other_bytes_than_its_name_is_refused_and_named(
    ollama: Ollama, library: Library, place: Placement, dry_run: bool
) -> None:
    ollama.manifest(HUB, ("model", ollama.gguf(1)))
    digest = ollama.gguf(2)
    ollama.manifest(f"{OWN}/1b", ("model", digest))
    blob = ollama.top / "blobs" / digest.replace(":", "-")
    blob.write_bytes(blob.read_bytes()[:-1] + b"?")
    report = library.import_models([ollama.top], place=place, dry_run=dry_run, offline=True)
    (failed,) = report["failed"]
    assert failed["error"]["code"] == "hash-mismatch"
    assert "ollama pull" in failed["error"]["hint"]
    assert len(report["imported"]) + len(report.get("would_import", [])) == 1


@pytest.mark.parametrize("place", [Placement.COPY, Placement.REFERENCE])
def test_a_manifest_that_names_one_blob_twice_harms_no_other(
    ollama: Ollama, library: Library, place: Placement
) -> None:
    digest, projector = ollama.gguf(1), ollama.gguf(2)
    layers = [
        ("model", digest),
        ("projector", digest),
        ("projector", projector),
        ("projector", projector),
    ]
    ollama.manifest(f"{OWN}/odd", *layers)
    ollama.manifest(f"{OWN}/good", ("model", ollama.gguf(3)))
    report = library.import_models([ollama.top], place=place, offline=True)
    assert not report["failed"]
    files = [len(model["files"]) for model in report["imported"]]
    assert sorted(files) == ([1, 2] if place is Placement.REFERENCE else [2, 3])


def test_a_blob_that_is_named_itself_is_not_moved_either(ollama: Ollama, library: Library) -> None:
    digest = ollama.gguf(1)
    ollama.manifest(HUB, ("model", digest))
    blob = ollama.top / "blobs" / digest.replace(":", "-")
    report = library.import_models([blob], place=Placement.MOVE, offline=True)
    assert [one["error"]["code"] for one in report["failed"]] == ["source-in-store"]
    assert blob.is_file()


@pytest.mark.parametrize("dry_run", [True, False])
def test_it_is_never_moved(ollama: Ollama, library: Library, dry_run: bool) -> None:
    ollama.manifest(HUB, ("model", ollama.gguf(1)))
    before = tree(ollama.top)
    report = library.import_models(
        [ollama.top], place=Placement.MOVE, dry_run=dry_run, offline=True
    )
    assert [one["error"]["code"] for one in report["failed"]] == ["source-in-store"]
    assert tree(ollama.top) == before
    assert library.list()["total"] == 0


def away(store: Ollama, digest: str, drive: Path) -> Path:
    """A blob that a person put on another drive, with a link in its place."""
    blob = store.top / "blobs" / digest.replace(":", "-")
    drive.mkdir()
    file = blob.rename(drive / "large.gguf")
    blob.symlink_to(file)
    return file


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("given", ["the file", "its folder and the store", "by a link"])
def test_what_a_blob_leads_to_is_not_moved_either(
    ollama: Ollama,
    library: Library,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    given: str,
    dry_run: bool,
) -> None:
    digest = ollama.gguf(1)
    ollama.manifest(HUB, ("model", digest))
    file = away(ollama, digest, tmp_path / "drive")
    monkeypatch.setenv("OLLAMA_MODELS", str(ollama.top))
    paths = [file]
    if given == "its folder and the store":
        monkeypatch.setenv("OLLAMA_MODELS", str(tmp_path / "another"))
        paths = [file.parent, ollama.top]
    if given == "by a link":
        (tmp_path / "way").symlink_to(file.parent)
        paths = [tmp_path / "way" / file.name]
    before = tree(ollama.top) | tree(file.parent)
    report = library.import_models(paths, place=Placement.MOVE, dry_run=dry_run, offline=True)
    (failed,) = report["failed"]
    assert failed["error"]["code"] == "source-in-store"
    assert "a link in it leads to this file" in failed["error"]["message"]
    assert tree(ollama.top) | tree(file.parent) == before
    assert not library.list()["total"]


def test_a_folder_of_blobs_on_another_drive_is_kept_too(
    ollama: Ollama, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ollama.manifest(HUB, ("model", ollama.gguf(1)))
    blobs = (ollama.top / "blobs").rename(tmp_path / "blobs")
    (ollama.top / "blobs").symlink_to(blobs)
    monkeypatch.setenv("OLLAMA_MODELS", str(ollama.top))
    before = tree(blobs)
    (blob,) = blobs.iterdir()
    for paths in ([blob], [ollama.top], [blobs, ollama.top]):
        report = library.import_models(paths, place=Placement.MOVE, offline=True)
        assert [one["error"]["code"] for one in report["failed"]] == ["source-in-store"]
    assert tree(blobs) == before


def test_a_hard_link_to_a_blob_can_be_moved_because_the_blob_stays(
    ollama: Ollama, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = ollama.gguf(1)
    ollama.manifest(HUB, ("model", digest))
    monkeypatch.setenv("OLLAMA_MODELS", str(ollama.top))
    before = tree(ollama.top)
    mine = tmp_path / "mine.gguf"
    mine.hardlink_to(ollama.top / "blobs" / digest.replace(":", "-"))
    report = library.import_models([mine], place=Placement.MOVE, offline=True)
    assert len(report["imported"]) == 1
    assert not mine.exists()
    assert tree(ollama.top) == before
    (model,) = library.list()["models"]
    assert Path(model["path"]).stat().st_nlink == 1
