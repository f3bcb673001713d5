"""The window itself, in a screen of its own: one start, used as a person would."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from model_library import Library
from model_library.api.operations import OPERATIONS
from tests.desktop import screen
from tests.desktop.screen import HEIGHT, WIDTH, Hands, Page, line_of, until
from tests.factory import lora
from tests.hub.repos import hub_repo
from tests.hub.server import running_hub

pytestmark = pytest.mark.skipif(
    bool(screen.MISSING) and not os.environ.get("CI"), reason=f"no {screen.MISSING} here"
)
TITLE = "^Model Library$"
NAMES = (
    "one/same name.safetensors",
    "two/same name.safetensors",
    "ü 100%25 #1?.safetensors",
    "folder",
)
BIG = "sample/Big-GGUF"


@dataclass
class Shown:
    """The window and what is around it."""

    top: Path
    environment: dict[str, str]
    process: subprocess.Popen[str]
    page: Page
    hands: Hands

    @property
    def window(self) -> str:
        (found,) = self.hands.windows(TITLE)
        return found

    def previews(self) -> list[list[str]]:
        """The paths of every import that the page asked to look at."""
        found: list[list[str]] = self.page.value("window.__previews")
        return found


LISTEN = """(window.__previews = [], window.__fetch = window.fetch, window.fetch = async (request) => {
  if (request.url.endsWith("/imports/preview")) {
    window.__previews.push((await request.clone().json()).paths);
  }
  return window.__fetch(request);
}, 1)"""
"""Notes what the page sends, and sends it."""


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[Shown]:
    top = tmp_path
    for number, name in enumerate(NAMES):
        path = top / "in" / name
        lora(path / "inside.safetensors" if name == "folder" else path, seed=number)
    lora(top / "in" / "given.safetensors", seed=9)
    (top / "CONFIG" / "model-library").mkdir(parents=True)
    far = {"width": 3000, "height": 500, "x": 5000, "y": -400, "maximized": False}
    (top / "CONFIG" / "model-library" / "window.json").write_text(json.dumps(far))
    with (
        running_hub([hub_repo(BIG, {"big.gguf": bytes(4_000_000)})]) as hub,
        screen.screen() as display,
    ):
        environment = screen.environment(top, display, HF_ENDPOINT=hub.endpoint)
        words = ["gui", "--library", str(top / "library"), str(top / "in" / "given.safetensors")]
        with screen.started(screen.program("tests.desktop.driven", *words), environment) as process:
            hands, page = Hands(environment), Page(process)
            until(lambda: hands.windows(TITLE))
            until(lambda: page.value("typeof window.pywebview?.api?.status === 'function'"))
            yield Shown(top, environment, process, page, hands)


def test_a_person_uses_the_window_from_its_start_to_its_next_start(shown: Shown) -> None:
    """One test, so that the window is started once."""
    is_whole_on_this_screen(shown)
    offers_what_it_was_opened_with(shown)
    answers_as_http_does(shown)
    is_as_strict_as_a_browser(shown)
    shows_no_other_page(shown)
    takes_dropped_files_by_their_paths(shown)
    for name in ("choose_files", "choose_folder"):
        lets_the_system_ask(shown, name)
    is_shown_by_a_second_start(shown)
    asks_before_it_interrupts_jobs(shown)
    comes_back_where_it_was(shown)


def is_whole_on_this_screen(shown: Shown) -> None:
    place = shown.hands.place_of(shown.window)
    assert (place["WIDTH"], place["HEIGHT"]) == (WIDTH, 500)
    assert 0 <= place["Y"] <= HEIGHT - 500


def offers_what_it_was_opened_with(shown: Shown) -> None:
    assert shown.page.value("location.search") == ""  # the token is no longer in the address
    text = "document.querySelector('[role=dialog]')?.textContent.includes('given')"
    assert until(lambda: shown.page.value(text))
    close_dialog(shown)


def close_dialog(shown: Shown) -> None:
    shown.page.value("document.querySelector('[role=dialog] [aria-label=Close]')?.click()")
    until(lambda: not shown.page.value("document.querySelector('[role=dialog]') !== null"))


def answers_as_http_does(shown: Shown) -> None:
    names = {one.name for one in OPERATIONS}
    api = "window.pywebview.api"
    assert names < set(shown.page.value(f"Object.keys({api})"))
    fetched = "fetch('/api/v1/{}').then((answer) => answer.json())"
    status = shown.page.result(f"{api}.status()")
    assert status["library"] == str(shown.top / "library")
    assert status.keys() == shown.page.result(fetched.format("status")).keys()
    missing = shown.page.result(f"{api}.show({{model_id: 'nothing'}})")
    assert missing["code"] == "model-not-found"
    assert missing == shown.page.result(fetched.format("models/nothing"))
    odd = {"query": "\"'\\ \u2028 </script> ü %s"}
    found = shown.page.result(f"{api}.search({json.dumps(odd, ensure_ascii=False)})")
    assert found["total"] == 0
    shown.page.value("(window.__before = true, location.reload(), 1)")
    until(
        lambda: shown.page.value(
            f"window.__before === undefined && typeof {api}?.jobs === 'function'"
        )
    )
    assert shown.page.result(f"{api}.jobs()")["jobs"] == []


def is_as_strict_as_a_browser(shown: Shown) -> None:
    """The policy of the pages holds in the window, too."""
    tried = "(() => { try { return eval('1') } catch (error) { return error.name } })()"
    assert shown.page.value(tried) == "EvalError"


def shows_no_other_page(shown: Shown) -> None:
    """It would have the functions of the window; the user's browser gets it instead."""
    shown.page.value("(pywebview.old = true, location.href = 'https://models.invalid/a?b', 1)")
    assert until(lambda: screen.opened_in_browser(shown.top)) == ["https://models.invalid/a?b"]
    # What was refused counts as loaded, and the functions are made anew.
    until(lambda: shown.page.value("!pywebview.old && typeof pywebview.api.jobs === 'function'"))
    assert shown.page.value("location.protocol + location.pathname") == "http:/"
    assert shown.page.result("window.pywebview.api.jobs()")["jobs"] == []


