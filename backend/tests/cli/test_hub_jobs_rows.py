"""What is kept of a job that asks the Hub, and what a row that somebody changed does to the others."""

from __future__ import annotations

import json
import shutil
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from model_library.api import hub as hub_operations
from model_library.store import STAGING
from tests.cli.at_the_hub import GGUF, LORA, QUANT, Terminal, hurried, tiny_repos
from tests.factory import lora
from tests.hub import running_hub
from tests.hub.faults import Fault, Rule, Status
from tests.hub.messages import Reply, Request

PASTED = "hf_PastedByMistake"


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    with running_hub(tiny_repos(tmp_path / "made")) as hub, hurried():
        yield Terminal(tmp_path / "library", hub)


def pasted(terminal: Terminal, path: str) -> str:
    scheme, _, host = terminal.hub.endpoint.partition("://")
    return f"{scheme}://user:{PASTED}@{host}/{path}?token={PASTED}"


def keeps_no_secret(terminal: Terminal) -> None:
    kept = [path for path in terminal.home.rglob("*") if path.is_file()]
    assert [path for path in kept if PASTED.encode() in path.read_bytes()] == []


def all_jobs(terminal: Terminal) -> list[dict[str, Any]]:
    return list(terminal.json_here("jobs", "list", "--all")["jobs"])


def waiting_for_a_lookup(terminal: Terminal) -> int:
    kept = (json.loads(one.read_bytes()) for one in terminal.home.rglob("metadata.json"))
    return sum(one["match"]["pending"] for one in kept)


def change(terminal: Terminal, **columns: Any) -> None:
    """Write into the row of the oldest job."""
    with sqlite3.connect(terminal.home / "registry.db") as registry:
        for name, value in columns.items():
            registry.execute(f"UPDATE jobs SET {name} = ? WHERE number = 1", [value])  # noqa: S608
    registry.close()


def test_a_token_in_the_address_of_a_download_is_kept_nowhere(terminal: Terminal) -> None:
    address = pasted(terminal, f"{GGUF}/blob/main/{QUANT}")
    queued = terminal.here("download", address, "--queue", "--json")
    job = json.loads(queued.stdout)
    assert (job["title"], job["parameters"]["repo"]) == (f"{GGUF} {QUANT}", GGUF)
    assert (job["parameters"]["revision"], job["parameters"]["files"]) == ("main", [QUANT])
    listed = terminal.here("jobs", "list", "--all", "--json")
    assert PASTED not in queued.stdout + queued.stderr + listed.stdout
    assert [one["state"] for one in terminal.json_here("jobs", "run")["jobs"]] == ["done"]
    assert len(terminal.models()) == 1
    keeps_no_secret(terminal)


def test_a_token_in_the_address_of_a_lookup_is_kept_nowhere(terminal: Terminal) -> None:
    model = terminal.json_here("download", LORA)["imported"][0]["model_id"]
    found = terminal.here("lookup", model, "--repo", pasted(terminal, f"{LORA}/tree/main"))
    assert found.returncode == 0, found.stderr
    shown = terminal.json_here("jobs", "list", "--all")["jobs"][0]
    assert (shown["parameters"]["repo"], shown["parameters"]["revision"]) == (LORA, "main")
    keeps_no_secret(terminal)


def test_a_token_in_a_wrong_address_is_not_shown(terminal: Terminal) -> None:
    wrong = f"https://user:{PASTED}@example.org/o/m?token={PASTED}"
    for command in (["download", wrong], ["download", wrong, "--queue"]):
        said = terminal.here(*command)
        assert said.returncode == 2
        assert "example.org/o/m" in said.stderr
        assert PASTED not in said.stdout + said.stderr
    keeps_no_secret(terminal)


@pytest.mark.parametrize(
    "parameters",
    [
        {"repo": 7, "files": []},
        {"repo": LORA, "files": "pixel-art.safetensors"},
        {"repo": LORA, "files": [None]},
        {"repo": LORA, "quant": ["Q4"]},
        {"repo": LORA, "everything": "no"},
        {"repo": LORA, "root_id": {"a": 1}},
        {"repo": LORA, "revision": 3},
        {"repo": LORA, "surprise": True},
        {"files": []},
    ],
)
def test_a_changed_row_fails_and_the_next_download_is_done(
    terminal: Terminal, parameters: dict[str, Any]
) -> None:
    terminal.json_here("download", GGUF, QUANT, "--queue")
    terminal.json_here("download", LORA, "--queue")
    change(terminal, parameters=json.dumps(parameters))
    done = terminal.json_here("jobs", "run", code=1)["jobs"]
    assert sorted(one["state"] for one in done) == ["done", "failed"]
    failed = next(one for one in done if one["state"] == "failed")
    assert failed["error"]["code"] == "invalid-value"
    assert "parameters of a download" in failed["error"]["message"]
    assert len(terminal.models()) == 1


