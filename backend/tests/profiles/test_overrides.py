"""Which versions of an application a model may be linked into."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_library.errors import MetadataError
from model_library.profiles.overrides import MAX_BYTES, parse_overrides, why_not

PATH = Path("overrides.json")


@pytest.mark.parametrize(
    ("specifier", "version", "allowed"),
    [
        (">=0.5.0,<0.7.0", "0.6.0", True),
        (">=0.5.0,<0.7.0", "0.7.0", False),
        (">=0.5.0,<0.7.0", "v0.5", True),
        (">=0.5.0", "0.6.0rc1", True),
        ("", "1", True),
        (">=0.5.0", None, False),
        (">=0.5.0", "master-abc", False),
    ],
)
def test_a_version_is_in_the_range_or_the_reason_is_told(
    specifier: str, version: str | None, allowed: bool
) -> None:
    data = f'{{"version_ranges": {{"comfyui": "{specifier}"}}}}'.encode()
    reason = why_not(parse_overrides(data, PATH)["comfyui"], version)
    assert (reason is None) is allowed
    assert reason is None or specifier.split(",", maxsplit=1)[0] in reason


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"{", "no valid JSON"),
        (b"\xff", "no valid JSON"),
        (b"[]", "must be an object"),
        (b'{"version_range": {"comfyui": ">=1"}}', "'version_range' is no key"),
        (b'{"version_ranges": {"comfyui": ">=1", "ComfyUI": ""}}', "twice"),
        (b'{"version_ranges": []}', "must be an object"),
        (b'{"version_ranges": {"comfyui": 1}}', "must be a text"),
        (b'{"version_ranges": {"comfyui": "newest"}}', "no PEP 440 specifier"),
    ],
)
def test_what_cannot_be_understood_is_an_error_that_names_the_file(data: bytes, what: str) -> None:
    with pytest.raises(MetadataError, match=what) as raised:
        parse_overrides(data, PATH)
    assert raised.value.path == "overrides.json"
    assert "linked nowhere" in raised.value.hint


def test_nothing_said_allows_everything() -> None:
    assert parse_overrides(b"{}", PATH) == {}


def test_upper_and_lower_case_of_an_application_are_the_same() -> None:
    ranges = parse_overrides(b'{"version_ranges": {"ComfyUI": ">=1"}}', PATH)
    assert why_not(ranges["comfyui"], "0.6") is not None


@pytest.mark.parametrize(
    "specifier",
    [
        ">=" + "1" * 4400,
        ">=1!" + "1" * 4400,
        "<9" + "9" * 4400,
        "~=1." + "3" * 4400,
        "==1.0+" + "9" * 4400,
        "!=1.0.post" + "9" * 4400,
        ",".join([">=1.0"] * 500),
        "===\\ud800",
        "===\\u001b[31m",
    ],
)
def test_a_range_that_nobody_writes_is_refused_and_never_an_accident(specifier: str) -> None:
    data = f'{{"version_ranges": {{"comfyui": "{specifier}"}}}}'.encode()
    with pytest.raises(MetadataError):
        parse_overrides(data, PATH)


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(MetadataError, match="more than"):
        parse_overrides(b"{}" + b" " * MAX_BYTES, PATH)


def test_a_version_with_thousands_of_digits_is_in_no_range() -> None:
    allowed = parse_overrides(b'{"version_ranges": {"comfyui": ">=1"}}', PATH)["comfyui"]
    reason = why_not(allowed, "9" * 5000)
    assert reason is not None
    assert "no PEP 440 version" in reason


@given(
    text=st.one_of(
        st.text(max_size=40),
        st.from_regex(r"(==|!=|<=|>=|~=|===|<|>)[0-9!.*+a-z]{1,40}", fullmatch=True),
    ),
    version=st.one_of(st.none(), st.text(max_size=20), st.just("1.0rc1")),
)
def test_whatever_is_written_gives_an_answer_or_the_one_error(
    text: str, version: str | None
) -> None:
    data = json.dumps({"version_ranges": {"comfyui": text}}).encode()
    try:
        allowed = parse_overrides(data, PATH)["comfyui"]
    except MetadataError:
        return
    reason = why_not(allowed, version)
    assert reason is None or reason.encode()
