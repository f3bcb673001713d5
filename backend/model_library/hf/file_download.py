"""One file of a provider to a path, with proof of every byte.

The bytes arrive in `<target>.part`, over several connections where the server sends ranges, hashed while they
are written, and take their name only when size and hash are the provider's. Whatever interrupts it, what was
fetched is used by the next try (`part_file`). One process at a time fetches a target: a second one is told so
at once by LibraryBusyError, because it could only wait for as long as the first one takes.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from io import FileIO
from pathlib import Path

import httpx2

from model_library.errors import (
    BadAnswerError,
    CancelledError,
    DownloadMismatchError,
    LibraryBusyError,
    ModelLibraryError,
    NetworkError,
    RemoteChangedError,
    TargetExistsError,
)
from model_library.hf.locating import DownloadSource, Remote, contradiction, locate
from model_library.hf.part_file import Identity, PartFile, lock_path, remove_part
from model_library.hf.prefix_hashing import PrefixHasher, autov3_from
from model_library.hf.range_fetching import (
    FileChangedError,
    NoRangesError,
    Patience,
    RangeFetcher,
    may_pass,
)
from model_library.io.files import open_regular
from model_library.io.hashing import FileDigests, hash_file
from model_library.io.platform.os_errors import translate_os_error
from model_library.io.streaming import Progress
from model_library.network.manager import BATCH_PATIENCE
from model_library.network.retry import calling
from model_library.providers import Transfer

__all__ = ["DownloadSource", "Patience", "Proof", "ProvenDigests", "fetch"]

_BLOCK = 1024 * 1024
"""Bytes read at once."""


class Proof(StrEnum):
    """Why the bytes are believed to be the provider's."""

    SHA256 = "sha256"
    GIT = "git-sha1"
    SIZE = "size"
    """The provider has no hash of the file: only its size was compared."""


@dataclass(frozen=True, slots=True)
class ProvenDigests(FileDigests):
    """The digests of the bytes on disk, and what they were compared with."""

    proof: Proof


def fetch(
    client: httpx2.Client,
    source: DownloadSource,
    target: Path,
    transfer: Transfer,
    *,
    connections: int,
    patience: Patience = Patience(),  # noqa: B008 - frozen
) -> ProvenDigests:
    """Fetch a file to `target`, whose directory exists; durable and proven when this returns.

    A file that is at `target` already is accepted when it is the one, and else left alone. `transfer.advance`
    is told of bytes that arrive and of the negative number of all that are thrown away, `transfer.skip` of those
    that an earlier try left. Raises TargetExistsError, TargetFullError and other FileErrors,
    CancelledError, LibraryBusyError, NetworkError (all of these keep the part), ProviderError,
    RemoteChangedError, DownloadMismatchError (which throw it away).
    """
    with _alone(target), calling(BATCH_PATIENCE, transfer.cancelled, transfer.waits):
        if os.path.lexists(target):
            return _adopted(client, source, target, transfer)
        return _Download(client, source, target, transfer, patience).run(connections)


@contextlib.contextmanager
def _alone(target: Path) -> Iterator[None]:
    from filelock import FileLock, Timeout  # here, because it costs start-up time

    path = lock_path(target)
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise LibraryBusyError("Another process is fetching this file", path=target) from error
    except OSError as error:
        raise translate_os_error(error, path=path, writing=True) from error
    try:
        yield
    finally:
        with contextlib.suppress(
            OSError
        ):  # while it is held: who waits for it sees that it is gone
            path.unlink()
        lock.release()


def _adopted(
    client: httpx2.Client, source: DownloadSource, target: Path, transfer: Transfer
) -> ProvenDigests:
    """What lies at the target, when it is the file: an earlier try was killed at its very end. What has
    another name too is not taken, because it would change with that."""

    status = target.lstat()
    if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
        raise TargetExistsError(
            f"Something that has another place lies where {source.name} should go", path=target
        )
    remote = Remote(source.url, source.size, source.sha256, source.git_sha1, None)
    if source.size is None or not remote.identity:
        remote = locate(client, source)
    digests = _hashed(target, source, _unless_cancelled(transfer))
    try:
        proven = _proven(digests, remote, target, source.name)
    except DownloadMismatchError as error:
        raise TargetExistsError(
            f"Another file lies where {source.name} should go", path=target
        ) from error
    remove_part(target)
    transfer.skip(digests.size)
    return proven


def _unless_cancelled(transfer: Transfer) -> Progress:
    def check(_count: int) -> None:
        if transfer.cancelled.is_set():
            raise CancelledError("The download was cancelled")

    return check


