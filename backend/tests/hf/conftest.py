"""Fixtures of the tests of downloads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from model_library.hf import range_fetching
from tests.hf.downloading import CONTENT, Fetching
from tests.hf.file_server import FileServer, serving


@pytest.fixture
def client() -> Iterator[httpx2.Client]:
    with httpx2.Client(timeout=5) as made:
        yield made


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serving(CONTENT) as files:
        yield files


@pytest.fixture
def in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small files are fetched as large ones are."""
    monkeypatch.setattr(range_fetching, "PIECE", 256 * 1024)
    monkeypatch.setattr(range_fetching, "PARALLEL_FROM", 1024)


@pytest.fixture
def fetching(client: httpx2.Client, server: FileServer, tmp_path: Path) -> Fetching:
    return Fetching(client, server, tmp_path / "file.bin")
