"""What this process knows of every host, beginning with what the last one left in `network.db`.

Thread-safe. The file is read when a host is first asked about, and written at once when a circuit opens
or closes, else every few seconds and at the end.

Clocks jump: a time from the file that lies in the future, or further away than it can matter, is no time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from model_library.network.headers import RateLimit
from model_library.network.state import HostRecord, StateFile
from model_library.network.status import Quota, Served

WRITE_INTERVAL: Final = 5.0
"""Seconds between writes of what is not urgent."""
MAX_HOSTS: Final = 200
"""Storage servers have many names; the one asked longest ago is forgotten."""
_MAX_WINDOW: Final = 3600.0
"""Seconds. A quota that is said to be empty for longer is not believed."""


@dataclass(slots=True)
class _Host:
    record: HostRecord
    served: Served = Served.NONE
    dirty: bool = False
    live: bool = field(default=False)
    """This process has an answer or an error of its own."""


class HostBook:
    """The hosts, by origin."""

    def __init__(
        self,
        file: StateFile | None,
        *,
        open_for: float,
        clock: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        self._file = file
        self._open_for = open_for
        self._clock = clock
        self._wall = wall
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._written = clock()
        self._hosts: dict[str, _Host] | None = None

    def answered(self, origin: str, limits: Iterable[RateLimit], error: str | None = None) -> None:
        """The host answered; `error` is what it complained about."""
        now = self._wall()
        with self._lock:
            host = self._host(origin)
            quotas = {one.bucket: one for one in host.record.quotas}
            for one in limits:
                resets_at = now + min(float(one.reset), _MAX_WINDOW)
                quotas[one.bucket] = Quota(
                    one.bucket, one.remaining, one.limit, resets_at, one.window
                )
            host.record = replace(host.record, last_answer=now, quotas=tuple(quotas.values()))
            if error is not None:
                host.record = replace(host.record, last_error=error, last_error_at=now)
            host.served, host.dirty, host.live = Served.LIVE, True, True
        self._write_sometimes()

    def failed(self, origin: str, error: str) -> None:
        """No answer came."""
        with self._lock:
            host = self._host(origin)
            host.record = replace(host.record, last_error=error, last_error_at=self._wall())
            host.dirty = host.live = True
        self._write_sometimes()

    def circuit(self, origin: str, *, failures: int, opened_at: float | None) -> None:
        """The circuit of the host changed; the next process shall know at once."""
        with self._lock:
            host = self._host(origin)
            urgent = host.record.opened_at != opened_at
            host.record = replace(host.record, failures=failures, opened_at=opened_at)
            host.dirty = True
        if urgent:
            self.write()
        else:
            self._write_sometimes()

    def served_from_cache(self, origin: str) -> None:
        """A kept answer was given in the host's name."""
        with self._lock:
            self._host(origin).served = Served.CACHE

    def record(self, origin: str) -> HostRecord:
        """What is known of a host; an empty record for one never heard of."""
        with self._lock:
            host = self._loaded().get(origin)
            return HostRecord(origin) if host is None else host.record

    def served(self, origin: str) -> Served:
        with self._lock:
            host = self._loaded().get(origin)
            return Served.NONE if host is None else host.served

    def origins(self) -> tuple[str, ...]:
        """Every host that is known, also of others who use the same file now."""
        with self._lock:
            hosts = self._loaded()
            for origin, host in self._kept().items():
                known = hosts.setdefault(origin, host)
                if not known.live and not known.dirty:
                    known.record = host.record
            return tuple(sorted(hosts))

    def write(self) -> None:
        """Keep what changed. Where another thread is writing, this one has nothing to wait for."""
        if self._file is None or not self._writing.acquire(blocking=False):
            return
        try:
            with self._lock:
                changed = [host for host in self._loaded().values() if host.dirty]
                records = [host.record for host in changed]
                for host in changed:
                    host.dirty = False
                self._written = self._clock()
            if records:
                self._file.save(records)
        finally:
            self._writing.release()

    def _write_sometimes(self) -> None:
        if self._clock() - self._written >= WRITE_INTERVAL:
            self.write()

    def _host(self, origin: str) -> _Host:
        hosts = self._loaded()
        host = hosts.pop(origin, None) or _Host(HostRecord(origin))
        hosts[origin] = host  # the last is the one asked last
        while len(hosts) > MAX_HOSTS:
            del hosts[next(iter(hosts))]
        return host

    def _loaded(self) -> dict[str, _Host]:
        if self._hosts is None:
            self._hosts = self._kept()
        return self._hosts

    def _kept(self) -> dict[str, _Host]:
        """What the file says now."""
        kept = {} if self._file is None else self._file.load()
        now = self._wall()
        return {
            origin: _Host(believable(record, now, self._open_for))
            for origin, record in kept.items()
        }


def believable(record: HostRecord, now: float, open_for: float) -> HostRecord:
    """A record of the file without the times that cannot be true or no longer matter."""

    def past(time: float | None) -> float | None:
        return time if time is not None and time <= now else None

    opened_at = past(record.opened_at)
    if opened_at is not None and now - opened_at >= open_for:
        opened_at = None
    return replace(
        record,
        failures=record.failures if opened_at is not None else 0,
        opened_at=opened_at,
        last_error_at=past(record.last_error_at),
        last_answer=past(record.last_answer),
        quotas=tuple(one for one in record.quotas if 0 < one.resets_at - now <= _MAX_WINDOW),
    )
