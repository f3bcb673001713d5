"""Each fault does what it says, over HTTP/1.1 and over HTTP/2."""

from __future__ import annotations

import gzip
import json
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import h2.exceptions
import httpx2
import pytest

from tests.hub import Hub, Origin, hub_repo, running_hub
from tests.hub.faults import (
    Changed,
    Disconnect,
    Drip,
    Gzipped,
    Hang,
    Headers,
    HugeJson,
    IgnoreIfRange,
    IgnoreRange,
    NoLength,
    NotJson,
    RedirectLoop,
    RedirectTo,
    Reset,
    ShortBody,
    Stall,
    Status,
    WrongBytes,
    WrongLength,
    WrongRange,
)
from tests.hub.fixtures import plain_client

BYTES = bytes(range(256)) * 400
TOO_SHORT = (httpx2.RemoteProtocolError, h2.exceptions.InvalidBodyLengthError)
"""Over HTTP/2 httpx2 2.16 lets the exception of h2 through as it is."""
PATH = "/org/one/resolve/main/one.gguf"


@pytest.fixture(params=["http1", "http2"])
def hub(request: pytest.FixtureRequest) -> Iterator[Hub]:
    secure = request.param == "http2"
    repo = hub_repo("org/one", {"one.gguf": BYTES, "config.json": b'{"a": 1}'})
    with running_hub([repo], tls=secure, http2=secure) as running:
        yield running


@pytest.fixture
def client(hub: Hub) -> Iterator[httpx2.Client]:
    with plain_client(hub, timeout=10) as made:
        yield made


def place(client: httpx2.Client) -> str:
    """Where the bytes are."""
    return client.get(PATH).headers["location"]


def received(client: httpx2.Client, url: str) -> tuple[bytes, httpx2.Response, Exception | None]:
    """What came before the answer broke."""
    got, response = b"", httpx2.Response(0)
    try:
        with client.stream("GET", url) as response:
            for chunk in response.iter_raw():
                got += chunk
    except (httpx2.TransportError, h2.exceptions.ProtocolError) as error:
        return got, response, error
    return got, response, None


# -- how an answer arrives ---------------------------------------------------------------------------


def test_a_stopped_hub_refuses_and_a_restarted_one_answers(hub: Hub, client: httpx2.Client) -> None:
    assert client.get("/api/models").status_code == 200
    before = hub.endpoint
    hub.stop()
    for _ in range(2):
        with pytest.raises(httpx2.TransportError):
            client.get("/api/models")
    with pytest.raises(httpx2.ConnectError), plain_client(hub) as another:
        another.get("/api/models")
    hub.restart()
    assert client.get("/api/models").status_code == 200
    assert hub.endpoint == before


def test_a_hanging_hub_says_nothing(hub: Hub, client: httpx2.Client) -> None:
    rule = hub.faults.add(Hang(), "/api/*")
    with pytest.raises(httpx2.ReadTimeout):
        client.get("/api/models", timeout=0.2)
    rule.off()
    assert client.get("/api/models").status_code == 200
    hub.faults.add(Hang(0.15), "/api/*", times=1)
    start = time.monotonic()
    assert client.get("/api/models").status_code == 200
    assert time.monotonic() - start >= 0.15


def test_a_hub_that_hangs_can_still_be_stopped(hub: Hub, client: httpx2.Client) -> None:
    hub.faults.add(Hang(), "/api/*")
    with pytest.raises(httpx2.ReadTimeout):
        client.get("/api/models", timeout=0.05)
    start = time.monotonic()
    hub.stop()
    assert time.monotonic() - start < 4


def test_a_body_drips(hub: Hub, client: httpx2.Client) -> None:
    hub.faults.add(Drip(chunk=2, pause=0.03), "*config.json")
    start = time.monotonic()
    assert client.get("/org/one/resolve/main/config.json").content == b'{"a": 1}'
    assert time.monotonic() - start >= 3 * 0.03


@pytest.mark.parametrize("after", [0, 1, 70_000])
def test_a_connection_is_reset_in_the_middle_of_a_body(
    hub: Hub, client: httpx2.Client, after: int
) -> None:
    url = place(client)
    hub.faults.add(Reset(after=after), "*one.gguf", times=1)
    got, _, error = received(client, url)
    assert error is not None
    assert BYTES[:after].startswith(got)  # a reset may overtake bytes that nobody has read
    assert received(client, url)[0] == BYTES


def test_a_body_is_shorter_than_its_length(hub: Hub, client: httpx2.Client) -> None:
    hub.faults.add(ShortBody(after=1000), "*one.gguf", times=1)
    got, response, error = received(client, place(client))
    assert isinstance(error, TOO_SHORT)
    assert got == BYTES[:1000]
    assert response.headers["content-length"] == str(len(BYTES))


def test_a_body_stalls(hub: Hub, client: httpx2.Client) -> None:
    hub.faults.add(Stall(after=1000), "*one.gguf", times=1)
    client.timeout = httpx2.Timeout(0.3)
    got, _, error = received(client, place(client))
    assert isinstance(error, httpx2.ReadTimeout)
    assert got == BYTES[:1000]


@pytest.mark.parametrize("reset", [False, True])
def test_a_connection_ends_without_an_answer(
    hub: Hub, client: httpx2.Client, *, reset: bool
) -> None:
    hub.faults.add(Disconnect(reset=reset), "/api/*", times=1)
    with pytest.raises(httpx2.TransportError):
        client.get("/api/models")
    assert client.get("/api/models").status_code == 200
    assert [one.status for one in hub.requests] == [None, 200]


