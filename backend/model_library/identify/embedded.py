"""What a file says about itself: safetensors `__metadata__` and the keys of a GGUF file.

All of it is text that anybody can write, so it is weaker than the tensors, is cut to the bounds
below, loses its control characters, and is never anything but plain text. The keys are those of the
SAI model specification (`modelspec.`), the kohya trainers (`ss_`, `sshs_`), ai-toolkit and GGUF.
Nothing raises for any metadata.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from model_library.identify.claims import Claim
from model_library.identify.rules.declared import (
    DECLARED_FAMILIES,
    DECLARED_KINDS,
    GGUF_DIFFUSION,
    GGUF_FAMILIES,
    GGUF_KINDS,
)
from model_library.identify.rules.hints import LINEAGE_WORDS
from model_library.identify.values import MetadataValue
from model_library.taxonomy import UNKNOWN_FAMILY, EvidenceMethod, Kind

MAX_VALUE: Final = 1_000
"""Characters kept of one metadata value."""
MAX_DESCRIPTION: Final = 10_000
"""Characters kept of a description."""
MAX_NAME: Final = 200
"""Characters kept of a title, a tag or a trigger word."""
MAX_KEYS: Final = 100
"""Metadata entries kept; trainers write about 70."""
MAX_WORDS: Final = 20
"""Tags and trigger words kept."""
MAX_JSON: Final = 4_000_000
"""Characters of `ss_tag_frequency` that are still parsed; more is ignored."""

_NOT_KEPT: Final = frozenset(
    {"modelspec.thumbnail", "ssmd_cover_images", "ss_tag_frequency", "ss_bucket_info"}
    | {
        "format",
        "ss_dataset_dirs",
        "ss_datasets",
        "tokenizer.chat_template",
        "tokenizer.ggml.model",
    }
)
"""Pictures, long lists, and what every file says: no use in a catalog."""
_TITLES: Final = ("modelspec.title", "general.name", "ss_output_name", "name")
_DESCRIPTIONS: Final = ("modelspec.description", "general.description", "ss_training_comment")
_LICENSES: Final = ("modelspec.license", "general.license", "license")
_PARENTS: Final = (
    ("ss_sd_model_name", 0.6),
    ("modelspec.merged_from", 0.5),
    ("modelspec.title", 0.4),
)
"""Where the name of a parent model stands, and how far it is to be believed."""
_REPO: Final = re.compile(r"(?:https?://[^/\s]+/)?([\w.\-]{1,96}/[\w.\-]{1,96})/?")
_FAMILY: Final = re.compile(r"[^a-z0-9_.\-]+")
_BIDI: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of a text: they can disguise a name."""
_POOLING_NONE: Final = 0
_POOLING_RANK: Final = 4


@dataclass(frozen=True, slots=True)
class Embedded:
    """What the metadata of one model says, cleaned and cut."""

    claims: tuple[Claim, ...] = ()
    name: str | None = None
    license: str | None = None
    description: str | None = None
    tags: tuple[str, ...] = ()
    trigger_words: tuple[str, ...] = ()
    kept: Mapping[str, MetadataValue] | None = None


def read_embedded(metadata: Mapping[str, MetadataValue]) -> Embedded:
    """Everything of use in the metadata of one model, with what it claims about the axes."""
    if not metadata:
        return Embedded(kept={})
    return Embedded(
        claims=tuple(_claims(metadata)),
        name=_first_text(metadata, _TITLES, MAX_NAME),
        license=_first_text(metadata, _LICENSES, MAX_NAME),
        description=_first_text(metadata, _DESCRIPTIONS, MAX_DESCRIPTION),
        tags=_words(_text(metadata, "modelspec.tags")),
        trigger_words=_trigger_words(metadata),
        kept=dict(_kept(metadata)),
    )


def plain_text(value: object, limit: int) -> str:
    """One line or paragraph that is safe to store: no control or direction characters, no broken
    surrogates, at most `limit` characters, no blanks at the ends."""
    text = str(value)[: 2 * limit]
    clean = "".join(c for c in text if c in "\n\t" or _is_printable(c))
    return clean.strip()[:limit].strip()


def family_name(text: str) -> str:
    """A declared architecture as a family: lower case, letters, digits, `_`, `.`, `-`."""
    name = _FAMILY.sub("_", text[:MAX_NAME].strip().lower()).strip("_.-")[:64]
    return name or UNKNOWN_FAMILY


def declared_family(text: str) -> str | None:
    """The family that a declaration of another program names, or None when it is not known."""
    name = re.sub(r"[\s_.]+", "-", text[:MAX_NAME].strip().lower())
    return next((family for head, family in DECLARED_FAMILIES if name.startswith(head)), None)


def lineage_of(text: str) -> str | None:
    """The well-known fine-tune that a name speaks of."""
    lowered = text[:MAX_VALUE].lower()
    return next((lineage for word, lineage in LINEAGE_WORDS if word.search(lowered)), None)


def repo_id(text: str) -> str | None:
    """`owner/name` of a repository address or id."""
    found = _REPO.fullmatch(text.strip()[:MAX_NAME])
    return None if found is None else found[1]


def _is_printable(character: str) -> bool:
    return character not in _BIDI and unicodedata.category(character) not in {"Cc", "Cs"}


def _text(metadata: Mapping[str, MetadataValue], key: str) -> str:
    value = metadata.get(key, "")
    return value if isinstance(value, str) else ""


