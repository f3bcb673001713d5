"""Import as a user of the Python API sees it: what ends up where, and what stays as it was."""

from __future__ import annotations

import hashlib
import shutil
import threading
from pathlib import Path

import pytest

from model_library import Library
from model_library.errors import (
    CancelledError,
    RootConflictError,
    RootNotFoundError,
    UsageError,
)
from model_library.events import Advanced, Event
from model_library.samples.formats import write_torch_zip
from model_library.taxonomy import Placement, RootMode
from tests.factory import PICKLE_THAT_RUNS, lora, padded, shards, thin_case, tree


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "downloads"
    folder.mkdir()
    return folder


def staging(library: Library) -> list[Path]:
    return list((library.path / "models").glob(".staging/*"))


@pytest.mark.parametrize("place", [Placement.AUTO, Placement.COPY])
def test_a_copy_leaves_the_source_and_holds_the_same_bytes(
    library: Library, source: Path, place: Placement
) -> None:
    path = lora(source / "pixel art.safetensors")
    before = tree(source)
    result = library.import_models([path], place=place)
    (model,) = result["imported"]
    assert tree(source) == before
    held = Path(model["path"])
    assert held.read_bytes() == path.read_bytes()
    assert (model["kind"], model["family"], model["adapter_type"]) == ("adapter", "sd1", "lora")
    assert model["files"][0]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert model["files"][0]["autov3"] is not None
    assert model["model_id"].startswith("pixel-art-")
    assert model["state"] == "online"
    assert not staging(library)


def test_a_move_takes_the_source_away_and_needs_no_second_copy(
    library: Library, source: Path
) -> None:
    path = lora(source / "a.safetensors")
    content, inode = path.read_bytes(), path.stat().st_ino
    (model,) = library.import_models([path], place=Placement.MOVE)["imported"]
    assert not path.exists()
    assert Path(model["path"]).read_bytes() == content
    assert Path(model["path"]).stat().st_ino == inode
    assert model["placement"] == "move"
    assert not staging(library)


def test_a_move_takes_nothing_away_from_another_library(library: Library, source: Path) -> None:
    lora(source / "theirs.safetensors", seed=1)
    with Library.open(source / "their library") as theirs:
        (held,) = theirs.import_models([source], place=Placement.MOVE)["imported"]
    lora(source / "a.safetensors")
    result = library.import_models([source], place=Placement.MOVE)
    assert [Path(model["path"]).name for model in result["imported"]] == ["a.safetensors"]
    (failed,) = result["failed"]
    assert failed["error"]["code"] == "root-conflict"
    assert failed["path"] == held["path"]
    with Library.open(source / "their library") as theirs:
        assert Path(theirs.show(held["model_id"])["path"]).is_file()
    (copied,) = library.import_models([source], place=Placement.COPY)["imported"]
    assert Path(copied["path"]).name == "theirs.safetensors"


def test_a_reference_stays_where_it_is(library: Library, source: Path) -> None:
    path = lora(source / "sub" / "a.safetensors")
    before = tree(source)
    (model,) = library.import_models([path], place=Placement.REFERENCE)["imported"]
    assert tree(source) == before
    assert model["path"] == str(path)
    assert library.verify()["intact"] == [model["model_id"]]
    (root,) = [root for root in library.roots() if root["mode"] == "referenced"]
    assert root["path"] == str(path.parent)


def test_the_given_folder_becomes_the_one_referenced_root(library: Library, source: Path) -> None:
    for name in ("a", "b"):
        lora(source / name / f"{name}.safetensors", seed=ord(name))
    imported = library.import_models([source], place=Placement.REFERENCE)["imported"]
    assert [Path(m["path"]).name for m in imported] == ["a.safetensors", "b.safetensors"]
    assert [r["path"] for r in library.roots() if not r["home"]] == [str(source)]


def test_the_second_import_of_a_folder_copies_nothing_and_says_why(
    library: Library, source: Path
) -> None:
    for number in range(5):
        lora(source / f"{number}.safetensors", seed=number)
    first = library.import_models([source])
    second = library.import_models([source])
    assert len(first["imported"]) == 5
    assert second["imported"] == []
    assert {d["model_id"] for d in second["duplicates"]} == {
        m["model_id"] for m in first["imported"]
    }


