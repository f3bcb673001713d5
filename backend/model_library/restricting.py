"""The user's `overrides.json` of a model: read, and changed without losing what it says of others."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from model_library.errors import InvalidValueError, MetadataError
from model_library.io.files import write_durably
from model_library.io.platform.os_errors import translate_os_error
from model_library.io.platform.page_cache import fsync_directory
from model_library.library import Catalog, Record
from model_library.profiles.overrides import MAX_BYTES, RANGES, parse_overrides
from model_library.profiles.reading import APP_NAME
from model_library.store import read_document
from model_library.surveying import OVERRIDES

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet


def overrides_path(record: Record) -> Path:
    return record.directory / OVERRIDES


def allowed_ranges(record: Record) -> Mapping[str, SpecifierSet]:
    """The ranges by application, in lower case; empty without a file. Raises MetadataError."""
    data = _held(record)
    return {} if data is None else parse_overrides(data, overrides_path(record))


def range_texts(record: Record) -> dict[str, str]:
    """The ranges as they are written. Raises MetadataError."""
    data = _held(record)
    if data is None:
        return {}
    parse_overrides(data, overrides_path(record))
    return dict(json.loads(data).get(RANGES, {}))


def set_ranges(catalog: Catalog, record: Record, ranges: Mapping[str, str]) -> None:
    """Change the ranges of some applications; an empty text takes one away, and the last one the file.

    Raises InvalidValueError, MetadataError when the file that is there cannot be understood: then it is left
    as it is. RootOfflineError, FileError, LibraryBusyError.
    """
    record.root.require_online()
    path = overrides_path(record)
    with catalog.exclusive():
        texts = range_texts(record)
        for app, text in ranges.items():
            if not APP_NAME.fullmatch(app):
                raise InvalidValueError(f"{app!r} is no name of an application")
            texts = {name: old for name, old in texts.items() if name.casefold() != app.casefold()}
            if text.strip():
                texts[app] = text.strip()
        if texts:
            document = json.dumps({RANGES: texts}, indent=2, sort_keys=True, ensure_ascii=False)
            data = f"{document}\n".encode()
            _require_valid(data, path)
            write_durably(path, data)
        elif os.path.lexists(path):
            _remove(path)


def _held(record: Record) -> bytes | None:
    path = overrides_path(record)
    return read_document(path, MAX_BYTES)[0] if os.path.lexists(path) else None


def _require_valid(data: bytes, path: Path) -> None:
    try:
        parse_overrides(data, path)
    except MetadataError as error:
        message = error.message.removeprefix("overrides.json is not valid: ")
        hint = "Ranges are PEP 440 specifiers: >=0.5.0,<0.7.0"
        raise InvalidValueError(message[:1].upper() + message[1:], hint=hint) from error


def _remove(path: Path) -> None:
    try:
        path.unlink()
        fsync_directory(path.parent)
    except OSError as error:
        raise translate_os_error(error, path=path, writing=True) from error
