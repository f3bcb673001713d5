"""What was deleted, found again from anywhere; two windows of one server stay in step about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.factory import lora
from tests.pages.browser import Window, window_on
from tests.pages.sites import Site, serving, with_models


@pytest.fixture
def own(browser: Browser, tmp_path: Path) -> Iterator[Site]:
    files = [
        lora(tmp_path / f"{name}.safetensors", seed=seed)
        for seed, name in enumerate(("alpha", "omega"))
    ]
    with serving(with_models(tmp_path / "library", files)) as running:
        yield running


def test_what_is_deleted_is_one_click_away_in_every_window(browser: Browser, own: Site) -> None:
    with (
        window_on(browser, own.opening_url, own.url) as window,
        window_on(browser, own.opening_url, own.url) as other,
    ):
        other.go("/trash")
        other.sees("The trash is empty")
        window.go("/")
        delete(window, "alpha")
        window.button("Open the trash").click()
        expect(window.page).to_have_url(re.compile("/trash$"))
        window.is_accessible()
        # The other window is told by the server, and says nothing of its own.
        expect(other.button("Restore alpha")).to_be_visible()
        expect(other.page.get_by_role("region", name="Messages")).to_be_empty()
        expect(other.page.get_by_title("1 model in the trash")).to_be_visible()
        other.button("Restore alpha").click()
        window.sees("The trash is empty")
        window.go("/")
        delete(window, "omega")
        window.button("Undo").click()
        window.sees("1 model restored")
        delete(window, "omega")
        window.go("/trash")
        window.page.get_by_role("button", name=re.compile("^Empty, frees")).click()
        asked = window.page.get_by_role("alertdialog")
        expect(asked).to_contain_text(
            re.compile(r"1 model \([0-9.]+ KB\) will be deleted for good")
        )
        window.button("Delete for good", within=asked).click()
        other.sees("The trash is empty")
        assert [one["official_name"] for one in own.get("/models")["models"]] == ["alpha"]
        assert window.complaints() == other.complaints() == []


def delete(window: Window, name: str) -> None:
    keys = window.page.keyboard
    window.rows(name).first.click()
    window.page.get_by_role("grid", name="Models").focus()
    keys.press(" ")
    keys.press("Delete")
    window.page.get_by_role("alertdialog").wait_for()
    keys.press("Enter")
    window.sees("1 model moved to the trash")
