"""A file that takes space only to give it up: on a full drive SQLite could open nothing, and so nothing could be
deleted to make room.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from model_library.io.platform.filesystems import free_bytes
from model_library.io.platform.os_errors import translate_os_error
from model_library.io.platform.page_cache import SYNCS_FILESYSTEMS, sync_filesystem

RESERVE_FILE: Final = ".model-library-reserve"
RESERVE_BYTES: Final = 1024 * 1024
"""Enough for what SQLite makes when it opens two databases (128 KiB), and for the record of a few deletions."""
_PLENTY: Final = 64 * RESERVE_BYTES
"""Free bytes from which on a reserve is taken."""
_BLOCK: Final = 128 * 1024
"""Bytes that a compressing filesystem looks at together (btrfs, ZFS): nothing may be alike within them."""


def keep_reserve(directory: Path) -> bool:
    """Take the reserve of a library where there is plenty, give it up where the drive is full; True: it was given up.

    Raises FileError.
    """
    path = directory / RESERVE_FILE
    held, free = _held(path), free_bytes(directory)
    if held is None:  # somebody else's
        return False
    if held and free < RESERVE_BYTES:
        return _give_up(path)
    if held < RESERVE_BYTES and free >= _PLENTY:
        _take(path)
    return False


def _held(path: Path) -> int | None:
    """Bytes of the reserve; None where something else has its name."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise translate_os_error(error, path=path, writing=False) from error
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def _take(path: Path) -> None:
    """One that was cut short is begun anew. That none can be had is missed only later."""
    with suppress(OSError):
        path.unlink(missing_ok=True)
        with path.open("xb") as file:
            file.write(os.urandom(_BLOCK) * (RESERVE_BYTES // _BLOCK))


def _give_up(path: Path) -> bool:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise translate_os_error(error, path=path, writing=True) from error
    if SYNCS_FILESYSTEMS:
        sync_filesystem(path.parent)  # btrfs gives the space to others only when this is on disk
    return True
