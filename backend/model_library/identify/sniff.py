"""Finds the reader for a file by its bytes, never by its name, and explains every "no".

The file is opened once and read by position. A name that promises another container than the bytes
hold is told as a warning: it is how pickles are passed off as something harmless.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from model_library.identify.describe import refusal
from model_library.identify.gguf import looks_like_gguf, parse_gguf
from model_library.identify.safetensors import looks_like_safetensors, parse_safetensors
from model_library.identify.source import Source, open_source
from model_library.identify.values import Header
from model_library.taxonomy import Container

_Reader = tuple[Callable[[bytes], bool], Callable[[Source], Header]]
"""What a file begins like, and its reader."""

_USUAL_READERS: tuple[_Reader, ...] = (
    (looks_like_gguf, parse_gguf),
    (looks_like_safetensors, parse_safetensors),
)
"""The surest signs first."""


@cache
def _more_readers() -> tuple[_Reader, ...]:
    """Those whose import takes long."""
    from model_library.identify.onnx import looks_like_onnx, parse_onnx
    from model_library.identify.pickles import looks_like_pickle_file, parse_pickle

    return (looks_like_pickle_file, parse_pickle), (looks_like_onnx, parse_onnx)


_PROMISES = {
    ".safetensors": Container.SAFETENSORS,
    ".sft": Container.SAFETENSORS,
    ".gguf": Container.GGUF,
    ".onnx": Container.ONNX,
}


def read_header(path: Path) -> Header:
    """Read the header of one model file of any known container.

    Raises SourceNotFoundError, SourceUnreadableError, EmptyFileError, NotAModelError (which says what
    the file is instead), TruncatedModelError, HeaderLimitError and BrokenModelError.
    """
    with open_source(path) as source:
        parse = _reader_of(source.head, _USUAL_READERS) or _reader_of(source.head, _more_readers())
        if parse is None:
            raise refusal(source)
        return _with_name_warning(parse(source), path)


def _reader_of(head: bytes, readers: tuple[_Reader, ...]) -> Callable[[Source], Header] | None:
    return next((parse for looks_like, parse in readers if looks_like(head)), None)


def _with_name_warning(header: Header, path: Path) -> Header:
    promised = _PROMISES.get(path.suffix.lower(), header.container)
    if promised is header.container:
        return header
    warning = f"named {path.suffix}, but the bytes are {header.container.value}"
    return replace(header, warnings=(*header.warnings, warning))
