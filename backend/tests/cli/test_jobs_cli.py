"""`jobs` as people and scripts use it: two terminals, one library."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from model_library.cli.jobs_cmd import parse_rate
from model_library.errors import InvalidValueError
from model_library.jobs import Jobs
from model_library.registry import Registry
from model_library.taxonomy import JobKind
from tests.cli.program import as_json, mlib
from tests.factory import lora

MODELS = 60
SLOWLY = """
import sys, time
from model_library.cli import output
from model_library.cli.main import run
from model_library.events import ModelDone
plain = output.Output.notice
def notice(self, event):
    if isinstance(event, ModelDone):
        time.sleep(0.3)
    plain(self, event)
output.Output.notice = notice
from model_library.api import core
from model_library.config import Settings
core.Settings = lambda: Settings(batch_models=1, workers=1)
run(sys.argv[1:])
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.fixture
def importing(home: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """An import in another terminal, which takes a few seconds."""
    for number in range(MODELS):
        lora(tmp_path / "in" / f"{number:03}.safetensors", seed=number)
    command = [sys.executable, "-c", SLOWLY, "import", str(tmp_path / "in"), "--offline"]
    child = subprocess.Popen(
        command,
        env=os.environ | {"MODEL_LIBRARY": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield child
    child.kill()
    child.communicate()


def until_it_says(home: Path, wanted: Any) -> dict[str, Any]:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        jobs = as_json(home, "jobs", "list", "--all")["jobs"] if home.exists() else []
        if jobs and wanted(jobs[0]):
            return dict(jobs[0])
        time.sleep(0.1)
    raise AssertionError("it never did")


def queue(home: Path, *titles: str) -> list[str]:
    """Scans in the queue; returns their ids."""
    mlib(home, "status")
    registry = Registry.open(home / "registry.db", 5)
    jobs = Jobs(registry, home / "locks")
    ids = [jobs.submit(JobKind.SCAN, title, {"deep": False}).job_id for title in titles]
    registry.close()
    return ids


def test_another_terminal_pauses_resumes_and_cancels_an_import(
    home: Path, importing: subprocess.Popen[str]
) -> None:
    job = until_it_says(home, lambda job: job["progress"]["models_done"] > 2)
    assert (job["kind"], job["state"], job["owner"]) == ("import", "running", importing.pid)
    paused = mlib(home, "jobs", "pause", job["job_id"][:6])
    assert (paused.returncode, "running, pausing" in paused.stdout) == (0, True)
    until_it_says(home, lambda job: job["state"] == "paused")
    table = mlib(home, "jobs", "list").stdout
    assert "paused" in table
    assert "%" in table
    assert "in" in table
    assert "1 paused" in mlib(home, "status").stdout
    assert mlib(home, "jobs", "resume", "all").returncode == 0
    until_it_says(home, lambda job: job["state"] == "running")
    assert as_json(home, "jobs", "cancel", "all")["jobs"][0]["job_id"] == job["job_id"]
    assert importing.wait(120) == 130
    assert as_json(home, "jobs", "show", job["job_id"])["state"] == "cancelled"
    assert 0 < as_json(home, "list")["total"] < MODELS


def test_ctrl_c_leaves_a_job_that_goes_on(home: Path, importing: subprocess.Popen[str]) -> None:
    job = until_it_says(home, lambda job: job["progress"]["models_done"] > 2)
    importing.send_signal(signal.SIGINT)
    assert importing.wait(120) == 130
    listed = mlib(home, "jobs", "list")
    assert "interrupted" in listed.stdout
    assert listed.stderr.count("note: 1 job was interrupted") == 1
    assert mlib(home, "status").stderr.count("interrupted") == 1
    assert "interrupted" not in mlib(home, "list").stderr
    resumed = mlib(home, "jobs", "resume", job["job_id"])
    assert (resumed.returncode, "done" in resumed.stdout) == (0, True)
    assert as_json(home, "list")["total"] == MODELS
    shown = mlib(home, "jobs", "show", job["job_id"]).stdout
    assert f"{MODELS} of {MODELS}" in shown or "imported" in shown


def test_the_queue_from_beginning_to_end(home: Path) -> None:
    first, second, third = queue(home, "first", "second", "third")
    assert "queued, " not in mlib(home, "jobs", "list").stdout
    assert as_json(home, "jobs", "priority", second, "5")["priority"] == 5
    assert as_json(home, "jobs", "priority", first, "-5")["priority"] == -5
    listed = as_json(home, "jobs", "list")["jobs"]
    assert [job["title"] for job in listed] == ["second", "third", "first"]
    several = as_json(home, "jobs", "pause", first, third, "ffffffffff", code=1)
    assert [job["state"] for job in several["jobs"]] == ["paused", "paused"]
    assert several["failed"][0]["error"]["code"] == "job-not-found"
    assert "cancelled" in mlib(home, "jobs", "cancel", third).stdout
    assert as_json(home, "jobs", "resume", first)["jobs"][0]["state"] == "queued"
    ran = mlib(home, "jobs", "run")
    assert ran.returncode == 0
    assert ran.stdout.count("done") >= 2
    assert "The queue is empty." in mlib(home, "jobs", "run").stdout
    assert as_json(home, "jobs", "run")["jobs"] == []
    shown = as_json(home, "jobs", "show", second)
    assert (shown["state"], shown["result"]) == ("done", {"models": 0, "gone": 0, "problems": 0})
    assert mlib(home, "jobs", "resume", second).returncode == 1
    assert "There is no such job." in mlib(home, "jobs", "pause", "all").stdout
    assert as_json(home, "jobs", "clear") == {"forgotten": 3}
    assert "0 jobs forgotten" in mlib(home, "jobs", "clear").stdout
    assert "There are no jobs." in mlib(home, "jobs", "list", "--all").stdout


def test_a_failed_job_ends_the_run_with_1_and_says_why(home: Path, tmp_path: Path) -> None:
    mlib(home, "status")
    registry = Registry.open(home / "registry.db", 5)
    jobs = Jobs(registry, home / "locks")
    bad = jobs.submit(JobKind.IMPORT, "bad\x1b[31m", {"paths": [], "place": "\x1b[31m"}).job_id
    strange = jobs.submit(JobKind.SYNC, "strange", {}).job_id
    registry.close()
    ran = mlib(home, "jobs", "run")
    assert ran.returncode == 1
    assert "is no placement" in ran.stderr
    assert "\x1b" not in ran.stdout + ran.stderr
    shown = mlib(home, "jobs", "show", bad)
    assert "is no placement" in shown.stdout
    assert "\x1b" not in shown.stdout
    assert as_json(home, "jobs", "show", strange)["error"]["code"] == "job-state"


def test_an_import_that_failed_in_part_is_not_simply_done(home: Path, tmp_path: Path) -> None:
    lora(tmp_path / "in" / "good.safetensors")
    (tmp_path / "in" / "junk.safetensors").write_bytes(b"no model at all")
    mlib(home, "import", str(tmp_path / "in"), "--offline")
    assert "done, 1 failed" in mlib(home, "jobs", "list", "--all").stdout


def test_a_look_up_that_nobody_could_be_asked_for_is_not_simply_done(
    home: Path, tmp_path: Path
) -> None:
    lora(tmp_path / "in" / "good.safetensors")
    mlib(home, "import", str(tmp_path / "in"), "--offline")
    mlib(home, "lookup")
    assert "done, 1 model still waits: offline" in mlib(home, "jobs", "list", "--all").stdout


def test_limits_are_shown_and_changed(home: Path) -> None:
    assert "no limit" in mlib(home, "jobs", "limits").stdout
    changed = as_json(home, "jobs", "limits", "--at-once", "3", "--bandwidth", "20MB")
    assert changed == {"at_once": 3, "bandwidth": 20_000_000}
    assert "20 MB/s (19.1 MiB/s)" in mlib(home, "jobs", "limits").stdout
    assert as_json(home, "jobs", "limits", "--bandwidth", "none")["bandwidth"] is None
    wrong = as_json(home, "jobs", "limits", "--bandwidth", "fast", code=2)
    assert wrong["error"]["code"] == "invalid-value"
    assert mlib(home, "jobs", "limits", "--at-once", "0").returncode == 2


@pytest.mark.parametrize(
    ("text", "rate"),
    [("20MB", 20_000_000), ("1.5 M", 1_500_000), ("500kb/s", 500_000), ("4096", 4096), ("None", 0)],
)
def test_a_bandwidth_is_read_as_people_write_it(text: str, rate: int) -> None:
    assert parse_rate(text) == rate


@pytest.mark.parametrize("text", ["", "0", "0MB", "-5MB", "20 TB", "MB", "1e9", "20MBs"])
def test_what_is_no_bandwidth_is_refused(text: str) -> None:
    with pytest.raises(InvalidValueError):
        parse_rate(text)
