"""Answers are kept, say how old they are, and never reach another token; nothing about them fails a request."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import shake_256
from multiprocessing import get_context
from pathlib import Path

import httpx2
import pytest

from model_library.config import HUB_ENDPOINT
from model_library.errors import BadAnswerError, ModelLibraryError, RepositoryNotFoundError
from model_library.hf.answers import FILE_NAME, AnswerStore, StoredAnswer
from model_library.hf.cache import PROVENANCE, AnswerCache, Provenance
from model_library.hf.client import HubClient
from model_library.providers import Freshness, SearchRequest
from tests.hf.speaking import Clock, hub_client
from tests.hub import Hub, HubUser, hub_repo, running_hub
from tests.hub.faults import Disconnect, Hang, Headers, NotJson, Status

DAY = 24 * 3600.0
REPO = hub_repo("me/tiny", {"a.gguf": b"a" * 3000, "config.json": b"{}"}, downloads=1)
NEWER = hub_repo("me/tiny", {"b.gguf": b"b" * 3000}, downloads=2)
LIVE, CACHED, STALE = Freshness.LIVE, Freshness.CACHED, Freshness.STALE


@pytest.fixture
def hub() -> Iterator[Hub]:
    with running_hub([REPO]) as running:
        yield running


def soon(is_so: Callable[[], bool]) -> bool:
    until = time.monotonic() + 120
    while not is_so() and time.monotonic() < until:
        time.sleep(0.01)
    return is_so()


def seen(client: HubClient) -> tuple[Freshness, float]:
    answer = client.details("me/tiny")
    return answer.freshness, answer.age


def test_an_answer_is_fresh_for_a_day_also_for_the_next_process(hub: Hub, tmp_path: Path) -> None:
    clock = Clock()
    with hub_client(hub, tmp_path, wall=clock) as client:
        assert seen(client) == (LIVE, 0)
        clock.now += 3600
        assert seen(client) == (CACHED, 3600)
    with hub_client(hub, tmp_path, wall=clock) as client:
        clock.now += DAY - 3601
        assert seen(client) == (CACHED, DAY - 1)
        assert client.calls == 0
    assert len(hub.requests) == 1


def test_an_old_answer_is_given_at_once_and_asked_anew_behind_it(hub: Hub, tmp_path: Path) -> None:
    clock = Clock()
    with hub_client(hub, tmp_path, wall=clock) as client:
        assert seen(client) == (LIVE, 0)
        clock.now += DAY + 5
        hub.publish(NEWER)
        old = client.details("me/tiny")
        assert (old.freshness, old.age, old.value.downloads) == (STALE, DAY + 5, 1)
        assert soon(lambda: client.details("me/tiny").freshness is CACHED)
        assert client.details("me/tiny").value.downloads == 2
        assert len(hub.requests) == 2


def test_an_old_answer_is_asked_anew_once_however_often_it_is_wanted(
    hub: Hub, tmp_path: Path
) -> None:
    clock = Clock()
    with hub_client(hub, tmp_path, wall=clock) as client:
        client.details("me/tiny")
        clock.now += 2 * DAY
        hub.faults.add(Hang(0.3))
        begun = time.monotonic()
        assert {seen(client)[0] for _ in range(10)} == {STALE}
        assert time.monotonic() - begun < 0.3
        assert soon(lambda: seen(client)[0] is CACHED)
    assert len(hub.requests) == 2


@pytest.mark.parametrize("fault", [Disconnect(), Status(500), Status(429), NotJson()])
def test_an_old_answer_stays_while_the_hub_fails(
    hub: Hub, tmp_path: Path, fault: Disconnect | Status | NotJson
) -> None:
    clock = Clock()
    with hub_client(hub, tmp_path, wall=clock, tries=1) as client:
        client.details("me/tiny")
        clock.now += 30 * DAY
        hub.faults.add(fault)
        assert seen(client) == (STALE, 30 * DAY)
        assert soon(lambda: len(hub.requests) > 1)
    with hub_client(hub, tmp_path, wall=clock) as client:
        assert seen(client) == (STALE, 30 * DAY)


def test_offline_the_kept_answers_are_given_and_nobody_is_asked(hub: Hub, tmp_path: Path) -> None:
    clock = Clock()
    with hub_client(hub, tmp_path, wall=clock) as client:
        client.details("me/tiny")
    clock.now += 3 * DAY
    with hub_client(hub, tmp_path, wall=clock, offline=True) as client:
        assert seen(client) == (STALE, 3 * DAY)
        (known,) = (one for one in client.network.status() if one.host == hub.endpoint)
        assert known.served.value == "cache"
    assert len(hub.requests) == 1


def test_a_repository_that_is_gone_is_not_shown_from_memory(hub: Hub, tmp_path: Path) -> None:
    clock = Clock()
    with hub_client(hub, tmp_path, wall=clock) as client:
        client.details("me/tiny")
        hub.withdraw("me/tiny")
        clock.now += 2 * DAY
        assert seen(client)[0] is STALE
        assert soon(lambda: _is_gone(client))


def _is_gone(client: HubClient) -> bool:
    try:
        client.details("me/tiny")
    except RepositoryNotFoundError:
        return True
    return False


def test_a_clock_that_went_back_makes_no_answer_fresh(hub: Hub, tmp_path: Path) -> None:
    clock = Clock()
    with hub_client(hub, tmp_path, wall=clock) as client:
        client.details("me/tiny")
        clock.now -= 10 * DAY
        assert seen(client) == (STALE, DAY)
        assert soon(lambda: seen(client)[0] is CACHED)


def test_what_one_token_may_see_no_other_gets(hub: Hub, tmp_path: Path) -> None:
    hub.publish(hub_repo("me/secret", {"a.gguf": b"a"}, private=True))
    hub.admit(HubUser("me", "hf_mine"))
    with hub_client(hub, tmp_path, token="hf_mine") as client:  # noqa: S106
        client.details("me/secret")
    with hub_client(hub, tmp_path) as client, pytest.raises(RepositoryNotFoundError):
        client.details("me/secret")
    assert b"hf_mine" not in (tmp_path / FILE_NAME).read_bytes()


def test_threads_that_ask_the_same_ask_once(hub: Hub, tmp_path: Path) -> None:
    hub.faults.add(Hang(0.3))
    with hub_client(hub, tmp_path) as client, ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: client.details("me/tiny").value, range(8)))
    assert len(hub.requests) == 1
    assert len(set(found)) == 1


def test_threads_that_ask_the_same_in_vain_all_hear_why(hub: Hub) -> None:
    hub.faults.add(Hang(0.2))
    with hub_client(hub) as client, ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(client.details, "me/none") for _ in range(4)]
        assert all(isinstance(one.exception(), RepositoryNotFoundError) for one in asked)
    assert len(hub.requests) == 1
    with hub_client(hub, tries=1) as client, ThreadPoolExecutor(4) as pool:
        hub.faults.add(Disconnect())
        asked = [pool.submit(client.details, "me/tiny") for _ in range(4)]
        assert all(isinstance(one.exception(), ModelLibraryError) for one in asked)


def test_an_answer_of_a_wrong_form_is_not_kept(hub: Hub, tmp_path: Path) -> None:
    with hub_client(hub, tmp_path) as client:
        rule = hub.faults.add(NotJson(b'{"error": "soon"}'))
        rule_too = hub.faults.add(Headers({"content-type": "application/json"}))
        with pytest.raises(BadAnswerError):
            client.details("me/tiny")
        rule.off()
        rule_too.off()
        assert seen(client)[0] is LIVE


def test_two_processes_share_what_is_kept(hub: Hub, tmp_path: Path) -> None:
    with hub_client(hub, tmp_path) as client:
        client.details("me/tiny")
        with get_context("spawn").Pool(1) as pool:
            args = (hub.endpoint, tmp_path)
            assert pool.apply(_asked_elsewhere, args) == "cached"
        assert client.search(SearchRequest("elsewhere")).freshness is CACHED


def _asked_elsewhere(endpoint: str, directory: Path) -> str:
    from model_library.config import NetworkSettings
    from model_library.network.manager import NetworkManager

    network = NetworkManager(NetworkSettings(endpoint=endpoint), directory=directory)
    client = HubClient(network)
    client.search(SearchRequest("elsewhere"))
    found = client.details("me/tiny").freshness.value
    client.close()
    network.close()
    return found


# --- what the disk does ----------------------------------------------------------------------------------


def garbage(file: Path) -> None:
    file.write_bytes(b"no database at all" * 500)


def half(file: Path) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2] + b"\xff" * (len(whole) // 2))


def another_schema(file: Path) -> None:
    file.unlink()
    database = sqlite3.connect(file)
    database.execute("CREATE TABLE answers (x)")
    database.execute("PRAGMA user_version = 1")
    database.close()


def of_the_future(file: Path) -> None:
    database = sqlite3.connect(file)
    database.execute("PRAGMA user_version = 99")
    database.close()


@pytest.mark.parametrize("damage", [garbage, half, another_schema, of_the_future])
def test_a_damaged_file_is_made_anew(
    hub: Hub, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    with hub_client(hub, tmp_path) as client:
        for number in range(12):
            client.search(SearchRequest(f"number {number}"))
        client.details("me/tiny")
    damage(tmp_path / FILE_NAME)
    with hub_client(hub, tmp_path) as client:
        seen(client)
        for number in range(12):
            client.search(SearchRequest(f"number {number}"))
        assert seen(client)[0] is CACHED
    with hub_client(hub, tmp_path) as client:
        assert seen(client)[0] is CACHED


def test_damaged_rows_are_no_answers(tmp_path: Path) -> None:
    store = AnswerStore(tmp_path, 10**6)
    for key in "abc":
        store.put(key, StoredAnswer(5.0, {}, b"[]"))
    database = sqlite3.connect(tmp_path / FILE_NAME)
    with database:
        database.execute("UPDATE answers SET body = x'0011' WHERE key = 'a'")
        database.execute("UPDATE answers SET headers = '7' WHERE key = 'b'")
    database.close()
    assert [store.get(key, 6.0) for key in "abcd"] == [
        None,
        None,
        StoredAnswer(5.0, {}, b"[]"),
        None,
    ]
    store.close()


def test_where_nothing_can_be_written_memory_keeps_it(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    (tmp_path / "file").write_bytes(b"")
    for directory in (tmp_path, tmp_path / "file" / "cache"):
        with hub_client(hub, directory) as client:
            assert [seen(client)[0] for _ in range(2)] == [LIVE, CACHED]
    assert not list((tmp_path / FILE_NAME).iterdir())


def test_a_busy_file_is_passed_by(hub: Hub, tmp_path: Path) -> None:
    with hub_client(hub, tmp_path) as client:
        client.details("me/tiny")
        other = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        assert client.search(SearchRequest("tiny")).freshness is LIVE
        assert seen(client)[0] is CACHED
        other.close()
        assert client.search(SearchRequest("tiny")).freshness is LIVE
        assert client.search(SearchRequest("tiny")).freshness is CACHED


def test_what_was_used_longest_ago_goes_when_it_is_full(tmp_path: Path) -> None:
    store = AnswerStore(tmp_path, limit=50_000)
    for number in range(30):
        body = shake_256(str(number).encode()).digest(8000)
        store.put(str(number), StoredAnswer(number * 4000.0, {}, body))
        assert store.get("0", number * 4000.0) is not None
    kept = [number for number in range(30) if store.get(str(number), 1e9)]
    assert kept[-1] == 29
    assert 0 in kept  # it was used all the time
    assert len(kept) <= 6
    store.close()
    database = sqlite3.connect(tmp_path / FILE_NAME)
    assert database.execute("SELECT sum(size) FROM answers").fetchone()[0] <= 50_000
    database.close()


def test_an_answer_that_is_too_large_is_passed_on_and_not_kept(tmp_path: Path) -> None:
    blob = b"[" + b"0," * (6 << 20) + b"0]"
    asked = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return httpx2.Response(200, content=blob, headers={"content-type": "application/json"})

    cache = AnswerCache(
        httpx2.MockTransport(answer), HUB_ENDPOINT, tmp_path, fresh=DAY, limit=1 << 30
    )
    with httpx2.Client(transport=cache) as client:
        for _ in range(2):
            assert client.get(f"{HUB_ENDPOINT}/api/models").content == blob
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/whoami-v2"),
        ("GET", "/api/models/o/n/xet-read-token/main"),
        ("GET", "/o/n/resolve/main/config.json"),
        ("GET", "/api/resolve-cache/models/o/n/c/f"),
        ("GET", "/api/datasets/o/n"),
        ("GET", "/o/n"),
        ("POST", "/api/models/o/n/paths-info/main"),
        ("HEAD", "/api/models/o/n"),
    ],
)
def test_who_someone_is_what_opens_doors_and_files_are_never_kept(method: str, path: str) -> None:
    asked = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return httpx2.Response(200, json={})

    cache = AnswerCache(httpx2.MockTransport(answer), HUB_ENDPOINT, None, fresh=DAY, limit=1 << 20)
    with httpx2.Client(transport=cache) as client:
        for _ in range(2):
            response = client.request(method, f"{HUB_ENDPOINT}{path}")
            assert PROVENANCE not in response.extensions
        client.get("https://elsewhere.example/api/models")
    assert len(asked) == 3


def test_closing_does_not_wait_long_for_what_is_asked_anew() -> None:
    clock, hold, asked = Clock(), threading.Event(), []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        if len(asked) > 1:
            hold.wait(20)
        return httpx2.Response(200, json=[])

    cache = AnswerCache(
        httpx2.MockTransport(answer), HUB_ENDPOINT, None, fresh=DAY, limit=1 << 20, wall=clock
    )
    client = httpx2.Client(transport=cache)
    client.get(f"{HUB_ENDPOINT}/api/models")
    clock.now += 2 * DAY
    provenance = client.get(f"{HUB_ENDPOINT}/api/models").extensions[PROVENANCE]
    assert isinstance(provenance, Provenance)
    assert provenance.freshness is STALE
    begun = time.monotonic()
    client.close()
    assert time.monotonic() - begun < 5
    hold.set()
    assert soon(lambda: not any(one.name == "hub-refresh" for one in threading.enumerate()))
