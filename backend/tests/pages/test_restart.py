"""The server is killed and started again while the page is open."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, expect

from model_library import Library
from tests.factory import lora
from tests.pages.browser import window_on
from tests.pages.sites import OFFLINE, program, with_models


def test_the_page_says_so_reconnects_and_is_right(browser: Browser, tmp_path: Path) -> None:
    home = with_models(tmp_path / "library", [lora(tmp_path / "oldest.safetensors", seed=1)])
    with program(home) as server:
        with server.site() as site:
            url, opening = site.url, site.opening_url
        with window_on(browser, opening, url) as window:
            window.expect("net::ERR_|401|Failed to load resource")
            expect(window.rows("oldest")).to_be_visible()
            server.kill()
            window.sees("Reconnecting…")
            expect(window.rows("oldest")).to_be_visible()
            with Library.open(home, settings=OFFLINE) as library:
                library.import_models([lora(tmp_path / "newest.safetensors", seed=2)])
            server.start()
            with server.site() as site:
                window.sees("This browser is not connected to the server")
                window.is_accessible()
                other = window.page.context.new_page()
                other.goto(site.opening_url)
                expect(other.get_by_role("row", name="newest")).to_be_visible()
                expect(window.rows("newest")).to_be_visible()
                expect(window.page.get_by_text("Reconnecting…")).to_be_hidden()
                other.close()
            assert window.complaints() == []
