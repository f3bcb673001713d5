"""Roots that go away, are removed or change while something is done with them: the catalog stays true."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from model_library import Library
from model_library.deletion import FORGET
from model_library.errors import ModelLibraryError, RootNotFoundError, RootOfflineError
from model_library.events import Advanced, Event, Planned
from model_library.publishing import EXCLUSIVE_JOB, reconciled
from model_library.taxonomy import Placement
from tests.factory import lora, tree
from tests.io.mounts import uncounted
from tests.linked import catalog_at


@pytest.mark.parametrize("deep", [False, True])
def test_a_drive_that_goes_away_during_a_scan_takes_no_model_out_of_the_catalog(
    library: Library, drive: tuple[Path, str], directory: Path, deep: bool
) -> None:
    path, model_id = drive
    away = path.with_name("unplugged")
    library.close()

    def pull_out(event: Event) -> None:
        if isinstance(event, Advanced) and not away.exists():
            path.rename(away)

    with (
        Library.open(directory, listener=pull_out) as scanning,
        pytest.raises(RootOfflineError),
    ):
        scanning.scan(deep=deep)
    away.rename(path)
    with Library.open(directory) as again:
        assert again.show(model_id)["state"] == "online"


def test_a_drive_that_goes_away_during_a_verification_damages_nothing(
    library: Library, drive: tuple[Path, str], directory: Path
) -> None:
    path, model_id = drive
    away = path.with_name("unplugged")
    library.close()

    def pull_out(event: Event) -> None:
        if isinstance(event, Planned):
            path.rename(away)

    with (
        Library.open(directory, listener=pull_out) as verifying,
        pytest.raises(RootOfflineError),
    ):
        verifying.verify()
    away.rename(path)
    with Library.open(directory) as again:
        assert again.show(model_id)["state"] == "online"
        assert again.status()["damaged"] == []


@pytest.mark.parametrize("place", [Placement.MOVE, Placement.COPY, Placement.AUTO])
def test_a_drive_that_goes_away_before_the_first_file_is_one_error(
    library: Library, drive: tuple[Path, str], directory: Path, tmp_path: Path, place: Placement
) -> None:
    path, _ = drive
    (root,) = [r for r in library.roots() if not r["home"]]
    source = lora(tmp_path / "two" / "late.safetensors", seed=10)

    def pull_out(event: Event) -> None:
        if isinstance(event, Planned):
            path.rename(path.with_name("unplugged"))

    with (
        Library.open(directory, listener=pull_out) as importing,
        pytest.raises(ModelLibraryError),
    ):
        importing.import_models([source], root=root["root_id"], place=place)
    assert source.exists()


def test_a_change_that_a_drive_takes_along_is_known_when_it_is_back(
    library: Library, drive: tuple[Path, str], directory: Path
) -> None:
    path, model_id = drive
    away = path.with_name("unplugged")
    with catalog_at(directory) as catalog:
        root = next(root for root in catalog.roots if not root.home)
        place = catalog.record(model_id).location
        with pytest.raises(RootOfflineError), reconciled(catalog, root, [place]):
            path.rename(away)
    with Library.open(directory) as meanwhile:
        assert meanwhile.show(model_id)["state"] == "offline"
    shutil.rmtree(away / place)
    away.rename(path)
    with Library.open(directory) as again:
        assert again.list()["total"] == 0
        assert again.status()["unfinished"] == 0


def test_a_removal_of_a_root_that_was_killed_is_finished(
    library: Library, drive: tuple[Path, str], directory: Path
) -> None:
    (root,) = [r for r in library.roots() if not r["home"]]
    library.close()
    with catalog_at(directory) as killed:
        killed.registry.begin(EXCLUSIVE_JOB, [(FORGET, {"root_id": root["root_id"]})])
        killed.index.remove_root(root["root_id"])
    with Library.open(directory) as again:
        assert [r["home"] for r in again.roots()] == [True]
        assert again.scan()["models"] == again.status()["unfinished"] == 0


def test_nothing_is_published_in_a_root_that_another_process_has_removed(
    library: Library, drive: tuple[Path, str], directory: Path, tmp_path: Path
) -> None:
    path, _ = drive
    (root,) = [r for r in library.roots() if not r["home"]]
    with Library.open(directory) as other:
        other.remove_root(root["root_id"])
    source = lora(tmp_path / "two" / "late.safetensors", seed=10)
    before = tree(path)
    with pytest.raises(RootNotFoundError):
        library.import_models([source], root=root["root_id"], place=Placement.MOVE)
    assert source.exists()
    assert tree(path) == before
    with Library.open(directory) as again:
        assert again.list()["total"] == 0


def test_a_scan_knows_nothing_of_a_root_that_the_registry_has_lost(
    library: Library, drive: tuple[Path, str], directory: Path
) -> None:
    library.close()
    for file in directory.glob("registry.db*"):
        file.unlink()
    with Library.open(directory) as again:
        assert again.scan()["removed"] == [drive[1]]


def test_a_root_that_cannot_be_looked_at_is_offline_and_nothing_else_is(
    library: Library, drive: tuple[Path, str], directory: Path
) -> None:
    library.close()
    with closing(sqlite3.connect(directory / "registry.db")) as registry, registry:
        registry.execute(
            "UPDATE roots SET path = ?", (f"/{'x' * 300}",)
        )  # no system has such names
    with Library.open(directory) as again:
        (root,) = [root for root in again.roots() if not root["home"]]
        assert not root["online"]
        assert again.show(drive[1])["state"] == "offline"


MOVED_MEANWHILE = """
import os, sys
from pathlib import Path
from model_library import Library

def hook(event, arguments):
    if event == "os.scandir" and os.fspath(arguments[0]) == str(listed) and listed.exists():
        listed.rename(listed.with_name(".moved"))

with Library.open(sys.argv[1]) as library:
    listed = Path(sys.argv[2])
    sys.addaudithook(hook)
    library.scan(deep=sys.argv[3] == "deep")
"""


@pytest.mark.parametrize("how", ["quick", "deep"])
def test_a_directory_that_another_process_moves_during_a_scan_is_gone(
    library: Library, directory: Path, tmp_path: Path, how: str
) -> None:
    (model,) = library.import_models([lora(tmp_path / "in" / "alpha.safetensors")])["imported"]
    listed = Path(model["path"]).parent.parent
    library.close()
    done = subprocess.run(
        [sys.executable, "-c", MOVED_MEANWHILE, str(directory), str(listed), how],
        env=uncounted(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with Library.open(directory) as again:
        assert again.list()["total"] == 0