@pytest.mark.parametrize("mebibytes", [1, 9], ids=["found after copying", "found before"])
def test_the_same_bytes_under_another_name_are_the_same_model(
    library: Library, source: Path, mebibytes: int
) -> None:
    padded(source / "first.safetensors", mebibytes)
    shutil.copy(source / "first.safetensors", source / "model_v3_final.safetensors")
    result = library.import_models([source])
    assert len(result["imported"]) == 1
    assert len(result["duplicates"]) == 1
    assert result["duplicates"][0]["model_id"] == result["imported"][0]["model_id"]


def test_a_duplicate_is_never_moved_away(library: Library, source: Path) -> None:
    path = lora(source / "a.safetensors")
    library.import_models([path])
    result = library.import_models([path], place=Placement.MOVE)
    assert len(result["duplicates"]) == 1
    assert path.exists()


def test_a_batch_goes_on_past_bad_files(library: Library, source: Path) -> None:
    lora(source / "good.safetensors")
    (source / "text.safetensors").write_text("hello, I am a text" * 20)
    (source / "empty.gguf").touch()
    (source / "notes.md").write_text("# notes")
    (source / "evil.ckpt").write_bytes(PICKLE_THAT_RUNS)
    before = tree(source)
    result = library.import_models([source, source / "not there"])
    assert [Path(m["path"]).name for m in result["imported"]] == ["good.safetensors"]
    codes = {Path(f["path"]).name: f["error"]["code"] for f in result["failed"]}
    assert codes == {
        "text.safetensors": "not-a-model",
        "empty.gguf": "empty-file",
        "evil.ckpt": "pickle-not-accepted",
        "not there": "source-not-found",
    }
    assert any(Path(s["path"]).name == "notes.md" for s in result["skipped"])
    assert tree(source) == before


def test_a_pickle_that_only_holds_tensors_needs_no_acceptance(
    library: Library, source: Path
) -> None:
    write_torch_zip(source / "up.pth", {"conv_first.weight": ("F32", (8, 3, 3, 3))})
    (model,) = library.import_models([source])["imported"]
    assert model["security"]["tier"] == "pickle-allowlisted"


def test_a_dangerous_pickle_comes_in_only_when_accepted(library: Library, source: Path) -> None:
    (source / "evil.ckpt").write_bytes(PICKLE_THAT_RUNS)
    (model,) = library.import_models([source], accept_pickle=True)["imported"]
    assert model["security"]["tier"] == "pickle-dangerous"
    assert any("system" in finding for finding in model["security"]["findings"])


def test_shards_are_one_model(library: Library, source: Path) -> None:
    shards(source, 3)
    (model,) = library.import_models([source])["imported"]
    assert model["form"] == "sharded-set"
    assert [f["shard_index"] for f in model["files"]] == [1, 2, 3]
    assert model["kind"] == "llm"
    assert model["state"] == "online"


def test_missing_shards_are_named_and_complete_when_they_come(
    library: Library, source: Path
) -> None:
    shards(source, 3, without=2)
    result = library.import_models([source])
    (model,) = result["imported"]
    assert model["missing_files"] == ["llm-00002-of-00003.safetensors"]
    assert model["state"] == "missing"
    assert any("llm-00002-of-00003" in warning for warning in model["warnings"])
    shards(source, 3)
    (complete,) = library.import_models([source])["imported"]
    assert complete["missing_files"] == []
    assert complete["state"] == "online"


def test_of_several_files_the_one_that_is_no_model_is_named(library: Library, source: Path) -> None:
    bad = shards(source, 3)[1]
    bad.write_bytes(bad.read_bytes()[:-100])
    (failed,) = library.import_models([source])["failed"]
    assert failed["path"] == str(bad)
    assert len(failed["paths"]) == 3


def test_a_transformers_folder_is_one_model(library: Library, source: Path) -> None:
    thin_case("llm_qwen2_05b", source / "Qwen2-0.5B", shapes=False)
    (model,) = library.import_models([source])["imported"]
    assert model["form"] == "transformers-folder"
    assert (model["kind"], model["family"]) == ("llm", "qwen2")
    directory = Path(model["path"])
    assert (directory / "config.json").read_bytes() == (
        source / "Qwen2-0.5B" / "config.json"
    ).read_bytes()
    assert not (source / "Qwen2-0.5B" / "metadata.json").exists()


