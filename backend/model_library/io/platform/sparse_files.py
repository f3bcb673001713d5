"""Where a file has data and where it has holes."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator

_SEEK_DATA: int | None = getattr(os, "SEEK_DATA", None)
_SEEK_HOLE: int | None = getattr(os, "SEEK_HOLE", None)


def data_regions(descriptor: int, size: int) -> Iterator[tuple[int, int, bool]]:
    """Yield (start, end, is_data) in bytes, without gaps from 0 to `size`; holes are not data.

    Moves the file position between yields. Where holes cannot be asked for, all is data.
    """
    position = 0
    while position < size:
        data, hole = _next_data(descriptor, position, size)
        if data > position:
            yield position, data, False
        if hole > data:
            yield data, hole, True
        position = hole


def _next_data(descriptor: int, position: int, size: int) -> tuple[int, int]:
    """Start and end of the next data at or after `position`; (size, size) when there is none."""
    if _SEEK_DATA is None or _SEEK_HOLE is None:
        return position, size
    try:
        data = min(os.lseek(descriptor, position, _SEEK_DATA), size)
        hole = os.lseek(descriptor, data, _SEEK_HOLE) if data < size else size
    except OSError as error:
        return (size, size) if error.errno == errno.ENXIO else (position, size)
    return data, min(hole, size)
