"""Names: of models, of their files, and the digest that says which model a set of bytes is.

A name from outside is text, never a path, until one of the functions here has parsed it. What they
return can be stored on NTFS, exFAT, ext4 and APFS alike, and moves between them unchanged: no
forbidden or control character, no device name such as `CON` or `aux.txt`, no leading space, no
trailing dot or space, at most 255 bytes of UTF-8, Unicode form NFC. Rules of the filesystems:
https://learn.microsoft.com/windows/win32/fileio/naming-a-file and Apple's "Apple File System Guide".

Nothing is lost by a change of name: whoever stores a file under a safe name records the original
name beside it in `metadata.json`, and a name that lost characters ends in a short hash of the
original, so two originals never become one file.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import PurePosixPath

from model_library.errors import InvalidValueError, UnsafeNameError
from model_library.taxonomy import ModelForm

MAX_NAME_BYTES = 255
"""Bytes of UTF-8. ext4 and APFS count bytes; NTFS and exFAT count 255 UTF-16 units, never more."""

MAX_SLUG_LENGTH = 64
"""Characters. Leaves the path of a model well below the 260 characters of older Windows programs."""

MAX_DISPLAY_LENGTH = 200
"""Characters of untrusted text in one place of a terminal: about two lines of a wide window."""

SHORT_HASH_LENGTH = 8
"""Hex digits, in model ids and in changed file names."""

_FALLBACK_SLUG = "model"
_FALLBACK_STEM = "unnamed"

_ALSO_RESERVED = ("CONIN$", "CONOUT$")
"""Console devices of Windows that pathvalidate 3.3 does not list."""

_CONTROLS = "\x00-\x1f\x7f-\x9f"
_LINE_SEPARATORS = "\u2028\u2029"
_BIDI_OVERRIDES = "\u202a-\u202e\u2066-\u2069"
_NOT_TEXT = "\ud800-\udfff\ufdd0-\ufdef" + "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
"""Lone surrogates, which have no UTF-8 (a name that was not UTF-8 on disk holds them), and
noncharacters. The set can never grow, so a safe name is the same under every version of Unicode."""

_UNSAFE_IN_NAMES = re.compile(f"[{_CONTROLS}{_LINE_SEPARATORS}{_BIDI_OVERRIDES}{_NOT_TEXT}\ufeff]")
_WHITESPACE_CONTROLS = re.compile("[\t\n\v\f\r\x85\u2028\u2029]+")
_SHARD_NUMBER = re.compile(r"-\d{5}-of-\d{5}(?=(?:\.[A-Za-z0-9_]{1,16})?\Z)", re.ASCII)
_TAIL = re.compile(r"(?:-\d{5}-of-\d{5})?(?:\.[A-Za-z0-9_]{1,16})?\Z", re.ASCII)
"""What a changed name keeps at its end: the extension, and before it the shard number, because
loaders find the other shards by it."""

_PLAIN_NAME = re.compile(r"(?! )[A-Za-z0-9 !#'()+,.=@\[\]_-]{1,255}(?<![ .])", re.ASCII)
"""Nearly all names of model files: nothing in them that a filesystem could refuse, apart from the
names of devices."""

_MAYBE_DEVICE = re.compile("aux|clock|com|con|lpt|nul|prn|:", re.IGNORECASE)
"""What every device name begins with."""

_DRIVE_LETTER = re.compile(r"[A-Za-z]:")
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_JOINERS = "\u200c\u200d"
"""Invisible, but several scripts and most emoji need them."""


# --- models --------------------------------------------------------------------------------------


def slugify(name: str) -> str:
    """The readable part of a model id and the name of the model's directory.

    Lower-case ASCII letters, digits and single hyphens, 1 to 64 characters, never a device name.
    Accents are removed, everything else (spaces, `_`, `.`, other scripts) separates words; with
    nothing left it is `model`. Not unique: the content digest makes the id unique.
    """
    slug = (
        re.sub("[^a-z0-9]+", "-", name.lower() if name.isascii() else _unaccented(name))
        .strip("-")[:MAX_SLUG_LENGTH]
        .strip("-")
    )
    if not slug:
        return _FALLBACK_SLUG
    return f"{slug}-{_FALLBACK_SLUG}" if _is_device_name(slug) else slug


def _unaccented(name: str) -> str:
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    return "".join(c for c in folded if not unicodedata.combining(c))


def make_model_id(slug: str, content_digest: str) -> str:
    """`<slug>-<first 8 hex digits of the content digest>`, e.g. `sd-v1-5-pruned-6ce01607`.

    Raises InvalidValueError when `slug` is not one that `slugify` gives or the digest is not
    SHA-256 in lower-case hex.
    """
    if slugify(slug) != slug:
        raise InvalidValueError(f"not a slug: {display_text(slug)!r}")
    return f"{slug}-{_checked_sha256(content_digest)[:SHORT_HASH_LENGTH]}"


@dataclass(frozen=True, slots=True)
class DigestEntry:
    """One weight file as it takes part in the content digest. Made by `digest_entry`."""

    name: str
    """Empty for a single file, five digits for a shard, the relative name inside a folder."""
    sha256: str
    """Lower-case hex."""


def digest_entry(
    form: ModelForm, name: str, sha256: str, *, shard_index: int | None = None
) -> DigestEntry:
    """The entry of one weight file, under the name that counts for its form.

    A single file has none, so the same bytes under another name are the same model. A shard counts
    by its number (from 1). A file of a folder counts by its name relative to the folder as stored
    in the library, which `safe_relative_path` gives.

    Raises InvalidValueError for a shard without a number and for a `sha256` that is not one, and
    UnsafeNameError for a name in a folder that would leave it.
    """
    if form is ModelForm.SINGLE_FILE:
        counted = ""
    elif form is ModelForm.SHARDED_SET:
        if shard_index is None or shard_index < 1:
            raise InvalidValueError("a shard needs its number, counted from 1", path=name)
        counted = f"{shard_index:05d}"
    else:
        counted = safe_relative_path(name).as_posix()
    return DigestEntry(counted, _checked_sha256(sha256))


def content_digest(entries: Iterable[DigestEntry]) -> str:
    """The identity of a model's bytes: SHA-256, lower-case hex, of a list of its weight files.

    The list is one line a file, sorted by the bytes of the name, in the format of `sha256sum`:

        <64 hex digits of the file's SHA-256> <space> <space> <name in UTF-8> <line feed>

    so `printf '%s  \\n' "$sha256" | sha256sum` recomputes it for a single file, and for a
    transformers or diffusers folder
    `find . -name '*.safetensors' -printf '%P\\n' | LC_ALL=C sort | xargs -d '\\n' sha256sum | sha256sum`.

    Raises InvalidValueError for no entry at all and for two entries of one name.
    """
    ordered = sorted(entries, key=lambda entry: entry.name.encode())
    if not ordered:
        raise InvalidValueError("a model without a weight file has no content digest")
    for first, second in pairwise(ordered):
        if first.name == second.name:
            raise InvalidValueError(f"two weight files count as {display_text(first.name)!r}")
    listing = "".join(f"{entry.sha256}  {entry.name}\n" for entry in ordered)
    return hashlib.sha256(listing.encode()).hexdigest()


# --- files ---------------------------------------------------------------------------------------


def collision_key(name: str) -> str:
    """Equal for two names that a case-insensitive or normalising filesystem may hold only once.

    Unicode caseless matching in form NFC, a little wider than any filesystem's own table (dotless
    i counts as i), so that a surprise is a needless suffix and never a lost file.
    """
    if name.isascii():
        return name.lower()
    folded = unicodedata.normalize("NFD", name).upper().casefold()
    return unicodedata.normalize("NFC", folded)


def safe_file_name(original: str, taken: Collection[str] = ()) -> str:
    """One file name for `original` that every supported filesystem accepts.

    A name that is fine already comes back unchanged; one that is only not in NFC is normalised.
    Otherwise each forbidden character becomes `_` and `-<8 hex digits of the original's SHA-256>`
    goes before the extension (and before the number of a shard, from which the hash does not
    depend, so that the shards of a set keep one common name). The same happens when the name is
    the same as one of `taken` on a case-insensitive filesystem. Same arguments, same result; a
    safe name is its own safe name. Costs one pass over `taken`.
    """
    keys = {collision_key(name) for name in taken}
    if _PLAIN_NAME.fullmatch(original):
        cleaned, legal = original, not _is_device_name(original)
    else:
        cleaned = _replace_forbidden(original)
        unchanged = cleaned == unicodedata.normalize("NFC", original)
        legal = unchanged and _rules().is_legal(cleaned) and not _is_device_name(cleaned)
    if legal and collision_key(cleaned) not in keys:
        return cleaned
    return _with_short_hash(cleaned, original, lambda name: collision_key(name) not in keys)


def name_with(name: str, ending: str) -> str:
    """A safe name with `-<ending>` before its extension, and before the number of a shard: the shards of
    a set keep one common name."""
    stem, tail = _split_tail(name)
    return _cut(stem, MAX_NAME_BYTES - len(ending) - 1 - len(tail.encode())) + f"-{ending}{tail}"


def safe_relative_path(original: str, taken: Collection[str] = ()) -> PurePosixPath:
    """The name of a file inside a model, every part made safe by `safe_file_name`.

    `original` has `/` between its parts. `taken` are relative names that the model already has;
    the last part gets a hash when the path as a whole is the same as one of them.

    Raises UnsafeNameError for what is no plain relative name: `..`, `.`, empty parts, absolute
    paths, drive letters, backslashes (another system's separator, so UNC paths too) and NUL.
    """
    _check_plain(original)
    *directories, last = original.split("/")
    directory = PurePosixPath(*(safe_file_name(part) for part in directories))
    beside = (PurePosixPath(name) for name in taken)
    key = collision_key(str(directory))
    return directory / safe_file_name(
        last, [path.name for path in beside if collision_key(str(path.parent)) == key]
    )


# --- people --------------------------------------------------------------------------------------


def display_text(text: str, limit: int = MAX_DISPLAY_LENGTH) -> str:
    """`text` as one line that is safe to show in a terminal, at most `limit` characters.

    Line breaks and tabs become a space; every other control or invisible formatting character
    (escape sequences begin with one, text direction is switched by one) becomes U+FFFD. What was
    cut off is marked by an ellipsis. Markup of a terminal library is the business of its caller.
    """
    if limit < 1:
        raise InvalidValueError(f"a limit of {limit} characters shows nothing")
    # Expanding never happens, so looking beyond the limit is needless work on a huge text.
    line = _WHITESPACE_CONTROLS.sub(" ", text[: 4 * limit])
    shown = "".join(c if _is_shown(c) else "\ufffd" for c in line[: limit + 1])
    complete = len(text) <= 4 * limit and len(line) <= limit
    return shown if complete else shown[: limit - 1] + "\u2026"


# --- inside --------------------------------------------------------------------------------------


def _checked_sha256(digest: str) -> str:
    if _SHA256.fullmatch(digest) is None:
        raise InvalidValueError(f"not a SHA-256 in lower-case hex: {display_text(digest)!r}")
    return digest


@dataclass(frozen=True, slots=True)
class _Rules:
    """What pathvalidate knows, prepared once."""

    is_legal: Callable[[str], bool]
    replace_forbidden: Callable[[str, str], str]
    device_names: frozenset[str]
    """Upper-case."""


@cache
def _rules() -> _Rules:
    # Imported on first use: most commands never name a file and start without it.
    from pathvalidate import FileNameSanitizer, FileNameValidator
    from pathvalidate.handler import ReservedNameHandler

    validator = FileNameValidator(
        max_len=MAX_NAME_BYTES,
        fs_encoding="utf-8",
        platform="universal",
        additional_reserved_names=_ALSO_RESERVED,
    )
    sanitizer = FileNameSanitizer(
        max_len=MAX_NAME_BYTES,
        fs_encoding="utf-8",
        platform="universal",
        reserved_name_handler=ReservedNameHandler.as_is,
        validator=validator,
    )
    return _Rules(validator.is_valid, sanitizer.sanitize, frozenset(validator.reserved_keywords))


def _is_device_name(name: str) -> bool:
    if _MAYBE_DEVICE.match(name) is None:
        return False
    # Windows ignores everything from the first dot on, and the spaces before it.
    return name.split(".", 1)[0].rstrip(" ").upper() in _rules().device_names


def _replace_forbidden(original: str) -> str:
    text = _UNSAFE_IN_NAMES.sub("_", unicodedata.normalize("NFC", original)).strip(" ").rstrip(" .")
    stem, tail = _split_tail(text)
    # Shortened here, because pathvalidate would cut off the extension.
    return _rules().replace_forbidden(_cut(stem, MAX_NAME_BYTES - len(tail)) + tail, "_")


def _split_tail(name: str) -> tuple[str, str]:
    tail = next(_TAIL.finditer(name)).group()
    return name.removesuffix(tail), tail


def _cut(text: str, size: int) -> str:
    """The beginning of `text`, at most `size` bytes of UTF-8."""
    return text.encode()[:size].decode(errors="ignore")


def _with_short_hash(cleaned: str, original: str, is_free: Callable[[str], bool]) -> str:
    stem, tail = _split_tail(cleaned)
    stem = stem or _FALLBACK_STEM
    if _is_device_name(stem):
        stem = f"_{stem}"
    source = _SHARD_NUMBER.sub("", original).encode("utf-8", "surrogatepass")
    attempt = 0
    while True:
        salt = f"\0{attempt}".encode() if attempt else b""
        digest = hashlib.sha256(source + salt).hexdigest()[:SHORT_HASH_LENGTH]
        ending = f"-{digest}{tail}"
        name = _cut(stem, MAX_NAME_BYTES - len(ending)) + ending
        if is_free(name):
            return name
        attempt += 1


def _check_plain(original: str) -> None:
    problem = None
    parts = original.split("/")
    if not original:
        problem = "is empty"
    elif "\0" in original:
        problem = "contains a NUL character"
    elif "\\" in original:
        problem = "contains a backslash"
    elif original.startswith("/"):
        problem = "is an absolute path"
    elif _DRIVE_LETTER.match(original):
        problem = "begins with a drive letter"
    elif any(part.strip(" .") == "" for part in parts):
        problem = "has a part that is empty or only dots"
    if problem is not None:
        shown = display_text(original)
        raise UnsafeNameError(f"the name {problem}: {shown!r}", path=shown)


def _is_shown(character: str) -> bool:
    if character in _JOINERS:
        return True
    if _UNSAFE_IN_NAMES.match(character):
        return False
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
