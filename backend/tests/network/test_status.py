"""Addresses of hosts, in one spelling and fit to be shown."""

from __future__ import annotations

import pytest

from model_library.errors import InvalidValueError
from model_library.network.status import origin_of, without_query


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://huggingface.co/api/models?search=x", "https://huggingface.co"),
        ("HTTPS://HuggingFace.co:443", "https://huggingface.co"),
        ("http://huggingface.co:443/", "http://huggingface.co:443"),
        ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080"),
        ("https://[::1]:8443/x", "https://[::1]:8443"),
        ("https://user:secret@host/x", "https://host"),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, origin: str) -> None:
    assert origin_of(url) == origin
    assert origin_of(origin) == origin


@pytest.mark.parametrize(
    "url", ["", "huggingface.co", "ftp://host", "https://", "http://h:99999", "http://[::1"]
)
def test_what_names_no_host_is_refused_without_repeating_a_secret(url: str) -> None:
    with pytest.raises(InvalidValueError):
        origin_of(url)
    with pytest.raises(InvalidValueError) as caught:
        origin_of("ftp://user:hunter2@host/x?sig=hunter2")
    assert "hunter2" not in str(caught.value)


def test_an_address_that_may_be_shown_has_no_secret() -> None:
    shown = without_query("https://me:hunter2@cdn.example/a/b?X-Signature=abc#part")
    assert shown == "https://cdn.example/a/b"
    assert without_query("/relative?x=1") == "/relative"
