"""Files from a browser: whole, in pieces, cut off, lied about, and imported as any other."""

from __future__ import annotations

import hashlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from model_library.api.http.uploads import KEPT, Uploads
from model_library.api.server import Server
from model_library.errors import HashMismatchError, TargetFullError
from tests.api.http.conftest import client_of, running
from tests.api.http.sides import ended
from tests.factory import PICKLE_THAT_RUNS, lora, padded, shards, thin_case

UPLOADS = "/api/v1/uploads"
BYTES = {"content-type": "application/octet-stream"}


def announced(client: httpx2.Client, name: str, size: int, **more: Any) -> dict[str, Any]:
    answer = client.post(UPLOADS, json={"name": name, "size": size, **more})
    assert answer.status_code == 201, answer.text
    upload: dict[str, Any] = answer.json()
    return upload


def send(
    client: httpx2.Client, upload: dict[str, Any], data: bytes, start: int | None = None
) -> httpx2.Response:
    headers = dict(BYTES)
    if start is not None:
        headers["content-range"] = f"bytes {start}-{start + len(data) - 1}/{upload['size']}"
    return client.put(f"{UPLOADS}/{upload['upload_id']}", content=data, headers=headers)


def uploaded(client: httpx2.Client, path: Path, name: str, batch: str | None) -> dict[str, Any]:
    upload = announced(client, name, path.stat().st_size, batch=batch)
    done: dict[str, Any] = send(client, upload, path.read_bytes()).json()
    assert done["complete"]
    return done


def imported(client: httpx2.Client, directory: str, **more: Any) -> dict[str, Any]:
    asked = {"paths": [directory], "place": "move", "offline": True, **more}
    job = ended(client, client.post("/api/v1/imports", json=asked).json()["job_id"])
    result = client.get(f"/api/v1/jobs/{job['job_id']}/result").json()
    document: dict[str, Any] = result["document"]
    return document


def left(server: Server) -> list[Path]:
    return list((server.context.libraries.directory / "uploads").glob("*"))


# --- what is sent --------------------------------------------------------------------------------------


def test_a_file_that_was_sent_becomes_a_model_and_is_not_kept_twice(
    server: Server, client: httpx2.Client, tmp_path: Path
) -> None:
    source = lora(tmp_path / "pixel-art.safetensors")
    done = uploaded(client, source, source.name, None)
    assert done["sha256"] == hashlib.sha256(source.read_bytes()).hexdigest()
    (model,) = imported(client, done["directory"])["imported"]
    assert model["official_name"] == "pixel-art"
    assert model["placement"] == "move"
    assert left(server) == []
    assert client.get(UPLOADS).json() == []


def test_it_can_be_looked_at_before_it_is_imported(client: httpx2.Client, tmp_path: Path) -> None:
    source = lora(tmp_path / "a.safetensors")
    directory = uploaded(client, source, source.name, None)["directory"]
    (seen,) = client.post("/api/v1/inspections", json={"paths": [directory]}).json()["models"]
    assert (seen["valid"], seen["adapter_type"]) == (True, "lora")


def test_files_that_belong_together_become_one_model(client: httpx2.Client, tmp_path: Path) -> None:
    batch = None
    for path in shards(tmp_path / "llm", 3):
        done = uploaded(client, path, f"my llm/{path.name}", batch)
        batch = done["batch"]
    (model,) = imported(client, done["directory"])["imported"]
    assert (model["form"], len(model["files"])) == ("sharded-set", 3)


def test_pieces_are_put_together_at_their_offsets(client: httpx2.Client, tmp_path: Path) -> None:
    data = padded(tmp_path / "a.safetensors", 2).read_bytes()
    upload = announced(client, "a.safetensors", len(data))
    middle = len(data) // 2
    assert send(client, upload, data[:middle], 0).json()["received"] == middle
    head = client.head(f"{UPLOADS}/{upload['upload_id']}")
    assert (head.headers["upload-offset"], head.headers["upload-length"]) == (
        str(middle),
        str(len(data)),
    )
    done = send(client, upload, data[middle:], middle).json()
    assert (done["complete"], done["sha256"]) == (True, hashlib.sha256(data).hexdigest())
    assert (Path(done["directory"]) / "a.safetensors").read_bytes() == data


