"""Data and holes of a file."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

from model_library.io.platform.sparse_files import data_regions


def regions(path: Path) -> list[tuple[int, int, bool]]:
    with path.open("rb", buffering=0) as file:
        return list(data_regions(file.fileno(), path.stat().st_size))


def test_regions_cover_a_sparse_file_without_gaps(tmp_path: Path) -> None:
    path = tmp_path / "sparse"
    islands = [(1 << 20, b"one"), (5 << 20, b"two")]
    with path.open("wb") as file:
        for offset, data in islands:
            file.seek(offset)
            file.write(data)
        file.truncate(9 << 20)
    found = regions(path)
    assert found[0][0] == 0
    assert found[-1][1] == 9 << 20
    assert all(one[1] == two[0] for one, two in itertools.pairwise(found))
    for offset, _ in islands:
        assert any(start <= offset < end for start, end, is_data in found if is_data)
    assert sum(end - start for start, end, is_data in found if is_data) < 1 << 20


def test_regions_of_simple_files(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "full").write_bytes(b"x" * 10)
    with (tmp_path / "hole").open("wb") as file:
        file.truncate(1 << 20)
    assert regions(tmp_path / "empty") == []
    assert regions(tmp_path / "full") == [(0, 10, True)]
    assert regions(tmp_path / "hole") == [(0, 1 << 20, False)]


def test_without_a_position_everything_counts_as_data() -> None:
    reader, writer = os.pipe()
    assert list(data_regions(reader, 100)) == [(0, 100, True)]
    os.close(reader)
    os.close(writer)
