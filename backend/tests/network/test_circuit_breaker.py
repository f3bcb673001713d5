"""A host that does not answer is left in peace."""

from __future__ import annotations

from pathlib import Path

import pytest

from model_library.network.circuit_breaker import CircuitBreaker, Permit, Refusal
from model_library.network.hosts import HostBook
from model_library.network.state import StateFile
from model_library.network.status import CircuitState
from tests.network.servers import FakeTime

HOST = "https://hub.example"
OTHER = "https://other.example"
DOWN = OSError("down")


def breaker_at(time: FakeTime, directory: Path | None = None) -> CircuitBreaker:
    file = None if directory is None else StateFile(directory)
    hosts = HostBook(file, open_for=60, clock=time.clock, wall=time.wall)
    return CircuitBreaker(hosts, failures_to_open=3, open_for=60, clock=time.clock, wall=time.wall)


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def breaker(time: FakeTime) -> CircuitBreaker:
    return breaker_at(time)


def allowed(breaker: CircuitBreaker, host: str = HOST) -> Permit:
    permit = breaker.admit(host)
    assert isinstance(permit, Permit)
    return permit


def fail(breaker: CircuitBreaker, times: int = 1) -> None:
    for _ in range(times):
        breaker.failed(allowed(breaker), DOWN)


def test_three_failures_in_a_row_open_it_for_that_host_only(
    breaker: CircuitBreaker, time: FakeTime
) -> None:
    fail(breaker, 2)
    assert breaker.state(HOST) is CircuitState.CLOSED
    fail(breaker)
    assert breaker.state(HOST) is CircuitState.OPEN
    assert breaker.admit(HOST) == Refusal(HOST, since=time.epoch, until=time.epoch + 60)
    allowed(breaker, OTHER)


def test_an_answer_between_failures_starts_the_count_anew(breaker: CircuitBreaker) -> None:
    fail(breaker, 2)
    breaker.succeeded(allowed(breaker))
    fail(breaker, 2)
    assert breaker.state(HOST) is CircuitState.CLOSED


def test_after_a_minute_one_request_tries_while_the_others_are_refused(
    breaker: CircuitBreaker, time: FakeTime
) -> None:
    fail(breaker, 3)
    time.passes(59.9)
    assert isinstance(breaker.admit(HOST), Refusal)
    time.passes(0.1)
    assert breaker.state(HOST) is CircuitState.HALF_OPEN
    probe = allowed(breaker)
    assert probe.is_probe
    assert isinstance(breaker.admit(HOST), Refusal)
    breaker.succeeded(probe)
    assert breaker.state(HOST) is CircuitState.CLOSED
    assert not allowed(breaker).is_probe


def test_a_try_that_fails_opens_it_for_another_minute(
    breaker: CircuitBreaker, time: FakeTime
) -> None:
    fail(breaker, 3)
    time.passes(60)
    fail(breaker)
    assert breaker.state(HOST) is CircuitState.OPEN
    time.passes(59)
    assert isinstance(breaker.admit(HOST), Refusal)
    time.passes(1)
    assert allowed(breaker).is_probe


def test_who_will_not_wait_has_one_request_sent_at_once(
    breaker: CircuitBreaker, time: FakeTime
) -> None:
    began = time.epoch
    fail(breaker, 3)
    time.passes(1)
    breaker.let_try()
    assert breaker.state(HOST) is CircuitState.HALF_OPEN
    probe = allowed(breaker)
    breaker.let_try()
    assert isinstance(breaker.admit(HOST), Refusal)
    breaker.failed(probe, DOWN)
    assert breaker.admit(HOST) == Refusal(HOST, since=began, until=time.epoch + 60)
    breaker.let_try()
    breaker.succeeded(allowed(breaker))
    assert breaker.state(HOST) is CircuitState.CLOSED
    breaker.let_try()
    assert not allowed(breaker).is_probe


def test_a_host_that_another_process_found_away_can_be_tried_at_once(
    tmp_path: Path, time: FakeTime
) -> None:
    fail(breaker_at(time, tmp_path), 3)
    later = breaker_at(time, tmp_path)
    later.let_try()
    assert allowed(later).is_probe
    assert isinstance(later.admit(HOST), Refusal)


