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
