"""Reading the small files beside the weights: configs, shard indexes, sidecars.

Whatever they hold, reading one costs at most its limit in bytes and gives a value or one clear
error; deep nesting, huge numbers and wrong encodings are answers, not crashes.
"""

from __future__ import annotations

import errno
import json
import os
import stat
from pathlib import Path

from model_library.errors import BrokenModelError, HeaderLimitError, SourceUnreadableError


def read_bounded(path: Path, limit: int) -> bytes:
    """All bytes of a file of at most `limit` bytes.

    Raises HeaderLimitError for a larger one and SourceUnreadableError when reading fails.
    """
    try:
        with open(path, "rb", opener=_open_regular) as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        raise SourceUnreadableError(f"cannot be read: {error.strerror}", path=path) from error
    if len(data) > limit:
        raise HeaderLimitError(
            f"is larger than {limit:,} bytes, which no file of its kind needs", path=path
        )
    return data


def _open_regular(path: str, flags: int) -> int:
    """Links are followed, a pipe is not waited for. Raises OSError for what is no regular file."""
    descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is not a regular file")
    return descriptor


def read_json_object(path: Path, limit: int) -> dict[str, object]:
    """The JSON object (UTF-8, with or without a byte order mark) that a file holds.

    Raises BrokenModelError when the file holds anything else, besides the errors of
    `read_bounded`.
    """
    data = read_bounded(path, limit)
    try:
        value = json.loads(data.decode("utf-8-sig"))
    except RecursionError as error:
        raise BrokenModelError("is nested too deeply to be real", path=path) from error
    except ValueError as error:  # no JSON, no UTF-8, or a number of thousands of digits
        raise BrokenModelError(f"is not valid JSON: {_first_line(error)}", path=path) from error
    if not isinstance(value, dict):
        raise BrokenModelError("holds JSON, but not an object", path=path)
    return value


def _first_line(error: ValueError) -> str:
    return str(error).partition("\n")[0][:200]
