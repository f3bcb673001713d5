"""What a provider says comes beside what is known: a person's word, surer matches and old sources stay."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_library.enriching import ENOUGH_FOR_TEXTS, MANUAL, MAX_ITEMS, changed_fields, merged
from model_library.identify.html_text import looks_like_html
from model_library.marking import mark, unmark
from model_library.metadata import EDITABLE_FIELDS, ModelMetadata
from model_library.providers import LookedUp, RemoteFile, RemoteModel
from model_library.taxonomy import EvidenceMethod, Kind, MatchMethod
from tests.models import described, file_fields, sha256_of

PAGE = RemoteModel(
    provider="huggingface",
    repo="org/FLUX.1-dev",
    url="https://huggingface.co/org/FLUX.1-dev",
    revision="a" * 40,
    license="apache-2.0",
    tags=("text-to-image", "art", "region:us", "license:apache-2.0", "endpoints_compatible"),
    pipeline_tag="text-to-image",
    base_models=("org/base", "org/other"),
    architecture="flux",
    trigger_words=("sks dog",),
    files=(RemoteFile("flux1-dev.safetensors", 1000, sha256_of("ours")),),
)
FOUND = LookedUp(MatchMethod.HASH, 1.0, remote=PAGE, file="flux1-dev.safetensors")
ALIKE = replace(FOUND, method=MatchMethod.FILENAME_FUZZY, confidence=0.5)
EXACT = replace(FOUND, method=MatchMethod.FILENAME_EXACT, confidence=0.65, modified=True)
NOTHING = LookedUp(MatchMethod.NONE, 0.0)


def test_a_match_by_hash_fills_in_what_is_empty() -> None:
    after = merged(described(), FOUND)
    assert (after.match.method, after.match.confidence) == (MatchMethod.HASH, 1.0)
    assert (after.match.pending, after.match.match_source) == (False, "auto")
    assert (after.license, after.lineage, after.tasks) == (
        "apache-2.0",
        "org/base",
        ("text-to-image",),
    )
    assert (after.tags, after.trigger_words) == (("text-to-image", "art"), ("sks dog",))
    assert (after.official_name, after.family) == ("FLUX.1-dev", "flux")
    assert after.evidence["license"].method is EvidenceMethod.HASH_LOOKUP
    (source,) = after.sources
    assert (source.repo, source.revision, source.file) == (PAGE.repo, "a" * 40, FOUND.file)


def test_an_uncertain_match_records_only_itself_and_its_source() -> None:
    before = described()
    after = merged(before, ALIKE)
    assert changed_fields(before, after) == ("match", "sources")
    assert (after.match.method, after.match.confidence) == (MatchMethod.FILENAME_FUZZY, 0.5)


def test_a_modified_file_has_the_texts_of_the_published_one_but_its_own_name() -> None:
    before = described(file_fields("FLUX.1-dev-mine.safetensors"))
    after = merged(before, EXACT)
    assert (after.match.modified, after.license) == (True, "apache-2.0")
    assert after.evidence["license"].method is EvidenceMethod.NAME_LOOKUP
    assert after.official_name == before.official_name


def test_nothing_found_is_an_answer() -> None:
    before = described()
    after = merged(before, NOTHING)
    assert changed_fields(before, after) == ("match",)
    assert not after.match.pending


def test_what_the_bytes_said_stays() -> None:
    before = described(
        kind=Kind.VAE, family="sdxl", lineage="pony", tasks=("image-to-image",), license="mine"
    )
    after = merged(before, replace(FOUND, remote=replace(PAGE, pipeline_tag="text-generation")))
    assert (after.kind, after.family, after.lineage, after.tasks) == (
        Kind.VAE,
        "sdxl",
        "pony",
        ("image-to-image",),
    )
    assert after.license == "apache-2.0", "the page of the very bytes knows it best"
    assert merged(before, EXACT).license == "mine"


def test_an_unknown_kind_is_taken_from_the_task() -> None:
    page = replace(PAGE, pipeline_tag="text-generation")
    assert merged(described(), replace(FOUND, remote=page)).kind is Kind.LLM


@pytest.mark.parametrize(
    ("files", "file", "name"),
    [
        (["flux1-dev.safetensors"], "flux1-dev.safetensors", "FLUX.1-dev"),
        (["x-Q4_K_M.gguf", "x-Q8_0.gguf"], "x-Q4_K_M.gguf", "FLUX.1-dev"),
        (["clip_l.safetensors", "t5xxl_fp16.safetensors"], "t5xxl_fp16.safetensors", "t5xxl"),
        (["a/model.safetensors", "b/other.safetensors"], "a/model.safetensors", "FLUX.1-dev"),
    ],
)
def test_the_name_is_that_of_the_repository_unless_it_holds_other_models(
    files: list[str], file: str, name: str
) -> None:
    page = replace(PAGE, files=tuple(RemoteFile(path, 1) for path in files))
    after = merged(described(), replace(FOUND, remote=page, file=file))
    assert after.official_name == name


def test_a_name_that_somebody_gave_stays() -> None:
    assert merged(described(official_name="My Flux"), FOUND).official_name == "My Flux"


def test_a_model_of_ollama_keeps_the_name_that_it_was_pulled_by() -> None:
    before = described(source_labels={"ollama.name": "registry.ollama.ai/library/flux:dev"})
    after = merged(before, FOUND)
    assert (after.official_name, after.license) == (before.official_name, "apache-2.0")


def test_a_surer_match_and_one_by_a_person_are_kept() -> None:
    sure = {"method": "hash", "confidence": 1.0, "pending": True}
    after = merged(described(match=sure), EXACT)
    assert (after.match.method, after.match.confidence, after.match.modified) == (
        MatchMethod.HASH,
        1.0,
        False,
    )
    by_hand = merged(described(), replace(EXACT, confidence=0.95), by=MANUAL)
    other = replace(FOUND, remote=replace(PAGE, repo="other/one", license="other"))
    assert merged(by_hand, other) == by_hand
    again = merged(by_hand, other, by=MANUAL)
    assert [source.repo for source in again.sources] == [PAGE.repo, "other/one"]


def test_a_source_that_is_known_is_not_added_again() -> None:
    known = {
        "provider": "huggingface",
        "repo": PAGE.repo,
        "revision": PAGE.revision,
        "file": FOUND.file,
    }
    before = described(sources=[known])
    assert merged(before, FOUND).sources == before.sources


def test_what_a_person_set_comes_back_as_what_was_found() -> None:
    document = described().model_dump(mode="json")
    mark(document, {"license": "mine", "official_name": "Mine", "tags": ["a"]})
    before = ModelMetadata.model_validate(document)
    after = merged(before, FOUND)
    assert (after.license, after.official_name, after.tags) == ("mine", "Mine", ("a",))
    document = after.model_dump(mode="json")
    unmark(document, ["license", "official_name", "tags"])
    back = ModelMetadata.model_validate(document)
    assert (back.license, back.official_name) == ("apache-2.0", "FLUX.1-dev")
    assert back.tags == ("text-to-image", "art")


texts = st.text(max_size=400) | st.sampled_from(
    ["<script>alert(1)</script>x", "<b>bold</b>", "a\x1b[31m\u202eb", "mit", "", "a\nb", "\ud800"]
)
pages = st.builds(
    replace,
    st.just(PAGE),
    license=texts | st.none(),
    tags=st.lists(texts, max_size=120).map(tuple),
    trigger_words=st.lists(texts, max_size=5).map(tuple),
    base_models=st.lists(texts, max_size=2).map(tuple),
    architecture=texts | st.none(),
    pipeline_tag=texts | st.sampled_from(["text-generation", "text-to-image"]) | st.none(),
)
findings = st.builds(
    lambda page, found: replace(found, remote=page),
    pages,
    st.sampled_from([FOUND, EXACT, ALIKE, replace(EXACT, confidence=0.9, modified=False)]),
) | st.just(NOTHING)
words: dict[str, Any] = {
    "license": "mine",
    "official_name": "Mine",
    "tags": ["a"],
    "trigger_words": [],
    "kind": "vae",
    "adapter_type": None,
    "family": "sdxl",
    "lineage": None,
    "tasks": ["x"],
    "description": None,
    "notes": "n",
}


@st.composite
def models(draw: st.DrawFn) -> ModelMetadata:
    fields = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "license": st.sampled_from(["mit", "other"]),
                "tags": st.lists(st.sampled_from("abcdef"), unique=True).map(tuple),
                "kind": st.sampled_from([Kind.UNKNOWN, Kind.LLM]),
                "family": st.sampled_from(["unknown", "flux1"]),
                "official_name": st.sampled_from(["flux1-dev", "Something"]),
            },
        )
    )
    document = described(**fields).model_dump(mode="json")
    names = draw(st.sets(st.sampled_from(sorted(words))))
    mark(document, {name: words[name] for name in names})
    return ModelMetadata.model_validate(document)


@given(models(), findings)
def test_a_second_time_nothing_changes(model: ModelMetadata, found: LookedUp) -> None:
    once = merged(model, found)
    assert merged(once, found) is once


@given(models(), st.lists(findings, max_size=4))
def test_no_finding_ever_touches_what_a_person_set(
    model: ModelMetadata, many: list[LookedUp]
) -> None:
    after = model
    for found in many:
        after = merged(after, found)
    assert after.user_set == model.user_set
    for name in model.user_set:
        assert getattr(after, name) == getattr(model, name)
    changed = set(changed_fields(model, after))
    assert changed <= EDITABLE_FIELDS | {"match", "sources", "evidence", "automatic"}
    assert after.sources[: len(model.sources)] == model.sources
    if all(found.confidence < ENOUGH_FOR_TEXTS for found in many):
        assert changed <= {"match", "sources"}


@given(models(), findings)
def test_texts_from_outside_are_short_plain_and_few(model: ModelMetadata, found: LookedUp) -> None:
    after = merged(model, found)
    assert len(after.tags) <= MAX_ITEMS
    for text in (after.license or "", after.lineage or "", after.official_name, *after.tags):
        assert len(text) <= 300
        assert not looks_like_html(text)
        assert not any(ord(character) < 32 or character == "\u202e" for character in text)


def test_tags_of_many_findings_stay_bounded() -> None:
    model = described()
    for number in range(5):
        tags = tuple(f"tag-{number}-{index}" for index in range(80))
        model = merged(model, replace(FOUND, remote=replace(PAGE, tags=tags)))
    assert len(model.tags) == MAX_ITEMS
