"""Who is let in, and what every answer carries."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator, Mapping

import httpx2
import pytest

from model_library.api.http.security import MOST_JSON, Access
from model_library.api.server import Server

STATUS = "/api/v1/status"
SCAN = "/api/v1/scans"


@pytest.fixture
def token(shared: Server) -> str:
    return shared.context.access.token


@pytest.fixture
def known(shared: Server, token: str) -> Iterator[httpx2.Client]:
    """A browser that was opened with the printed address."""
    with httpx2.Client(base_url=shared.context.access.url, timeout=30) as client:
        assert client.get(f"/?token={token}").status_code == 303
        yield client


def code(answer: httpx2.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert set(problem) == {"type", "title", "status", "code", "detail", "hint", "path"}
    return answer.status_code, problem["code"]


# --- the token -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", [STATUS, "/api/openapi.json", "/api/nothing", "/api", "/api/v1/events"]
)
def test_nothing_of_the_api_answers_without_the_token(stranger: httpx2.Client, path: str) -> None:
    assert code(stranger.get(path)) == (401, "token-missing")


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer wrong"},
        {"authorization": "Bearer"},
        {"authorization": "Basic {token}"},
        {"x-model-library-token": "wrong"},
        {"x-model-library-token": "é"},
        {"cookie": "model_library_1={token}"},
        {"cookie": "\x7f=;;=,"},
    ],
)
def test_something_like_a_token_is_none(
    stranger: httpx2.Client, token: str, headers: Mapping[str, str]
) -> None:
    sent = [(name.encode(), value.format(token=token).encode()) for name, value in headers.items()]
    assert code(stranger.get(STATUS, headers=sent)) == (401, "token-missing")


@pytest.mark.parametrize(
    "other", ['prefs={"a": [1]}', "flag", "two words=1", "user[x]=1", "{cookie}=of another path"]
)
def test_cookies_of_other_programs_do_not_hide_ours(
    stranger: httpx2.Client, shared: Server, token: str, other: str
) -> None:
    name = shared.context.access.cookie
    sent = f"{other.replace('{cookie}', name)}; {name}={token}"
    assert stranger.get(STATUS, headers={"cookie": sent}).status_code == 200


@pytest.mark.parametrize("name", ["authorization", "x-model-library-token"])
def test_a_script_sends_the_token_in_a_header(
    stranger: httpx2.Client, token: str, name: str
) -> None:
    value = f"bearer {token}" if name == "authorization" else token
    assert stranger.get(STATUS, headers={name: value}).status_code == 200


def test_the_printed_address_makes_a_browser_known(stranger: httpx2.Client, token: str) -> None:
    answer = stranger.get(f"/?token={token}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert all(part in cookie for part in ("httponly", "samesite=strict", "path=/"))
    assert stranger.get(STATUS).status_code == 200


def test_a_token_in_the_address_counts_on_the_first_page_only(
    stranger: httpx2.Client, token: str
) -> None:
    assert code(stranger.get(f"{STATUS}?token={token}")) == (401, "token-missing")
    assert "set-cookie" not in stranger.get(f"/models?token={token}").headers
    assert code(stranger.get("/?token=wrong")) == (403, "token-wrong")


def test_two_starts_have_two_tokens() -> None:
    one, other = Access("127.0.0.1", 1), Access("127.0.0.1", 1)
    assert one.token != other.token
    assert len(one.token) >= 32
    assert one.token not in repr(one)


def test_the_token_is_in_no_log(
    stranger: httpx2.Client, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="uvicorn"):
        stranger.get(f"/?token={token}")
        stranger.get(f"{STATUS}?token={token}")
    said = [one.getMessage() for one in caplog.records if one.name.startswith("uvicorn")]
    assert [line for line in said if token in line] == []


# --- other hosts and pages -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "127.0.0.1.evil.example",
        "[::1].evil.example",
        "127.0.0.1:{port}:evil",
        "192.168.1.5",
        "",
        "[",
    ],
)
@pytest.mark.parametrize("path", ["/", STATUS])
def test_a_name_that_was_let_point_here_gets_nothing(
    known: httpx2.Client, shared: Server, host: str, path: str
) -> None:
    name = host.format(port=shared.context.access.port)
    assert code(known.get(path, headers={"host": name})) == (403, "foreign-host")


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:1", "127.0.0.1:80", "[::1]:9", "LOCALHOST"]
)
def test_this_machine_is_known_under_its_names(known: httpx2.Client, token: str, host: str) -> None:
    headers = {"host": host, "authorization": f"Bearer {token}"}
    assert known.get(STATUS, headers=headers).status_code == 200


def test_a_request_without_a_host_is_refused(shared: Server) -> None:
    with socket.create_connection(("127.0.0.1", shared.context.access.port), timeout=5) as plain:
        plain.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert b"403" in plain.recv(100).split(b"\r\n")[0]


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
        {"origin": "https://127.0.0.1:{port}"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_another_page_changes_and_reads_nothing(
    known: httpx2.Client, shared: Server, method: str, headers: Mapping[str, str]
) -> None:
    port = shared.context.access.port
    sent = {name: value.format(port=port) for name, value in headers.items()}
    path = {"GET": STATUS, "POST": SCAN, "DELETE": "/api/v1/trash"}[method]
    assert code(known.request(method, path, headers=sent)) == (403, "cross-site")
    assert known.get("/api/v1/jobs?everything=true").json()["jobs"] == []


def test_our_own_page_may(known: httpx2.Client, shared: Server) -> None:
    own = {"origin": shared.context.access.url.rstrip("/"), "sec-fetch-site": "same-origin"}
    assert known.get(STATUS, headers=own).status_code == 200
    assert known.patch("/api/v1/queue/limits", headers=own, json={}).status_code == 200


def test_a_link_from_elsewhere_opens_the_pages(stranger: httpx2.Client) -> None:
    assert stranger.get("/", headers={"sec-fetch-site": "cross-site"}).status_code == 200


def test_nothing_is_shared_with_other_origins(known: httpx2.Client) -> None:
    asked = {"origin": "http://evil.example", "access-control-request-method": "POST"}
    answer = known.request("OPTIONS", SCAN, headers=asked)
    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.startswith("access-control")]


# --- bodies ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "media_type", ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain", ""]
)
def test_a_form_is_no_request(known: httpx2.Client, media_type: str) -> None:
    headers = {"content-type": media_type}
    answer = known.post(SCAN, content=b'{"deep": true}', headers=headers)
    assert code(answer) == (415, "wrong-media-type")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b"9" * 10_000, 400),
        (b"[]", 422),
        (b'"text"', 422),
        (b"null", 422),
        (b'{"deep": "perhaps"}', 422),
        (b'{"deeep": true}', 422),
    ],
)
def test_a_body_of_the_wrong_shape_is_one_clear_error(
    client: httpx2.Client, body: bytes, expected: int
) -> None:
    answer = client.post(SCAN, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == expected
    assert code(answer)[1] in {"invalid-request", "bad-request"}
    assert client.get("/api/v1/jobs?everything=true").json()["jobs"] == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("imports", {"paths": [""], "place": "move"}),
        ("imports/preview", {"paths": ["/a", ""]}),
        ("roots", {"path": ""}),
        ("roots/relocate", {"old": "x", "new": ""}),
    ],
)
def test_an_empty_path_is_not_where_the_server_runs(
    client: httpx2.Client, path: str, body: Mapping[str, object]
) -> None:
    assert code(client.post(f"/api/v1/{path}", json=body)) == (422, "invalid-request")


def test_a_huge_body_is_refused_before_it_is_read(shared: Server, token: str) -> None:
    head = (
        f"POST {SCAN} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {100 * 1024**2}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", shared.context.access.port), timeout=5) as plain:
        plain.sendall(head.encode())
        assert b"413" in plain.recv(1000).split(b"\r\n")[0]


def test_a_body_that_hides_its_size_ends_at_the_limit(known: httpx2.Client) -> None:
    def endless() -> Iterator[bytes]:
        yield b'{"deep": "'
        for _ in range(MOST_JSON // 65536 + 2):
            yield b"x" * 65536

    answer = known.post(SCAN, content=endless(), headers={"content-type": "application/json"})
    assert answer.status_code == 413


# --- headers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", STATUS, "/api/nothing", "/assets/none.js"])
def test_every_answer_forbids_what_no_page_of_ours_needs(known: httpx2.Client, path: str) -> None:
    headers = known.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "server" not in headers


# --- the address -----------------------------------------------------------------------------------


def test_only_an_address_of_this_machine_is_loopback() -> None:
    assert [Access(host, 1).loopback for host in ("127.0.0.1", "::1", "localhost")] == [True] * 3
    assert [Access(host, 1).loopback for host in ("::", "10.0.0.1", "box")] == [False] * 3


def test_bound_to_everything_addresses_and_given_names_are_ours() -> None:
    access = Access("0.0.0.0", 1, names=frozenset({"box.local"}))  # noqa: S104 # bound to nothing
    assert access.is_own_host("192.168.1.5:7654")
    assert access.is_own_host("Box.local:7654")
    assert not access.is_own_host("evil.example")
    assert access.url == "http://127.0.0.1:1/"
    assert Access("::1", 1).url == "http://[::1]:1/"
