"""Finding models and saying what they are."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.pages.browser import Window, window_on
from tests.pages.sites import Site


def test_the_list_narrows_while_a_person_types(site: Site, window: Window) -> None:
    total = site.get("/models")["total"]
    expect(window.rows()).to_have_count(total)
    window.page.keyboard.press("/")
    window.page.keyboard.type("pix", delay=20)
    expect(window.rows()).to_have_count(1)
    expect(window.rows("pixel-art-sd15")).to_be_visible()
    window.page.keyboard.type("els", delay=20)
    window.sees("Nothing in your library matches")
    window.is_accessible()
    window.button("Clear search and filters").click()
    expect(window.rows()).to_have_count(total)


def test_a_search_is_in_the_address_and_survives_a_reload(window: Window) -> None:
    window.go("/?q=kind%3Aembedding_ti")
    expect(window.rows()).to_have_count(1)
    window.page.get_by_role("searchbox").fill("kind:adapter")
    expect(window.rows()).to_have_count(2)
    window.page.reload()
    expect(window.page.get_by_role("searchbox")).to_have_value("kind:adapter")
    expect(window.rows()).to_have_count(2)


@pytest.mark.parametrize(
    ("facet", "value", "found"), [("Kind", "Adapter", 2), ("Family", "FLUX.1", 1)]
)
def test_a_filter_is_chosen_and_taken_back(
    site: Site, window: Window, facet: str, value: str, found: int
) -> None:
    group = window.page.get_by_role("group", name=facet, exact=True)
    group.get_by_text(value, exact=True).click()
    expect(window.rows()).to_have_count(found)
    group.get_by_text(value, exact=True).click()
    expect(window.rows()).to_have_count(site.get("/models")["total"])


def test_what_is_edited_is_kept_and_seen_in_another_window(
    site: Site, window: Window, browser: Browser
) -> None:
    with window_on(browser, site.opening_url, site.url) as other:
        for one in (window, other):
            one.rows("flux-realism").click()
            one.page.get_by_role("complementary", name="Model").wait_for()
        window.is_accessible()
        window.page.get_by_role("button", name="Edit Notes").click()
        window.page.get_by_role("textbox", name="Notes").fill("For faces.\nNot for hands.")
        window.page.keyboard.press("Control+Enter")
        window.page.get_by_role("textbox", name="Add a tag").fill("faces, photo,")
        window.page.keyboard.press("Enter")
        expect(other.page.get_by_text("Not for hands.")).to_be_visible()
        other.button("Remove photo").click()
        expect(window.button("Remove photo")).to_be_hidden()
        model = site.named("flux-realism")
        assert (model["notes"], model["tags"]) == ("For faces.\nNot for hands.", ["faces"])
        window.page.get_by_role("searchbox").fill("tag:faces")
        expect(window.rows()).to_have_count(1)
        assert other.complaints() == []


def test_many_models_are_edited_at_once_and_keep_their_own_tags(site: Site, window: Window) -> None:
    flux = site.named("flux-realism")["model_id"]
    site.ask("PATCH", f"/models/{flux}", json={"assignments": ["tags=skin,old"]})
    window.rows("flux-realism").click()
    window.rows("pixel-art-sd15").click(modifiers=["Control"])
    window.page.get_by_role("group", name="Tags").get_by_text("skin").wait_for()
    window.button("Edit…").click()
    dialog = window.page.get_by_role("dialog", name="Edit 2 models")
    dialog.get_by_role("textbox", name="Add tags").fill("style, kept")
    dialog.get_by_role("button", name="old on 1 model").click()
    dialog.get_by_role("combobox", name="Family").fill("sd 2")
    window.page.get_by_role("option", name="SD 2.x").click()
    for theme in ("light", "dark"):
        window.theme(theme)
        window.is_accessible()
    window.button("Edit 2 models", within=dialog).click()
    window.sees("2 models edited")
    assert [site.named(name)["tags"] for name in ("flux-realism", "pixel-art-sd15")] == [
        ["skin", "style", "kept"],
        ["style", "kept"],
    ]
    assert site.named("flux-realism")["family"] == "sd2"
    window.button("Edit…").click()
    dialog.get_by_role("checkbox", name="Use what was found again").nth(1).press("Space")
    window.button("Edit 2 models", within=dialog).click()
    expect(dialog).to_be_hidden()
    assert [site.named(name)["family"] for name in ("flux-realism", "pixel-art-sd15")] == [
        "flux1",
        "sd1",
    ]


def test_everything_is_done_by_the_keyboard(site: Site, window: Window) -> None:
    keys = window.page.keyboard
    keys.press("/")
    keys.type("easy")
    expect(window.rows()).to_have_count(1)
    grid = window.page.get_by_role("grid")
    for _ in range(40):
        if grid.evaluate("grid => grid === document.activeElement"):
            break
        keys.press("Tab")
    expect(grid).to_be_focused()
    keys.press("Enter")
    details = window.page.get_by_role("complementary", name="Model")
    details.wait_for()
    keys.press(" ")
    keys.press("Delete")
    question = window.page.get_by_role("alertdialog")
    question.wait_for()
    window.is_accessible()
    keys.press("Escape")
    question.wait_for(state="hidden")
    expect(grid).to_be_focused()
    keys.press("Delete")
    question.wait_for()
    keys.press("Enter")
    window.sees("1 model moved to the trash")
    assert [one["official_name"] for one in site.get("/trash")] == ["easy-negative"]
    undo = window.button("Undo")
    for _ in range(60):
        if undo.evaluate("button => button === document.activeElement"):
            break
        keys.press("Tab")
    expect(undo).to_be_focused()
    keys.press("Enter")
    window.sees("1 model restored")
    assert site.named("easy-negative")["state"] == "online"


def test_the_theme_is_chosen_and_kept(window: Window) -> None:
    html = window.page.locator("html")
    for name, theme in (("Dark", "dark"), ("Light", "light")):
        window.button("Theme").click()
        window.page.get_by_role("menuitemradio", name=name).click()
        expect(html).to_have_attribute("data-theme", theme)
        window.page.reload()
        expect(html).to_have_attribute("data-theme", theme)


def test_the_grid_shows_the_same(site: Site, window: Window) -> None:
    window.page.get_by_role("radio", name="Grid").click()
    window.sees("pixel-art-sd15")
    window.is_accessible()
    assert re.search("view=grid", window.page.url)