def test_what_arrived_before_a_cut_counts(
    server: Server, client: httpx2.Client, tmp_path: Path
) -> None:
    data = padded(tmp_path / "a.safetensors", 3).read_bytes()
    upload = announced(client, "a.safetensors", len(data))
    access = server.context.access
    head = (
        f"PUT {UPLOADS}/{upload['upload_id']} HTTP/1.1\r\nHost: localhost\r\n"
        f"X-Model-Library-Token: {access.token}\r\nContent-Type: application/octet-stream\r\n"
        f"Content-Length: {len(data)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", access.port), timeout=5) as plain:
        plain.sendall(head.encode() + data[: 2 * 1024**2])
    received, answer = resumed(client, upload, data)
    assert 0 < received <= 2 * 1024**2
    assert answer["complete"]


def resumed(client: httpx2.Client, upload: dict[str, Any], data: bytes) -> tuple[int, Any]:
    """Where it went on after a cut, and the answer; the server may still be taking in what came before the cut."""
    for _ in range(200):
        time.sleep(0.05)
        at = int(client.head(f"{UPLOADS}/{upload['upload_id']}").headers["upload-offset"])
        if not at:
            continue
        answer = send(client, upload, data[at:], at)
        if answer.status_code != 409:
            return at, answer.json()
    raise TimeoutError


def test_an_upload_goes_on_after_the_server_was_started_anew(tmp_path: Path) -> None:
    data = padded(tmp_path / "a.safetensors", 2).read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    with running(tmp_path / "library") as server, client_of(server) as client:
        upload = announced(client, "a.safetensors", len(data), sha256=digest)
        send(client, upload, data[:1000], 0)
        whole = announced(client, "b.safetensors", 5)
        send(client, whole, b"whole")
    with running(tmp_path / "library") as server, client_of(server) as client:
        known = {one["name"]: one["received"] for one in client.get(UPLOADS).json()}
        assert known == {"a.safetensors": 1000, "b.safetensors": 5}
        assert send(client, upload, data[1000:], 1000).json()["sha256"] == digest


def test_an_empty_file_is_complete_at_once(client: httpx2.Client) -> None:
    assert announced(client, "empty.txt", 0)["complete"]


def test_what_was_refused_stays_to_be_tried_again(
    server: Server, client: httpx2.Client, tmp_path: Path
) -> None:
    path = tmp_path / "evil.ckpt"
    path.write_bytes(PICKLE_THAT_RUNS)
    directory = uploaded(client, path, path.name, None)["directory"]
    assert imported(client, directory)["failed"][0]["error"]["code"] == "pickle-not-accepted"
    assert len(left(server)) == 1
    assert len(imported(client, directory, accept_pickle=True)["imported"]) == 1
    assert left(server) == []


# --- lies and accidents ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["../a", "/etc/passwd", "a/../../b", "C:\\a", "a\\b", "a//b", "", ".", "a/.", "nul\0"],
)
def test_a_name_cannot_leave_its_directory(client: httpx2.Client, name: str) -> None:
    answer = client.post(UPLOADS, json={"name": name, "size": 1})
    assert answer.status_code == 422
    assert client.get(UPLOADS).json() == []


def test_names_are_made_safe_and_unique(client: httpx2.Client) -> None:
    first = announced(client, "a<b>:?.bin", 1)
    names = [first["name"]]
    names += [
        announced(client, name, 1, batch=first["batch"])["name"] for name in ("X.bin", "x.bin")
    ]
    assert len({name.lower() for name in names}) == 3
    assert not set("<>:?") & set("".join(names))


