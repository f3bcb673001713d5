"""Doctor names what could hurt, and what to do about it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from model_library import Library
from model_library.taxonomy import Placement, RootMode
from tests.factory import lora


def checks(library: Library) -> dict[str, tuple[str, str]]:
    return {c["name"]: (c["result"], c["message"]) for c in library.doctor()["checks"]}


def test_an_offline_root_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "drive").mkdir()
    with Library.open(tmp_path / "library") as library:
        root = library.add_root(tmp_path / "drive")
    (tmp_path / "drive").rename(tmp_path / "gone")
    (tmp_path / "gone" / ".root.json").unlink()
    with Library.open(tmp_path / "library") as library:
        result, message = checks(library)[f"root {root['root_id'][:8]}"]
        assert library.doctor()["healthy"]
    assert result == "warning"
    assert "offline" in message


def test_a_damaged_model_is_an_error(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library") as library:
        (model,) = library.import_models([lora(tmp_path / "a.safetensors")])["imported"]
        with Path(model["path"]).open("ab") as file:
            file.write(b"x")
        library.verify()
        said = ("error", f"1 model did not verify: {model['model_id']}")
        assert checks(library)["verification"] == said
        assert checks(library)["index"] == ("ok", "1 model")
        assert not library.doctor()["healthy"]


def test_staging_of_another_machine_is_left_and_named(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library") as library:
        theirs = library.path / "models" / ".staging" / "job-of-another-machine"
        theirs.mkdir(parents=True)
    with Library.open(tmp_path / "library") as library:
        found = [c for c in library.doctor()["checks"] if "1 unfinished import" in c["message"]]
        assert [c["result"] for c in found] == ["warning"]
        assert not found[0]["message"].endswith("imports")
    assert theirs.is_dir()


def test_a_lost_index_is_said_before_it_is_rebuilt(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library") as library:
        library.list()
    (tmp_path / "library" / "models.db").unlink()
    with Library.open(tmp_path / "library") as library:
        assert checks(library)["index"][0] == "warning"


def test_an_index_that_lost_a_model_is_an_error_and_a_deep_scan_mends_it(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library") as library:
        for seed in range(2):
            library.import_models([lora(tmp_path / "in" / f"{seed}.safetensors", seed=seed)])
    index = sqlite3.connect(tmp_path / "library" / "models.db")
    for table in ("models", "documents"):
        index.execute(f"DELETE FROM {table} WHERE id = 1")  # noqa: S608 - our own tables
    index.commit()
    index.close()
    with Library.open(tmp_path / "library") as library:
        assert checks(library)["registry"] == ("ok", "0 unfinished acts")
        assert len(library.list()["models"]) == 1, "nothing but doctor sees this damage"
        (check,) = [c for c in library.doctor()["checks"] if c["name"] == "index"]
        assert (check["result"], library.doctor()["healthy"]) == ("error", False)
        assert "scan --deep" in check["hint"]
        library.scan(deep=True)
        assert checks(library)["index"] == ("ok", "2 models")


def test_a_referenced_root_is_only_read(tmp_path: Path) -> None:
    path = lora(tmp_path / "theirs" / "a.safetensors")
    with Library.open(tmp_path / "library") as library:
        root = library.add_root(path.parent, mode=RootMode.REFERENCED, marker=False)
        library.import_models([path], place=Placement.REFERENCE)
        assert "only read" in checks(library)[f"root {root['root_id'][:8]}"][1]
    assert [p.name for p in path.parent.iterdir()] == ["a.safetensors"]
