"""The file chooser, the pages and the pictures: nothing that they were not meant to show."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from model_library.api.http import pages as pages_module
from model_library.api.http.pages import pages_of
from model_library.api.http.previews import MOST_BYTES, image_type, read_preview
from model_library.api.http.problems import dumped
from model_library.api.server import Server
from tests.api.http.sides import ended
from tests.factory import lora

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 50


def shown(client: httpx2.Client, path: Path | str, **more: Any) -> dict[str, Any]:
    answer = client.get("/api/v1/files", params={"path": str(path), **more})
    assert answer.status_code == 200, answer.text
    folder: dict[str, Any] = answer.json()
    return folder


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "place"
    lora(folder / "b.safetensors")
    (folder / "a.txt").write_text("x")
    (folder / "zoo").mkdir()
    (folder / ".hidden").mkdir()
    (folder / "gone").symlink_to("nowhere")
    os.mkfifo(folder / "pipe")
    return folder


def test_numbers_that_no_browser_reads_are_null() -> None:
    document = {"a": [1.5, float("nan")], "b": {"c": (float("inf"), "x")}}
    assert json.loads(dumped(document)) == {"a": [1.5, None], "b": {"c": [None, "x"]}}
    assert b"NaN" not in dumped({"n": float("nan")})


# --- the chooser -----------------------------------------------------------------------------------


def test_a_folder_shows_folders_then_files_and_marks_models(
    client: httpx2.Client, place: Path
) -> None:
    found = shown(client, place)
    assert [(one["name"], one["kind"], one["model"]) for one in found["entries"]] == [
        ("zoo", "folder", False),
        ("a.txt", "file", False),
        ("b.safetensors", "file", True),
    ]
    assert (found["parent"], found["omitted"]) == (str(place.parent), 0)
    assert [one["size"] for one in found["entries"][:2]] == [None, 1]


def test_what_is_hidden_is_shown_when_asked_for(client: httpx2.Client, place: Path) -> None:
    assert ".hidden" in [one["name"] for one in shown(client, place, hidden=True)["entries"]]


def test_without_a_path_it_begins_at_home(client: httpx2.Client) -> None:
    found = shown(client, "")
    assert found["path"] == str(Path.home().resolve())
    assert str(Path.home()) in found["places"]


def test_a_file_or_what_is_not_there_shows_the_folder_around_it(
    client: httpx2.Client, place: Path
) -> None:
    named = shown(client, f"{place}/a.txt")
    assert (named["path"], named["file"], named["unfound"]) == (
        str(place),
        str(place / "a.txt"),
        "",
    )
    begun = shown(client, f"{place}/mod")
    assert (begun["path"], begun["file"], begun["unfound"]) == (str(place), None, "mod")
    assert shown(client, place.as_uri())["unfound"] == ""


def test_names_that_cannot_be_sent_are_counted(client: httpx2.Client, place: Path) -> None:
    os.mkdir(os.fsencode(place) + b"/caf\xe9")  # noqa: PTH102 # not UTF-8
    (place / "two\nlines").touch()
    assert shown(client, place)["omitted"] == 2


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("relative", 422, "invalid-value"),
        ("../..", 422, "invalid-value"),
        ("/no/such/folder", 404, "source-not-found"),
        ("~nobody-of-this-name", 422, "invalid-value"),
        ("{place}/a.txt/below", 404, "source-not-found"),
        ("file://nas/models", 422, "invalid-value"),
        ("/" + "x" * 5000, 422, "path-too-long"),
        ("/a\0b", 422, "invalid-request"),
    ],
)
def test_what_is_no_folder_is_one_clear_error(
    client: httpx2.Client, place: Path, path: str, status: int, code: str
) -> None:
    answer = client.get("/api/v1/files", params={"path": path.format(place=place)})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_link_that_may_not_be_read_is_one_clear_error(client: httpx2.Client) -> None:
    pid = next((one for one in ("1", "2") if not _is_readable(f"/proc/{one}/root")), None)
    if pid is None:
        pytest.skip("every process of this system may be looked into")
    answer = client.get("/api/v1/files", params={"path": f"/proc/{pid}/root"})
    assert (answer.status_code, answer.json()["code"]) == (403, "source-unreadable")


def _is_readable(link: str) -> bool:
    try:
        Path(link).readlink()
    except PermissionError:
        return False
    except OSError:
        return True
    return True


def test_other_machines_see_home_roots_and_the_library_only(
    server: Server, client: httpx2.Client, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = place / "zoo"
    (home / "out").symlink_to("/etc")
    monkeypatch.setenv("HOME", str(home))
    context = server.context
    far = replace(context, access=replace(context.access, host="192.0.2.7"))
    object.__setattr__(context, "access", far.access)
    refused = [
        client.get("/api/v1/files", params={"path": str(path)})
        for path in (place, "/etc", home / "..", home / "out", "/", place / "nope", "file:///etc")
    ]
    inside = client.get("/api/v1/files", params={"path": str(home)})
    assert [one.json()["code"] for one in refused] == ["source-unreadable"] * 7
    assert (inside.status_code, inside.json()["parent"]) == (200, None)
    library = context.libraries.directory
    assert shown(client, library / "models")["parent"] == str(library)


# --- the pages -------------------------------------------------------------------------------------


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    web = tmp_path / "web"
    (web / "assets").mkdir(parents=True)
    (web / "index.html").write_text("<!doctype html><title>pages</title>")
    (web / "assets" / "app-1a2b3c.js").write_text("export {}")
    (web / "icon.svg").write_text("<svg/>")
    (tmp_path / "secret.txt").write_text("secret")
    monkeypatch.setattr(pages_module, "pages", lambda: pages_of(web))
    return web


def test_without_built_pages_a_plain_one_says_so(client: httpx2.Client) -> None:
    answer = client.get("/")
    assert answer.headers["content-type"].startswith("text/html")
    assert "not built" in answer.text or "<div id=" in answer.text


def test_files_have_their_types_and_addresses_lead_to_the_application(
    client: httpx2.Client, built: Path
) -> None:
    script, icon = client.get("/assets/app-1a2b3c.js"), client.get("/icon.svg")
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in script.headers["cache-control"]
    assert icon.headers["content-type"] == "image/svg+xml"
    for address in ("/", "/models/abc", "/settings?x=1"):
        page = client.get(address)
        assert "pages" in page.text
        assert page.headers["cache-control"] == "no-cache"
    assert client.get("/assets/app-old.js").status_code == 404


def test_what_a_browser_has_is_not_sent_again(client: httpx2.Client, built: Path) -> None:
    etag = client.get("/").headers["etag"]
    again = client.get("/", headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/assets/%2e%2e%2f%2e%2e%2fsecret.txt",
        "/..%5csecret.txt",
        "//secret.txt",
        "/%00",
    ],
)
def test_no_address_leads_out_of_the_pages(
    server: Server, client: httpx2.Client, built: Path, path: str
) -> None:
    request = client.build_request("GET", "/")
    request.url = request.url.copy_with(raw_path=path.encode())
    answer = client.send(request)
    assert "secret" not in answer.text
    assert answer.status_code in {200, 404}


def test_pages_cannot_be_changed(client: httpx2.Client) -> None:
    assert client.post("/").status_code == 405
    assert client.request("TRACE", "/api/v1/status").status_code in {405, 404}


# --- pictures --------------------------------------------------------------------------------------


@pytest.fixture
def pictured(client: httpx2.Client, tmp_path: Path) -> tuple[str, Path]:
    """A model with a preview, and where that is."""
    source = lora(tmp_path / "in" / "a.safetensors")
    source.with_name("a.preview.png").write_bytes(PNG)
    asked = {"paths": [str(source.parent)], "offline": True}
    ended(client, client.post("/api/v1/imports", json=asked).json()["job_id"])
    model = client.get("/api/v1/models").json()["models"][0]
    return model["model_id"], Path(model["path"]).with_name(model["preview"])


def test_a_model_shows_its_picture(client: httpx2.Client, pictured: tuple[str, Path]) -> None:
    answer = client.get(f"/api/v1/models/{pictured[0]}/preview")
    assert (answer.content, answer.headers["content-type"]) == (PNG, "image/png")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "data", [b"", b"<svg onload=alert(1)>", b"<html>", b"RIFF\0\0\0\0WAVE", PNG[:7]]
)
def test_what_is_no_picture_is_not_shown(
    client: httpx2.Client, pictured: tuple[str, Path], data: bytes
) -> None:
    pictured[1].write_bytes(data)
    assert client.get(f"/api/v1/models/{pictured[0]}/preview").status_code == 404


def test_a_link_in_the_place_of_a_picture_is_not_followed(
    client: httpx2.Client, pictured: tuple[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "private.png").write_bytes(PNG)
    pictured[1].unlink()
    pictured[1].symlink_to(tmp_path / "private.png")
    assert client.get(f"/api/v1/models/{pictured[0]}/preview").status_code == 404


def test_a_picture_that_is_too_large_or_away_is_none(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with (folder / "p.png").open("wb") as file:
        file.write(PNG)
        file.truncate(MOST_BYTES + 1)
    model: dict[str, Any] = {"preview": "p.png", "path": str(folder), "files": []}
    assert read_preview(model) is None
    assert read_preview(model | {"path": None}) is None
    assert read_preview(model | {"preview": None}) is None
    assert read_preview(model | {"preview": "../p.png"}) is None


def test_pictures_are_known_by_their_bytes() -> None:
    webp = b"RIFF\0\0\0\0WEBP"
    assert [image_type(data) for data in (PNG, b"\xff\xd8\xff\xe0", b"GIF89a", webp)] == [
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
    ]
