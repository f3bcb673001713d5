"""What strangers write is shown as text, harms nothing and moves nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.factory import lora
from tests.pages.browser import Window
from tests.pages.sites import Site, serving, with_models

SCRIPT = "<script>window.pwned = 1</script><img src=x onerror=window.pwned=1>"
REVERSED = "harmless\u202egnp.exe"
LONG = "very long " * 1000
LONG_NAME = LONG[:500]  # the longest that is kept
MARKDOWN = (
    "# Title\n[click](javascript:window.pwned=1) ![picture](http://example.com/track.png)\n"
    + SCRIPT
)
LINK = "javascript:window.pwned=1"


@pytest.fixture(scope="module")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    place: Path = tmp_path_factory.mktemp("hostile")
    paths = [lora(place / f"{number}.safetensors", seed=number) for number in range(3)]
    with serving(with_models(place / "library", paths)) as running:
        for model, name in zip(
            sorted(one["model_id"] for one in running.get("/models")["models"]),
            (SCRIPT, REVERSED, LONG_NAME),
            strict=True,
        ):
            said = {"official_name": name, "notes": MARKDOWN, "description": LONG, "tags": SCRIPT}
            assignments = [f"{field}={value}" for field, value in said.items()]
            running.ask("PATCH", f"/models/{model}", json={"assignments": assignments})
        yield running


@pytest.mark.parametrize("view", ["table", "grid"])
def test_names_are_text_in_the_list(site: Site, window: Window, view: str) -> None:
    window.go(f"/?view={view}")
    window.sees(SCRIPT)
    window.sees("harmless\ufffdgnp.exe")
    mark = window.page.get_by_title("U+202E right-to-left override", exact=True).first
    expect(mark).to_have_text("\ufffd")
    assert REVERSED in {one["official_name"] for one in site.get("/models")["models"]}
    is_whole(window)


def test_texts_are_text_in_the_details(site: Site, window: Window) -> None:
    for model in site.get("/models")["models"]:
        window.go(f"/?model={model['model_id']}")
        details = window.page.get_by_role("complementary", name="Model")
        expect(details.get_by_text("[click](javascript:")).to_be_visible()
        assert details.locator("a[href^=javascript], script, img").count() == 0
        is_whole(window)
        window.is_accessible()


def test_a_query_is_text(window: Window) -> None:
    window.expect("422")  # what cannot be a query is refused
    for query in (SCRIPT, REVERSED, LONG, '"', "kind:", "size:>", "(("):
        window.page.get_by_role("searchbox").fill(query)
        window.page.wait_for_load_state("networkidle")
        is_whole(window)
    is_whole(window)


def is_whole(window: Window) -> None:
    """Nothing ran, and nothing is wider than the window."""
    assert window.page.evaluate("window.pwned") is None
    assert window.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
