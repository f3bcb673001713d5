"""Mounted filesystems, their free space and their state."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from model_library.io.platform import filesystems
from model_library.io.platform.filesystems import (
    Filesystem,
    filesystem_of,
    free_bytes,
    mount_points,
    ntfs_is_dirty,
)
from tests.io.mounts import needs_mount, run_on

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads what only Linux has")

MOUNTINFO = r"""
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 8:2 / / rw,relatime - ext4 /dev/sda2 rw,discard
30 27 8:17 / {base}/win rw,relatime shared:1 - fuseblk /dev/sdb1 rw,user_id=0,blksize=4096
31 27 8:18 / {base}/new rw,relatime - ntfs3 /dev/sdb2 rw,uid=1000
32 27 8:33 / {base}/stick ro,relatime - vfat /dev/sdc1 rw
33 27 0:50 / {base}/nas rw,relatime shared:2 master:1 - nfs4 server:/export ro,vers=4.2
34 27 0:51 / {base}/with\040space rw - fuse.sshfs me@host:/a\040b rw
35 27 0:52 / {base}/stick/inner rw - tmpfs tmpfs rw
36 27 8:34 / {base}/twice rw - ext4 /dev/sdd1 rw
37 36 8:35 / {base}/twice rw - xfs /dev/sde1 rw
38 36 8:50 / {base}/unknown rw - fuseblk /dev/no-such-device rw
"""


@pytest.fixture
def mounted(tmp_path: Path) -> tuple[Path, Path]:
    """A fake /proc and /run about directories below tmp_path."""
    for name in ("win", "new", "stick/inner", "nas", "with space", "twice", "unknown", "proc/self"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "run" / "udev" / "data").mkdir(parents=True)
    table = MOUNTINFO.strip().format(base=tmp_path.resolve())
    (tmp_path / "proc" / "self" / "mountinfo").write_text(table + "\n")
    (tmp_path / "run" / "udev" / "data" / "b8:17").write_text("S:x\nE:ID_FS_TYPE=ntfs\nE:A=b\n")
    return tmp_path / "proc", tmp_path / "run"


@linux_only
@pytest.mark.parametrize(
    ("place", "kind", "device", "read_only", "network"),
    [
        (".", "ext4", "/dev/sda2", False, False),
        ("win/models/not/there/yet", "ntfs", "/dev/sdb1", False, False),
        ("new", "ntfs", "/dev/sdb2", False, False),
        ("stick", "vfat", "/dev/sdc1", True, False),
        ("stick/inner/x", "tmpfs", "tmpfs", False, False),
        ("nas/x", "nfs", "server:/export", True, True),
        ("with space/x", "sshfs", "me@host:/a b", False, True),
        ("twice", "xfs", "/dev/sde1", False, False),
        ("unknown", "fuseblk", "/dev/no-such-device", False, False),
    ],
)
def test_the_filesystem_of_a_path_is_the_nearest_mount_above_it(
    tmp_path: Path,
    mounted: tuple[Path, Path],
    place: str,
    kind: str,
    device: str,
    read_only: bool,
    network: bool,
) -> None:
    proc, run = mounted
    found = filesystem_of(tmp_path / place, proc=proc, run=run)
    assert (found.kind, found.device) == (kind, device)
    assert (found.read_only, found.network) == (read_only, network)
    assert (tmp_path / place).resolve().is_relative_to(found.mount_point)


@linux_only
def test_without_a_mount_table_the_filesystem_is_unknown(tmp_path: Path) -> None:
    found = filesystem_of(tmp_path, proc=tmp_path / "none", run=tmp_path)
    assert (found.kind, found.read_only) == ("unknown", False)


@needs_mount
def test_a_real_mount_is_recognised(tmp_path: Path) -> None:
    code = """
from model_library.io.platform.filesystems import filesystem_of, free_bytes
found = filesystem_of(place / "not" / "there")
print(found.kind, found.mount_point == place, found.read_only, free_bytes(place / "not"))
"""
    expected = f"tmpfs True True {1 << 20}"
    assert run_on("tmpfs -o ro,size=1m", tmp_path, code) == expected


def test_the_portable_way_finds_the_same_mount_point(tmp_path: Path) -> None:
    found = filesystem_of(tmp_path)
    same = [mount for mount in filesystems._mounts_of_psutil() if mount.device == found.device]
    assert found.mount_point in [mount.mount_point for mount in same]
    assert found.mount_point in mount_points()


def test_free_space_is_that_of_the_nearest_existing_parent(tmp_path: Path) -> None:
    here, below = free_bytes(tmp_path), free_bytes(tmp_path / "not" / "there" / "yet")
    assert here > 0
    assert below == pytest.approx(here, rel=0.2)


def ntfs(mount_point: Path, device: str = "/dev/no-such-device") -> Filesystem:
    return Filesystem("ntfs", mount_point, device, read_only=False, network=False)


@pytest.mark.parametrize(("found", "dirty"), [("dirty", True), ("clean", False)])
def test_ntfs3_tells_the_state_it_found_when_mounting(
    tmp_path: Path, found: str, dirty: bool
) -> None:
    (tmp_path / "fs" / "ntfs3" / "no-such-device").mkdir(parents=True)
    volume = tmp_path / "fs" / "ntfs3" / "no-such-device" / "volinfo"
    volume.write_text(f"ntfs3.1\n4096\n1000\n27\n5\n{found}\ndirty\n")
    assert ntfs_is_dirty(ntfs(tmp_path), proc=tmp_path) is dirty


def test_a_hibernated_windows_makes_a_volume_dirty(tmp_path: Path) -> None:
    (tmp_path / "hiberfil.sys").write_bytes(b"HIBR" + bytes(100))
    assert ntfs_is_dirty(ntfs(tmp_path), proc=tmp_path) is True


def test_an_awake_windows_leaves_an_empty_hibernation_file(tmp_path: Path) -> None:
    (tmp_path / "hiberfil.sys").write_bytes(bytes(100))
    assert ntfs_is_dirty(ntfs(tmp_path), proc=tmp_path) is None


def test_only_ntfs_can_be_a_dirty_ntfs(tmp_path: Path) -> None:
    (tmp_path / "hiberfil.sys").write_bytes(b"hibr")
    other = Filesystem("ext4", tmp_path, "/dev/sda1", read_only=False, network=False)
    assert ntfs_is_dirty(other, proc=tmp_path) is None
