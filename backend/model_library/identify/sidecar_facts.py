"""What sidecars say, as values, and how it is put together from several of them.

Everything here was text by anyone: it is cut to the bounds below, loses control characters and
tags, and a value of the wrong type is a warning and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from model_library.identify.civitai_labels import adapter_type_of, family_of, kind_of
from model_library.identify.embedded import plain_text
from model_library.identify.html_text import html_to_text, looks_like_html
from model_library.identify.values import GroupFile
from model_library.taxonomy import AdapterType, Kind

MAX_TEXT = 20_000
"""Characters of a description or of notes."""
MAX_NAME = 300
"""Characters of a name, a tag, a label or a trigger word."""
MAX_PHRASE = 1_000
"""Characters of a trigger word; many are whole prompts."""
MAX_ITEMS = 100
"""Tags, trigger words, labels, sources, hashes and warnings, each."""

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_URL = re.compile(r"https?://[!-~]{1,2000}")
_LIMIT = 2**63
_NOT_LEARNED_WORDS = frozenset({"", "none"})


@dataclass(frozen=True, slots=True)
class SidecarSource:
    """Where the model can be had, as far as a sidecar or its place in a cache tells."""

    provider: str
    """'civitai' or 'huggingface'."""
    model_id: str | None = None
    version_id: str | None = None
    repo: str | None = None
    revision: str | None = None
    file: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class ExpectedHash:
    """The SHA-256 that a sidecar gives for one weight file."""

    name: str
    """`GroupFile.name` of the file."""
    sha256: str
    """64 hex digits, lower case."""
    is_trusted: bool
    """The sidecar's size, and its time where it has one, are those of the file. Otherwise it may
    be about another file (sidecars stay behind when models are renamed) and is a hint only."""
    origin: str
    """Name of the sidecar."""


@dataclass(frozen=True, slots=True)
class SidecarFacts:
    """Everything the sidecars of one model say. None and empty: they do not say."""

    official_name: str | None = None
    description: str | None = None
    tags: tuple[str, ...] = ()
    trigger_words: tuple[str, ...] = ()
    notes: str | None = None
    license: str | None = None
    base_models: tuple[str, ...] = ()
    """As they are labelled there, e.g. 'SDXL 1.0'."""
    family: str | None = None
    lineage: str | None = None
    kind: Kind | None = None
    adapter_type: AdapterType | None = None
    prediction: str | None = None
    """'v_prediction' or 'epsilon', from the model's `.yaml` or its `modelspec`."""
    sources: tuple[SidecarSource, ...] = ()
    hashes: tuple[ExpectedHash, ...] = ()
    preview: str | None = None
    """`GroupFile.name` of the best preview picture."""
    is_nsfw: bool | None = None
    source_labels: Mapping[str, str] = field(default_factory=dict)
    """Labels as they are, by program and key: 'civitai.type' -> 'LORA'."""
    warnings: tuple[str, ...] = ()

    def expected_sha256(self, name: str) -> str | None:
        """What a file must hash to, if trusted sidecars say so and agree."""
        said = {h.sha256 for h in self.hashes if h.name == name and h.is_trusted}
        return said.pop() if len(said) == 1 else None


