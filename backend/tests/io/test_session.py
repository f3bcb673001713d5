"""The session of the user: is there a screen, and what shows a file in the file manager."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from model_library.errors import DesktopError, SourceNotFoundError
from model_library.io import session


@pytest.mark.parametrize(
    ("environment", "system", "there"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "darwin", True),
        ({}, "win32", True),
    ],
)
def test_whether_there_is_a_screen(environment: dict[str, str], system: str, there: bool) -> None:
    assert session.has_display(environment, system) is there
    assert session.has_desktop_entries(system) is (system == "linux")


def programs(directory: Path, monkeypatch: pytest.MonkeyPatch, **ends: int) -> Path:
    """Programs of the system that write down how they are called and end with a code."""
    log = directory / "log"
    (directory / "bin").mkdir(exist_ok=True)
    for name, code in ends.items():
        program = directory / "bin" / name.replace("_", "-")
        program.write_text(f'#!/bin/sh\nprintf "%s\\n" "${{0##*/}}" "$@" >> {log}\nexit {code}\n')
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{directory / 'bin'}")
    return log


def test_the_file_manager_is_asked_over_dbus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a, b 100%ü.safetensors"
    file.touch()
    log = programs(tmp_path, monkeypatch, dbus_send=0, xdg_open=0)
    session.show_in_file_manager(file)
    said = log.read_text().splitlines()
    assert said[0] == "dbus-send"
    assert "org.freedesktop.FileManager1.ShowItems" in said
    assert said[-2] == f"array:string:{tmp_path.as_uri()}/a%2C%20b%20100%25%C3%BC.safetensors"


def test_without_one_the_folder_is_opened_and_never_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "run.sh"
    file.touch()
    log = programs(tmp_path, monkeypatch, dbus_send=1, gdbus=1, xdg_open=0)
    session.show_in_file_manager(file)
    assert log.read_text().splitlines()[-2:] == ["xdg-open", str(tmp_path)]


def test_what_cannot_be_shown_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs(tmp_path, monkeypatch, xdg_open=3)
    with pytest.raises(DesktopError, match="No file manager"):
        session.show_in_file_manager(tmp_path)
    with pytest.raises(SourceNotFoundError):
        session.show_in_file_manager(tmp_path / "gone")
    (tmp_path / "bin" / "xdg-open").write_text("no program")
    with pytest.raises(DesktopError):
        session.show_in_file_manager(tmp_path)


def test_other_systems_have_their_own_way() -> None:
    path = Path("/models/a.gguf")
    assert session.showing_commands(path, "darwin") == [["open", "-R", "/models/a.gguf"]]
    assert session.showing_commands(path, "win32") == [["explorer", "/select,/models/a.gguf"]]


def test_a_library_that_does_not_load_says_why(tmp_path: Path) -> None:
    (tmp_path / "libnothing.so").write_bytes(b"nothing")
    assert "libnothing.so" in (session.why_not_loadable(tmp_path / "libnothing.so") or "")
    assert session.is_administrator() == (os.geteuid() == 0)
