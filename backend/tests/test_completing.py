"""Shards that come later complete the model that lacks them, also when the process is killed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from model_library import Library
from model_library.api.shapes import ModelJson
from model_library.taxonomy import Placement
from tests.factory import shards, tree
from tests.io.mounts import uncounted

MISSING = "llm-00002-of-00003.safetensors"
KILLING = """
import os, shutil, signal, sys
from pathlib import Path
from model_library import Library
from model_library import completing, importer, recovery
from model_library.taxonomy import Placement
from tests.factory import tree

top, place = Path(sys.argv[1]), Placement(sys.argv[2])
watched = {"open", "os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "os.scandir"}
before = tree(top / "given")
kills = 0


def killed_import(home, source, kill_at):
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0
    seen = 0

    def hook(event, _):
        nonlocal seen
        seen += event in watched
        if seen == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    with Library.open(home) as library:
        sys.addaudithook(hook)
        library.import_models([source], place=place)
    os._exit(0)


def check(home, source):
    with Library.open(home) as library:
        (model,) = library.list()["models"]
        assert len(model["files"]) == (3 if model["state"] == "online" else 2), model["state"]
        assert library.status()["unfinished"] == 0
        damaged = library.verify()["damaged"]
        codes = [p["code"] for d in damaged for p in d["problems"]]
        assert codes == ([] if model["state"] == "online" else ["source-not-found"]), codes
        held = {p.name: p.read_bytes() for p in Path(model["path"]).glob("*.safetensors")}
        for name, content in before.items():
            there = (source / name).exists()
            assert ((source / name).read_bytes() if there else held[name]) == content
        if there or model["state"] != "online":
            library.import_models([source], place=place)
        assert library.verify()["intact"] == [model["model_id"]]
        assert library.list()["total"] == 1
    left = [*home.glob("models/.staging/*"), *home.glob("models/.trash/*"), *home.glob("locks/job*")]
    assert not left, left


for kill_at in range(1, 10**4, 3):
    home, source = top / "library", top / "source"
    shutil.copytree(top / "base", home)
    shutil.copytree(top / "given", source)
    was_killed = killed_import(home, source, kill_at)
    kills += was_killed
    check(home, source)
    shutil.rmtree(home)
    shutil.rmtree(source)
    if not was_killed:
        break
print(kills)
"""


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library") as opened:
        yield opened


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "in"


@pytest.fixture
def half(library: Library, source: Path) -> ModelJson:
    """A model of three shards without the second."""
    shards(source, 3, without=2)
    (model,) = library.import_models([source])["imported"]
    return model


def alone(path: Path) -> Path:
    """The file in a folder of its own: a shard that is given brings those beside it along."""
    folder = path.parent / f"only {path.stem}"
    folder.mkdir()
    return path.rename(folder / path.name)


def whole(tmp_path: Path) -> ModelJson:
    """The same three shards as an import of their own would describe them."""
    with Library.open(tmp_path / "another library") as other:
        shards(tmp_path / "whole", 3)
        (model,) = other.import_models([tmp_path / "whole"])["imported"]
        return model


@pytest.mark.parametrize("place", [Placement.AUTO, Placement.COPY, Placement.MOVE])
@pytest.mark.parametrize("only_missing", [True, False])
def test_a_model_gets_what_it_lacked(
    library: Library,
    source: Path,
    tmp_path: Path,
    half: ModelJson,
    place: Placement,
    only_missing: bool,
) -> None:
    library.edit("llm", ["notes=mine", "tags=kept"])
    shards(source, 3)
    given = alone(source / MISSING) if only_missing else source / MISSING
    rehearsed = library.import_models([given], dry_run=True)["would_import"]
    assert [(m["model_id"], m["completes"]) for m in rehearsed] == [(half["model_id"], True)]
    assert rehearsed[0]["warnings"] == []
    (model,) = library.import_models([given], place=place)["imported"]
    assert (model["completed"], model["warnings"]) == (True, [])
    assert (model["model_id"], model["state"]) == (half["model_id"], "online")
    assert (model["missing_files"], model["notes"], model["tags"]) == ([], "mine", ["kept"])
    assert [f["shard_index"] for f in model["files"]] == [1, 2, 3]
    expected = whole(tmp_path)
    same = ("content_digest", "size", "parameter_count", "dtype_histogram", "kind", "family")
    assert {name: model[name] for name in same} == {name: expected[name] for name in same}
    assert library.list()["total"] == 1
    assert library.verify()["intact"] == [half["model_id"]]
    assert given.exists() is (place is not Placement.MOVE)
    assert not list((library.path / "models").glob(".staging/*"))
    report = library.scan(deep=True)
    assert (report["missing"], report["problems"]) == ([], [])


def test_what_is_held_already_is_not_imported_again(
    library: Library, source: Path, half: ModelJson
) -> None:
    (again,) = library.import_models([source])["duplicates"]
    assert again["model_id"] == half["model_id"]
    shards(source, 3)
    library.import_models([source])
    for given in (source, source / MISSING):
        (again,) = library.import_models([given])["duplicates"]
        assert again["model_id"] == half["model_id"]
    (source / MISSING).unlink()
    (again,) = library.import_models([source])["duplicates"]
    assert again["model_id"] == half["model_id"]
    assert library.list()["total"] == 1


def test_shards_come_one_by_one(library: Library, source: Path, tmp_path: Path) -> None:
    fourth, third, second, last = map(alone, reversed(shards(source, 4)))
    (first,) = library.import_models([fourth])["imported"]
    for number, path in ((2, third), (3, second)):
        (model,) = library.import_models([path])["imported"]
        assert (model["model_id"], model["state"]) == (first["model_id"], "missing")
        assert len(model["files"]) == number
        assert len(model["warnings"]) == 4 - number
    (model,) = library.import_models([last])["imported"]
    assert (model["model_id"], model["state"]) == (first["model_id"], "online")
    assert library.list()["total"] == 1


def test_other_bytes_under_the_same_names_are_another_model(
    library: Library, tmp_path: Path, half: ModelJson
) -> None:
    shards(tmp_path / "other", 3, seed=70)
    (other,) = library.import_models([tmp_path / "other"])["imported"]
    assert other["model_id"] != half["model_id"]
    assert library.show(half["model_id"])["state"] == "missing"


def test_names_that_every_model_has_prove_nothing(
    library: Library, source: Path, tmp_path: Path
) -> None:
    def named(folder: Path, seed: int) -> list[Path]:
        paths = shards(folder, 2, seed=seed)
        return [p.rename(p.with_name(p.name.replace("llm", "model"))) for p in paths]

    mine, theirs = named(source, 1), named(tmp_path / "theirs", 60)
    later = alone(mine[1])
    (half,) = library.import_models([mine[0]], place=Placement.MOVE)["imported"]
    (other,) = library.import_models([alone(theirs[1])])["imported"]
    assert other["model_id"] != half["model_id"]
    beside = later.rename(mine[1])
    (model,) = library.import_models([beside])["imported"]
    assert (model["model_id"], model["state"]) == (half["model_id"], "online")


def test_two_that_lack_it_are_not_guessed_between(
    library: Library, source: Path, tmp_path: Path, half: ModelJson
) -> None:
    shards(tmp_path / "other", 3, without=2, seed=70)
    library.import_models([tmp_path / "other"])
    shards(source, 3)
    (new,) = library.import_models([alone(source / MISSING)])["imported"]
    assert new["completed"] is False
    assert library.list()["total"] == 3


def test_a_model_is_completed_on_the_root_where_it_lies(
    library: Library, source: Path, tmp_path: Path
) -> None:
    (tmp_path / "drive").mkdir()
    root = library.add_root(tmp_path / "drive")
    shards(source, 3, without=2)
    (half,) = library.import_models([source], root=root["root_id"])["imported"]
    shards(source, 3)
    (model,) = library.import_models([source])["imported"]
    assert model["model_id"] == half["model_id"]
    assert Path(model["path"]).is_relative_to(tmp_path / "drive")
    assert library.verify()["intact"] == [half["model_id"]]


def test_a_referenced_model_is_completed_where_it_is(library: Library, source: Path) -> None:
    shards(source, 3, without=2)
    (half,) = library.import_models([source], place=Placement.REFERENCE)["imported"]
    shards(source, 3)
    before = tree(source)
    (model,) = library.import_models([source], place=Placement.REFERENCE)["imported"]
    assert (model["model_id"], model["state"]) == (half["model_id"], "online")
    assert tree(source) == before
    assert library.list()["total"] == 1


def test_a_users_file_in_the_place_of_a_shard_goes_to_the_trash(
    library: Library, source: Path, half: ModelJson
) -> None:
    (Path(half["path"]) / MISSING).write_text("theirs")
    shards(source, 3)
    (model,) = library.import_models([source])["imported"]
    assert library.verify()["intact"] == [model["model_id"]]
    (kept,) = (library.path / "models" / ".trash").glob(f"replaced-*/{MISSING}")
    assert kept.read_text() == "theirs"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("place", ["copy", "move"])
@pytest.mark.parametrize("only_missing", [True, False])
def test_a_kill_anywhere_leaves_the_model_as_it_was_or_whole(
    tmp_path: Path, place: str, only_missing: bool
) -> None:
    shards(tmp_path / "first", 3, without=2)
    with Library.open(tmp_path / "base") as library:
        library.import_models([tmp_path / "first"])
    shards(tmp_path / "given", 3)
    if only_missing:
        for path in (tmp_path / "given").glob("*-0000[13]-*"):
            path.unlink()
    done = subprocess.run(
        [sys.executable, "-c", KILLING, str(tmp_path), place],
        capture_output=True,
        text=True,
        env=uncounted(),
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 15
