"""The Hub as a provider: found, described, downloaded; and what people type for a repository."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_library.errors import (
    BadAnswerError,
    InvalidValueError,
    LicenseNotAcceptedError,
    ModelLibraryError,
    UnsafeNameError,
)
from model_library.hf.descriptions import files_of, is_repo_id, model_of, models_of
from model_library.hf.provider import HuggingFace, parse_repo
from model_library.naming import display_text
from model_library.network.manager import NetworkManager
from model_library.providers import (
    Provider,
    RemoteAddress,
    RemoteModel,
    SearchRequest,
    open_provider,
    remote_path,
)
from tests.hf.speaking import settings_for
from tests.hub import Hub, HubUser, hub_repo, running_hub

BYTES = b"weights" * 9000
NAME = "sub dir/ünï#100%.gguf"
REPO = hub_repo("me/tiny", {NAME: BYTES, "config.json": b"{}"})
GATED = hub_repo("org/gated", {"model.safetensors": BYTES}, gated="auto")
SECRET = "hf_someone"  # noqa: S105


@dataclass
class Arriving:
    """A transfer that counts."""

    cancelled: threading.Event = field(default_factory=threading.Event)
    count: int = 0

    def advance(self, count: int) -> None:
        self.count += count

    def skip(self, count: int) -> None:
        self.count += count

    def waits(self, seconds: float) -> None:
        pass


@pytest.fixture
def hub() -> Iterator[Hub]:
    with running_hub([REPO, GATED], users=[HubUser("someone", SECRET)]) as running:
        yield running


@pytest.fixture
def provider(hub: Hub) -> Iterator[Provider]:
    network = NetworkManager(settings_for(hub, token=SECRET))
    made = open_provider("huggingface", network)
    yield made
    made.close()
    network.close()


def test_the_provider_is_opened_by_its_name(provider: Provider) -> None:
    assert isinstance(provider, HuggingFace)
    assert (provider.name, provider.title) == ("huggingface", "Hugging Face")


def test_what_is_found_is_described_and_downloaded(
    hub: Hub, provider: Provider, tmp_path: Path
) -> None:
    (hit,) = provider.search(SearchRequest("tiny")).value
    model = provider.details(hit.repo).value
    assert model.files is not None
    (file,) = (one for one in model.files if one.path == NAME)
    transfer = Arriving()
    digests = provider.download(model, file, tmp_path / "target", transfer)
    assert (tmp_path / "target").read_bytes() == BYTES
    assert digests.sha256 == hashlib.sha256(BYTES).hexdigest() == file.sha256
    assert transfer.count == len(BYTES)
    assert all("authorization" not in one.headers for one in hub.requests if one.origin == "cdn")


def test_the_address_of_a_page_is_described_too(hub: Hub, provider: Provider) -> None:
    page = f"{hub.endpoint}/me/tiny/tree/{REPO.head.oid}"
    assert provider.details(page).value.revision == REPO.head.oid


def test_a_closed_gate_says_what_to_do(provider: Provider, tmp_path: Path) -> None:
    model = provider.details("org/gated").value
    assert model.files is not None
    (file,) = model.files
    with pytest.raises(LicenseNotAcceptedError) as refused:
        provider.download(model, file, tmp_path / "target", Arriving())
    assert model.url in refused.value.hint


# --- names and addresses -------------------------------------------------------------------------------

COMMIT = "a" * 40


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("me/tiny", RemoteAddress("me/tiny")),
        (" gpt2 ", RemoteAddress("gpt2")),
        ("https://huggingface.co/me/tiny", RemoteAddress("me/tiny")),
        ("https://hf.co/me/tiny/", RemoteAddress("me/tiny")),
        ("http://www.huggingface.co/gpt2", RemoteAddress("gpt2")),
        ("https://huggingface.co/me/tiny?library=x#top", RemoteAddress("me/tiny")),
        ("https://huggingface.co/me/tiny/discussions/4", RemoteAddress("me/tiny")),
        ("https://huggingface.co/me/tiny/tree/v1", RemoteAddress("me/tiny", "v1")),
        (
            f"https://huggingface.co/me/tiny/tree/{COMMIT}/a/b",
            RemoteAddress("me/tiny", COMMIT, "a/b"),
        ),
        (
            "https://huggingface.co/me/tiny/blob/main/a%20b.gguf",
            RemoteAddress("me/tiny", "main", "a b.gguf"),
        ),
        (
            "https://huggingface.co/me/tiny/resolve/main/a.gguf?download=true",
            RemoteAddress("me/tiny", "main", "a.gguf"),
        ),
        (
            "https://huggingface.co/me/tiny/tree/refs%2Fpr%2F7/a",
            RemoteAddress("me/tiny", "refs/pr/7", "a"),
        ),
        (
            "https://huggingface.co/gpt2/blob/main/config.json",
            RemoteAddress("gpt2", "main", "config.json"),
        ),
        ("https://mirror.example:8443/me/tiny", RemoteAddress("me/tiny")),
    ],
)
def test_a_name_or_the_address_of_a_page_is_understood(text: str, address: RemoteAddress) -> None:
    assert parse_repo(text, "https://mirror.example:8443") == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a/b/c",
        "../x",
        "me/tiny ü",
        "https://huggingface.co",
        "https://huggingface.co/",
        "https://huggingface.co/datasets/me/data",
        "https://huggingface.co/spaces/me/app",
        "https://evil.example/me/tiny",
        "https://huggingface.co.evil.example/me/tiny",
        "ftp://huggingface.co/me/tiny",
        "https://[::1/me/tiny",
        "https://huggingface.co/me/ti ny",
        "https://huggingface.co/me/tiny/tree/%1b[2J",
        "file:///etc/passwd",
    ],
)
def test_anything_else_is_no_repository(text: str) -> None:
    with pytest.raises(InvalidValueError, match="no model on the Hub") as refused:
        parse_repo(text)
    assert str(refused.value).isprintable()


def test_a_file_that_leads_outside_is_refused() -> None:
    with pytest.raises(UnsafeNameError):
        parse_repo("https://huggingface.co/me/tiny/blob/main/%2e%2e/%2e%2e/x")


PARTS = st.lists(
    st.sampled_from(
        [
            "me",
            "tiny",
            "tree",
            "blob",
            "main",
            "..",
            ".",
            "%2e%2e",
            "a b",
            "ü",
            "%00",
            "refs",
            "pr",
            "1",
            "C:",
            "x" * 99,
        ]
    ),
    max_size=8,
)


@given(
    st.one_of(
        st.text(max_size=60),
        PARTS.map("/".join),
        PARTS.map(lambda parts: "https://hf.co/" + "/".join(parts)),
    )
)
def test_whatever_is_typed_is_a_safe_address_or_refused(text: str) -> None:
    try:
        address = parse_repo(text)
    except ModelLibraryError as error:
        assert error.code in {"invalid-value", "unsafe-name"}  # noqa: PT017 - either is right
        return
    assert is_repo_id(address.repo)
    assert address.file is None or remote_path(address.file) == address.file
    assert address.revision is None or address.revision.isprintable()


# --- what a server says ------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = [
    "sha", "author", "gated", "private", "tags", "pipeline_tag", "library_name", "downloads", "likes",
    "lastModified", "safetensors", "gguf", "config", "cardData",
]  # fmt: skip


@given(st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_any_facts_make_a_model_that_can_be_shown(facts: dict[str, object]) -> None:
    model = model_of({"id": "me/tiny", **facts}, "https://hub.example")
    assert isinstance(model, RemoteModel)
    shown = [model.author, model.license, model.pipeline_tag, *model.tags, *model.trigger_words]
    assert all(text is None or (text == display_text(text) and text) for text in shown)


@given(JSON)
def test_any_json_is_a_list_of_models_or_a_bad_answer(data: object) -> None:
    with contextlib.suppress(BadAnswerError):
        assert all(is_repo_id(one.repo) for one in models_of(data, "https://hub.example"))


CARD = {
    "license": ["mit", "x"],
    "base_model": ["a/b", "../evil", 7],
    "instance_prompt": ["one", "", "two"],
}
ENTRIES = st.fixed_dictionaries(
    {},
    optional={
        "rfilename": st.text(max_size=20) | st.integers(),
        "path": st.text(max_size=20),
        "size": JSON,
        "lfs": JSON,
        "blobId": JSON,
    },
)


@given(st.lists(JSON | ENTRIES, max_size=5))
def test_any_listing_has_safe_names_or_is_a_bad_answer(entries: list[object]) -> None:
    try:
        files, refused = files_of(entries)
    except BadAnswerError:
        return
    assert len(files) + len(refused) <= len(entries)
    for file in files:
        assert remote_path(file.path) == file.path
        assert file.size is None or file.size >= 0


def test_lists_of_the_card_are_understood() -> None:
    facts = {"id": "me/tiny", "cardData": CARD, "tags": ["base_model:adapter:c/d", "license:other"]}
    model = model_of(facts, "https://hub.example")
    assert model.license == "mit"
    assert model.base_models == ("a/b", "c/d")
    assert model.trigger_words == ("one", "two")


@pytest.mark.parametrize(
    ("said", "updated"),
    [
        ("2026-03-01T12:00:00.000Z", "2026-03-01T12:00:00Z"),
        ("2026-03-01T12:00:00+02:00", "2026-03-01T10:00:00Z"),
        ("2026-03-01", "2026-03-01T00:00:00Z"),
        ("0001-01-01T00:00:00+23:00", None),
        ("yesterday", None),
        (7, None),
    ],
)
def test_times_are_rfc_3339_in_utc(said: object, updated: str | None) -> None:
    model = model_of({"id": "me/tiny", "lastModified": said}, "https://hub.example")
    assert model.updated == updated


@pytest.mark.parametrize(
    "pasted",
    [
        "https://user:hf_pasted@example.org/o/m",
        "https://example.org/o/m?token=hf_pasted",
        "https://hf_pasted@huggingface.co/datasets/o/m#hf_pasted",
        "user:hf_pasted@huggingface.co/o/m",
        "https://user:hf_p@hf_pasted@huggingface.co/",
    ],
)
def test_a_token_in_an_address_is_not_shown(pasted: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        parse_repo(pasted)
    assert "hf_p" not in f"{caught.value} {caught.value.to_json()}"


def test_a_token_in_an_address_is_left_out() -> None:
    pasted = "https://user:hf_pasted@huggingface.co/o/m/resolve/v1/a.gguf?token=hf_pasted"
    assert parse_repo(pasted) == RemoteAddress("o/m", "v1", "a.gguf")
