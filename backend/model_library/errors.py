"""Every error this project raises on purpose, on one page.

One base class. Each error says what happened (`message`), to which path (`path`) and what to do
(`hint`), and carries a stable `code` that scripts, the HTTP API and the pages rely on: a code is
never renamed. `exit_code` is what the command line ends with when this error ends a command
(1: an item failed, 2: wrong usage, 3: another process holds what is needed, 130: interrupted).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar


class ModelLibraryError(Exception):
    """Base of all errors; never raised itself."""

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1
    default_hint: ClassVar[str] = ""

    def __init__(
        self, message: str, *, path: Path | str | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = None if path is None else str(path)
        self.hint = self.default_hint if hint is None else hint

    def __str__(self) -> str:
        where = f" [{self.path}]" if self.path is not None else ""
        return f"{self.message}{where}"

    def to_json(self) -> Mapping[str, str]:
        """The `error` object of the JSON outputs: code, message and hint."""
        return {"code": self.code, "message": self.message, "hint": self.hint}


# --- what the caller asked for -------------------------------------------------------------


class UsageError(ModelLibraryError):
    """The request itself is wrong; nothing was started."""

    code = "usage"
    exit_code = 2


class InvalidValueError(UsageError):
    """A value given for a field, option or setting is not one of the possible ones."""

    code = "invalid-value"


class FindingNotFoundError(InvalidValueError):
    """What health found is no more what it was: nothing is fixed by a word for what may have changed."""

    code = "finding-not-found"
    default_hint = "It may be gone already: `model-library health` shows those that stand."


class UnsafeNameError(UsageError):
    """A name from outside would leave its directory or cannot exist on a supported filesystem."""

    code = "unsafe-name"
    default_hint = "Rename the file and try again."


class ModelNotFoundError(UsageError):
    code = "model-not-found"
    exit_code = 1
    default_hint = "`model-library list` shows the ids; any unambiguous beginning of one will do."


class AmbiguousModelIdError(UsageError):
    code = "ambiguous-model-id"
    exit_code = 1
    default_hint = "Give more characters of the id."


class CancelledError(ModelLibraryError):
    """The user or the caller stopped the work; everything begun was undone or is resumable."""

    code = "cancelled"
    exit_code = 130


# --- the library and its databases -----------------------------------------------------------


class LibraryError(ModelLibraryError):
    code = "library"


class LibraryPathError(LibraryError):
    """The library path cannot hold a library (it is a file, or not writable)."""

    code = "library-path"
    exit_code = 2
    default_hint = "Choose another directory (on a command line with --library or MODEL_LIBRARY)."


class NoLibraryError(LibraryError):
    """The server runs and has no library yet: a person is asked first where it is to live."""

    code = "no-library"
    default_hint = "Open the page and choose a place, or use `model-library init DIR`."


class LibraryChosenError(LibraryError):
    """The server has its library already."""

    code = "library-chosen"
    default_hint = "`model-library init DIR` chooses another one for later starts."


class LibraryFormatError(LibraryError):
    """`library.json` cannot be read as what it should be."""

    code = "library-format"
    default_hint = "Restore library.json from a backup; no other file was touched."


class LibraryTooNewError(LibraryError):
    """The library was written by a newer version; nothing was opened or changed."""

    code = "library-too-new"
    default_hint = "Update model-library, then try again."


class LibraryReadOnlyError(LibraryError):
    """The library can be read and not changed: its drive is mounted read-only, or it is another user's."""

    code = "library-read-only"
    default_hint = (
        "It can be searched, shown and verified as it is. To change it, mount its drive writable or let your"
        " user write to its directory; --library chooses another library."
    )


class LibraryBusyError(LibraryError):
    """Another process holds a lock that this operation needs."""

    code = "library-busy"
    exit_code = 3
    default_hint = "Wait for the other command to finish, then try again."


