"""What the test Hub holds: repositories with their files, commits and cards, as frozen values."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, Final, Literal

from tests.hub.messages import Body

WEIGHT_SUFFIXES: Final = {
    ".bin", ".ckpt", ".gguf", ".h5", ".msgpack", ".onnx", ".pt", ".pth", ".safetensors", ".zip",
}  # fmt: skip
"""What the Hub's `.gitattributes` puts into LFS, however small."""
TEXT_SUFFIXES: Final = {".gitattributes", ".json", ".md", ".py", ".txt", ".yaml", ".yml"}
LARGE_TEXT: Final = 10_000_000
LARGE: Final = 1_000
"""Bytes from which a file goes into LFS. The Hub takes 10 MB for all; tests want small files."""
EVIL_NAMES: Final = (
    "../../evil", "/etc/evil", "C:\\x", "C:/x.safetensors", "CON.safetensors", "a/../../evil.bin", "aux",
    "ends with dot.", "line\nbreak.gguf", "a\\b.gguf",
)  # fmt: skip
"""Names for a listing, none of which may become a path."""
EPOCH: Final = "2026-03-01T12:00:00.000Z"


def git_blob(data: bytes) -> str:
    """SHA-1 of git's object of these bytes."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _sha256(body: Body) -> str:
    digest = hashlib.sha256()
    for chunk in body.chunks():
        digest.update(chunk)
    return digest.hexdigest()


@dataclass(frozen=True)
class HubFile:
    """One file at one commit."""

    source: bytes | Path
    size: int
    """Bytes."""
    sha256: str
    lfs: bool
    oid: str
    """Git's SHA-1 of what git holds: the bytes, or the LFS pointer to them."""
    pointer_size: int

    @classmethod
    def of(cls, name: str, source: bytes | Path, sha256: str | None = None) -> HubFile:
        """Hashes the bytes unless their SHA-256 is given (for large sparse files)."""
        body = Body.of(source)
        suffix = PurePosixPath(name).suffix or PurePosixPath(name).name
        limit = LARGE_TEXT if suffix in TEXT_SUFFIXES else LARGE
        sha256 = sha256 or _sha256(body)
        lfs = suffix in WEIGHT_SUFFIXES or body.size > limit
        pointer = (
            f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {body.size}\n"
        ).encode()
        held = pointer if lfs else body.read()
        return cls(source, body.size, sha256, lfs, git_blob(held), len(pointer))

    @property
    def etag(self) -> str:
        """What names the bytes: SHA-256 of an LFS file, git's SHA-1 of a small one."""
        return self.sha256 if self.lfs else self.oid

    @cached_property
    def xet_hash(self) -> str:
        """64 hex digits of the right form; the real one needs Xet's chunking."""
        return hashlib.sha256(b"xet" + self.sha256.encode()).hexdigest()


@dataclass(frozen=True)
class Commit:
    """The files at one commit."""

    oid: str
    """40 hex digits."""
    files: Mapping[str, HubFile]
    title: str
    date: str

    @cached_property
    def folders(self) -> frozenset[str]:
        return frozenset(
            str(parent)
            for path in self.files
            for parent in PurePosixPath(path).parents
            if str(parent) not in {".", "/"}
        )


def _commit(repo_id: str, files: Mapping[str, HubFile], title: str, number: int) -> Commit:
    content = "\n".join([repo_id, title, str(number), *(f"{p} {f.oid}" for p, f in files.items())])
    oid = hashlib.sha1(content.encode(), usedforsecurity=False).hexdigest()
    return Commit(oid, dict(files), title, EPOCH.replace("-01T", f"-{number + 1:02}T"))


Source = bytes | Path | HubFile


def _held(files: Mapping[str, Source]) -> dict[str, HubFile]:
    return {
        path: source if isinstance(source, HubFile) else HubFile.of(path, source)
        for path, source in sorted(files.items())
    }


@dataclass(frozen=True, kw_only=True)
class HubRepo:
    """A model repository. Made by `hub_repo`; names of files are not checked, so that tests can be evil."""

    repo_id: str
    commits: tuple[Commit, ...]
    """Newest first."""
    branches: Mapping[str, str] = field(default_factory=dict)
    """Name -> commit, besides `main`, which is the newest."""
    git_tags: Mapping[str, str] = field(default_factory=dict)
    card: Mapping[str, Any] = field(default_factory=dict)
    """The YAML head of README.md."""
    tags: tuple[str, ...] = ()
    gated: Literal[False, "auto", "manual"] = False
    private: bool = False
    disabled: bool = False
    licence: str | None = None
    downloads: int = 0
    likes: int = 0
    trending: int = 0
    pipeline_tag: str | None = None
    library_name: str | None = None
    base_model: str | None = None
    base_relation: Literal["adapter", "finetune", "merge", "quantized"] | None = None
    gguf: Mapping[str, Any] | None = None
    safetensors: Mapping[str, Any] | None = None
    config: Mapping[str, Any] | None = None
    xet: bool = False
    """Large files have a Xet hash and the routes to a token."""
    resolve_cache: bool = False
    """Small files are answered with a redirect inside the Hub, as it does at times."""
    unsafe: frozenset[str] = frozenset()
    """Paths that the security scan complains of."""

    @property
    def head(self) -> Commit:
        return self.commits[0]

    @property
    def author(self) -> str | None:
        return self.repo_id.split("/")[0] if "/" in self.repo_id else None

    @property
    def files(self) -> Mapping[str, HubFile]:
        return self.head.files

    def at(self, revision: str) -> Commit | None:
        """The commit of a branch, tag or full commit id."""
        named = {"main": self.head.oid, **self.branches, **self.git_tags}
        oid = named.get(revision.removeprefix("refs/heads/"), revision)
        return next((one for one in self.commits if one.oid == oid), None)

    def committed(self, files: Mapping[str, Source], title: str = "Update") -> HubRepo:
        """With one more commit that adds or replaces these files."""
        merged = dict(sorted({**self.files, **_held(files)}.items()))
        made = _commit(self.repo_id, merged, title, len(self.commits))
        return replace(self, commits=(made, *self.commits))

    @cached_property
    def all_tags(self) -> tuple[str, ...]:
        """The tags and those that the Hub derives from the card."""
        derived = [self.library_name, self.pipeline_tag]
        derived += [f"license:{self.licence}"] if self.licence else []
        if self.base_model:
            derived.append(f"base_model:{self.base_model}")
            derived += (
                [f"base_model:{self.base_relation}:{self.base_model}"] if self.base_relation else []
            )
        return tuple(dict.fromkeys([*self.tags, *(tag for tag in derived if tag)]))

    @cached_property
    def card_data(self) -> dict[str, Any]:
        facts = {
            "license": self.licence,
            "library_name": self.library_name,
            "pipeline_tag": self.pipeline_tag,
            "base_model": self.base_model,
            "tags": list(self.tags) or None,
        }
        return {**{key: value for key, value in facts.items() if value is not None}, **self.card}


def hub_repo(repo_id: str, files: Mapping[str, Source], **facts: Any) -> HubRepo:
    """A repository with one commit. `facts` are fields of `HubRepo`."""
    commit = _commit(repo_id, _held(files), "Upload folder", 0)
    return HubRepo(repo_id=repo_id, commits=(commit,), **facts)
