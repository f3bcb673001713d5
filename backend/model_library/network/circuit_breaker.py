"""The circuit breaker: a host that does not answer is left in peace, and everyone knows at once.

Closed: requests pass. Open, after failures in a row or one call that waited in vain for as long as a call
may: refused at once. After a while, or when a person wants it, half-open: one request tries, the others are
refused until it is back.

The states and their transitions are those of `purgatory`; the time is ours, because its own is that of
the wall, which jumps. Requests that were under way together and fail together count as one failure: they
share a connection. Pure of HTTP: what counts as a failure is decided in `guard.py`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from model_library.network.hosts import HostBook
from model_library.network.status import CircuitState

if TYPE_CHECKING:
    from purgatory.domain.model import Context

_AT_ONCE: Final = float("-inf")  # as a time to wait: none; as the time of opening: long ago


@dataclass(frozen=True, slots=True)
class Permit:
    """One request may be sent. It is handed back as succeeded, failed or abandoned."""

    origin: str
    generation: int
    """Failures of the host that had been counted when the request began."""
    is_probe: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """The circuit is open. Times are seconds since 1970."""

    origin: str
    since: float
    """When it opened first; a try that failed since then is the same outage."""
    until: float


@dataclass(slots=True)
class _Circuit:
    context: Context
    opened_at: float = 0.0
    """By the clock of this process."""
    reopened: float = 0.0
    """The same by the wall."""
    since: float | None = None
    """When the outage began, by the wall; None while the host answers."""
    probing: bool = False
    generation: int = field(default=0)


class CircuitBreaker:
    """The circuits of all hosts, by origin. Thread-safe."""

    def __init__(
        self,
        hosts: HostBook,
        *,
        failures_to_open: int,
        open_for: float,
        clock: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        self._hosts = hosts
        self._failures_to_open = failures_to_open
        self._open_for = open_for
        self._clock = clock
        self._wall = wall
        self._lock = threading.Lock()
        self._circuits: dict[str, _Circuit] = {}

    def admit(self, origin: str) -> Permit | Refusal:
        """Whether a request may be sent to the host now."""
        with self._lock:
            circuit = self._circuit(origin)
            if circuit.context.state == "closed":
                return Permit(origin, circuit.generation)
            if circuit.probing or not self._is_due(circuit):
                return Refusal(origin, circuit.since or circuit.reopened, self._until(circuit))
            circuit.context.handle_new_request()
            circuit.probing = True
            return Permit(origin, circuit.generation, is_probe=True)

    def succeeded(self, permit: Permit) -> None:
        """The host answered."""
        with self._lock:
            circuit = self._circuit(permit.origin)
            if permit.is_probe:
                circuit.probing = False
            elif circuit.context.state != "closed":
                return  # sent before it opened; the probe will tell
            changed = permit.is_probe or bool(circuit.context.failure_count)
            circuit.since = None
            circuit.context.handle_end_request()
        if changed:
            self._hosts.circuit(permit.origin, failures=0, opened_at=None)

    def failed(self, permit: Permit, error: Exception) -> None:
        """The host did not answer, or said that it cannot."""
        with self._lock:
            circuit = self._circuit(permit.origin)
            if permit.is_probe:
                circuit.probing = False
            elif circuit.context.state != "closed" or permit.generation != circuit.generation:
                return
            circuit.generation += 1
            circuit.context.handle_exception(error)
            failures = self._opened(circuit)
        self._publish(permit.origin, circuit, failures)

    def abandoned(self, permit: Permit) -> None:
        """The request ended without telling anything about the host."""
        if permit.is_probe:
            with self._lock:
                self._circuit(permit.origin).probing = False

    def used_up(self, origin: str, error: Exception) -> None:
        """A call had no answer for as long as a call may take: that is enough to know."""
        with self._lock:
            circuit = self._circuit(origin)
            if circuit.context.state != "closed":
                return
            for _ in range(self._failures_to_open):  # more than enough; an open one ignores them
                circuit.context.handle_exception(error)
            circuit.generation += 1
            failures = self._opened(circuit)
        self._publish(origin, circuit, failures)

    def let_try(self) -> None:
        """Every host that is left in peace may be tried by one request now, as if its time were over. Nobody
        else may try while that one is under way; when it fails, the host is left in peace anew."""
        with self._lock:
            for origin in self._hosts.origins():
                if self._hosts.record(origin).opened_at is not None:
                    self._circuit(origin).opened_at = _AT_ONCE

    def state(self, origin: str) -> CircuitState:
        """Of one host. Half-open also when the next request would be the one that tries."""
        with self._lock:
            circuit = self._circuits.get(origin)
            if circuit is None:
                return self._kept_state(origin)
            if circuit.context.state == "closed":
                return CircuitState.CLOSED
            due = self._is_due(circuit)
            return CircuitState.HALF_OPEN if due or circuit.probing else CircuitState.OPEN

    def _kept_state(self, origin: str) -> CircuitState:
        """Of a host that this process has not asked; without importing what asking needs."""
        opened_at = self._hosts.record(origin).opened_at
        if opened_at is None:
            return CircuitState.CLOSED
        due = self._wall() - opened_at >= self._open_for
        return CircuitState.HALF_OPEN if due else CircuitState.OPEN

    def _opened(self, circuit: _Circuit) -> int:
        """Note when, if the circuit is open now; returns the failures in a row."""
        if circuit.context.state == "opened":
            circuit.opened_at, circuit.reopened = self._clock(), self._wall()
            if circuit.since is None:
                circuit.since = circuit.reopened
            return max(self._failures_to_open, circuit.context.failure_count or 0)
        return circuit.context.failure_count or 0

    def _publish(self, origin: str, circuit: _Circuit, failures: int) -> None:
        opened_at = circuit.reopened if circuit.context.state == "opened" else None
        self._hosts.circuit(origin, failures=failures, opened_at=opened_at)

    def _is_due(self, circuit: _Circuit) -> bool:
        return self._clock() - circuit.opened_at >= self._open_for

    def _until(self, circuit: _Circuit) -> float:
        return self._wall() + max(0.0, circuit.opened_at + self._open_for - self._clock())

    def _circuit(self, origin: str) -> _Circuit:
        circuit = self._circuits.get(origin)
        if circuit is None:
            circuit = self._circuits[origin] = self._made(origin)
        circuit.context.messages.clear()  # purgatory's own book-keeping; nobody reads it
        return circuit

    def _made(self, origin: str) -> _Circuit:
        from purgatory.domain.model import Context

        opened = self._hosts.record(origin).opened_at
        context = Context(
            origin,
            self._failures_to_open,
            _AT_ONCE,
            state="closed" if opened is None else "opened",
        )
        if opened is None:
            return _Circuit(context)
        age = self._wall() - opened
        return _Circuit(context, opened_at=self._clock() - age, reopened=opened, since=opened)
