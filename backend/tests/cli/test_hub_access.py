"""Who may have what: gates, tokens and redirects; and a drive that is full."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.at_the_hub import (
    GATED,
    LORA,
    TOKEN,
    Terminal,
    hurried,
    is_one_clear_message,
    tiny_repos,
)
from tests.factory import lora, padded
from tests.hub import Hub, HubFile, HubUser, hub_repo, running_hub
from tests.hub.faults import Drip, RedirectTo
from tests.io.mounts import needs_mount, run_on

DENIED, WAITING, FRIEND = "hf_denied", "hf_waiting", "hf_friend"
PRIVATE = "org/private"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    scratch = tmp_path_factory.mktemp("made")
    private = lora(scratch / "private.safetensors", seed=77).read_bytes()
    users = [
        HubUser("stranger", TOKEN),
        HubUser("denied", DENIED, denied=frozenset({GATED})),
        HubUser("waiting", WAITING, pending=frozenset({GATED})),
        HubUser("friend", FRIEND, accepted=frozenset({GATED}), private=frozenset({PRIVATE})),
    ]
    repos = [*tiny_repos(scratch), hub_repo(PRIVATE, {"p.safetensors": private}, private=True)]
    with running_hub(repos, users=users) as running, hurried():
        yield running


@pytest.fixture
def terminal(hub: Hub, tmp_path: Path) -> Terminal:
    hub.faults.clear()
    hub.requests.clear()
    return Terminal(tmp_path / "library", hub)


@pytest.mark.parametrize(
    ("token", "code", "says"),
    [
        (None, "token-needed", "no token is set"),
        (TOKEN, "license-not-accepted", "has not accepted the conditions"),
        (DENIED, "access-denied", "has refused this account"),
        (WAITING, "access-denied", "has not yet answered"),
        ("hf_unknown", "token-invalid", "does not know the token"),
    ],
)
def test_each_reason_why_a_gate_is_closed_is_its_own_message_with_the_page(
    terminal: Terminal, token: str | None, code: str, says: str
) -> None:
    there = terminal if token is None else terminal.having(HF_TOKEN=token)
    done = there.here("download", GATED, "--json")
    error = json.loads(done.stdout)["error"]
    assert (done.returncode, error["code"]) == (1, code)
    assert says in error["message"]
    page = f"{terminal.hub.endpoint}/{GATED}"
    assert (page if code != "token-invalid" else "/settings/tokens") in error["hint"]
    is_one_clear_message(done, ("hf_",))
    assert terminal.models() == []
    assert len(there.having(HF_TOKEN=FRIEND).json_here("download", GATED)["imported"]) == 1
    assert terminal.staged() == []
    terminal.check_every_file()


def test_a_gate_is_told_of_before_it_is_met(terminal: Terminal) -> None:
    assert "accept the conditions on the page first" in terminal.here("find", GATED).stdout
    assert "gated" in terminal.here("find", "gated").stdout


def test_a_private_repository_is_not_there_for_others(terminal: Terminal) -> None:
    for token, code in ((None, "token-needed"), (TOKEN, "repository-not-found")):
        there = terminal if token is None else terminal.having(HF_TOKEN=token)
        for command in (["find", PRIVATE], ["download", PRIVATE]):
            done = there.here(*command, "--json")
            found = json.loads(done.stdout)["error"]["code"]
            assert (done.returncode, found) in {(1, code), (1, "repository-not-found")}
            is_one_clear_message(done)
    assert len(terminal.having(HF_TOKEN=FRIEND).json_here("download", PRIVATE)["imported"]) == 1


def test_a_redirect_to_another_host_takes_no_token_along(
    terminal: Terminal, tmp_path: Path
) -> None:
    lora(tmp_path / "in" / "pixel-art.safetensors")
    there = terminal.having(HF_TOKEN=FRIEND)
    there.here("import", str(tmp_path / "in"), "--offline")
    with running_hub(tiny_repos(tmp_path / "twins")) as other:
        for path in ("/api/*", "*/resolve/*"):
            rule = terminal.hub.faults.add(RedirectTo(f"{other.endpoint}/api/models/{LORA}"), path)
            for command in (["find", LORA], ["lookup"], ["download", LORA]):
                done = there.here(*command)
                assert "Traceback" not in done.stderr
                assert FRIEND not in done.stdout + done.stderr
            assert rule.strikes
            rule.off()
            for kept in (terminal.home / "cache").glob("*.db*"):
                kept.unlink()
        assert other.requests
        assert not [one for one in other.requests if "authorization" in one.headers]
    assert there.here("download", LORA).returncode == 0
    terminal.check_every_file()


DOWNLOAD = """
import os, threading, time
os.environ.clear()
os.environ.update({environment!r})
os.environ["MODEL_LIBRARY"] = str(place / "library")
from model_library.cli import main
from model_library.hf import part_file, range_fetching
range_fetching.PIECE, range_fetching.PARALLEL_FROM = 256 * 1024, 1024
part_file.CHECKPOINT_PAUSE = part_file.CHECKPOINT_BYTES = 0

def code(*arguments):
    try:
        main.run(list(arguments))
    except SystemExit as end:
        return end.code

def fill():
    while {in_the_middle} and not list(place.rglob("*.part")):
        time.sleep(0.01)
    with open(place / "ballast", "wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(bytes(64 * 1024))
        except OSError:
            ballast.truncate(ballast.tell() - (1 << 20))

print("status", code("status", "--json"))
filling = threading.Thread(target=fill)
filling.start()
if not {in_the_middle}:
    filling.join()
print("full", code("download", "org/big", "--json"))
filling.join()
print("models", len(list((place / "library" / "models").glob("*/*/*/metadata.json"))))
(place / "ballast").unlink()
print("again", code("download", "org/big", "--json"))
print("staged", [one.name for one in (place / "library" / "models").glob(".staging/*")])
print("verify", code("verify", "--json"))
"""


@needs_mount
@pytest.mark.parametrize("in_the_middle", [False, True])
def test_a_full_drive_is_one_message_and_the_rest_comes_later(
    terminal: Terminal, tmp_path: Path, in_the_middle: bool
) -> None:
    """Somebody else takes all that is free, before the download or while it runs."""
    big = HubFile.of("big.safetensors", padded(tmp_path / "big.safetensors", 4))
    terminal.hub.publish(hub_repo("org/big", {"big.safetensors": big}))
    rule = terminal.hub.faults.add(Drip(chunk=32 * 1024, pause=0.1), "/stored/*")
    place = tmp_path / "drive"
    place.mkdir()
    code = DOWNLOAD.format(environment=terminal.environment, in_the_middle=in_the_middle)
    said = run_on("tmpfs -o size=10m", place, code)
    rule.off()
    lines = said.splitlines()
    assert '"code": "target-full"' in said
    assert {"full 1", "models 0", "again 0", "staged []", "verify 0"} <= set(lines), said
