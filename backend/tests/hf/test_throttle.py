"""A batch of any length never meets a 429, and nobody waits longer than he wants to."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_library.hf.throttle import (
    Allowance,
    Bucket,
    Pacer,
    Throttle,
    Window,
    allowance_of,
    bucket_of,
)
from model_library.network.guard import RequestCancelledError
from model_library.network.retry import calling

HUB = "https://hub.example"


class CountingHub(httpx2.BaseTransport):
    """Counts requests in fixed windows, as the Hub does, and refuses what is too much."""

    def __init__(
        self,
        limit: int,
        window: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        delay: float = 0.0,
    ) -> None:
        self.limit, self.window, self.clock, self.delay = limit, window, clock, delay
        self.begun, self.used = clock(), 0
        self.answered, self.refused, self.at_once, self.most_at_once = 0, 0, 0, 0
        self.lock = threading.Lock()
        self.closed = False

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        del request
        with self.lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            if self.clock() - self.begun >= self.window:
                self.begun, self.used = self.clock(), 0
            is_allowed = self.used < self.limit
            self.used += is_allowed
            self.answered += is_allowed
            self.refused += not is_allowed
            headers = self.headers()
        time.sleep(self.delay)
        with self.lock:
            self.at_once -= 1
        return httpx2.Response(200 if is_allowed else 429, headers=headers, json=[])

    def headers(self) -> dict[str, str]:
        left = int(self.begun + self.window - self.clock())
        return {
            "RateLimit": f'"api";r={self.limit - self.used};t={left}',
            "RateLimit-Policy": f'"fixed window";"api";q={self.limit};w={int(self.window)}',
        }

    def close(self) -> None:
        self.closed = True


def ask(transport: httpx2.BaseTransport, url: str = f"{HUB}/api/models") -> httpx2.Response:
    return transport.handle_request(httpx2.Request("GET", url))


def said(status: int, headers: dict[str, str]) -> Allowance:
    return allowance_of(Bucket.API, status, headers, wall=1000.0)


def test_a_burst_of_many_threads_never_meets_a_429() -> None:
    def clock() -> float:
        return time.monotonic() * 100

    hub = CountingHub(limit=60, window=100, clock=clock, delay=0.002)
    throttle = Throttle(hub, Pacer(HUB, clock=clock))

    def one(_: int) -> int:
        with calling(math.inf, None):
            return ask(throttle).status_code

    with ThreadPoolExecutor(12) as pool:
        assert set(pool.map(one, range(100))) == {200}
    assert hub.refused == 0
    assert hub.answered == 100


def test_nobody_knows_the_window_so_one_request_goes_ahead_alone() -> None:
    hub = CountingHub(limit=3, window=100, delay=0.05)
    throttle = Throttle(hub, Pacer(HUB))
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: ask(throttle).status_code, range(3)))
    assert hub.refused == 0
    assert hub.most_at_once == 1
    assert answers.count(200) >= 1


def test_a_wait_longer_than_the_patience_is_a_429_with_its_seconds_and_not_sent() -> None:
    hub = CountingHub(limit=1, window=200)
    throttle = Throttle(hub, Pacer(HUB))
    assert ask(throttle).status_code == 200
    refused = ask(throttle)
    assert refused.status_code == 429
    assert 150 < int(refused.headers["Retry-After"]) <= 202
    assert (hub.answered, hub.refused) == (1, 0)


def test_the_buckets_do_not_take_from_one_another() -> None:
    hub = CountingHub(limit=1, window=200)
    throttle = Throttle(hub, Pacer(HUB))
    assert ask(throttle).status_code == 200
    assert ask(throttle).status_code == 429
    ask(throttle, f"{HUB}/o/n/resolve/main/f")
    ask(throttle, f"{HUB}/o/n")
    assert hub.refused == 2  # they were sent


def test_other_origins_pass() -> None:
    hub = CountingHub(limit=0, window=200)
    throttle = Throttle(hub, Pacer(HUB))
    for url in (
        "http://hub.example/api/x",
        "https://hub.example:444/api/x",
        "https://cdn.example/api/x",
    ):
        ask(throttle, url)
        ask(throttle, url)
    assert hub.refused == 6


def test_a_server_without_such_headers_is_not_paced() -> None:
    asked = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return httpx2.Response(200)

    throttle = Throttle(httpx2.MockTransport(answer), Pacer(HUB))
    for _ in range(300):
        ask(throttle)
    assert len(asked) == 300


def test_waiting_ends_when_the_caller_is_cancelled() -> None:
    throttle = Throttle(CountingHub(limit=1, window=200), Pacer(HUB))
    ask(throttle)
    stop = threading.Event()
    timer = threading.Timer(0.1, stop.set)
    timer.start()
    told: list[float] = []
    with calling(math.inf, stop, told.append), pytest.raises(RequestCancelledError):
        ask(throttle)
    timer.join()
    assert [100 < seconds <= 202 for seconds in told] == [True]


def test_waiting_ends_when_the_stack_is_closed() -> None:
    hub, pacer = CountingHub(limit=1, window=200), Pacer(HUB)
    throttle = Throttle(hub, pacer)
    ask(throttle)
    timer = threading.Timer(0.1, pacer.close)
    timer.start()
    with calling(math.inf, None), pytest.raises(RequestCancelledError):
        ask(throttle)
    timer.join()
    throttle.close()
    assert hub.closed


def test_a_failure_gives_its_place_back() -> None:
    def fail(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused", request=request)

    throttle = Throttle(httpx2.MockTransport(fail), Pacer(HUB))
    for _ in range(5):
        with pytest.raises(httpx2.ConnectError):
            ask(throttle)


def test_what_another_process_learnt_counts() -> None:
    hub = CountingHub(limit=500, window=300)
    pacer = Pacer(HUB)
    throttle = Throttle(hub, pacer)
    pacer.seed(Bucket.API, Allowance(remaining=0, reset_in=250, limit=500))
    assert ask(throttle).status_code == 429
    assert hub.answered == 0


@pytest.mark.parametrize(
    ("headers", "blocked"),
    [
        ({"retry-after": "7"}, 8),
        ({"ratelimit": '"api";r=0;t=55'}, 56),
        ({"ratelimit": '"api";r=9;t=55'}, 2),
        ({"ratelimit": '"api";r=0;t=55', "retry-after": "7"}, 56),
        ({"retry-after": "Thu, 01 Jan 1970 00:17:00 GMT"}, 21),
        ({"retry-after": "99999999999999"}, 2),
        ({}, 2),
    ],
)
def test_a_429_stops_everything_as_long_as_it_says(headers: dict[str, str], blocked: float) -> None:
    quota = said(429, headers)
    assert quota.blocked_for == blocked
    window = Window().sent(0).answered(1, quota)
    assert window.delay(1) >= blocked
    assert (
        Window().told(1, said(200, {"ratelimit": '"api";r=400;t=300'})).told(2, quota).delay(2)
        == blocked
    )


def test_the_example_of_the_documentation_is_understood() -> None:
    headers = {
        "ratelimit": '"api";r=489;t=137',
        "ratelimit-policy": '"fixed window";"api";q=500;w=300',
    }
    assert said(200, headers) == Allowance(489, 137, 500)


@given(
    st.sampled_from([200, 404, 429]),
    st.text(max_size=60),
    st.text(max_size=60),
    st.text(max_size=20),
)
def test_any_header_is_a_quota_that_ends(status: int, limit: str, policy: str, retry: str) -> None:
    quota = said(status, {"ratelimit": limit, "ratelimit-policy": policy, "retry-after": retry})
    assert quota.remaining is None or quota.remaining >= 0
    assert 0 <= quota.reset_in <= 3600
    assert (quota.blocked_for > 0) == (status == 429)
    assert math.isfinite(Window().sent(0).answered(0, quota).delay(0))


@pytest.mark.parametrize(
    ("path", "bucket"),
    [
        ("/api/models", Bucket.API),
        ("/api/models/o/n/tree/main", Bucket.API),
        ("/o/n/resolve/main/f.gguf", Bucket.RESOLVERS),
        ("/api/resolve-cache/models/o/n/abc/f", Bucket.RESOLVERS),
        ("/o/n", Bucket.PAGES),
        ("/", Bucket.PAGES),
    ],
)
def test_a_path_spends_its_bucket(path: str, bucket: Bucket) -> None:
    assert bucket_of(path) is bucket


@settings(max_examples=60)
@given(
    limit=st.integers(1, 600),
    length=st.integers(2, 300),
    used=st.integers(0, 600),
    requests=st.integers(1, 900),
    latency=st.floats(0.001, 2.0),
    width=st.integers(1, 8),
)
def test_a_batch_in_simulated_time_is_never_refused_and_uses_the_window(
    limit: int, length: int, used: int, requests: int, latency: float, width: int
) -> None:
    now, begun, spent = 1000.0, 1000.0, min(used, limit)
    window, under_way, refused = Window(), list[tuple[float, Allowance]](), 0
    window = window.told(now, Allowance(limit - spent, float(length), limit))
    for _ in range(requests):
        while True:
            while under_way and under_way[0][0] <= now:
                at, quota = under_way.pop(0)
                window = window.answered(at, quota)
            delay = window.delay(now)
            if delay <= 0 and len(under_way) < width:
                break
            arrives = under_way[0][0] if under_way else math.inf
            now = min(arrives, now + delay if delay > 0 else math.inf)
        if now - begun >= length:
            begun, spent = now, 0
        refused += spent >= limit
        spent += 1
        left = math.floor(begun + length - now)
        under_way.append((now + latency, Allowance(max(0, limit - spent), float(left), limit)))
        window = window.sent(now)
    assert refused == 0
    windows = requests / (limit - limit // 100) + 2
    assert limit < 20 or now - 1000 <= windows * (length + 2) + requests * (latency + 0.3)