def _first_text(
    metadata: Mapping[str, MetadataValue], keys: Iterable[str], limit: int
) -> str | None:
    texts = (plain_text(_text(metadata, key), limit) for key in keys)
    return next((text for text in texts if text), None)


def _words(text: str) -> tuple[str, ...]:
    words = (plain_text(word, MAX_NAME) for word in text[: MAX_NAME * MAX_WORDS].split(","))
    return tuple(dict.fromkeys(word for word in words if word))[:MAX_WORDS]


def _trigger_words(metadata: Mapping[str, MetadataValue]) -> tuple[str, ...]:
    declared = _words(_text(metadata, "modelspec.trigger_phrase"))
    return declared or _frequent_tags(_text(metadata, "ss_tag_frequency"))


def _frequent_tags(text: str) -> tuple[str, ...]:
    """The tags a training saw most often, the most frequent first."""
    if not text or len(text) > MAX_JSON:
        return ()
    try:
        folders = json.loads(text)
    except (ValueError, RecursionError):  # damaged by its writer: the tags are only a help
        return ()
    counts: Counter[str] = Counter()
    for tags in folders.values() if isinstance(folders, dict) else ():
        for tag, count in tags.items() if isinstance(tags, dict) else ():
            if type(count) is int:
                counts[plain_text(tag, MAX_NAME)] += count
    del counts[""]
    return tuple(tag for tag, _ in counts.most_common(MAX_WORDS))


def _kept(metadata: Mapping[str, MetadataValue]) -> Iterable[tuple[str, MetadataValue]]:
    kept = 0
    for key, value in metadata.items():
        name = plain_text(key, MAX_NAME)
        if not name or key in _NOT_KEPT:
            continue
        yield name, plain_text(value, MAX_VALUE) if isinstance(value, str) else value
        kept += 1
        if kept == MAX_KEYS:
            return


def _claims(metadata: Mapping[str, MetadataValue]) -> Iterable[Claim]:
    yield from _gguf_claims(metadata)
    yield from _declared_claims(metadata)
    for key, confidence in _PARENTS:
        lineage = lineage_of(_text(metadata, key))
        if lineage is not None:
            yield Claim("lineage", lineage, EvidenceMethod.METADATA, confidence)


def _declared_claims(metadata: Mapping[str, MetadataValue]) -> Iterable[Claim]:
    """What modelspec and the trainers declare."""
    architecture = _text(metadata, "modelspec.architecture")
    base = _text(metadata, "ss_base_model_version")
    family = declared_family(architecture) or declared_family(base)
    if family is not None:
        yield Claim("family", family, EvidenceMethod.METADATA, 0.85)
    role = architecture.partition("/")[2].strip().lower()
    if role in DECLARED_KINDS:
        yield Claim("kind", DECLARED_KINDS[role], EvidenceMethod.METADATA, 0.8)
    elif _text(metadata, "ss_network_module"):
        yield Claim("kind", Kind.ADAPTER, EvidenceMethod.METADATA, 0.8)
    prediction = _text(metadata, "modelspec.prediction_type").strip().lower()
    if prediction in {"v", "v_prediction", "v-prediction"} or base.strip().endswith("_v"):
        yield Claim("variant", "v_pred", EvidenceMethod.METADATA, 0.8)


def _gguf_claims(metadata: Mapping[str, MetadataValue]) -> Iterable[Claim]:
    architecture = _text(metadata, "general.architecture").strip()
    if not architecture:
        return
    kind, family = _gguf_kind(architecture, metadata)
    # A converter names what it converted from; the tensors show what it is.
    also = tuple({family for _, family in DECLARED_FAMILIES}) if kind is _DIFFUSION else ()
    yield Claim("kind", kind, EvidenceMethod.GGUF_KV, 0.9)
    yield Claim("family", family, EvidenceMethod.GGUF_KV, 0.9, also=also)
    if _text(metadata, "general.type") == "adapter":
        yield Claim(
            "adapter_type",
            plain_text(_text(metadata, "adapter.type"), MAX_NAME).lower() or "lora",
            EvidenceMethod.GGUF_KV,
            0.9,
        )
    parent = repo_id(_text(metadata, "general.base_model.0.repo_url"))
    if parent is not None:
        yield Claim("lineage", parent, EvidenceMethod.GGUF_KV, 0.8)


_DIFFUSION: Final = Kind.DIFFUSION_MODEL


def _gguf_kind(architecture: str, metadata: Mapping[str, MetadataValue]) -> tuple[Kind, str]:
    """Kind and family by `general.architecture` and `general.type`."""
    family = family_name(architecture)
    role = _text(metadata, "general.type").lower()
    if role == "adapter":
        return Kind.ADAPTER, family
    if role == "mmproj":
        return Kind.MMPROJ, family
    if architecture in GGUF_DIFFUSION:
        return _DIFFUSION, GGUF_DIFFUSION[architecture]
    if architecture in GGUF_KINDS:
        return GGUF_KINDS[architecture], GGUF_FAMILIES.get(architecture, family)
    pooling = metadata.get(f"{architecture}.pooling_type", _POOLING_NONE)
    if pooling == _POOLING_RANK:
        return Kind.RERANKER, family
    return (Kind.LLM if pooling == _POOLING_NONE else Kind.EMBEDDING_MODEL), family
