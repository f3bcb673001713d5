"""What a person at a terminal sees while something takes long, and when something is wrong."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
from pathlib import Path

from model_library import Library
from model_library.samples.comfyui import write_installation
from tests.factory import lora, padded
from tests.linked import import_loras

CONTROL = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")


def at_a_terminal(home: Path, *arguments: str) -> tuple[int, str]:
    """Run a command whose error output is a terminal; returns its exit code and what was drawn there."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "model_library", *arguments, "--library", str(home)],
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env={k: v for k, v in os.environ.items() if k != "NO_COLOR"}
        | {"TERM": "xterm", "COLUMNS": "120"},
    )
    os.close(theirs)
    drawn = bytearray()
    while child.poll() is None or select.select([ours], [], [], 0)[0]:
        if select.select([ours], [], [], 0.1)[0]:
            try:
                more = os.read(ours, 65536)
            except OSError:  # the terminal is gone with the child
                break
            drawn += more
    os.close(ours)
    return child.wait(), CONTROL.sub(b"", bytes(drawn)).decode(errors="replace")


def test_an_import_shows_bytes_rate_and_models(tmp_path: Path) -> None:
    for number in range(3):
        padded(tmp_path / "in" / f"{number}.safetensors", 48, seed=number)
    code, drawn = at_a_terminal(tmp_path / "library", "import", str(tmp_path / "in"))
    assert code == 0
    assert "Importing" in drawn
    assert re.search(r"/14\d\.\d MiB", drawn)
    assert "B/s" in drawn
    assert "/3" in drawn


def test_notices_are_drawn_above_the_bar(tmp_path: Path) -> None:
    path = lora(tmp_path / "theirs" / "a.safetensors")
    code, drawn = at_a_terminal(tmp_path / "library", "import", str(path), "--place", "reference")
    assert code == 0
    assert "is now a referenced root" in drawn.replace("\r\n", "")


def test_verify_names_the_damaged_file(tmp_path: Path) -> None:
    lora(tmp_path / "in" / "a.safetensors")
    at_a_terminal(tmp_path / "library", "import", str(tmp_path / "in"))
    (held,) = (tmp_path / "library" / "models").rglob("*.safetensors")
    held.write_bytes(held.read_bytes()[:-1])
    done = subprocess.run(
        [sys.executable, "-m", "model_library", "verify", "--library", str(tmp_path / "library")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "damaged  a-" in done.stdout
    assert "instead of" in done.stderr
    assert str(held) in done.stderr
    held.parent.parent.rename(tmp_path / "elsewhere")
    code, _ = at_a_terminal(tmp_path / "library", "verify")
    assert code == 1


def test_a_sync_counts_links(tmp_path: Path) -> None:
    """More than are told of at once, so that it is drawn before the end."""
    home = tmp_path / "library"
    with Library.open(home) as library:
        import_loras(library, tmp_path / "in", range(3))
        library.app_add("comfyui", write_installation(tmp_path / "ComfyUI"), sync=False)
    code, drawn = at_a_terminal(home, "link", "sync", "comfyui")
    assert code == 0
    assert "Linking" in drawn
    assert "3/3" in drawn


def test_a_scan_counts_models(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library") as library:
        import_loras(library, tmp_path / "in", range(2))
    code, drawn = at_a_terminal(tmp_path / "library", "scan")
    assert code == 0
    assert "Scanning" in drawn
    assert "2/2" in drawn
