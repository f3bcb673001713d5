"""What the Hub answers becomes a value or one clear error, whatever it answers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from model_library.errors import (
    AccessDeniedError,
    BadAnswerError,
    ConnectionFailedError,
    InvalidValueError,
    LicenseNotAcceptedError,
    ModelLibraryError,
    OfflineError,
    RateLimitedError,
    RemoteFileNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
    ServerFailedError,
    TimedOutError,
    TlsError,
    TokenInvalidError,
    TokenNeededError,
)
from model_library.hf import client as client_module
from model_library.hf.client import HubClient
from model_library.providers import Freshness, Gate, SearchRequest
from tests.hf.speaking import hub_client
from tests.hub import Hub, HubUser, RateLimits, hub_repo, running_hub
from tests.hub.faults import (
    Disconnect,
    Drip,
    Fault,
    Gzipped,
    Hang,
    Headers,
    HugeJson,
    NotJson,
    RedirectLoop,
    Reset,
    ShortBody,
    Status,
)

REPO = hub_repo(
    "me/tiny-gguf",
    {
        "tiny.Q4_K_M.gguf": b"q" * 5000,
        "tiny.Q8_0.gguf": b"e" * 9000,
        "config.json": b"{}",
        "README.md": b"# tiny",
    },
    licence="apache-2.0",
    base_model="org/base",
    base_relation="quantized",
    downloads=50,
    likes=3,
    tags=("gguf",),
    pipeline_tag="text-generation",
    library_name="gguf",
    gguf={"total": 1_100_000_000, "architecture": "llama", "context_length": 2048},
    card={"instance_prompt": "a photo of tiny"},
)
OTHER = hub_repo("you/tiny-lora", {"lora.safetensors": b"l" * 2000}, downloads=90, likes=1)
GATED = hub_repo("org/gated", {"model.safetensors": b"g" * 2000}, gated="manual")


@pytest.fixture
def hub() -> Iterator[Hub]:
    with running_hub([REPO, OTHER, GATED]) as running:
        yield running


@pytest.fixture
def client(hub: Hub) -> Iterator[HubClient]:
    with hub_client(hub) as made:
        yield made


def test_a_model_is_described_with_its_files(client: HubClient) -> None:
    answer = client.details("me/tiny-gguf")
    model = answer.value
    assert (answer.freshness, answer.age) == (Freshness.LIVE, 0.0)
    assert (model.provider, model.repo, model.author) == ("huggingface", "me/tiny-gguf", "me")
    assert model.url == f"{client.endpoint}/me/tiny-gguf"
    assert model.revision == REPO.head.oid
    assert (model.license, model.base_models) == ("apache-2.0", ("org/base",))
    assert (model.parameters, model.architecture) == (1_100_000_000, "llama")
    assert model.trigger_words == ("a photo of tiny",)
    assert (model.downloads, model.likes, model.gate, model.private) == (50, 3, None, False)
    assert model.updated == "2026-03-01T12:00:00Z"
    assert model.files is not None
    files = {file.path: file for file in model.files}
    assert list(files) == sorted(REPO.files)
    assert files["tiny.Q8_0.gguf"].size == 9000
    assert files["tiny.Q8_0.gguf"].sha256 == REPO.files["tiny.Q8_0.gguf"].sha256
    assert files["tiny.Q8_0.gguf"].git_sha1 is None
    assert files["config.json"].git_sha1 == REPO.files["config.json"].oid
    assert files["config.json"].sha256 is None


def test_a_revision_is_described_as_it_was(hub: Hub, client: HubClient) -> None:
    newer = replace(REPO.committed({"more.gguf": b"m" * 2000}), branches={"a/b": REPO.head.oid})
    hub.publish(newer)
    assert client.details("me/tiny-gguf").value.revision == newer.head.oid
    assert client.details("me/tiny-gguf", REPO.head.oid).value.revision == REPO.head.oid
    assert client.details("me/tiny-gguf", "a/b").value.revision == REPO.head.oid
    with pytest.raises(RevisionNotFoundError, match="at revision v9"):
        client.details("me/tiny-gguf", "v9")


def test_a_search_finds_in_the_wanted_order(client: HubClient) -> None:
    def found(**wanted: Any) -> list[str]:
        request = SearchRequest(**{"text": "tiny", **wanted})
        return [model.repo for model in client.search(request).value]

    assert found() == ["you/tiny-lora", "me/tiny-gguf"]
    assert found(sort="likes") == ["me/tiny-gguf", "you/tiny-lora"]
    assert found(author="me") == ["me/tiny-gguf"]
    assert found(kind_tags=("gguf", "license:apache-2.0")) == ["me/tiny-gguf"]
    assert found(kind_tags=("gguf", "nothing")) == []
    assert found(limit=1) == ["you/tiny-lora"]
    assert found(text="no such thing") == []


def test_a_hit_tells_what_helps_to_choose(client: HubClient) -> None:
    hit = client.search(SearchRequest("tiny", author="me")).value[0]
    assert (hit.license, hit.downloads, hit.parameters) == ("apache-2.0", 50, 1_100_000_000)
    assert hit.base_models == ("org/base",)
    assert hit.files is None
    gated = client.search(SearchRequest("gated")).value[0]
    assert gated.gate is Gate.MANUAL


@pytest.mark.parametrize(
    "request_",
    [SearchRequest("x", sort="size"), SearchRequest("x", limit=0), SearchRequest("x", limit=5000)],
)
def test_a_search_that_cannot_be_asked_is_refused(
    hub: Hub, client: HubClient, request_: SearchRequest
) -> None:
    with pytest.raises(InvalidValueError):
        client.search(request_)
    assert not hub.requests


@pytest.mark.parametrize(
    "name", ["", "a/b/c", "../evil", "a b", "https://x", "a/..", "x--y/z", "a/b?c"]
)
def test_what_is_no_name_is_not_asked_for(hub: Hub, client: HubClient, name: str) -> None:
    with pytest.raises(InvalidValueError, match="no name of a model"):
        client.details(name)
    assert not hub.requests


def test_requests_that_were_made_are_counted(client: HubClient) -> None:
    client.details("me/tiny-gguf")
    client.details("me/tiny-gguf")
    with pytest.raises(RepositoryNotFoundError):
        client.details("me/none")
    assert client.calls == 2


# --- many files and evil names -------------------------------------------------------------------------


def test_a_listing_of_ten_thousand_files_is_complete(hub: Hub, client: HubClient) -> None:
    file = REPO.files["config.json"]
    names = {f"d{n // 100:03}/f{n:05}.json": file for n in range(10_000)}
    hub.publish(hub_repo("me/many", names))
    begun = time.monotonic()
    model = client.details("me/many").value
    assert model.files is not None
    assert len(model.files) == 10_000
    assert time.monotonic() - begun < 20
    assert client.calls == len(hub.requests)


def test_one_request_is_enough_for_a_listing_of_thousands(hub: Hub, client: HubClient) -> None:
    file = REPO.files["config.json"]
    hub.publish(hub_repo("me/many", {f"f{n:05}.json": file for n in range(2_500)}))
    model = client.details("me/many").value
    assert model.files is not None
    assert len(model.files) == 2_500
    assert client.calls == 1


def test_a_listing_without_an_end_is_an_error(
    hub: Hub, client: HubClient, monkeypatch: Any
) -> None:
    monkeypatch.setattr(client_module, "MAX_TREE_PAGES", 3)
    monkeypatch.setattr(client_module, "TREE_PAGE", 1)
    link = f'<{hub.endpoint}/api/models/me/tiny-gguf/tree/main?recursive=true>; rel="next"'
    hub.faults.add(Headers({"link": link}), "*/tree/*")
    with pytest.raises(BadAnswerError, match="no end"):
        client.details("me/tiny-gguf")


def test_names_that_lead_outside_are_left_out_and_named(hub: Hub, client: HubClient) -> None:
    file = REPO.files["config.json"]
    evil = [
        "../../evil",
        "C:\\x",
        "CON.safetensors",
        "/etc/passwd",
        "a/../b",
        "a\x1b[2J",
        "x" * 2000,
    ]
    hub.publish(hub_repo("me/evil", dict.fromkeys([*evil, "good.json"], file)))
    model = client.details("me/evil").value
    assert model.files is not None
    assert [one.path for one in model.files] == ["good.json"]
    assert len(model.refused_files) == len(evil)
    assert not any("\x1b" in name or len(name) > 300 for name in model.refused_files)


def test_texts_from_outside_are_bounded_and_printable(hub: Hub, client: HubClient) -> None:
    tags = ("a\x1b[31m", "b" * 5000, *(f"t{n}" for n in range(2000)))
    hub.publish(
        hub_repo(
            "me/loud",
            {"a.gguf": b"a"},
            tags=tags,
            licence="other",
            card={"license_name": "my\nown"},
        )
    )
    model = client.details("me/loud").value
    assert len(model.tags) == 500
    assert all(tag.isprintable() and len(tag) <= 300 for tag in model.tags)
    assert model.license == "my own"


# --- refusals -------------------------------------------------------------------------------------------


def coded(status: int, code: str = "", message: str = "") -> Status:
    return Status(status, {"X-Error-Code": code} if code else {}, {"error": message})


GATE = "GatedRepo"


@pytest.mark.parametrize(
    ("fault", "has_token", "error", "says"),
    [
        (coded(404, "RepoNotFound"), False, RepositoryNotFoundError, "me/tiny-gguf"),
        (coded(401, "RepoNotFound"), False, RepositoryNotFoundError, "me/tiny-gguf"),
        (coded(404), False, RepositoryNotFoundError, "me/tiny-gguf"),
        (coded(404, "RevisionNotFound"), False, RevisionNotFoundError, "me/tiny-gguf"),
        (coded(404, "EntryNotFound"), False, RemoteFileNotFoundError, "me/tiny-gguf"),
        (coded(401, GATE), False, TokenNeededError, "settings/tokens"),
        (
            coded(403, GATE, "you are not in the authorized list"),
            True,
            LicenseNotAcceptedError,
            "accept",
        ),
        (
            coded(403, GATE, "awaiting a review from the repo authors"),
            True,
            AccessDeniedError,
            "Wait",
        ),
        (coded(403, GATE, "has been rejected by the authors"), True, AccessDeniedError, "refused"),
        (
            coded(401, "", "Invalid credentials in Authorization header"),
            True,
            TokenInvalidError,
            "HF_TOKEN",
        ),
        (coded(401), False, TokenNeededError, "who asks"),
        (coded(403), True, AccessDeniedError, "may not"),
        (coded(403), False, TokenNeededError, "who asks"),
        (
            coded(403, "", "Access to this resource is disabled."),
            False,
            AccessDeniedError,
            "no longer",
        ),
        (coded(410), False, AccessDeniedError, "no longer"),
        (coded(400, "", "bad \x1b[2J wish"), False, BadAnswerError, "HTTP 400"),
        (Status(418), False, BadAnswerError, "HTTP 418"),
        (Status(503), False, ServerFailedError, "HTTP 503"),
        (Status(500), False, ServerFailedError, "HTTP 500"),
        (Status(429, {"Retry-After": "100"}), False, RateLimitedError, "100 s"),
        (Status(429, {"RateLimit": '"api";r=0;t=55'}), False, RateLimitedError, "55 s"),
        (NotJson(), False, BadAnswerError, "login page"),
        (NotJson(b"[" * 200_000), False, BadAnswerError, "no JSON"),
        (NotJson(b'{"id": 7}'), False, BadAnswerError, "describes no model"),
        (NotJson(b"[1]"), False, BadAnswerError, "form"),
        (NotJson(b'{"id": "me/x", "siblings": [7]}'), False, BadAnswerError, "files"),
        (HugeJson(), False, BadAnswerError, "more than 32 MiB"),
        (RedirectLoop(), False, BadAnswerError, "redirect"),
        (Disconnect(), False, ConnectionFailedError, ""),
        (Disconnect(reset=True), False, ConnectionFailedError, ""),
        (Reset(after=10), False, ConnectionFailedError, ""),
        (ShortBody(after=10), False, ConnectionFailedError, ""),
        (Hang(), False, TimedOutError, ""),
        (Drip(), False, TimedOutError, ""),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Fault) else None,
)
def test_every_refusal_is_one_clear_error(
    hub: Hub, fault: Fault, has_token: bool, error: type[ModelLibraryError], says: str
) -> None:
    hub.admit(HubUser("someone", "hf_good"))
    hub.faults.add(fault, "/api/models/me/*")
    token = "hf_good" if has_token else None
    with hub_client(hub, token=token) as client, pytest.raises(error) as raised:
        client.details("me/tiny-gguf")
    shown = f"{raised.value.message} {raised.value.hint}"
    assert says in shown
    assert "hf_good" not in shown
    assert shown.isprintable()
    assert raised.value.hint


def test_a_good_answer_comes_after_failures_that_pass(hub: Hub, client: HubClient) -> None:
    hub.faults.add(Status(503), times=1)
    hub.faults.add(Disconnect(), times=1)
    hub.faults.add(Reset(after=10), times=1)
    assert client.details("me/tiny-gguf").value.repo == "me/tiny-gguf"


def test_a_compressed_answer_is_read(hub: Hub, client: HubClient) -> None:
    hub.faults.add(Gzipped())
    assert client.details("me/tiny-gguf").value.repo == "me/tiny-gguf"


def test_gates_open_for_files_not_for_descriptions(client: HubClient) -> None:
    assert client.details("org/gated").value.gate is Gate.MANUAL


def test_a_private_repository_is_there_for_its_own_token_only(hub: Hub, tmp_path: Path) -> None:
    hub.publish(hub_repo("me/secret", {"a.gguf": b"a"}, private=True))
    hub.admit(HubUser("me", "hf_mine"))
    hub.admit(HubUser("you", "hf_yours"))
    with hub_client(hub, tmp_path, token="hf_mine") as mine:  # noqa: S106
        assert mine.details("me/secret").value.private
    for token in ("hf_yours", None):
        with (
            hub_client(hub, tmp_path, token=token) as other,
            pytest.raises(RepositoryNotFoundError),
        ):
            other.details("me/secret")


def test_a_token_that_is_none_is_said(hub: Hub) -> None:
    with hub_client(hub, token="hf_none") as client, pytest.raises(TokenInvalidError):  # noqa: S106
        client.details("me/tiny-gguf")


def test_without_a_server_it_is_known_once_and_then_at_once(hub: Hub, client: HubClient) -> None:
    hub.stop()
    with pytest.raises(ConnectionFailedError):
        client.details("me/tiny-gguf")
    begun = time.monotonic()
    with pytest.raises(OfflineError, match="asked again at"):
        client.details("you/tiny-lora")
    assert time.monotonic() - begun < 0.1


def test_offline_asks_nobody(hub: Hub) -> None:
    with hub_client(hub, offline=True) as client, pytest.raises(OfflineError):
        client.details("me/tiny-gguf")
    assert not hub.requests


def test_a_host_that_cannot_prove_itself_is_not_believed() -> None:
    with (
        running_hub([REPO], tls=True) as hub,
        hub_client(hub, ca_file=None) as client,
        pytest.raises(TlsError),
    ):
        client.details("me/tiny-gguf")


def test_a_batch_never_meets_a_429() -> None:
    with running_hub([REPO], limits=RateLimits(api=12, window=1.0)) as hub:
        with hub_client(hub) as client, client.network.calling():
            for number in range(16):
                client.search(SearchRequest(f"tiny {number}"))
        assert hub.quota.overdrawn == 0


def test_what_an_earlier_process_spent_is_not_spent_again(tmp_path: Path) -> None:
    with running_hub([REPO], limits=RateLimits(api=4)) as hub:
        with hub_client(hub, tmp_path) as client:
            for number in range(3):
                client.search(SearchRequest(f"tiny {number}"))
        with hub_client(hub, tmp_path) as client:
            client.search(SearchRequest("the fourth"))
            with pytest.raises(RateLimitedError, match=r"\d+ s"):
                client.search(SearchRequest("the fifth"))
        assert hub.quota.overdrawn == 0


# --- huggingface_hub itself -------------------------------------------------------------------------------


@pytest.fixture
def _library_knows_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """huggingface_hub reads its endpoint once; it must not look for the real one."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")