@pytest.mark.parametrize(
    "parameters",
    [{}, {"ids": "abc"}, {"ids": [1]}, {"ids": [], "repo": LORA}, {"ids": [], "everything": 1}],
)
def test_a_changed_row_is_no_lookup(terminal: Terminal, parameters: dict[str, Any]) -> None:
    terminal.json_here("download", GGUF, QUANT, "--queue")
    change(terminal, kind="lookup", parameters=json.dumps(parameters))
    done = terminal.json_here("jobs", "run", code=1)["jobs"]
    assert done[0]["error"]["code"] == "invalid-value"


def test_a_job_that_fails_in_no_foreseen_way_stops_no_other(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    from model_library.hf.provider import HuggingFace

    details = HuggingFace.details

    def hostile(self: HuggingFace, repo: str, revision: str | None = None) -> Any:
        if repo == GGUF:
            raise RecursionError("deep")
        return details(self, repo, revision)

    terminal.json_here("download", GGUF, QUANT, "--queue")
    terminal.json_here("download", LORA, "--queue")
    monkeypatch.setattr(HuggingFace, "details", hostile)
    ran = terminal.here("jobs", "run")
    assert (ran.returncode, "Traceback" in ran.stderr) == (1, False)
    assert "RecursionError" in ran.stderr
    failed = terminal.json_here("jobs", "list", "--all")["jobs"]
    assert [one["error"]["code"] for one in failed if one["state"] == "failed"] == ["unexpected"]
    assert len(terminal.models()) == 1


def failed_download(terminal: Terminal) -> tuple[str, Rule]:
    """Id of a download of which a little has arrived, and what it fails of."""
    rule = terminal.hub.faults.add(Status(404), "/stored/*")
    assert terminal.here("download", GGUF, QUANT).returncode == 1
    (failed,) = (one for one in all_jobs(terminal) if one["state"] == "failed")
    (staged,) = (terminal.home / "models" / STAGING).iterdir()
    (staged / "arrived").write_bytes(b"some bytes")
    return failed["job_id"], rule


def test_clear_keeps_a_failed_download_that_can_go_on(terminal: Terminal) -> None:
    terminal.json_here("download", LORA)
    failed, rule = failed_download(terminal)
    cleared = terminal.here("jobs", "clear")
    assert "1 failed download was kept" in cleared.stderr
    assert "1 job forgotten" in cleared.stdout
    assert [one["job_id"] for one in all_jobs(terminal)] == [failed]
    assert len(terminal.staged()) == 1
    rule.off()
    assert terminal.here("jobs", "resume", failed).returncode == 0
    assert terminal.json_here("jobs", "clear") == {"forgotten": 1}
    assert (len(terminal.models()), terminal.staged()) == (2, [])


def test_clear_forgets_a_failed_download_that_was_cancelled(terminal: Terminal) -> None:
    failed, _ = failed_download(terminal)
    assert terminal.here("jobs", "cancel", failed).returncode == 0
    assert terminal.staged() == []
    assert terminal.json_here("jobs", "clear") == {"forgotten": 1}
    assert all_jobs(terminal) == []


def test_clear_forgets_a_failed_download_of_which_nothing_is_there(terminal: Terminal) -> None:
    failed_download(terminal)
    (staged,) = (terminal.home / "models" / STAGING).iterdir()
    shutil.rmtree(staged)
    assert terminal.json_here("jobs", "clear") == {"forgotten": 1}


@dataclass(frozen=True, slots=True)
class Late(Fault):
    """The answer comes after a moment."""

    def on_reply(self, request: Request, reply: Reply) -> Reply:  # noqa: ARG002 - of Fault
        time.sleep(0.3)
        return reply


def test_an_import_also_looks_up_a_few_others(terminal: Terminal, tmp_path: Path) -> None:
    lora(tmp_path / "old" / "other.safetensors", seed=1)
    lora(tmp_path / "in" / "pixel-art.safetensors", seed=2)
    terminal.json_here("import", str(tmp_path / "old"), "--offline")
    assert waiting_for_a_lookup(terminal) == 1
    terminal.json_here("import", str(tmp_path / "in"))
    assert waiting_for_a_lookup(terminal) == 0


def test_an_import_does_not_wait_for_a_hub_that_is_slow(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_operations, "LOOKUPS_LAST", 0.5)
    monkeypatch.setattr(hub_operations, "LOOKUPS_SHARE", 0.0)
    for number in range(48):
        lora(tmp_path / "in" / f"of kind {number}.safetensors", seed=number)
    terminal.hub.faults.add(Late(), "/api/*")
    begun = time.monotonic()
    assert len(terminal.json_here("import", str(tmp_path / "in"))["imported"]) == 48
    took = time.monotonic() - begun
    waiting = waiting_for_a_lookup(terminal)
    assert (took < 20, waiting > 0) == (True, True), (took, waiting)