def _hashed(target: Path, source: DownloadSource, check: Progress) -> FileDigests:
    try:
        with FileIO(open_regular(target, os.O_RDONLY)) as file:
            begin = autov3_from(file) if source.is_safetensors else None
    except OSError as error:
        raise translate_os_error(error, path=target, writing=False) from error
    return hash_file(target, autov3_from=begin, progress=check)


def _proven(digests: FileDigests, remote: Remote, path: Path, name: str) -> ProvenDigests:
    """Compare with what the provider says of the file. Raises DownloadMismatchError."""
    if remote.size is not None and digests.size != remote.size:
        raise DownloadMismatchError(
            f"{name} has {digests.size} bytes and should have {remote.size}"
        )
    proof = Proof.SIZE
    if remote.sha256 is not None:
        proof, found, expected = Proof.SHA256, digests.sha256, remote.sha256
    elif remote.git_sha1 is not None:
        proof, found, expected = Proof.GIT, _git_sha1(path, digests.size), remote.git_sha1
    if proof is not Proof.SIZE and found != expected:
        raise DownloadMismatchError(
            f"{name} is not what the provider says: its {proof} is {found} and should be {expected}"
        )
    return ProvenDigests(digests.size, digests.sha256, digests.blake3, digests.autov3, proof)


def _git_sha1(path: Path, size: int) -> str:
    """The name that git gives to these bytes; only small files have no other."""
    digest = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except OSError as error:
        raise translate_os_error(error, path=path, writing=False) from error
    return digest.hexdigest()


class _Download:
    """The attempts at one file: each of the things that can go wrong with its bytes is tried anew once."""

    def __init__(
        self,
        client: httpx2.Client,
        source: DownloadSource,
        target: Path,
        transfer: Transfer,
        patience: Patience,
    ) -> None:
        self._client = client
        self._source = source
        self._target = target
        self._transfer = transfer
        self._patience = patience
        self._sends_ranges = True
        self._broken_off = 0
        self._again: set[type[Exception]] = set()

    def run(self, connections: int) -> ProvenDigests:
        while True:
            try:
                return self._attempt(connections)
            except NoRangesError:
                self._sends_ranges = False
            except FileChangedError as error:
                if FileChangedError in self._again:
                    raise self._changed(str(error)) from error
                self._again.add(FileChangedError)
            except DownloadMismatchError:
                if DownloadMismatchError in self._again:
                    raise
                self._again.add(DownloadMismatchError)
            except _BrokenOffError as error:
                self._broken_off += 1
                if self._broken_off >= self._patience.tries:
                    raise error.reason from error
                delay = self._patience.backoff * 2**self._broken_off
                if self._transfer.cancelled.wait(delay):
                    raise CancelledError("The download was cancelled") from error

    def _changed(self, said: str) -> BadAnswerError | RemoteChangedError:
        """Twice it was not the file that was listed a moment before."""
        name = self._source.name
        if not said:
            return RemoteChangedError(f"{name} became another file while it was fetched")
        return contradiction(name, said)

    def _attempt(self, connections: int) -> ProvenDigests:
        remote = locate(self._client, self._source, stalled_after=self._patience.stalled_after)
        size = remote.size if self._sends_ranges else None
        if size is None:
            remove_part(self._target)
        part = PartFile(self._target, Identity(remote.identity, remote.size))
        try:
            self._transfer.skip(part.finished.total)
            hasher = PrefixHasher(part.path, safetensors=self._source.is_safetensors)
            try:
                part.on_growth(hasher.grow)
                fetcher = RangeFetcher(
                    self._client, self._source, remote, part, hasher, self._transfer, self._patience
                )
                if size is None:
                    _run_whole(fetcher, remote.size)
                else:
                    fetcher.run_ranges(size, connections)
                part.settle()
                digests = hasher.finish(part.finished.total)
            finally:
                hasher.stop()
            if not part.is_as_settled():
                digests = _hashed(part.path, self._source, _unless_cancelled(self._transfer))
            proven = _proven(digests, remote, part.path, self._source.name)
            part.publish()
        except _WORTHLESS:
            self._transfer.advance(-part.finished.total)
            part.discard()
            raise
        except BaseException:  # catches-all: kept also after Ctrl-C; raised again
            part.keep()
            raise
        return proven


class _BrokenOffError(Exception):
    """Internal: the one answer of a server that sends no ranges ended too early; all of it is worthless."""

    def __init__(self, reason: ModelLibraryError) -> None:
        super().__init__(str(reason))
        self.reason = reason


def _run_whole(fetcher: RangeFetcher, size: int | None) -> None:
    try:
        fetcher.run_whole(size)
    except NetworkError as error:
        if not may_pass(error):
            raise
        raise _BrokenOffError(error) from error


_WORTHLESS = (NoRangesError, FileChangedError, DownloadMismatchError, _BrokenOffError)
