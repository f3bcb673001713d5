"""A version that was removed lies in the trash, comes back whole, and goes for good only when asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from model_library import Library
from model_library.errors import AppNotFoundError, TargetExistsError
from model_library.samples.comfyui import listed
from tests.cli.program import as_json, mlib
from tests.factory import lora, tree
from tests.repositories import comfyui_repository

LORAS = "models/loras"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.fixture
def library(home: Path, tmp_path: Path) -> Iterator[Library]:
    """A library with one model and two installed versions, both removed."""
    source = str(comfyui_repository(tmp_path / "upstream"))
    with Library.open(home) as opened:
        opened.import_models([lora(tmp_path / "in" / "style.safetensors")], offline=True)
        for version in ("v0.5.0", "v0.6.0"):
            app = opened.app_install("comfyui", version=version, source=source)["app"]
            opened.app_remove(app["app_id"], trash=True)
        yield opened


def test_what_was_removed_is_listed_with_its_size(library: Library) -> None:
    newer, older = library.app_trash()
    assert (newer["display"], newer["version"], older["version"]) == ("ComfyUI", "v0.6.0", "v0.5.0")
    place = library.path / "apps" / ".trash" / newer["name"]
    assert newer["path"] == str(place)
    assert newer["restores_to"] == str(library.path / "apps" / "comfyui" / "v0.6.0")
    assert newer["deleted"] == place.parent.name
    files = [path for path in place.rglob("*") if path.is_file()]
    assert newer["size"] == sum(path.stat().st_size for path in files) > 0
    assert library.storage()["trash"] == newer["size"] + older["size"]


def test_a_version_comes_back_to_its_place_with_its_links(library: Library) -> None:
    trashed = Path(library.app_trash()[0]["path"])
    (trashed / "mine.txt").write_text("my own")
    added = library.app_restore("comfyui-v0.6.0")
    place = Path(added["app"]["path"])
    assert place == library.path / "apps" / "comfyui" / "v0.6.0"
    assert (added["app"]["installed"], added["app"]["version"]) == (True, "0.6.0")
    assert listed(place)["loras"] == ["style.safetensors"]
    assert (place / "mine.txt").read_text() == "my own"
    assert [one["version"] for one in library.app_trash()] == ["v0.5.0"]


def test_a_part_of_a_name_is_not_taken_for_another_version(library: Library) -> None:
    for name in ("comfyui-v0.6", "comfyui-v0", "comfyui", "", "?"):
        with pytest.raises(AppNotFoundError):
            library.app_purge([name])
    assert len(library.app_trash()) == 2


def test_what_a_link_in_the_trash_leads_to_is_not_ours(library: Library, tmp_path: Path) -> None:
    mine = tmp_path / "mine" / "comfyui-own"
    mine.mkdir(parents=True)
    (mine / "output.png").write_text("my own")
    (library.path / "apps" / ".trash" / "2026-01-02").symlink_to(mine.parent)
    assert len(library.app_trash()) == 2
    library.app_purge([])
    assert (mine / "output.png").read_text() == "my own"


def test_a_version_that_was_installed_again_is_not_replaced(library: Library, home: Path) -> None:
    source = str(home.parent / "upstream")
    library.app_install("comfyui", version="v0.6.0", source=source)
    before = tree(library.path / "apps")
    with pytest.raises(TargetExistsError, match="installed again"):
        library.app_restore("comfyui-v0.6.0")
    assert tree(library.path / "apps") == before


def test_a_purge_frees_one_or_all_and_leaves_nothing(library: Library) -> None:
    newer, older = library.app_trash()
    with pytest.raises(AppNotFoundError):
        library.app_purge([newer["name"], "comfyui-v9"])
    assert len(library.app_trash()) == 2
    assert library.app_purge([newer["name"], newer["name"]]) == {
        "purged": [newer["name"]],
        "freed": newer["size"],
    }
    assert library.app_trash() == [older]
    assert library.app_purge([])["purged"] == [older["name"]]
    assert not (library.path / "apps" / ".trash").exists()


def test_a_link_in_the_trash_is_removed_and_never_followed(
    library: Library, tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "kept.txt").write_text("kept")
    Path(library.app_trash()[0]["path"], "output").symlink_to(mine)
    (library.path / "apps" / ".trash" / "2020-01-01").mkdir()
    (library.path / "apps" / ".trash" / "2020-01-01" / "comfyui-v1").symlink_to(mine)
    assert len(library.app_trash()) == 2
    library.app_purge([])
    assert (mine / "kept.txt").read_text() == "kept"


KILLED = """
import os, signal, sys
from model_library import Library