def test_a_reset_is_a_reset() -> None:
    with running_hub() as hub:
        hub.faults.add(Disconnect(reset=True))
        address = urlsplit(hub.endpoint)
        with socket.create_connection((str(address.hostname), int(address.port or 0)), 2) as raw:
            raw.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            with pytest.raises(ConnectionResetError):
                raw.recv(1)


# -- what the bytes are ------------------------------------------------------------------------------


def test_bytes_are_wrong_and_everything_else_is_right(hub: Hub, client: httpx2.Client) -> None:
    url = place(client)
    right = client.get(url)
    hub.faults.add(WrongBytes(at=500), "*one.gguf", times=1)
    wrong = client.get(url)
    changed = [
        at for at, (a, b) in enumerate(zip(right.content, wrong.content, strict=True)) if a != b
    ]
    assert changed == [500]
    assert len(wrong.content) == len(BYTES)
    assert wrong.headers["etag"] == right.headers["etag"]


@pytest.mark.parametrize("announced", [True, False])
def test_a_file_changes_between_two_ranges(
    hub: Hub, client: httpx2.Client, *, announced: bool
) -> None:
    other = bytes(reversed(BYTES))
    hub.faults.add(Changed(other, announced), origin=Origin.CDN, after=1)
    url = place(client)
    first = client.get(url, headers={"range": "bytes=0-9"})
    again = {"range": "bytes=10-19", "if-range": first.headers["etag"]}
    second = client.get(url, headers=again)
    assert first.content == BYTES[:10]
    if announced:
        assert (second.status_code, second.content) == (200, other)
        hub.faults.add(IgnoreIfRange())
        assert client.get(url, headers=again).status_code == 206
    else:
        assert (second.status_code, second.content) == (206, other[10:20])
        assert second.headers["etag"] == first.headers["etag"]


def test_a_length_is_too_large(hub: Hub, client: httpx2.Client) -> None:
    hub.faults.add(WrongLength(7), "*one.gguf")
    got, response, error = received(client, place(client))
    assert response.headers["content-length"] == str(len(BYTES) + 7)
    assert got == BYTES
    assert isinstance(error, TOO_SHORT)


def test_a_length_is_too_small(hub: Hub, client: httpx2.Client) -> None:
    hub.faults.add(WrongLength(-7), "*one.gguf")
    got, _, error = received(client, place(client))
    assert (got, error) == (BYTES[:-7], None)


def test_a_file_comes_compressed_or_without_a_length(hub: Hub, client: httpx2.Client) -> None:
    url = place(client)
    rule = hub.faults.add(Gzipped(), "*one.gguf")
    got, response, _ = received(client, url)
    assert response.headers["content-encoding"] == "gzip"
    assert gzip.decompress(got) == BYTES
    rule.off()
    hub.faults.add(NoLength(), "*one.gguf")
    got, response, _ = received(client, url)
    assert "content-length" not in response.headers
    assert got == BYTES


def test_json_is_no_json_or_huge(hub: Hub, client: httpx2.Client) -> None:
    rule = hub.faults.add(NotJson(), "/api/models")
    assert client.get("/api/models").text.startswith("<html>")
    rule.off()
    hub.faults.add(HugeJson(3 << 20), "/api/models")
    assert len(json.loads(client.get("/api/models").content)) > 1_000_000


# -- ranges, redirects, other answers ----------------------------------------------------------------


def test_ranges_are_ignored_or_wrong(hub: Hub, client: httpx2.Client) -> None:
    url, asked = place(client), {"range": "bytes=10-19"}
    rule = hub.faults.add(IgnoreRange(), origin=Origin.CDN)
    whole = client.get(url, headers=asked)
    assert (whole.status_code, whole.content) == (200, BYTES)
    rule.off()
    hub.faults.add(WrongRange(shift=5), origin=Origin.CDN)
    moved = client.get(url, headers=asked)
    assert moved.headers["content-range"] == f"bytes 15-24/{len(BYTES)}"
    assert moved.content == BYTES[15:25]


def test_redirects_go_round_or_away(hub: Hub, client: httpx2.Client) -> None:
    rule = hub.faults.add(RedirectLoop(), PATH)
    with pytest.raises(httpx2.TooManyRedirects):
        client.get(PATH, follow_redirects=True)
    rule.off()
    hub.faults.add(RedirectTo("http://elsewhere.invalid/x", 307), PATH)
    reply = client.get(PATH)
    assert (reply.status_code, reply.headers["location"]) == (307, "http://elsewhere.invalid/x")


def test_any_status_with_and_without_headers(hub: Hub, client: httpx2.Client) -> None:
    hub.faults.add(Status(503), "/api/*", times=2)
    hub.faults.add(Status(429, {"Retry-After": "2"}, {"error": "slow"}), "/api/*", times=1)
    replies = [client.get("/api/models") for _ in range(4)]
    assert [one.status_code for one in replies] == [503, 503, 429, 200]
    assert (replies[0].content, replies[2].json()) == (b"", {"error": "slow"})
    assert replies[2].headers["retry-after"] == "2"
    hub.faults.add(Headers({"X-Repo-Commit": None, "X-HF-Warning": "t; m"}), PATH)
    assert "x-repo-commit" not in client.head(PATH).headers
    assert client.head(PATH).headers["x-hf-warning"] == "t; m"


def test_a_fault_strikes_where_and_as_often_as_it_was_told(hub: Hub, client: httpx2.Client) -> None:
    rule = hub.faults.add(WrongBytes(), "*one.gguf", times=1, after=1, method="GET")
    url = place(client)
    assert [client.get(url).content == BYTES for _ in range(4)] == [True, False, True, True]
    assert (rule.spared, rule.strikes) == (1, 1)
    hub.faults.add(Status(500))
    hub.faults.clear()
    assert client.get("/api/models").status_code == 200
