"""One browser for the package on each worker, a server for each module, a page for each test."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.pages.browser import SCREENSHOTS, Window, chromium, require_chromium, window_on
from tests.pages.sites import Site, require_pages, sample_library, serving


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Not for the whole session: while it runs, no other test could run an event loop of its own."""
    require_chromium()
    require_pages()
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The sample models. It needs the browser, so that nothing is made where there is none. For pictures there is
    more to see."""
    if not os.environ.get(SCREENSHOTS):
        with serving(sample_library(tmp_path_factory.mktemp("site"))) as running:
            yield running
        return
    with (
        tempfile.TemporaryDirectory(prefix="models-") as place,  # its name is in the pictures
        serving(sample_library(Path(place), whole=True)) as running,
    ):
        yield running


@pytest.fixture
def window(browser: Browser, site: Site) -> Iterator[Window]:
    with window_on(browser, site.opening_url, site.url) as opened:
        yield opened
        assert opened.complaints() == []
