"""A library whose drive is full to the last byte still opens, and makes room for itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.io.mounts import needs_mount, run_on

PREPARED = """
import os
from model_library import Library
from model_library.errors import TargetFullError
from model_library.events import Notice
from model_library.taxonomy import Placement
from model_library.reserve import RESERVE_FILE
from tests.factory import lora, padded

home = place / "library"
for number in range(3):
    lora(place / "in" / f"style-{number}.safetensors", seed=number)
padded(place / "in" / "big.safetensors", 8)

def fill():
    try:
        with (place / "fill").open("ab", buffering=0) as file:
            while True:
                file.write(bytes(4096))
    except OSError:
        return

def told(heard):
    return [one.code for one in heard if isinstance(one, Notice)]

with Library.open(home) as library:
    library.import_models([place / "in"], place=Placement.MOVE)
"""

OPENED = """
fill()
heard = []
with Library.open(home, listener=heard.append) as library:
    assert [len(library.search(word)["models"]) for word in ("style", "big")] == [3, 1]
    assert library.verify()["damaged"] == []
    library.delete("style-0")
    assert library.delete("big", purge=True)["freed"] > 8 * 2**20
print(told(heard), (home / RESERVE_FILE).exists())
"""

WHILE_OPEN = """
with Library.open(home) as library:
    fill()
    library.delete("big", purge=True)
    print(library.list()["total"])
"""

WITHOUT = """
(home / RESERVE_FILE).unlink()
fill()
try:
    Library.open(home)
except TargetFullError as error:
    print(error.code)
"""


@needs_mount
@pytest.mark.parametrize(
    ("code", "said"),
    [(OPENED, "['drive-full'] False"), (WHILE_OPEN, "3"), (WITHOUT, "target-full")],
    ids=["opened on a full drive", "filled while it is open", "nothing was kept"],
)
def test_models_can_be_deleted_to_make_room(tmp_path: Path, code: str, said: str) -> None:
    assert run_on("tmpfs -o size=96m", tmp_path, PREPARED + code) == said


@needs_mount
def test_what_was_given_up_is_kept_again_when_there_is_room(tmp_path: Path) -> None:
    code = """
fill()
Library.open(home).close()
assert not (home / RESERVE_FILE).exists()
(place / "fill").unlink()
heard = []
Library.open(home, listener=heard.append).close()
print(told(heard), (home / RESERVE_FILE).stat().st_size)
"""
    assert run_on("tmpfs -o size=96m", tmp_path, PREPARED + code) == f"[] {2**20}"


@needs_mount
@pytest.mark.parametrize(
    "odd", ["write_bytes(b'cut short')", "mkdir()", "symlink_to(place / 'mine')"]
)
def test_a_reserve_that_was_cut_short_is_whole_again_and_anothers_is_left_alone(
    tmp_path: Path, odd: str
) -> None:
    code = f"""
(place / "mine").write_text("mine")
reserve = home / RESERVE_FILE
reserve.unlink()
reserve.{odd}
Library.open(home).close()
print(reserve.is_file() and not reserve.is_symlink() and reserve.stat().st_size == 2**20)
fill()
try:
    Library.open(home).close()
except TargetFullError:
    assert not reserve.is_file() or reserve.is_symlink()
assert (place / "mine").read_text() == "mine"
"""
    said = run_on("tmpfs -o size=96m", tmp_path, PREPARED + code)
    assert said == str(odd.startswith("write"))


@needs_mount
def test_a_change_on_a_drive_that_is_full_to_the_last_byte_is_one_error(tmp_path: Path) -> None:
    code = """
with Library.open(home) as library:
    (home / RESERVE_FILE).unlink()
    fill()
    for change in (lambda: library.edit("style-0", ["notes=x"]), lambda: library.delete("style-0")):
        try:
            change()
        except TargetFullError as error:
            print(error.code)
    (place / "fill").unlink()
    library.edit("style-0", ["notes=x"])
"""
    said = run_on("tmpfs -o size=96m", tmp_path, PREPARED + code)
    assert said.split() == ["target-full"] * 2


@needs_mount
def test_a_small_drive_keeps_nothing_aside(tmp_path: Path) -> None:
    code = "print((home / RESERVE_FILE).exists())"
    assert run_on("tmpfs -o size=48m", tmp_path, PREPARED + code) == "False"
