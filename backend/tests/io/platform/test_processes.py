"""The sandboxes that a process can run in."""

from __future__ import annotations

from pathlib import Path

import pytest

from model_library.io.platform.processes import detect_sandbox


@pytest.mark.parametrize(
    ("evidence", "content", "sandbox"),
    [
        (".flatpak-info", "[Application]\n", "flatpak"),
        (".dockerenv", "", "docker"),
        ("run/.containerenv", "", "podman"),
        ("proc/self/attr/current", "snap.code.code (enforce)\n", "snap"),
        ("proc/self/attr/current", "snap.code.code (complain)\n", None),
        ("proc/sys/kernel/osrelease", "5.15.90.1-microsoft-standard-WSL2\n", "wsl"),
        ("proc/sys/kernel/osrelease", "6.18.1-generic\n", None),
        ("etc/passwd", "", None),
    ],
)
def test_a_sandbox_is_known_by_what_it_leaves(
    tmp_path: Path, evidence: str, content: str, sandbox: str | None
) -> None:
    (tmp_path / evidence).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / evidence).write_text(content)
    assert detect_sandbox(tmp_path) == sandbox
