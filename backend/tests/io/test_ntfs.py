"""What an NTFS volume says about itself, read from images of the few sectors that say it."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from model_library.io.ntfs import boot_sector_kind, is_marked_dirty

SECTOR = 512
CLUSTER = 8 * SECTOR
RECORD = 1024
TABLE = 4
"""Cluster that the master file table begins at."""


def boot_sector(*, record_size_code: int = -10, name: bytes = b"NTFS    ") -> bytes:
    sector = bytearray(SECTOR)
    sector[3:11] = name
    struct.pack_into("<HB", sector, 11, SECTOR, CLUSTER // SECTOR)
    struct.pack_into("<Q", sector, 48, TABLE)
    struct.pack_into("<b", sector, 64, record_size_code)
    return bytes(sector)


def volume_record(flags: int, *, name_length: int = 16) -> bytes:
    """A file record with a name and the volume information, sealed with its fixups."""
    record = bytearray(RECORD)
    struct.pack_into("<4sHH", record, 0, b"FILE", 48, 3)
    struct.pack_into("<H", record, 20, 56)
    struct.pack_into("<II", record, 56, 0x60, 24 + name_length)
    position = 56 + 24 + name_length
    struct.pack_into("<II", record, position, 0x70, 40)
    struct.pack_into("<IH", record, position + 16, 12, 24)
    struct.pack_into("<BBH", record, position + 24 + 8, 3, 1, flags)
    struct.pack_into("<I", record, position + 40, 0xFFFFFFFF)
    struct.pack_into("<H", record, 48, 0x5A5A)
    for number in (1, 2):
        end = number * SECTOR
        record[48 + 2 * number : 50 + 2 * number] = record[end - 2 : end]
        record[end - 2 : end] = b"\x5a\x5a"
    return bytes(record)


def image(tmp_path: Path, boot: bytes, record: bytes, *, record_size: int = RECORD) -> Path:
    path = tmp_path / "volume"
    with path.open("wb") as file:
        file.write(boot)
        file.seek(TABLE * CLUSTER + 3 * record_size)
        file.write(record)
    return path


@pytest.mark.parametrize(
    ("flags", "dirty"), [(0, False), (1, True), (0x4000, False), (0x4001, True)]
)
def test_the_dirty_flag_is_that_of_the_volume(tmp_path: Path, flags: int, dirty: bool) -> None:
    assert is_marked_dirty(image(tmp_path, boot_sector(), volume_record(flags))) is dirty


def test_the_flag_is_right_where_a_fixup_covers_it(tmp_path: Path) -> None:
    length = SECTOR - 2 - (56 + 24 + 24 + 10)
    path = image(tmp_path, boot_sector(), volume_record(1, name_length=length))
    assert is_marked_dirty(path) is True


def test_the_size_of_a_record_may_be_given_in_clusters(tmp_path: Path) -> None:
    path = image(tmp_path, boot_sector(record_size_code=1), volume_record(1), record_size=CLUSTER)
    assert is_marked_dirty(path) is True


@pytest.mark.parametrize(
    ("boot", "record"),
    [
        (b"", b""),
        (boot_sector(name=b"EXFAT   "), volume_record(1)),
        (boot_sector(), b""),
        (boot_sector(), b"BAAD" + volume_record(1)[4:]),
        (boot_sector(record_size_code=-40), volume_record(1)),
        (boot_sector(), volume_record(1)[:56] + struct.pack("<I", 0xFFFFFFFF) + bytes(100)),
        (boot_sector(), volume_record(1)[:56] + bytes(RECORD - 56)),
        (boot_sector(), volume_record(1)[:90]),
    ],
)
def test_what_cannot_be_understood_is_not_known(tmp_path: Path, boot: bytes, record: bytes) -> None:
    assert is_marked_dirty(image(tmp_path, boot, record)) is None


def test_the_boot_sector_names_the_filesystem(tmp_path: Path) -> None:
    for name, kind in ((b"NTFS    ", "ntfs"), (b"EXFAT   ", "exfat"), (b"MSDOS5.0", None)):
        path = image(tmp_path, boot_sector(name=name), b"")
        assert boot_sector_kind(path) == kind
    assert boot_sector_kind(tmp_path / "no such device") is None
    assert is_marked_dirty(tmp_path / "no such device") is None
