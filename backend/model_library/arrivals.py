"""Receiving: the directory in which the files of one download arrive, and how each gets there.

It lies in `.staging` of the root that the model goes to, outlives its process, and is found again by what is
fetched: the same files of the same commit continue where an earlier try stopped, whoever asks.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from filelock import FileLock, Timeout

from model_library.errors import FileError, LibraryBusyError, UnsupportedFilesystemError
from model_library.events import Listener
from model_library.io.files import write_durably
from model_library.io.hashing import FileDigests, hash_file
from model_library.library import Catalog
from model_library.naming import safe_file_name
from model_library.placing import share_file
from model_library.providers import Provider, RemoteFile, RemoteModel, Transfer
from model_library.publishing import clear_staging
from model_library.roots import Root
from model_library.store import STAGING
from model_library.taxonomy import RootMode

PREFIX: Final = "download-"
NOTE: Final = ".download.json"
"""In the directory: what is fetched there, and for which job."""

WORTH_SHARING: Final = 1024**2
"""Bytes from which a file is looked for in the library before it is fetched."""
SMALL: Final = 16 * 1024**2
"""Bytes up to which files are fetched several at a time; larger ones are fetched in parallel parts."""
SMALL_AT_ONCE: Final = 4


@dataclass(frozen=True, slots=True)
class Incoming:
    """What is to arrive: files of one model at one commit, for one root."""

    model: RemoteModel
    files: tuple[RemoteFile, ...]
    root: Root

    @property
    def size(self) -> int:
        return sum(file.size or 0 for file in self.files)

    def key(self, library_id: str) -> str:
        """The name of the directory: this library's, so that another machine on a shared root keeps its own."""
        model = self.model
        said = [model.provider, model.repo, model.revision or "", *(f.path for f in self.files)]
        digest = hashlib.sha256("\0".join(said).encode()).hexdigest()
        return f"{_own_prefix(library_id)}{digest[:16]}"


class Arrivals:
    """The directory of one download, locked for this process."""

    def __init__(self, incoming: Incoming, top: Path) -> None:
        self._incoming = incoming
        self._top = top
        self.directory = top / safe_file_name(PurePosixPath(incoming.model.repo).name)
        """A folder model takes its name from it."""

    def receive(
        self, catalog: Catalog, provider: Provider, transfer: Transfer
    ) -> dict[Path, FileDigests]:
        """Every file in its place with proven digests. Raises what `Provider.download` does, for the first
        file that fails; what has arrived stays for the next try."""
        found: dict[Path, FileDigests] = {}
        small = [file for file in self._incoming.files if (file.size or 0) <= SMALL]
        large = [file for file in self._incoming.files if (file.size or 0) > SMALL]

        def one(file: RemoteFile) -> None:
            target = self.directory / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            shared = self._shared(catalog, file, target)
            if shared is not None:
                transfer.skip(shared.size)
            found[target] = shared or provider.download(
                self._incoming.model, file, target, transfer
            )

        with ThreadPoolExecutor(SMALL_AT_ONCE) as pool:
            _first_error([pool.submit(one, file) for file in small])
        for file in large:
            one(file)
        return found

    def clear(self, listener: Listener) -> None:
        clear_staging(self._top, listener)

    def _shared(self, catalog: Catalog, file: RemoteFile, target: Path) -> FileDigests | None:
        """The digests of a second name for bytes that the library holds, when it does."""
        if file.sha256 is None or file.size is None or file.size < WORTH_SHARING or target.exists():
            return None
        for held, path in catalog.held_files(file.size):
            ours = catalog.roots.get(held.root_id).mode is RootMode.MANAGED
            if held.sha256 != file.sha256 or not ours or path.is_symlink():
                continue
            try:
                share_file(path, target)
            except (UnsupportedFilesystemError, FileError):
                continue
            digests = hash_file(target)
            if digests.sha256 == file.sha256:
                return digests
            target.unlink()  # what the library holds was damaged: `verify` says so
        return None


@contextmanager
def arrivals(catalog: Catalog, incoming: Incoming, job_id: str) -> Iterator[Arrivals]:
    """The directory of a download. Raises LibraryBusyError when another process fetches the same."""
    key = incoming.key(catalog.identity.library_id)
    lock = FileLock(catalog.lock_path(key), timeout=0)
    top = incoming.root.metadata_directory / STAGING / key
    try:
        lock.acquire()
    except Timeout as error:
        raise LibraryBusyError(
            f"{incoming.model.repo} is being downloaded by another process", path=top
        ) from error
    try:
        here = Arrivals(incoming, top)
        here.directory.mkdir(parents=True, exist_ok=True)
        note = {"repo": incoming.model.repo, "revision": incoming.model.revision, "job": job_id}
        write_durably(top / NOTE, json.dumps(note).encode())
        yield here
    finally:
        lock.release()
        catalog.lock_path(key).unlink(missing_ok=True)


def sweep(catalog: Catalog, wanted: Collection[str], listener: Listener) -> None:
    """Remove what was fetched for jobs that nobody goes on with; `wanted` are the ids of the others."""
    prefix = _own_prefix(catalog.identity.library_id)
    for root in catalog.roots:
        if not root.online or root.mode is RootMode.REFERENCED:
            continue
        for top in sorted((root.metadata_directory / STAGING).glob(f"{prefix}*")):
            lock = FileLock(catalog.lock_path(top.name), timeout=0)
            try:
                lock.acquire()
            except Timeout:
                continue  # somebody is fetching
            try:
                if _job_of(top) not in wanted:
                    clear_staging(top, listener)
            finally:
                lock.release()
                catalog.lock_path(top.name).unlink(missing_ok=True)


def arrived_bytes(catalog: Catalog, incoming: Incoming) -> int:
    """Bytes on the disk that need no space any more."""
    top = incoming.root.metadata_directory / STAGING / incoming.key(catalog.identity.library_id)
    found = 0
    for path in top.rglob("*"):
        if path.is_file():
            status = path.stat()
            found += min(status.st_size, getattr(status, "st_blocks", status.st_size) * 512)
    return found


def _own_prefix(library_id: str) -> str:
    return f"{PREFIX}{library_id[:8]}-"


def _job_of(top: Path) -> str | None:
    try:
        job = json.loads((top / NOTE).read_bytes()).get("job")
    except (OSError, ValueError, AttributeError):
        return None  # no note, or none that can be read: nobody's
    return job if isinstance(job, str) else None


def _first_error(futures: Sequence[Future[None]]) -> None:
    """Wait for all, or stop the rest when one fails. Raises what that one raised."""
    done, running = wait(futures, return_when=FIRST_EXCEPTION)
    for future in running:
        future.cancel()
    for future in done:
        future.result()
