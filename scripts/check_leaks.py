"""Fails when a file of the project names the machine it was written on.

Looked for in every file that git knows or would add: the place of this checkout and of the
directories around it, home directories, addresses that pip is configured with here; and in
`requirements/`, any address at all. Found lines are not wrong for what they do but for where they
would end: on everybody else's machine.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
HOME = r"/(?:ro(?:ot)|(?:home|Users)/(?!(?:you|me|user)\b)[\w.-]+)/"  # examples may use those three
ADDRESS = r"\b(?:https?|file|ftp|ssh|git)(?:\+\w+)?://|--(?:extra-)?index|--find-links"
EVERYWHERE = {"home", "media", "mnt", "opt", "srv", "tmp", "usr", "var", "Users"}


def main() -> int:
    machine = re.compile(rf"(?<![\w.>-])(?:{'|'.join([HOME, *words_of_this_machine()])})")
    pinned = re.compile(f"{machine.pattern}|{ADDRESS}")
    found = [
        complaint
        for path in project_files()
        for complaint in leaks(path, pinned if path.parent.name == "requirements" else machine)
    ]
    sys.stderr.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


def words_of_this_machine() -> Iterator[str]:
    """Patterns of what means something only here: places of this checkout, pip's own addresses."""
    for place in (TOP, TOP.parent, Path.home()):
        top, *below = place.parts[1:] or ("",)
        if below or (top and top not in EVERYWHERE):
            yield re.escape(f"{place}/")
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        yield from map(re.escape, os.environ.get(name, "").split())


def project_files() -> list[Path]:
    command = ["git", "-c", f"safe.directory={TOP}"]  # a checkout may belong to another user
    command += ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=TOP, check=True, capture_output=True, text=True).stdout
    return [TOP / name for name in sorted(set(listed.split("\0"))) if (TOP / name).is_file()]


def leaks(path: Path, pattern: re.Pattern[str]) -> Iterator[str]:
    text = path.read_bytes()
    if b"\0" in text:
        return
    for number, line in enumerate(text.decode("utf-8", errors="replace").splitlines(), start=1):
        for hit in pattern.finditer(line):
            yield f"{path.relative_to(TOP)}:{number}: names this machine or an index: {hit[0]}"


if __name__ == "__main__":
    sys.exit(main())
