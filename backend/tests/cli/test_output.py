"""What a command writes for scripts."""

from __future__ import annotations

import json

import pytest

from model_library.cli.output import Output


def test_a_name_that_is_not_utf8_gives_a_document_that_is(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    document = {"plain": "ä", "name": "vae-\udcff"}
    Output(as_json=True).json(document)
    assert json.loads(capfdbinary.readouterr().out.decode("utf-8")) == document


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("safe\u202egnp.exe", "safe\ufffdgnp.exe"),
        ("\x1b]0;title\x07\x1b[31mred", "\ufffd]0;title\ufffd\ufffd[31mred"),
        ("two\nlines", "two lines"),
        ("日本語 ä", "日本語 ä"),
    ],
)
def test_no_name_gives_orders_to_the_terminal_or_turns_a_line_around(
    capfd: pytest.CaptureFixture[str], name: str, seen: str
) -> None:
    out = Output(as_json=False)
    out.line(f"duplicate of x: {name}")
    out.fields({"name": name})
    out.table(["Name"], [[name]])
    out.note(name)
    told = capfd.readouterr()
    assert f"duplicate of x: {seen}\n" in told.out
    assert told.out.count(seen) == 3
    assert told.err == f"note: {seen}\n"


def test_an_empty_line_stays_empty(capfd: pytest.CaptureFixture[str]) -> None:
    Output(as_json=False).line()
    assert capfd.readouterr().out == "\n"
