"""What files are before they are imported, and what the repository of a model has besides: against a Hub on
loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from model_library import Library
from model_library.config import NetworkSettings, Settings
from model_library.errors import InvalidValueError, OfflineError
from tests.factory import lora, shards
from tests.hub import Hub, hub_repo
from tests.hub.fixtures import hub

__all__ = ["hub"]


@pytest.fixture
def library(tmp_path: Path, hub: Hub) -> Iterator[Library]:
    settings = Settings(network=NetworkSettings(endpoint=hub.endpoint))
    with Library.open(tmp_path / "library", settings=settings) as opened:
        yield opened


def matched(library: Library, *paths: Path) -> Any:
    (found,) = library.import_models(paths, dry_run=True)["would_import"]
    return library.match_files(
        found["files"],
        name=found["name"],
        form=found["form"],
        missing_files=found["missing_files"],
    )


def test_files_are_recognised_by_their_bytes_before_they_are_imported(
    library: Library, hub: Hub, tmp_path: Path
) -> None:
    path = lora(tmp_path / "pixel-art.safetensors")
    hub.publish(hub_repo("o/pixel-art", {path.name: path, "README.md": b"# x"}, licence="mit"))
    found = matched(library, path)
    assert (found["match"]["method"], found["match"]["modified"]) == ("hash", False)
    assert (found["repo"], found["proposed"]["license"]) == ("o/pixel-art", "mit")
    assert [file["path"] for file in found["related"]] == ["README.md"]
    assert library.status()["models"] == 0


def test_other_bytes_under_a_published_name_are_said_to_be_modified(
    library: Library, hub: Hub, tmp_path: Path
) -> None:
    path = lora(tmp_path / "pixel-art.safetensors")
    changed = path.read_bytes()[:-1] + b"\x07"
    hub.publish(hub_repo("o/pixel-art", {path.name: changed}))
    assert matched(library, path)["match"]["modified"]


def test_what_nobody_publishes_has_no_match(library: Library, hub: Hub, tmp_path: Path) -> None:
    found = matched(library, lora(tmp_path / "my-own.safetensors"))
    assert (found["repo"], found["match"]["method"]) == (None, "none")
    assert found["proposed"] == {}
    assert found["asked"] > 0


def test_the_shards_that_are_missing_are_named_and_can_be_fetched(
    library: Library, hub: Hub, tmp_path: Path
) -> None:
    parts = shards(tmp_path / "small-llm", 3)
    hub.publish(hub_repo("o/small-llm", {part.name: part.read_bytes() for part in parts}))
    parts[2].unlink()
    assert [file["path"] for file in matched(library, *parts[:2])["missing"]] == [parts[2].name]
    (model,) = library.import_models(parts[:2], offline=True)["imported"]
    library.look_up([model["model_id"]])
    related = library.related_files(model["model_id"])
    assert [file["path"] for file in related["missing"]] == [parts[2].name]
    assert related["repo"] == "o/small-llm"
    library.download("o/small-llm", files=[parts[2].name])
    assert library.show(model["model_id"])["missing_files"] == []
    assert library.related_files(model["model_id"])["missing"] == []


def test_a_model_that_is_from_nowhere_has_nothing_related(library: Library, tmp_path: Path) -> None:
    path = lora(tmp_path / "my-own.safetensors")
    (model,) = library.import_models([path], offline=True)["imported"]
    related = library.related_files(model["model_id"])
    assert (related["repo"], related["related"], related["missing"]) == (None, [], [])


def test_bad_questions_are_refused_and_without_a_network_it_is_said(
    library: Library, tmp_path: Path
) -> None:
    file: Any = {"name": "../up.safetensors", "size": 1, "sha256": "0" * 64}
    with pytest.raises(InvalidValueError, match="Without a file"):
        library.match_files([], name="a")
    with pytest.raises(InvalidValueError, match="cannot be looked for"):
        library.match_files([file], name="a")
    offline = Settings(network=NetworkSettings(offline=True))
    with Library.open(tmp_path / "other", settings=offline) as opened:
        for name in ("pixel-art", "model"):  # a name that says nothing is not searched for
            with pytest.raises(OfflineError):
                opened.match_files([file | {"name": f"{name}.safetensors"}], name=name)


def test_of_a_name_that_says_nothing_nobody_is_asked(library: Library, tmp_path: Path) -> None:
    """So it is not said that nobody publishes it."""
    found = matched(library, lora(tmp_path / "model.safetensors"))
    assert (found["match"]["method"], found["asked"]) == ("none", 0)
