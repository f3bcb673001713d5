"""What goes into a pipe is what rich would have written there."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_library.cli.output import Output

CELLS = st.text("ab, .:[]/\\", max_size=9) | st.text(max_size=4) | st.just("x" * 150)
NAMES = st.sampled_from(["ID", ">Size", "Name", ">N", ""])


def written(write: Callable[[Output], None], monkeypatch: pytest.MonkeyPatch, *, rich: bool) -> str:
    stream = StringIO()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", stream)
        for name in ("FORCE_COLOR", "TTY_INTERACTIVE"):
            patch.delenv(name, raising=False)
        if rich:
            patch.setenv("TTY_COMPATIBLE", "0")  # rich's own word for: no terminal
        else:
            patch.delenv("TTY_COMPATIBLE", raising=False)
        write(Output(as_json=False))
    return stream.getvalue()


def both(write: Callable[[Output], None]) -> tuple[str, str]:
    with pytest.MonkeyPatch.context() as patch:
        return written(write, patch, rich=False), written(write, patch, rich=True)


@given(st.data())
def test_a_table(data: st.DataObject) -> None:
    columns = data.draw(st.lists(NAMES, min_size=1, max_size=4))
    row = st.lists(CELLS, min_size=len(columns), max_size=len(columns))
    rows = data.draw(st.lists(row, max_size=4))
    plain, by_rich = both(lambda out: out.table(columns, rows))
    assert plain == by_rich


def test_a_space_at_the_end_of_what_is_set_to_the_right() -> None:
    plain, by_rich = both(lambda out: out.table([">Size", "ID"], [["a ", "b "], [" ", " c"]]))
    assert plain == by_rich


@given(st.dictionaries(st.sampled_from(["id", "family", "notes"]), CELLS))
def test_names_and_values(pairs: dict[str, str]) -> None:
    plain, by_rich = both(lambda out: out.fields(pairs))
    assert plain == by_rich


@given(CELLS)
def test_a_line(text: str) -> None:
    plain, by_rich = both(lambda out: out.line(text, "dim"))
    assert plain == by_rich


LOADED = """
import sys
from model_library.cli.output import Output
Output(as_json=False).table(["Name"], [[sys.argv[1]]])
sys.stderr.write(str("rich" in sys.modules))
"""


@pytest.mark.parametrize(("cell", "loads"), [("plain", "False"), ("\u8c93", "True")])
def test_rich_is_loaded_for_what_only_it_can_do(cell: str, loads: str) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", LOADED, cell],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    assert (done.stdout.split(), done.stderr) == (["Name", cell], loads)
