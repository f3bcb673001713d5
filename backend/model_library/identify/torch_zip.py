"""Reads PyTorch's zip archives: checkpoints of `torch.save` since 1.6, and TorchScript programs.

Every member that could be a pickle is scanned, whatever its name; the tensors come from the one that
PyTorch would load. Source: `caffe2/serialize/inline_container.h` and `torch/serialization.py`.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from model_library.display_names import number_of
from model_library.errors import BrokenModelError, NotAModelError, TruncatedModelError
from model_library.identify import limits
from model_library.identify.describe import shown
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
from model_library.identify.source import Source
from model_library.identify.values import Header, Security
from model_library.identify.zip_directory import (
    MAGIC,
    STORED,
    Directory,
    Member,
    read_directory,
    read_member,
)
from model_library.taxonomy import Container, SecurityTier

_MAIN = "data.pkl"
_PICKLE_SUFFIXES = (".pkl", ".pickle", ".p")
_HEAD = 64
"""Bytes of a member that tell whether it begins like a pickle."""

_KINDS = (
    ("model.weights.h5", "a Keras model"),
    ("word/document.xml", "a Word document"),
    ("Manifest.json", "a packed Core ML model"),
    ("META-INF/MANIFEST.MF", "a Java archive"),
)


@dataclass(frozen=True, slots=True)
class _Found:
    """The scanned pickles of one archive. `main` holds the model; its data are in `folder`."""

    scans: tuple[PickleScan, ...]
    main: PickleScan
    folder: str


def looks_like_zip(head: bytes) -> bool:
    return head.startswith(MAGIC)


def parse_torch_zip(source: Source) -> Header:
    """Read the header of a zip archive made by PyTorch.

    Raises NotAModelError for any other zip archive, TruncatedModelError, BrokenModelError,
    HeaderLimitError.
    """
    directory = _directory(source)
    names = [member.name for member in directory.members]
    if not any(_is_main(name) for name in names):
        _refuse_archive(source, names)
    budget = Budget(source.path)
    found = _scan_members(source, directory.members, budget)
    script = _is_script(names)
    security = _security(found, directory, script=script, names=names)
    if found.main.error and security.tier is not SecurityTier.PICKLE_DANGEROUS:
        raise BrokenModelError(
            f"{found.folder}{_MAIN} is damaged: {found.main.error}", path=source.path
        )
    if not script and not found.main.error:
        _check_storages(source, directory.members, found)
    return Header(
        container=Container.TORCHSCRIPT if script else Container.PICKLE_ZIP,
        size=source.size,
        tensors=find_tensors(found.main.root, source.path),
        metadata=find_facts(found.main.root),
        security=security,
    )


def _directory(source: Source) -> Directory:
    try:
        return read_directory(source)
    except TruncatedModelError:
        # Without its end an archive has no directory; only the first name tells what it was.
        length = int.from_bytes(source.head[26:28], "little")
        if _is_main(source.head[30 : 30 + length].decode("utf-8", errors="replace")):
            raise
        raise NotAModelError(
            "not a model file: this is the beginning of a zip archive",
            path=source.path,
            hint="Download the file again; if it is an archive, unpack it first.",
        ) from None


def _is_main(name: str) -> bool:
    return name == _MAIN or name.endswith(f"/{_MAIN}")


def _is_script(names: Sequence[str]) -> bool:
    constants = any(name.rsplit("/", 1)[-1] == "constants.pkl" for name in names)
    return constants and any(name.startswith("code/") or "/code/" in name for name in names)


def _refuse_archive(source: Source, names: Sequence[str]) -> NoReturn:
    what = next(
        (kind for part, kind in _KINDS if any(name.endswith(part) for name in names)),
        f"a zip archive of {number_of(len(names), 'file')} without a PyTorch data.pkl",
    )
    if names and all(name.endswith(".npy") for name in names):
        what = "a NumPy archive"
    raise NotAModelError(
        f"not a model file: this is {what}",
        path=source.path,
        hint="If there are models inside, unpack it and give the files inside.",
    )


def _scan_members(source: Source, members: Sequence[Member], budget: Budget) -> _Found:
    scans: dict[str, PickleScan] = {}
    for number, member in enumerate(members):
        named = member.name.endswith(_PICKLE_SUFFIXES)
        if not named and not looks_like_pickle(_beginning(source, member)):
            continue
        scan = scan_pickle(_stream(source, member, budget), budget)
        if not named and scan.error and not scan.suspicions and not scan.globals:
            continue  # tensor bytes that begin like a pickle by chance
        # PyTorch takes the first of two equal names or the last: both are judged
        scans[member.name if member.name not in scans else f"{member.name} #{number}"] = scan
    main = next(name for name in scans if _is_main(name))
    return _Found(tuple(scans.values()), scans[main], main.removesuffix(_MAIN))


def _beginning(source: Source, member: Member) -> bytes:
    try:
        return read_member(source, member, _HEAD)
    except BrokenModelError:
        return b""  # no pickle that anything could load


def _stream(source: Source, member: Member, budget: Budget) -> PickleStream:
    if member.method == STORED:
        return PickleStream(source.slice(member.start, member.compressed), source.path)
    data = read_member(source, member, limits.PICKLE_MAX_BYTES + 1)
    budget.spend_bytes(len(data))
    return PickleStream(io.BytesIO(data), source.path)


def _security(
    found: _Found, directory: Directory, *, script: bool, names: Sequence[str]
) -> Security:
    security = judge(found.scans, directory.oddities)
    code = [name for name in names if name.endswith(".py")]
    if security.tier is SecurityTier.PICKLE_DANGEROUS or not (script or code):
        return security
    reason = "a TorchScript program" if script else f"holds Python code: {shown(code[0])}"
    return Security(SecurityTier.EXECUTABLE, (reason, *security.findings))


def _check_storages(source: Source, members: Sequence[Member], found: _Found) -> None:
    """Every storage that the tensors name must be there in full."""
    sizes = {member.name: member.size for member in members}
    for key, storage in found.main.storages.items():
        name = f"{found.folder}data/{key}"
        size = sizes.get(name)
        if size is None:
            raise BrokenModelError(f"the tensor data {shown(name)} is missing", path=source.path)
        if size < storage.count * STORAGE_BYTES.get(storage.dtype, 0):
            raise BrokenModelError(
                f"the tensor data {shown(name)} has {size:,} bytes, too few for "
                f"{storage.count:,} elements of {storage.dtype}",
                path=source.path,
            )
