"""Whatever happens to a download: every file in the library is the Hub's, or there is one clear message and a
retry does the rest."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.at_the_hub import (
    GGUF,
    PIPELINE,
    QUANT,
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
from tests.hub import Hub, Origin, hub_repo
from tests.hub.faults import (
    Changed,
    Disconnect,
    Drip,
    Fault,
    Gzipped,
    Hang,
    IgnoreIfRange,
    IgnoreRange,
    NoLength,
    NotJson,
    RedirectLoop,
    RedirectTo,
    Reset,
    ShortBody,
    Stall,
    Status,
    WrongBytes,
    WrongLength,
    WrongRange,
)
from tests.hub.repos import EVIL_NAMES

STORED, RESOLVED = "/stored/*", "*/resolve/*"

__all__ = ["plain", "secure", "secure_terminal", "terminal"]  # fixtures


@dataclass(frozen=True)
class Case:
    """A fault at the bytes; codes with which it may end (none: it ends well); whether what came is kept."""

    fault: Fault
    codes: tuple[str, ...] = ()
    times: int | None = None
    path: str = STORED

    def __str__(self) -> str:
        often = "" if self.times is None else f" x{self.times}"
        where = "" if self.path == STORED else " resolve"
        return f"{type(self.fault).__name__}{getattr(self.fault, 'code', '')}{often}{where}"


BROKEN = ("connection-failed", "timed-out")
BODIES = [
    Case(Hang(), ("timed-out", "offline")),
    Case(Hang(), times=1),
    Case(Drip(chunk=100, pause=0.1), ("timed-out",)),
    Case(Stall(after=3000), times=1),
    Case(Stall(after=0), ("timed-out", "offline")),
    Case(Reset(after=2000), times=3),
    Case(Reset(after=0), BROKEN),
    Case(ShortBody(after=2000), times=2),
    Case(ShortBody(after=0), BROKEN),
    Case(Disconnect(), (*BROKEN, "offline")),
    Case(Disconnect(reset=True), times=1),
    Case(WrongLength(7)),
    Case(WrongLength(-7), ("connection-failed", "bad-answer", "remote-changed"), times=50),
]
OTHERS = [
    Case(WrongBytes(at=5000), ("download-mismatch",)),
    Case(WrongBytes(at=5000), times=1),
    Case(Gzipped(), ("bad-answer",)),
    Case(NoLength()),
    Case(IgnoreRange()),
    Case(IgnoreIfRange()),
    Case(WrongRange(), ("bad-answer",)),
    Case(NotJson(), ("bad-answer", "download-mismatch", "connection-failed")),
    Case(Changed(b"another file" * 3000), ("remote-changed", "bad-answer", "download-mismatch")),
    Case(
        Changed(b"x" * 40_000, announced=False),
        ("remote-changed", "download-mismatch", "bad-answer"),
    ),
    Case(RedirectLoop(), ("bad-answer",)),
    Case(RedirectTo("ftp://127.0.0.1/x"), ("bad-answer",)),
    Case(
        RedirectTo("http://nowhere.invalid/x?X-Amz-Signature=1"), ("connection-failed", "offline")
    ),
    Case(Status(403), ("server-failed",)),
    Case(Status(403), times=2),
    Case(Status(404), ("remote-file-not-found",)),
    Case(Status(410), ("server-failed", "remote-file-not-found")),
    Case(Status(416), ("bad-answer", "remote-changed")),
    Case(Status(429, {"retry-after": "0"}), ("rate-limited",)),
    Case(Status(429, {"retry-after": "0"}), times=1),
    Case(Status(500), ("server-failed", "offline")),
    Case(Status(502), times=1),
    Case(Status(204), ("bad-answer",)),
    Case(Status(401), ("token-invalid",), path=RESOLVED),
    Case(Status(403), ("access-denied",), path=RESOLVED),
    Case(Status(404), ("remote-file-not-found",), path=RESOLVED),
    Case(Status(404, {"x-error-code": "RevisionNotFound"}), ("revision-not-found",), path=RESOLVED),
    Case(Status(410), ("access-denied",), path=RESOLVED),
    Case(Status(503), ("server-failed", "offline"), path=RESOLVED),
    Case(Status(500), times=1, path=RESOLVED),
    Case(RedirectLoop(), ("bad-answer",), path=RESOLVED),
    Case(Hang(), ("timed-out", "offline"), path=RESOLVED),
]


def fetched(terminal: Terminal, case: Case) -> None:
    """A download while the fault is there, and again after it."""
    rule = terminal.hub.faults.add(case.fault, case.path, times=case.times)
    patience = UNHURRIED if case.path == STORED else patience_with(case.fault)
    done = terminal.here("download", GGUF, QUANT, "--json", **patience)
    assert rule.strikes
    if case.codes:
        is_one_clear_message(done)
        assert done.returncode == 1, done
        assert json.loads(done.stdout)["error"]["code"] in case.codes
        assert terminal.models() == []
        (job,) = terminal.json_here("jobs", "list", "--all")["jobs"]
        assert (job["state"], job["error"]["code"] in case.codes) == ("failed", True)
    else:
        assert (done.returncode, "error" in done.stderr) == (0, False), done
        assert terminal.staged() == []
    terminal.check_every_file()
    assert all(name.startswith("download-") for name in terminal.staged())
    rule.off()
    a_minute_later(terminal)
    again = terminal.json_here("download", GGUF, QUANT, **UNHURRIED)
    assert len(again["imported"]) + len(again["duplicates"]) == 1
    assert terminal.staged() == []
    assert len(terminal.models()) == 1
    terminal.check_every_file()
    assert_no_token_elsewhere(terminal.hub)


def assert_no_token_elsewhere(hub: Hub) -> None:
    assert not [one for one in hub.seen(origin=Origin.CDN) if "authorization" in one.headers]


@pytest.mark.parametrize("case", [*BODIES, *OTHERS], ids=str)
def test_a_download(terminal: Terminal, case: Case) -> None:
    fetched(terminal, case)


@pytest.mark.parametrize("case", BODIES, ids=str)
def test_the_same_over_http2(secure_terminal: Terminal, case: Case) -> None:
    fetched(secure_terminal, case)


def test_a_small_file_of_a_folder_that_is_wrong_is_not_believed(terminal: Terminal) -> None:
    rule = terminal.hub.faults.add(WrongBytes(), "*/model_index.json")
    done = terminal.here("download", PIPELINE, "--json")
    assert json.loads(done.stdout)["error"]["code"] == "download-mismatch"
    assert terminal.models() == []
    rule.off()
    assert len(terminal.json_here("download", PIPELINE)["imported"]) == 1
    terminal.check_every_file()


def test_names_that_lead_elsewhere_are_left_out_and_said(
    terminal: Terminal, tmp_path: Path
) -> None:
    good = terminal.hub.holdings().repos[GGUF].files[QUANT]
    evil = dict.fromkeys(EVIL_NAMES, b"evil" * 1000)
    terminal.hub.publish(hub_repo("org/evil", {QUANT: good, **evil}))
    page = terminal.json_here("find", "org/evil")
    assert [file["path"] for file in page["files"]] == [QUANT]
    assert len(page["refused"]) == len(EVIL_NAMES)
    before = sorted(tmp_path.iterdir())
    done = terminal.here("download", "org/evil", "--all")
    assert done.returncode == 0
    assert done.stderr.count("a name that cannot be used") == len(EVIL_NAMES)
    assert "line\nbreak" not in done.stderr
    assert sorted(tmp_path.iterdir()) == before
    for name in EVIL_NAMES:
        refused = terminal.here("download", "org/evil", name, "--json")
        assert refused.returncode == 2
        assert terminal.hub.seen("evil.bin") == []
    assert len(terminal.models()) == 1
    terminal.check_every_file()


def test_ten_thousand_files_are_listed_and_one_is_fetched(terminal: Terminal) -> None:
    source = terminal.hub.holdings().repos[GGUF].files[QUANT]
    many = {f"part/{number:05}.txt": b"x" for number in range(10_000)}
    terminal.hub.publish(hub_repo("org/many", {QUANT: source, **many}))
    page = terminal.json_here("find", "org/many", call_budget=30.0, read_timeout=20.0)
    assert len(page["files"]) == 10_001
    done = terminal.json_here("download", "org/many", call_budget=30.0, read_timeout=20.0)
    assert len(done["imported"]) == 1
    assert len(terminal.hub.seen("/stored/org/many", method="GET")) <= 20
    terminal.check_every_file()