def test_an_outage_began_when_the_first_try_of_it_failed(
    breaker: CircuitBreaker, time: FakeTime
) -> None:
    began = time.epoch
    fail(breaker, 3)
    for _ in range(2):
        time.passes(60)
        fail(breaker)
    time.passes(10)
    assert breaker.admit(HOST) == Refusal(HOST, since=began, until=time.epoch + 50)
    time.passes(50)
    breaker.succeeded(allowed(breaker))
    fail(breaker, 3)
    assert breaker.admit(HOST) == Refusal(HOST, since=time.epoch, until=time.epoch + 60)


def test_a_try_that_is_cancelled_lets_another_try(breaker: CircuitBreaker, time: FakeTime) -> None:
    fail(breaker, 3)
    time.passes(60)
    breaker.abandoned(allowed(breaker))
    assert allowed(breaker).is_probe


def test_requests_that_fail_together_are_one_failure(breaker: CircuitBreaker) -> None:
    for permit in [allowed(breaker) for _ in range(20)]:
        breaker.failed(permit, DOWN)
    assert breaker.state(HOST) is CircuitState.CLOSED


def test_waiting_in_vain_for_a_whole_call_opens_it_at_once(breaker: CircuitBreaker) -> None:
    breaker.used_up(HOST, DOWN)
    assert breaker.state(HOST) is CircuitState.OPEN
    breaker.used_up(HOST, DOWN)
    assert breaker.state(HOST) is CircuitState.OPEN


def test_what_was_sent_before_it_opened_changes_nothing_any_more(
    breaker: CircuitBreaker,
) -> None:
    late = [allowed(breaker), allowed(breaker)]
    fail(breaker, 3)
    breaker.succeeded(late[0])
    breaker.failed(late[1], DOWN)
    assert breaker.state(HOST) is CircuitState.OPEN


def test_a_clock_that_jumps_changes_nothing_inside_a_process(
    breaker: CircuitBreaker, time: FakeTime
) -> None:
    fail(breaker, 3)
    time.epoch += 10 * 365 * 86400
    assert isinstance(breaker.admit(HOST), Refusal)
    time.epoch = 0.0
    time.monotonic += 60
    assert allowed(breaker).is_probe


def test_the_next_process_knows_at_once_and_for_the_rest_of_the_minute(
    time: FakeTime, tmp_path: Path
) -> None:
    fail(breaker_at(time, tmp_path), 3)
    time.epoch += 20
    time.monotonic = 5.0  # another process, another beginning of its clock
    following = breaker_at(time, tmp_path)
    assert following.state(HOST) is CircuitState.OPEN
    refusal = following.admit(HOST)
    assert isinstance(refusal, Refusal)
    assert refusal.until == time.epoch + 40
    time.passes(40)
    assert allowed(following).is_probe


def test_a_host_that_came_back_is_known_to_the_next_process(time: FakeTime, tmp_path: Path) -> None:
    first = breaker_at(time, tmp_path)
    fail(first, 3)
    time.passes(60)
    first.succeeded(allowed(first))
    assert breaker_at(time, tmp_path).state(HOST) is CircuitState.CLOSED


@pytest.mark.parametrize("jump", [-1, -86400, 60, 86400])
def test_a_time_that_cannot_be_is_no_time(time: FakeTime, tmp_path: Path, jump: float) -> None:
    fail(breaker_at(time, tmp_path), 3)
    time.epoch += jump
    following = breaker_at(time, tmp_path)
    assert following.state(HOST) is CircuitState.CLOSED
    allowed(following)


def test_a_state_that_was_never_asked_for_passes_to_half_open_too(
    time: FakeTime, tmp_path: Path
) -> None:
    fail(breaker_at(time, tmp_path), 3)
    following = breaker_at(time, tmp_path)
    assert following.state(HOST) is CircuitState.OPEN
    time.passes(60)
    assert following.state(HOST) is CircuitState.HALF_OPEN
