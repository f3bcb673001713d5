"""What takes the space, and what lies outside a second time."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from model_library import Library
from model_library.cli.main import app
from model_library.errors import CancelledError, InvalidValueError, SourceNotFoundError
from model_library.samples.comfyui import write_installation
from model_library.storage import SMALLEST
from tests.factory import lora


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    with Library.open(tmp_path / "library") as library:
        yield library


def large(path: Path, seed: int, extra: int = SMALLEST) -> Path:
    """A LoRA file with room behind its tensors, so that freeing it is worth something."""
    lora(path, seed=seed)
    header = int.from_bytes(path.read_bytes()[:8], "little")
    data = json.loads(path.read_bytes()[8 : 8 + header])
    end = max(one["data_offsets"][1] for name, one in data.items() if name != "__metadata__")
    data["padding"] = {"dtype": "U8", "shape": [extra], "data_offsets": [end, end + extra]}
    text = json.dumps(data).encode()
    body = path.read_bytes()[8 + header :]
    path.write_bytes(len(text).to_bytes(8, "little") + text + body + bytes([seed]) * extra)
    return path


def test_the_space_is_told_by_kind_family_and_root(library: Library, tmp_path: Path) -> None:
    (tmp_path / "drive").mkdir()
    drive = library.add_root(tmp_path / "drive")["root_id"]
    for number in range(3):
        lora(tmp_path / f"{number}.safetensors", seed=number)
    library.import_models([tmp_path / "0.safetensors", tmp_path / "1.safetensors"], offline=True)
    library.import_models([tmp_path / "2.safetensors"], root=drive, offline=True)
    usage = library.storage()
    assert [(one["kind"], one["adapter_type"], one["models"]) for one in usage["groups"]] == [
        ("adapter", "lora", 2),
        ("adapter", "lora", 1),
    ]
    assert usage["groups"][1]["root_id"] == drive
    status = library.status()
    assert (usage["models"], usage["bytes"]) == (status["models"], status["bytes"])
    assert sum(volume["used"] for volume in usage["volumes"]) == usage["bytes"]
    (volume,) = usage["volumes"]
    assert 0 < volume["free"] <= volume["total"]
    assert usage["roots"][drive] == str(tmp_path / "drive")


def test_a_model_that_is_deleted_takes_space_in_the_trash(library: Library, tmp_path: Path) -> None:
    path = lora(tmp_path / "a.safetensors", seed=1)
    (model,) = library.import_models([path], offline=True)["imported"]
    library.delete(model["model_id"])
    usage = library.storage()
    (trashed,) = library.trash()
    assert (usage["models"], usage["groups"], usage["trash"]) == (0, [], trashed["frees"])
    assert trashed["frees"] > model["size"]  # with its metadata
    assert [one["freed"] for one in library.empty_trash()] == [trashed["frees"]]


def test_files_of_other_programs_that_the_library_holds_are_found_and_links_are_not(
    library: Library, tmp_path: Path
) -> None:
    path = large(tmp_path / "a.safetensors", 1)
    (model,) = library.import_models([path], offline=True)["imported"]
    held = Path(model["path"])
    other = large(tmp_path / "b.safetensors", 2)  # of the same size
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    shutil.copyfile(path, outside / "copy.safetensors")
    os.link(outside / "copy.safetensors", outside / "again.safetensors")
    (outside / "linked.safetensors").symlink_to(held)
    os.link(held, outside / "hard.safetensors")
    shutil.copyfile(other, outside / "other.safetensors")
    (outside / "dead.safetensors").symlink_to(tmp_path / "nowhere")
    before = sorted(one.name for one in outside.iterdir())
    found = library.outside_copies([outside])
    (copy,) = found["copies"]
    assert (copy["model_id"], copy["certain"]) == (model["model_id"], False)
    assert Path(copy["path"]).name == "again.safetensors"
    assert (copy["target"], found["bytes"]) == (None, 0)  # no link would come there
    assert sorted(one.name for one in outside.iterdir()) == before


def test_a_name_that_is_the_hash_is_certain_without_reading(
    library: Library, tmp_path: Path
) -> None:
    path = large(tmp_path / "a.safetensors", 1)
    (model,) = library.import_models([path], offline=True)["imported"]
    blobs = tmp_path / "home" / ".ollama" / "models" / "blobs"
    blobs.mkdir(parents=True)
    shutil.copyfile(path, blobs / f"sha256-{model['files'][0]['sha256']}")
    shutil.copyfile(path, blobs / f"sha256-{'0' * 64}")  # its name says something else
    (copy,) = library.outside_copies()["copies"]
    assert (copy["program"], copy["certain"], copy["app_id"]) == ("Ollama", True, None)


def test_comparing_reads_everything(library: Library, tmp_path: Path) -> None:
    path = large(tmp_path / "a.safetensors", 1)
    (model,) = library.import_models([path], offline=True)["imported"]
    assert library.compare_copy(path)["model_id"] == model["model_id"]
    altered = bytearray(path.read_bytes())
    altered[-1] ^= 1
    (tmp_path / "b.safetensors").write_bytes(altered)
    assert library.compare_copy(tmp_path / "b.safetensors")["same"] is False
    assert library.compare_copy(lora(tmp_path / "c.safetensors", seed=5))["same"] is False
    with pytest.raises(SourceNotFoundError):
        library.compare_copy(tmp_path / "nothing")
    with pytest.raises(InvalidValueError):
        library.compare_copy(tmp_path)


def test_only_a_copy_that_has_the_name_of_a_link_is_offered_to_be_linked(
    library: Library, tmp_path: Path
) -> None:
    path = large(tmp_path / "a.safetensors", 1)
    (model,) = library.import_models([path], offline=True)["imported"]
    comfyui = write_installation(tmp_path / "ComfyUI", "0.6.0")
    named = comfyui / "models/loras/a.safetensors"
    other = comfyui / "models/loras/mine.safetensors"
    shutil.copyfile(path, named)
    shutil.copyfile(path, other)
    library.app_add("comfyui", comfyui)
    found = library.outside_copies()
    assert {one["path"]: one["target"] for one in found["copies"]} == {
        str(named): "models/loras/a.safetensors",
        str(other): None,
    }
    assert (found["bytes"], found["smallest"]) == (model["size"], SMALLEST)
    (target,) = {one["target"] for one in found["copies"]} - {None}
    done = library.link_sync("comfyui", choices={str(target): "adopt"})
    assert [one["target"] for one in done["resolved"]] == [target]
    assert named.samefile(model["path"])
    assert named not in {Path(one["path"]) for one in library.outside_copies()["copies"]}


def test_what_a_comparison_told_stays_while_the_file_is_the_same(
    library: Library, tmp_path: Path
) -> None:
    path = large(tmp_path / "a.safetensors", 1)
    library.import_models([path], offline=True)
    comfyui = write_installation(tmp_path / "ComfyUI", "0.6.0")
    copy = comfyui / "models/loras/a.safetensors"
    shutil.copyfile(path, copy)
    library.app_add("comfyui", comfyui)

    def told() -> tuple[bool | None, int]:
        found = library.outside_copies()
        return found["copies"][0]["compared"], found["bytes"]

    size = path.stat().st_size
    assert told() == (None, size)
    library.compare_copy(copy)
    assert told() == (True, size)
    stamp = copy.stat()
    with copy.open("r+b") as file:  # between the samples, with the time of before
        file.seek(-100_000, os.SEEK_END)
        file.write(b"?")
    os.utime(copy, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert told() == (None, size)
    library.compare_copy(copy)
    assert told() == (False, 0)


def test_an_application_that_cannot_be_looked_at_offers_no_link(
    library: Library, tmp_path: Path
) -> None:
    path = large(tmp_path / "a.safetensors", 1)
    library.import_models([path], offline=True)
    comfyui = write_installation(tmp_path / "ComfyUI", "0.6.0")
    shutil.copyfile(path, comfyui / "models/loras/a.safetensors")
    library.app_add("comfyui", comfyui)
    (library.path / "profiles").mkdir(exist_ok=True)
    (library.path / "profiles" / "comfyui.toml").write_text("no profile")
    (copy,) = library.outside_copies()["copies"]
    assert (copy["app_id"], copy["target"]) == ("comfyui", None)


def test_a_comparison_is_a_job_with_progress_that_can_be_cancelled(
    library: Library, tmp_path: Path
) -> None:
    path = large(tmp_path / "a.safetensors", 1)
    (model,) = library.import_models([path], offline=True)["imported"]
    job = library.queue_compare(path)
    assert (job["kind"], job["title"]) == ("compare", "a.safetensors")
    (done,) = library.run_jobs()["jobs"]
    result = done["result"]
    assert result is not None
    assert (result["same"], result["model_id"]) == (True, model["model_id"])
    assert done["progress"]["bytes_done"] == done["progress"]["bytes_total"] == path.stat().st_size
    stop = threading.Event()
    stop.set()
    with pytest.raises(CancelledError):
        library.compare_copy(path, cancelled=stop)
    assert library.jobs(everything=True)["jobs"][0]["state"] == "cancelled"
    with pytest.raises(SourceNotFoundError):
        library.queue_compare(tmp_path / "nothing")
    with pytest.raises(InvalidValueError):
        library.queue_compare(tmp_path)


def test_the_command_line_tells_the_same(library: Library, tmp_path: Path) -> None:
    path = large(tmp_path / "a.safetensors", 1)
    library.import_models([path], offline=True)
    hub = tmp_path / "home" / ".lmstudio" / "models"
    hub.mkdir(parents=True)
    shutil.copyfile(path, hub / "a.safetensors")

    def run(*arguments: str) -> str:
        place = ["--library", str(library.path)]
        done = CliRunner().invoke(app, ["storage", *arguments, *place])
        assert done.exit_code == 0, done.output
        return done.stdout

    assert "\n1 model, " in run()
    assert len(json.loads(run("--copies", "--json"))["copies"]) == 1
    assert "by size and a sample" in run("--copies")
    assert "would free 0 B" in run("--copies")
    assert "Files below 976.6 KiB were not looked at" in run("--copies")
    assert "the same as" in run("--compare", str(hub / "a.safetensors"))
    assert "(compared)" in run("--copies")
    assert "the same as" in run("--compare", str(path))
    assert json.loads(run("--json"))["models"] == 1
