"""The first minutes: a place for the library, then samples with one click."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from model_library.api.server import in_thread, opened
from tests.pages.browser import Window
from tests.pages.sites import OFFLINE


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("CONFIG", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home" / ".lmstudio" / "models").mkdir(parents=True)
    (tmp_path / "home" / ".lmstudio" / "models" / "a.gguf").write_bytes(b"x" * 5)
    return tmp_path / "home"


def test_from_nothing_to_sample_models(browser: Browser, home: Path) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    with opened(settings=OFFLINE, port=0) as server, in_thread(server):
        access = server.context.access
        window = Window(context.new_page(), access.url)
        window.expect("status of 409")  # before there is a library
        page = window.page
        page.goto(access.opening_url)
        field = page.get_by_role("textbox", name="Folder of the library")
        expect(field).to_have_value(str(home.parent / "data" / "model-library"))
        window.is_accessible()
        window.theme("dark")
        window.is_accessible()
        window.theme("light")
        field.fill(str(home / ".lmstudio" / "models"))
        window.sees("not empty")
        expect(window.button("Create the library")).to_be_disabled()
        field.fill("/proc/nope")
        window.sees("part of the system itself")
        expect(window.button("Create the library")).to_be_disabled()
        field.fill("~/My models")
        window.sees("free (")
        expect(window.button("Create the library")).to_be_enabled()
        window.picture("first-run")
        window.button("Create the library").click()
        window.sees("Your library is empty")
        window.sees("LM Studio")
        window.is_accessible()
        window.button("Add sample models").click()
        expect(window.rows("RealESRGAN")).to_be_visible()
        assert (home / "My models" / "library.json").is_file()
        assert window.complaints() == []
    context.close()
