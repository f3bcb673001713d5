"""Small filesystems of other kinds for a test, in a mount namespace that vanishes with the test."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]

MOUNT_FAILED = 32
"""Exit code of mount(8)."""

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


def uncounted() -> dict[str, str]:
    """The environment of a child whose lines are not counted, which takes twice as long; with the tests to
    be imported."""
    kept = {name: value for name, value in os.environ.items() if "COVERAGE" not in name}
    return kept | {"PYTHONPATH": str(TOP)}


def run_on(mount: str, place: Path, code: str, *, device: Path | None = None) -> str:
    """Run Python code with a filesystem mounted on `place` by `mount -t <mount>`; what it prints.

    The code finds `place` as the Path `place` and may use anything of the package. `device` is an
    image, which only root can mount: the test is skipped when it cannot be.
    """
    script = f"from pathlib import Path\nplace = Path({str(place)!r})\n{code}"
    command = f'mount -t {mount} "$1" "$2" && exec "$3" -c "$4"'
    unshare = _UNSHARE if device is None else ("unshare", "--mount")
    arguments = [str(device or "none"), str(place), sys.executable, script]
    done = subprocess.run(
        [*unshare, "sh", "-c", command, "sh", *arguments],
        check=False,
        capture_output=True,
        text=True,
        env=uncounted(),
    )
    if device is not None and done.returncode == MOUNT_FAILED:
        pytest.skip("this system mounts no images")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
