"""Verification while others change the library: only what is damaged is called damaged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from model_library import Library
from model_library.api.shapes import VerifyJson
from model_library.events import Event, Planned
from tests.factory import lora


def verified_while(home: Path, change: Callable[[Library], object]) -> VerifyJson:
    """Verify everything; another process does something as soon as it is known what is to be read."""

    def meanwhile(event: Event) -> None:
        if isinstance(event, Planned):
            with Library.open(home) as other:
                change(other)

    with Library.open(home, listener=meanwhile) as library:
        return library.verify()


def home_with_models(tmp_path: Path) -> tuple[Path, list[str]]:
    sources = [lora(tmp_path / "in" / f"lora-{number}.safetensors", number) for number in range(2)]
    with Library.open(tmp_path / "library") as library:
        imported = library.import_models(sources)["imported"]
    return tmp_path / "library", sorted(model["model_id"] for model in imported)


def test_a_model_that_is_deleted_meanwhile_is_not_damaged(tmp_path: Path) -> None:
    home, ids = home_with_models(tmp_path)
    report = verified_while(home, lambda other: other.delete(ids[0]))
    assert (report["intact"], report["damaged"]) == (ids[1:], [])
    with Library.open(home) as library:
        assert library.status()["damaged"] == []
        assert library.health()["status"] == "healthy"


def test_a_model_that_is_moved_meanwhile_is_verified_where_it_is(tmp_path: Path) -> None:
    home, ids = home_with_models(tmp_path)
    report = verified_while(home, lambda other: other.edit(ids[0], ["kind=vae"]))
    assert (report["intact"], report["damaged"]) == (ids, [])


def test_a_file_that_is_removed_by_hand_meanwhile_is_missing(tmp_path: Path) -> None:
    home, ids = home_with_models(tmp_path)
    report = verified_while(home, lambda other: Path(str(other.show(ids[0])["path"])).unlink())
    assert [one["model_id"] for one in report["damaged"]] == ids[:1]
    with Library.open(home) as library:
        assert library.status()["damaged"] == ids[:1]
