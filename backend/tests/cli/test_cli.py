"""The command line as scripts and people use it: exit codes, one JSON document, readable text."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from model_library.search.query import FIELDS
from tests.cli.program import as_json, document, mlib, program
from tests.factory import lora, padded, shards

IMPATIENT = """
import sys
from model_library.api import core
from model_library.cli.main import run
from model_library.config import Settings
core.Settings = lambda: Settings(lock_timeout=0.2)
run(sys.argv[1:])
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "library"


def test_a_whole_round(home: Path, tmp_path: Path) -> None:
    """Each command is a process of its own."""

    def answer(*arguments: str) -> Any:
        return document(program(home, *arguments, "--json"))

    source = tmp_path / "in"
    lora(source / "pixel-art.safetensors")
    imported = answer("import", str(source))
    assert set(imported) >= {"imported", "duplicates", "skipped", "failed"}
    (model,) = imported["imported"]
    model_id = model["model_id"]
    assert answer("list")["total"] == 1
    found = answer("search", "pixel", "a")
    assert {"total", "took_ms", "models"} <= set(found)
    assert found["models"][0]["model_id"] == model_id
    assert answer("show", "pixel")["files"][0]["sha256"] == model["files"][0]["sha256"]
    assert answer("edit", "pixel", "--set", "notes=a b")["notes"] == "a b"
    assert answer("edit", "pixel", "--unset", "notes")["notes"] is None
    assert answer("delete", "pixel")["trash"]
    assert answer("list", "--trash")["total"] == 1
    assert answer("restore", "pixel")["model_id"] == model_id
    assert answer("scan", "--deep")["models"] == 1
    assert answer("verify")["intact"] == [model_id]
    assert answer("status")["models"] == 1
    assert answer("doctor")["healthy"] is True
    assert answer("import", str(source))["duplicates"][0]["model_id"] == model_id


def test_people_read_tables(home: Path, tmp_path: Path) -> None:
    lora(tmp_path / "in" / "pixel-art.safetensors")
    done = mlib(home, "import", str(tmp_path / "in"))
    assert "imported  pixel-art-" in done.stdout
    assert "1 imported" in done.stdout
    for command, expected in (
        (["list"], "1-1 of 1 model "),
        (["search", "nothing-like-it"], "0 models"),
        (["search", "pixel", "--facets"], "kind: adapter 1\nadapter_type: lora 1"),
        (["list"], "  adapter (lora)  "),
        (["show", "pixel"], "SHA-256"),
        (["verify"], "1 intact, 0 damaged"),
        (["scan"], "1 model in"),
        (["status"], "1 (8.8 KiB)"),
        (["status"], "adapter 1 (lora 1)"),
        (["status"], "1 model waiting"),
        (["root", "list"], "managed (home)"),
        (["doctor"], "SQLite"),
        (["list", "--trash"], "The trash is empty."),
        (["edit", "pixel", "--set", "kind=vae"], "kind (found: adapter)"),
        (["edit", "pixel", "--unset", "kind,adapter_type"], "tensor_keys"),
        (["import", str(tmp_path / "in")], "duplicate of pixel-art-"),
        (["delete", "pixel"], "to the trash"),
        (["list", "--trash"], f"{datetime.now(UTC):%Y-}"),
        (["list", "--trash"], "1 model (8.8 KiB)"),
        (["restore", "pixel"], "restored pixel-art-"),
        (["delete", "pixel", "--purge"], "freed"),
    ):
        shown = mlib(home, *command)
        assert expected in shown.stdout, (command, shown)
        assert shown.returncode == 0


def test_several_models_are_edited_at_once(home: Path, tmp_path: Path) -> None:
    for number, name in enumerate(("alpha", "beta")):
        lora(tmp_path / "in" / f"{name}.safetensors", seed=number)
    mlib(home, "import", str(tmp_path / "in"), "--offline")
    mlib(home, "edit", "alpha", "--set", "tags=mine")
    done = mlib(home, "edit", "alpha", "beta", "nothing", "--add-tag", "a,b", "--json")
    answer = json.loads(done.stdout)
    assert done.returncode == 1
    assert [model["tags"] for model in answer["edited"]] == [["mine", "a", "b"], ["a", "b"]]
    assert [one["error"]["code"] for one in answer["failed"]] == ["model-not-found"]
    people = mlib(home, "edit", "alpha", "nothing", "--remove-tag", "a", "--set", "license=mit")
    assert people.returncode == 1
    assert "1 model edited" in people.stdout
    assert "nothing: " in people.stderr
    assert document(mlib(home, "show", "alpha", "--json"))["tags"] == ["mine", "b"]
    assert mlib(home, "edit", "alpha", "beta").returncode == 2


