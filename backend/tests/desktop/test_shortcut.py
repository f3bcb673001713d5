"""The menu entry: one file of ours, which starts the window, and goes away again."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from model_library.desktop import shortcut
from model_library.errors import DesktopError, FileError, TargetExistsError
from model_library.io.session import has_desktop_entries

pytestmark = pytest.mark.skipif(
    not has_desktop_entries(), reason="menu entries of this kind are made on Linux only"
)


def test_it_is_made_and_taken_away(tmp_path: Path) -> None:
    entry = shortcut.install(tmp_path, ["--library", "/home/you/my models"])
    lines = dict(line.split("=", 1) for line in entry.read_text().splitlines()[1:])
    assert shlex.split(lines["Exec"]) == [
        sys.executable,
        *("-m", "model_library", "gui", "--library", "/home/you/my models", "%F"),
    ]
    assert lines["Icon"] == lines["StartupWMClass"] == "model-library"
    assert shortcut.icon_file(tmp_path).exists() == bool(shortcut.icon())
    shortcut.install(tmp_path)
    assert "--library" not in entry.read_text()
    assert shortcut.remove(tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert not shortcut.remove(tmp_path)


def test_an_entry_of_another_program_stays(tmp_path: Path) -> None:
    entry = shortcut.entry_file(tmp_path)
    entry.parent.mkdir(parents=True)
    entry.write_text("[Desktop Entry]\nName=Mine\n")
    for change in (shortcut.install, shortcut.remove):
        with pytest.raises(TargetExistsError):
            change(tmp_path)
    assert entry.read_text() == "[Desktop Entry]\nName=Mine\n"
    assert not shortcut.icon_file(tmp_path).exists()


def test_an_entry_that_cannot_be_read_is_one_clear_error(tmp_path: Path) -> None:
    shortcut.entry_file(tmp_path).mkdir(parents=True)
    with pytest.raises(FileError, match=r"model-library\.desktop"):
        shortcut.install(tmp_path)


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("/usr/bin/python3", "/usr/bin/python3"),
        ("50%", "50%%"),
        ("", '""'),
        ("my models", '"my models"'),
        ('say "a"', r'"say \\"a\\""'),
        ("$HOME `x`", r'"\\$HOME \\`x\\`"'),
        ("back\\slash", r'"back\\\\slash"'),
    ],
)
def test_arguments_are_quoted_as_the_specification_says(argument: str, said: str) -> None:
    assert shortcut.quoted(argument) == said


def test_the_command_makes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    def answer(*words: str) -> Any:
        command = [sys.executable, "-m", "model_library", "gui", *words, "--json"]
        done = subprocess.run(command, capture_output=True, check=True, text=True, timeout=60)
        return json.loads(done.stdout)

    entry = str(shortcut.entry_file(tmp_path))
    made = answer("--install-shortcut", "--library", "models")
    assert made == {"shortcut": entry, "installed": True, "changed": True}
    assert str(Path("models").absolute()) in Path(entry).read_text()
    assert answer("--remove-shortcut")["changed"] is True
    assert answer("--remove-shortcut")["changed"] is False


def test_elsewhere_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shortcut, "has_desktop_entries", lambda: False)
    with pytest.raises(DesktopError):
        shortcut.install(tmp_path)