@pytest.mark.usefixtures("_library_knows_only")
def test_huggingface_hub_goes_through_our_transports() -> None:
    from huggingface_hub import HfApi, get_session

    with running_hub([REPO], tls=True, http2=True) as hub, hub_client(hub) as client:
        api = HfApi(endpoint=hub.endpoint, token=False)
        assert api.model_info("me/tiny-gguf").sha == REPO.head.oid  # our certificates
        assert [one.rfilename for one in api.model_info("me/tiny-gguf").siblings or ()]
        assert get_session().get(f"{hub.endpoint}/api/models").http_version == "HTTP/2"
        assert {one.http_version for one in hub.requests} == {"2"}
        asked = len(hub.seen("/api/models/me"))
        assert asked == 1  # the second came from our cache
        (state,) = (one for one in client.network.status() if one.host == hub.endpoint)
        assert state.quotas[0].bucket == "api"
        hub.stop()
        for _ in range(3):
            with pytest.raises(OSError, match=r"."):
                _asked_of(api, f"me/other{_}")
        assert client.network.is_known_offline(hub.endpoint)


def _asked_of(api: Any, repo: str) -> None:
    import httpx2

    try:
        api.model_info(repo)
    except httpx2.HTTPError as error:
        raise OSError(str(error)) from error


@pytest.mark.usefixtures("_library_knows_only")
def test_huggingface_hub_keeps_its_own_offline_switch(
    hub: Hub, client: HubClient, monkeypatch: Any
) -> None:
    from huggingface_hub import HfApi, constants
    from huggingface_hub.errors import OfflineModeIsEnabled

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(OfflineModeIsEnabled):
        HfApi(endpoint=hub.endpoint, token=False).model_info("me/tiny-gguf")
    assert not hub.requests


def test_after_the_last_client_huggingface_hub_is_as_before(hub: Hub) -> None:
    from huggingface_hub.utils import _http

    with hub_client(hub), hub_client(hub):
        assert _http._GLOBAL_CLIENT_FACTORY is not _http.default_client_factory
    assert _http._GLOBAL_CLIENT_FACTORY is _http.default_client_factory
