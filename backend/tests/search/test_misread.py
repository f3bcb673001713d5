"""What of a query was not understood is told, and what was is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_library.search.misread import misread
from model_library.search.query import parse_query


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("knd:lora", "No filter is named 'knd'; it was looked for as a word. Did you mean kind:?"),
        ("added:2026", "No filter is named 'added'; it was looked for as a word."),
        ("size:>abc", "'>abc' is no size; it was looked for as a word."),
        ("-size:4XB", "'4XB' is no size; it was looked for as a word."),
        ("size:1GB,big", "'1GB,big' is no size; it was looked for as a word."),
        ("kind:lroa", "'lroa' is no kind; nothing can be found by it. Did you mean lora?"),
        ("type:Spaceship", "'Spaceship' is no type; nothing can be found by it."),
        ("format:ggfu", "'ggfu' is no format; nothing can be found by it. Did you mean gguf?"),
        ("state:of*", None),
        (
            "state:on-line",
            "'on-line' is no state; nothing can be found by it. Did you mean online?",
        ),
        ("match:hsh", "'hsh' is no match; nothing can be found by it. Did you mean hash?"),
        ("tier:clean", "'clean' is no tier; nothing can be found by it."),
    ],
)
def test_what_cannot_have_been_meant_is_named(text: str, message: str | None) -> None:
    told = [one.message for one in misread(f"dream {text} xl", {})]
    assert told == ([] if message is None else [message])


@pytest.mark.parametrize(
    "text",
    [
        "kind:lora,vae",
        "kind:Diffusion-Model",
        "adapter:LoCon",
        "size:>4GB",
        "size:2GB..4GB,700MB",
        "size:>",
        "match:pending,modified",
        "tier:safe-format",
        'family:anything tag:"a:b" license:mit',
        "https://host/path",
        "kind:",
        "plain words",
        "form:single-file",
    ],
)
def test_what_is_understood_is_passed_over(text: str) -> None:
    assert misread(text, {}) == ()


def test_further_filters_are_looked_at_too_and_each_is_told_once() -> None:
    told = misread("container:x container:x", {"container": '"x","gguf"'})
    assert [one.message for one in told] == ["'x' is no container; nothing can be found by it."]
    assert told[0].hint.startswith("Possible: safetensors, gguf")


@given(st.text(max_size=80))
def test_any_text_can_be_looked_at(text: str) -> None:
    parse_query(text)
    assert all(one.message and one.hint for one in misread(text, {}))
