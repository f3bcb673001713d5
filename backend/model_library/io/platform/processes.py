"""What a process may use, and what it runs in."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from model_library.io.platform.system_files import text_of

NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""`creationflags` of a process that nobody shall see: without it Windows opens a console for it."""


def usable_processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def detect_sandbox(root: Path = Path("/")) -> str | None:
    """'flatpak', 'snap', 'docker', 'podman' or 'wsl' when this process runs inside one.

    `root` stands for the root directory that holds the evidence.
    """
    marks = {"flatpak": ".flatpak-info", "podman": "run/.containerenv", "docker": ".dockerenv"}
    for name, mark in marks.items():
        if (root / mark).exists():
            return name
    profile = text_of(root / "proc/self/attr/current")  # AppArmor's, of this process
    if profile.startswith("snap.") and "(enforce)" in profile:
        return "snap"
    kernel = text_of(root / "proc/sys/kernel/osrelease")
    return "wsl" if "microsoft" in kernel.lower() else None
