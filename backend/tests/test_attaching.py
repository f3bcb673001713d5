"""What a repository has beside the weights comes to the model that it belongs to."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from model_library import Library
from model_library.attaching import Fetched, attach, goes_beside
from model_library.config import NetworkSettings, Settings
from model_library.errors import (
    ModelNotFoundError,
    ModelTwiceError,
    RootConflictError,
    TargetExistsError,
)
from model_library.events import ignore
from model_library.io.hashing import hash_file
from model_library.library import Catalog
from tests.factory import lora, tree
from tests.hub import Hub, hub_repo
from tests.hub.fixtures import hub

__all__ = ["hub"]

REPO = "o/pixel-art"
CARD, PICTURE, CONFIG = b"# Pixel art", b"\x89PNG\r\n\x1a\n" + bytes(64), b"{}"


@pytest.fixture
def library(tmp_path: Path, hub: Hub) -> Iterator[Library]:
    settings = Settings(network=NetworkSettings(endpoint=hub.endpoint))
    with Library.open(tmp_path / "library", settings=settings) as opened:
        yield opened


def published_lora(
    library: Library, hub: Hub, tmp_path: Path, files: dict[str, bytes], place: str = "copy"
) -> dict[str, Any]:
    """A model that came from a disk, and is published with these files beside it."""
    path = lora(tmp_path / "in" / "pixel-art.safetensors")
    hub.publish(hub_repo(REPO, {path.name: path, **files}))
    options: Any = {"place": place} if place == "copy" else {"place": "reference"}
    (model,) = library.import_models([path], offline=True, **options)["imported"]
    library.look_up([model["model_id"]])
    return library.show(model["model_id"])


def directory_of(model: dict[str, Any]) -> Path:
    return Path(model["path"]).parent


def test_what_goes_with_a_model_comes_to_it_in_one_go(
    library: Library, hub: Hub, tmp_path: Path
) -> None:
    files = {"README.md": CARD, "cover.png": PICTURE, "config.json": CONFIG}
    model = published_lora(library, hub, tmp_path, files)
    related = library.related_files(model["model_id"])
    names = [file["path"] for file in related["related"]]
    assert names == sorted(files)
    done = library.download(related["repo"] or "", files=names, beside=model["model_id"][:9])
    assert [one["path"] for one in done["attached"]] == names
    assert not done["failed"]
    assert not done["skipped"]
    assert not done["imported"]
    after = library.show(model["model_id"])
    assert {file["path"]: file["role"] for file in after["files"][1:]} == {
        "README.md": "companion",
        "config.json": "config",
        "cover.png": "preview",
    }
    assert (after["preview"], after["content_digest"]) == ("cover.png", model["content_digest"])
    assert after["size"] == model["size"] + sum(map(len, files.values()))
    assert (directory_of(after) / "README.md").read_bytes() == CARD
    assert library.verify([model["model_id"]])["intact"] == [model["model_id"]]
    assert library.related_files(model["model_id"])["related"] == []
    again = library.download(REPO, files=names, beside=model["model_id"])
    assert again["attached"] == []
    assert library.scan(deep=True)["models"] == 1
    assert list((library.path / "models" / ".staging").glob("*")) == []


def test_weights_among_them_become_models_of_their_own(
    library: Library, hub: Hub, tmp_path: Path
) -> None:
    vae = lora(tmp_path / "other" / "style-vae.safetensors", seed=5).read_bytes()
    model = published_lora(
        library, hub, tmp_path, {"style-vae.safetensors": vae, "README.md": CARD}
    )
    done = library.download(
        REPO, files=["style-vae.safetensors", "README.md"], beside=model["model_id"]
    )
    assert [one["path"] for one in done["attached"]] == ["README.md"]
    assert [one["official_name"] for one in done["imported"]] == ["style-vae"]
    assert len(done["imported"][0]["files"]) == 1


def test_no_name_of_a_repository_takes_the_place_of_ours_or_of_the_users(
    library: Library, hub: Hub, tmp_path: Path
) -> None:
    files = {"metadata.json": b"{ }", "overrides.json": b"[ ]", "README.md": CARD}
    model = published_lora(library, hub, tmp_path, files)
    mine = directory_of(model) / "README.md"
    mine.write_text("my own words")
    library.download(REPO, files=list(files), beside=model["model_id"])
    after = library.show(model["model_id"])
    assert mine.read_text() == "my own words"
    assert not (directory_of(model) / "overrides.json").exists()
    held = {file["original_name"]: file["path"] for file in after["files"]}
    assert held.keys() >= files.keys()
    assert not {"metadata.json", "overrides.json", "README.md"} & set(held.values())
    for name, data in files.items():
        assert (directory_of(model) / held[name]).read_bytes() == data


def test_to_a_model_that_is_only_referenced_nothing_comes(
    library: Library, hub: Hub, tmp_path: Path
) -> None:
    model = published_lora(library, hub, tmp_path, {"README.md": CARD}, place="reference")
    with pytest.raises(RootConflictError, match="nothing is put beside it"):
        library.download(REPO, files=["README.md"], beside=model["model_id"])
    assert not (tmp_path / "in" / "README.md").exists()
    assert not hub.seen("README.md", method="GET")


def test_a_model_that_is_not_there_is_said_before_anything_is_fetched(
    library: Library, hub: Hub, tmp_path: Path
) -> None:
    published_lora(library, hub, tmp_path, {"README.md": CARD})
    for act in (library.download, library.queue_download, library.plan_download):
        with pytest.raises(ModelNotFoundError):
            act(REPO, files=["README.md"], beside="nothing")
    assert library.jobs()["jobs"] == []


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    lora(tmp_path / "in" / "one.safetensors")
    with Library.open(tmp_path / "home") as library:
        library.import_models([tmp_path / "in"], offline=True)
    opened = Catalog.open(tmp_path / "home", Settings(), ignore)
    yield opened
    opened.close()


def fetched(catalog: Catalog, name: str, data: bytes) -> Fetched:
    path = catalog.roots.home.path / ".staging" / "0" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return Fetched(name, path, hash_file(path))


def test_what_a_dead_process_left_there_is_named_by_the_next_try(catalog: Catalog) -> None:
    record = catalog.record("one")
    card, config = fetched(catalog, "README.md", CARD), fetched(catalog, "config.json", CONFIG)
    card.path.rename(record.directory / "README.md")
    again = fetched(catalog, "README.md", CARD)
    assert attach(catalog, "one", [again, config]) == ["README.md", "config.json"]
    held = [file.path for file in catalog.record("one").metadata.files]
    assert held == ["one.safetensors", "README.md", "config.json"]
    assert again.path.exists(), "what is there already is not replaced"


def test_links_in_the_place_of_a_name_are_not_followed(catalog: Catalog, tmp_path: Path) -> None:
    record = catalog.record("one")
    outside = tmp_path / "outside.md"
    outside.write_bytes(CARD)
    (record.directory / "README.md").symlink_to(outside)
    before = tree(tmp_path / "in")
    assert attach(catalog, "one", [fetched(catalog, "README.md", CARD)]) == ["README.md"]
    held = catalog.record("one").metadata.files[1].path
    assert held != "README.md"
    assert outside.read_bytes() == CARD
    assert tree(tmp_path / "in") == before


def test_of_two_directories_with_one_id_neither_gets_anything(catalog: Catalog) -> None:
    record = catalog.record("one")
    shutil.copytree(record.directory, record.directory.with_name("copy"))
    with pytest.raises(ModelTwiceError):
        attach(catalog, "one", [fetched(catalog, "README.md", CARD)])
    assert not (record.directory / "README.md").exists()


@pytest.mark.parametrize(
    ("name", "is_beside"),
    [
        ("config.json", True),
        ("text/tokenizer.model", True),
        ("README.md", True),
        ("usage.md", True),
        ("LICENSE", True),
        ("a/preview.webp", True),
        ("model.safetensors", False),
        ("run.py", False),
        ("LICENSE.py", False),
        (".gitattributes", False),
        ("weights.pkl", False),
        ("movie.mkv", False),
    ],
)
def test_only_what_cannot_run_goes_beside_a_model(name: str, is_beside: bool) -> None:
    assert goes_beside(name) is is_beside


def test_a_folder_gets_files_under_the_names_that_it_is_read_by(
    library: Library, hub: Hub, tmp_path: Path
) -> None:
    part = lora(tmp_path / "in" / "model.safetensors").read_bytes()
    config = b'{"architectures": ["LlamaForCausalLM"], "model_type": "llama"}'
    hub.publish(hub_repo("o/llm", {"model.safetensors": part, "config.json": config}))
    (model,) = library.download("o/llm")["imported"]
    assert model["form"] == "transformers-folder"
    catalog = library._catalog
    extra = fetched(catalog, "nested/tokenizer.json", CONFIG)
    assert attach(catalog, model["model_id"], [extra]) == ["nested/tokenizer.json"]
    held = {file["path"] for file in library.show(model["model_id"])["files"]}
    assert held == {"model.safetensors", "config.json", "nested/tokenizer.json"}
    twin = fetched(catalog, "other/tokenizer.json", CONFIG)
    assert attach(catalog, model["model_id"], [twin]) == ["other/tokenizer.json"], "same bytes"
    with pytest.raises(TargetExistsError, match="another file of this name"):
        attach(catalog, model["model_id"], [fetched(catalog, "Config.json", b"[]")])
