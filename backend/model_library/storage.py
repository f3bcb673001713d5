"""What of the library lies outside of it a second time: files of other programs that linking would free.

Nothing is changed here. A file counts when the library holds one of its size and either its name is the hash
(the Hugging Face cache and Ollama name files so) or a few blocks of both agree; `compare` proves it by reading.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from model_library.elsewhere import Store, Weight, weights
from model_library.errors import InvalidValueError, ModelLibraryError
from model_library.events import Advanced, Listener, Planned, ignore
from model_library.io.hashing import hash_file, sample_hash
from model_library.io.platform.os_errors import translate_os_error
from model_library.library import Catalog
from model_library.search.fts5 import IndexedFile

COMPARING: Final = "compare"
"""Stage of the events of a comparison."""
_DIGEST_NAME: Final = re.compile(r"(?:sha256-)?(?P<sha256>[0-9a-f]{64})")
SMALLEST: Final = 1_000_000
"""Bytes; what is smaller frees nothing that matters."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A file elsewhere that the library holds too. `certain`: by its hash, else by its size and a sample."""

    path: Path
    program: str
    size: int
    model_id: str
    file: str
    certain: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """What reading a file outside has told. `sha256`: "" when no file of the library has its size, so that it was
    not read; `identity`: see `identity_of`, before it was read; `held`: the library's file with that content.
    """

    sha256: str
    identity: tuple[int, ...]
    held: IndexedFile | None


def outside_copies(catalog: Catalog, stores: Iterable[Store]) -> list[Copy]:
    """The files of other programs that the library holds too, each once, the largest first."""
    search = _Search(catalog)
    found = [
        copy
        for store in stores
        for weight in weights(store.path)
        if weight.size >= SMALLEST and (copy := search.copy_of(weight, store.program)) is not None
    ]
    return sorted(found, key=lambda copy: (-copy.size, str(copy.path)))


def held_in(catalog: Catalog) -> Callable[[Weight], bool]:
    """Tells whether a file outside is one of the library's by another name: a link to it, or one that it refers to."""
    return _Search(catalog).is_held


def identity_of(path: Path) -> tuple[int, ...]:
    """Size in bytes, times of content and status in ns, inode: while they stay, so does what was read of a file
    outside. Raises InvalidValueError for what is no file, SourceUnreadableError, SourceNotFoundError.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise translate_os_error(error, path=path, writing=False) from error
    if not stat.S_ISREG(status.st_mode):
        raise InvalidValueError("This is no file", path=path)
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def compare(catalog: Catalog, path: Path, listener: Listener = ignore) -> Compared:
    """Whether the library holds exactly this file, by reading all of it.

    Raises as `identity_of`, SourceChangedError, and what `listener` raises.
    """
    identity = identity_of(path)
    size = identity[0]
    if not catalog.index.files_with_size(size):
        return Compared("", identity, None)
    listener(Planned(COMPARING, 0, size))
    sha256 = hash_file(path, progress=lambda count: listener(Advanced(COMPARING, count))).sha256
    return Compared(sha256, identity, held_with(catalog, size, sha256))


def held_with(catalog: Catalog, size: int, sha256: str) -> IndexedFile | None:
    """The library's file of that content, when it is there now."""
    return next((held for held, _ in catalog.held_files(size) if held.sha256 == sha256), None)


class _Search:
    """What was looked at already: many files have one size."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._held: dict[int, list[tuple[IndexedFile, Path]]] = {}
        self._samples: dict[Path, str | None] = {}
        self._seen: set[tuple[int, int]] = set()

    def is_held(self, weight: Weight) -> bool:
        held = self._held_of(weight.size)
        return (weight.device, weight.inode) in set(self._identities(held))

    def copy_of(self, weight: Weight, program: str) -> Copy | None:
        identity = (weight.device, weight.inode)
        held = self._held_of(weight.size)
        if not held or identity in self._seen or self.is_held(weight):
            return None  # another name of a file that was counted, or a link to the library's own
        self._seen.add(identity)
        named = _DIGEST_NAME.fullmatch(Path(os.path.realpath(weight.path)).name)
        for file, path in held:
            certain = named is not None and named["sha256"] == file.sha256
            if certain or (named is None and self._are_alike(weight.path, path)):
                return Copy(
                    weight.path, program, weight.size, file.model_id, file.path, certain=certain
                )
        return None

    def _held_of(self, size: int) -> list[tuple[IndexedFile, Path]]:
        if size not in self._held:
            self._held[size] = list(self._catalog.held_files(size))
        return self._held[size]

    @staticmethod
    def _identities(held: list[tuple[IndexedFile, Path]]) -> Iterator[tuple[int, int]]:
        for _, path in held:
            with suppress(OSError):
                status = path.stat()
                yield status.st_dev, status.st_ino

    def _are_alike(self, one: Path, other: Path) -> bool:
        sample = self._sample(one)
        return sample is not None and sample == self._sample(other)

    def _sample(self, path: Path) -> str | None:
        """None of a file that cannot be read: it is no copy that could be offered."""
        if path not in self._samples:
            self._samples[path] = None
            with suppress(ModelLibraryError):
                self._samples[path] = sample_hash(path)
        return self._samples[path]
