"""A folder or files of this machine chosen by keyboard: typed, pasted, or walked to."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.factory import lora
from tests.pages.browser import Window


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    lora(tmp_path / "models" / "brush.safetensors")
    (tmp_path / "models" / "deep").mkdir()
    (tmp_path / "empty").mkdir()
    return tmp_path


@pytest.fixture
def dialog(home: Path, window: Window) -> Locator:
    """The dialog for a folder, as the settings open it."""
    window.expect("status of 4(03|04)")
    window.go("/settings")
    window.button("Add a folder…").click()
    opened = window.page.get_by_role("dialog", name="Choose a folder")
    expect(field_of(opened)).to_have_value(str(home))
    return opened


def field_of(dialog: Locator) -> Locator:
    return dialog.get_by_role("textbox", name="Path")


def test_a_pasted_path_is_gone_to_and_a_wrong_one_says_why(
    window: Window, dialog: Locator, home: Path
) -> None:
    field, choose = field_of(dialog), window.button("Choose this folder", within=dialog)
    expect(field).to_be_focused()
    expect(choose).to_be_enabled()
    field.fill((home / "models").as_uri())
    expect(dialog.get_by_role("row", name="deep")).to_be_visible()
    expect(choose).to_be_enabled()
    field.press("Enter")
    expect(field).to_have_value(str(home / "models"))
    field.fill("~/mod")
    expect(dialog.get_by_role("row")).to_have_count(1)
    expect(choose).to_be_disabled()
    field.fill("~/nope")
    expect(dialog.get_by_text(f"Nothing in {home} is called “nope”")).to_be_visible()
    window.is_accessible()
    field.fill(str(home / "models" / "brush.safetensors") + "/x")
    expect(field).to_have_attribute("aria-invalid", "true")
    field.press("Escape")
    expect(field).to_have_value(str(home / "models"))
    field.press("Escape")
    expect(dialog).to_be_hidden()


def test_keys_walk_through_folders(window: Window, dialog: Locator, home: Path) -> None:
    field, keyboard = field_of(dialog), window.page.keyboard
    field.press("ArrowDown")
    expect(dialog.get_by_role("row", name="empty")).to_be_focused()
    keyboard.press("ArrowDown")
    keyboard.press("Enter")
    expect(field).to_have_value(str(home / "models"))
    expect(dialog.get_by_role("row", name="deep")).to_be_focused()
    keyboard.press("Enter")
    expect(field).to_have_value(str(home / "models" / "deep"))
    expect(dialog.get_by_text("It can be chosen as it is")).to_be_visible()
    keyboard.press("Backspace")
    expect(dialog.get_by_role("row", name="deep")).to_be_focused()
    keyboard.press("Backspace")
    expect(field).to_have_value(str(home))
    expect(dialog.get_by_role("row", name="empty")).to_be_focused()
    keyboard.type("~/models")
    expect(field).to_be_focused()
    keyboard.press("Enter")
    expect(field).to_have_value(str(home / "models"))
    window.button("Choose this folder", within=dialog).click()
    asked = window.page.get_by_role("alertdialog")
    expect(asked.get_by_text(str(home / "models"))).to_be_visible()


def test_a_file_is_marked_by_its_path(window: Window, home: Path) -> None:
    window.go("/import")
    window.page.get_by_role("button", name="Choose files and folders").click()
    dialog = window.page.get_by_role("dialog", name="Import models")
    field = field_of(dialog)
    field.fill(str(home / "models" / "brush.safetensors"))
    expect(dialog.get_by_text("Enter marks it")).to_be_visible()
    field.press("Enter")
    expect(dialog.get_by_text("1 chosen")).to_be_visible()
    window.page.keyboard.press("ArrowDown")
    window.page.keyboard.press("Enter")
    expect(field).to_have_value(str(home / "models" / "deep"))
    window.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
