"""Small filesystems of other kinds for a test, in a mount namespace that vanishes with the test."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]

_UNSHARE = ("unshare", "--map-root-user", "--mount")
_CAN_MOUNT = shutil.which("unshare") is not None and (
    subprocess.run(
        [*_UNSHARE, "mount", "-t", "tmpfs", "none", "/mnt"],
        check=False,
        capture_output=True,
    ).returncode
    == 0
)

needs_mount = pytest.mark.skipif(not _CAN_MOUNT, reason="this system lets users mount nothing")


def run_on(mount: str, place: Path, code: str) -> str:
    """Run Python code with a filesystem mounted on `place` by `mount -t <mount>`; what it prints.

    The code finds `place` as the Path `place` and may use anything of the package.
    """
    script = f"from pathlib import Path\nplace = Path({str(place)!r})\n{code}"
    command = f'mount -t {mount} none "$1" && exec "$2" -c "$3"'
    done = subprocess.run(
        [*_UNSHARE, "sh", "-c", command, "sh", str(place), sys.executable, script],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(TOP)},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
