"""Writes `requirements/*.lock` from `pyproject.toml`: exact versions with the hashes of every file.

`runtime.lock` holds what a user's installation needs, `dev.lock` that, the desktop window and every
tool of the checkout including the build backend. The locks name no package index, so each machine installs
from the one it is set up for, and `pip install --require-hashes` proves that the files are the same.
They are resolved on the oldest supported Python and valid on Linux up to the newest (see
CONTRIBUTING.md). Run by `make lock`; `make lock UPGRADE=1` takes the newest allowed versions.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
LOCKS = TOP / "requirements"
HEADER = "# Written by `make lock` from pyproject.toml; do not edit.\n#\n"


def main() -> int:
    options = argparse.ArgumentParser(description="Pin the requirements of pyproject.toml.")
    options.add_argument("--upgrade", action="store_true", help="take the newest allowed versions")
    upgrade: bool = options.parse_args().upgrade
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
    runtime: list[str] = project["project"]["dependencies"]
    window: list[str] = project["project"]["optional-dependencies"]["desktop"]
    tools: list[str] = project["dependency-groups"]["dev"] + project["build-system"]["requires"]
    LOCKS.mkdir(exist_ok=True)
    pin(LOCKS / "runtime.lock", runtime, upgrade=upgrade)
    pin(
        LOCKS / "dev.lock", runtime + window + tools, upgrade=upgrade, within=LOCKS / "runtime.lock"
    )
    return 0


def pin(lock: Path, wanted: list[str], *, upgrade: bool, within: Path | None = None) -> None:
    """Resolve `wanted` into `lock`, agreeing with the versions of the lock `within`."""
    with tempfile.TemporaryDirectory() as scratch:
        source, target = Path(scratch, "wanted.in"), Path(scratch, lock.name)
        source.write_text("\n".join(wanted) + "\n", encoding="utf-8")
        if lock.exists():
            target.write_text(lock.read_text(encoding="utf-8"), encoding="utf-8")
        command = [sys.executable, "-m", "piptools", "compile", "--quiet", "--no-config"]
        command += ["--generate-hashes", "--allow-unsafe", "--strip-extras", "--no-annotate"]
        command += ["--no-header", "--no-emit-options", f"--output-file={target}"]
        command += ["--upgrade"] if upgrade else []
        command += [f"--constraint={within}"] if within else []
        subprocess.run([*command, str(source)], check=True)
        lock.write_text(HEADER + target.read_text(encoding="utf-8"), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
