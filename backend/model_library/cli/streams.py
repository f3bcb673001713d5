"""The standard streams as they may be found: closed, full, or of an encoding that has few characters."""

from __future__ import annotations

import errno
import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from model_library.errors import FileError, SourceNotFoundError, WriteError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_STREAMS: Final = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))


def mend_streams() -> None:
    """Open /dev/null for each standard stream that is closed, and let no character be an error.

    The first file that is opened gets the number of a closed stream: what a program that we start, or the system
    itself, writes there would be written into that file.
    """
    for name, mode in _STREAMS:
        if getattr(sys, name) is None:  # so Python says that its descriptor is closed
            descriptor = os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
            os.set_inheritable(descriptor, True)
            setattr(sys, name, os.fdopen(descriptor, mode))
    if sys.stdout is sys.__stdout__ and isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout = io.TextIOWrapper(
            io.BufferedWriter(_Output(sys.stdout.fileno(), "w", closefd=False)),
            encoding=sys.stdout.encoding,
            errors="backslashreplace",
            line_buffering=sys.stdout.line_buffering,
        )


class _Output(io.FileIO):
    """Stdout whose errors are told from those of other files, and told once: at its end Python writes again what
    it could not write."""

    _failed = False

    def write(self, data: ReadableBuffer, /) -> int:
        if self._failed:
            return len(memoryview(data))
        try:
            return super().write(data) or 0
        except BrokenPipeError:  # `| head`: that is no error worth a word
            self._failed = True
            raise
        except OSError as error:
            self._failed = True
            raise WriteError(
                f"The output cannot be written: {error.strerror}",
                hint="What was to be done is done.",
            ) from error


def error_of_system(error: OSError) -> FileError:
    """What the system said no to where nobody expected it, as one clear error."""
    if error.filename is None and error.errno == errno.ENOENT:  # so os.getcwd says it
        return SourceNotFoundError(
            "The working directory is not there any more", hint="Change into another and try again."
        )
    path = Path(error.filename) if isinstance(error.filename, str | os.PathLike) else None
    return WriteError(
        f"The system refused: {error.strerror or error}",
        path=path,
        hint="Look at the drive and the directory, and try again.",
    )
