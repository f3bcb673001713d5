"""Descriptions in HTML become plain text, whatever they hold."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_library.identify.html_text import MAX_MARKUP, html_to_text, looks_like_html


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("plain text", "plain text"),
        ("a < b and c > d", "a < b and c > d"),
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("one<br/>two<hr>three", "one\ntwo\nthree"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("<a href='x' title=\"a>b\">link</a>", "link"),
        ("&amp;&nbsp;&#65;&eacute;", "& Aé"),
        ("<script>alert(1)</script>x<style>p{}</style>y", "xy"),
        ("x<script>never closed", "x"),
        ("a<!-- comment --><!DOCTYPE html>b<!-- open", "ab"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;x", "x"),
        ("&amp;lt;b&amp;gt;bold&amp;lt;/b&amp;gt;", "bold"),
        ("<SCRIPT SRC=//x></SCRIPT>x", "x"),
        ("<img src=x onerror=alert(1)>x", "x"),
        ("<svg/onload=alert(1)>x", "x"),
        ("use <lora:name:0.8> here", "use <lora:name:0.8> here"),
        ("<custom-tag a='b'>x</custom-tag>", "x"),
        ("&#" + "9" * 10_000 + ";x", "x"),
        ("<b unclosed", "b unclosed"),
    ],
)
def test_html_becomes_the_text_that_a_person_reads(markup: str, text: str) -> None:
    assert html_to_text(markup) == text


def test_what_looks_like_html_and_what_does_not() -> None:
    assert looks_like_html("<p>x")
    assert looks_like_html("a <b>bold</b> word")
    assert not looks_like_html("1 < 2, <lora:x:1>, <3, a <b")


@given(st.text(alphabet=string.ascii_letters + "<>/!&;#'\"=- \n\ue000\ue001", max_size=200))
def test_no_tag_survives(markup: str) -> None:
    text = html_to_text(markup)
    assert not looks_like_html(text)
    assert "<script" not in text.lower()


@pytest.mark.parametrize(
    "bomb", ["<a ", "<!--", "<a href='", '<a b="', "<", "</", "<p", "&#9", "<a b='\"", "<script>"]
)
def test_markup_bombs_take_no_time(bomb: str) -> None:
    """Each of these takes minutes in the standard library's parser, or would without the bound."""
    html_to_text(bomb * (2 * MAX_MARKUP // len(bomb)))
