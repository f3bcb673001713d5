"""Tables for a pipe or a file: the very lines that rich would write, without loading it, which takes a third of
a short command. What rich would fold, or measure by more than its length, is left to rich."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

GAP: Final = 2
"""Columns of the terminal between those of a table."""


def is_plain(text: str) -> bool:
    """Whether every character is one column wide and shown as it is."""
    return text.isascii() and text.isprintable()


def table_text(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> str | None:
    """The lines of `Output.table`, or None where they are rich's business."""
    return _lines([[name.lstrip(">") for name in columns], *rows], columns, width)


def fields_text(pairs: Sequence[tuple[str, str]], width: int) -> str | None:
    """The lines of `Output.fields`, or None where they are rich's business."""
    return _lines(pairs, ("", ""), width) if pairs else None


def _lines(rows: Sequence[Sequence[str]], columns: Sequence[str], width: int) -> str | None:
    if not all(is_plain(cell) for row in rows for cell in row):
        return None
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    if not all(widths) or sum(widths) + GAP * (len(widths) - 1) > width:
        return None
    to_the_right = [name.startswith(">") for name in columns]
    return "".join(
        (" " * GAP).join(
            cell.rstrip().rjust(wide) if right else cell.ljust(wide)
            for cell, wide, right in zip(row, widths, to_the_right, strict=True)
        )
        + "\n"
        for row in rows
    )
