"""Every fault of the Hub's API ends in an answer or in one clear message, and a minute later all is well."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.at_the_hub import (
    GGUF,
    LORA,
    TOKEN,
    Terminal,
    is_one_clear_message,
)
from tests.cli.faulty_hub import (
    UNHURRIED,
    a_minute_later,
    patience_with,
    plain,
    secure,
    secure_terminal,
    terminal,
)
from tests.cli.program import Result
from tests.factory import lora
from tests.hub.faults import (
    Disconnect,
    Drip,
    Fault,
    Gzipped,
    Hang,
    Headers,
    HugeJson,
    NoLength,
    NotJson,
    RedirectLoop,
    RedirectTo,
    Reset,
    ShortBody,
    Stall,
    Status,
    WrongLength,
)

API = "/api/*"

__all__ = ["plain", "secure", "secure_terminal", "terminal"]  # fixtures


@dataclass(frozen=True)
class Case:
    """A fault of the API, and the code that the command ends with; None: it ends well."""

    fault: Fault
    code: str | None
    times: int | None = None

    def __str__(self) -> str:
        often = "" if self.times is None else f" x{self.times}"
        return f"{type(self.fault).__name__}{getattr(self.fault, 'code', '')}{often}"


LATE = {"retry-after": "30"}
BODIES = [
    Case(Hang(), "timed-out"),
    Case(Hang(), None, times=1),
    Case(Drip(pause=0.2), "timed-out"),
    Case(Drip(chunk=200, pause=0.001), None),
    Case(Stall(after=20), "timed-out"),
    Case(Reset(after=20), "connection-failed"),
    Case(Reset(after=20), None, times=1),
    Case(ShortBody(after=20), "connection-failed"),
    Case(WrongLength(7), "connection-failed"),
    Case(WrongLength(-7), "bad-answer"),
    Case(Disconnect(), "connection-failed"),
    Case(Disconnect(reset=True), None, times=1),
    Case(HugeJson(40 << 20), "bad-answer"),
]
"""What HTTP/1.1 and HTTP/2 do in ways of their own."""
OTHERS = [
    Case(Gzipped(), None),
    Case(Headers({"content-encoding": "gzip"}), "bad-answer"),
    Case(NoLength(), None),
    Case(NotJson(), "bad-answer"),
    Case(NotJson(b"[" * 100_000), "bad-answer"),
    Case(NotJson(b'{"id": 5}'), "bad-answer"),
    Case(RedirectLoop(), "bad-answer"),
    Case(RedirectTo("ftp://127.0.0.1/x"), "bad-answer"),
    Case(RedirectTo("http://nowhere.invalid/x"), "bad-answer"),
    Case(Status(401), "token-invalid"),
    Case(
        Status(401, value={"error": "Invalid credentials in Authorization header"}), "token-invalid"
    ),
    Case(Status(403), "access-denied"),
    Case(Status(403, value={"error": "Access to this resource is disabled."}), "access-denied"),
    Case(Status(404), "repository-not-found"),
    Case(Status(404, {"x-error-code": "RepoNotFound"}), "repository-not-found"),
    Case(Status(410), "access-denied"),
    Case(Status(416), "bad-answer"),
    Case(Status(418), "bad-answer"),
    Case(Status(429), "rate-limited"),
    Case(Status(429, LATE), "rate-limited"),
    Case(Status(429, {"retry-after": "0"}), None, times=1),
    Case(Status(429, {"ratelimit": '"api";r=0;t=200'}), "rate-limited"),
    Case(Status(500), "server-failed"),
    Case(Status(502), None, times=2),
    Case(Status(503, LATE), "server-failed"),
    Case(Status(504), "server-failed"),
    Case(Status(300), "bad-answer"),
    Case(Status(204), "bad-answer"),
]


def waits_long(case: Case) -> bool:
    headers = case.fault.headers if isinstance(case.fault, Status) else {}
    return headers == LATE or "ratelimit" in headers


def found(terminal: Terminal, case: Case, *command: str) -> None:
    """`find` while the fault is there, and after."""
    rule = terminal.hub.faults.add(case.fault, API, times=case.times)
    done = terminal.here(*command, "--json", **patience_with(case.fault))
    assert rule.strikes
    if case.code is None:
        assert (done.returncode, done.stderr.count("error:")) == (0, 0), done
    else:
        assert code_of(done) == case.code
    rule.off()
    a_minute_later(terminal)
    assert terminal.here(*command, **UNHURRIED).returncode == 0


def code_of(done: Result) -> str:
    """The code of the one error that ended a command."""
    is_one_clear_message(done)
    assert done.returncode == 1, done
    return str(json.loads(done.stdout)["error"]["code"])


@pytest.mark.parametrize("case", [*BODIES, *OTHERS], ids=str)
def test_a_page_of_a_repository(terminal: Terminal, case: Case) -> None:
    found(terminal, case, "find", GGUF)


@pytest.mark.parametrize("case", BODIES, ids=str)
def test_the_same_over_http2(secure_terminal: Terminal, case: Case) -> None:
    found(secure_terminal, case, "find", GGUF)


@pytest.mark.parametrize("case", [one for one in OTHERS if one.code == "bad-answer"], ids=str)
def test_a_search(terminal: Terminal, case: Case) -> None:
    found(terminal, case, "find", "tiny")


PATIENT = [Case(Status(429, {"retry-after": "2"}), None, times=1), *BODIES, *OTHERS]
"""A lookup waits for as long as the Hub asks for, which is minutes."""


@pytest.mark.parametrize("case", [one for one in PATIENT if not waits_long(one)], ids=str)
def test_a_lookup_waits_or_fails_and_is_done_later(
    terminal: Terminal, case: Case, tmp_path: Path
) -> None:
    """What the network does to one model is in its entry; the model itself is not touched."""
    terminal.here("import", str(lora(tmp_path / "in" / "pixel-art.safetensors")), "--offline")
    (before,) = terminal.models()
    terminal.hub.faults.add(case.fault, API, times=case.times)
    done = terminal.here("lookup", "--json", **patience_with(case.fault))
    (model,) = json.loads(done.stdout)["models"]
    (after,) = terminal.models()
    if case.code is None:
        assert (done.returncode, model["outcome"]) == (0, "matched"), done
    elif done.returncode == 0:  # every repository that was meant said no, which is an answer
        assert model["outcome"] == "none"
    else:
        is_no = case.code == "access-denied"  # where nothing can be searched, there is no Hub
        assert (done.returncode, model["outcome"]) == (1, "failed" if is_no else "pending"), done
        assert model["error"]["message"]
        assert model["error"]["hint"]
        assert after == before
        is_one_clear_message(terminal.here("lookup", **patience_with(case.fault)))
    assert "Traceback" not in done.stderr
    assert TOKEN not in done.stdout + done.stderr
    terminal.hub.faults.clear()
    a_minute_later(terminal)
    again = terminal.json_here("lookup", "--all", **UNHURRIED)
    assert [one["outcome"] for one in again["models"]] == ["matched"]
    assert again["models"][0]["repo"] == LORA
    terminal.check_every_file()
