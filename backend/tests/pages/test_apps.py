"""Linking models into applications: conflicts, broken links, what a profile says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from model_library.samples.comfyui import write_installation
from tests.pages.browser import Theme, Window
from tests.pages.sites import Site
from tests.repositories import comfyui_repository

LORA = "models/loras/pixel-art-sd15.safetensors"


@pytest.fixture
def comfyui(tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installation in the home directory; the library forgets it afterwards."""
    monkeypatch.setenv("HOME", str(tmp_path))
    yield write_installation(tmp_path / "ComfyUI", "0.6.0").resolve()
    for app in site.get("/apps"):
        site.ask("DELETE", f"/apps/{app['app_id']}")
    if (site.home / "profiles/comfyui.toml").exists():
        site.ask("DELETE", "/profiles/comfyui")


def added(site: Site, place: Path) -> None:
    site.ask("POST", "/apps", json={"kind": "comfyui", "path": str(place)})


def test_models_are_linked_into_an_application_that_was_found(
    site: Site, window: Window, comfyui: Path
) -> None:
    theirs = comfyui / LORA
    theirs.write_bytes(b"made by the user")
    window.go("/apps")
    window.sees("No app was added yet")
    window.is_accessible()
    window.button("Add an app").last.click()
    window.button(f"Add ComfyUI at {comfyui}").click()
    window.sees("Something else has the name of a link")
    window.sees("pixel-art-sd15.safetensors")
    window.page.get_by_text("Left out", exact=True).click()
    window.sees("small-llm")
    window.sees("The app has no place for this kind")
    window.is_accessible()
    window.button("Add and link").click()
    window.sees("ComfyUI was added")
    linked = len(site.get("/links"))
    assert linked > 1
    assert theirs.read_bytes() == b"made by the user"
    window.button("Decide…").click()
    window.sees("A file with another content")
    window.is_accessible()
    expect(window.page.get_by_text("For all")).to_have_count(0)
    decide(window, "Leave it")
    window.sees("1 of 1 decided")
    window.button("Leave it as it is").click()
    expect(window.page.get_by_role("dialog")).to_have_count(0)
    window.button("Decide…").click()
    decide(window, "Set yours aside")
    window.sees("goes to .model-library-trash in the app's folder")
    window.is_accessible()
    window.button("Decide and sync").click()
    window.sees("1 link made")
    assert theirs.is_symlink()
    window.page.get_by_role("heading", name="Gave way").wait_for()
    window.is_accessible()
    window.button("Put back pixel-art-sd15.safetensors").click()
    window.sees("1 file is back")
    assert theirs.read_bytes() == b"made by the user"
    assert not theirs.is_symlink()


def decide(window: Window, way: str) -> None:
    window.page.get_by_role("button", name=re.compile("What happens to")).click()
    window.page.get_by_role("option", name=way).click()


def test_a_file_that_gets_another_name_is_named_before_and_after(
    site: Site, window: Window, comfyui: Path
) -> None:
    theirs = comfyui / LORA
    theirs.write_bytes(b"made by the user")
    added(site, comfyui)
    window.go("/apps")
    window.button("Decide…").click()
    decide(window, "Rename yours")
    window.sees(
        re.compile(r"becomes pixel-art-sd15\.safetensors\.old .*, which the app does not list")
    )
    window.button("Decide and sync").click()
    window.sees("beside the link as pixel-art-sd15.safetensors.old")
    assert theirs.with_name(f"{theirs.name}.old").read_bytes() == b"made by the user"
    expect(window.button("Free the space of pixel-art-sd15.safetensors")).to_have_count(0)
    window.is_accessible()
    window.button("Put back pixel-art-sd15.safetensors").click()
    window.sees("1 file is back")
    assert theirs.read_bytes() == b"made by the user"


@pytest.mark.parametrize("width", [420, 1100])
def test_nothing_of_an_application_is_beyond_the_edge(
    site: Site, window: Window, comfyui: Path, width: int
) -> None:
    (comfyui / LORA).write_bytes(b"made by the user")
    added(site, comfyui)
    window.page.set_viewport_size({"width": width, "height": 800})
    for tab in ("", "?tab=profile"):
        window.go(f"/apps{tab}")
        window.button("Sync").wait_for()
        window.page.wait_for_load_state("networkidle")
        beyond = window.page.evaluate(_BEYOND)
        assert not beyond, beyond


_BEYOND = """
[...document.querySelectorAll("main button, main input, main h3")]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > window.innerWidth)
  .map((one) => one.outerHTML.slice(0, 120))
"""