@pytest.mark.parametrize("size", [-1, 1 << 60, "big", None, 1.5])
def test_a_size_that_no_file_has_is_refused(client: httpx2.Client, size: object) -> None:
    assert client.post(UPLOADS, json={"name": "a", "size": size}).status_code == 422


def test_what_does_not_fit_on_the_drive_is_refused_before_it_is_sent(tmp_path: Path) -> None:
    with pytest.raises(TargetFullError):
        Uploads(tmp_path).announce("a", 1 << 44)


def test_more_than_was_announced_is_refused(client: httpx2.Client) -> None:
    upload = announced(client, "a.bin", 10)
    answer = send(client, upload, b"x" * 11)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-value")
    shown = client.get(f"{UPLOADS}/{upload['upload_id']}").json()
    assert (shown["received"], shown["complete"]) == (0, False)


def test_less_than_was_announced_is_not_complete(client: httpx2.Client) -> None:
    upload = announced(client, "a.bin", 10)
    assert send(client, upload, b"123").json()["received"] == 3
    assert client.get(f"{UPLOADS}/{upload['upload_id']}").json()["complete"] is False


@pytest.mark.parametrize("start", [0, 2, 4, 9])
def test_another_offset_changes_nothing(client: httpx2.Client, start: int) -> None:
    upload = announced(client, "a.bin", 10)
    send(client, upload, b"123", 0)
    answer = send(client, upload, b"x", start)
    assert (answer.status_code, answer.json()["code"]) == (409, "upload-state")
    assert client.get(f"{UPLOADS}/{upload['upload_id']}").json()["received"] == 3


@pytest.mark.parametrize(
    "value",
    [
        "bytes 0-2/11",
        "bytes 3-1/10",
        "bytes 0-10/10",
        "bytes */10",
        "lines 0-2/10",
        "bytes 0-2/*",
        "9" * 5000,
    ],
)
def test_a_range_that_does_not_fit_is_refused(client: httpx2.Client, value: str) -> None:
    upload = announced(client, "a.bin", 10)
    headers = BYTES | {"content-range": value}
    answer = client.put(f"{UPLOADS}/{upload['upload_id']}", content=b"123", headers=headers)
    assert answer.status_code in {422, 431}
    assert client.get(f"{UPLOADS}/{upload['upload_id']}").json()["received"] == 0


def test_a_wrong_hash_is_refused_and_all_of_it_is_sent_again(client: httpx2.Client) -> None:
    upload = announced(client, "a.bin", 3, sha256=hashlib.sha256(b"abc").hexdigest())
    answer = send(client, upload, b"abd")
    assert (answer.status_code, answer.json()["code"]) == (409, HashMismatchError.code)
    assert send(client, upload, b"abc", 0).json()["complete"]
    assert send(client, upload, b"abc", 0).status_code == 409


def test_two_requests_cannot_send_one_file(server: Server, client: httpx2.Client) -> None:
    upload = announced(client, "a.bin", 10)
    going, done = threading.Event(), threading.Event()

    def slowly() -> Iterator[bytes]:
        yield b"12345"
        going.set()
        done.wait(10)
        yield b"67890"

    def first() -> None:
        with client_of(server) as other:
            other.put(f"{UPLOADS}/{upload['upload_id']}", content=slowly(), headers=BYTES)

    thread = threading.Thread(target=first)
    thread.start()
    going.wait(10)
    while not server.context.uploads._uploads[upload["upload_id"]].busy:
        time.sleep(0.01)
    answer = send(client, upload, b"x", 0)
    done.set()
    thread.join()
    assert (answer.status_code, answer.json()["code"]) == (409, "upload-state")
    assert client.get(f"{UPLOADS}/{upload['upload_id']}").json()["complete"]


