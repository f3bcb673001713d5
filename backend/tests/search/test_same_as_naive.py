"""The index finds what reading every document would find."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_library.search import match, vocabulary
from model_library.search.derive import derive
from model_library.search.fts5 import IndexRecord, ModelIndex, Sort, rebuild
from model_library.search.query import Phrase, Query, parse_query
from model_library.search.records import EXACT
from model_library.search.text import joined
from tests.search.library import document, record

WORDS = (
    "flux",
    "flux1",
    "pixel",
    "pix",
    "art",
    "SDXL",
    "sdxlVae",
    "v1",
    "5",
    "Q4_K_M",
    "café",
    "写",
)
KINDS = ("vae", "llm", "adapter")
TAGS = ("anime", "pixel art", "Art", "x")


@pytest.fixture(scope="module")
def index() -> Iterator[ModelIndex]:
    with tempfile.TemporaryDirectory() as directory:
        index = ModelIndex.create(Path(directory) / "models.db")
        yield index
        index.close()


def texts(most: int) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(WORDS), max_size=most).map(" ".join)


DOCUMENTS = st.lists(
    st.fixed_dictionaries(
        {
            "official_name": texts(4),
            "description": texts(5),
            "kind": st.sampled_from(KINDS),
            "tags": st.lists(st.sampled_from(TAGS), max_size=3),
            "size": st.integers(0, 4).map(lambda n: n * 1000),
        }
    ),
    max_size=8,
)
ITEMS = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(WORDS).map(lambda word: word[:3]),
    st.sampled_from(WORDS).map(lambda word: f"-{word}"),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(lambda w: f'"{" ".join(w)}"'),
    st.sampled_from(KINDS).map(lambda kind: f"kind:{kind}"),
    st.sampled_from(TAGS).map(lambda tag: f'tag:"{tag}"'),
    st.sampled_from(TAGS).map(lambda tag: f'-tag:"{tag}",x'),
    st.sampled_from((">1kb", "<=2kb", "1kb..3kb", "0,>3000")).map(lambda size: f"size:{size}"),
)
QUERIES = st.lists(ITEMS, max_size=4).map(" ".join)


def records_of(documents: Sequence[dict[str, Any]]) -> list[IndexRecord]:
    return [
        record(document(one["official_name"], **one) | {"model_id": f"m{number}-0a1b2c3d"})
        for number, one in enumerate(documents)
    ]


def has_phrase(tokens: Sequence[str], phrase: Phrase, markers: str) -> bool:
    for marker in markers:
        wanted = [marker + word for word in phrase.words]
        for start in range(len(tokens) - len(wanted) + 1):
            here = list(tokens[start : start + len(wanted)])
            if phrase.prefix:
                here[-1] = here[-1][: len(wanted[-1])]
            if here == wanted:
                return True
    return False


def matches(one: dict[str, Any], row: IndexRecord, query: Query) -> bool:
    tokens = derive(row).searchable.split()
    everywhere = "#+"
    terms = all(has_phrase(tokens, term, everywhere) for term in query.terms)
    if query.terms and not terms and EXACT + query.exact not in tokens:
        return False
    if any(all(has_phrase(tokens, p, everywhere) for p in ps) for ps in query.exclusions):
        return False
    for wanted in query.filters:
        values = {joined(tag) for tag in one["tags"]} if wanted.field == "tags" else {one["kind"]}
        if bool(values & {joined(value) for value in wanted.values}) == wanted.excluded:
            return False
    return all(
        any(r.least <= one["size"] <= (r.most if r.most is not None else 10**9) for r in s.ranges)
        for s in query.sizes
    )


@given(DOCUMENTS, QUERIES, st.booleans())
def test_search_finds_what_reading_all_documents_finds(
    index: ModelIndex, documents: list[dict[str, Any]], text: str, expanded: bool
) -> None:
    rows = records_of(documents)
    index.remove([entry.model_id for entry in index.entries()])
    index.put(rows)
    query = parse_query(text)
    pairs = zip(documents, rows, strict=True)
    expected = [row.model_id for one, row in pairs if matches(one, row, query)]
    with pytest.MonkeyPatch.context() as patch:
        if expanded:
            patch.setattr(vocabulary, "MANY_ENTRIES", -1)
            patch.setattr(match, "INDEXED_PREFIX", 1)
        for sort in (Sort.RELEVANCE, Sort.NAME, Sort.ADDED):
            page = index.search(query, limit=20, sort=sort)
            assert sorted(row.model_id for row in page.rows) == sorted(expected)
            assert (page.total, page.total_is_exact) == (len(expected), True)
        counts = index.search(query, limit=0, facets=True).facets
        assert sum(counts.get("state", {}).values()) == len(expected)


@given(st.text(max_size=200), st.booleans())
def test_any_text_can_be_searched(index: ModelIndex, text: str, expanded: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if expanded:
            patch.setattr(vocabulary, "MANY_ENTRIES", -1)
            patch.setattr(match, "INDEXED_PREFIX", 1)
        page = index.search(parse_query(text), limit=5, facets=True)
    assert page.total >= len(page.rows)


@given(st.text(min_size=1, max_size=40))
def test_any_name_is_found_by_itself(index: ModelIndex, name: str) -> None:
    row = record(document("x") | {"official_name": name, "model_id": "m-0a1b2c3d"})
    index.put([row])
    query = parse_query(f'"{name.replace(chr(34), " ")}"')
    if query.terms:
        assert index.search(query, limit=1000).rows[0] == row


@settings(max_examples=10)  # each makes two files
@given(DOCUMENTS, DOCUMENTS)
def test_changes_leave_what_a_rebuild_would_make(
    before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> None:
    """Whatever was there is gone without a trace when it is replaced."""
    with tempfile.TemporaryDirectory() as directory:
        changed = ModelIndex.create(Path(directory) / "changed.db")
        changed.put(records_of(before))
        changed.put(records_of(after))
        changed.remove([f"m{number}-0a1b2c3d" for number in range(len(after), 10)])
        rebuild(Path(directory) / "rebuilt.db", records_of(after))
        rebuilt = ModelIndex.open(Path(directory) / "rebuilt.db")
        for text in ("", *WORDS, *(word[:2] for word in WORDS), "-art", "kind:vae", "tag:x"):
            query = parse_query(text)
            pages = [one.search(query, limit=20, facets=True) for one in (changed, rebuilt)]
            found = [sorted(row.model_id for row in page.rows) for page in pages]
            assert found[0] == found[1]
            assert pages[0].facets == pages[1].facets
        assert changed.statistics() == rebuilt.statistics()
        changed.close()
        rebuilt.close()
