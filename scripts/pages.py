"""Builds the web pages into the package, `backend/model_library/web/`; a wheel has them inside and needs no Node.

Nothing is done when nothing changed: what was installed and built is remembered by a digest of what it was made
from. With `--check` the pages are checked and tested instead: schema, types, style, components.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
FRONTEND = TOP / "frontend"
WEB = TOP / "backend" / "model_library" / "web"
INSTALLED = FRONTEND / "node_modules" / ".installed"
BUILT = FRONTEND / "node_modules" / ".built"
SOURCES = ("index.html", "package.json", "package-lock.json", "vite.config.ts", "tsconfig.json")
DIRECTORIES = ("src", "public")


def main(arguments: list[str]) -> int:
    npm = shutil.which("npm")
    if npm is None:
        sys.stderr.write("The pages are built with Node 20 or newer, and there is no npm here.\n")
        return 1
    install(npm)
    if "--check" in arguments:
        return run(npm, "run", "--silent", "check")
    sources = digest(source_files())
    if (WEB / "index.html").is_file() and said(BUILT) == sources:
        return 0
    done = run(npm, "run", "--silent", "build")
    if done == 0:
        BUILT.write_text(sources, encoding="ascii")
    return done


def install(npm: str) -> None:
    """What package-lock.json names, exactly."""
    wanted = digest([FRONTEND / "package-lock.json"])
    if said(INSTALLED) == wanted:
        return
    if run(npm, "ci", "--no-audit", "--no-fund") != 0:
        sys.exit("npm could not install what the pages are built with")
    INSTALLED.write_text(wanted, encoding="ascii")


def source_files() -> list[Path]:
    found = [FRONTEND / name for name in SOURCES]
    for directory in DIRECTORIES:
        found += (path for path in (FRONTEND / directory).rglob("*") if path.is_file())
    return sorted(found)


def digest(files: Iterable[Path]) -> str:
    whole = hashlib.sha256()
    for path in files:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        whole.update(f"{path.relative_to(FRONTEND).as_posix()} {content}\n".encode())
    return whole.hexdigest()


def said(stamp: Path) -> str:
    return stamp.read_text(encoding="ascii") if stamp.is_file() else ""


def run(*command: str) -> int:
    return subprocess.run(command, cwd=FRONTEND, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
