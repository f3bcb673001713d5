"""What a person asked a download for, as it is kept with its job: parsed once, so that nothing of an address is kept
but what it names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from types import UnionType
from typing import Any, Final

from model_library.errors import InvalidValueError
from model_library.naming import display_text
from model_library.providers import Provider, RemoteAddress


@dataclass(frozen=True, slots=True)
class DownloadRequest:
    """What a person asked for; kept with the job, so that it can go on after a restart."""

    repo: str
    revision: str | None = None
    files: tuple[str, ...] = ()
    quant: str | None = None
    everything: bool = False
    root_id: str | None = None
    accept_pickle: bool = False
    beside: str | None = None
    """Id of a model: what is no model of its own and goes beside one comes to it."""

    @property
    def title(self) -> str:
        """For people, in the list of jobs."""
        what = " ".join(self.files) or self.quant or ""
        return f"{self.repo} {what}".strip()[:200]

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"files": list(self.files)}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> DownloadRequest:
        """Raises InvalidValueError for what no download was begun with."""
        files = document.get("files", [])
        if not isinstance(files, list) or not all(isinstance(one, str) for one in files):
            raise _no_parameters("files")
        for name, value in document.items():
            if name != "files" and not isinstance(value, _TYPES.get(name, ())):
                raise _no_parameters(name)
        if "repo" not in document:
            raise _no_parameters("repo")
        return cls(**{**document, "files": tuple(files)})

    def addressed(self, provider: Provider) -> DownloadRequest:
        """The same with names instead of the addresses that a person gave for the repository, the revision or
        files: an address may hold a token, and nothing of it is kept but what it names. Raises
        InvalidValueError, also for addresses that do not go together.
        """
        address = provider.address(self.repo)
        files = [_parsed(text, provider) for text in self.files]
        if not files and address.file is not None:
            files = [address]
        said = None if self.revision is None else _parsed(self.revision, provider)
        others = [one for one in (said, *files) if isinstance(one, RemoteAddress)]
        for other in others:
            if other.repo.lower() != address.repo.lower():
                raise _not_together(f"repositories: {address.repo}, {other.repo}")
        if isinstance(said, RemoteAddress):
            said = _revision_of(said)
        return replace(
            self,
            repo=address.repo,
            revision=said or _one_revision([address, *others]),
            files=tuple(one if isinstance(one, str) else one.file or "*" for one in files),
        )


def _parsed(text: str, provider: Provider) -> str | RemoteAddress:
    """An address as what it names; a name as it is. Raises InvalidValueError."""
    return provider.address(text) if "://" in text else text


def _revision_of(address: RemoteAddress) -> str:
    if address.revision is None:
        raise InvalidValueError(
            "The address that was given as the revision names none",
            hint="Give a branch, a tag or a commit: main, v1.0, or 40 hexadecimal digits.",
        )
    return address.revision


def _one_revision(addresses: Sequence[RemoteAddress]) -> str | None:
    named = list(dict.fromkeys(one.revision for one in addresses if one.revision is not None))
    if len(named) > 1:
        raise _not_together(f"revisions: {', '.join(named)}")
    return named[0] if named else None


_TYPES: Final[Mapping[str, type | UnionType]] = {
    "repo": str,
    "revision": str | None,
    "quant": str | None,
    "everything": bool,
    "root_id": str | None,
    "accept_pickle": bool,
    "beside": str | None,
}
"""Of the parameters besides `files`."""


def _not_together(what: str) -> InvalidValueError:
    return InvalidValueError(
        f"One download is of one model at one revision, and these are several {what}",
        hint="Give each a command of its own.",
    )


def _no_parameters(name: str) -> InvalidValueError:
    return InvalidValueError(
        f"The job has no parameters of a download: {display_text(name, 50)}",
        hint="Its row was changed. Cancel it and give the command again.",
    )
