"""Where the space goes, and what is set once."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from model_library import Library
from model_library.samples.comfyui import write_installation
from tests.keyrings import MemoryKeyring, used
from tests.pages.browser import Window, window_on
from tests.pages.sites import OFFLINE, Site, serving


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With samples, one of them also in the folder of another program."""
    monkeypatch.setenv("HOME", str(tmp_path))
    with Library.open(tmp_path / "library", settings=OFFLINE) as library:
        models = library.add_samples()["imported"]
    path = next(Path(one["path"]) for one in models if one["official_name"] == "flux-realism")
    outside = tmp_path / ".lmstudio" / "models"
    outside.mkdir(parents=True)
    shutil.copyfile(path, outside / "copy.safetensors")
    return tmp_path / "library"


@pytest.fixture
def own(browser: Browser, home: Path) -> Iterator[tuple[Window, Site]]:
    with (
        serving(home) as site,
        window_on(browser, site.opening_url, site.url) as window,
    ):
        yield window, site
        assert window.complaints() == []


def test_a_share_leads_to_its_models_and_copies_are_found(own: tuple[Window, Site]) -> None:
    window, _ = own
    window.go("/storage")
    expect(window.page.get_by_role("table")).to_contain_text("LoRA")
    window.button("Look for copies").click()
    window.sees("1 is only shown: no app would have a link of that name there.")
    window.sees("Files below 1.00 MB are not looked at.")
    window.page.get_by_role("button", name=re.compile("^Compare ")).click()
    window.sees("Compared")
    window.sees("you can delete it yourself, if the program")
    window.is_accessible()
    window.button("Look again").click()
    expect(window.button("Look again")).to_be_enabled()
    window.sees("Compared")
    tile = window.page.get_by_role("button", name=re.compile(r"^LoRA .*: show in the library"))
    tile.focus()
    window.page.keyboard.press("Enter")
    expect(window.rows("flux-realism")).to_be_visible()
    expect(window.rows("RealESRGAN")).to_have_count(0)


def test_a_copy_leads_to_the_very_conflict_of_its_application(
    own: tuple[Window, Site], home: Path
) -> None:
    window, site = own
    comfyui = write_installation(home.parent / "ComfyUI", "0.6.0")
    copy = home.parent / ".lmstudio/models/copy.safetensors"
    theirs = comfyui / "models/loras/flux-realism.safetensors"
    shutil.copyfile(copy, theirs)
    (comfyui / "models/loras/pixel-art-sd15.safetensors").write_bytes(b"made by the user")
    site.ask("POST", "/apps", json={"kind": "comfyui", "path": str(comfyui)})
    window.go("/storage")
    window.button("Look for copies").click()
    window.sees("2 copies; linking 1 of them would free up to 37.4 MB")
    window.button(f"Link in the app instead of {theirs}").click()
    dialog = window.page.get_by_role("dialog")
    expect(dialog.get_by_role("listitem")).to_have_count(1)
    expect(dialog).to_contain_text("flux-realism.safetensors")
    window.button("Cancel").click()
    expect(dialog).to_have_count(0)
    assert "conflict" not in window.page.url
    assert not theirs.is_symlink()


def test_the_names_of_the_shares_are_readable_in_a_narrow_window(own: tuple[Window, Site]) -> None:
    window, _ = own
    window.page.set_viewport_size({"width": 420, "height": 800})
    window.go("/storage")
    table = window.page.get_by_role("table")
    expect(table).to_contain_text("LoRA")
    names = (
        "(table) => [...table.querySelectorAll('tbody th button')].map((one) => one.offsetWidth)"
    )
    assert min(table.evaluate(names)) > 20  # not crushed to one letter
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert window.page.evaluate(wide) <= 0


def test_settings_are_kept_and_a_token_is_never_shown(
    own: tuple[Window, Site], tmp_path: Path
) -> None:
    window, site = own
    ring = MemoryKeyring()
    with used(ring):
        window.go("/settings")
        window.page.get_by_text("Move", exact=True).click()
        window.page.get_by_label("New token").fill("hf_secret")
        window.button("Keep in the keyring").click()
        window.sees("A token in the keyring (Memory) is used.")
        window.page.get_by_text("Dark", exact=True).click()
        expect(window.page.locator("html")).to_have_attribute("data-theme", "dark")
        window.is_accessible()
        assert site.get("/settings")["place"] == "move"
        assert list(ring.kept.values()) == ["hf_secret"]
        assert "hf_secret" not in window.page.content()
        window.sees("kept in the keyring of the system (Memory), and in no file of the library")
        window.page.get_by_label("New token").fill("hf_other")
        window.button("Replace the one in the keyring").click()
        expect(window.page.get_by_label("New token")).to_have_value("")
        assert list(ring.kept.values()) == ["hf_other"]
        window.button("Remove from the keyring").click()
        window.sees("There is no token: public repositories only.")
        assert ring.kept == {}
        said = window.page.content() + str(site.get("/settings"))
        for file in site.home.rglob("*"):
            said += file.read_bytes().decode(errors="replace") if file.is_file() else ""
        assert "hf_other" not in said
        window.page.reload()
        expect(window.page.get_by_role("radio", name="Move")).to_be_checked()


def test_a_folder_comes_and_goes(own: tuple[Window, Site], tmp_path: Path) -> None:
    window, site = own
    drive = tmp_path / "drive"
    drive.mkdir()
    window.go("/settings")
    window.button("Add a folder…").click()
    window.page.get_by_role("row", name="drive").click()
    dialog = window.page.get_by_role("dialog", name="Choose a folder")
    expect(dialog.get_by_role("textbox", name="Path")).to_have_value(str(drive))
    window.button("Choose this folder").click()
    window.button("Add the folder").click()
    window.button(f"Remove {drive}").click()
    assert [root["path"] for root in site.get("/roots")][1:] == [str(drive)]
    asked = window.page.get_by_role("alertdialog")
    window.button("Remove", within=asked).click()
    window.sees("is no longer part of the library")
    assert len(site.get("/roots")) == 1
