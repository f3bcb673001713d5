"""The physical drives beneath a path."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from model_library.io.platform.drives import Drive, drives_of
from model_library.io.platform.filesystems import filesystem_of

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads what only Linux has")


class FakeSys:
    """A /sys with the block devices of a machine."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("dev/block", "class/block"):
            (root / name).mkdir(parents=True)

    def disk(self, name: str, number: str, rotational: str | None = None) -> Path:
        block = self._add(self.root / "devices" / "pci0" / name, name, number)
        if rotational is not None:
            (block / "queue").mkdir()
            (block / "queue" / "rotational").write_text(f"{rotational}\n")
        return block

    def partition(self, disk: Path, name: str, number: str) -> Path:
        block = self._add(disk / name, name, number)
        (block / "partition").write_text("1\n")
        return block

    def virtual(self, name: str, number: str, *slaves: Path) -> Path:
        block = self._add(self.root / "devices" / "virtual" / name, name, number)
        (block / "queue").mkdir()
        (block / "queue" / "rotational").write_text("0\n")
        for slave in slaves:
            (block / "slaves" / slave.name).symlink_to(slave)
        return block

    def _add(self, block: Path, name: str, number: str) -> Path:
        (block / "slaves").mkdir(parents=True)
        (self.root / "dev" / "block" / number).symlink_to(block)
        (self.root / "class" / "block" / name).symlink_to(block)
        return block


@pytest.fixture
def fake_sys(tmp_path: Path) -> FakeSys:
    return FakeSys(tmp_path / "sys")


def drives(fake_sys: FakeSys, major: int, minor: int) -> set[tuple[str, bool | None]]:
    found = drives_of(fake_sys.root, device_number=os.makedev(major, minor), sysfs=fake_sys.root)
    return {(drive.key, drive.rotational) for drive in found}


@linux_only
@pytest.mark.parametrize(
    ("disk", "partition", "rotational", "expected"),
    [
        ("nvme0n1", "nvme0n1p3", "0", False),
        ("mmcblk0", "mmcblk0p1", "0", False),
        ("sda", "sda1", "1", True),
        ("vda", "vda1", None, None),
    ],
)
def test_partitions_belong_to_their_drive(
    fake_sys: FakeSys, disk: str, partition: str, rotational: str | None, expected: bool | None
) -> None:
    block = fake_sys.disk(disk, "259:0", rotational)
    fake_sys.partition(block, partition, "259:3")
    assert drives(fake_sys, 259, 3) == {(disk, expected)}
    assert drives(fake_sys, 259, 0) == {(disk, expected)}


@linux_only
def test_lvm_over_luks_leads_to_the_drive_beneath(fake_sys: FakeSys) -> None:
    nvme = fake_sys.disk("nvme0n1", "259:0", "0")
    partition = fake_sys.partition(nvme, "nvme0n1p2", "259:2")
    crypt = fake_sys.virtual("dm-0", "253:0", partition)
    fake_sys.virtual("dm-1", "253:1", crypt)
    fake_sys.virtual("dm-2", "253:2", crypt)
    assert drives(fake_sys, 253, 1) == drives(fake_sys, 253, 2) == {("nvme0n1", False)}


@linux_only
def test_an_array_lies_on_all_its_drives(fake_sys: FakeSys) -> None:
    slow = fake_sys.partition(fake_sys.disk("sda", "8:0", "1"), "sda1", "8:1")
    fast = fake_sys.partition(fake_sys.disk("sdb", "8:16", "0"), "sdb1", "8:17")
    fake_sys.virtual("md127", "9:127", slow, fast)
    assert drives(fake_sys, 9, 127) == {("sda", True), ("sdb", False)}


@linux_only
def test_one_btrfs_lies_on_all_its_devices(fake_sys: FakeSys) -> None:
    one = fake_sys.partition(fake_sys.disk("sda", "8:0", "1"), "sda2", "8:2")
    two = fake_sys.disk("sdb", "8:16", "1")
    members = fake_sys.root / "fs" / "btrfs" / "12345678-uuid" / "devices"
    members.mkdir(parents=True)
    for block in (one, two):
        (members / block.name).symlink_to(block)
    assert drives(fake_sys, 8, 2) == {("sda", True), ("sdb", True)}


@linux_only
def test_what_is_not_in_sysfs_is_one_drive_of_its_own(fake_sys: FakeSys) -> None:
    device = filesystem_of(fake_sys.root).device
    assert drives(fake_sys, 0, 99) == {(device, None)}


@linux_only
def test_an_invented_device_number_is_looked_up_by_name(fake_sys: FakeSys) -> None:
    device = filesystem_of(fake_sys.root).device
    if not device.startswith("/dev/"):
        pytest.skip("the tests run on a filesystem without a device")
    name = Path(device).resolve().name
    fake_sys.disk(name, "8:0", "1")
    assert drives(fake_sys, 0, 45) == {(name, True)}


def test_this_machine_has_a_drive(tmp_path: Path) -> None:
    found = drives_of(tmp_path / "not" / "there")
    assert found
    assert all(isinstance(drive, Drive) and drive.key for drive in found)