class ModelTwiceError(LibraryError):
    """Two directories carry one model id, and only the user knows which of them is meant."""

    code = "model-twice"
    default_hint = (
        "One of the two is a copy made by hand: move it out of the library, run `model-library scan`,"
        " then try again."
    )


class RecordChangedError(LibraryError):
    """Another process changed or moved the record between reading and writing it; nothing was done."""

    code = "record-changed"
    exit_code = 3
    default_hint = "Look at the model again, then repeat the command."


class EditedSinceError(LibraryError):
    """What an edit left is not there any more: undoing it would undo what came after, too."""

    code = "edited-since"
    exit_code = 3
    default_hint = "Edit the model by hand."


class IndexDamagedError(LibraryError):
    """`models.db` is not a usable index. Callers rebuild it from the metadata files."""

    code = "index-damaged"
    default_hint = "`model-library scan --deep` rebuilds the index; no model file is involved."


class IndexMissingError(IndexDamagedError):
    """There is no `models.db` at all: the library is new, or the file was removed."""

    code = "index-missing"


class ParallelScanError(LibraryError):
    """A scan could not be shared among processes: one of them ended, or SQLite does not allow it. The
    scan is then done again by one process alone, so that nobody outside meets this error."""

    code = "parallel-scan"


class RegistryDamagedError(LibraryError):
    code = "registry-damaged"
    default_hint = "The damaged file was kept aside; add the other roots again."


class MetadataError(LibraryError):
    """A `metadata.json` or `overrides.json` is not valid. It is reported and never overwritten."""

    code = "metadata-invalid"
    default_hint = "Correct the file by hand or move it away, then run `model-library scan`."


# --- roots -------------------------------------------------------------------------------------


class RootError(LibraryError):
    code = "root"


class RootNotFoundError(RootError):
    code = "root-not-found"
    default_hint = "`model-library root list` shows the roots."


class RootOfflineError(RootError):
    """The drive or directory of a root is not there now. Nothing about its models is changed."""

    code = "root-offline"
    default_hint = "Connect the drive; if it has a new place, run `model-library scan`."


class RootConflictError(RootError):
    """The directory cannot become a root (inside another root, holds the library, known id)."""

    code = "root-conflict"
    exit_code = 2


# --- applications and links ------------------------------------------------------------------


class AppError(ModelLibraryError):
    code = "app"


class AppNotFoundError(AppError):
    code = "app-not-found"
    default_hint = "`model-library app list` shows the applications and their ids."


class NotAnInstallationError(AppError):
    """The directory is no installation of that application, or cannot be one of ours."""

    code = "not-an-installation"
    exit_code = 2
    default_hint = "Give the directory that holds the application itself."


class AppConflictError(AppError):
    """The directory of an application overlaps the library, a root or another application."""

    code = "app-conflict"
    exit_code = 2


class AppOfflineError(AppError):
    """The directory of an application is not there now."""

    code = "app-offline"
    default_hint = (
        "Connect its drive; where it moved, `model-library health --fix` follows it or `app add` says"
        " where it is; or `app remove` it."
    )


class InstallError(AppError):
    """A version of an application could not be fetched; nothing was added."""

    code = "install-failed"
    default_hint = "Check the source and the network, then try again."


class ProfileError(AppError):
    """An app profile breaks the rules of its format; the message names the key."""

    code = "profile-invalid"
    exit_code = 2
    default_hint = "Correct the profile; docs/app-profiles.md lists every key."


class ProfileChangedError(AppError):
    """The file of a profile is not what it was when somebody began to edit it. Nothing was written."""

    code = "profile-changed"
    default_hint = "Read it again and repeat the change."


class LinkError(ModelLibraryError):
    code = "link"


class TargetReplacedError(LinkError):
    """A directory inside an application is a symlink: links are never made through one."""

    code = "target-replaced"
    default_hint = "Make it a real directory, or add the place that it points to as a root."


class LinkConflictError(LinkError):
    """Something that is not ours has the name of a link."""

    code = "link-conflict"
    default_hint = "Sync again with --on-conflict rename, overwrite or adopt."


