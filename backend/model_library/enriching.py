"""What a lookup found comes into a model's description, beside what is known already. Pure.

Promises: what a person set stays, and what was found lies beside it in `automatic`, as after `edit`, so that
`edit --unset` brings it forth; sources only grow; a match that a person made, and a surer one, are kept;
what the bytes say of kind and family is not doubted; no text is longer than its bound, has a control
character or a tag. The same finding a second time changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any, Final

from model_library.identify.embedded import family_name, plain_text
from model_library.identify.html_text import html_to_text
from model_library.identify.ollama_store import NAME_LABEL
from model_library.metadata import METADATA_NAME, ModelMetadata, parse_fields
from model_library.providers import LookedUp, RemoteModel
from model_library.taxonomy import (
    UNKNOWN_FAMILY,
    EvidenceMethod,
    Kind,
    MatchMethod,
    ModelForm,
)

ENOUGH_FOR_TEXTS: Final = 0.6
"""Confidence from which texts are taken over; below it only the match and the source are recorded."""
ENOUGH_FOR_NAME: Final = 0.9
MAX_TEXT: Final = 300
"""Characters of a name, a licence, a tag or a trigger word."""
MAX_FOUND: Final = 50
"""Tags, and trigger words, that are taken from one finding."""
MAX_ITEMS: Final = 100
"""Tags, and trigger words, of a model to which found ones are added."""

MANUAL: Final = "manual"
AUTO: Final = "auto"

_TASK: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_KIND_OF_TASK: Final = {
    "text-generation": Kind.LLM,
    "image-text-to-text": Kind.VLM,
    "sentence-similarity": Kind.EMBEDDING_MODEL,
    "text-ranking": Kind.RERANKER,
    "text-classification": Kind.CLASSIFIER,
    "automatic-speech-recognition": Kind.ASR,
    "text-to-speech": Kind.TTS,
    "object-detection": Kind.DETECTOR,
    "image-segmentation": Kind.SEGMENTER,
}
"""Tasks that only one kind of model has; a `text-to-image` model can be of many kinds."""
_NOT_TAGS: Final = frozenset(
    {
        "autotrain_compatible",
        "endpoints_compatible",
        "text-generation-inference",
        "text-embeddings-inference",
    }
)
"""What the Hub says of its own services. Tags with a colon are its bookkeeping as well."""
_BY_LOOKUP: Final = frozenset({EvidenceMethod.HASH_LOOKUP, EvidenceMethod.NAME_LOOKUP})


def merged(metadata: ModelMetadata, found: LookedUp, *, by: str = AUTO) -> ModelMetadata:
    """The description with what was found; equal to `metadata` when there is nothing new.

    `by` is `manual` when a person named the repository. `updated` is left as it is. Raises MetadataError
    when the result cannot be stored.
    """
    document = metadata.model_dump(mode="json")
    kept_by_hand = metadata.match.match_source == MANUAL and by != MANUAL
    if kept_by_hand or found.remote is None:
        document["match"]["pending"] = False
    else:
        _match(document, found, by)
        _source(document, metadata, found, found.remote)
        if found.confidence >= ENOUGH_FOR_TEXTS:
            _Fields(document, found).take(metadata, found.remote)
    result = parse_fields(document, Path(METADATA_NAME))
    return metadata if result == metadata else result


def changed_fields(before: ModelMetadata, after: ModelMetadata) -> tuple[str, ...]:
    """Names of the fields that differ, apart from the times."""
    names = type(before).model_fields.keys() - {"updated"}
    return tuple(sorted(name for name in names if getattr(before, name) != getattr(after, name)))


def plain_line(text: str, limit: int = MAX_TEXT) -> str:
    """One line of text from outside: no tag, no control character, at most `limit` characters."""
    line = " ".join(plain_text(html_to_text(text[: 8 * limit]), 2 * limit).split())
    return line[:limit].strip()


def _match(document: dict[str, Any], found: LookedUp, by: str) -> None:
    known = document["match"]
    known["pending"] = False
    if by == MANUAL or known["confidence"] <= found.confidence:
        known |= {
            "method": found.method.value,
            "confidence": found.confidence,
            "modified": found.modified,
            "match_source": by,
        }


def _source(
    document: dict[str, Any], metadata: ModelMetadata, found: LookedUp, remote: RemoteModel
) -> None:
    single = metadata.form is ModelForm.SINGLE_FILE and len(metadata.weights) == 1
    entry = {
        "provider": remote.provider,
        "model_id": None,
        "repo": remote.repo,
        "version_id": None,
        "revision": remote.revision,
        "file": found.file if single else None,
        "url": remote.url,
    }
    where = ("provider", "repo", "revision", "file")
    if not any(all(known[name] == entry[name] for name in where) for known in document["sources"]):
        document["sources"].append(entry)


class _Fields:
    """The fields of a document as they were found automatically: where a person set one, that is the value
    which is kept beside it."""

    def __init__(self, document: dict[str, Any], found: LookedUp) -> None:
        self._document = document
        self._found = found
        by_hash = found.method is MatchMethod.HASH
        self._method = EvidenceMethod.HASH_LOOKUP if by_hash else EvidenceMethod.NAME_LOOKUP

    def take(self, metadata: ModelMetadata, remote: RemoteModel) -> None:
        self._text("license", plain_line(remote.license or ""), also_over_others=True)
        self._more("tags", useful_tags(remote))
        self._more("trigger_words", remote.trigger_words)
        self._text("lineage", plain_line(next(iter(remote.base_models), "")))
        self._name(metadata, remote)
        task = remote.pipeline_tag or ""
        if _TASK.fullmatch(task) and len(task) <= MAX_TEXT:
            self._put("tasks", [task], self._may_replace("tasks"))
        if task in _KIND_OF_TASK:
            kind = _KIND_OF_TASK[task].value
            self._put("kind", kind, self._may_replace("kind", Kind.UNKNOWN.value))
        family = family_name(plain_line(remote.architecture or ""))
        if family != UNKNOWN_FAMILY:
            self._put("family", family, self._may_replace("family", UNKNOWN_FAMILY))

    def _name(self, metadata: ModelMetadata, remote: RemoteModel) -> None:
        if self._found.confidence < ENOUGH_FOR_NAME or NAME_LABEL in metadata.source_labels:
            return  # of Ollama's the name that it was pulled by stays: people know the model by it
        name = published_name(remote, self._found.file)
        is_free = self._may_replace("official_name") or self._value("official_name") in _file_names(
            metadata
        )
        if name:
            self._put("official_name", name, is_free)

    def _text(self, name: str, text: str, *, also_over_others: bool = False) -> None:
        """`also_over_others`: the page of the very bytes knows it better than a file or a sidecar does."""
        over = also_over_others and self._found.method is MatchMethod.HASH
        if text:
            self._put(name, text, over or self._may_replace(name))

    def _more(self, name: str, found: Iterable[str]) -> None:
        lines = list(dict.fromkeys(line for one in found if (line := plain_line(one))))
        known = list(self._value(name) or [])
        there = {item.lower() for item in known}
        fresh = [line for line in lines[:MAX_FOUND] if line.lower() not in there]
        fresh = fresh[: max(0, MAX_ITEMS - len(known))]
        if fresh:
            self._set(name, [*known, *fresh], self._evidence(name))

    def _put(self, name: str, value: Any, allowed: bool) -> None:
        if allowed:
            shown = ", ".join(value) if isinstance(value, list) else value
            reason = {
                "value": shown,
                "method": self._method.value,
                "confidence": self._found.confidence,
                "rules_version": 0,
            }
            self._set(name, value, reason)

    def _may_replace(self, name: str, unknown: str | None = None) -> bool:
        """What is empty, and what came from a lookup that was no surer."""
        if self._value(name) in (None, "", [], unknown):
            return True
        why = self._evidence(name)
        if why is None or why["method"] not in _BY_LOOKUP:
            return False
        return float(why["confidence"]) <= self._found.confidence

    # --- the place of a field: the document, or `automatic` beside a word of the user

    def _is_marked(self, name: str) -> bool:
        return name in self._document["user_set"]

    def _kept(self, name: str) -> dict[str, Any]:
        kept: dict[str, Any] = self._document["automatic"].get(name, {})
        return {"value": None, "evidence": None, **kept}

    def _value(self, name: str) -> Any:
        return self._kept(name)["value"] if self._is_marked(name) else self._document.get(name)

    def _evidence(self, name: str) -> dict[str, Any] | None:
        of_document: dict[str, Any] = self._document["evidence"]
        why: dict[str, Any] | None
        why = self._kept(name)["evidence"] if self._is_marked(name) else of_document.get(name)
        return why

    def _set(self, name: str, value: Any, why: dict[str, Any] | None) -> None:
        if self._is_marked(name):
            self._document["automatic"][name] = {"value": value, "evidence": why}
            return
        self._document[name] = value
        if why is not None:
            self._document["evidence"][name] = why


def useful_tags(remote: RemoteModel) -> list[str]:
    """The tags that say something of the model to a person."""
    return [tag for tag in remote.tags if ":" not in tag and tag.lower() not in _NOT_TAGS]


def published_name(remote: RemoteModel, file: str | None) -> str:
    """The name of the model: of its repository when that holds nothing else, else of its file."""
    from model_library.hf.candidates import is_generic, stem_of

    weights = [one.path for one in remote.files or () if PurePosixPath(one.path).suffix in _MODELS]
    stems = {stem_of(path) for path in weights}
    own = plain_line(stem_of(remote.repo.rpartition("/")[2]))
    if file is None or len(stems) <= 1 or is_generic(file):
        return own
    return plain_line(stem_of(file))


_MODELS: Final = frozenset({".safetensors", ".gguf", ".ckpt", ".pt", ".pth", ".bin", ".onnx"})


def _file_names(metadata: ModelMetadata) -> set[str]:
    """Names that a model has when nobody gave it one: of its file, its shards or its folder."""
    names = {PurePosixPath(file.original_name).name for file in metadata.weights}
    names |= {PurePosixPath((metadata.origin_path or "").replace("\\", "/")).name}
    stems = {name.rpartition(".")[0] for name in names}
    shards = {re.sub(r"[-_.]\d{1,5}(?:-of-\d{1,5})?\Z", "", stem) for stem in stems}
    return names | stems | shards | {""}
