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
    for name in ("flux-realism", "pixel-art-sd15"):
        window.rows(name).click(modifiers=["Control"])
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
    window.button("Undo").last.click()
    window.sees("2 models as before")
    assert [site.named(name)["family"] for name in ("flux-realism", "pixel-art-sd15")] == [
        "sd2",
        "sd2",
    ]
    both = [site.named(name)["model_id"] for name in ("flux-realism", "pixel-art-sd15")]
    site.ask(
        "PATCH", "/models", json={"model_ids": both, "unset": ["family"]}
    )  # as others know them


def test_everything_is_done_by_the_keyboard(site: Site, window: Window) -> None:
    keys = window.page.keyboard
    keys.press("/")
    keys.type("easy")
    expect(window.rows()).to_have_count(1)
    keys.press("ArrowDown")
    grid = window.page.get_by_role("grid")
    expect(grid).to_be_focused()
    keys.press("Enter")
    details = window.page.get_by_role("complementary", name="Model")
    details.get_by_role("heading", level=2).wait_for()
    expect(grid).to_be_focused()
    keys.press("Enter")
    expect(details).to_be_focused()
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Escape")  # of the name of the button that has the focus
    keys.press("Escape")
    expect(details).to_be_hidden()
    expect(grid).to_be_focused()
    keys.press(" ")
    keys.press("Delete")
    question = window.page.get_by_role("alertdialog")
    question.wait_for()
    for said in ("easy-negative", "No app has a link to it.", "the page Trash"):
        expect(question).to_contain_text(said)
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


@pytest.mark.parametrize("view", ["table", "grid"])
def test_a_click_opens_and_only_the_tick_selects(window: Window, view: str) -> None:
    window.go(f"/?view={view}")
    list_ = window.page.locator("#models")
    one, other = (list_.locator("[data-index]", has_text=name) for name in ("flux", "pixel"))
    actions = window.page.get_by_role("toolbar", name="Actions on the selected models")
    details = window.page.get_by_role("complementary", name="Model")
    one.click()
    details.get_by_role("heading", level=2, name="flux-realism").wait_for()
    expect(one).to_have_attribute("aria-current", "true")
    expect(list_.locator("[aria-selected=true]")).to_have_count(0)
    expect(actions).to_be_hidden()
    other.locator("[data-tick]").click()
    expect(actions).to_contain_text("1 selected")
    expect(actions.get_by_role("button", name="Delete")).to_be_visible()
    expect(list_.locator("[aria-selected=true]")).to_have_text(re.compile("pixel"))
    expect(list_.locator("[aria-current=true]")).to_have_text(re.compile("flux"))
    window.page.keyboard.press("Escape")
    expect(details).to_be_hidden()
    expect(list_).to_be_focused()
    expect(actions).to_be_visible()


def test_the_filters_are_there_while_details_are_open_in_a_small_window(window: Window) -> None:
    window.page.set_viewport_size({"width": 1100, "height": 800})
    window.rows("flux-realism").click()
    window.page.get_by_role("complementary", name="Model").wait_for()
    expect(window.page.get_by_role("complementary", name="Filters")).to_be_hidden()
    button = window.page.get_by_role("button", name=re.compile("^Filters"))
    button.click()
    drawer = window.page.get_by_role("dialog", name="Filters")
    drawer.get_by_text("FLUX.1").click()
    window.is_accessible()
    window.page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(button).to_be_focused()
    expect(button).to_have_accessible_name("Filters, 1 chosen")
    expect(window.rows()).to_have_count(1)


def test_in_a_narrow_window_details_cover_the_list_and_give_it_back(window: Window) -> None:
    window.page.set_viewport_size({"width": 420, "height": 800})
    details = window.page.get_by_role("complementary", name="Model")
    window.rows("flux-realism").click()
    expect(details).to_be_focused()
    expect(window.page.locator("[inert] #models")).to_have_count(1)
    window.page.keyboard.press("/")  # what is covered is not typed into
    expect(details).to_be_focused()
    window.is_accessible()
    window.page.keyboard.press("Escape")
    expect(details).to_be_hidden()
    expect(window.page.get_by_role("grid")).to_be_focused()


def test_the_card_that_is_opened_stays_in_sight(window: Window) -> None:
    window.go("/?view=grid")
    window.page.set_viewport_size({"width": 1280, "height": 500})
    card = window.page.get_by_role("option", name="small-llm")
    card.click()
    window.page.get_by_role("complementary", name="Model").wait_for()
    expect(card).to_have_attribute("aria-current", "true")
    expect(card).to_be_in_viewport(ratio=0.9)


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
