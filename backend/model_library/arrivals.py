"""Receiving: the directory in which the files of one download arrive, and how each gets there.

It lies in `.staging` of the root that the model goes to, outlives its process, and is found again by what is
fetched: the same files of the same commit continue where an earlier try stopped, whoever asks.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from filelock import FileLock, Timeout

from model_library.errors import (
    FileError,
    LibraryBusyError,
    SourceChangedError,
    TargetExistsError,
    UnsupportedFilesystemError,
)
from model_library.events import Listener
from model_library.io.files import read_regular, write_durably
from model_library.io.hashing import FileDigests, hash_file
from model_library.io.platform.os_errors import translate_os_error
from model_library.library import Catalog
from model_library.naming import safe_file_name
from model_library.placing import share_file
from model_library.providers import (
    UNFINISHED,
    Provider,
    RemoteFile,
    RemoteModel,
    Transfer,
    require_tree,
)
from model_library.publishing import clear_staging
from model_library.roots import Root
from model_library.store import STAGING, FileStamp, stamp_of
from model_library.taxonomy import RootMode

PREFIX: Final = "download-"
NOTE: Final = ".download.json"
"""In the directory: what is fetched there, and for which job."""

OWNER_ONLY: Final = 0o700
"""Of the directory: nobody else alters what arrives."""
MAX_NOTE: Final = 64 * 1024
"""Bytes."""
LOCK: Final = ".lock"
"""Ends the name of the lock beside the directory: on the root, so that a copy of the library, which has the
same roots and other locks, sees it too."""

WORTH_SHARING: Final = 1024**2
"""Bytes from which a file is looked for in the library before it is fetched."""
SMALL: Final = 16 * 1024**2
"""Bytes up to which files are fetched several at a time; larger ones are fetched in parallel parts."""
SMALL_AT_ONCE: Final = 4
_ROUNDS: Final = 3
"""Times that files which were altered after their arrival are fetched again."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """What is to arrive: files of one model at one commit, for one root. Raises UnsafeNameError when they
    cannot lie side by side."""

    model: RemoteModel
    files: tuple[RemoteFile, ...]
    root: Root

    def __post_init__(self) -> None:
        require_tree(self.files)

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
        file that fails; what has arrived stays for the next try. Raises SourceChangedError when the files are
        altered all the time."""
        found: dict[Path, FileDigests] = {}
        stamps: dict[Path, FileStamp | None] = {}
        small = [file for file in self._incoming.files if (file.size or 0) <= SMALL]
        large = [file for file in self._incoming.files if (file.size or 0) > SMALL]

        def one(file: RemoteFile) -> None:
            target = self.directory / file.path
            if target in found:
                transfer.advance(-found.pop(target).size)
            _make_directories(self._top, target.parent)
            _make_room(file, target)
            shared = self._shared(catalog, file, target)
            if shared is not None:
                transfer.skip(shared.size)
            found[target] = shared or self._fetched(provider, file, target, transfer)
            stamps[target] = stamp_of(target)

        with ThreadPoolExecutor(SMALL_AT_ONCE) as pool:
            _first_error([pool.submit(one, file) for file in small])
        for file in large:
            one(file)
        for _ in range(_ROUNDS):  # the first may lie here for hours until the last has come
            altered = [
                file
                for file in self._incoming.files
                if stamps[target := self.directory / file.path] != stamp_of(target)
            ]
            if not altered:
                return found
            for file in altered:
                one(file)
        raise SourceChangedError(
            "Another program alters the files of a download while they arrive",
            path=self.directory,
            hint="Find out which one writes there and stop it; then let the download go on.",
        )

    def _fetched(
        self, provider: Provider, file: RemoteFile, target: Path, transfer: Transfer
    ) -> FileDigests:
        """The file, fetched once more when what lies in its place is another one: here nothing is anyone's but
        what was fetched, so it arrived and was altered since."""
        model = self._incoming.model
        try:
            return provider.download(model, file, target, transfer)
        except TargetExistsError:
            _remove(target)
            return provider.download(model, file, target, transfer)

    def strangers(self, received: Collection[Path]) -> tuple[Path, ...]:
        """What lies between the files and was not received: nothing of it is taken in. Links among it, which
        could lead to a file that was received, are removed. Raises FileError."""
        ours = {parent for path in received for parent in (path, *path.parents)}
        found: list[Path] = []
        levels = [self.directory]
        while levels:
            for path in _entries(levels.pop()):
                status = path.lstat()
                if stat.S_ISLNK(status.st_mode) or (path not in ours and _is_shared(status)):
                    _remove(path)
                elif path not in ours:
                    found.append(path)
                elif path not in received:
                    levels.append(path)
        return tuple(sorted(found))

    def clear(self, listener: Listener) -> None:
        clear_staging(self._top, listener)

    def _shared(self, catalog: Catalog, file: RemoteFile, target: Path) -> FileDigests | None:
        """The digests of a second name for bytes that the library holds, when it does."""
        if file.sha256 is None or file.size is None or file.size < WORTH_SHARING:
            return None
        if os.path.lexists(target):
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
                for ending in UNFINISHED:  # of a try before the library held it
                    _remove(target.with_name(target.name + ending))
                return digests
            target.unlink()  # what the library holds was damaged: `verify` says so
        return None


