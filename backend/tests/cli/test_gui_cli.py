"""`gui` where no window can be opened: one clear error, or the pages for a browser."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from importlib.util import find_spec as real_find_spec
from pathlib import Path
from typing import Any

import pytest

from model_library.desktop import engine
from model_library.errors import WindowUnavailableError

GUI = [sys.executable, "-m", "model_library", "gui"]


def without_screen(top: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if "DISPLAY" not in name}
    return kept | {"XDG_STATE_HOME": str(top / "state"), "XDG_CONFIG_HOME": str(top / "config")}


def test_without_a_screen_there_is_one_clear_error(tmp_path: Path) -> None:
    done = subprocess.run(
        [*GUI, "--json", "--library", str(tmp_path / "library")],
        env=without_screen(tmp_path),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "window-unavailable"
    assert "serve --open" in done.stderr
    assert not (tmp_path / "library").exists()


def test_or_serve_gives_the_address_instead(tmp_path: Path) -> None:
    words = [*GUI, "--or-serve", "--json", "--library", str(tmp_path / "library")]
    with subprocess.Popen(
        words,
        env=without_screen(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        told: dict[str, Any] = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=120)
    assert told["opening_url"].startswith("http://127.0.0.1:")
    assert said.startswith("note: There is no screen here")


def test_a_path_that_is_no_text_is_refused(tmp_path: Path) -> None:
    done = subprocess.run(
        [*map(os.fsencode, GUI), b"\xff.safetensors", b"--library", os.fsencode(tmp_path / "l")],
        env=without_screen(tmp_path),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"not text" in done.stderr


SCREEN = {"DISPLAY": ":987", engine.NO_SANDBOX: "1"}


@pytest.mark.parametrize("missing", ["webview", "PySide6", "qtpy"])
def test_what_is_not_installed_is_named_with_the_command(
    monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    absent = {missing, "gi"}
    monkeypatch.setattr(
        engine, "find_spec", lambda name: None if name in absent else real_find_spec(name)
    )
    with pytest.raises(WindowUnavailableError) as error:
        engine.load(SCREEN)
    assert 'pip install "model-library[desktop]"' in error.value.hint


def test_a_library_of_the_system_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Qt would end the process."""
    said = "libxcb-cursor.so.0: cannot open shared object file"
    monkeypatch.setattr(engine, "why_not_loadable", lambda _: said)
    monkeypatch.setattr(engine, "find_spec", lambda name: None if name == "gi" else name)
    with pytest.raises(WindowUnavailableError, match="libxcb-cursor") as error:
        engine.load(SCREEN)
    assert "sudo apt install libxcb-cursor0" in error.value.hint


def test_root_is_told_to_be_somebody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "is_administrator", lambda: True)
    monkeypatch.setattr(engine, "find_spec", lambda name: None if name == "gi" else name)
    with pytest.raises(WindowUnavailableError, match="root"):
        engine.load({"DISPLAY": ":987"})
