"""The schema says what the server does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest

from model_library import Library
from model_library.api.http.app import schema
from model_library.api.operations import LIFECYCLE, OPERATIONS

TOP = Path(__file__).resolve().parents[4]


def operations() -> dict[str, dict[str, Any]]:
    paths = schema()["paths"].values()
    return {one["operationId"]: one for methods in paths for one in methods.values()}


def test_every_method_of_a_library_has_an_address() -> None:
    public = {name for name in dir(Library) if not name.startswith("_")}
    carried = {one.name for one in OPERATIONS} | {one.method for one in OPERATIONS}
    assert public - LIFECYCLE - carried == set()
    assert public >= LIFECYCLE


def test_every_row_of_the_table_is_an_operation_of_the_schema() -> None:
    assert {one.name for one in OPERATIONS} <= operations().keys()
    assert len({(one.verb, one.path) for one in OPERATIONS}) == len(OPERATIONS)


def is_typed(content: dict[str, Any]) -> bool:
    """Whether JSON has a schema other than "anything"; pictures and streams need none."""
    return all(media.get("schema") for kind, media in content.items() if kind.endswith("json"))


def test_every_answer_has_a_type() -> None:
    untyped = [
        name
        for name, one in operations().items()
        for status, said in one["responses"].items()
        if status.startswith("2") and status != "204" and not is_typed(said["content"])
    ]
    assert untyped == []


def test_a_model_has_all_its_fields() -> None:
    model = schema()["components"]["schemas"]["ModelJson"]
    assert {"model_id", "files", "evidence", "path", "state", "security"} <= set(model["required"])
    assert model["properties"]["kind"] == {"$ref": "#/components/schemas/Kind"}


def test_no_name_had_to_be_told_apart() -> None:
    assert [name for name in schema()["components"]["schemas"] if "__" in name] == []


def test_the_server_shows_its_schema(client: httpx2.Client) -> None:
    assert client.get("/api/openapi.json").json() == json.loads(json.dumps(schema()))


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
def test_there_are_no_pages_that_load_from_elsewhere(client: httpx2.Client, page: str) -> None:
    assert "swagger" not in client.get(page).text.lower()


def test_the_script_prints_it_and_notices_a_change(tmp_path: Path) -> None:
    script = [sys.executable, str(TOP / "scripts" / "openapi.py")]
    printed = subprocess.run(script, capture_output=True, check=True).stdout
    assert json.loads(printed) == json.loads(json.dumps(schema()))
    file = tmp_path / "openapi.json"
    file.write_bytes(printed)
    assert subprocess.run([*script, "--check", file], check=False).returncode == 0
    file.write_bytes(printed.replace(b"search", b"hunt"))
    changed = subprocess.run([*script, "--check", file], check=False, capture_output=True)
    assert (changed.returncode, b"openapi.json" in changed.stderr) == (1, True)
