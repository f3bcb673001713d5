"""Files come in by the mouse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Route, expect

from model_library.samples.comfyui import write_installation
from tests.factory import PICKLE_THAT_RUNS, lora, shards, tree
from tests.pages.browser import Theme, Window, window_on
from tests.pages.sites import Site, serving


@pytest.fixture(scope="module")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An empty library."""
    with serving(tmp_path_factory.mktemp("importing") / "library") as running:
        yield running


def dialog(window: Window) -> Locator:
    return window.page.get_by_role("dialog", name="Import models")


def step(window: Window, name: str) -> Locator:
    """The head of what the dialog shows now."""
    return dialog(window).get_by_role("heading", name=name)


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


def test_keys_alone_go_through_every_step_and_escape_closes_the_last(
    window: Window, tmp_path: Path
) -> None:
    """Each step has the focus when it appears, also when what was pressed to come to it is gone."""
    keys = window.page.keyboard
    window.page.get_by_role("link", name="Import").click()
    window.button("Choose files and folders").focus()
    keys.press("Enter")
    expect(step(window, "Choose files and folders")).to_be_focused()
    window.button("Send from this browser").focus()
    chosen = lora(tmp_path / "by keys.safetensors", seed=11)
    dialog(window).locator("input[type=file]").set_input_files(chosen)
    expect(step(window, "1 model, ")).to_be_focused()
    expect(window.page.get_by_role("tooltip")).to_have_count(0)
    window.sees("Offline: the Hub is not asked.")  # until then the next Tab is at Skip
    keys.press("Tab")
    expect(dialog(window).get_by_role("checkbox", name="Import by keys")).to_be_focused()
    window.button("Import 1 model").focus()
    keys.press("Enter")
    expect(step(window, "1 model imported")).to_be_focused()
    keys.press("Escape")
    expect(dialog(window)).to_be_hidden()


def test_an_import_that_failed_in_part_says_so_everywhere(window: Window, tmp_path: Path) -> None:
    """What is no model is not offered again: it is refused every time."""
    junk = tmp_path / "junk.safetensors"
    junk.write_bytes(b"no model at all")
    window.drop([lora(tmp_path / "in part.safetensors", seed=12), junk])
    window.button("Import 1 model").click()
    expect(step(window, "1 imported, 1 failed")).to_be_focused()
    expect(window.button("Try the failed ones again")).to_have_count(0)
    window.sees("Import finished: 1 imported, 1 failed")
    window.is_accessible()
    window.button("Done").click()

    window.button("No jobs: show jobs").click()
    jobs = window.page.get_by_role("dialog", name="Jobs")
    expect(jobs.get_by_text("Done · 1 imported · 1 failed")).to_be_visible()
    window.is_accessible()
    window.button("Show in part.safetensors and 1 more", within=jobs).click()
    expect(step(window, "1 imported, 1 failed")).to_be_focused()
    expect(dialog(window).get_by_text("junk.safetensors", exact=True)).to_be_visible()


def test_what_nobody_was_asked_for_has_not_been_looked_up(window: Window, tmp_path: Path) -> None:
    """Offline nothing is known of a sent file, whether its name could be searched for or not."""
    window.drop(
        [
            lora(tmp_path / f"{name}.safetensors", seed=seed)
            for seed, name in enumerate(("model", "a dream"), 13)
        ]
    )
    window.sees("Offline: the Hub is not asked.")
    expect(dialog(window).get_by_role("checkbox", name="Import")).to_have_count(2)
    expect(dialog(window).get_by_text("No match")).to_have_count(0)


@pytest.fixture
def own(browser: Browser, tmp_path: Path) -> Iterator[tuple[Site, Window]]:
    """A library that no other test puts models into: they would be linked into the application."""
    with (
        serving(tmp_path / "library") as running,
        window_on(browser, running.opening_url, running.url) as opened,
    ):
        yield running, opened
        assert opened.complaints() == []


def test_a_move_out_of_a_programs_folder_says_so_before_it_happens(
    own: tuple[Site, Window], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And that links come back only where they do."""
    site, window = own
    monkeypatch.setenv("HOME", str(tmp_path))  # there the chooser begins and programs are
    comfyui = write_installation(tmp_path / "ComfyUI")
    path = lora(comfyui / "models" / "loras" / "in use.safetensors", seed=21)

    def review() -> None:
        window.go("/import")
        window.button("Choose files and folders").click()
        dialog(window).get_by_role("row", name="ComfyUI").get_by_role("checkbox").click(force=True)
        window.button("Look at them").click()
        dialog(window).get_by_role("radio", name="Move The").check(force=True)

    review()
    window.sees("ComfyUI will no longer find this file")
    window.sees("Or add ComfyUI under Apps first: then links take the place of it.")
    themes: tuple[Theme, ...] = ("light", "dark")
    for theme in themes:
        window.theme(theme)
        window.is_accessible()
    window.button("Copy instead").click()
    expect(dialog(window).get_by_role("radio", name="Copy A second")).to_be_checked()

    site.ask("POST", "/apps", json={"kind": "comfyui", "path": str(comfyui)})
    review()
    window.sees("ComfyUI is one of your apps: links take the place of this file.")
    window.button("Import 1 model").click()
    expect(step(window, "1 model imported")).to_be_focused()
    assert path.is_symlink()
    assert path.exists()


def test_escape_while_files_are_sent_gives_the_space_back(
    own: tuple[Site, Window], tmp_path: Path
) -> None:
    site, window = own

    def never_arrives(route: Route) -> None:
        if route.request.method != "PUT":
            route.continue_()

    window.page.route("**/api/v1/uploads/*", never_arrives)
    with window.page.expect_request(lambda asked: asked.method == "PUT"):
        window.drop([lora(tmp_path / "slow.safetensors")])
    expect(step(window, "Sending 1 file")).to_be_focused()
    assert len(site.get("/uploads")) == 1
    with window.page.expect_response(lambda answer: answer.request.method == "DELETE"):
        window.page.keyboard.press("Escape")
    expect(dialog(window)).to_be_hidden()
    assert site.get("/uploads") == []


def test_going_back_keeps_what_was_chosen(
    window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    lora(tmp_path / "chosen.safetensors", seed=31)
    window.go("/import")
    window.button("Choose files and folders").click()
    row = dialog(window).get_by_role("row", name="chosen.safetensors")
    row.get_by_role("checkbox").click(force=True)
    window.button("Look at them").click()
    expect(step(window, "1 model, ")).to_be_focused()
    window.button("Back").click()
    expect(step(window, "Choose files and folders")).to_be_focused()
    expect(dialog(window).get_by_text("1 chosen")).to_be_visible()
    expect(row.get_by_role("checkbox")).to_be_checked()
