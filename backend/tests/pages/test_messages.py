"""Messages: they cover nothing that a person needs."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.pages.browser import Theme, Window
from tests.pages.sites import Site


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (1100, "dark"), (420, "light")])
def test_a_message_covers_neither_the_page_nor_a_dialog(
    site: Site, window: Window, width: int, theme: Theme
) -> None:
    page = window.page
    page.set_viewport_size({"width": width, "height": 600})
    window.go("/settings")
    window.theme(theme)
    page.get_by_role("button", name="No jobs").wait_for()
    site.ask("POST", "/verifications", json={"model_ids": []})
    messages = page.get_by_role("region", name="Messages")
    expect(messages.get_by_text("finished")).to_be_visible()
    page.keyboard.press("F6")
    expect(messages.get_by_role("button", name="Dismiss")).to_be_focused()  # and it stays
    window.is_accessible()
    assert bottom(page.get_by_role("main")) <= top(messages)
    assert bottom(messages) <= top(page.get_by_role("contentinfo"))
    page.keyboard.press("F6")
    window.button("Add a folder…").click()
    dialog = page.get_by_role("dialog", name="Choose a folder")
    page.keyboard.press("F6")
    expect(messages.get_by_role("button", name="Dismiss")).to_be_focused()
    assert bottom(dialog) <= top(messages)
    page.keyboard.press("Escape")
    expect(messages.get_by_text("finished")).to_be_hidden()
    expect(dialog).to_be_visible()


def top(thing: Locator) -> float:
    box = thing.bounding_box()
    assert box is not None
    return box["y"]


def bottom(thing: Locator) -> float:
    box = thing.bounding_box()
    assert box is not None
    return box["y"] + box["height"]
