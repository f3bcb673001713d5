"""The pages with many models, in Chromium before the real server: the first row, a key, scrolling, memory, events.

Measured inside the page, from the event to the frame that shows its result. Chromium draws without a graphics
card here, so frames are slower than on a desk.
"""

from __future__ import annotations

import gzip
import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from model_library import Library
from model_library.api.http.pages import pages
from model_library.api.server import Server, in_thread, opened
from scripts.bench.bench_scan import make_models
from scripts.bench.measure import Measurement, in_turns, percentile
from tests.pages.browser import chromium, window_on
from tests.pages.sites import OFFLINE, require_pages

MODELS, FULL = 10_000, 100_000
TYPED = ("model 0000", "detail 00", "anime")
EVENTS, SECONDS = 1_000, 5
"""A second, for so many."""


def run(workspace: Path, *, full: bool) -> Iterator[Measurement]:
    require_pages()
    yield from bundle()
    yield starting(workspace / "empty")
    count = FULL if full else MODELS
    library = workspace / "library"
    Library.open(library, settings=OFFLINE).close()
    make_models(library, count)
    with Library.open(library, settings=OFFLINE) as opened_library:
        opened_library.scan(deep=True)
    label = f"{count:,} models"
    with serving(library) as server, chromium() as browser:
        access = server.context.access
        with window_on(browser, access.opening_url, access.url) as window:
            page = window.page
            page.add_init_script(_WATCHING)
            yield first_row(page, access.url, label)
            yield from keys(page, label)
            yield from scrolling(page, label)
            yield memory(page, label)
            yield from bursts(page, server)


@contextmanager
def serving(library: Path) -> Iterator[Server]:
    with opened(library, settings=OFFLINE, port=0) as server, in_thread(server):
        yield server


def bundle() -> Iterator[Measurement]:
    data = [page.data for page in pages().values()]
    packed = sum(len(gzip.compress(one)) for one in data)
    detail = f"{sum(map(len, data)) / 1024:,.0f} KB as served"
    yield Measurement("bundle, compressed", packed / 1024, "KB", detail=detail)


def starting(library: Path) -> Measurement:
    """From the start of the program to its first answer."""
    framework = [sys.executable, "-c", "import fastapi, uvicorn"]

    def start() -> None:
        command = [sys.executable, "-m", "model_library", "serve", "--json", "--port", "0"]
        with subprocess.Popen(
            [*command, "--library", str(library)], stdout=subprocess.PIPE, text=True
        ) as process:
            answer(json.loads(process.stdout.readline() if process.stdout else ""))
            process.kill()

    start()
    took, importing = in_turns([start, lambda: subprocess.run(framework, check=True)])
    unit = "x python -c 'import fastapi, uvicorn'"
    return Measurement("serve: first answer", took / importing, unit, detail=f"{took:.2f} s")


def answer(told: dict[str, Any]) -> None:
    import httpx2

    headers = {"Authorization": f"Bearer {told['token']}"}
    httpx2.get(f"{told['url']}api/v1/status", headers=headers).raise_for_status()


_WATCHING = """
window.bench = {row: 0, changed: 0};
const ofList = ({target}) =>
  (target.parentElement ?? target).closest?.('[role=grid]') || /models? in/.test(target.data);
new MutationObserver((records) => requestAnimationFrame(() => {
  if (records.some(ofList)) bench.changed = performance.now();
  if (!bench.row && document.querySelector('[role=row][data-index] [role=gridcell]')) bench.row = performance.now();
})).observe(document, {subtree: true, childList: true, characterData: true});
addEventListener('keydown', () => { bench.pressed = performance.now(); }, true);
"""
"""The frame after the last change of the list, or of its count, is when it was painted. What the Hub says comes later
and elsewhere."""


def first_row(page: Page, url: str, label: str) -> Measurement:
    samples = []
    for _ in range(5):
        page.goto(url)
        page.locator("[role=row][data-index] [role=gridcell]").first.wait_for()
        page.wait_for_timeout(200)
        samples.append(page.evaluate("bench.row"))
    detail = "from opening the address; median of 5"
    return Measurement(f"{label}: first row", statistics.median(samples), "ms", detail=detail)


def keys(page: Page, label: str) -> Iterator[Measurement]:
    samples: list[float] = []
    for text in TYPED:
        page.get_by_role("searchbox").fill("")
        page.wait_for_timeout(500)
        for letter in text:
            page.keyboard.press(letter)
            page.wait_for_timeout(400)
            samples.append(page.evaluate("bench.changed - bench.pressed"))
    page.get_by_role("searchbox").fill("")
    page.wait_for_timeout(500)
    detail = f"{len(samples)} keys"
    yield Measurement(f"{label}: key to paint, median", statistics.median(samples), "ms")
    worst = percentile(samples, 95)
    yield Measurement(f"{label}: key to paint, 95 %", worst, "ms", detail=detail)


_FRAMES = """
(step) => new Promise((done) => {
  const grid = document.querySelector('[role=grid]');
  const times = [];
  let last = performance.now();
  const frame = () => {
    const now = performance.now();
    times.push(now - last);
    last = now;
    if (times.length > 180) return done(times.slice(1));
    if (step) grid.scrollTop += step;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
})
"""


def scrolling(page: Page, label: str) -> Iterator[Measurement]:
    page.get_by_role("grid").wait_for()
    still = statistics.median(page.evaluate(_FRAMES, 0))
    for step, name in ((120, "by the wheel"), (20_000, "by its bar")):
        page.evaluate("document.querySelector('[role=grid]').scrollTop = 0")
        times = page.evaluate(_FRAMES, step)
        detail = f"95 %: {percentile(times, 95):.0f} ms, standing still {still:.1f} ms"
        yield Measurement(
            f"{label}: a frame while scrolling {name}",
            statistics.median(times) / still,
            "x standing still",
            detail=detail,
        )


def memory(page: Page, label: str) -> Measurement:
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    detail = "JavaScript, after scrolling through"
    return Measurement(f"{label}: memory of the page", used / 1024**2, "MB", detail=detail)


def bursts(page: Page, server: Server) -> Iterator[Measurement]:
    """Frames while a thousand events a second arrive: a page that is blocked draws none."""
    still = page.evaluate(_FRAMES, 0)
    thread = threading.Thread(target=publish, args=[server])
    thread.start()
    busy = page.evaluate(_FRAMES, 0)
    thread.join()
    detail = f"longest frame {max(busy):.0f} ms, without events {max(still):.0f} ms"
    yield Measurement(
        f"{EVENTS:,} events a second: a frame",
        statistics.mean(busy) / statistics.mean(still),
        "x without events",
        detail=detail,
    )


def publish(server: Server) -> None:
    progress = {"stage": "import", "done": 0, "total": 1000, "fraction": 0.1, "detail": "a file"}
    begun = time.perf_counter()
    for number in range(EVENTS * SECONDS):
        finished = [{"stage": "import", "name": f"file {number}", "outcome": "imported"}]
        news = {"job_id": "bench", "kind": "import", "progress": progress, "finished": finished}
        server.context.events.publish("progress", news)
        ahead = begun + number / EVENTS - time.perf_counter()
        if ahead > 0:
            time.sleep(ahead)
