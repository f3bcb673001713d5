"""The Hub in a process of its own, for measurements: its work is not counted as the client's.

The child reads pickled values from its standard input: first what to serve, then one message per question; it
ends when the input does.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tests.hub.messages import Seen
from tests.hub.quota import RateLimits
from tests.hub.repos import HubRepo
from tests.hub.server import running_hub


@dataclass(frozen=True, slots=True)
class HubProcess:
    """A Hub that runs elsewhere."""

    endpoint: str
    ca_file: Path | None
    _child: subprocess.Popen[bytes]

    def requests(self) -> list[Seen]:
        """The log so far."""
        assert self._child.stdin is not None
        pickle.dump("requests", self._child.stdin)
        self._child.stdin.flush()
        return _read(self._child)  # type: ignore[no-any-return]


def _read(child: subprocess.Popen[bytes]):  # type: ignore[no-untyped-def]
    assert child.stdout is not None
    return pickle.load(child.stdout)


@contextmanager
def hub_process(
    repos: Iterable[HubRepo],
    *,
    limits: RateLimits = RateLimits(),  # noqa: B008 - a frozen value
    tls: bool = False,
    http2: bool = False,
) -> Iterator[HubProcess]:
    """As `running_hub`; state and faults are fixed at the start."""
    command = [sys.executable, "-m", "tests.hub.process"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        pickle.dump((tuple(repos), limits, tls, http2), child.stdin)
        child.stdin.flush()
        endpoint, ca_file = _read(child)
        yield HubProcess(endpoint, ca_file, child)
        child.stdin.close()
        if child.wait(120) != 0:
            raise RuntimeError("The Hub's process failed; its error output says why.")


def _serve(asked: BinaryIO, told: BinaryIO) -> None:
    repos, limits, tls, http2 = pickle.load(asked)
    with running_hub(repos, limits=limits, tls=tls, http2=http2) as hub:
        pickle.dump((hub.endpoint, hub.ca_file), told)
        told.flush()
        while asked.peek(1):  # type: ignore[attr-defined]
            pickle.load(asked)
            pickle.dump(list(hub.requests), told)
            told.flush()


if __name__ == "__main__":
    _serve(sys.stdin.buffer, sys.stdout.buffer)
