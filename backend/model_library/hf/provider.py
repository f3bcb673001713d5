"""The Hugging Face Hub as a provider (`providers.Provider`), and the names and addresses people give it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote, urlsplit

from model_library.config import HUB_ENDPOINT
from model_library.errors import InvalidValueError
from model_library.hf.client import HubClient
from model_library.hf.descriptions import PROVIDER, is_repo_id
from model_library.naming import display_text
from model_library.providers import (
    Answer,
    LookedUp,
    RemoteAddress,
    RemoteFile,
    RemoteModel,
    SearchRequest,
    Transfer,
    remote_path,
)

if TYPE_CHECKING:
    from model_library.io.hashing import FileDigests
    from model_library.metadata import ModelMetadata
    from model_library.network.manager import NetworkManager

MAIN: Final = "main"

_HOSTS: Final = frozenset({"huggingface.co", "www.huggingface.co", "hf.co"})
_OTHER_KINDS: Final = frozenset(
    {"datasets", "spaces", "kernels", "buckets", "collections", "papers", "docs"}
)
_VIEWS: Final = frozenset({"tree", "blob", "resolve", "raw", "commit"})
_REFS: Final = re.compile(r"refs/(?:heads|convert|pr)/[^/]+")


def parse_repo(text: str, endpoint: str = HUB_ENDPOINT) -> RemoteAddress:
    """What a person means by a name or by the address of a page.

        OWNER/NAME
        https://huggingface.co/OWNER/NAME
        https://huggingface.co/OWNER/NAME/tree/REVISION[/FOLDER]
        https://huggingface.co/OWNER/NAME/blob/REVISION/FILE      (also resolve, raw)

    Raises InvalidValueError for anything else, UnsafeNameError for a file that is no safe path.
    """
    given = text.strip()
    if "://" not in given:
        if not is_repo_id(given):
            raise _no_repo(given)
        return RemoteAddress(given)
    try:
        parts = urlsplit(given)
        host = parts.netloc.lower().rpartition("@")[2]
    except ValueError:
        raise _no_repo(given) from None
    if parts.scheme not in {"http", "https"} or host not in {*_HOSTS, urlsplit(endpoint).netloc}:
        raise _no_repo(given)
    return _of_path([unquote(part) for part in parts.path.split("/") if part], given)


def _of_path(parts: list[str], given: str) -> RemoteAddress:
    """Of the parts of an address's path."""
    length = 1 if parts[1:2] and parts[1] in _VIEWS else 2
    repo, rest = "/".join(parts[:length]), parts[length:]
    if not is_repo_id(repo) or (parts and parts[0] in _OTHER_KINDS):
        raise _no_repo(given)
    if not rest:
        return RemoteAddress(repo)
    if rest[0] not in _VIEWS or len(rest) < 2:  # noqa: PLR2004 - a view and a revision
        return RemoteAddress(repo)  # another tab of its page, e.g. discussions
    after = "/".join(rest[1:])
    ref = _REFS.match(after)
    revision = ref.group() if ref else rest[1]
    file = after[len(revision) :].lstrip("/")
    if not revision.isprintable():
        raise _no_repo(given)
    return RemoteAddress(repo, revision, remote_path(file) if file else None)


def _no_repo(given: str) -> InvalidValueError:
    return InvalidValueError(
        f"{display_text(_without_secrets(given))!r} is no model on the Hub",
        hint="Give OWNER/NAME or the address of its page: https://huggingface.co/OWNER/NAME.",
    )


def _without_secrets(given: str) -> str:
    """An address as it may be shown: a name, a password or a signature in it is nobody else's business."""
    address = re.split(r"[?#]", given, maxsplit=1)[0]
    before, at, host = address.rpartition("@")
    if not at:
        return address
    scheme, there, _ = before.partition("://")
    return f"{scheme}://{host}" if there else host


class HuggingFace:
    """The provider. What may be raised is said in `providers.Provider`."""

    name = PROVIDER
    title = "Hugging Face"

    def __init__(self, network: NetworkManager) -> None:
        self._network = network
        self._hub = HubClient(network)

    def search(self, request: SearchRequest) -> Answer[tuple[RemoteModel, ...]]:
        return self._hub.search(request)

    def details(self, repo: str, revision: str | None = None) -> Answer[RemoteModel]:
        address = self.address(repo)
        return self._hub.details(address.repo, revision or address.revision)

    def address(self, text: str) -> RemoteAddress:
        return parse_repo(text, self._hub.endpoint)

    def look_up(self, model: ModelMetadata) -> LookedUp:
        from model_library.hf.metadata_lookup import look_up

        return look_up(self._hub, model)

    def compare(self, model: ModelMetadata, remote: RemoteModel) -> LookedUp:
        from model_library.hf.metadata_lookup import compared

        return compared(model, remote)

    def download(
        self, model: RemoteModel, file: RemoteFile, target: Path, transfer: Transfer
    ) -> FileDigests:
        from model_library.hf.file_download import DownloadSource, fetch

        source = DownloadSource(
            url=self.file_url(model, file.path),
            headers=self._hub.headers,
            size=file.size,
            sha256=file.sha256,
            git_sha1=file.git_sha1,
            name=file.path,
        )
        connections = self._network.settings.connections
        return fetch(self._hub.downloads, source, target, transfer, connections=connections)

    def file_url(self, model: RemoteModel, path: str) -> str:
        """Where the bytes of a file are asked for, at the commit that listed it."""
        revision = quote(model.revision or MAIN, safe="")
        return f"{self._hub.endpoint}/{model.repo}/resolve/{revision}/{quote(path)}"

    def close(self) -> None:
        self._hub.close()
