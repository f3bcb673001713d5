"""What holds for every page that the navigation leads to."""

from __future__ import annotations

import pytest

from tests.pages.browser import Theme, Window


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(window: Window, theme: Theme) -> None:
    window.theme(theme)
    for path in window.pages():
        window.go(path)
        window.theme(theme)
        window.page.get_by_role("heading", level=1).first.wait_for(state="attached")
        window.page.wait_for_load_state("networkidle")
        window.is_accessible()
