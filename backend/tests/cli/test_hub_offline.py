"""Offline is normal: nothing local waits for the Hub, what was asked once is known, what waits is done later."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.at_the_hub import (
    FRIEND,
    GGUF,
    LORA,
    QUANT,
    SHARDED,
    TOKEN,
    Terminal,
    hurried,
    is_one_clear_message,
    tiny_repos,
)
from tests.cli.program import Result
from tests.factory import lora, shards
from tests.hub import running_hub
from tests.hub.faults import Hang

MODELS = 50
WAITING = 7.0
"""Seconds that a call waits for an answer; a command that takes less than this and its start did not wait."""


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    with running_hub(tiny_repos(tmp_path / "made"), users=[FRIEND]) as hub, hurried():
        yield Terminal(tmp_path / "library", hub)


def many(folder: Path) -> Path:
    for number in range(MODELS):
        lora(folder / f"style-{number:02}.safetensors", seed=100 + number)
    return folder


def timed(terminal: Terminal, *command: str) -> tuple[float, Result]:
    began = time.monotonic()
    done = terminal.mlib(*command)
    return time.monotonic() - began, done


# -- a batch -----------------------------------------------------------------------------------------


def test_fifty_files_are_imported_with_at_most_two_hundred_calls(
    terminal: Terminal, tmp_path: Path
) -> None:
    source = many(tmp_path / "in")
    lora(source / "pixel-art.safetensors")
    done = terminal.json("import", str(source))
    assert len(done["imported"]) == MODELS + 1
    assert len(terminal.hub.requests) <= 4 * MODELS  # on a busy machine it does not wait for any
    assert terminal.hub.quota.overdrawn == 0
    looked = terminal.json("lookup")
    assert looked["pending"] == 0
    assert 0 < len(terminal.hub.requests) <= 4 * (MODELS + 1)
    assert terminal.json_here("show", "pixel-art")["match"]["method"] == "hash"


def test_placing_never_waits_for_a_hub_that_hangs(terminal: Terminal, tmp_path: Path) -> None:
    source = many(tmp_path / "in")
    lora(source / "pixel-art.safetensors")
    offline, done = timed(
        terminal.having(MODEL_LIBRARY=str(tmp_path / "other")), "import", str(source), "--offline"
    )
    assert done.returncode == 0
    rule = terminal.hub.faults.add(Hang())
    hanging, done = timed(terminal, "import", str(source))
    assert done.returncode == 0, done
    assert hanging < 2 * offline + 3
    assert len(terminal.models()) == MODELS + 1
    assert all(model["match"]["pending"] for model in terminal.models())
    rule.off()
    looked = terminal.json("lookup")
    assert looked["pending"] == 0
    outcomes = {model["model_id"]: model["outcome"] for model in looked["models"]}
    assert len(outcomes) == MODELS + 1
    art = next(name for name in outcomes if name.startswith("pixel-art"))
    assert outcomes[art] == "matched"
    assert terminal.json_here("show", art)["license"] == "openrail"


# -- offline -----------------------------------------------------------------------------------------


def test_offline_is_known_within_seven_seconds_and_then_at_once(
    terminal: Terminal, tmp_path: Path
) -> None:
    lora(tmp_path / "in" / "one.safetensors")
    terminal.mlib("import", str(tmp_path / "in"), "--offline")
    began = time.monotonic()
    base, _ = timed(terminal, "list")
    terminal.hub.faults.add(Hang())
    first, done = timed(terminal, "find", "tiny", "--json")
    assert json.loads(done.stdout)["error"]["code"] == "timed-out"
    is_one_clear_message(done)
    assert first < WAITING + 3 * base + 5
    asked = len(terminal.hub.requests)
    for command in (["find", "pixel"], ["download", GGUF, QUANT], ["lookup"]):
        took, done = timed(terminal, *command)
        assert done.returncode == 1
        assert "does not answer since" in is_one_clear_message(done)
        assert took < WAITING + base
    assert len(terminal.hub.requests) == asked
    assert terminal.here("find", "pixel", "--again").returncode == 1
    assert len(terminal.hub.requests) == asked + 1
    for command in (["list"], ["search", "one"], ["show", "one"], ["verify"], ["status"]):
        took, done = timed(terminal, *command)
        assert done.returncode == 0
        assert took < WAITING + base
    assert "does not answer" in done.stdout
    assert time.monotonic() - began < 60


def test_what_is_wanted_again_is_asked_at_once(terminal: Terminal, tmp_path: Path) -> None:
    for number in range(3):
        lora(tmp_path / "in" / f"pixel-art-{number}.safetensors", seed=number)
    terminal.mlib("import", str(tmp_path / "in"), "--offline")
    terminal.hub.stop()
    assert terminal.here("find", "tiny").returncode == 1
    terminal.hub.restart()
    assert "does not answer since" in is_one_clear_message(terminal.here("lookup"))
    looked = terminal.json_here("lookup", "--again")
    assert (len(looked["models"]), looked["pending"]) == (3, 0)
    assert terminal.json_here("find", "tiny")["models"]


@pytest.mark.parametrize("way", ["refused", "no such name", "untrusted", "switched off"])
def test_without_a_way_to_the_hub_it_is_one_clear_message(
    terminal: Terminal, tmp_path: Path, way: str
) -> None:
    lora(tmp_path / "in" / "pixel-art.safetensors")
    words = {
        "refused": ("connection-failed", "refused"),
        "no such name": ("connection-failed", "name cannot be found"),
        "untrusted": ("tls-failed", "certificate"),
        "switched off": ("offline", "switched off"),
    }
    code, said = words[way]
    with running_hub(tls=True) as other:
        there = terminal
        if way == "refused":
            terminal.hub.stop()
        elif way == "no such name":
            there = terminal.having(HF_ENDPOINT="https://hub.invalid")
        elif way == "untrusted":
            there = terminal.having(HF_ENDPOINT=other.endpoint)
        else:
            there = terminal.having(HF_HUB_OFFLINE="1")
        assert there.here("import", str(tmp_path / "in")).returncode == 0
        for command in (["find", "tiny"], ["find", GGUF], ["download", GGUF, QUANT]):
            done = there.here(*command, "--json")
            found = json.loads(done.stdout)["error"]
            assert found["code"] in {code, "offline"}, done
            is_one_clear_message(done)
            if command == ["find", "tiny"] and way != "switched off":
                assert said in found["message"] or found["code"] == "offline"
        looked = there.here("lookup", "--json")
        assert looked.returncode == 1
        assert json.loads(looked.stdout)["pending"] == 1
    assert there.staged() == []
    if way == "refused":
        terminal.hub.restart()
    for path in (terminal.home / "cache").glob("network.db*"):
        path.unlink()
    assert terminal.json_here("lookup")["models"][0]["outcome"] == "matched"
    assert len(terminal.json_here("download", GGUF, QUANT)["imported"]) == 1
    terminal.check_every_file()


def test_answers_that_are_kept_are_served_and_labelled(terminal: Terminal) -> None:
    assert "answer" not in terminal.here("find", GGUF).stdout
    terminal.here("find", "tiny")
    terminal.hub.stop()
    assert "kept answer" in terminal.here("find", GGUF).stdout
    assert "kept answer" in terminal.here("find", "tiny").stdout
    old = terminal.here("find", "tiny", answers_fresh=0.0)
    assert (old.returncode, "old answer" in old.stdout) == (0, True)
    assert terminal.json_here("find", GGUF, answers_fresh=0.0)["freshness"] == "stale"
    switched_off = terminal.json_here("find", GGUF, offline=True)
    assert switched_off["freshness"] == "cached"
    other = terminal.here("find", "another")
    assert other.returncode == 1
    is_one_clear_message(other)
    terminal.hub.restart()


def test_a_clock_that_jumps_leaves_answers_and_hosts_usable(terminal: Terminal) -> None:
    """The moments that were noted are of another year now, before or after."""
    terminal.here("find", GGUF)
    terminal.hub.faults.add(Hang())
    terminal.here("find", "tiny")
    terminal.hub.faults.clear()
    for shift in (400 * 86400, -400 * 86400):
        for name in ("network.db", "answers.db"):
            path = terminal.home / "cache" / name
            with closing(sqlite3.connect(path)) as connection:
                assert shift_times(connection, shift) > 0
        assert terminal.here("find", "tiny").returncode == 0, shift
        assert terminal.here("find", GGUF).returncode == 0, shift


def shift_times(connection: sqlite3.Connection, shift: int) -> int:
    """Move every number that is a moment of these years; returns how many."""
    tables = [
        row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
    ]
    for table in tables:
        for column in [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]:
            connection.execute(
                f'UPDATE "{table}" SET "{column}" = "{column}" + ?'  # noqa: S608 - its own names
                f" WHERE typeof(\"{column}\") IN ('real', 'integer') AND abs(\"{column}\" - 1800000000) < 300000000",
                (shift,),
            )
    connection.commit()
    return connection.total_changes


# -- what a model lacks -------------------------------------------------------------------------------


def test_missing_shards_are_named_and_one_download_completes_the_model(
    terminal: Terminal, tmp_path: Path
) -> None:
    shards(tmp_path / "in", 3, without=2)
    (model,) = terminal.json_here("import", str(tmp_path / "in"), "--offline")["imported"]
    looked = terminal.json_here("lookup", model["model_id"], "--repo", SHARDED)
    (missing,) = looked["models"][0]["missing"]
    assert missing["path"] == "llm-00002-of-00003.safetensors"
    shown = terminal.here("lookup", model["model_id"])
    assert f"`download {SHARDED} {missing['path']}` completes it" in shown.stderr
    done = terminal.here("download", SHARDED, missing["path"])
    assert done.returncode == 0, done
    (whole,) = terminal.models()
    assert whole["model_id"] == model["model_id"]
    assert sum(file["role"] == "weight" for file in whole["files"]) == 3
    assert terminal.staged() == []
    terminal.check_every_file()


def test_the_token_is_in_no_output_and_no_file(terminal: Terminal) -> None:
    friend = terminal.having(HF_TOKEN=TOKEN)
    done = friend.mlib("download", LORA)
    assert (done.returncode, TOKEN in done.stdout + done.stderr) == (0, False)
    assert [one for one in terminal.hub.requests if TOKEN in one.headers.get("authorization", "")]
    for path in terminal.home.rglob("*"):
        if path.is_file():
            held = path.read_bytes()
            assert TOKEN.encode() not in held, path
            assert b"X-Amz-Signature" not in held, path
