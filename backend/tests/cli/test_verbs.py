"""Help and completion know every verb without importing one."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from model_library.cli.verbs import VERBS, Named

IMPORTED = """
import atexit, sys
from model_library.cli.main import run
atexit.register(lambda: sys.stderr.write(" ".join(one for one in sys.modules if one.endswith("_cmd"))))
run(sys.argv[1:])
"""


@pytest.mark.parametrize("name", VERBS)
def test_help_lists_a_verb_as_the_verb_describes_itself(name: str) -> None:
    itself = Named(name).verb()
    for width in (20, 45, 62, 200):
        assert Named(name).get_short_help_str(width) == itself.get_short_help_str(width)
    assert itself.name == name


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", IMPORTED, *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_imports_no_verb() -> None:
    done = run("--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert all(name in done.stdout for name in VERBS)


def test_the_help_of_a_verb_imports_only_that() -> None:
    done = run("list", "--help")
    assert (done.returncode, done.stderr) == (0, "model_library.cli.list_cmd")
    assert "Usage: model-library list [OPTIONS]" in done.stdout


def test_completion_of_verbs_imports_none() -> None:
    done = run(_MODEL_LIBRARY_COMPLETE="complete_zsh", _TYPER_COMPLETE_ARGS="model-library l")
    assert done.stderr == ""
    assert [name for name in VERBS if f'"{name}"' in done.stdout] == ["list", "lookup", "link"]


def test_completion_inside_a_verb_is_its_own() -> None:
    done = run(_MODEL_LIBRARY_COMPLETE="complete_zsh", _TYPER_COMPLETE_ARGS="model-library jobs p")
    assert done.stderr == "model_library.cli.jobs_cmd"
    assert '"pause"' in done.stdout
