"""The Hub of the tests is one: the real client works against it, and its faults do what they say."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import HfApi

from tests.hub import Hub, HubRepo, Origin, hub_repo, running_hub
from tests.hub.fixtures import real_client

WEIGHTS = os.urandom(300_000)
CONFIG = b'{"model_type": "llama"}'


def llama() -> HubRepo:
    return hub_repo(
        "org/llama",
        {"README.md": b"# Llama\n", "model.safetensors": WEIGHTS, "unet/config.json": CONFIG},
        tags=("safetensors", "text-generation"),
        licence="mit",
        downloads=50,
        pipeline_tag="text-generation",
    )


@pytest.fixture(params=["http1", "http2"])
def hub(request: pytest.FixtureRequest) -> Iterator[Hub]:
    secure = request.param == "http2"
    with running_hub([llama()], tls=secure, http2=secure) as running:
        yield running


@pytest.fixture
def api(hub: Hub) -> Iterator[HfApi]:
    with real_client(hub) as client:
        yield client


def version(hub: Hub) -> set[str]:
    return {one.http_version for one in hub.requests}


# -- the real client ---------------------------------------------------------------------------------


def test_details_name_files_with_sizes_and_hashes(hub: Hub, api: HfApi) -> None:
    info = api.model_info("org/llama", files_metadata=True)
    siblings = {one.rfilename: one for one in info.siblings or ()}
    lfs = siblings["model.safetensors"].lfs
    assert lfs is not None
    assert (lfs.sha256, lfs.size) == (hashlib.sha256(WEIGHTS).hexdigest(), len(WEIGHTS))
    assert siblings["README.md"].lfs is None
    assert siblings["unet/config.json"].blob_id == llama().files["unet/config.json"].oid
    assert info.sha == llama().head.oid
    assert info.card_data is not None
    assert info.card_data["license"] == "mit"
    assert version(hub) == ({"2"} if hub.ca_file else {"1.1"})


def test_search_filters_sorts_and_pages(hub: Hub, api: HfApi) -> None:
    for number in range(7):
        hub.publish(hub_repo(f"many/tiny-{number}", {}, downloads=number, tags=("gguf",)))
    found = api.list_models(search="tiny", filter=["gguf"], author="many", sort="downloads")
    assert [one.id for one in found] == [f"many/tiny-{number}" for number in range(6, -1, -1)]
    assert [one.id for one in api.list_models(filter="gguf", limit=3, sort="downloads")] == [
        "many/tiny-6",
        "many/tiny-5",
        "many/tiny-4",
    ]
    assert not list(api.list_models(search="no such model"))


def test_a_tree_is_listed_over_all_its_pages(hub: Hub, api: HfApi) -> None:
    hub.publish(hub_repo("org/crowd", {f"{n:04}.json": b"{}" for n in range(2500)}))
    assert len(list(api.list_repo_tree("org/crowd"))) == 2500
    assert len(hub.seen("/tree/")) == 3
    paths = [one.path for one in api.list_repo_tree("org/llama", recursive=True)]
    assert paths == ["README.md", "model.safetensors", "unet", "unet/config.json"]


def test_a_file_is_downloaded_from_the_other_origin(hub: Hub, api: HfApi, tmp_path: Path) -> None:
    path = Path(api.hf_hub_download("org/llama", "model.safetensors", cache_dir=tmp_path))
    assert path.read_bytes() == WEIGHTS
    assert path.resolve().name == hashlib.sha256(WEIGHTS).hexdigest()
    (fetched,) = hub.seen(origin=Origin.CDN)
    assert (fetched.method, fetched.status, fetched.sent) == ("GET", 200, len(WEIGHTS))


def test_a_snapshot_holds_every_file(api: HfApi, tmp_path: Path) -> None:
    folder = Path(api.snapshot_download("org/llama", cache_dir=tmp_path))
    assert (folder / "unet/config.json").read_bytes() == CONFIG
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
