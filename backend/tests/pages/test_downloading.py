"""Models come from a Hub that fails in the middle, and from none at all."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from model_library.config import Settings
from model_library.hf.environment import network_settings
from tests.cli.at_the_hub import GATED, GGUF, HURRIED, LORA, hurried, tiny_repos
from tests.factory import lora
from tests.hub import Hub, hub_repo, running_hub
from tests.hub.faults import Reset
from tests.pages.browser import Window
from tests.pages.sites import Site, serving, with_models

PICTURE = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture(scope="module")
def hub(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with running_hub(tiny_repos(tmp_path_factory.mktemp("repositories"))) as running:
        yield running


@pytest.fixture(scope="module")
def site(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A library with one model that asks the test Hub."""
    network = replace(network_settings({"HF_ENDPOINT": hub.endpoint}), **HURRIED)  # type: ignore[arg-type]
    place = tmp_path_factory.mktemp("downloading")
    home = with_models(place / "library", [lora(place / "mine.safetensors", seed=99)])
    with hurried(), serving(home, Settings(network=network)) as running:
        yield running


def open_repository(window: Window, text: str, repo: str) -> None:
    window.go("/downloads")
    window.page.get_by_role("searchbox").fill(text)
    window.page.get_by_role("button", name=repo).click()
    window.page.get_by_role("complementary", name="Repository").wait_for()


def test_a_download_goes_on_after_a_cut(site: Site, window: Window, hub: Hub) -> None:
    cut = hub.faults.add(Reset(after=4_000), "*.gguf", times=1)
    open_repository(window, "tiny", GGUF)
    window.page.get_by_text("Q8_0", exact=True).click()
    window.is_accessible()
    window.picture("downloads")
    window.page.get_by_role("button", name=re.compile("^Download [0-9]")).click()
    window.go("/downloads")
    window.sees("Done")
    window.is_accessible()
    assert cut.strikes == 1
    model = site.named("Q8")
    assert model["sources"][0]["repo"] == GGUF
    window.page.get_by_role("button", name=re.compile("^Show.*tiny-chat")).click()
    details = window.page.get_by_role("complementary", name="Model")
    expect(details.get_by_role("heading", name=model["official_name"])).to_be_visible()


def test_a_hub_that_goes_away_in_the_middle_is_said_and_it_goes_on_later(
    site: Site, window: Window, hub: Hub
) -> None:
    window.expect("status of 50[0-9]")
    hub.faults.add(Reset(after=4_000), "*.safetensors", times=1)
    hub.faults.add(Reset(after=0), "*.safetensors", after=1)
    open_repository(window, "pixel", LORA)
    window.page.get_by_role("button", name=re.compile("^Download [0-9]")).click()
    window.go("/downloads")
    window.sees("Failed")
    window.is_accessible()
    hub.faults.clear()
    again = window.page.get_by_role("button", name=re.compile("^Try again"))
    again.click()
    expect(again).to_be_hidden()
    ours = window.page.get_by_role("listitem").filter(has_text=LORA)
    expect(ours.get_by_text("Done")).to_be_visible()
    assert site.named("pixel")["sources"][0]["repo"] == LORA


def test_what_goes_with_a_model_is_fetched_with_one_click(
    site: Site, window: Window, hub: Hub, tmp_path: Path
) -> None:
    weights = lora(tmp_path / "brush.safetensors", seed=11)
    card = b"# Brush"
    beside = {"README.md": card, "config.json": b"{}", "cover.png": PICTURE}
    hub.publish(hub_repo("o/brush", {weights.name: weights, **beside}))
    site.ask("POST", "/downloads", json={"repo": "o/brush", "files": [weights.name]})
    window.go("/")
    window.rows("brush").click()
    details = window.page.get_by_role("complementary", name="Model")
    everything = details.get_by_role("button", name=re.compile("^Download all 3"))
    everything.scroll_into_view_if_needed()
    window.is_accessible()
    everything.click()
    expect(details.get_by_role("img", name="Preview of brush")).to_be_visible()
    expect(everything).to_be_hidden()
    model = site.named("brush")
    assert {file["original_name"] for file in model["files"]} == {weights.name, *beside}
    assert (Path(model["path"]).parent / "README.md").read_bytes() == card
    details.get_by_role("button", name="Other quantizations").click()
    window.page.get_by_role("complementary", name="Repository").wait_for()


def test_a_gated_repository_says_what_to_do(window: Window) -> None:
    window.expect("status of 403")
    open_repository(window, "gated", GATED)
    window.sees("This repository is gated")
    window.is_accessible()


def test_without_the_hub_everything_of_the_library_works(
    site: Site, window: Window, hub: Hub
) -> None:
    window.expect("status of 50[0-9]")
    hub.stop()
    try:
        window.go("/downloads?q=something")
        window.sees("Everything in your library works without it. It is asked again")
        window.is_accessible()
        window.go("/")
        model = site.get("/models")["models"][0]
        window.rows(model["official_name"]).click()
        window.page.get_by_role("textbox", name="Add a tag").fill("offline")
        window.page.keyboard.press("Enter")
        expect(window.button("Remove offline")).to_be_visible()
    finally:
        hub.restart()
    assert site.get("/search", query="tag:offline")["total"] == 1
