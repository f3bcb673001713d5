"""The bridge without a window: names, arguments and errors are those of HTTP and of the pages' declaration."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx2
import pytest

from model_library.api.bridge import Function, functions
from model_library.api.http.app import schema
from model_library.api.server import Server
from tests.api.http.sides import NoWindow

DECLARED = Path(__file__).resolve().parents[4] / "frontend" / "src" / "types" / "pywebview.d.ts"
NATIVE = {"choose_files", "choose_folder", "dropped_paths", "given_paths", "show_in_file_manager"}


@pytest.fixture
def bridge(server: Server) -> dict[str, Function]:
    return functions(server.context, NoWindow())


def operation_ids() -> set[str]:
    return {one["operationId"] for path in schema()["paths"].values() for one in path.values()}


def test_the_page_has_what_the_declaration_says(bridge: dict[str, Function]) -> None:
    text = DECLARED.read_text(encoding="utf-8")
    (left_out,) = re.findall(r"type OnlyHttp =([^;]*);", text)
    only_http = set(re.findall(r'"(\w+)"', left_out))
    assert only_http < operation_ids()
    assert bridge.keys() == (operation_ids() - only_http) | NATIVE
    assert set(re.findall(r"^  (\w+)\(.*\): Promise<", text, re.MULTILINE)) == NATIVE
    assert {name: function.__name__ for name, function in bridge.items()} == {
        name: name for name in bridge
    }


@pytest.mark.parametrize(
    ("name", "arguments", "verb", "address", "body"),
    [
        ("show", {"model_id": "nothing"}, "GET", "models/nothing", None),
        ("list", {"limit": "many"}, "GET", "models?limit=many", None),
        ("list", {"colour": "red"}, "GET", "models?colour=red", None),
        ("inspect", {}, "POST", "inspections", {}),
        ("inspect", {"paths": ["a\0b"]}, "POST", "inspections", {"paths": ["a\0b"]}),
        ("job_result", {"job_id": "ffffffff"}, "GET", "jobs/ffffffff/result", None),
        ("files", {"path": "not/absolute"}, "GET", "files?path=not/absolute", None),
    ],
)
def test_an_error_is_the_same_document_as_over_http(
    bridge: dict[str, Function],
    client: httpx2.Client,
    name: str,
    arguments: dict[str, Any],
    verb: str,
    address: str,
    body: Any,
) -> None:
    answer = client.request(verb, f"/api/v1/{address}", json=body)
    assert answer.status_code >= 400
    assert bridge[name](arguments) == answer.json()


def test_what_http_has_in_the_address_is_an_argument(bridge: dict[str, Function]) -> None:
    said = bridge["show"]({})
    assert (said["status"], said["code"], said["detail"]) == (
        422,
        "invalid-request",
        "model_id: Field required",
    )
    assert bridge["status"]()["models"] == 0
    assert bridge["jobs"](None) == bridge["jobs"]({})


@pytest.mark.parametrize("arguments", ["text", 3, ["a"], {"surprise": 1}])
def test_what_is_no_argument_is_refused(bridge: dict[str, Function], arguments: Any) -> None:
    for name in ("status", "choose_files", "show_in_file_manager"):
        assert bridge[name](arguments)["code"] == "invalid-request"


def test_files_are_listed_as_over_http(
    bridge: dict[str, Function], client: httpx2.Client, tmp_path: Path
) -> None:
    (tmp_path / "shelf").mkdir()
    (tmp_path / "shelf" / "lora \udcff.safetensors").touch()
    (tmp_path / "shelf" / "ä b.safetensors").touch()
    listed = bridge["files"]({"path": str(tmp_path / "shelf")})
    assert [one["name"] for one in listed["entries"]] == ["ä b.safetensors"]
    assert listed == client.get("/api/v1/files", params={"path": str(tmp_path / "shelf")}).json()


def test_native_functions_answer_like_the_others(bridge: dict[str, Function]) -> None:
    names = sorted(NATIVE - {"show_in_file_manager"})
    assert [bridge[name]() for name in names] == [[]] * 4
    said = bridge["show_in_file_manager"]({"path": "/gone"})
    assert (said["code"], said["path"]) == ("source-not-found", "/gone")
