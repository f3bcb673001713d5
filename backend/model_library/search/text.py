"""How text becomes words, the same way for what is indexed and for what is typed.

A word is a run of letters and digits, folded: without case, without diacritics, in the
compatibility form of Unicode (`Café` -> `cafe`, `²` -> `2`). Everything else separates. Han and
kana have no spaces between words, so each of their characters is a word of its own.

Names of models glue words together (`JuggernautXL_v9`, `Q4_K_M`), so a word also has parts: it is
cut where lower case turns to upper and where letters meet digits.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Sequence
from functools import lru_cache
from unicodedata import combining, normalize

_SPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = rf"[{_SPACED}]|[^\W_{_SPACED}]+"  # compiled when the first text needs it
_PART = r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+"
_NUMBER = r"\d+|\D+"
_ALPHANUMERIC = (string.ascii_letters + string.digits).encode()
_SPACED_OUT = bytes(code if code in _ALPHANUMERIC else 32 for code in range(256))
_FOLDED = _SPACED_OUT.lower()
_ASCII_SEPARATED = r"[^\x00-/:-@\[-`{-\x7f]+"
_CACHED_WORDS = 1 << 16  # distinct words of names and tags; some 10 MB when full


def words(text: str) -> list[str]:
    """The folded words of a text, in order."""
    if text.isascii():
        return text.encode().translate(_FOLDED).decode().split()
    found: list[str] = []
    for run in re.findall(_ASCII_SEPARATED, text):
        if run.isascii():
            found.append(run.lower())
        else:
            found += [word.casefold() for word in _foreign_words(run)]
    return found


def typed_words(text: str) -> list[str]:
    """The words of a text in their own case, without marks."""
    if text.isascii():
        return text.encode().translate(_SPACED_OUT).decode().split()
    return list(_foreign_words(text))


def other_forms(typed: Sequence[str], folded: Sequence[str]) -> list[str]:
    """Further words by which a name may be looked for: the parts of words that have several, and
    words together with the number behind them. `folded` are the same words as `typed`.

    Each is followed by the next word, so that `1.5` is found in `v1-5` and `llama3.1` in `Llama-3.1`.

    >>> other_forms(["JuggernautXL", "v9"], ["juggernautxl", "v9"])
    ['juggernaut', 'xl', 'v9', '9']
    >>> other_forms(["Llama", "3", "1"], ["llama", "3", "1"])
    ['llama3', '1']
    """
    forms: list[str] = []
    for after, word in enumerate(typed, start=1):
        plain = word.isalpha() and (word.islower() or word.istitle() or word.isupper())
        if not plain and (parts := parts_of(word)):
            forms += parts
            forms += folded[after : after + 1]
        elif after < len(typed) and typed[after].isdecimal() and word.isalpha():
            forms.append(folded[after - 1] + folded[after])
            forms += folded[after + 1 : after + 2]
    return forms


def joined(text: str) -> str:
    """The words of a text as one, for comparing names whatever separates their words."""
    return "".join(words(text))


def storable(text: str) -> str:
    """The text without halves of surrogate pairs, which no database stores."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def mark(marker: str, tokens: Iterable[str]) -> str:
    """The tokens with `marker` in front of each, as one text; empty without tokens."""
    text = f" {marker}".join(tokens)
    return marker + text if text else ""


@lru_cache(maxsize=_CACHED_WORDS)
def parts_of(word: str) -> tuple[str, ...]:
    """The folded parts of one word as written, without single letters; empty when none of them is
    worth looking for: `sdxl` is all one part, and `q4`, `8b` are never meant by their digit."""
    parts = re.findall(_PART if word.isascii() else _NUMBER, word)
    long = any(len(part) > 1 and part.isalpha() for part in parts)
    if len(parts) == 1 or not (long or word[0] in "vV"):
        return ()
    return tuple([part.casefold() for part in parts if len(part) > 1 or part.isdecimal()])


@lru_cache(maxsize=_CACHED_WORDS)
def _foreign_words(text: str) -> tuple[str, ...]:
    """The words of a text in the compatibility form of Unicode, without combining marks."""
    bare = "".join([char for char in normalize("NFKD", text) if not combining(char)])
    return tuple(re.findall(_WORD, normalize("NFC", bare)))
