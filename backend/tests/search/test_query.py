"""The query language: what is typed and what it means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_library.errors import InvalidValueError
from model_library.search.query import (
    MAX_TERMS,
    Filter,
    Phrase,
    Query,
    SizeFilter,
    SizeRange,
    parse_query,
    with_filters,
)

GB = 1000**3


def terms(text: str) -> list[str]:
    """The terms of a query as text: words of a phrase joined by '+', '*' for a prefix."""
    return ["+".join(t.words) + ("*" if t.prefix else "") for t in parse_query(text).terms]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("llama", ["llama*"]),
        ("llama 3.1 q4", ["llama", "3+1", "q4*"]),
        ("Llama-3.1", ["llama+3+1*"]),
        ("sdxl_vae", ["sdxl", "vae*"]),
        ("Q4_K_M gguf", ["q4+k+m", "gguf*"]),
        ("v1-5-pruned", ["v1+5", "pruned*"]),
        ("5-pruned", ["5+pruned*"]),
        ("Café Zürich", ["cafe", "zurich*"]),
        ('"oil painting" anime', ["oil+painting", "anime*"]),
        ('anime "oil painting"', ["anime", "oil+painting"]),
        ('"oil pain', ["oil+pain*"]),
        ("jugg* v9 vae", ["jugg*", "v9", "vae*"]),
        ("anime kind:lora", ["anime*"]),
        ("anime -nsfw", ["anime*"]),
        ("juggernaut.safetensors", ["juggernaut*"]),
        ("写实", ["写+实*"]),
    ],
)
def test_words_become_terms(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("foo:bar", ["foo", "bar*"]),
        ("size:big", ["size", "big*"]),
        ("https://example.org/x", ["https", "example", "org+x*"]),
        ("AND OR NOT NEAR(a b)", ["and", "or", "not", "near+a", "b*"]),
        ("a* ^b {c}:d", ["a*", "b", "c+d*"]),
        ("\0 😀 'x\"y", ["x", "y*"]),
        ('"""', []),
        ("-", []),
        ("- -- -\"\" : :: ''", []),
        ("   ", []),
    ],
)
def test_what_is_no_language_is_taken_as_words(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


def test_what_must_not_be_is_kept_apart() -> None:
    query = parse_query('lora -anime -"oil painting" -sdxl_vae -tag:nsfw,gore')
    assert [t.words for t in query.terms] == [("lora",)]
    assert query.exclusions == (
        (Phrase(("anime",)),),
        (Phrase(("oil", "painting")),),
        (Phrase(("sdxl",)), Phrase(("vae",))),
    )
    assert query.filters == (Filter("tags", ("nsfw", "gore"), excluded=True),)


@pytest.mark.parametrize(
    ("text", "field", "values"),
    [
        ("kind:lora", "kind", ("lora",)),
        ("KIND:lora,vae", "kind", ("lora", "vae")),
        ("type:vae", "kind", ("vae",)),
        ("format:gguf", "container", ("gguf",)),
        ("container:gguf", "container", ("gguf",)),
        ("quant:q4_k_m", "precision", ("q4_k_m",)),
        ("precision:fp16", "precision", ("fp16",)),
        ('tag:"oil painting",anime', "tags", ("oil painting", "anime")),
        ('tag:"a,b"', "tags", ("a,b",)),
        ('tag:"not closed', "tags", ("not closed",)),
        ("name:jugg", "name", ("jugg",)),
        ("file:a.b", "file", ("a.b",)),
        ("id:sd-v1", "id", ("sd-v1",)),
        ("root:5f0c", "root", ("5f0c",)),
        ("state:missing", "state", ("missing",)),
        ("license:mit", "license", ("mit",)),
        ("tier:safe-format", "tier", ("safe-format",)),
    ],
)
def test_fields_have_names_and_aliases(text: str, field: str, values: tuple[str, ...]) -> None:
    assert parse_query(text) == Query(filters=(Filter(field, values),))


@pytest.mark.parametrize("text", ["kind:", "kind:,", 'tag:""', "size:", "size:>", "size:.."])
def test_a_field_without_a_value_yet_says_nothing(text: str) -> None:
    assert parse_query(text).is_empty


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        (">4GB", 4 * GB + 1, None),
        (">=4GB", 4 * GB, None),
        ("<4GB", 0, 4 * GB - 1),
        ("<=4gb", 0, 4 * GB),
        ("=4096", 4096, 4096),
        ("4096", 4096, 4096),
        ("4GB", 3_500_000_000, 4_499_999_999),
        ("4.2GB", 4_150_000_000, 4_249_999_999),
        ("1GiB..2GiB", 2**30, 2**31),
        ("..1.5k", 0, 1500),
        ("2M..", 2_000_000, None),
        (">1TiB", 2**40 + 1, None),
    ],
)
def test_sizes(text: str, least: int, most: int | None) -> None:
    assert parse_query(f"size:{text}").sizes == (SizeFilter((SizeRange(least, most),)),)


def test_several_sizes_mean_any_of_them() -> None:
    (size,) = parse_query("-size:<1kb,>2kb").sizes
    assert size == SizeFilter((SizeRange(0, 999), SizeRange(2001, None)), excluded=True)


def test_the_exact_name_is_all_words_as_one() -> None:
    assert parse_query("SDXL VAE").exact == parse_query("sdxl_vae.safetensors").exact == "sdxlvae"
    assert parse_query("kind:vae -x").exact == ""


def test_filters_from_elsewhere_are_added() -> None:
    query = with_filters(parse_query("anime"), {"kind": "lora,vae", "size": ">1GB", "tag": " "})
    assert query.filters == (Filter("kind", ("lora", "vae")),)
    assert query.sizes == (SizeFilter((SizeRange(GB + 1, None),)),)
    assert [t.words for t in query.terms] == [("anime",)]


@pytest.mark.parametrize("filters", [{"colour": "red"}, {"size": "big"}, {"size": ""}])
def test_filters_that_do_not_exist_are_refused(filters: dict[str, str]) -> None:
    with pytest.raises(InvalidValueError):
        with_filters(Query(), filters)


@given(st.text(max_size=12_000))
def test_any_text_is_a_query(text: str) -> None:
    query = parse_query(text)
    assert all(term.words for term in query.terms)
    assert all(phrases for phrases in query.exclusions)
    assert all(one.values for one in query.filters)


PIECES = st.sampled_from(
    ['"', "-", ":", ",", "*", " ", "kind", "size", "tag", ">", "..", "4GB", "é", "AND", "(", "\0"]
)


@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_mixture_of_the_language_is_a_query(text: str) -> None:
    query = parse_query(text)
    assert len(query.terms) <= MAX_TERMS


def test_very_long_queries_are_cut() -> None:
    assert len(parse_query("word " * 5000).terms) == MAX_TERMS
    assert len(parse_query("a" * 100_000).terms[0].words[0]) == 1000
    assert len(parse_query("kind:x " * 5000).filters) == MAX_TERMS
    (one,) = parse_query("tag:" + ",".join(map(str, range(500)))).filters
    assert len(one.values) == MAX_TERMS
