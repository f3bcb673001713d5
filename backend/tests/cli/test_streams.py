"""The program where its streams, its directory or its locale are not as usual: never a traceback, and true codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import as_json
from tests.factory import lora

Result = subprocess.CompletedProcess[bytes]
shell_only = pytest.mark.skipif(os.name == "nt", reason="needs a shell of POSIX")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A library with one model, whose name has few friends among the encodings."""
    lora(tmp_path / "in" / "日本 é.safetensors")
    as_json(tmp_path / "library", "import", str(tmp_path / "in"))
    return tmp_path / "library"


def shell(home: Path, command: str, cwd: Path | None = None, **environment: str) -> Result:
    """Run a command line in which `mlib` is the program."""
    return subprocess.run(  # noqa: S602 - what a shell does with streams is what is tested
        command.replace("mlib", f"{sys.executable} -m model_library"),
        shell=True,
        cwd=cwd,
        env=os.environ | {"MODEL_LIBRARY": str(home)} | environment,
        capture_output=True,
        timeout=60,
        check=False,
    )


@shell_only
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_closed_streams_are_none_of_the_files_that_are_opened(
    home: Path, tmp_path: Path, closed: str
) -> None:
    lora(tmp_path / "more" / "second.safetensors", seed=1)
    done = shell(home, f"mlib import {tmp_path / 'more'} --offline {closed}")
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(as_json(home, "verify")["intact"]) == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("verb", ["list", "list --json", "status --json", "status"])
def test_output_that_cannot_be_written_is_one_error(home: Path, verb: str) -> None:
    done = shell(home, f"mlib {verb} >/dev/full")
    assert done.returncode == 1
    assert done.stderr.startswith(b"error: The output cannot be written")
    assert b"Traceback" not in done.stderr
    assert b"ignored" not in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_json_is_utf8_and_words_are_readable_in_every_locale(home: Path, encoding: str) -> None:
    done = shell(home, "mlib list --json", PYTHONIOENCODING=encoding)
    assert json.loads(done.stdout.decode())["models"][0]["official_name"] == "日本 é"
    shown = shell(home, "mlib list", PYTHONIOENCODING=encoding)
    assert (shown.returncode, shown.stderr) == (0, b"")


@shell_only
def test_a_working_directory_that_is_gone_is_said(home: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    done = shell(home, "rmdir ../gone; mlib import some --json", cwd=gone)
    error = json.loads(done.stdout)["error"]
    assert (done.returncode, error["code"]) == (1, "source-not-found")
    assert "working directory" in error["message"]
    gone.mkdir()
    assert shell(home, "rmdir ../gone; mlib list --json", cwd=gone).returncode == 0


@shell_only
@pytest.mark.parametrize("verb", ["list --library", "init"])
def test_a_home_that_nobody_has_is_no_place_for_a_library(home: Path, verb: str) -> None:
    done = shell(home, f"mlib {verb} '~no-such-user/library' --json")
    assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (2, "library-path")


@pytest.mark.skipif(sys.platform != "linux", reason="needs names that are no text")
def test_a_library_at_a_path_that_is_not_utf8_is_refused(home: Path, tmp_path: Path) -> None:
    place = os.fsdecode(os.fsencode(tmp_path) + b"/\xff")
    done = shell(home, 'mlib list --json --library "$PLACE"', PLACE=place)
    assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (2, "library-path")
    assert not Path(place).exists()