def test_a_filter_that_does_not_exist_is_named_with_those_that_do(home: Path) -> None:
    done = mlib(home, "search", "knd:lora")
    assert done.returncode == 0
    assert "No filter is named 'knd'" in done.stderr
    assert "Did you mean kind:" in done.stderr
    assert "family" in done.stderr
    for text in ("kind:lora", "https://host/path", "tag:", "plain", 'tag:"a:b"'):
        assert "No filter" not in mlib(home, "search", text).stderr


def test_a_value_that_is_not_understood_is_named(home: Path) -> None:
    done = mlib(home, "search", "size:>abc", "kind:lroa")
    assert done.returncode == 0
    assert "'>abc' is no size" in done.stderr
    assert "'lroa' is no kind; nothing can be found by it. Did you mean lora?" in done.stderr
    answer = as_json(home, "search", "size:>abc")
    assert [one["code"] for one in answer["warnings"]] == ["unknown-value"]
    assert as_json(home, "list", "--container", "ggfu")["warnings"][0]["hint"].startswith(
        "Possible: "
    )
    assert as_json(home, "search", "size:>4GB")["warnings"] == []


def test_the_help_of_search_names_every_filter(home: Path) -> None:
    shown = mlib(home, "search", "--help").stdout.replace(",", " ").split()
    assert [name for name in FIELDS if name not in shown] == []


def test_several_models_are_deleted_and_restored_at_once(home: Path, tmp_path: Path) -> None:
    for number in range(3):
        lora(tmp_path / "in" / f"style-{number}.safetensors", seed=number)
    mlib(home, "import", str(tmp_path / "in"))
    done = as_json(home, "delete", "style-0", "nothing", "style-1", code=1)
    assert [one["model_id"][:7] for one in done["deleted"]] == ["style-0", "style-1"]
    assert done["failed"][0]["error"]["code"] == "model-not-found"
    back = as_json(home, "restore", "style-0", "style-1")
    assert ([m["state"] for m in back["restored"]], back["failed"]) == (["online", "online"], [])
    shown = mlib(home, "delete", "style-0", "nothing", "style-1")
    assert (shown.returncode, shown.stdout.count(" to the trash")) == (1, 2)
    assert "'nothing'" in shown.stderr


def test_the_trash_is_emptied_only_on_purpose(home: Path, tmp_path: Path) -> None:
    for number in range(2):
        lora(tmp_path / "in" / f"style-{number}.safetensors", seed=number)
    mlib(home, "import", str(tmp_path / "in"))
    mlib(home, "delete", "style-0")
    for wrong in (
        ["delete"],
        ["delete", "--all"],
        ["delete", "--all", "--yes"],
        ["delete", "--from-trash", "--all", "style-0", "--yes"],
        ["delete", "--from-trash", "--all"],
    ):
        assert mlib(home, *wrong).returncode == 2, wrong
    assert as_json(home, "delete", "--from-trash", "--all", code=2)["error"]["hint"]
    assert as_json(home, "list", "--trash")["models"][0]["deleted"]
    assert "1 model from the trash" in mlib(home, "delete", "--from-trash", "--all", "--yes").stdout
    assert as_json(home, "delete", "--from-trash", "--all")["deleted"] == []
    assert as_json(home, "list")["total"] == 1


def test_a_person_is_asked_before_the_trash_is_emptied(home: Path, tmp_path: Path) -> None:
    lora(tmp_path / "in" / "a.safetensors")
    mlib(home, "import", str(tmp_path / "in"))
    mlib(home, "delete", "a-")
    for answer, left in ((b"n\n", 1), (b"y\n", 0)):
        terminal, theirs = os.openpty()
        os.write(terminal, answer)
        done = subprocess.run(
            [sys.executable, "-m", "model_library", "delete", "--from-trash", "--all"],
            env=os.environ | {"MODEL_LIBRARY": str(home)},
            stdin=theirs,
            capture_output=True,
            timeout=60,
            check=False,
        )
        os.close(terminal)
        os.close(theirs)
        assert b"for good?" in done.stderr
        assert done.returncode == left
        assert as_json(home, "list", "--trash")["total"] == left


