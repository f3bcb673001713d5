"""Reads the directory of a zip archive without believing its flags and checksums.

The usual readers refuse or skip members whose flags, checksums or local names are odd, while PyTorch
loads them: hiding places. Here every member that the directory names is found and its bytes are read,
and what disagrees is told. Source: APPNOTE.TXT of PKWARE (4.3, 4.5) and what `miniz` does for PyTorch.
"""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from model_library.errors import BrokenModelError, HeaderLimitError, TruncatedModelError
from model_library.identify import limits
from model_library.identify.describe import shown
from model_library.identify.source import Source

MAGIC = b"PK\x03\x04"
STORED, DEFLATED = 0, 8

_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_END_MAGIC, _END_64_MAGIC, _LOCATOR_64_MAGIC = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_ENTRY_MAGIC = b"PK\x01\x02"
_LONGEST_COMMENT = 0xFFFF
_IN_EXTRA = 0xFFFFFFFF
"""Stands in a 32-bit field whose real value is in the ZIP64 extra field."""

_ZIP64_EXTRA = 1
_ENCRYPTED_FLAG = 1


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of the directory. Sizes are in bytes; `start` is where its data begin."""

    name: str
    method: int
    compressed: int
    size: int
    start: int


@dataclass(frozen=True, slots=True)
class Directory:
    members: tuple[Member, ...]
    oddities: tuple[str, ...]
    """What readers of zip archives disagree about; an honest program writes none of it."""


def has_zip_end(source: Source) -> bool:
    """Whether the file could also be opened as a zip archive, whatever it begins with."""
    end = _find_end(source)
    if end is None:
        return False
    try:
        return bool(read_directory(source).members)
    except (BrokenModelError, HeaderLimitError):
        return False


def read_directory(source: Source) -> Directory:
    """Read the directory of an archive.

    Raises TruncatedModelError (no end record), BrokenModelError (records that disagree) and
    HeaderLimitError.
    """
    return _Reader(source).read()


def read_member(source: Source, member: Member, most: int) -> bytes:
    """The bytes of a member, at most `most` of them.

    Raises BrokenModelError for damaged data or a compression that PyTorch does not read.
    """
    if member.method == STORED:
        return source.read_at(member.start, min(member.compressed, most))
    if member.method != DEFLATED:
        raise BrokenModelError(
            f"the member {shown(member.name)} is compressed by method {member.method}, which no "
            "program that loads models reads",
            path=source.path,
        )
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    out = bytearray()
    position, left = member.start, member.compressed
    try:
        while left > 0 and len(out) < most and not inflater.eof:
            part = source.read_at(position, min(left, 1 << 16))
            position += len(part)
            left -= len(part)
            out += inflater.decompress(inflater.unconsumed_tail + part, most - len(out))
        while inflater.unconsumed_tail and len(out) < most:
            out += inflater.decompress(inflater.unconsumed_tail, most - len(out))
    except zlib.error as error:
        raise BrokenModelError(
            f"the member {shown(member.name)} cannot be decompressed: {error}", path=source.path
        ) from error
    return bytes(out)


@dataclass(frozen=True, slots=True)
class _End:
    """The end record, with the values of its ZIP64 form where there is one."""

    position: int
    """Where the directory must end."""
    count: int
    directory_size: int
    directory_start: int
    after: int
    """Bytes behind the archive."""


def _find_end(source: Source) -> _End | None:
    tail_start = max(0, source.size - _END.size - _LONGEST_COMMENT)
    tail = source.read_at(tail_start, source.size - tail_start)
    index = tail.rfind(_END_MAGIC)
    if index < 0 or index + _END.size > len(tail):
        return None
    _, _, _, _, count, size, start, comment = _END.unpack_from(tail, index)
    position = tail_start + index
    after = source.size - position - _END.size - comment
    found = _End(position, count, size, start, after)
    return _with_zip64(source, found) or found


def _with_zip64(source: Source, end: _End) -> _End | None:
    locator_at = end.position - _LOCATOR_64.size
    if locator_at < 0:
        return None
    magic, _, record_at, _ = _LOCATOR_64.unpack(source.read_at(locator_at, _LOCATOR_64.size))
    if magic != _LOCATOR_64_MAGIC or record_at + _END_64.size > locator_at:
        return None
    record = _END_64.unpack(source.read_at(record_at, _END_64.size))
    if record[0] != _END_64_MAGIC:
        return None
    count, size, start = record[7:10]
    return _End(record_at, count, size, start, end.after)


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.path: Path = source.path
        self.oddities: dict[str, None] = {}

    def read(self) -> Directory:
        end = _find_end(self.source)
        if end is None:
            raise TruncatedModelError("the end of the zip archive is missing", path=self.path)
        if end.directory_start + end.directory_size != end.position:
            raise BrokenModelError(
                "the end record of the zip archive disagrees with where its directory is",
                path=self.path,
            )
        if end.count > limits.ZIP_MAX_MEMBERS or end.directory_size > limits.ZIP_MAX_DIRECTORY:
            raise HeaderLimitError(f"the zip archive claims {end.count:,} members", path=self.path)
        if end.after:
            self.oddities["bytes follow the end of the zip archive"] = None
        raw = self.source.read_at(end.directory_start, end.directory_size)
        members = self._entries(raw, end.count)
        for name, times in Counter(member.name for member in members).items():
            if times > 1:
                self.oddities[f"{times} members have the name {shown(name)}"] = None
        return Directory(tuple(members), tuple(self.oddities))

    def _entries(self, raw: bytes, count: int) -> list[Member]:
        members: list[Member] = []
        position = 0
        while position < len(raw):
            if len(members) >= count or position + _ENTRY.size > len(raw):
                break
            fields = _ENTRY.unpack_from(raw, position)
            name_length, extra_length, comment_length = fields[10:13]
            name_at = position + _ENTRY.size
            extra_at = name_at + name_length
            position = extra_at + extra_length + comment_length
            if fields[0] != _ENTRY_MAGIC or position > len(raw):
                raise BrokenModelError(
                    "the directory of the zip archive is damaged", path=self.path
                )
            members.append(
                self._member(fields, raw[name_at:extra_at], raw[extra_at : extra_at + extra_length])
            )
        if len(members) != count or position != len(raw):
            raise BrokenModelError(
                f"the directory of the zip archive does not hold the {count:,} members it claims",
                path=self.path,
            )
        return members

    def _member(self, fields: tuple[int, ...], raw_name: bytes, extra: bytes) -> Member:
        flags, method = fields[3:5]
        compressed, size = fields[8], fields[9]
        offset = fields[16]
        size, compressed, offset = _from_extra(extra, size, compressed, offset)
        name = raw_name.decode("utf-8", errors="backslashreplace")
        if flags & _ENCRYPTED_FLAG:
            self.oddities["members are marked as encrypted"] = None
        wanted = _LOCAL.size + len(raw_name)
        local = self.source.read_at(offset, wanted) if self._holds(offset, wanted) else b""
        if not local.startswith(MAGIC):
            raise BrokenModelError(
                f"the member {shown(name)} is not where the zip archive says", path=self.path
            )
        *_, local_name, local_extra = _LOCAL.unpack_from(local)
        start = offset + _LOCAL.size + local_name + local_extra
        if not self._holds(start, compressed):
            raise BrokenModelError(
                f"the member {shown(name)} is longer than the zip archive", path=self.path
            )
        if local_name != len(raw_name) or local[_LOCAL.size :] != raw_name:
            self.oddities["members have other names before their data than in the directory"] = None
        if method == STORED and compressed != size:
            self.oddities["members have sizes that disagree"] = None
        return Member(name, method, compressed, size, start)

    def _holds(self, start: int, length: int) -> bool:
        return start + length <= self.source.size


def _from_extra(extra: bytes, size: int, compressed: int, offset: int) -> tuple[int, int, int]:
    """Replace the fields that stand in the ZIP64 extra field, in the order of the specification."""
    values = [size, compressed, offset]
    position = 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, position)
        if kind == _ZIP64_EXTRA:
            body = extra[position + 4 : position + 4 + length]
            wanted = [index for index, value in enumerate(values) if value == _IN_EXTRA]
            for slot, index in enumerate(wanted):
                if 8 * slot + 8 <= len(body):
                    values[index] = int.from_bytes(body[8 * slot : 8 * slot + 8], "little")
            break
        position += 4 + length
    return values[0], values[1], values[2]
