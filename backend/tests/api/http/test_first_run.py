"""The server before there is a library: what can be asked, what is refused, and the choice of a place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from model_library.api.http.security import Access
from model_library.api.server import in_thread, opened
from model_library.location import locate, remember
from model_library.samples.comfyui import write_installation
from model_library.samples.gguf_file import write_gguf
from tests.api.http.conftest import client_of
from tests.api.http.sides import ended, until

FIRST = "/api/v1/first-run"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("CONFIG", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home" / ".lmstudio" / "models").mkdir(parents=True)
    (tmp_path / "home" / ".lmstudio" / "models" / "a.gguf").write_bytes(b"x" * 5)
    return tmp_path / "home"


@pytest.fixture
def early(home: Path) -> Iterator[httpx2.Client]:
    """A server that was started before there was a library."""
    with opened(port=0) as server, in_thread(server), client_of(server) as client:
        yield client


def test_without_a_library_only_the_first_questions_are_answered(
    early: httpx2.Client, home: Path
) -> None:
    for path in ("status", "search", "jobs", "health"):
        answer = early.get(f"/api/v1/{path}")
        assert (answer.status_code, answer.json()["code"]) == (409, "no-library")
    state = early.get(FIRST).json()
    assert (state["open"], state["missing"]) == (None, None)
    assert state["proposed"]["state"] == "new"
    assert early.get("/api/v1/files", params={"path": str(home)}).status_code == 200
    (found,) = early.get(f"{FIRST}/folders").json()
    assert (found["program"], found["files"], found["bytes"]) == ("LM Studio", 1, 5)


def test_the_chosen_place_becomes_the_library_and_is_found_again(
    early: httpx2.Client, tmp_path: Path
) -> None:
    place = tmp_path / "big drive" / "Models"
    state = early.post(FIRST, json={"path": str(place)}).json()
    assert state["open"] == str(place)
    assert early.get("/api/v1/status").json()["library"] == str(place)
    assert locate(None, {}).path == place
    again = early.post(FIRST, json={"path": str(tmp_path / "other")})
    assert (again.status_code, again.json()["code"]) == (409, "library-chosen")
    assert not (tmp_path / "other").exists()


def test_a_folder_of_which_the_library_has_all_is_not_offered(
    early: httpx2.Client, home: Path, tmp_path: Path
) -> None:
    model = home / ".lmstudio" / "models" / "a.gguf"
    model.unlink()
    write_gguf(model, {"general.architecture": "llama"}, [("token_embd.weight", "F32", (4,))])
    early.post(FIRST, json={"path": str(tmp_path / "library")})
    (found,) = early.get(f"{FIRST}/folders").json()
    assert (found["program"], found["files"]) == ("LM Studio", 1)
    taken = {"paths": [str(model)], "place": "reference", "offline": True}
    ended(early, early.post("/api/v1/imports", json=taken).json()["job_id"], 60)
    assert early.get(f"{FIRST}/folders").json() == []


def test_samples_are_one_request_away(early: httpx2.Client, tmp_path: Path) -> None:
    early.post(FIRST, json={"path": str(tmp_path / "library")})
    job = ended(early, early.post("/api/v1/samples").json()["job_id"], 60)
    assert job["result"] == {"imported": 7, "duplicates": 0, "skipped": 0, "failed": 0}
    models = early.get("/api/v1/models").json()["models"]
    assert {tag for model in models for tag in model["tags"]} == {"sample"}
    received = tmp_path / "library" / "uploads"
    until(lambda: list(received.iterdir()) == [])  # the job is over a moment before


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("relative/place", "no absolute path"),
        ("{top}/file", "is a file"),
        ("{top}/file/below", "cannot|not a directory"),
        ("{top}/full", "not empty"),
        ("/proc/nope", "part of the system itself"),
        ("file://nas/models", "another computer"),
    ],
)
def test_a_place_that_cannot_be_is_refused_and_nothing_is_changed(
    early: httpx2.Client, tmp_path: Path, path: str, problem: str
) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("mine")
    given = path.format(top=tmp_path)
    seen = early.get(f"{FIRST}/place", params={"path": given}).json()
    assert seen["state"] == "refused"
    assert any(part in seen["problem"] for part in problem.split("|")), seen["problem"]
    assert early.post(FIRST, json={"path": given}).status_code in {403, 422}
    assert early.get(FIRST).json()["open"] is None
    assert [entry.name for entry in (tmp_path / "full").iterdir()] == ["letter.txt"]


def test_a_place_inside_of_an_application_is_warned_of(
    early: httpx2.Client, tmp_path: Path
) -> None:
    app = write_installation(tmp_path / "ComfyUI")
    place = {"path": str(app / "models" / "library")}
    seen = early.get(f"{FIRST}/place", params=place).json()
    assert seen["state"] == "new"
    assert "inside of ComfyUI" in seen["warning"]
    outside = early.get(f"{FIRST}/place", params={"path": str(tmp_path / "library")}).json()
    assert "inside" not in outside["warning"]


def test_a_library_that_is_away_is_named_and_opened_when_it_is_back(
    home: Path, tmp_path: Path
) -> None:
    place = tmp_path / "drive" / "library"
    remember(place)
    with opened(port=0) as server, in_thread(server), client_of(server) as client:
        assert client.get(FIRST).json()["missing"] == str(place)
        with opened(place, port=0):
            pass  # the drive is connected
        assert (
            client.get(f"{FIRST}/place", params={"path": str(place)}).json()["state"] == "library"
        )
        assert client.post(FIRST, json={"path": str(place)}).json()["open"] == str(place)


def test_a_named_place_is_begun_without_a_question(home: Path, tmp_path: Path) -> None:
    with opened(tmp_path / "named", port=0) as server, in_thread(server), client_of(server) as one:
        assert one.get(FIRST).json()["open"] == str(tmp_path / "named")


def test_another_machine_does_not_learn_what_is_where(
    early: httpx2.Client, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (home / "out").symlink_to(secret)
    monkeypatch.setattr(Access, "loopback", property(lambda _: False))
    for path in (secret, home / "out", secret / "none"):
        for place in (f"{FIRST}/place", "/api/v1/files"):
            answer = early.get(place, params={"path": str(path)})
            assert (answer.status_code, answer.json()["code"]) == (403, "source-unreadable")
            assert answer.json()["path"] == str(path)
    assert early.get(f"{FIRST}/place", params={"path": str(home / "new")}).json()["state"] == "new"