@contextmanager
def arrivals(catalog: Catalog, incoming: Incoming, job_id: str) -> Iterator[Arrivals]:
    """The directory of a download. Raises LibraryBusyError when another process fetches the same, FileError."""
    root = incoming.root.metadata_directory
    top = root / STAGING / incoming.key(catalog.identity.library_id)
    _make_directories(root, top.parent)
    with _locked(top) as is_free:
        if not is_free:
            raise LibraryBusyError(
                f"{incoming.model.repo} is being downloaded by another process", path=top
            )
        here = Arrivals(incoming, top)
        _make_directories(root, top, mode=OWNER_ONLY)
        _make_directories(top, here.directory)
        note = {"repo": incoming.model.repo, "revision": incoming.model.revision, "job": job_id}
        write_durably(top / NOTE, json.dumps(note).encode())
        yield here


@contextmanager
def _locked(top: Path) -> Iterator[bool]:
    """Hold the lock of a download's directory; False when another process does. Raises FileError."""
    path = top.with_name(top.name + LOCK)
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        yield False
        return
    except OSError as error:
        raise translate_os_error(error, path=path, writing=True) from error
    try:
        yield True
    finally:
        with suppress(OSError):  # while it is held: who waits for it sees that it is gone
            path.unlink()
        lock.release()
        with suppress(OSError):  # somebody else is staging there
            top.parent.rmdir()


def sweep(catalog: Catalog, wanted: Collection[str], listener: Listener) -> None:
    """Remove what was fetched for jobs that nobody goes on with; `wanted` are the ids of the others."""
    prefix = _own_prefix(catalog.identity.library_id)
    for root in catalog.roots:
        if not root.online or root.mode is RootMode.REFERENCED:
            continue
        staging = root.metadata_directory / STAGING
        if staging.is_symlink():
            continue  # not made by us; `arrivals` says so
        for name in sorted({one.name.removesuffix(LOCK) for one in staging.glob(f"{prefix}*")}):
            with _locked(staging / name) as is_free:
                if is_free and _job_of(staging / name) not in wanted:
                    clear_staging(staging / name, listener)


def jobs_with_bytes(catalog: Catalog) -> set[str]:
    """Ids of the jobs of which something is on the disk, in the roots that are online."""
    prefix = _own_prefix(catalog.identity.library_id)
    found = set[str]()
    for root in catalog.roots:
        if not root.online or root.mode is RootMode.REFERENCED:
            continue
        for top in (root.metadata_directory / STAGING).glob(f"{prefix}*"):
            arrived = (path for path in top.rglob("*") if path.is_file() and path.name != NOTE)
            job = _job_of(top)
            if job is not None and any(path.stat().st_size for path in arrived):
                found.add(job)
    return found


def arrived_bytes(catalog: Catalog, incoming: Incoming) -> int:
    """Bytes on the disk that need no space any more."""
    top = incoming.root.metadata_directory / STAGING / incoming.key(catalog.identity.library_id)
    found = 0
    if top.is_symlink():
        return found
    for path in top.rglob("*"):
        status = path.lstat()
        if stat.S_ISREG(status.st_mode):
            found += min(status.st_size, getattr(status, "st_blocks", status.st_size) * 512)
    return found


def _make_directories(above: Path, directory: Path, mode: int = 0o777) -> None:
    """Each level below `above`, which is there, as a directory of its own: nothing arrives by way of a link.
    Raises FileError, TargetExistsError where something else has the name."""
    path = above
    for part in directory.relative_to(above).parts:
        path /= part
        try:
            with suppress(FileExistsError):
                path.mkdir(mode if path == directory else 0o777)
            is_directory = stat.S_ISDIR(path.lstat().st_mode)
        except OSError as error:
            raise translate_os_error(error, path=path, writing=True) from error
        if not is_directory:
            raise TargetExistsError(
                "Something that is no directory lies where a download arrives",
                path=path,
                hint="It is not of this program: look at it, take it away, and try again.",
            )


def _make_room(file: RemoteFile, target: Path) -> None:
    """Take away what lies at the place of a file and cannot be proven to be it: a link or a pipe, what has
    another name too (it would change with that), and a file of which nothing is known. Raises FileError.
    """
    try:
        status = target.lstat()
    except FileNotFoundError:
        return
    known = file.sha256 or file.git_sha1 or file.size is not None
    if not known or not stat.S_ISREG(status.st_mode) or _is_shared(status):
        _remove(target)


def _is_shared(status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode) and status.st_nlink > 1


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise translate_os_error(error, path=path, writing=True) from error


def _entries(directory: Path) -> list[Path]:
    try:
        return list(directory.iterdir())
    except OSError as error:
        raise translate_os_error(error, path=directory, writing=False) from error


def _own_prefix(library_id: str) -> str:
    return f"{PREFIX}{library_id[:8]}-"


def _job_of(top: Path) -> str | None:
    try:
        job = json.loads(read_regular(top / NOTE, MAX_NOTE)).get("job")
    except (OSError, ValueError, AttributeError, RecursionError):
        return None  # no note, or none that can be read: nobody's
    return job if isinstance(job, str) else None


def _first_error(futures: Sequence[Future[None]]) -> None:
    """Wait for all, or stop the rest when one fails. Raises what that one raised."""
    done, running = wait(futures, return_when=FIRST_EXCEPTION)
    for future in running:
        future.cancel()
    for future in done:
        future.result()
