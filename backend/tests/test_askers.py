"""Many questions at once: in order, bounded, and nobody waits for an answer that does not come."""

from __future__ import annotations

import threading
import time

import pytest

from model_library.askers import answers
from model_library.errors import CancelledError, InvalidValueError


def test_answers_come_in_the_order_of_the_questions() -> None:
    def slow_first(number: int) -> int:
        time.sleep(0.05 if number == 0 else 0)
        return number * 2

    found = list(answers(slow_first, range(50), threading.Event(), threads=4, ahead=8))
    assert found == [number * 2 for number in range(50)]


def test_no_more_is_asked_than_may_wait() -> None:
    asked: list[int] = []

    def ask(number: int) -> int:
        asked.append(number)
        return number

    taken = answers(ask, range(100), threading.Event(), threads=2, ahead=5)
    assert next(taken) == 0
    time.sleep(0.1)
    assert len(asked) <= 6  # five wait, one was taken
    assert len(list(taken)) == 99


def test_what_a_question_raises_ends_the_rest() -> None:
    def refuse(number: int) -> int:
        if number == 3:
            raise InvalidValueError("no")
        return number

    with pytest.raises(InvalidValueError):
        list(answers(refuse, range(1000), threading.Event(), threads=3, ahead=6))


@pytest.mark.parametrize("error", [ZeroDivisionError("a fault of ours"), SystemExit(3)])
def test_also_an_error_that_nobody_expected_reaches_whoever_waits(error: BaseException) -> None:
    def fail(number: int) -> int:
        if number == 1:
            raise error
        return number

    with pytest.raises(type(error)):
        list(answers(fail, range(8), threading.Event(), threads=2, ahead=4))


def test_being_stopped_does_not_wait_for_an_answer() -> None:
    never, cancelled = threading.Event(), threading.Event()
    threading.Timer(0.1, cancelled.set).start()
    started = time.monotonic()
    with pytest.raises(CancelledError):
        list(answers(lambda _: never.wait(10), [1, 2], cancelled, threads=2, ahead=4))
    assert time.monotonic() - started < 5
    never.set()


def test_nothing_to_ask_is_no_question() -> None:
    assert list(answers(lambda n: n, [], threading.Event(), threads=2, ahead=2)) == []