def test_a_model_file_called_metadata_json_does_not_meet_ours(
    library: Library, source: Path
) -> None:
    thin_case("llm_qwen2_05b", source / "odd", shapes=False)
    (source / "odd" / "metadata.json").write_text('{"theirs": true}')
    (model,) = library.import_models([source])["imported"]
    originals = {f["original_name"]: f["path"] for f in model["files"]}
    assert originals.get("metadata.json") != "metadata.json"
    assert library.verify()["damaged"] == []


def test_what_the_user_says_in_the_import_is_marked(library: Library, source: Path) -> None:
    lora(source / "a.safetensors")
    (model,) = library.import_models([source], kind="controlnet", family="flux1")["imported"]
    assert (model["kind"], model["family"]) == ("controlnet", "flux1")
    assert model["user_set"] == ["family", "kind"]
    assert model["evidence"]["kind"]["method"] == "user"


def test_a_family_that_is_no_name_is_refused(library: Library, source: Path) -> None:
    lora(source / "a.safetensors")
    with pytest.raises(UsageError):
        library.import_models([source], family="../../etc")
    assert library.list()["total"] == 0


def test_a_dry_run_says_what_would_happen_and_writes_nothing(
    library: Library, source: Path
) -> None:
    lora(source / "a.safetensors")
    lora(source / "twin" / "b.safetensors")
    shards(source / "llm", 3, without=2)
    before = tree(library.path / "models")
    result = library.import_models([source], dry_run=True, place=Placement.MOVE)
    assert sorted(m["kind"] for m in result["would_import"]) == ["adapter", "llm"]
    assert len(result["duplicates"]) == 1
    assert result["imported"] == []
    assert tree(library.path / "models") == before
    assert (source / "a.safetensors").exists()
    imported = library.import_models([source])["imported"]
    assert {m["model_id"] for m in imported} == {m["model_id"] for m in result["would_import"]}


def test_lost_files_are_put_back_by_importing_them_again(library: Library, source: Path) -> None:
    path = lora(source / "a.safetensors")
    (model,) = library.import_models([path])["imported"]
    Path(model["path"]).unlink()
    assert library.show(model["model_id"])["state"] == "missing"
    (again,) = library.import_models([path])["imported"]
    assert again["repaired"] is True
    assert again["model_id"] == model["model_id"]
    assert again["state"] == "online"
    assert library.verify()["intact"] == [model["model_id"]]


def test_damaged_files_are_replaced_and_kept_in_the_trash(library: Library, source: Path) -> None:
    path = lora(source / "a.safetensors")
    (model,) = library.import_models([path])["imported"]
    held = Path(model["path"])
    damaged = bytearray(held.read_bytes())
    damaged[-1] ^= 1
    held.write_bytes(damaged)
    assert [d["model_id"] for d in library.verify()["damaged"]] == [model["model_id"]]
    assert library.show(model["model_id"])["state"] == "modified"
    (again,) = library.import_models([path])["imported"]
    assert again["repaired"] is True
    assert held.read_bytes() == path.read_bytes()
    kept = list((library.path / "models" / ".trash").glob("replaced-*/*"))
    assert [one.read_bytes() for one in kept] == [bytes(damaged)]
    assert library.verify()["damaged"] == []


def test_weights_that_another_model_holds_take_no_space(library: Library, source: Path) -> None:
    shards(source / "full", 2)
    (full,) = library.import_models([source / "full"])["imported"]
    first = source / "single" / "part-one.safetensors"
    first.parent.mkdir()
    shutil.copy(source / "full" / "llm-00001-of-00002.safetensors", first)
    (single,) = library.import_models([first])["imported"]
    assert single["placement"] == "shared"
    assert (
        Path(single["path"]).stat().st_ino
        == (Path(full["path"]) / "llm-00001-of-00002.safetensors").stat().st_ino
    )
    library.delete(full["model_id"], purge=True)
    assert library.verify()["intact"] == [single["model_id"]]


