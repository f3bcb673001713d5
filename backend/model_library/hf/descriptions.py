"""The Hub's JSON about models, parsed once into `RemoteModel`. Pure.

Nothing of it is believed: texts are bounded and freed of control characters, names of files that are no safe
paths are left out and named, numbers are numbers. What a repository may lack, it may lack.

Source of the fields: model-facts 1.3, huggingface_hub 2.4 `ModelInfo`, `RepoFile`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from model_library.errors import BadAnswerError, UnsafeNameError
from model_library.naming import display_text
from model_library.providers import Gate, RemoteFile, RemoteModel, remote_path

PROVIDER: Final = "huggingface"
MAX_TAGS: Final = 500
MAX_WORDS: Final = 50
MAX_TEXT: Final = 300
"""Characters of one text."""
MAX_REFUSED: Final = 100
"""Names of refused files that are kept."""

REPO_ID: Final = re.compile(
    r"(?:[A-Za-z0-9][A-Za-z0-9._-]{0,95}/)?[A-Za-z0-9_][A-Za-z0-9._-]{0,95}"
)
"""`OWNER/NAME`, and the few old names without an owner."""
_HEX_40 = re.compile(r"[0-9a-f]{40}")
_HEX_64 = re.compile(r"[0-9a-f]{64}")
_MAX_COUNT: Final = 2**63 - 1


def is_repo_id(text: str) -> bool:
    """Whether the Hub could have a model of that name."""
    return REPO_ID.fullmatch(text) is not None and ".." not in text and "--" not in text


def model_of(data: object, endpoint: str, files: Iterable[object] | None = None) -> RemoteModel:
    """One model. `files` are the entries of its listing, if it was asked for.

    Raises BadAnswerError for what describes no model.
    """
    facts = _mapping(data)
    repo = facts.get("id") or facts.get("modelId")
    if not isinstance(repo, str) or not is_repo_id(repo):
        raise BadAnswerError("The answer of the Hub describes no model")
    card = _optional_mapping(facts.get("cardData"))
    tags = _texts(facts.get("tags"), MAX_TAGS)
    listed, refused = (None, ()) if files is None else files_of(files)
    return RemoteModel(
        provider=PROVIDER,
        repo=repo,
        url=f"{endpoint}/{repo}",
        revision=_matching(facts.get("sha"), _HEX_40),
        author=_text(facts.get("author")) or repo.rpartition("/")[0] or None,
        gate=_gate(facts.get("gated")),
        private=facts.get("private") is True,
        license=_license(card, tags),
        tags=tags,
        pipeline_tag=_text(facts.get("pipeline_tag")),
        library_name=_text(facts.get("library_name")),
        base_models=_base_models(card, tags),
        downloads=_count(facts.get("downloads")),
        likes=_count(facts.get("likes")),
        updated=_time(facts.get("lastModified")),
        parameters=_parameters(facts),
        architecture=_architecture(facts),
        trigger_words=_texts(card.get("instance_prompt"), MAX_WORDS),
        files=listed,
        refused_files=refused,
    )


def models_of(data: object, endpoint: str) -> tuple[RemoteModel, ...]:
    """The models of a search. Raises BadAnswerError."""
    if not isinstance(data, list):
        raise BadAnswerError("The answer of the Hub is no list of models")
    return tuple(model_of(one, endpoint) for one in data)


def files_of(entries: Iterable[object]) -> tuple[tuple[RemoteFile, ...], tuple[str, ...]]:
    """The files of a listing by path, and the names that were refused. Entries are those of `siblings`
    (`rfilename`, `blobId`) or of a tree (`path`, `oid`). Raises BadAnswerError."""
    found: dict[str, RemoteFile] = {}
    refused: list[str] = []
    for entry in entries:
        facts = _mapping(entry)
        name = facts.get("rfilename", facts.get("path"))
        if not isinstance(name, str):
            raise BadAnswerError("The answer of the Hub lists a file without a name")
        try:
            path = remote_path(name)
        except UnsafeNameError:
            refused.append(display_text(name, MAX_TEXT))
        else:
            found.setdefault(path, _file(path, facts))
    return tuple(found[path] for path in sorted(found)), tuple(refused[:MAX_REFUSED])


def has_sizes(entries: Iterable[object]) -> bool:
    """Whether a listing says how large its files are."""
    return any(
        isinstance(entry, dict) and _count(entry.get("size")) is not None for entry in entries
    )


def _file(path: str, facts: Mapping[str, Any]) -> RemoteFile:
    large = facts.get("lfs")
    size = _count(facts.get("size"))
    if not isinstance(large, dict):
        git_sha1 = _matching(facts.get("blobId", facts.get("oid")), _HEX_40)
        return RemoteFile(path, size, git_sha1=git_sha1)
    own = _count(large.get("size"))
    sha256 = _matching(large.get("sha256", large.get("oid")), _HEX_64)
    return RemoteFile(path, size if own is None else own, sha256=sha256)


def _mapping(data: object) -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise BadAnswerError("The answer of the Hub has another form than its interface promises")
    return data


def _optional_mapping(data: object) -> Mapping[str, Any]:
    return data if isinstance(data, dict) else {}


def _text(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    return display_text(value.strip()[: 2 * MAX_TEXT], MAX_TEXT) or None


def _texts(value: object, most: int) -> tuple[str, ...]:
    """One text or a list of texts; what is none is left out."""
    given = value if isinstance(value, list) else [value]
    return tuple(text for one in given[: 4 * most] if (text := _text(one)))[:most]


def _count(value: object) -> int | None:
    is_number = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MAX_COUNT
    return value if is_number and isinstance(value, int) else None


def _matching(value: object, pattern: re.Pattern[str]) -> str | None:
    return value if isinstance(value, str) and pattern.fullmatch(value) else None


def _time(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        when = datetime.fromisoformat(value[:40])
        moment = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _gate(value: object) -> Gate | None:
    if not value:
        return None
    return Gate.AUTO if value == "auto" else Gate.MANUAL


def _license(card: Mapping[str, Any], tags: Iterable[str]) -> str | None:
    """The name of one's own licence, that of a known one, or what the tags say."""
    named = _texts(card.get("license"), 1)
    if named == ("other",):
        own = _text(card.get("license_name"))
        return own or "other"
    of_tags = (tag.removeprefix("license:") for tag in tags if tag.startswith("license:"))
    return next(iter(named), None) or next(of_tags, None)


def _base_models(card: Mapping[str, Any], tags: Iterable[str]) -> tuple[str, ...]:
    """From the card, else from tags: `base_model:OWNER/NAME`, `base_model:quantized:OWNER/NAME`."""
    named = _texts(card.get("base_model"), MAX_WORDS)
    tagged = [tag.rpartition(":")[2] for tag in tags if tag.startswith("base_model:")]
    return tuple(dict.fromkeys(one for one in (*named, *tagged) if is_repo_id(one)))[:MAX_WORDS]


def _parameters(facts: Mapping[str, Any]) -> int | None:
    counted = (
        _count(_optional_mapping(facts.get(container)).get("total"))
        for container in ("safetensors", "gguf")
    )
    return next((count for count in counted if count), None)


def _architecture(facts: Mapping[str, Any]) -> str | None:
    named = _text(_optional_mapping(facts.get("gguf")).get("architecture"))
    listed = _texts(_optional_mapping(facts.get("config")).get("architectures"), 1)
    return named or next(iter(listed), None)
