"""The server against its own OpenAPI document: whatever is sent, it answers as documented and never with 5xx.

The library is empty, its Hub is the tests' own, and relative paths and the home directory lead into a folder of
the test: every operation is asked, also those that change something. SCHEMATHESIS_EXAMPLES=20 looks longer, and also sends what the schema does not allow; making
that takes minutes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from model_library.api.http.app import schema as document
from model_library.api.server import Server, in_thread, opened
from model_library.config import Settings
from model_library.hf.environment import network_settings
from tests.cli.at_the_hub import HURRIED, tiny_repos
from tests.hub import running_hub

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "0"))
"""Of each operation and mode."""
FEW = 3
ENDLESS = "/api/v1/events"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


def modes(operation: dict[str, Any]) -> list[GenerationMode]:
    """What the schema allows, and where something can be wrong, what it does not allow."""
    places = {one["in"] for one in operation.get("parameters", ())}
    if EXAMPLES and ("requestBody" in operation or "query" in places):
        return [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
    return [GenerationMode.POSITIVE]


ASKED = [
    pytest.param(path, verb, mode, id=f"{verb} {path} {mode.value}")
    for path, verbs in document()["paths"].items()
    for verb, operation in verbs.items()
    for mode in modes(operation)
    if path != ENDLESS
]


def stays_here(value: object) -> bool:
    """Whether no text in it can be a path out of the test's folder or an address: what is asked is done."""
    if isinstance(value, str):
        return not (value.startswith(("/", "~")) or ".." in value or ":" in value)
    if isinstance(value, dict):
        return all(stays_here(one) for pair in value.items() for one in pair)
    if isinstance(value, list):
        return all(stays_here(one) for one in value)
    return True


@cache
def described() -> Any:
    return schemathesis.openapi.from_dict(document())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    place: Path = tmp_path_factory.mktemp("schemathesis")
    with (
        pytest.MonkeyPatch.context() as patch,
        running_hub(tiny_repos(tmp_path_factory.mktemp("repositories"))) as hub,
    ):
        patch.setenv("HOME", str(place))
        patch.setenv("HF_ENDPOINT", hub.endpoint)
        patch.chdir(place)
        network = replace(network_settings({"HF_ENDPOINT": hub.endpoint}), **HURRIED)  # type: ignore[arg-type]
        own = Settings(network=network)
        with opened(place / "library", settings=own, port=0) as made, in_thread(made):
            yield made


@pytest.mark.filterwarnings("ignore:Do not use the `random` module")  # the server's threads may
@pytest.mark.parametrize(("path", "verb", "mode"), ASKED)
def test_every_answer_is_documented(
    server: Server, path: str, verb: str, mode: GenerationMode
) -> None:
    access = server.context.access
    headers = {"Authorization": f"Bearer {access.token}"}

    @given(case=described()[path][verb].as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES or FEW,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Case[Any]) -> None:
        assume(stays_here(case.body) and stays_here(dict(case.query or {})))
        case.call_and_validate(base_url=access.url.rstrip("/"), headers=headers, checks=CHECKS)

    ask()
