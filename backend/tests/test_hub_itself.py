"""The Hub of the tests is one: the real client works against it (`hub/test_faults.py` proves its faults)."""

# ruff: noqa: S106 - tokens of people who do not exist

from __future__ import annotations

import hashlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from huggingface_hub import HfApi
from huggingface_hub.errors import (
    BadRequestError,
    DisabledRepoError,
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.hf_api import RepoFile
from huggingface_hub.utils._http import RateLimitInfo, parse_ratelimit_headers

from tests.factory import padded
from tests.hub import Hub, HubFile, HubRepo, HubUser, Origin, RateLimits, hub_repo, running_hub
from tests.hub.faults import Drip, Fault, ShortBody
from tests.hub.fixtures import plain_client, real_client
from tests.hub.messages import Reply, Request
from tests.hub.process import hub_process
from tests.hub.repos import EVIL_NAMES

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


def test_the_real_client_resumes_after_a_short_body(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 500)
    with running_hub([llama()]) as hub, real_client(hub) as api:
        hub.faults.add(ShortBody(after=1000), "*.safetensors", times=1)
        path = api.hf_hub_download("org/llama", "model.safetensors", cache_dir=tmp_path)
        assert Path(path).read_bytes() == WEIGHTS
        first, second = hub.seen(origin=Origin.CDN)
        assert (first.sent, second.headers["range"], second.status) == (1000, "bytes=1000-", 206)


def test_a_snapshot_holds_every_file(api: HfApi, tmp_path: Path) -> None:
    # one at a time: its threads share a connection of HTTP/2 that httpcore2 keeps for one of them
    folder = Path(api.snapshot_download("org/llama", cache_dir=tmp_path, max_workers=1))
    assert (folder / "unet/config.json").read_bytes() == CONFIG
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS


def test_refs_commits_and_paths_are_those_of_the_repository(hub: Hub, api: HfApi) -> None:
    old = llama()
    new = old.committed({"added.txt": b"new"}, "Add a file")
    hub.publish(replace(new, branches={"dev": old.head.oid}, git_tags={"v1": old.head.oid}))
    refs = api.list_repo_refs("org/llama")
    assert [(one.name, one.target_commit) for one in refs.branches] == [
        ("main", new.head.oid),
        ("dev", old.head.oid),
    ]
    assert [one.name for one in refs.tags] == ["v1"]
    titles = [one.title for one in api.list_repo_commits("org/llama")]
    assert titles == ["Add a file", "Upload folder"]
    found = api.get_paths_info("org/llama", ["unet", "added.txt", "no"], revision="main")
    assert [one.path for one in found] == ["unet", "added.txt"]
    assert not api.get_paths_info("org/llama", ["added.txt"], revision="v1")
    assert api.model_info("org/llama", revision="dev").sha == old.head.oid


def test_expanded_entries_say_what_scans_found(hub: Hub, api: HfApi) -> None:
    hub.publish(replace(llama(), unsafe=frozenset({"model.safetensors"}), xet=True))
    (file,) = api.get_paths_info("org/llama", "model.safetensors", expand=True)
    assert isinstance(file, RepoFile)
    assert file.security is not None
    assert file.security.status == "unsafe"
    assert file.last_commit is not None
    assert file.xet_hash == llama().files["model.safetensors"].xet_hash
    info = api.model_info("org/llama", securityStatus=True)
    assert info.security_repo_status is not None
    assert info.security_repo_status["filesWithIssues"][0]["path"] == "model.safetensors"
    assert api.model_info("org/llama", expand=["likes"]).likes == 0
    with pytest.raises(BadRequestError):
        api.model_info("org/llama", expand=["no such property"])  # type: ignore[list-item]


def test_small_files_may_come_by_a_redirect_inside_the_hub(
    hub: Hub, api: HfApi, tmp_path: Path
) -> None:
    hub.publish(replace(llama(), resolve_cache=True, private=True))
    hub.admit(HubUser("org", "hf_org"))
    path = api.hf_hub_download("org/llama", "unet/config.json", cache_dir=tmp_path, token="hf_org")
    assert Path(path).read_bytes() == CONFIG
    assert hub.seen("/resolve-cache/")
    assert all("authorization" in one.headers for one in hub.seen(origin=Origin.HUB))


def test_names_that_must_not_become_paths_are_listed(hub: Hub, api: HfApi) -> None:
    hub.publish(hub_repo("bad/names", dict.fromkeys(EVIL_NAMES, b"evil")))
    siblings = api.model_info("bad/names").siblings or []
    assert {one.rfilename for one in siblings} == set(EVIL_NAMES)


# -- who may read what -------------------------------------------------------------------------------


def error_of(api: HfApi, repo: str, token: str | bool = False) -> HfHubHTTPError:
    with pytest.raises(HfHubHTTPError) as caught:
        api.hf_hub_download(repo, "model.safetensors", token=token, dry_run=True)
    return caught.value


def test_missing_and_private_are_one_answer(hub: Hub, api: HfApi) -> None:
    hub.publish(hub_repo("ann/secret", {"model.safetensors": WEIGHTS}, private=True))
    hub.admit(HubUser("ann", "hf_ann"))
    hub.admit(HubUser("bob", "hf_bob"))
    for token in (False, "hf_bob"):
        for repo in ("ann/secret", "no/such"):
            with pytest.raises(RepositoryNotFoundError) as caught:
                api.model_info(repo, token=token)
            assert caught.value.response.status_code == (404 if token else 401)
    assert api.model_info("ann/secret", token="hf_ann").private
    assert not list(api.list_models(author="ann", token="hf_bob"))
    assert api.whoami(token="hf_ann")["name"] == "ann"
    with pytest.raises(HfHubHTTPError, match="Invalid user token"):
        api.whoami(token="hf_none")


def test_a_gate_has_three_refusals_and_one_way_in(hub: Hub, api: HfApi) -> None:
    gated = hub_repo("org/gated", {"model.safetensors": WEIGHTS}, gated="manual")
    hub.publish(gated)
    this = frozenset({"org/gated"})
    hub.admit(HubUser("new", "hf_new"))
    hub.admit(HubUser("denied", "hf_denied", denied=this))
    hub.admit(HubUser("pending", "hf_pending", pending=this))
    hub.admit(HubUser("in", "hf_in", accepted=this))
    assert api.model_info("org/gated").gated == "manual"
    said = {}
    for token in (False, "hf_new", "hf_denied", "hf_pending"):
        error = error_of(api, "org/gated", token)
        assert isinstance(error, GatedRepoError)
        said[error.server_message] = error.response.status_code
    assert list(said.values()) == [401, 403, 403, 403]
    api.auth_check("org/gated", token="hf_in")
    api.hf_hub_download("org/gated", "model.safetensors", token="hf_in", dry_run=True)


def test_other_things_that_are_not_there(hub: Hub, api: HfApi) -> None:
    hub.publish(hub_repo("org/off", {}, disabled=True))
    with pytest.raises(DisabledRepoError):
        api.model_info("org/off")
    with pytest.raises(RevisionNotFoundError):
        api.model_info("org/llama", revision="no-such")
    with pytest.raises(EntryNotFoundError):
        list(api.list_repo_tree("org/llama", "no/such"))
    assert not api.file_exists("org/llama", "no.txt")
    with plain_client(hub) as client:
        assert client.get("/no/such/page").status_code == 404


def test_the_token_stays_with_the_hub(hub: Hub, api: HfApi, tmp_path: Path) -> None:
    hub.admit(HubUser("ann", "hf_ann"))
    api.hf_hub_download("org/llama", "model.safetensors", cache_dir=tmp_path, token="hf_ann")
    (stored,) = hub.seen(origin=Origin.CDN)
    assert "authorization" not in stored.headers
    with plain_client(hub) as client:
        assert client.get(f"{hub.cdn}{stored.path}").status_code == 403
        assert client.get(f"{hub.cdn}{stored.path}?{stored.query}").content == WEIGHTS


# -- limits and ranges -------------------------------------------------------------------------------


def test_buckets_are_counted_told_and_filled_again(hub: Hub) -> None:
    hub.quota.limits = RateLimits(api=2, resolvers=5, window=60)
    hub.admit(HubUser("ann", "hf_ann"))
    with plain_client(hub) as client:
        replies = [client.get("/api/models/org/llama") for _ in range(3)]
        assert [one.status_code for one in replies] == [200, 200, 429]
        told = [parse_ratelimit_headers(one.headers) for one in replies]
        assert [one.remaining for one in told if one] == [1, 0, 0]
        assert told[0] == RateLimitInfo("api", 1, 60, limit=2, window_seconds=60)
        assert hub.quota.overdrawn == 1
        token = {"authorization": "Bearer hf_ann"}
        assert client.get("/api/models/org/llama", headers=token).status_code == 200
        assert '"resolvers";r=4' in client.head("/org/llama/resolve/main/x").headers["ratelimit"]
        hub.quota.limits = RateLimits(api=2, window=60, headers=False)
        bare = client.get("/api/models/org/llama")
        assert (bare.status_code, "ratelimit" in bare.headers) == (429, False)
        hub.quota.limits = RateLimits(api=2, window=0.001)
        assert client.get("/api/models/org/llama").status_code == 200
        hub.quota.reset()
        assert hub.quota.overdrawn == 0


@pytest.mark.parametrize(
    ("asked", "status", "start", "end"),
    [
        ("bytes=0-0", 206, 0, 1),
        ("bytes=299999-", 206, 299_999, 300_000),
        ("bytes=-10", 206, 299_990, 300_000),
        ("bytes=5-999999", 206, 5, 300_000),
        ("bytes=0-1,5-6", 200, 0, 300_000),
        ("lines=1-2", 200, 0, 300_000),
        ("bytes=300000-", 416, 0, 0),
        ("bytes=9-5", 416, 0, 0),
    ],
)
def test_ranges_are_cut_out_of_the_file(asked: str, status: int, start: int, end: int) -> None:
    with running_hub([llama()]) as hub, plain_client(hub) as client:
        url = "/org/llama/resolve/main/model.safetensors"
        reply = client.get(url, headers={"range": asked}, follow_redirects=True)
        assert (reply.status_code, reply.content) == (status, WEIGHTS[start:end])
        if status == 206:
            assert reply.headers["content-range"] == f"bytes {start}-{end - 1}/300000"
        if status == 416:
            assert reply.headers["content-range"] == "bytes */300000"


def test_if_range_holds_as_long_as_the_file_is_the_same(hub: Hub) -> None:
    with plain_client(hub) as client:
        url = client.get("/org/llama/resolve/main/model.safetensors").headers["location"]
        etag = client.head(url).headers["etag"]
        asked = {"range": "bytes=0-9", "if-range": etag}
        assert client.get(url, headers=asked).status_code == 206
        assert client.get(url, headers={**asked, "if-range": '"other"'}).content == WEIGHTS
        again = client.get("/api/models/org/llama")
        known = {"if-none-match": again.headers["etag"]}
        assert client.get("/api/models/org/llama", headers=known).status_code == 304


# -- the server --------------------------------------------------------------------------------------


def test_http2_asks_everything_over_one_connection() -> None:
    with running_hub([llama()], tls=True, http2=True) as hub, plain_client(hub) as client:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: client.get("/api/models/org/llama"), range(40)))
        assert {(one.connection, one.http_version) for one in hub.requests} == {(1, "2")}
        assert len(hub.requests) == 40


