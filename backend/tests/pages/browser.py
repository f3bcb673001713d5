"""Chromium, and a page in it that is watched while a test uses it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, Request, expect, sync_playwright

TOP: Final = Path(__file__).resolve().parents[3]
CHROMIUM: Final = Path("/usr/bin/chromium")
AXE: Final = TOP / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
IMAGES: Final = TOP / "docs" / "images"
SCREENSHOTS: Final = "SCREENSHOTS"
"""The variable that asks for new pictures."""
MOST_BYTES: Final = 300_000
"""Of a picture that is kept in the repository."""
PATIENCE: Final = 45_000
"""Milliseconds that anything may take to appear; the machine may be busy."""
_OPTIONS: Final = (
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-domain-reliability",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
)
"""Without them it tries to reach the outside at every start."""
Theme = Literal["light", "dark"]


def require_chromium() -> None:
    """Skips the test where there is no browser; a check of every change must have one."""
    if CHROMIUM.is_file():
        return
    if os.environ.get("CI"):
        pytest.fail(f"{CHROMIUM} is missing (apt-get install chromium)")
    pytest.skip(f"there is no {CHROMIUM}")


expect.set_options(timeout=PATIENCE)


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, chromium_sandbox=False, args=list(_OPTIONS)
        )
        try:
            yield browser
        finally:
            browser.close()


_OFFLINE: Final = re.compile(r"status of 503 .*/api/v1/hub/")
"""Without a network the Hub's answers are errors, which a browser always logs."""


@dataclass
class Window:
    """A page of the application and what must not happen in it."""

    page: Page
    url: str
    """Where the pages are, with a slash at its end."""
    wrong: list[str] = field(default_factory=list)
    """Errors of the page and requests to other hosts."""
    _expected: list[re.Pattern[str]] = field(default_factory=lambda: [_OFFLINE])

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.wrong.append(f"raised: {error}"))
        self.page.on("request", self._asked)

    def _said(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.wrong.append(f"{message.type}: {message.text} ({message.location['url']})")

    def _asked(self, request: Request) -> None:
        address = urlsplit(request.url)
        if (
            address.scheme not in {"data", "blob"}
            and address.hostname != urlsplit(self.url).hostname
        ):
            self.wrong.append(f"asked another host: {request.url}")

    def expect(self, pattern: str) -> None:
        """Errors that belong to the test: an answer of 409, a server that is gone."""
        self._expected.append(re.compile(pattern))

    def complaints(self) -> list[str]:
        return [one for one in self.wrong if not any(known.search(one) for known in self._expected)]

    # --- going and seeing

    def go(self, path: str) -> None:
        """Open an address of the application, loaded anew, and wait until it is drawn."""
        self.page.goto(self.url + path.removeprefix("/"))
        self.page.get_by_role("navigation", name="Pages").wait_for()

    def sees(self, text: str | re.Pattern[str]) -> None:
        """Waits until the text is on the page."""
        expect(self.page.get_by_text(text).first).to_be_visible()

    def button(self, name: str, *, within: Locator | None = None) -> Locator:
        return (within or self.page).get_by_role("button", name=name, exact=True)

    def rows(self, name: str | None = None) -> Locator:
        """Of the list of models, those whose text holds the name."""
        list_ = self.page.get_by_role("grid", name="Models").get_by_role("rowgroup")
        return list_.get_by_role("row", name=name)

    def pages(self) -> list[str]:
        """The addresses in the navigation."""
        links = self.page.get_by_role("navigation", name="Pages").get_by_role("link").all()
        return [str(link.get_attribute("href")) for link in links]

    def theme(self, theme: Theme) -> None:
        self.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        self.page.locator(f"html[data-theme={theme}]").wait_for(state="attached")

    # --- dropping files

    def drop(self, paths: Sequence[Path], *, x: int = 600, y: int = 300) -> None:
        """Drag real files from outside over the window and let them go there."""
        for kind in ("dragEnter", "dragOver", "drop"):
            self.drag(kind, paths, x=x, y=y)

    def drag(self, kind: str, paths: Sequence[Path], *, x: int = 600, y: int = 300) -> None:
        """One step of it: `dragEnter`, `dragOver` or `drop`. Only the DevTools protocol makes drags
        whose files are real."""
        session = self.page.context.new_cdp_session(self.page)
        data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
        session.send("Input.dispatchDragEvent", {"type": kind, "x": x, "y": y, "data": data})
        session.detach()

    # --- judging

    def is_accessible(self) -> None:
        """Fails with what axe finds wrong with what is shown now."""
        session = self.page.context.new_cdp_session(self.page)
        # The DevTools protocol, because the policy of the page forbids scripts of others, and stays on.
        session.send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
        asked = {"expression": _RUN_AXE, "awaitPromise": True, "returnByValue": True}
        answer = session.send("Runtime.evaluate", asked)
        session.detach()
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        found = answer["result"]["value"]
        assert not found, "\n".join(found)

    def picture(self, name: str, theme: Theme = "light") -> None:
        """Keep docs/images/<name>.png, or <name>-dark.png, when `make screenshots` asks for pictures."""
        if not os.environ.get(SCREENSHOTS):
            return
        name = name if theme == "light" else f"{name}-{theme}"
        self.page.evaluate("document.fonts.ready")
        self.page.mouse.move(0, 0)
        IMAGES.mkdir(parents=True, exist_ok=True)
        data = self.page.screenshot(
            path=IMAGES / f"{name}.png", animations="disabled", caret="hide"
        )
        assert len(data) < MOST_BYTES, f"{name}.png has {len(data)} bytes"


_RUN_AXE: Final = """
axe.run(document, {resultTypes: ["violations"]}).then(({violations}) =>
  violations.flatMap(({id, help, nodes}) =>
    nodes.map((node) => `${id}: ${help}: ${node.html.slice(0, 300)} ${node.failureSummary}`)))
"""


@contextmanager
def window_on(browser: Browser, opening_url: str, url: str, **options: Any) -> Iterator[Window]:
    """A page in a context of its own, connected to the server by its opening address."""
    context = browser.new_context(
        viewport=options.pop("viewport", {"width": 1280, "height": 800}),
        color_scheme=options.pop("color_scheme", "light"),
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="UTC",
        **options,
    )
    try:
        window = Window(context.new_page(), url)
        window.page.goto(opening_url)
        window.page.get_by_role("navigation", name="Pages").wait_for()
        yield window
    finally:
        context.close()
