"""Calling the C library, and what stands in where a system has no such call. All of it raises OSError."""

from __future__ import annotations

import errno
import functools
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ctypes


@functools.cache
def _c_library() -> ctypes.CDLL:
    import ctypes  # here, because it costs start-up time

    return ctypes.CDLL(None, use_errno=True)


def call_c(name: str, *arguments: object) -> None:
    """Call a function of the C library that answers 0, or -1 and errno."""
    import ctypes  # here, because it costs start-up time

    function = getattr(_c_library(), name, None)
    if function is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    if function(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def not_here(*_arguments: object) -> Any:
    """In the place of what this system cannot do."""
    raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))


def nothing_to_do(*_arguments: object) -> None:
    """In the place of what this system does not need."""
