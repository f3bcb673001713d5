"""Files come in by the mouse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.factory import PICKLE_THAT_RUNS, lora, shards, tree
from tests.pages.browser import Window
from tests.pages.sites import Site, serving


@pytest.fixture(scope="module")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An empty library."""
    with serving(tmp_path_factory.mktemp("importing") / "library") as running:
        yield running


def dialog(window: Window) -> Locator:
    return window.page.get_by_role("dialog", name="Import models")


def test_dropped_files_and_folders_are_reviewed_and_come_in(
    site: Site, window: Window, tmp_path: Path
) -> None:
    one = lora(tmp_path / "things" / "water colour.safetensors", seed=1)
    shards(tmp_path / "things" / "folder" / "llm", 2)
    before = tree(tmp_path / "things")

    window.drag("dragEnter", [one])
    window.sees("Drop to import")
    window.is_accessible()
    window.page.evaluate("dispatchEvent(new DragEvent('dragleave'))")  # out of the window again
    expect(window.page.get_by_text("Drop to import")).to_be_hidden()

    window.drop([one, tmp_path / "things" / "folder"])
    expect(dialog(window).get_by_text("2 models,")).to_be_visible()
    window.is_accessible()
    window.picture("import-review")
    window.button("Import 2 models").click()
    expect(dialog(window).get_by_text("2 models imported")).to_be_visible()
    window.is_accessible()
    dialog(window).get_by_role("button", name="water colour").click()
    window.page.get_by_role("heading", name="water colour").wait_for()
    assert site.named("water colour")["kind"] == "adapter"
    assert tree(tmp_path / "things") == before


def test_a_pickle_is_chosen_in_the_dialog_and_comes_in_only_when_it_is_trusted(
    site: Site, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))  # where the chooser begins
    (tmp_path / "downloads").mkdir()
    (tmp_path / "downloads" / "gift.ckpt").write_bytes(PICKLE_THAT_RUNS)
    window.page.get_by_role("link", name="Import").click()
    window.button("Choose files and folders").click()
    window.button("Open downloads").click()
    dialog(window).get_by_role("row", name="gift.ckpt").get_by_role("checkbox").click(force=True)
    window.is_accessible()
    window.button("Look at them").click()
    begin = window.button("Import 1 model")
    expect(begin).to_be_disabled()
    window.is_accessible()
    dialog(window).get_by_text("I trust where they come from").click()
    begin.click()
    expect(dialog(window).get_by_text("1 model imported")).to_be_visible()
    assert site.named("gift")["security"]["tier"] == "pickle-dangerous"


def test_what_is_there_already_and_what_is_no_model_say_so(
    site: Site, window: Window, tmp_path: Path
) -> None:
    same = lora(tmp_path / "same.safetensors", seed=2)
    site.ask("POST", "/uploads", json={"name": "x", "size": 0})  # another import is going on
    window.drop([same])
    window.button("Import 1 model").click()
    expect(dialog(window).get_by_text("1 model imported")).to_be_visible()
    window.button("Done").click()

    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"no model at all")
    window.drop([same, broken])
    expect(dialog(window).get_by_text("Already in the library")).to_be_visible()
    expect(dialog(window).get_by_text("1 cannot be imported")).to_be_visible()
    window.is_accessible()
    assert site.named("same")["size"] == same.stat().st_size