class FactsBuilder:
    """Collects what sidecars say. The first to say a thing is believed; lists add up."""

    def __init__(self, weights: Sequence[GroupFile]) -> None:
        self.weights = weights
        self._texts: dict[str, str] = {}
        self._notes: list[str] = []
        self._lists: dict[str, dict[str, None]] = {}
        self._sources: dict[SidecarSource, None] = {}
        self._hashes: dict[ExpectedHash, None] = {}
        self._labels: dict[str, str] = {}
        self._kind: Kind | None = None
        self._adapter_type: AdapterType | None = None
        self._is_nsfw: bool | None = None
        self._warnings: dict[str, None] = {}

    # --- what a reader says

    def text(self, name: str, value: str | None, limit: int = MAX_NAME) -> None:
        """`name`: official_name, license, family, lineage or prediction."""
        text = plain_text(value or "", limit) if limit > MAX_NAME else _one_line(value or "")
        if text:
            self._texts.setdefault(name, text)

    def description(self, value: str | None, *, is_html: bool = False) -> None:
        self.text("description", _readable(value or "", is_html=is_html), MAX_TEXT)

    def note(self, value: str | None) -> None:
        text = plain_text(_readable(value or "", is_html=False), MAX_TEXT)
        if text and text not in self._notes and len(self._notes) < MAX_ITEMS:
            self._notes.append(text)

    def words(self, name: str, values: Iterable[str]) -> None:
        """`name`: tags or trigger_words. Each value is one."""
        limit = MAX_PHRASE if name == "trigger_words" else MAX_NAME
        found = self._lists.setdefault(name, {})
        for value in values:
            if len(found) == MAX_ITEMS:
                break
            text = _one_line(value, limit).strip(" ,")
            if text.lower() not in _NOT_LEARNED_WORDS:
                found.setdefault(text)

    def base_model(self, label: str | None) -> None:
        text = _one_line(label or "")
        if not text or text.lower() in ("unknown", "other"):
            return
        self._lists.setdefault("base_models", {}).setdefault(text)
        family, lineage = family_of(text)
        self.text("family", family)
        self.text("lineage", lineage)

    def model_type(self, label: str | None) -> None:
        kind = kind_of(label or "")
        if kind is not None and self._kind is None:
            self._kind = kind
            self._adapter_type = adapter_type_of(label or "")

    def kind(self, value: str | None) -> None:
        """A kind in our own words."""
        if value in set(Kind) and self._kind is None:
            self._kind = Kind(value)

    def nsfw(self, value: bool | None) -> None:
        if value is not None and self._is_nsfw is None:
            self._is_nsfw = value

    def source(self, source: SidecarSource) -> None:
        clean = SidecarSource(
            source.provider,
            model_id=_one_line(source.model_id or "") or None,
            version_id=_one_line(source.version_id or "") or None,
            repo=_one_line(source.repo or "") or None,
            revision=_one_line(source.revision or "") or None,
            file=_one_line(source.file or "") or None,
            url=source.url if source.url and _URL.fullmatch(source.url) else None,
        )
        if len(self._sources) < MAX_ITEMS:
            self._sources.setdefault(clean)

    def sha256(self, file: GroupFile, value: str | None, origin: str, *, is_trusted: bool) -> None:
        if value is not None and _SHA256.fullmatch(value) and len(self._hashes) < MAX_ITEMS**2:
            self._hashes.setdefault(ExpectedHash(file.name, value.lower(), is_trusted, origin))

    def label(self, key: str, value: str | float | None) -> None:
        text = _one_line("" if value is None else str(value))
        if text and len(self._labels) < MAX_ITEMS:
            self._labels.setdefault(_one_line(key), text)

    def warn(self, text: str) -> None:
        if len(self._warnings) < MAX_ITEMS:
            self._warnings.setdefault(plain_text(text, MAX_PHRASE))

    # --- the answer

    def build(self, preview: str | None) -> SidecarFacts:
        texts, lists = self._texts, self._lists
        return SidecarFacts(
            official_name=texts.get("official_name"),
            description=texts.get("description"),
            tags=tuple(lists.get("tags", ())),
            trigger_words=tuple(lists.get("trigger_words", ())),
            notes=plain_text("\n\n".join(self._notes), MAX_TEXT) or None,
            license=texts.get("license"),
            base_models=tuple(lists.get("base_models", ())),
            family=texts.get("family"),
            lineage=texts.get("lineage"),
            kind=self._kind,
            adapter_type=self._adapter_type,
            prediction=texts.get("prediction"),
            sources=tuple(self._sources),
            hashes=tuple(self._hashes),
            preview=preview,
            is_nsfw=self._is_nsfw,
            source_labels=dict(sorted(self._labels.items())),
            warnings=tuple(self._warnings),
        )


class Fields:
    """A JSON object from outside, asked for values of a type. A wrong type is a warning."""

    def __init__(self, values: Mapping[str, object], origin: str, facts: FactsBuilder) -> None:
        self._values = values
        self._facts = facts
        self.origin = origin

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def text(self, key: str) -> str | None:
        value = self._values.get(key)
        if value is None or isinstance(value, str):
            return value
        self._warn(key, "text")
        return None

    def number(self, key: str) -> float | None:
        """Between -2^63 and 2^63; JSON in Python also knows larger ones, infinity and NaN."""
        value = self._values.get(key)
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LIMIT:
            return value
        self._warn(key, "a number")
        return None

    def flag(self, key: str) -> bool | None:
        value = self._values.get(key)
        if value is None or isinstance(value, bool):
            return value
        self._warn(key, "true or false")
        return None

    def identifier(self, key: str) -> str | None:
        """The id of a model or version; programs write them as numbers and as text."""
        value = self._values.get(key)
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value < _LIMIT:
            return str(value)
        if isinstance(value, str) and re.fullmatch(r"[0-9]{1,19}", value):
            return value
        if value not in (None, 0, ""):
            self._warn(key, "an id")
        return None

    def texts(self, key: str) -> list[str]:
        return [value for value in self._list(key) if isinstance(value, str)]

    def words(self, key: str, separator: str) -> list[str]:
        """A list of texts, or one text with a separator: programs do not agree."""
        value = self._values.get(key)
        return value.split(separator)[:MAX_ITEMS] if isinstance(value, str) else self.texts(key)

    def shown(self, key: str) -> str | None:
        """Whatever simple value it is, as text."""
        value = self._values.get(key)
        if isinstance(value, list):
            return ", ".join(self.texts(key))
        return str(value) if isinstance(value, str | bool | float) else None

    def fields(self, key: str) -> Fields:
        """The object of that key; empty if there is none."""
        value = self._values.get(key)
        if isinstance(value, dict):
            return Fields(value, self.origin, self._facts)
        if value is not None:
            self._warn(key, "an object")
        return Fields({}, self.origin, self._facts)

    def list_of_fields(self, key: str) -> Iterator[Fields]:
        for value in self._list(key):
            if isinstance(value, dict):
                yield Fields(value, self.origin, self._facts)

    def _list(self, key: str) -> Sequence[object]:
        value = self._values.get(key)
        if isinstance(value, list):
            return value[: MAX_ITEMS**2]
        if value is not None:
            self._warn(key, "a list")
        return ()

    def _warn(self, key: str, expected: str) -> None:
        self._facts.warn(f"{self.origin}: {key!r} is not {expected} and was ignored")


def _one_line(text: str, limit: int = MAX_NAME) -> str:
    return " ".join(plain_text(text, limit).split())


def _readable(text: str, *, is_html: bool) -> str:
    return html_to_text(text) if is_html or looks_like_html(text) else text
