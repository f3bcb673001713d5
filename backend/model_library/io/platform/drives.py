"""The physical drives beneath a path."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from model_library.io.platform.filesystems import filesystem_of, nearest_existing
from model_library.io.platform.syscalls import not_here
from model_library.io.platform.system_files import text_of

if sys.platform == "linux":

    def _block_number(device: int) -> str:
        return f"{os.major(device)}:{os.minor(device)}"  # as sysfs spells it

else:
    _block_number = not_here


@dataclass(frozen=True, slots=True)
class Drive:
    """One physical drive, or what stands for it where it cannot be known."""

    key: str
    """Kernel name ('sda', 'nvme0n1', 'mmcblk0'); else the device of the filesystem."""
    rotational: bool | None
    """True: a hard disk; None: not known."""


def drives_of(
    path: Path, *, device_number: int | None = None, sysfs: Path = Path("/sys")
) -> frozenset[Drive]:
    """The physical drives beneath a path, through partitions, LVM, LUKS, md and btrfs; never empty.

    `device_number` (st_dev) and `sysfs` stand for the machine's own. What cannot be found is one
    drive, keyed by the filesystem's device, with `rotational` None.
    """
    device = filesystem_of(path).device
    try:
        if device_number is None:
            device_number = nearest_existing(path).stat().st_dev
        blocks = _block_devices(device_number, device, sysfs)
        return frozenset(drive for block in blocks for drive in _drives_beneath(block))
    except OSError:  # restricted, remote, in memory, or not Linux
        return frozenset({Drive(device, None)})


def _block_devices(number: int, device: str, sysfs: Path) -> list[Path]:
    """The kernel's directories about the devices that one filesystem lies on. Raises OSError."""
    block = sysfs / "dev" / "block" / _block_number(number)
    if device.startswith("/dev/") and not block.exists():  # btrfs invents a number per subvolume
        block = sysfs / "class" / "block" / Path(device).resolve().name
    block = block.resolve(strict=True)
    for member in (sysfs / "fs" / "btrfs").glob(f"*/devices/{block.name}"):
        return [path.resolve(strict=True) for path in member.parent.iterdir()]
    return [block]


def _drives_beneath(block: Path) -> Iterator[Drive]:
    if (block / "partition").exists():
        block = block.parent
    slaves = sorted((block / "slaves").iterdir()) if (block / "slaves").is_dir() else []
    for slave in slaves:
        yield from _drives_beneath(slave.resolve(strict=True))
    if not slaves:
        answer = text_of(block / "queue" / "rotational").strip()
        yield Drive(block.name, {"0": False, "1": True}.get(answer))
