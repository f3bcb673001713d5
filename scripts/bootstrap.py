"""Makes `.venv` of this checkout with the locked requirements and the package, editable.

Run by every `make` target with any Python from 3.11 on; needs nothing but the standard library.
It does nothing when `.venv` is already what it should be, which is read from one stamp: the
requirements, the project's own table, the interpreter and the place of the checkout. When one of
them changed, the environment is made anew: what is installed is always exactly what is locked.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
VENV = TOP / ".venv"
STAMP = VENV / "set-up.json"
LOCKS = [TOP / "requirements" / "runtime.lock", TOP / "requirements" / "dev.lock"]
OLDEST = (3, 11)


def main() -> int:
    complaint = cannot_start()
    if complaint:
        sys.stderr.write(f"set-up: {complaint}\n")
        return 2
    wanted = state_wanted()
    if is_ready(wanted):
        return 0
    sys.stderr.write("set-up: making .venv with the locked tools (once, about a minute) ...\n")
    try:
        make_environment()
    except subprocess.CalledProcessError as error:
        sys.stderr.write(
            f"set-up: failed in `{' '.join(error.cmd[:6])} ...` (exit {error.returncode}).\n"
            "set-up: see the lines above; without a network, a package index that pip knows is needed.\n"
        )
        return 1
    STAMP.write_text(json.dumps(wanted, indent=2) + "\n", encoding="utf-8")
    sys.stderr.write("set-up: done.\n")
    return 0


def cannot_start() -> str:
    """Why this interpreter cannot make the environment, or nothing."""
    if sys.version_info < OLDEST:
        found = "{}.{}".format(*sys.version_info[:2])
        return (
            f"Python 3.11 or newer is needed and {sys.executable} is {found}; "
            "name another one: make PYTHON=python3.13 ..."
        )
    try:
        import ensurepip  # noqa: F401  (only to see it; Debian keeps it in a package of its own)
        import venv  # noqa: F401  (as above)
    except ImportError as error:
        return (
            f"this Python cannot make virtual environments ({error}); on Debian and Ubuntu: "
            "sudo apt install python3-venv"
        )
    return ""


def state_wanted() -> dict[str, str]:
    """What the environment depends on. The tools' settings in pyproject.toml are no part of it."""
    import tomllib  # here, so that an older Python gets as far as the complaint above

    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
    installed = [project["build-system"], project["project"], project["tool"]["hatch"]]
    return {
        "locks": digest(*(lock.read_bytes() for lock in LOCKS)),
        "project": digest(json.dumps(installed, sort_keys=True).encode()),
        "python": f"{sys.base_prefix} {sys.version}",
        "place": str(VENV),
    }


def digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def is_ready(wanted: dict[str, str]) -> bool:
    try:
        found = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return found == wanted and python().exists()


def python() -> Path:
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def make_environment() -> None:
    """Empty `.venv`, the locked files checked by their hashes, and the package on top.

    The locks are complete, so pip resolves nothing (`--no-deps`): older ones look for a requirement with
    extras among all versions of the index and stop at a newer one. `pip check` proves that nothing is missing.

    `.venv/wheels` keeps what a user's installation needs: the test of the wheel installs from
    there, so that every test works without a network.
    """
    run(sys.executable, "-m", "venv", "--clear", str(VENV))
    pip = [str(python()), "-m", "pip", "--disable-pip-version-check", "--no-input", "-qq"]
    locks = [word for lock in LOCKS for word in ("--requirement", str(lock))]
    run(*pip, "install", "--no-deps", "--require-hashes", *locks)
    run(*pip, "install", "--no-deps", "--no-index", "--no-build-isolation", "--editable", str(TOP))
    run(*pip, "check")
    run(
        *pip,
        "download",
        "--no-deps",
        "--require-hashes",
        *locks[:2],
        "--dest",
        str(VENV / "wheels"),
    )


def run(*command: str) -> None:
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
