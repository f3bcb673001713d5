"""How text becomes words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_library.search.text import joined, mark, other_forms, parts_of, typed_words, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sdxl_vae", ["sdxl", "vae"]),
        ("Llama-3.1", ["llama", "3", "1"]),
        ("Café Zürich", ["cafe", "zurich"]),
        ("cafe\u0301", ["cafe"]),
        ("Straße ﬁne ²", ["strasse", "fine", "2"]),
        ("麦橘写实 v7", ["麦", "橘", "写", "实", "v7"]),
        ("アニメ風", ["ア", "ニ", "メ", "風"]),
        ("한국어 모델", ["한국어", "모델"]),
        ("Żółw №5", ["zołw", "no5"]),
        ("one\0two\ue001three 😀", ["one", "two", "three"]),
        ("\ud800 half", ["half"]),
        ("", []),
        ("-- ... __", []),
    ],
)
def test_words_are_folded_runs_of_letters_and_digits(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("JuggernautXL", ("juggernaut", "xl")),
        ("RealESRGAN", ("real", "esrgan")),
        ("fp16", ("fp", "16")),
        ("majicMIX", ("majic", "mix")),
        ("v9", ("9",)),
        ("4x", ()),
        ("Q4", ()),
        ("sdxl", ()),
        ("SDXL", ()),
        ("2024", ()),
        ("Żółw5", ("żółw", "5")),
    ],
)
def test_a_word_has_parts_where_case_or_digits_change(word: str, parts: tuple[str, ...]) -> None:
    assert parts_of(word) == parts


@pytest.mark.parametrize(
    ("name", "forms"),
    [
        ("v1-5-pruned", ["1", "5"]),
        ("Llama-3.1-8B", ["llama3", "1"]),
        ("SD 1.5", ["sd1", "5"]),
        ("flux1dev final", ["flux", "1", "dev", "final"]),
        ("Dream Shaper", []),
    ],
)
def test_other_forms_of_a_name(name: str, forms: list[str]) -> None:
    typed = typed_words(name)
    assert other_forms(typed, [word.casefold() for word in typed]) == forms


def test_joining_forgets_separators_case_and_marks() -> None:
    assert joined("SDXL VAE") == joined("sdxl_vae") == joined("Sdxl-Väe") == "sdxlvae"


def test_a_mark_is_put_before_every_token() -> None:
    assert mark("=", ["a", "b"]) == "=a =b"
    assert mark("=", []) == ""


@given(st.text())
def test_words_do_not_change_when_taken_again(text: str) -> None:
    once = words(text)
    assert words(" ".join(once)) == once
    assert "".join(once) == joined(text)


@given(st.text())
def test_words_hold_nothing_that_the_index_uses_itself(text: str) -> None:
    assert not set('"*=^~#+ \0\ue000\uf8ff') & set("".join(words(text)))
