"""A library on a drive that is mounted read-only can be used for everything but changing it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.io.mounts import TOP, needs_mount, run_on

PREPARED = """
import json, shutil, subprocess
from model_library import Library
from model_library.errors import LibraryReadOnlyError
from model_library.events import Notice
from tests.factory import lora, tree

home = place / "library"
for number in range(3):
    lora(place / "in" / f"style-{number}.safetensors", seed=number)
with Library.open(home) as library:
    library.import_models([place / "in"])
    library.delete("style-2")
    shutil.copytree(home, place / "while open")

def read_only():
    subprocess.run(["mount", "-o", "remount,ro", place], check=True)

def everything(home):
    heard = []
    with Library.open(home, listener=heard.append) as library:
        assert [m["official_name"] for m in library.list()["models"]] == ["style-0", "style-1"]
        assert library.search("style-1")["models"][0]["official_name"] == "style-1"
        assert library.show("style-0")["state"] == "online"
        assert library.status()["read_only"]
        assert len(library.verify()["intact"]) == 2
        assert len(library.trash()) == 1
        assert [root["online"] for root in library.roots()] == [True]
        assert library.doctor()["checks"]
    return [one.code for one in heard if isinstance(one, Notice)]
"""
WRITING = """
read_only()
before = tree(place)
with Library.open(home) as library:
    model_id = library.list()["models"][0]["model_id"]
    root_id = library.roots()[0]["root_id"]
    for verb in (
        lambda: library.import_models([place / "in"]),
        lambda: library.edit(model_id, ["notes=x"]),
        lambda: library.delete(model_id),
        lambda: library.delete("style-2", purge=True),
        lambda: library.delete("style-2", from_trash=True),
        lambda: library.restore("style-2"),
        library.scan,
        lambda: library.scan(deep=True),
        lambda: library.add_root(place / "in"),
        lambda: library.remove_root(root_id),
        lambda: library.relocate_root(root_id, place),
        lambda: library.set_drive_limit("any", 1),
    ):
        try:
            verb()
        except LibraryReadOnlyError as error:
            assert error.code == "library-read-only" and "writable" in error.hint
        else:
            raise AssertionError("it was changed")
assert tree(place) == before
"""


@needs_mount
@pytest.mark.parametrize(
    ("made", "said"),
    [
        ("", []),
        ("home = place / 'while open'", []),
        ("(home / 'models.db').unlink()", ["index-missing"]),
        ("(home / 'models.db').write_bytes(b'x' * 9000)", ["index-damaged"]),
        ("home = place / 'while open'; (home / 'models.db-shm').unlink()", ["index-damaged"]),
        (
            "home.joinpath('models/adapter/sd1/style-0/metadata.json').open('a').write(' ')",
            [],
        ),
    ],
    ids=["closed", "writer was killed", "no index", "damaged index", "lost -shm", "edited by hand"],
)
def test_it_can_be_read(tmp_path: Path, made: str, said: list[str]) -> None:
    code = f"{PREPARED}\n{made}\nread_only()\nprint(everything(home))"
    assert run_on("tmpfs", tmp_path, code) == str(said)


def test_it_can_be_read_by_a_user_who_may_not_write_to_it(tmp_path: Path) -> None:
    """Root may write everywhere, so it gives that power up first, where it can."""
    script = f"from pathlib import Path\nplace = Path({str(tmp_path)!r})\n{PREPARED}"
    script += "\nsubprocess.run(['chmod', '-R', 'a-w', home], check=True)\nprint(everything(home))"
    powerless = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"]
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("root may write to everything, and there is no setpriv to change that")
    done = subprocess.run(
        [*(powerless if os.geteuid() == 0 else []), sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(TOP)},
        check=False,
    )
    subprocess.run(["chmod", "-R", "u+w", tmp_path], check=True)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


@needs_mount
def test_a_model_on_a_root_that_is_read_only_stays_as_it_is(tmp_path: Path) -> None:
    code = """
from model_library.errors import TargetReadOnlyError
(place / "drive").mkdir()
library = Library.open(Path("{library}"))
root = library.add_root(place / "drive")
library.import_models([place / "in"], root=root["root_id"])
library.delete("style-2")
read_only()
before = tree(place)
for verb in (
    lambda: library.delete("style-0"),
    lambda: library.restore("style-2"),
    lambda: library.edit("style-0", ["notes=x"]),
    lambda: library.edit("style-0", ["kind=vae"]),
    lambda: library.delete("style-2", purge=True),
):
    try:
        verb()
    except TargetReadOnlyError:
        pass
    else:
        raise AssertionError("it was changed")
assert tree(place) == before
assert library.list()["total"] == 2 and library.status()["unfinished"] == 0
library.scan()
library.close()
"""
    (tmp_path / "mount").mkdir()
    run_on("tmpfs", tmp_path / "mount", PREPARED + code.format(library=tmp_path / "library"))


@needs_mount
def test_every_verb_that_would_change_it_says_so_and_changes_nothing(tmp_path: Path) -> None:
    run_on("tmpfs", tmp_path, PREPARED + WRITING)
