"""Drive queues: as many at once as the drive likes, in the order of asking, never stuck."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from model_library.errors import CancelledError, InvalidValueError
from model_library.io.manager import (
    DRIVES_KNOWN_FOR,
    DriveQueues,
    DriveState,
    RememberedDrives,
)
from model_library.io.platform.drives import Drive, drives_of

SSD, HDD, UNKNOWN = Drive("nvme0n1", False), Drive("sda", True), Drive("server:/export", None)
OTHER_SSD = Drive("nvme1n1", False)

PLACES = {
    "ssd": {SSD},
    "ssd-too": {SSD},
    "other-ssd": {OTHER_SSD},
    "hdd": {HDD},
    "nas": {UNKNOWN},
    "lvm": {SSD, HDD},
}
"""The machine of these tests: the first directory of a path says on which drives it lies."""

PATIENCE = 120.0
"""Seconds until a test gives up on what should happen at once."""


def described(path: Path) -> frozenset[Drive]:
    return frozenset(PLACES[path.parts[1]])


@pytest.fixture
def queues() -> DriveQueues:
    return DriveQueues(drives_of=described)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(max_workers=16) as executor:
        yield executor


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.001)


def waiting(queues: DriveQueues) -> int:
    return max((state.waiting for state in queues.snapshot()), default=0)


def pass_through(queues: DriveQueues, *places: str) -> None:
    with queues.slot(*(Path("/", place, "file") for place in places)):
        pass


def ask(
    pool: ThreadPoolExecutor, queues: DriveQueues, *places: str, then: Callable[[], object]
) -> Future[None]:
    """Start one waiting piece of work and return when it stands in its queue."""

    def work() -> None:
        with queues.slot(*(Path("/", place, "file") for place in places)):
            then()

    before = sum(state.waiting for state in queues.snapshot())
    future = pool.submit(work)
    until(lambda: future.done() or sum(s.waiting for s in queues.snapshot()) > before)
    return future


@pytest.mark.parametrize(("place", "limit"), [("ssd", 2), ("hdd", 1), ("nas", 1)])
def test_a_drive_takes_as_many_as_it_likes_and_the_next_one_waits(
    queues: DriveQueues, pool: ThreadPoolExecutor, place: str, limit: int
) -> None:
    with ExitStack() as held:
        for _ in range(limit):
            held.enter_context(queues.slot(Path("/", place)))
        third = ask(pool, queues, place, then=lambda: None)
        assert [(s.limit, s.busy, s.waiting) for s in queues.snapshot()] == [(limit, limit, 1)]
        assert not third.done()
    third.result(PATIENCE)
    assert [(s.busy, s.waiting) for s in queues.snapshot()] == [(0, 0)]


def test_two_roots_on_one_drive_share_its_queue(
    queues: DriveQueues, pool: ThreadPoolExecutor
) -> None:
    with queues.slot(Path("/ssd/a")), queues.slot(Path("/ssd-too/b")):
        third = ask(pool, queues, "ssd-too", then=lambda: None)
        assert waiting(queues) == 1
    third.result(PATIENCE)


def test_a_path_on_several_drives_holds_a_place_on_each(queues: DriveQueues) -> None:
    with queues.slot(Path("/lvm/x")):
        assert queues.snapshot() == (
            DriveState("nvme0n1", limit=2, busy=1, waiting=0),
            DriveState("sda", limit=1, busy=1, waiting=0),
        )


def test_a_copy_holds_a_place_on_both_drives_and_one_where_they_are_the_same(
    queues: DriveQueues,
) -> None:
    with queues.slot(Path("/hdd/x"), Path("/ssd/y")):
        assert {state.key: state.busy for state in queues.snapshot()} == {"nvme0n1": 1, "sda": 1}
    with queues.slot(Path("/hdd/x"), Path("/hdd/y")):
        assert {state.key: state.busy for state in queues.snapshot()} == {"nvme0n1": 0, "sda": 1}


def test_other_drives_do_not_wait_for_a_busy_one(
    queues: DriveQueues, pool: ThreadPoolExecutor
) -> None:
    with queues.slot(Path("/hdd/x")):
        blocked = ask(pool, queues, "hdd", then=lambda: None)
        pass_through(queues, "ssd")
        assert not blocked.done()
    blocked.result(PATIENCE)


def test_places_are_given_in_the_order_of_asking(
    queues: DriveQueues, pool: ThreadPoolExecutor
) -> None:
    order: list[int] = []
    with queues.slot(Path("/hdd/x")):
        futures = [
            ask(pool, queues, "hdd", then=partial(order.append, number)) for number in range(8)
        ]
    for future in futures:
        future.result(PATIENCE)
    assert order == list(range(8))


def test_a_free_place_is_kept_for_the_earlier_work_that_still_waits_for_another_drive(
    queues: DriveQueues, pool: ThreadPoolExecutor
) -> None:
    go_on = threading.Event()
    with queues.slot(Path("/hdd/x")):
        copy = ask(pool, queues, "ssd", "hdd", then=go_on.wait)
        pass_through(queues, "ssd")
        with queues.slot(Path("/ssd/second place")):
            later = ask(pool, queues, "ssd", then=lambda: None)
            assert [(s.key, s.busy, s.waiting) for s in queues.snapshot()] == [
                ("nvme0n1", 1, 2),
                ("sda", 1, 1),
            ]
    go_on.set()
    copy.result(PATIENCE)
    later.result(PATIENCE)


def test_waiting_work_holds_nothing(queues: DriveQueues, pool: ThreadPoolExecutor) -> None:
    with queues.slot(Path("/hdd/x")):
        copy = ask(pool, queues, "other-ssd", "hdd", then=lambda: None)
        assert {s.key: s.busy for s in queues.snapshot()} == {"nvme1n1": 0, "sda": 1}
    copy.result(PATIENCE)


def test_copies_in_both_directions_never_block_each_other_nor_exceed_a_limit(
    queues: DriveQueues, pool: ThreadPoolExecutor
) -> None:
    lock = threading.Lock()
    busy: Counter[str] = Counter()
    too_many: list[str] = []

    def hold(places: list[str]) -> None:
        paths = [Path("/", place) for place in places]
        drives = {drive for path in paths for drive in described(path)}
        with queues.slot(*paths):
            with lock:
                busy.update(drive.key for drive in drives)
                too_many.extend(d.key for d in drives if busy[d.key] > queues.limit_of(d))
            time.sleep(0.0002)
            with lock:
                busy.subtract(drive.key for drive in drives)

    dice = random.Random(7)  # noqa: S311  only a repeatable mixture
    jobs = [dice.sample(sorted(PLACES), dice.randint(1, 3)) for _ in range(400)]
    for future in [pool.submit(hold, places) for places in jobs]:
        future.result(PATIENCE)
    assert too_many == []
    assert all(state.busy == state.waiting == 0 for state in queues.snapshot())


def test_the_user_decides_how_many_a_drive_takes() -> None:
    queues = DriveQueues({"sda": 3, "nvme0n1": 1}, drives_of=described)
    assert [queues.limit_of(drive) for drive in (HDD, SSD, UNKNOWN)] == [3, 1, 1]
    with queues.slot(Path("/hdd/1")), queues.slot(Path("/hdd/2")), queues.slot(Path("/hdd/3")):
        assert queues.snapshot() == (DriveState("sda", limit=3, busy=3, waiting=0),)


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_that_lets_nobody_in_is_refused(limit: int) -> None:
    with pytest.raises(InvalidValueError, match="sda"):
        DriveQueues({"sda": limit})


def test_waiting_ends_at_once_when_it_is_cancelled(
    queues: DriveQueues, pool: ThreadPoolExecutor
) -> None:
    cancelled = threading.Event()

    def work() -> None:
        with queues.slot(Path("/hdd/y"), cancelled=cancelled.is_set):
            raise AssertionError("it must not get in")

    with queues.slot(Path("/hdd/x")):
        future = pool.submit(work)
        until(lambda: waiting(queues) == 1)
        cancelled.set()
        with pytest.raises(CancelledError):
            future.result(PATIENCE)
        assert waiting(queues) == 0
    pass_through(queues, "hdd")


def test_who_stood_behind_cancelled_work_moves_up(
    queues: DriveQueues, pool: ThreadPoolExecutor
) -> None:
    cancelled = threading.Event()

    def copy() -> None:
        with queues.slot(Path("/ssd/y"), Path("/hdd/y"), cancelled=cancelled.is_set):
            raise AssertionError("it must not get in")

    with queues.slot(Path("/hdd/x")), ExitStack() as held:
        first = pool.submit(copy)
        until(lambda: waiting(queues) == 1)
        held.enter_context(queues.slot(Path("/ssd/x")))
        behind = ask(pool, queues, "ssd", then=lambda: None)
        assert not behind.done()
        cancelled.set()
        behind.result(PATIENCE)
        with pytest.raises(CancelledError):
            first.result(PATIENCE)


def test_cancelled_work_does_not_even_begin_to_wait(queues: DriveQueues) -> None:
    with pytest.raises(CancelledError), queues.slot(Path("/ssd/x"), cancelled=lambda: True):
        raise AssertionError("it must not get in")
    assert [state.busy for state in queues.snapshot()] == [0]


def test_a_waiting_place_comes_also_while_looking_for_cancellation(
    queues: DriveQueues, pool: ThreadPoolExecutor
) -> None:
    looks: list[bool] = []

    def cancelled() -> bool:
        looks.append(False)
        return looks[-1]

    def work() -> str:
        with queues.slot(Path("/hdd/y"), cancelled=cancelled):
            return "done"

    with queues.slot(Path("/hdd/x")):
        future = pool.submit(work)
        until(lambda: len(looks) > 3)
    assert future.result(PATIENCE) == "done"


def test_an_error_gives_the_place_back(queues: DriveQueues) -> None:
    with pytest.raises(ZeroDivisionError), queues.slot(Path("/hdd/x")):
        raise ZeroDivisionError
    pass_through(queues, "hdd")


def test_the_drives_of_this_machine_are_found(tmp_path: Path) -> None:
    queues = DriveQueues()
    with queues.slot(tmp_path / "not-yet" / "model.safetensors"):
        busy = {state.key for state in queues.snapshot() if state.busy == 1}
    assert busy == {drive.key for drive in drives_of(tmp_path)}


def test_the_drives_of_one_filesystem_are_asked_for_once_and_again_after_a_while(
    tmp_path: Path,
) -> None:
    asked: list[Path] = []
    now = [100.0]

    def ask_system(path: Path) -> frozenset[Drive]:
        asked.append(path)
        return frozenset({SSD})

    remembered = RememberedDrives(ask_system, clock=lambda: now[0])
    first, second = tmp_path / "a", tmp_path / "not" / "yet"
    assert remembered(first) == remembered(second) == {SSD}
    assert asked == [first]
    now[0] += DRIVES_KNOWN_FOR
    assert remembered(second) == {SSD}
    assert asked == [first, second]


def test_a_path_of_which_nothing_exists_is_asked_for_too() -> None:
    remembered = RememberedDrives(lambda _: frozenset({UNKNOWN}))
    assert remembered(Path("/no/such/directory")) == {UNKNOWN}
