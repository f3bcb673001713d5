"""What hosts say about how often they may be asked."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_library.network.headers import RateLimit, rate_limits, retry_after, wait_asked_for

NOW = 1_700_000_000.0

names = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=12)
numbers = st.integers(0, 999_999_999)


def test_the_headers_of_the_hub_are_one_bucket() -> None:
    headers = {
        "ratelimit": '"api";r=0;t=17',
        "ratelimit-policy": '"fixed window";"api";q=500;w=300',
    }
    assert rate_limits(headers) == (RateLimit("api", 0, 17, 500, 300),)


@given(
    st.dictionaries(names, st.tuples(numbers, numbers, numbers, numbers), max_size=4),
    st.sampled_from(["", " ", "  "]),
)
def test_whatever_a_host_says_of_its_buckets_is_read_back(
    buckets: dict[str, tuple[int, int, int, int]], space: str
) -> None:
    headers = {
        "ratelimit": f",{space}".join(
            f'"{name}";{space}r={r};{space}t={t}' for name, (r, t, _, _) in buckets.items()
        ),
        "ratelimit-policy": f",{space}".join(
            f'"fixed, window";"{name}";q={q};w={w}' for name, (_, _, q, w) in buckets.items()
        ),
    }
    assert rate_limits(headers) == tuple(
        RateLimit(name, r, t, q, w) for name, (r, t, q, w) in buckets.items()
    )


@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=100))
def test_no_header_is_an_error(limit: str, policy: str, after: str) -> None:
    headers = {"ratelimit": limit, "ratelimit-policy": policy, "retry-after": after}
    for one in rate_limits(headers):
        assert one.remaining >= 0
        assert one.reset >= 0
    wait = wait_asked_for(headers, NOW)
    assert wait is None or wait >= 0


@pytest.mark.parametrize(
    "text",
    [
        '"api";r=-1;t=3',
        '"api";r=1',
        "api;r=1;t=1",
        '"api";r=99999999999;t=1',
        '"api";r=1;t=' + "9" * 5000,
    ],
)
def test_what_makes_no_sense_counts_as_not_said(text: str) -> None:
    assert rate_limits({"ratelimit": text}) == ()


@given(st.integers(0, 100_000))
def test_a_wait_is_a_number_of_seconds_or_a_date(seconds: int) -> None:
    date = format_datetime(datetime.fromtimestamp(NOW + seconds, UTC), usegmt=True)
    assert retry_after(str(seconds), NOW) == seconds
    assert retry_after(date, NOW) == seconds


def test_a_date_in_the_past_is_no_wait() -> None:
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT", NOW) == 0.0


@pytest.mark.parametrize(
    "text", ["", "soon", "-5", "1.5", "9" * 400, "Wed, 99 Oct 2015 07:28:00 GMT"]
)
def test_a_wait_that_cannot_be_read_is_none(text: str) -> None:
    assert retry_after(text, NOW) is None


def test_the_longest_wait_counts_and_only_of_empty_buckets() -> None:
    headers = {"ratelimit": '"api";r=0;t=17, "resolvers";r=3;t=100', "retry-after": "5"}
    assert wait_asked_for(headers, NOW) == 17
    assert wait_asked_for({"ratelimit": '"api";r=1;t=17'}, NOW) is None