def test_a_missing_shard_is_said_once(home: Path, tmp_path: Path) -> None:
    shards(tmp_path / "llm", 3, without=2)
    done = mlib(home, "import", str(tmp_path / "llm"))
    assert done.stderr.count("llm-00002-of-00003.safetensors") == 1
    shown = mlib(home, "show", "llm").stdout
    assert f"{home}/models/llm/llama/llm/llm-00001-of-00003.safetensors" in shown
    assert shown.count("SHA-256") == 2


def test_a_root_without_a_marker_is_said_to_be_lost_when_it_moves(
    home: Path, tmp_path: Path
) -> None:
    path = lora(tmp_path / "theirs" / "a.safetensors")
    kind = ["--mode", "referenced"]
    done = mlib(home, "root", "add", str(path.parent), *kind, "--no-marker")
    assert "root relocate" in done.stderr
    (tmp_path / "marked").mkdir()
    assert "relocate" not in mlib(home, "root", "add", str(tmp_path / "marked"), *kind).stderr
    other = lora(tmp_path / "others" / "b.safetensors", seed=1)
    assert "root relocate" in mlib(home, "import", "--place", "reference", str(other)).stderr


def test_inspect_needs_no_library(home: Path, tmp_path: Path) -> None:
    path = lora(tmp_path / "a.safetensors")
    bad = tmp_path / "b.safetensors"
    bad.write_text("nothing of the kind")
    model, wrong = as_json(home, "inspect", str(path), str(bad), code=1)["models"]
    assert model["valid"] is True
    assert (model["kind"], model["security"]["tier"]) == ("adapter", "safe-format")
    assert model["paths"] == [str(path)]
    assert (wrong["valid"], wrong["error"]["code"]) == (False, "not-a-model")
    shown = mlib(home, "inspect", str(path), str(bad))
    assert "tensor_keys" in shown.stdout
    assert "error:" in shown.stderr
    assert "No model" in mlib(home, "inspect", str(tmp_path / "none")).stdout + "No model"
    assert not home.exists()


def test_exit_codes(home: Path, tmp_path: Path) -> None:
    assert mlib(home, "import", str(tmp_path / "missing")).returncode == 1
    assert program(home, "show", "nothing").returncode == 1
    assert mlib(home, "list", "--limit", "-1").returncode == 2
    assert program(home, "nonsense").returncode == 2
    assert mlib(home, "list", "--sort", "colour").returncode == 2
    assert mlib(home, "import", str(tmp_path), "--kind", "nonsense").returncode == 2
    assert mlib(home, "root", "remove", "nope").returncode == 1
    (tmp_path / "file").write_text("x")
    assert mlib(tmp_path / "file", "list").returncode == 2
    assert mlib(home, "--help").returncode == 0
    assert mlib(home, "--version").stdout.startswith("model-library ")


def test_an_error_with_json_is_json_too(home: Path) -> None:
    error = as_json(home, "show", "nothing", code=1)["error"]
    assert error["code"] == "model-not-found"
    assert error["hint"]


def test_wrong_usage_with_json_is_json_too(home: Path) -> None:
    assert as_json(home, "list", "--sort", "colour", code=2)["error"]["code"] == "usage"