def takes_dropped_files_by_their_paths(shown: Shown) -> None:
    """A real drag in the X server, twice: two files of one name, odd names, a folder."""
    shown.page.value(LISTEN)
    paths = [str(shown.top / "in" / name) for name in NAMES]
    with screen.started(screen.program("tests.desktop.drag_source"), shown.environment) as source:
        for dropped in (paths, paths[1:2], paths[:1]):
            drop(shown, source, dropped)
            until(shown.previews)
            assert shown.previews() == [dropped]
            close_dialog(shown)
            shown.page.value("(window.__previews = [], 1)")


def drop(shown: Shown, source: subprocess.Popen[str], paths: list[str]) -> None:
    assert source.stdin is not None
    source.stdin.write(json.dumps(paths) + "\n")
    assert line_of(source) == "ready"
    shown.hands.drag(WIDTH // 2, 400)
    assert line_of(source) == "CopyAction"


def lets_the_system_ask(shown: Shown, name: str) -> None:
    folder = shown.top / "in" / "folder"
    chosen = folder / "inside.safetensors" if name == "choose_files" else folder
    before = set(shown.hands.windows("."))
    shown.page.value(
        f"(window.__came = null, pywebview.api.{name}().then((a) => window.__came = a), 1)"
    )
    (dialog,) = until(lambda: set(shown.hands.windows(".")) - before)
    shown.hands.do("windowactivate", "--sync", dialog)
    shown.hands.do("type", "--delay", 5, str(chosen))
    shown.hands.do("key", "Return")
    assert until(lambda: shown.page.value("window.__came")) == [str(chosen)]


def is_shown_by_a_second_start(shown: Shown) -> None:
    shown.page.value("(window.__previews = [], 1)")
    path = str(shown.top / "in" / NAMES[2])
    words = ["gui", "--library", str(shown.top / "library"), path, "--json"]
    done = subprocess.run(
        screen.program("model_library", *words),
        env=shown.environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert json.loads(done.stdout) == {"window": "shown"}
    assert len(shown.hands.windows(TITLE)) == 1
    until(shown.previews)
    assert shown.previews() == [[path]]
    close_dialog(shown)


def asks_before_it_interrupts_jobs(shown: Shown) -> None:
    """The end of it, which also remembers where it was."""
    api = "window.pywebview.api"
    shown.page.result(f"{api}.set_job_limits({{bandwidth: 4096}})")
    job = shown.page.result(f"{api}.download({{repo: '{BIG}', files: ['big.gguf']}})")
    job_of = f"{api}.job({{job_id: '{job['job_id']}'}})"
    until(lambda: shown.page.result(job_of)["state"] == "running")
    window = shown.window
    shown.hands.do("windowsize", "--sync", window, 700, 450)
    shown.hands.do("windowmove", "--sync", window, 120, 90)
    answer(shown, asked(shown, window), "Escape")
    assert shown.process.poll() is None
    assert shown.page.result(job_of)["state"] == "running"
    answer(shown, asked(shown, window), "Return")
    assert shown.process.wait(timeout=60) == 0
    kept: dict[str, Any] = json.loads(
        (shown.top / "CONFIG" / "model-library" / "window.json").read_text()
    )
    assert (kept["width"], kept["height"], kept["maximized"]) == (700, 450, False)
    assert abs(kept["x"] - 120) <= 5
    assert abs(kept["y"] - 90) <= 30
    with Library.open(shown.top / "library") as library:
        assert library.job(job["job_id"])["state"] == "interrupted"
    assert list((shown.top / "home").iterdir()) == []
    assert not (shown.top / "DATA" / "model-library").exists()  # where a library would be begun


def asked(shown: Shown, window: str) -> str:
    """The window with the question, after the one with the page was closed by its key. The window manager
    misses a key now and then."""
    for _ in range(10):
        shown.hands.do("windowactivate", "--sync", window, "key", "alt+F4")
        with suppress(AssertionError):
            (question,) = until(lambda: set(shown.hands.windows(TITLE)) - {window}, 5)
            return question
    raise AssertionError("nothing was asked")


def answer(shown: Shown, question: str, key: str) -> None:
    shown.hands.do("windowactivate", "--sync", question)
    shown.hands.do("key", key)
    until(lambda: question not in shown.hands.windows(TITLE))


def comes_back_where_it_was(shown: Shown) -> None:
    """The next start: what ran goes on, the window has not wandered, and a signal ends it without a question."""
    words = ["gui", "--library", str(shown.top / "library")]
    kept = (shown.top / "CONFIG" / "model-library" / "window.json").read_text()
    with screen.started(screen.program("model_library", *words), shown.environment) as process:
        until(lambda: shown.hands.windows(TITLE))
        with Library.open(shown.top / "library") as library:
            until(lambda: [one for one in library.jobs()["jobs"] if one["state"] == "running"])
        process.terminate()
        assert process.wait(timeout=60) == 0
    assert (shown.top / "CONFIG" / "model-library" / "window.json").read_text() == kept
