"""Everything that a server or the way to it can do to a file: it comes whole, or one error says why not."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

import pytest

from model_library.errors import (
    AccessDeniedError,
    BadAnswerError,
    CancelledError,
    ConnectionFailedError,
    DownloadMismatchError,
    LicenseNotAcceptedError,
    ModelLibraryError,
    RateLimitedError,
    RemoteChangedError,
    RemoteFileNotFoundError,
    ServerFailedError,
    TimedOutError,
    TokenInvalidError,
    TokenNeededError,
)
from model_library.hf.file_download import Proof
from tests.hf.downloading import CONTENT, IMPATIENT, SIZE, Fetching, Recorder
from tests.hf.file_server import Fault, Handler, Seen, serving

pytestmark = pytest.mark.usefixtures("in_pieces")

KIB = 1024


def gets(answer: Callable[[Handler, Seen], object], *numbers: int) -> Fault:
    """Only the requests of these numbers (from 1) are answered so; without numbers all."""

    def fault(handler: Handler, seen: Seen, number: int) -> bool:
        if seen.method != "GET" or (numbers and number not in numbers):
            return False
        answer(handler, seen)
        return True

    return fault


def broken_off(handler: Handler, seen: Seen) -> None:
    handler.answer(seen, cut=100 * KIB)


def stalled(handler: Handler, seen: Seen) -> None:
    handler.answer(seen, cut=100 * KIB)
    handler.wfile.flush()
    time.sleep(1.3)


def dripping(handler: Handler, seen: Seen) -> None:
    handler.answer(seen, cut=0)
    for _ in range(12):
        handler.wfile.write(b"x")
        time.sleep(0.1)


def silent(handler: Handler, _seen: Seen) -> None:
    time.sleep(1.3)
    handler.close_connection = True


def failed(handler: Handler, _seen: Seen) -> None:
    handler.refuse(503)


def hung_up(handler: Handler, _seen: Seen) -> None:
    handler.close_connection = True


@pytest.mark.parametrize("fault", [broken_off, stalled, failed, hung_up])
@pytest.mark.parametrize("connections", [1, 4])
def test_a_range_that_stops_goes_on_where_it_stopped(
    fetching: Fetching, fault: Callable[[Handler, Seen], object], connections: int
) -> None:
    fetching.server.fault = gets(fault, 2, 3, 7)
    fetching.run(connections=connections)
    assert fetching.is_right()
    assert fetching.transfer.count == SIZE


def test_a_connection_that_drips_is_given_up(fetching: Fetching) -> None:
    fetching.server.fault = gets(dripping)
    with pytest.raises((TimedOutError, ConnectionFailedError)):
        fetching.run()
    assert not fetching.target.exists()


def test_a_server_that_always_breaks_off_is_used_as_long_as_it_sends_something(
    fetching: Fetching,
) -> None:
    fetching.server.fault = gets(broken_off)
    fetching.run()
    assert fetching.is_right()
    assert fetching.transfer.count == SIZE


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (hung_up, ConnectionFailedError),
        (failed, ServerFailedError),
        (lambda handler, _: handler.refuse(429), RateLimitedError),
        (silent, TimedOutError),
    ],
)
def test_after_some_tries_without_a_byte_the_error_says_why_and_a_later_try_goes_on(
    fetching: Fetching,
    fault: Callable[[Handler, Seen], object],
    error: type[ModelLibraryError],
) -> None:
    def later(handler: Handler, seen: Seen, number: int) -> bool:
        return number > 4 and gets(fault)(handler, seen, number)

    fetching.server.fault = later
    with pytest.raises(error):
        fetching.run()
    assert fetching.left() == {".part", ".part.json"}
    had = fetching.transfer.count
    assert had == 4 * 256 * KIB

    fetching.server.fault = None
    fetching.run()
    assert fetching.is_right()
    assert fetching.transfer.count == SIZE


@pytest.mark.parametrize(
    ("status", "headers", "error"),
    [
        (401, {}, TokenNeededError),
        (403, {"X-Error-Code": "GatedRepo"}, LicenseNotAcceptedError),
        (403, {}, AccessDeniedError),
        (404, {"X-Error-Code": "EntryNotFound"}, RemoteFileNotFoundError),
        (404, {}, RemoteFileNotFoundError),
        (410, {}, AccessDeniedError),
        (500, {}, ServerFailedError),
        (418, {}, BadAnswerError),
    ],
)
@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_a_refusal_is_the_error_for_it(
    fetching: Fetching,
    status: int,
    headers: dict[str, str],
    error: type[ModelLibraryError],
    method: str,
) -> None:
    def refuse(handler: Handler, seen: Seen, _number: int) -> bool:
        return seen.method == method and handler.refuse(status, headers)

    fetching.server.fault = refuse
    if status == 403:
        fetching.source = replace(fetching.source, headers={"Authorization": "Bearer hf_mine"})
    with pytest.raises(error):
        fetching.run()
    assert not fetching.target.exists()


def test_a_token_that_is_refused_is_called_invalid(fetching: Fetching) -> None:
    fetching.source = replace(fetching.source, headers={"Authorization": "Bearer hf_no"})
    fetching.server.fault = lambda handler, _seen, _number: handler.refuse(401)
    with pytest.raises(TokenInvalidError) as caught:
        fetching.run()
    assert "hf_no" not in str(caught.value)


def test_a_compressed_body_is_refused(fetching: Fetching) -> None:
    body = gzip.compress(CONTENT, 1)

    def compressed(handler: Handler, seen: Seen) -> None:
        handler.answer(seen, headers={"Content-Encoding": "gzip"}, body=body)

    fetching.server.fault = gets(compressed)
    with pytest.raises(BadAnswerError, match="compresses"):
        fetching.run()
    assert not fetching.target.exists()


@pytest.mark.parametrize(
    "lie",
    [
        "bytes 1-262144/{size}",
        "bytes 0-999999999/{size}",
        "bytes 262144-0/{size}",
        "nonsense",
        None,
    ],
)
def test_a_content_range_that_lies_is_refused(fetching: Fetching, lie: str | None) -> None:
    said = lie and lie.format(size=SIZE)

    def lying(handler: Handler, seen: Seen) -> None:
        handler.answer(seen, headers={"Content-Range": said})

    fetching.server.fault = gets(lying)
    with pytest.raises(BadAnswerError):
        fetching.run()
    assert not fetching.target.exists()


def test_a_range_longer_than_it_says_is_refused(fetching: Fetching) -> None:
    fetching.server.fault = gets(lambda handler, seen: handler.answer(seen, body=bytes(SIZE)), 5)
    with pytest.raises(BadAnswerError, match="more of"):
        fetching.run()
    assert not fetching.target.exists()


def test_a_range_shorter_than_asked_for_is_continued(fetching: Fetching) -> None:
    def shorter(handler: Handler, seen: Seen) -> None:
        start = seen.start or 0
        end = min(start + 50_000, SIZE)
        said = {"Content-Range": f"bytes {start}-{end - 1}/{SIZE}"}
        handler.answer(seen, headers=dict(said), body=CONTENT[start:end])

    fetching.server.fault = gets(shorter, 1, 4)
    fetching.run()
    assert fetching.is_right()


def test_a_server_without_ranges_sends_the_file_in_one_answer(fetching: Fetching) -> None:
    fetching.server.fault = gets(lambda handler, seen: handler.answer(seen, ranges=False))
    fetching.run()
    assert fetching.is_right()
    assert fetching.transfer.count == SIZE
    assert fetching.server.gets()[-1].start is None


def test_an_answer_without_ranges_that_breaks_off_begins_again(fetching: Fetching) -> None:
    def whole(handler: Handler, seen: Seen, number: int) -> bool:
        if seen.method != "GET":
            return False
        is_first = sum(one.start is None for one in handler.server.files.gets()) == 1
        cut = SIZE // 2 if seen.start is None and is_first else None
        handler.answer(seen, ranges=False, cut=cut)
        return True

    fetching.server.fault = whole
    fetching.run()
    assert fetching.is_right()
    assert fetching.transfer.count == SIZE


def test_an_answer_without_ranges_that_always_breaks_off_fails(fetching: Fetching) -> None:
    fetching.server.fault = gets(
        lambda handler, seen: handler.answer(seen, ranges=False, cut=SIZE // 2)
    )
    with pytest.raises(ConnectionFailedError):
        fetching.run()
    assert fetching.left() == set()
    assert fetching.transfer.count == 0


def _chunked(handler: Handler, seen: Seen) -> None:
    handler.answer(seen, headers={"Content-Length": None, "Transfer-Encoding": "chunked"}, body=b"")
    for start in range(0, SIZE, 100_000):
        part = CONTENT[start : start + 100_000]
        handler.wfile.write(b"%x\r\n" % len(part) + part + b"\r\n")
    handler.wfile.write(b"0\r\n\r\n")


def test_a_file_of_unknown_size_ends_where_the_server_says(fetching: Fetching) -> None:
    def unsized(handler: Handler, seen: Seen, _number: int) -> bool:
        if seen.method == "GET":
            _chunked(handler, seen)
        else:
            handler.answer(seen, headers={"Content-Length": None, "Transfer-Encoding": "chunked"})
        return True

    fetching.server.fault = unsized
    fetching.source = replace(fetching.source, size=None)
    assert fetching.run().size == SIZE
    assert fetching.is_right()


def test_without_a_hash_the_size_is_all_the_proof_and_the_result_says_so(
    fetching: Fetching,
) -> None:
    fetching.source = replace(fetching.source, sha256=None)
    assert fetching.run().proof is Proof.SIZE
    assert fetching.is_right()


def test_a_file_that_changes_between_two_ranges_begins_again_once(fetching: Fetching) -> None:
    other = CONTENT[::-1]

    def change(handler: Handler, seen: Seen, number: int) -> bool:
        if seen.method == "GET" and number == 4:
            handler.server.files.content, handler.server.files.etag = other, "two"
        return False

    fetching.server.fault = change
    fetching.source = replace(fetching.source, sha256=None)
    fetching.run()
    assert fetching.target.read_bytes() == other
    assert fetching.is_right()
    assert fetching.transfer.count == SIZE


def test_a_file_that_changes_all_the_time_is_given_up(fetching: Fetching) -> None:
    def change(handler: Handler, seen: Seen, number: int) -> bool:
        if seen.method == "GET":
            handler.server.files.etag = f"etag-{number}"
        return False

    fetching.server.fault = change
    with pytest.raises(RemoteChangedError):
        fetching.run()
    assert fetching.left() == set()
    assert fetching.transfer.count == 0


@pytest.mark.parametrize("total", [SIZE - 1, SIZE + 1])
def test_another_total_than_was_listed_is_a_contradiction(fetching: Fetching, total: int) -> None:
    def grown(handler: Handler, seen: Seen) -> None:
        start = seen.start or 0
        end = min(start + 256 * KIB, SIZE - 1)
        handler.answer(seen, headers={"Content-Range": f"bytes {start}-{end - 1}/{total}"})

    fetching.server.fault = gets(grown)
    with pytest.raises(BadAnswerError, match="bytes instead"):
        fetching.run()
    assert fetching.left() == set()


def test_a_file_that_is_not_the_listed_one_is_not_begun(fetching: Fetching) -> None:
    fetching.source = replace(fetching.source, size=SIZE + 1)
    with pytest.raises(RemoteChangedError):
        fetching.run()
    assert fetching.server.gets() == []


@pytest.mark.parametrize("delta", [-7, 7])
def test_the_listed_hash_with_another_length_is_a_contradiction(
    fetching: Fetching, delta: int
) -> None:
    def wrong_length(handler: Handler, seen: Seen, _number: int) -> bool:
        said: dict[str, str | None] = {"Content-Length": str(SIZE + delta)}
        if seen.method == "HEAD":
            said["X-Linked-Etag"] = f'"{fetching.server.sha256}"'
            handler.answer(seen, headers=said)
        return seen.method == "HEAD"

    fetching.server.fault = wrong_length
    with pytest.raises(
        BadAnswerError, match=rf"contradicts itself .* {SIZE + delta} bytes"
    ) as found:
        fetching.run()
    assert "proxy" in found.value.hint
    assert fetching.server.gets() == []


def test_a_range_behind_the_end_is_a_contradiction(fetching: Fetching) -> None:
    fetching.server.fault = gets(lambda handler, _seen: handler.refuse(416), 3, 4, 5, 6, 7, 8)
    with pytest.raises(BadAnswerError, match="416"):
        fetching.run()
    assert fetching.left() == set()


# -- redirects ---------------------------------------------------------------------------------------


def test_the_storage_gets_no_token_and_its_expired_address_is_asked_for_anew(
    fetching: Fetching,
) -> None:
    with serving(CONTENT) as storage:
        key = iter(range(100))
        valid: set[str] = set()

        def to_storage(handler: Handler, _seen: Seen, _number: int) -> bool:
            path = f"/signed?key={next(key)}"
            valid.clear()
            valid.add(path)
            headers = {
                "Location": f"http://127.0.0.1:{storage.port}{path}",
                "X-Linked-Etag": f'"{storage.sha256}"',
                "X-Linked-Size": str(SIZE),
                "X-Repo-Commit": "0" * 40,
            }
            return handler.refuse(302, headers)

        def expiring(handler: Handler, seen: Seen, number: int) -> bool:
            if number in {3, 8}:
                valid.clear()
            return seen.path not in valid and handler.refuse(403)

        fetching.server.fault, storage.fault = to_storage, expiring
        fetching.source = replace(
            fetching.source, size=None, sha256=None, headers={"Authorization": "Bearer hf_secret"}
        )
        proven = fetching.run()
        assert proven.proof is Proof.SHA256
        assert fetching.is_right()
        assert all("authorization" not in one.headers for one in storage.seen)
        assert all("authorization" in one.headers for one in fetching.server.seen)
        assert len(fetching.server.seen) >= 3


def test_a_storage_that_refuses_every_address_is_an_error(fetching: Fetching) -> None:
    with serving(CONTENT) as storage:
        storage.fault = lambda handler, _seen, _number: handler.refuse(403)
        place = {"Location": f"http://127.0.0.1:{storage.port}/signed?key=secret"}
        fetching.server.fault = lambda handler, _seen, _number: handler.refuse(302, place)
        with pytest.raises(ServerFailedError) as caught:
            fetching.run()
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "location",
    [
        "/repo/resolve/main/file.bin",
        "/round",
        "ftp://127.0.0.1/x",
        "file:///etc/passwd",
        "http://",
        "",
    ],
)
def test_a_redirect_that_leads_nowhere_is_refused(fetching: Fetching, location: str) -> None:
    fetching.server.fault = lambda handler, _seen, _number: handler.refuse(
        302, {"Location": location}
    )
    with pytest.raises(BadAnswerError, match="redirects"):
        fetching.run()
    assert len(fetching.server.seen) <= 10


def test_relative_redirects_are_followed_with_the_token(fetching: Fetching) -> None:
    def moved(handler: Handler, seen: Seen, _number: int) -> bool:
        return "moved" not in seen.path and handler.refuse(307, {"Location": "/moved/file.bin"})

    fetching.server.fault = moved
    fetching.source = replace(fetching.source, headers={"Authorization": "Bearer hf_secret"})
    fetching.run()
    assert fetching.is_right()
    assert all("authorization" in one.headers for one in fetching.server.seen)


# -- stopping ----------------------------------------------------------------------------------------


def test_a_cancel_ends_a_stalled_download_at_once(fetching: Fetching) -> None:
    fetching.patience = replace(IMPATIENT, stalled_after=20)
    with ExitStack() as cleanup:
        released = Recorder().cancelled
        cleanup.callback(released.set)

        def hang(handler: Handler, seen: Seen) -> None:
            handler.answer(seen, cut=10 * KIB)
            handler.wfile.flush()
            fetching.transfer.cancelled.set()
            released.wait(10)

        fetching.server.fault = gets(hang)
        began = time.monotonic()
        with pytest.raises(CancelledError):
            fetching.run()
        assert time.monotonic() - began < 3


def test_a_wrong_file_is_never_taken_whatever_the_server_says(fetching: Fetching) -> None:
    wrong = bytes(SIZE)
    fetching.server.fault = gets(
        lambda handler, seen: handler.answer(
            seen, body=wrong[(seen.start or 0) : (seen.start or 0) + 256 * KIB]
        )
    )
    with pytest.raises(DownloadMismatchError):
        fetching.run()
    assert fetching.left() == set()
    assert fetching.transfer.count == 0
