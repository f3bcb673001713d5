"""What people read of a running job: counts that are right, and a speed that no clock can make absurd."""

from __future__ import annotations

import math
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_library.errors import CancelledError
from model_library.events import Advanced, Event, ModelDone, Notice, Planned, Waiting
from model_library.job_progress import (
    BURST,
    Bandwidth,
    JobProgress,
    ProgressMeter,
    seconds_left,
    smoothed,
)

MIB = 1024**2


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def heard(meter: ProgressMeter, *events: Event) -> None:
    for event in events:
        meter.hear(event)


def test_counts_are_those_of_the_events() -> None:
    meter = ProgressMeter(Clock())
    heard(
        meter,
        Planned("import", 3, 300),
        Advanced("import", 120),
        Advanced("import", -20),
        ModelDone("import", "a", "imported"),
        Notice("code", "nothing to count"),
    )
    assert meter.look() == JobProgress(
        "import", 100, 300, 1, 3, rate=None, seconds_left=None, detail="imported: a"
    )


def test_what_is_waited_for_shows_until_the_time_is_over() -> None:
    clock = Clock()
    meter = ProgressMeter(clock)
    heard(meter, ModelDone("lookup", "a", "matched"), Waiting(59.2, "the Hub asks for it"))
    assert meter.look().detail == "waiting 60 s: the Hub asks for it"
    clock.now += 60
    assert meter.look().detail == "matched: a"


def test_a_plan_that_comes_again_keeps_what_is_done_and_another_stage_begins_anew() -> None:
    meter = ProgressMeter(Clock())
    heard(meter, Planned("download", 1, 100), Advanced("download", 60), Planned("download", 1, 200))
    assert (meter.look().bytes_done, meter.look().bytes_total) == (60, 200)
    heard(meter, Planned("verify", 5, 50))
    assert (meter.look().bytes_done, meter.look().stage) == (0, "verify")


def test_a_steady_speed_is_found_and_gives_the_time_left() -> None:
    clock = Clock()
    meter = ProgressMeter(clock)
    meter.hear(Planned("import", 1, 100 * MIB))
    for _ in range(60):
        clock.now += 0.5
        meter.hear(Advanced("import", MIB))
        progress = meter.look()
    assert progress.rate == pytest.approx(2 * MIB)
    assert progress.seconds_left == pytest.approx(20)
    assert progress.fraction == pytest.approx(0.6)


def test_what_was_there_already_is_progress_and_no_speed() -> None:
    clock = Clock()
    meter = ProgressMeter(clock)
    skipped = Advanced("download", 60 * MIB, is_skipped=True)
    heard(meter, Planned("download", 1, 100 * MIB), skipped)
    clock.now += 1
    meter.hear(Advanced("download", MIB))
    progress = meter.look()
    assert progress.fraction == pytest.approx(0.61)
    assert progress.rate == pytest.approx(MIB)
    assert progress.seconds_left == pytest.approx(39)


@pytest.mark.parametrize("jump", [-3600.0, 0.0, 8 * 3600.0])
def test_a_jump_of_the_clock_leaves_the_speed_as_it_was(jump: float) -> None:
    clock = Clock()
    meter = ProgressMeter(clock)
    meter.hear(Planned("import", 1, 100 * MIB))
    for _ in range(20):
        clock.now += 0.5
        meter.hear(Advanced("import", MIB))
        before = meter.look()
    clock.now += jump
    meter.hear(Advanced("import", MIB))
    assert meter.look().rate == before.rate
    clock.now += 0.5
    meter.hear(Advanced("import", MIB))
    assert meter.look().rate == pytest.approx(2 * MIB)


def test_a_rest_has_no_speed_and_does_not_slow_what_follows() -> None:
    clock = Clock()
    meter = ProgressMeter(clock)
    heard(meter, Planned("import", 1, 100 * MIB), Advanced("import", MIB))
    clock.now += 1
    assert meter.look().rate == pytest.approx(MIB)
    clock.now += 20
    rest = meter.rest()
    assert (rest.rate, rest.seconds_left, rest.bytes_done) == (None, None, MIB)
    clock.now += 1
    meter.hear(Advanced("import", MIB))
    assert meter.look().rate == pytest.approx(MIB)


@given(
    steps=st.lists(
        st.tuples(st.integers(-(2**50), 2**60), st.floats(-1e9, 1e9, allow_nan=False)), max_size=50
    ),
    total=st.integers(0, 2**62),
)
def test_no_clock_and_no_count_makes_a_number_that_cannot_be_shown(
    steps: list[tuple[int, float]], total: int
) -> None:
    clock = Clock()
    meter = ProgressMeter(clock)
    meter.hear(Planned("import", 1, total))
    for count, seconds in steps:
        clock.now += seconds
        meter.hear(Advanced("import", count))
        progress = meter.look()
        assert progress.bytes_done >= 0
        assert progress.rate is None or (progress.rate >= 0 and math.isfinite(progress.rate))
        assert progress.seconds_left is None or 0 <= progress.seconds_left < 1e9
        assert progress.fraction is None or 0 <= progress.fraction <= 1


def test_what_does_not_move_has_no_time_left() -> None:
    some = JobProgress(bytes_done=1, bytes_total=10)
    assert seconds_left(some, 3.0) == 3
    assert seconds_left(some, 0.0) is None
    assert seconds_left(some, 1e-9) is None
    assert seconds_left(JobProgress(bytes_done=1), 5.0) is None
    assert smoothed(None, 0, 1.0) is None


def test_models_tell_how_far_it_is_where_bytes_do_not() -> None:
    assert JobProgress(models_done=1, models_total=4, bytes_total=0).fraction == 0.25
    assert JobProgress().fraction is None


# --- bandwidth -----------------------------------------------------------------------------------------


def test_bytes_are_due_at_the_rate_after_a_small_burst() -> None:
    clock = Clock()
    bucket = Bandwidth(1000, clock)
    clock.now += 60
    assert bucket.reserve(1000) == pytest.approx(1 - BURST)
    assert bucket.reserve(500) == pytest.approx(1.5 - BURST)
    clock.now += 1
    assert bucket.reserve(100) == pytest.approx(0.6 - BURST)


def test_no_limit_and_bytes_given_back_wait_for_nothing() -> None:
    assert Bandwidth(None, Clock()).reserve(10**12) == 0
    assert Bandwidth(10, Clock()).reserve(-5) == 0


def test_a_clock_that_went_back_makes_nobody_wait_for_it() -> None:
    clock = Clock()
    bucket = Bandwidth(1000, clock)
    bucket.reserve(1000)
    clock.now -= 900
    assert bucket.reserve(1000) <= 1


def test_whoever_waits_can_be_stopped() -> None:
    bucket, cancelled = Bandwidth(10), threading.Event()
    threading.Timer(0.05, cancelled.set).start()
    with pytest.raises(CancelledError):
        bucket.take(10_000, cancelled)
