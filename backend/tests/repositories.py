"""Real git repositories, made where a test needs them and with nothing of the user's settings."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from model_library.samples.comfyui import write_installation

_NOBODY = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "nobody",
    "GIT_AUTHOR_EMAIL": "nobody@example.org",
    "GIT_COMMITTER_NAME": "nobody",
    "GIT_COMMITTER_EMAIL": "nobody@example.org",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",  # a commit, packed, is as long as another then
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
}


def git(directory: Path, *arguments: str) -> str:
    """Run git in a directory; what it prints."""
    done = subprocess.run(
        ["git", *arguments],
        cwd=directory,
        env=os.environ | _NOBODY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def commit(directory: Path, message: str, *tags: str, annotated: bool = False) -> None:
    """Commit everything in a directory, which becomes a repository, and tag the commit."""
    if not (directory / ".git").exists():
        git(directory, "init", "--quiet", "--initial-branch", "master")
    git(directory, "add", "--all", "--force")
    git(directory, "commit", "--quiet", "--allow-empty", "--message", message)
    for tag in tags:
        git(directory, "tag", *(("--annotate", "--message", tag) if annotated else ()), tag)


def comfyui_repository(
    directory: Path, versions: Sequence[str] = ("0.5.0", "0.6.0"), *, annotated: bool = False
) -> Path:
    """A repository of the stand-in ComfyUI with a commit and a tag `v<version>` for each version."""
    for version in versions:
        write_installation(directory, version)
        commit(directory, version, f"v{version}", annotated=annotated)
    return directory
