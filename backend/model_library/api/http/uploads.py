"""Files that a browser sends: received piece by piece, hashed on the way, imported like any other.

    <library>/uploads/<batch>/
      parts/<upload id>             what has arrived of one file
      parts/<upload id>.json        what was announced: name, size, SHA-256
      files/<relative name>         what is complete; `directory` of the batch, to be imported with place=move

Files that belong together (shards, the folder of a model) are announced in one batch and keep their relative
names. An upload goes on where it stopped, also after the server was started anew. The offset is what has been
written; whoever sends something else is told so and nothing is changed. A batch that was imported without a
failure goes at once, one that nobody touched for `KEPT` when the server starts and every hour.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import TypedDict

from model_library.errors import (
    HashMismatchError,
    InvalidValueError,
    NoLibraryError,
    TargetFullError,
    UnsafeNameError,
    UploadNotFoundError,
    UploadStateError,
)
from model_library.io.files import make_directory, write_all, write_durably
from model_library.io.platform.filesystems import free_bytes
from model_library.io.platform.os_errors import translate_os_error
from model_library.io.platform.page_cache import fsync_directory, fsync_file
from model_library.io.platform.renaming import rename_noreplace
from model_library.library import UPLOADS_DIRECTORY
from model_library.naming import safe_relative_path

if TYPE_CHECKING:
    from hashlib import _Hash

KEPT: Final = 24 * 3600.0
"""Seconds after which an upload that nobody goes on with is given up."""
MOST_FILES: Final = 20_000
"""Of one batch."""
LARGEST: Final = 1 << 44
"""Bytes of one file: 16 TiB."""
_PARTS: Final = "parts"
_FILES: Final = "files"
_ID: Final = re.compile(r"[0-9a-f]{16}-[0-9a-f]{16}")
_BATCH: Final = re.compile(r"[0-9a-f]{16}")
_BLOCK: Final = 1024**2


class UploadJson(TypedDict):
    """One file on its way. `received` bytes of `size` are here; `name` is how it is kept, relative to
    `directory`; `sha256` is there when it is `complete`."""

    upload_id: str
    batch: str
    name: str
    size: int
    received: int
    complete: bool
    sha256: str | None
    directory: str


@dataclass(slots=True)
class _Upload:
    upload_id: str
    batch: str
    name: str
    size: int
    expected: str | None
    """The SHA-256 that the sender announced."""
    received: int = 0
    sha256: str | None = None
    hasher: _Hash | None = None
    """Of what was received; None when it has to be made from the part first."""
    busy: bool = False
    gone: bool = False


class Uploads:
    """All uploads of one library, once `use` said which. Safe in several threads; one upload takes one request
    at a time."""

    def __init__(self, library: Path | None = None) -> None:
        self._place: Path | None = None
        self._guard = threading.Lock()
        self._uploads: dict[str, _Upload] = {}
        if library is not None:
            self.use(library)

    @property
    def _top(self) -> Path:
        if self._place is None:
            raise NoLibraryError("There is no library yet")
        return self._place

    def use(self, library: Path) -> None:
        """Go on with what had arrived in a library."""
        self._place = library / UPLOADS_DIRECTORY
        for note in sorted(self._top.glob(f"*/{_PARTS}/*.json")):
            known = self._read(note)
            if known is not None:
                self._uploads[known.upload_id] = known

    # --- announcing --------------------------------------------------------------------------------

    def announce(
        self, name: str, size: int, *, batch: str | None = None, sha256: str | None = None
    ) -> UploadJson:
        """Say what will be sent. Raises UnsafeNameError, InvalidValueError, TargetFullError, FileError."""
        if not 0 <= size <= LARGEST:
            raise InvalidValueError(f"{size} bytes are no size of a file")
        if batch is not None and not _BATCH.fullmatch(batch):
            raise InvalidValueError("A batch has the id that its first upload was given")
        batch = batch or secrets.token_hex(8)
        with self._guard:
            taken = {one.name for one in self._uploads.values() if one.batch == batch}
            if len(taken) >= MOST_FILES:
                raise InvalidValueError(f"A batch has at most {MOST_FILES} files")
            kept = str(safe_relative_path(name, taken))
            waiting = sum(one.size - one.received for one in self._uploads.values())
            upload = _Upload(f"{batch}-{secrets.token_hex(8)}", batch, kept, size, sha256)
            upload.hasher = hashlib.sha256()
            self._begin(upload, waiting)
            self._uploads[upload.upload_id] = upload
        if size == 0:
            self.receive(upload.upload_id, 0, 0).close()
        return self._json(upload)

    def _begin(self, upload: _Upload, waiting: int) -> None:
        make_directory(self._part(upload).parent)
        if free_bytes(self._top) < upload.size + waiting:
            raise TargetFullError(f"There is no room for {upload.size} bytes", path=self._top)
        note = {"name": upload.name, "size": upload.size, "sha256": upload.expected}
        try:
            self._part(upload).touch()
        except OSError as error:
            raise translate_os_error(error, path=self._part(upload), writing=True) from error
        write_durably(self._note(upload), json.dumps(note).encode())

    # --- looking -----------------------------------------------------------------------------------

    def show(self, upload_id: str) -> UploadJson:
        """Raises UploadNotFoundError."""
        return self._json(self._find(upload_id))

    def all(self) -> list[UploadJson]:
        with self._guard:
            known = list(self._uploads.values())
        return [self._json(one) for one in known]

    # --- receiving ---------------------------------------------------------------------------------

    def receive(self, upload_id: str, start: int, end: int) -> Receiver:
        """A receiver of the bytes from `start` up to before `end`; `close` it in any case.

        Raises UploadNotFoundError, UploadStateError (another offset, or another request sends this file
        now), InvalidValueError, FileError.
        """
        upload = self._hold(upload_id)
        with ExitStack() as cleanup:
            cleanup.callback(self._release, upload)
            if upload.sha256 is not None:
                raise UploadStateError("All of the file is here", hint="Import it.")
            if start != upload.received:
                raise UploadStateError(
                    f"The next byte to send is {upload.received}, not {start}",
                    hint="Ask for the upload and go on at `received`.",
                )
            if not start <= end <= upload.size:
                raise InvalidValueError(f"The file was announced with {upload.size} bytes")
            receiver = Receiver(upload, self._part(upload), end, self._received)
            cleanup.pop_all()
        return receiver

    def _received(self, upload: _Upload) -> None:
        """A request ended. Raises HashMismatchError; then all of the file has to be sent again."""
        try:
            if upload.received == upload.size and upload.sha256 is None and not upload.gone:
                self._complete(upload)
        finally:
            self._release(upload)

    def _complete(self, upload: _Upload) -> None:
        """Give a file that is all here its name."""
        hasher = upload.hasher
        found = _hash_of(self._part(upload), upload.size) if hasher is None else hasher
        digest = found.hexdigest()
        if upload.expected not in (None, digest):
            os.truncate(self._part(upload), 0)
            upload.received, upload.hasher = 0, hashlib.sha256()
            raise HashMismatchError(
                f"What arrived of {upload.name} has another SHA-256 than was announced",
                hint="Send the file again.",
            )
        target = self._directory(upload.batch) / upload.name
        make_directory(target.parent)
        rename_noreplace(self._part(upload), target)
        fsync_directory(target.parent)
        upload.sha256 = digest
        note = {"name": upload.name, "size": upload.size, "sha256": digest}
        write_durably(self._note(upload), json.dumps(note).encode())

    # --- giving up ---------------------------------------------------------------------------------

    def cancel(self, upload_id: str) -> None:
        """Forget an upload and what arrived of it; of a complete one the file stays until its batch goes.

        Raises UploadNotFoundError.
        """
        upload = self._find(upload_id)
        with self._guard:
            upload.gone = True  # a request that still sends it ends
            self._uploads.pop(upload_id, None)
            last = not any(one.batch == upload.batch for one in self._uploads.values())
        self._part(upload).unlink(missing_ok=True)
        self._note(upload).unlink(missing_ok=True)
        if last:
            self.remove(upload.batch)

    def remove(self, batch: str) -> None:
        """Remove a batch with everything that arrived."""
        with self._guard:
            for one in [one for one in self._uploads.values() if one.batch == batch]:
                one.gone = True
                del self._uploads[one.upload_id]
        shutil.rmtree(self._top / batch, ignore_errors=True)

    def batch_of(self, path: str) -> str | None:
        """The batch whose files a path names."""
        parts = Path(path).parts
        own = self._top.parts
        if parts[: len(own)] != own or len(parts) <= len(own):
            return None
        return parts[len(own)] if _BATCH.fullmatch(parts[len(own)]) else None

    def sweep(self, needed: Collection[str], *, now: float | None = None) -> None:
        """Remove batches that nobody touched for long, but for those that jobs still need."""
        before = (time.time() if now is None else now) - KEPT
        with self._guard:
            busy = {one.batch for one in self._uploads.values() if one.busy}
        for directory in self._top.glob("*"):
            known = _BATCH.fullmatch(directory.name) is not None
            if known and directory.name not in busy | set(needed) and _newest(directory) < before:
                self.remove(directory.name)

    # --- inside ------------------------------------------------------------------------------------

    def _find(self, upload_id: str) -> _Upload:
        with self._guard:
            upload = self._uploads.get(upload_id)
        if upload is None:
            raise UploadNotFoundError(f"There is no upload {upload_id[:40]!r}")
        return upload

    def _hold(self, upload_id: str) -> _Upload:
        upload = self._find(upload_id)
        with self._guard:
            if upload.busy:
                raise UploadStateError(
                    "Another request sends this file now", hint="Wait for it to end."
                )
            upload.busy = True
        return upload

    def _release(self, upload: _Upload) -> None:
        with self._guard:
            upload.busy = False

    def _read(self, note: Path) -> _Upload | None:
        """An upload as its note says; None for what is no note of ours."""
        upload_id, batch = note.stem, note.parent.parent.name
        if not _ID.fullmatch(upload_id) or not upload_id.startswith(f"{batch}-"):
            return None
        try:
            said: dict[str, Any] = json.loads(note.read_bytes())
            name = str(safe_relative_path(said["name"]))
            upload = _Upload(upload_id, batch, name, int(said["size"]), said["sha256"])
            if self._part(upload).exists():
                upload.received = min(self._part(upload).stat().st_size, upload.size)
            elif (self._directory(batch) / name).exists():
                upload.received, upload.sha256 = upload.size, upload.expected
            else:
                return None  # it was imported
        except (OSError, ValueError, KeyError, TypeError, UnsafeNameError):
            return None  # swept when it is old
        return upload

    def _json(self, upload: _Upload) -> UploadJson:
        return UploadJson(
            upload_id=upload.upload_id,
            batch=upload.batch,
            name=upload.name,
            size=upload.size,
            received=upload.received,
            complete=upload.sha256 is not None,
            sha256=upload.sha256,
            directory=str(self._directory(upload.batch)),
        )

    def _directory(self, batch: str) -> Path:
        return self._top / batch / _FILES

    def _part(self, upload: _Upload) -> Path:
        return self._top / upload.batch / _PARTS / upload.upload_id

    def _note(self, upload: _Upload) -> Path:
        return self._part(upload).with_name(f"{upload.upload_id}.json")


class Receiver:
    """Takes the bytes of one request."""

    def __init__(
        self, upload: _Upload, part: Path, end: int, closed: Callable[[_Upload], None]
    ) -> None:
        self._upload = upload
        self._end = end
        self._closed = closed
        try:
            self._file = part.open("r+b", buffering=0)
            self._hasher = upload.hasher or _hash_of(part, upload.received)
            self._file.truncate(upload.received)
            self._file.seek(upload.received)
        except OSError as error:
            raise translate_os_error(error, path=part, writing=True) from error
        upload.hasher = self._hasher

    def take(self, data: bytes) -> None:
        """Write and hash. Raises InvalidValueError for more than was announced, UploadNotFoundError when it
        was cancelled, FileError."""
        upload = self._upload
        if upload.gone:
            raise UploadNotFoundError("The upload was cancelled")
        if upload.received + len(data) > self._end:
            raise InvalidValueError(f"More was sent than up to byte {self._end}")
        try:
            write_all(self._file, data)
        except OSError as error:
            raise translate_os_error(error, path=Path(self._file.name), writing=True) from error
        self._hasher.update(data)
        upload.received += len(data)

    def close(self) -> None:
        """Make durable what arrived; a file that is all here gets its name. Raises HashMismatchError."""
        try:
            fsync_file(self._file.fileno())
        finally:
            self._file.close()
            self._closed(self._upload)


def _hash_of(part: Path, size: int) -> _Hash:
    """Of the first `size` bytes, which an earlier server received."""
    found = hashlib.sha256()
    left = size
    with part.open("rb") as file:
        while left > 0 and (data := file.read(min(_BLOCK, left))):
            found.update(data)
            left -= len(data)
    return found


def _newest(directory: Path) -> float:
    """When something in it was last written; seconds since 1970."""
    newest = 0.0
    for path in (directory, *directory.rglob("*")):
        try:
            newest = max(newest, path.lstat().st_mtime)
        except OSError:
            continue
    return newest