# --- files and filesystems ---------------------------------------------------------------------


class FileError(ModelLibraryError):
    code = "file"


class SourceNotFoundError(FileError):
    code = "source-not-found"
    default_hint = "Check the path."


class SourceUnreadableError(FileError):
    """The file exists and cannot be read (permission or read error)."""

    code = "source-unreadable"
    default_hint = "Check the permissions and the health of the drive."


class SourceChangedError(FileError):
    """The source was written to while it was being read; what was read of it was discarded."""

    code = "source-changed"
    default_hint = "Wait until the other program has finished with the file, then try again."


class SourceInStoreError(FileError):
    """The file is kept by another program, which shares it among its own models."""

    code = "source-in-store"


class TargetFullError(FileError):
    code = "target-full"
    default_hint = "Free some space there; an import can go to another root with --root."


class TargetReadOnlyError(FileError):
    code = "target-read-only"
    default_hint = "Make the target writable; an import can go to another root with --root."


class TargetExistsError(FileError):
    """Something is already there and was left as it is."""

    code = "target-exists"


class PathTooLongError(FileError):
    code = "path-too-long"
    default_hint = "Use a shorter name or a library nearer to the root of the drive."


class UnsupportedFilesystemError(FileError):
    """The filesystem cannot do what this operation needs."""

    code = "filesystem-unsupported"


class HashMismatchError(FileError):
    """The bytes are not those that were expected."""

    code = "hash-mismatch"
    default_hint = "Import the original file again: it takes the place of the damaged one."


class WriteError(FileError):
    """Writing failed for a reason that has no class of its own; the message names it."""

    code = "write-failed"


# --- identifying ---------------------------------------------------------------------------------


class IdentifyError(ModelLibraryError):
    code = "identify"


class NotAModelError(IdentifyError):
    """The bytes are of no kind that we know as a model: 'not my kind of file'."""

    code = "not-a-model"
    default_hint = "If this is a model, it may be incomplete or wrapped in an archive."


class EmptyFileError(NotAModelError):
    code = "empty-file"
    default_hint = "Download the file again."


class BrokenModelError(IdentifyError):
    """The container was recognised and violates its own format: 'my kind, but broken'."""

    code = "broken-model"
    default_hint = "Download the file again."


class TruncatedModelError(BrokenModelError):
    code = "truncated-model"
    default_hint = "The file is incomplete: download it again."


class HeaderLimitError(BrokenModelError):
    """A header claims more than any real model needs; reading on could hurt."""

    code = "header-limit"
    default_hint = "The file is damaged or was made to do harm. Do not load it anywhere."


class IncompleteModelError(IdentifyError):
    """Shards or needed files of a model are missing; the message names them."""

    code = "incomplete-model"
    default_hint = "Add the missing files beside the others and import again."


class PickleNotAcceptedError(IdentifyError):
    """The file is a pickle that could run code when loaded, and --accept-pickle was not given."""

    code = "pickle-not-accepted"
    default_hint = (
        "Prefer a safetensors version. If you trust the origin, do it again with --accept-pickle."
    )


# --- the network and its providers -----------------------------------------------------------------


class NetworkError(ModelLibraryError):
    """Something outside this machine did not answer as it should. Nothing local failed."""

    code = "network"
    default_hint = "Everything in the library works without it. Try again later."


class OfflineError(NetworkError):
    """The network is switched off, or a host was found unreachable a moment ago and is left in peace."""

    code = "offline"
    default_hint = "What needs the network can be done when it is back; all else works."


class ConnectionFailedError(NetworkError):
    """No connection: refused, name not found, reset."""

    code = "connection-failed"


class TlsError(NetworkError):
    """The host could not prove who it is."""

    code = "tls-failed"
    default_hint = (
        "Check the clock of this machine and any proxy that reads along; SSL_CERT_FILE names the certificates"
        " of one that is yours."
    )


