"""Descriptions written in HTML, as plain text.

Model pages are HTML by anyone; what is kept of them is text without a single tag, so that no page
that shows it later has anything to run. Any input gives a result, in time linear in its length.

`html.parser` is not used because it is neither: on `<a <a <a ...` it takes time that grows with
the square of the length (minutes for 100 kB), and on `<![x` it fails an assertion.
"""

from __future__ import annotations

import re

MAX_MARKUP = 100_000
"""Characters that are read; the longest real descriptions have about 30,000 with their tags."""

_MAX_PASSES = 3
"""Some pages hold escaped HTML inside of HTML."""

_TAG = re.compile(
    r"<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9:-]*+)"
    r"(?:(?:\"[^\"]*+\"|'[^']*+'|[^<>\"'])*+>|[^<>]*+>)"
)
"""Possessive throughout: what did not match is not tried again in another way."""

_KNOWN_TAG = re.compile(
    r"</?(?:a|b|blockquote|br|button|code|del|details|div|em|figure|font|form|h[1-6]|hr|html|i|iframe"
    r"|img|input|li|link|meta|object|ol|p|pre|s|script|small|span|strike|strong|style|sub|summary"
    r"|sup|svg|table|tbody|td|th|thead|tr|u|ul|video)(?:\s[^<>]*+)?/?>",
    re.IGNORECASE,
)
_DECLARATION = re.compile(r"<[!?][^<>]*+>")
_TAG_START = re.compile(r"<(?=[A-Za-z/!?])")
_COMMENT_START = "<!--"
_LONG_ENTITY = re.compile(r"&#[xX]?[0-9a-fA-F]{9,}+;?")
"""No character has such a number, and `html.unescape` fails on those of thousands of digits."""

_PROMPT_TAG = re.compile(r"<((?:lora|lyco|hypernet):[^<>\n]{1,200})>", re.IGNORECASE)
"""`<lora:name:0.8>`, which belongs to a prompt and is no HTML."""

_KEPT = re.compile("\ue000([^\ue000\ue001]*)\ue001")
"""How prompt tags come through: between characters for private use."""

_BLOCKS = frozenset(
    {"article", "blockquote", "br", "dd", "details", "div", "dl", "dt"}
) | frozenset(
    {"figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "ol"}
    | {"p", "pre", "section", "summary", "table", "tr", "ul"}
)
_UNSEEN = ("script", "style")


def looks_like_html(text: str) -> bool:
    """Whether a text holds a tag that people write; a stray '<' does not count."""
    return _KNOWN_TAG.search(text[:MAX_MARKUP]) is not None


def html_to_text(markup: str) -> str:
    """The text that a person would read: tags and scripts gone, entities resolved, one line a
    paragraph or list item."""
    text = _PROMPT_TAG.sub("\ue000\\1\ue001", markup[:MAX_MARKUP])
    for _ in range(_MAX_PASSES):
        before = text
        import html  # here, because the names of all characters take time to load

        text = html.unescape(_LONG_ENTITY.sub("", _without_tags(_without_comments(text))))
        if text == before:
            break
    text = _KEPT.sub(r"<\1>", _TAG_START.sub("", text))
    lines = (re.sub(r"[ \t\xa0]+", " ", line).strip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _without_comments(markup: str) -> str:
    kept: list[str] = []
    position = 0
    while (start := markup.find(_COMMENT_START, position)) >= 0:
        kept.append(markup[position:start])
        end = markup.find("-->", start)
        position = len(markup) if end < 0 else end + len("-->")
    return _DECLARATION.sub("", "".join((*kept, markup[position:])))


def _without_tags(markup: str) -> str:
    lower = markup.lower() if len(markup.lower()) == len(markup) else markup
    parts: list[str] = []
    position = 0
    while (tag := _TAG.search(markup, position)) is not None:
        parts.append(markup[position : tag.start()])
        name = tag["name"].lower()
        position = tag.end()
        if name == "li":
            parts.append("" if tag["end"] else "\n- ")
        elif name in _BLOCKS:
            parts.append("\n")
        elif name in _UNSEEN and not tag["end"]:
            end = lower.find(f"</{name}", position)
            position = len(markup) if end < 0 else end
    parts.append(markup[position:])
    return "".join(parts)
