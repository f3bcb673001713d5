"""Long work in the queue is the same work as at once: same parameters, same titles, same refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from model_library import Library
from model_library.errors import (
    InstallError,
    InvalidValueError,
    JobStateError,
    ModelNotFoundError,
    SourceNotFoundError,
)
from tests.factory import lora
from tests.repositories import comfyui_repository


def asked(job: Any) -> tuple[str, str, dict[str, Any]]:
    return job["kind"], job["title"], job["parameters"]


def test_what_is_queued_is_what_is_done_at_once(library: Library, tmp_path: Path) -> None:
    source = lora(tmp_path / "in" / "a.safetensors")
    queued = [
        library.queue_import([source], offline=True),
        library.queue_verify(),
        library.queue_scan(deep=True),
    ]
    for job in queued:
        library.cancel_job(job["job_id"])
    library.import_models([source], offline=True)
    library.verify()
    library.scan(deep=True)
    done = library.jobs(everything=True)["jobs"][:3]
    assert sorted(map(repr, map(asked, done))) == sorted(map(repr, map(asked, queued)))


def test_a_queue_that_is_run_imports_verifies_and_scans(library: Library, tmp_path: Path) -> None:
    library.queue_import([lora(tmp_path / "in" / "a.safetensors")], offline=True)
    library.queue_verify()
    library.queue_scan()
    states = [job["state"] for job in library.run_jobs()["jobs"]]
    assert states == ["done", "done", "done"]
    assert library.list()["total"] == 1


def test_what_cannot_begin_is_not_queued(library: Library, tmp_path: Path) -> None:
    with pytest.raises(InvalidValueError):
        library.queue_import([tmp_path], kind="spaceship")
    with pytest.raises(ModelNotFoundError):
        library.queue_verify(["no-such-model"])
    with pytest.raises(InvalidValueError):
        library.queue_look_up(["a", "b"], repo="owner/name")
    assert library.jobs(everything=True)["jobs"] == []


def test_of_the_address_of_a_source_only_its_names_are_kept(
    library: Library, tmp_path: Path
) -> None:
    page = "https://huggingface.co/owner/name/tree/v1?token=hf_secret"
    found = library.import_models([lora(tmp_path / "in" / "a.safetensors")], offline=True)
    model_id = found["imported"][0]["model_id"]
    job = library.queue_look_up([model_id], repo=page)
    kept = {"ids": [model_id], "repo": "owner/name", "revision": "v1", "everything": False}
    assert job["parameters"] == kept


def test_a_cancelled_job_does_not_come_back(library: Library) -> None:
    job = library.queue_scan()
    library.cancel_job(job["job_id"])
    with pytest.raises(JobStateError):
        library.requeue_job(job["job_id"])


def test_the_fields_of_a_model_are_declared_as_they_are_written() -> None:
    from model_library.api.shapes_model import (
        MatchJson,
        MetadataJson,
        ModelFileJson,
        SourceJson,
    )
    from model_library.metadata import Match, ModelFile, ModelMetadata, SourceEntry

    for shape, value in (
        (MetadataJson, ModelMetadata),
        (ModelFileJson, ModelFile),
        (SourceJson, SourceEntry),
        (MatchJson, Match),
    ):
        assert list(shape.__annotations__) == list(value.model_fields)


def test_an_installation_waits_in_the_queue_and_is_the_same_at_once(
    library: Library, tmp_path: Path
) -> None:
    source = str(comfyui_repository(tmp_path / "upstream"))
    library.import_models([lora(tmp_path / "in" / "a.safetensors")], offline=True)
    queued = library.queue_install("comfyui", version="v0.6.0", source=source)
    assert asked(queued)[:2] == ("install", "ComfyUI v0.6.0")
    assert library.app_list() == []
    (done,) = library.run_jobs()["jobs"]
    assert (done["state"], done["result"]) == ("done", {"app": "comfyui-0-6-0", "links": 1})
    library.app_install("comfyui", version="v0.5.0", source=source, sync=False)
    at_once, *_ = library.jobs(everything=True)["jobs"]
    assert at_once["result"] == {"app": "comfyui-0-5-0", "links": 0}
    assert at_once["parameters"] == queued["parameters"] | {"version": "v0.5.0", "sync": False}


def test_an_installation_that_fails_says_why_in_its_job(library: Library, tmp_path: Path) -> None:
    source = str(comfyui_repository(tmp_path / "upstream"))
    library.queue_install("comfyui", version="v9.9.9", source=source)
    (failed,) = library.run_jobs()["jobs"]
    assert failed["state"] == "failed"
    assert failed["error"] is not None
    assert "v9.9.9" in failed["error"]["message"]
    with pytest.raises(SourceNotFoundError):
        library.queue_install("comfyui", version="v1", source=str(tmp_path / "nowhere"))
    with pytest.raises(InvalidValueError):
        library.queue_install("comfyui", version="../up", source=source)


def test_an_address_with_a_password_is_never_written_down(library: Library) -> None:
    address = "http://me:secret@127.0.0.1:9/repo.git"
    with pytest.raises(InvalidValueError) as refused:
        library.queue_install("comfyui", version="v1", source=address)
    assert "secret" not in str(refused.value)
    with pytest.raises(InstallError) as failed:
        library.app_install("comfyui", version="v1", source=address)
    assert "secret" not in str(failed.value)
    assert library.jobs(everything=True)["jobs"] == []


def test_what_a_new_root_holds_is_scanned_from_the_queue(library: Library, tmp_path: Path) -> None:
    drive = tmp_path / "drive"
    drive.mkdir()
    with Library.open(tmp_path / "other") as other:
        root = other.add_root(drive)
        other.import_models([lora(tmp_path / "in" / "a.safetensors")], root=root["root_id"])
        other.remove_root(root["root_id"])
    assert library.list()["total"] == 0  # from now on there is an index
    added = library.queue_root(drive)
    assert (added["path"], library.list()["total"]) == (str(drive), 0)
    (scanned,) = library.run_jobs()["jobs"]
    assert (scanned["kind"], library.list()["total"]) == ("scan", 1)
