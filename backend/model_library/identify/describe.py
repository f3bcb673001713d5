"""Says what a file is when it is not a model, so that every "no" is explained.

Decides by the first bytes. The answer is a short noun phrase and what a person can do about it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from model_library.errors import NotAModelError
from model_library.identify.source import Source
from model_library.naming import display_text

_UNPACK = "Unpack it and give the files inside."
_AGAIN = "Download the file again; the download did not get the model itself."

_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"\x1f\x8b", "a gzip-compressed file", _UNPACK),
    (b"BZh", "a bzip2-compressed file", _UNPACK),
    (b"\xfd7zXZ\0", "an xz-compressed file", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "a zstandard-compressed file", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (b"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (b"PK\x03\x04", "a zip archive", _UNPACK),
    (b"PK\x05\x06", "an empty zip archive", _UNPACK),
    (b"\x89PNG\r\n\x1a\n", "a PNG image", ""),
    (b"\xff\xd8\xff", "a JPEG image", ""),
    (b"GIF8", "a GIF image", ""),
    (b"\x1a\x45\xdf\xa3", "a Matroska or WebM video", ""),
    (b"%PDF-", "a PDF document", ""),
    (b"OggS", "an Ogg file", ""),
    (b"ID3", "an MP3 file", ""),
    (b"\x7fELF", "a Linux program", ""),
    (b"MZ", "a Windows program", ""),
    (b"SQLite format 3\0", "an SQLite database", ""),
    (
        b"\x89HDF\r\n\x1a\n",
        "an HDF5 file (an older Keras model has this form)",
        "Export it as ONNX.",
    ),
    (b"\x93NUMPY", "a NumPy array", ""),
    (b"GGUF", "a GGUF file", ""),
    (b"lmgg", "a GGML model from before GGUF", "Look for a GGUF version of this model."),
    (b"fmgg", "a GGMF model from before GGUF", "Look for a GGUF version of this model."),
    (b"tjgg", "a GGJT model from before GGUF", "Look for a GGUF version of this model."),
    (b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19", "a PyTorch pickle", ""),
    (
        b"version https://git-lfs.github.com/spec/",
        "a Git LFS pointer (the model itself was not downloaded)",
        "Run `git lfs pull` where it came from, or download the file from the web page.",
    ),
    (b"# xet version", "a Xet pointer (the model itself was not downloaded)", _AGAIN),
)

_SHOWN = 100
"""Characters of a name that a message shows."""

_HTML = re.compile(rb"\s*(<!doctype html|<html|<head|<\?xml[^>]*>\s*<!doctype html)", re.IGNORECASE)
_JSON = re.compile(rb"\s*[\[{]\s*[\"\]}\[{\d-]")


def _container(head: bytes) -> tuple[str, str] | None:
    if head[:4] == b"RIFF":
        kinds = {b"WEBP": "a WebP image", b"WAVE": "a WAV file", b"AVI ": "an AVI video"}
        return kinds.get(head[8:12], "a RIFF file"), ""
    if head[4:8] == b"ftyp":
        image = head[8:12] in {b"avif", b"avis", b"heic", b"heix", b"mif1"}
        return ("an AVIF or HEIC image" if image else "an MP4 or QuickTime video"), ""
    if head[257:262] == b"ustar":
        return "a tar archive", _UNPACK
    if not head.strip(b"\0"):
        return "filled with zero bytes at its beginning (a download was interrupted)", _AGAIN
    return None


def _text(head: bytes) -> tuple[str, str] | None:
    if _HTML.match(head):
        return (
            "a web page (HTML), often an error or a login page saved under a model's name",
            _AGAIN,
        )
    if not is_text(head):
        return None
    if _JSON.match(head):
        return "a JSON document", ""
    return "a text file", ""


def is_text(head: bytes) -> bool:
    """Whether the bytes are UTF-8 text without control characters; the last one may be cut."""
    text = head.decode("utf-8", errors="replace").rstrip("\ufffd")
    return (
        bool(text)
        and "\ufffd" not in text
        and all(c.isprintable() or c in "\t\r\n\f\ufeff" for c in text)
    )


def shown(text: str) -> str:
    """A name or value from a file as it may stand in a message: quoted, escaped and short."""
    return repr(display_text(text, _SHOWN))


def what_is(head: bytes) -> tuple[str, str]:
    """What a file with these first bytes is, and what to do; both are for people."""
    for magic, name, hint in _MAGIC:
        if head.startswith(magic):
            return name, hint
    tests: tuple[Callable[[bytes], tuple[str, str] | None], ...] = (_container, _text)
    for test in tests:
        answer = test(head)
        if answer is not None:
            return answer
    return "binary data of a kind that is not known", NotAModelError.default_hint


def refusal(source: Source, wanted: str | None = None) -> NotAModelError:
    """The error that says what the file is instead of `wanted` (a model, if not given)."""
    what, hint = what_is(source.head)
    return NotAModelError(
        f"not {wanted or 'a model file'}: this is {what}",
        path=source.path,
        hint=hint or "Leave it where it is; only model files belong into the library.",
    )
