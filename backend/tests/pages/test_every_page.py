"""What holds for every page that the navigation leads to."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import expect

from model_library.samples.comfyui import write_installation
from tests.pages.browser import SCREENSHOTS, Theme, Window
from tests.pages.sites import Site


@pytest.fixture(scope="module", autouse=True)
def _an_app_for_the_pictures(site: Site) -> None:
    if os.environ.get(SCREENSHOTS):
        app = write_installation(site.home.parent / "ComfyUI")
        site.ask("POST", "/apps", json={"kind": "comfyui", "path": str(app)})


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(site: Site, window: Window, theme: Theme) -> None:
    shown = site.named("pixel-art")["model_id"]
    for path in [*window.pages(), f"/?model={shown}", "/?view=grid"]:
        window.go(path)
        window.theme(theme)
        window.page.get_by_role("heading", level=1).first.wait_for(state="attached")
        window.page.wait_for_load_state("networkidle")
        if path == "/apps" and os.environ.get(SCREENSHOTS):
            window.page.get_by_text("Links that are right as they are.").click()
        window.is_accessible()
        if picture := picture_of(path, theme):
            window.picture(picture, theme)


def picture_of(path: str, theme: Theme) -> str:
    """The library in both themes with a model that is open; the others in one, but for what is empty here."""
    if path.startswith("/?model"):
        return "library"
    if theme == "dark" or path in ("/", "/downloads", "/trash"):
        return ""
    return "library-grid" if path.startswith("/?") else path.strip("/")


def test_no_page_is_taller_than_the_window(site: Site, window: Window) -> None:
    """Then the focus could scroll all of it away, and nobody could scroll it back."""
    shown = site.named("pixel-art")["model_id"]
    window.page.set_viewport_size({"width": 1280, "height": 400})
    for path in [*window.pages(), f"/?model={shown}", "/?view=grid"]:
        window.go(path)
        window.page.get_by_role("heading", level=1).first.wait_for(state="attached")
        window.page.wait_for_load_state("networkidle")
        assert window.page.evaluate("document.documentElement.scrollHeight") == 400, path


def test_the_first_tab_leads_past_the_navigation(window: Window) -> None:
    for path in window.pages():
        window.go(path)
        window.page.keyboard.press("Tab")
        link = window.page.get_by_role("link", name="Skip to content")
        expect(link).to_be_focused()
        assert link.bounding_box()["height"] > 10, path  # type: ignore[index]  # None fails, too
        window.page.keyboard.press("Enter")
        expect(window.page.get_by_role("main")).to_be_focused()


def test_axe_finds_nothing_in_the_jobs(site: Site, window: Window) -> None:
    site.ask("POST", "/verifications", json={"model_ids": []})
    window.page.get_by_role("button", name="show jobs").click()
    jobs = window.page.get_by_role("dialog", name="Jobs")
    jobs.get_by_text("Done").first.wait_for()
    window.is_accessible()
    window.picture("jobs")
