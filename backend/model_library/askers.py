"""Asking many things at once, in threads that nobody has to wait for.

A request to a host that does not answer can be given up only when its own time is over. These threads are
daemons, so that a program that was told to stop ends then, and not when the last of them has heard something.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Final, TypeVar

from model_library.errors import CancelledError

S = TypeVar("S")
T = TypeVar("T")

_LOOK: Final = 0.1
"""Seconds between two looks at whether to stop."""


@dataclass(frozen=True, slots=True)
class _Raised:
    """What came instead of an answer."""

    error: BaseException


def answers(
    ask: Callable[[S], T],
    subjects: Sequence[S],
    cancelled: threading.Event,
    *,
    threads: int,
    ahead: int,
) -> Iterator[T]:
    """What `ask` returns for each subject, in their order; at most `ahead` answers wait to be taken.

    Raises what `ask` raised, whatever it is, and CancelledError within moments of `cancelled` being set, whatever the threads
    still wait for. Leaving the iteration stops it as well.
    """
    room = threading.Semaphore(ahead)
    numbers = iter(range(len(subjects)))
    taking = threading.Lock()
    stop = threading.Event()
    done: SimpleQueue[tuple[int, T | _Raised]] = SimpleQueue()

    def work() -> None:
        while not (stop.is_set() or cancelled.is_set()):
            room.acquire()
            with taking:
                number = next(numbers, None)
            if number is None or stop.is_set():
                room.release()
                return
            try:
                done.put((number, ask(subjects[number])))
            except BaseException as error:  # noqa: BLE001 # catches-all: raised where it is awaited
                done.put((number, _Raised(error)))

    for number in range(min(threads, len(subjects))):
        threading.Thread(target=work, name=f"ask {number}", daemon=True).start()
    came: dict[int, T | _Raised] = {}
    try:
        for number in range(len(subjects)):
            while number not in came:
                came.update([_next(done, cancelled)])
            answer = came.pop(number)
            room.release()
            if isinstance(answer, _Raised):
                raise answer.error
            yield answer
    finally:
        stop.set()
        for _ in range(threads):
            room.release()


def _next(
    done: SimpleQueue[tuple[int, T | _Raised]], cancelled: threading.Event
) -> tuple[int, T | _Raised]:
    while not cancelled.is_set():
        try:
            return done.get(timeout=_LOOK)
        except Empty:
            continue
    raise CancelledError("It was stopped; what was found until then is kept")
