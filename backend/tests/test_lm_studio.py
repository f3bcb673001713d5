"""LM Studio: what is moved out of its folder lies there again as hard links, and goes without a trace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from model_library import Library
from model_library.elsewhere import Store, stores
from model_library.samples.gguf_file import GgufValue, write_gguf
from model_library.taxonomy import Placement

ABOUT: dict[str, GgufValue] = {"general.architecture": "llama", "llama.block_count": 1}
TENSORS = [("token_embd.weight", "Q4_K", (64, 256)), ("blk.0.attn_q.weight", "Q4_K", (256, 256))]
REPOSITORY = "Owner/Small-GGUF"


@pytest.fixture
def studio(tmp_path: Path) -> Path:
    """Its directory, with two quantizations of one repository."""
    studio = tmp_path / ".lmstudio"
    folder = studio / "models" / REPOSITORY
    folder.mkdir(parents=True)
    (studio / "config-presets").mkdir()
    for number in range(2):
        write_gguf(folder / f"small-Q{number}.gguf", ABOUT, TENSORS, seed=number)
    return studio


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library") as opened:
        yield opened


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_what_is_moved_out_of_it_is_where_it_was(studio: Path, library: Library) -> None:
    before = files_in(studio / "models")
    library.app_add("lmstudio", studio)
    report = library.import_models([studio / "models"], place=Placement.MOVE, offline=True)
    assert len(report["imported"]) == 2
    assert files_in(studio / "models") == before
    for name in before:
        link = studio / "models" / name
        assert link.stat().st_nlink == 2
        assert not link.is_symlink()


def test_the_links_that_the_library_made_are_not_offered_for_import(
    studio: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(studio.parent))
    first = studio / "models" / REPOSITORY / "small-Q0.gguf"
    library.app_add("lmstudio", studio)
    library.import_models([first], place=Placement.MOVE, offline=True)
    assert first.stat().st_nlink == 2
    (found,) = library.found_folders()
    assert (found["program"], found["files"]) == ("LM Studio", 1)
    library.import_models([studio / "models"], place=Placement.MOVE, offline=True)
    assert library.found_folders() == []


def test_the_directories_of_publishers_go_with_their_last_link(
    studio: Path, library: Library
) -> None:
    library.app_add("lmstudio", studio)
    report = library.import_models([studio / "models"], place=Placement.MOVE, offline=True)
    first, second = (model["model_id"] for model in report["imported"])
    library.delete(first)
    assert len(files_in(studio / "models" / REPOSITORY)) == 1
    library.delete(second)
    assert not list((studio / "models").iterdir())
    library.restore(first)
    assert len(files_in(studio / "models" / REPOSITORY)) == 1


def test_a_folder_of_models_elsewhere_is_taken_when_it_is_named(
    studio: Path, library: Library, tmp_path: Path
) -> None:
    folder = tmp_path / "drive" / "lm models"
    folder.mkdir(parents=True)
    (folder / "mine.txt").write_text("mine")
    library.app_add("lmstudio", folder)
    library.import_models([studio / "models"], place=Placement.COPY, offline=True)
    linked = sorted(files_in(folder).keys() - {"mine.txt"})
    assert [Path(one).parts[0] for one in linked] == ["model-library"] * 2
    assert len({Path(one).parent for one in linked}) == 2
    library.app_remove("lmstudio")
    assert [one.name for one in folder.iterdir()] == ["mine.txt"]


def test_directories_of_lm_studio_itself_are_no_publishers(
    studio: Path, library: Library, tmp_path: Path
) -> None:
    (studio / "models").rename(tmp_path / "in")
    library.app_add("lmstudio", studio)
    report = library.import_models([tmp_path / "in"], place=Placement.COPY, offline=True)
    assert len(report["imported"]) == 2
    assert len(files_in(studio / "models")) == 2
    library.link_clean("lmstudio")
    assert (studio / "config-presets").is_dir()


def test_it_is_found_once_as_application_and_once_as_a_store(studio: Path, tmp_path: Path) -> None:
    found = [one for one in stores({}, tmp_path, tmp_path / "none") if one.program == "LM Studio"]
    assert found == [Store("LM Studio", studio / "models")]
