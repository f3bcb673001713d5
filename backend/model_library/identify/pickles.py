"""Reads models kept as pickles: PyTorch zip and legacy files, bare pickles, old tars, NumPy objects.

Nothing is ever unpickled. The opcodes are read, the names they would import are judged against a strict
list, and tensor names and shapes come from following the opcodes symbolically.
Source: `torch/serialization.py` (`_legacy_load`, `_load`), NumPy's `format.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from model_library.errors import BrokenModelError, NotAModelError, TruncatedModelError
from model_library.identify import limits
from model_library.identify.describe import refusal
from model_library.identify.pickle_opcodes import (
    Budget,
    PickleScan,
    PickleStream,
    looks_like_pickle,
    scan_pickle,
)
from model_library.identify.pickle_policy import judge
from model_library.identify.pickle_state import find_facts, find_tensors
from model_library.identify.pickle_torch import STORAGE_BYTES
from model_library.identify.source import Source, open_source
from model_library.identify.torch_zip import looks_like_zip, parse_torch_zip
from model_library.identify.values import Header, Security
from model_library.identify.zip_directory import has_zip_end
from model_library.taxonomy import Container, SecurityTier

_LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
_LEGACY_OBJECT, _LEGACY_KEYS, _LEGACY_PICKLES = 3, 4, 5
"""Magic number, protocol, system information, the object, the keys of its storages."""

_PROTOCOL = b"\x80"
"""How every pickle since protocol 2 begins."""

_NUMPY_MAGIC = b"\x93NUMPY"
_TAR_BLOCK = 512


def looks_like_pickle_file(head: bytes) -> bool:
    """Whether `read_pickle` is the reader for a file that begins like this."""
    return (
        looks_like_zip(head)
        or looks_like_pickle(head)
        or head.startswith(_NUMPY_MAGIC)
        or _is_tar(head)
    )


def read_pickle(path: Path) -> Header:
    """Read the header of one model kept as a pickle, without loading it.

    The container is `pickle_zip`, `torchscript`, `pickle_legacy` (PyTorch before 1.6, its tar format,
    and bare pickles) or `other` (NumPy objects). A pickle that names something dangerous gives a
    Header even if it is damaged, so that it can be told. Raises NotAModelError, TruncatedModelError,
    HeaderLimitError, BrokenModelError, and the errors of `open_source`.
    """
    with open_source(path) as source:
        return parse_pickle(source)


def parse_pickle(source: Source) -> Header:
    """`read_pickle` of a file that is open already."""
    if looks_like_zip(source.head):
        return parse_torch_zip(source)
    if source.head.startswith(_NUMPY_MAGIC):
        return _parse_numpy(source)
    if _is_tar(source.head):
        return _parse_tar(source)
    if not looks_like_pickle(source.head):
        raise refusal(source, "a pickle")
    return _parse_row(source)


def _parse_row(source: Source) -> Header:
    """One pickle, or several in a row as the legacy format has them."""
    stream = PickleStream(source.slice(0, source.size), source.path)
    budget = Budget(source.path)
    scans = [scan_pickle(stream, budget)]
    legacy = scans[0].root == _LEGACY_MAGIC
    while _continues(source, scans, legacy=legacy):
        scans.append(scan_pickle(stream, budget))
    main = scans[_LEGACY_OBJECT] if legacy and len(scans) > _LEGACY_OBJECT else scans[0]
    notes = []
    left = source.size - scans[-1].end
    if left and not legacy and not scans[-1].error:
        notes.append(f"{left:,} bytes follow the pickle")
    security = judge(scans, notes)
    if has_zip_end(source):
        security = _raised(security, "the file can also be opened as a zip archive")
    damaged = next((scan for scan in scans if scan.error), None)
    if damaged is not None and security.tier is not SecurityTier.PICKLE_DANGEROUS:
        if not source.head.startswith(_PROTOCOL):
            raise refusal(source)  # a text that begins like a pickle of the first protocols
        kind = TruncatedModelError if damaged.cut_off else BrokenModelError
        raise kind(f"the pickle is damaged: {damaged.error}", path=source.path)
    if legacy and damaged is None:
        _check_legacy_storages(source, scans)
    return _header(source, main, security, Container.PICKLE_LEGACY)


def _continues(source: Source, scans: list[PickleScan], *, legacy: bool) -> bool:
    last = scans[-1]
    if last.error or last.end >= source.size or len(scans) >= limits.PICKLE_MAX_IN_A_ROW:
        return False
    if legacy:
        return len(scans) < _LEGACY_PICKLES
    return looks_like_pickle(source.read_at(last.end, min(64, source.size - last.end)))


def _raised(security: Security, finding: str) -> Security:
    return Security(SecurityTier.PICKLE_DANGEROUS, (finding, *security.findings))


def _check_legacy_storages(source: Source, scans: list[PickleScan]) -> None:
    """The raw storages that follow the pickles must be there in full."""
    if len(scans) < _LEGACY_PICKLES:
        raise TruncatedModelError("the file ends before its tensors", path=source.path)
    keys = scans[_LEGACY_KEYS].root
    storages = scans[_LEGACY_OBJECT].storages
    if not isinstance(keys, list):
        raise BrokenModelError("the list of tensors is damaged", path=source.path)
    needed = scans[_LEGACY_KEYS].end
    for key in keys:
        storage = storages.get(str(key)) if isinstance(key, str | int) else None
        if storage is None:
            return  # tensors inside of objects that are not followed
        needed += 8 + storage.count * STORAGE_BYTES.get(storage.dtype, 0)
    if needed > source.size:
        raise TruncatedModelError(
            f"the tensors need {needed:,} bytes, but the file has {source.size:,}", path=source.path
        )


def _header(source: Source, main: PickleScan, security: Security, container: Container) -> Header:
    return Header(
        container=container,
        size=source.size,
        tensors=find_tensors(main.root, source.path),
        metadata=find_facts(main.root),
        security=security,
    )


# --- NumPy --------------------------------------------------------------------------------------


def _parse_numpy(source: Source) -> Header:
    length_bytes = 2 if source.head[6:7] == b"\x01" else 4
    start = 8 + length_bytes
    length = int.from_bytes(source.head[8:start], "little")
    text = source.head[start : start + length]
    if not re.search(rb"""['"]descr['"]\s*:\s*['"][<>|=]?O""", text):
        raise NotAModelError("not a model file: this is a NumPy array", path=source.path, hint="")
    stream = PickleStream(
        source.slice(start + length, max(0, source.size - start - length)), source.path
    )
    scan = scan_pickle(stream, Budget(source.path))
    security = judge([scan], ["a NumPy array of Python objects, which are pickled"])
    if scan.error and security.tier is not SecurityTier.PICKLE_DANGEROUS:
        raise BrokenModelError(f"the pickle is damaged: {scan.error}", path=source.path)
    return _header(source, scan, security, Container.OTHER)


# --- the tar format of PyTorch 0.1 --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _TarMember:
    name: str
    start: int
    size: int


def _is_tar(head: bytes) -> bool:
    """A tar of any age: the checksum of the first block is right."""
    block = head[:_TAR_BLOCK]
    if len(block) < _TAR_BLOCK or not block[0]:
        return False
    checksum = _octal(block[148:156])
    return checksum == sum(block[:148]) + 8 * ord(" ") + sum(block[156:])


def _octal(field: bytes) -> int | None:
    text = field.rstrip(b"\0 ").lstrip(b" ")
    return int(text, 8) if re.fullmatch(rb"[0-7]+", text) else None


def _tar_members(source: Source) -> Iterator[_TarMember]:
    position = 0
    for _ in range(limits.TAR_MAX_MEMBERS):
        if position + _TAR_BLOCK > source.size:
            return
        block = source.read_at(position, _TAR_BLOCK)
        size = _octal(block[124:136])
        if size is None or not block[0]:
            return
        name = block[:100].split(b"\0")[0].decode("utf-8", errors="replace")
        yield _TarMember(name.removeprefix("./"), position + _TAR_BLOCK, size)
        position += _TAR_BLOCK + size + -size % _TAR_BLOCK


def _parse_tar(source: Source) -> Header:
    members = {member.name: member for member in _tar_members(source)}
    if not {"pickle", "storages", "tensors"} <= set(members):
        raise NotAModelError(
            "not a model file: this is a tar archive",
            path=source.path,
            hint="Unpack it and give the files inside.",
        )
    budget = Budget(source.path)
    scans = []
    for name in ("pickle", "storages", "tensors", "sys_info"):
        member = members.get(name)
        if member is None:
            continue
        length = min(member.size, max(0, source.size - member.start))
        scans.append(
            scan_pickle(PickleStream(source.slice(member.start, length), source.path), budget)
        )
    note = "the tar format of PyTorch 0.1, whose tensors are not read"
    return _header(source, scans[0], judge(scans, [note]), Container.PICKLE_LEGACY)
