"""What an NTFS volume says about itself that mount tables do not tell; it is only read, and only
where this user may read it.

Layout of boot sector, file record and $Volume: the documentation of the Linux-NTFS project.
"""

from __future__ import annotations

import struct
from pathlib import Path

_BOOT_SECTOR_SIZE = 512
_VOLUME_RECORD = 3
"""Number of the file record of $Volume in the master file table."""
_VOLUME_INFORMATION = 0x70
_END_OF_ATTRIBUTES = 0xFFFFFFFF
_FLAG_DIRTY = 0x0001
_LARGEST_RECORD = 64 * 1024
"""Bytes; real ones have 1 or 4 KiB."""


def boot_sector_kind(device: Path) -> str | None:
    """'ntfs' or 'exfat' by the signature on the device; None: another, or not readable."""
    try:
        with device.open("rb") as file:
            signature = file.read(_BOOT_SECTOR_SIZE)[3:11]
    except OSError:
        return None
    return {b"NTFS    ": "ntfs", b"EXFAT   ": "exfat"}.get(signature)


def is_hibernated(mount_point: Path) -> bool:
    """Whether Windows is suspended on this volume and expects to find it unchanged."""
    try:
        with (mount_point / "hiberfil.sys").open("rb") as file:
            return file.read(4).lower() == b"hibr"
    except OSError:
        return False


def is_marked_dirty(device: Path) -> bool | None:
    """The flag that Windows sets while it writes and clears when it has shut down.

    None: not readable, or not NTFS.
    """
    try:
        record = _volume_record(device)
        return _volume_flags(record) & _FLAG_DIRTY != 0
    except (OSError, ValueError, struct.error):
        return None


def _volume_record(device: Path) -> bytes:
    with device.open("rb") as file:
        boot = file.read(_BOOT_SECTOR_SIZE)
        if boot[3:11] != b"NTFS    ":
            raise ValueError("not an NTFS boot sector")
        sector_size, sectors = struct.unpack_from("<HB", boot, 11)
        (table,) = struct.unpack_from("<Q", boot, 48)
        (clusters,) = struct.unpack_from("<b", boot, 64)
        cluster_size = sector_size * sectors
        # a negative number of clusters is a power of two of bytes
        size = clusters * cluster_size if clusters > 0 else 1 << -clusters
        if size > _LARGEST_RECORD:
            raise ValueError("absurd size of a file record")
        file.seek(table * cluster_size + _VOLUME_RECORD * size)
        return _without_fixups(file.read(size), sector_size)


def _without_fixups(record: bytes, sector_size: int) -> bytes:
    """The record with the true last two bytes of each sector, which are kept aside on the drive."""
    if record[:4] != b"FILE":
        raise ValueError("not a file record")
    start, count = struct.unpack_from("<HH", record, 4)
    whole = bytearray(record)
    for number in range(1, count):
        end = number * sector_size
        whole[end - 2 : end] = record[start + 2 * number : start + 2 * number + 2]
    return bytes(whole)


def _volume_flags(record: bytes) -> int:
    (position,) = struct.unpack_from("<H", record, 20)
    while True:
        kind, length = struct.unpack_from("<II", record, position)
        if kind == _VOLUME_INFORMATION:
            (value,) = struct.unpack_from("<H", record, position + 20)
            (flags,) = struct.unpack_from("<H", record, position + value + 10)
            return int(flags)
        if kind == _END_OF_ATTRIBUTES or length == 0:
            raise ValueError("no volume information")
        position += length
