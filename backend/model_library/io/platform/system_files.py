"""Files in which a system tells about itself (`/proc`, `/sys`, `/run`)."""

from __future__ import annotations

from pathlib import Path


def text_of(path: Path) -> str:
    """The text of a file of the system; '' when it cannot be read, which says nothing."""
    try:
        return path.read_text(errors="surrogateescape")
    except OSError:
        return ""
