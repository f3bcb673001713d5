"""Where a model may come from is read from all that is known of it, and nothing strange becomes an address."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_library.hf.candidates import (
    MOST_REPOSITORIES,
    MOST_TEXTS,
    Candidate,
    Trust,
    candidates,
    is_generic,
    repository_of,
    search_texts,
    similarity,
    stem_of,
)
from tests.models import described, file_fields

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def repositories(**fields: Any) -> list[Candidate]:
    return [one for one in candidates(described(**fields)) if one.trust is not Trust.SEARCH]


@pytest.mark.parametrize(
    ("fields", "candidate"),
    [
        (
            {"sources": [{"provider": "huggingface", "repo": "a/b", "revision": COMMIT}]},
            Candidate(Trust.STATED, "a/b", COMMIT),
        ),
        (
            {"sources": [{"provider": "huggingface", "repo": "gpt2"}]},
            Candidate(Trust.STATED, "gpt2"),
        ),
        (
            {"sources": [{"provider": "other", "url": "https://huggingface.co/a/b/tree/main"}]},
            Candidate(Trust.STATED, "a/b"),
        ),
        (
            {"source_labels": {"stability-matrix.SourceUrl": "https://hf.co/a/b"}},
            Candidate(Trust.STATED, "a/b"),
        ),
        (
            {"origin_path": f"/h/hub/models--a--b/snapshots/{COMMIT}/x.gguf"},
            Candidate(Trust.STATED, "a/b", COMMIT),
        ),
        (
            {"origin_path": "/h/.lmstudio/models/a/b-GGUF/x.gguf"},
            Candidate(Trust.STATED, "a/b-GGUF"),
        ),
        (
            {"embedded": {"general.repo_url": "https://huggingface.co/a/b"}},
            Candidate(Trust.NAMED, "a/b"),
        ),
        (
            {"embedded": {"general.source.huggingface.repository": "a/b"}},
            Candidate(Trust.NAMED, "a/b"),
        ),
        (
            {"embedded": {"general.base_model.0.repo_url": "https://huggingface.co/a/b"}},
            Candidate(Trust.PARENT, "a/b"),
        ),
        ({"embedded": {"ss_sd_model_name": "a/b"}}, Candidate(Trust.PARENT, "a/b")),
        ({"lineage": "a/b"}, Candidate(Trust.PARENT, "a/b")),
    ],
)
def test_what_is_known_names_a_repository(fields: dict[str, Any], candidate: Candidate) -> None:
    assert candidate in repositories(**fields)


def test_the_most_trusted_comes_first_and_each_once() -> None:
    found = repositories(
        lineage="org/base",
        embedded={"general.repo_url": "https://huggingface.co/org/named"},
        sources=[
            {"provider": "huggingface", "repo": "Org/Stated"},
            {"provider": "huggingface", "repo": "org/stated", "revision": COMMIT},
            {"provider": "civitai", "repo": "org/other", "url": "https://civitai.com/models/1"},
        ],
    )
    assert found == [
        Candidate(Trust.STATED, "org/stated", COMMIT),
        Candidate(Trust.NAMED, "org/named"),
        Candidate(Trust.PARENT, "org/base"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "../../etc",
        "a/../b",
        "a/b/c",
        "https://evil.example/a/b",
        "https://huggingface.co.evil.example/a/b",
        "https://huggingface.co/datasets/a",
        "https://[bad/a/b",
        "a/b?x=1",
        "a /b",
        "-a/b",
        "C:/x",
        "a/" + "b" * 97,
    ],
)
def test_what_is_no_repository(text: str) -> None:
    assert repository_of(text) is None


hosts = st.sampled_from(["huggingface.co", "hf.co", "[", "evil.example", "huggingface.co@evil"])


@given(st.text() | st.builds("{}://{}/{}".format, st.sampled_from(["http", "x"]), hosts, st.text()))
def test_a_repository_is_two_plain_names(text: str) -> None:
    repo = repository_of(text)
    assert repo is None or (repo.count("/") == 1 and repo.isascii() and ".." not in repo)


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Meta-Llama-3-8B-Instruct.Q4_K_M.gguf", "Meta-Llama-3-8B-Instruct"),
        ("DeepSeek-R1-UD-IQ2_XXS-00001-of-00004.gguf", "DeepSeek-R1"),
        ("gemma-2-9b-it-Q6_K_L.gguf", "gemma-2-9b-it"),
        ("x-large.i1-Q4_K_S.gguf", "x-large"),
        ("flux1-dev-fp8_e4m3fn.safetensors", "flux1-dev"),
        ("wan2.1_t2v_14B_bf16.safetensors", "wan2.1_t2v_14B"),
        ("sd_xl_base_1.0.safetensors", "sd_xl_base_1.0"),
        ("Qwen2.5-7B-Instruct-GGUF", "Qwen2.5-7B-Instruct"),
        ("dream (1).safetensors", "dream"),
        ("dream_final - Copy.safetensors", "dream"),
        ("folder/llm-00001-of-00003.safetensors", "llm"),
        ("big.gguf.part2of3", "big"),
        ("Q4_K_M.gguf", ""),
    ],
)
def test_a_stem_is_the_name_without_what_tells_files_of_one_model_apart(
    name: str, stem: str
) -> None:
    assert stem_of(name) == stem


def test_searches_go_from_the_very_name_to_fewer_words() -> None:
    model = described(file_fields("sd_xl_base_refined_by_me_v2.safetensors"))
    assert search_texts(model) == ("sd_xl_base_refined_by_me_v2", "sd xl base refined")


@pytest.mark.parametrize(
    ("name", "fields", "first"),
    [
        ("model.safetensors", {"official_name": "Whisper Large v3"}, "Whisper Large v3"),
        ("model.safetensors", {"embedded": {"modelspec.title": "Dream"}}, "Dream"),
        ("model.safetensors", {"embedded": {"ss_sd_model_name": "org/Base-XL"}}, "Base-XL"),
        ("model.safetensors", {"origin_path": "/m/Kokoro-82M/model.safetensors"}, "Kokoro-82M"),
    ],
)
def test_where_the_file_name_says_nothing_something_else_is_searched(
    name: str, fields: dict[str, Any], first: str
) -> None:
    assert search_texts(described(file_fields(name), **fields))[0] == first


def test_without_any_telling_name_nothing_is_searched() -> None:
    model = described(file_fields("model.safetensors"), origin_path="/x/model.safetensors")
    assert candidates(model) == ()


@pytest.mark.parametrize("name", ["model.safetensors", "v2.ckpt", "model_v3_final.pt", "12.bin"])
def test_generic_names(name: str) -> None:
    assert is_generic(name)
    assert not is_generic(f"juggernaut-{name}")


def test_names_are_alike_whatever_their_separators_but_not_with_other_numbers() -> None:
    assert similarity("dream_shaper_xl.safetensors", "Dream-Shaper-XL") == 0.99
    assert similarity("llama-7b-chat.Q4_K_M.gguf", "llama-13b-chat.Q4_K_M.gguf") <= 0.7
    assert similarity("something", "zebra") < 0.5
    assert similarity("Q4_K_M.gguf", "Q4_K_M.gguf") == 0.0


@given(st.text(max_size=80), st.text(max_size=80))
def test_similarity_is_a_share_below_one_and_the_same_both_ways(one: str, other: str) -> None:
    assert 0 <= similarity(one, other) <= 0.99
    assert similarity(one, other) == pytest.approx(similarity(other, one))


@given(
    st.dictionaries(
        st.sampled_from(["general.repo_url", "ss_sd_model_name", "modelspec.title", "repo_id"]),
        st.text(max_size=200),
    ),
    st.text(min_size=1, max_size=200),
)
def test_any_words_in_a_file_give_few_candidates(embedded: dict[str, str], name: str) -> None:
    found = candidates(described(official_name=name, embedded=embedded, origin_path=name))
    texts = [one for one in found if one.trust is Trust.SEARCH]
    assert len(texts) <= MOST_TEXTS
    assert len(found) - len(texts) <= MOST_REPOSITORIES
    assert all(0 < len(one.text) <= 100 for one in texts)
