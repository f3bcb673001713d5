"""The file that a library gives up on a full drive. What a real full drive does is in `api/test_full_drive`."""

from __future__ import annotations

from pathlib import Path

import pytest

from model_library import reserve
from model_library.errors import FileError
from model_library.reserve import RESERVE_BYTES, RESERVE_FILE, keep_reserve

PLENTY = 1 << 40


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Bytes that the drive says are free."""
    said = [PLENTY]
    monkeypatch.setattr(reserve, "free_bytes", lambda _: said[0])
    return said


def test_it_is_taken_where_there_is_plenty_and_given_up_once(
    tmp_path: Path, free: list[int]
) -> None:
    kept = tmp_path / RESERVE_FILE
    assert not keep_reserve(tmp_path)
    assert kept.stat().st_size == RESERVE_BYTES
    free[0] = RESERVE_BYTES
    assert not keep_reserve(tmp_path)
    free[0] = RESERVE_BYTES - 1
    assert keep_reserve(tmp_path)
    assert not kept.exists()
    assert not keep_reserve(tmp_path)


def test_one_that_was_cut_short_is_begun_anew(tmp_path: Path, free: list[int]) -> None:
    kept = tmp_path / RESERVE_FILE
    kept.write_bytes(b"short")
    free[0] = 2 * RESERVE_BYTES
    keep_reserve(tmp_path)
    assert kept.read_bytes() == b"short"
    free[0] = PLENTY
    keep_reserve(tmp_path)
    assert kept.stat().st_size == RESERVE_BYTES


@pytest.mark.usefixtures("free")
def test_what_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / RESERVE_FILE).symlink_to(tmp_path / "mine")
    assert not keep_reserve(tmp_path)
    assert not (tmp_path / "mine").exists()


@pytest.mark.usefixtures("free")
def test_a_directory_that_cannot_be_looked_into_is_one_clear_error(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(FileError):
        keep_reserve(file)


def test_one_that_cannot_be_had_is_no_error(tmp_path: Path, free: list[int]) -> None:
    assert not keep_reserve(tmp_path / "nowhere")
    assert free == [PLENTY]