def test_what_was_passed_over_is_said(home: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    assert "No model was found" in mlib(home, "import", str(tmp_path / "in")).stdout
    for number in range(7):
        (tmp_path / "in" / f"{number}.txt").write_text("x")
    assert "skipped  7 x not a model file" in mlib(home, "import", str(tmp_path / "in")).stdout


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_nothing_is_cut_on_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    from model_library.cli.output import Output
    from model_library.cli.rendering import show_models

    name = "a-very-long-name-that-does-not-fit-into-sixty-columns-at-all"
    model = {"model_id": f"{name}-00000000", "official_name": name, "size": 1, "kind": "vae"}
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    for variable, value in (("COLUMNS", "60"), ("TERM", "dumb")):
        monkeypatch.setenv(variable, value)
    show_models(Output(as_json=False), [model])
    assert max(map(len, terminal.getvalue().splitlines())) <= 60
    drawn = "".join(terminal.getvalue().split())
    assert "\u2026" not in drawn
    assert "Name" in drawn


def test_roots_by_hand(home: Path, tmp_path: Path) -> None:
    drive, moved = tmp_path / "drive", tmp_path / "x" / "y"
    drive.mkdir()
    added = as_json(home, "root", "add", str(drive))
    assert len(as_json(home, "root", "list")["roots"]) == 2
    moved.parent.mkdir()
    drive.rename(moved)
    assert "relocated" in mlib(home, "root", "relocate", added["root_id"], str(moved)).stdout
    assert "removed" in mlib(home, "root", "remove", added["root_id"][:8]).stdout
    assert (moved / ".root.json").exists()


def test_a_drive_works_on_as_many_files_as_the_user_says(home: Path) -> None:
    drive, *_ = as_json(home, "root", "drives")["drives"]
    assert drive["at_once"] in (1, 2)
    assert mlib(home, "root", "drives", "--limit", f"{drive['key']}=5").returncode == 0
    assert as_json(home, "root", "drives")["drives"][0]["at_once"] == 5
    assert mlib(home, "root", "drives", "--limit", f"{drive['key']}=none").returncode == 2
    assert mlib(home, "root", "drives", "--limit", "nothing=2").returncode == 2


def test_hostile_names_cannot_drive_the_terminal(home: Path, tmp_path: Path) -> None:
    lora(tmp_path / "in" / "evil\x1b[2J\x07name.safetensors")
    done = mlib(home, "import", str(tmp_path / "in"))
    listed = mlib(home, "list")
    for text in (done.stdout, done.stderr, listed.stdout):
        assert "\x1b" not in text
        assert "\x07" not in text
    assert as_json(home, "list")["total"] == 1


INTERRUPTED = """
import os, sys
from model_library.cli import main

number = int(sys.argv[1])
struck = False

def strike(event, arguments):
    global struck
    if event == "open" and not struck and ".safetensors" in str(arguments[0]) and ".staging" in str(arguments[0]):
        struck = True
        os.kill(os.getpid(), number)

sys.addaudithook(strike)
main.run(sys.argv[2:])
"""
"""The program, which gets a signal when its first copy begins."""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_nothing_behind(
    home: Path, tmp_path: Path, number: signal.Signals
) -> None:
    source = tmp_path / "in"
    for one in range(4):
        padded(source / f"big-{one}.safetensors", 48, seed=one)
    child = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, str(number.value), "import", str(source)],
        env={**os.environ, "MODEL_LIBRARY": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert child.returncode == 130
    assert "Interrupted" in child.stderr or child.stderr == ""
    assert not (home / "models" / ".staging").exists()
    assert not list((home / "locks").glob("job-*"))
    assert len(list(source.iterdir())) == 4


INTERRUPTED_STARTING = """
import os, signal, sys, threading
from model_library.cli import main

left = int(sys.argv[1])
start = threading.Thread.start

def struck(thread):
    global left
    start(thread)
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGINT)

threading.Thread.start = struck
main.run(sys.argv[2:])
"""
"""The program, which gets a signal while it starts one of its threads."""


@pytest.mark.parametrize("number", range(1, 9))
def test_an_interrupt_while_a_thread_is_started_leaves_nothing_running(
    home: Path, tmp_path: Path, number: int
) -> None:
    source = tmp_path / "in"
    for one in range(2):
        padded(source / f"big-{one}.safetensors", 48, seed=one)
    child = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_STARTING, str(number), "import", str(source)],
        env={**os.environ, "MODEL_LIBRARY": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert child.returncode == 130
    assert "Traceback" not in child.stderr
    assert not (home / "models" / ".staging").exists()
    assert not list((home / "locks").glob("job-*"))


def test_a_busy_library_is_exit_code_3(home: Path, tmp_path: Path) -> None:
    from filelock import FileLock

    lora(tmp_path / "in" / "a.safetensors")
    mlib(home, "import", str(tmp_path / "in"))
    with FileLock(home / "locks" / "library.lock"):
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                IMPATIENT,
                "delete",
                "a-",
                "--json",
            ],
            env=os.environ | {"MODEL_LIBRARY": str(home)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 3
    assert json.loads(done.stdout)["error"]["code"] == "library-busy"


def test_output_into_a_closed_pipe_is_no_traceback(home: Path, tmp_path: Path) -> None:
    lora(tmp_path / "in" / "a.safetensors")
    mlib(home, "import", str(tmp_path / "in"))
    done = subprocess.run(  # noqa: S602 - a pipe is what is tested
        f"{sys.executable} -m model_library list --json --library {home} | true",
        shell=True,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr


def test_completion_is_offered(home: Path) -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "model_library"],
        env=os.environ
        | {
            "MODEL_LIBRARY": str(home),
            "_MODEL_LIBRARY_COMPLETE": "complete_bash",
            "COMP_WORDS": "model-library ver",
            "COMP_CWORD": "1",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "verify" in shown.stdout
