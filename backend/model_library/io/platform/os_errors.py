"""What an error of the system means: which class of `errors.py`, for which of two paths."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path

from model_library.errors import (
    FileError,
    PathTooLongError,
    SourceNotFoundError,
    SourceUnreadableError,
    TargetExistsError,
    TargetFullError,
    TargetReadOnlyError,
    UnsupportedFilesystemError,
    WriteError,
)

NOT_SUPPORTED = frozenset({errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.ENOTTY})

_WHILE_WRITING: Mapping[int, type[FileError]] = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), TargetFullError),
    **dict.fromkeys((errno.EROFS, errno.EACCES, errno.EPERM), TargetReadOnlyError),
    **dict.fromkeys((errno.EEXIST, errno.ENOTEMPTY), TargetExistsError),
    **dict.fromkeys((errno.EXDEV, errno.EMLINK, *NOT_SUPPORTED), UnsupportedFilesystemError),
    errno.EFBIG: UnsupportedFilesystemError,  # FAT32: no file of 4 GiB or more
    errno.ENAMETOOLONG: PathTooLongError,
}
_WHILE_READING: Mapping[int, type[FileError]] = {
    **dict.fromkeys((errno.ENOENT, errno.ENOTDIR, errno.ELOOP), SourceNotFoundError),
    errno.ENAMETOOLONG: PathTooLongError,
}


def translate_os_error(error: OSError, *, path: Path, writing: bool) -> FileError:
    """The error of ours that says what `error` means for `path`, to be raised `from` it."""
    table, otherwise = (
        (_WHILE_WRITING, WriteError) if writing else (_WHILE_READING, SourceUnreadableError)
    )
    kind = table.get(error.errno or 0, otherwise)
    hint = None if kind.default_hint else "Check the drive and the directory, or choose another."
    reason = error.strerror or type(error).__name__
    return kind(f"Cannot {'write' if writing else 'read'}: {reason}", path=path, hint=hint)


def two_path_error(error: OSError, source: Path, destination: Path) -> FileError:
    missing = error.errno == errno.ENOENT and not os.path.lexists(source)
    if missing or (error.filename == str(source) and error.filename2 is None):
        return translate_os_error(error, path=source, writing=False)
    return translate_os_error(error, path=destination, writing=True)