def test_cancelling_leaves_sources_and_no_trace(tmp_path: Path, source: Path) -> None:
    path = padded(source / "big.safetensors", 64)
    before = path.read_bytes()
    cancelled = threading.Event()

    def listen(event: Event) -> None:
        if isinstance(event, Advanced) and event.bytes:
            cancelled.set()

    for place in (Placement.COPY, Placement.MOVE, Placement.AUTO, Placement.REFERENCE):
        cancelled.clear()
        with (
            Library.open(tmp_path / "library", listener=listen) as library,
            pytest.raises(CancelledError),
        ):
            library.import_models([path], place=place, cancelled=cancelled)
        assert path.read_bytes() == before
        with Library.open(tmp_path / "library") as library:
            assert library.list()["total"] == 0
            assert not staging(library)
            assert not list((library.path / "locks").glob("job-*"))


def test_a_second_root_takes_files_and_an_unknown_one_is_an_error(
    library: Library, source: Path, tmp_path: Path
) -> None:
    lora(source / "a.safetensors")
    (tmp_path / "drive").mkdir()
    root = library.add_root(tmp_path / "drive")
    (model,) = library.import_models([source], root=root["root_id"][:8])["imported"]
    assert Path(model["path"]).is_relative_to(tmp_path / "drive")
    with pytest.raises(RootNotFoundError):
        library.import_models([source], root="nope")


def test_nothing_is_placed_in_a_referenced_root(
    library: Library, source: Path, tmp_path: Path
) -> None:
    lora(source / "a.safetensors")
    (tmp_path / "theirs").mkdir()
    root = library.add_root(tmp_path / "theirs", mode=RootMode.REFERENCED, marker=False)
    with pytest.raises(RootConflictError):
        library.import_models([source], root=root["root_id"])
    assert list((tmp_path / "theirs").iterdir()) == []


def test_the_library_never_imports_itself(library: Library, source: Path) -> None:
    lora(source / "a.safetensors")
    library.import_models([source])
    result = library.import_models([library.path])
    assert result["imported"] == []
    assert library.list()["total"] == 1


def test_what_a_symbolic_link_leads_to_is_copied_and_never_moved(
    library: Library, source: Path
) -> None:
    real = lora(source / "elsewhere" / "real.safetensors")
    (source / "given").mkdir()
    link = source / "given" / "link.safetensors"
    link.symlink_to(real)
    (model,) = library.import_models([source / "given"], place=Placement.MOVE)["imported"]
    assert real.exists()
    assert link.is_symlink()
    assert not Path(model["path"]).is_symlink()
    assert real.stat().st_ino != Path(model["path"]).stat().st_ino


def test_sidecars_and_previews_come_along(library: Library, source: Path) -> None:
    lora(source / "style.safetensors")
    (source / "style.preview.png").write_bytes(b"\x89PNG\r\n\x1a\n rest")
    (source / "style.json").write_text(
        '{"description": "A style", "activation text": "pixelart", "sd version": "SD1"}'
    )
    (model,) = library.import_models([source])["imported"]
    assert model["preview"] == "style.preview.png"
    assert model["description"] == "A style"
    assert model["trigger_words"] == ["pixelart"]
    assert {f["role"] for f in model["files"]} == {"weight", "preview", "sidecar"}


# --- what a person says beforehand -----------------------------------------------------------------------


def test_what_was_said_of_one_model_is_its_own_and_set_by_hand(
    library: Library, source: Path
) -> None:
    one, other = lora(source / "v3_final.safetensors"), lora(source / "b.safetensors", seed=1)
    edits = {str(one): ["official_name=Pixel Art", "family=sdxl", "tags=mine,best"]}
    done = library.import_models([source], edits=edits)["imported"]
    first, second = sorted(done, key=lambda model: str(model["official_name"]))
    assert (first["official_name"], first["family"], first["tags"]) == (
        "Pixel Art",
        "sdxl",
        ["mine", "best"],
    )
    assert first["user_set"] == ["family", "official_name", "tags"]
    assert first["automatic"]["official_name"]["value"] == "v3_final"
    assert first["model_id"].startswith("pixel-art-")
    assert "/sdxl/pixel-art/" in str(first["path"])
    assert (second["official_name"], second["user_set"]) == ("b", [])
    assert other.exists()


@pytest.mark.parametrize("said", ["size=3", "kind=spaceship", "family=SD XL", "official_name="])
def test_what_cannot_be_said_of_a_model_imports_nothing(
    library: Library, source: Path, said: str
) -> None:
    path = lora(source / "a.safetensors")
    with pytest.raises(UsageError):
        library.import_models([path], edits={str(path): [said]})
    assert library.status()["models"] == 0