def test_two_files_are_sent_at_once(server: Server, client: httpx2.Client) -> None:
    data = [os.urandom(3 * 1024**2) for _ in range(2)]
    uploads = [announced(client, f"{number}.bin", len(one)) for number, one in enumerate(data)]
    done: list[dict[str, Any]] = [{}, {}]

    def one(number: int) -> None:
        with client_of(server) as other:
            done[number] = send(other, uploads[number], data[number]).json()

    threads = [threading.Thread(target=one, args=[number]) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one["sha256"] for one in done] == [hashlib.sha256(one).hexdigest() for one in data]


# --- giving up -------------------------------------------------------------------------------------


def test_a_cancelled_upload_leaves_nothing(server: Server, client: httpx2.Client) -> None:
    first = announced(client, "a.bin", 10)
    second = announced(client, "b.bin", 10, batch=first["batch"])
    send(client, first, b"123", 0)
    for upload in (first, second):
        assert client.delete(f"{UPLOADS}/{upload['upload_id']}").status_code == 204
        assert client.get(f"{UPLOADS}/{upload['upload_id']}").status_code == 404
    assert client.delete(f"{UPLOADS}/{first['upload_id']}").status_code == 404
    assert left(server) == []


def test_what_nobody_goes_on_with_is_removed_but_not_what_a_job_needs(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    old, needed = (uploads.announce("a", 5)["batch"] for _ in range(2))
    (tmp_path / "uploads" / "mine").mkdir()
    uploads.sweep({needed})
    assert len(uploads.all()) == 2
    uploads.sweep({needed}, now=time.time() + KEPT + 60)
    assert [one["batch"] for one in uploads.all()] == [needed]
    kept = sorted(path.name for path in (tmp_path / "uploads").iterdir())
    assert (kept, old in kept) == (sorted(["mine", needed]), False)


def test_notes_that_are_not_ours_are_passed_over(tmp_path: Path) -> None:
    upload = Uploads(tmp_path).announce("a", 5)
    parts = tmp_path / "uploads" / upload["batch"] / "parts"
    (parts / "x.json").write_text("{}")
    (parts / f"{upload['batch']}-{'0' * 16}.json").write_text("[]")
    (parts / f"{upload['batch']}-{'1' * 16}.json").write_text(
        '{"name": "../x", "size": 1, "sha256": null}'
    )
    assert [one["upload_id"] for one in Uploads(tmp_path).all()] == [upload["upload_id"]]
    assert Uploads(tmp_path).batch_of(str(tmp_path / "uploads" / "x")) is None
    assert Uploads(tmp_path).batch_of(str(tmp_path)) is None


@pytest.mark.parametrize("upload_id", ["x", "../../etc", "%2e%2e%2fetc", "0" * 33])
def test_an_id_is_no_path(client: httpx2.Client, upload_id: str) -> None:
    assert client.get(f"{UPLOADS}/{upload_id}").status_code in {404, 422}


# --- what is known of where it was ----------------------------------------------------------------------


def test_a_model_that_was_sent_is_from_where_the_browser_had_it(
    client: httpx2.Client, tmp_path: Path
) -> None:
    source = lora(tmp_path / "pixel-art.safetensors")
    directory = uploaded(client, source, f"loras/{source.name}", None)["directory"]
    (model,) = imported(client, directory)["imported"]
    assert (model["official_name"], model["origin_path"]) == (
        "pixel-art",
        "loras/pixel-art.safetensors",
    )


def test_a_folder_model_without_its_folder_is_called_as_its_weights(
    client: httpx2.Client, tmp_path: Path
) -> None:
    batch = None
    for path in thin_case("llm_qwen2_05b", tmp_path, shapes=False):
        done = uploaded(client, path, path.name, batch)
        batch = done["batch"]
    asked = {"paths": [done["directory"]], "place": "move", "offline": True}
    queued = client.post("/api/v1/imports", json=asked).json()
    assert "files" not in queued["title"].split()
    ended(client, queued["job_id"])
    (model,) = client.get("/api/v1/models").json()["models"]
    assert (model["form"], model["official_name"]) == ("transformers-folder", "model")
    assert model["origin_path"] is None
