"""A drive that goes away or refuses in the middle of an import: the source stays, and the rest is said."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.io.mounts import TOP, needs_mount, run_on

UNPLUGGED = """
import subprocess
from model_library import Library
from model_library.errors import ModelLibraryError
from model_library.events import Advanced
from model_library.taxonomy import Placement
from tests.factory import padded, tree

def sh(*command):
    subprocess.run(command, check=True)

disk, drive, home = place / "disk", place / "drive", Path({library!r})
disk.mkdir(), drive.mkdir()
sh("mount", "--bind", disk, drive)
source = padded(place / "in" / "big.safetensors", 3)
before = tree(place / "in")
gone = []

def pull_out(event):
    if isinstance(event, Advanced) and event.bytes and not gone:
        gone.append(event)
        sh("umount", "-l", drive)

with Library.open(home) as library:
    root = library.add_root(drive)
with Library.open(home, listener=pull_out) as library:
    try:
        result = library.import_models([source], root=root["root_id"], place=Placement({how!r}))
        errors = [one["error"]["code"] for one in result["failed"]]
        assert not result["imported"]
    except ModelLibraryError as error:
        errors = [error.code]
assert gone and tree(place / "in") == before
assert not any(path.is_file() for path in drive.rglob("*")), "it wrote beneath the mount point"
with Library.open(home) as library:
    assert [r["online"] for r in library.roots() if not r["home"]] == [False]
    sh("mount", "--bind", disk, drive)
with Library.open(home) as library:
    assert not [*disk.glob(".staging/*")]
    (model,) = library.import_models([source], root=root["root_id"])["imported"]
    assert library.verify()["intact"] == [model["model_id"]]
print(*errors)
"""

KILLED = """
import os, signal, sys
from model_library import Library
from model_library.taxonomy import Placement
from tests.factory import lora, shards, tree

home = Path({library!r})
watched = {{"open", "os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "os.scandir"}}

def move(source, home, kill_at):
    seen = 0
    def hook(event, arguments):
        nonlocal seen
        seen += event in watched
        if kill_at and seen == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
    with Library.open(home) as library:
        sys.addaudithook(hook)
        library.import_models([source], place=Placement.MOVE)
    return seen

def in_a_child(source, home, kill_at):
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.write(writer, b"%d" % move(source, home, kill_at))
        os._exit(0)
    os.close(writer)
    told = os.read(reader, 100)
    os.close(reader)
    os.wait()
    return int(told or 0)

def made(name):
    lora(place / name / "one.safetensors")
    shards(place / name / "llm", 2, seed=5)
    return tree(place / name)

made("warm")  # modules are imported before calls are counted
with Library.open(home / "warm") as library:
    library.import_models([place / "warm"], place=Placement.MOVE)
made("rehearsal")
calls = in_a_child(place / "rehearsal", home / "rehearsal", 0)
assert calls > 10 and not tree(place / "rehearsal")
kills = 0
for kill_at in range(2, calls, max(1, calls // 12)):
    before = made(f"in-{{kill_at}}")
    library_at = home / str(kill_at)
    kills += in_a_child(place / f"in-{{kill_at}}", library_at, kill_at) == 0
    with Library.open(library_at) as library:
        assert library.verify()["damaged"] == []
        assert {{m["state"] for m in library.list()["models"]}} <= {{"online"}}
        held = {{
            file.read_bytes()
            for file in (library_at / "models").rglob("*.safetensors")
            if ".staging" not in file.parts
        }}
    after = tree(place / f"in-{{kill_at}}")
    for name, content in before.items():
        assert after.get(name) == content or content in held, name
    assert not [*library_at.glob("models/.staging/*")]
    assert not [*(library_at / "locks").glob("job-*")]
assert kills > 5
"""

REFUSED = """
import subprocess
from pathlib import Path
from model_library import Library
from model_library.errors import TargetReadOnlyError
from model_library.taxonomy import Placement
from tests.factory import lora, tree

place = Path({place!r})
source = lora(place / "in" / "a.safetensors")
lora(place / "more" / "b.safetensors", seed=1)
home = place / "library"
with Library.open(home) as library:
    library.import_models([source])
    (home / "locks" / "library.lock").unlink(missing_ok=True)
    (home / "locks").chmod(0o555)
    before = tree(place)
    for verb in (
        lambda: library.import_models([place / "more"], place=Placement.MOVE),
        lambda: library.delete("a-"),
        lambda: library.edit("a-", ["notes=x"]),
    ):
        try:
            verb()
        except TargetReadOnlyError as error:
            assert "locks" in error.path
        else:
            raise AssertionError("it went on without a lock")
    assert library.list()["total"] == 1
    assert {{*tree(place)}} == {{*before}}
    (home / "locks").chmod(0o755)
    assert library.delete("a-")["trash"]
"""


HELD = """
import subprocess
from model_library import Library
from model_library.events import Advanced, Notice
from model_library.taxonomy import Placement
from tests.factory import padded, tree

home, held, said = Path({library!r}), [], []
source = padded(place / "big.safetensors", 3)

def hold(event):
    said.append(event)
    if isinstance(event, Advanced) and event.bytes and not held:
        for path in [*home.glob("locks/job-*"), *home.glob("locks/run-*"), *home.glob("models/.staging/*/*")]:
            held.append(path)
            subprocess.run(["mount", "--bind", path, path], check=True)

with Library.open(home, listener=hold) as library:
    result = library.import_models([source], place=Placement({how!r}))
assert len(held) > 2 and not result["imported"] and len(result["failed"]) == 1, (held, result)
assert "staging-left" in (codes := [event.code for event in said if isinstance(event, Notice)]), codes
assert source.exists()
for path in held:
    subprocess.run(["umount", "-l", path], check=True)
with Library.open(home) as library:
    assert library.list()["total"] == 0
    assert library.import_models([source])["imported"]  # a job looks for locks of dead ones
left = [*home.glob("models/.staging/*"), *home.glob("locks/job-*"), *home.glob("locks/run-*")]
assert not left, left
"""


@needs_mount
@pytest.mark.parametrize("how", ["copy", "move"])
def test_what_cannot_be_cleared_now_is_cleared_later(tmp_path: Path, how: str) -> None:
    (tmp_path / "mount").mkdir()
    run_on("tmpfs", tmp_path / "mount", HELD.format(library=str(tmp_path / "library"), how=how))


@needs_mount
@pytest.mark.parametrize("how", ["copy", "move"])
def test_a_root_that_is_unplugged_during_an_import(tmp_path: Path, how: str) -> None:
    (tmp_path / "mount").mkdir()
    code = UNPLUGGED.format(library=str(tmp_path / "library"), how=how)
    assert run_on("tmpfs", tmp_path / "mount", code)


@needs_mount
def test_a_move_from_another_filesystem_is_killed_anywhere(tmp_path: Path) -> None:
    (tmp_path / "mount").mkdir()
    run_on("tmpfs", tmp_path / "mount", KILLED.format(library=str(tmp_path)))


def test_locks_that_cannot_be_made_stop_every_change(tmp_path: Path) -> None:
    """Root may write everywhere, so it gives that power up first."""
    powerless: list[str] = []
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root may write to everything, and there is no setpriv to change that")
        powerless = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"]
    done = subprocess.run(
        [*powerless, sys.executable, "-c", REFUSED.format(place=str(tmp_path))],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(TOP)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
