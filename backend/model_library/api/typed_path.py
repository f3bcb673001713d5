"""A path as a person types or pastes it."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

from model_library.errors import InvalidValueError

_QUOTES = ("'", '"')


def typed_path(text: str) -> Path:
    """An absolute path out of one that is written so, `~` or `~name` with what follows it, or a `file://` address
    as file managers copy it (RFC 8089); quotes around it, as terminals write them, are none of its characters.

    Raises InvalidValueError.
    """
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in _QUOTES:
        text = text[1:-1]
    try:
        path = _of_address(text) if text[:5].lower() == "file:" else Path(text).expanduser()
    except RuntimeError as error:  # nobody knows that user's home
        raise InvalidValueError("Nobody has that home directory", path=text) from error
    if not path.is_absolute():
        raise InvalidValueError("This is no absolute path", hint="Give the whole path of a folder.")
    return path


def _of_address(text: str) -> Path:
    try:
        address = urlsplit(text)
    except ValueError as error:  # a host in brackets that is none
        raise InvalidValueError("This address cannot be read", path=text) from error
    path = os.fsdecode(unquote_to_bytes(address.path))
    if "\0" in path:
        raise InvalidValueError("This address cannot be read", path=text)
    if address.netloc not in {"", "localhost"}:
        raise InvalidValueError(
            "This address leads to another computer",
            path=text,
            hint="Mount its folder, and give the path where it is mounted.",
        )
    return Path(path)