class TimedOutError(NetworkError):
    code = "timed-out"


class RateLimitedError(NetworkError):
    """The server wants fewer requests."""

    code = "rate-limited"
    default_hint = "A token (HF_TOKEN) has a larger allowance. Try again when the message says."


class ServerFailedError(NetworkError):
    """The server failed (5xx)."""

    code = "server-failed"


class BadAnswerError(NetworkError):
    """The answer is not what the server's interface promises: no JSON, too large, an endless redirect."""

    code = "bad-answer"


class ProviderError(ModelLibraryError):
    """The provider answered, and the answer is no."""

    code = "provider"


class RepositoryNotFoundError(ProviderError):
    code = "repository-not-found"
    default_hint = "Check the spelling: OWNER/NAME. A private repository needs HF_TOKEN."


class RevisionNotFoundError(ProviderError):
    code = "revision-not-found"
    default_hint = "Leave out --revision for the newest state."


class RemoteFileNotFoundError(ProviderError):
    code = "remote-file-not-found"
    default_hint = "`model-library find OWNER/NAME` lists the files."


class KeyringError(ModelLibraryError):
    """There is no keyring, or it does not let us in."""

    code = "keyring"
    default_hint = (
        "Unlock it; or set HF_TOKEN, or run `hf auth login`, which keeps the token in a file."
    )


class TokenNeededError(ProviderError):
    """Gated or private, and there is no token."""

    code = "token-needed"
    default_hint = "Make a token on the provider's page and set HF_TOKEN."


class TokenInvalidError(ProviderError):
    code = "token-invalid"
    default_hint = "Make a new token on the provider's page and set HF_TOKEN."


class LicenseNotAcceptedError(ProviderError):
    """Gated, and the account of the token has not accepted the conditions."""

    code = "license-not-accepted"
    default_hint = "Open the page, accept the conditions, and try again."


class AccessDeniedError(ProviderError):
    """The owner has not let this account in, or has withdrawn the repository."""

    code = "access-denied"
    default_hint = "Only the owner of the repository can change that."


class ChoiceNeededError(ProviderError):
    """The repository holds several models or quantizations; the message names them."""

    code = "choice-needed"
    exit_code = 2


class RemoteChangedError(ProviderError):
    """The file became another while it was fetched."""

    code = "remote-changed"
    default_hint = "Start the download again to get the new one."


class DownloadMismatchError(HashMismatchError):
    """What arrived is not what the provider says it is; it was thrown away."""

    code = "download-mismatch"
    default_hint = "Try again. When it happens twice, something on the way alters the data."


# --- jobs ------------------------------------------------------------------------------------------


class JobError(UsageError):
    code = "job"


class JobNotFoundError(JobError):
    code = "job-not-found"
    exit_code = 1
    default_hint = "`model-library jobs list` shows them."


class JobStateError(JobError):
    """The job is past what was asked for: it is done, or another process runs it."""

    code = "job-state"
    exit_code = 1


# --- the server --------------------------------------------------------------------------------------


class ServerError(ModelLibraryError):
    code = "server"


class AddressError(ServerError):
    """The server cannot listen at this address."""

    code = "address-taken"
    exit_code = 3
    default_hint = "Another program has it: choose another with --port."


class UploadNotFoundError(ServerError):
    """It was never announced, cancelled, imported, or given up after a day."""

    code = "upload-not-found"
    default_hint = "Announce the file again."


class UploadStateError(ServerError):
    """What is sent does not fit what has arrived."""

    code = "upload-state"


# --- the desktop window ------------------------------------------------------------------------------


class DesktopError(ModelLibraryError):
    """What only a window or the user's session can do was not possible."""

    code = "desktop"


class WindowUnavailableError(DesktopError):
    """No window can be opened here: no screen, or nothing that draws one."""

    code = "window-unavailable"
    default_hint = "`model-library serve --open` shows the same pages in the browser."
