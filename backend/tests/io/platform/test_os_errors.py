"""An error of the system becomes one of ours."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

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
from model_library.io.platform.os_errors import translate_os_error


@pytest.mark.parametrize(
    ("number", "writing", "kind"),
    [
        (errno.ENOSPC, True, TargetFullError),
        (errno.EDQUOT, True, TargetFullError),
        (errno.EROFS, True, TargetReadOnlyError),
        (errno.EACCES, True, TargetReadOnlyError),
        (errno.EEXIST, True, TargetExistsError),
        (errno.EFBIG, True, UnsupportedFilesystemError),
        (errno.ENAMETOOLONG, True, PathTooLongError),
        (errno.EIO, True, WriteError),
        (errno.ENOENT, True, WriteError),
        (errno.ENOENT, False, SourceNotFoundError),
        (errno.ELOOP, False, SourceNotFoundError),
        (errno.EACCES, False, SourceUnreadableError),
        (errno.EIO, False, SourceUnreadableError),
        (errno.ENAMETOOLONG, False, PathTooLongError),
    ],
)
def test_an_error_of_the_system_becomes_ours_with_reason_path_and_hint(
    number: int, writing: bool, kind: type[FileError]
) -> None:
    error = translate_os_error(
        OSError(number, os.strerror(number)), path=Path("x"), writing=writing
    )
    assert type(error) is kind
    assert os.strerror(number) in error.message
    assert error.path == "x"
    assert kind is TargetExistsError or error.hint
