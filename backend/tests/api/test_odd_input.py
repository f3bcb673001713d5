"""What somebody may leave in a library or type at it: an answer, never a hang or a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from model_library import Library
from model_library.errors import NotAnInstallationError, RootConflictError, RootError
from model_library.samples.comfyui import write_installation
from tests.factory import lora


@pytest.fixture
def model(library: Library, tmp_path: Path) -> Path:
    """The metadata.json of a model that the library holds."""
    (one,) = library.import_models([lora(tmp_path / "a.safetensors")])["imported"]
    return Path(one["path"]).with_name("metadata.json")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.timeout(30)
def test_a_pipe_as_a_record_is_reported_and_nobody_waits_for_it(
    library: Library, model: Path
) -> None:
    model.rename(model.with_name("kept.json"))
    os.mkfifo(model)
    report = library.scan(deep=True)
    assert [(p["code"], p["path"]) for p in report["problems"]] == [
        ("metadata-invalid", str(model))
    ]
    assert "not a regular file" in report["problems"][0]["message"]
    assert library.status()["models"] == 0
    model.unlink()
    model.with_name("kept.json").rename(model)
    assert library.scan()["problems"] == []
    assert library.show("a-")["state"] == "online"


@pytest.mark.parametrize("path", ["x" * 300, "/".join(["deep"] * 2000)])
def test_a_path_in_a_record_that_no_filesystem_takes_is_a_missing_file(
    library: Library, model: Path, path: str
) -> None:
    document = json.loads(model.read_text())
    document["files"][0]["path"] = path
    model.write_text(json.dumps(document))
    for deep in (False, True):
        assert library.scan(deep=deep)["missing"] == [document["model_id"]]
    assert library.show("a-")["state"] == "missing"
    (damaged,) = library.verify()["damaged"]
    assert damaged["problems"][0]["message"]
    assert library.delete("a-")["trash"]
    assert library.restore("a-")["state"] == "missing"


def mlib(library: Library, *arguments: str | bytes) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "model_library", *arguments],
        env=os.environ | {"MODEL_LIBRARY": str(library.path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("number", [2**31, 2**63, 10**40])
def test_a_limit_beyond_every_number_of_the_index_is_all_there_is(
    library: Library, model: Path, number: int
) -> None:
    assert library.list(limit=number)["total"] == 1
    assert library.search("a", limit=number, offset=number)["models"] == []
    done = mlib(library, "list", "--json", "--limit", str(number))
    assert len(json.loads(done.stdout)["models"]) == 1, done.stderr


def test_an_empty_path_is_not_the_working_directory(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(lora(tmp_path / "here" / "l.safetensors").parent)
    for verb in (("import", "--place", "move"), ("inspect",)):
        assert mlib(library, *verb, "").returncode == 2
    assert Path("l.safetensors").is_file()


def test_a_root_behind_a_link_to_itself_is_one_clear_error(
    library: Library, tmp_path: Path
) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(RootConflictError, match="Not a directory"):
        library.add_root(tmp_path / "loop")


@pytest.mark.parametrize("value", [b"notes=caf\xe9", b"tags=\xff,b", b"kind=\xfe"])
def test_text_that_is_not_utf_8_is_refused_and_changes_nothing(
    library: Library, model: Path, value: bytes
) -> None:
    before = model.read_bytes()
    done = mlib(library, "edit", "a-", "--json", "--set", value)
    assert done.returncode == 2, done.stderr
    assert json.loads(done.stdout)["error"]["code"] == "invalid-value"
    assert model.read_bytes() == before


def test_a_directory_whose_path_is_not_utf_8_is_refused_and_nothing_is_written(
    library: Library, tmp_path: Path
) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff"))
    write_installation(path)
    before = sorted(path.rglob("*"))
    with pytest.raises(NotAnInstallationError, match="not UTF-8"):
        library.app_add("comfyui", path)
    with pytest.raises(RootError, match="not UTF-8"):
        library.add_root(path)
    assert (sorted(path.rglob("*")), list(library.app_list())) == (before, [])