def test_a_sparse_file_is_streamed_from_disk(tmp_path: Path) -> None:
    big = tmp_path / "big.gguf"
    with big.open("wb") as file:
        file.truncate(64 << 20)
    held = HubFile.of("big.gguf", big, sha256="0" * 64)
    with running_hub([hub_repo("org/big", {"big.gguf": held})]) as hub, plain_client(hub) as client:
        url = "/org/big/resolve/main/big.gguf"
        with client.stream("GET", url, follow_redirects=True) as reply:
            assert sum(len(chunk) for chunk in reply.iter_raw()) == 64 << 20


def test_an_error_inside_the_server_fails_the_test() -> None:
    class Broken(Fault):
        def on_reply(self, request: Request, reply: Reply) -> Reply:
            raise ZeroDivisionError(request.path, reply.status)

    def used() -> None:
        with running_hub() as hub, plain_client(hub) as client:
            hub.faults.add(Broken())
            assert client.get("/api/models").status_code == 500

    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        used()


def test_a_client_that_leaves_while_its_last_bytes_wait_is_no_error(tmp_path: Path) -> None:
    """The answer is complete for the server, which closes, and in its buffer for the client that reads nothing."""
    held = HubFile.of("big.gguf", padded(tmp_path / "big.gguf", 16))
    with running_hub([hub_repo("org/big", {"big.gguf": held})]) as hub:
        hub.faults.add(Drip(chunk=8 * 1024, pause=0), "/stored/*")
        with plain_client(hub) as client:
            address = client.head("/org/big/resolve/main/big.gguf").headers["location"]

        def left_unread(last: int) -> int:
            """How many bytes the server could send to a client that asks for those up to `last`."""
            url, before, sent = urlsplit(address), len(hub.requests), -1
            with socket.socket() as reader:
                reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                reader.connect((url.hostname, url.port))
                reader.sendall(
                    f"GET {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\n"
                    f"Connection: close\r\nRange: bytes=0-{last}\r\n\r\n".encode()
                )
                while len(hub.requests) == before or hub.requests[-1].sent > sent:
                    sent = hub.requests[-1].sent if len(hub.requests) > before else -1
                    time.sleep(0.1)
            return sent

        most = left_unread(held.size - 1)
        assert most < held.size
        for short in range(10_000, 70_000, 10_000):
            left_unread(most - short)


def test_a_hub_starts_and_ends_at_once_and_leaves_nothing() -> None:
    threads, start = threading.active_count(), time.monotonic()
    with running_hub([llama()]) as hub, plain_client(hub) as client:
        client.get("/api/models")
    assert time.monotonic() - start < 5
    assert threading.active_count() == threads


def test_a_hub_runs_in_a_process_of_its_own() -> None:
    with hub_process([llama()], limits=RateLimits(api=1)) as hub:
        replies = [httpx2.get(f"{hub.endpoint}/api/models/org/llama") for _ in range(2)]
        assert [one.status_code for one in replies] == [200, 429]
        assert [one.path for one in hub.requests()] == ["/api/models/org/llama"] * 2