left = int(sys.argv[2])

def hook(event, arguments):
    global left
    if event in ("os.remove", "os.rmdir"):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

with Library.open(sys.argv[1]) as library:
    sys.addaudithook(hook)
    library.app_purge([])
"""


@pytest.mark.parametrize("kill_at", [1, 3, 9])
def test_a_purge_that_was_killed_is_finished_at_the_next_start(
    library: Library, home: Path, kill_at: int
) -> None:
    newer, older = library.app_trash()
    library.close()
    arguments = [sys.executable, "-c", KILLED, str(home), str(kill_at)]
    done = subprocess.run(arguments, check=False, timeout=60, env=dict(os.environ))
    assert done.returncode == -signal.SIGKILL
    with Library.open(home) as opened:
        assert not Path(newer["path"]).exists()
        assert opened.app_trash() == [older]
        assert opened.status()["unfinished"] == 0


# --- what gave way to links --------------------------------------------------------------------------


def test_what_gave_way_is_known_again_when_its_application_is_added_again(
    library: Library, home: Path
) -> None:
    library.app_restore("comfyui-v0.6.0", sync=False)
    folder = library.path / "apps" / "comfyui" / "v0.6.0" / LORAS
    (folder / "style.safetensors").write_bytes(b"the user's")
    library.link_sync("comfyui", on_conflict="overwrite")
    before = library.link_replaced("comfyui")
    library.app_remove("comfyui", trash=True)
    library.app_restore("comfyui-v0.6.0", sync=False)
    assert library.link_replaced("comfyui") == before
    assert library.link_put_back("comfyui", [])["done"] == [f"{LORAS}/style.safetensors"]
    assert (folder / "style.safetensors").read_bytes() == b"the user's"


def test_another_directory_at_the_same_place_gets_nothing(library: Library, home: Path) -> None:
    library.app_restore("comfyui-v0.6.0", sync=False)
    place = library.path / "apps" / "comfyui" / "v0.6.0"
    (place / LORAS / "style.safetensors").write_bytes(b"the user's")
    library.link_sync("comfyui", on_conflict="overwrite")
    library.app_remove("comfyui", trash=True)
    library.app_install("comfyui", version="v0.6.0", source=str(home.parent / "upstream"))
    assert library.link_replaced("comfyui") == []


# --- the command line --------------------------------------------------------------------------------


def test_the_trash_of_applications_on_the_command_line(library: Library, home: Path) -> None:
    newer, older = as_json(home, "app", "list", "--trash")["apps"]
    assert newer["name"] in mlib(home, "app", "list", "--trash").stdout
    assert as_json(home, "app", "purge", code=2)["error"]["hint"]
    assert "for good" in as_json(home, "app", "purge", "--all", code=2)["error"]["message"]
    done = mlib(home, "app", "purge", older["name"], "--yes").stdout
    assert f"purged {older['name']}" in done
    assert "added comfyui" in mlib(home, "app", "restore", newer["name"]).stdout
    assert "was removed with --trash" in mlib(home, "app", "list", "--trash").stdout
    removed = mlib(home, "app", "remove", "comfyui", "--trash").stdout
    assert f"app restore {newer['name']}" in removed
    assert as_json(home, "app", "purge", "--all", "--yes")["purged"] == [newer["name"]]
