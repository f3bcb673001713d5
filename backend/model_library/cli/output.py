"""What the command line shows: one JSON document, or tables for people; errors and notes on stderr.

Everything from outside (names, paths, messages that quote them) passes through `shown` or JSON, so
no file name can send an escape sequence to the terminal.
"""

from __future__ import annotations

import codecs
import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from model_library.cli.plain import fields_text, is_plain, table_text
from model_library.errors import ModelLibraryError
from model_library.events import Event, Notice, Waiting

if TYPE_CHECKING:
    from rich.console import Console

_STEP = 1024
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_WIDE = 240  # columns for a table that goes to a file or a pipe, where nothing should be cut
_AS_A_TERMINAL = (
    "FORCE_COLOR",
    "TTY_COMPATIBLE",
    "TTY_INTERACTIVE",
)  # ask rich to write as to a terminal


def size_text(count: int | None) -> str:
    """Bytes for people, in binary units."""
    if count is None:
        return "-"
    value, unit = float(count), 0
    while value >= _STEP and unit < len(_UNITS) - 1:
        value, unit = value / _STEP, unit + 1
    return f"{count} B" if unit == 0 else f"{value:.1f} {_UNITS[unit]}"


def count_text(count: int | None) -> str:
    """Parameters for people: 859.5M, 12.0B."""
    if not count:
        return "-"
    for step, suffix in ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "K")):
        if count >= step:
            return f"{count / step:.1f}{suffix}"
    return str(count)


def shown(text: str, limit: int = 1000) -> str:
    """Untrusted text, safe for a terminal, at most `limit` characters."""
    from model_library.naming import display_text  # here, because its tables take time to make

    return display_text(text, limit)


def _is_utf8() -> bool:
    """Whether stdout writes UTF-8, which JSON is, also where the words of the locale are Latin-1."""
    encoding = sys.stdout.encoding  # None of one that is kept in memory
    return not encoding or codecs.lookup(encoding).name == "utf-8"


class Output:
    """Where one command writes. With `as_json` stdout gets exactly one JSON document."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self._is_terminal = sys.stdout.isatty()
        self._is_plain = not (self._is_terminal or any(map(os.environ.get, _AS_A_TERMINAL)))
        self._console: Console | None = None

    @property
    def console(self) -> Console:
        if self._console is None:
            from rich.console import Console

            width = None if self._is_terminal else _WIDE
            self._console = Console(highlight=False, width=width)
        return self._console

    @property
    def width(self) -> int:
        """Columns of the terminal, or what takes its place."""
        return self.console.width if self._is_terminal else _WIDE

    def json(self, document: Any) -> None:
        """Indented for a terminal; a program reads it as well without, ten times as fast."""
        indent = 2 if sys.stdout.isatty() else None
        text = json.dumps(document, ensure_ascii=not _is_utf8(), indent=indent)
        try:
            text.encode()
        except UnicodeEncodeError:  # a name on disk that is not UTF-8: JSON always is
            text = json.dumps(document, indent=indent)
        sys.stdout.write(text + "\n")

    def line(self, text: str = "", style: str = "") -> None:
        """One line for people, plain text. Names in it may be from outside: what a terminal would obey instead of
        showing it, or what turns the direction of a text, is shown as a replacement character."""
        if not text.isprintable():
            text = shown(text, len(text))
        if self._is_plain and is_plain(text):
            sys.stdout.write(text + "\n")
            return
        from rich.text import Text

        self.console.print(Text(text, style=style), soft_wrap=True)

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A table without lines; columns whose name begins with '>' are set to the right."""
        cells = [[shown(cell, 200) for cell in row] for row in rows]
        if self._is_plain and (text := table_text(columns, cells, _WIDE)) is not None:
            sys.stdout.write(text)
            return
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
        for name in columns:
            justify: Any = "right" if name.startswith(">") else "left"
            table.add_column(name.lstrip(">"), justify=justify, overflow="fold")
        for row in cells:
            table.add_row(*map(Text, row))
        self.console.print(table)

    def fields(self, pairs: Mapping[str, str]) -> None:
        """Names and values below each other; empty values are left out."""
        known = [(name, shown(value, 4000)) for name, value in pairs.items() if value]
        if self._is_plain and (text := fields_text(known, _WIDE)) is not None:
            sys.stdout.write(text)
            return
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(style="bold", no_wrap=True)
        table.add_column(overflow="fold")
        for name, value in known:
            table.add_row(name, Text(value))
        self.console.print(table)

    def note(self, text: str, hint: str = "") -> None:
        """Something to know, on stderr."""
        sys.stderr.write(f"note: {shown(text)}\n")
        if hint:
            sys.stderr.write(f"      {shown(hint)}\n")

    def notice(self, event: Event) -> None:
        """The listener of commands without progress: notices, and why nothing moves."""
        if isinstance(event, Notice):
            self.note(event.message, event.hint)
        elif isinstance(event, Waiting):
            self.note(event.text)

    def error(self, error: ModelLibraryError) -> None:
        """An error that ends the command."""
        if self.as_json:
            self.json({"error": dict(error.to_json()) | {"path": error.path}})
        self.problem(error.message, error.path, error.hint)

    def problem(self, message: str, path: str | None, hint: str) -> None:
        """What went wrong, with which file, and what to do; on stderr."""
        where = f"\n       {shown(path)}" if path else ""
        sys.stderr.write(f"error: {shown(message)}{where}\n")
        if hint:
            sys.stderr.write(f"       {shown(hint)}\n")