def test_a_broken_link_is_shown_and_repaired(site: Site, window: Window, comfyui: Path) -> None:
    added(site, comfyui)
    link = comfyui / LORA
    link.unlink()
    window.go("/apps")
    window.sees("that was made in ComfyUI is not there")
    window.is_accessible()
    window.button("Repair").click()
    window.sees("1 link repaired")
    assert link.resolve().is_file()
    expect(window.page.get_by_text("that was made in ComfyUI is not there")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_profile_is_changed_with_what_it_does_in_sight(
    site: Site, window: Window, comfyui: Path, theme: Theme
) -> None:
    added(site, comfyui)
    window.theme(theme)
    window.go("/apps?tab=profile")
    window.page.get_by_role("checkbox", name="Link into models/loras").wait_for(state="attached")
    window.is_accessible()
    window.page.locator("li", has_text="models/loras").locator("label").click()
    window.sees("taken away")
    assert (comfyui / LORA).is_symlink()
    window.button("Save and sync").click()
    window.sees("The profile comfyui was saved")
    expect(window.page.get_by_text("Change something, and see here")).to_be_visible()
    window.sees("Back to what is built in")
    expect(window.button("Sync")).to_be_enabled()
    is_gone(comfyui / LORA, window)
    window.is_accessible()


def test_an_edited_profile_is_not_lost_by_going_elsewhere(
    site: Site, window: Window, comfyui: Path
) -> None:
    added(site, comfyui)
    window.expect("status of 422")
    window.go("/health")
    window.page.get_by_role("link", name="Apps").click()
    window.page.get_by_role("tab", name="Profile").click()
    most = window.page.get_by_label("are at most")
    most.fill("twelve")
    window.sees("Write a size such as 8GB or 500 MiB.")
    window.is_accessible()
    most.fill("1MB")
    window.sees("taken away")
    window.page.go_back()
    window.sees("Discard your changes to the profile?")
    window.is_accessible()
    window.button("Cancel").click()
    expect(most).to_have_value("1MB")
    window.page.get_by_role("tab", name="Links").click()
    window.button("Cancel").click()
    window.page.go_back()
    window.button("Discard them").click()
    window.page.get_by_role("heading", name="Health", level=1).wait_for()
    assert not (site.home / "profiles/comfyui.toml").exists()


def test_the_focus_is_not_behind_what_a_change_would_do(
    site: Site, window: Window, comfyui: Path
) -> None:
    added(site, comfyui)
    window.go("/apps?tab=profile")
    window.page.get_by_label("are at most").fill("1MB")
    window.sees("taken away")
    focus = window.page.locator("input:focus")
    bar = window.page.get_by_text("With these changes, a sync would do")
    for _ in range(25):
        window.page.keyboard.press("Tab")
        seen, top = focus.bounding_box(), bar.bounding_box()
        assert seen is not None
        assert top is not None
        assert seen["y"] + seen["height"] <= top["y"], focus.evaluate("one => one.outerHTML")


def is_gone(link: Path, window: Window) -> None:
    """The sync comes after the word that the profile was saved."""
    for _ in range(150):
        if not link.is_symlink():
            return
        window.page.wait_for_timeout(100)
    pytest.fail(f"{link} is still there")


def test_a_model_is_for_some_versions_only(site: Site, window: Window, comfyui: Path) -> None:
    added(site, comfyui)
    model = site.named("pixel-art-sd15")
    window.go(f"/?model={model['model_id']}")
    window.button("Edit Versions of ComfyUI: any version").click()
    window.page.get_by_role("textbox", name="Versions of comfyui").fill(">=0.7")
    window.page.keyboard.press("Enter")
    window.sees("and this is 0.6.0")
    assert not (comfyui / LORA).exists()
    window.is_accessible()
    site.ask("PUT", f"/models/{model['model_id']}/versions", json={"ranges": {"comfyui": ""}})
    window.sees("any version")
    assert (comfyui / LORA).is_symlink()


def test_a_version_is_installed_removed_and_comes_back(
    site: Site, window: Window, comfyui: Path, tmp_path: Path
) -> None:
    source = comfyui_repository(tmp_path / "upstream")
    window.go("/apps")
    window.button("Install a version").click()
    window.page.get_by_label("Version (tag)").fill("v0.5.0")
    where = window.page.get_by_label("From", exact=True)
    expect(where).to_have_value("https://github.com/Comfy-Org/ComfyUI")
    where.fill(str(comfyui))
    window.is_accessible()
    window.button("Install").click()
    window.button("Change…").click()
    window.page.get_by_label("From", exact=True).fill(str(source))
    window.button("Install").click()
    window.sees("Installation finished: ComfyUI v0.5.0")
    (app,) = site.get("/apps")
    window.page.get_by_role("button", name=re.compile(r"^ComfyUI.*0\.5\.0")).wait_for()
    assert app["links"] > 1
    site.ask("DELETE", f"/apps/{app['app_id']}", params={"trash": True})
    window.go("/trash")
    window.button("Restore ComfyUI v0.5.0").click()
    window.sees("ComfyUI is back")
    assert [one["path"] for one in site.get("/apps")] == [app["path"]]
    site.ask("DELETE", f"/apps/{site.get('/apps')[0]['app_id']}", params={"trash": True})
    window.button("Delete ComfyUI v0.5.0 for good").click()
    window.button("Delete for good").click()
    window.sees("are free again")
    assert not Path(app["path"]).parents[1].joinpath(".trash").exists()
